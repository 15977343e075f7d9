"""Who may do what to how many rows of a company, written down; and each line of the tables matters.

`policy.txt` beside this file is read by people in a diff: for each row of feedback's tables, everybody
who may, and to how many objects of `tests.world.every_scene` (every mode, phase and state). Then every
`who`, `never`, `during` and `when` is taken away in turn, and the test of the written table must fail.
`python -m pytest tests/feedback/test_gate_mutations.py --write-answers` writes what is so now.
"""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest
from django.db import transaction

from apps.core.access import Gate
from apps.feedback import access
from apps.feedback.states import Mode, PerspectiveKind
from apps.people.models import Person
from apps.reviews.states import CycleState
from tests.factories import NOON
from tests.factories.feedback import AnswerFactory, PerspectiveFactory, RequestFactory
from tests.factories.people import PersonFactory
from tests.factories.reviews import CycleFactory, ParticipantFactory
from tests.feedback.worlds import as_viewer
from tests.gates import line, unnoticed
from tests.world import every_scene

pytestmark = pytest.mark.django_db
TABLE = Path(__file__).with_name("policy.txt")
TABLES: list[Gate] = [
    access.perspective_gate,
    access.request_gate,
    access.draft_gate,
    access.answer_gate,
    access.unasked_gate,
    access.concern_gate,
    access.report_gate,
    access.disclosure_gate,
]
ROWS = [(gate.label, action) for gate in TABLES for action in gate.table]


@pytest.fixture(scope="module")
def viewers(django_db_setup, django_db_blocker):
    """Those of the world, which is made once and rolled back after the module."""
    with django_db_blocker.unblock(), transaction.atomic():
        world = every_scene()
        corners = every_corner(world)
        yield world.viewers() | {name: as_viewer(person) for name, person in corners.items()}
        transaction.set_rollback(True)


def every_corner(world) -> dict[str, Person]:
    """What the scenes do not hold: sealed too early, over for one person, one voice too few, somebody
    who is asked and leads, HR about itself, and a line of two that leads in a circle."""
    people = world.people
    lone = PersonFactory(name="lone admin", process_admin=True)
    one = PersonFactory(name="one in a circle")
    other = PersonFactory(name="other in a circle", manager=one)
    Person.objects.filter(pk=one.pk).update(manager=other)
    one.refresh_from_db()
    givers = [people["peer"], people["stranger"], people["manager"]]
    for state in (CycleState.DRAFT, CycleState.NOMINATION, CycleState.COLLECTION):
        for mode, sealed, active in product(Mode, (True, False), (True, False)):
            cycle = CycleFactory(state=state)
            about = seat(cycle, people["subject"], people["manager"], active=active)
            itself = seat(cycle, lone, None, active=True)
            circle = seat(cycle, one, other, active=True)
            peers = PerspectiveFactory(cycle=cycle, mode=mode, sealed=sealed)
            PerspectiveFactory(cycle=cycle, kind="upward", mode="anonymous", sealed=sealed)
            for giver, request in zip(givers, ("asked", "answered", "proposed"), strict=True):
                RequestFactory(
                    perspective=peers, participant=about, giver=giver, state=request,
                    proposed_by=people["subject"],
                )  # fmt: skip
            for who in (itself, circle):
                RequestFactory(
                    perspective=peers, participant=who, giver=givers[0], state="proposed"
                )
    for kind, mode, sealed, active, count in product(
        PerspectiveKind, Mode, (True, False), (True, False), (4, 5)
    ):
        if kind == PerspectiveKind.UPWARD and mode != Mode.ANONYMOUS:
            continue
        cycle = CycleFactory(state=CycleState.DELIVERY)
        asks = PerspectiveFactory(cycle=cycle, kind=kind, mode=mode, sealed=sealed, threshold=5)
        for person in (people["subject"], people["content_admin"], people["head"], one):
            answered = seat(cycle, person, person.manager, active=active)
            for _ in range(count):
                author = None if mode == Mode.ANONYMOUS else PersonFactory()
                AnswerFactory(perspective=asks, participant=answered, author=author)
    cycle = CycleFactory(state=CycleState.DELIVERY)
    asks = PerspectiveFactory(cycle=cycle, sealed=True, threshold=5)
    about = seat(cycle, people["subject"], people["manager"], active=False)
    RequestFactory(perspective=asks, participant=about, giver=people["manager"], state="closed")
    for _ in range(5):
        AnswerFactory(perspective=asks, participant=about, author=None)
    upward = PerspectiveFactory(cycle=cycle, kind="upward", sealed=True, threshold=5)
    RequestFactory(perspective=upward, participant=about, giver=people["manager"], state="closed")
    for _ in range(5):
        AnswerFactory(perspective=upward, participant=about, author=None)
    return {"lone admin": lone, "one in a circle": one}


def seat(cycle, person, manager, *, active):
    """One who takes part, or one whose packet is out."""
    out = {"state": "released", "released_at": NOON, "released_by": manager or person}
    return ParticipantFactory(
        cycle=cycle, person=person, manager=manager, **({} if active else out)
    )


def test_the_tables_are_as_they_were_agreed(viewers, request):
    now = [line(label, action, viewers) for label, action in ROWS]
    if request.config.getoption("--write-answers"):
        TABLE.write_text("\n".join(now) + "\n")

    assert now == TABLE.read_text().splitlines()


# The database says these as well: nobody writes to themself.
SAID_TWICE = {"feedback.UnaskedFeedback.give_unasked: never receiver"}


def test_whatever_is_taken_away_is_noticed(viewers):
    agreed = dict(zip(ROWS, TABLE.read_text().splitlines(), strict=True))
    count, missed = unnoticed(TABLES, agreed, viewers)

    assert count > 120
    assert missed == SAID_TWICE
