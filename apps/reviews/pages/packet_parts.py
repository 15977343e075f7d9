"""The parts of a packet: ratings with what carries them, goals, answers, and what happened since.

PRIVACY: only what the person is meant to read is ever loaded here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import pairwise
from typing import Any

from django.db.models import Prefetch
from django.utils.translation import gettext as _

from apps.ladders.models import Competency
from apps.reviews.models import (
    EvidenceNote,
    Goal,
    Participant,
    RatingEvent,
    ReviewItem,
    ScalePoint,
    StatementMark,
)
from apps.reviews.rules.goals import goal_result
from apps.reviews.rules.ratings import COMPETENCY, GOAL, THE_WHOLE, Subject
from apps.reviews.states import Mark, RatingSource, Shown

MARK_TONES = {Shown.STRENGTH: "good", Shown.SHOWN: "", Shown.NOT_YET: "warn"}


@dataclass(frozen=True)
class Changed:
    """A rating that was changed after the manager gave it, and why."""

    was: int | str | None
    by_dispute: bool
    reason: str


@dataclass(frozen=True)
class MarkLine:
    """What the review says of one statement; `is_beyond` where it is of a level above one's own."""

    text: str
    mark: str
    label: str
    tone: str
    is_beyond: bool


@dataclass(frozen=True)
class NoteLine:
    """Evidence that a rating rests on."""

    happened_on: date
    by: str
    text: str


@dataclass(frozen=True)
class RatingLine:
    """One rating as it stands. `answer` is a point, the name of a mark, or None without either."""

    subject: Subject
    name: str
    answer: int | str | None
    label: str
    anchor: str
    comment: str
    changes: list[Changed]
    marks: list[MarkLine] = field(default_factory=list)
    notes: list[NoteLine] = field(default_factory=list)

    @property
    def was(self) -> int | str | None:
        return self.changes[0].was if self.changes else None

    @property
    def was_words(self) -> int | str | None:
        """The earlier answer as it is said: a point as its number, a mark as its words."""
        return str(Mark(self.was).label) if isinstance(self.was, str) else self.was


@dataclass(frozen=True)
class AreaOfRatings:
    name: str
    lines: list[RatingLine]


@dataclass(frozen=True)
class GoalLine:
    goal: Goal
    result: str
    rating: RatingLine | None


@dataclass(frozen=True)
class QuestionLine:
    """A question of the cycle's own, and the answer."""

    text: str
    answer: str


@dataclass(frozen=True)
class Moment:
    """One step of what happened to a packet. `at` is an instant or a day; a step to come has the last
    day for it, `until`."""

    words: str
    at: datetime | date | None = None
    until: date | None = None
    by: str = ""


@dataclass
class _About:
    """What was found about one subject, before it becomes a line."""

    competency: Competency | None = None
    history: list[RatingEvent] = field(default_factory=list)
    comment: str = ""
    marks: list[StatementMark] = field(default_factory=list)
    notes: list[EvidenceNote] = field(default_factory=list)


@dataclass(frozen=True)
class Parts:
    """All lines of a packet."""

    whole: RatingLine | None
    areas: list[AreaOfRatings]
    goals: list[GoalLine]
    questions: list[QuestionLine]
    histories: Mapping[Subject, Sequence[RatingEvent]]

    @property
    def untouched(self) -> bool:
        """Whether the overall rating is the manager's still."""
        return all(e.source == RatingSource.MANAGER for e in self.histories.get(THE_WHOLE, ()))

    @property
    def has_unexplained_change(self) -> bool:
        return any(
            event.source != RatingSource.MANAGER and not event.reason.strip()
            for history in self.histories.values()
            for event in history
        )


def parts_of_packet(
    participant: Participant,
    review_id: int | None,
    points: Sequence[ScalePoint],
    *,
    sees_changes: bool,
) -> Parts:
    """At most 5 queries: goals, ratings, the review's items, the notes of these, marks; 1 query
    without a submitted review."""
    goals = list(participant.goals.all())
    if review_id is None:
        lines = [_goal(goal, None) for goal in goals]
        return Parts(None, [], lines, [], {})
    found: dict[Subject, _About] = {}
    for event in _events(participant):
        one = found.setdefault(_subject(event), _About())
        one.history.append(event)
        one.competency = event.competency or one.competency
    questions = []
    for item in _items(review_id):
        if item.question is not None:
            if item.comment.strip():
                rank = (item.question.position, item.question.pk)
                questions.append((rank, QuestionLine(item.question.text, item.comment)))
            continue
        one = found.setdefault(_subject(item), _About())
        one.competency = item.competency or one.competency
        one.comment = item.comment
        one.notes = list(item.notes.all())
    for mark in _marks(review_id):
        competency = mark.statement.competency
        one = found.setdefault((COMPETENCY, competency.pk), _About())
        one.competency = one.competency or competency
        one.marks.append(mark)
    lines_by = {
        subject: _line(subject, about, participant, points, sees_changes)
        for subject, about in found.items()
    }
    whole = lines_by.get(THE_WHOLE)
    return Parts(
        whole=whole if whole is not None and whole.answer is not None else None,
        areas=_areas(found, lines_by),
        goals=[_goal(goal, lines_by.get((GOAL, goal.pk))) for goal in goals],
        questions=[line for _rank, line in sorted(questions, key=lambda pair: pair[0])],
        histories={subject: about.history for subject, about in found.items() if about.history},
    )


def _subject(row: RatingEvent | ReviewItem) -> Subject:
    if row.competency_id is not None:
        return (COMPETENCY, row.competency_id)
    return (GOAL, row.goal_id) if row.goal_id is not None else THE_WHOLE


