"""The pages of allauth carry our look: every one of them renders, in our frame, with labelled fields and our buttons."""

from __future__ import annotations

import re

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth import get_user_model
from django.test import Client

pytestmark = pytest.mark.django_db

OUTSIDE = ["login/", "password/reset/", "password/reset/done/"]
INSIDE = [
    "password/change/",
    "logout/",
    "sessions/",
    "2fa/",
    "2fa/totp/activate/",
    "reauthenticate/",
    "2fa/webauthn/",
    "2fa/webauthn/add/",
]


@pytest.fixture
def inside(client: Client) -> Client:
    mira = get_user_model().objects.create_user("mira@example.com", "correct horse battery")
    EmailAddress.objects.create(user=mira, email=mira.email, primary=True, verified=True)
    client.post(
        "/accounts/login/", {"login": "mira@example.com", "password": "correct horse battery"}
    )
    client.post("/accounts/reauthenticate/", {"password": "correct horse battery"})
    return client


def check(html: str) -> None:
    assert 'href="/static/css/tokens.css"' in html
    assert len(re.findall(r"<h1[ >]", html)) == 1
    assert "Menu:" not in html
    for button in re.findall(r"<button[^>]*>", html):
        assert re.search(
            r'class="(button|item|me-button|link-button)|data-set-theme|data-keep', button
        ), button
    for control in re.findall(
        r'<(?:input|textarea|select)(?![^>]*type="hidden")[^>]*\bid="([^"]+)"', html
    ):
        assert f'for="{control}"' in html
    assert not re.search(r"\sstyle=|src=\"data:", html)


@pytest.mark.parametrize("address", OUTSIDE)
def test_a_page_before_signing_in(client: Client, address: str) -> None:
    answer = client.get(f"/accounts/{address}")
    assert answer.status_code == 200
    check(answer.content.decode())


@pytest.mark.parametrize("address", INSIDE)
def test_a_page_of_the_account(inside: Client, address: str) -> None:
    answer = inside.get(f"/accounts/{address}", follow=True)
    assert answer.status_code == 200
    assert answer.redirect_chain == []
    check(answer.content.decode())


def test_a_wrong_password_says_so_beside_the_form(client: Client) -> None:
    html = client.post(
        "/accounts/login/", {"login": "nobody@example.com", "password": "wrong"}
    ).content.decode()
    assert 'class="error-summary"' in html
    assert 'role="alert"' in html


def test_the_picture_for_the_app_is_drawn_in_the_page(inside: Client) -> None:
    html = inside.get("/accounts/2fa/totp/activate/", follow=True).content.decode()
    assert 'class="qr"' in html
    assert re.search(r'class="qr-ink" d="M\d', html)


def test_the_address_somebody_signs_in_with_is_changed_by_hr_only(client):
    client.force_login(get_user_model().objects.create_user("somebody@example.com"))
    answer = client.get("/accounts/email/")
    assert (answer.status_code, answer.url) == (302, "/people/me/")
