"""Where the word "Reviews" leads: my own part in every cycle, my people, and my past packets."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from apps.core.access import Answer, Viewer
from apps.reviews.access import cycle_gate, manager_of
from apps.reviews.models import Cycle, CyclePhase, Participant
from apps.reviews.pages.board import TONES
from apps.reviews.states import (
    DELIVERED,
    FINISHED,
    ParticipantState,
    Phase,
    ReviewState,
    Waits,
    later_than,
)
from apps.reviews.steps import Step, steps_of

REPORTS_SHOWN = 50
PACKETS_SHOWN = 20
# The self review is written in its phase; before, it says from when.
BEFORE_COLLECTION = {"nomination"}


@dataclass(frozen=True)
class OwnCycle:
    """My part in a cycle that runs."""

    cycle: Cycle
    participant: Participant
    steps: list[Step]
    ask: str
    is_delivering: bool
    due_on: date | None
    opens_on: date | None


@dataclass(frozen=True)
class Report:
    participant: Participant
    waits: str
    tone: str
    self_is_in: bool
    manager_is_in: bool
    is_author: bool
    until: date | None  # with more time than the others have


@dataclass(frozen=True)
class Team:
    """My people in one cycle."""

    cycle: Cycle
    reports: list[Report]
    due_on: date | None
    done: int

    @property
    def is_settled(self) -> bool:
        """Nothing is due any more: all is in, or another phase runs."""
        return self.done == len(self.reports) or self.cycle.state != Phase.MANAGER_REVIEW


@dataclass(frozen=True)
class MyReviews:
    own: list[OwnCycle]
    teams: list[Team]
    packets: list[Participant]
    has_more_reports: bool
    may_prepare: Answer

    @property
    def is_empty(self) -> bool:
        return not (self.own or self.teams or self.packets)


def my_reviews(viewer: Viewer) -> MyReviews:
    """4 queries: my own participations, my people's, the phases of their cycles, twice at most."""
    may_prepare = cycle_gate.may(viewer, "prepare_cycle", Cycle())
    if viewer.person_id is None:
        return MyReviews([], [], [], has_more_reports=False, may_prepare=may_prepare)
    mine = list(
        Participant.objects.filter(person=viewer.person_id)
        .exclude(state=ParticipantState.EXCUSED)
        .select_related("cycle", "level", "manager")
        .prefetch_related("cycle__phases")
        .with_waits()
        .with_time(Phase.COLLECTION)
        .order_by("-cycle__period_end", "-pk")
    )
    others = list(
        Participant.objects.filter(manager_of().q(viewer))
        .exclude(state=ParticipantState.EXCUSED)
        .exclude(cycle__state__in=[*FINISHED, "cancelled"])
        .exclude(person=viewer.person_id)
        .select_related("cycle", "person", "level", "role_profile")
        .prefetch_related("cycle__phases")
        .with_waits()
        .with_time(Phase.MANAGER_REVIEW)
        .order_by("-cycle__period_end", "cycle_id", "person__name", "pk")[: REPORTS_SHOWN + 1]
    )
    return MyReviews(
        own=[_own(p) for p in mine if p.cycle.state not in FINISHED],
        teams=_teams(others[:REPORTS_SHOWN], viewer),
        packets=[p for p in mine if p.state in DELIVERED][:PACKETS_SHOWN],
        has_more_reports=len(others) > REPORTS_SHOWN,
        may_prepare=may_prepare,
    )


def _own(participant: Participant) -> OwnCycle:
    cycle, row = participant.cycle, _any(participant)
    collection = _phase(cycle, Phase.COLLECTION)
    delivery = _phase(cycle, Phase.DELIVERY)
    writes = row.self_review_id is not None
    is_in = row.self_state == ReviewState.SUBMITTED
    runs_on = row.more_time and cycle.state in later_than(Phase.COLLECTION)
    may_write = cycle.state == Phase.COLLECTION or runs_on
    if participant.state in DELIVERED:
        ask, due_on, opens_on = "packet", None, None
    elif writes and not is_in and may_write:
        ask, due_on, opens_on = "write", row.due_on, None
    elif writes and not is_in and cycle.state in BEFORE_COLLECTION:
        ask, due_on, opens_on = "soon", None, collection.opens_on if collection else None
    elif writes and is_in:
        ask, due_on, opens_on = "in", None, delivery.opens_on if delivery else None
    else:
        ask, due_on, opens_on = "wait", None, delivery.opens_on if delivery else None
    return OwnCycle(
        cycle=cycle,
        participant=participant,
        steps=steps_of(cycle),
        ask=ask,
        is_delivering=cycle.state == Phase.DELIVERY,
        due_on=due_on,
        opens_on=None if cycle.state == Phase.DELIVERY else opens_on,
    )


def _teams(reports: list[Participant], viewer: Viewer) -> list[Team]:
    by_cycle: dict[int, list[Participant]] = {}
    for participant in reports:
        by_cycle.setdefault(participant.cycle_id, []).append(participant)
    teams = []
    for people in by_cycle.values():
        cycle = people[0].cycle
        lines = [_report(participant, viewer) for participant in people]
        phase = _phase(cycle, Phase.MANAGER_REVIEW)
        done = sum(line.manager_is_in for line in lines)
        teams.append(Team(cycle, lines, phase.due_on if phase else None, done))
    return teams


def _report(participant: Participant, viewer: Viewer) -> Report:
    row = _any(participant)
    waits = Waits(row.waits)
    return Report(
        participant=participant,
        waits=str(waits.label),
        tone=TONES.get(waits, ""),
        self_is_in=row.self_state == ReviewState.SUBMITTED,
        manager_is_in=row.manager_state == ReviewState.SUBMITTED,
        is_author=row.manager_author_id == viewer.person_id,
        until=row.due_on if row.more_time and row.manager_state == ReviewState.DRAFT else None,
    )


def _phase(cycle: Cycle, kind: Phase) -> CyclePhase | None:
    return next((p for p in cycle.phases.all() if p.kind == kind), None)


def _any(participant: Participant) -> Any:
    """The row with what the query added to it."""
    return participant
