"""One person in a cycle: where they stand, what they aim at, and what HR can do for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Prefetch
from django.shortcuts import get_object_or_404

from apps.core.access import Answer, Viewer
from apps.reviews.access import PACKET_READS, cycle_gate, participant_gate
from apps.reviews.models import Extension, Goal, Participant, Withdrawal
from apps.reviews.pages.changes import Change, changes_of
from apps.reviews.pages.standing import may_read_standing
from apps.reviews.rules.goals import goal_result
from apps.reviews.states import ParticipantState, ReviewState, Waits

DEEDS = (
    "edit_goals",
    "excuse_participant",
    "readmit_participant",
    "unshare_packet",
    "confirm_talk",
    "name_arbiter",
    "give_more_time",
    "end_more_time",
    "delegate_review",
    "take_back_review",
)


@dataclass(frozen=True)
class GoalRow:
    goal: Goal
    result: str


@dataclass(frozen=True)
class ParticipantPage:
    participant: Participant
    waits: str
    is_subject: bool
    may_read_goals: bool
    may_read_packet: bool
    may_read_standing: bool
    goals: list[GoalRow]
    goals_are_fixed: bool
    mixins: list[str]
    changes: list[Change]
    time: list[Extension]
    may_get_time: bool
    has_draft: bool
    withdrawal: Withdrawal | None
    needs_another: bool
    today: date
    may: Mapping[str, Answer]


def participant(viewer: Viewer, *, participant_id: int, on: date) -> ParticipantPage:
    """At most 5 queries: the person in the cycle, their mixins, their goals, their running time, why
    their packet was taken back; and for HR the line of whoever settles a dispute, and what changed,
    with a few more for each change."""
    found = get_object_or_404(
        Participant.objects.visible_to(viewer)
        .select_related(
            "cycle",
            "person__manager__manager",
            "person__level",
            "manager",
            "level",
            "role_profile",
            "department",
            "dispute__arbiter",
            "delegated_by",
        )
        .prefetch_related(
            Prefetch("extensions", Extension.objects.running().order_by("due_on"), to_attr="time")
        )
        # PRIVACY: that there is a dispute is a status; what it says is read beside the packet.
        .defer("reply", "dispute__text", "dispute__answer", "dispute__outcome")
        .with_waits(),
        pk=participant_id,
    )
    row: Any = found
    may = {name: participant_gate.may(viewer, name, found) for name in DEEDS}
    reads_packet = any(participant_gate.may(viewer, name, found) for name in PACKET_READS)
    is_hr = bool(cycle_gate.may(viewer, "add_participant", found.cycle))
    reads_goals = reads_packet or bool(may["edit_goals"])
    drafts = (row.self_state, row.manager_state)
    return ParticipantPage(
        participant=found,
        waits=str(Waits(row.waits).label),
        is_subject=found.person_id == viewer.person_id,
        may_read_goals=reads_goals,
        may_read_packet=reads_packet,
        may_read_standing=may_read_standing(viewer, found.person),
        goals=[
            GoalRow(goal, goal_result(goal.comparator, goal.target, goal.actual))
            for goal in (found.goals.all() if reads_goals else ())
        ],
        goals_are_fixed=row.manager_state == ReviewState.SUBMITTED,
        mixins=[mixin.title for mixin in found.mixins.all()],
        changes=changes_of(viewer, found, on) if is_hr else [],
        time=row.time,
        may_get_time=bool(may["give_more_time"]) and ReviewState.DRAFT in drafts,
        has_draft=row.manager_state == ReviewState.DRAFT,
        withdrawal=_withdrawal(viewer, found, reads_packet),
        needs_another=bool(may["name_arbiter"]) and found.dispute.needs_another(on=on),
        today=on,
        may=may,
    )


def _withdrawal(viewer: Viewer, found: Participant, reads_packet: bool) -> Withdrawal | None:
    """Why the packet was taken back, while it has not come again. PRIVACY: for the person and those
    who read the packet. At most 1 query."""
    if found.state != ParticipantState.ACTIVE:
        return None
    if not (reads_packet or participant_gate.may(viewer, "read_withdrawal", found)):
        return None
    return found.withdrawals.select_related("taken_by").first()


def joiner(viewer: Viewer, *, cycle_id: int, person_id: int) -> tuple[Any, Any]:
    """The cycle and the person whom HR wants to add. 2 queries; 404 for everybody else."""
    from apps.people.models import Person
    from apps.reviews.models import Cycle

    cycles = cycle_gate.visible(viewer, Cycle.objects.all(), "add_participant")
    return (
        get_object_or_404(cycles, pk=cycle_id),
        get_object_or_404(Person.objects.all(), pk=person_id),
    )


def status(viewer: Viewer, *, participant_id: int) -> Participant:
    """Whose status this viewer sees, with what the gate asks about. 1 query."""
    return get_object_or_404(
        Participant.objects.visible_to(viewer).select_related(
            "cycle", "person__manager__manager", "manager"
        ),
        pk=participant_id,
    )


def cycle_of(viewer: Viewer, *, cycle_id: int) -> Any:
    """A cycle that this viewer sees, with its phases. 2 queries."""
    from apps.reviews.models import Cycle

    return get_object_or_404(
        Cycle.objects.visible_to(viewer).prefetch_related("phases"), pk=cycle_id
    )
