"""From here on the database itself refuses to change or remove a rating event."""

from django.db import migrations

from apps.core.append_only import guard


class Migration(migrations.Migration):
    dependencies = [("reviews", "0001_initial")]
    operations = [guard("reviews", "RatingEvent")]
