"""Feedback by keyboard alone, from the duty on the home page to "sent", and nothing typed lost on the way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.urls import reverse

from apps.feedback.models import Answer, AnswerPart, FeedbackDraft
from apps.feedback.rules import Draft
from apps.feedback.states import Mode
from apps.reviews.states import CycleState
from tests.browser.chromium import expect
from tests.browser.conftest import Window
from tests.browser.test_calibration_by_keys import Keys
from tests.browser.test_every_page import axe
from tests.feedback.worlds import World, small_world

pytestmark = pytest.mark.browser
WORDS = "Asked early, and the answer held."


class Giver:
    """One who is asked, signed in, with the form reached from the home page."""

    def __init__(self, window: Callable[..., Window], world: World, width: int = 1440) -> None:
        self.world, self.giver = world, world.givers[0]
        self.request = world.request_of(self.giver)
        self.window = window(viewport={"width": width, "height": 900})
        self.window.sign_in(self.giver.user.email)
        self.page = self.window.page
        self.where = reverse("feedback:give_feedback", args=[self.request.pk])
        self.first, self.second = (f"question_{q.pk}" for q in world.questions)

    def open(self) -> None:
        self.page.goto(self.where)

    def said(self, state: str) -> str:
        region = self.page.locator(f"[data-save-state][data-state={state}]").first
        region.wait_for()
        return str(region.inner_text())

    def is_clean(self, what: str) -> None:
        assert (what, axe(self.page, again=False)) == (what, [])
        wide = self.page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert (what, wide) == (what, 0)

    @property
    def draft(self) -> Draft:
        row = FeedbackDraft.objects.get()
        return Draft.of(row.content, row.revision)


@pytest.mark.parametrize("width", [1440, 320])
@pytest.mark.parametrize("mode", [Mode.NAMED, Mode.ANONYMOUS])
def test_feedback_is_given_by_keys_alone(
    transactional_db: None, window: Callable[..., Window], mode: str, width: int
) -> None:
    world = small_world(givers=2, mode=mode)
    one = Giver(window, world, width)
    page, keys = one.page, Keys(one.page)
    page.on("dialog", lambda dialog: dialog.accept())
    keys.press(f"main a[href='{one.where}']")
    one.is_clean("empty")
    progress = page.locator("[data-progress-words]")
    expect(progress).to_have_text("0 of 4 answered")

    keys.tab_to(f"#{one.first}")
    keys.board.type(WORDS)
    keys.tab_to(f"#cannot_{one.first[9:]}")
    assert one.said("saved").startswith("Saved ")
    expect(progress).to_have_text("1 of 4 answered")
    assert one.draft.values == {one.first: WORDS}
    one.is_clean("half")

    with page.expect_navigation():
        keys.tab_to("form#feedback-form button.primary")
        keys.board.press("Enter")
    trouble = page.locator("#trouble")
    trouble.get_by_text("3 answers are left").wait_for()
    expect(trouble).to_be_focused()
    one.is_clean("refused")
    expect(page.locator(f"#{one.first}")).to_have_value(WORDS)

    keys.tab_to(f"#trouble a[href='#{one.second}']")
    keys.board.press("Enter")
    keys.tab_to(f"#cannot_{one.second[9:]}")
    keys.board.press("Space")
    for pk, key, value in zip(world.competencies, "40", ("4", "not_enough_evidence"), strict=True):
        keys.tab_to(f"input[name=rating_{pk}]")
        keys.board.press(key)
        expect(page.locator(f"input[name=rating_{pk}]:checked")).to_have_value(value)
    expect(progress).to_have_text("4 of 4 answered")

    with page.expect_navigation():
        keys.tab_to("form#feedback-form button.primary")
        keys.board.press("Enter")
    page.get_by_text("Sent. Thank you for taking the time.").wait_for()
    one.is_clean("sent")

    answer = Answer.objects.get()
    assert answer.author == (one.giver if mode == Mode.NAMED else None)
    assert [p.text for p in answer.parts.all() if p.text] == [WORDS]
    assert not FeedbackDraft.objects.exists()
    one.open()
    one.is_clean("sent, the form")
    assert page.locator("textarea").count() == (4 if mode == Mode.NAMED else 0)


@pytest.mark.parametrize("width", [1440, 320])
def test_a_phase_that_closes_keeps_the_text_and_shows_it(
    transactional_db: None, window: Callable[..., Window], width: int
) -> None:
    """T10"""
    one = Giver(window, small_world(givers=1), width)
    one.open()
    one.world.move_cycle(CycleState.MANAGER_REVIEW)
    one.page.locator(f"#{one.first}").press_sequentially("A minute late.")
    one.said("closed")
    assert one.page.locator(f"#{one.first}").input_value() == "A minute late."

    one.page.reload()

    one.page.get_by_text("It was not sent, and nobody else reads it").wait_for()
    one.page.get_by_text("A minute late.").wait_for()
    one.is_clean("closed")
    assert not Answer.objects.exists()


def test_two_tabs_show_both_texts_and_the_one_that_loses_is_kept(
    transactional_db: None, window: Callable[..., Window]
) -> None:
    """T1: the writer chooses between them, and can still change their mind."""
    one = Giver(window, small_world(givers=1))
    other = one.window.new_tab()
    one.open()
    other.goto(one.where)
    one.page.locator(f"#{one.first}").fill("From the first tab.")
    one.page.locator(f"#{one.first}").blur()
    one.said("saved")

    other.locator(f"#{one.first}").fill("From the second tab.")
    other.locator(f"#{one.first}").blur()
    other.locator("[data-save-state][data-state=conflict]").first.wait_for()

    expect(other.locator("[data-mine]")).to_have_text("From the second tab.")
    expect(other.locator("[data-theirs]")).to_have_text("From the first tab.")
    assert one.draft.values == {one.first: "From the first tab."}
    other.locator("[data-keep=mine]").click()
    other.locator("[data-save-state][data-state=saved]").first.wait_for()
    other.goto(reverse("feedback:feedback_versions", args=[one.request.pk]))
    other.get_by_text("A text that lost against another tab").wait_for()
    assert one.draft.values == {one.first: "From the second tab."}
    first = next(p.revision for p in reversed(one.draft.past()))
    other.locator(f"form[action$='/versions/{first}/restore/'] button").click()
    other.get_by_text("Restored.").wait_for()
    expect(other.locator(f"#{one.first}")).to_have_value("From the first tab.")


def test_whoever_is_signed_out_signs_in_again_beside_the_text(
    transactional_db: None, window: Callable[..., Window]
) -> None:
    """T4"""
    one = Giver(window, small_world(givers=1))
    one.open()
    Session.objects.all().delete()
    one.page.locator(f"#{one.first}").press_sequentially("Still here.")
    one.said("signin")
    assert not FeedbackDraft.objects.exists()

    with one.window.context.expect_page() as opened:
        one.page.locator("[data-save-state] a").click()
    beside = opened.value
    one.window.fill_in(beside, one.giver.user.email)
    beside.close()
    one.page.evaluate("dispatchEvent(new Event('focus'))")
    one.said("saved")

    assert one.draft.values == {one.first: "Still here."}


def test_a_lost_answer_and_half_an_hour_offline_cost_no_word(
    transactional_db: None, window: Callable[..., Window]
) -> None:
    """T6: the first save was on disk already. T8 is the same script as for reviews; here it arrives whole."""
    one = Giver(window, small_world(givers=1))
    one.open()
    lost: list[int] = []

    def lose(route: Any) -> None:
        if lost:
            route.continue_()
            return
        lost.append(route.fetch().status)
        route.abort()

    one.page.route("**/draft/", lose)
    one.page.locator(f"#{one.first}").fill("Once is enough.")
    one.page.locator(f"#{one.first}").blur()
    one.said("saved")
    assert lost == [200]
    assert len(one.draft.versions) == 1

    one.window.context.set_offline(True)
    one.page.locator(f"#{one.second}").press_sequentially("Written on a train.")
    one.page.locator(f"#{one.second}").blur()
    one.said("kept")
    one.window.context.set_offline(False)
    one.page.evaluate("dispatchEvent(new Event('online'))")
    one.said("saved")
    assert one.draft.values == {one.first: "Once is enough.", one.second: "Written on a train."}


def test_two_clicks_send_once(transactional_db: None, window: Callable[..., Window]) -> None:
    """T7: and what Back shows again sends nothing a second time."""
    one = Giver(window, small_world(givers=1, competencies=0))
    one.page.on("dialog", lambda dialog: dialog.accept())
    one.open()
    for name in (one.first, one.second):
        one.page.locator(f"#{name}").fill(WORDS)
    one.page.get_by_role("button", name="Send without my name").evaluate(
        "button => { button.form.requestSubmit(button); button.click(); button.click(); }"
    )
    one.page.get_by_text("Sent. Thank you").wait_for()
    one.page.go_back()
    one.page.wait_for_load_state()
    again = one.page.get_by_role("button", name="Send without my name")
    if again.count():
        with one.page.expect_navigation():
            again.click()

    assert Answer.objects.count() == 1
    assert AnswerPart.objects.filter(text=WORDS).count() == 2
