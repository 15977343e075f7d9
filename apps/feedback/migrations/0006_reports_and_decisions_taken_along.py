"""The report and the decision that stood in the row of a case become rows of their own."""

import uuid

from django.db import migrations


def take_along(apps, _editor):
    concerns = list(apps.get_model("feedback", "Concern").objects.all())
    Report, Decision = (apps.get_model("feedback", f"Concern{name}") for name in ("Report", "Decision"))
    Report.objects.bulk_create(
        Report(concern=c, reason=c.reason, raised_at=c.raised_at, raised_by_id=c.raised_by_id)
        for c in concerns
    )
    Decision.objects.bulk_create(
        Decision(concern=c, became=c.state, reason=c.decision, decided_at=c.decided_at, decided_by_id=c.decided_by_id)
        for c in concerns
        if c.state != "raised"
    )
    for name in ("Concern", "Disclosure"):
        rows = apps.get_model("feedback", name).objects
        for pk in rows.values_list("pk", flat=True):
            rows.filter(pk=pk).update(token=uuid.uuid4())


class Migration(migrations.Migration):
    dependencies = [("feedback", "0005_reports_and_decisions_as_rows")]

    operations = [migrations.RunPython(take_along)]
