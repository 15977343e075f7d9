"""Launching: everybody in, once, with what they need."""

from __future__ import annotations

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.core.access import SYSTEM_VIEWER, Viewer
from apps.core.audit import history
from apps.core.workflow import StaleState
from apps.reviews import actions
from apps.reviews.models import Goal, Participant, Review
from apps.reviews.states import CycleState, Phase, ReviewKind
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

pytestmark = pytest.mark.django_db
HR = Viewer(person_id=None, roles=frozenset({"process_admin"}))


@pytest.fixture
def department():
    return DepartmentFactory()


@pytest.fixture
def cycle(department):
    return CycleFactory(state=CycleState.SCHEDULED, phases=True, departments=[department])


def test_launch_takes_everybody_in_as_they_stand(cycle, department):
    manager = PersonFactory(department=department, with_level=True)
    person = PersonFactory(department=department, manager=manager, with_level=True, placed=False)

    taken = actions.launch_cycle(cycle, by=SYSTEM_VIEWER, now=NOON)

    participant = Participant.objects.get(person=person)
    assert taken == 2
    assert (participant.manager, participant.level, participant.department) == (
        manager,
        person.level,
        department,
    )
    assert cycle.state == CycleState.NOMINATION
    assert cycle.launched_at == NOON
    assert [(r.kind, r.author) for r in participant.reviews.order_by("kind")] == [
        (ReviewKind.MANAGER, manager),
        (ReviewKind.SELF, person),
    ]
    assert [e.verb for e in history(cycle)] == ["launch_cycle"]
    assert history(cycle)[0].detail == {"phase": "nomination", "people": 2}


def test_who_has_no_manager_takes_part_and_is_reviewed_by_nobody_yet(cycle, department):
    PersonFactory(department=department)

    actions.launch_cycle(cycle, by=HR, now=NOON)

    assert [r.kind for r in Review.objects.all()] == [ReviewKind.SELF]


def test_the_clock_launches_with_the_people_of_the_first_day_in_the_zone_of_the_house(
    cycle, department, settings
):
    settings.TIME_ZONE = "Pacific/Auckland"
    first = min(phase.opens_on for phase in cycle.phases.all())
    midnight = datetime.combine(first, time(0, 30), tzinfo=ZoneInfo("Pacific/Auckland"))
    joins = PersonFactory(department=department, hired_on=first)
    PersonFactory(department=department, left_on=first)

    assert cycle.counted_on(midnight) == first
    actions.turn_phases(now=midnight.astimezone(UTC))

    assert [p.person for p in cycle.participants.all()] == [joins]


@pytest.mark.parametrize(
    "strange",
    [
        pytest.param({"left": True}, id="has-left"),
        pytest.param({"hired_on": NOON.date().replace(year=2027)}, id="not-here-yet"),
    ],
)
def test_who_is_not_here_is_not_taken_in(cycle, department, strange):
    PersonFactory(department=department, **strange)
    PersonFactory()

    assert actions.launch_cycle(cycle, by=HR, now=NOON) == 0


def test_a_cycle_without_self_reviews_makes_none(department):
    cycle = CycleFactory(
        state=CycleState.SCHEDULED,
        self_review=False,
        departments=[department],
        phases=[Phase.MANAGER_REVIEW, Phase.DELIVERY],
    )
    manager = PersonFactory()
    PersonFactory(department=department, manager=manager)

    actions.launch_cycle(cycle, by=HR, now=NOON)

    assert [r.kind for r in Review.objects.all()] == [ReviewKind.MANAGER]
    assert cycle.state == CycleState.MANAGER_REVIEW


def test_what_is_rated_is_counted_by_level_mixins_and_goals(cycle, department):
    level = LevelFactory()
    version = level.version
    for _ in range(3):
        StatementFactory(level=level, competency=CompetencyFactory(version=version, area=None))
    mixin = MixinFactory(version=version)
    StatementFactory(
        level=None, mixin=mixin, competency=CompetencyFactory(version=version, area=None)
    )
    profile = RoleProfileFactory(version=version)
    SuccessMetricFactory.create_batch(2, profile=profile)
    plain = PersonFactory(department=department, level=level)
    mixed = PersonFactory(department=department, level=level, mixins=[mixin], role_profile=profile)
    aiming = PersonFactory(department=department, role_profile=profile)

    actions.launch_cycle(cycle, by=HR, now=NOON)

    counts = dict(Participant.objects.values_list("person_id", "item_count"))
    assert counts == {plain.pk: 3, mixed.pk: 6, aiming.pk: 2}
    participant = Participant.objects.get(person=mixed)
    assert list(participant.mixins.all()) == [mixin]
    assert [(g.text, g.target, g.unit) for g in participant.goals.all()] == [
        ("Answer at least 90 % of the tickets within a day", 90, "%")
    ] * 2


@pytest.mark.parametrize(
    ("comparator", "value", "goal"),
    [("eq", 95, "ge"), ("eq", 0, "eq"), ("lt", 60, "lt"), ("qualitative", None, "qualitative")],
    ids=["a figure to reach", "none at all", "already a direction", "in words"],
)
def test_whoever_reaches_more_than_a_figure_has_not_missed_it(
    cycle, department, comparator, value, goal
):
    profile = RoleProfileFactory()
    SuccessMetricFactory(profile=profile, comparator=comparator, value=value)
    PersonFactory(department=department, role_profile=profile)

    actions.launch_cycle(cycle, by=HR, now=NOON)

    assert Goal.objects.get().comparator == goal


def test_a_second_launch_is_refused_and_makes_nothing(cycle, department):
    PersonFactory(department=department)
    twin = type(cycle).objects.get(pk=cycle.pk)
    actions.launch_cycle(cycle, by=HR, now=NOON)

    with pytest.raises(StaleState):
        actions.launch_cycle(twin, by=HR, now=NOON)

    assert Participant.objects.count() == 1


def test_a_thousand_cost_as_many_queries_as_three(department):
    def queries(people: int) -> int:
        place = DepartmentFactory()
        level, manager = LevelFactory(), PersonFactory()
        PersonFactory.create_batch(people, department=place, level=level, manager=manager)
        cycle = CycleFactory(state=CycleState.SCHEDULED, phases=True, departments=[place])
        with CaptureQueriesContext(
            connection,
        ) as caught:
            actions.launch_cycle(cycle, by=HR, now=NOON)
        return len(caught)

    assert queries(3) == queries(60)
