"""A note that is thrown away at the instant at which a review first rests on it."""

from __future__ import annotations

import threading

import pytest
from django.db import connection

from apps.reviews import actions
from apps.reviews.actions import items
from apps.reviews.actions import notes as deeds
from apps.reviews.models import EvidenceNote, Review
from apps.reviews.rules.phases import Hindered
from tests.factories import NOON
from tests.reviews.desks import make_desk, save
from tests.reviews.test_actions_parts import linked, note_of

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        "connection.vendor != 'postgresql'", reason="on SQLite one transaction writes at a time"
    ),
]


@pytest.fixture
def at_the_instant(monkeypatch):
    """Lets a deed run in another connection while a review links its notes: all of it just before,
    or from just after on, while the save is not committed yet."""

    def arrange(deed, *, before):
        link, answers = items._link, []
        thread = threading.Thread(target=_alone, args=[deed, answers])

        def linking(*args):
            if before and thread.ident is None:
                thread.start()
                thread.join(10)
                assert answers == [None]
            link(*args)
            if thread.ident is None:
                thread.start()
                thread.join(0.3)

        def answer():
            thread.join(10)
            return answers[0]

        monkeypatch.setattr(items, "_link", linking)
        return answer

    return arrange


def _alone(deed, answers):
    try:
        answers.append(deed())
    except Hindered as hindered:
        answers.append(hindered)
    finally:
        connection.close()


def scene():
    desk = make_desk(1, areas=1)
    gone, there = note_of(desk), note_of(desk)
    pk = desk.competencies[0].pk
    fields = {
        f"c{pk}-value": "4",
        f"c{pk}-comment": "Seen twice.",
        f"c{pk}-notes": f"{gone.pk},{there.pk}",
        "overall": "4",
        "summary": "A good year.",
    }

    def throw_away():
        deeds.delete_note(EvidenceNote.objects.get(pk=gone.pk), by=desk.manager, now=NOON)

    return desk, fields, throw_away, there


def hand_in(desk, fields):
    return actions.submit_form(
        desk.manager_review.pk, changed=fields, base=0, confirmed=True, by=desk.manager, now=NOON
    )


def test_a_note_that_went_first_is_left_out_and_the_rest_is_handed_in(at_the_instant):
    desk, fields, throw_away, there = scene()
    at_the_instant(throw_away, before=True)

    assert hand_in(desk, fields).outcome == "submitted"

    assert linked() == [there.pk]
    assert Review.objects.get(pk=desk.manager_review.pk).summary == "A good year."


def test_a_note_on_which_a_review_was_just_handed_in_stays(at_the_instant):
    desk, fields, throw_away, _there = scene()
    answer = at_the_instant(throw_away, before=False)

    assert hand_in(desk, fields).outcome == "submitted"

    assert isinstance(answer(), Hindered)
    assert len(linked()) == 2


@pytest.mark.parametrize("before", [True, False])
def test_a_save_keeps_everything_but_the_note(at_the_instant, before):
    desk, fields, throw_away, there = scene()
    answer = at_the_instant(throw_away, before=before)

    assert save(desk, fields).outcome == "saved"

    assert answer() is None
    assert linked() == [there.pk]


@pytest.mark.parametrize("before", [True, False])
def test_a_version_is_restored_without_it(at_the_instant, before):
    desk, fields, throw_away, there = scene()
    save(desk, fields)
    save(desk, dict.fromkeys(fields, ""))
    answer = at_the_instant(throw_away, before=before)

    actions.restore_version(desk.manager_review.pk, revision=1, by=desk.manager, now=NOON)

    assert answer() is None
    assert linked() == [there.pk]
