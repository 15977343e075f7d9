"""Release in waves: what is counted, whom one press lets go, and what keeps the others back."""

from __future__ import annotations

import pytest
from django.db import connection
from django.http import Http404
from django.test.utils import CaptureQueriesContext

from apps.core.access import Viewer
from apps.core.audit import history
from apps.reviews import actions, pages
from apps.reviews.models import Participant
from apps.reviews.rules.packets import hold_sentence
from apps.reviews.rules.phases import Hindered
from apps.reviews.states import CycleState, Hold
from tests.factories import NOON
from tests.factories.people import DepartmentFactory, PersonFactory
from tests.factories.reviews import (
    CycleFactory,
    ParticipantFactory,
    RatingEventFactory,
    ReviewFactory,
)
from tests.reviews.test_delivery_actions import officer
from tests.reviews.test_delivery_pages import HR, drawn
from tests.reviews.test_packet_actions import fresh, ready

pytestmark = pytest.mark.django_db


@pytest.fixture
def cycle():
    return CycleFactory(state=CycleState.DELIVERY, phases=True)


# --- a group at once ---


def test_a_group_goes_with_all_who_are_ready_and_with_nobody_else(cycle):
    here, there = DepartmentFactory(), DepartmentFactory()
    rows = [ready(cycle, department=here) for _ in range(3)]
    waits = ParticipantFactory(cycle=cycle, department=here)
    ReviewFactory(participant=waits)
    elsewhere = ready(cycle, department=there)
    nowhere = ready(cycle)

    wave = actions.release_group(
        cycle, of="department", key=here.pk, expected=3, by=officer(), now=NOON
    )

    assert {p.pk for p in wave} == {r.pk for r in rows}
    states = {p.pk: p.state for p in Participant.objects.filter(cycle=cycle)}
    assert {states[r.pk] for r in rows} == {"released"}
    assert {states[p.pk] for p in (waits, elsewhere, nowhere)} == {"active"}
    assert [len(history(r)) for r in rows] == [1, 1, 1]


def test_a_group_of_a_manager_and_of_people_without_a_department(cycle):
    manager = PersonFactory()
    rows = [ready(cycle, manager=manager) for _ in range(2)]
    ready(cycle)

    by = officer()
    assert len(actions.release_group(
        cycle, of="manager", key=manager.pk, expected=2, by=by, now=NOON
    )) == len(rows)  # fmt: skip
    assert len(actions.release_group(
        cycle, of="department", key=None, expected=1, by=by, now=NOON
    )) == 1  # fmt: skip


def test_a_group_that_changed_since_it_was_looked_at_stays(cycle):
    ready(cycle)

    for expected, why in ((2, "Ready by now: 1, not 2"), (0, "Ready by now: 1")):
        with pytest.raises(Hindered, match=why):
            actions.release_group(
                cycle, of="department", key=None, expected=expected, by=officer(), now=NOON
            )
    assert Participant.objects.get().state == "active"
    with pytest.raises(ValueError, match="person"):
        actions.release_group(cycle, of="person", key=None, expected=1, by=officer(), now=NOON)


def test_hr_does_not_let_their_own_packet_go_with_the_group(cycle):
    own = ready(cycle)
    other = ready(cycle)
    hr = Viewer(person_id=own.person_id, roles=frozenset({"process_admin"}))

    actions.release_group(cycle, of="department", key=None, expected=1, by=hr, now=NOON)

    assert (fresh(own).state, fresh(other).state) == ("active", "released")
    with pytest.raises(Hindered, match="Nobody is ready"):
        actions.release_group(cycle, of="department", key=None, expected=1, by=hr, now=NOON)


def test_a_group_costs_the_same_for_three_and_sixty(cycle):
    def cost(people: int) -> int:
        department = DepartmentFactory()
        for _ in range(people):
            ready(cycle, department=department)
        by = officer()
        with CaptureQueriesContext(connection) as caught:
            actions.release_group(
                cycle, of="department", key=department.pk, expected=people, by=by, now=NOON
            )
        return len(caught)

    assert cost(3) == cost(60)


HOLDS = {
    "": lambda row: (ReviewFactory(participant=row, submitted=True), _rate(row)),
    Hold.NO_REVIEWER: lambda row: None,
    Hold.NOT_SUBMITTED: lambda row: (ReviewFactory(participant=row), _rate(row)),
    Hold.NO_OVERALL: lambda row: ReviewFactory(participant=row, submitted=True),
    Hold.NO_REASON: lambda row: (
        ReviewFactory(participant=row, submitted=True),
        _rate(row),
        RatingEventFactory(participant=row, calibrated=True, reason=" "),
    ),
}


