"""What a cycle would ask of whom, and every mail about it, worked out before it begins.

The rules are those of the real thing: `notices`, `planning_day`, `told_above_on`. What is not known
yet is taken at its worst: everything is asked from the first day of its phase until the phase is
over, and nobody finishes anything before. People who would be treated alike share one calendar, so
that ten thousand cost little more than their managers.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from apps.inbox.rules.cadence import (
    Presence,
    cadence,
    next_working_day,
    notices,
    planning_day,
    send_at,
    told_above_on,
)
from apps.inbox.states import ASKED_IN, DutyKind, NoticeKind
from apps.reviews.rules.phases import Dated, in_order

OF_EVERYBODY = (DutyKind.PROPOSE_PEERS, DutyKind.SELF_REVIEW, DutyKind.ACKNOWLEDGE)
OF_MANAGERS = (DutyKind.APPROVE_PEERS, DutyKind.MANAGER_REVIEW, DutyKind.RELEASE, DutyKind.TALK)
# What HR may give more time for, and what days of grace run on for.
WITH_GRACE = (DutyKind.SELF_REVIEW, DutyKind.MANAGER_REVIEW)
AFTERWARDS = timedelta(days=14)


@dataclass(frozen=True)
class Scenario:
    """What is about to start, and what is taken for granted.

    Arguments: `starts_at` the instant of the launch; `zone` that of the house, in which phases
    open; `peers` how many each person names, 0 without peer feedback; `proposes` whether people
    are asked to name them; `upward_of` the managers whose reports are asked about them; `owners`
    of HR, who decide about the peers of those without a manager; `peer_minutes` and
    `upward_minutes` how long one feedback of the kind takes.
    """

    phases: tuple[Dated, ...]
    starts_at: datetime
    zone: str
    grace_days: int = 0
    self_review: bool = True
    proposes: bool = False
    peers: int = 0
    upward_of: frozenset[int] = frozenset()
    owners: frozenset[int] = frozenset()
    peer_minutes: int = 0
    upward_minutes: int = 0

    def given_by(self, who: Somebody) -> tuple[int, int]:
        """How many feedbacks are asked of somebody: (about peers, about the manager)."""
        return self.peers if who.takes_part else 0, int(who.manager_id in self.upward_of)

    def minutes_to_give(self, who: Somebody) -> int:
        """How long all feedback takes that is asked of somebody."""
        peers, upward = self.given_by(who)
        return peers * self.peer_minutes + upward * self.upward_minutes

    @property
    def last_day(self) -> date:
        """After this day no mail can come."""
        return max(phase.due_on for phase in self.phases) + AFTERWARDS


@dataclass(frozen=True)
class Opening:
    """A phase as it would run; `ends_at` is None for the last one, which a person closes."""

    opens_at: datetime
    ends_at: datetime | None
    due_on: date


@dataclass(frozen=True, order=True)
class Ask:
    """A duty that somebody would have, without saying about whom."""

    due_on: date
    kind: DutyKind
    opens_at: datetime
    ends_at: datetime | None

    def __hash__(self) -> int:  # of two values that are quick to hash; this is asked for very often
        return str.__hash__(self.kind) ^ hash(self.due_on)

    def is_on(self, at: datetime) -> bool:
        return self.ends_at is None or at < self.ends_at


@dataclass(frozen=True)
class Somebody:
    """A person, or `people` alike in everything but the name; then `pk` is None and nobody reports
    to them. `takes_part` is False for a manager from outside the cycle."""

    presence: Presence
    manager_id: int | None
    takes_part: bool = True
    has_address: bool = True
    pk: int | None = None
    people: int = 1


@dataclass(frozen=True)
class Mail:
    """A digest: the reader's day, the instant, and what it says of the reader's own duties."""

    day: date
    at: datetime
    own: tuple[tuple[Ask, NoticeKind], ...]


@dataclass(frozen=True)
class Late:
    """`number` duties of one kind of a report, told to the manager."""

    ask: Ask
    who: Somebody
    number: int


@dataclass(frozen=True)
class Rehearsed:
    """All that would come to somebody: how many duties of each kind, the mails, and what is told
    them as a manager, by day."""

    who: Somebody
    duties: Mapping[Ask, int]
    mails: Sequence[Mail]
    late: Mapping[date, Sequence[Late]]

    def lines(self, mail: Mail) -> int:
        """How many things a mail names."""
        own = sum(self.duties[ask] for ask, _notice in mail.own)
        return own + sum(late.number for late in self.late.get(mail.day, ()))


def by_the_clock(scenario: Scenario) -> Scenario:
    """The same, launched on the first day of its first phase, unless that day has come already."""
    days = {phase.kind: phase.opens_on for phase in scenario.phases}
    opens_at = _midnight(days[in_order(days)[0]], scenario.zone)
    return replace(scenario, starts_at=max(scenario.starts_at, opens_at))


@lru_cache(maxsize=64)
def openings(scenario: Scenario) -> Mapping[str, Opening]:
    """Phase to when it runs. One that is over when the cycle starts is left out: it asks nothing."""
    days = {phase.kind: phase for phase in scenario.phases}
    kinds = in_order(days)
    starts = [scenario.starts_at]  # the launch opens the first, whatever its day
    starts += [
        max(scenario.starts_at, _midnight(days[kind].opens_on, scenario.zone)) for kind in kinds[1:]
    ]
    ends: list[datetime | None] = [*starts[1:], None]
    return {
        kind: Opening(opens, until, days[kind].due_on)
        for kind, opens, until in zip(kinds, starts, ends, strict=True)
        if opens != until
    }


def ask_of(scenario: Scenario, kind: DutyKind, zone: str) -> Ask | None:
    """One kind of duty as this cycle would ask it; None when it does not.

    Arguments: `zone` of the person whose own the review is, in which days of grace end; for
    proposals that of the manager, in which they count as approved.
    """
    if (found := openings(scenario).get(ASKED_IN[kind].value)) is None:
        return None
    until = found.ends_at
    if kind in WITH_GRACE and until is not None:
        last = found.due_on + timedelta(days=scenario.grace_days + 1)
        until = max(until, _midnight(last, zone))
    if kind == DutyKind.APPROVE_PEERS:
        decided = _midnight(found.due_on + timedelta(days=1), zone)
        until = decided if until is None else min(until, decided)
    if until is not None and until <= found.opens_at:
        return None
    return Ask(found.due_on, kind, found.opens_at, until)


def rehearse(people: Iterable[Somebody], scenario: Scenario) -> list[Rehearsed]:
    """What would come to each of them. Whoever is to hear of somebody's late duty must be among
    them under their own key."""
    plan = _Plan(scenario)
    everybody = [replace(who, presence=plan.clipped(who.presence)) for who in people]
    by_key = {who.pk: who for who in everybody if who.pk is not None}
    teams: dict[int | None, Counter[str]] = defaultdict(Counter)
    for who in everybody:
        if who.takes_part and (who.manager_id is None or who.manager_id in by_key):
            teams[who.manager_id][who.presence.zone] += who.people
    alone = teams.pop(None, Counter())
    asked = [plan.asked_of(who, teams.get(who.pk) if who.pk else None, alone) for who in everybody]
    late: dict[int, dict[date, list[Late]]] = defaultdict(lambda: defaultdict(list))
    for who, duties in zip(everybody, asked, strict=True):
        if above := by_key.get(who.manager_id or 0):
            for ask, day in plan.told_above(frozenset(duties), who.presence, above.presence):
                late[above.pk or 0][day].append(Late(ask, who, duties[ask] * who.people))
    found = []
    for who, duties in zip(everybody, asked, strict=True):
        told = late.get(who.pk or 0, {})
        mails = plan.calendar(frozenset(duties), who.presence, frozenset(told)).mails
        found.append(Rehearsed(who, duties, mails if who.has_address else (), told))
    return found


@dataclass(frozen=True)
class _Calendar:
    """The mails to people who are alike, and the days on which theirs is told upward."""

    mails: tuple[Mail, ...]
    upward: Mapping[Ask, date]


class _Plan:
    """The duties and calendars of one scenario, each worked out once."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.first = scenario.starts_at.date() - timedelta(days=1)
        self.last = scenario.last_day
        self.asks: dict[tuple[DutyKind, str], Ask | None] = {}
        self.calendars: dict[object, _Calendar] = {}
        self.above: dict[object, list[tuple[Ask, date]]] = {}
        self.presences: dict[Presence, Presence] = {}

    def clipped(self, presence: Presence) -> Presence:
        """The same for the days of this cycle, so that people who are alike in it are alike."""
        if (found := self.presences.get(presence)) is None:
            found = self.presences[presence] = _clipped(presence, self.first, self.last)
        return found

    def asked_of(
        self, who: Somebody, team: Mapping[str, int] | None, alone: Mapping[str, int]
    ) -> dict[Ask, int]:
        """What would be asked of somebody, and how often; `team` says how many of those who take
        part report to them, by zone, and `alone` how many to nobody."""
        scenario, found = self.scenario, dict[Ask, int]()

        def add(kind: DutyKind, number: int, zone: str = "UTC") -> None:
            if (kind, zone) not in self.asks:
                self.asks[kind, zone] = ask_of(scenario, kind, zone)
            if ask := self.asks[kind, zone]:
                found[ask] = found.get(ask, 0) + number

        if who.takes_part:
            if scenario.proposes:
                add(DutyKind.PROPOSE_PEERS, 1)
            if scenario.self_review:
                add(DutyKind.SELF_REVIEW, 1, who.presence.zone)
            add(DutyKind.ACKNOWLEDGE, 1)
        if given := sum(scenario.given_by(who)):
            add(DutyKind.GIVE_FEEDBACK, given)
        if team:
            for zone, number in team.items():
                add(DutyKind.MANAGER_REVIEW, number, zone)
            size = sum(team.values())
            if scenario.peers:
                add(DutyKind.APPROVE_PEERS, size, who.presence.zone)
            add(DutyKind.RELEASE, size)
            add(DutyKind.TALK, size)
        if scenario.peers and who.pk in scenario.owners:
            own = who.presence.zone if who.takes_part and who.manager_id is None else None
            for zone, number in alone.items():
                if others := number - (zone == own):
                    add(DutyKind.APPROVE_PEERS, others, zone)
        return found

    def calendar(
        self, asks: frozenset[Ask], presence: Presence, above: frozenset[date] = frozenset()
    ) -> _Calendar:
        key = (asks, presence, above)
        if (found := self.calendars.get(key)) is None:
            found = self.calendars[key] = _calendar(sorted(asks), presence, above)
        return found

    def told_above(
        self, asks: frozenset[Ask], presence: Presence, above: Presence
    ) -> list[tuple[Ask, date]]:
        """Which of these duties a manager is told of, and on which of the manager's days."""
        key = (asks, presence, above)
        if (found := self.above.get(key)) is None:
            found = self.above[key] = []
            for ask in sorted(asks):
                late_on = self.calendar(frozenset([ask]), presence).upward.get(ask)
                day = told_above_on(late_on, zone=presence.zone, above=above) if late_on else None
                if day and ask.is_on(send_at(day, above.zone)):
                    found.append((ask, day))
        return found


