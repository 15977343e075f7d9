"""The people of a cycle that has not begun, as the rules of rehearsing take them.

For the summary people who are alike in everything but the name come as one row, counted by the
database; only managers come one by one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.db.models import BooleanField, Case, Count, Exists, OuterRef, Q, QuerySet, When
from django.shortcuts import get_object_or_404

from apps.core.access import Viewer
from apps.core.keys import key_in
from apps.feedback.models import Perspective
from apps.feedback.rules import SHOWN_COMPETENCIES, has_enough, minutes_for, peers_wanted
from apps.feedback.states import PerspectiveKind
from apps.inbox.duties import MINUTES
from apps.inbox.rules import Presence
from apps.inbox.rules.rehearsing import Ask, Scenario, Somebody, by_the_clock, openings
from apps.inbox.states import DutyKind
from apps.people.models import Person, PersonQuerySet
from apps.reviews.access import CONFIGURABLE, cycle_gate
from apps.reviews.models import Cycle
from apps.reviews.rules.phases import Dated, day_in
from apps.reviews.states import Phase

PLACE = ("manager_id", "time_zone", "leave_from", "leave_until", "left_on")
NO_ADDRESS = Case(When(email="", then=True), default=False, output_field=BooleanField())


@dataclass(frozen=True)
class Settings:
    """What a rehearsal is of, and what it takes for granted: `peer_choices` are the numbers of
    peers that can be tried; `on` is the day of the launch."""

    cycle: Cycle
    scenario: Scenario
    peer_choices: list[int]
    starts_now: bool
    on: date

    @property
    def query(self) -> str:
        """What was chosen, for the address of another page of the same rehearsal."""
        chosen = {"peers": self.scenario.peers} if self.peer_choices else {}
        return urlencode({**chosen, "start": "now"} if self.starts_now else chosen)


def cycle_to_rehearse(viewer: Viewer, *, cycle_id: int) -> Cycle:
    """2 queries; 404 for everybody but HR process admins."""
    found = cycle_gate.visible(viewer, Cycle.objects.all(), "prepare_cycle")
    return get_object_or_404(found.prefetch_related("phases"), pk=cycle_id)


def minutes_of(scenario: Scenario, who: Somebody, ask: Ask, number: int) -> int:
    """How long so many duties of one kind take somebody, as the list of duties will say."""
    if ask.kind == DutyKind.GIVE_FEEDBACK:
        return scenario.minutes_to_give(who)
    return MINUTES[ask.kind] * number


def is_to_come(cycle: Cycle) -> bool:
    return cycle.state in CONFIGURABLE


def settings_of(cycle: Cycle, *, peers: str, start: str, now: datetime) -> Settings | None:
    """At most 3 queries: kinds of feedback; owners; teams large enough to be asked about their
    manager. None for a cycle without any phase.

    Arguments: `peers` how many each person names, as typed ("" for the most that may be); `start`
    "now" for a launch at this instant, else the clock launches it.
    """
    phases = tuple(Dated(p.kind, p.opens_on, p.due_on) for p in cycle.phases.all())
    if not phases:
        return None
    asking = Perspective.objects.filter(cycle=cycle).annotate(asked=Count("questions"))
    feedback = {p.kind: p for p in asking}
    # What each level asks is not counted before the launch; a form never asks about more than these.
    minutes = {p.kind: minutes_for(p.asked, SHOWN_COMPETENCIES) for p in asking}
    choices, chosen = _peers(phases, feedback.get(PerspectiveKind.PEER), peers)
    scenario = Scenario(
        phases=phases,
        starts_at=now,
        zone=settings.TIME_ZONE,
        grace_days=cycle.grace_days,
        self_review=cycle.self_review,
        proposes=bool(choices),
        peers=chosen,
        peer_minutes=minutes.get(PerspectiveKind.PEER, 0),
        upward_minutes=minutes.get(PerspectiveKind.UPWARD, 0),
    )
    if start != "now":
        scenario = by_the_clock(scenario)
    on = day_in(scenario.zone, now=scenario.starts_at)
    if chosen:
        owners = cycle.owners.filter(is_process_admin=True, left_on=None)
        scenario = replace(scenario, owners=frozenset(owners.values_list("pk", flat=True)))
    upward = feedback.get(PerspectiveKind.UPWARD)
    if upward and (collection := openings(scenario).get(Phase.COLLECTION.value)):
        opens_on = day_in(scenario.zone, now=collection.opens_at)
        teams = _reports(cycle, on=on, employed_on=opens_on).values_list("manager_id")
        about = frozenset(
            pk
            for pk, size in teams.annotate(size=Count("pk"))
            if has_enough(size, upward.mode, upward.threshold)
        )
        scenario = replace(scenario, upward_of=about)
    return Settings(cycle, scenario, choices, start == "now", on)


def _peers(
    phases: tuple[Dated, ...], perspective: Perspective | None, typed: str
) -> tuple[list[int], int]:
    """(numbers of peers that can be tried, the one that is); none without peer feedback."""
    if perspective is None or all(phase.kind != Phase.NOMINATION for phase in phases):
        return [], 0
    fewest, most = peers_wanted(perspective.mode, perspective.threshold)
    choices = [0, *range(fewest, most + 1)]
    chosen = key_in(typed)
    return choices, most if chosen is None or chosen not in choices else chosen


def population(cycle: Cycle, *, on: date) -> PersonQuerySet:
    """Who takes part, as rows that can be joined and counted whatever chose them."""
    return Person.objects.filter(pk__in=cycle.people(on=on).order_by().values("pk"))


def _reports(cycle: Cycle, *, on: date, employed_on: date) -> PersonQuerySet:
    """Who reports to somebody that takes part, whether in the cycle or not."""
    return (
        Person.objects.employed(on=employed_on)
        .filter(manager__in=population(cycle, on=on))
        .order_by()
    )


def company(found: Settings) -> tuple[list[Somebody], dict[int, str]]:
    """Everybody of whom something would be asked, alike people together; and the names of the
    managers by key. At most 3 queries, however many people."""
    base = population(found.cycle, on=found.on).order_by()
    rows: Counter[tuple[Any, ...]] = Counter()
    for *place, number in base.values_list(*PLACE, NO_ADDRESS).annotate(Count("pk")):
        rows[(True, *place)] = number
    if about := found.scenario.upward_of:
        collection = openings(found.scenario)[Phase.COLLECTION.value]
        opens_on = day_in(found.scenario.zone, now=collection.opens_at)
        reports = _reports(found.cycle, on=found.on, employed_on=opens_on)
        for *place, number in reports.values_list(*PLACE, NO_ADDRESS).annotate(Count("pk")):
            if place[0] in about:
                rows[(False, *place)] = number - rows[(True, *place)]
    managers, names = [], {}
    for pk, name, takes_part, *place in managers_above(base, found.scenario.owners).values_list(
        "pk", "name", "takes_part", *PLACE, NO_ADDRESS
    ):
        rows[(takes_part, *place)] -= 1  # counted one by one, not among the others
        names[pk] = name
        managers.append(_somebody((takes_part, *place), pk=pk))
    others = [_somebody(row, people=number) for row, number in rows.items() if number > 0]
    return managers + others, names


def managers_above(base: QuerySet[Person], owners: Collection[int] = ()) -> QuerySet[Person]:
    """The managers of these people and theirs, the owners and theirs, with `takes_part`, by name."""
    above = Q(pk__in=base.values("manager_id")) | Q(pk__in=base.values("manager__manager_id"))
    above |= _with_managers(owners)
    return (
        Person.objects.filter(above)
        .annotate(takes_part=Exists(base.filter(pk=OuterRef("pk"))))
        .order_by("name", "pk")
    )


def _with_managers(keys: Collection[int]) -> Q:
    """These people and their managers."""
    return Q(pk__in=keys) | Q(pk__in=Person.objects.filter(pk__in=keys).values("manager_id"))


def _somebody(row: tuple[Any, ...], *, pk: int | None = None, people: int = 1) -> Somebody:
    takes_part, manager_id, zone, leave_from, leave_until, left_on, lacks_address = row
    presence = Presence(zone, leave_from, leave_until, left_on)
    return Somebody(presence, manager_id, takes_part, not lacks_address, pk, people)


def alone(found: Settings) -> Q:
    """Those who take part and report to nobody, where somebody of HR decides about their peers."""
    if not found.scenario.owners:
        return Q(pk__in=[])
    return Q(manager=None, pk__in=population(found.cycle, on=found.on).values("pk"))


def one_by_one(found: Settings, people: QuerySet[Person]) -> list[tuple[Somebody, str]]:
    """These people, each alone, with their names. 1 query."""
    base = population(found.cycle, on=found.on).order_by()
    rows = people.annotate(takes_part=Exists(base.filter(pk=OuterRef("pk")))).order_by("name", "pk")
    return [
        (_somebody(tuple(row), pk=pk), name)
        for pk, name, *row in rows.values_list("pk", "name", "takes_part", *PLACE, NO_ADDRESS)
    ]


def everybody(found: Settings) -> QuerySet[Person]:
    """Of whom anything would be asked, or who would be told of something late."""
    base = population(found.cycle, on=found.on).order_by()
    return Person.objects.filter(
        Q(pk__in=base.values("pk"))
        | _with_managers(found.scenario.owners)
        | Q(pk__in=base.values("manager_id"))
        | Q(pk__in=base.values("manager__manager_id"))
        | Q(manager__in=found.scenario.upward_of, left_on=None)
    )
