"""Ways in: the one door, what it tells, and who is out at the next request."""

from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from apps.people import actions
from apps.people.models import Person, User
from apps.people.viewers import viewer_of_person
from config import settings as production
from tests.factories.people import PASSWORD, PersonFactory, UserFactory

pytestmark = pytest.mark.django_db
LOGIN = "/accounts/login/"


@pytest.fixture
def person():
    return PersonFactory(with_user=True)


def sign_in(client, email, password=PASSWORD):
    return client.post(reverse("account_login"), {"login": email, "password": password})


def is_in(client):
    return client.get(reverse("people:my_account")).status_code == 200


@pytest.mark.parametrize("spell", [str, str.upper, str.title])
def test_an_address_in_any_case_signs_in(client, person, spell):
    assert sign_in(client, spell(person.email)).status_code == 302
    assert is_in(client)


def body(answer, *private):
    text = answer.content.decode()
    for word in (
        answer.wsgi_request.META.get("CSRF_COOKIE", "-"),
        answer["X-Request-ID"],
        *private,
    ):
        text = text.replace(word, "")
    import re

    return re.sub(r'(csrfmiddlewaretoken" value="|X-CSRFToken": ")[^"]+', r"\1", text)


def test_a_wrong_password_and_an_unknown_address_read_alike(client, person):
    wrong = sign_in(client, person.email, "not this one at all")
    unknown = sign_in(client, "nobody@example.com", "not this one at all")

    assert wrong.status_code == unknown.status_code == 200
    assert body(wrong, person.email) == body(unknown, "nobody@example.com")


def test_a_forgotten_password_says_the_same_to_everybody(client, person):
    address = reverse("account_reset_password")

    known = client.post(address, {"email": person.email}, follow=True)
    unknown = client.post(address, {"email": "nobody@example.com"}, follow=True)

    assert known.redirect_chain == unknown.redirect_chain
    assert body(known, person.email) == body(unknown, "nobody@example.com")
    assert mail.outbox[0].to == [person.email]


def test_an_opened_account_gets_in_by_the_forgotten_link(client):
    person = PersonFactory()
    hr = viewer_of_person(PersonFactory(process_admin=True))
    actions.open_account(person, by=hr, now=timezone.now())

    client.post(reverse("account_reset_password"), {"email": person.email})
    link = next(w for w in mail.outbox[0].body.split() if "/password/reset/key/" in w)
    page = client.get("/" + link.split("/", 3)[3], follow=True)
    form_at = page.redirect_chain[-1][0]
    client.post(form_at, {"password1": PASSWORD, "password2": PASSWORD})

    assert sign_in(client, person.email).status_code == 302
    assert is_in(client)


def test_nobody_opens_an_account_alone(client):
    data = {"email": "new@example.com", "password1": PASSWORD, "password2": PASSWORD}

    client.get(reverse("account_signup"))
    client.post(reverse("account_signup"), data)

    assert not User.objects.exists()


def test_people_do_not_change_the_address_that_hr_entered(client, person):
    sign_in(client, person.email)

    client.post("/accounts/email/", {"action_add": "", "email": "mine@elsewhere.org"})

    assert User.objects.get().email == person.email
    assert mail.outbox == []
    assert sign_in(client, "mine@elsewhere.org").status_code in {200, 302}


def closed(person):
    User.objects.filter(pk=person.user_id).update(is_active=False)


def gone_today(person):
    Person.objects.filter(pk=person.pk).update(left_on=timezone.localdate())


def left_by_hr(person):
    hr = viewer_of_person(PersonFactory(process_admin=True))
    actions.leave(person, timezone.localdate(), by=hr, now=timezone.now())


@pytest.mark.parametrize("why", [closed, gone_today, left_by_hr])
def test_who_leaves_is_out_at_the_next_request_and_stays_out(client, person, why):
    sign_in(client, person.email)
    assert is_in(client)

    why(person)

    assert not is_in(client)
    sign_in(client, person.email)
    assert not is_in(client)


def test_who_leaves_tomorrow_is_still_in(client, person):
    Person.objects.filter(pk=person.pk).update(left_on=timezone.localdate() + timedelta(days=1))

    sign_in(client, person.email)

    assert is_in(client)


def test_leaving_ends_every_session(person, client, settings):
    from importlib import import_module

    store = import_module(settings.SESSION_ENGINE).SessionStore
    sign_in(client, person.email)
    key = client.session.session_key

    left_by_hr(person)

    assert not store().exists(key)


# ---- the second step ----


@pytest.fixture
def secured(person):
    TOTP.activate(person.user, generate_totp_secret())
    RecoveryCodes.activate(person.user)
    return person


def test_the_page_of_the_second_step_is_there(client, person):
    sign_in(client, person.email)

    assert client.get(reverse("mfa_index")).status_code == 200


def test_with_a_second_step_the_password_alone_opens_nothing(client, secured):
    answer = sign_in(client, secured.email)

    assert answer["Location"] == reverse("mfa_authenticate")
    assert not is_in(client)
    assert client.post(reverse("people:issue_token"), {"name": "x"}).status_code == 302
    client.post(reverse("mfa_authenticate"), {"code": "000000"})
    assert not is_in(client)

    code = Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes()[0]
    client.post(reverse("mfa_authenticate"), {"code": code})
    assert is_in(client)


def test_the_admin_has_no_door_of_its_own(client, secured):
    User.objects.filter(pk=secured.user_id).update(is_staff=True, is_superuser=True)
    data = {"username": secured.email, "password": PASSWORD}

    answer = client.post("/admin/login/", data)

    assert answer["Location"].startswith(LOGIN)
    assert client.get("/admin/").status_code == 302


def test_a_new_password_signs_nobody_in_past_the_second_step(client, secured):
    client.post(reverse("account_reset_password"), {"email": secured.email})
    link = next(w for w in mail.outbox[0].body.split() if "/password/reset/key/" in w)
    page = client.get("/" + link.split("/", 3)[3], follow=True)
    client.post(
        page.redirect_chain[-1][0], {"password1": PASSWORD + "!", "password2": PASSWORD + "!"}
    )

    assert not is_in(client)


def test_there_is_one_backend_and_a_slow_hash():
    assert production.AUTHENTICATION_BACKENDS == ["apps.people.backend.Backend"]
    assert "Argon2" in production.PASSWORD_HASHERS[0] or "MD5" in production.PASSWORD_HASHERS[0]
    assert "5/15m/key" in production.ACCOUNT_RATE_LIMITS["login_failed"]


def test_the_sixth_wrong_password_waits(client, person, settings):
    settings.ACCOUNT_RATE_LIMITS = {"login": "30/m/ip", "login_failed": "5/15m/key"}
    for _ in range(5):
        sign_in(client, person.email, "wrong wrong wrong")

    answer = sign_in(client, person.email)

    assert not is_in(client)
    assert answer.status_code in {200, 429}


@pytest.mark.parametrize(
    "to",
    [
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "https:evil.example",
    ],
)
def test_after_signing_in_one_stays_in_the_house(client, person, to):
    answer = client.post(
        reverse("account_login"), {"login": person.email, "password": PASSWORD, "next": to}
    )

    assert answer["Location"] == "/"


def test_an_account_without_a_person_sees_no_colleague(client):
    PersonFactory(name="Ida Colleague")
    client.force_login(UserFactory())

    assert "Ida Colleague" not in client.get(reverse("people:directory")).content.decode()
