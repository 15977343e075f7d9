"""Every main page at 100, 1,000 and 10,000 people, as a multiple of one bare Django page.

Both are asked in turns in one process, so a busy machine slows both. `make bench` prints the table;
BENCH_PEOPLE="100,1000" shortens it. Times never fail here; what cannot be asked does.
"""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from statistics import median, quantiles
from time import perf_counter
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from django.conf import settings
from django.core.handlers.base import BaseHandler
from django.test import Client, RequestFactory, override_settings
from django.urls import reverse

from apps.people.models import Person
from apps.reviews.models import Participant, Review
from apps.reviews.states import ReviewKind
from config import settings_test
from tests.benchmarks.scale import Company, found
from tests.reviews.desks import Counted

pytestmark = [pytest.mark.load, pytest.mark.django_db(transaction=True)]
SIZES = [int(size) for size in os.environ.get("BENCH_PEOPLE", "100,1000,10000").split(",")]
ROUNDS, WARM = 21, 3
FORM = "application/x-www-form-urlencoded"
BARE_MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]


def small(content: bytes) -> int:
    """Bytes on the wire, as a proxy in front would send them."""
    try:
        import brotli
    except ImportError:
        return len(gzip.compress(content, 6))
    return len(brotli.compress(content, quality=5))


class Asker:
    """Asks the handler itself. Django's test client keeps a copy of every context of every template
    it sees drawn, which would be charged to pages that are made of many small templates."""

    def __init__(self, person: Person) -> None:
        client = Client()
        client.force_login(person.user, backend="apps.people.backend.Backend")
        self.factory = RequestFactory()
        self.factory.cookies = client.cookies
        self.handler = BaseHandler()
        self.handler.load_middleware()

    def get(self, where: str) -> Any:
        return self._answer(self.factory.get(where))

    def post(self, where: str, body: str = "", **headers: str) -> Any:
        return self._answer(
            self.factory.post(where, body, content_type=FORM, headers=headers or None)
        )

    def _answer(self, request: Any) -> Any:
        request._dont_enforce_csrf_checks = True
        return self.handler.get_response(request)


@dataclass
class Row:
    name: str
    people: int
    queries: int
    size: int
    sent: int
    took: list[float]
    bare: list[float]

    @property
    def ratio(self) -> float:
        return median(self.took) / median(self.bare)

    @property
    def slow_ratio(self) -> float:
        return p95(self.took) / p95(self.bare)

    def __str__(self) -> str:
        return (
            f"{self.name:26} {self.people:>7,} {self.queries:>8} {self.size / 1000:>8.1f}"
            f" {self.sent / 1000:>8.1f} {median(self.took) * 1000:>9.1f} {self.ratio:>7.2f}"
            f" {self.slow_ratio:>7.2f}"
        )


HEAD = f"{'page':26} {'people':>7} {'queries':>8} {'KB':>8} {'sent KB':>8} {'median ms':>9} {'x bare':>7} {'p95 x':>7}"


def p95(times: list[float]) -> float:
    return quantiles(times, n=20)[-1]


class Bench:
    """Asks one page and the bare one in turns."""

    def __init__(self, company: Company) -> None:
        self.company = company
        self.plain = Asker(company.subject)
        with override_settings(MIDDLEWARE=BARE_MIDDLEWARE):
            answer = self.plain.get(
                "/bare/"
            )  # a client keeps the middleware it was first asked with
        assert answer.status_code == 200
        assert 18_000 < len(answer.content) < 30_000, len(answer.content)
        self.bare_size = len(answer.content)

    def measure(
        self, name: str, ask: Callable[[], Any], before: Callable[[], None] = lambda: None
    ) -> Row:
        before()
        with Counted() as counted:
            answer = ask()
        queries = counted.count  # now: the next request begins a new log
        assert answer.status_code in {200, 302}, f"{name}: {answer.status_code}"
        took, bare = [], []
        for turn in range(ROUNDS + WARM):
            before()
            started = perf_counter()
            self.plain.get("/bare/")
            between = perf_counter()
            ask()
            ended = perf_counter()
            if turn >= WARM:
                bare.append(between - started)
                took.append(ended - between)
        content = answer.content
        return Row(
            name, len(self.company.people), queries, len(content), small(content), took, bare
        )


