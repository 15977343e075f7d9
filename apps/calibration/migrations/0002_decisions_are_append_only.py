"""From here on the database itself refuses to change or remove a decision."""

from django.db import migrations

from apps.core.append_only import guard


class Migration(migrations.Migration):
    dependencies = [("calibration", "0001_initial")]
    operations = [guard("calibration", "Decision")]
