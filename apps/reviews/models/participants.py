"""People in a cycle, as they stood at launch, with their goals and their objections."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import reduce
from operator import or_
from typing import Any

from django.db import models
from django.db.models import (
    Case,
    CheckConstraint,
    Exists,
    F,
    FilteredRelation,
    OuterRef,
    Q,
    UniqueConstraint,
    Value,
    When,
)
from django.db.models.functions import Trim
from django.utils import formats

from apps.core.access import Viewer
from apps.ladders.models import Level, Mixin, RoleProfile, SuccessMetric
from apps.ladders.states import Comparator
from apps.people.models import Department, Location, Person
from apps.reviews.access import participant_gate
from apps.reviews.models.cycles import Cycle
from apps.reviews.rules.extensions import time_hindrance
from apps.reviews.rules.packets import release_hindrance
from apps.reviews.states import (
    CycleState,
    Hold,
    ParticipantState,
    Phase,
    RatingSource,
    ReviewState,
    Waits,
    later_than,
)

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

    def with_waits(self, cycle: Cycle | None = None) -> ParticipantQuerySet:
        """Adds `waits` (a Waits), and `self_state`, `manager_state`, `self_review_id`,
        `manager_review_id`, `manager_author_id` (None without such a review).

        Arguments: `cycle` where all are of one that is known; its table is then not joined.
        """
        phase: Case | Value = Case(
            When(cycle__state=CycleState.PAUSED.value, then="cycle__paused_from"),
            default="cycle__state",
        )
        if cycle is not None:
            phase = Value(cycle.paused_from or cycle.state)
        return self.annotate(
            own_review=FilteredRelation("reviews", condition=Q(reviews__kind="self")),
            given_review=FilteredRelation("reviews", condition=Q(reviews__kind="manager")),
            phase=phase,
            self_review_id=F("own_review__pk"),
            manager_review_id=F("given_review__pk"),
            manager_author_id=F("given_review__author_id"),
            self_state=F("own_review__state"),
            manager_state=F("given_review__state"),
        ).annotate(
            waits=Case(
                *(When(condition, then=Value(waits.value)) for condition, waits in WAITS),
                default=Value(Waits.NOTHING.value),
                output_field=models.CharField(),
            )
        )

    def with_hindrances(self) -> ParticipantQuerySet:
        """Adds `has_overall` and `has_unexplained_change`, for the rule that lets packets go."""
        from apps.reviews.models.reviews import RatingEvent  # it stands above this module

        events = RatingEvent.objects.filter(participant=OuterRef("pk"))
        changed = events.exclude(source=RatingSource.MANAGER).annotate(said=Trim("reason"))
        overall = events.current().filter(competency=None, goal=None, value__isnull=False)
        return self.annotate(
            has_overall=Exists(overall),
            has_unexplained_change=Exists(changed.filter(said="")),
        )

    def with_time(self, phase: str) -> ParticipantQuerySet:
        """Adds `due_on`, the day that counts for each in this phase, and `more_time`, whether an
        extension of it runs."""
        from apps.reviews.models.extensions import due_on, has_more_time  # it stands above

        return self.annotate(due_on=due_on(phase, ""), more_time=has_more_time(phase, ""))

    def with_hold(self) -> ParticipantQuerySet:
        """Adds `hold` (a Hold, or nothing when the packet could go), for rows read with_waits() and
        with_hindrances(): the SQL reading of `rules.packets.held_back_by`."""
        return self.annotate(
            hold=Case(
                When(manager_state=None, then=Value(Hold.NO_REVIEWER.value)),
                When(manager_state=ReviewState.DRAFT.value, then=Value(Hold.NOT_SUBMITTED.value)),
                When(has_overall=False, then=Value(Hold.NO_OVERALL.value)),
                When(has_unexplained_change=True, then=Value(Hold.NO_REASON.value)),
                default=Value(""),
                output_field=models.CharField(),
            )
        )

    def changed_since_launch(self, *, on: date) -> ParticipantQuerySet:
        """Those still being reviewed about whom something changed outside the cycle that HR has not
        answered yet; with a flag for each kind (see models/changes)."""
        from apps.reviews.models.changes import change_flags  # it stands above this module

        flags = change_flags(on)
        return self.filter(reduce(or_, flags.values()), state=ParticipantState.ACTIVE).annotate(
            **{
                name: Case(When(q, then=True), default=False, output_field=models.BooleanField())
                for name, q in flags.items()
            }
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
    level_taken = models.BooleanField(
        default=False, help_text="HR took over another level after the launch."
    )
    leaver_kept = models.BooleanField(
        default=False, help_text="HR kept this person in the cycle although they have left."
    )
    delegated_at = models.DateTimeField(
        null=True, help_text="When the review was given to `manager` for this cycle alone."
    )
    delegated_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
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
    leave_kept = models.BooleanField(
        default=False, help_text="HR kept this person's dates although they are on leave."
    )
    talked_on = models.DateField(null=True, help_text="The day of the talk about the packet.")
    talked_at = models.DateTimeField(null=True, help_text="When that was noted.")
    talked_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
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
                condition=Q(talked_on=None, talked_at=None, talked_by=None)
                | Q(talked_on__isnull=False, talked_at__isnull=False, talked_by__isnull=False),
                name="participant_talked_at_and_by_together",
            ),
            CheckConstraint(
                condition=Q(delegated_at=None, delegated_by=None)
                | Q(delegated_at__isnull=False, delegated_by__isnull=False, manager_kept=True),
                name="participant_delegated_at_and_by_together",
            ),
            CheckConstraint(
                condition=Q(state__in=["active", "excused"]) | Q(released_at__isnull=False),
                name="participant_delivered_was_released",
            ),
        ]

    def __str__(self) -> str:
        return f"participant {self.pk}"

    def hindrance(self) -> str:
        """What keeps the packet back, for a row read with_waits() and with_hindrances()."""
        row: Any = self
        return release_hindrance(
            manager_state=row.manager_state,
            has_overall=row.has_overall,
            has_unexplained_change=row.has_unexplained_change,
        )

    def time_hindrance(self, phase: str, *, until: date | None = None) -> str:
        """Why more time would change nothing, for a row read with_waits() and with_time()."""
        row: Any = self
        here = self.cycle.paused_from or self.cycle.state
        return time_hindrance(
            phase,
            review_state=row.self_state if phase == Phase.COLLECTION else row.manager_state,
            is_open=row.more_time or here not in later_than(phase),
            due_on=row.due_on,
            until=until,
            day=formats.date_format(row.due_on, "j F") if row.due_on else "",
        )


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

    @property
    def target_number(self) -> str:
        """The aim without zeros that mean nothing: 90, not 90.0000."""
        return _plain(self.target)

    @property
    def actual_number(self) -> str:
        return _plain(self.actual)

    @property
    def spoken_unit(self) -> str:
        """The unit as it is read beside a number: nobody says "8 count"."""
        return "" if self.unit in {"count", "x"} else self.unit


def _plain(number: Decimal | None) -> str:
    return "" if number is None else f"{Decimal(number).normalize():f}"
