"""Kept-back counts: attacked with every sum and difference, and with exact linear algebra."""

from __future__ import annotations

import random
from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.reports.rules.suppression import LEAST, enough, merged_groups, shown_counts


def equations(counts, shown):
    """What a reader knows of the kept-back cells: one (coefficients, sum) for each row and each
    shown column total, after the shown cells are taken away. The sums come from the true counts."""
    cells = [
        (i, j)
        for i, row in enumerate(counts)
        if sum(row)
        for j in range(len(row))
        if shown.cells[i][j] is None
    ]
    known = [
        {(i, j) for j in range(len(row)) if (i, j) in cells} for i, row in enumerate(counts) if sum(row)
    ] + [
        {(i, j) for i in range(len(counts)) if (i, j) in cells}
        for j, total in enumerate(shown.totals)
        if total is not None
    ]  # fmt: skip
    return cells, [line for line in known if line]


def isolated_sets(counts, shown):
    """Every plain set of cells that a combination with -1, 0 and 1 gives, with its people."""
    cells, lines = equations(counts, shown)
    for signs in product((-1, 0, 1), repeat=len(lines)):
        sums = {
            cell: sum(sign for sign, line in zip(signs, lines, strict=True) if cell in line)
            for cell in cells
        }
        chosen = {cell for cell, times in sums.items() if times == 1}
        if chosen and set(sums.values()) <= {0, 1}:
            yield chosen, sum(counts[i][j] for i, j in chosen)


def solved_cells(counts, shown):
    """Kept-back cells that follow from the equations with any coefficients (Gauss, exact)."""
    cells, lines = equations(counts, shown)
    rows = [[Fraction(cell in line) for cell in cells] for line in lines]
    place = 0
    for column in range(len(cells)):
        pivot = next((r for r in range(place, len(rows)) if rows[r][column]), None)
        if pivot is None:
            continue
        rows[place], rows[pivot] = rows[pivot], rows[place]
        rows[place] = [x / rows[place][column] for x in rows[place]]
        for r in range(len(rows)):
            if r != place and rows[r][column]:
                rows[r] = [
                    x - rows[r][column] * y for x, y in zip(rows[r], rows[place], strict=True)
                ]
        place += 1
    return [row for row in rows if sum(x != 0 for x in row) == 1]


TABLES = [
    pytest.param([[6, 8, 7]], id="all large"),
    pytest.param([[2, 8, 7]], id="one small cell, one group"),
    pytest.param([[0, 20, 0]], id="everybody the same"),
    pytest.param([[2, 8, 7], [6, 9, 10]], id="one small cell beside a large group"),
    pytest.param([[2, 8, 7], [3, 9, 10]], id="two small cells in one column"),
    pytest.param([[4, 9, 12, 5], [6, 11, 3, 8], [7, 2, 9, 10]], id="a diagonal"),
    pytest.param([[1, 1, 1, 2], [30, 40, 50, 60]], id="a group all small"),
    pytest.param([[0, 0, 0, 0], [30, 40, 50, 60]], id="a group without ratings"),
    pytest.param([[1, 5, 0, 0, 0], [0, 5, 5, 5, 1], [9, 9, 9, 9, 9]], id="exactly at the edge"),
]


@pytest.mark.parametrize("counts", TABLES)
def test_no_sum_or_difference_isolates_too_few(counts):
    shown = shown_counts(counts)

    too_few = [found for found in isolated_sets(counts, shown) if found[1] < LEAST]
    assert too_few == []
    assert solved_cells(counts, shown) == []


def test_random_tables_withstand_every_combination():
    lot = random.Random(20261120)
    for _ in range(250):
        rows, columns = lot.randint(1, 3), lot.randint(2, 4)
        counts = [
            [lot.choice((0, 1, 3, 4, 5, 6, 9, 14)) for _ in range(columns)] for _ in range(rows)
        ]
        counts = [row for row in counts if not 0 < sum(row) < LEAST]
        if not counts:
            continue
        shown = shown_counts(counts)

        assert [f for f in isolated_sets(counts, shown) if f[1] < LEAST] == [], counts
        assert solved_cells(counts, shown) == [], counts


@given(st.lists(st.lists(st.integers(0, 30), min_size=5, max_size=5), min_size=1, max_size=8))
def test_what_is_shown_is_true_and_never_small(counts):
    counts = [row for row in counts if not 0 < sum(row) < LEAST]
    shown = shown_counts(counts)

    for row, cells in zip(counts, shown.cells, strict=True):
        assert all(
            cell is None or cell == count >= LEAST for cell, count in zip(cells, row, strict=True)
        )
    for j, total in enumerate(shown.totals):
        assert total is None or total == sum(row[j] for row in counts) >= LEAST


def test_the_attack_finds_what_naive_hiding_gives_away():
    counts = [[2, 8, 7], [6, 9, 10]]
    naive = type(shown_counts(counts))(((None, 8, 7), (6, 9, 10)), (8, 17, 17))

    assert [people for _, people in isolated_sets(counts, naive)][:1] == [2]
    assert len(solved_cells(counts, naive)) == 1


def test_a_table_without_small_counts_is_shown_whole():
    shown = shown_counts([[6, 8, 7], [9, 9, 9]])

    assert shown.cells == ((6, 8, 7), (9, 9, 9))
    assert shown.totals == (15, 17, 16)


def test_a_group_that_is_too_small_must_be_merged_first():
    with pytest.raises(ValueError, match="merge"):
        shown_counts([[1, 2, 0]])


@pytest.mark.parametrize(
    ("rated", "alone", "together"),
    [
        pytest.param({"a": (9, 9), "b": (8, 8)}, ["a", "b"], [], id="all large"),
        pytest.param({"a": (9, 9), "b": (3, 3), "c": (4, 4)}, ["a"], ["b", "c"], id="two small ones"),
        pytest.param({"a": (9, 9), "b": (6, 6), "c": (2, 2)}, ["a"], ["c", "b"], id="one small one takes the next"),
        pytest.param({"a": (9, 9), "b": (0, 0)}, ["a"], ["b"], id="nobody is no small group"),
        pytest.param({"a": (9, 3), "b": (9, 9)}, [], ["a", "b"], id="small in one table is small"),
    ],
)  # fmt: skip
def test_small_groups_are_shown_together(rated, alone, together):
    assert merged_groups(rated) == (alone, together)


def test_too_few_in_all_is_not_enough():
    rated = {"a": (3, 3)}
    _, together = merged_groups(rated)

    assert not enough(rated, together)
