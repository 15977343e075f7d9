"""The doors of the desk: what an autosave answers, the form without scripts, hand in, take back."""

import json
from datetime import timedelta
from urllib.parse import urlencode

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.core import mail
from django.test import Client
from django.urls import reverse

from apps.core.models import AuditEvent
from apps.inbox.models import Message
from apps.reviews import actions
from apps.reviews.actions import writing
from apps.reviews.models import Review, ReviewVersion
from apps.reviews.states import CycleState, ReviewState
from tests.factories import NOON
from tests.factories.ladders import LevelFactory
from tests.factories.people import PersonFactory
from tests.reviews.desks import Counted, make_desk

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk():
    return make_desk(3, accounts=True)


def client_of(person):
    client = Client()
    client.force_login(person.user, backend="apps.people.backend.Backend")
    return client


@pytest.fixture
def client(desk):
    return client_of(desk.participant.manager)


def url(name, desk, *more):
    return reverse(f"reviews:{name}", args=[desk.manager_review.pk, *more])


def autosave(client, desk, fields, *, base=0, key="key-12345678", body=None, **headers):
    if body is None:
        body = urlencode([*(("changed", name) for name in fields), *fields.items()])
    headers = {
        "If-Match": f'"{base}"',
        "Idempotency-Key": key,
        "Accept": "application/json",
        **headers,
    }
    headers = {name: value for name, value in headers.items() if value is not None}
    return client.post(
        url("autosave", desk),
        body,
        content_type="application/x-www-form-urlencoded",
        headers=headers,
    )


def test_an_autosave_says_the_revision_and_when(client, desk):
    with time_machine.travel(NOON, tick=False):
        response = autosave(client, desk, {"summary": "Kept.\r\nExactly."})

    assert response.status_code == 200
    assert response.json() == {
        "revision": 1,
        "saved_at": "2026-11-20T12:00:00+00:00",
        "saved": "12:00",
    }
    assert Review.objects.get(pk=desk.manager_review.pk).summary == "Kept.\nExactly."


def test_the_same_field_elsewhere_is_409_with_their_text(client, desk):
    autosave(client, desk, {"summary": "one"})

    response = autosave(client, desk, {"summary": "two"}, key="key-22345678")

    assert response.status_code == 409
    assert response.json() == {"revision": 2, "theirs": {"summary": "one"}}


def test_a_request_that_is_sent_again_gets_the_same_answer(client, desk):
    first = autosave(client, desk, {"summary": "one"})

    assert autosave(client, desk, {"summary": "one"}).json() == first.json()
    assert ReviewVersion.objects.count() == 1


def test_a_save_without_its_revision_is_428(client, desk):
    assert autosave(client, desk, {"summary": "one"}, **{"If-Match": None}).status_code == 428
    assert autosave(client, desk, {"summary": "one"}, **{"If-Match": "*"}).status_code == 428
    assert Review.objects.get(pk=desk.manager_review.pk).revision == 0


@pytest.mark.parametrize("key", [None, "", "short", "x" * 65, "with space 1"])
def test_a_save_without_a_usable_key_is_400(client, desk, key):
    assert autosave(client, desk, {"summary": "one"}, key=key).status_code == 400


def test_signed_out_is_401_and_no_redirect(desk):
    response = autosave(Client(), desk, {"summary": "one"})

    assert response.status_code == 401
    assert "message" in response.json()
    assert Review.objects.get(pk=desk.manager_review.pk).revision == 0


def test_an_expired_session_is_401_and_saving_never_prolongs_it(client, desk):
    with time_machine.travel(NOON, tick=False):
        client = client_of(desk.participant.manager)
        before = Session.objects.latest("expire_date").expire_date
    with time_machine.travel(NOON + timedelta(hours=11), tick=False):
        assert autosave(client, desk, {"summary": "one"}).status_code == 200
        assert Session.objects.latest("expire_date").expire_date == before
    with time_machine.travel(NOON + timedelta(hours=13), tick=False):
        assert (
            autosave(client, desk, {"summary": "two"}, base=1, key="key-22345678").status_code
            == 401
        )


