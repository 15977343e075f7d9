"""Who reads what was said, in which mode and when: the table, the gate in Python and in SQL, the pages
and the API say the same. Texts, names beside them, and a team's figures."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
import time_machine
from django.db import transaction
from django.test import Client
from django.urls import reverse

from tests.architecture.answers import Address, addresses
from tests.factories import NOON
from tests.feedback.looking import readable_names
from tests.visibility import table
from tests.visibility.company import VIEWERS, Company, found_company
from tests.visibility.feedback import GIVERS, ITEMS, PHASES, Heard, hear, may_read
from tests.visibility.test_visibility import text_of

pytestmark = [pytest.mark.django_db, pytest.mark.sweep]
CANARY = re.compile(r"canary-([a-z_]+)-(\d+)-")
NAMES = re.compile("|".join(GIVERS))
MODES = list(dict.fromkeys(mode for mode, _, _, _ in ITEMS.values()))
Seats = dict[tuple[str, str, bool], Heard]


@pytest.fixture(scope="module")
def told(django_db_setup, django_db_blocker) -> Iterator[tuple[Company, Seats]]:
    with (
        time_machine.travel(NOON, tick=False),
        django_db_blocker.unblock(),
        transaction.atomic(),
    ):
        company = found_company()
        yield (
            company,
            {
                (mode, phase, kept): hear(company, mode, phase, kept=kept)
                for mode in MODES
                for phase in PHASES
                for kept in (False, True)
            },
        )
        transaction.set_rollback(True)


def seat_of(seats: Seats, item: str, phase: str, who: str) -> Heard:
    return seats[ITEMS[item][0], phase, who == "delegate"]


@pytest.mark.parametrize("item", ITEMS)
def test_the_gate_in_python_and_in_sql_says_what_the_table_says(item, told):
    company, seats = told
    agreed = table.read()
    for phase in PHASES:
        for who, cell in zip(VIEWERS, agreed[item, phase], strict=True):
            heard, viewer = seat_of(seats, item, phase, who), company.viewer(who)
            wanted = cell in "yY"
            assert may_read(viewer, heard, item, in_sql=False) == wanted, (phase, who, "Python")
            assert may_read(viewer, heard, item, in_sql=True) == wanted, (phase, who, "SQL")


def is_about(address: Address, heard: Heard) -> bool:
    known = heard.arguments()
    about = {"participant_id", "cycle_id", "review_id", "session_id", "item_id", "request_id"}
    return set(address.keywords) <= set(known) and bool(about & set(address.keywords))


def urls_of(address: Address, heard: Heard) -> list[str]:
    ways: list[dict[str, object]] = [{}]
    for name in address.keywords:
        ways = [{**way, name: value} for way in ways for value in heard.arguments()[name]]
    return [reverse(address.name, kwargs=way) for way in ways]


def shown_in(text: str, heard: Heard) -> set[str]:
    """The items of this seat that a text shows; a name counts where it stands beside what was said."""
    items = {item for item, pk in CANARY.findall(text) if int(pk) == heard.participant.pk}
    items &= ITEMS.keys()
    if f"{heard.mode}_text" in items and NAMES.search(text):
        items.add(f"{heard.mode}_name")
    return items


def shown_to(client: Client, heard: Heard) -> tuple[set[str], set[str]]:
    """On pages, and through the API."""
    shown = {name for name, _ in readable_names()}
    pages: set[str] = set()
    api: set[str] = set()
    for address in addresses():
        if address.name in shown and is_about(address, heard):
            for url in urls_of(address, heard):
                found = api if "_api:" in address.name else pages
                found |= shown_in(text_of(client, url), heard)
    for name in ("feedback:my_feedback", "inbox:home"):
        pages |= shown_in(text_of(client, reverse(name)), heard)
    return pages, api


@pytest.mark.parametrize("phase", PHASES)
@pytest.mark.parametrize("mode", MODES)
def test_pages_and_the_api_show_what_the_table_says(mode, phase, told, request):
    company, seats = told
    now: table.Table = {}
    for who in VIEWERS:
        client = Client()
        client.force_login(company.user(who))
        pages, api = shown_to(client, seats[mode, phase, who == "delegate"])
        assert api <= pages, "nothing is told by the API alone"
        for item, (of, _, _, _) in ITEMS.items():
            if of == mode:
                cell = "Y" if item in api else "y" if item in pages else "."
                now[item, phase] = now.get((item, phase), "") + cell
    if request.config.getoption("--write-answers"):
        table.write(now)

    assert {key: table.read().get(key) for key in now} == now
