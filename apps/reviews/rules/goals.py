"""Whether a goal was reached, how a metric of a role is measured as a goal, and the order of goals."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

MET, MISSED, NOT_YET, NOT_MEASURABLE = "met", "missed", "not_yet", "not_measurable"
# For these the figure to write down is the change itself, and not where it ended.
CHANGES = frozenset({"decrease_by", "increase_by"})
# These compare with nothing: an aim of zero, or below it, would be reached by standing still.
ABOVE_ZERO = CHANGES | {"ratio"}
IN_WORDS = "qualitative"


def goal_result(comparator: str, target: Decimal | None, actual: Decimal | None) -> str:
    """Hold what was reached against what was aimed at.

    Arguments: `comparator` one of Comparator; `target` and `actual` in the goal's own unit; for
    "reduced by", "increased by" and "times as much", `actual` is the change that was measured.
    Result: "met" or "missed"; "not_yet" while nothing is written down, which is never a miss;
    "not_measurable" for a goal without a figure to reach, and for one to be judged in words.
    """
    if target is None or comparator not in MEASURED:
        return NOT_MEASURABLE
    if actual is None:
        return NOT_YET
    return MET if MEASURED[comparator](actual, target) else MISSED


MEASURED = {
    "ge": Decimal.__ge__,
    "gt": Decimal.__gt__,
    "le": Decimal.__le__,
    "lt": Decimal.__lt__,
    "eq": Decimal.__eq__,
    "decrease_by": Decimal.__ge__,
    "increase_by": Decimal.__ge__,
    "ratio": Decimal.__ge__,
}


def comparator_of_a_goal(comparator: str, value: Decimal | None) -> str:
    """How a success metric is measured as somebody's goal: "95 % coverage" names a figure to reach,
    and whoever reaches more has not missed it; "no incidents" stays exact."""
    return "ge" if comparator == "eq" and value is not None and value > 0 else comparator


def moved(order: Sequence[int], one: int, *, up: bool) -> list[int]:
    """The order after `one` changed places with its neighbour above, or below. At the end it stays."""
    found = list(order)
    here = found.index(one)
    there = here - 1 if up else here + 1
    if 0 <= there < len(found):
        found[here], found[there] = found[there], found[here]
    return found
