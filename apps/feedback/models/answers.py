"""What was answered. PRIVACY: in anonymous mode an answer and its giver share no key from the moment
of sending: the draft goes, the answer gets a random id, and no row, stamp or order joins the two."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import CheckConstraint, Exists, F, OuterRef, Q, UniqueConstraint

from apps.core.access import Viewer
from apps.feedback.access import (
    ANSWER_READS,
    CONCERN_READS,
    DISCLOSURE_READS,
    answer_gate,
    concern_gate,
    disclosure_gate,
)
from apps.feedback.models.asking import Perspective, Question, Request
from apps.feedback.rules import CANNOT_SAY
from apps.feedback.states import ConcernState, DisclosureState
from apps.ladders.models import Competency
from apps.people.models import Person
from apps.people.states import Office
from apps.people.viewers import line_above
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


class ConcernQuerySet(models.QuerySet["Concern"]):
    def visible_to(self, viewer: Viewer) -> ConcernQuerySet:
        return concern_gate.visible(viewer, self, *CONCERN_READS)

    def hiding(self) -> ConcernQuerySet:
        """Those that keep a text from its readers now."""
        return self.filter(state=ConcernState.HIDDEN)

    def waiting_for(self, viewer: Viewer) -> ConcernQuerySet:
        """Those in which this person of HR has something to decide: about the text or about a name.
        The list, the badge and the mail are fed by this."""
        names = disclosure_gate.visible(
            viewer, Disclosure.objects.filter(concern=OuterRef("pk")), "agree_to_disclosure"
        )
        return self.filter(concern_gate.q(viewer, "hide_text") | Q(Exists(names)))


class Concern(models.Model):
    """A reader says that one text breaks the rules, and what HR did about it. Nothing is rewritten.

    PRIVACY: a table of its own, for a row of an answer holds no instant. Only what is sealed can be
    reported, so every instant here is that of a reader and never that of the giver.
    """

    part = models.ForeignKey(AnswerPart, on_delete=models.PROTECT, related_name="concerns")
    reason = models.TextField(help_text="In the words of who reported it.")
    raised_at = models.DateTimeField()
    raised_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=8, choices=ConcernState, default=ConcernState.RAISED)
    decision = models.CharField(
        max_length=200, blank=True, help_text="Why; where a text is hidden, its readers see this."
    )
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")

    objects = ConcernQuerySet.as_manager()

    class Meta:
        ordering = ["-raised_at", "-pk"]
        constraints = [
            CheckConstraint(condition=~Q(reason=""), name="concern_has_a_reason"),
            CheckConstraint(
                condition=Q(state="raised", decided_at=None, decided_by=None, decision="")
                | (
                    Q(state__in=["hidden", "left"])
                    & Q(decided_at__isnull=False, decided_by__isnull=False)
                    & ~Q(decision="")
                ),
                name="concern_decided_whole",
            ),
            CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("raised_by")),
                name="concern_is_decided_by_somebody_else",
            ),
            UniqueConstraint(
                fields=["part"],
                condition=Q(state__in=["raised", "hidden"]),
                name="concern_once_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"concern {self.pk}"


def cases_waiting_for(person_id: int) -> ConcernQuerySet:
    """What `waiting_for` gives for this person, with office and line looked up in the statement itself:
    for a statement that is made once for everybody."""
    office = Person.objects.filter(pk=person_id, is_content_admin=True)
    viewer = Viewer(person_id=person_id, roles=frozenset({Office.CONTENT_ADMIN.value}))
    return (
        Concern.objects.waiting_for(viewer)
        .filter(Exists(office))
        .exclude(part__answer__participant__person__in=line_above(person_id))
    )


class DisclosureQuerySet(models.QuerySet["Disclosure"]):
    def visible_to(self, viewer: Viewer) -> DisclosureQuerySet:
        return disclosure_gate.visible(viewer, self, *DISCLOSURE_READS)


class Disclosure(models.Model):
    """Break-glass: two people of HR open the name behind one reported text, with a reason.

    Only in confidential mode; an anonymous answer has no name to open. The giver is told.
    """

    concern = models.ForeignKey(Concern, on_delete=models.PROTECT, related_name="disclosures")
    reason = models.TextField()
    state = models.CharField(max_length=8, choices=DisclosureState, default=DisclosureState.ASKED)
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")

    objects = DisclosureQuerySet.as_manager()

    class Meta:
        ordering = ["-asked_at", "-pk"]
        constraints = [
            CheckConstraint(condition=~Q(reason=""), name="disclosure_has_a_reason"),
            CheckConstraint(
                condition=Q(state="asked", decided_at=None, decided_by=None)
                | (
                    Q(state__in=["agreed", "refused"])
                    & Q(decided_at__isnull=False, decided_by__isnull=False)
                ),
                name="disclosure_decided_at_and_by_together",
            ),
            CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("asked_by")),
                name="disclosure_takes_two_people",
            ),
            UniqueConstraint(
                fields=["concern"],
                condition=Q(state__in=["asked", "agreed"]),
                name="disclosure_once_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"disclosure {self.pk}"
