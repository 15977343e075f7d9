"""Pure decisions of calibration: the order of the agenda, what the group did, the frozen record.

Nothing here adjusts a rating, ranks a manager or guesses a bias.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

LARGEST_COMMITTEE, LARGEST_GROUP = 12, 60
# A distribution says something about a guideline only from this many people on.
FEWEST_FOR_GUIDELINE = 50


class Undecided(Exception):
    """Raised with how many people still have no decision; the page says so."""

    def __init__(self, count: int) -> None:
        super().__init__(str(count))
        self.count = count


class Unexplained(Exception):
    """A rating was changed without a reason in words."""


class OffTheScale(Exception):
    """The value is no point of the cycle's scale."""


class OwnSeat(Exception):
    """Somebody prepares a session and would take a new seat in it. PRIVACY: whoever runs cycles reads
    no content, and a seat opens it; so a seat is given by somebody else."""


def takes_own_seat(seats: Collection[int], before: Collection[int], by: int | None) -> bool:
    """Whether `by` would sit in it without having sat there before. Arguments: keys of people."""
    return by is not None and by in seats and by not in before


@dataclass(frozen=True)
class Standing:
    """What the agenda knows of one person: points of the scale, or None."""

    manager: int | None
    self_rating: int | None
    previous: int | None
    promotion: bool = False


def why_discuss(standing: Standing, *, lowest: int, highest: int) -> list[str]:
    """The reasons to talk about somebody, the weightiest first; none: confirm in bulk.

    Arguments: the standing; the ends of the scale. Result: keys among "no_rating", "disagreement"
    (self and manager two or more apart), "promotion", "outlier" (an end of the scale), "mover"
    (two or more from last time).
    """
    if standing.manager is None:
        return ["no_rating"]
    reasons = []
    if standing.self_rating is not None and abs(standing.manager - standing.self_rating) >= 2:
        reasons.append("disagreement")
    if standing.promotion:
        reasons.append("promotion")
    if standing.manager in {lowest, highest}:
        reasons.append("outlier")
    if standing.previous is not None and abs(standing.manager - standing.previous) >= 2:
        reasons.append("mover")
    return reasons


def agenda_weight(reasons: Sequence[str]) -> int:
    """Smaller comes first. Weighed by the first reason, then by how many there are."""
    order = ("disagreement", "outlier", "promotion", "mover", "no_rating")
    if not reasons:
        return 100
    return 10 * min(order.index(reason) for reason in reasons) - len(reasons)


@dataclass(frozen=True)
class Movement:
    """What a committee did so far, in numbers of people."""

    kept: int
    up: int
    down: int
    to_middle: int
    own_reports: int

    @property
    def changed(self) -> int:
        return self.up + self.down


def movement(
    decisions: Sequence[tuple[int | None, int, bool]], *, lowest: int, highest: int
) -> Movement:
    """Counts over (from, to, whether on a member's own report), the newest decision of each person.

    Somebody rated for the first time here counts as neither kept nor moved. Towards the middle
    means nearer to the centre of the scale, (lowest + highest) / 2.
    """
    kept = up = down = to_middle = own = 0
    for before, after, is_own in decisions:
        if before is None:
            continue
        if before == after:
            kept += 1
            continue
        up += after > before
        down += after < before
        # Doubled, so that the centre of an even scale stays a whole number.
        to_middle += abs(2 * after - lowest - highest) < abs(2 * before - lowest - highest)
        own += is_own
    return Movement(kept, up, down, to_middle, own)


def distribution(values: Sequence[int | None], points: Sequence[int]) -> dict[int, int]:
    """How many people stand on each point; people without a rating are in none."""
    counted = Counter(v for v in values if v is not None)
    return {point: counted[point] for point in points}


def record_hash(record: Mapping[str, Any]) -> str:
    """sha256 (hex) of the canonical JSON of a decision record."""
    canonical = json.dumps(record, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()
