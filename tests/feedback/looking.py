"""Everything that one person can open in a small company: pages, files, API and admin, by address.

The addresses are those of the resolver, so a new page is looked at without a word here. What is new
with every answer (tokens, the id of the request) is taken out; everything else is compared.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from itertools import product
from typing import Any

from django.db import transaction
from django.test import Client
from django.urls import resolve, reverse

from config import settings_test
from tests import paper
from tests.architecture.answers import addresses, declared
from tests.asking import asked
from tests.feedback.worlds import World

Seen = dict[tuple[str, str], tuple[int, dict[str, str], bytes]]
TOKENS = re.compile(rb'(?:"X-CSRFToken": |name="csrfmiddlewaretoken" value=)"\w+"')
# What has an address drawn by lot is another in each world.
LOTS = re.compile(rb"/(concerns|names|mail|message)/[0-9a-f-]{36}/")
OF_THE_MOMENT = {"X-Request-ID", "Expires"}  # the admin's pages expire in the second they are asked
# Rooms in which nothing of a cycle is shown: libraries, the ladders, the sign-in of the demo.
ELSEWHERE = re.compile(
    r"^(account|mfa|usersessions|ladders|demo|api_|health|ready|sign_in|stay_|no_email|people:.*import)"
)


@cache
def readable_names() -> list[tuple[str, tuple[str, ...]]]:
    """Addresses that show something to somebody, by the table of answers."""
    shown = {name for (name, _, method), line in declared().items() if method == "GET" and "200" in line.statuses}  # fmt: skip
    return [
        (a.name, a.keywords) for a in addresses() if a.name in shown and not ELSEWHERE.match(a.name)
    ]


def objects_of(world: World) -> dict[str, list[Any]]:
    """What an address may be asked with in this world."""
    participant = world.participant
    items = list(world.session.items.all()) if world.session else []
    reviews = list(participant.reviews.order_by("kind"))
    return {
        "participant_id": [participant.pk],
        "cycle_id": [participant.cycle_id],
        "perspective_id": [world.perspective.pk],
        "request_id": [world.request_of(giver).pk for giver in world.givers[:2]],
        "person_id": [world.subject.pk, world.givers[0].pk],
        "review_id": [review.pk for review in reviews],
        "kind": [world.perspective.kind],
        "review_kind": ["self", "manager"],
        "form": ["csv", "xlsx"],
        "session_id": [world.session.pk] if world.session else [],
        "item_id": [item.pk for item in items],
        "object_id": [participant.pk],
        "app_label": ["reviews", "feedback", "people"],
    }


def paths_of(world: World, names: str = "") -> list[str]:
    """Addresses of everything in this world, or of those whose names match."""
    return list(dict.fromkeys(_paths(objects_of(world), re.compile(names))))


def _paths(objects: dict[str, list[Any]], names: re.Pattern[str]) -> Iterator[str]:
    for name, keywords in readable_names():
        if not names.search(name):
            continue
        for values in product(*(objects.get(word, []) for word in keywords)):
            yield reverse(name, kwargs=dict(zip(keywords, values, strict=True)))


class Eyes:
    """One signed-in browser for each of these persons or accounts; sign them in before the deeds."""

    def __init__(self, people: list[Any]) -> None:
        self.clients: dict[str, Client] = {}
        for person in people:
            client = Client(raise_request_exception=False)
            account = getattr(person, "user", person)
            client.force_login(account, backend="apps.people.backend.Backend")
            self.clients[getattr(person, "name", "") or person.email] = client

    def see(self, paths: Iterable[str]) -> Seen:
        """(person, address) to status, headers and body."""
        return self.see_again([(name, path) for name in self.clients for path in paths])

    def see_again(self, pairs: Iterable[tuple[str, str]]) -> Seen:
        """The same for some persons at some addresses."""
        seen: Seen = {}
        for name, path in pairs:
            settings_test.generation += 1  # limits on how often are another test's business
            seen[name, path] = _bare(self.clients[name].get(path))
        return seen

    def tables_behind(self, paths: Iterable[str]) -> dict[str, set[str]]:
        """By name of the address: the tables that are read for anybody here."""
        found: dict[str, set[str]] = {}
        for path in paths:
            behind = found.setdefault(resolve(path.partition("?")[0]).view_name, set())
            for client in self.clients.values():
                settings_test.generation += 1
                with asked() as told:
                    _bare(client.get(path))
                behind |= told.tables
        return found


def in_a_world(deeds: Callable[[], object], look: Callable[[], Seen]) -> Seen:
    """What is seen after these deeds, which are then undone."""
    with transaction.atomic():
        deeds()
        seen = look()
        transaction.set_rollback(True)
    return seen


def _bare(response: Any) -> tuple[int, dict[str, str], bytes]:
    body = b"".join(response) if response.streaming else response.content
    fresh = response.headers.get("X-Request-ID", "-")
    body = LOTS.sub(rb"/\1/", TOKENS.sub(b"", body)).replace(fresh.encode(), b"")
    headers = {k: v for k, v in response.headers.items() if k not in OF_THE_MOMENT}
    return response.status_code, headers, body


STREAM = re.compile(rb"stream\r?\n(.*?)endstream", re.DOTALL)


def unpacked(body: bytes) -> bytes:
    """A spreadsheet as the text of its parts, with their names and times; a PDF with its streams
    (properties, XMP) and as its reader sees it, with and without the ends of lines; anything else as
    it is."""
    if body.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(body)) as book:
            return b"\n".join(_entry(entry) + book.read(entry) for entry in book.infolist())
    if body.startswith(b"%PDF"):
        read = paper.text_of(body)
        seen = [read.encode(), read.replace("\n", "").encode()]
        return b"\n".join([body, *map(inflated, STREAM.findall(body)), *seen])
    return body


def _entry(entry: zipfile.ZipInfo) -> bytes:
    said = f"{entry.filename} {entry.date_time} {entry.create_system}"
    return said.encode() + entry.comment + entry.extra


def inflated(stream: bytes) -> bytes:
    try:
        return zlib.decompressobj().decompress(stream)
    except zlib.error:
        return b""


def different(one: Seen, other: Seen) -> list[tuple[str, str]]:
    """Where two looks differ: (person, address)."""
    assert one.keys() == other.keys()
    return [key for key in one if one[key] != other[key]]
