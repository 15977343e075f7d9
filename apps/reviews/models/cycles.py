"""A cycle: its scale, its dates and its rules, and what the database itself refuses."""

from __future__ import annotations

from datetime import date
from functools import reduce
from operator import or_

from django.db import models
from django.db.models import Case, CheckConstraint, Exists, F, OuterRef, Q, UniqueConstraint, When

from apps.core.access import Viewer
from apps.ladders.models import Reference
from apps.ladders.states import ReferenceKind, ReferenceStatus
from apps.people.models import Department, Person, PersonQuerySet
from apps.reviews.access import CYCLE_READS, cycle_gate
from apps.reviews.rules.phases import CyclePlan, Dated
from apps.reviews.states import CycleState, Phase


class RatingScale(models.Model):
    """3 to 7 points (rules check the number), always relative to the person's own level."""

    name = models.CharField(max_length=80, unique=True)

    def __str__(self) -> str:
        return self.name


class ScalePoint(models.Model):
    scale = models.ForeignKey(RatingScale, on_delete=models.CASCADE, related_name="points")
    value = models.PositiveSmallIntegerField()
    label = models.CharField(max_length=60)
    anchor = models.CharField(max_length=300)

    class Meta:
        ordering = ["value"]
        constraints = [
            UniqueConstraint(fields=["scale", "value"], name="scale_point_value_once"),
            CheckConstraint(condition=Q(value__range=(1, 7)), name="scale_point_from_1_to_7"),
        ]

    def __str__(self) -> str:
        return f"{self.value} · {self.label}"


class CycleQuerySet(models.QuerySet["Cycle"]):
    def visible_to(self, viewer: Viewer) -> CycleQuerySet:
        return cycle_gate.visible(viewer, self, *CYCLE_READS)


class Cycle(models.Model):
    """One run of reviews: its people, its dates and its rules, fixed when it is launched."""

    name = models.CharField(max_length=120, unique=True)
    state = models.CharField(max_length=16, choices=CycleState, default=CycleState.DRAFT)
    paused_from = models.CharField(max_length=16, choices=Phase, blank=True)
    period_start = models.DateField()
    period_end = models.DateField()
    scale = models.ForeignKey(RatingScale, on_delete=models.PROTECT, related_name="cycles")
    departments = models.ManyToManyField(Department, related_name="cycles")
    owners = models.ManyToManyField(Person, related_name="owned_cycles")
    self_review = models.BooleanField(default=True)
    seal_self_review = models.BooleanField(
        default=False, help_text="The manager reads the self review only after submitting."
    )
    show_calibration = models.BooleanField(
        default=False, help_text="The person sees what calibration changed, and why."
    )
    dispute_days = models.PositiveSmallIntegerField(default=10, help_text="Working days.")
    grace_days = models.PositiveSmallIntegerField(default=2, help_text="Days after a due date.")
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    launched_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    objects = CycleQuerySet.as_manager()

    class Meta:
        ordering = ["-period_end", "name"]
        constraints = [
            CheckConstraint(condition=Q(state__in=CycleState.values), name="cycle_state_is_known"),
            CheckConstraint(
                condition=Q(period_end__gte=F("period_start")), name="cycle_period_runs_forward"
            ),
            CheckConstraint(
                condition=Q(state="paused", paused_from__in=Phase.values)
                | (~Q(state="paused") & Q(paused_from="")),
                name="cycle_paused_knows_from_where",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def plan(self) -> CyclePlan:
        """What is stored, as a plan that rules can judge. 3 queries."""
        return CyclePlan(
            name=self.name,
            period_start=self.period_start,
            period_end=self.period_end,
            scale_id=self.scale_id,
            department_ids=tuple(d.pk for d in self.departments.all()),
            owner_ids=tuple(p.pk for p in self.owners.all()),
            phases=tuple(Dated(p.kind, p.opens_on, p.due_on) for p in self.phases.all()),
            self_review=self.self_review,
            seal_self_review=self.seal_self_review,
            show_calibration=self.show_calibration,
            grace_days=self.grace_days,
            dispute_days=self.dispute_days,
        )

    def people(self, *, on: date) -> PersonQuerySet:
        """Who takes part: employed on this day, in one of the departments."""
        return (
            Person.objects.employed(on=on)
            .filter(department__in=self.departments.all())
            .exclude(hired_on__gt=on)
        )

    def people_with_gaps(self, *, on: date) -> PersonQuerySet:
        """Those of them whose cycle would not go well, with a flag for each reason."""
        unread = Reference.objects.filter(
            level=OuterRef("level"),
            kind=ReferenceKind.INHERITS,
            status=ReferenceStatus.UNRESOLVED,
        )
        gone = Q(manager__left_on__isnull=False, manager__left_on__lte=on)
        flags: dict[str, Q | Exists] = {
            "lacks_manager": Q(manager=None) | gone,
            "lacks_level": Q(level=None, role_profile=None),
            "lacks_email": Q(email=""),
            "lacks_account": Q(user=None),
            "lacks_page": Exists(unread),
        }
        lacking = reduce(or_, (Q(**{name: True}) for name in flags))
        return (
            self.people(on=on)
            .annotate(**{n: _flag(condition) for n, condition in flags.items()})
            .filter(lacking)
        )


def _flag(condition: Q | Exists) -> models.Case:
    # A CASE and no bare condition: with NULL inside, a condition is neither true nor false.
    return Case(When(condition, then=True), default=False, output_field=models.BooleanField())


class CyclePhase(models.Model):
    """A phase that this cycle has, with its days (local to each recipient)."""

    cycle = models.ForeignKey(Cycle, on_delete=models.CASCADE, related_name="phases")
    kind = models.CharField(max_length=16, choices=Phase)
    opens_on = models.DateField()
    due_on = models.DateField()

    class Meta:
        ordering = ["opens_on", "due_on"]
        constraints = [
            UniqueConstraint(fields=["cycle", "kind"], name="cycle_phase_once"),
            CheckConstraint(condition=Q(kind__in=Phase.values), name="cycle_phase_is_known"),
            CheckConstraint(
                condition=Q(due_on__gte=F("opens_on")), name="cycle_phase_runs_forward"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.cycle}: {self.get_kind_display()}"


class StepBack(models.Model):
    """A cycle went one phase back, and why. The reason is kept here: the audit holds no text."""

    cycle = models.ForeignKey(Cycle, on_delete=models.CASCADE, related_name="steps_back")
    left = models.CharField(max_length=16, choices=Phase)
    entered = models.CharField(max_length=16, choices=Phase)
    reason = models.CharField(max_length=300)
    taken_at = models.DateTimeField()
    taken_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-taken_at"]
        constraints = [
            CheckConstraint(condition=~Q(reason=""), name="step_back_has_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.cycle}: {self.left} to {self.entered}"
