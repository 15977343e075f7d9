"""Autosave against the real server: signed out, offline, closed, pressed twice, and the page thrown away."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.urls import reverse
from django.utils import timezone

from apps.core.models import AuditEvent
from apps.reviews.models import Cycle, EvidenceNote, Review, ReviewVersion
from apps.reviews.states import CycleState, ReviewState
from tests.browser.chromium import expect
from tests.browser.conftest import PATIENCE, Window
from tests.reviews.desks import Desk, make_desk

pytestmark = pytest.mark.browser


@pytest.fixture
def desk(transactional_db: None) -> Desk:
    return make_desk(3, accounts=True)


@pytest.fixture
def writer(window: Callable[..., Window], desk: Desk) -> Window:
    """The manager at the desk, signed in."""
    one = window()
    one.sign_in(desk.participant.manager.user.email)
    one.page.goto(reverse("reviews:review", args=[desk.manager_review.pk]))
    return one


def stands(desk: Desk) -> Review:
    return Review.objects.get(pk=desk.manager_review.pk)


def said(page: Any, state: str) -> str:
    region = page.locator(f"[data-save-state][data-state={state}]").first
    region.wait_for()
    return region.inner_text()


def test_whoever_is_signed_out_signs_in_again_beside_the_text(writer: Window, desk: Desk) -> None:
    """T4"""
    Session.objects.all().delete()
    page = writer.page
    page.locator("#summary").press_sequentially("Still here.")
    said(page, "signin")
    assert stands(desk).summary == ""

    with writer.context.expect_page() as opened:
        page.locator("[data-save-state] a").click()
    beside = opened.value
    writer.fill_in(beside, desk.participant.manager.user.email)
    beside.close()
    page.evaluate("dispatchEvent(new Event('focus'))")
    said(page, "saved")

    expect(page.locator("#summary")).to_have_value("Still here.")
    assert stands(desk).summary == "Still here."


def test_somebody_else_who_signs_in_there_writes_nothing(writer: Window, desk: Desk) -> None:
    """T5"""
    Session.objects.all().delete()
    page = writer.page
    page.locator("#summary").press_sequentially("Mine alone.")
    said(page, "signin")
    beside = writer.new_tab()
    beside.goto(reverse("account_login"))
    writer.fill_in(beside, desk.participant.person.user.email)
    with page.expect_response("**/autosave/"):
        page.evaluate("dispatchEvent(new Event('focus'))")
    page.wait_for_timeout(3000)

    assert stands(desk).summary == ""
    assert Review.objects.filter(summary__contains="Mine").count() == 0
    assert ReviewVersion.objects.count() == 0
    writer.faults = [fault for fault in writer.faults if "Failed to load" not in fault]


def test_what_is_typed_offline_arrives_in_few_requests(writer: Window, desk: Desk) -> None:
    """T8: forty edits in half an hour, all there in at most five requests."""
    page = writer.page
    page.clock.install()
    page.reload()
    sent: list[str] = []
    page.on("response", lambda r: sent.append(r.url) if "autosave" in r.url else None)
    writer.context.set_offline(True)
    for number in range(40):
        page.locator("#summary").press_sequentially(f"{number} ")
        page.clock.fast_forward(45_000)
    page.locator("#summary").blur()
    said(page, "kept")

    writer.context.set_offline(False)
    page.evaluate("dispatchEvent(new Event('online'))")
    said(page, "saved")

    assert stands(desk).summary == "".join(f"{number} " for number in range(40))
    assert 1 <= len(sent) <= 5


def test_an_answer_that_is_lost_is_asked_for_again(writer: Window, desk: Desk) -> None:
    """T6: the save was on disk already; it is one version, and the page learns that it is saved."""
    page, lost = writer.page, []

    def lose(route: Any) -> None:
        if lost:
            route.continue_()
            return
        lost.append(route.fetch().status)
        route.abort()

    page.route("**/autosave/", lose)
    page.locator("#summary").fill("Once is enough.")
    page.locator("#summary").blur()
    said(page, "saved")

    assert lost == [200]
    assert stands(desk).summary == "Once is enough."
    assert ReviewVersion.objects.count() == 1


def test_an_answer_that_is_cut_off_is_asked_for_again(writer: Window, desk: Desk) -> None:
    """T6: a success without its words was cut off by a server that died while it answered."""
    page, cut = writer.page, []

    def cut_off(route: Any) -> None:
        if cut:
            route.continue_()
            return
        cut.append(route.fetch().status)
        route.fulfill(status=200, body="")

    page.route("**/autosave/", cut_off)
    page.locator("#summary").fill("To the end.")
    page.locator("#summary").blur()
    said(page, "saved")

    assert cut == [200]
    assert ReviewVersion.objects.count() == 1


def test_a_phase_that_closes_keeps_the_text_as_a_draft(writer: Window, desk: Desk) -> None:
    """T10"""
    page = writer.page
    desk.enter(CycleState.CALIBRATION)
    page.locator("#summary").press_sequentially("A minute late.")
    said(page, "closed")
    expect(page.locator("#summary")).to_have_value("A minute late.")
    assert stands(desk).summary == ""

    page.reload()
    page.get_by_text("A minute late.").first.wait_for()


def test_two_clicks_hand_in_once(writer: Window, desk: Desk) -> None:
    """T7: Enter and two clicks at once, and what is shown again by Back hands nothing in a second time."""
    page = writer.page
    for name, text in desk.complete().items():
        field = page.locator(f"[name='{name}']")
        if field.first.get_attribute("type") == "radio":
            page.locator(f"[name='{name}'][value='{text}']").check(force=True)
        else:
            field.fill(text)
    page.get_by_role("button", name="Submit review").evaluate(
        "button => { button.form.requestSubmit(button); button.click(); button.click(); }"
    )
    page.get_by_text("Submitted. You can take it back").wait_for()
    page.go_back()
    page.wait_for_load_state()
    again = page.get_by_role("button", name="Submit review")
    if again.count():  # a browser that shows the old page from memory
        with page.expect_navigation():
            again.click()

    assert stands(desk).state == ReviewState.SUBMITTED
    assert AuditEvent.objects.filter(verb="submit_review").count() == 1


def test_what_was_saved_is_there_after_the_page_is_gone(writer: Window, desk: Desk) -> None:
    """T9: after a crash."""
    writer.page.locator("#summary").press_sequentially("Saved means on disk.")
    writer.page.locator("#summary").blur()
    said(writer.page, "saved")
    writer.page.close()
    again = writer.new_tab()
    again.goto(reverse("reviews:review", args=[desk.manager_review.pk]))

    expect(again.locator("#summary")).to_have_value("Saved means on disk.")


def test_leaving_at_once_still_saves(writer: Window, desk: Desk) -> None:
    """T9"""
    writer.page.locator("#summary").press_sequentially("In a hurry.")
    writer.page.once("dialog", lambda dialog: dialog.accept())
    writer.page.goto(reverse("inbox:home"))

    ends = time.monotonic() + PATIENCE / 1000
    while stands(desk).summary != "In a hurry." and time.monotonic() < ends:
        time.sleep(0.1)
    assert stands(desk).summary == "In a hurry."
    assert Cycle.objects.count() == 1


def test_a_reload_and_back_show_what_was_saved_last(writer: Window, desk: Desk) -> None:
    """T9"""
    page = writer.page
    page.locator("#summary").press_sequentially("The newest words.")
    page.locator("#summary").blur()
    said(page, "saved")

    page.reload()
    expect(page.locator("#summary")).to_have_value("The newest words.")
    page.goto(reverse("inbox:home"))
    page.go_back()
    expect(page.locator("#summary")).to_have_value("The newest words.")


def ends_in(seconds: float) -> None:
    """Everybody's sign-in ends so soon; an open page learns it with the next one it loads."""
    Session.objects.update(expire_date=timezone.now() + timedelta(seconds=seconds))