def test_a_closed_phase_is_409_and_the_text_is_on_the_page(client, desk):
    desk.enter(CycleState.CALIBRATION)

    response = autosave(client, desk, {"summary": "Typed too late."})

    assert (response.status_code, response.json()["code"], response.json()["revision"]) == (
        409,
        "closed",
        1,
    )
    assert "Typed too late." in client.get(url("review", desk)).content.decode()


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        (b"changed=summary&summary=a%00b", 400, "summary"),
        (b"changed=summary&summary=%ED%A0%BD", 400, "summary"),
        (b"changed=summary&summary=" + b"x" * 65537, 413, "summary"),
        (b"changed=state&state=submitted", 400, "state"),
        (b"changed=c999999-value&c999999-value=3", 400, "c999999-value"),
        (b"summary=unnamed", 400, None),
        (b"changed=%ff", 400, "changed"),
    ],
    ids=[
        "NUL",
        "half a character",
        "too long",
        "no field",
        "another competency",
        "nothing changed",
        "no text",
    ],
)
def test_what_cannot_be_kept_is_refused_before_anything_is_lost(client, desk, body, status, field):
    response = autosave(client, desk, {}, body=body)

    assert (response.status_code, response.json().get("field")) == (status, field)
    assert response.json()["message"]
    assert Review.objects.get(pk=desk.manager_review.pk).revision == 0


@pytest.mark.parametrize(
    "text",
    [
        "👩🏽‍🚀 עברית",
        "{{ 7*7 }} {% now 'Y' %}",
        "<script>alert(1)</script>",
        " leading and trailing \n\n",
    ],
)
def test_what_can_be_kept_comes_back_exactly_and_does_nothing(client, desk, text):
    autosave(client, desk, {"summary": text})

    assert Review.objects.get(pk=desk.manager_review.pk).summary == text
    assert "<script>alert" not in client.get(url("review", desk)).content.decode()


@pytest.mark.parametrize("name", ["autosave", "save_review", "submit_review", "reopen_review"])
def test_writing_needs_a_post_with_a_token_from_the_author(desk, name):
    subject, stranger = desk.participant.person, PersonFactory(with_user=True)
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(desk.participant.manager.user, backend="apps.people.backend.Backend")
    body = {
        "data": "changed=summary&summary=x&revision=0",
        "content_type": "application/x-www-form-urlencoded",
        "headers": {"If-Match": '"0"', "Idempotency-Key": "key-12345678"},
    }

    assert client_of(subject).get(url(name, desk)).status_code == 405
    assert client_of(subject).post(url(name, desk), **body).status_code == 404
    assert client_of(stranger).post(url(name, desk), **body).status_code == 404
    assert strict.post(url(name, desk), **body).status_code == 403
    assert Review.objects.get(pk=desk.manager_review.pk).revision == 0


def whole(desk, **more):
    return {
        "revision": Review.objects.get(pk=desk.manager_review.pk).revision,
        **desk.complete(),
        **more,
    }


def post(client, name, desk, fields):
    return client.post(
        url(name, desk), urlencode(fields), content_type="application/x-www-form-urlencoded"
    )


def test_without_scripts_the_whole_form_is_saved(client, desk):
    response = post(client, "save_review", desk, whole(desk))

    assert response.status_code == 302
    assert Review.objects.get(pk=desk.manager_review.pk).items.count() == 3


def test_without_scripts_a_field_nobody_touched_is_no_conflict(client, desk):
    post(client, "save_review", desk, whole(desk))
    stale = whole(desk, **{f"c{desk.competencies[0].pk}-comment": "New here."})
    autosave(client, desk, {"summary": "From another tab."}, base=1)

    response = post(client, "save_review", desk, stale)

    review = Review.objects.get(pk=desk.manager_review.pk)
    assert response.status_code == 302
    assert review.summary == "From another tab."
    assert review.items.filter(comment="New here.").exists()


def test_without_scripts_a_conflict_shows_both_texts(client, desk):
    stale = whole(desk, summary="Mine.")
    autosave(client, desk, {"summary": "Theirs."})

    response = post(client, "save_review", desk, stale)

    html = response.content.decode()
    assert response.status_code == 409
    assert "Mine." in html
    assert "Theirs." in html


def test_submitting_what_is_complete_leads_to_the_document(client, desk):
    response = post(client, "submit_review", desk, whole(desk))

    assert response.status_code == 302
    html = client.get(response.url).content.decode()
    assert "Take back" in html
    assert "A good year." in html


