"""When somebody is reminded of something. Working days are Monday to Friday; days are local days.

Cadence: when it is first asked; 7, 3 and 1 working days before the due day; on it; 1 and 3 after.
At 3 after it is also told to the manager of the person asked, for the duties where that names
nothing that was promised to stay unknown. Nobody is written to while they are on leave; the first
mail on their return names all that is asked of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from apps.inbox.states import DutyKind, NoticeKind

BEFORE, AFTER, ESCALATE_AFTER = (7, 3, 1, 0), (1, 3), 3
# A mail goes out at nine. What is first asked later in the day may follow until the evening.
HOUR, EVENING = time(9, 0), time(17, 0)
DAY = timedelta(days=1)
MOST_ATTEMPTS = 5
# PRIVACY: whether somebody answered a request for feedback, or has read the own review, or sat on a
# committee is between that person and the house; nobody else is ever told. Nor of a talk: it takes two.
# Nor that more peers are to be asked: who decides knows that somebody declined, and nobody above them.
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


@dataclass(frozen=True)
class Presence:
    """Where somebody is, and when: IANA zone, a leave (both days with it, None for open), and the
    first day on which they no longer work here."""

    zone: str
    leave_from: date | None = None
    leave_until: date | None = None
    left_on: date | None = None

    def is_away(self, day: date) -> bool:
        return (
            self.leave_from is not None
            and self.leave_from <= day
            and (self.leave_until is None or day <= self.leave_until)
        )

    def is_here(self, day: date) -> bool:
        return (self.left_on is None or day < self.left_on) and not self.is_away(day)

    def is_back(self, day: date) -> bool:
        """The first working day after a leave."""
        return (
            self.leave_from is not None
            and self.leave_until is not None
            and day == next_working_day(self.leave_until)
        )


def is_working_day(day: date) -> bool:
    return day.weekday() < 5


def next_working_day(day: date) -> date:
    """The first working day after `day`."""
    day += DAY
    while not is_working_day(day):
        day += DAY
    return day


def counted_due(due: date) -> date:
    """A due day on a weekend counts as the Friday before it, so nobody is first told on Monday."""
    while not is_working_day(due):
        due -= DAY
    return due


def is_late(day: date, due: date) -> bool:
    return day > counted_due(due)


@lru_cache(maxsize=512)
def cadence(due: date) -> Mapping[date, int]:
    """The days on which something known is mentioned: day to working days left, negative when late."""
    due = counted_due(due)
    days = {}
    for number, forward in ((max(BEFORE), False), (max(AFTER), True)):
        day, told = due, AFTER if forward else BEFORE
        for passed in range(number + 1):
            if passed in told:
                days[day] = -passed if forward else passed
            day += DAY if forward else -DAY
            while not is_working_day(day):
                day += DAY if forward else -DAY
    return days


def notices(
    *, today: date, due: date, told_on: date | None, kind: DutyKind, presence: Presence
) -> list[NoticeKind]:
    """What to say of one duty on one local day: empty on most days, on weekends and during a leave.

    Arguments: the local day of the person asked, the due day, the first day on which it was
    mentioned to them (None for never), what it is, where they are. ESCALATION stands beside OVERDUE
    and goes to the manager of the person asked.
    """
    if not is_working_day(today) or not presence.is_here(today):
        return []
    if told_on is None or told_on >= today:
        return [NoticeKind.ASKED]
    if presence.is_back(today):
        return [NoticeKind.OVERDUE if is_late(today, due) else NoticeKind.REMINDER]
    left = cadence(due).get(today)
    if left is None:
        return []
    if left >= 0:
        return [NoticeKind.REMINDER]
    if -left == ESCALATE_AFTER and kind in TOLD_UPWARD:
        return [NoticeKind.OVERDUE, NoticeKind.ESCALATION]
    return [NoticeKind.OVERDUE]


@lru_cache(maxsize=4096)
def told_above_on(day: date, *, zone: str, above: Presence) -> date | None:
    """The day on which a manager hears what is late on `day` where the late person is.

    Their first nine o'clock on a working day since that day began there, so it comes once, and never
    at night, wherever the two are. None for a manager who is on leave or gone by then.
    """
    begins = datetime.combine(day, time(), ZoneInfo(zone))
    there = local_day(begins, above.zone)
    while not is_working_day(there) or send_at(there, above.zone) < begins:
        there += DAY
    return there if above.is_here(there) else None


def local_day(now: datetime, zone: str) -> date:
    """The day it is for somebody in this IANA zone at the instant `now` (aware)."""
    return now.astimezone(ZoneInfo(zone)).date()


def planning_day(now: datetime, zone: str) -> date:
    """Whose mail is being written at this instant: today's, and from the evening on and over the
    weekend that of the next working day. So it can be looked at, and held, before it goes."""
    local = now.astimezone(ZoneInfo(zone))
    if is_working_day(local.date()) and local.time() < EVENING:
        return local.date()
    return next_working_day(local.date())


def next_mail_at(now: datetime, presence: Presence) -> datetime | None:
    """When a mail that somebody asks for now may reach the reader: at once during the working day,
    else at nine on the next. None while the reader is on leave or gone."""
    day = planning_day(now, presence.zone)
    return max(now, send_at(day, presence.zone)) if presence.is_here(day) else None


@lru_cache(maxsize=4096)
def send_at(day: date, zone: str) -> datetime:
    """09:00 on that day in that zone, in UTC. No zone changes its clocks at nine."""
    return datetime.combine(day, HOUR, ZoneInfo(zone)).astimezone(UTC)
