"""The days, the order and the plan of a cycle; goals; who may hand a packet out. No database."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.ladders.states import Comparator
from apps.reviews.rules.goals import goal_result
from apps.reviews.rules.packets import Candidate, choose_arbiter, release_hindrance
from apps.reviews.rules.phases import (
    ORDER,
    CyclePlan,
    Dated,
    dispute_ends_at,
    due_at,
    has_opened,
    in_order,
    next_phase,
    plan_faults,
    previous_phase,
    working_days_after,
)
from apps.reviews.states import CycleState, step_back_to

DAY = date(2026, 11, 2)
ALL = tuple(
    Dated(kind, DAY + timedelta(days=10 * n), DAY + timedelta(days=10 * n + 9))
    for n, kind in enumerate(ORDER)
)
PLAN = CyclePlan("Autumn", date(2026, 1, 1), date(2026, 12, 31), 1, (1,), (1, 2), ALL)


def without(*kinds):
    return tuple(phase for phase in ALL if phase.kind not in kinds)


@pytest.mark.parametrize(
    ("state", "kinds", "after"),
    [
        pytest.param("scheduled", ORDER, "nomination", id="first"),
        pytest.param("nomination", ORDER, "collection", id="second"),
        pytest.param(
            "collection", ("manager_review", "collection"), "manager_review", id="unsorted"
        ),
        pytest.param("manager_review", ("manager_review", "delivery"), "delivery", id="left-out"),
        pytest.param("delivery", ORDER, None, id="last"),
        pytest.param("scheduled", (), None, id="none"),
    ],
)
def test_the_next_phase_is_the_next_one_that_is_on(state, kinds, after):
    assert next_phase(state, kinds) == after


@pytest.mark.parametrize(
    ("state", "before"),
    [("nomination", None), ("manager_review", "nomination"), ("delivery", "manager_review")],
)
def test_the_phase_before_is_the_one_that_is_on(state, before):
    assert previous_phase(state, ["delivery", "nomination", "manager_review"]) == before


@given(st.sets(st.sampled_from(ORDER)))
def test_going_on_and_stepping_back_undo_each_other(kinds):
    walked, state = [], "scheduled"
    while (following := next_phase(state, kinds)) is not None:
        if state in ORDER:
            assert previous_phase(following, kinds) == state
        walked.append(following)
        state = following
    assert walked == in_order(kinds)


def test_a_step_back_only_leads_back():
    assert step_back_to("delivery", "calibration").sources == {"delivery"}
    with pytest.raises(ValueError, match="does not come before"):
        step_back_to("collection", "delivery")
    with pytest.raises(ValueError, match="does not come before"):
        step_back_to("collection", "collection")


@pytest.mark.parametrize(
    ("plan", "fields"),
    [
        pytest.param(PLAN, set(), id="whole"),
        pytest.param(replace(PLAN, owner_ids=(1,)), {"owners"}, id="one-owner"),
        pytest.param(replace(PLAN, owner_ids=(1, 1)), {"owners"}, id="the-same-owner-twice"),
        pytest.param(replace(PLAN, department_ids=()), {"departments"}, id="no-department"),
        pytest.param(replace(PLAN, period_end=date(2025, 1, 1)), {"period_end"}, id="backwards"),
        pytest.param(
            replace(PLAN, phases=without("delivery")), {"opens_on_delivery"}, id="no-delivery"
        ),
        pytest.param(
            replace(PLAN, phases=without("manager_review")),
            {"opens_on_manager_review"},
            id="no-manager-review",
        ),
        pytest.param(
            replace(PLAN, phases=without("nomination", "calibration")), set(), id="the-fewest"
        ),
        pytest.param(
            replace(PLAN, phases=without("collection")), {"self_review"}, id="nowhere-to-write"
        ),
        pytest.param(
            replace(PLAN, phases=without("collection"), self_review=False), set(), id="none-written"
        ),
        pytest.param(
            replace(PLAN, self_review=False, seal_self_review=True),
            {"seal_self_review"},
            id="nothing-to-seal",
        ),
        pytest.param(
            replace(PLAN, phases=(*without("delivery"), Dated("delivery", DAY, DAY))),
            {"opens_on_delivery"},
            id="before-the-phase-ahead",
        ),
        pytest.param(
            replace(
                PLAN,
                phases=(
                    *without("delivery"),
                    Dated("delivery", DAY + timedelta(days=90), DAY + timedelta(days=80)),
                ),
            ),
            {"due_on_delivery"},
            id="ends-before-it-begins",
        ),
    ],
)
def test_a_plan_is_judged_at_its_fields(plan, fields):
    assert set(plan_faults(plan).by_field) == fields


@pytest.mark.parametrize(
    ("zone", "instant"),
    [
        pytest.param("Pacific/Kiritimati", datetime(2026, 11, 20, 9, 59, tzinfo=UTC), id="utc+14"),
        pytest.param("Etc/GMT+12", datetime(2026, 11, 21, 11, 59, tzinfo=UTC), id="utc-12"),
        pytest.param("Europe/Oslo", datetime(2026, 11, 20, 22, 59, tzinfo=UTC), id="winter"),
        pytest.param("no/where", datetime(2026, 11, 20, 23, 59, tzinfo=UTC), id="unknown"),
    ],
)
def test_a_day_ends_where_the_person_is(zone, instant):
    assert due_at(date(2026, 11, 20), zone=zone) == instant


@pytest.mark.parametrize(
    ("zone", "day"),
    [
        pytest.param("Europe/London", date(2026, 3, 29), id="london-spring"),
        pytest.param("Europe/London", date(2026, 10, 25), id="london-autumn"),
        pytest.param("America/New_York", date(2026, 11, 1), id="new-york-autumn"),
        pytest.param("Australia/Lord_Howe", date(2026, 4, 5), id="half-an-hour"),
        pytest.param("America/Sao_Paulo", date(2018, 11, 3), id="midnight-is-missing-next"),
    ],
)
def test_a_changed_clock_moves_the_instant_and_never_the_day(zone, day):
    from zoneinfo import ZoneInfo

    local = due_at(day, zone=zone).astimezone(ZoneInfo(zone))

    assert (local.date(), local.hour, local.minute) == (day, 23, 59)


@pytest.mark.parametrize(
    ("zone", "opened"),
    [("Pacific/Kiritimati", True), ("UTC", False), ("Etc/GMT+12", False)],
)
def test_a_phase_opens_when_its_day_begins_in_that_zone(zone, opened):
    now = datetime(2026, 11, 19, 10, 30, tzinfo=UTC)
    assert has_opened(date(2026, 11, 20), now=now, zone=zone) is opened


@pytest.mark.parametrize(
    ("day", "count", "last"),
    [
        pytest.param(date(2026, 11, 20), 1, date(2026, 11, 23), id="friday-to-monday"),
        pytest.param(date(2026, 11, 21), 1, date(2026, 11, 23), id="from-a-saturday"),
        pytest.param(date(2026, 11, 20), 10, date(2026, 12, 4), id="two-weeks"),
        pytest.param(date(2026, 11, 20), 0, date(2026, 11, 20), id="none"),
    ],
)
def test_working_days_leave_weekends_out(day, count, last):
    assert working_days_after(day, count) == last


def test_a_dispute_ends_with_the_last_working_day_where_the_person_is():
    released_at = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)  # a Saturday in Oslo already

    ends = dispute_ends_at(released_at, days=1, zone="Europe/Oslo")

    assert ends == datetime(2026, 11, 23, 22, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    ("comparator", "target", "actual", "result"),
    [
        ("ge", "90", "90", "met"),
        ("ge", "90", "89.9999", "missed"),
        ("gt", "90", "90", "missed"),
        ("gt", "90", "90.0001", "met"),
        ("le", "5", "5", "met"),
        ("le", "5", "6", "missed"),
        ("lt", "5", "5", "missed"),
        ("lt", "5", "0", "met"),
        ("eq", "3", "3.0000", "met"),
        ("eq", "3", "4", "missed"),
        ("decrease_by", "20", "25", "met"),
        ("decrease_by", "20", "12", "missed"),
        ("increase_by", "20", "20", "met"),
        ("increase_by", "20", "-1", "missed"),
        ("ratio", "2", "2.5", "met"),
        ("ratio", "2", "1", "missed"),
        ("qualitative", "1", "1", "not_measurable"),
    ],
)
def test_a_goal_is_held_against_its_aim(comparator, target, actual, result):
    assert goal_result(comparator, Decimal(target), Decimal(actual)) == result


@pytest.mark.parametrize("comparator", Comparator.values)
def test_a_goal_without_a_number_is_not_missed(comparator):
    waits = "not_measurable" if comparator == "qualitative" else "not_yet"

    assert goal_result(comparator, None, Decimal(1)) == "not_measurable"
    assert goal_result(comparator, None, None) == "not_measurable"
    assert goal_result(comparator, Decimal(1), None) == waits


@pytest.mark.parametrize(
    ("state", "overall", "unexplained", "goes"),
    [
        ("submitted", True, False, True),
        ("submitted", True, True, False),
        ("submitted", False, False, False),
        ("draft", True, False, False),
        (None, True, False, False),
    ],
)
def test_a_packet_goes_out_only_when_it_is_whole(state, overall, unexplained, goes):
    said = release_hindrance(
        manager_state=state, has_overall=overall, has_unexplained_change=unexplained
    )
    assert (said == "") is goes


SUBJECT, MANAGER, SKIP = 1, 2, 3
BARRED = frozenset({SUBJECT, MANAGER, None})


@pytest.mark.parametrize(
    ("candidates", "chosen"),
    [
        pytest.param([Candidate(9, True, False, 0)], 9, id="an-office"),
        pytest.param([Candidate(8, True, False, 2), Candidate(9, True, False, 1)], 9, id="least"),
        pytest.param([Candidate(8, True, False, 0), Candidate(9, True, False, 0)], 8, id="stable"),
        pytest.param([Candidate(9, True, True, 0)], SKIP, id="works-for-the-subject"),
        pytest.param([Candidate(MANAGER, True, False, 0)], SKIP, id="is-the-manager"),
        pytest.param([Candidate(SUBJECT, True, False, 0)], SKIP, id="is-the-subject"),
        pytest.param([], SKIP, id="nobody-in-office"),
    ],
)
def test_a_third_person_settles(candidates, chosen):
    assert choose_arbiter(candidates, skip_level_id=SKIP, barred=BARRED) == chosen


@pytest.mark.parametrize("skip", [None, MANAGER, SUBJECT])
def test_without_a_third_person_there_is_none(skip):
    assert choose_arbiter([], skip_level_id=skip, barred=BARRED) is None


def test_every_state_of_a_cycle_has_a_word():
    assert all(state.label for state in CycleState)