def pages(company: Company) -> Iterator[tuple[str, Person, str]]:
    """(what is measured, who asks, the address)."""
    subject, hr, content = company.subject, company.people[1], company.people[2]
    facilitator, cycles = company.people[3], company.cycles
    manager = Person.objects.get(pk=subject.manager_id)

    def seat(state: str) -> Participant:
        return cycles[state].participants.get(person=subject)

    def review(state: str, kind: str) -> int:
        return Review.objects.get(participant=seat(state), kind=kind).pk

    level = subject.level
    yield from (
        ("home", subject, reverse("inbox:home")),
        ("home (manager)", manager, reverse("inbox:home")),
        ("my_reviews (manager)", manager, reverse("reviews:my_reviews")),
        ("review (self)", subject, reverse("reviews:review", args=[review("collection", ReviewKind.SELF)])),
        ("review (manager)", manager, reverse("reviews:review", args=[review("manager_review", ReviewKind.MANAGER)])),
        ("cycle", hr, reverse("reviews:cycle", args=[cycles["collection"].pk])),
        ("cycle_board", hr, reverse("reviews:cycle_board", args=[cycles["collection"].pk])),
        ("participant", manager, reverse("reviews:participant", args=[seat("delivery").pk])),
        ("packet", subject, reverse("reviews:packet", args=[seat("delivery").pk])),
        ("my_feedback", subject, reverse("feedback:my_feedback")),
        ("give_feedback", subject, reverse("feedback:give_feedback", args=[company.other["request"].pk])),
        ("received_feedback", subject, reverse("feedback:received_feedback", args=[seat("delivery").pk])),
        ("calibration board", facilitator, reverse("calibration:board", args=[company.other["session"].pk])),
        ("directory", subject, reverse("people:directory")),
        ("org_chart", subject, reverse("people:org_chart")),
        ("person", subject, reverse("people:person", args=[manager.pk])),
        ("ladder", subject, reverse("ladders:ladder", args=[level.version.ladder_id])),
        ("level", subject, reverse("ladders:level", args=[level.pk])),
        ("completion", hr, reverse("reports:completion", args=[cycles["collection"].pk])),
        ("distribution", content, reverse("reports:distribution", args=[cycles["delivery"].pk])),
        ("mail_log", hr, reverse("inbox:mail_log")),
    )  # fmt: skip


def writing(company: Company) -> tuple[Review, Asker]:
    review = Review.objects.get(
        participant__cycle=company.cycles["collection"], participant__person=company.subject,
        kind=ReviewKind.SELF,
    )  # fmt: skip
    return review, Asker(company.subject)


def autosave(company: Company) -> Callable[[], Any]:
    review, client = writing(company)
    where = reverse("reviews:autosave", args=[review.pk])
    revision = review.revision

    def ask() -> Any:
        nonlocal revision
        settings_test.generation += 1  # measured faster than the one save a second that is taken
        body = urlencode(
            {"changed": "summary", "summary": f"{revision} {uuid4()} " + "Words. " * 50}
        )
        seen = {"If-Match": f'"{revision}"', "Idempotency-Key": str(uuid4())}
        answer = client.post(where, body, **seen)
        assert answer.status_code == 200, answer.content
        revision = json.loads(answer.content)["revision"]
        return answer

    return ask


def submit(company: Company) -> tuple[Callable[[], Any], Callable[[], None]]:
    """A whole form, handed in; between two of them it is taken back, which nobody times."""
    review, client = writing(company)
    expected = expected_of(company)
    fields = {f"c{pk}-value": "3" for pk in expected} | {
        f"c{pk}-comment": "Seen." for pk in expected
    }
    goals = review.participant.goals.values_list("pk", flat=True)
    fields |= {f"g{pk}-value": "3" for pk in goals} | {
        "summary": "A good year.",
        "confirmed": "yes",
    }
    where = {deed: reverse(f"reviews:{deed}", args=[review.pk]) for deed in ("submit_review", "reopen_review")}  # fmt: skip

    def take_back() -> None:
        review.refresh_from_db()
        if review.state == "submitted":
            client.post(where["reopen_review"])
            review.refresh_from_db()

    def ask() -> Any:
        typed = {**fields, "revision": review.revision, "summary": f"A good year. {uuid4()}"}
        answer = client.post(where["submit_review"], urlencode(typed))
        assert answer.status_code == 302, answer.status_code
        return answer

    return ask, take_back


def expected_of(company: Company) -> list[int]:
    statements = company.subject.level.statements
    return list(statements.order_by().values_list("competency_id", flat=True).distinct())


@pytest.fixture(scope="module")
def table() -> Iterator[list[Row]]:
    rows: list[Row] = []
    yield rows
    what = "SQLite" if settings.SQLITE else "PostgreSQL"
    print(f"\n\n{what}; {ROUNDS} rounds each, the bare page in turns with every page\n{HEAD}")
    for row in sorted(rows, key=lambda row: row.people):
        print(row)
    over = sorted({row.name for row in rows if row.people == max(SIZES) and row.ratio > 2})
    many = sorted({row.name for row in rows if row.queries > 12})
    print(f"over twice the bare page at {max(SIZES):,} people: {', '.join(over) or 'none'}")
    print(f"more than 12 queries: {', '.join(many) or 'none'}")
    grown = {
        name
        for name in {row.name for row in rows}
        if len({row.queries for row in rows if row.name == name}) > 1
    }
    print(f"queries that differ between the sizes: {', '.join(sorted(grown)) or 'none'}")


@pytest.mark.parametrize("people", SIZES)
@override_settings(ROOT_URLCONF="tests.benchmarks.urls")
def test_the_pages(people: int, table: list[Row]) -> None:
    started = perf_counter()
    company = found(people)
    print(f"\n{people:,} people made in {perf_counter() - started:.1f} s")
    bench = Bench(company)
    for name, person, where in pages(company):
        client = Asker(person)
        table.append(bench.measure(name, lambda: client.get(where)))
    table.append(bench.measure("autosave", autosave(company)))
    ask, take_back = submit(company)
    table.append(bench.measure("submit", ask, take_back))

    assert len({row.name for row in table if row.people == people}) == 23
