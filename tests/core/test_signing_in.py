"""What the house's settings promise about signing in; the pages themselves are tests/people's."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse

import config.settings as house
from tests.factories.people import PASSWORD, PersonFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def anna(settings):
    settings.ACCOUNT_RATE_LIMITS = house.ACCOUNT_RATE_LIMITS
    return PersonFactory(with_user=True)


def sign_in(client, email, password):
    return client.post(reverse("account_login"), {"login": email, "password": password})


def test_the_right_password_signs_in_for_a_working_day(client, anna, settings):
    answer = sign_in(client, anna.user.email, PASSWORD)

    assert (answer.status_code, answer.headers["Location"]) == (302, "/")
    assert client.session.get_expiry_age() == settings.SESSION_COOKIE_AGE == 12 * 3600


def test_after_five_wrong_passwords_the_right_one_is_refused_as_well(client, anna):
    for _ in range(5):
        assert sign_in(client, anna.user.email, "wrong").status_code == 200

    answer = sign_in(client, anna.user.email, PASSWORD)

    assert answer.status_code in {200, 429}
    assert "_auth_user_id" not in client.session


def test_a_sign_in_changes_the_session_key(client, anna):
    session = client.session
    session["planted"] = "before"
    session.save()
    before = session.session_key

    sign_in(client, anna.user.email, PASSWORD)

    assert client.session.session_key != before


@pytest.mark.parametrize("target", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)", "https:evil.example", "/\t/evil.example"])  # fmt: skip
def test_nobody_is_sent_away_after_signing_in(client, anna, target):
    answer = client.post(
        reverse("account_login"), {"login": anna.user.email, "password": PASSWORD, "next": target}
    )
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")


def test_an_address_that_nobody_has_gets_the_same_answer(client, anna):
    def body(email):
        page = sign_in(client, email, "wrong").content.decode()
        return page.replace(email, "")

    known, unknown = (
        re.sub(r"[A-Za-z0-9]{64}", "", body(e)) for e in (anna.user.email, "nobody@example.com")
    )
    assert known == unknown
