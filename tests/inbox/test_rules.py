from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from apps.inbox.rules import (
    Presence,
    cadence,
    local_day,
    next_mail_at,
    notices,
    planning_day,
    send_at,
    told_above_on,
)
from apps.inbox.states import DutyKind, NoticeKind

FRIDAY, MONDAY, SATURDAY = date(2026, 11, 20), date(2026, 11, 23), date(2026, 11, 21)
EARLIER, HERE = date(2026, 11, 2), Presence("Europe/Oslo")
ASKED, REMIND = NoticeKind.ASKED, NoticeKind.REMINDER
LATE, TOLD_UP = NoticeKind.OVERDUE, NoticeKind.ESCALATION


@pytest.mark.parametrize(
    ("due", "expected"),
    [
        (FRIDAY, {11: 7, 17: 3, 19: 1, 20: 0, 23: -1, 25: -3}),
        (SATURDAY, {11: 7, 17: 3, 19: 1, 20: 0, 23: -1, 25: -3}),
        (MONDAY, {12: 7, 18: 3, 20: 1, 23: 0, 24: -1, 26: -3}),
    ],
    ids=["Friday", "a Saturday counts as the Friday before", "Monday"],
)
def test_the_days_of_the_cadence(due, expected):
    assert cadence(due) == {date(2026, 11, day): left for day, left in expected.items()}


@pytest.mark.parametrize(
    ("today", "told_on", "kind", "expected"),
    [
        (date(2026, 11, 2), None, DutyKind.SELF_REVIEW, [ASKED]),
        (date(2026, 11, 11), date(2026, 11, 11), DutyKind.SELF_REVIEW, [ASKED]),
        (SATURDAY, None, DutyKind.SELF_REVIEW, []),
        (date(2026, 11, 10), EARLIER, DutyKind.SELF_REVIEW, []),
        (date(2026, 11, 11), EARLIER, DutyKind.SELF_REVIEW, [REMIND]),
        (date(2026, 11, 17), EARLIER, DutyKind.SELF_REVIEW, [REMIND]),
        (date(2026, 11, 19), EARLIER, DutyKind.SELF_REVIEW, [REMIND]),
        (FRIDAY, EARLIER, DutyKind.SELF_REVIEW, [REMIND]),
        (MONDAY, EARLIER, DutyKind.SELF_REVIEW, [LATE]),
        (date(2026, 11, 24), EARLIER, DutyKind.SELF_REVIEW, []),
        (date(2026, 11, 25), EARLIER, DutyKind.SELF_REVIEW, [LATE, TOLD_UP]),
        (date(2026, 11, 25), EARLIER, DutyKind.GIVE_FEEDBACK, [LATE]),
        (date(2026, 11, 25), EARLIER, DutyKind.TALK, [LATE]),
        (date(2026, 11, 26), EARLIER, DutyKind.SELF_REVIEW, []),
    ],
    ids=[
        "when first asked",
        "asked today is not reminded today as well",
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
        "nor is a talk",
        "then no more",
    ],
)
def test_notices_for_something_due_on_friday(today, told_on, kind, expected):
    found = notices(today=today, due=FRIDAY, told_on=told_on, kind=kind, presence=HERE)
    assert found == expected


LEAVE = Presence("Europe/Oslo", date(2026, 11, 16), date(2026, 11, 20))


@pytest.mark.parametrize(
    ("presence", "today", "due", "told_on", "expected"),
    [
        (LEAVE, date(2026, 11, 17), FRIDAY, EARLIER, []),
        (LEAVE, FRIDAY, FRIDAY, EARLIER, []),
        (LEAVE, MONDAY, FRIDAY, EARLIER, [LATE]),
        (LEAVE, MONDAY, date(2026, 12, 18), EARLIER, [REMIND]),
        (LEAVE, MONDAY, FRIDAY, None, [ASKED]),
        (LEAVE, date(2026, 11, 24), date(2026, 12, 18), EARLIER, []),
        (LEAVE, date(2026, 11, 25), FRIDAY, EARLIER, [LATE, TOLD_UP]),
        (replace(LEAVE, leave_until=None), date(2027, 3, 1), FRIDAY, None, []),
        (Presence("UTC", left_on=MONDAY), FRIDAY, FRIDAY, EARLIER, [REMIND]),
        (Presence("UTC", left_on=FRIDAY), FRIDAY, FRIDAY, EARLIER, []),
    ],
    ids=[
        "no reminder on leave",
        "nor on its last day",
        "the first mail back says what is late",
        "and what is not late yet",
        "and what was asked meanwhile",
        "the day after is like any other",
        "what is still late later is told upward",
        "a leave without an end",
        "who leaves later is still reminded",
        "who has left is not",
    ],
)
def test_notices_follow_where_somebody_is(presence, today, due, told_on, expected):
    kind = DutyKind.SELF_REVIEW
    found = notices(today=today, due=due, told_on=told_on, kind=kind, presence=presence)
    assert found == expected