def test_submitting_twice_is_one_submission(client, desk):
    """T6, T7: the answer was lost, or Back showed the form again; one version, one record, one mail."""
    fields = whole(desk)
    with time_machine.travel(NOON, tick=False):
        client.force_login(desk.participant.manager.user)
        post(client, "submit_review", desk, fields)
        mailed = len(mail.outbox), Message.objects.count()

        again = post(client, "submit_review", desk, fields)

    assert again.status_code == 302
    assert desk.participant.ratings.count() == 4
    assert desk.manager_review.versions.count() == 1
    assert AuditEvent.objects.filter(verb="submit_review").count() == 1
    assert (len(mail.outbox), Message.objects.count()) == mailed


@pytest.mark.parametrize(("more", "cost"), [({}, 6), ({"summary": "A better year."}, 7)])
def test_submitting_the_whole_form_adds_little_to_who_asks(more, cost):
    desk = make_desk(18, accounts=True)
    client = client_of(desk.participant.manager)
    post(client, "save_review", desk, whole(desk))
    fields = whole(desk, **more)

    with Counted() as queries:
        response = post(client, "submit_review", desk, fields)

    assert response.status_code == 302
    who_asks = 2  # session, user with person
    assert queries.count == who_asks + cost, "\n".join(
        q["sql"][:90] for q in queries.captured_queries
    )


def test_when_too_many_come_first_what_was_typed_is_shown_again(client, desk, monkeypatch):
    monkeypatch.setattr(writing, "_submit_form_once", lambda *args, **kwargs: None)

    response = post(client, "submit_review", desk, whole(desk, summary="Still here."))

    html = response.content.decode()
    assert response.status_code == 409
    assert "Still here." in html
    assert "changed at the same moment" in html


def test_what_is_missing_is_listed_with_links(client, desk):
    fields = whole(desk)
    del fields["summary"]

    response = post(client, "submit_review", desk, fields)

    assert response.status_code == 422
    assert 'href="#field-summary"' in response.content.decode()
    assert Review.objects.get(pk=desk.manager_review.pk).overall == 3


def test_a_doubt_is_settled_with_one_click(client, desk):
    extreme = {f"c{desk.competencies[0].pk}-value": "5", f"c{desk.competencies[1].pk}-value": "3"}

    asked = post(client, "submit_review", desk, whole(desk, **extreme))
    settled = post(client, "submit_review", desk, whole(desk, **extreme, confirmed="yes"))

    assert (asked.status_code, settled.status_code) == (422, 302)
    assert "Is this meant?" in asked.content.decode()
    assert Review.objects.get(pk=desk.manager_review.pk).state == ReviewState.SUBMITTED


def test_it_can_be_taken_back_while_the_phase_is_open(client, desk):
    post(client, "submit_review", desk, whole(desk))

    assert client.post(url("reopen_review", desk)).status_code == 302
    assert Review.objects.get(pk=desk.manager_review.pk).state == ReviewState.DRAFT


def test_a_version_is_restored(client, desk):
    autosave(client, desk, {"summary": "one"})
    autosave(client, desk, {"summary": "two"}, base=1, key="key-22345678")

    assert client.post(url("restore_version", desk, 1)).status_code == 302
    assert client.post(url("restore_version", desk, 99)).status_code == 404
    assert Review.objects.get(pk=desk.manager_review.pk).summary == "one"
    assert "Version 3" in client.get(url("versions", desk)).content.decode()


def test_the_unreadable_is_404_like_the_nonexistent(desk):
    stranger = client_of(PersonFactory(with_user=True))

    for name in ("review", "versions", "next_level"):
        assert stranger.get(url(name, desk)).status_code == 404
        assert stranger.get(reverse(f"reviews:{name}", args=[999999])).status_code == 404


def test_the_next_level_is_a_part_for_htmx(client, desk):
    level = desk.participant.level
    LevelFactory(track=level.track, version=level.version, position=level.position + 1)

    part = client.get(
        url("next_level", desk, desk.competencies[0].pk), headers={"HX-Request": "true"}
    )

    assert part.status_code == 200
    assert "<html" not in part.content.decode()


def test_an_answer_in_json_holds_no_text_of_anybody_else(desk):
    client = client_of(desk.participant.person)
    actions.save_review(
        desk.manager_review.pk, changed={"summary": "Hidden."}, base=0, by=desk.manager, now=NOON
    )

    response = autosave(client, desk, {"summary": "Probe."})

    assert response.status_code == 404
    assert "Hidden" not in json.dumps(response.json())
