"""Evidence notes: the list of mine and of what is shared with me, one of them, and the file of mine."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Exists, OuterRef, Q
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from apps.core.access import Answer, Viewer
from apps.core.export import CSV_TYPE, Cell, to_csv
from apps.ladders.expectations import ExpectedCompetency, expectations_of
from apps.ladders.models import Competency
from apps.people.models import Person
from apps.reviews.access import note_gate
from apps.reviews.models import EvidenceNote, ReviewItem
from apps.reviews.models.notes import EvidenceNoteQuerySet
from apps.reviews.states import ReviewState

PAGE_SIZE = 25
MOST_PEOPLE = 300
# Whose notes a list shows: about oneself, about others by oneself, and what others opened to one.
MINE, PEOPLE, SHARED = "mine", "people", "shared"
MARKDOWN_TYPE = "text/markdown; charset=utf-8"


@dataclass(frozen=True)
class NoteFilter:
    """What stands in the address of the list."""

    of: str = MINE
    person_id: int | None = None
    key: str = ""
    first: date | None = None
    last: date | None = None
    words: str = ""
    number: str = "1"

    @property
    def is_narrow(self) -> bool:
        return bool(self.person_id or self.key or self.first or self.last or self.words)


@dataclass(frozen=True)
class NoteRow:
    note: EvidenceNote
    tags: Sequence[Competency]
    is_mine: bool
    is_held: bool
    reader: str


@dataclass(frozen=True)
class NotesPage:
    wanted: NoteFilter
    rows: Sequence[NoteRow]
    page: Page[EvidenceNote]
    people: Sequence[Person]
    competencies: Sequence[tuple[str, str]]
    leads_people: bool


def notes(viewer: Viewer, *, wanted: NoteFilter) -> NotesPage:
    """6 queries: how many, one page of them with people, their tags; then what the filters offer:
    people, competencies, and whether somebody reports to this viewer."""
    readable = EvidenceNote.objects.visible_to(viewer)
    scope = _scope(readable, viewer, wanted.of)
    found = scope.between(wanted.first, wanted.last).matching(wanted.words)
    if wanted.person_id:
        column = "author_id" if wanted.of == SHARED else "about_id"
        found = found.filter(**{column: wanted.person_id})
    if wanted.key:
        found = found.tagged(wanted.key)
    rows = with_holds(found).with_people().prefetch_related("competencies")
    page = Paginator(rows, PAGE_SIZE).get_page(wanted.number)
    shown = list(page.object_list)
    page.object_list = shown
    known = Competency.objects.filter(pk__in=_tag_ids(scope)).order_by("name")
    return NotesPage(
        wanted=wanted,
        rows=[_row(note, viewer) for note in shown],
        page=page,
        people=list(_people(scope, wanted.of)),
        competencies=sorted(dict(known.values_list("key", "name")).items(), key=lambda c: c[1]),
        leads_people=Person.objects.filter(manager=viewer.person_id or 0).exists(),
    )


def _scope(readable: EvidenceNoteQuerySet, viewer: Viewer, of: str) -> EvidenceNoteQuerySet:
    if of == SHARED:
        return readable.exclude(author=viewer.person_id)
    own = readable.filter(author=viewer.person_id)
    mine = Q(about=viewer.person_id)
    return own.exclude(mine) if of == PEOPLE else own.filter(mine)


def _people(scope: EvidenceNoteQuerySet, of: str) -> Iterable[Person]:
    if of == MINE:
        return ()
    column = "author" if of == SHARED else "about"
    return Person.objects.filter(pk__in=scope.order_by().values(column))[:MOST_PEOPLE]


def _tag_ids(scope: EvidenceNoteQuerySet) -> Any:
    through = EvidenceNote.competencies.through.objects.filter(evidencenote__in=scope.order_by())
    return through.values("competency_id")


def with_holds(rows: EvidenceNoteQuerySet) -> EvidenceNoteQuerySet:
    """Adds `is_held`: a review that is handed in rests on it."""
    handed_in = ReviewItem.objects.filter(notes=OuterRef("pk"), review__state=ReviewState.SUBMITTED)
    return rows.annotate(is_held=Exists(handed_in))


def _row(note: Any, viewer: Viewer) -> NoteRow:
    return NoteRow(
        note=note,
        tags=list(note.competencies.all()),
        is_mine=note.author_id == viewer.person_id,
        is_held=note.is_held,
        reader=_reader(note.about, viewer),
    )


def _reader(about: Person, viewer: Viewer) -> str:
    """With whom this viewer's note about that person is, or would be, shared; empty for nobody."""
    if about.pk != viewer.person_id:
        return about.name
    return about.manager.name if about.manager is not None else ""


