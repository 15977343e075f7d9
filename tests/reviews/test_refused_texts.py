"""T10: what is refused is not lost; a reply, an objection, a reason come back with the refusal."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from apps.reviews.models import Cycle, Dispute, Participant, PopulationChoice
from apps.reviews.states import CycleState
from tests.factories import NOON
from tests.factories.people import PersonFactory
from tests.factories.reviews import CycleFactory, ParticipantFactory, ReviewFactory
from tests.forms import FormBrowser, written_in

pytestmark = pytest.mark.django_db
WORDS = "It was mine & mine alone.\r\nAnd in March."


@pytest.fixture
def released():
    PersonFactory(is_content_admin=True)  # somebody who could settle it
    row = ParticipantFactory(
        cycle=CycleFactory(state=CycleState.DELIVERY, phases=True),
        person=PersonFactory(with_user=True),
        released=True,
    )
    ReviewFactory(participant=row, submitted=True, rated=True)
    return row


def url(name, row):
    return reverse(f"reviews:{name}", args=[row.pk])


@pytest.fixture
def writer(released):
    writer = FormBrowser()
    with time_machine.travel(NOON, tick=False):
        writer.force_login(released.person.user)
    return writer


def press(writer, row, name, *, hours=0, **typed):
    """Open the packet at noon, write, and send it some hours later."""
    with time_machine.travel(NOON, tick=False):
        form = writer.form(url("packet", row), url(name, row))
    with time_machine.travel(NOON + timedelta(hours=hours), tick=False):
        return writer.post(url(name, row), {**form, **typed})


@pytest.mark.parametrize(
    ("name", "field"), [("acknowledge_packet", "reply"), ("dispute_packet", "text")]
)
def test_what_is_too_long_stays_in_its_field(writer, released, name, field):
    text = "A long story. " * 2000

    answer = press(writer, released, name, **{field: text})

    assert answer.status_code == 422
    assert text in written_in(answer.content.decode())
    assert "at most 20000 characters" in answer.content.decode()


def test_an_objection_that_comes_too_late_comes_back(writer, released):
    Participant.objects.update(released_at=NOON - timedelta(days=40))
    Cycle.objects.update(dispute_days=60)
    with time_machine.travel(NOON, tick=False):
        form = writer.form(url("packet", released), url("dispute_packet", released))
        Cycle.objects.update(dispute_days=10)

        answer = writer.post(url("dispute_packet", released), {**form, "text": WORDS})

    assert answer.status_code == 422
    assert WORDS in written_in(answer.content.decode())
    assert not Dispute.objects.exists()


def test_what_another_tab_did_meanwhile_loses_no_reply(writer, released):
    with time_machine.travel(NOON, tick=False):
        form = writer.form(url("packet", released), url("acknowledge_packet", released))
        writer.post(url("acknowledge_packet", released), {**form, "reply": ""})

        answer = writer.post(url("acknowledge_packet", released), {**form, "reply": WORDS})

    assert answer.status_code in {403, 409}
    assert WORDS in written_in(answer.content.decode())


def test_what_became_unreadable_meanwhile_loses_no_reply(writer, released):
    with time_machine.travel(NOON, tick=False):
        form = writer.form(url("packet", released), url("acknowledge_packet", released))
        Participant.objects.update(person=PersonFactory(), manager=PersonFactory())

        answer = writer.post(url("acknowledge_packet", released), {**form, "reply": WORDS})

    assert answer.status_code == 404
    assert WORDS in written_in(answer.content.decode())


def test_a_sign_in_that_ended_loses_no_objection(writer, released):
    answer = press(writer, released, "dispute_packet", hours=13, text=WORDS)

    assert answer.status_code == 401
    assert WORDS in written_in(answer.content.decode())
    assert not Dispute.objects.exists()


def test_a_reason_for_a_step_back_without_a_day_comes_back():
    cycle = CycleFactory(state=CycleState.MANAGER_REVIEW, phases=True)
    admin = PersonFactory(with_user=True, is_process_admin=True)
    cycle.owners.add(admin)
    writer = FormBrowser()
    writer.force_login(admin.user)
    with time_machine.travel(NOON, tick=False):
        form = writer.form(url("cycle", cycle), url("step_back", cycle))
        answer = writer.post(url("step_back", cycle), {**form, "reason": WORDS, "reopens_on": ""})

    assert answer.status_code == 422
    assert WORDS in written_in(answer.content.decode())


def test_a_fault_of_ours_loses_nothing_either(writer, released, monkeypatch):
    from apps.reviews import actions

    monkeypatch.setattr(actions, "acknowledge_packet", lambda *a, **k: 1 / 0)
    writer.raise_request_exception = False

    answer = press(writer, released, "acknowledge_packet", reply=WORDS)

    assert answer.status_code == 500
    assert WORDS in written_in(answer.content.decode())


def test_a_reason_that_is_too_long_is_not_cut():
    hr = PersonFactory(with_user=True, is_process_admin=True)
    cycle = CycleFactory(state=CycleState.COLLECTION, phases=True)
    leave_out = reverse("reviews:leave_out", args=[cycle.pk, PersonFactory().pk])
    browser = Client()
    browser.force_login(hr.user)

    answer = browser.post(leave_out, {"reason": "On leave. " * 21}, follow=True)

    assert "at most 200 characters" in answer.content.decode()
    assert not PopulationChoice.objects.exists()


@pytest.mark.parametrize(
    "headers",
    [{}, {"HX-Request": "true"}, {"Accept": "application/json"}],
    ids=["page", "fragment", "json"],
)
def test_a_refusal_is_said_once_and_leaves_what_was_said_before_for_a_page(
    writer, released, headers
):
    Participant.objects.update(released_at=NOON - timedelta(days=40))
    Cycle.objects.update(dispute_days=60)
    with time_machine.travel(NOON, tick=False):
        form = writer.form(url("packet", released), url("dispute_packet", released))
        note = {**form, "happened_on": NOON.date(), "text": "Wrote the guide."}
        writer.post(reverse("reviews:add_note"), note)
        Cycle.objects.update(dispute_days=10)

        refused = writer.post(
            url("dispute_packet", released), {**form, "text": WORDS}, headers=headers
        )
        page = writer.get(reverse("reviews:notes"))

    assert refused.status_code == 422
    assert refused.text.count("days for a dispute are over") == 1
    assert (refused.text + page.text).count("Kept. Only you read it.") == 1
    assert "days for a dispute are over" not in page.text
