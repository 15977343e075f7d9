"""Texts that a reader reported: the case, each report of it, each decision, and an opened name.

PRIVACY: tables of their own, for a row of an answer holds no instant. Only what is sealed can be
reported, so every instant here is that of a reader and never that of the giver.
"""

from __future__ import annotations

import uuid
from typing import Any

from django.db import models
from django.db.models import CheckConstraint, Exists, F, OuterRef, Q, Subquery, UniqueConstraint

from apps.core.access import Viewer
from apps.feedback.access import (
    CONCERN_READS,
    DISCLOSURE_READS,
    concern_gate,
    disclosure_gate,
)
from apps.feedback.models.answers import AnswerPart
from apps.feedback.states import ConcernState, DisclosureState
from apps.people.models import Person
from apps.people.states import Office
from apps.people.viewers import line_above


class ConcernQuerySet(models.QuerySet["Concern"]):
    def visible_to(self, viewer: Viewer) -> ConcernQuerySet:
        return concern_gate.visible(viewer, self, *CONCERN_READS)

    def hiding(self) -> ConcernQuerySet:
        """Those that keep a text from its readers now."""
        return self.filter(state=ConcernState.HIDDEN)

    def standing(self) -> ConcernQuerySet:
        """Those to which another report of the same text belongs, and never a second case."""
        return self.exclude(state=ConcernState.LEFT)

    def with_decision(self) -> Any:
        """Adds `decision`, `decided_at` and `decided_by_name` of what holds now; None before."""
        return self.annotate(
            decision=decision_of("pk", "reason"),
            decided_at=decision_of("pk", "decided_at"),
            decided_by_name=decision_of("pk", "decided_by__name"),
        )

    def waiting_for(self, viewer: Viewer) -> ConcernQuerySet:
        """Those in which this person of HR has something to decide: about the text or about a name.
        The list, the badge and the mail are fed by this."""
        names = disclosure_gate.visible(
            viewer, Disclosure.objects.filter(concern=OuterRef("pk")), "agree_to_disclosure"
        )
        return self.filter(concern_gate.q(viewer, "hide_text") | Q(Exists(names)))


class Concern(models.Model):
    """The case of one text that a reader says breaks the rules. Nothing is rewritten.

    PRIVACY: `token` is its address, for a case may be kept from somebody of HR who reads the others:
    a gap between two numbers would say that it is there.
    """

    token = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    part = models.ForeignKey(AnswerPart, on_delete=models.PROTECT, related_name="concerns")
    state = models.CharField(max_length=8, choices=ConcernState, default=ConcernState.RAISED)
    raised_at = models.DateTimeField(help_text="When it was reported for the first time.")

    objects = ConcernQuerySet.as_manager()

    class Meta:
        ordering = ["-raised_at", "-pk"]
        constraints = [
            CheckConstraint(
                condition=Q(state__in=ConcernState.values), name="concern_state_is_known"
            ),
            UniqueConstraint(
                fields=["part"],
                condition=Q(state__in=["raised", "hidden"]),
                name="concern_once_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"concern {self.pk}"


class ConcernReport(models.Model):
    """One reader's words about a text. PRIVACY: for HR; no reader learns of another's report."""

    concern = models.ForeignKey(Concern, on_delete=models.CASCADE, related_name="reports")
    reason = models.TextField(help_text="In the words of who reported it.")
    raised_at = models.DateTimeField()
    raised_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["raised_at", "pk"]
        constraints = [
            CheckConstraint(condition=~Q(reason=""), name="concern_report_has_a_reason"),
            UniqueConstraint(fields=["concern", "raised_by"], name="concern_report_once"),
        ]

    def __str__(self) -> str:
        return f"report {self.pk}"


class ConcernDecision(models.Model):
    """What HR decided about a case, and why. A later decision never takes an earlier one's place.

    Rows and no trigger: they go with the case, when the text goes.
    """

    concern = models.ForeignKey(Concern, on_delete=models.CASCADE, related_name="decisions")
    became = models.CharField(
        max_length=8, choices=ConcernState, help_text="What became of the text by it."
    )
    reason = models.CharField(
        max_length=200, help_text="Where the text is hidden, its readers see this."
    )
    decided_at = models.DateTimeField()
    decided_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["decided_at", "pk"]
        constraints = [
            CheckConstraint(condition=~Q(reason=""), name="concern_decision_has_a_reason"),
            CheckConstraint(
                condition=Q(became__in=["hidden", "left"]), name="concern_decision_became_is_known"
            ),
            # Hidden once and left to stand once, at most: what stands again stands for good.
            UniqueConstraint(fields=["concern", "became"], name="concern_decision_once"),
        ]

    def __str__(self) -> str:
        return f"decision {self.pk}"


def decision_of(concern: str, column: str) -> Subquery:
    """This column of the decision that holds now, for the concern whose key stands at `concern`."""
    made = ConcernDecision.objects.filter(concern=OuterRef(concern))
    return Subquery(made.order_by("-decided_at", "-pk").values(column)[:1])


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

    token = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
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
