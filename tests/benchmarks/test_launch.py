"""Launching ten thousand people, against what COPY needs for the very same rows."""

from __future__ import annotations

import time

import pytest
from django.db import connection, transaction

from apps.core.access import SYSTEM_VIEWER
from apps.people.models import Person
from apps.reviews import actions, pages
from apps.reviews.models import Goal, Participant, Review
from apps.reviews.pages import BoardFilter
from apps.reviews.states import CycleState
from tests.factories import NOON
from tests.factories.ladders import (
    CompetencyFactory,
    LevelFactory,
    MixinFactory,
    RoleProfileFactory,
    StatementFactory,
    SuccessMetricFactory,
)
from tests.factories.people import DepartmentFactory, PersonFactory
from tests.factories.reviews import CycleFactory

pytestmark = [pytest.mark.load, pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
PEOPLE = 10_000
TABLES = [Participant, Participant.mixins.through, Goal, Review]


@pytest.fixture
def cycle():
    departments = DepartmentFactory.create_batch(20)
    levels = LevelFactory.create_batch(12)
    for level in levels:
        for _ in range(3):
            StatementFactory(
                level=level, competency=CompetencyFactory(version=level.version, area=None)
            )
    mixin, profile = MixinFactory(), RoleProfileFactory()
    SuccessMetricFactory.create_batch(3, profile=profile)
    bosses = PersonFactory.create_batch(100, department=departments[0], level=levels[0])
    Person.objects.bulk_create(
        [
            Person(
                name=f"Load {n}",
                email=f"load{n}@example.com",
                manager=bosses[n % 100],
                department=departments[n % 20],
                level=levels[n % 12],
                role_profile=profile if n % 10 == 0 else None,
            )
            for n in range(PEOPLE - 100)
        ]
    )
    through = Person.mixins.through
    through.objects.bulk_create(
        through(person_id=pk, mixin=mixin)
        for pk in Person.objects.filter(name__endswith="7").values_list("pk", flat=True)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return CycleFactory(state=CycleState.SCHEDULED, phases=True, departments=departments)


def emptied() -> None:
    with connection.cursor() as cursor:
        names = ", ".join(f'"{model._meta.db_table}"' for model in TABLES)
        cursor.execute(f"TRUNCATE {names} CASCADE")


def copied() -> float:
    """Seconds that COPY needs for the rows that the launch made."""
    kept = []
    with connection.cursor() as cursor:
        for model in TABLES:
            columns = ", ".join(f'"{f.column}"' for f in model._meta.local_concrete_fields)
            name = f'"{model._meta.db_table}" ({columns})'
            with cursor.copy(f"COPY {name} TO STDOUT") as rows:
                kept.append((name, b"".join(bytes(block) for block in rows)))
    emptied()
    started = time.perf_counter()
    with transaction.atomic(), connection.cursor() as cursor:
        for name, data in kept:
            with cursor.copy(f"COPY {name} FROM STDIN") as into:
                into.write(data)
    return time.perf_counter() - started


def test_a_launch_beside_a_copy(cycle):
    launches, copies = [], []
    for _ in range(3):
        emptied()
        type(cycle).objects.update(state=CycleState.SCHEDULED)
        cycle.refresh_from_db()
        started = time.perf_counter()
        assert actions.launch_cycle(cycle, by=SYSTEM_VIEWER, now=NOON) == PEOPLE
        launches.append(time.perf_counter() - started)
        copies.append(copied())

    launch, copy = sorted(launches)[1], sorted(copies)[1]
    print(
        f"\nlaunch {launch:.2f} s, COPY {copy:.2f} s, {launch / copy:.2f} times;"
        f" {Participant.objects.count()} participants, {Review.objects.count()} reviews,"
        f" {Goal.objects.count()} goals"
    )
    if launch > 3 * copy:
        print("more than three times a COPY")


def test_the_board_of_ten_thousand(cycle):
    from apps.core.access import Viewer

    hr = Viewer(person_id=10**9, roles=frozenset({"process_admin"}))
    actions.launch_cycle(cycle, by=SYSTEM_VIEWER, now=NOON)
    type(cycle).objects.update(state=CycleState.DELIVERY)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")

    def median(build) -> float:
        taken = []
        for _ in range(7):
            started = time.perf_counter()
            build()
            taken.append(time.perf_counter() - started)
        return sorted(taken)[3] * 1000

    on = NOON.date()
    everybody = pages.cycle_board(hr, cycle_id=cycle.pk, on=on)
    found = pages.cycle_board(hr, cycle_id=cycle.pk, on=on, chosen=BoardFilter(search="Load 77"))
    assert everybody.total == PEOPLE
    assert 0 < found.fitting < PEOPLE
    figures = {
        "board": lambda: pages.cycle_board(hr, cycle_id=cycle.pk, on=on),
        "board, page 100": lambda: pages.cycle_board(hr, cycle_id=cycle.pk, on=on, number=100),
        "board, searched": lambda: pages.cycle_board(
            hr, cycle_id=cycle.pk, on=on, chosen=BoardFilter(search="Load 77")
        ),
        "cycle": lambda: pages.cycle(hr, cycle_id=cycle.pk, now=NOON),
        "list": lambda: pages.cycle_list(hr),
        "my reviews": lambda: pages.my_reviews(
            Viewer(person_id=Person.objects.get(name="Load 5").manager_id)
        ),
    }
    print()
    for name, build in figures.items():
        print(f"{name}: {median(build):.1f} ms")
