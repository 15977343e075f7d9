"""The columns whose words were taken along."""

import uuid

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("feedback", "0006_reports_and_decisions_taken_along")]

    operations = [
        migrations.AlterField("concern", "token", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
        migrations.AlterField("disclosure", "token", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
        migrations.RemoveConstraint("concern", "concern_has_a_reason"),
        migrations.RemoveConstraint("concern", "concern_decided_whole"),
        migrations.RemoveConstraint("concern", "concern_is_decided_by_somebody_else"),
        migrations.RemoveField("concern", "reason"),
        migrations.RemoveField("concern", "raised_by"),
        migrations.RemoveField("concern", "decision"),
        migrations.RemoveField("concern", "decided_at"),
        migrations.RemoveField("concern", "decided_by"),
        migrations.AlterField("concern", "raised_at", models.DateTimeField(help_text="When it was reported for the first time.")),
        migrations.AddConstraint(
            "concern",
            models.CheckConstraint(condition=Q(state__in=["raised", "hidden", "left"]), name="concern_state_is_known"),
        ),
    ]
