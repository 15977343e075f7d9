"""What stands on the desk of a review: its cards. No reads here, only values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.ladders.expectations import INHERITED, ExpectedCompetency, ExpectedStatement
from apps.reviews.models import Goal
from apps.reviews.rules.fields import anchor_of, field_name
from apps.reviews.rules.goals import goal_result
from apps.reviews.rules.ratings import COMPETENCY, GOAL, QUESTION, STATEMENT, Rating, Subject
from apps.reviews.rules.writing import Content, Doubt, Seen, seen
from apps.reviews.states import Mark, ReviewKind, Shown

MOST_INHERITED = 3
MARKS = dict(Shown.choices)


def mark_choices() -> list[tuple[str, str]]:
    """What can be said of a statement, "nothing" first."""
    return [("", _("No mark")), *((value, str(label)) for value, label in Shown.choices)]


@dataclass(frozen=True)
class Point:
    """A point of the scale, as it is drawn."""

    value: int
    label: str
    anchor: str


@dataclass(frozen=True)
class Said:
    """A rating with its words: what another review, or the last cycle, says of the same thing."""

    value: int | str | None
    label: str
    comment: str = ""
    seen_words: str = ""


@dataclass(frozen=True)
class Past:
    """How one thing was rated in an earlier cycle."""

    cycle: str
    said: Said


@dataclass(frozen=True)
class NoteLine:
    """A note beside a part. `is_private`: nobody but its author reads it until it is linked."""

    note_id: int
    text: str
    happened_on: date
    author: str
    is_private: bool = False
    is_linked: bool = False


@dataclass(frozen=True)
class StatementLine:
    """A statement of the ladder, whence it comes, and what this review says of it."""

    statement_id: int
    text: str
    label: str
    origin: str
    origin_title: str
    mark: str

    @classmethod
    def of(cls, line: ExpectedStatement, marks: Mapping[int, str]) -> StatementLine:
        return cls(
            line.statement_id,
            line.text,
            line.label,
            line.origin,
            line.origin_title,
            marks.get(line.statement_id, ""),
        )

    @property
    def name(self) -> str:
        return field_name((STATEMENT, self.statement_id), "shown")

    @property
    def mark_words(self) -> str:
        return str(MARKS.get(self.mark, ""))


@dataclass(frozen=True)
class Card:
    """What the cards of competencies and goals have in common."""

    subject: Subject
    name: str
    value: str
    comment: str
    is_done: bool
    answer: Said | None
    own: Said | None
    notes: Sequence[NoteLine]

    @property
    def anchor(self) -> str:
        return anchor_of(self.subject)

    @property
    def value_name(self) -> str:
        return f"{self.anchor}-value"

    @property
    def scale_id(self) -> str:
        return f"{self.anchor}-scale"

    @property
    def linked(self) -> list[NoteLine]:
        return [note for note in self.notes if note.is_linked]


@dataclass(frozen=True)
class CompetencyCard(Card):
    """One competency on the desk: what is expected, what is written, what stands beside it."""

    expected: ExpectedCompetency
    lines: Sequence[StatementLine]
    seen: Seen
    history: Sequence[Past]
    before: Said | None
    hints: tuple[str, ...]
    weight: int = 1
    other_marks: Sequence[StatementLine] = ()

    @property
    def folded_statements(self) -> Sequence[StatementLine]:
        """What lower levels ask, when it is so much that it would bury what this level asks."""
        lower = [line for line in self.lines if line.origin == INHERITED]
        return lower if len(lower) > MOST_INHERITED else ()

    @property
    def open_statements(self) -> Sequence[StatementLine]:
        folded = set(self.folded_statements)
        return [line for line in self.lines if line not in folded]

    @property
    def marked(self) -> list[StatementLine]:
        """The statements that something is said of, those of the next level last."""
        return [*(line for line in self.lines if line.mark), *self.other_marks]

    @property
    def seen_words(self) -> str:
        return seen_words(self.seen)


@dataclass(frozen=True)
class GoalCard(Card):
    goal: Goal
    result: str

    @property
    def target_words(self) -> str:
        if self.goal.target is None:
            return _("to be judged in words")
        comparator = self.goal.get_comparator_display()
        return f"{comparator} {_number(self.goal.target)} {self.goal.spoken_unit}".strip()

    @property
    def actual_words(self) -> str:
        if self.goal.actual is None:
            return _("no figure yet")
        return f"{_number(self.goal.actual)} {self.goal.spoken_unit}".strip()


@dataclass(frozen=True)
class Question:
    """A question of the cycle's own, as the form asks it."""

    question_id: int
    text: str
    hint: str
    is_required: bool


@dataclass(frozen=True)
class QuestionCard:
    question: Question
    comment: str
    own: str

    @property
    def name(self) -> str:
        return self.question.text

    @property
    def anchor(self) -> str:
        return anchor_of((QUESTION, self.question.question_id))

    @property
    def is_done(self) -> bool:
        return bool(self.comment.strip()) or not self.question.is_required


@dataclass(frozen=True)
class AreaPart:
    """A chip and the cards below it."""

    anchor: str
    name: str
    cards: Sequence[Any]

    @property
    def done(self) -> int:
        return sum(card.is_done for card in self.cards)

    @property
    def total(self) -> int:
        return len(self.cards)


def _number(value: Decimal) -> str:
    return number_format(value.normalize(), use_l10n=True)


