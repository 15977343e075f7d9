"""Which leaves are proposed as a change: the rule as a table, and its reading in SQL."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from apps.reviews.models import Participant
from apps.reviews.rules.changes import leave_takes_the_time
from tests.factories.reviews import ParticipantFactory, ReviewFactory
from tests.reviews.test_changes import ON, entered, flags, running

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("leave", "proposed"),
    [
        ({"leave_from": ON, "leave_until": None}, True),
        ({"leave_from": ON + timedelta(days=9), "leave_until": ON + timedelta(days=9)}, True),
        ({"leave_from": ON, "leave_until": ON + timedelta(days=8)}, True),
        ({"leave_from": ON, "leave_until": ON + timedelta(days=6)}, False),
        ({"leave_from": ON + timedelta(days=10), "leave_until": None}, False),
        ({"leave_from": ON - timedelta(days=9), "leave_until": ON - timedelta(days=1)}, False),
    ],
    ids=["open", "the due day", "back for the due day", "back before", "after it", "over"],
)
def test_a_leave_is_proposed_when_it_takes_the_time_to_write(leave, proposed):
    # The factory's self reviews are due nine days from now.
    row = ParticipantFactory(cycle=running())
    ReviewFactory(participant=row, own=True)
    entered(row.person, **leave)

    assert flags(row) == (["is_away"] if proposed else [])


MONDAY = date(2026, 11, 16)


@pytest.mark.parametrize(
    ("first", "last", "due", "takes"),
    [
        (4, 4, 4, True),
        (0, None, 4, True),
        (5, None, 4, False),
        (0, 3, 4, True),
        (0, 2, 4, True),
        (0, 1, 4, False),
        (1, 3, 4, False),
        (-30, 2, 4, True),
        (-30, 1, 4, False),
        (-4, -2, 0, True),
        (-4, -3, 0, False),
    ],
    ids=[
        "the due day alone", "no last day", "from the day after", "back for the due day",
        "back for two days", "back for three days", "there on Monday and on Friday",
        "a month, back for two days", "a month, back for three", "back on Sunday, due on Monday",
        "back on Saturday",
    ],
)  # fmt: skip
def test_a_leave_takes_the_time_when_it_leaves_two_of_the_last_days(first, last, due, takes):
    def day(number):
        return None if number is None else MONDAY + timedelta(days=number)

    assert leave_takes_the_time(day(first), day(last), due_on=day(due)) is takes


def test_the_database_reads_the_rule_as_the_page_says_it():
    cycle, due = running(), MONDAY + timedelta(days=9)
    cycle.phases.filter(kind="collection").update(opens_on=MONDAY, due_on=due)
    rows = {}
    for first in range(3, 11):
        for last in {None, *range(max(first, 5), 11)}:
            days = [n if n is None else MONDAY + timedelta(days=n) for n in (first, last)]
            row = ParticipantFactory(
                cycle=cycle, person__leave_from=days[0], person__leave_until=days[1]
            )
            ReviewFactory(participant=row, own=True)
            rows[row.pk] = days

    found = Participant.objects.changed_since_launch(on=ON).filter(is_away=True)

    expected = {pk for pk, days in rows.items() if leave_takes_the_time(*days, due_on=due)}
    assert {row.pk for row in found} == expected
    assert 0 < len(expected) < len(rows)
