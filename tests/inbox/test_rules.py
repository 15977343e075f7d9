from datetime import UTC, date, datetime

import pytest

from apps.inbox.rules import end_of_day, local_day, notices, send_at, working_days_until
from apps.inbox.states import DutyKind, NoticeKind

FRIDAY, MONDAY, SATURDAY = date(2026, 11, 20), date(2026, 11, 23), date(2026, 11, 21)
ASKED, REMIND = NoticeKind.ASKED, NoticeKind.REMINDER
LATE, TOLD_UP = NoticeKind.OVERDUE, NoticeKind.ESCALATION


@pytest.mark.parametrize(
    ("day", "due", "expected"),
    [
        (FRIDAY, FRIDAY, 0),
        (FRIDAY, MONDAY, 1),
        (FRIDAY, SATURDAY, 0),
        (MONDAY, SATURDAY, -1),
        (MONDAY, FRIDAY, -1),
        (date(2026, 11, 11), FRIDAY, 7),
        (date(2026, 11, 25), FRIDAY, -3),
        (FRIDAY, date(2026, 12, 18), 20),
    ],
    ids=[
        "same day",
        "over a weekend",
        "due on a Saturday counts as Friday",
        "a Saturday is late on Monday",
        "one late",
        "seven before",
        "three late",
        "four weeks",
    ],
)
def test_working_days_until(day, due, expected):
    assert working_days_until(day, due) == expected


@pytest.mark.parametrize(
    ("today", "asked_before", "kind", "expected"),
    [
        (date(2026, 11, 2), False, DutyKind.SELF_REVIEW, [ASKED]),
        (SATURDAY, False, DutyKind.SELF_REVIEW, []),
        (date(2026, 11, 10), True, DutyKind.SELF_REVIEW, []),
        (date(2026, 11, 11), True, DutyKind.SELF_REVIEW, [REMIND]),
        (date(2026, 11, 17), True, DutyKind.SELF_REVIEW, [REMIND]),
        (date(2026, 11, 19), True, DutyKind.SELF_REVIEW, [REMIND]),
        (FRIDAY, True, DutyKind.SELF_REVIEW, [REMIND]),
        (MONDAY, True, DutyKind.SELF_REVIEW, [LATE]),
        (date(2026, 11, 24), True, DutyKind.SELF_REVIEW, []),
        (date(2026, 11, 25), True, DutyKind.SELF_REVIEW, [LATE, TOLD_UP]),
        (date(2026, 11, 25), True, DutyKind.GIVE_FEEDBACK, [LATE]),
        (date(2026, 11, 26), True, DutyKind.SELF_REVIEW, []),
    ],
    ids=[
        "when first asked",
        "never on a weekend",
        "nothing in between",
        "seven before",
        "three before",
        "one before",
        "on the day",
        "one after",
        "two after: nothing",
        "three after, and told upward",
        "feedback is never told upward",
        "then no more",
    ],
)
def test_notices_for_something_due_on_friday(today, asked_before, kind, expected):
    assert notices(today=today, due=FRIDAY, asked_before=asked_before, kind=kind) == expected


@pytest.mark.parametrize(
    ("zone", "day", "expected"),
    [
        ("Europe/Oslo", date(2026, 11, 20), datetime(2026, 11, 20, 8, tzinfo=UTC)),
        ("Europe/Oslo", date(2026, 3, 30), datetime(2026, 3, 30, 7, tzinfo=UTC)),
        ("Australia/Lord_Howe", date(2026, 10, 5), datetime(2026, 10, 4, 22, tzinfo=UTC)),
        ("America/New_York", date(2026, 11, 2), datetime(2026, 11, 2, 14, tzinfo=UTC)),
        ("Pacific/Kiritimati", date(2026, 11, 20), datetime(2026, 11, 19, 19, tzinfo=UTC)),
    ],
)
def test_nine_o_clock_where_the_reader_is(zone, day, expected):
    assert send_at(day, zone) == expected


def test_the_day_is_the_readers_own():
    late_evening_utc = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)
    assert local_day(late_evening_utc, "Asia/Kolkata") == date(2026, 11, 21)
    assert local_day(late_evening_utc, "America/Toronto") == date(2026, 11, 20)
    assert end_of_day(FRIDAY, "America/Toronto") == datetime(2026, 11, 21, 4, 59, tzinfo=UTC)
