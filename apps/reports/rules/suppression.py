"""Which counts of a table of groups by points may be shown. PRIVACY: this whole module shields people.

A count below `least` is kept back, and so are as many others as it takes that no sum or difference
of what is shown isolates fewer than `least` people. Known to every reader, and therefore taken as
shown, is how many people of each group are rated at all (the completion report says so).

The columns have totals, so the table is a transportation problem: rows and columns are equations
over the kept-back cells. A combination with coefficients -1, 0 and 1 that is a plain set of cells
is a disjoint union of two shapes: some rows less some columns, and some columns less some rows
(every coefficient of a cell is the sum of its row's and its column's). `_isolated` looks at the
smallest set of each shape for every choice of columns, so the check is exact; a scale has at most
seven points. Source: complementary cell suppression, Cox 1980 (JASA 75, 377-385).
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TypeVar

LEAST = 5
Key = TypeVar("Key", bound=Hashable)
Cell = tuple[int, int]


@dataclass(frozen=True)
class Shown:
    """Counts as they may be shown; None is kept back, and never a zero."""

    cells: tuple[tuple[int | None, ...], ...]
    totals: tuple[int | None, ...]


def merged_groups(
    rated: Mapping[Key, Sequence[int]], *, least: int = LEAST
) -> tuple[list[Key], list[Key]]:
    """Groups that stand alone, and small ones that are shown together.

    Arguments: `rated` for each group how many are rated, once for every table that is shown of it.
    Result: (alone, together). Together are all groups below `least`; while these are still too few,
    the next smallest joins them. Nobody stands alone when too few are rated in all.
    """
    order = list(rated)
    alone = [key for key in order if min(rated[key]) >= least]
    together = [key for key in order if key not in alone]
    while together and alone and not enough(rated, together, least=least):
        smallest = min(alone, key=lambda key: (min(rated[key]), order.index(key)))
        alone.remove(smallest)
        together.append(smallest)
    return alone, together


def enough(
    rated: Mapping[Key, Sequence[int]], together: Sequence[Key], *, least: int = LEAST
) -> bool:
    """Whether these groups together are nobody or enough people, in every table."""
    sums = [sum(column) for column in zip(*(rated[key] for key in together), strict=True)]
    return all(total == 0 or total >= least for total in sums)


def shown_counts(counts: Sequence[Sequence[int]], *, least: int = LEAST) -> Shown:
    """The table as it may be shown.

    Arguments: `counts` one row for each group, one column for each point of the scale; the sum of
    each row is taken as known and must be 0 or at least `least` (merged_groups sees to it). Result:
    the cells and the total of each column. Errors: ValueError for a row with fewer people.
    """
    if any(0 < sum(row) < least for row in counts):
        raise ValueError("merge the groups that are too small first")
    table = _Table([list(row) for row in counts], least)
    while (isolated := next(table.isolated(), None)) is not None:
        table.hide_one_more(*isolated)
    return table.shown()


class _Table:
    """The counts, and what of them is kept back so far."""

    def __init__(self, counts: list[list[int]], least: int) -> None:
        self.counts, self.least = counts, least
        self.rows = [i for i, row in enumerate(counts) if sum(row)]
        self.columns = list(range(len(counts[0]) if counts else 0))
        self.totals = {j: sum(row[j] for row in counts) for j in self.columns}
        self.hidden = {(i, j) for i in self.rows for j in self.columns if counts[i][j] < least}
        self.hidden_totals = {j for j in self.columns if self.totals[j] < least}
        self._complete_totals()

    def _complete_totals(self) -> None:
        """How many are rated in all is known, so the totals are one more row of the same kind."""
        if not self.rows:
            return
        while self.hidden_totals and sum(self.totals[j] for j in self.hidden_totals) < self.least:
            self.hidden_totals.add(self._smallest_total(self.columns))

    def _smallest_total(self, columns: Sequence[int]) -> int:
        return min(
            (j for j in columns if j not in self.hidden_totals), key=lambda j: (self.totals[j], j)
        )

    def isolated(self) -> Iterator[tuple[set[int], set[int], str]]:
        """(rows, columns, shape) of each combination that isolates too few people."""
        hidden_in = {i: {j for r, j in self.hidden if r == i} for i in self.rows}
        known = [j for j in self.columns if j not in self.hidden_totals]
        for size in range(len(known) + 1):
            for chosen in combinations(known, size):
                columns = set(chosen)
                touched = {i for i in self.rows if hidden_in[i] & columns}
                for rows in [touched] if columns else [{i} for i in self.rows]:
                    if self._too_few({(i, j) for i in rows for j in hidden_in[i] - columns}):
                        yield rows, columns, "rows"
                inside = {i for i in self.rows if hidden_in[i] and hidden_in[i] <= columns}
                rest = {(i, j) for i, j in self.hidden if j in columns and i not in inside}
                if self._too_few(rest):
                    yield inside, columns, "columns"

    def _too_few(self, cells: set[Cell]) -> bool:
        # A sum of nothing tells as much as a small one: that each of them is nobody. And a cell that
        # follows from the others is not kept back at all.
        people = sum(self.counts[i][j] for i, j in cells)
        return len(cells) == 1 or (bool(cells) and people < self.least)

    def hide_one_more(self, rows: set[int], columns: set[int], shape: str) -> None:
        """The cheapest cell that makes the isolated set larger, or else one total less."""
        if shape == "rows":
            wider = [(i, j) for i in rows for j in self.columns if j not in columns]
        else:
            wider = [(i, j) for i in self.rows if i not in rows for j in columns]
        if shape == "rows" and all(cell in self.hidden for cell in wider):
            wider = [(i, j) for i in self.rows if i not in rows for j in columns]
        candidates = [cell for cell in wider if cell not in self.hidden]
        if candidates:
            self.hidden.add(min(candidates, key=lambda c: (self.counts[c[0]][c[1]], c)))
        else:
            self.hidden_totals.add(self._smallest_total(sorted(columns)))
            self._complete_totals()

    def shown(self) -> Shown:
        return Shown(
            tuple(
                tuple(
                    None if (i, j) in self.hidden or i not in self.rows else self.counts[i][j]
                    for j in self.columns
                )
                for i in range(len(self.counts))
            ),
            tuple(
                None if j in self.hidden_totals or not self.rows else self.totals[j]
                for j in self.columns
            ),
        )
