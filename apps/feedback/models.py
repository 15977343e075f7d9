"""Who is asked about whom, and what was answered. PRIVACY: in anonymous mode an answer and its
giver share no key from the moment of sending: the draft goes, the answer gets a random id, and no
row, stamp or order joins the two."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint

from apps.feedback.states import Mode, PerspectiveKind, PerspectiveState, RequestState
from apps.ladders.models import Competency
from apps.people.models import Person
from apps.reviews.models import Cycle, Participant
from apps.reviews.states import Mark


class Perspective(models.Model):
    """One kind of feedback in one cycle, with its promise: the mode and the threshold."""

    cycle = models.ForeignKey(Cycle, on_delete=models.PROTECT, related_name="perspectives")
    kind = models.CharField(max_length=8, choices=PerspectiveKind)
    mode = models.CharField(max_length=14, choices=Mode)
    threshold = models.PositiveSmallIntegerField(
        default=5, help_text="Fewest voices before anything anonymous is shown."
    )
    state = models.CharField(max_length=8, choices=PerspectiveState, default=PerspectiveState.OPEN)

    class Meta:
        constraints = [
            UniqueConstraint(fields=["cycle", "kind"], name="perspective_once_per_cycle"),
            CheckConstraint(condition=Q(mode__in=Mode.values), name="perspective_mode_is_known"),
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


class FeedbackDraft(models.Model):
    """What a giver is writing. It is the giver's alone and is deleted in the act of sending."""

    request = models.OneToOneField(Request, on_delete=models.CASCADE, related_name="draft")
    revision = models.PositiveIntegerField(default=0)
    saved_at = models.DateTimeField()
    content = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"draft {self.pk}"


class Answer(models.Model):
    """What one giver sent. PRIVACY: random id, no instant; author only where the mode names one."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    perspective = models.ForeignKey(Perspective, on_delete=models.PROTECT, related_name="answers")
    participant = models.ForeignKey(
        Participant, on_delete=models.PROTECT, related_name="feedback_answers"
    )
    anonymous = models.BooleanField(help_text="The mode at sending; the database holds it to it.")
    author = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")

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
