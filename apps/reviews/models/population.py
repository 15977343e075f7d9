"""Who takes part in a cycle, and for whom it would not go well: the one place that decides both.

A person's standing is the first line of `standing` that fits. The launch, the check before it, the
board and the list of who takes part all read it.
"""

from __future__ import annotations

from datetime import date
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import (
    Case,
    CheckConstraint,
    Exists,
    OuterRef,
    Q,
    UniqueConstraint,
    Value,
    When,
)

from apps.ladders.models import Level, Reference
from apps.ladders.states import ReferenceKind, ReferenceStatus, VersionState
from apps.people.models import Person
from apps.reviews.states import Gap, Phase, Standing

if TYPE_CHECKING:
    from apps.reviews.models.cycles import Cycle


class PopulationChoice(models.Model):
    """Somebody taken in or left out by hand, against what the plan says of their place, and why."""

    cycle = models.ForeignKey("Cycle", on_delete=models.CASCADE, related_name="choices")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    takes_part = models.BooleanField()
    reason = models.CharField(max_length=200)
    chosen_at = models.DateTimeField()
    chosen_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            UniqueConstraint(fields=["cycle", "person"], name="population_choice_once"),
            CheckConstraint(condition=~Q(reason=""), name="population_choice_has_a_reason"),
        ]

    def __str__(self) -> str:
        return f"choice {self.pk}"


def standing(cycle: Cycle, *, on: date) -> Case:
    """In, or why not, for rows of Person who are employed on this day. 0 queries of its own."""
    by_hand = PopulationChoice.objects.filter(cycle=cycle)
    places = type(cycle).locations.through.objects.filter(cycle=cycle)
    rungs = type(cycle).levels.through.objects.filter(cycle=cycle)
    # A rung of a ladder, whichever version of it somebody stands on: the next version must not
    # quietly empty a cycle that was planned on the one before.
    meant = Level.objects.filter(
        Exists(
            rungs.filter(
                level__key=OuterRef("key"), level__version__ladder=OuterRef("version__ladder")
            )
        )
    )
    lines: list[tuple[Q, Standing]] = [
        (Q(hired_on__gt=on), Standing.NOT_YET),
        (Q(pk__in=by_hand.filter(takes_part=False).values("person")), Standing.LEFT_OUT),
        (Q(pk__in=by_hand.filter(takes_part=True).values("person")), Standing.TAKEN_IN),
        (~Q(department__in=cycle.departments.all()), Standing.DEPARTMENT),
        (Q(Exists(places)) & ~Q(location__in=places.values("location")), Standing.LOCATION),
        (Q(Exists(rungs)) & ~Q(level__in=meant.values("pk")), Standing.LEVEL),
    ]
    if cycle.hired_until:
        lines.append((Q(hired_on__gt=cycle.hired_until), Standing.HIRED))
    return Case(
        *(When(condition, then=Value(found.value)) for condition, found in lines),
        default=Value(Standing.PLAN.value),
        output_field=models.CharField(),
    )


ANY_GAP = reduce(or_, (Q(**{gap.value: True}) for gap in Gap))


def gap_flags(cycle: Cycle, *, on: date) -> dict[str, Case]:
    """For rows of Person who take part: each Gap, true or false."""
    days = {phase.kind: phase for phase in cycle.phases.all()}
    unread = Reference.objects.filter(
        kind=ReferenceKind.INHERITS, status=ReferenceStatus.UNRESOLVED, level__isnull=False
    )
    here = Q(manager__isnull=False) & (Q(manager__left_on=None) | Q(manager__left_on__gt=on))
    writes = days.get(Phase.COLLECTION.value) if cycle.self_review else None
    conditions = {
        Gap.MANAGER: Q(manager=None),
        Gap.MANAGER_LEFT: Q(manager__left_on__lte=on),
        Gap.MANAGER_ACCOUNT: here & (Q(manager__user=None) | Q(manager__user__is_active=False)),
        Gap.MANAGER_AWAY: here & _away("manager__", days.get(Phase.MANAGER_REVIEW.value)),
        Gap.LEVEL: Q(level=None, role_profile=None),
        Gap.PAGE: Q(level__in=unread.values("level")),
        Gap.EMAIL: Q(email=""),
        Gap.ACCOUNT: Q(user=None) | Q(user__is_active=False),
        Gap.AWAY: _away("", writes),
    }
    return {gap.value: _flag(condition) for gap, condition in conditions.items()}


def on_another_version() -> Q:
    """For rows of Person: their level is of a version that is not the published one."""
    return Q(level__isnull=False) & ~Q(level__version__state=VersionState.PUBLISHED.value)


def _away(prefix: str, phase: object) -> Q:
    """On leave on some day of this phase; of nobody where the cycle has no such phase."""
    if phase is None:
        return Q(pk__in=[])
    begins, ends = f"{prefix}leave_from", f"{prefix}leave_until"
    return Q(**{f"{begins}__lte": phase.due_on}) & (  # type: ignore[attr-defined]  # a CyclePhase
        Q(**{ends: None}) | Q(**{f"{ends}__gte": phase.opens_on})  # type: ignore[attr-defined]
    )


def _flag(condition: Q) -> Case:
    # A CASE and no bare condition: with NULL inside, a condition is neither true nor false.
    return Case(
        When(condition, then=Value(True)), default=Value(False), output_field=models.BooleanField()
    )
