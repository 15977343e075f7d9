"""Keeping notes: written, changed, shared, taken back, thrown away. Only ever by their author."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from apps.core.access import Viewer
from apps.core.audit import record
from apps.core.workflow import StaleState
from apps.people.models import Person
from apps.reviews.access import note_gate
from apps.reviews.models import EvidenceNote, Review
from apps.reviews.rules.phases import Hindered


class NoteChanged(Exception):
    """The note was changed since its author loaded it; `note` is how it stands."""

    def __init__(self, note: EvidenceNote) -> None:
        super().__init__(f"{note} was changed")
        self.note = note


@dataclass(frozen=True)
class NotePlan:
    """What is typed in a note. `competency_ids` are those that the person's level knows."""

    happened_on: date
    text: str
    competency_ids: tuple[int, ...] = ()


@transaction.atomic
def add_note(
    about: Person, plan: NotePlan, *, share: bool = False, by: Viewer, now: datetime
) -> EvidenceNote:
    """A new note; private, unless it is shared at once. Sent twice is kept once.

    Result: the note, also when it was kept before. Errors: PermissionDenied, Hindered.
    """
    note = EvidenceNote(
        about=about,
        author_id=by.person_id,
        happened_on=plan.happened_on,
        text=plan.text,
        written_at=now,
    )
    note_gate.require(by, "add_note", note)
    if (kept := _kept_already(note, plan, share=share)) is not None:
        note = kept
    else:
        note.save()
        note.competencies.set(plan.competency_ids)
        record("add_note", note, by=by, at=now)
    if share and note.shared_at is None:
        share_note(note, by=by, now=now)
    return note


@transaction.atomic
def edit_note(
    note: EvidenceNote,
    plan: NotePlan,
    *,
    seen: datetime | None,
    by: Viewer,
    now: datetime,
) -> None:
    """Other words, another day, other competencies.

    Arguments: `seen` when it had been changed last, as its author saw it (None for never). Errors:
    NoteChanged when another tab was faster; Hindered when a review that is handed in rests on it.
    """
    standing = _hold(note)
    if not (answer := note_gate.may(by, "edit_note", standing)):
        raise Hindered(answer.reason)
    if standing.edited_at != seen:
        raise NoteChanged(standing)
    EvidenceNote.objects.filter(pk=note.pk).update(
        happened_on=plan.happened_on, text=plan.text, edited_at=now
    )
    note.competencies.set(plan.competency_ids)
    record("edit_note", note, by=by, at=now)


@transaction.atomic
def delete_note(note: EvidenceNote, *, by: Viewer, now: datetime) -> None:
    """Away for good, also out of reviews that are being written. Errors: Hindered as edit_note."""
    standing = _hold(note)
    if not (answer := note_gate.may(by, "delete_note", standing)):
        raise Hindered(answer.reason)
    record("delete_note", standing, by=by, at=now)
    standing.delete()


@transaction.atomic
def share_note(note: EvidenceNote, *, by: Viewer, now: datetime) -> None:
    """Open it to the one other person. Errors: Hindered without one; StaleState when it is shared."""
    note_gate.require(by, "share_note", note)
    if note.is_about_oneself and note.about.manager_id is None:
        raise Hindered(_("You report to nobody today, so there is nobody to share it with."))
    if not EvidenceNote.objects.filter(pk=note.pk, shared_at=None).update(shared_at=now):
        raise StaleState(f"{note} is shared already")
    record("share_note", note, by=by, at=now)


@transaction.atomic
def unshare_note(note: EvidenceNote, *, by: Viewer, now: datetime) -> None:
    """Back to its author alone. Errors: StaleState when it is private already."""
    note_gate.require(by, "unshare_note", note)
    shared = EvidenceNote.objects.filter(pk=note.pk, shared_at__isnull=False)
    if not shared.update(shared_at=None):
        raise StaleState(f"{note} is private already")
    record("unshare_note", note, by=by, at=now)


def _kept_already(note: EvidenceNote, plan: NotePlan, *, share: bool) -> EvidenceNote | None:
    """The same words of the same day: a double click, or a form that is sent again because its
    answer was lost. At most 3 queries.

    A key in the form would say the same of a form that was gone back to and changed, and those
    words would be lost.
    """
    # The author's two requests wait for each other here; on SQLite transactions do so anyway.
    Person.objects.select_for_update(no_key=True).filter(pk=note.author_id).first()
    twins = EvidenceNote.objects.filter(
        about=note.about, author=note.author_id, happened_on=note.happened_on, text=note.text
    )
    if not share:  # whoever is told that only they read it must be right
        twins = twins.filter(shared_at=None)
    for twin in twins.prefetch_related("competencies"):
        if set(plan.competency_ids) <= {tag.pk for tag in twin.competencies.all()}:
            return twin
    return None


def _hold(note: EvidenceNote) -> EvidenceNote:
    """The note as it stands, with nobody linking it or handing it in until this transaction ends.

    Reviews are locked before the note, in the order in which handing in takes them. On SQLite one
    transaction writes at a time, so that nothing is left to lock.
    """
    linking: Iterable[Review] = Review.objects.filter(items__notes=note.pk).order_by("pk")
    list(Review.objects.select_for_update().filter(pk__in=[r.pk for r in linking]).order_by("pk"))
    standing = EvidenceNote.objects.select_for_update(of=("self",)).select_related("about")
    found = standing.filter(pk=note.pk).first()
    if found is None:
        raise StaleState(f"{note} is gone")
    return found
