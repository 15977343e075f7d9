"""The history of ratings: only added to, in order, on the scale, and only while it is open."""

import pytest
from django.db import DatabaseError, transaction

from apps.core.workflow import StaleState
from apps.reviews import actions
from apps.reviews.models import Participant, RatingEvent
from apps.reviews.rules.ratings import COMPETENCY, THE_WHOLE, Rating, replay
from apps.reviews.states import CycleState, ParticipantState, RatingSource
from tests.factories import NOON
from tests.reviews.desks import Counted, make_desk

pytestmark = pytest.mark.django_db
CALIBRATION, MANAGER, DISPUTE = RatingSource.CALIBRATION, RatingSource.MANAGER, RatingSource.DISPUTE


def rate(desk, value=None, *, source=CALIBRATION, **kwargs):
    participant = Participant.objects.select_related("cycle").get(pk=desk.participant.pk)
    kwargs.setdefault("reason", "" if source == MANAGER else "The committee saw it so.")
    return actions.record_rating(
        participant, value=value, source=source, by=desk.manager, now=NOON, **kwargs
    )


def test_events_count_up_within_their_own_subject():
    desk = make_desk(2)
    c = desk.competencies[0]

    events = [
        rate(desk, 3, competency=c),
        rate(desk, 4, competency=c),
        rate(desk, 4),
        rate(desk, mark="not_applicable", competency=c),
    ]

    assert [(e.sequence, e.value, e.mark, e.competency_id) for e in events] == [
        (1, 3, "", c.pk),
        (2, 4, "", c.pk),
        (1, 4, "", None),
        (3, None, "not_applicable", c.pk),
    ]


def test_a_rating_that_stands_already_adds_nothing():
    desk = make_desk()
    rate(desk, 3)

    assert rate(desk, 3) is None
    assert RatingEvent.objects.count() == 1


def test_replaying_the_events_gives_what_the_database_calls_current():
    desk = make_desk(2)
    a, b = desk.competencies
    for value in (3, 5, 2):
        rate(desk, value, competency=a)
    rate(desk, 4, competency=b)
    rate(desk, 3)

    events = RatingEvent.objects.all()
    replayed = replay(
        (
            (COMPETENCY, e.competency_id) if e.competency_id else THE_WHOLE,
            e.sequence,
            Rating(e.value, e.mark),
        )
        for e in events
    )
    current = {
        (COMPETENCY, e.competency_id) if e.competency_id else THE_WHOLE: Rating(e.value, e.mark)
        for e in events.current()
    }
    assert (
        replayed
        == current
        == {(COMPETENCY, a.pk): Rating(2), (COMPETENCY, b.pk): Rating(4), THE_WHOLE: Rating(3)}
    )


@pytest.mark.parametrize("value", [0, 6, 99])
def test_a_value_outside_the_scale_is_refused(value):
    with pytest.raises(actions.OutsideTheScale):
        rate(make_desk(), value)


@pytest.mark.parametrize(("value", "mark"), [(3, "not_applicable"), (None, "zero")])
def test_a_point_and_a_mark_at_once_or_an_unknown_mark_are_refused(value, mark):
    with pytest.raises(actions.OutsideTheScale):
        rate(make_desk(), value, mark=mark)


OPEN = {
    (MANAGER, CycleState.MANAGER_REVIEW, ParticipantState.ACTIVE),
    # With more time: the gate of the review asks for it.
    (MANAGER, CycleState.CALIBRATION, ParticipantState.ACTIVE),
    (MANAGER, CycleState.DELIVERY, ParticipantState.ACTIVE),
    (CALIBRATION, CycleState.MANAGER_REVIEW, ParticipantState.ACTIVE),
    (CALIBRATION, CycleState.CALIBRATION, ParticipantState.ACTIVE),
    (CALIBRATION, CycleState.DELIVERY, ParticipantState.ACTIVE),
    (DISPUTE, CycleState.DELIVERY, ParticipantState.DISPUTED),
    (DISPUTE, CycleState.CLOSED, ParticipantState.DISPUTED),
}


@pytest.mark.parametrize("source", RatingSource)
def test_each_source_speaks_only_in_its_own_states(source):
    desk = make_desk(1)
    participant = desk.participant
    taken = set()
    for cycle_state in CycleState:
        for state in ParticipantState:
            participant.cycle.state, participant.state = cycle_state, state
            try:
                with transaction.atomic():
                    actions.record_rating(
                        participant, value=3, source=source, reason="r", by=desk.manager, now=NOON
                    )
                    taken.add((source, cycle_state, state))
                    transaction.set_rollback(True)
            except StaleState:
                continue
    assert taken == {line for line in OPEN if line[0] == source}


def test_many_ratings_cost_three_queries():
    desk = make_desk(30)
    given = [actions.Given((COMPETENCY, c.pk), Rating(3)) for c in desk.competencies]

    with Counted() as queries:
        events = actions.record_ratings(
            desk.participant, given, source=MANAGER, by=desk.manager, now=NOON
        )

    assert (len(events), queries.count) == (30, 3)


@pytest.mark.parametrize("deed", ["update", "delete"])
def test_the_database_refuses_to_change_or_remove_a_rating(deed):
    desk = make_desk(1)
    rate(desk, 3)
    rows = RatingEvent.objects.all()

    with pytest.raises(DatabaseError), transaction.atomic():
        rows.update(value=5) if deed == "update" else rows.delete()

    assert RatingEvent.objects.get().value == 3
