"""What a review holds: how two writers' changes meet, what is still missing before it can be handed
in, and what a second look may be worth.

A review is seen here as a flat mapping from field name (rules.fields) to text. An empty field is not
in the mapping.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from apps.reviews.rules.fields import (
    NO_OPPORTUNITY,
    NOT_YET,
    SHOWN,
    STRENGTH,
    Fields,
    Shape,
    notes_in,
    part_of,
    rating_in,
)
from apps.reviews.rules.ratings import (
    COMPETENCY,
    GOAL,
    QUESTION,
    STATEMENT,
    THE_WHOLE,
    Rating,
    Subject,
    all_the_same,
    departs,
    jumps,
    profile,
)

MINUTES_PER_ITEM, MINUTES_FOR_THE_WHOLE = 4, 10


@dataclass(frozen=True)
class Content:
    """A review as it stands: its filled fields, and at which revision each field last changed."""

    fields: Fields = field(default_factory=dict)
    since: Mapping[str, int] = field(default_factory=dict)

    def ratings(self) -> dict[Subject, Rating]:
        """Points and marks of competencies and goals; what is not rated is not there."""
        return {subject: rating_in(text) for subject, text in self._column("value")}

    def commented(self) -> set[Subject]:
        """What has a comment with something in it."""
        return {subject for subject, text in self._column("comment") if text.strip()}

    def marks(self) -> dict[int, str]:
        """What was said of single statements, by the statement's id."""
        return {s[1]: text for s, text in self._column("shown") if s[0] == STATEMENT}

    def notes(self) -> dict[Subject, list[int]]:
        """The evidence that each part rests on, by the notes' ids."""
        return {s: notes_in(text) for s, text in self._column("notes")}

    def _column(self, column: str) -> Iterable[tuple[Subject, str]]:
        parts = ((part_of(name), text) for name, text in self.fields.items())
        return ((p.subject, text) for p, text in parts if p and p.subject and p.column == column)

    @property
    def overall(self) -> int | None:
        text = self.fields.get("overall", "")
        return int(text) if text else None


@dataclass(frozen=True)
class Merged:
    """What comes of a save: the content after it, what really changed, and what was in the way."""

    content: Content
    changed: Fields
    theirs: Fields


def merge(live: Content, changed: Fields, *, base: int, revision: int) -> Merged:
    """Lay a writer's changes over what stands now.

    Arguments: `changed` what the writer typed since revision `base`; `revision` the number that the
    result will have. Result: fields that nobody else touched since `base` are taken; when one of
    them was changed since, to another text, nothing at all is taken and `theirs` holds the texts
    that stand (empty where it was emptied).
    """
    mine = {name: text for name, text in changed.items() if live.fields.get(name, "") != text}
    theirs = {name: live.fields.get(name, "") for name in mine if live.since.get(name, 0) > base}
    if theirs:
        return Merged(live, {}, theirs)
    return Merged(laid_over(live, mine, revision=revision), mine, {})


def laid_over(live: Content, changed: Fields, *, revision: int) -> Content:
    """`live` with these fields in place of its own; an empty text takes a field away."""
    fields = {**live.fields, **changed}
    return Content(
        {name: text for name, text in fields.items() if text},
        {**live.since, **dict.fromkeys(changed, revision)},
    )


@dataclass(frozen=True)
class Missing:
    """Something to write before handing in. `why`: rate, rate_or_comment, comment, answer, summary,
    overall, departure."""

    subject: Subject | None
    why: str


def missing_parts(content: Content, expected: Iterable[Subject], *, shape: Shape) -> list[Missing]:
    """What stands between this content and handing it in, in the order of the form.

    A manager rates (or marks) everything; in a self review a sentence may stand in place of a
    rating, since people who find it hard to rate themselves still have something to say.
    """
    done = _done(content, shape)
    gaps = [Missing(s, _wanted(s, shape)) for s in expected if s not in done]
    return gaps + missing_of_the_whole(content, expected=None, shape=shape)


def _done(content: Content, shape: Shape) -> set[Subject]:
    rated = set(content.ratings())
    return rated if shape.is_manager else rated | content.commented()


