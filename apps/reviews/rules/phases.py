"""When a phase is on: its order, its days, and what is wrong with a plan. Days are days of a zone.

Not decided here: who may turn a cycle (access) and how it turns (actions).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.utils.translation import gettext as _

from apps.reviews.states import NEEDED_PHASES, Phase

ORDER = tuple(phase.value for phase in Phase)
END_OF_DAY = time(23, 59)
ANSWER_WITHIN = 3  # working days after a dispute was opened
SATURDAY = 5
FEWEST_OWNERS = 2


class Hindered(Exception):
    """It cannot be done yet; `reasons` are whole sentences for the person who tried."""

    def __init__(self, *reasons: str) -> None:
        super().__init__(" ".join(reasons))
        self.reasons = reasons


@dataclass(frozen=True)
class Dated:
    """One phase that a cycle has, with its first and its last day."""

    kind: str
    opens_on: date
    due_on: date


@dataclass(frozen=True)
class CyclePlan:
    """All that HR decides about a cycle before it starts. Ids are primary keys."""

    name: str
    period_start: date
    period_end: date
    scale_id: int
    department_ids: tuple[int, ...]
    owner_ids: tuple[int, ...]
    phases: tuple[Dated, ...]
    self_review: bool = True
    seal_self_review: bool = False
    show_calibration: bool = False
    grace_days: int = 2
    dispute_days: int = 10


@dataclass(frozen=True)
class Faults:
    """What is wrong with a plan: field name to sentence. Phases are named `opens_on_<kind>`."""

    by_field: dict[str, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.by_field)


def in_order(kinds: Iterable[str]) -> list[str]:
    """The phases of a cycle in the order in which it runs through them."""
    there = set(kinds)
    return [kind for kind in ORDER if kind in there]


def next_phase(state: str, kinds: Iterable[str]) -> str | None:
    """The phase that follows `state` (a running phase, or anything before the first)."""
    rest = in_order(kinds)
    if state in ORDER:
        rest = [kind for kind in rest if ORDER.index(kind) > ORDER.index(state)]
    return rest[0] if rest else None


def previous_phase(state: str, kinds: Iterable[str]) -> str | None:
    """The phase before `state`, or None in the first."""
    earlier = [kind for kind in in_order(kinds) if ORDER.index(kind) < ORDER.index(state)]
    return earlier[-1] if earlier else None


def date_faults(phases: Sequence[Dated]) -> dict[str, str]:
    """Days that run backwards, within a phase or from one phase to the next."""
    faults: dict[str, str] = {}
    days = {phase.kind: phase for phase in phases}
    before: Dated | None = None
    for kind in in_order(days):
        phase = days[kind]
        if phase.due_on < phase.opens_on:
            faults[f"due_on_{kind}"] = _("This ends before it begins.")
        if before is not None and phase.opens_on <= before.opens_on:
            faults[f"opens_on_{kind}"] = _("This begins before the phase ahead of it has begun.")
        before = phase
    return faults


def plan_faults(plan: CyclePlan) -> Faults:
    """Everything that keeps a plan from being kept, each at its field."""
    faults = date_faults(plan.phases)
    kinds = {phase.kind for phase in plan.phases}
    if plan.period_end < plan.period_start:
        faults["period_end"] = _("The period ends before it begins.")
    if not plan.department_ids:
        faults["departments"] = _("Choose at least one department.")
    if len(set(plan.owner_ids)) < FEWEST_OWNERS:
        faults["owners"] = _("Choose at least two owners, so that nobody has to be there always.")
    for phase in NEEDED_PHASES:
        if phase.value not in kinds:
            faults[f"opens_on_{phase.value}"] = _("Every cycle has this phase. Give it its days.")
    if plan.self_review and Phase.COLLECTION.value not in kinds:
        faults["self_review"] = _("Self reviews need the phase in which they are written.")
    if plan.seal_self_review and not plan.self_review:
        faults["seal_self_review"] = _("There is no self review to seal.")
    return Faults(faults)


def day_in(zone: str, *, now: datetime) -> date:
    """Which day it is in this zone (an IANA name). `now` is an aware instant."""
    return now.astimezone(_zone(zone)).date()


def has_opened(opens_on: date, *, now: datetime, zone: str) -> bool:
    """The first day has begun in this zone. `now` is an aware instant."""
    return day_in(zone, now=now) >= opens_on


def due_at(due_on: date, *, zone: str, grace_days: int = 0) -> datetime:
    """The instant, in UTC, at which the last day ends for a person: 23:59 in their zone.

    A clock that is changed that night changes the instant, never the day.
    """
    last = due_on + timedelta(days=grace_days)
    return datetime.combine(last, END_OF_DAY, tzinfo=_zone(zone)).astimezone(UTC)


def newest_day_over(now: datetime, *, zone: str) -> date:
    """The newest day whose end (23:59) lies behind in this zone."""
    local = now.astimezone(_zone(zone))
    over = local.time() > END_OF_DAY
    return local.date() if over else local.date() - timedelta(days=1)


def is_over(days: Iterable[date], *, grace_days: int, now: datetime, zone: str) -> bool:
    """The last of these days, and the days of grace after it, lie behind; False without any."""
    last = max(days, default=None)
    if last is None:
        return False
    return last + timedelta(days=grace_days) <= newest_day_over(now, zone=zone)


def days_between(start: datetime, end: datetime, *, zone: str) -> int:
    """How many midnights lie between two instants in this zone."""
    here = _zone(zone)
    return (end.astimezone(here).date() - start.astimezone(here).date()).days


def working_days_after(day: date, count: int) -> date:
    """The day that lies `count` working days (Monday to Friday) after `day`."""
    while count > 0:
        day += timedelta(days=1)
        if day.weekday() < SATURDAY:
            count -= 1
    return day


def dispute_ends_at(released_at: datetime, *, days: int, zone: str) -> datetime:
    """Until when a packet can be disputed: the end of the last working day, where the person is."""
    return due_at(last_dispute_day(released_at, days=days, zone=zone), zone=zone)


def last_dispute_day(at: datetime, *, days: int, zone: str) -> date:
    """The last of so many working days after the release, or after the dispute, in this zone."""
    return working_days_after(at.astimezone(_zone(zone)).date(), days)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")
