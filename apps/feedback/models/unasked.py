"""Thanks and feedback that nobody asked for: with a name, at any time, read by exactly those it is for."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import CheckConstraint, F, Q

from apps.core.access import Viewer
from apps.feedback.access import UNASKED_READS, unasked_gate
from apps.feedback.states import Audience, UnaskedKind
from apps.ladders.models import Competency
from apps.people.models import Person


class UnaskedFeedbackQuerySet(models.QuerySet["UnaskedFeedback"]):
    """Filters that compose. Named for what the rows are, never for the page that asks."""

    def visible_to(self, viewer: Viewer) -> UnaskedFeedbackQuerySet:
        """What this viewer gave, received, or may read as today's manager of the receiver."""
        return unasked_gate.visible(viewer, self, *UNASKED_READS)

    def received_by(self, viewer: Viewer) -> UnaskedFeedbackQuerySet:
        return unasked_gate.visible(viewer, self, "read_received_unasked")

    def given_by(self, viewer: Viewer) -> UnaskedFeedbackQuerySet:
        return unasked_gate.visible(viewer, self, "read_given_unasked")

    def about_people_of(self, viewer: Viewer) -> UnaskedFeedbackQuerySet:
        """Addressed to the receiver and their manager, who is the viewer today."""
        return unasked_gate.visible(viewer, self, "read_unasked_as_manager")

    def given_after(self, instant: datetime) -> UnaskedFeedbackQuerySet:
        return self.filter(given_at__gt=instant)

    def with_people(self) -> UnaskedFeedbackQuerySet:
        return self.select_related("giver", "receiver").prefetch_related("competencies")


class UnaskedFeedback(models.Model):
    """Thanks, or feedback, that nobody asked for: always with a name, at any time of the year."""

    kind = models.CharField(max_length=8, choices=UnaskedKind)
    giver = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="unasked_given")
    receiver = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="unasked_received")
    audience = models.CharField(max_length=20, choices=Audience, default=Audience.PERSON)
    text = models.TextField()
    competencies = models.ManyToManyField(Competency, related_name="+")
    given_at = models.DateTimeField()

    objects = UnaskedFeedbackQuerySet.as_manager()

    class Meta:
        ordering = ["-given_at", "-pk"]
        constraints = [
            CheckConstraint(condition=~Q(text=""), name="unasked_feedback_says_something"),
            CheckConstraint(
                condition=~Q(giver=F("receiver")), name="unasked_feedback_is_about_somebody_else"
            ),
            CheckConstraint(
                condition=Q(audience__in=Audience.values), name="unasked_feedback_audience_is_known"
            ),
            CheckConstraint(
                condition=Q(kind__in=UnaskedKind.values), name="unasked_feedback_kind_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"
