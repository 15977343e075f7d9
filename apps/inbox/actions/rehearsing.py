"""A rehearsal sends and keeps nothing; only that a file with people's names left the house is kept."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from apps.core.access import Viewer
from apps.core.audit import record
from apps.reviews.access import cycle_gate
from apps.reviews.models import Cycle


@transaction.atomic
def note_rehearsal(cycle: Cycle, *, rows: int, by: Viewer, now: datetime) -> None:
    """Somebody took the rehearsed mails away as a file of so many rows."""
    cycle_gate.require(by, "prepare_cycle", cycle)
    record("export_rehearsal", cycle, by=by, at=now, rows=rows)
