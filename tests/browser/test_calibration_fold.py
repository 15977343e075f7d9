"""What colleagues said, opened beside a live board: by keys, and left alone by what others do meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from apps.calibration import actions
from apps.people.models import Person
from tests.browser.conftest import Window
from tests.browser.test_calibration_by_keys import Keys
from tests.browser.test_every_page import axe, wider_than_the_window
from tests.calibration.seeing import item_of, member_of
from tests.factories.calibration import ItemFactory
from tests.factories.reviews import ParticipantFactory, RatingEventFactory
from tests.feedback.worlds import World, as_viewer, busy_world, send

pytestmark = pytest.mark.browser
FOLD = "details.said"
# What must not change while somebody reads: is it open, where is the focus, where was it scrolled to.
STANDING = """() => {
    const side = document.querySelector(".desk-side"), fold = document.querySelector("details.said");
    return [fold.open, document.activeElement.textContent, side.scrollTop, scrollY, fold.textContent];
}"""


@pytest.fixture
def world(transactional_db: None) -> World:
    """A live session about two people, of whom one was written about by six colleagues."""
    made = busy_world(givers=6, competencies=4)
    for giver in made.givers:
        send(made, giver)
    made.seal()
    RatingEventFactory(participant=made.participant, overall=True)
    other = ParticipantFactory(cycle=made.session.cycle, person__name="Jonas Lind")
    RatingEventFactory(participant=other, overall=True, value=5)  # an outlier: on the agenda
    ItemFactory(session=made.session, participant=other)
    return made


def open_panel(window: Callable[..., Window], world: World, person: Person, **options: Any) -> Any:
    seen = window(**options)
    seen.sign_in(person.user.email)
    seen.page.goto(reverse("calibration:item", args=[world.session.pk, item_of(world).pk]))
    return seen.page


def polls(page: Any, count: int) -> None:
    """So many answers of the board, whatever they say."""
    for _ in range(count):
        with page.expect_response(lambda answer: "version=" in answer.url):
            pass


def change_somebody_else(world: World) -> None:
    """As the facilitator does it on another machine."""
    item = world.session.items.with_people().get(participant__person__name="Jonas Lind")
    actions.record_decision(
        item, to_value=4, reason_code="evidence", reason="Two teams rely on it.",
        by=as_viewer(world.session.facilitator), now=timezone.now(),
    )  # fmt: skip


def test_the_fold_opens_by_keys_and_stays_while_the_board_changes(
    window: Callable[..., Window], world: World
) -> None:
    page = open_panel(window, world, member_of(world))
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    keys = Keys(page)

    keys.tab_to(f"{FOLD} > summary")
    keys.board.press("Enter")
    page.wait_for_selector(f"{FOLD}[open] section")
    assert page.evaluate("document.activeElement.matches('details.said > summary')")
    keys.board.press("Tab")
    assert page.evaluate("document.activeElement.closest('details.said') !== null")
    keys.board.press("Enter")
    page.evaluate("document.querySelector('.desk-side').scrollTop = 150")
    before = page.evaluate(STANDING)
    assert before[2] > 0
    polls(page, 2)
    assert page.evaluate(STANDING) == before
    change_somebody_else(world)
    page.wait_for_selector("#board-live .chip:has-text('Changed')")
    polls(page, 1)

    assert page.evaluate(STANDING) == before
    assert sum(url.endswith("/feedback/") for url in asked) == 1
    page.focus(f"{FOLD} > summary")
    keys.board.press("Enter")
    assert not page.evaluate("document.querySelector('details.said').open")
    keys.board.press("Enter")
    assert page.evaluate("document.querySelector('details.said').open")
    polls(page, 1)
    assert sum(url.endswith("/feedback/") for url in asked) == 1


@pytest.mark.parametrize("at", ["#as-table-head", "#board-live tbody th a", "#board-agenda a"])
def test_a_change_by_somebody_else_closes_nothing_on_the_board_and_keeps_the_focus(
    window: Callable[..., Window], world: World, at: str
) -> None:
    page = open_panel(window, world, member_of(world))
    page.click("#as-table > summary")
    page.locator(at).last.focus()
    before = page.evaluate("document.activeElement.id")

    change_somebody_else(world)
    page.wait_for_selector("#board-live .chip:has-text('Changed')")

    assert page.evaluate("document.querySelector('#as-table').open")
    assert page.evaluate("document.activeElement.id") == before != ""


def test_without_scripts_the_fold_leads_to_a_page_of_its_own(
    window: Callable[..., Window], world: World
) -> None:
    page = open_panel(window, world, member_of(world), java_script_enabled=False)

    page.click(f"{FOLD} > summary")
    page.click(f"{FOLD} a")

    page.wait_for_url("**/feedback/")
    assert page.locator("h1").inner_text() == "What colleagues said about Sofia Subject"
    assert page.get_by_text("Words of").count() > 0


@pytest.mark.parametrize("width", [1440, 320])
def test_an_open_fold_is_clean_and_fits(
    window: Callable[..., Window], world: World, width: int
) -> None:
    page = open_panel(window, world, world.session.facilitator)
    page.set_viewport_size({"width": width, "height": 800})
    page.click(f"{FOLD} > summary")
    page.wait_for_selector(f"{FOLD}[open] section")
    page.click(f"{FOLD} section details >> nth=0")

    for number, theme in enumerate(("light", "dark")):
        page.emulate_media(color_scheme=theme)
        assert axe(page, again=number > 0) == []
    assert wider_than_the_window(page) == 0
