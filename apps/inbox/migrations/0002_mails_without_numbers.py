"""The key of a mail is drawn by lot. Both tables are made anew, and what lay in them is laid back."""

import uuid

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

PERSON = {"on_delete": django.db.models.deletion.PROTECT, "to": "people.person"}
OF_A_MAIL = "person_id, key, state, due_at, message_id, attempts, claimed_at, sent_at, last_error, planned_at"
OF_A_LINE = "person_id, duty_kind, object_id, notice, local_day, late_person_id"
LOT = {"postgresql": "gen_random_uuid()", "sqlite": "lower(hex(randomblob(16)))"}


def take_out(_apps, editor):
    lot = LOT[editor.connection.vendor]
    editor.execute(f"CREATE TEMPORARY TABLE old_mail AS SELECT {lot} AS new_id, m.* FROM inbox_message m")
    editor.execute("CREATE TEMPORARY TABLE old_line AS SELECT * FROM inbox_messageline")


def lay_back(_apps, editor):
    editor.execute(f"INSERT INTO inbox_message (id, {OF_A_MAIL}) SELECT new_id, {OF_A_MAIL} FROM old_mail")
    of_a_line = ", ".join(f"l.{column}" for column in OF_A_LINE.split(", "))
    editor.execute(
        f"INSERT INTO inbox_messageline (message_id, {OF_A_LINE}) "
        f"SELECT m.new_id, {of_a_line} FROM old_line l JOIN old_mail m ON m.id = l.message_id"
    )
    editor.execute("DROP TABLE old_line")
    editor.execute("DROP TABLE old_mail")


class Migration(migrations.Migration):
    dependencies = [("inbox", "0001_initial"), ("people", "0002_person_leave")]

    operations = [
        migrations.RunPython(take_out),
        migrations.DeleteModel("MessageLine"),
        migrations.DeleteModel("Message"),
        migrations.CreateModel(
            name="Message",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("person", models.ForeignKey(related_name="messages", **PERSON)),
                ("key", models.CharField(help_text="Names the mail: kind and local day; unique per person.", max_length=80)),
                ("state", models.CharField(choices=[("planned", "Planned"), ("sending", "Being sent"), ("sent", "Sent"), ("held", "Held back"), ("dead", "Given up after five tries")], default="planned", max_length=8)),
                ("due_at", models.DateTimeField(help_text="Not before this instant.")),
                ("message_id", models.CharField(max_length=120, unique=True)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("claimed_at", models.DateTimeField(null=True)),
                ("sent_at", models.DateTimeField(null=True)),
                ("last_error", models.CharField(blank=True, max_length=200)),
                ("planned_at", models.DateTimeField()),
            ],
            options={
                "ordering": ["-due_at", "person_id", "key"],
                "indexes": [models.Index(fields=["state", "due_at"], name="message_due")],
                "constraints": [
                    models.UniqueConstraint(fields=("person", "key"), name="message_once_per_person_and_key"),
                    models.CheckConstraint(condition=Q(state="sent", sent_at__isnull=False) | (~Q(state="sent") & Q(sent_at=None)), name="message_sent_has_instant"),
                    models.CheckConstraint(condition=Q(state__in=["planned", "sending", "sent", "held", "dead"]), name="message_state_is_known"),
                ],
            },
        ),
        migrations.CreateModel(
            name="MessageLine",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("message", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="lines", to="inbox.message")),
                ("person", models.ForeignKey(related_name="+", **PERSON)),
                ("duty_kind", models.CharField(max_length=20)),
                ("object_id", models.PositiveBigIntegerField(help_text="Key of what the duty is about.")),
                ("notice", models.CharField(max_length=12)),
                ("local_day", models.DateField()),
                ("late_person", models.ForeignKey(help_text="Of an escalation: whose duty is late.", null=True, related_name="+", **PERSON)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("person", "duty_kind", "object_id", "notice", "local_day"), name="message_line_once"),
                ],
            },
        ),
        migrations.RunPython(lay_back),
    ]
