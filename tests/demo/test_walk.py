"""Everything that the people of the demo are shown by a link can be opened, and is quick to build."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from django.test import Client
from django.utils import timezone

from apps.demo import pages
from apps.demo.script import faces
from tests.asking import ANSWERS
from tests.demo.crawling import Crawl, crawl
from tests.demo.seats import READS_ANSWERS, name_of

BUDGET = 12
# Of different standing each: they are walked with every run, the others with `make bench`.
QUICK = {"priya.raghavan", "kwame.mensah", "mei-ling.chow", "ewa.kowalczyk", "jelena.petrovic"}
FACES = [
    pytest.param(name, id=name, marks=() if name in QUICK else pytest.mark.load)
    for name in (f["person"].partition("@")[0] for f in faces(date.today()))  # noqa: DTZ011  names
]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("company")]


def signed_in(name: str) -> Client:
    person = next(
        face.person
        for face in pages.people(on=timezone.localdate()).faces
        if face.person.email.startswith(f"{name}@")
    )
    client = Client(raise_request_exception=False)
    client.force_login(person.user, backend="apps.people.backend.Backend")
    return client


@pytest.fixture(scope="module", params=FACES)
def walk(request: pytest.FixtureRequest, company: object) -> Iterator[Crawl]:
    """What one face reaches, a page of each kind."""
    return crawl(signed_in(request.param), request.param, of_a_kind=1)


def test_every_link_leads_to_a_page(walk):
    broken = [
        f"{visit.status} {visit.path} (on {visit.found_on})"
        for visit in walk.visits
        if visit.status >= 400
    ]

    assert walk.visits[0].path == "/"
    assert len(walk.visits) > 20
    assert broken == []


def test_every_page_stays_within_its_budget_of_queries(walk):
    # Files (a packet on paper, a spreadsheet) are recorded when they are fetched; pages are counted.
    over = [
        f"{v.queries} {v.path}"
        for v in walk.visits
        if v.queries > BUDGET and v.status < 400 and v.path in walk.texts
    ]

    assert over == []


def test_answers_are_read_at_those_addresses_alone_that_are_attacked(walk):
    """What nothing is read from cannot leak (see test_differences)."""
    reading = {name_of(visit.path) for visit in walk.visits if visit.tables & ANSWERS}

    assert reading <= READS_ANSWERS
    assert any(visit.tables for visit in walk.visits), "no statement was seen at all"


def test_every_page_says_that_this_is_the_demo(walk):
    pages_with_a_bar = [path for path, text in walk.texts.items() if '<header class="bar"' in text]

    assert "/" in pages_with_a_bar
    assert [p for p in pages_with_a_bar if 'class="ribbon"' not in walk.texts[p]] == []
