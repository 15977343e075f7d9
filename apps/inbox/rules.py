"""When somebody is reminded of something. Working days are Monday to Friday; days are local days.

Cadence: when it is first asked; 7, 3 and 1 working days before the due day; on it; 1 and 3 after.
At 3 after it is also told to the manager of the person asked, for the duties where that names
nothing that was promised to stay unknown.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from apps.inbox.states import DutyKind, NoticeKind

BEFORE, AFTER, ESCALATE_AFTER = (7, 3, 1, 0), (1, 3), 3
HOUR = time(9, 0)
MOST_ATTEMPTS = 5
# PRIVACY: whether somebody answered a request for feedback, or has read the own review, or sat on a
# committee is between that person and the house; nobody else is ever told.
TOLD_UPWARD = frozenset(
    {
        DutyKind.SELF_REVIEW,
        DutyKind.MANAGER_REVIEW,
        DutyKind.APPROVE_PEERS,
        DutyKind.PROPOSE_PEERS,
        DutyKind.RELEASE,
        DutyKind.SETTLE,
    }
)


def is_working_day(day: date) -> bool:
    return day.weekday() < 5


def working_days_until(day: date, due: date) -> int:
    """Working days after `day` up to and with `due`; negative when `due` lies before `day`.

    A due day on a weekend counts as the Friday before it, so nobody is first told on Monday.
    """
    while not is_working_day(due):
        due -= timedelta(days=1)
    if due < day:
        return -working_days_until(due, day)
    weeks, rest = divmod((due - day).days, 7)
    return 5 * weeks + sum(
        is_working_day(day + timedelta(days=step)) for step in range(1, rest + 1)
    )


def notices(*, today: date, due: date, asked_before: bool, kind: DutyKind) -> list[NoticeKind]:
    """What to say of one duty on one local day: empty on most days and on every weekend.

    Arguments: the local day of the person asked, the due day, whether it was ever mentioned to
    them, what it is. ESCALATION stands beside OVERDUE and goes to the manager of the person asked.
    """
    if not is_working_day(today):
        return []
    left = working_days_until(today, due)
    if not asked_before:
        return [NoticeKind.ASKED]
    if left >= 0:
        return [NoticeKind.REMINDER] if left in BEFORE else []
    if -left not in AFTER:
        return []
    if -left == ESCALATE_AFTER and kind in TOLD_UPWARD:
        return [NoticeKind.OVERDUE, NoticeKind.ESCALATION]
    return [NoticeKind.OVERDUE]


def local_day(now: datetime, zone: str) -> date:
    """The day it is for somebody in this IANA zone at the instant `now` (aware)."""
    return now.astimezone(ZoneInfo(zone)).date()


def send_at(day: date, zone: str) -> datetime:
    """09:00 on that day in that zone, in UTC. No zone changes its clocks at nine."""
    return datetime.combine(day, HOUR, ZoneInfo(zone)).astimezone(UTC)


def end_of_day(day: date, zone: str) -> datetime:
    """23:59 on that day in that zone: the instant at which something due on it is late."""
    return datetime.combine(day, time(23, 59), ZoneInfo(zone)).astimezone(UTC)
