"""Who may read which report of which cycle, and who may have and fetch a file.

Completion is status: HR of both offices read all of it, a manager the own people and theirs; only
how much feedback is in about themself or their own line is in no figure of theirs.
Distribution is counts of ratings: HR of both offices, never a manager (a team of seven has no cell
of five people), and only once the manager reviews are over: while ratings come in one by one, two
looks on two days would differ by one person.
Packets are gated by reviews' own table (PACKET_READS); here is only that they must be released.
"""

from __future__ import annotations

from django.db.models import Q

from apps.core.access import Answer, Gate, Viewer, either, one_of, person_in, role, row
from apps.people.states import Office
from apps.reports.states import WAITING, ExportKind, ExportState
from apps.reviews.access import (
    ABOVE,
    MANAGER,
    PACKET_READS,
    SKIP,
    SUBJECT,
    participant_gate,
)
from apps.reviews.models import Cycle, Participant
from apps.reviews.states import DELIVERED, CycleState

PROCESS, CONTENT = role(Office.PROCESS_ADMIN.value), role(Office.CONTENT_ADMIN.value)
HR = (PROCESS, CONTENT)
UNLAUNCHED = (CycleState.DRAFT, CycleState.SCHEDULED, CycleState.CANCELLED)
RATED = (CycleState.CALIBRATION, CycleState.DELIVERY, CycleState.CLOSED, CycleState.ARCHIVED)
FOR_REQUESTER = "The file is for the person who asked for it."

export_gate = Gate("reports.Export", {
    # PRIVACY: a file of packets is its requester's alone; offices add nothing here.
    "read_export":  row(person_in("requested_by"), refusal=FOR_REQUESTER),
    "fetch_export": row(person_in("requested_by"), during=[ExportState.READY], refusal=FOR_REQUESTER),
    "drop_export":  row(person_in("requested_by"), during=set(ExportState) - set(WAITING), refusal=FOR_REQUESTER),
    # PRIVACY: everybody asks for the own bundle and nobody for another's, whatever their office.
    "request_bundle": row(person_in("requested_by"), when=[one_of("kind", [ExportKind.BUNDLE])], refusal="Everybody asks for their own."),
})  # fmt: skip


def is_hr(viewer: Viewer) -> bool:
    return any(office.holds(viewer, None) for office in HR)


def completion_q(viewer: Viewer) -> Q:
    """The participants whose progress this viewer may count."""
    if is_hr(viewer):
        return ~Q(pk__in=[])
    return MANAGER.q(viewer) | SKIP.q(viewer)


def feedback_counts_q(viewer: Viewer) -> Q:
    """Those of them about whom this viewer may count the feedback that is in.

    PRIVACY: nobody counts what comes in about themself or anybody above them, whatever its mode.
    """
    return completion_q(viewer) & ~either(SUBJECT, ABOVE).q(viewer)


def may_read_completion(viewer: Viewer, cycle: Cycle) -> Answer:
    """0 queries for HR, 1 for everybody else."""
    if cycle.state in UNLAUNCHED:
        return Answer(False, "Nobody takes part in this cycle yet.")
    if is_hr(viewer) or Participant.objects.filter(completion_q(viewer), cycle=cycle).exists():
        return Answer(True)
    return Answer(False, "Progress is for managers and HR.")


def may_read_distribution(viewer: Viewer, cycle: Cycle) -> Answer:
    """0 queries. See the module's first lines for why managers have none."""
    if not is_hr(viewer):
        return Answer(False, "Ratings are counted for HR.")
    if (cycle.paused_from or cycle.state) not in RATED:
        return Answer(False, "Ratings are counted once the manager reviews are over.")
    return Answer(True)


def packets_q(viewer: Viewer) -> Q:
    """The participants whose released packet this viewer may have as a file."""
    return participant_gate.q(viewer, *PACKET_READS) & Q(state__in=[s.value for s in DELIVERED])
