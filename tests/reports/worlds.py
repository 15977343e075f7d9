"""Cycles with many people, made quickly, for figures and their suppression."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from apps.core.access import Viewer
from apps.people.models import Department, Person
from apps.reviews.models import Cycle, Participant, RatingEvent, Review
from tests.factories import NOON
from tests.factories.people import DepartmentFactory, PersonFactory
from tests.factories.reviews import CycleFactory

PROCESS = Viewer(person_id=-1, roles=frozenset({"process_admin"}))
CONTENT = Viewer(person_id=-2, roles=frozenset({"content_admin"}))
STRANGER = Viewer(person_id=-3)


def viewer_for(person: Person) -> Viewer:
    return Viewer(person_id=person.pk)


def rated_cycle(
    now: Mapping[str, Sequence[int]],
    given: Mapping[str, Sequence[int]] | None = None,
    *,
    unrated: int = 0,
    state: str = "calibration",
    managers: int = 1,
) -> Cycle:
    """A cycle with, for each department, so many people at each point; `given` what managers gave
    them first (the same people in the same order), `unrated` people more without a rating."""
    cycle = CycleFactory(state=state)
    for name, counts in now.items():
        department = DepartmentFactory(name=name)
        points = [point for point, n in enumerate(counts, start=1) for _ in range(n)]
        before = (
            [point for point, n in enumerate(given[name], start=1) for _ in range(n)]
            if given
            else points
        )
        _rated(cycle, department, points, before, unrated, managers)
    return cycle


def _rated(
    cycle: Cycle, department: Department, points, before, unrated: int, managers: int
) -> None:
    bosses = [PersonFactory(name=f"Boss {department.name} {n}") for n in range(managers)]
    total = len(points) + unrated
    people = Person.objects.bulk_create(
        Person(
            name=f"{department.name} {n}", email=f"{department.pk}-{n}@example.com",
            manager=bosses[n % managers], department=department,
        )
        for n in range(total)
    )  # fmt: skip
    participants = Participant.objects.bulk_create(
        Participant(cycle=cycle, person=p, manager=p.manager, department=department) for p in people
    )
    Review.objects.bulk_create(
        Review(
            participant=p, kind="manager", author=p.manager, state="submitted", submitted_at=NOON,
            submitted_by=p.manager, overall=value,
        )
        for p, value in zip(participants, before, strict=False)
    )  # fmt: skip
    Review.objects.bulk_create(
        Review(participant=p, kind="self", author=p.person) for p in participants
    )
    events = []
    for p, value, first in zip(participants, points, before, strict=False):
        common = {"participant": p, "given_at": NOON, "given_by": p.manager}
        events.append(RatingEvent(sequence=1, source="manager", value=first, **common))
        if value != first:
            events.append(
                RatingEvent(
                    sequence=2, source="calibration", value=value, reason="Seen by all.", **common
                )
            )
    RatingEvent.objects.bulk_create(events)
