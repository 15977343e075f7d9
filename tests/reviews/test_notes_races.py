"""Two at once: a note under two tabs and under a review that is being handed in; figures of goals."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from functools import partial

import pytest
from django.db import IntegrityError, connection, transaction

from apps.core.workflow import StaleState
from apps.people.viewers import viewer_of_person
from apps.reviews import actions
from apps.reviews.actions import Actual
from apps.reviews.actions import notes as deeds
from apps.reviews.models import EvidenceNote, Review
from apps.reviews.rules.phases import Hindered
from apps.reviews.states import ReviewState
from tests.factories import NOON
from tests.factories.people import PersonFactory
from tests.factories.reviews import (
    EvidenceNoteFactory,
    GoalFactory,
    ParticipantFactory,
    ReviewFactory,
    ReviewItemFactory,
)
from tests.reviews.test_writing_races import race

pytestmark = pytest.mark.django_db(transaction=True)


def plan(text):
    return deeds.NotePlan(NOON.date(), text)


def mine(note):
    return viewer_of_person(note.author)


def edit(note, text):
    return lambda: deeds.edit_note(note, plan(text), seen=None, by=mine(note), now=NOON)


def test_two_tabs_change_a_note_and_one_of_them_is_told():
    for _ in range(10):
        note = EvidenceNoteFactory()

        results = race(edit(note, "one"), edit(note, "two"))

        told = [r for r in results if isinstance(r, deeds.NoteChanged)]
        assert len(told) == 1, results
        assert EvidenceNote.objects.get(pk=note.pk).text == ("one", "two")[results.index(None)]


def test_a_note_is_kept_once_however_often_it_is_sent():
    writer = PersonFactory()
    by = viewer_of_person(writer)
    for number in range(5):
        sent = plan(f"Day {number}")

        race(*[partial(deeds.add_note, writer, sent, by=by, now=NOON)] * 2)

        assert EvidenceNote.objects.count() == number + 1


def test_a_note_is_shared_once_however_often_it_is_pressed():
    note = EvidenceNoteFactory(about=PersonFactory(manager=PersonFactory()))

    results = race(*[lambda: deeds.share_note(note, by=mine(note), now=NOON)] * 2)

    assert sorted(type(r).__name__ for r in results) == ["NoneType", StaleState.__name__]


class HandingIn:
    """A review that links a note and is handed in, in a transaction that stays open for a while."""

    def __init__(self, *, linked_before):
        self.item = ReviewItemFactory(review=ReviewFactory())
        self.note = EvidenceNoteFactory(linked_in=self.item if linked_before else None)
        self.done, self.may_commit = threading.Event(), threading.Event()

    def _hand_in(self):
        try:
            with transaction.atomic():
                Review.objects.filter(pk=self.item.review_id).update(
                    state=ReviewState.SUBMITTED, submitted_at=NOON, submitted_by=self.note.author
                )
                self.item.notes.add(self.note)
                self.done.set()
                self.may_commit.wait(5)
        except IntegrityError as refused:
            return refused
        finally:
            connection.close()

    def _meanwhile(self, deed):
        self.done.wait(5)
        try:
            return deed()
        except Hindered as hindered:
            return hindered
        finally:
            connection.close()

    def against(self, deed):
        """What became of the hand-in, and of the deed that came while it was under way."""
        with ThreadPoolExecutor(2) as pool:
            both = pool.submit(self._hand_in), pool.submit(self._meanwhile, deed)
            self.done.wait(5)
            threading.Timer(0.3, self.may_commit.set).start()
            return [one.result(10) for one in both]


@pytest.mark.parametrize("deed", ["edit", "delete"])
def test_a_review_that_is_being_handed_in_holds_its_notes_already(deed):
    scene = HandingIn(linked_before=True)
    note = scene.note
    throw_away = partial(deeds.delete_note, note, by=mine(note), now=NOON)

    handed_in, answer = scene.against(edit(note, "late") if deed == "edit" else throw_away)

    assert handed_in is None
    assert isinstance(answer, Hindered), answer
    assert EvidenceNote.objects.get().text == note.text


def test_no_review_is_handed_in_with_a_note_that_is_thrown_away_at_the_same_moment():
    """Which of the two comes first is chance; what must not be is a review resting on nothing."""
    scene = HandingIn(linked_before=False)
    note = scene.note

    handed_in, answer = scene.against(partial(deeds.delete_note, note, by=mine(note), now=NOON))

    state = Review.objects.get().state
    if isinstance(handed_in, IntegrityError):
        assert (answer, state) == (None, "draft")
    else:
        assert isinstance(answer, Hindered), answer
        assert state == "submitted"
        assert list(scene.item.notes.all()) == [note]


def test_two_write_the_figure_of_one_goal_and_one_of_them_is_told():
    manager = PersonFactory()
    row = ParticipantFactory(person=PersonFactory(manager=manager), manager=manager)
    goal = GoalFactory(participant=row)

    def keep(who, figure):
        typed = {goal.pk: Actual(None, Decimal(figure))}
        return lambda: actions.save_actuals(row, typed, by=viewer_of_person(who), now=NOON)

    results = race(keep(row.person, 1), keep(manager, 2))

    goal.refresh_from_db()
    assert sum(r == 1 for r in results) == 1, results
    assert sum(isinstance(r, actions.ActualsChanged | StaleState) for r in results) == 1, results
    assert goal.actual == results.index(1) + 1
