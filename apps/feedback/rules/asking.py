"""Who may be asked, how many, by when, and about what."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol, TypeVar
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _

from apps.feedback.states import Mode, PerspectiveKind

LOWEST_THRESHOLD, HIGHEST_THRESHOLD = 4, 12
FEWEST_PEERS, MOST_PEERS = 3, 5
# Most requests to one person, and days on board before somebody is asked: (least, most).
GIVER_BUDGETS, DAYS_ON_BOARD = (1, 30), (0, 730)
# With answers read without names two more than the promise takes: one who declines must not hide the rest.
SPARE = 2
SHOWN_COMPETENCIES = 5

# Lazy: each is put into words when a perspective is set up.
DEFAULT_QUESTIONS: Mapping[str, tuple[object, ...]] = {
    PerspectiveKind.PEER.value: (
        _("What does {name} do that helps you and the team? Name one time you saw it."),
        _("What could {name} do more of, less of, or in another way?"),
        _("Is there anything else worth knowing about working with {name}?"),
    ),
    PerspectiveKind.UPWARD.value: (
        _("What does {name} do that helps you do good work? Name one time you saw it."),
        _("What would you like {name} to do in another way?"),
    ),
}


class NotAllowed(ValueError):
    """What was asked for cannot be. `reason` is a sentence for the person who asked."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Doubtful(NotAllowed):
    """What speaks against a choice, and may be overruled by whoever decides. The sentence names whom."""


def has_been_here(hired_on: date | None, *, on: date, least_days: int) -> bool:
    """On board long enough to be asked about others. An unknown first day is long ago."""
    return hired_on is None or hired_on <= on - timedelta(days=least_days)


def doubts(
    people: Mapping[int, tuple[int, date | None]], *, budget: int, least_days: int, on: date
) -> dict[int, str]:
    """What speaks against asking somebody, by key: "budget" or "new"; empty when nothing does.

    `people` has of each how many are asked of them already, and their first day.
    """
    found = {}
    for pk, (load, hired_on) in people.items():
        if load >= budget:
            found[pk] = "budget"
        elif not has_been_here(hired_on, on=on, least_days=least_days):
            found[pk] = "new"
    return found


def within_budget(
    waiting: Iterable[tuple[int, int]], loads: Mapping[int, int], budget: int
) -> tuple[list[int], list[int]]:
    """(those to approve, those left to the manager) of requests given as (key, giver), first come
    first served: nobody is asked more than `budget` without a person who says so."""
    taken, left = [], []
    counted = dict(loads)
    for key, giver in waiting:
        if counted.get(giver, 0) < budget:
            counted[giver] = counted.get(giver, 0) + 1
            taken.append(key)
        else:
            left.append(key)
    return taken, left


class Expected(Protocol):
    """What this module needs to know of an expected competency."""

    @property
    def area_name(self) -> str: ...


E = TypeVar("E", bound=Expected)


def modes_of(kind: str) -> tuple[Mode, ...]:
    """The modes a perspective may have. Feedback to one's own manager never carries a name."""
    return (Mode.ANONYMOUS,) if kind == PerspectiveKind.UPWARD else tuple(Mode)


def peers_wanted(mode: str, threshold: int, approved: int = 0) -> tuple[int, int]:
    """(fewest, most) people to propose: 3 to 5, or as many as it takes until the person may read them;
    fewer where some of those whom they proposed are `approved` already."""
    fewest, most = FEWEST_PEERS, MOST_PEERS
    if mode != Mode.NAMED:
        fewest, most = max(fewest, threshold), max(most, threshold + SPARE)
    return max(0, fewest - approved), max(0, most - approved)


def has_enough(asked: int, mode: str, threshold: int) -> bool:
    """Whether requests may go out. PRIVACY: with fewer than the threshold, none starts as anonymous."""
    return mode != Mode.ANONYMOUS or asked >= threshold


def missing_to_start(asked: int, mode: str, threshold: int) -> int:
    """How many more must be asked before the first request goes out."""
    return 0 if has_enough(asked, mode, threshold) else threshold - asked


def missing_to_read(standing: int, mode: str, threshold: int) -> int:
    """How many more must be asked before the person can read anything, were everybody to answer.

    `standing` are those who are asked or wait to be, without those who are known to have declined.
    """
    return 0 if mode == Mode.NAMED else max(0, threshold - standing)


def refused_peers(
    peer_ids: Iterable[int],
    *,
    subject_id: int,
    manager_ids: Collection[int | None],
    employed: Collection[int],
) -> dict[int, str]:
    """Why somebody cannot be asked, by key; empty when everybody can."""
    refused = {}
    for peer_id in peer_ids:
        if peer_id == subject_id:
            refused[peer_id] = "self"
        elif peer_id in manager_ids:
            refused[peer_id] = "manager"
        elif peer_id not in employed:
            refused[peer_id] = "not_employed"
    return refused


def chosen_competencies(expected: Sequence[E], limit: int = SHOWN_COMPETENCIES) -> list[E]:
    """At most `limit`, the first of each area, then the second of each, in the ladder's order.

    The same for everyone who is asked about a person, so that the voices on one item can be counted.
    """
    turns: dict[str, int] = {}
    ranked = []
    for position, competency in enumerate(expected):
        turn = turns[competency.area_name] = turns.get(competency.area_name, 0) + 1
        ranked.append((turn, position))
    chosen = sorted(position for _turn, position in sorted(ranked)[:limit])
    return [expected[position] for position in chosen]


def worded(question: str, name: str) -> str:
    """The question with the person's name. Never a template: braces a person typed stay braces."""
    return question.replace("{name}", name)


def due_at(due_on: date, time_zone: str) -> datetime:
    """The first instant after 23:59 of that day in this IANA zone, in UTC."""
    midnight = datetime.combine(due_on + timedelta(days=1), time(), tzinfo=ZoneInfo(time_zone))
    return midnight.astimezone(UTC)
