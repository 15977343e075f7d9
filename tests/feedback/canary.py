"""A giver whose every trait is a word that stands nowhere else, and everything in which to look for it.

The giver signs in, types in two tabs, loses a text to the other tab, meets a fault of ours, is signed
out while typing, comes back and sends; from an address and with a browser of their own.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from queue import Empty
from typing import Any
from urllib.parse import urlencode

import redis
import structlog
from celery import current_app
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.urls import reverse

from apps.inbox.actions import plan_messages, send_due_messages
from apps.people.models import Person
from tests.factories import NOON
from tests.factories.feedback import RequestFactory
from tests.factories.people import PASSWORD, ApiTokenFactory, PersonFactory, UserFactory
from tests.factories.people import SECRET as TOKEN_SECRET
from tests.feedback.worlds import World, busy_world, send, whole_form

NAME, MAIL = "Quillcanary Feathercanary", "quillmail@example.com"
PERSON_ID, USER_ID = 987_650_321, 987_650_432
ADDRESS, AGENT = "203.0.113.77", "Canarybrowser/9.1"
WORDS, LOST = "words-canary", "lost-canary"
TRAITS = {
    "name": "quillcanary",
    "mail": "quillmail",
    "person": str(PERSON_ID),
    "account": str(USER_ID),
    "address": ADDRESS,
    "agent": AGENT.lower(),
}
WRITTEN = {"words": WORDS, "lost": LOST}
EVERYTHING = TRAITS | WRITTEN


@dataclass
class Told:
    """The world after the giver wrote, and what was sent to the broker on the way."""

    world: World
    giver: Person
    fault: str  # the giver's own page after a fault of ours
    held: str  # and the one on which the text was held while they were signed out


def found_in(text: str, wanted: dict[str, str] = EVERYTHING) -> set[str]:
    """Which of these stand in a text."""
    lowered = text.lower()
    return {what for what, word in wanted.items() if word in lowered}


def write_everything(monkeypatch: Any, *, mode: str) -> Told:
    """The deeds; the clock stands still around them."""
    world = busy_world(givers=6, mode=mode)  # one of them never answers, and is reminded
    giver = PersonFactory(
        pk=PERSON_ID, name=NAME, email=MAIL, department=world.subject.department,
        user=UserFactory(pk=USER_ID, email=MAIL),
    )  # fmt: skip
    RequestFactory(
        perspective=world.perspective, participant=world.participant,
        giver=giver, proposed_by=world.subject,
    )  # fmt: skip
    world.givers.append(giver)
    for person in world.givers[:5]:
        send(world, person)
    fault, held = _type_and_send(world, giver, monkeypatch)
    for day in range(4):
        plan_messages(now=NOON + timedelta(days=day))
        send_due_messages(now=NOON + timedelta(days=day))
    return Told(world, giver, fault, held)


def _type_and_send(world: World, giver: Person, monkeypatch: Any) -> tuple[str, str]:
    request = world.request_of(giver)
    to = {name: reverse(f"feedback:{name}", args=[request.pk]) for name in ("give_feedback", "save_feedback_draft", "keep_feedback", "send_feedback")}  # fmt: skip
    browser = Client(
        raise_request_exception=False, headers={"user-agent": AGENT}, REMOTE_ADDR=ADDRESS
    )
    signed_in = browser.post(reverse("account_login"), {"login": MAIL, "password": PASSWORD})
    assert signed_in.status_code == 302
    token = ApiTokenFactory(person=giver, name="script")
    duties = browser.get("/api/v1/inbox/duties/", headers={"authorization": f"Bearer rungs_{token.prefix}_{TOKEN_SECRET}"})  # fmt: skip
    assert duties.status_code == 200

    field = f"question_{world.questions[0].pk}"
    tabs = (WORDS, LOST)  # the second has not seen what the first one saved
    for number, text in enumerate(tabs):
        saved = browser.post(
            to["save_feedback_draft"], urlencode({"changed": field, field: text}),
            content_type="application/x-www-form-urlencoded",
            headers={"if-match": '"0"', "idempotency-key": f"key-{number}"},
        )  # fmt: skip
        assert saved.status_code == (200 if number == 0 else 409)
    form = {**whole_form(world, text=WORDS), "revision": "1"}
    assert browser.post(to["keep_feedback"], form).status_code == 302
    form["revision"] = str(world.request_of(giver).draft.revision)

    typed_by = re.search(
        rb'name="typed_by" value="([^"]+)"', browser.get(to["give_feedback"]).content
    )
    assert typed_by is not None
    form["typed_by"] = typed_by[1].decode()

    def breaks(*_: Any, **__: Any) -> None:
        raise RuntimeError(f"{NAME} {MAIL} {WORDS}")

    with monkeypatch.context() as broken:
        broken.setattr("apps.feedback.actions.send_feedback", breaks)
        fault = browser.post(to["send_feedback"], form)
    assert fault.status_code == 500

    browser.post(reverse("account_logout"))
    held = browser.post(to["send_feedback"], form)
    assert held.status_code == 401
    browser.post(reverse("account_login"), {"login": MAIL, "password": PASSWORD})
    assert browser.post(to["send_feedback"], form).status_code == 302
    return fault.content.decode(), held.content.decode()


def ask_for_a_file(world: World) -> None:
    """A deed that leaves its work to a task: the manager wants the released packets."""
    boss = Client()
    boss.force_login(world.manager.user, backend="apps.people.backend.Backend")
    asked = boss.post(reverse("reports:request_export", args=[world.participant.cycle_id]))
    assert asked.status_code == 302


# --- where it is looked for -----------------------------------------------------------------------


def columns() -> dict[str, set[str]]:
    """Each column of each table in which something of the giver stands, and what."""
    found: dict[str, set[str]] = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608  names of our own tables
            names = [column[0] for column in cursor.description]
            for row in cursor.fetchall():
                for column, value in zip(names, row, strict=True):
                    if here := found_in(str(value)):
                        found.setdefault(f"{table}.{column}", set()).update(here)
    return found


def sessions() -> list[dict[str, Any]]:
    """What sign-ins hold, unpacked."""
    return [session.get_decoded() for session in Session.objects.all()]


def logged(records: list[logging.LogRecord]) -> tuple[str, str]:
    """(what was said to the loggers, without statements; what the house's own lines say of all).

    What makes the rows of a test has a log of its own, which is nobody else's."""
    records = [record for record in records if not record.name.startswith("factory")]
    formatter = next(
        handler.formatter
        for handler in logging.getLogger().handlers
        if isinstance(handler.formatter, structlog.stdlib.ProcessorFormatter)
    )
    raw = [
        f"{record.getMessage()} {record.__dict__}"
        for record in records
        if not hasattr(record, "sql") and not record.exc_info
    ]
    return "\n".join(raw), "\n".join(map(formatter.format, records))


def queued() -> list[str]:
    """Messages that wait at the broker, taken from it: headers and bodies."""
    found = []
    with current_app.connection_for_read() as link:
        waiting = link.SimpleQueue(current_app.conf.task_default_queue)
        with suppress(Empty):
            while message := waiting.get(block=False):
                found.append(repr((message.headers, message.body, message.properties)))
                message.ack()
        waiting.close()
    return found


def kept_in_memory() -> list[str]:
    """Keys and values of the cache, and of Redis whatever else has this process's name."""
    if not settings.REDIS_URL:
        return [repr(getattr(cache, "_cache", {}))]
    store = redis.Redis.from_url(settings.REDIS_URL)
    readers: dict[bytes, Callable[[Any], Any]] = {
        b"string": store.get,
        b"list": lambda key: store.lrange(key, 0, -1),
        b"set": store.smembers,
        b"hash": store.hgetall,
        b"zset": lambda key: store.zrange(key, 0, -1, withscores=True),
    }
    return [repr((key, readers[store.type(key)](key))) for key in store.scan_iter() if b"rungs" in key or b"kombu" in key or b"unacked" in key]  # fmt: skip


def letters(*, but_to: str) -> list[str]:
    """Mails as they leave, headers and all, but those to one address."""
    return [
        message.message().as_string() + repr(vars(message))
        for message in mail.outbox
        if but_to not in message.to
    ]
