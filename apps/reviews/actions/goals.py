"""What somebody aims at in a cycle: by hand or from their role, kept up to date, put in order."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Exists, F, OuterRef, ProtectedError
from django.db.models.functions import Greatest
from django.utils.translation import gettext as _

from apps.core.access import Viewer
from apps.core.audit import record
from apps.core.workflow import StaleState
from apps.ladders.models import SuccessMetric
from apps.reviews.access import participant_gate
from apps.reviews.actions.launch import TEXT_OF_A_GOAL
from apps.reviews.actions.participants import claim, is_reviewed
from apps.reviews.models import Goal, Participant, RatingEvent, ReviewItem
from apps.reviews.rules.goals import comparator_of_a_goal, moved
from apps.reviews.rules.phases import Hindered


@dataclass(frozen=True)
class GoalPlan:
    """What is typed about a goal. `target` and `actual` are in `unit`."""

    text: str
    comparator: str
    target: Decimal | None = None
    unit: str = ""
    actual: Decimal | None = None


@transaction.atomic
def add_goal(participant: Participant, plan: GoalPlan, *, by: Viewer, now: datetime) -> Goal:
    """One more goal, rated with the others. Errors: Hindered once the manager review is in."""
    require_open(participant, by)
    claim(participant, item_count=F("item_count") + 1)
    goal = Goal.objects.create(
        participant=participant, position=participant.goals.count(), **vars(plan)
    )
    record("add_goal", participant, by=by, at=now, goal=goal.pk)
    return goal


class GoalChanged(Exception):
    """Somebody else wrote something else meanwhile into these parts of `goal`, as it stands now."""

    def __init__(self, goal: Goal, parts: list[str]) -> None:
        super().__init__(f"{', '.join(parts)} of a goal changed")
        self.goal, self.parts = goal, parts


@transaction.atomic
def edit_goal(
    goal: Goal,
    plan: GoalPlan,
    *,
    was: Mapping[str, Any] | None = None,
    by: Viewer,
    now: datetime,
) -> None:
    """What is aimed at and what was reached. Errors: Hindered once the manager review is in;
    GoalChanged when somebody else changed one of these parts to something else.

    Arguments: `was` what stood in each part of the plan that was typed anew (None: all are, whatever
    stands there); the other parts stay as they are.
    """
    require_open(goal.participant, by)
    stored = Goal.objects.select_for_update().get(pk=goal.pk)
    typed = {name: v for name, v in vars(plan).items() if was is None or name in was}
    loaded = {} if was is None else was
    if others := [n for n in loaded if getattr(stored, n) not in (loaded[n], typed[n])]:
        raise GoalChanged(stored, others)
    for name, value in typed.items():
        setattr(goal, name, value)
    if typed:
        goal.save(update_fields=list(typed))
    record("edit_goal", goal.participant, by=by, at=now, goal=goal.pk)


@transaction.atomic
def remove_goal(goal: Goal, *, by: Viewer, now: datetime) -> None:
    """Away with a goal that nobody has written about. Errors: Hindered otherwise."""
    participant = goal.participant
    participant_gate.require(by, "edit_goals", participant)
    written = ReviewItem.objects.filter(goal=OuterRef("pk"))
    rated = RatingEvent.objects.filter(goal=OuterRef("pk"))
    if not Goal.objects.filter(~Exists(written), ~Exists(rated), pk=goal.pk).exists():
        raise Hindered(_("Something is written about this goal already, so it stays."))
    number = goal.pk
    try:
        goal.delete()
    except ProtectedError as written_meanwhile:
        raise StaleState(f"{goal} was written about at the same moment") from written_meanwhile
    claim(participant, item_count=Greatest(F("item_count") - 1, 0))
    record("remove_goal", participant, by=by, at=now, goal=number)


@dataclass(frozen=True)
class Actual:
    """What is typed for one goal, and what stood there when the page was loaded."""

    was: Decimal | None
    now: Decimal | None


class ActualsChanged(Exception):
    """Somebody else wrote other figures meanwhile; `goals` are those, as they stand now."""

    def __init__(self, goals: list[Goal]) -> None:
        super().__init__(f"{len(goals)} goals were changed")
        self.goals = goals


@transaction.atomic
def save_actuals(
    participant: Participant, typed: Mapping[int, Actual], *, by: Viewer, now: datetime
) -> int:
    """Keep what was reached, for as many goals as were changed: all of them or none.

    Arguments: `typed` goal ids and figures. Result: how many changed. 5 queries however many goals.
    Errors: Hindered once the manager review is in; ActualsChanged when one of these figures was
    changed by somebody else to another; Goal.DoesNotExist for a goal of somebody else.
    """
    require_open(participant, by)
    stored = {g.pk: g for g in Goal.objects.select_for_update().filter(participant=participant)}
    if not typed.keys() <= stored.keys():
        raise Goal.DoesNotExist
    mine = {pk: actual for pk, actual in typed.items() if actual.was != actual.now}
    changed = [stored[pk] for pk, actual in mine.items() if stored[pk].actual != actual.now]
    if others := [goal for goal in changed if goal.actual != mine[goal.pk].was]:
        raise ActualsChanged(others)
    for goal in changed:
        goal.actual = mine[goal.pk].now
    if changed:
        Goal.objects.bulk_update(changed, ["actual"])
        record("save_actuals", participant, by=by, at=now, goals=[goal.pk for goal in changed])
    return len(changed)


@transaction.atomic
def take_metrics(
    participant: Participant, metric_ids: Collection[int], *, by: Viewer, now: datetime
) -> int:
    """Success metrics of the person's role become goals; those that are goals already stay one.

    Result: how many were added. Errors: Hindered once the manager review is in.
    """
    require_open(participant, by)
    wanted = SuccessMetric.objects.filter(
        profile=participant.role_profile_id or 0, pk__in=metric_ids
    ).exclude(
        pk__in=Goal.objects.filter(participant=participant, metric__isnull=False).values("metric")
    )
    found = list(wanted)
    if not found:
        return 0
    claim(participant, item_count=F("item_count") + len(found))
    first = participant.goals.count()
    Goal.objects.bulk_create(
        Goal(
            participant=participant,
            metric=metric,
            text=metric.text[:TEXT_OF_A_GOAL],
            comparator=comparator_of_a_goal(metric.comparator, metric.value),
            target=metric.value,
            unit=metric.unit,
            position=first + number,
        )
        for number, metric in enumerate(found)
    )
    record("take_metrics", participant, by=by, at=now, metrics=[metric.pk for metric in found])
    return len(found)


@transaction.atomic
def move_goal(goal: Goal, *, up: bool, by: Viewer, now: datetime) -> None:
    """One place up or down; at the end of the list it stays."""
    participant = goal.participant
    require_open(participant, by)
    stored = list(Goal.objects.select_for_update().filter(participant=participant))
    order = moved([g.pk for g in stored], goal.pk, up=up)
    for found in stored:
        found.position = order.index(found.pk)
    Goal.objects.bulk_update(stored, ["position"])
    record("move_goal", participant, by=by, at=now, goal=goal.pk, up=up)


def require_open(participant: Participant, by: Viewer) -> None:
    """Whose goals they are, and only until the manager review is in."""
    participant_gate.require(by, "edit_goals", participant)
    if is_reviewed(participant):
        raise Hindered(_("The manager review is submitted, so goals stay as they are."))
