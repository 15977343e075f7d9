"""The doors of delivery: what a press answers, and where it leads."""

from __future__ import annotations

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from apps.reviews.models import Participant
from tests.factories import NOON
from tests.factories.people import DepartmentFactory, PersonFactory
from tests.factories.reviews import DisputeFactory
from tests.reviews.test_delivery_pages import full_packet

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _at_noon():
    with time_machine.travel(NOON, tick=False):
        yield


def browser(person) -> Client:
    client = Client()
    client.force_login(person.user)
    return client


def url(name: str, row) -> str:
    return reverse(f"reviews:{name}", args=[row.pk])


def test_the_talk_is_noted_from_the_packet_and_hr_notes_it_from_the_persons_page():
    row = full_packet(1, released=True)
    hr = browser(PersonFactory(process_admin=True, with_user=True))

    answer = browser(row.manager).post(
        url("confirm_talk", row), {"talked_on": "2026-11-18", "back": "packet"}
    )
    assert answer["Location"] == url("packet", row)
    assert Participant.objects.get(pk=row.pk).talked_on.isoformat() == "2026-11-18"
    answer = hr.post(
        url("confirm_talk", row), {"talked_on": "", "back": "participant"}, follow=True
    )
    assert "The note of the talk is gone." in answer.content.decode()
    assert Participant.objects.get(pk=row.pk).talked_on is None
    nonsense = hr.post(url("confirm_talk", row), {"talked_on": "yesterday"}, follow=True)
    assert "Give the day of the talk." in nonsense.content.decode()


def test_a_reply_that_is_too_long_comes_back_with_what_was_typed():
    row = full_packet(1, acknowledged=True, reply="Thank you.")

    answer = browser(row.person).post(url("reply_to_packet", row), {"reply": "x" * 20_001})

    assert answer.status_code == 422
    assert "x" * 20_001 in answer.content.decode()
    assert Participant.objects.get(pk=row.pk).reply == "Thank you."


def test_the_whole_way_of_a_dispute_over_http():
    row = full_packet(1, released=True)
    third = PersonFactory(name="Sofia Reyes", content_admin=True, with_user=True)
    person, manager, arbiter = browser(row.person), browser(row.manager), browser(third)

    assert "Sofia Reyes from HR" in person.get(url("packet", row)).content.decode()
    person.post(url("dispute_packet", row), {"text": "OBJECTION"})
    assert manager.post(url("answer_dispute", row), {"answer": ""}).status_code == 422
    manager.post(url("answer_dispute", row), {"answer": "ANSWER"})
    assert "ANSWER" in person.get(url("packet", row)).content.decode()
    page = arbiter.get(url("packet", row)).content.decode()
    assert "You decide" in page
    competency = row.ratings.exclude(competency=None).get().competency_id
    typed = {"overall-0": "5", f"competency-{competency}": "keep", "outcome": "DECISION"}
    arbiter.post(url("settle_dispute", row), typed)

    for reader in (person, manager):
        page = reader.get(url("packet", row)).content.decode()
        assert "DECISION" in page
        assert "Changed after a dispute" in page
        assert "What changed stands above, with its reason." in page
    assert arbiter.post(url("settle_dispute", row), typed).status_code == 403


def test_the_packet_leads_to_feedback_only_those_who_may_read_it():
    row = full_packet(1, disputed=True)
    third = PersonFactory(content_admin=True, with_user=True)
    DisputeFactory(participant=row, arbiter=third)
    feedback = reverse("feedback:received_feedback", args=[row.pk])
    leads = {}
    for reader in (row.manager, third, PersonFactory(content_admin=True, with_user=True)):
        page = browser(reader).get(url("packet", row))
        assert page.status_code == 200
        leads[reader] = feedback in page.content.decode()
        assert browser(reader).get(feedback).status_code == (200 if leads[reader] else 404)

    assert list(leads.values()) == [True, False, False]


def test_hr_names_another_third_person_over_http():
    row = full_packet(1, disputed=True)
    DisputeFactory(participant=row, arbiter=PersonFactory(left=True))
    kari = PersonFactory(name="Kari Nord", with_user=True)
    hr = browser(PersonFactory(process_admin=True, with_user=True))

    assert "Kari Nord" in hr.get(url("name_arbiter", row), {"who": "kari"}).content.decode()
    refused = hr.post(url("name_arbiter", row), {"person": row.person_id}, follow=True)
    assert "Is the person it is about" in refused.content.decode()
    for unknown in ("", "x", "9" * 30, str(10**9)):
        assert hr.post(url("name_arbiter", row), {"person": unknown}).status_code == 404
    answer = hr.post(url("name_arbiter", row), {"person": kari.pk}, follow=True)
    assert "Kari Nord settles it now." in answer.content.decode()
    assert browser(kari).get(url("packet", row)).status_code == 200


def test_a_group_is_released_over_http_and_a_stale_number_releases_nobody():
    department = DepartmentFactory()
    row = full_packet(1, department=department)
    hr = browser(PersonFactory(process_admin=True, with_user=True))
    address = reverse("reviews:release_group", args=[row.cycle_id])
    typed = {"of": "department", "group": department.pk, "expected": 2}

    stale = hr.post(address, typed, follow=True)
    assert "Ready by now: 1, not 2" in stale.content.decode()
    for wrong in ({"of": "person", "group": 1, "expected": 1}, {}):
        assert "Choose a group" in hr.post(address, wrong, follow=True).content.decode()
    assert Participant.objects.get(pk=row.pk).state == "active"
    done = hr.post(address, {**typed, "expected": 1}, follow=True)
    assert "1 packet released." in done.content.decode()
    assert Participant.objects.get(pk=row.pk).state == "released"
    assert browser(row.manager).post(address, typed).status_code == 404
