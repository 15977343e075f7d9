"""From here on the database itself refuses to change or remove an audit event."""

from django.db import migrations

from apps.core.append_only import guard


class Migration(migrations.Migration):
    dependencies = [("core", "0001_initial")]
    operations = [guard("core", "AuditEvent")]
