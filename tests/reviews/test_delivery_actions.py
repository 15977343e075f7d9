"""The talk, the reply, a whole group at once, and a dispute's way: answered, given on, settled."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import PermissionDenied

from apps.core.access import Viewer
from apps.core.audit import history
from apps.people.models import Person
from apps.reviews import actions, pages
from apps.reviews.models import Participant, arbiter_for, faults_of
from apps.reviews.rules.phases import Hindered
from apps.reviews.states import CycleState
from tests.factories import NOON
from tests.factories.people import PersonFactory
from tests.factories.reviews import (
    CycleFactory,
    DisputeFactory,
    RatingEventFactory,
)
from tests.reviews.test_packet_actions import HR, fresh, ready, viewer

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 18)


@pytest.fixture
def cycle():
    return CycleFactory(state=CycleState.DELIVERY, phases=True)


def officer(**more) -> Viewer:
    return Viewer(person_id=PersonFactory(**more).pk, roles=frozenset({"process_admin"}))


# --- the talk ---


@pytest.mark.parametrize("state", [{}, {"released": True}, {"acknowledged": True}])
def test_the_talk_is_noted_before_or_after_the_release_and_corrected(cycle, state):
    row = ready(cycle, **state)
    manager = viewer(row.manager_id)

    actions.confirm_talk(row, talked_on=DAY, by=manager, now=NOON)
    noted = fresh(row)
    assert (noted.talked_on, noted.talked_at, noted.talked_by_id) == (DAY, NOON, row.manager_id)
    actions.confirm_talk(noted, talked_on=DAY - timedelta(days=1), by=manager, now=NOON)

    assert fresh(row).talked_on == DAY - timedelta(days=1)
    assert [e.detail for e in history(row)] == [
        {"talked_on": "2026-11-18"},
        {"talked_on": "2026-11-17"},
    ]


def test_a_talk_that_was_not_held_is_taken_out_again(cycle):
    row = ready(cycle, released=True, talked_on=DAY, talked_at=NOON, talked_by=PersonFactory())

    actions.confirm_talk(row, talked_on=None, by=officer(), now=NOON)

    row = fresh(row)
    assert (row.talked_on, row.talked_at, row.talked_by) == (None, None, None)


@pytest.mark.parametrize(
    ("day", "why"),
    [
        pytest.param(date(2026, 11, 21), "has not come", id="tomorrow"),
        pytest.param(date(2026, 11, 9), "before the cycle began", id="before the launch"),
    ],
)
def test_a_talk_lies_between_the_launch_and_today(cycle, day, why):
    row = ready(cycle)

    with pytest.raises(Hindered, match=why):
        actions.confirm_talk(row, talked_on=day, by=viewer(row.manager_id), now=NOON)
    assert fresh(row).talked_on is None


def test_today_is_today_where_the_manager_is(cycle):
    row = ready(cycle)
    late = NOON.replace(hour=20)  # the 21st in Auckland
    there = Viewer(person_id=row.manager_id, time_zone="Pacific/Auckland")

    actions.confirm_talk(row, talked_on=date(2026, 11, 21), by=there, now=late)

    assert fresh(row).talked_on == date(2026, 11, 21)


def test_the_person_and_strangers_note_no_talk_and_nobody_after_the_close(cycle):
    row = ready(cycle, released=True)
    closed = ready(CycleFactory(state=CycleState.CLOSED), released=True)

    for one, who in ((row, row.person_id), (row, PersonFactory().pk), (closed, closed.manager_id)):
        with pytest.raises(PermissionDenied):
            actions.confirm_talk(one, talked_on=DAY, by=viewer(who), now=NOON)


# --- the reply ---


@pytest.mark.parametrize("state", ["acknowledged", "disputed", "settled"])
def test_a_reply_is_changed_until_the_close(cycle, state):
    row = ready(cycle, **{state: True}, reply="Thank you.")

    actions.reply_to_packet(row, reply=" I see it now. ", by=viewer(row.person_id), now=NOON)

    assert fresh(row).reply == "I see it now."
    assert history(row)[0].detail == {"replied": True}


def test_a_reply_stays_once_the_cycle_is_closed_and_is_nobody_elses(cycle):
    closed = ready(CycleFactory(state=CycleState.CLOSED), acknowledged=True, reply="As it was.")
    row = ready(cycle, acknowledged=True)
    unread = ready(cycle, released=True)

    for one, who in (
        (closed, closed.person_id),
        (row, row.manager_id),
        (unread, unread.person_id),  # the first reply goes with "received"
    ):
        with pytest.raises(PermissionDenied):
            actions.reply_to_packet(one, reply="Other.", by=viewer(who), now=NOON)
    assert fresh(closed).reply == "As it was."


def test_a_packet_that_comes_again_is_received_again_with_the_reply_there(cycle):
    row = ready(cycle, acknowledged=True, reply="Thank you.")
    manager, person = viewer(row.manager_id), viewer(row.person_id)

    actions.unshare_packet(row, reason="Wrong scale.", by=manager, now=NOON)
    actions.release_packet(row.pk, by=manager, now=NOON)
    again = fresh(row)
    assert (again.state, again.reply, again.acknowledged_at) == ("released", "Thank you.", None)
    actions.acknowledge_packet(again, reply=again.reply, by=person, now=NOON)

    assert fresh(row).state == "acknowledged"


# --- a dispute ---


def disputed(cycle, **more):
    row = ready(cycle, disputed=True)
    dispute = DisputeFactory(participant=row, arbiter=PersonFactory(content_admin=True), **more)
    return row, dispute


def test_the_manager_answers_and_changes_the_answer_until_it_is_settled(cycle):
    row, dispute = disputed(cycle)
    manager = viewer(row.manager_id)

    actions.answer_dispute(row, answer=" It was shared work. ", by=manager, now=NOON)
    actions.answer_dispute(row, answer="It was shared.", by=manager, now=NOON)

    dispute = fresh(dispute)
    assert (dispute.answer, dispute.answered_by_id) == ("It was shared.", row.manager_id)
    assert [e.verb for e in history(row)] == ["answer_dispute"] * 2
    actions.settle_dispute(row, outcome="No.", by=viewer(dispute.arbiter_id), now=NOON)
    with pytest.raises(PermissionDenied):
        actions.answer_dispute(fresh(row), answer="Late.", by=manager, now=NOON)


def test_only_the_manager_answers_and_only_in_words(cycle):
    row, dispute = disputed(cycle)

    for who in (row.person_id, dispute.arbiter_id, PersonFactory().pk, HR.person_id):
        with pytest.raises(PermissionDenied):
            actions.answer_dispute(row, answer="No.", by=viewer(who), now=NOON)
    with pytest.raises(Hindered, match="Write your answer"):
        actions.answer_dispute(row, answer=" ", by=viewer(row.manager_id), now=NOON)


def test_the_third_person_named_on_the_packet_is_the_one_who_gets_it(cycle):
    row = ready(cycle, released=True)
    PersonFactory(content_admin=True, manager=row.person)
    rater = PersonFactory(content_admin=True)
    RatingEventFactory(participant=row, overall=True, calibrated=True, given_by=rater)
    away = PersonFactory(content_admin=True, leave_from=DAY, leave_until=None)
    third = PersonFactory(content_admin=True)

    named = arbiter_for(row, on=NOON.date())

    assert (named.person, named.is_of_hr) == (third, True)
    dispute = actions.dispute_packet(row, text="No.", by=viewer(row.person_id), now=NOON)
    assert dispute.arbiter == third
    assert away not in (named.person, dispute.arbiter)


def test_somebody_far_below_the_person_is_never_the_third(cycle):
    row = ready(cycle, released=True)
    below = row.person
    for _ in range(10):  # deeper than one query looks
        below = PersonFactory(manager=below)
    PersonFactory(content_admin=True, manager=below)

    assert arbiter_for(row, on=NOON.date()) is None


@pytest.mark.parametrize("people", [1, 20])
def test_looking_for_the_third_person_costs_one_query(cycle, people, django_assert_num_queries):
    row = ready(cycle, released=True)
    top = PersonFactory()
    PersonFactory.create_batch(people, content_admin=True, manager=PersonFactory(manager=top))
    assert row.person.manager.manager is None  # the page has read it already

    with django_assert_num_queries(1):
        arbiter_for(row, on=NOON.date())


def settle_case(row, dispute, case):
    """One thing that keeps the named third person from settling it."""
    one = dispute.arbiter
    if case == "left":
        Person.objects.filter(pk=one.pk).update(left_on=NOON.date())
    elif case == "manager by a change":
        Person.objects.filter(pk=row.person_id).update(manager=one)
    elif case == "below by a change":
        Person.objects.filter(pk=one.pk).update(manager=row.person)
    elif case == "too late":
        return NOON + timedelta(days=15)
    return NOON


@pytest.mark.parametrize("case", ["left", "manager by a change", "below by a change", "too late"])
def test_hr_names_another_where_the_first_cannot_settle_it(cycle, case):
    row, dispute = disputed(cycle)
    third = PersonFactory(with_user=True)
    now = settle_case(row, dispute, case)
    row = Participant.objects.select_related("person__manager", "dispute__arbiter").get(pk=row.pk)

    actions.name_arbiter(row, third, by=officer(), now=now)

    assert fresh(dispute).arbiter == third
    assert history(row)[-1].detail == {"arbiter": third.pk}
    with pytest.raises(PermissionDenied):
        actions.settle_dispute(fresh(row), outcome="No.", by=viewer(dispute.arbiter_id), now=now)
    actions.settle_dispute(fresh(row), outcome="No.", by=viewer(third.pk), now=now)


def test_hr_does_not_choose_who_judges_while_the_first_one_can(cycle):
    row, dispute = disputed(cycle)

    with pytest.raises(Hindered, match="can still settle it"):
        actions.name_arbiter(row, PersonFactory(with_user=True), by=officer(), now=NOON)
    assert fresh(dispute).arbiter == dispute.arbiter


def test_the_last_day_of_whoever_settles_it_is_a_day_of_the_person(cycle):
    row, dispute = disputed(cycle)
    Person.objects.filter(pk=row.person_id).update(time_zone="America/Los_Angeles")
    row = Participant.objects.select_related("person__manager", "dispute__arbiter").get(pk=row.pk)
    here = ZoneInfo("America/Los_Angeles")
    evening = datetime.combine(fresh(dispute).decide_on, time(20), tzinfo=here).astimezone(UTC)
    assert evening.date() > fresh(dispute).decide_on

    with pytest.raises(Hindered, match="can still settle it"):
        actions.name_arbiter(row, PersonFactory(with_user=True), by=officer(), now=evening)

    page = pages.name_arbiter(officer(), participant_id=row.pk, now=evening)
    assert not page.is_needed


def test_who_can_never_be_named(cycle):
    row, dispute = disputed(cycle)
    Person.objects.filter(pk=dispute.arbiter_id).update(left_on=NOON.date())
    hr = officer(with_user=True)
    barred = {
        "the person": row.person,
        "the manager": row.manager,
        "somebody below": PersonFactory(with_user=True, manager=PersonFactory(manager=row.person)),
        "somebody who left": PersonFactory(with_user=True, left=True),
        "somebody without an account": PersonFactory(),
        "a rater": PersonFactory(with_user=True),
        "who names": Person.objects.get(pk=hr.person_id),
    }
    RatingEventFactory(participant=row, calibrated=True, given_by=barred["a rater"])
    row = fresh(row)

    for person in barred.values():
        with pytest.raises(Hindered):
            actions.name_arbiter(row, person, by=hr, now=NOON)
    faults = faults_of(row, [p for k, p in barred.items() if k != "who names"], on=NOON.date())
    assert all(faults.values())
    for who in (row.person_id, row.manager_id, dispute.arbiter_id):
        with pytest.raises(PermissionDenied):
            actions.name_arbiter(row, PersonFactory(with_user=True), by=viewer(who), now=NOON)
    own_manager = Viewer(person_id=row.manager_id, roles=frozenset({"process_admin"}))
    with pytest.raises(PermissionDenied):
        actions.name_arbiter(row, PersonFactory(with_user=True), by=own_manager, now=NOON)


def test_the_audit_of_a_dispute_holds_no_word_of_it(cycle):
    row, dispute = disputed(cycle)
    actions.answer_dispute(row, answer="canary", by=viewer(row.manager_id), now=NOON)
    actions.settle_dispute(row, outcome="canary", by=viewer(dispute.arbiter_id), now=NOON)
    released = ready(cycle, released=True)
    actions.unshare_packet(released, reason="canary", by=viewer(released.manager_id), now=NOON)

    kept = [str(e.detail) for one in (row, released) for e in history(one)]

    assert len(kept) == 3
    assert "canary" not in "".join(kept)
