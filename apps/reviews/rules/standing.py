"""What may be compared over the cycles, and what was different from one to the next."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from itertools import pairwise
from typing import TypeVar

T = TypeVar("T")
Place = tuple[int, str]


def in_one_scale(cycles: Sequence[T], *, key: Callable[[T], Hashable]) -> list[list[T]]:
    """Cycles in groups that share a scale.

    Arguments: `cycles` oldest first; `key` the scale of one. Result: each group oldest first, and
    the group in which the newest cycle is comes first. Points of two scales are never put in a row.
    """
    groups: dict[Hashable, list[T]] = {}
    for one in reversed(cycles):
        groups.setdefault(key(one), []).append(one)
    return [list(reversed(group)) for group in groups.values()]


def changed_since(places: Sequence[Place | None]) -> list[str]:
    """What each cycle was rated against, held against the one before.

    Arguments: `places` (ladder, level) of each cycle, oldest first, None without a level. Result:
    "ladder", "level" or "" for each; a new version of the same ladder is no change of level.
    """
    words = [""] if places else []
    for before, now in pairwise(places):
        if before == now:
            words.append("")
        elif before is not None and now is not None and before[0] != now[0]:
            words.append("ladder")
        else:
            words.append("level")
    return words
