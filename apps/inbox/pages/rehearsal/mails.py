"""Every mail of a cycle before its launch, one line each, for a file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from apps.core.access import Viewer
from apps.core.export import Cell
from apps.inbox.pages.rehearsal.company import (
    cycle_to_rehearse,
    everybody,
    is_to_come,
    one_by_one,
    settings_of,
)
from apps.inbox.rules.rehearsing import Mail, Rehearsed, rehearse
from apps.inbox.states import NoticeKind
from apps.reviews.models import Cycle

HEADER = ("Person", "Day", "Hour", "Time zone", "Things named", "Asked", "Late", "Late in the team")


@dataclass(frozen=True)
class RehearsedMails:
    """`rows` are made while they are read; `count` says how many there will be."""

    cycle: Cycle
    header: tuple[str, ...]
    rows: Iterator[tuple[Cell, ...]]
    count: int


def rehearsed_mails(
    viewer: Viewer, *, cycle_id: int, peers: str = "", start: str = "", now: datetime
) -> RehearsedMails | None:
    """6 queries. None for a cycle that has begun or has no phase. 404 but for HR."""
    cycle = cycle_to_rehearse(viewer, cycle_id=cycle_id)
    chosen = settings_of(cycle, peers=peers, start=start, now=now) if is_to_come(cycle) else None
    if chosen is None:
        return None
    people = one_by_one(chosen, everybody(chosen))
    plans = rehearse((who for who, _name in people), chosen.scenario)
    named = list(zip((name for _who, name in people), plans, strict=True))
    count = sum(len(plan.mails) for plan in plans)
    return RehearsedMails(cycle, HEADER, _rows(named), count)


def _rows(named: list[tuple[str, Rehearsed]]) -> Iterator[tuple[Cell, ...]]:
    label = lru_cache(maxsize=None)(lambda kind: str(kind.label))
    clock = lru_cache(maxsize=4096)(
        lambda at, zone: at.astimezone(ZoneInfo(zone)).strftime("%H:%M")
    )

    def words(plan: Rehearsed, mail: Mail, late: bool) -> str:
        said: dict[str, int] = {}
        for ask, notice in mail.own:
            if (notice == NoticeKind.OVERDUE) == late:
                said[label(ask.kind)] = said.get(label(ask.kind), 0) + plan.duties[ask]
        return ", ".join(f"{word} ({n})" if n > 1 else word for word, n in said.items())

    for name, plan in named:
        zone = plan.who.presence.zone
        for mail in plan.mails:
            above: dict[str, int] = {}
            for late in plan.late.get(mail.day, ()):
                kind = label(late.ask.kind)
                above[kind] = above.get(kind, 0) + late.number
            yield (
                name,
                mail.day,
                clock(mail.at, zone),
                zone,
                plan.lines(mail),
                words(plan, mail, False),
                words(plan, mail, True),
                ", ".join(f"{word} ({n})" for word, n in above.items()),
            )
