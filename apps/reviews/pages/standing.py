"""Where somebody stands: against their level, towards the next one, and over the cycles.

PRIVACY: every packet is asked of the gate on its own. The person reads nothing that is not released,
and reads it as it stands: what a committee changed shows as little here as in the packet.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, F, Window
from django.db.models.functions import RowNumber
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from apps.core.access import Viewer
from apps.ladders.expectations import ExpectedStatement, expectations_and_next
from apps.ladders.models import Mixin
from apps.people.models import Person
from apps.reviews.access import participant_gate
from apps.reviews.models import EvidenceNote, Participant, StatementMark
from apps.reviews.pages.course import (
    OVERALL,
    READS,
    History,
    Rated,
    ReadCycle,
    cycles_of,
    histories,
    ratings_of,
)
from apps.reviews.states import ParticipantState, Shown

NOTES_SHOWN = 3
TONES = {Shown.STRENGTH: "good", Shown.SHOWN: "good", Shown.NOT_YET: "warn"}


@dataclass(frozen=True)
class MarkedStatement:
    """A statement of the ladder; `word` what the newest review says of it, with its tone."""

    line: ExpectedStatement
    word: str
    tone: str


@dataclass(frozen=True)
class NoteLine:
    note_id: int
    happened_on: date
    text: str
    author: str


@dataclass(frozen=True)
class CompetencyStanding:
    """One competency: what is expected, how it was rated, and what was noted of it."""

    key: str
    name: str
    statements: Sequence[MarkedStatement]
    rated: Rated | None
    notes: Sequence[NoteLine]
    note_count: int

    @property
    def has_marks(self) -> bool:
        return any(s.word for s in self.statements)

    @property
    def more_notes(self) -> int:
        return self.note_count - len(self.notes)


@dataclass(frozen=True)
class Standing:
    person: Person
    is_me: bool
    newest: Participant | None
    is_released: bool
    overall: Rated | None
    areas: Sequence[tuple[str, Sequence[CompetencyStanding]]]
    next_level_id: int | None
    next_level_title: str
    gap: Sequence[tuple[str, Sequence[CompetencyStanding]]]
    histories: Sequence[History]
    packets: Sequence[Participant]
    goals_of: Participant | None
    writes_notes: bool

    @property
    def level_title(self) -> str:
        """Against what is rated: the level of today, or the one that was."""
        level = self.person.level or (self.newest.level if self.newest else None)
        return str(level) if level else ""

    @property
    def level_moved(self) -> bool:
        """Rated against another level than the one of today."""
        return self.newest is not None and self.newest.level_id != self.person.level_id

    @property
    def gap_is_marked(self) -> bool:
        """The newest review looked at something of the next level."""
        return any(c.has_marks for _, area in self.gap for c in area)

    @property
    def gap_words(self) -> list[tuple[str, str, int]]:
        """How often the newest review said what of the next level: word, tone, count."""
        marked = [s for _, area in self.gap for c in area for s in c.statements]
        words = [(str(s.label), TONES.get(s, "")) for s in Shown] + [("", "")]
        counts = [(w, tone, sum(s.word == w for s in marked)) for w, tone in words]
        return [line for line in counts if line[2]]


def standing(viewer: Viewer, *, person_id: int | None = None) -> Standing:
    """At most 8 queries however many cycles and notes there are, and the line above for HR: the
    person, two levels (3), participations with their scales, ratings, marks, notes.

    Errors: Http404 for everybody but the person and those to whom the packet gate opens what is
    written of them.
    """
    found = get_object_or_404(
        Person.objects.select_related("level__version__ladder", "manager__manager"),
        pk=person_id or viewer.person_id or 0,
    )
    if not may_read_standing(viewer, found):
        raise Http404
    is_me = found.pk == viewer.person_id
    here, above = expectations_and_next(found.level_id, Mixin.objects.filter(people=found))
    seats, readable = cycles_of(viewer, found)
    written = [cycle for cycle in readable if cycle.review_id is not None]
    newest = written[0] if written else None
    ratings = ratings_of(written)
    marks = _marks(newest)
    added = above.beyond(here)
    notes, counts = _notes(viewer, found, [c.key for c in (*here.competencies, *added)])
    rated = ratings[newest.participant.pk] if newest else {}

    def standing_of(competency: Any, *, own: bool) -> CompetencyStanding:
        return CompetencyStanding(
            key=competency.key,
            name=competency.name,
            statements=[_marked(line, marks) for line in competency.statements],
            rated=rated[competency.key][1] if own and competency.key in rated else None,
            notes=notes.get(competency.key, ()),
            note_count=counts.get(competency.key, 0),
        )

    expected = {c.key for c in here.competencies}
    areas = _by_area((c.area_name, standing_of(c, own=True)) for c in here.competencies)
    others = [
        CompetencyStanding(key, name, (), answer, notes.get(key, ()), counts.get(key, 0))
        for key, (name, answer) in rated.items()
        if key not in expected and key != OVERALL
    ]
    if others:
        areas = [*areas, (_("No longer expected on this level"), others)]
    return Standing(
        person=found,
        is_me=is_me,
        newest=newest.participant if newest else None,
        is_released=bool(newest and newest.is_released),
        overall=rated[OVERALL][1] if OVERALL in rated else None,
        areas=areas,
        next_level_id=here.next_level_id,
        next_level_title=here.next_level_title,
        gap=_by_area((c.area_name, standing_of(c, own=False)) for c in added),
        histories=histories([c for c in written if c.is_released], ratings),
        packets=[c.participant for c in written if c.is_released],
        goals_of=next((s for s in seats if participant_gate.may(viewer, "edit_goals", s)), None),
        writes_notes=is_me or found.manager_id == viewer.person_id,
    )


def may_read_standing(viewer: Viewer, person: Person) -> bool:
    """Whether the packet gate opens to this viewer what is written of that person from today on.

    Asked of a packet that is still to be written, so that a newcomer has a page on day one.
    """
    to_come = Participant(person=person, state=ParticipantState.ACTIVE)
    return viewer.person_id is not None and (
        person.pk == viewer.person_id
        or any(participant_gate.may(viewer, read, to_come) for read in READS)
    )


def _by_area(
    found: Iterable[tuple[str, CompetencyStanding]],
) -> list[tuple[str, Sequence[CompetencyStanding]]]:
    areas: dict[str, list[CompetencyStanding]] = {}
    for name, one in found:
        areas.setdefault(name, []).append(one)
    return list(areas.items())


def _marks(newest: ReadCycle | None) -> dict[str, str]:
    """Statement key to mark, of the newest review. 1 query, or none."""
    if newest is None or newest.review_id is None:
        return {}
    found = StatementMark.objects.filter(review=newest.review_id)
    return dict(found.values_list("statement__key", "mark"))


def _marked(line: ExpectedStatement, marks: Mapping[str, str]) -> MarkedStatement:
    mark = marks.get(line.key)
    word = str(Shown(mark).label) if mark else ""
    return MarkedStatement(line, word, TONES.get(Shown(mark), "") if mark else "")


def _notes(
    viewer: Viewer, person: Person, keys: Sequence[str]
) -> tuple[dict[str, list[NoteLine]], dict[str, int]]:
    """The newest notes of each competency that this viewer may read, and how many there are.
    1 query, or none."""
    if not keys:
        return {}, {}
    readable = EvidenceNote.objects.visible_to(viewer).filter(about=person).order_by()
    day = F("evidencenote__happened_on").desc()
    rows = (
        EvidenceNote.competencies.through.objects.filter(
            evidencenote__in=readable, competency__key__in=set(keys)
        )
        .annotate(
            place=Window(
                RowNumber(),
                partition_by=[F("competency__key")],
                order_by=[day, F("evidencenote_id").desc()],
            ),
            total=Window(Count("pk"), partition_by=[F("competency__key")]),
        )
        .filter(place__lte=NOTES_SHOWN)
        .order_by("place")
        .values_list(
            "competency__key",
            "total",
            "evidencenote_id",
            "evidencenote__happened_on",
            "evidencenote__text",
            "evidencenote__author__name",
        )
    )
    notes: dict[str, list[NoteLine]] = {}
    counts: dict[str, int] = {}
    for key, total, *line in rows:
        notes.setdefault(key, []).append(NoteLine(*line))
        counts[key] = total
    return notes, counts
