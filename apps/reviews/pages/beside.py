"""What stands beside the form of a review: earlier cycles, notes, the self review, other reports."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain
from typing import Any

from django.db.models import Case, CharField, Count, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Substr, Trim
from django.utils.translation import gettext as _

from apps.core.access import Viewer
from apps.core.rows import Rows
from apps.ladders.expectations import ExpectedCompetency
from apps.reviews.models import (
    EvidenceNote,
    LinkedNote,
    RatingEvent,
    Review,
    ReviewVersion,
)
from apps.reviews.pages.desk import AreaPart, NoteLine
from apps.reviews.pages.words import Spoken, name_of, subject_of
from apps.reviews.rules.ratings import COMPETENCY, Rating, Subject
from apps.reviews.states import ParticipantState, ReviewKind, ReviewState

MOST_REPORTS = 60
MOST_NOTES = 200
NOTES_IN_A_CARD = 4
EXCERPT = 280
CYCLES_BEFORE = 5


@dataclass(frozen=True)
class ReportLine:
    """One of the author's reviews of this cycle, in the list beside the form."""

    review_id: int
    name: str
    words: str
    tone: str
    is_this: bool


@dataclass(frozen=True)
class SelfReview:
    """The self review beside the form. `state`: none, awaited, sealed or open."""

    state: str
    review_id: int | None = None
    summary: str = ""


@dataclass(frozen=True)
class Unsent:
    """A text that could not be taken, kept beside a version."""

    revision: int
    saved_at: datetime
    why: str
    fields: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class History:
    """Ratings of earlier cycles, newest first; `newest` are those of the one just before."""

    by_subject: Mapping[Subject, Sequence[tuple[str, Rating]]]
    newest: Mapping[Subject, Rating]
    cycles: Sequence[str]


def self_review_of(one: Any) -> SelfReview:
    if one.kind == ReviewKind.SELF or one.self_state is None:
        return SelfReview("none")
    if one.self_id is not None:
        return SelfReview("open", one.self_id, one.self_summary or "")
    return SelfReview("sealed" if one.self_state == ReviewState.SUBMITTED else "awaited")


def earlier_cycles(one: Review, viewer: Viewer) -> History:
    """The ratings of the last few cycles that this viewer may read, by the competencies of today's
    ladder. 1 query."""
    events = RatingEvent.objects.of_cycles_before(one.participant, viewer, most=CYCLES_BEFORE)
    rows = events.order_by("-participant__cycle__period_end", "-participant_id").values_list(
        "participant_id", "participant__cycle__name", "now_id", "goal_id", "value", "mark"
    )
    found: dict[Subject, list[tuple[str, Rating]]] = {}
    newest: dict[Subject, Rating] = {}
    cycles: dict[int, str] = {}
    for participant_id, cycle, now_id, goal_id, value, mark in rows:
        cycles[participant_id] = cycle
        subject, rating = subject_of(now_id, goal_id), Rating(value, mark)
        if rating.is_given:
            found.setdefault(subject, []).append((cycle, rating))
        if len(cycles) == 1:
            newest[subject] = rating
    return History(found, newest, list(cycles.values()))


def readable_notes(one: Review, viewer: Viewer) -> list[tuple[NoteLine, set[str]]]:
    """The newest notes about this person that this viewer may read, each with the keys of the
    competencies it is about. 1 query."""
    about = EvidenceNote.competencies.through.objects.filter(evidencenote=OuterRef("pk"))
    rows = (
        EvidenceNote.objects.visible_to(viewer)
        .filter(about=one.participant.person_id)
        .annotate(
            excerpt=Substr("text", 1, EXCERPT), keys=Rows(about, "competency__key")
        )
        .values_list(
            "pk", "excerpt", "happened_on", "author__name", "author_id", "shared_at", "keys"
        )[:MOST_NOTES]
    )  # fmt: skip
    return [
        (
            NoteLine(pk, cut(text), day, name, shared is None and author_id == viewer.person_id),
            set(keys or ()),
        )
        for pk, text, day, name, author_id, shared, keys in rows
    ]


def cut(text: str) -> str:
    return text if len(text) < EXCERPT else text[:EXCERPT].rsplit(" ", 1)[0] + " …"


