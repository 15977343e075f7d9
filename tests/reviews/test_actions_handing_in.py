"""Handing in and taking back: complete, once, and with the ratings that come to stand."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from apps.core.models import AuditEvent
from apps.core.workflow import StaleState
from apps.reviews import actions
from apps.reviews.models import RatingEvent, Review
from apps.reviews.states import CycleState, ReviewState
from tests.factories import NOON
from tests.factories.reviews import CycleFactory, ParticipantFactory, RatingEventFactory
from tests.reviews.desks import Counted, make_desk, save, submit

pytestmark = pytest.mark.django_db


def test_submitting_records_the_ratings_and_one_audit_event():
    desk = make_desk(3)
    save(desk, desk.complete())

    review = submit(desk)

    first = desk.competencies[0].pk
    assert (review.state, review.submitted_at, review.submitted_by_id) == (
        ReviewState.SUBMITTED,
        NOON,
        desk.manager.person_id,
    )
    ratings = desk.participant.ratings.values_list(
        "competency_id", "sequence", "source", "value", "given_by_id"
    )
    m = desk.manager.person_id
    assert set(ratings) == {
        (c.pk, 1, "manager", 4 if c.pk == first else 3, m) for c in desk.competencies
    } | {(None, 1, "manager", 3, m)}
    event = AuditEvent.objects.get(verb="submit_review")
    assert event.detail == {"revision": 1, "written": 3, "rated": 4}


def test_a_second_submission_changes_nothing():
    desk = make_desk()
    save(desk, desk.complete())
    submit(desk)

    with pytest.raises(StaleState):
        submit(desk)
    assert RatingEvent.objects.count() == 4
    assert AuditEvent.objects.filter(verb="submit_review").count() == 1


def test_submitting_what_was_changed_in_another_tab_is_stale():
    desk = make_desk()
    save(desk, desk.complete())
    save(desk, {"summary": "from another tab"})

    with pytest.raises(StaleState):
        actions.submit_review(desk.manager_review.pk, revision=1, by=desk.manager, now=NOON)


def test_after_taking_it_back_only_changed_ratings_are_recorded():
    desk = make_desk()
    save(desk, desk.complete())
    submit(desk)
    actions.reopen_review(desk.manager_review.pk, by=desk.manager, now=NOON)
    c = desk.competencies[0].pk
    save(desk, {f"c{c}-value": "not_enough_evidence"})

    submit(desk, confirmed=True)

    assert list(
        desk.participant.ratings.filter(sequence=2).values_list("competency_id", "value", "mark")
    ) == [(c, None, "not_enough_evidence")]
    assert Review.objects.get(pk=desk.manager_review.pk).state == ReviewState.SUBMITTED


def test_what_is_missing_is_named_and_nothing_is_submitted():
    desk = make_desk(2)
    save(desk, {f"c{desk.competencies[0].pk}-value": "3", "overall": "5"})

    with pytest.raises(actions.Incomplete) as short:
        submit(desk)

    assert [(gap.subject, gap.why) for gap in short.value.missing] == [
        (("competency", desk.competencies[1].pk), "rate"),
        (None, "summary"),
        (None, "departure"),
    ]
    assert Review.objects.get(pk=desk.manager_review.pk).state == ReviewState.DRAFT


def test_a_doubt_is_asked_about_once():
    desk = make_desk()
    before = ParticipantFactory(
        person=desk.participant.person, manager=desk.participant.manager, released=True,
        cycle=CycleFactory(state=CycleState.CLOSED, scale=desk.participant.cycle.scale, period_start=NOON.date() - timedelta(days=700), period_end=NOON.date() - timedelta(days=400)),
    )  # fmt: skip
    first = desk.competencies[0]
    RatingEventFactory(participant=before, competency=first, value=2)
    save(desk, desk.complete())

    with pytest.raises(actions.Doubtful) as doubtful:
        submit(desk)

    assert [(d.subject, d.why) for d in doubtful.value.doubts] == [
        (("competency", first.pk), "jump")
    ]
    assert submit(desk, confirmed=True).state == ReviewState.SUBMITTED


def test_a_self_review_is_handed_in_without_ratings_and_rates_nobody():
    desk = make_desk(2, state=CycleState.COLLECTION)
    fields = {f"c{c.pk}-comment": "What I did." for c in desk.competencies}
    save(desk, {**fields, "summary": "My year."}, review=desk.self_review, by=desk.subject)

    actions.submit_review(desk.self_review.pk, revision=1, by=desk.subject, now=NOON)

    assert Review.objects.get(pk=desk.self_review.pk).state == ReviewState.SUBMITTED
    assert not RatingEvent.objects.exists()


def test_nothing_is_submitted_or_taken_back_after_the_phase():
    desk = make_desk()
    save(desk, desk.complete())
    desk.enter(CycleState.CALIBRATION)

    with pytest.raises(PermissionDenied):
        submit(desk)
    desk.enter(CycleState.MANAGER_REVIEW)
    submit(desk)
    desk.enter(CycleState.CALIBRATION)
    with pytest.raises(PermissionDenied):
        actions.reopen_review(desk.manager_review.pk, by=desk.manager, now=NOON)


def test_submitting_eighteen_competencies_costs_six_queries():
    desk = make_desk(18)
    save(desk, desk.complete())

    with Counted() as queries:
        actions.submit_review(
            desk.manager_review.pk, revision=1, confirmed=True, by=desk.manager, now=NOON
        )

    assert queries.count == 6
