"""When a day is over, and when more time changes nothing: values in, values out."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from apps.reviews.rules.extensions import time_hindrance
from apps.reviews.rules.phases import days_between, is_over, newest_day_over
from tests.factories import NOON

TODAY = NOON.date()
WEEK = TODAY + timedelta(days=7)


@pytest.mark.parametrize(
    ("now", "zone", "day"),
    [
        (datetime(2026, 11, 20, 12, tzinfo=UTC), "UTC", date(2026, 11, 19)),
        (datetime(2026, 11, 20, 23, 59, 30, tzinfo=UTC), "UTC", date(2026, 11, 20)),
        (datetime(2026, 11, 20, 12, tzinfo=UTC), "Pacific/Kiritimati", date(2026, 11, 20)),
        (datetime(2026, 11, 20, 12, tzinfo=UTC), "No/Where", date(2026, 11, 19)),
    ],
)
def test_the_newest_day_that_is_over(now, zone, day):
    assert newest_day_over(now, zone=zone) == day


@pytest.mark.parametrize(
    ("phase", "state", "is_open", "until", "hindered"),
    [
        ("manager_review", None, True, WEEK, True),
        ("collection", None, True, WEEK, True),
        ("collection", "submitted", False, WEEK, True),
        ("collection", "draft", True, TODAY, True),
        ("collection", "draft", True, WEEK, False),
        ("collection", "draft", False, TODAY, False),
        ("collection", "draft", True, None, False),
    ],
)
def test_when_more_time_changes_nothing(phase, state, is_open, until, hindered):
    why = time_hindrance(phase, review_state=state, is_open=is_open, due_on=TODAY, until=until)

    assert bool(why) is hindered


@pytest.mark.parametrize(
    ("days", "grace", "over"),
    [
        ([], 0, False),
        ([TODAY - timedelta(days=1)], 0, True),
        ([TODAY], 0, False),
        ([TODAY - timedelta(days=3), TODAY - timedelta(days=1)], 1, False),
        ([TODAY - timedelta(days=3), TODAY - timedelta(days=2)], 1, True),
    ],
)
def test_a_cycle_is_over_after_its_last_day_and_the_grace(days, grace, over):
    assert is_over(days, grace_days=grace, now=NOON, zone="UTC") is over


def test_days_of_a_pause_are_midnights():
    start = datetime(2026, 11, 20, 23, 50, tzinfo=UTC)

    assert days_between(start, start + timedelta(minutes=20), zone="UTC") == 1
    assert days_between(start, start + timedelta(minutes=20), zone="Asia/Tokyo") == 0
