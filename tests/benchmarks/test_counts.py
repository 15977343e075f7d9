"""Every main page asks as many questions of ten thousand people as of ten, and never more than twelve."""

from __future__ import annotations

import pytest
from django.db import transaction

from tests.benchmarks.scale import found
from tests.benchmarks.test_pages import Asker, pages
from tests.reviews.desks import Counted

pytestmark = [pytest.mark.load, pytest.mark.django_db]
MOST = 12
# They walk up the line of the person asked for, four steps at a time: it grows with the levels of a
# company and not with its people.
BY_STEPS = {"org_chart", "person"}


def counts(people: int) -> dict[str, int]:
    """Statements of each page; what was made is gone afterwards."""
    asked = {}
    with transaction.atomic():
        for name, person, where in pages(found(people)):
            client = Asker(person)
            client.get(where)  # what a process remembers after its first page is remembered
            with Counted() as counted:
                answer = client.get(where)
            assert answer.status_code == 200, (name, answer.status_code)
            asked[name] = counted.count
        transaction.set_rollback(True)
    return asked


def test_ten_thousand_people_cost_as_many_statements_as_ten() -> None:
    ten, hundred, many = counts(10), counts(100), counts(10_000)

    assert {name: count for name, count in many.items() if count > MOST} == {}
    for fewer in (ten, hundred):
        assert {name for name in many if fewer[name] != many[name]} <= BY_STEPS
        assert all(many[name] - fewer[name] <= 2 for name in BY_STEPS)
    print("\n" + ", ".join(f"{name} {count}" for name, count in many.items()))
