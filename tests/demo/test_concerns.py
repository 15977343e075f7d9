"""Reported texts of the made-up company: one hidden, one that waits, one of which the name was asked for."""

from __future__ import annotations

import pytest
from django.urls import reverse

from apps.feedback import pages
from apps.feedback.models import Concern, Disclosure
from apps.feedback.pages.concerns import WAITING
from apps.feedback.states import ConcernState, DisclosureState, Mode
from apps.people.models import Person
from apps.people.viewers import viewer_of_person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("company")]

HIDDEN, WAITS, NAME = "Elif Yıldız", "Kwame Mensah", "Thandiwe Nkosi"


def person(name: str) -> Person:
    return Person.objects.select_related("user").get(name=name)


def rows(name: str, show: str = "all"):
    found = pages.concerns(viewer_of_person(person(name)), show=show).rows
    return {row.person: (row.state, row.name_state, row.for_me) for row in found}


def test_each_stands_in_a_batch_that_is_shown_and_was_given_in_confidence():
    concerns = Concern.objects.select_related("part__answer__participant__person").order_by("pk")
    about = {c.part.answer.participant.person.name: c for c in concerns}

    assert set(about) == {HIDDEN, WAITS, NAME}
    for name, concern in about.items():
        answer = concern.part.answer
        page = pages.received_feedback(
            viewer_of_person(person(name)), participant_id=answer.participant_id
        )
        [kind] = [k for k in page.kinds if k.perspective.pk == answer.perspective_id]
        assert kind.perspective.mode == Mode.CONFIDENTIAL
        assert concern.part_id in {said.part_id for s in kind.sections for said in s.texts}
    assert {n: c.state for n, c in about.items()} == {
        HIDDEN: ConcernState.HIDDEN,
        WAITS: ConcernState.RAISED,
        NAME: ConcernState.HIDDEN,
    }
    asked = Disclosure.objects.get()
    assert (asked.concern, asked.state) == (about[NAME], DisclosureState.ASKED)


@pytest.mark.parametrize("name", [HIDDEN, NAME])
def test_whom_a_hidden_text_is_about_reads_the_reason_in_its_place(client, name):
    concern = Concern.objects.select_related("part__answer").get(
        part__answer__participant__person__name=name
    )
    client.force_login(person(name).user, backend="apps.people.backend.Backend")
    path = reverse("feedback:received_feedback", args=[concern.part.answer.participant_id])

    text = client.get(path).content.decode()

    assert f"Hidden by HR: {concern.decisions.get().reason}" in text
    assert concern.part.text not in text


def test_both_of_hr_find_their_part():
    waits = (ConcernState.RAISED, "", True)
    asked = DisclosureState.ASKED.value

    assert rows("Henrik Aas") == {
        HIDDEN: (ConcernState.HIDDEN, "", False),
        WAITS: waits,
        NAME: (ConcernState.HIDDEN, asked, False),  # who asked does not decide
    }
    assert rows("Grace Achieng", WAITING) == {
        WAITS: waits,
        NAME: (ConcernState.HIDDEN, asked, True),
    }
