"""Evidence: dated notes about somebody's work, kept all year, and quoted in reviews."""

from __future__ import annotations

from datetime import date

from django.db import models
from django.db.models import CheckConstraint, Q

from apps.core.access import Viewer
from apps.ladders.models import Competency
from apps.people.models import Person
from apps.reviews.access import NOTE_READS, note_gate


class EvidenceNoteQuerySet(models.QuerySet["EvidenceNote"]):
    """Filters that compose. Named for what the rows are, never for the page that asks."""

    def visible_to(self, viewer: Viewer) -> EvidenceNoteQuerySet:
        """What this viewer may read outside any review: their own, and what is shared with them."""
        return note_gate.visible(viewer, self, *NOTE_READS)

    def with_people(self) -> EvidenceNoteQuerySet:
        return self.select_related("about", "author")

    def tagged(self, key: str) -> EvidenceNoteQuerySet:
        """Of one competency, in whichever version of its ladder."""
        return self.filter(competencies__key=key).distinct()

    def between(self, first: date | None, last: date | None) -> EvidenceNoteQuerySet:
        """What happened on these days, both included; None leaves that side open."""
        found = self if first is None else self.filter(happened_on__gte=first)
        return found if last is None else found.filter(happened_on__lte=last)

    def matching(self, words: str) -> EvidenceNoteQuerySet:
        """Every word stands in the text."""
        found = self
        for word in words.split()[:6]:
            found = found.filter(text__icontains=word)
        return found


class EvidenceNote(models.Model):
    """What somebody saw of their own work, or a manager of a report's, on one day.

    Private to its author until shared: a note about oneself with today's manager, a note about a
    report with that person.
    """

    about = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="notes_about")
    author = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="notes_written")
    happened_on = models.DateField()
    text = models.TextField()
    competencies = models.ManyToManyField(Competency, related_name="+")
    written_at = models.DateTimeField()
    edited_at = models.DateTimeField(null=True)
    shared_at = models.DateTimeField(null=True)

    objects = EvidenceNoteQuerySet.as_manager()

    class Meta:
        ordering = ["-happened_on", "-pk"]
        constraints = [
            CheckConstraint(condition=~Q(text=""), name="evidence_note_says_something"),
        ]

    def __str__(self) -> str:
        return f"note {self.pk}"

    @property
    def is_about_oneself(self) -> bool:
        return self.about_id == self.author_id
