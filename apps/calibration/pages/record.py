"""The frozen decision record of a locked session."""

from __future__ import annotations

from dataclasses import dataclass

from django.shortcuts import get_object_or_404

from apps.calibration import rules
from apps.calibration.access import session_gate
from apps.calibration.models import Decision, Item, Session
from apps.calibration.states import SessionState
from apps.core.access import Viewer
from apps.people.models import Person


@dataclass(frozen=True)
class DecisionRow:
    name: str
    decision: Decision
    present: list[str]


@dataclass(frozen=True)
class Record:
    session: Session
    rows: list[DecisionRow]
    whole: bool


def record(viewer: Viewer, *, session_id: int) -> Record:
    """3 queries: the locked session, its visible decisions, the names of who was there. `whole` is
    whether the frozen record still has the hash it was locked with."""
    found = get_object_or_404(
        session_gate.visible(viewer, Session.objects.all(), "read_board")
        .filter(state=SessionState.LOCKED)
        .select_related("cycle", "locked_by", "facilitator"),
        pk=session_id,
    )
    decisions = list(
        Decision.objects.filter(item__session=found, item__in=Item.objects.visible_to(viewer))
        .select_related("item__participant__person", "decided_by")
        .order_by("item__participant__person__name", "sequence")
    )
    ids = {person for d in decisions for person in d.present}
    names = dict(Person.objects.filter(pk__in=ids).values_list("pk", "name"))
    rows = [
        DecisionRow(
            d.item.participant.person.name,
            d,
            [names[p] for p in d.present if p in names],
        )
        for d in decisions
    ]
    whole = found.record is not None and rules.record_hash(found.record) == found.record_hash
    return Record(found, rows, whole)