def _rate(row):
    return RatingEventFactory(participant=row, overall=True)


@pytest.mark.parametrize("hold", HOLDS, ids=str)
def test_what_keeps_a_packet_back_reads_the_same_in_python_and_in_sql(cycle, hold):
    row = ParticipantFactory(cycle=cycle)
    HOLDS[hold](row)

    found = Participant.objects.with_waits().with_hindrances().with_hold().get(pk=row.pk)

    assert found.hold == hold
    assert found.hindrance() == hold_sentence(hold)
    assert bool(hold_sentence(hold)) == bool(hold)


# --- the waves ---


def wave_cycle(people: int, word: str = ""):
    cycle = CycleFactory(state=CycleState.DELIVERY, phases=True)
    craft, empty = DepartmentFactory(name=f"Craft{word}"), DepartmentFactory(name=f"Desk{word}")
    manager = PersonFactory(name="Mira Jensen")
    for number in range(people):
        row = ParticipantFactory(cycle=cycle, department=craft, manager=manager)
        ReviewFactory(participant=row, submitted=True)
        RatingEventFactory(participant=row, overall=True)
        late = ParticipantFactory(cycle=cycle, department=craft if number % 2 else empty)
        ReviewFactory(participant=late)
        ParticipantFactory(cycle=cycle, department=empty, released=True)
        ParticipantFactory(cycle=cycle, department=empty, excused=True)
    ParticipantFactory(cycle=cycle)
    return cycle, craft, empty, manager


def test_the_waves_count_who_is_ready_who_is_not_and_why():
    cycle, craft, empty, manager = wave_cycle(4)

    page = pages.waves(HR, cycle_id=cycle.pk)
    html = drawn("reviews/waves.html", page)

    counted = {g.name: (g.people, g.ready, g.held, g.released) for g in page.groups.object_list}
    assert counted == {
        "Craft": (6, 4, {"not_submitted": 2}, 0),
        "Desk": (6, 0, {"not_submitted": 2}, 4),
        "": (1, 0, {"no_reviewer": 1}, 0),
    }
    assert (page.total.people, page.total.ready, page.total.released) == (13, 4, 4)
    assert "Release 4" in html
    assert html.count("<form") == 1
    by_manager = pages.waves(HR, cycle_id=cycle.pk, of="manager")
    assert {g.name: g.ready for g in by_manager.groups.object_list}["Mira Jensen"] == 4


def test_the_held_back_of_a_group_stand_there_by_name_with_the_sentence():
    cycle, craft, *_ = wave_cycle(4)

    page = pages.waves(HR, cycle_id=cycle.pk, chosen=craft.pk)

    assert [one.sentence for one in page.held.object_list] == [
        "The manager review is not submitted yet."
    ] * 2
    assert page.held.object_list[0].participant.person.name in drawn("reviews/waves.html", page)


def test_hr_is_told_that_the_own_packet_is_somebody_elses_to_release():
    cycle, craft, *_ = wave_cycle(1)
    own = cycle.participants.filter(department=craft, reviews__state="submitted").get()
    hr = Viewer(person_id=own.person_id, roles=frozenset({"process_admin"}))

    page = pages.waves(hr, cycle_id=cycle.pk, chosen=craft.pk)

    assert page.total.held["own"] == 1
    assert "Your own; somebody else releases it." in drawn("reviews/waves.html", page)


def test_before_the_last_phase_the_waves_have_no_button():
    cycle, *_ = wave_cycle(2)
    type(cycle).objects.filter(pk=cycle.pk).update(state=CycleState.CALIBRATION)

    page = pages.waves(HR, cycle_id=cycle.pk)

    assert page.total.ready == 2
    assert "<form" not in drawn("reviews/waves.html", page)


@pytest.mark.parametrize("chosen", [False, True])
def test_waves_cost_the_same_for_three_and_thirty(chosen):
    def cost(people: int) -> int:
        cycle, craft, *_ = wave_cycle(people, str(people))
        with CaptureQueriesContext(connection) as caught:
            pages.waves(HR, cycle_id=cycle.pk, chosen=craft.pk if chosen else None)
        return len(caught)

    few = cost(3)
    assert few == cost(30)
    assert few == (5 if chosen else 3)


def test_only_hr_has_waves_and_only_of_a_launched_cycle():
    cycle, *_, manager = wave_cycle(1)

    for viewer, one in (
        (Viewer(person_id=manager.pk), cycle),
        (Viewer(roles=frozenset({"content_admin"})), cycle),
        (HR, CycleFactory()),
    ):
        with pytest.raises(Http404):
            pages.waves(viewer, cycle_id=one.pk)
