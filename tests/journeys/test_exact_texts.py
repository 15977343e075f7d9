"""T13: what is typed is kept exactly, or refused while it still stands in the field; through every door."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from html import unescape
from typing import Any
from urllib.parse import quote_from_bytes

import pytest
from django.test import Client
from django.urls import reverse

from apps.feedback.models import FeedbackDraft
from apps.people.states import Scope
from apps.reviews.models import Review, ReviewVersion
from config import settings_test
from tests.factories.people import SECRET, ApiTokenFactory
from tests.feedback.worlds import small_world
from tests.forms import FORM
from tests.reviews.desks import make_desk

pytestmark = pytest.mark.django_db

KEPT = {
    "64 KB": "x" * 65536,
    "64 KB of emoji": "🙂" * 16384,
    "families and skins": "👩🏽‍🚀 👨‍👩‍👧‍👦 🇳🇴 é ﷽",
    "right to left": "אבג אמרה \u202eabc\u202c \u2067def\u2069 العربية",
    "combined accents": "e\u0301 and é, A\u030a and Å",
    "spaces": "  two before, one after \n\n\n and a tab\t",
    "a line first": "\nfirst line empty",
    "zero width": "a\u200bb\u200dc\ufeffd",
    "no character of a language": "\ufffd \ufffe \U0010ffff",
    "markup": "<b>&amp;</b> </textarea><script>alert(1)</script> {{ 7*7 }}",
    "signs of a form": "a=b&c=d%20e+f;g",
    "controls": "bell \x07 escape \x1b delete \x7f",
}  # fmt: skip
REFUSED = {
    "one byte more": b"x" * 65537,
    "one emoji more": "🙂".encode() * 16385,
    "NUL": b"a\0b",
    "half a character": b"half \xed\xa0\xbd",
    "the other half": b"\xed\xb8\x80 half",
    "cut": b"cut \xf0\x9f\x99",
}


@dataclass
class Door:
    send: Callable[[bytes, int], Any]  # a text, and the revision that it was typed on top of
    kept: Callable[[], str]
    page: str
    client: Client


def review_autosave() -> Door:
    door, review = _review()
    where = reverse("reviews:autosave", args=[review.pk])
    door.send = lambda raw, n: _post(door, where, "changed=summary&summary=", raw, **saves(n))
    return door


def review_form() -> Door:
    door, review = _review()
    where = reverse("reviews:save_review", args=[review.pk])
    door.send = lambda raw, n: _post(door, where, f"revision={n}&summary=", raw)
    return door


def review_api() -> Door:
    door, review = _review()
    token = ApiTokenFactory(person=review.author, scope=Scope.WRITE)
    where = reverse("reviews_api:draft", args=[review.pk])

    def send(raw: bytes, n: int) -> Any:
        text = raw.decode("utf-8", "surrogatepass") if raw[-1:] != b"\x99" else raw
        body = b'{"changes": {"summary": ' + (
            json.dumps(text).encode() if isinstance(text, str) else b'"' + text + b'"'
        ) + b"}}"  # fmt: skip
        return Client().patch(
            where, body, content_type="application/json",
            headers={**saves(n), "Authorization": f"Bearer rungs_{token.prefix}_{SECRET}", "Accept": "application/json"},
        )  # fmt: skip

    door.send = send
    return door


def _review() -> tuple[Door, Review]:
    desk = make_desk(1, accounts=True)
    client = Client()
    client.force_login(desk.participant.manager.user)
    review = desk.manager_review
    page = reverse("reviews:review", args=[review.pk])
    kept = lambda: Review.objects.get(pk=review.pk).summary  # noqa: E731
    return Door(lambda raw, n: None, kept, page, client), review


def feedback_autosave() -> Door:
    door, asked, name = _feedback()
    where = reverse("feedback:save_feedback_draft", args=[asked.pk])
    door.send = lambda raw, n: _post(door, where, f"changed={name}&{name}=", raw, **saves(n))
    return door


def feedback_form() -> Door:
    door, asked, name = _feedback()
    where = reverse("feedback:keep_feedback", args=[asked.pk])
    door.send = lambda raw, n: _post(door, where, f"revision={n}&{name}=", raw)
    return door


def _feedback() -> tuple[Door, Any, str]:
    world = small_world(givers=1)
    asked, name = world.request_of(world.givers[0]), f"question_{world.questions[0].pk}"
    client = Client()
    client.force_login(world.givers[0].user)
    page = reverse("feedback:give_feedback", args=[asked.pk])

    def kept() -> str:
        draft = FeedbackDraft.objects.first()
        return draft.content["values"][name] if draft else ""

    return Door(lambda raw, n: None, kept, page, client), asked, name


def _post(door: Door, where: str, before: str, raw: bytes, **headers: str) -> Any:
    body = before + quote_from_bytes(raw.replace(b"\n", b"\r\n"), safe="")
    return door.client.post(where, body, content_type=FORM, headers=headers)


def saves(n: int) -> dict[str, str]:
    return {"If-Match": f'"{n}"', "Idempotency-Key": f"key-of-text-{n}"}


DOORS = [review_autosave, review_form, review_api, feedback_autosave, feedback_form]


@pytest.mark.parametrize("door", DOORS, ids=lambda d: d.__name__)
def test_it_is_kept_to_the_character_and_shown_again(door):
    through = door()
    for revision, (name, text) in enumerate(KEPT.items()):
        settings_test.generation += 1  # one save a second is enough elsewhere
        answer = through.send(text.encode(), revision)

        assert answer.status_code in {200, 302}, (name, answer.content)
        assert through.kept() == text, name
        shown = through.client.get(through.page).content.decode()
        assert f">\n{text}</textarea>" in unescape(shown), name


@pytest.mark.parametrize("door", DOORS, ids=lambda d: d.__name__)
def test_it_is_refused_and_nothing_else_is_kept_in_its_place(door):
    through = door()
    for name, raw in REFUSED.items():
        settings_test.generation += 1
        answer = through.send(raw, 0)

        assert answer.status_code in {400, 413, 422}, name
        assert through.kept() == "", name
    assert not ReviewVersion.objects.exists()
