"""HR accepts what evens out who is asked: all of it or nothing."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone

from apps.core.access import Viewer
from apps.core.audit import record
from apps.core.copying import insert_rows
from apps.core.workflow import StaleState
from apps.feedback.access import perspective_gate
from apps.feedback.models import Perspective, Request
from apps.feedback.pages.balancing import fingerprint, worked_out
from apps.feedback.states import RequestState

COLUMNS = ("perspective", "participant", "giver", "state", "decline_code", "decline_reason")


@transaction.atomic
def balance_requests(
    perspective: Perspective, *, each: int, seen: str, by: Viewer, now: datetime
) -> int:
    """Propose the missing peers of everybody. Result: how many requests are new.

    They wait for each person's manager like any proposal, and count as approved at the due day.
    Arguments: `each` as on the page, `seen` the fingerprint of what it showed. Errors: StaleState
    when something changed in between, also by somebody else at this moment; then nothing is kept.
    PRIVACY: the record counts, and names no giver.
    """
    perspective_gate.require(by, "balance_requests", perspective)
    found = worked_out(perspective, each=each, on=timezone.localdate(now))
    if fingerprint(found, each) != seen:
        raise StaleState("Somebody chose or was asked since this was worked out")
    try:
        insert_rows(
            Request,
            COLUMNS,
            (
                (perspective.pk, participant_id, giver_id, RequestState.PROPOSED.value, "", "")
                for participant_id, giver_id in found.added
            ),
        )
    except IntegrityError as at_once:
        raise StaleState("Somebody chose the same people at this moment") from at_once
    record(
        "balance_requests",
        perspective,
        by=by,
        at=now,
        each=each,
        asked=len(found.added),
        people=len({participant_id for participant_id, _giver in found.added}),
    )
    return len(found.added)
