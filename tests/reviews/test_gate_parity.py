"""Each row of the tables is read in Python and in SQL; the two readings agree for everybody.

The world holds a cycle in every state, participants and reviews in every state, today's manager and
an earlier one, one HR kept, a skip-level, people without anybody, arbiters and both offices.
"""

from __future__ import annotations

from itertools import product

import pytest

from apps.core.access import COMMAND_VIEWER, SYSTEM_VIEWER, Viewer
from apps.people.viewers import viewer_of_person
from apps.reviews.access import cycle_gate, participant_gate, review_gate
from apps.reviews.models import Cycle, Participant, Review
from apps.reviews.states import CycleState, ParticipantState
from tests.factories import NOON
from tests.factories.people import PersonFactory
from tests.factories.reviews import (
    CycleFactory,
    DisputeFactory,
    ExtensionFactory,
    ParticipantFactory,
    ReviewFactory,
)

pytestmark = pytest.mark.django_db
OUT = {"released", "acknowledged", "disputed", "settled"}


@pytest.fixture
def world():
    skip = PersonFactory(name="skip", content_admin=True)
    manager = PersonFactory(name="manager", manager=skip)
    earlier = PersonFactory(name="earlier")
    arbiter = PersonFactory(name="arbiter", content_admin=True)
    process = PersonFactory(name="process", process_admin=True, manager=manager)
    both = PersonFactory(name="both", process_admin=True, content_admin=True, manager=process)
    people = {
        "skip": skip,
        "manager": manager,
        "earlier": earlier,
        "arbiter": arbiter,
        "process": process,
        "both": both,
        "report": PersonFactory(name="report", manager=manager),
        "moved": PersonFactory(name="moved", manager=manager),
        "kept": PersonFactory(name="kept", manager=manager),
        "content": PersonFactory(name="content", manager=both, content_admin=True),
        "alone": PersonFactory(name="alone"),
    }
    subjects = [
        # (person, manager at launch, kept)
        (people["report"], manager, False),
        (people["moved"], earlier, False),
        (people["kept"], earlier, True),
        (manager, skip, False),
        (process, manager, False),
        (both, process, False),
        (people["alone"], None, False),
    ]
    for turn, (state, seal) in enumerate(product(CycleState, [True, False])):
        cycle = CycleFactory(state=state, seal_self_review=seal)
        for number, (person, lead, kept) in enumerate(subjects):
            standing = list(ParticipantState)[(number + turn) % len(ParticipantState)]
            _participate(cycle, person, lead, kept, standing, number)
    for standing in ParticipantState:
        for state in (CycleState.DELIVERY, CycleState.COLLECTION, CycleState.CLOSED):
            cycle = CycleFactory(state=state, seal_self_review=standing == "active")
            for number, subject in enumerate(subjects[::2]):
                if subject[0].pk not in {p.person_id for p in cycle.participants.all()}:
                    _participate(cycle, *subject, standing, number)
    return people


def _participate(cycle, person, lead, kept, standing, number):
    if cycle.participants.filter(person=person).exists():
        return
    out = {"released_at": NOON, "released_by": lead or person} if standing in OUT else {}
    row = ParticipantFactory(
        cycle=cycle,
        person=person,
        manager=lead,
        manager_kept=kept,
        state=standing,
        **out,
        **({"delegated_at": NOON, "delegated_by": person.manager} if kept and number % 4 else {}),
    )
    for phase in ("collection", "manager_review")[: number % 3]:
        ExtensionFactory(participant=row, phase=phase, ended_at=NOON if number == 5 else None)
    ReviewFactory(participant=row, own=True, submitted=number % 2 == 0)
    ReviewFactory(participant=row, author=lead or person, submitted=number % 3 == 0)
    if standing in {"disputed", "settled"}:
        arbiter = type(person).objects.get(name="manager" if number == 1 else "arbiter")
        settled = {"settled_at": NOON, "settled_by": arbiter} if standing == "settled" else {}
        DisputeFactory(participant=row, arbiter=arbiter, **settled)


