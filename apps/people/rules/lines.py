"""Reporting lines: who may report to whom. Walks, and never recurses: a line may be long."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping
from typing import TypeVar

K = TypeVar("K", bound=Hashable)


class Loop(ValueError):
    """The new manager already reports to this person, directly or through others."""


def refuse_loop(person: K, above_manager: Collection[K], manager: K) -> None:
    """Raises Loop when `person` is the new `manager` or stands above them.

    Arguments: the keys of the person and of the new manager; `above_manager` everybody above them.
    """
    if person == manager or person in above_manager:
        raise Loop(f"{manager} already reports to {person}")


def loops(manager_of: Mapping[K, K | None]) -> list[list[K]]:
    """Every closed line, each once, in the order of its walk.

    Arguments: person to manager, None at the top; a manager who is no key ends a line. Result:
    empty when all lines reach a top. Linear in the number of people.
    """
    finished: set[K] = set()
    found: list[list[K]] = []
    for start in manager_of:
        walked: dict[K, int] = {}
        here: K | None = start
        while here is not None and here in manager_of and here not in finished:
            if here in walked:
                found.append(list(walked)[walked[here] :])
                break
            walked[here] = len(walked)
            here = manager_of[here]
        finished.update(walked)
    return found