def notes_by_part(
    linked: Iterable[LinkedNote],
    readable: Sequence[tuple[NoteLine, set[str]]],
    wanted: Mapping[Subject, Iterable[int]],
    competencies: Iterable[ExpectedCompetency],
) -> dict[Subject, list[NoteLine]]:
    """For each part the notes linked in it, then the newest that are about the same competency.

    Arguments: `linked` as stored, `wanted` the numbers in each part's field (which differ from it
    after a refusal).
    """
    lines = {note.note_id: line_of(note) for note in linked}
    lines |= {note.note_id: note for note, _keys in readable}
    found: dict[Subject, list[NoteLine]] = {
        subject: [replace(lines[pk], is_linked=True) for pk in numbers if pk in lines]
        for subject, numbers in wanted.items()
    }
    by_key: dict[str, list[NoteLine]] = {}
    for note, keys in readable:
        for key in keys:
            by_key.setdefault(key, []).append(note)
    for competency in competencies:
        here = found.setdefault((COMPETENCY, competency.competency_id), [])
        chosen = {note.note_id for note in here}
        others = [n for n in by_key.get(competency.key, ()) if n.note_id not in chosen]
        here += others[:NOTES_IN_A_CARD]
    return found


def line_of(note: LinkedNote) -> NoteLine:
    return NoteLine(note.note_id, note.text, note.happened_on, note.author, is_linked=True)


def reports(one: Review, viewer: Viewer, *, with_goals: bool) -> list[ReportLine]:
    """1 query: the author's manager reviews of this cycle, with how far each is."""
    selves = Review.objects.filter(participant=OuterRef("participant"), kind=ReviewKind.SELF)
    rated = Q(items__value__isnull=False) | ~Q(items__mark="")
    rows = (
        Review.objects.filter(
            author=viewer.person_id,
            kind=ReviewKind.MANAGER,
            participant__cycle=one.participant.cycle_id,
        )
        .exclude(participant__state=ParticipantState.EXCUSED)
        .alias(said=Trim("summary"))
        .annotate(
            rated=Count("items", filter=rated & Q(items__isnull=False), distinct=True),
            goal_count=Count("participant__goals", distinct=True),
            self_state=Subquery(selves.values("state")[:1]),
            lacks=Case(
                When(overall=None, then=Value("overall")),
                When(said="", then=Value("summary")),
                default=Value(""),
                output_field=CharField(),
            ),
        )
        .order_by("participant__person__name", "pk")
        .values_list(
            "pk", "participant__person__name", "state", "rated", "participant__item_count",
            "goal_count", "self_state", "lacks",
        )
    )  # fmt: skip
    lines = []
    for pk, name, state, count, items, goals, self_state, lacks in rows[:MOST_REPORTS]:
        total = items if with_goals else items - goals
        words, tone = progress(state, count, total, self_state, lacks)
        lines.append(ReportLine(pk, name, words, tone, pk == one.pk))
    return lines


def progress(
    state: str, count: int, total: int, self_state: str | None, lacks: str
) -> tuple[str, str]:
    """How far a manager's review is, and in which tone that is said."""
    if state == ReviewState.SUBMITTED:
        return _("Submitted"), "good"
    if count and count >= total and lacks:
        said = {"overall": _("Overall rating to choose"), "summary": _("Summary to write")}
        return said[lacks], ""
    if count and count >= total:
        return _("Ready to submit"), "info"
    if count:
        return _("%(count)d of %(total)d rated") % {"count": count, "total": total}, ""
    if self_state == ReviewState.DRAFT:
        return _("No self review yet"), ""
    return _("Not started"), ""


def unsent(one: Review, parts: Sequence[AreaPart], say: Spoken) -> list[Unsent]:
    """1 query, only where there is one: the newest texts that could not be taken."""
    versions = ReviewVersion.objects.filter(
        review=one.pk, set_aside_for=None, content__has_key="kept"
    )
    return [
        Unsent(
            v.revision,
            v.saved_at,
            v.content["kept"]["why"],
            [
                (name_of(name, parts), say.text(name, text))
                for name, text in v.content["kept"]["fields"].items()
            ],
        )
        for v in versions[:5]
        # A conflict is settled by the next save; its text stays among the versions.
        if v.content["kept"]["why"] == "closed" or v.revision == one.revision
    ]


def all_notes(found: Mapping[Subject, Sequence[NoteLine]]) -> list[NoteLine]:
    return list(chain.from_iterable(found.values()))
