"""Every page in a real browser, light and dark, wide and 320 px: axe finds nothing, nothing runs over
the edge, nothing is refused by the policy, nothing is asked of another host, Tab finds the way in."""

from __future__ import annotations

import time
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import NoReverseMatch, reverse

from apps.feedback.models import Disclosure
from apps.people.models import Person
from apps.people.viewers import viewer_of_person
from apps.reviews.actions import save_review
from apps.reviews.models import Review
from tests.architecture.answers import addresses
from tests.browser.conftest import PATIENCE, Window
from tests.browser.pages import LOOKS, NOT_PAGES, WRONG_PRESSES, Look, WrongPress
from tests.factories import NOON
from tests.factories.ladders import (
    LevelFactory,
    RoleProfileFactory,
    StatementFactory,
    SuccessMetricFactory,
)
from tests.factories.people import PASSWORD, PersonFactory
from tests.world import World, one_scene

WIDTHS = (1440, 320)
THEMES = ("light", "dark")
READ_BY_MACHINES = ("admin:", "_api:")


def anybody(arguments: tuple[str, ...]) -> list[dict[str, Any]]:
    return [dict.fromkeys(arguments, value) for value in (1, "x")]


@pytest.mark.django_db
def test_every_address_is_looked_at_or_says_why_not() -> None:
    client = Client()
    client.force_login(PersonFactory(with_user=True).user, backend="apps.people.backend.Backend")
    looked_at = {look.name for look in LOOKS}
    forgotten = []
    for address in addresses():
        if address.name in looked_at or address.name in NOT_PAGES:
            continue
        if any(word in address.name for word in READ_BY_MACHINES):
            continue
        for arguments in anybody(address.keywords):
            try:
                where = reverse(address.name, kwargs=arguments)
            except NoReverseMatch:
                continue
            if client.get(where).status_code != 405:  # 405: for presses only
                forgotten.append(address.name)
            break

    assert forgotten == []


def test_no_row_is_left_over() -> None:
    there = {address.name for address in addresses()}

    assert {look.name for look in LOOKS} - there == set()
    assert NOT_PAGES.keys() - there == set()


@pytest.fixture
def world(live_server: Any) -> World:
    made = one_scene()
    made.other["profile"] = RoleProfileFactory(version=made.people["subject"].level.version)
    SuccessMetricFactory.create_batch(2, profile=made.other["profile"])
    level = made.people["subject"].level
    above = LevelFactory(track=level.track, position=level.position + 1, title="Staff engineer")
    competency = level.statements.get().competency
    StatementFactory(level=above, competency=competency, text="Does it for three teams.")
    _write_twice(made.reviews["self collection"])
    # The scene agreed to it by the clock of the machine; the pages are looked at at NOON.
    agreed = Disclosure.objects.filter(pk=made.other["disclosure agreed"].pk)
    assert agreed.update(decided_at=NOON) == 1
    return made


def _write_twice(review: Review) -> None:
    writer = viewer_of_person(review.author)
    for number, words in enumerate(["A first try.", "A second one."]):
        save_review(
            review.pk,
            changed={"summary": words},
            base=review.revision + number,
            by=writer,
            now=NOON,
        )


def signed_in(person: Person) -> Client:
    client = Client()
    client.post(reverse("account_login"), {"login": person.user.email, "password": PASSWORD})
    return client


def axe(page: Any, *, again: bool) -> list[str]:
    """What axe finds; the script stays in the page, so the second theme needs no second copy."""
    from axe_playwright_python.sync_playwright import Axe  # not in the lock of the quick suite

    if again:
        found = page.evaluate("axe.run({resultTypes: ['violations']})")["violations"]
    else:
        found = Axe().run(page).response["violations"]
    return [f"{fault['id']} at {fault['nodes'][0]['target']}" for fault in found]


def wider_than_the_window(page: Any) -> int:
    return page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )


def faults_of(window: Any, look: Look, where: str, width: int) -> list[str]:
    page, found = window.page, []
    before = len(window.faults)
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme="light")
    answer = page.goto(where, wait_until="load")
    if answer.status != look.status:
        del window.faults[before:]
        return [f"answers {answer.status}"]
    if "text/html" not in answer.headers.get("content-type", ""):
        return [f"is {answer.headers.get('content-type')}"]
    page.keyboard.press("Tab")
    if not page.evaluate("document.activeElement.matches('a.skip')"):
        found.append("the first Tab misses the way past the bar")
    if (wider := wider_than_the_window(page)) > 0:
        found.append(f"{wider} px wider than the window")
    for number, theme in enumerate(THEMES):
        page.emulate_media(color_scheme=theme)
        found += [f"{theme}: {fault}" for fault in axe(page, again=number > 0)]
    # A page that is refused is itself what Chromium could not load.
    new = [f for f in window.faults[before:] if look.status == 200 or "Failed to load" not in f]
    del window.faults[before:]
    return found + new


