"""One reader, every page, every filter, every file: no combination gives a hidden cell away."""

from __future__ import annotations

import csv
import io
from itertools import product

import pytest
from python_calamine import CalamineWorkbook

from apps.reports import pages
from apps.reports.rules.suppression import LEAST
from apps.reports.states import Ratings
from tests.reports.worlds import CONTENT, PROCESS, rated_cycle

pytestmark = pytest.mark.django_db
NOW = {"Design": [1, 6, 14, 7, 0], "Sales": [0, 8, 11, 3, 2], "Ops": [5, 5, 9, 6, 6]}
GIVEN = {"Design": [0, 5, 12, 11, 0], "Sales": [0, 6, 12, 4, 2], "Ops": [4, 6, 10, 6, 5]}


def seen_rows(cycle, kind: Ratings):
    """(line, points) of every view and file of one table, as a reader collects them."""
    departments = [
        "",
        *(c.value for c in pages.distribution(PROCESS, cycle_id=cycle.pk).departments),
    ]
    found: dict[str, set[tuple]] = {}
    for viewer, department in product((PROCESS, CONTENT), departments):
        page = pages.distribution(viewer, cycle_id=cycle.pk, ratings=kind, department=department)
        for group in [*page.groups, *([page.whole] if page.whole else [])]:
            found.setdefault(group.name, set()).add((group.rated, *group.counts))
        bars = tuple(now if kind == Ratings.NOW else given for _p, now, given in page.bars)
        name = page.groups[0].name if department else page.whole.name
        rated = page.groups[0].rated if department else page.whole.rated
        found[name].add((rated, *bars))
        for line in _from_csv(page.sheet) + _from_xlsx(page.sheet):
            found[line[0]].add(line[1:])
    return found


def _from_csv(sheet):
    text = pages.sheet_file(sheet, "csv").content.decode("utf-8-sig")
    return [_cells(row) for row in list(csv.reader(io.StringIO(text)))[1:]]


def _from_xlsx(sheet):
    book = CalamineWorkbook.from_filelike(io.BytesIO(pages.sheet_file(sheet, "xlsx").content))
    return [_cells(row) for row in book.get_sheet_by_index(0).to_python()[1:]]


def _cells(row):
    name, _people, *counts = row
    return (name, *(None if c == "kept back" else int(c) for c in counts))


@pytest.mark.parametrize("kind", list(Ratings))
def test_every_view_and_file_shows_the_same_cells(kind):
    cycle = rated_cycle(NOW, GIVEN, unrated=3)

    assert {name: len(rows) for name, rows in seen_rows(cycle, kind).items()} == {
        "Design": 1, "Sales": 1, "Ops": 1, "Everybody": 1,
    }  # fmt: skip


@pytest.mark.parametrize(("kind", "truth"), [(Ratings.NOW, NOW), (Ratings.GIVEN, GIVEN)])
def test_no_hidden_cell_follows_from_sums_and_differences(kind, truth):
    cycle = rated_cycle(NOW, GIVEN, unrated=3)
    rows = {name: next(iter(found)) for name, found in seen_rows(cycle, kind).items()}
    cells = [(d, j) for d in truth for j in range(5) if rows[d][j + 1] is None]
    assert cells, "the world must hide something, or this test attacks nothing"
    known = [{c for c in cells if c[0] == d} for d in truth]
    known += [
        {c for c in cells if c[1] == j} for j in range(5) if rows["Everybody"][j + 1] is not None
    ]

    isolated = []
    for signs in product((-1, 0, 1), repeat=len(known)):
        times = {
            c: sum(s for s, line in zip(signs, known, strict=True) if c in line) for c in cells
        }
        chosen = [c for c, n in times.items() if n == 1]
        people = sum(truth[d][j] for d, j in chosen)
        if chosen and set(times.values()) <= {0, 1} and (people < LEAST or len(chosen) == 1):
            isolated.append(chosen)

    assert isolated == []


def test_the_sheet_of_a_chosen_department_holds_that_department_alone():
    cycle = rated_cycle(NOW, GIVEN)
    whole = pages.distribution(PROCESS, cycle_id=cycle.pk)
    sales = next(g for g in whole.groups if g.name == "Sales")

    page = pages.distribution(PROCESS, cycle_id=cycle.pk, department=sales.key)

    assert page.groups == [sales]
    assert [row[0] for row in page.sheet.rows] == ["Sales"]


def test_chart_and_page_say_nothing_of_a_hidden_cell():
    from tests.reports.test_pages import drawn

    cycle = rated_cycle({"Design": [2, 20, 30, 20, 3]})
    page = pages.distribution(PROCESS, cycle_id=cycle.pk)

    html = drawn("reports/_distribution.html", page)

    assert [now for _p, now, _g in page.bars] == [None, 20, 30, 20, None]
    assert html.count('<svg class="chart"') == 1
    assert html.count('class="fill ramp-') == 3
    assert "kept back" in html
