"""A cycle: its scale, its dates and its rules, and what the database itself refuses."""

from __future__ import annotations

from datetime import date, datetime

from django.conf import settings
from django.db import models
from django.db.models import CheckConstraint, F, Q, UniqueConstraint

from apps.core.access import Viewer
from apps.ladders.models import Level
from apps.people.models import Department, Location, Person, PersonQuerySet
from apps.reviews.access import CYCLE_READS, cycle_gate
from apps.reviews.models.population import ANY_GAP, gap_flags, standing
from apps.reviews.rules.phases import CyclePlan, Dated, day_in
from apps.reviews.states import TAKES_PART, CycleState, Phase, ReviewKind


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
    paused_at = models.DateTimeField(null=True, help_text="Since when it is paused.")
    period_start = models.DateField()
    period_end = models.DateField()
    scale = models.ForeignKey(RatingScale, on_delete=models.PROTECT, related_name="cycles")
    departments = models.ManyToManyField(Department, related_name="cycles")
    locations = models.ManyToManyField(
        Location, related_name="+", help_text="Only people at these; everywhere when none is named."
    )
    levels = models.ManyToManyField(
        Level, related_name="+", help_text="Only people on these; on any level when none is named."
    )
    hired_until = models.DateField(
        null=True, help_text="Whoever was hired after this day is not in it."
    )
    repeats = models.ForeignKey(
        "self",
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text="The cycle whose plan this one began with.",
    )
    sections_off = models.JSONField(
        default=list, help_text="Parts of a form that are left out, such as manager.promotion."
    )
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

    def counted_on(self, now: datetime) -> date:
        """The day for which people are counted: the first one, or today once it has come. 1 query.

        Days are days of the house's own time zone, as at the launch.
        """
        today = day_in(settings.TIME_ZONE, now=now)
        first = min((phase.opens_on for phase in self.phases.all()), default=today)
        return max(first, today)

    def standings(self, *, on: date) -> PersonQuerySet:
        """Everybody employed on this day, each with `standing`: in, or why not (a Standing)."""
        return Person.objects.employed(on=on).annotate(standing=standing(self, on=on))

    def people(self, *, on: date) -> PersonQuerySet:
        """Who takes part."""
        rows = Person.objects.employed(on=on).alias(standing=standing(self, on=on))
        return rows.filter(standing__in=[s.value for s in TAKES_PART])

    def people_with_flags(self, *, on: date) -> PersonQuerySet:
        """Who takes part, each with a flag for everything that would not go well (a Gap). 1 query
        more unless phases are prefetched."""
        return self.people(on=on).annotate(**gap_flags(self, on=on))

    def people_with_gaps(self, *, on: date) -> PersonQuerySet:
        """Those of them whose cycle would not go well."""
        return self.people_with_flags(on=on).filter(ANY_GAP)


class FormQuestion(models.Model):
    """A question of a cycle's own in one kind of review, answered in words."""

    cycle = models.ForeignKey(Cycle, on_delete=models.CASCADE, related_name="questions")
    review_kind = models.CharField(max_length=8, choices=ReviewKind)
    text = models.CharField(max_length=200)
    hint = models.CharField(max_length=300, blank=True)
    is_required = models.BooleanField(default=False)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["review_kind", "position", "pk"]
        constraints = [
            UniqueConstraint(
                fields=["cycle", "review_kind", "text"], name="form_question_asked_once"
            ),
            CheckConstraint(
                condition=Q(review_kind__in=ReviewKind.values), name="form_question_kind_is_known"
            ),
        ]

    def __str__(self) -> str:
        return self.text


class AreaWeight(models.Model):
    """How much an area of competencies counts in the computed profile; 1 where none is given."""

    cycle = models.ForeignKey(Cycle, on_delete=models.CASCADE, related_name="weights")
    area_key = models.SlugField(max_length=120, help_text="The area's key, in whichever ladder.")
    area_name = models.CharField(max_length=160)
    weight = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["area_name"]
        constraints = [
            UniqueConstraint(fields=["cycle", "area_key"], name="area_weight_once"),
            CheckConstraint(condition=Q(weight__range=(0, 10)), name="area_weight_from_0_to_10"),
        ]

    def __str__(self) -> str:
        return f"{self.area_name}: {self.weight}"


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
