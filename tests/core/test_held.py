"""T4, T5: what is sent when nobody, or somebody else, is signed in is kept in the answer and not done."""

from __future__ import annotations

from html import unescape

import pytest
from django.template import Context, Template
from django.test import RequestFactory
from django.urls import reverse

from apps.core.typed import mark_of
from apps.people.models import Person
from tests.factories.people import PersonFactory
from tests.forms import FormBrowser, fields_of

pytestmark = pytest.mark.django_db
LONG = "It was the March release.\r\nI have the numbers: 40 % < 50 %, and \"more\" & so on. 👩🏽‍🚀 עברית\n\n" * 3  # fmt: skip


@pytest.fixture
def anna():
    return PersonFactory(with_user=True, name="Anna Berg", time_zone="UTC")


@pytest.fixture
def writer(anna):
    writer = FormBrowser()
    writer.force_login(anna.user)
    return writer


@pytest.fixture
def form(writer):
    """Anna's form for her clock, as her page holds it, with a long text beside what it asks."""
    shown = writer.form(reverse("people:my_account"), reverse("people:choose_time_zone"))
    return {**shown, "time_zone": "Europe/Oslo", "note": LONG}


def send(writer, form, **headers):
    return writer.post(reverse("people:choose_time_zone"), form, headers=headers)


def zone(anna):
    return Person.objects.get(pk=anna.pk).time_zone


def test_every_form_says_whom_it_was_made_for(anna):
    request = RequestFactory().get("/")
    request.user = anna.user

    html = Template("{% csrf_token %}").render(Context({"csrf_token": "t", "request": request}))

    assert f'name="typed_by" value="{mark_of(request)}"' in html


def test_a_form_for_a_stranger_says_nothing(client):
    assert "typed_by" not in client.get(reverse("account_login")).content.decode()


def test_signed_out_everything_typed_comes_back_and_nothing_is_done(writer, form, anna):
    writer.session.flush()

    answer = send(writer, form)

    assert answer.status_code == 401
    assert answer["Cache-Control"] == "no-store"
    back = fields_of(answer.content.decode(), reverse("people:choose_time_zone"))
    assert (back["note"], back["time_zone"]) == (LONG, "Europe/Oslo")
    assert back["typed_by"] == form["typed_by"]
    assert zone(anna) == "UTC"
    assert LONG.split("\r", maxsplit=1)[0] not in answer.wsgi_request.get_full_path()


def test_after_signing_in_again_it_is_sent_with_the_page_that_kept_it(writer, form, anna):
    writer.session.flush()
    kept = fields_of(send(writer, form).content.decode(), reverse("people:choose_time_zone"))
    writer.force_login(anna.user)
    writer.get("/")  # signing in changes the token; a page without scripts has the old one

    once_more = send(writer, kept)
    if once_more.status_code == 403:
        kept = fields_of(once_more.content.decode(), reverse("people:choose_time_zone"))
        once_more = send(writer, kept)

    assert kept["note"] == LONG
    assert once_more.status_code == 302
    assert zone(anna) == "Europe/Oslo"


def test_a_page_older_than_the_sign_in_is_kept_and_sent_once_more(writer, form, anna):
    stale = {**form, "csrfmiddlewaretoken": "a" * 64}

    answer = send(writer, stale)

    assert answer.status_code == 403
    assert zone(anna) == "UTC"
    kept = fields_of(answer.content.decode(), reverse("people:choose_time_zone"))
    assert kept["note"] == LONG
    assert send(writer, kept).status_code == 302
    assert zone(anna) == "Europe/Oslo"


def test_somebody_else_who_signed_in_sends_nothing_of_it(writer, form, anna):
    other = PersonFactory(with_user=True, time_zone="UTC")
    writer.session.flush()
    writer.force_login(other.user)

    refused = send(writer, form)  # the old token
    kept = fields_of(refused.content.decode(), reverse("people:choose_time_zone"))
    again = send(writer, kept)  # and with the token of the one who is signed in now

    assert again.status_code == 409
    assert (zone(anna), zone(other)) == ("UTC", "UTC")
    assert LONG.split("\r", maxsplit=1)[0] in unescape(
        again.content.decode()
    )  # it stays in the tab it was in


def test_what_another_site_sends_is_never_shown_as_typed_here(writer, form):
    writer.session.flush()
    cross = {"Sec-Fetch-Site": "cross-site"}

    assert send(writer, form, **cross).status_code == 302
    forged = {**form, "typed_by": "1-" + "0" * 24}
    assert send(writer, forged).status_code == 302


def test_a_password_is_never_written_into_a_page(anna):
    writer = FormBrowser()
    writer.force_login(anna.user)
    where = reverse("account_change_password")
    shown = writer.form(where, where)
    writer.session.flush()

    answer = writer.post(where, {**shown, "password1": "secret secret secret"})

    assert "typed_by" in shown
    assert "secret secret" not in answer.content.decode()


def test_a_part_of_a_page_is_told_so_and_is_no_sign_in_page(client):
    answer = client.get(reverse("people:find_people"), headers={"HX-Request": "true"})

    assert answer.status_code == 401
    assert "<form" not in answer.content.decode()