def _clipped(presence: Presence, first: date, last: date) -> Presence:
    start, until, left_on = presence.leave_from, presence.leave_until, presence.left_on
    if start is not None and (start > last or (until and next_working_day(until) < first)):
        start = until = None
    if start is not None:
        until = until if until and until <= last else None  # the cycle is over when they return
        start = min(max(start, first), until or last)
    return Presence(presence.zone, start, until, left_on if left_on and left_on <= last else None)


def _calendar(asks: Sequence[Ask], presence: Presence, above: frozenset[date]) -> _Calendar:
    """The mails of one person, day by day; a day's mail is one.

    Duties that open before nine do not touch each other, and what is said of each is worked out
    once. One that opens later in the day is told at once, unless that day's mail has gone.
    """
    lines: dict[date, list[tuple[Ask, NoticeKind]]] = {day: [] for day in above}
    upward: dict[Ask, date] = {}
    after_nine = []
    for ask in asks:
        first = planning_day(ask.opens_at, presence.zone)
        if ask.opens_at > send_at(first, presence.zone):
            after_nine.append(ask)
            continue
        said = _said(ask, presence, first)
        for day, notice in said.lines:
            lines.setdefault(day, []).append((ask, notice))
        if said.upward:
            upward[ask] = said.upward
    hours = {day: send_at(day, presence.zone) for day in lines}
    for ask in sorted(after_nine, key=lambda ask: ask.opens_at):
        first = planning_day(ask.opens_at, presence.zone)
        while first in lines and hours[first] < ask.opens_at:
            first = next_working_day(first)  # the day's mail has gone
        said = _said(ask, presence, first)
        for day, notice in said.lines:
            hours.setdefault(day, max(send_at(day, presence.zone), ask.opens_at))
            lines.setdefault(day, []).append((ask, notice))
        if said.upward:
            upward[ask] = said.upward
    mails = [Mail(day, hours[day], tuple(lines[day])) for day in sorted(lines)]
    return _Calendar(tuple(mails), upward)


@dataclass(frozen=True)
class _Said:
    """What is said of one duty, by day, and the day on which it is told upward."""

    lines: tuple[tuple[date, NoticeKind], ...]
    upward: date | None


@lru_cache(maxsize=8192)
def _said(ask: Ask, presence: Presence, first: date) -> _Said:
    """`first` is the day on which it can first be told."""
    days = {first, *(day for day in cadence(ask.due_on) if day > first)}
    if (
        presence.leave_until is not None
        and (back := next_working_day(presence.leave_until)) > first
    ):
        days.add(back)
    told_on, upward, lines = None, None, []
    for day in sorted(days):
        said = notices(today=day, due=ask.due_on, told_on=told_on, kind=ask.kind, presence=presence)
        if NoticeKind.ESCALATION in said:
            upward = day
        if said and ask.is_on(max(send_at(day, presence.zone), ask.opens_at)):
            lines.append((day, said[0]))
            told_on = told_on or day
    return _Said(tuple(lines), upward)


def _midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(zone))