@pytest.mark.browser
def test_a_page_with_faults_is_seen_through(world: World, chromium: Any, live_server: Any) -> None:
    seen = Window(chromium, live_server.url)
    page = seen.page
    page.set_viewport_size({"width": 320, "height": 800})
    page.goto(reverse("account_login"))
    page.evaluate(
        """() => {
            document.body.insertAdjacentHTML('beforeend', '<img src="/static/none.png"><p id="wide">x</p>');
            document.getElementById('wide').style.width = '900px';
            fetch('https://example.org/').catch(() => 0);
            setTimeout(() => { throw new Error('broken') });
        }"""
    )
    heard = ("Content Security Policy", "script: broken", "404")
    ends = time.monotonic() + PATIENCE / 1000
    while not all(word in str(seen.faults) for word in heard) and time.monotonic() < ends:
        page.wait_for_timeout(100)

    assert all(word in str(seen.faults) for word in heard)
    assert any(fault.startswith("image-alt") for fault in axe(page, again=False))
    assert wider_than_the_window(page) > 100
    seen.close()


@pytest.mark.browser
@pytest.mark.parametrize("who", sorted({look.who for look in LOOKS}))
def test_the_pages_of(who: str, world: World, window: Any) -> None:
    faults: dict[str, list[str]] = {}
    with time_machine.travel(NOON, tick=True):
        seen = window()
        if who != "anonymous":
            seen.carry(signed_in(world.people[who]))
        for look in LOOKS:
            if look.who != who:
                continue
            where = reverse(look.name, kwargs=look.arguments(world))
            where += f"?{look.query}" if look.query else ""
            for width in WIDTHS:
                if found := faults_of(seen, look, where, width):
                    faults[f"{look} {where} at {width} px"] = found

    assert faults == {}, "\n" + "\n".join(
        f"{where}\n    " + "\n    ".join(found) for where, found in faults.items()
    )


def press(page: Any, wrong: WrongPress) -> Any:
    """Presses although the browser itself would hold it back. Result: the answer."""
    page.evaluate(
        """() => document.querySelectorAll('main form').forEach(form => {
            form.noValidate = true; form.closest('details')?.setAttribute('open', '');
        })"""
    )
    if wrong.chosen:
        field = page.locator(wrong.chosen[0]).first
        if field.evaluate("field => field.tagName") == "SELECT":
            field.select_option(wrong.chosen[1])
        else:
            field.fill(wrong.chosen[1])
    with page.expect_navigation() as coming:
        page.locator(wrong.button).first.click()
    return coming.value


@pytest.mark.browser
@pytest.mark.parametrize("who", sorted({wrong.look.who for wrong in WRONG_PRESSES}))
def test_what_is_missing_is_said_cleanly_to(who: str, world: World, window: Any) -> None:
    faults: dict[str, list[str]] = {}
    with time_machine.travel(NOON, tick=True):
        seen = window(viewport={"width": 320, "height": 800}, color_scheme="light")
        page = seen.page
        page.on("dialog", lambda dialog: dialog.accept())
        if who != "anonymous":
            seen.carry(signed_in(world.people[who]))
        for wrong in WRONG_PRESSES:
            if wrong.look.who != who:
                continue
            page.emulate_media(color_scheme="light")
            page.goto(reverse(wrong.look.name, kwargs=wrong.look.arguments(world)))
            answer = press(page, wrong)
            found = [] if answer.status in {200, 422} else [f"answers {answer.status}"]
            if (
                wrong.wrong
                and not page.locator("[role=alert], .error, .notice.bad, .error-summary").count()
            ):
                found.append("says nothing of what is wrong")
            if (wider := wider_than_the_window(page)) > 0:
                found.append(f"{wider} px wider than the window")
            for number, theme in enumerate(THEMES):
                page.emulate_media(color_scheme=theme)
                found += [f"{theme}: {fault}" for fault in axe(page, again=number > 0)]
            if found:
                faults[str(wrong)] = found

    assert faults == {}, "\n" + "\n".join(
        f"{where}\n    " + "\n    ".join(found) for where, found in faults.items()
    )
