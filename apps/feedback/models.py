"""Who is asked about whom, and what was answered. PRIVACY: in anonymous mode an answer and its
giver share no key from the moment of sending: the draft goes, the answer gets a random id, and no
row, stamp or order joins the two."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import CheckConstraint, Exists, OuterRef, Q, UniqueConstraint

from apps.core.access import Viewer
from apps.feedback.access import (
    ANSWER_READS,
    PERSPECTIVE_READS,
    REQUEST_READS,
    answer_gate,
    draft_gate,
    perspective_gate,
    request_gate,
)
from apps.feedback.states import OUT, Mode, PerspectiveKind, PerspectiveState, RequestState
from apps.ladders.models import Competency
from apps.people.models import Person
from apps.reviews.models import Cycle, Participant
from apps.reviews.states import CycleState, Mark, ParticipantState


class PerspectiveQuerySet(models.QuerySet["Perspective"]):
    """Filters that compose. Named for what the rows are, never for the page that asks."""

    def visible_to(self, viewer: Viewer) -> PerspectiveQuerySet:
        return perspective_gate.visible(viewer, self, *PERSPECTIVE_READS)

    def open(self) -> PerspectiveQuerySet:
        return self.filter(state=PerspectiveState.OPEN)


class Perspective(models.Model):
    """One kind of feedback in one cycle, with its promise: the mode and the threshold."""

    cycle = models.ForeignKey(Cycle, on_delete=models.PROTECT, related_name="perspectives")
    kind = models.CharField(max_length=8, choices=PerspectiveKind)
    mode = models.CharField(max_length=14, choices=Mode)
    threshold = models.PositiveSmallIntegerField(
        default=5, help_text="Fewest voices before anything anonymous is shown."
    )
    state = models.CharField(max_length=8, choices=PerspectiveState, default=PerspectiveState.OPEN)

    objects = PerspectiveQuerySet.as_manager()

    class Meta:
        constraints = [
            UniqueConstraint(fields=["cycle", "kind"], name="perspective_once_per_cycle"),
            CheckConstraint(condition=Q(mode__in=Mode.values), name="perspective_mode_is_known"),
            CheckConstraint(
                condition=Q(kind__in=PerspectiveKind.values), name="perspective_kind_is_known"
            ),
            CheckConstraint(
                condition=Q(state__in=PerspectiveState.values), name="perspective_state_is_known"
            ),
            CheckConstraint(condition=Q(threshold__gte=4), name="perspective_threshold_at_least_4"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.get_mode_display()}"


class Question(models.Model):
    """An open question of a perspective."""

    perspective = models.ForeignKey(Perspective, on_delete=models.CASCADE, related_name="questions")
    text = models.CharField(max_length=300, help_text="{name} stands for the person.")
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["position"]
        constraints = [
            UniqueConstraint(fields=["perspective", "position"], name="question_position_once")
        ]

    def __str__(self) -> str:
        return self.text


class RequestQuerySet(models.QuerySet["Request"]):
    """Filters that compose. PRIVACY: none of them tells who answered an anonymous request but
    `asked_in_collection`, which is for the giver's own list and the giver's own reminders."""

    def visible_to(self, viewer: Viewer) -> RequestQuerySet:
        """What this viewer may see; the state only through rules.shown_state."""
        return request_gate.visible(viewer, self, *REQUEST_READS)

    def asked(self) -> RequestQuerySet:
        """Those that went out, whatever became of them."""
        return self.filter(state__in=OUT)

    def of_peers(self) -> RequestQuerySet:
        return self.filter(perspective__kind=PerspectiveKind.PEER)

    def asked_in_collection(self) -> RequestQuerySet:
        """Those whose giver is to answer now."""
        return self.filter(
            state=RequestState.ASKED,
            perspective__state=PerspectiveState.OPEN,
            participant__state=ParticipantState.ACTIVE,
            participant__cycle__state=CycleState.COLLECTION,
        )

    def to_approve(self) -> RequestQuerySet:
        """Proposals that wait for the manager, while peers are chosen."""
        return self.of_peers().filter(
            state=RequestState.PROPOSED,
            perspective__state=PerspectiveState.OPEN,
            participant__state=ParticipantState.ACTIVE,
            participant__cycle__state=CycleState.NOMINATION,
        )

    def with_people(self) -> RequestQuerySet:
        return self.select_related(
            "perspective", "giver", "participant__person", "participant__cycle"
        )


def participants_to_propose() -> models.QuerySet[Participant]:
    """Participants who are to propose peers now and have not; `person` is who is asked."""
    peers = Perspective.objects.open().filter(cycle=OuterRef("cycle_id"), kind=PerspectiveKind.PEER)
    return Participant.objects.filter(
        Exists(peers),
        ~Exists(Request.objects.of_peers().filter(participant=OuterRef("pk"))),
        cycle__state=CycleState.NOMINATION,
        state=ParticipantState.ACTIVE,
    )


class Request(models.Model):
    """One person is, or may be, asked for feedback on a participant."""

    perspective = models.ForeignKey(Perspective, on_delete=models.PROTECT, related_name="requests")
    participant = models.ForeignKey(
        Participant, on_delete=models.PROTECT, related_name="feedback_requests"
    )
    giver = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="feedback_requests")
    state = models.CharField(max_length=12, choices=RequestState, default=RequestState.PROPOSED)
    proposed_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    decline_reason = models.CharField(max_length=200, blank=True)

    objects = RequestQuerySet.as_manager()

    class Meta:
        constraints = [
            UniqueConstraint(
                fields=["perspective", "participant", "giver"], name="request_once_per_giver"
            ),
            CheckConstraint(
                condition=Q(state__in=RequestState.values), name="request_state_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"request {self.pk}"


class FeedbackDraftQuerySet(models.QuerySet["FeedbackDraft"]):
    def visible_to(self, viewer: Viewer) -> FeedbackDraftQuerySet:
        return draft_gate.visible(viewer, self, "read_draft")


class FeedbackDraft(models.Model):
    """What a giver is writing. It is the giver's alone and is deleted in the act of sending.

    `content` is {"values": {field: text}, "touched": {field: revision}} (rules.merged).
    """

    request = models.OneToOneField(Request, on_delete=models.CASCADE, related_name="draft")
    revision = models.PositiveIntegerField(default=0)
    saved_at = models.DateTimeField()
    content = models.JSONField(default=dict)
    idempotency_key = models.CharField(max_length=64, blank=True, help_text="Of the last save.")

    objects = FeedbackDraftQuerySet.as_manager()

    def __str__(self) -> str:
        return f"draft {self.pk}"


class AnswerQuerySet(models.QuerySet["Answer"]):
    def visible_to(self, viewer: Viewer) -> AnswerQuerySet:
        """Answers this viewer may read, with or without a name (see access)."""
        return answer_gate.visible(viewer, self, *ANSWER_READS)


class Answer(models.Model):
    """What one giver sent. PRIVACY: random id, no instant; author only where the mode names one."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    perspective = models.ForeignKey(Perspective, on_delete=models.PROTECT, related_name="answers")
    participant = models.ForeignKey(
        Participant, on_delete=models.PROTECT, related_name="feedback_answers"
    )
    anonymous = models.BooleanField(help_text="The mode at sending; the database holds it to it.")
    author = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")

    objects = AnswerQuerySet.as_manager()

    class Meta:
        constraints = [
            CheckConstraint(
                condition=Q(anonymous=True, author=None) | Q(anonymous=False, author__isnull=False),
                name="answer_names_an_author_only_when_promised",
            ),
            UniqueConstraint(
                fields=["perspective", "participant", "author"], name="answer_once_per_author"
            ),
        ]

    def __str__(self) -> str:
        return "answer"


class AnswerPart(models.Model):
    """One question or one competency of an answer."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    answer = models.ForeignKey(Answer, on_delete=models.CASCADE, related_name="parts")
    question = models.ForeignKey(Question, null=True, on_delete=models.PROTECT, related_name="+")
    competency = models.ForeignKey(
        Competency, null=True, on_delete=models.PROTECT, related_name="+"
    )
    value = models.PositiveSmallIntegerField(null=True)
    mark = models.CharField(max_length=20, choices=Mark, blank=True)
    text = models.TextField(blank=True)

    class Meta:
        constraints = [
            CheckConstraint(
                condition=Q(question=None, competency__isnull=False)
                | Q(question__isnull=False, competency=None),
                name="answer_part_of_question_or_competency",
            ),
            UniqueConstraint(fields=["answer", "question"], name="answer_part_question_once"),
            UniqueConstraint(fields=["answer", "competency"], name="answer_part_competency_once"),
        ]

    def __str__(self) -> str:
        return "part of an answer"
