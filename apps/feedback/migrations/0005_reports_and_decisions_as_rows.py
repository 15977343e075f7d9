"""Each report of a text and each decision about it is a row; a case and a name have an address that is
no number. What is stored already is taken along by the next one."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

PERSON = {"on_delete": django.db.models.deletion.PROTECT, "related_name": "+", "to": "people.person"}


class Migration(migrations.Migration):
    dependencies = [
        ("feedback", "0004_fewer_peers"),
        ("people", "0002_person_leave"),
    ]

    operations = [
        migrations.CreateModel(
            name="ConcernReport",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("concern", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="reports", to="feedback.concern")),
                ("reason", models.TextField(help_text="In the words of who reported it.")),
                ("raised_at", models.DateTimeField()),
                ("raised_by", models.ForeignKey(**PERSON)),
            ],
            options={
                "ordering": ["raised_at", "pk"],
                "constraints": [
                    models.CheckConstraint(condition=~Q(reason=""), name="concern_report_has_a_reason"),
                    models.UniqueConstraint(fields=["concern", "raised_by"], name="concern_report_once"),
                ],
            },
        ),
        migrations.CreateModel(
            name="ConcernDecision",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("concern", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="decisions", to="feedback.concern")),
                ("became", models.CharField(choices=[("raised", "Waits for HR"), ("hidden", "Hidden"), ("left", "Stands")], help_text="What became of the text by it.", max_length=8)),
                ("reason", models.CharField(help_text="Where the text is hidden, its readers see this.", max_length=200)),
                ("decided_at", models.DateTimeField()),
                ("decided_by", models.ForeignKey(**PERSON)),
            ],
            options={
                "ordering": ["decided_at", "pk"],
                "constraints": [
                    models.CheckConstraint(condition=~Q(reason=""), name="concern_decision_has_a_reason"),
                    models.CheckConstraint(condition=Q(became__in=["hidden", "left"]), name="concern_decision_became_is_known"),
                    models.UniqueConstraint(fields=["concern", "became"], name="concern_decision_once"),
                ],
            },
        ),
        migrations.AddField("concern", "token", models.UUIDField(null=True)),
        migrations.AddField("disclosure", "token", models.UUIDField(null=True)),
    ]
