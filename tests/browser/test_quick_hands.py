"""Hands quicker than the page: what is typed, ticked or pressed while a script or an answer is on its way."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse

from apps.feedback.models import Answer, Request
from apps.feedback.states import Mode
from apps.reviews.models import ReviewItem
from apps.reviews.states import CycleState
from tests.browser.chromium import expect
from tests.browser.conftest import Window
from tests.browser.test_calibration_fold import change_somebody_else, open_panel, polls, world
from tests.browser.test_giving_feedback import Giver
from tests.browser.test_nothing_typed_is_lost import desk, said, stands, writer
from tests.calibration.seeing import item_of, member_of
from tests.factories.people import PersonFactory
from tests.factories.reviews import EvidenceNoteFactory
from tests.feedback.worlds import World, small_world
from tests.reviews.desks import Desk

pytestmark = pytest.mark.browser
__all__ = ["desk", "world", "writer"]  # fixtures


class Held:
    """Requests of a page that wait until they are let through."""

    def __init__(self, page: Any, where: str) -> None:
        self.waiting: list[Any] | None = []
        page.route(where, self._came)

    def _came(self, route: Any) -> None:
        if self.waiting is None:
            route.continue_()
        else:
            self.waiting.append(route)

    def let_through(self) -> None:
        """What waits goes on, and what follows waits no more."""
        waiting, self.waiting = self.waiting, None
        for route in waiting or ():
            route.continue_()


def test_words_that_are_quicker_than_the_scripts_are_saved(writer: Window, desk: Desk) -> None:
    page = writer.page
    scripts = Held(page, "**/js/autosave.js")
    page.reload(wait_until="commit")
    page.locator("#summary").fill("Sooner than the scripts.")
    box = page.locator(f"[name=c{desk.competencies[0].pk}-value][value='3']")
    box.check(force=True)
    scripts.let_through()
    said(page, "saved")

    assert stands(desk).summary == "Sooner than the scripts."
    assert ReviewItem.objects.get().value == 3


def test_what_back_brings_again_overwrites_nothing(writer: Window, desk: Desk) -> None:
    """Back fills a form as it was left, which may be older than what another tab saved meanwhile."""
    page, other = writer.page, writer.new_tab()
    box = f"[name=c{desk.competencies[0].pk}-value]"
    page.on("dialog", lambda dialog: dialog.accept())
    page.locator("#summary").fill("From this tab.")
    page.locator(f"{box}[value='3']").check(force=True)
    page.locator("#summary").blur()
    said(page, "saved")
    where = page.url
    page.goto(reverse("inbox:home"))
    other.goto(where)
    other.locator("#summary").fill("From the other tab.")
    other.locator(f"{box}[value='4']").check(force=True)
    said(other, "saved")
    page.go_back()
    said(page, "conflict")

    expect(page.locator("[data-mine]")).to_have_text([re.compile("^3Solid"), "From this tab."])
    expect(page.locator("[data-theirs]")).to_have_text(
        [re.compile("^4Beyond"), "From the other tab."]
    )
    assert stands(desk).summary == "From the other tab."
    page.locator("[data-keep=theirs]").first.click()
    page.locator("[data-keep=mine]").click()
    said(page, "saved")
    assert stands(desk).summary == "From this tab."
    assert ReviewItem.objects.get().value == 4


def test_sending_while_a_save_is_on_its_way_asks_once(
    transactional_db: None, window: Callable[..., Window]
) -> None:
    one = Giver(window, small_world(givers=1, competencies=0))
    page, asked = one.page, []

    def agree(dialog: Any) -> None:
        asked.append(dialog.message)
        dialog.accept()

    page.on("dialog", agree)
    one.open()
    saves = Held(page, "**/draft/")
    page.locator(f"#{one.first}").fill("Asked early.")
    with page.expect_request("**/draft/"):
        page.locator(f"#{one.second}").fill("Never late.")
    page.get_by_role("button", name="Send without my name").click()
    assert len(asked) == 1
    saves.let_through()
    page.get_by_text("Sent. Thank you").wait_for()

    assert len(asked) == 1
    assert Answer.objects.count() == 1


def test_sending_while_a_save_meets_another_text_sends_neither(
    transactional_db: None, window: Callable[..., Window]
) -> None:
    one = Giver(window, small_world(givers=1, mode=Mode.NAMED, competencies=0))
    page, other = one.page, one.window.new_tab()
    one.open()
    other.goto(one.where)
    other.locator(f"#{one.first}").fill("From the other tab.")
    other.locator(f"#{one.second}").focus()
    said(other, "saved")
    saves = Held(page, "**/draft/")
    page.locator(f"#{one.first}").fill("From this tab.")
    with page.expect_request("**/draft/"):
        page.locator(f"#{one.second}").fill("Never late.")
    page.get_by_role("button", name="Send with my name").click()
    saves.let_through()
    said(page, "conflict")

    expect(page.locator("[data-theirs]")).to_have_text("From the other tab.")
    assert not Answer.objects.exists()


def test_names_typed_and_ticked_while_a_list_is_on_its_way_stay(
    transactional_db: None, window: Callable[..., Window]
) -> None:
    asks = small_world(givers=3, mode=Mode.NAMED)
    Request.objects.all().delete()
    asks.move_cycle(CycleState.NOMINATION)
    near, far = asks.givers[0], PersonFactory(name="Clara Weiss")
    one = window()
    one.sign_in(asks.subject.user.email)
    page = one.page
    page.goto(reverse("feedback:nominate", args=[asks.participant.pk]))
    answers = Held(page, "**/find/")
    with page.expect_request("**/find/"):
        page.locator("#find").press_sequentially("Cla")
    page.locator("#find").press_sequentially("ra Weiss")
    page.locator(f"#peer-{near.pk}").check()
    answers.let_through()

    page.locator(f"#peer-{far.pk}").check()
    expect(page.locator("#find")).to_have_value("Clara Weiss")
    expect(page.locator(f"#peer-{near.pk}")).to_be_checked()


def test_a_note_that_was_found_stays_when_another_is_looked_for(writer: Window, desk: Desk) -> None:
    first, person = desk.competencies[0], desk.participant.person
    notes = [
        EvidenceNoteFactory(about=person, author=desk.participant.manager, text=text)
        for text in ("Said no in time.", "Kept the queue alive.", "Wrote it down.")
    ]
    page = writer.page
    card = page.locator(f"#c{first.pk}")
    boxes = [card.locator(f"[name$=-notes][value='{note.pk}']") for note in notes]
    card.locator("summary").click()
    card.get_by_role("link", name="Find notes").click()
    boxes[0].check()
    said(page, "saved")
    card.get_by_role("searchbox").fill("queue")
    expect(boxes[2]).to_have_count(0)  # the list has come
    expect(boxes[0]).to_be_checked()
    boxes[1].check()
    page.locator("#summary").focus()
    said(page, "saved")

    assert {note.pk for note in ReviewItem.objects.get().notes.all()} == {n.pk for n in notes[:2]}


# Writes into the search field of the notes in the moment in which it comes.
AT_ONCE = """() => new MutationObserver((_all, watch) => {
    const field = document.querySelector("[data-notes] input[type=search]");
    if (!field) return;
    watch.disconnect();
    field.value = "nothing";
    field.dispatchEvent(new Event("search", {bubbles: true}));
}).observe(document.body, {childList: true, subtree: true})"""


def test_a_part_that_came_works_in_the_moment_in_which_it_comes(writer: Window, desk: Desk) -> None:
    page = writer.page
    card = page.locator(f"#c{desk.competencies[0].pk}")
    card.locator("summary").click()
    page.evaluate(AT_ONCE)
    card.get_by_role("link", name="Find notes").click()

    card.get_by_text("No note has these words.").wait_for()


def test_a_press_on_a_live_board_is_not_lost_while_the_board_changes(
    window: Callable[..., Window], world: World
) -> None:
    page = open_panel(window, world, member_of(world))
    other = world.session.items.exclude(pk=item_of(world).pk).get()
    page.locator(f"#row-{other.pk}").scroll_into_view_if_needed()
    box = page.locator(f"#row-{other.pk}").bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    change_somebody_else(world)
    polls(page, 2)
    page.mouse.up()

    page.wait_for_url(f"**{reverse('calibration:item', args=[world.session.pk, other.pk])}")