@dataclass(frozen=True)
class NotePage:
    """One note to write or change, with what its form offers."""

    note: EvidenceNote | None
    about: Person
    people: Sequence[Person]
    areas: Sequence[tuple[str, Sequence[ExpectedCompetency]]]
    other_tags: Sequence[Competency]
    is_about_me: bool
    reader: str
    may_edit: Answer = field(default_factory=lambda: Answer(True))

    @property
    def tag_ids(self) -> frozenset[int]:
        """Every competency that may be chosen."""
        offered = {c.competency_id for _, area in self.areas for c in area}
        return frozenset(offered | {c.pk for c in self.other_tags})


def add_note(viewer: Viewer, *, about_id: int | None = None) -> NotePage:
    """At most 6 queries: oneself and one's reports, and what the person's level knows.

    Errors: Http404 for somebody about whom this viewer keeps no notes.
    """
    me = viewer.person_id or 0
    found = Person.objects.filter(Q(pk=me) | Q(manager=me)).select_related("manager")
    people = sorted(found[: MOST_PEOPLE + 1], key=lambda p: (p.pk != me, p.name, p.pk))
    about = next((p for p in people if p.pk == (about_id or me)), None)
    if about is None or not note_gate.may(
        viewer, "add_note", EvidenceNote(about=about, author_id=viewer.person_id)
    ):
        raise Http404
    return NotePage(
        note=None,
        about=about,
        people=people,
        areas=_areas(about),
        other_tags=(),
        is_about_me=about.pk == me,
        reader=_reader(about, viewer),
    )


def note(viewer: Viewer, *, note_id: int) -> NotePage:
    """At most 6 queries: the note, its tags, whether it is held, and what the person's level knows.

    Errors: Http404 for everybody but its author; who only reads it does so in the list.
    """
    own = note_gate.visible(viewer, EvidenceNote.objects.all(), "read_own_note")
    found = get_object_or_404(own.select_related("about__manager", "author"), pk=note_id)
    areas = _areas(found.about)
    offered = {c.competency_id for _, area in areas for c in area}
    tags = list(found.competencies.all())
    return NotePage(
        note=found,
        about=found.about,
        people=(),
        areas=areas,
        # A tag stays when the person has moved to a level that does not know it.
        other_tags=[tag for tag in tags if tag.pk not in offered],
        is_about_me=found.is_about_oneself,
        reader=_reader(found.about, viewer),
        may_edit=note_gate.may(viewer, "edit_note", found),
    )


def _areas(person: Person) -> Sequence[tuple[str, Sequence[ExpectedCompetency]]]:
    if person.level_id is None:
        return ()
    return expectations_of(person.level_id, person.mixins.all()).areas()


def notes_file(viewer: Viewer, *, form: str) -> tuple[str, bytes, str]:
    """Every note that this viewer wrote, to take along: name, content and type. 2 queries.

    Arguments: `form` "md" or "csv". PRIVACY: what others wrote stays theirs, shared or not.
    """
    if form not in {"md", "csv"}:
        raise Http404
    own = EvidenceNote.objects.visible_to(viewer).filter(author=viewer.person_id or 0)
    found = list(own.with_people().prefetch_related("competencies"))
    if form == "md":
        return "notes.md", _markdown(found).encode(), MARKDOWN_TYPE
    header = [_("Day"), _("About"), _("Competencies"), _("Shared"), _("Note")]
    rows: list[list[Cell]] = [
        [n.happened_on, n.about.name, _tags(n), _("yes") if n.shared_at else _("no"), n.text]
        for n in found
    ]
    return "notes.csv", to_csv(header, rows), CSV_TYPE


def _markdown(found: Iterable[EvidenceNote]) -> str:
    parts = [f"# {_('Notes')}"]
    for n in found:
        whom = "" if n.is_about_oneself else f" · {n.about.name}"
        tags = f"\n\n*{_tags(n)}*" if n.competencies.all() else ""
        parts.append(f"## {n.happened_on:%Y-%m-%d}{whom}{tags}\n\n{n.text}")
    return "\n\n".join(parts) + "\n"


def _tags(n: EvidenceNote) -> str:
    return ", ".join(tag.name for tag in n.competencies.all())
