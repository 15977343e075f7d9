"""One person in a cycle: where they stand, what they aim at, and what HR can do for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.shortcuts import get_object_or_404

from apps.core.access import Answer, Viewer
from apps.reviews.access import PACKET_READS, participant_gate
from apps.reviews.models import Goal, Participant
from apps.reviews.rules.goals import goal_result
from apps.reviews.states import ParticipantState, ReviewState, Waits

DEEDS = (
    "edit_goals",
    "excuse_participant",
    "readmit_participant",
    "hand_over",
    "keep_manager",
    "keep_level",
    "take_level",
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
    goals: list[GoalRow]
    goals_are_fixed: bool
    mixins: list[str]
    has_left: bool
    new_manager: bool
    new_level: bool
    has_draft: bool
    may: Mapping[str, Answer]


def participant(viewer: Viewer, *, participant_id: int, on: date) -> ParticipantPage:
    """At most 3 queries: the person in the cycle, their mixins, their goals."""
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
        )
        .with_waits(),
        pk=participant_id,
    )
    row: Any = found
    may = {name: participant_gate.may(viewer, name, found) for name in DEEDS}
    reads_packet = any(participant_gate.may(viewer, name, found) for name in PACKET_READS)
    reads_goals = reads_packet or bool(may["edit_goals"])
    person = found.person
    active = found.state == ParticipantState.ACTIVE
    return ParticipantPage(
        participant=found,
        waits=str(Waits(row.waits).label),
        is_subject=found.person_id == viewer.person_id,
        may_read_goals=reads_goals,
        may_read_packet=reads_packet,
        goals=[
            GoalRow(goal, goal_result(goal.comparator, goal.target, goal.actual))
            for goal in (found.goals.all() if reads_goals else ())
        ],
        goals_are_fixed=row.manager_state == ReviewState.SUBMITTED,
        mixins=[mixin.title for mixin in found.mixins.all()],
        has_left=person.left_on is not None and person.left_on <= on,
        new_manager=active
        and not found.manager_kept
        and person.manager_id is not None
        and person.manager_id != found.manager_id,
        new_level=active
        and not found.level_kept
        and person.level_id is not None
        and person.level_id != found.level_id,
        has_draft=row.manager_state == ReviewState.DRAFT,
        may=may,
    )


def goal(viewer: Viewer, *, goal_id: int) -> Goal:
    """A goal that this viewer may edit. 1 query."""
    editable = participant_gate.visible(viewer, Participant.objects.all(), "edit_goals")
    return get_object_or_404(
        Goal.objects.filter(participant__in=editable).select_related(
            "participant__cycle", "participant__person"
        ),
        pk=goal_id,
    )


def joiner(viewer: Viewer, *, cycle_id: int, person_id: int) -> tuple[Any, Any]:
    """The cycle and the person whom HR wants to add. 2 queries; 404 for everybody else."""
    from apps.people.models import Person
    from apps.reviews.access import cycle_gate
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