GATES = [(cycle_gate, Cycle), (participant_gate, Participant), (review_gate, Review)]
# Allowed to nobody at the shell or in a task; what the clock may do is listed.
SYSTEM_MAY = {
    "launch_cycle",
    "close_cycle",
    *(name for name in cycle_gate.table if name.startswith("open_")),
}


def viewers(people) -> dict[str, Viewer]:
    return {
        **{name: viewer_of_person(person) for name, person in people.items()},
        "an account without a person": Viewer(user_id=1),
        "the clock": SYSTEM_VIEWER,
        "the shell": COMMAND_VIEWER,
    }


@pytest.mark.parametrize("number", range(len(GATES)), ids=lambda n: GATES[n][1].__name__)
def test_both_readings_of_every_row_agree_for_everybody(world, number):
    gate, model = GATES[number]
    rows = list(model.objects.all())
    silent = []
    for name in gate.table:
        allowed = 0
        for who, viewer in viewers(world).items():
            in_python = {obj.pk for obj in rows if gate.may(viewer, name, obj)}
            in_sql = set(
                gate.visible(viewer, model.objects.all(), name).values_list("pk", flat=True)
            )
            assert in_python == in_sql, f"{name} for {who}"
            allowed += len(in_python)
        if not allowed:
            silent.append(name)
    assert silent == [], "a row that nobody in this world passes is not tested by it"


@pytest.mark.parametrize("number", range(len(GATES)), ids=lambda n: GATES[n][1].__name__)
def test_nobody_without_a_person_passes_but_the_clock_where_listed(world, number):
    gate, model = GATES[number]
    for name in gate.table:
        seen = {
            who: gate.visible(viewer, model.objects.all(), name).exists()
            for who, viewer in viewers(world).items()
            if viewer.person_id is None
        }
        clock = name in SYSTEM_MAY
        expected = {"an account without a person": False, "the clock": clock, "the shell": clock}
        assert seen == expected, name


def visible(world, who, name):
    gate, model = (
        (participant_gate, Participant) if name in participant_gate.table else (review_gate, Review)
    )
    return gate.visible(viewer_of_person(world[who]), model.objects.all(), name)


def test_nobody_decides_about_themself(world):
    for who, person in world.items():
        for name in (
            "release_packet",
            "unshare_packet",
            "settle_dispute",
            "excuse_participant",
            "readmit_participant",
            "hand_over",
            "keep_manager",
            "take_level",
            "read_packet_above",
            "read_packet_content",
        ):
            assert not visible(world, who, name).filter(person=person).exists(), (who, name)


def test_an_office_reads_nobody_of_its_own_line(world):
    above = {world[name].pk for name in ("both", "process", "manager")}

    for name in ("read_packet_content", "read_content"):
        rows = visible(world, "content", name)
        path = "person" if name == "read_packet_content" else "participant__person"
        assert rows.exists()
        assert not rows.filter(**{f"{path}__in": above}).exists()


def test_who_runs_cycles_reads_no_text(world):
    theirs = [world["process"].pk]
    texts = visible(world, "process", "read_own").exclude(author__in=theirs)
    assert not texts.exists()
    for name in ("read_self", "read_rating", "read_content"):
        rows = visible(world, "process", name).exclude(
            participant__person__manager=world["process"]
        )
        rows = rows.exclude(participant__person__manager__manager=world["process"])
        assert not rows.exists(), name


def test_an_earlier_manager_reads_nothing_any_more_unless_kept(world):
    rows = visible(world, "earlier", "read_packet_above")

    assert rows.exists()
    assert not rows.filter(manager_kept=False).exists()


def test_nobody_reads_a_draft_but_its_author(world):
    for who, person in world.items():
        for name in ("read_self", "read_rating", "read_content", "read_released"):
            rows = visible(world, who, name)
            assert not rows.filter(state="draft").exists(), (who, name)
        assert not visible(world, who, "read_own").exclude(author=person).exists()
