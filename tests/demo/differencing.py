"""Whom a set of shown figures gives away, exactly: whole numbers and fractions, no floats.

A figure is a set of unknowns, each a pair (who, what): a mean is the sum of some points, a count the
sum of some presences. Whoever sees several figures may add them up with any factors. A person is
given away when the result speaks of fewer than k people, for whatever is left is theirs alone.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Sequence
from fractions import Fraction
from itertools import combinations, product

Who = Hashable
Unknown = tuple[Who, Hashable]
Figure = frozenset[Unknown]
MOST = 9  # figures that are combined by brute force: 3 ** 9


def by_brute_force(figures: Iterable[Figure], threshold: int) -> list[tuple[int, ...]]:
    """Signs (-1, 0, 1) for the figures that leave 1 to k - 1 people; at most nine figures."""
    listed = list(dict.fromkeys(figures))
    assert len(listed) <= MOST, "too many for brute force: given_away is exact for any number"
    found = []
    for signs in product((-1, 0, 1), repeat=len(listed)):
        times: dict[Unknown, int] = {}
        for sign, unknowns in zip(signs, listed, strict=True):
            for unknown in unknowns if sign else ():
                times[unknown] = times.get(unknown, 0) + sign
        left = {who for (who, _), n in times.items() if n}
        if 0 < len(left) < threshold:
            found.append(signs)
    return found


def given_away(
    figures: Iterable[Figure], threshold: int, *, known: Collection[Who] = ()
) -> frozenset[Who]:
    """The first group of 1 to k - 1 people of whom some combination speaks alone; empty for none.

    Arguments: `known` are people whose every answer the reader knows, as one's own. Exact: a
    combination speaks of the people T alone when leaving their columns out lowers the rank of the
    table of figures. People whose columns are equal are in every combination together or not at
    all, so they are tried together; that keeps the number of groups small.
    """
    rows = list(dict.fromkeys(frozenset(u for u in f if u[0] not in known) for f in figures))
    rows = [row for row in rows if row]
    columns: dict[Unknown, tuple[int, ...]] = {
        unknown: tuple(int(unknown in row) for row in rows) for unknown in set().union(*rows)
    }
    profiles: dict[Who, dict[Hashable, tuple[int, ...]]] = {}
    for (who, what), column in columns.items():
        profiles.setdefault(who, {})[what] = column
    alike: dict[frozenset[object], list[Who]] = {}
    for who, profile in profiles.items():
        alike.setdefault(frozenset(profile.items()), []).append(who)
    groups = sorted(((list(key), who) for key, who in alike.items()), key=lambda g: len(g[1]))
    small = [n for n, (_, who) in enumerate(groups) if len(who) < threshold]
    every = [{column for _, column in profile} for profile, _ in groups]
    whole = rank(list(set().union(*every)))
    for size in range(1, min(len(small), threshold - 1) + 1):
        for chosen in combinations(small, size):
            people = [one for n in chosen for one in groups[n][1]]
            if len(people) >= threshold:
                continue
            rest = set().union(*(every[n] for n in range(len(groups)) if n not in chosen))
            if rank(list(rest)) < whole:
                return frozenset(people)
    return frozenset()


def rank(vectors: Sequence[Sequence[int]]) -> int:
    """How many of these are independent, by elimination over the fractions."""
    rows = [[Fraction(n) for n in vector] for vector in vectors]
    found = 0
    for column in range(len(rows[0]) if rows else 0):
        pivot = next((n for n in range(found, len(rows)) if rows[n][column]), None)
        if pivot is None:
            continue
        rows[found], rows[pivot] = rows[pivot], rows[found]
        for n in range(found + 1, len(rows)):
            factor = rows[n][column] / rows[found][column]
            if factor:
                rows[n] = [a - factor * b for a, b in zip(rows[n], rows[found], strict=True)]
        found += 1
    return found