def _events(participant: Participant) -> Iterable[RatingEvent]:
    """The history of each rating, oldest first. 1 query."""
    rows = RatingEvent.objects.filter(participant=participant)
    return rows.select_related("competency__area").order_by("sequence")


def _items(review_id: int) -> Iterable[ReviewItem]:
    """2 queries: what was written, and the notes it rests on, oldest first."""
    # PRIVACY: no gate of notes here on purpose: a linked note is part of the review, and is read by
    # whoever reads that part.
    notes = EvidenceNote.objects.select_related("author").order_by("happened_on", "pk")
    return (
        ReviewItem.objects.filter(review=review_id)
        .select_related("competency__area", "question")
        .prefetch_related(Prefetch("notes", queryset=notes))
        .order_by("pk")
    )


def _marks(review_id: int) -> Iterable[StatementMark]:
    """1 query, in the order of the ladder."""
    return (
        StatementMark.objects.filter(review=review_id)
        .select_related("statement__competency__area", "statement__level")
        .order_by("statement__level__position", "statement__position", "pk")
    )


def _line(
    subject: Subject,
    about: _About,
    participant: Participant,
    points: Sequence[ScalePoint],
    sees_changes: bool,
) -> RatingLine:
    newest = about.history[-1] if about.history else None
    answer = _answer(newest) if newest is not None else None
    point = next((p for p in points if p.value == answer), None)
    return RatingLine(
        subject=subject,
        name=about.competency.name if about.competency is not None else "",
        answer=answer,
        label=point.label if point else "",
        anchor=point.anchor if point else "",
        comment=about.comment,
        changes=_changes(about.history, sees_changes),
        marks=[_mark(mark, participant) for mark in about.marks],
        notes=[NoteLine(n.happened_on, n.author.name, n.text) for n in about.notes],
    )


def _mark(mark: StatementMark, participant: Participant) -> MarkLine:
    shown, own, level = Shown(mark.mark), participant.level, mark.statement.level
    is_beyond = (
        own is not None
        and level is not None
        and level.track_id == own.track_id
        and level.position > own.position
    )
    return MarkLine(
        mark.statement.text, mark.mark, str(shown.label), MARK_TONES.get(shown, ""), is_beyond
    )


def _areas(
    found: Mapping[Subject, _About], lines: Mapping[Subject, RatingLine]
) -> list[AreaOfRatings]:
    """The lines of competencies about which anything is said, in the order of the ladder."""
    places: list[tuple[Any, str, RatingLine]] = []
    for subject, about in found.items():
        line, competency = lines[subject], about.competency
        if competency is None or not (line.answer or line.comment or line.marks or line.notes):
            continue
        area = competency.area
        rank = (area.position if area else 0, competency.position, competency.pk)
        places.append((rank, area.name if area else "", line))
    areas: dict[str, list[RatingLine]] = {}
    for _rank, name, line in sorted(places, key=lambda place: place[0]):
        areas.setdefault(name, []).append(line)
    return [AreaOfRatings(name, inside) for name, inside in areas.items()]


def _goal(goal: Goal, line: RatingLine | None) -> GoalLine:
    said = line is not None and bool(line.answer or line.comment or line.notes)
    return GoalLine(
        goal, goal_result(goal.comparator, goal.target, goal.actual), line if said else None
    )


def _answer(event: RatingEvent) -> int | str | None:
    return event.value if event.value is not None else event.mark or None


def _changes(history: Sequence[RatingEvent], sees_changes: bool) -> list[Changed]:
    """Changes after the manager's own review. What a dispute changed is never hidden."""
    changes = []
    for before, event in pairwise(history):
        by_dispute = event.source == RatingSource.DISPUTE
        if event.source != RatingSource.MANAGER and (sees_changes or by_dispute):
            changes.append(Changed(_answer(before), by_dispute, event.reason))
    return changes


def moments_of(participant: Participant) -> list[Moment]:
    """What happened to the packet, in its order, and what is still to come. 0 queries.

    Statuses only: the words of a reply or of a dispute stand beside it for those who read them.
    """
    moments = []
    if participant.released_at is not None:
        moments.append(Moment(_("Released"), participant.released_at))
    if participant.acknowledged_at is not None:
        moments.append(
            Moment(_("Received, which does not mean agreed"), participant.acknowledged_at)
        )
    dispute = getattr(participant, "dispute", None)
    if dispute is not None:
        moments.append(Moment(_("Disputed"), dispute.opened_at, by=participant.person.name))
        if dispute.answered_at is not None:
            by = dispute.answered_by.name
            moments.append(Moment(_("Answered by the manager"), dispute.answered_at, by=by))
    if participant.talked_on is not None:
        at = next((n for n, m in enumerate(moments) if _day(m.at) > participant.talked_on), None)
        talk = Moment(_("Talked about it"), participant.talked_on)
        moments.insert(len(moments) if at is None else at, talk)
    if dispute is not None:
        moments += _still_open(participant, dispute)
    return moments


def _still_open(participant: Participant, dispute: Any) -> list[Moment]:
    if dispute.settled_at is not None:
        return [Moment(_("Decided"), dispute.settled_at, by=dispute.settled_by.name)]
    waits = [Moment(_("The manager answers in writing"), until=dispute.answer_on)]
    return [
        *([] if dispute.answered_at is not None else waits),
        Moment(_("A third person decides"), until=dispute.decide_on, by=dispute.arbiter.name),
    ]


def _day(at: datetime | date | None) -> date:
    if isinstance(at, datetime):
        return at.date()
    return at or date.min
