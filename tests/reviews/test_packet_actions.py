"""Release, acknowledgement and dispute: who, when, and what never happens by halves."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.core.access import Viewer
from apps.core.audit import history
from apps.core.workflow import StaleState
from apps.reviews import actions
from apps.reviews.models import Dispute, Participant, RatingEvent, Withdrawal
from apps.reviews.rules.phases import Hindered
from apps.reviews.rules.ratings import THE_WHOLE, Rating
from apps.reviews.states import CycleState
from tests.factories import NOON
from tests.factories.people import PersonFactory
from tests.factories.reviews import (
    CycleFactory,
    DisputeFactory,
    ParticipantFactory,
    RatingEventFactory,
    ReviewFactory,
)

pytestmark = pytest.mark.django_db
HR = Viewer(person_id=None, roles=frozenset({"process_admin"}))


@pytest.fixture
def cycle():
    return CycleFactory(state=CycleState.DELIVERY, phases=True)


def ready(cycle, **participant):
    row = ParticipantFactory(cycle=cycle, **participant)
    ReviewFactory(participant=row, submitted=True, rated=True)
    RatingEventFactory(participant=row, overall=True)
    return row


def fresh(obj):
    return type(obj).objects.get(pk=obj.pk)


def viewer(person_id):
    return Viewer(person_id=person_id)


def test_the_manager_releases_and_it_is_on_record(cycle):
    row = ready(cycle)

    actions.release_packet(row.pk, by=viewer(row.manager_id), now=NOON)

    row = fresh(row)
    assert (row.state, row.released_at, row.released_by_id) == ("released", NOON, row.manager_id)
    assert [e.verb for e in history(row)] == ["release_packet"]


def test_a_wave_goes_whole_or_not_at_all(cycle):
    manager = PersonFactory()
    rows = [ready(cycle, manager=manager) for _ in range(3)]
    late = ParticipantFactory(cycle=cycle, manager=manager)
    ReviewFactory(participant=late)

    with pytest.raises(Hindered) as hindered:
        actions.release_wave([r.pk for r in [*rows, late]], by=viewer(manager.pk), now=NOON)

    assert len(hindered.value.reasons) == 1
    assert late.person.name in hindered.value.reasons[0]
    assert not Participant.objects.exclude(state="active").exists()
    assert len(actions.release_wave([r.pk for r in rows], by=viewer(manager.pk), now=NOON)) == 3


def test_a_wave_costs_the_same_for_three_and_sixty(cycle):
    def cost(people: int) -> int:
        manager = PersonFactory()
        rows = [ready(cycle, manager=manager).pk for _ in range(people)]
        with CaptureQueriesContext(connection) as caught:
            actions.release_wave(rows, cycle_id=cycle.pk, by=viewer(manager.pk), now=NOON)
        return len(caught)

    few = cost(3)
    assert few == cost(60)


def test_every_id_of_a_wave_is_checked(cycle):
    own, foreign = ready(cycle), ready(cycle)
    elsewhere = ready(CycleFactory(state=CycleState.DELIVERY), manager=own.manager)

    for ids in ([own.pk, foreign.pk], [own.pk, elsewhere.pk], [own.pk, 10**9], []):
        with pytest.raises(Participant.DoesNotExist):
            actions.release_wave(ids, cycle_id=cycle.pk, by=viewer(own.manager_id), now=NOON)
    assert fresh(own).state == "active"


def test_a_changed_rating_needs_its_reason(cycle):
    row = ready(cycle)
    RatingEventFactory(participant=row, overall=True, calibrated=True, reason=" ")

    with pytest.raises(Hindered, match="without a reason"):
        actions.release_packet(row.pk, by=HR, now=NOON)


def test_a_rating_that_was_taken_back_keeps_the_packet_back(cycle):
    row = ready(cycle)
    RatingEventFactory(participant=row, overall=True, sequence=2, value=None)

    with pytest.raises(Hindered, match="overall rating is missing"):
        actions.release_packet(row.pk, by=HR, now=NOON)


def test_nothing_is_released_before_its_phase():
    row = ready(CycleFactory(state=CycleState.CALIBRATION, phases=True))

    with pytest.raises(PermissionDenied, match="in the last phase"):
        actions.release_packet(row.pk, by=HR, now=NOON)


def test_two_releases_at_once_make_one(cycle):
    row = ready(cycle)
    manager = viewer(row.manager_id)
    actions.release_packet(row.pk, by=manager, now=NOON)

    with pytest.raises(PermissionDenied, match="Not now, while it stands at “Released”"):
        actions.release_packet(row.pk, by=manager, now=NOON)

    assert len(history(row)) == 1


@pytest.mark.parametrize("state", ["released", "acknowledged"])
def test_a_packet_comes_back_with_a_reason_and_the_reply_is_kept(cycle, state):
    row = ready(cycle, **{state: True}, reply="Thank you.")

    actions.unshare_packet(row, reason=" Wrong scale. ", by=viewer(row.manager_id), now=NOON)

    row = fresh(row)
    assert (row.state, row.released_at, row.released_by) == ("active", None, None)
    assert (row.acknowledged_at, row.reply) == (None, "Thank you.")
    withdrawal = row.withdrawals.get()
    assert (withdrawal.reason, withdrawal.taken_by_id) == ("Wrong scale.", row.manager_id)
    assert [(e.verb, e.detail) for e in history(row)] == [("unshare_packet", {})]


def test_a_packet_does_not_come_back_without_a_reason_or_once_it_is_disputed_or_closed(cycle):
    row, disputed = ready(cycle, released=True), ready(cycle, disputed=True)
    late = ready(CycleFactory(state=CycleState.CLOSED), acknowledged=True)

    with pytest.raises(Hindered, match="Say why"):
        actions.unshare_packet(row, reason=" ", by=viewer(row.manager_id), now=NOON)
    for one in (disputed, late):
        with pytest.raises(PermissionDenied):
            actions.unshare_packet(one, reason="No.", by=viewer(one.manager_id), now=NOON)
    assert not Withdrawal.objects.exists()


def test_acknowledged_with_or_without_a_reply(cycle):
    row = ready(cycle, released=True)

    actions.acknowledge_packet(row, reply=" Thank you. ", by=viewer(row.person_id), now=NOON)

    row = fresh(row)
    assert (row.state, row.acknowledged_at, row.reply) == ("acknowledged", NOON, "Thank you.")
    assert history(row)[0].detail == {"replied": True}


def test_nobody_answers_for_another(cycle):
    row = ready(cycle, released=True)

    for who in (row.manager_id, PersonFactory().pk):
        with pytest.raises(PermissionDenied):
            actions.acknowledge_packet(row, by=viewer(who), now=NOON)
        with pytest.raises(PermissionDenied):
            actions.dispute_packet(row, text="No.", by=viewer(who), now=NOON)


def test_a_dispute_goes_to_a_third_person_who_does_not_work_for_the_subject(cycle):
    row = ready(cycle, released=True)
    PersonFactory(content_admin=True, manager=row.person)
    PersonFactory(content_admin=True, left=True)
    busy, free = PersonFactory(content_admin=True), PersonFactory(content_admin=True)
    DisputeFactory(arbiter=busy)

    dispute = actions.dispute_packet(row, text="It was mine.", by=viewer(row.person_id), now=NOON)

    assert dispute.arbiter == free
    assert fresh(row).state == "disputed"
    assert history(row)[0].detail == {"arbiter": free.pk}


def test_without_an_office_the_skip_level_settles(cycle):
    skip = PersonFactory()
    row = ready(cycle, released=True, manager=PersonFactory(manager=skip, content_admin=True))

    assert (
        actions.dispute_packet(row, text="No.", by=viewer(row.person_id), now=NOON).arbiter == skip
    )


@pytest.mark.parametrize("text", ["", "  \n"])
def test_a_dispute_says_something(cycle, text):
    row = ready(cycle, released=True)

    with pytest.raises(Hindered):
        actions.dispute_packet(row, text=text, by=viewer(row.person_id), now=NOON)


def test_a_dispute_without_a_third_person_changes_nothing(cycle):
    row = ready(cycle, released=True)

    with pytest.raises(Hindered, match="ask HR to name someone"):
        actions.dispute_packet(row, text="No.", by=viewer(row.person_id), now=NOON)
    assert fresh(row).state == "released"


@pytest.mark.parametrize(("days", "open_"), [(13, True), (14, True), (15, False)])
def test_a_dispute_has_ten_working_days(cycle, days, open_):
    PersonFactory(content_admin=True)
    row = ready(cycle, released=True)  # released on a Friday
    later = NOON + timedelta(days=days)

    if open_:
        actions.dispute_packet(row, text="No.", by=viewer(row.person_id), now=later)
    else:
        with pytest.raises(Hindered, match="days for a dispute are over"):
            actions.dispute_packet(row, text="No.", by=viewer(row.person_id), now=later)
    assert Dispute.objects.exists() is open_


def disputed(cycle):
    row = ready(cycle, disputed=True)
    return row, DisputeFactory(participant=row)


def test_a_dispute_can_end_as_a_recorded_no(cycle):
    row, dispute = disputed(cycle)

    changed = actions.settle_dispute(
        row, outcome="The work is in the summary.", by=viewer(dispute.arbiter_id), now=NOON
    )

    dispute = fresh(dispute)
    assert (changed, fresh(row).state) == (0, "settled")
    assert (dispute.outcome, dispute.settled_by) == ("The work is in the summary.", dispute.arbiter)
    assert RatingEvent.objects.filter(participant=row).count() == 1


def test_a_dispute_can_end_as_a_new_rating(cycle):
    row, dispute = disputed(cycle)

    actions.settle_dispute(
        row,
        outcome="It was.",
        ratings={THE_WHOLE: Rating(5)},
        by=viewer(dispute.arbiter_id),
        now=NOON,
    )

    event = RatingEvent.objects.current().get(participant=row)
    assert (event.value, event.source, event.sequence) == (5, "dispute", 2)
    assert (event.reason, event.given_by) == ("It was.", dispute.arbiter)
    assert history(row)[0].detail == {"changed": 1}


def test_only_the_third_person_settles_and_only_with_a_reason(cycle):
    row, dispute = disputed(cycle)

    for who in (row.person_id, row.manager_id, PersonFactory(content_admin=True).pk):
        with pytest.raises(PermissionDenied):
            actions.settle_dispute(row, outcome="No.", by=viewer(who), now=NOON)
    with pytest.raises(Hindered):
        actions.settle_dispute(row, outcome=" ", by=viewer(dispute.arbiter_id), now=NOON)
    actions.settle_dispute(fresh(row), outcome="No.", by=viewer(dispute.arbiter_id), now=NOON)
    with pytest.raises((StaleState, PermissionDenied)):
        actions.settle_dispute(row, outcome="Yes.", by=viewer(dispute.arbiter_id), now=NOON)


def test_the_rating_as_it_stands_is_the_newest_of_each_subject(cycle):
    row = ready(cycle)
    first = RatingEventFactory(participant=row)
    second = RatingEventFactory(
        participant=row, competency=first.competency, calibrated=True, value=4
    )
    other = RatingEventFactory(participant=row)
    RatingEventFactory(participant=ready(cycle), competency=first.competency)
    overall = RatingEventFactory(participant=row, overall=True, calibrated=True, value=2)

    standing = RatingEvent.objects.current().filter(participant=row)

    assert set(standing) == {second, other, overall}
