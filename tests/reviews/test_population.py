"""Who takes part: one rule for the list, the launch, the board and the check."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.core.access import SYSTEM_VIEWER, Viewer
from apps.core.models import AuditEvent
from apps.core.workflow import StaleState
from apps.ladders.states import VersionState
from apps.people.models import Person
from apps.people.viewers import viewer_of_person
from apps.reviews import actions, pages
from apps.reviews.actions import Faulty
from apps.reviews.models import Participant, PopulationChoice
from apps.reviews.pages.changes import changed_keys
from apps.reviews.rules.phases import Hindered
from apps.reviews.states import ChangeKind, CycleState, Standing
from tests.factories import NOON
from tests.factories.ladders import (
    LadderVersionFactory,
    LevelFactory,
    TrackFactory,
)
from tests.factories.people import DepartmentFactory, LocationFactory, PersonFactory
from tests.factories.reviews import CycleFactory, PopulationChoiceFactory

pytestmark = pytest.mark.django_db
ON = NOON.date()
S = Standing


@pytest.fixture
def hr() -> Viewer:
    return viewer_of_person(PersonFactory(process_admin=True))


@pytest.fixture
def department():
    return DepartmentFactory(name="Platform")


@pytest.fixture
def cycle(department):
    return CycleFactory(phases=True, departments=[department], state=CycleState.DRAFT)


def standing_of(cycle, person, *, on=ON) -> str:
    return cycle.standings(on=on).get(pk=person.pk).standing


def cost(build) -> tuple[int, object]:
    with CaptureQueriesContext(connection) as caught:
        page = build()
    return len(caught), page


# --- the one rule ---------------------------------------------------------------------------------


def test_a_department_takes_in_and_every_other_field_narrows(cycle, department):
    place, level = LocationFactory(), LevelFactory()
    right = {"department": department, "location": place, "level": level}
    people = {
        S.PLAN: PersonFactory(**right),
        S.DEPARTMENT: PersonFactory(**{**right, "department": DepartmentFactory()}),
        S.LOCATION: PersonFactory(**{**right, "location": LocationFactory()}),
        S.LEVEL: PersonFactory(**{**right, "level": LevelFactory()}),
        S.HIRED: PersonFactory(**right, hired_on=ON - timedelta(days=3)),
        S.NOT_YET: PersonFactory(**right, hired_on=ON + timedelta(days=1)),
    }
    nowhere = PersonFactory()
    bare = PersonFactory(department=department, location=place)
    unknown_day = PersonFactory(**right, hired_on=None)
    cycle.locations.set([place])
    cycle.levels.set([level])
    cycle.hired_until = ON - timedelta(days=5)

    found = {standing: standing_of(cycle, person) for standing, person in people.items()}

    assert found == {standing: standing.value for standing in people}
    assert standing_of(cycle, nowhere) == S.DEPARTMENT
    assert standing_of(cycle, bare) == S.LEVEL
    assert standing_of(cycle, unknown_day) == S.PLAN
    assert set(cycle.people(on=ON)) == {people[S.PLAN], unknown_day}


def test_without_places_and_levels_everybody_of_the_departments_is_in(cycle, department):
    bare = PersonFactory(department=department)

    assert standing_of(cycle, bare) == S.PLAN


def test_a_hand_wins_over_the_plan_but_nobody_takes_part_before_they_are_here(cycle, department):
    other, here = PersonFactory(), PersonFactory(department=department)
    later = PersonFactory(hired_on=ON + timedelta(days=1))
    gone = PersonFactory(department=department, left=True)
    for person, takes_part in ((other, True), (here, False), (later, True), (gone, True)):
        PopulationChoiceFactory(cycle=cycle, person=person, takes_part=takes_part)
    PopulationChoiceFactory(person=other, takes_part=False)  # in another cycle

    assert standing_of(cycle, other) == S.TAKEN_IN
    assert standing_of(cycle, here) == S.LEFT_OUT
    assert standing_of(cycle, later) == S.NOT_YET
    assert list(cycle.people(on=ON)) == [other]


def test_a_level_is_a_rung_of_a_ladder_whatever_its_version(cycle, department):
    old = LadderVersionFactory(state=VersionState.RETIRED, number=1)
    new = LadderVersionFactory(ladder=old.ladder, number=2)
    rung = LevelFactory(track=TrackFactory(version=old), key="senior")
    moved = LevelFactory(track=TrackFactory(version=new), key="senior")
    namesake = LevelFactory(key="senior")
    cycle.levels.set([rung])
    on_new = PersonFactory(department=department, level=moved)
    elsewhere = PersonFactory(department=department, level=namesake)

    assert standing_of(cycle, on_new) == S.PLAN
    assert standing_of(cycle, elsewhere) == S.LEVEL


def test_people_are_counted_for_the_first_day(cycle, department):
    first = ON + timedelta(days=20)
    cycle.phases.all().delete()
    cycle.phases.create(kind="manager_review", opens_on=first, due_on=first)
    joins = PersonFactory(department=department, hired_on=first)
    leaves = PersonFactory(department=department, left_on=first)

    assert cycle.counted_on(NOON) == first
    assert cycle.counted_on(NOON + timedelta(days=22)) == first + timedelta(days=2)
    assert set(cycle.people(on=cycle.counted_on(NOON))) == {joins}
    assert leaves in cycle.people(on=ON)


def test_the_launch_the_board_and_the_check_take_the_same_people(cycle, department, hr):
    taken = PersonFactory(name="Taken In")
    left = PersonFactory(name="Left Out", department=department)
    plain = PersonFactory(name="Plain", department=department)
    PopulationChoiceFactory(cycle=cycle, person=taken, takes_part=True)
    PopulationChoiceFactory(cycle=cycle, person=left)
    cycle.state = CycleState.SCHEDULED
    cycle.save()
    counts = pages.preflight(hr, cycle_id=cycle.pk, now=NOON).counts

    actions.launch_cycle(cycle, by=SYSTEM_VIEWER, now=NOON)

    who = set(Participant.objects.filter(cycle=cycle).values_list("person__name", flat=True))
    assert who == {taken.name, plain.name}
    assert counts.people == 2
    late = PersonFactory(name="Late", department=department)
    assert changed_keys(hr, cycle, ON)[ChangeKind.JOINED] == [late.pk]


# --- what HR does ---------------------------------------------------------------------------------


def test_the_rules_are_kept_and_written_down(cycle, department, hr):
    other, place, level = DepartmentFactory(), LocationFactory(), LevelFactory()

    actions.edit_population(
        cycle,
        department_ids=[department.pk, other.pk],
        location_ids=[place.pk],
        level_ids=[level.pk],
        hired_until=ON,
        by=hr,
        now=NOON,
    )

    cycle.refresh_from_db()
    assert set(cycle.departments.all()) == {department, other}
    assert (list(cycle.locations.all()), list(cycle.levels.all())) == ([place], [level])
    assert cycle.hired_until == ON
    last = AuditEvent.objects.get(verb="edit_population")
    assert last.detail["locations"] == [place.pk]


def test_a_plan_without_a_department_takes_in_nobody(cycle, hr):
    with pytest.raises(Faulty) as faulty:
        actions.edit_population(cycle, department_ids=[], by=hr, now=NOON)

    assert list(faulty.value.faults.by_field) == ["departments"]


def test_many_are_chosen_at_once_and_may_be_chosen_anew(cycle, hr):
    people = PersonFactory.create_batch(3)
    choose = {"by": hr, "now": NOON}
    actions.choose_people(cycle, people, takes_part=False, reason=" Parental leave ", **choose)

    actions.choose_people(cycle, people[:1], takes_part=True, reason="Back early", **choose)

    kept = PopulationChoice.objects.order_by("person").values_list(
        "person", "takes_part", "reason", "chosen_by"
    )
    assert list(kept) == [
        (people[0].pk, True, "Back early", hr.person_id),
        (people[1].pk, False, "Parental leave", hr.person_id),
        (people[2].pk, False, "Parental leave", hr.person_id),
    ]
    events = AuditEvent.objects.filter(verb="choose_people").order_by("sequence")
    assert [event.detail["people"] for event in events] == [
        sorted(person.pk for person in people),
        [people[0].pk],
    ]


def test_choosing_costs_the_same_for_one_and_for_a_hundred(cycle, hr):
    def choosing(people: int) -> int:
        named = PersonFactory.create_batch(people)
        count, _ = cost(
            lambda: actions.choose_people(
                cycle, named, takes_part=False, reason="Leave", by=hr, now=NOON
            )
        )
        return count

    assert choosing(1) == choosing(100)


def test_a_choice_needs_a_reason(cycle, hr):
    with pytest.raises(Hindered):
        actions.choose_people(
            cycle, [PersonFactory()], takes_part=False, reason="  ", by=hr, now=NOON
        )

    assert not PopulationChoice.objects.exists()


def test_nobody_decides_about_themself(cycle, hr):
    me = Person.objects.get(pk=hr.person_id)

    with pytest.raises(PermissionDenied):
        actions.choose_people(
            cycle, [PersonFactory(), me], takes_part=False, reason="Leave", by=hr, now=NOON
        )
    with pytest.raises(PermissionDenied):
        actions.forget_choice(PopulationChoiceFactory(cycle=cycle, person=me), by=hr, now=NOON)

    assert PopulationChoice.objects.count() == 1


def test_without_the_choice_the_plan_decides_again(cycle, department, hr):
    person = PersonFactory(department=department)
    choice = PopulationChoiceFactory(cycle=cycle, person=person)

    actions.forget_choice(choice, by=hr, now=NOON)

    assert standing_of(cycle, person) == S.PLAN
    assert AuditEvent.objects.get(verb="forget_choice").detail == {"person": person.pk}


def test_nothing_of_it_changes_once_it_has_started(cycle, department, hr):
    person = PersonFactory(department=department)
    stale = CycleFactory._meta.model.objects.get(pk=cycle.pk)
    type(cycle).objects.filter(pk=cycle.pk).update(state=CycleState.COLLECTION)

    with pytest.raises(StaleState):
        actions.edit_population(stale, department_ids=[department.pk], by=hr, now=NOON)
    with pytest.raises(StaleState):
        actions.choose_people(stale, [person], takes_part=False, reason="Leave", by=hr, now=NOON)
    cycle.refresh_from_db()
    with pytest.raises(PermissionDenied):
        actions.choose_people(cycle, [person], takes_part=False, reason="Leave", by=hr, now=NOON)
