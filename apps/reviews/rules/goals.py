"""Whether a goal was reached. A goal without a number on both sides is judged in words."""

from __future__ import annotations

from decimal import Decimal

MET, MISSED, NOT_MEASURABLE = "met", "missed", "not_measurable"


def goal_result(comparator: str, target: Decimal | None, actual: Decimal | None) -> str:
    """Hold what was reached against what was aimed at.

    Arguments: `comparator` one of Comparator; `target` and `actual` in the goal's own unit; for
    "reduced by", "increased by" and "times as much", `actual` is the change that was measured.
    Result: "met", "missed" or "not_measurable".
    """
    if target is None or actual is None:
        return NOT_MEASURABLE
    reached = {
        "ge": actual >= target,
        "gt": actual > target,
        "le": actual <= target,
        "lt": actual < target,
        "eq": actual == target,
        "decrease_by": actual >= target,
        "increase_by": actual >= target,
        "ratio": actual >= target,
    }.get(comparator)
    if reached is None:
        return NOT_MEASURABLE
    return MET if reached else MISSED
