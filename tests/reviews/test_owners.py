"""A review given to another manager: who may give and get it, what happens to a draft, and back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404

from apps.core.access import Viewer
from apps.core.audit import history
from apps.core.workflow import StaleState
from apps.reviews import actions, pages
from apps.reviews.access import participant_gate, review_gate
from apps.reviews.models import Participant, Review, ReviewVersion
from apps.reviews.rules.owners import owner_hindrance
from apps.reviews.rules.phases import Hindered
from tests.factories import NOON
from tests.factories.people import PersonFactory
from tests.factories.reviews import (
    CycleFactory,
    ParticipantFactory,
    ReviewFactory,
    ReviewItemFactory,
)

pytestmark = pytest.mark.django_db
ON = NOON.date()


@pytest.fixture
def row():
    row = ParticipantFactory(cycle=CycleFactory(state="manager_review", phases=True))
    ReviewFactory(participant=row, own=True, submitted=True)
    ReviewItemFactory(review=ReviewFactory(participant=row, written=True))
    return row


def fresh(row):
    return Participant.objects.select_related("person__manager", "manager", "cycle").get(pk=row.pk)


def review_of(row):
    return Review.objects.get(participant=row, kind="manager")


@pytest.mark.parametrize("with_draft", [False, True])
def test_it_is_given_and_taken_back_and_both_keep_their_words(row, with_draft):
    manager, delegate = Viewer(person_id=row.manager_id), PersonFactory()

    actions.delegate_review(row, delegate, with_draft=with_draft, by=manager, now=NOON)

    given = fresh(row)
    assert (given.manager, given.manager_kept, given.delegated_by_id) == (
        delegate,
        True,
        manager.person_id,
    )
    review = review_of(row)
    assert (review.author, bool(review.summary)) == (delegate, with_draft)
    assert ReviewVersion.objects.get().set_aside_for_id == manager.person_id
    assert not Participant.objects.changed_since_launch(on=ON).exists()
    Review.objects.filter(pk=review.pk).update(summary="Seen from beside.")

    actions.take_back_review(given, with_draft=with_draft, by=manager, now=NOON)

    back = fresh(row)
    assert (back.manager_id, back.manager_kept, back.delegated_at) == (
        manager.person_id,
        False,
        None,
    )
    assert review_of(row).summary == ("Seen from beside." if with_draft else "")
    kept = ReviewVersion.objects.get(set_aside_for=delegate)
    assert kept.content["fields"]["summary"] == "Seen from beside."
    assert [e.verb for e in history(row)] == ["delegate_review", "take_back_review"]


def test_who_takes_it_reads_and_writes_what_a_reviewer_does_and_nothing_of_before(row):
    delegate = PersonFactory()
    earlier = ParticipantFactory(
        person=row.person, manager=row.manager, cycle=CycleFactory(state="closed"), released=True
    )
    old = ReviewFactory(participant=earlier, submitted=True)
    actions.delegate_review(row, delegate, by=Viewer(person_id=row.manager_id), now=NOON)
    viewer, given = Viewer(person_id=delegate.pk), fresh(row)

    for name in ("see_status", "read_packet_above", "edit_goals"):
        assert participant_gate.may(viewer, name, given)
        assert not participant_gate.may(viewer, name, earlier)
    assert review_gate.may(viewer, "read_self", given.reviews.get(kind="self"))
    assert review_gate.may(viewer, "write_review", review_of(row))
    assert not review_gate.may(viewer, "read_rating", old)
    assert not participant_gate.may(viewer, "delegate_review", given)


def test_one_who_gave_it_away_still_stands_above_and_one_who_lost_it_does_not(row):
    delegate = PersonFactory()
    manager = Viewer(person_id=row.manager_id)
    actions.delegate_review(row, delegate, by=manager, now=NOON)
    assert participant_gate.may(manager, "read_packet_above", fresh(row))

    actions.take_back_review(fresh(row), by=manager, now=NOON)

    for name in ("see_status", "read_packet_above"):
        assert not participant_gate.may(Viewer(person_id=delegate.pk), name, fresh(row))


def test_it_is_not_given_to_just_anybody(row):
    manager = Viewer(person_id=row.manager_id)
    below = PersonFactory(manager=PersonFactory(manager=row.person))
    gone = PersonFactory(left_on=ON - timedelta(days=1))
    for to in (row.person, below, gone, row.manager):
        with pytest.raises(Hindered):
            actions.delegate_review(row, to, by=manager, now=NOON)
    assert fresh(row).manager_id == row.manager_id


def test_nobody_of_hr_takes_a_review_for_themself(row):
    hr = PersonFactory(process_admin=True)
    viewer = Viewer(person_id=hr.pk, roles=frozenset({"process_admin"}))

    with pytest.raises(Hindered, match="cannot give a review to yourself"):
        actions.delegate_review(row, hr, by=viewer, now=NOON)
    actions.delegate_review(row, PersonFactory(), by=viewer, now=NOON)


def test_neither_the_person_nor_a_stranger_gives_it_away(row):
    for viewer in (Viewer(person_id=row.person_id), Viewer(person_id=PersonFactory().pk)):
        with pytest.raises(PermissionDenied):
            actions.delegate_review(row, PersonFactory(), by=viewer, now=NOON)
        with pytest.raises(Http404):
            pages.delegate_review(viewer, participant_id=row.pk, on=ON)


def test_what_hr_kept_is_not_taken_back_as_if_it_was_given(row):
    manager = PersonFactory()
    type(row.person).objects.filter(pk=row.person_id).update(manager=manager)
    Participant.objects.filter(pk=row.pk).update(manager_kept=True)

    with pytest.raises(PermissionDenied):
        actions.take_back_review(fresh(row), by=Viewer(person_id=manager.pk), now=NOON)


def test_a_save_at_the_same_moment_stops_it(row):
    twin = fresh(row)
    manager = Viewer(person_id=row.manager_id)
    actions.delegate_review(row, PersonFactory(), by=manager, now=NOON)

    with pytest.raises(StaleState):
        actions.delegate_review(twin, PersonFactory(), by=manager, now=NOON)


def test_who_could_take_it_is_found_on_the_server(row, django_assert_num_queries):
    PersonFactory.create_batch(30, name="Mara Lind")
    PersonFactory(name="Mara Below", manager=row.person)
    leader = PersonFactory(name="Mara Zimmer")
    PersonFactory(manager=leader)
    manager = Viewer(person_id=row.manager_id)

    with django_assert_num_queries(3):
        page = pages.delegate_review(manager, participant_id=row.pk, on=ON, who="mara")

    assert len(page.found) == 8
    assert page.found[0] == leader
    assert "Mara Below" not in {person.name for person in page.found}
    assert pages.delegate_review(manager, participant_id=row.pk, on=ON, who="m").found == []


@pytest.mark.parametrize(
    ("changes", "free"),
    [
        ({}, True),
        ({"to_id": 1}, False),
        ({"has_left": True}, False),
        ({"above_to": {1, 5}}, False),
        ({"current_id": 9}, False),
        ({"by_id": 9}, False),
        ({"by_id": 9, "by_manager": True}, True),
    ],
    ids=["free", "oneself", "left", "below", "already", "for oneself", "the manager"],
)
def test_who_may_review_in_place_of_the_manager(changes, free):
    asked = {
        "to_id": 9,
        "subject_id": 1,
        "current_id": 2,
        "above_to": {5},
        "has_left": False,
        "by_id": 7,
        "by_manager": False,
    }

    assert (owner_hindrance(**(asked | changes)) == "") is free
