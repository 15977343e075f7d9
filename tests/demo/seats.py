"""Everybody of the made-up company who may sign in, and what each of them opens."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property

from django.test import Client
from django.urls import Resolver404, resolve
from django.urls import reverse as address

from apps.calibration.models import Item
from apps.people.models import Person
from config import settings_test
from tests.demo.crawling import Links
from tests.demo.figures import Pieces, pieces_of

# Addresses that read the tables of answers; a page that is not named here reads none (see
# test_reading). A new one is attacked from the moment it is named.
READS_ANSWERS = frozenset(
    {
        "feedback:received_feedback",
        "feedback:give_feedback",
        "feedback:nominate",  # who has written with a name before is proposed again
        "calibration:item_feedback",
        # One text of a batch: for a reader of that batch who reports it, and for HR. Whose it is shows
        # nowhere: tests/feedback/test_concern_twins.py.
        "feedback:raise_concern",
        "feedback:concerns",
        "feedback:concern",
        "feedback:my_feedback",  # what became of it
    }
)
LISTS = ("feedback:my_feedback", "calibration:sessions")
ON_THE_WAY = frozenset({"calibration:board"})
# A page with a fold that is fetched from the address below it: spares opening every such page.
FOLDS = {"calibration:item": "feedback/"}


@dataclass
class Seat:
    """One person, signed in. `open` asks again each time."""

    person: Person

    @cached_property
    def client(self) -> Client:
        client = Client(raise_request_exception=False)
        client.force_login(self.person.user, backend="apps.people.backend.Backend")
        return client

    def open(self, path: str) -> Pieces:
        """What stands there; {} where there is nothing for this person."""
        response = self.client.get(path)
        return pieces_of(response) if response.status_code == 200 else {}

    def linked(self) -> list[str]:
        """Addresses of answers to which lists lead this person, one step between at most."""
        found: dict[str, None] = {}
        waiting = [address(name) for name in LISTS]
        seen = set(waiting)
        for path in waiting:
            for link in self._links(path):
                name = name_of(link)
                if name in READS_ANSWERS:
                    found[link] = None
                elif name in FOLDS:
                    found[link + FOLDS[name]] = None
                elif name in ON_THE_WAY and link not in seen:
                    seen.add(link)
                    waiting.append(link)
        return list(found)

    def _links(self, path: str) -> list[str]:
        response = self.client.get(path)
        parser = Links()
        parser.feed(response.content.decode())
        return [link.partition("#")[0] for link in parser.found if link.startswith("/")]


def addresses_about(participant_id: int) -> list[str]:
    """Every address at which answers about this person may be read, by one or by another."""
    items = Item.objects.filter(participant=participant_id)
    return [
        address("feedback:received_feedback", args=[participant_id]),
        *(address("calibration:item_feedback", args=[i.session_id, i.pk]) for i in items),
    ]


def seats() -> list[Seat]:
    """Everybody who may sign in. Limits on how often are another test's business."""
    settings_test.generation += 1
    people = Person.objects.filter(user__is_active=True).select_related("user").order_by("pk")
    return [Seat(person) for person in people]


def name_of(path: str) -> str:
    try:
        return resolve(path.partition("?")[0]).view_name
    except Resolver404:
        return ""


def looking(pairs: Iterable[tuple[Seat, str]]) -> Callable[[], dict[str, Pieces]]:
    """A look at these pages; each is named by its reader and its address."""
    listed = list(pairs)

    def look() -> dict[str, Pieces]:
        settings_test.generation += 1
        return {f"{seat.person.pk} {path}": seat.open(path) for seat, path in listed}

    return look
