"""The tables of a review cycle, and what the database itself refuses."""

from __future__ import annotations

from django.db import models
from django.db.models import CheckConstraint, F, Q, UniqueConstraint

from apps.core.access import Viewer
from apps.ladders.models import Competency, Level, Mixin, RoleProfile, SuccessMetric
from apps.ladders.states import Comparator
from apps.people.models import Department, Location, Person
from apps.reviews.access import (
    CYCLE_READS,
    REVIEW_READS,
    cycle_gate,
    participant_gate,
    review_gate,
)
from apps.reviews.states import (
    CycleState,
    Mark,
    ParticipantState,
    Phase,
    Promotion,
    RatingSource,
    ReviewKind,
    ReviewState,
)


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


class ParticipantQuerySet(models.QuerySet["Participant"]):
    def visible_to(self, viewer: Viewer) -> ParticipantQuerySet:
        """Those whose status this viewer may see."""
        return participant_gate.visible(viewer, self, "see_status")

    def taking_part(self) -> ParticipantQuerySet:
        return self.exclude(state=ParticipantState.EXCUSED)

    def with_people(self) -> ParticipantQuerySet:
        return self.select_related("person", "manager", "level", "role_profile", "department")


class Participant(models.Model):
    """A person in a cycle, as they stood at launch: manager, level, mixins, place."""

    cycle = models.ForeignKey(Cycle, on_delete=models.PROTECT, related_name="participants")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="participations")
    manager = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    manager_kept = models.BooleanField(
        default=False,
        help_text="HR kept this manager as reviewer although the person reports to another now.",
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


class ReviewQuerySet(models.QuerySet["Review"]):
    """Filters that compose. Named for what the rows are, never for the page that asks."""

    def visible_to(self, viewer: Viewer) -> ReviewQuerySet:
        """What this viewer may read, wholly or in the part that is theirs (see access)."""
        return review_gate.visible(viewer, self, *REVIEW_READS)

    def with_people(self) -> ReviewQuerySet:
        return self.select_related(
            "author", "participant__person", "participant__cycle", "participant__level"
        )


class Review(models.Model):
    """One person's account of another, or of themself, in one cycle."""

    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="reviews")
    kind = models.CharField(max_length=8, choices=ReviewKind)
    author = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="authored_reviews")
    state = models.CharField(max_length=12, choices=ReviewState, default=ReviewState.DRAFT)
    revision = models.PositiveIntegerField(default=0, help_text="Rises with every save.")
    saved_at = models.DateTimeField(null=True)
    overall = models.PositiveSmallIntegerField(null=True)
    departure = models.TextField(
        blank=True, help_text="Why the overall rating departs from the profile, in one sentence."
    )
    summary = models.TextField(blank=True)
    promotion = models.CharField(max_length=8, choices=Promotion, blank=True)
    private_note = models.TextField(blank=True, help_text="For the calibration committee only.")
    submitted_at = models.DateTimeField(null=True)
    submitted_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")

    objects = ReviewQuerySet.as_manager()

    class Meta:
        constraints = [
            UniqueConstraint(fields=["participant", "kind"], name="review_once_per_kind"),
            CheckConstraint(condition=Q(kind__in=ReviewKind.values), name="review_kind_is_known"),
            CheckConstraint(
                condition=Q(state__in=ReviewState.values), name="review_state_is_known"
            ),
            CheckConstraint(
                condition=Q(submitted_at=None, submitted_by=None, state="draft")
                | Q(submitted_at__isnull=False, submitted_by__isnull=False, state="submitted"),
                name="review_submitted_at_and_by_together",
            ),
        ]

    def __str__(self) -> str:
        return f"review {self.pk}"


class ReviewItem(models.Model):
    """What a review says of one competency or one goal. Made when something is first written."""

    review = models.ForeignKey(Review, on_delete=models.CASCADE, related_name="items")
    competency = models.ForeignKey(
        Competency, null=True, on_delete=models.PROTECT, related_name="+"
    )
    goal = models.ForeignKey(Goal, null=True, on_delete=models.PROTECT, related_name="+")
    value = models.PositiveSmallIntegerField(null=True)
    mark = models.CharField(max_length=20, choices=Mark, blank=True)
    comment = models.TextField(blank=True)

    class Meta:
        constraints = [
            UniqueConstraint(fields=["review", "competency"], name="review_item_competency_once"),
            UniqueConstraint(fields=["review", "goal"], name="review_item_goal_once"),
            CheckConstraint(
                condition=Q(competency=None, goal__isnull=False)
                | Q(competency__isnull=False, goal=None),
                name="review_item_of_competency_or_goal",
            ),
            CheckConstraint(condition=Q(value=None) | Q(mark=""), name="review_item_point_or_mark"),
        ]

    def __str__(self) -> str:
        return f"item {self.pk}"


class ReviewVersion(models.Model):
    """A whole review as it was saved; the newest twenty are kept and can be restored."""

    review = models.ForeignKey(Review, on_delete=models.CASCADE, related_name="versions")
    revision = models.PositiveIntegerField()
    saved_at = models.DateTimeField()
    idempotency_key = models.CharField(max_length=64, blank=True)
    content = models.JSONField()

    class Meta:
        ordering = ["-revision"]
        constraints = [
            UniqueConstraint(fields=["review", "revision"], name="review_version_once"),
            UniqueConstraint(
                fields=["review", "idempotency_key"],
                condition=~Q(idempotency_key=""),
                name="review_version_key_once",
            ),
        ]

    def __str__(self) -> str:
        return f"version {self.revision} of review {self.review_id}"


class RatingEvent(models.Model):
    """The authoritative rating, append-only: the newest event of a participant and a competency
    (or goal, or neither: overall) is the rating. Every screen, export and API derives from it."""

    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="ratings")
    competency = models.ForeignKey(
        Competency, null=True, on_delete=models.PROTECT, related_name="+"
    )
    goal = models.ForeignKey(Goal, null=True, on_delete=models.PROTECT, related_name="+")
    sequence = models.PositiveIntegerField(help_text="1, 2, 3… within participant and subject.")
    source = models.CharField(max_length=12, choices=RatingSource)
    value = models.PositiveSmallIntegerField(null=True)
    mark = models.CharField(max_length=20, choices=Mark, blank=True)
    reason_code = models.CharField(max_length=40, blank=True)
    reason = models.TextField(blank=True)
    given_at = models.DateTimeField()
    given_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["sequence"]
        constraints = [
            UniqueConstraint(
                fields=["participant", "sequence"],
                condition=Q(competency=None, goal=None),
                name="rating_event_overall_sequence_once",
            ),
            UniqueConstraint(
                fields=["participant", "competency", "sequence"],
                name="rating_event_competency_sequence_once",
            ),
            UniqueConstraint(
                fields=["participant", "goal", "sequence"], name="rating_event_goal_sequence_once"
            ),
            CheckConstraint(
                condition=Q(competency=None) | Q(goal=None), name="rating_event_one_subject"
            ),
            CheckConstraint(
                condition=Q(value=None) | Q(mark=""), name="rating_event_point_or_mark"
            ),
            CheckConstraint(
                condition=Q(source="manager") | ~Q(reason=""),
                name="rating_event_change_has_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"rating event {self.pk}"


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
