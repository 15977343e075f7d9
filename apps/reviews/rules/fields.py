"""The fields of a review: their names, which of them a form has, and what may stand in them.

`c12-value` is a point (or one of the two marks in its place) for a competency, `c12-comment` the
words beside it, `c12-notes` the evidence it rests on; the same with `g` for a goal. `q7-comment`
answers a question of the cycle, `s31-shown` says what was seen of one statement of the ladder.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from apps.core.keys import keys_in
from apps.reviews.rules.ratings import COMPETENCY, GOAL, QUESTION, STATEMENT, Rating, Subject
from apps.reviews.rules.sections import MANAGER, parts_of

LONGEST_TEXT = 64 * 1024  # bytes of UTF-8 in one field
MOST_NOTES = 40  # linked in one part of a review
MARKS = frozenset({"not_enough_evidence", "not_applicable"})
PROMOTIONS = frozenset({"not_yet", "soon", "ready"})
# What is said of one statement. Four words, no points: none of them counts anywhere.
STRENGTH, SHOWN, NOT_YET, NO_OPPORTUNITY = "strength", "shown", "not_yet", "no_opportunity"
SEEN = (STRENGTH, SHOWN, NOT_YET, NO_OPPORTUNITY)
KINDS = {"c": COMPETENCY, "g": GOAL, "q": QUESTION, "s": STATEMENT}
LETTERS = {kind: letter for letter, kind in KINDS.items()}
ITEM = re.compile(
    r"(?:([cg])([1-9][0-9]{0,17})-(value|comment|notes)"
    r"|(q)([1-9][0-9]{0,17})-(comment)|(s)([1-9][0-9]{0,17})-(shown))"
)
# PRIVACY: a self review has no field that its subject could not read, and none for the committee.
WHOLE_FIELDS = {
    "self": ("summary",),
    "manager": ("summary", "overall", "departure", "promotion", "private_note"),
}
# The part of the form that a field of the whole belongs to, where it is not called the same.
PART_OF_FIELD = {"departure": "overall"}

Fields = Mapping[str, str]


class Unstorable(Exception):
    """A field cannot be kept exactly as it was typed, so it is refused before anything is lost.

    `why` is one of unknown, not_a_choice, no_note, too_long, nul, surrogate.
    """

    def __init__(self, name: str, why: str) -> None:
        super().__init__(f"{name}: {why}")
        self.name, self.why = name, why


@dataclass(frozen=True)
class Shape:
    """What the form of one kind of review holds in one cycle.

    `parts` as in rules.sections; `required` the questions that want an answer; `weights` how much a
    competency counts in the profile, by its id, where that is not 1.
    """

    kind: str
    parts: frozenset[str]
    required: tuple[int, ...] = ()
    weights: Mapping[int, int] = field(default_factory=dict)

    @classmethod
    def of(cls, kind: str, sections_off: Iterable[str] = (), **more: object) -> Shape:
        return cls(kind, parts_of(kind, sections_off), **more)  # type: ignore[arg-type]

    @property
    def is_manager(self) -> bool:
        return self.kind == MANAGER

    @property
    def whole_fields(self) -> tuple[str, ...]:
        """The fields that are about no one thing, in the order of the form."""
        return tuple(n for n in WHOLE_FIELDS[self.kind] if PART_OF_FIELD.get(n, n) in self.parts)

    def has(self, part: Part) -> bool:
        """Whether this form has such a field."""
        if part.subject is None:
            return part.column in self.whole_fields
        kind = part.subject[0]
        if kind == STATEMENT:
            return "marks" in self.parts
        if kind == GOAL and "goals" not in self.parts:
            return False
        return part.column != "value" or "ratings" in self.parts


@dataclass(frozen=True)
class Part:
    """One field, taken apart: what it is about (None for the whole review) and which of its columns."""

    subject: Subject | None
    column: str


def part_of(name: str) -> Part | None:
    """What the field `name` is about, or None when no review has such a field."""
    if match := ITEM.fullmatch(name):
        letter, number, column = (text for text in match.groups() if text is not None)
        return Part((KINDS[letter], int(number)), column)
    if any(name in names for names in WHOLE_FIELDS.values()):
        return Part(None, name)
    return None


def anchor_of(subject: Subject) -> str:
    """`c12`: how a part is called in names of fields and on the page."""
    return f"{LETTERS[subject[0]]}{subject[1]}"


def field_name(subject: Subject, column: str) -> str:
    return f"{anchor_of(subject)}-{column}"


def subjects_of(names: Iterable[str]) -> set[Subject]:
    """What these fields are about; fields of the whole are about no one thing."""
    parts = [part_of(name) for name in names]
    return {part.subject for part in parts if part is not None and part.subject is not None}


def checked(changed: Fields, *, shape: Shape, highest: int) -> dict[str, str]:
    """The same fields, once each is known to be of this form and storable as it is.

    Arguments: `highest` the top of the scale. Errors: Unstorable.
    """
    for name, text in changed.items():
        part = part_of(name)
        if part is None or not shape.has(part):
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
        case "shown":
            return text in SEEN
        case "notes":
            return joined(text.split(",")) == text and text.count(",") < MOST_NOTES
        case _:
            return True


def showable(typed: Fields, *, shape: Shape, highest: int) -> dict[str, str]:
    """What of a refused form can stand in its fields again: words whatever their length, without the
    characters that no page can hold; of choices only those that there are."""
    shown = {}
    for name, text in typed.items():
        words = text.replace("\0", "").encode(errors="replace").decode()
        try:
            checked({name: words}, shape=shape, highest=highest)
        except Unstorable as refused:
            if refused.why != "too_long":
                continue
        shown[name] = words
    return shown


def joined(numbers: Iterable[str | int]) -> str:
    """Notes as a field holds them: their numbers, once each, in ascending order ("3,17")."""
    found = set(keys_in(str(number).strip() for number in numbers))
    return ",".join(map(str, sorted(found - {0})))


def notes_in(text: str) -> list[int]:
    """The numbers in a `-notes` field."""
    return [int(number) for number in text.split(",") if number]


def rating_in(text: str) -> Rating:
    """A point or a mark from the text of a `-value` field."""
    return Rating(None, text) if text in MARKS else Rating(int(text) if text else None)
