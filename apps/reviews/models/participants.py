"""People in a cycle, as they stood at launch, with their goals and their objections."""

from __future__ import annotations

from django.db import models
from django.db.models import (
    Case,
    CheckConstraint,
    F,
    FilteredRelation,
    Q,
    UniqueConstraint,
    Value,
    When,
)

from apps.core.access import Viewer
from apps.ladders.models import Level, Mixin, RoleProfile, SuccessMetric
from apps.ladders.states import Comparator
from apps.people.models import Department, Location, Person
from apps.reviews.access import participant_gate
from apps.reviews.models.cycles import Cycle
from apps.reviews.states import CycleState, ParticipantState, Phase, ReviewState, Waits

# The first line that fits says what a row waits for.
P, DRAFT = ParticipantState, Q(self_state=ReviewState.DRAFT.value)
WAITS = (
    (Q(state=P.EXCUSED.value), Waits.EXCUSED),
    (Q(state=P.RELEASED.value), Waits.ACKNOWLEDGEMENT),
    (Q(state=P.DISPUTED.value), Waits.DECISION),
    (~Q(state=P.ACTIVE.value), Waits.NOTHING),
    (Q(phase=Phase.NOMINATION.value), Waits.PEERS),
    (DRAFT & Q(phase=Phase.COLLECTION.value), Waits.SELF_REVIEW),
    (Q(manager_state=None), Waits.MANAGER),
    (Q(phase=Phase.COLLECTION.value), Waits.NEXT_PHASE),
    (Q(manager_state=ReviewState.DRAFT.value), Waits.MANAGER_REVIEW),
    (Q(phase__in=[Phase.MANAGER_REVIEW.value, Phase.CALIBRATION.value]), Waits.DELIVERY),
    (Q(phase=Phase.DELIVERY.value), Waits.RELEASE),
)


class ParticipantQuerySet(models.QuerySet["Participant"]):
    def visible_to(self, viewer: Viewer) -> ParticipantQuerySet:
        """Those whose status this viewer may see."""
        return participant_gate.visible(viewer, self, "see_status")

    def taking_part(self) -> ParticipantQuerySet:
        return self.exclude(state=ParticipantState.EXCUSED)

    def with_people(self) -> ParticipantQuerySet:
        return self.select_related("person", "manager", "level", "role_profile", "department")

    def with_waits(self) -> ParticipantQuerySet:
        """Adds `self_state`, `manager_state` (None without such a review) and `waits`: a Waits."""
        phase = Case(
            When(cycle__state=CycleState.PAUSED.value, then="cycle__paused_from"),
            default="cycle__state",
        )
        return self.annotate(
            own_review=FilteredRelation("reviews", condition=Q(reviews__kind="self")),
            given_review=FilteredRelation("reviews", condition=Q(reviews__kind="manager")),
            phase=phase,
            self_state=F("own_review__state"),
            manager_state=F("given_review__state"),
        ).annotate(
            waits=Case(
                *(When(condition, then=Value(waits.value)) for condition, waits in WAITS),
                default=Value(Waits.NOTHING.value),
                output_field=models.CharField(),
            )
        )


class Participant(models.Model):
    """A person in a cycle, as they stood at launch: manager, level, mixins, place."""

    cycle = models.ForeignKey(Cycle, on_delete=models.PROTECT, related_name="participants")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="participations")
    manager = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    manager_kept = models.BooleanField(
        default=False,
        help_text="HR kept this manager as reviewer although the person reports to another now.",
    )
    level_kept = models.BooleanField(
        default=False, help_text="HR kept the level of the launch although the person moved since."
    )
    level = models.ForeignKey(Level, null=True, on_delete=models.PROTECT, related_name="+")
    role_profile = models.ForeignKey(
        RoleProfile, null=True, on_delete=models.PROTECT, related_name="+"
    )
    mixins = models.ManyToManyField(Mixin, related_name="+")
    department = models.ForeignKey(
        Department, null=True, on_delete=models.PROTECT, related_name="+"
    )
    location = models.ForeignKey(Location, null=True, on_delete=models.PROTECT, related_name="+")
    item_count = models.PositiveSmallIntegerField(
        default=0, help_text="Competencies and goals to rate, counted at launch."
    )
    state = models.CharField(
        max_length=14, choices=ParticipantState, default=ParticipantState.ACTIVE
    )
    released_at = models.DateTimeField(null=True)
    released_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    acknowledged_at = models.DateTimeField(null=True)
    reply = models.TextField(blank=True, help_text="What the person answers to the packet.")

    objects = ParticipantQuerySet.as_manager()

    class Meta:
        ordering = ["person__name", "pk"]
        constraints = [
            UniqueConstraint(fields=["cycle", "person"], name="participant_once_per_cycle"),
            CheckConstraint(
                condition=Q(manager=None) | ~Q(manager=F("person")),
                name="participant_is_not_own_manager",
            ),
            CheckConstraint(
                condition=Q(state__in=ParticipantState.values), name="participant_state_is_known"
            ),
            CheckConstraint(
                condition=Q(released_at=None, released_by=None)
                | Q(released_at__isnull=False, released_by__isnull=False),
                name="participant_released_at_and_by_together",
            ),
            CheckConstraint(
                condition=Q(state__in=["active", "excused"]) | Q(released_at__isnull=False),
                name="participant_delivered_was_released",
            ),
        ]

    def __str__(self) -> str:
        return f"participant {self.pk}"


class Goal(models.Model):
    """Something to reach in a cycle: by hand, or from a role profile's success metric."""

    participant = models.ForeignKey(Participant, on_delete=models.CASCADE, related_name="goals")
    metric = models.ForeignKey(SuccessMetric, null=True, on_delete=models.PROTECT, related_name="+")
    text = models.CharField(max_length=300)
    comparator = models.CharField(max_length=12, choices=Comparator)
    target = models.DecimalField(max_digits=14, decimal_places=4, null=True)
    unit = models.CharField(max_length=30, blank=True)
    actual = models.DecimalField(max_digits=14, decimal_places=4, null=True, blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            UniqueConstraint(fields=["participant", "metric"], name="goal_once_per_metric"),
            CheckConstraint(
                condition=Q(comparator__in=Comparator.values), name="goal_comparator_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"goal {self.pk}"


class Dispute(models.Model):
    """A person's objection, and how a named third person settled it."""

    participant = models.OneToOneField(
        Participant, on_delete=models.PROTECT, related_name="dispute"
    )
    text = models.TextField()
    opened_at = models.DateTimeField()
    arbiter = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    outcome = models.TextField(blank=True)
    settled_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            CheckConstraint(
                condition=Q(settled_at=None, settled_by=None)
                | Q(settled_at__isnull=False, settled_by__isnull=False),
                name="dispute_settled_at_and_by_together",
            ),
        ]

    def __str__(self) -> str:
        return f"dispute {self.pk}"
