"""Two people press at once, on two connections: one deed is done, the other is told."""

from __future__ import annotations

from datetime import timedelta

import pytest

from apps.core.access import SYSTEM_VIEWER, Viewer
from apps.core.audit import history
from apps.reviews import actions
from apps.reviews.models import Cycle, Extension, Participant, RatingEvent, Review
from apps.reviews.rules.ratings import THE_WHOLE, Rating
from apps.reviews.states import CycleState
from tests.factories import NOON
from tests.factories.people import DepartmentFactory, PersonFactory
from tests.factories.reviews import (
    CycleFactory,
    DisputeFactory,
    ParticipantFactory,
    RatingEventFactory,
    ReviewFactory,
)
from tests.races import at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def hr():
    person = PersonFactory(process_admin=True)
    return Viewer(person_id=person.pk, roles=frozenset({"process_admin"}))


def test_two_launches_make_one(hr):
    department = DepartmentFactory()
    PersonFactory.create_batch(5, department=department, manager=PersonFactory())
    cycle = CycleFactory(state=CycleState.SCHEDULED, phases=True, departments=[department])

    outcomes = at_once(
        *[
            lambda by=by: actions.launch_cycle(Cycle.objects.get(pk=cycle.pk), by=by, now=NOON)
            for by in (hr, SYSTEM_VIEWER)
        ]
    )

    assert outcomes == ["done", "told"]
    assert Participant.objects.count() == 5
    assert Review.objects.count() == 10
    assert len(history(cycle)) == 1


def test_two_clocks_turn_each_phase_once():
    cycle = CycleFactory(state=CycleState.SCHEDULED, phases=True)

    at_once(*[lambda: actions.turn_phases(now=NOON)] * 3)
    actions.turn_phases(now=NOON)

    assert Cycle.objects.get().state == CycleState.COLLECTION
    assert [e.verb for e in history(cycle)] == ["launch_cycle", "open_collection"]


def test_a_release_and_an_excuse_at_once_make_one(hr):
    row = ParticipantFactory(cycle=CycleFactory(state=CycleState.DELIVERY, phases=True))
    ReviewFactory(participant=row, submitted=True, rated=True)
    RatingEventFactory(participant=row, overall=True)

    outcomes = at_once(
        lambda: actions.release_packet(row.pk, by=hr, now=NOON),
        lambda: actions.excuse_participant(Participant.objects.get(pk=row.pk), by=hr, now=NOON),
    )

    assert outcomes == ["done", "told"]
    assert len(history(row)) == 1


def test_a_dispute_is_settled_once():
    row = ParticipantFactory(
        cycle=CycleFactory(state=CycleState.DELIVERY, phases=True), disputed=True
    )
    RatingEventFactory(participant=row, overall=True)
    arbiter = Viewer(person_id=DisputeFactory(participant=row).arbiter_id)

    outcomes = at_once(
        *[
            lambda value=value: actions.settle_dispute(
                Participant.objects.get(pk=row.pk),
                outcome="Seen again.",
                ratings={THE_WHOLE: Rating(value)},
                by=arbiter,
                now=NOON,
            )
            for value in (4, 5)
        ]
    )

    assert outcomes == ["done", "told"]
    assert RatingEvent.objects.filter(participant=row).count() == 2
    assert [e.verb for e in history(row)] == ["settle_dispute"]


def test_two_who_give_time_at_once_leave_one_running(hr):
    row = ParticipantFactory(cycle=CycleFactory(state=CycleState.MANAGER_REVIEW, phases=True))
    ReviewFactory(participant=row, own=True)

    outcomes = at_once(
        *[
            lambda days=days: actions.give_more_time(
                Participant.objects.get(pk=row.pk),
                phase="collection",
                until=NOON.date() + timedelta(days=days),
                by=hr,
                now=NOON,
            )
            for days in (5, 6)
        ]
    )

    # One after the other is fine as well: the later one then replaces what runs.
    assert outcomes in (["done", "told"], ["done", "done"])
    assert Extension.objects.running().filter(participant=row).count() == 1


def test_a_review_is_given_to_one_of_two_and_written_by_them(hr):
    row = ParticipantFactory(cycle=CycleFactory(state=CycleState.MANAGER_REVIEW, phases=True))
    ReviewFactory(participant=row)
    delegates = PersonFactory.create_batch(2)

    outcomes = at_once(
        *[
            lambda to=to: actions.delegate_review(
                Participant.objects.get(pk=row.pk), to, by=hr, now=NOON
            )
            for to in delegates
        ]
    )

    standing = Participant.objects.get(pk=row.pk)
    review = Review.objects.get(participant=row)
    assert "done" in outcomes
    assert standing.manager in delegates
    assert review.author_id == standing.manager_id


def test_two_clocks_close_a_cycle_once():
    cycle = CycleFactory(state=CycleState.DELIVERY, phases=True)
    over = NOON + timedelta(days=900)

    at_once(*[lambda: actions.turn_phases(now=over)] * 3)

    assert Cycle.objects.get().state == CycleState.CLOSED
    assert [e.verb for e in history(cycle)] == ["close_cycle"]