def _wanted(subject: Subject, shape: Shape) -> str:
    if shape.is_manager:
        return "rate"
    return "rate_or_comment" if "ratings" in shape.parts else "comment"


def missing_of_the_whole(
    content: Content, *, expected: Iterable[Subject] | None, shape: Shape
) -> list[Missing]:
    """The same without the items. `expected` None: every competency with a point counts."""
    commented = content.commented()
    questions = [(QUESTION, pk) for pk in shape.required]
    gaps = [Missing(s, "answer") for s in questions if s not in commented]
    if not content.fields.get("summary", "").strip():
        gaps.append(Missing(None, "summary"))
    if not shape.is_manager:
        return gaps
    if content.overall is None:
        gaps.append(Missing(None, "overall"))
    departed = needs_departure(content, expected, weights=shape.weights)
    if departed and not content.fields.get("departure", "").strip():
        gaps.append(Missing(None, "departure"))
    return gaps


def needs_departure(
    content: Content,
    expected: Iterable[Subject] | None = None,
    *,
    weights: Mapping[int, int] | None = None,
) -> bool:
    """The overall rating is a step or more from the median of the competencies' points."""
    ratings = competency_ratings(content, expected)
    return departs(content.overall, profile(ratings, (), weights=weights).median)


def competency_ratings(
    content: Content, expected: Iterable[Subject] | None = None
) -> dict[int, Rating]:
    """The ratings that make the profile, by competency; None: of every one that has any."""
    wanted = None if expected is None else set(expected)
    return {
        subject[1]: rating
        for subject, rating in content.ratings().items()
        if subject[0] == COMPETENCY and (wanted is None or subject in wanted)
    }


def written_count(content: Content, *, shape: Shape) -> int:
    """How many competencies and goals have what handing in asks of them."""
    return sum(subject[0] in {COMPETENCY, GOAL} for subject in _done(content, shape))


@dataclass(frozen=True)
class Seen:
    """What the marks of one competency say, in numbers of statements. No points, and no share."""

    strengths: int
    shown: int
    not_yet: int
    no_opportunity: int
    of: int

    @property
    def is_anything(self) -> bool:
        return bool(self.strengths + self.shown + self.not_yet + self.no_opportunity)


def seen(marks: Mapping[int, str], statements: Iterable[int]) -> Seen:
    """Counts the marks of these statements; a strength is shown as well, and counted apart."""
    asked = list(statements)
    given = [marks.get(pk, "") for pk in asked]
    return Seen(
        given.count(STRENGTH),
        given.count(SHOWN),
        given.count(NOT_YET),
        given.count(NO_OPPORTUNITY),
        len(asked),
    )


@dataclass(frozen=True)
class Doubt:
    """Something that may well be meant, and is asked about once. `why`: jump, all_the_same, bare_extreme."""

    subject: Subject | None
    why: str


def doubts(
    content: Content, *, before: Mapping[Subject, Rating], points: Sequence[int], kind: str
) -> list[Doubt]:
    """What a second look may be worth. `before` the last cycle's final ratings, `points` the scale."""
    rated, commented = content.ratings(), content.commented()
    extremes = {points[0], points[-1]} if points else set()
    found = [
        Doubt(s, "bare_extreme")
        for s, rating in rated.items()
        if rating.value in extremes and s not in commented
    ]
    if kind == "manager":
        found += [
            Doubt(s, "jump")
            for s, rating in rated.items()
            if s in before and jumps(rating.value, before[s].value)
        ]
        if THE_WHOLE in before and jumps(content.overall, before[THE_WHOLE].value):
            found.append(Doubt(None, "jump"))
    if all_the_same(rating for s, rating in rated.items() if s[0] == COMPETENCY):
        found.append(Doubt(None, "all_the_same"))
    return found


def minutes_left(missing: Sequence[Missing]) -> int:
    """A kind guess: four minutes for each thing to rate, ten for the closing words."""
    items = sum(gap.subject is not None for gap in missing)
    whole = any(gap.subject is None for gap in missing)
    return items * MINUTES_PER_ITEM + (MINUTES_FOR_THE_WHOLE if whole else 0)
