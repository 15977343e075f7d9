"""What is written and rated in a cycle: reviews, their versions, and the rating itself."""

from __future__ import annotations

from django.db import models
from django.db.models import (
    Case,
    CheckConstraint,
    Exists,
    Index,
    OuterRef,
    Q,
    Subquery,
    UniqueConstraint,
    When,
)
from django.db.models.functions import Coalesce

from apps.core.access import Viewer
from apps.ladders.models import Competency, Statement
from apps.people.models import Person
from apps.reviews.access import (
    PACKET_READS,
    REVIEW_READS,
    TAKES_PART,
    WRITABLE,
    participant_gate,
    review_gate,
)
from apps.reviews.models.cycles import FormQuestion
from apps.reviews.models.extensions import due_on, has_more_time
from apps.reviews.models.notes import EvidenceNote
from apps.reviews.models.participants import Goal, Participant
from apps.reviews.states import (
    WRITTEN_IN,
    Mark,
    Promotion,
    RatingSource,
    ReviewKind,
    ReviewState,
    Shown,
)


class ReviewQuerySet(models.QuerySet["Review"]):
    """Filters that compose. Named for what the rows are, never for the page that asks."""

    def visible_to(self, viewer: Viewer) -> ReviewQuerySet:
        """What this viewer may read, wholly or in the part that is theirs (see access)."""
        return review_gate.visible(viewer, self, *REVIEW_READS)

    def being_asked(self) -> ReviewQuerySet:
        """Drafts that their authors may write now: the phase is open, or an extension runs on."""
        nobody = Viewer()  # nothing in these depends on who asks
        return self.filter(WRITABLE.q(nobody), TAKES_PART.q(nobody), state=ReviewState.DRAFT)

    def with_more_time(self) -> ReviewQuerySet:
        """Adds `due_on`, the day until when each is to be written, and `more_time`, whether an
        extension makes it that day; the gate then asks the database nothing."""
        of_its_phase = [(Q(kind=kind.value), phase.value) for kind, phase in WRITTEN_IN.items()]
        return self.annotate(
            due_on=Case(*(When(kind, then=due_on(phase)) for kind, phase in of_its_phase)),
            more_time=Case(
                *(When(kind, then=has_more_time(phase)) for kind, phase in of_its_phase),
                output_field=models.BooleanField(),
            ),
        )

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
        # Who is where in a cycle is counted from this index alone, never from the long texts.
        indexes = [Index(fields=["kind", "participant", "state"], name="review_states")]
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


class StatementMark(models.Model):
    """What a review says of one statement of the ladder, of this level or of the next."""

    review = models.ForeignKey(Review, on_delete=models.CASCADE, related_name="statement_marks")
    statement = models.ForeignKey(Statement, on_delete=models.PROTECT, related_name="+")
    mark = models.CharField(max_length=16, choices=Shown)

    class Meta:
        constraints = [
            UniqueConstraint(fields=["review", "statement"], name="statement_mark_once"),
            CheckConstraint(condition=Q(mark__in=Shown.values), name="statement_mark_is_known"),
        ]

    def __str__(self) -> str:
        return f"statement mark {self.pk}"


class ReviewItem(models.Model):
    """What a review says of one competency, goal or question. Made when something is first written."""

    review = models.ForeignKey(Review, on_delete=models.CASCADE, related_name="items")
    competency = models.ForeignKey(
        Competency, null=True, on_delete=models.PROTECT, related_name="+"
    )
    goal = models.ForeignKey(Goal, null=True, on_delete=models.PROTECT, related_name="+")
    question = models.ForeignKey(
        FormQuestion, null=True, on_delete=models.PROTECT, related_name="+"
    )
    value = models.PositiveSmallIntegerField(null=True)
    mark = models.CharField(max_length=20, choices=Mark, blank=True)
    comment = models.TextField(blank=True)
    notes = models.ManyToManyField(
        EvidenceNote, related_name="linked_in", help_text="Evidence that this part rests on."
    )

    class Meta:
        constraints = [
            UniqueConstraint(fields=["review", "competency"], name="review_item_competency_once"),
            UniqueConstraint(fields=["review", "goal"], name="review_item_goal_once"),
            UniqueConstraint(fields=["review", "question"], name="review_item_question_once"),
            CheckConstraint(
                condition=Q(competency__isnull=False, goal=None, question=None)
                | Q(competency=None, goal__isnull=False, question=None)
                | Q(competency=None, goal=None, question__isnull=False),
                name="review_item_of_one_part",
            ),
            CheckConstraint(
                condition=Q(question=None) | Q(value=None, mark=""),
                name="review_item_question_is_not_rated",
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
    # PRIVACY: whoever takes a review over restores none of these; they stay the former author's.
    set_aside_for = models.ForeignKey(
        Person,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="The former author whose words these are; nobody else reads them.",
    )

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


class RatingEventQuerySet(models.QuerySet["RatingEvent"]):
    def current(self) -> RatingEventQuerySet:
        """The newest event of each participant and subject: the rating as it stands."""
        newer = RatingEvent.objects.filter(
            participant=OuterRef("participant"), sequence__gt=OuterRef("sequence")
        )
        # NULL equals nothing in SQL, so the overall rating needs a line of its own.
        return self.filter(
            ~Exists(newer.filter(competency=OuterRef("competency"))),
            ~Exists(newer.filter(goal=OuterRef("goal"))),
            ~(Q(competency=None, goal=None) & Exists(newer.filter(competency=None, goal=None))),
        )

    def of_the_cycle_before(self, participant: Participant, viewer: Viewer) -> RatingEventQuerySet:
        """How the same person's ratings stood in the newest earlier cycle on the same scale."""
        return self.of_cycles_before(participant, viewer, most=1)

    def of_cycles_before(
        self, participant: Participant, viewer: Viewer, *, most: int
    ) -> RatingEventQuerySet:
        """How they stood in the newest `most` earlier cycles on the same scale.

        Each row carries `now_id`, the key of the same competency in the ladder of today.
        PRIVACY: only where this viewer may read that packet, and only once it was released.
        """
        cycle = participant.cycle
        earlier = (
            Participant.objects.filter(participant_gate.q(viewer, *PACKET_READS))
            .filter(
                person=participant.person_id,
                released_at__isnull=False,
                cycle__scale=cycle.scale_id,
                cycle__period_end__lt=cycle.period_end,
            )
            .order_by("-cycle__period_end", "-pk")
        )
        same = Competency.objects.filter(
            version__levels=participant.level_id, key=OuterRef("competency__key")
        )
        return (
            self.current()
            .filter(participant__in=earlier.values("pk")[:most])
            .annotate(now_id=Coalesce(Subquery(same.values("pk")[:1]), "competency_id"))
        )


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

    objects = RatingEventQuerySet.as_manager()

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
