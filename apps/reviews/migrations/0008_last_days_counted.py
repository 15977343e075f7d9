from django.db import migrations

from apps.reviews.rules.phases import last_dispute_day


def count(apps, schema_editor):
    """The day that was worked out on every look so far."""
    Dispute = apps.get_model("reviews", "Dispute")
    open_before = Dispute.objects.filter(decide_on=None)
    for dispute in open_before.select_related("participant__cycle", "participant__person"):
        dispute.decide_on = last_dispute_day(
            dispute.opened_at,
            days=dispute.participant.cycle.dispute_days,
            zone=dispute.participant.person.time_zone,
        )
        dispute.save(update_fields=["decide_on"])


class Migration(migrations.Migration):

    dependencies = [
        ("reviews", "0007_level_taken_and_last_days"),
    ]

    operations = [
        migrations.RunPython(count, migrations.RunPython.noop),
    ]