def seen_words(found: Seen) -> str:
    """What the marks say, in words: "6 of 8 shown, 2 of them clear strengths, 1 not yet"."""
    if not found.is_anything:
        return ""
    shown = found.strengths + found.shown
    said = [_("%(count)d of %(total)d shown") % {"count": shown, "total": found.of}]
    if found.strengths:
        said.append(
            ngettext(
                "%(count)d of them a clear strength",
                "%(count)d of them clear strengths",
                found.strengths,
            )
            % {"count": found.strengths}
        )
    if found.not_yet:
        said.append(_("%(count)d not yet") % {"count": found.not_yet})
    if found.no_opportunity:
        said.append(_("%(count)d without an opportunity") % {"count": found.no_opportunity})
    return ", ".join(said)


class Words:
    """The scale in words."""

    def __init__(self, points: Sequence[Point]) -> None:
        self.points = points
        self.values = [point.value for point in points]
        self.labels: dict[str, str] = {str(point.value): point.label for point in points}
        self.labels |= {str(value): str(label) for value, label in Mark.choices}

    @property
    def highest(self) -> int:
        return max(self.values, default=0)

    def said(self, rating: Rating, comment: str = "", seen: str = "") -> Said:
        value = rating.mark or rating.value
        return Said(value, self.labels.get(str(value), ""), comment, seen)


@dataclass(frozen=True)
class Sources:
    """What cards are made of: what is written here and in the self review, and what is remembered."""

    kind: str
    mine: Content
    other: Content
    history: Mapping[Subject, Sequence[tuple[str, Rating]]]
    before: Mapping[Subject, Rating]
    words: Words
    doubts: Sequence[Doubt]
    notes: Mapping[Subject, Sequence[NoteLine]]
    weights: Mapping[str, int]


class Cards:
    """Makes the cards of the desk."""

    def __init__(self, sources: Sources, marked: Iterable[tuple[int, StatementLine]]) -> None:
        self.of = sources
        self.my_ratings, self.other_ratings = sources.mine.ratings(), sources.other.ratings()
        self.my_comments = sources.mine.commented()
        self.my_marks, self.other_marks = sources.mine.marks(), sources.other.marks()
        self.marked = list(marked)
        self.hints: dict[Subject, list[str]] = {}
        for doubt in sources.doubts:
            if doubt.subject is not None:
                self.hints.setdefault(doubt.subject, []).append(self._hint(doubt))

    def competency(self, expected: ExpectedCompetency) -> CompetencyCard:
        subject = (COMPETENCY, expected.competency_id)
        history = self.of.history.get(subject, ())
        lines = [StatementLine.of(line, self.my_marks) for line in expected.statements]
        here = {line.statement_id for line in lines}
        return CompetencyCard(
            **self._common(subject, expected.name, here),
            expected=expected,
            lines=lines,
            seen=seen(self.my_marks, here),
            history=[Past(cycle, self.of.words.said(rating)) for cycle, rating in history],
            before=self.of.words.said(self.of.before[subject])
            if subject in self.of.before
            else None,
            hints=tuple(self.hints.get(subject, ())),
            weight=self.of.weights.get(expected.area_key, 1),
            other_marks=[
                line
                for competency_id, line in self.marked
                if competency_id == expected.competency_id and line.statement_id not in here
            ],
        )

    def goal(self, goal: Goal) -> GoalCard:
        return GoalCard(
            **self._common((GOAL, goal.pk), goal.text, ()),
            goal=goal,
            result=goal_result(goal.comparator, goal.target, goal.actual),
        )

    def question(self, question: Question) -> QuestionCard:
        subject = (QUESTION, question.question_id)
        return QuestionCard(question, self._text(subject, "comment"), "")

    def _common(self, subject: Subject, name: str, statements: Iterable[int]) -> dict[str, Any]:
        return {
            "subject": subject,
            "name": name,
            "value": self._text(subject, "value"),
            "comment": self._text(subject, "comment"),
            "is_done": subject in self.my_ratings
            or (self.of.kind == ReviewKind.SELF and subject in self.my_comments),
            "answer": self._answer(subject),
            "own": self._own(subject, statements),
            "notes": self.of.notes.get(subject, ()),
        }

    def _text(self, subject: Subject, column: str) -> str:
        return self.of.mine.fields.get(field_name(subject, column), "")

    def _answer(self, subject: Subject) -> Said | None:
        rating = self.my_ratings.get(subject)
        return self.of.words.said(rating) if rating is not None else None

    def _own(self, subject: Subject, statements: Iterable[int]) -> Said | None:
        """What the person says of themself here."""
        rating = self.other_ratings.get(subject, Rating(None))
        comment = self.of.other.fields.get(field_name(subject, "comment"), "")
        marks = seen_words(seen(self.other_marks, statements))
        if not (rating.is_given or comment or marks):
            return None
        return self.of.words.said(rating, comment, marks)

    def _hint(self, doubt: Doubt) -> str:
        if doubt.why == "jump" and doubt.subject is not None:
            now = self.my_ratings[doubt.subject].value or 0
            return _jump_words(now - (self.of.before[doubt.subject].value or 0))
        return str(_("An outer point without a comment"))


def _jump_words(steps: int) -> str:
    if steps > 0:
        return ngettext(
            "%(count)d step above the last cycle", "%(count)d steps above the last cycle", steps
        ) % {"count": steps}
    return ngettext(
        "%(count)d step below the last cycle", "%(count)d steps below the last cycle", -steps
    ) % {"count": -steps}
