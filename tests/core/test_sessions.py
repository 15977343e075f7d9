"""T15, S25: a sign-in ends when it was said to end; only its person can prolong it, by pressing."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

from apps.core.sessions import MOST_TIMES
from tests.factories import NOON
from tests.factories.people import PASSWORD, PersonFactory

pytestmark = pytest.mark.django_db
TWELVE = timedelta(hours=12)


@pytest.fixture
def anna():
    return PersonFactory(with_user=True)


@pytest.fixture
def client(anna):
    client = Client()
    with time_machine.travel(NOON, tick=False):
        client.post(reverse("account_login"), {"login": anna.user.email, "password": PASSWORD})
    return client


def ends_at():
    return Session.objects.get().expire_date


def at(hours: float):
    return time_machine.travel(NOON + timedelta(hours=hours), tick=False)


def test_a_session_that_is_written_ends_no_later(client):
    assert ends_at() == NOON + TWELVE

    with at(11):
        session = client.session
        session["seen"] = "something"
        session.save()

    assert ends_at() == NOON + TWELVE


def test_a_page_that_writes_the_session_ends_no_later(client, anna):
    with at(11):
        assert client.post(reverse("people:choose_time_zone"), {"time_zone": "Europe/Oslo"}).status_code == 302  # fmt: skip
        assert client.get("/").status_code == 200

    assert ends_at() == NOON + TWELVE


def test_asking_how_long_it_lasts_prolongs_nothing(client):
    with at(11):
        answer = client.get(reverse("sign_in_state"))

        assert (answer.json()["signed_in"], answer.json()["seconds"]) == (True, 3600)
    assert ends_at() == NOON + TWELVE


def test_after_its_end_it_is_over_whatever_was_asked_meanwhile(client):
    with at(11.9):
        client.get(reverse("sign_in_state"))
    with at(12.01):
        assert client.get(reverse("sign_in_state")).json() == {"signed_in": False}
        assert client.get("/").status_code == 302
        assert client.post(reverse("stay_signed_in")).status_code == 302


def test_a_press_gives_an_hour_more_and_ten_presses_are_all(client):
    with at(11.98):
        answer = client.post(reverse("stay_signed_in"), headers={"Accept": "application/json"})

        assert answer.json()["seconds"] == 3600 + 72
        assert ends_at() == NOON + TWELVE + timedelta(hours=1)
        for _ in range(MOST_TIMES - 1):
            assert client.post(reverse("stay_signed_in")).status_code == 302
        assert client.post(reverse("stay_signed_in")).status_code == 409
    assert ends_at() == NOON + TWELVE + timedelta(hours=MOST_TIMES)


def test_it_is_prolonged_by_a_post_with_a_token_alone(anna):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(anna.user)

    assert strict.get(reverse("stay_signed_in")).status_code == 405
    assert strict.post(reverse("stay_signed_in")).status_code == 403


def test_signing_in_anew_begins_a_new_length(client, anna):
    with at(11):
        client.post(reverse("account_logout"))
        client.post(reverse("account_login"), {"login": anna.user.email, "password": PASSWORD})

        assert ends_at() == NOON + timedelta(hours=23)


def test_a_page_is_told_the_end_in_a_cookie_that_opens_nothing(client, anna):
    told = client.cookies["rungs_signed_in"]

    assert told.value.split(".")[0] == str(int((NOON + TWELVE).timestamp()))
    assert not told["httponly"]
    assert (told["samesite"], told["path"]) == ("Lax", "/")
    with at(1):
        assert "rungs_signed_in" not in client.get("/").cookies  # said once, until it changes
        client.cookies["rungs_session"] = "of nobody"
        assert client.get("/").cookies["rungs_signed_in"].value == ""


def test_the_mark_in_the_cookie_is_another_for_somebody_else(client, anna):
    other = Client()
    other.force_login(PersonFactory(with_user=True).user)
    other.get("/")

    mine, theirs = (c.cookies["rungs_signed_in"].value.split(".")[1] for c in (client, other))

    assert mine != theirs
    assert str(anna.user.pk) not in mine.split("-")
