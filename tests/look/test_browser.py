"""The drawn pages in a real browser: nothing for axe to find, nothing wider than the window, no policy broken, nothing typed lost."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs

import pytest

from tests.browser.chromium import PATIENCE, expect
from tests.look.build import PAGES
from tests.look.server import serving

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def base() -> Iterator[str]:
    with serving() as address:
        yield address


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 320])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_clean_and_fits(
    chromium: Any, base: str, name: str, width: int, theme: str
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    context = chromium.new_context(viewport={"width": width, "height": 800}, color_scheme=theme)
    page = context.new_page()
    refused: list[str] = []
    page.on(
        "console",
        lambda message: (
            refused.append(message.text) if "Content Security Policy" in message.text else None
        ),
    )
    page.on("pageerror", lambda fault: refused.append(str(fault)))
    page.goto(f"{base}/{name}.html", wait_until="networkidle")
    wider = page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    found = [
        (fault["id"], fault["nodes"][0]["target"])
        for fault in Axe().run(page).response["violations"]
    ]
    context.close()
    assert (refused, wider, found) == ([], 0, [])


class Desk:
    """The review page with a server whose answers are laid down beforehand."""

    def __init__(self, chromium: Any, base: str, answers: list[Any]) -> None:
        self.context = chromium.new_context()
        self.page = self.context.new_page()
        self.answers = answers
        self.sent: list[tuple[dict[str, list[str]], dict[str, str]]] = []
        self.page.route("**/autosave", self.answer)
        # Signed in for hours, as the server says it: in a cookie, and when it is asked.
        told = {"name": "rungs_signed_in", "value": f"{int(time.time()) + 9000}.abc123"}
        self.context.add_cookies([{**told, "url": base}])
        still = {"signed_in": True, "seconds": 9000, "mark": "abc123", "token": "a-newer-token"}
        self.page.route("**/session/", lambda route: route.fulfill(json=still))
        self.page.goto(f"{base}/review.html", wait_until="networkidle")
        self.page.evaluate("document.getElementById('words').dataset.sessionUrl = '/session/'")

    def answer(self, route: Any) -> None:
        self.sent.append(
            (parse_qs(route.request.post_data, keep_blank_values=True), route.request.headers)
        )
        what = self.answers[min(len(self.sent), len(self.answers)) - 1]
        if what is None:
            route.abort()
        else:
            status, body = what
            route.fulfill(status=status, content_type="application/json", body=json.dumps(body))

    def state(self, wanted: str) -> str:
        region = self.page.locator(f"[data-save-state][data-state={wanted}]")
        region.wait_for()
        return region.inner_text()

    def write(self, text: str) -> None:
        """As one event, so that no pause falls into it."""
        self.page.locator("#c2").focus()
        self.page.keyboard.insert_text(text)

    def hold_the_clock(self) -> None:
        """From here on nothing happens by waiting, until the clock is moved."""
        self.page.clock.install()
        self.page.clock.pause_at(time.time() + 3600)

    def comes(self, number: int) -> tuple[dict[str, list[str]], dict[str, str]]:
        """The request of this number, once it is there; by then there is none after it."""
        ends = time.monotonic() + PATIENCE / 1000
        while len(self.sent) < number and time.monotonic() < ends:
            self.page.wait_for_timeout(50)
        assert len(self.sent) == number
        return self.sent[-1]


@pytest.fixture
def desk(chromium: Any, base: str) -> Iterator[Any]:
    opened: list[Desk] = []

    def sit(*answers: Any) -> Desk:
        opened.append(Desk(chromium, base, list(answers)))
        return opened[-1]

    yield sit
    for one in opened:
        one.context.close()


def test_a_pause_saves_what_changed_with_revision_and_key(desk: Any) -> None:
    at = desk((200, {"revision": 8, "saved_at": "2026-11-20T14:07:12Z", "saved": "14:07"}))
    at.hold_the_clock()
    at.write("She wrote")
    at.page.clock.run_for(1900)
    assert at.sent == []
    at.page.clock.run_for(200)
    body, headers = at.comes(1)
    assert body == {"changed": ["comment_2"], "comment_2": ["She wrote"]}
    assert headers["if-match"] == '"7"'
    assert len(headers["idempotency-key"]) == 36
    assert headers["x-csrftoken"] == "x"
    assert at.state("saved") == "Saved 14:07"
    assert at.page.locator("input[name=revision]").input_value() == "8"
    at.page.get_by_role("radio", name="Solid").last.check()
    at.page.clock.run_for(2100)
    body, headers = at.comes(2)
    assert body == {"changed": ["rating_2"], "rating_2": ["3"]}
    assert headers["if-match"] == '"8"'


def test_leaving_a_field_saves_at_once(desk: Any) -> None:
    at = desk((200, {"revision": 8, "saved_at": "2026-11-20T14:07:12Z"}))
    at.hold_the_clock()
    at.write("x")
    at.page.locator("#c1").focus()
    at.comes(1)


def test_a_lost_request_is_kept_and_sent_again_with_the_same_key(desk: Any) -> None:
    at = desk(None, (200, {"revision": 8, "saved_at": "2026-11-20T14:07:12Z"}))
    at.write("kept")
    assert "kept in this tab" in at.state("kept")
    at.state("saved")
    assert len(at.sent) == 2
    assert at.sent[0][1]["idempotency-key"] == at.sent[1][1]["idempotency-key"]
    assert at.page.locator("#c2").input_value() == "kept"


def test_a_conflict_shows_both_texts_and_overwrites_nothing(desk: Any) -> None:
    at = desk(
        (409, {"revision": 9, "theirs": {"comment_2": "Their words"}}),
        (200, {"revision": 10, "saved_at": "2026-11-20T14:07:12Z"}),
    )
    at.write("My words")
    at.state("conflict")
    box = at.page.locator(".conflict")
    assert box.locator("[data-mine]").inner_text() == "My words"
    assert box.locator("[data-theirs]").inner_text() == "Their words"
    assert at.page.locator("#c2").input_value() == "My words"
    at.page.wait_for_timeout(3000)
    assert len(at.sent) == 1
    box.get_by_role("button", name="Keep mine").click()
    at.state("saved")
    assert at.sent[1][0]["comment_2"] == ["My words"]
    assert at.sent[1][1]["if-match"] == '"9"'


def test_taking_the_other_text_sends_nothing(desk: Any) -> None:
    at = desk((409, {"revision": 9, "theirs": {"comment_2": "Their words"}}))
    at.write("My words")
    at.page.locator(".conflict").get_by_role("button", name="Take this one").click()
    assert at.page.locator("#c2").input_value() == "Their words"
    at.state("saved")
    at.page.wait_for_timeout(2500)
    assert len(at.sent) == 1


def test_an_expired_session_offers_to_sign_in_and_tries_again(desk: Any) -> None:
    at = desk((401, {}), (200, {"revision": 8, "saved_at": "2026-11-20T14:07:12Z"}))
    at.write("still here")
    assert "sign in again" in at.state("signin")
    link = at.page.locator("[data-save-state] a")
    assert link.get_attribute("target") == "_blank"
    at.page.evaluate("dispatchEvent(new Event('focus'))")
    at.state("saved")
    assert at.sent[1][0]["comment_2"] == ["still here"]


def test_a_refusal_keeps_the_text_and_goes_out_again_with_the_next_key_press(desk: Any) -> None:
    at = desk(
        (422, {"message": "Too long by 12 letters."}),
        (200, {"revision": 8, "saved_at": "2026-11-20T14:07:12Z"}),
    )
    at.write("abc")
    assert at.state("refused") == "Too long by 12 letters."
    at.write("d")
    at.state("saved")
    assert at.sent[1][0]["comment_2"] == ["abcd"]
    assert at.sent[0][1]["idempotency-key"] != at.sent[1][1]["idempotency-key"]


def test_a_closed_phase_says_so_and_is_not_asked_again(desk: Any) -> None:
    at = desk(
        (
            409,
            {"code": "closed", "revision": 9, "theirs": {}, "message": "Closed; kept as a draft."},
        )
    )
    at.write("late")
    assert at.state("closed") == "Closed; kept as a draft."
    at.page.wait_for_timeout(2500)
    assert len(at.sent) == 1
    assert at.page.locator("#c2").input_value() == "late"


def test_a_revision_that_only_moved_on_is_followed(desk: Any) -> None:
    at = desk(
        (409, {"revision": 9, "theirs": {}}),
        (200, {"revision": 10, "saved_at": "2026-11-20T14:07:12Z"}),
    )
    at.write("mine")
    at.state("saved")
    assert [headers["if-match"] for _, headers in at.sent] == ['"7"', '"9"']


def test_sending_waits_for_a_save_that_is_under_way_and_happens_once(desk: Any) -> None:
    at = desk((200, {"revision": 8, "saved_at": "2026-11-20T14:07:12Z"}))
    posts: list[dict[str, list[str]]] = []

    def received(route: Any) -> None:
        posts.append(parse_qs(route.request.post_data))
        route.fulfill(status=200, content_type="text/html", body="<h1>Sent</h1>")

    at.page.route("**/send", received)
    at.page.evaluate("document.getElementById('review').setAttribute('data-once', '')")
    at.write("last words")
    at.page.evaluate(
        "() => { const form = document.getElementById('review');"
        " document.getElementById('c1').focus(); form.requestSubmit(form.querySelector('.primary')); }"
    )
    at.page.get_by_role("heading", name="Sent").wait_for()
    assert len(at.sent) == 1
    assert len(posts) == 1
    assert posts[0]["revision"] == ["8"]
    assert posts[0]["comment_2"] == ["last words"]


def test_a_token_that_grew_old_at_sign_in_is_renewed(desk: Any) -> None:
    at = desk((403, {}), (200, {"revision": 8, "saved_at": "2026-11-20T14:07:12Z"}))
    at.write("kept")
    at.state("saved")
    assert [headers["x-csrftoken"] for _, headers in at.sent] == [
        "x",
        "a-newer-token",
    ]
    assert at.sent[0][1]["idempotency-key"] == at.sent[1][1]["idempotency-key"]


def test_nothing_written_reaches_the_storage_of_the_browser(desk: Any) -> None:
    at = desk((200, {"revision": 8, "saved_at": "2026-11-20T14:07:12Z"}))
    at.write("secret")
    at.state("saved")
    kept = at.page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])")
    assert "secret" not in kept
    assert "Amara" not in kept  # nor a copy of the page in the history of htmx


def test_the_scale_is_one_tab_stop_and_knows_arrows_and_numbers(chromium: Any, base: str) -> None:
    page = chromium.new_page()
    page.goto(f"{base}/review.html", wait_until="networkidle")
    page.locator("input[name=rating_1]:checked").focus()
    page.keyboard.press("ArrowRight")
    assert page.locator("input[name=rating_1]:checked").input_value() == "5"
    page.keyboard.press("2")
    assert page.locator("input[name=rating_1]:checked").input_value() == "2"
    page.keyboard.press("0")
    assert page.locator("input[name=rating_1]:checked").input_value() == "not_enough_evidence"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.name") == "comment_1"
    page.close()


def test_arrows_move_along_the_rows_and_a_dialog_gives_the_focus_back(
    chromium: Any, base: str
) -> None:
    page = chromium.new_page()
    page.goto(f"{base}/calibration.html", wait_until="networkidle")
    page.locator("tbody a").first.focus()
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.textContent") == "Amara Okafor"
    page.keyboard.press("k")
    assert page.evaluate("document.activeElement.textContent") == "Priya Raman"
    page.locator("[data-opens]").click()
    expect(page.locator("dialog[open]")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.locator("dialog[open]")).to_have_count(0)
    expect(page.locator("[data-opens=complete]")).to_be_focused()
    page.close()


def test_the_theme_is_chosen_in_the_menu_and_kept_in_a_cookie(chromium: Any, base: str) -> None:
    context = chromium.new_context(color_scheme="light")
    page = context.new_page()
    page.goto(f"{base}/home.html", wait_until="networkidle")
    page.locator(".me-button").click()
    page.locator("[data-set-theme=dark]").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    expect(page.locator("body")).to_have_css("background-color", "rgb(20, 22, 24)")
    assert [(c["name"], c["value"]) for c in context.cookies()] == [("theme", "dark")]
    context.close()
