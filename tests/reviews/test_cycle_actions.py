"""What is pressed on a cycle: its state, its audit row, and what is refused with which sentence."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied

from apps.core.access import SYSTEM_VIEWER, Viewer
from apps.core.audit import history
from apps.core.workflow import StaleState
from apps.reviews import actions
from apps.reviews.models import Cycle, Participant
from apps.reviews.rules.phases import CyclePlan, Dated, Hindered
from apps.reviews.states import CycleState, Phase
from tests.factories import NOON
from tests.factories.people import DepartmentFactory, PersonFactory
from tests.factories.reviews import (
    CycleFactory,
    ExtensionFactory,
    ParticipantFactory,
    RatingScaleFactory,
)

pytestmark = pytest.mark.django_db
TODAY = NOON.date()


@pytest.fixture
def hr():
    person = PersonFactory(process_admin=True)
    return Viewer(person_id=person.pk, roles=frozenset({"process_admin"}))


@pytest.fixture
def plan():
    return CyclePlan(
        name="Autumn",
        period_start=TODAY,
        period_end=TODAY + timedelta(days=90),
        scale_id=RatingScaleFactory().pk,
        department_ids=(DepartmentFactory().pk,),
        owner_ids=(PersonFactory().pk, PersonFactory().pk),
        phases=tuple(
            Dated(k.value, TODAY + timedelta(days=7 * n), TODAY + timedelta(days=7 * n + 6))
            for n, k in enumerate(Phase)
        ),
    )


def fresh(cycle):
    return Cycle.objects.get(pk=cycle.pk)


def last_of(obj):
    return history(obj)[-1]


def test_a_plan_is_kept_as_it_was_typed(hr, plan):
    cycle = actions.prepare_cycle(plan, by=hr, now=NOON)

    assert fresh(cycle).plan() == plan
    assert (cycle.state, cycle.created_by_id, cycle.created_at) == ("draft", hr.person_id, NOON)
    assert last_of(cycle).verb == "prepare_cycle"


def test_a_plan_with_a_fault_or_a_name_twice_is_not_kept(hr, plan):
    CycleFactory(name="Autumn")

    with pytest.raises(actions.Faulty) as faulty:
        actions.prepare_cycle(replace(plan, owner_ids=()), by=hr, now=NOON)

    assert set(faulty.value.faults.by_field) == {"owners", "name"}
    assert Cycle.objects.count() == 1


def test_only_who_runs_cycles_prepares_one(plan):
    with pytest.raises(PermissionDenied, match="Cycles are run by HR"):
        actions.prepare_cycle(plan, by=Viewer(person_id=PersonFactory().pk), now=NOON)


def test_a_plan_changes_until_it_starts(hr, plan):
    cycle = actions.prepare_cycle(plan, by=hr, now=NOON)
    shorter = replace(plan, phases=plan.phases[1:], name="Later", grace_days=5)

    actions.edit_cycle(cycle, shorter, by=hr, now=NOON)

    assert fresh(cycle).plan() == shorter
    Cycle.objects.update(state=CycleState.COLLECTION)
    with pytest.raises(StaleState):
        actions.edit_cycle(cycle, plan, by=hr, now=NOON)


def test_dates_of_a_running_cycle_move_and_its_phases_stay(hr):
    cycle = CycleFactory(state=CycleState.COLLECTION, phases=["collection", "delivery"])
    moved = [
        Dated("collection", TODAY, TODAY + timedelta(days=30)),
        Dated("calibration", TODAY + timedelta(days=31), TODAY + timedelta(days=32)),
        Dated("delivery", TODAY + timedelta(days=40), TODAY + timedelta(days=50)),
    ]

    actions.change_dates(cycle, moved, grace_days=4, by=hr, now=NOON)

    assert list(cycle.phases.values_list("kind", "due_on")) == [
        ("collection", TODAY + timedelta(days=30)),
        ("delivery", TODAY + timedelta(days=50)),
    ]
    assert fresh(cycle).grace_days == 4
    with pytest.raises(actions.Faulty):
        actions.change_dates(
            cycle,
            [replace(moved[0], due_on=TODAY - timedelta(days=9))],
            grace_days=4,
            by=hr,
            now=NOON,
        )


def test_gaps_are_looked_at_before_it_is_scheduled(hr, plan):
    cycle = actions.prepare_cycle(plan, by=hr, now=NOON)
    PersonFactory(department_id=plan.department_ids[0])

    with pytest.raises(Hindered, match="Look at the people below"):
        actions.schedule_cycle(cycle, by=hr, now=NOON)
    actions.schedule_cycle(cycle, accept_gaps=True, by=hr, now=NOON)

    assert fresh(cycle).state == CycleState.SCHEDULED
    assert last_of(cycle).detail == {"people_with_gaps": 1}


def test_a_plan_that_lacks_something_is_not_scheduled(hr):
    with pytest.raises(Hindered, match="at least two owners"):
        actions.schedule_cycle(CycleFactory(phases=True), by=hr, now=NOON)


@pytest.mark.parametrize(
    ("deed", "state", "target"),
    [
        ("unschedule_cycle", "scheduled", "draft"),
        ("cancel_cycle", "draft", "cancelled"),
        ("cancel_cycle", "scheduled", "cancelled"),
        ("archive_cycle", "closed", "archived"),
        ("close_cycle", "delivery", "closed"),
        ("pause_cycle", "collection", "paused"),
        ("resume_cycle", "paused", "collection"),
        ("open_phase", "collection", "manager_review"),
        ("open_phase", "calibration", "delivery"),
        ("launch_cycle", "scheduled", "nomination"),
    ],
)
def test_each_deed_moves_the_cycle_and_is_on_record(hr, deed, state, target):
    cycle = CycleFactory(state=state, phases=True)

    getattr(actions, deed)(cycle, by=hr, now=NOON)

    assert fresh(cycle).state == cycle.state == target
    assert [e.actor_id for e in history(cycle)] == [hr.person_id]
    assert fresh(cycle).paused_from == ("collection" if target == "paused" else "")


@pytest.mark.parametrize(
    "deed",
    ["unschedule_cycle", "cancel_cycle", "archive_cycle", "close_cycle", "pause_cycle"],
)
def test_a_page_out_of_date_moves_nothing(hr, deed):
    state = {"unschedule_cycle": "scheduled", "cancel_cycle": "draft", "archive_cycle": "closed"}
    cycle = CycleFactory(state=state.get(deed, "delivery"), phases=True)
    twin = fresh(cycle)
    getattr(actions, deed)(cycle, by=hr, now=NOON)

    with pytest.raises(StaleState):
        getattr(actions, deed)(twin, by=hr, now=NOON)

    assert len(history(cycle)) == 1


def test_pressing_next_on_an_old_page_skips_no_phase(hr):
    cycle = CycleFactory(state="nomination", phases=True)
    twin = fresh(cycle)
    actions.open_phase(cycle, by=hr, now=NOON)

    with pytest.raises(StaleState):
        actions.open_phase(twin, by=hr, now=NOON)

    assert fresh(cycle).state == "collection"


def test_the_last_phase_has_no_next(hr):
    with pytest.raises(Hindered, match="no further phase"):
        actions.open_phase(CycleFactory(state="delivery", phases=True), by=hr, now=NOON)


def test_packets_that_stay_are_named_before_closing(hr):
    cycle = CycleFactory(state="delivery", phases=True)
    ParticipantFactory(cycle=cycle)

    with pytest.raises(Hindered, match="not released"):
        actions.close_cycle(cycle, by=hr, now=NOON)
    actions.close_cycle(cycle, accept_unreleased=True, by=hr, now=NOON)

    assert last_of(cycle).detail == {"unreleased": 1}


def test_a_step_back_needs_a_reason_and_a_new_day(hr):
    cycle = CycleFactory(state="manager_review", phases=True)
    later = TODAY + timedelta(days=5)

    for reason, day in (("", later), ("  ", later), ("Half the team was away.", TODAY)):
        with pytest.raises(Hindered):
            actions.step_back(cycle, reason=reason, reopens_on=day, by=hr, now=NOON)
    entered = actions.step_back(
        cycle, reason="Half the team was away.", reopens_on=later, by=hr, now=NOON
    )

    assert entered == fresh(cycle).state == "collection"
    phases = {p.kind: p for p in cycle.phases.all()}
    assert phases["manager_review"].opens_on == later
    assert phases["collection"].due_on >= TODAY
    assert cycle.steps_back.get().reason == "Half the team was away."
    assert "reason" not in last_of(cycle).detail
    assert actions.turn_phases(now=NOON) == 0


def test_there_is_no_step_back_while_packets_are_out(hr):
    cycle = CycleFactory(state="delivery", phases=True)
    ParticipantFactory(cycle=cycle, released=True)

    with pytest.raises(Hindered, match="Take them back first"):
        actions.step_back(
            cycle, reason="A mistake.", reopens_on=TODAY + timedelta(days=9), by=hr, now=NOON
        )


# --- the clock --------------------------------------------------------------------------------------


def test_the_clock_launches_and_opens_what_has_come_and_nothing_twice():
    department = DepartmentFactory()
    PersonFactory(department=department)
    cycle = CycleFactory(state="scheduled", phases=True, departments=[department])
    quiet = [CycleFactory(state=s, phases=True) for s in ("draft", "paused", "closed", "cancelled")]

    turns = [actions.turn_phases(now=NOON) for _ in range(2)]

    # The factory opens nomination ten days ago and collection today.
    assert turns == [2, 0]
    assert fresh(cycle).state == "collection"
    assert Participant.objects.filter(cycle=cycle).count() == 1
    assert [e.actor_kind for e in history(cycle)] == ["system", "system"]
    assert [fresh(c).state for c in quiet] == ["draft", "paused", "closed", "cancelled"]


def test_the_clock_waits_for_the_day_of_the_house(settings):
    cycle = CycleFactory(state="collection", phases=True)
    eve = NOON + timedelta(days=9)

    settings.TIME_ZONE = "Etc/GMT+12"
    assert actions.turn_phases(now=eve + timedelta(hours=12)) == 0
    settings.TIME_ZONE = "Pacific/Kiritimati"
    assert actions.turn_phases(now=eve) == 1

    assert fresh(cycle).state == "manager_review"


@pytest.mark.parametrize(
    ("standing", "closes"),
    [
        ("released", True),
        ("acknowledged", True),
        ("excused", True),
        ("settled", True),
        ("disputed", False),
        ("active", False),
    ],
)
def test_a_cycle_closes_when_its_days_are_over_and_nothing_is_open(standing, closes):
    cycle = CycleFactory(state="delivery", phases=True)
    ParticipantFactory(cycle=cycle, **({} if standing == "active" else {standing: True}))
    # The last phase is due on 29 December; two days of grace follow.
    last = datetime(2026, 12, 31, 23, 58, tzinfo=UTC)

    assert actions.turn_phases(now=last) == 0
    assert actions.turn_phases(now=last + timedelta(minutes=2)) == (1 if closes else 0)

    assert fresh(cycle).state == ("closed" if closes else "delivery")
    if closes:
        assert (last_event := last_of(cycle)).verb == "close_cycle"
        assert last_event.actor_kind == "system"


def test_a_pause_stops_the_clock_and_going_on_can_put_off_the_days(hr):
    cycle = CycleFactory(state="collection", phases=True)
    row = ParticipantFactory(cycle=cycle)
    running = ExtensionFactory(participant=row, due_on=TODAY + timedelta(days=12))
    over = ExtensionFactory(
        participant=row, phase="manager_review", due_on=TODAY - timedelta(days=1)
    )
    before = {p.kind: (p.opens_on, p.due_on) for p in cycle.phases.all()}
    actions.pause_cycle(cycle, by=hr, now=NOON)
    later = NOON + timedelta(days=15)
    assert actions.turn_phases(now=later) == 0

    assert actions.resume_cycle(cycle, move_days=True, by=hr, now=later) == 15

    days = timedelta(days=15)
    after = {p.kind: (p.opens_on, p.due_on) for p in cycle.phases.all()}
    assert after["nomination"] == before["nomination"]  # it was over
    assert after["collection"] == (before["collection"][0], before["collection"][1] + days)
    assert after["delivery"] == tuple(day + days for day in before["delivery"])
    running.refresh_from_db(), over.refresh_from_db()
    assert running.due_on == TODAY + timedelta(days=27)
    assert over.due_on == TODAY - timedelta(days=1)
    assert fresh(cycle).paused_at is None
    assert last_of(cycle).detail == {"days": 15}


def test_going_on_moves_no_day_unless_it_is_asked_for(hr):
    cycle = CycleFactory(state="collection", phases=True)
    before = list(cycle.phases.values_list("opens_on", "due_on"))
    actions.pause_cycle(cycle, by=hr, now=NOON)

    actions.resume_cycle(cycle, by=hr, now=NOON + timedelta(days=3))

    assert list(cycle.phases.values_list("opens_on", "due_on")) == before


def test_the_clock_may_not_prepare_or_pause(plan):
    for deed, args in (
        (actions.prepare_cycle, (plan,)),
        (actions.pause_cycle, (CycleFactory(state="collection", phases=True),)),
    ):
        with pytest.raises(PermissionDenied):
            deed(*args, by=SYSTEM_VIEWER, now=NOON)
