"""What stands on the desk of a review, in words: cards, lists, hints. No reads here, only values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.ladders.expectations import INHERITED, ExpectedCompetency, ExpectedStatement
from apps.reviews.models import Goal, Review
from apps.reviews.rules.goals import goal_result
from apps.reviews.rules.ratings import COMPETENCY, GOAL, THE_WHOLE, Rating, Subject
from apps.reviews.rules.writing import Content, Doubt, Missing, field_name
from apps.reviews.states import Mark, ReviewKind, ReviewState

MOST_INHERITED = 3


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


@dataclass(frozen=True)
class CompetencyCard:
    """One competency on the desk: what is expected, what is written, what stands beside it."""

    expected: ExpectedCompetency
    anchor: str
    value: str
    comment: str
    is_done: bool
    answer: Said | None
    own: Said | None
    before: Said | None
    hints: tuple[str, ...]

    @property
    def name(self) -> str:
        return self.expected.name

    @property
    def value_name(self) -> str:
        return f"{self.anchor}-value"

    @property
    def scale_id(self) -> str:
        return f"{self.anchor}-scale"

    @property
    def _lower(self) -> list[ExpectedStatement]:
        return [s for s in self.expected.statements if s.origin == INHERITED]

    @property
    def folded_statements(self) -> Sequence[ExpectedStatement]:
        """What lower levels ask, when it is so much that it would bury what this level asks."""
        return self._lower if len(self._lower) > MOST_INHERITED else ()

    @property
    def open_statements(self) -> Sequence[ExpectedStatement]:
        folded = set(self.folded_statements)
        return [s for s in self.expected.statements if s not in folded]


@dataclass(frozen=True)
class GoalCard:
    goal: Goal
    anchor: str
    value: str
    comment: str
    is_done: bool
    result: str
    answer: Said | None
    own: Said | None

    @property
    def name(self) -> str:
        return self.goal.text

    @property
    def value_name(self) -> str:
        return f"{self.anchor}-value"

    @property
    def scale_id(self) -> str:
        return f"{self.anchor}-scale"

    @property
    def target_words(self) -> str:
        if self.goal.target is None:
            return _("to be judged in words")
        comparator = self.goal.get_comparator_display()
        return f"{comparator} {_number(self.goal.target)} {self.goal.unit}".strip()

    @property
    def actual_words(self) -> str:
        if self.goal.actual is None:
            return _("no figure yet")
        return f"{_number(self.goal.actual)} {self.goal.unit}".strip()


@dataclass(frozen=True)
class AreaPart:
    """A chip and the cards below it."""

    anchor: str
    name: str
    cards: Sequence[CompetencyCard | GoalCard]

    @property
    def done(self) -> int:
        return sum(card.is_done for card in self.cards)

    @property
    def total(self) -> int:
        return len(self.cards)


@dataclass(frozen=True)
class MissingLine:
    anchor: str
    name: str
    section: str
    words: str


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


def _number(value: Decimal) -> str:
    return number_format(value.normalize(), use_l10n=True)


class Words:
    """The scale in words."""

    def __init__(self, points: Sequence[Point]) -> None:
        self.values = [point.value for point in points]
        self.labels: dict[str, str] = {str(point.value): point.label for point in points}
        self.labels |= {str(value): str(label) for value, label in Mark.choices}

    def said(self, rating: Rating, comment: str = "") -> Said:
        value = rating.mark or rating.value
        return Said(value, self.labels.get(str(value), ""), comment)


class Cards:
    """Makes the cards of the desk from what is written, expected and remembered."""

    def __init__(
        self,
        kind: str,
        mine: Content,
        other: Content,
        before: Mapping[Subject, Rating],
        words: Words,
        found: Iterable[Doubt],
    ) -> None:
        self.kind, self.mine, self.before, self.words = kind, mine, before, words
        self.other_fields = other.fields
        self.my_ratings, self.other_ratings = mine.ratings(), other.ratings()
        self.my_comments = mine.commented()
        self.hints: dict[Subject, list[str]] = {}
        for doubt in found:
            if doubt.subject is not None:
                self.hints.setdefault(doubt.subject, []).append(self._hint(doubt))

    def competency(self, expected: ExpectedCompetency) -> CompetencyCard:
        subject = (COMPETENCY, expected.competency_id)
        return CompetencyCard(
            expected,
            f"c{expected.competency_id}",
            self._text(subject, "value"),
            self._text(subject, "comment"),
            self._is_done(subject),
            self._answer(subject),
            self._own(subject),
            self.words.said(self.before[subject]) if subject in self.before else None,
            tuple(self.hints.get(subject, ())),
        )

    def goal(self, goal: Goal) -> GoalCard:
        subject = (GOAL, goal.pk)
        return GoalCard(
            goal,
            f"g{goal.pk}",
            self._text(subject, "value"),
            self._text(subject, "comment"),
            self._is_done(subject),
            goal_result(goal.comparator, goal.target, goal.actual),
            self._answer(subject),
            self._own(subject),
        )

    def _text(self, subject: Subject, column: str) -> str:
        return self.mine.fields.get(field_name(subject, column), "")

    def _is_done(self, subject: Subject) -> bool:
        return subject in self.my_ratings or (
            self.kind == ReviewKind.SELF and subject in self.my_comments
        )

    def _answer(self, subject: Subject) -> Said | None:
        rating = self.my_ratings.get(subject)
        return self.words.said(rating) if rating is not None else None

    def _own(self, subject: Subject) -> Said | None:
        """What the person says of themself here."""
        rating = self.other_ratings.get(subject, Rating(None))
        comment = self.other_fields.get(field_name(subject, "comment"), "")
        return self.words.said(rating, comment) if rating.is_given or comment else None

    def _hint(self, doubt: Doubt) -> str:
        if doubt.why == "jump" and doubt.subject is not None:
            now = self.my_ratings[doubt.subject].value or 0
            return _jump_words(now - (self.before[doubt.subject].value or 0))
        return str(_("An outer point without a comment"))


def _jump_words(steps: int) -> str:
    if steps > 0:
        return ngettext(
            "%(count)d step above the last cycle", "%(count)d steps above the last cycle", steps
        ) % {"count": steps}
    return ngettext(
        "%(count)d step below the last cycle", "%(count)d steps below the last cycle", -steps
    ) % {"count": -steps}


def readable_texts(content: Content, *, is_mine: bool) -> dict[str, str]:
    """The review's own fields. PRIVACY: the private note and the word on promotion are, as the form
    says, for their author and the committee, which reads them on its own page."""
    names = {"summary", "overall", "departure"}
    if is_mine:
        names |= {"promotion", "private_note"}
    return {name: content.fields.get(name, "") for name in names}


def self_review_of(one: Any) -> SelfReview:
    if one.kind == ReviewKind.SELF or one.self_state is None:
        return SelfReview("none")
    if one.self_id is not None:
        return SelfReview("open", one.self_id, one.self_summary or "")
    return SelfReview("sealed" if one.self_state == ReviewState.SUBMITTED else "awaited")


def progress(state: str, count: int, total: int, self_state: str | None) -> tuple[str, str]:
    if state == ReviewState.SUBMITTED:
        return _("Submitted"), "good"
    if count:
        return _("%(count)d of %(total)d rated") % {"count": count, "total": max(count, total)}, ""
    if self_state == ReviewState.DRAFT:
        return _("Waits for the self review"), ""
    return _("Not started"), ""


def profile_title(one: Review) -> str:
    role = one.participant.role_profile
    return role.title if role else ""


def subject_of(competency_id: int | None, goal_id: int | None) -> Subject:
    if competency_id is not None:
        return (COMPETENCY, competency_id)
    return THE_WHOLE if goal_id is None else (GOAL, goal_id)


def _whole_names() -> dict[str, str]:
    return {
        "summary": _("Summary"),
        "overall": _("Overall rating"),
        "departure": _("Why the overall rating departs from the profile"),
        "promotion": _("Promotion"),
        "private_note": _("Private note for the committee"),
    }


def name_of(name: str, parts: Iterable[AreaPart]) -> str:
    """A field in words: "Ownership: comment"."""
    anchor, _dash, column = name.partition("-")
    for part in parts:
        for card in part.cards:
            if card.anchor == anchor:
                kind = _("rating") if column == "value" else _("comment")
                return f"{card.name}: {kind}"
    return _whole_names().get(name, name)


def missing_lines(gaps: Iterable[Missing], parts: Iterable[AreaPart]) -> list[MissingLine]:
    places = {card.anchor: (part, card) for part in parts for card in part.cards}
    say = {
        "rate": _("not rated yet"),
        "rate_or_comment": _("nothing written yet"),
        "summary": _("nothing written yet"),
        "overall": _("not chosen yet"),
        "departure": _("one sentence is due"),
    }
    lines = []
    for gap in gaps:
        if gap.subject is None:
            name = _whole_names()[gap.why]
            lines.append(MissingLine(f"field-{gap.why}", name, _("Summary"), say[gap.why]))
        else:
            anchor = f"{'c' if gap.subject[0] == COMPETENCY else 'g'}{gap.subject[1]}"
            part, card = places[anchor]
            lines.append(MissingLine(anchor, card.name, part.name, say[gap.why]))
    return lines


def missing_problem(gaps: Sequence[Missing]) -> str:
    return ngettext(
        "%(count)d thing is still missing.", "%(count)d things are still missing.", len(gaps)
    ) % {"count": len(gaps)}


def doubt_lines(found: Iterable[Doubt], parts: Iterable[AreaPart]) -> list[MissingLine]:
    names = {card.anchor: card.name for part in parts for card in part.cards}
    say = {
        "jump": _("two steps or more from the last cycle"),
        "bare_extreme": _("an outer point without a comment"),
        "all_the_same": _("every competency has the same rating"),
    }
    lines = []
    for doubt in found:
        if doubt.subject is None:
            name = _("All ratings") if doubt.why == "all_the_same" else _("Overall rating")
            lines.append(MissingLine("field-overall", name, "", say[doubt.why]))
        else:
            anchor = f"{'c' if doubt.subject[0] == COMPETENCY else 'g'}{doubt.subject[1]}"
            lines.append(MissingLine(anchor, names.get(anchor, ""), "", say[doubt.why]))
    return lines


def conflict_lines(
    theirs: Mapping[str, str], mine: Mapping[str, str], parts: Iterable[AreaPart], words: Words
) -> list[tuple[str, str, str, str]]:
    """(anchor, field in words, what was typed, what is saved)."""
    say = words.labels.get
    return [
        (
            f"{name.partition('-')[0]}" if "-" in name else f"field-{name}",
            name_of(name, parts),
            say(mine.get(name, ""), mine.get(name, "")),
            say(text, text),
        )
        for name, text in theirs.items()
    ]
