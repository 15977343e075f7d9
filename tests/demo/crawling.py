"""Following every link that a person is shown, as a browser would: GET only, each address once."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urldefrag, urljoin, urlsplit

from django.test import Client

from tests.asking import asked

NUMBER = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|\d+")
# Files and other people's code: fetched nowhere, or not ours to count.
ELSEWHERE = ("/static/", "/admin/", "/api/")
BOUND_OF_PAGES = 250


class Links(HTMLParser):
    """Addresses in href and hx-get."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "link":
            return
        given = dict(attrs)
        self.found += [given[a] or "" for a in ("href", "hx-get") if given.get(a)]


@dataclass
class Visit:
    """One page as one person saw it."""

    who: str
    path: str
    found_on: str
    status: int
    queries: int
    length: int
    tables: frozenset[str]


@dataclass
class Crawl:
    who: str
    visits: list[Visit] = field(default_factory=list)
    texts: dict[str, str] = field(default_factory=dict)


def shape(path: str) -> str:
    """An address without its numbers: /reviews/12/ and /reviews/13/ are of one kind."""
    parts = urlsplit(path)
    names = "&".join(sorted(p.partition("=")[0] for p in parts.query.split("&") if p))
    return f"{NUMBER.sub('N', parts.path)}?{names}"


def crawl(client: Client, who: str, *, start: Iterable[str] = ("/",), of_a_kind: int = 3) -> Crawl:
    """Everything that `who` reaches by links from `start`, so many pages of each kind."""
    done = Crawl(who)
    seen, kinds = set(start), {}
    waiting = deque((path, "the sign-in") for path in start)
    while waiting and len(done.visits) < BOUND_OF_PAGES:
        path, found_on = waiting.popleft()
        with asked() as told:
            response = client.get(path)
            body = b"".join(response) if response.streaming else response.content
        done.visits.append(
            Visit(
                who,
                path,
                found_on,
                response.status_code,
                told.queries,
                len(body),
                frozenset(told.tables),
            )
        )
        if response.status_code in {301, 302}:
            links = [response.headers["Location"]]
        elif "text/html" in response.headers.get("Content-Type", ""):
            text = body.decode()
            done.texts[path] = text
            parser = Links()
            parser.feed(text)
            links = parser.found
        else:
            continue
        for link in links:
            target = urldefrag(urljoin(f"http://testserver{path}", link))[0]
            if not target.startswith("http://testserver/"):
                continue
            target = target.removeprefix("http://testserver")
            kind = shape(target)
            if target in seen or target.startswith(ELSEWHERE) or kinds.get(kind, 0) >= of_a_kind:
                continue
            seen.add(target)
            kinds[kind] = kinds.get(kind, 0) + 1
            waiting.append((target, path))
    return done
