"""Autosave against the real server: signed out, offline, closed, pressed twice, and the page thrown away."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.urls import reverse

from apps.core.models import AuditEvent
from apps.reviews.models import Cycle, Review, ReviewVersion
from apps.reviews.states import CycleState, ReviewState
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
    Session.objects.all().delete()
    page = writer.page
    page.locator("#summary").press_sequentially("Still here.")
    said(page, "signin")
    assert stands(desk).summary == ""

    with writer.context.expect_page() as opened:
        page.locator("[data-save-state] a").click()
    beside = opened.value
    beside.fill("input[name=login]", desk.participant.manager.user.email)
    beside.fill("input[name=password]", "correct horse battery staple")
    beside.get_by_role("button", name="Sign in", exact=True).click()
    beside.wait_for_load_state()
    beside.close()
    page.evaluate("dispatchEvent(new Event('focus'))")
    said(page, "saved")

    assert page.locator("#summary").input_value() == "Still here."
    assert stands(desk).summary == "Still here."


def test_somebody_else_who_signs_in_there_writes_nothing(writer: Window, desk: Desk) -> None:
    Session.objects.all().delete()
    page = writer.page
    page.locator("#summary").press_sequentially("Mine alone.")
    said(page, "signin")
    beside = writer.new_tab()
    beside.goto(reverse("account_login"))
    beside.fill("input[name=login]", desk.participant.person.user.email)
    beside.fill("input[name=password]", "correct horse battery staple")
    beside.get_by_role("button", name="Sign in", exact=True).click()
    beside.wait_for_load_state()
    page.evaluate("dispatchEvent(new Event('focus'))")
    page.wait_for_timeout(3000)

    assert stands(desk).summary == ""
    assert Review.objects.filter(summary__contains="Mine").count() == 0
    assert ReviewVersion.objects.count() == 0
    writer.faults = [fault for fault in writer.faults if "Failed to load" not in fault]


def test_what_is_typed_offline_arrives_in_few_requests(writer: Window, desk: Desk) -> None:
    page = writer.page
    sent: list[str] = []
    page.on("requestfinished", lambda r: sent.append(r.url) if "autosave" in r.url else None)
    writer.context.set_offline(True)
    for number in range(40):
        page.locator("#summary").press_sequentially(f"{number} ")
    page.locator("#summary").blur()
    said(page, "kept")

    writer.context.set_offline(False)
    said(page, "saved")

    assert stands(desk).summary == "".join(f"{number} " for number in range(40))
    assert len(sent) <= 5


def test_a_phase_that_closes_keeps_the_text_as_a_draft(writer: Window, desk: Desk) -> None:
    page = writer.page
    desk.enter(CycleState.CALIBRATION)
    page.locator("#summary").press_sequentially("A minute late.")
    said(page, "closed")
    assert page.locator("#summary").input_value() == "A minute late."
    assert stands(desk).summary == ""

    page.reload()
    page.get_by_text("A minute late.").first.wait_for()


def test_two_clicks_hand_in_once(writer: Window, desk: Desk) -> None:
    page = writer.page
    for name, text in desk.complete().items():
        field = page.locator(f"[name='{name}']")
        if field.first.get_attribute("type") == "radio":
            page.locator(f"[name='{name}'][value='{text}']").check(force=True)
        else:
            field.fill(text)
    page.get_by_role("button", name="Submit review").dblclick()
    page.get_by_text("Submitted. You can take it back").wait_for()
    page.go_back()
    page.wait_for_load_state()

    assert stands(desk).state == ReviewState.SUBMITTED
    assert AuditEvent.objects.filter(verb="submit_review").count() == 1


def test_what_was_saved_is_there_after_the_page_is_gone(writer: Window, desk: Desk) -> None:
    writer.page.locator("#summary").press_sequentially("Saved means on disk.")
    writer.page.locator("#summary").blur()
    said(writer.page, "saved")
    writer.page.close()
    again = writer.new_tab()
    again.goto(reverse("reviews:review", args=[desk.manager_review.pk]))

    assert again.locator("#summary").input_value() == "Saved means on disk."


def test_leaving_at_once_still_saves(writer: Window, desk: Desk) -> None:
    writer.page.locator("#summary").press_sequentially("In a hurry.")
    writer.page.once("dialog", lambda dialog: dialog.accept())
    writer.page.goto(reverse("inbox:home"))

    ends = time.monotonic() + PATIENCE / 1000
    while stands(desk).summary != "In a hurry." and time.monotonic() < ends:
        time.sleep(0.1)
    assert stands(desk).summary == "In a hurry."
    assert Cycle.objects.count() == 1