def test_before_a_sign_in_ends_the_page_says_so_and_a_press_prolongs_it(
    writer: Window, desk: Desk
) -> None:
    """T15: saving by itself did not."""
    page = writer.page
    ends_in(100)
    ended = Session.objects.get().expire_date
    page.reload()
    note = page.locator("#sign-in-note")
    note.wait_for()
    page.locator("#summary").press_sequentially("Almost out.")
    page.locator("#summary").blur()
    said(page, "saved")
    assert Session.objects.get().expire_date == ended
    expect(page.locator("#summary")).to_have_value("Almost out.")

    page.get_by_role("button", name="Stay signed in").click()
    note.get_by_text("You stay signed in until").wait_for()

    assert Session.objects.get().expire_date == ended + timedelta(hours=1)
    page.get_by_role("button", name="Hide").click()
    expect(note).to_have_count(0)


def test_a_sign_in_that_ends_is_said_and_the_text_stays(writer: Window, desk: Desk) -> None:
    """T4"""
    page = writer.page
    ends_in(600)
    page.clock.install()
    page.reload()
    page.locator("#summary").press_sequentially("Still here.")
    page.clock.fast_forward(600_000)
    page.locator("#sign-in-note").get_by_text("You are signed out.").wait_for()

    expect(page.locator("#summary")).to_have_value("Still here.")


def test_a_form_sent_after_the_sign_in_ended_is_held_and_sent_later(
    writer: Window, desk: Desk
) -> None:
    """T4: any form, not only those that save themselves; T5 is in tests/core/test_held.py."""
    page, text = writer.page, "What happened in March, and why it matters. " * 5
    page.goto(reverse("reviews:add_note"))
    page.fill("textarea[name=text]", text)
    Session.objects.all().delete()
    page.locator("form:has(textarea[name=text]) button.primary").first.click()
    page.get_by_role("heading", name="You are signed out").wait_for()
    expect(page.locator("textarea[name=text]")).to_have_value(text)
    assert EvidenceNote.objects.count() == 0

    with writer.context.expect_page() as opened:
        page.locator("main").get_by_role("link", name="Sign in").click()
    beside = opened.value
    writer.fill_in(beside, desk.participant.manager.user.email)
    beside.close()
    page.evaluate("dispatchEvent(new Event('focus'))")
    page.get_by_text("You are signed in again.").wait_for()
    with page.expect_navigation():
        page.get_by_role("button", name="Send now").click()

    assert EvidenceNote.objects.get().text.strip() == text.strip()