@pytest.mark.parametrize(
    ("zone", "above", "expected"),
    [
        ("Europe/Oslo", Presence("Europe/Oslo"), FRIDAY),
        ("Europe/Oslo", Presence("America/New_York"), FRIDAY),
        ("Europe/Oslo", Presence("Asia/Kolkata"), FRIDAY),
        ("Europe/Oslo", Presence("Pacific/Kiritimati"), MONDAY),
        ("Pacific/Kiritimati", Presence("America/New_York"), date(2026, 11, 19)),
        ("Pacific/Kiritimati", Presence("Pacific/Pago_Pago"), date(2026, 11, 19)),
        ("Europe/Oslo", LEAVE, None),
        ("Europe/Oslo", Presence("Europe/Oslo", left_on=FRIDAY), None),
    ],
    ids=[
        "the same place",
        "behind: at nine there, not the evening before",
        "ahead: nine has not passed yet",
        "far ahead: nine has passed and the weekend follows",
        "that day begins in the morning of the day before there",
        "or an hour before it",
        "not while on leave",
        "not to somebody who has gone",
    ],
)
def test_a_manager_is_told_once_at_nine_of_theirs(zone, above, expected):
    assert told_above_on(FRIDAY, zone=zone, above=above) == expected


@pytest.mark.parametrize(
    ("zone", "day", "expected"),
    [
        ("Europe/Oslo", date(2026, 11, 20), datetime(2026, 11, 20, 8, tzinfo=UTC)),
        ("Pacific/Kiritimati", date(2026, 11, 20), datetime(2026, 11, 19, 19, tzinfo=UTC)),
        ("Europe/London", date(2026, 3, 27), datetime(2026, 3, 27, 9, tzinfo=UTC)),
        ("Europe/London", date(2026, 3, 30), datetime(2026, 3, 30, 8, tzinfo=UTC)),
        ("Europe/London", date(2026, 10, 23), datetime(2026, 10, 23, 8, tzinfo=UTC)),
        ("Europe/London", date(2026, 10, 26), datetime(2026, 10, 26, 9, tzinfo=UTC)),
        ("America/New_York", date(2026, 3, 6), datetime(2026, 3, 6, 14, tzinfo=UTC)),
        ("America/New_York", date(2026, 3, 9), datetime(2026, 3, 9, 13, tzinfo=UTC)),
        ("America/New_York", date(2026, 11, 2), datetime(2026, 11, 2, 14, tzinfo=UTC)),
        # Half an hour, and in the southern spring: 10:30 ahead becomes 11 ahead.
        ("Australia/Lord_Howe", date(2026, 10, 2), datetime(2026, 10, 1, 22, 30, tzinfo=UTC)),
        ("Australia/Lord_Howe", date(2026, 10, 5), datetime(2026, 10, 4, 22, tzinfo=UTC)),
    ],
)
def test_nine_o_clock_where_the_reader_is(zone, day, expected):
    assert send_at(day, zone) == expected


def test_the_day_is_the_readers_own():
    late_evening_utc = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)
    assert local_day(late_evening_utc, "Asia/Kolkata") == date(2026, 11, 21)
    assert local_day(late_evening_utc, "America/Toronto") == date(2026, 11, 20)


@pytest.mark.parametrize(
    ("now", "zone", "expected"),
    [
        (datetime(2026, 11, 20, 15, 59, tzinfo=UTC), "Europe/Oslo", FRIDAY),
        (datetime(2026, 11, 20, 16, 0, tzinfo=UTC), "Europe/Oslo", MONDAY),
        (datetime(2026, 11, 20, 16, 0, tzinfo=UTC), "America/New_York", FRIDAY),
        (datetime(2026, 11, 21, 12, 0, tzinfo=UTC), "Europe/Oslo", MONDAY),
        (datetime(2026, 11, 23, 12, 0, tzinfo=UTC), "Pacific/Kiritimati", date(2026, 11, 24)),
        # The clocks change on these Sundays; the evening and Monday's mail do not care.
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "Europe/London", date(2026, 10, 26)),
        (datetime(2026, 3, 8, 7, 30, tzinfo=UTC), "America/New_York", date(2026, 3, 9)),
        (datetime(2026, 10, 3, 15, 30, tzinfo=UTC), "Australia/Lord_Howe", date(2026, 10, 5)),
    ],
)
def test_from_the_evening_on_the_next_working_day_is_planned(now, zone, expected):
    assert planning_day(now, zone) == expected


@pytest.mark.parametrize(
    ("presence", "hour", "expected"),
    [
        (HERE, 6, datetime(2026, 11, 20, 8, tzinfo=UTC)),
        (HERE, 12, datetime(2026, 11, 20, 12, tzinfo=UTC)),
        (HERE, 18, datetime(2026, 11, 23, 8, tzinfo=UTC)),
        (LEAVE, 12, None),
        (LEAVE, 18, datetime(2026, 11, 23, 8, tzinfo=UTC)),
    ],
    ids=["before nine", "at work", "in the evening", "on leave", "back on Monday"],
)
def test_a_mail_by_hand_waits_for_the_working_day(presence, hour, expected):
    assert next_mail_at(datetime(2026, 11, 20, hour, tzinfo=UTC), presence) == expected
