"""INSERT ... SELECT: one statement, the same on both databases, and a second run adds nothing."""

from __future__ import annotations

import pytest
from django.db.models import F, Value
from django.db.models.functions import Concat

from apps.core.copying import insert_select
from apps.core.models import BeatTick
from tests.factories import NOON

pytestmark = pytest.mark.django_db
COPY = {"name": Concat(F("name"), Value(" copy")), "at": F("at")}


@pytest.mark.parametrize("rows", [1, 3])
def test_many_rows_cost_one_query(rows, django_assert_num_queries):
    BeatTick.objects.bulk_create([BeatTick(name=f"clock {n}", at=NOON) for n in range(rows)])

    with django_assert_num_queries(1):
        new = insert_select(BeatTick, BeatTick.objects.all(), COPY)

    copies = BeatTick.objects.filter(name__endswith=" copy").order_by("name")
    assert (new, list(copies.values_list("name", "at"))) == (
        rows,
        [(f"clock {n} copy", NOON) for n in range(rows)],
    )


def test_a_second_run_finds_its_rows_and_adds_none():
    BeatTick.objects.create(name="clock", at=NOON)
    source = BeatTick.objects.filter(name="clock")
    assert [insert_select(BeatTick, source, COPY) for _ in range(2)] == [1, 0]


def test_nothing_selected_is_nothing_asked(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert insert_select(BeatTick, BeatTick.objects.none(), COPY) == 0
