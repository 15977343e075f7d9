"""Who sees what, in four readings that must agree with the table: the gate in Python, the gate in SQL,
every page that opens (by looking for the words), and every answer of the API."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
import time_machine
from django.db import transaction
from django.test import Client
from django.urls import reverse

from config import settings_test
from tests.architecture.answers import LIBRARY_ARGUMENTS, Address, addresses
from tests.factories import NOON
from tests.paper import text_of as text_of_paper
from tests.visibility import table
from tests.visibility.company import PHASES, TALKED_ON, VIEWERS, Company, Seat, found_company
from tests.visibility.items import ITEMS, NOTES, allowed_by_python, allowed_by_sql

pytestmark = [pytest.mark.django_db, pytest.mark.sweep]
CANARY = re.compile(r"canary-([a-z_]+)-(\d+)-")
# The word on promotion is one of three; in a list of choices it says nothing.
PROMOTION = re.compile(r'(?<!value="ready">)Ready now')
TALK = re.compile(f"{TALKED_ON:%-d} (?:Nov 2026|November)")


@pytest.fixture(scope="module")
def company(django_db_setup, django_db_blocker) -> Iterator[Company]:
    with (
        time_machine.travel(NOON, tick=False),
        django_db_blocker.unblock(),
        transaction.atomic(),
    ):
        yield found_company()
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def browsers(company) -> dict[str, Client]:
    clients = {}
    for who in VIEWERS:
        clients[who] = Client()
        clients[who].force_login(company.user(who))
    return clients


@pytest.fixture(scope="module")
def about_a_seat(company, browsers) -> list[Address]:
    """The addresses with something to read; those that only take a POST refuse a GET from anybody."""
    seat = company.seats["being_written"]
    return [
        address
        for address in addresses()
        if is_about_a_seat(address)
        and any(status_of(browsers["stranger"], url) != 405 for url in urls_of(address, seat)[:1])
    ]


# --- the two readings of the gate ---


@pytest.mark.parametrize("item", ITEMS)
def test_the_gate_in_python_and_in_sql_says_what_the_table_says(item, company):
    lines_of, exists = ITEMS[item]
    agreed = table.read()
    for phase in PHASES:
        for who, cell in zip(VIEWERS, agreed[item, phase], strict=True):
            seat, viewer = company.seat(phase, who), company.viewer(who)
            if not exists(seat):
                assert cell == "-", (phase, who)
                continue
            wanted = cell in "yY"
            assert allowed_by_python(viewer, lines_of(seat)) == wanted, (phase, who, "Python")
            assert allowed_by_sql(viewer, lines_of(seat)) == wanted, (phase, who, "SQL")


@pytest.mark.parametrize("note", NOTES)
def test_the_gate_of_notes_says_what_the_table_says(note, company):
    from apps.reviews.access import NOTE_READS, note_gate
    from apps.reviews.models import EvidenceNote

    row = company.notes[note]
    for who, cell in zip(VIEWERS, table.read()[note, table.NO_PHASE], strict=True):
        viewer = company.viewer(who)
        by_python = any(note_gate.may(viewer, name, row) for name in NOTE_READS)
        by_sql = EvidenceNote.objects.visible_to(viewer).filter(pk=row.pk).exists()
        assert (by_python, by_sql) == (cell in "yY",) * 2, who


# --- what is really shown ---


def arguments(seat: Seat) -> dict[str, list[object]]:
    """What an address about this seat can be filled with."""
    row = seat.participant
    return {
        "participant_id": [row.pk],
        "cycle_id": [row.cycle_id],
        "review_id": [seat.own.pk, seat.given.pk],
        "session_id": [seat.session.pk],
        "item_id": [seat.item.pk],
        "goal_id": [seat.goal.pk],
        "note_id": [seat.linked.pk],
        "person_id": [row.person_id],
        "level_id": [row.level_id],
        "revision": [1],
        "form": ["csv"],
        "kind": ["peer"],
    }


def urls_of(address: Address, seat: Seat) -> list[str]:
    """Every way in which this address can be asked about a seat; none where it is about other things."""
    known, ways = arguments(seat), [{}]
    for name in address.keywords:
        if name not in known:
            return []
        ways = [{**way, name: value} for way in ways for value in known[name]]
    return [reverse(address.name, kwargs=way) for way in ways]


def is_about_a_seat(address: Address) -> bool:
    named = {"participant_id", "cycle_id", "review_id", "session_id", "item_id", "goal_id"}
    return bool(named & set(address.keywords)) or "note_id" in address.keywords


def is_without_arguments(address: Address) -> bool:
    # Signing out would end the look around.
    return not address.keywords and address.name not in {*LIBRARY_ARGUMENTS, "account_logout"}


def status_of(client: Client, url: str) -> int:
    with transaction.atomic():
        answer = client.get(url)
        transaction.set_rollback(True)
    return answer.status_code


def text_of(client: Client, url: str) -> str:
    """What an address gives to read; a file too. Nothing is left behind."""
    settings_test.generation += 1  # how often somebody may ask is another test's business
    with transaction.atomic():
        answer = client.get(url)
        transaction.set_rollback(True)
    if answer.status_code != 200:
        return ""
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    if answer["Content-Type"].startswith("application/pdf"):
        return text_of_paper(body).replace("\n", "")  # a long word is cut at the end of a line
    return body.decode(errors="replace")


def found_in(text: str, seat: Seat) -> set[str]:
    """Which items of this seat a text shows."""
    items = {item for item, pk in CANARY.findall(text) if int(pk) == seat.participant.pk}
    if PROMOTION.search(text):
        items.add("promotion")
    if TALK.search(text):
        items.add("talk")
    return items


def shown_to(client: Client, seat: Seat, about_a_seat: list[Address]) -> tuple[set[str], set[str]]:
    """The items of a seat that this browser sees on any page, and in any answer of the API."""
    pages: set[str] = set()
    api: set[str] = set()
    for address in about_a_seat:
        for url in urls_of(address, seat):
            text = text_of(client, url)
            (api if "_api:" in address.name else pages).update(found_in(text, seat))
            if address.name == "reviews:participant" and text:
                pages.add("status")
    for url in (reverse("reviews_api:my_reviews"),):
        api |= found_in(text_of(client, url), seat)
    return pages, api


@pytest.mark.parametrize("phase", PHASES)
def test_pages_files_and_the_api_show_what_the_table_says(
    phase, company, browsers, about_a_seat, request
):
    now: table.Table = {}
    for who in VIEWERS:
        seat = company.seat(phase, who)
        pages, api = shown_to(browsers[who], seat, about_a_seat)
        assert api <= pages, "nothing is told by the API alone"
        for item, (_lines, exists) in ITEMS.items():
            if not exists(seat):
                assert item not in pages, (who, item)
            cell = ("Y" if item in api else "y" if item in pages else ".") if exists(seat) else "-"
            now[item, phase] = now.get((item, phase), "") + cell
    if request.config.getoption("--write-answers"):
        table.write(now)
    agreed = table.read()

    differ = [
        f"{k[0]}: agreed {agreed.get(k)}, now {cells}"
        for k, cells in now.items()
        if agreed.get(k) != cells
    ]
    assert differ == []


def test_pages_of_notes_show_what_the_table_says(company, browsers, request):
    now: table.Table = {}
    for who in VIEWERS:
        urls = [reverse("reviews:note", args=[note.pk]) for note in company.notes.values()]
        lists = [f"{reverse('reviews:notes')}?of={tab}" for tab in ("mine", "people", "shared")]
        texts = [text_of(browsers[who], url) for url in (*lists, *urls)]
        for note in NOTES:
            seen = any(f"canary-{note}-0-" in text for text in texts)
            now[note, table.NO_PHASE] = now.get((note, table.NO_PHASE), "") + ("y" if seen else ".")
    if request.config.getoption("--write-answers"):
        table.write(now)

    assert {k: table.read().get(k) for k in now} == now


@pytest.mark.parametrize("who", VIEWERS)
def test_pages_about_nothing_in_particular_show_no_more(who, company, browsers):
    agreed, told = table.read(), []
    seats = {s.participant.pk: s for s in [*company.seats.values(), *company.kept.values()]}
    for address in addresses():
        if not is_without_arguments(address):
            continue
        for item, pk in set(CANARY.findall(text_of(browsers[who], reverse(address.name)))):
            seat = seats.get(int(pk))
            key = (item, seat.phase if seat else table.NO_PHASE)
            # The second seats name the delegate as reviewer; for everybody else they are like the first.
            foreign = seat is not None and who == "delegate" and seat is company.seats[seat.phase]
            if foreign or agreed[key][VIEWERS.index(who)] not in "yY":
                told.append((address.name, *key))
    assert told == []


def test_every_line_of_the_table_is_about_something():
    assert list(table.read()) == sorted(table.read(), key=table.keys().index)
    assert set(table.read()) == set(table.keys())
