"""Which parts a review form has: those that are always there, and those that a cycle may leave out.

A part is named "kind.part", as in "manager.promotion"; `Cycle.sections_off` holds the names of those
left out. Not decided here: what a part looks like, and what is missing before a review is handed in.
"""

from __future__ import annotations

from collections.abc import Iterable

SELF, MANAGER = "self", "manager"

# What makes a review one: without it there is nothing to hand in, or nothing to decide.
ALWAYS = {
    SELF: frozenset({"summary"}),
    MANAGER: frozenset({"summary", "ratings", "overall"}),
}
# In the order of the form. "ratings" are points for each competency (in a self review, words stay
# without them), "marks" are marks for each statement of the ladder.
OPTIONAL = {
    SELF: ("ratings", "marks", "goals"),
    MANAGER: ("marks", "goals", "promotion", "private_note"),
}
MOST_QUESTIONS = 10  # of a cycle's own, in one kind of review
# How much an area counts in the profile; 0 leaves it out of it.
USUAL_WEIGHT, HEAVIEST_WEIGHT = 1, 10
SECTIONS = tuple(f"{kind}.{part}" for kind, parts in OPTIONAL.items() for part in parts)


class UnknownSection(Exception):
    """A name that is no optional part of a form, so it can be neither left out nor kept."""

    def __init__(self, names: Iterable[str]) -> None:
        self.names = tuple(sorted(names))
        super().__init__(", ".join(self.names))


def checked_sections(names: Iterable[str]) -> list[str]:
    """The same names once each, in the order of the form. Errors: UnknownSection."""
    given = set(names)
    if unknown := given - set(SECTIONS):
        raise UnknownSection(unknown)
    return [name for name in SECTIONS if name in given]


def parts_of(kind: str, sections_off: Iterable[str]) -> frozenset[str]:
    """The parts that a review of this kind ("self" or "manager") has, such as "ratings" or "goals".

    A name in `sections_off` that no version of the form knows leaves nothing out.
    """
    off = set(sections_off)
    chosen = (part for part in OPTIONAL[kind] if f"{kind}.{part}" not in off)
    return ALWAYS[kind] | frozenset(chosen)
