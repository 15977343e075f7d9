"""From here on the database itself refuses to change or remove a decision."""

from django.db import migrations

from apps.core.append_only import guard


class Migration(migrations.Migration):
    dependencies = [("calibration", "0003_session_state_is_known")]
    operations = [guard("calibration", "Decision")]
