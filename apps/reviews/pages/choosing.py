"""With which fields HR says who takes part in a cycle: its rules, addresses, one person."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Case, CharField, F, Q, Value, When
from django.db.models.functions import Lower
from django.shortcuts import get_object_or_404

from apps.core.access import Viewer
from apps.ladders.models import Level
from apps.ladders.states import VersionState
from apps.people.models import Department, Location, Person
from apps.reviews.access import choice_gate, cycle_gate
from apps.reviews.models import Cycle, PopulationChoice
from apps.reviews.pages.population import (
    EVERYBODY,
    WITH_LADDERS,
    PopulationFilter,
    Seat,
    cycle_to_set,
    people_with_standing,
    seat_of,
)

Choices = list[tuple[Any, Any]]


@dataclass(frozen=True)
class PopulationRule:
    """The fields of the plan that say who takes part, and what they may be set to."""

    cycle: Cycle
    departments: Choices
    locations: Choices
    levels: Choices
    chosen_departments: list[int]
    chosen_locations: list[int]
    chosen_levels: list[int]


def edit_population(viewer: Viewer, *, cycle_id: int) -> PopulationRule:
    """7 queries. Errors: Http404, PermissionDenied."""
    found = cycle_to_set(
        viewer, cycle_id=cycle_id, prefetch=("departments", "locations", WITH_LADDERS)
    )
    cycle_gate.require(viewer, "edit_population", found)
    levels, standing_for = _levels(found)
    return PopulationRule(
        found,
        list(Department.objects.values_list("pk", "name")),
        list(Location.objects.values_list("pk", "name")),
        levels,
        [department.pk for department in found.departments.all()],
        [place.pk for place in found.locations.all()],
        [
            standing_for[level.version.ladder_id, level.key]
            for level in found.levels.all()
            if (level.version.ladder_id, level.key) in standing_for
        ],
    )


def _levels(found: Cycle) -> tuple[Choices, dict[tuple[int, str], int]]:
    """The rungs of every ladder, grouped by ladder and track, each once: as the published version
    has it, else as the newest one on which somebody stands or which was chosen. 1 query."""
    rank = Case(
        When(version__state=VersionState.PUBLISHED.value, then=Value("a")),
        default=Value("b"),
        output_field=CharField(),
    )
    used = Q(pk__in=Person.objects.filter(level__isnull=False, left_on=None).values("level"))
    rows = (
        Level.objects.filter(
            Q(version__state=VersionState.PUBLISHED)
            | used
            | Q(pk__in=[level.pk for level in found.levels.all()])
        )
        .select_related("version__ladder", "track")
        .annotate(rank=rank)
        .order_by(
            "rank", "-version__number", F("track__position").asc(nulls_first=True), "position", "pk"
        )
    )
    standing_for: dict[tuple[int, str], int] = {}
    groups: dict[str, Choices] = defaultdict(list)
    for level in rows:
        key = (level.version.ladder_id, level.key)
        if key in standing_for:
            continue
        standing_for[key] = level.pk
        ladder = level.version.ladder.title
        groups[f"{ladder} · {level.track.name}" if level.track else ladder].append(
            (level.pk, str(level))
        )
    return sorted(groups.items()), standing_for


@dataclass(frozen=True)
class ChoosePeople:
    """The form with which people are taken in or left out by hand."""

    cycle: Cycle
    people: int


def choose_people(viewer: Viewer, *, cycle_id: int, now: datetime) -> ChoosePeople:
    """3 queries. Errors: Http404, PermissionDenied."""
    found = cycle_to_set(viewer, cycle_id=cycle_id, prefetch=("phases",))
    cycle_gate.require(viewer, "edit_population", found)
    return ChoosePeople(found, found.people(on=found.counted_on(now)).count())


@dataclass(frozen=True)
class ChoosePerson:
    """One person, where they stand now, and what may be done."""

    cycle: Cycle
    seat: Seat
    choice: PopulationChoice | None


def choose_person(viewer: Viewer, *, cycle_id: int, person_id: int, now: datetime) -> ChoosePerson:
    """4 queries. Errors: Http404, also for somebody who is not employed; PermissionDenied."""
    found = cycle_to_set(viewer, cycle_id=cycle_id, prefetch=("phases",))
    rows = people_with_standing(found, found.counted_on(now), PopulationFilter(standing=EVERYBODY))
    seat = seat_of(viewer, found, get_object_or_404(rows, pk=person_id))
    choice = PopulationChoice.objects.filter(cycle=found, person=person_id).first()
    if choice is not None:
        choice.cycle, choice.person = found, seat.person
    choice_gate.require(viewer, "choose_people", PopulationChoice(cycle=found, person=seat.person))
    return ChoosePerson(found, seat, choice)


@dataclass(frozen=True)
class Addressed:
    """Whom a list of addresses names; `unknown` are those of nobody who works here then."""

    people: Sequence[Person]
    unknown: list[str]
    has_oneself: bool


def addressed(viewer: Viewer, found: Cycle, addresses: list[str], *, now: datetime) -> Addressed:
    """2 queries for any number of addresses."""
    on = found.counted_on(now)
    rows = (
        Person.objects.employed(on=on)
        .annotate(address=Lower("email"))
        .filter(address__in=addresses)
        .order_by("name", "pk")
    )
    people = list(rows)
    known = {person.email.casefold() for person in people}
    return Addressed(
        people=people,
        unknown=[address for address in addresses if address not in known],
        has_oneself=any(person.pk == viewer.person_id for person in people),
    )
