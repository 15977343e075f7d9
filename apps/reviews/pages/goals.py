"""All goals of one person in one cycle: where each stands, and what the role would add."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from apps.core.access import Answer, Viewer
from apps.ladders.models import SuccessMetric
from apps.reviews.access import PACKET_READS, participant_gate
from apps.reviews.models import Goal, Participant
from apps.reviews.rules.goals import CHANGES, MET, MISSED, NOT_YET, goal_result
from apps.reviews.states import ReviewState


@dataclass(frozen=True)
class GoalStanding:
    """One goal; `asks` what to write down for it, empty for one without figures."""

    goal: Goal
    result: str
    asks: str
    is_first: bool
    is_last: bool


@dataclass(frozen=True)
class GoalsPage:
    participant: Participant
    is_subject: bool
    rows: Sequence[GoalStanding]
    metrics: Sequence[SuccessMetric]
    is_fixed: bool
    may_edit: Answer

    @property
    def is_open(self) -> bool:
        return bool(self.may_edit) and not self.is_fixed

    @property
    def has_figures(self) -> bool:
        return any(row.asks for row in self.rows)

    @property
    def counts(self) -> list[tuple[str, int]]:
        """How many stand how; what cannot be measured is not counted."""
        found = [row.result for row in self.rows]
        return [(name, found.count(name)) for name in (MET, MISSED, NOT_YET) if name in found]


def goals(viewer: Viewer, *, participant_id: int) -> GoalsPage:
    """At most 3 queries: the person in the cycle, their goals, metrics of their role that are none."""
    found = get_object_or_404(
        Participant.objects.visible_to(viewer)
        .select_related("cycle", "person__manager__manager", "manager", "role_profile")
        .with_waits(),
        pk=participant_id,
    )
    row: Any = found
    may_edit = participant_gate.may(viewer, "edit_goals", found)
    if not may_edit and not any(participant_gate.may(viewer, r, found) for r in PACKET_READS):
        raise Http404
    is_fixed = row.manager_state == ReviewState.SUBMITTED
    stored = list(found.goals.all())
    metrics: list[SuccessMetric] = []
    if may_edit and not is_fixed and found.role_profile_id is not None:
        taken = {goal.metric_id for goal in stored}
        of_role = SuccessMetric.objects.filter(profile=found.role_profile_id)
        metrics = [metric for metric in of_role if metric.pk not in taken]
    return GoalsPage(
        participant=found,
        is_subject=found.person_id == viewer.person_id,
        rows=[
            GoalStanding(
                goal,
                goal_result(goal.comparator, goal.target, goal.actual),
                _asks(goal),
                number == 0,
                number == len(stored) - 1,
            )
            for number, goal in enumerate(stored)
        ],
        metrics=metrics,
        is_fixed=is_fixed,
        may_edit=may_edit,
    )


def _asks(goal: Goal) -> str:
    if goal.target is None or goal.comparator == "qualitative":
        return ""
    if goal.comparator in CHANGES:
        return _("Fell by") if goal.comparator == "decrease_by" else _("Rose by")
    return _("Times as much") if goal.comparator == "ratio" else _("Reached")


def goal(viewer: Viewer, *, goal_id: int) -> Goal:
    """A goal that this viewer may edit. 1 query."""
    editable = participant_gate.visible(viewer, Participant.objects.all(), "edit_goals")
    return get_object_or_404(
        Goal.objects.filter(participant__in=editable).select_related(
            "participant__cycle", "participant__person"
        ),
        pk=goal_id,
    )
