"""What was answered. PRIVACY: in anonymous mode an answer and its giver share no key from the moment
of sending: the draft goes, the answer gets a random id, and no row, stamp or order joins the two."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint

from apps.core.access import Viewer
from apps.feedback.access import ANSWER_READS, answer_gate
from apps.feedback.models.asking import Perspective, Question, Request
from apps.feedback.rules import CANNOT_SAY
from apps.ladders.models import Competency
from apps.people.models import Person
from apps.reviews.models import Participant
from apps.reviews.states import Mark


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


def sent_values(request: Request) -> dict[str, str]:
    """What was sent with a name, as the fields it was typed into. 1 query."""
    values: dict[str, str] = {}
    parts = AnswerPart.objects.filter(
        answer__perspective=request.perspective_id,
        answer__participant=request.participant_id,
        answer__author=request.giver_id,
    )
    for part in parts:
        if part.question_id is not None:
            values[f"question_{part.question_id}"] = part.text
            values[f"cannot_{part.question_id}"] = "on" if part.mark else ""
        else:
            values[f"rating_{part.competency_id}"] = CANNOT_SAY if part.mark else str(part.value)
            values[f"comment_{part.competency_id}"] = part.text
    return {name: text for name, text in values.items() if text}
