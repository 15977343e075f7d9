"""What every address answers to whom: the declared table, and how one line of it is asked.

`answers.txt` beside this file is read by people in a diff. A line holds: the name of the address,
the sample it is asked with, the method, and one status for each actor of tests.cast.ACTORS.
`python -m pytest tests/architecture/test_url_answers.py --write-answers` writes what the code
answers now; read each changed line as a promise before it is committed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from config import settings_test
from tests.cast import ACTORS
from tests.world import World

TABLE = Path(__file__).with_name("answers.txt")
METHODS = ("GET", "POST")
Arguments = dict[str, Any]
# What is sent: text, headers, content type.
Body = tuple[str, dict[str, str], str]

# Addresses of libraries, asked by their own suites; what they answer to whom still stands in the
# table for those without arguments. Those with arguments take an object that only they make.
LIBRARY_ARGUMENTS = {
    "account_confirm_email": {"key": "no-such-key"},
    "account_reset_password_from_key": {"uidb36": "0", "key": "no-such-key"},
    "mfa_remove_webauthn": {"pk": 0},
    "mfa_edit_webauthn": {"pk": 0},
}


@dataclass(frozen=True)
class Address:
    """One named pattern; `keywords` are the names of its arguments."""

    name: str
    keywords: tuple[str, ...]


def addresses() -> list[Address]:
    """Every pattern of the house, in the order of the resolver; a nameless one is an error."""
    return list(_walk(get_resolver(), "", ()))


def _walk(resolver: URLResolver, prefix: str, outer: tuple[str, ...]) -> Iterator[Address]:
    for entry in resolver.url_patterns:
        keywords = (*outer, *entry.pattern.converters, *entry.pattern.regex.groupindex)
        keywords = tuple(dict.fromkeys(keywords))
        if str(entry.pattern) == "<path:object_id>/" and prefix == "admin:":
            continue  # the admin's own redirect from addresses of Django 1.8 to the one after it
        if str(entry.pattern) == "(?P<url>.*)$":
            continue  # the admin's last line: whatever it does not know is 404
        if isinstance(entry, URLPattern):
            name = entry.name or f"nameless:{entry.pattern}"
            yield Address(prefix + name, keywords)
        else:
            space = f"{prefix}{entry.namespace}:" if entry.namespace else prefix
            yield from _walk(entry, space, keywords)


@dataclass(frozen=True)
class Line:
    name: str
    sample: str
    method: str
    statuses: tuple[str, ...]

    @property
    def key(self) -> tuple[str, str, str]:
        return (self.name, self.sample, self.method)

    def __str__(self) -> str:
        return f"{self.name:44} {self.sample:24} {self.method:5}" + "".join(
            f"{status:>5}" for status in self.statuses
        )


def declared() -> dict[tuple[str, str, str], Line]:
    """The table as it was agreed."""
    lines = {}
    for text in TABLE.read_text().splitlines():
        if text and not text.startswith("#"):
            name, sample, method, *statuses = text.split()
            line = Line(name, sample, method, tuple(statuses))
            lines[line.key] = line
    return lines


class Browsers:
    """One signed-in browser for each actor; every request is undone."""

    def __init__(self, world: World) -> None:
        self.clients = {actor: Client() for actor in ACTORS}
        for actor, client in self.clients.items():
            if actor != "anonymous":
                client.force_login(world.user(actor))
        self.cookies = {actor: dict(client.cookies) for actor, client in self.clients.items()}

    def __call__(
        self, name: str, sample: str, arguments: Arguments, method: str, body: Body
    ) -> Line:
        url = reverse(name, kwargs=arguments)
        statuses = tuple(self._status(a, url, method, body) for a in ACTORS)
        return Line(name, sample, method, statuses)

    def _status(self, actor: str, url: str, method: str, body: Body) -> str:
        text, headers, kind = body
        sent = {} if method == "GET" else {"data": text, "content_type": kind, "headers": headers}
        client = self.clients[actor]
        # Limits on how often are another test's business; clear() would be every worker's.
        settings_test.generation += 1
        with transaction.atomic():
            response = getattr(client, method.lower())(url, **sent)
            if getattr(response, "streaming", False):
                b"".join(response.streaming_content)
            transaction.set_rollback(True)
        client.cookies.clear()
        client.cookies.update(self.cookies[actor])
        return str(response.status_code)


def write(room: str, lines: Iterable[Line]) -> None:
    """Replaces the lines of one room ("" for those of no namespace)."""
    others = [line for line in declared().values() if line.name.rpartition(":")[0] != room]
    kept = sorted([*others, *lines], key=lambda line: (":" in line.name, line.name))
    head = f"{'# address':44} {'sample':24} {'':5}"
    short = {"anonymous": "anon", "process_admin": "proc", "content_admin": "cont"}
    names = "".join(f"{short.get(a, a)[:4]:>5}" for a in ACTORS)
    TABLE.write_text("\n".join([head + names, *map(str, kept)]) + "\n")
