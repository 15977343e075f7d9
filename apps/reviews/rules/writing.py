"""What a review holds, field by field: which fields there are, what may stand in them, how two
writers' changes meet, and what is still missing before it can be handed in.

A review is seen here as a flat mapping from field name to text: `c12-value` (a point, or one of
the two marks in its place), `c12-comment`, the same with `g` for a goal, and a few of the whole.
An empty field is not in the mapping.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from apps.reviews.rules.ratings import (
    COMPETENCY,
    GOAL,
    THE_WHOLE,
    Rating,
    Subject,
    all_the_same,
    departs,
    jumps,
    profile,
)

LONGEST_TEXT = 64 * 1024  # bytes of UTF-8 in one field
MARKS = frozenset({"not_enough_evidence", "not_applicable"})
PROMOTIONS = frozenset({"not_yet", "soon", "ready"})
ITEM = re.compile(r"([cg])([1-9][0-9]{0,17})-(value|comment)")
# PRIVACY: a self review has no field that its subject could not read, and none for the committee.
WHOLE_FIELDS = {
    "self": frozenset({"summary"}),
    "manager": frozenset({"summary", "overall", "departure", "promotion", "private_note"}),
}
MINUTES_PER_ITEM, MINUTES_FOR_THE_WHOLE = 4, 10

Fields = Mapping[str, str]


class Unstorable(Exception):
    """A field cannot be kept exactly as it was typed, so it is refused before anything is lost.

    `why` is one of unknown, not_a_choice, too_long, nul, surrogate.
    """

    def __init__(self, name: str, why: str) -> None:
        super().__init__(f"{name}: {why}")
        self.name, self.why = name, why


@dataclass(frozen=True)
class Part:
    """One field, taken apart: what it is about (None for the whole review) and which of its columns."""

    subject: Subject | None
    column: str


def part_of(name: str) -> Part | None:
    """What the field `name` is about, or None when no review has such a field."""
    if match := ITEM.fullmatch(name):
        kind = COMPETENCY if match[1] == "c" else GOAL
        return Part((kind, int(match[2])), match[3])
    if any(name in names for names in WHOLE_FIELDS.values()):
        return Part(None, name)
    return None


def field_name(subject: Subject, column: str) -> str:
    return f"{'c' if subject[0] == COMPETENCY else 'g'}{subject[1]}-{column}"


def checked(changed: Fields, *, kind: str, highest: int) -> dict[str, str]:
    """The same fields, once each is known to be of this kind of review and storable as it is.

    Arguments: `kind` "self" or "manager"; `highest` the top of the scale. Errors: Unstorable.
    """
    for name, text in changed.items():
        part = part_of(name)
        if part is None or (part.subject is None and part.column not in WHOLE_FIELDS[kind]):
            raise Unstorable(name, "unknown")
        _check_text(name, text)
        if text and not _is_choice(part.column, text, highest):
            raise Unstorable(name, "not_a_choice")
    return dict(changed)


def _check_text(name: str, text: str) -> None:
    if "\0" in text:
        raise Unstorable(name, "nul")
    try:
        size = len(text.encode())
    except UnicodeEncodeError as half:
        raise Unstorable(name, "surrogate") from half
    if size > LONGEST_TEXT:
        raise Unstorable(name, "too_long")


def _is_choice(column: str, text: str, highest: int) -> bool:
    points = {str(point) for point in range(1, highest + 1)}
    match column:
        case "value":
            return text in points or text in MARKS
        case "overall":
            return text in points
        case "promotion":
            return text in PROMOTIONS
        case _:
            return True


def rating_in(text: str) -> Rating:
    """A point or a mark from the text of a `-value` field."""
    return Rating(None, text) if text in MARKS else Rating(int(text) if text else None)


@dataclass(frozen=True)
class Content:
    """A review as it stands: its filled fields, and at which revision each field last changed."""

    fields: Fields = field(default_factory=dict)
    since: Mapping[str, int] = field(default_factory=dict)

    def ratings(self) -> dict[Subject, Rating]:
        """Points and marks of competencies and goals; what is not rated is not there."""
        found = {}
        for name, text in self.fields.items():
            part = part_of(name)
            if part is not None and part.subject is not None and part.column == "value":
                found[part.subject] = rating_in(text)
        return found

    def commented(self) -> set[Subject]:
        """What has a comment with something in it."""
        parts = ((part_of(name), text) for name, text in self.fields.items())
        return {
            part.subject
            for part, text in parts
            if part and part.subject and part.column == "comment" and text.strip()
        }

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
    """Something to write before handing in. `why`: rate, rate_or_comment, summary, overall, departure."""

    subject: Subject | None
    why: str


def missing_parts(content: Content, expected: Iterable[Subject], *, kind: str) -> list[Missing]:
    """What stands between this content and handing it in, in the order of the form.

    A manager rates (or marks) everything; in a self review a sentence may stand in place of a
    rating, since people who find it hard to rate themselves still have something to say.
    """
    rated, commented = content.ratings(), content.commented()
    if kind == "self":
        gaps = [
            Missing(s, "rate_or_comment") for s in expected if s not in rated and s not in commented
        ]
    else:
        gaps = [Missing(s, "rate") for s in expected if s not in rated]
    return gaps + missing_of_the_whole(content, expected=None, kind=kind)


def missing_of_the_whole(
    content: Content, *, expected: Iterable[Subject] | None, kind: str
) -> list[Missing]:
    """The same without the items. `expected` None: every competency with a point counts."""
    gaps = []
    if not content.fields.get("summary", "").strip():
        gaps.append(Missing(None, "summary"))
    if kind == "self":
        return gaps
    if content.overall is None:
        gaps.append(Missing(None, "overall"))
    if needs_departure(content, expected) and not content.fields.get("departure", "").strip():
        gaps.append(Missing(None, "departure"))
    return gaps


def needs_departure(content: Content, expected: Iterable[Subject] | None = None) -> bool:
    """The overall rating is a step or more from the median of the competencies' points."""
    wanted = None if expected is None else set(expected)
    ratings = [
        rating
        for subject, rating in content.ratings().items()
        if subject[0] == COMPETENCY and (wanted is None or subject in wanted)
    ]
    return departs(content.overall, profile(ratings, ()).median)


def written_count(content: Content, *, kind: str) -> int:
    """How many competencies and goals have what handing in asks of them."""
    done = set(content.ratings())
    if kind == "self":
        done |= content.commented()
    return len(done)


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
