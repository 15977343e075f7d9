"""A cycle in Chromium: six people, each in a browser of their own, from the plan to the packet."""

from __future__ import annotations

import re
import time
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from apps.calibration.models import Session
from apps.feedback.models import Request
from apps.feedback.states import RequestState
from apps.feedback.tasks import turn as turn_feedback
from apps.people.models import Person
from apps.reviews.models import Cycle, Participant, Review
from apps.reviews.states import CycleState, ParticipantState, ReviewKind, ReviewState
from tests.browser.conftest import Window
from tests.journeys.company import Company, found_company

pytestmark = pytest.mark.browser

PEER_WORDS = "She reads what others wrote before she answers."
SELF_WORDS = "I carried the archive over by myself."
MANAGER_WORDS = "The archive moved without an hour of standstill."
REASON = "The committee saw the same work described for two levels."
MOST_TABS_TO_A_FIELD = 60
SIX = ("hr", "subject", "manager", "peer", "facilitator", "member")


def address(name: str, *args: Any) -> str:
    return reverse(name, args=args)


def button_of(page: Any, deed: str, *args: Any) -> Any:
    """The button that presses this address, as a form or as a button of another form."""
    where = address(deed, *args)
    return page.locator(f"form[action='{where}'] button, button[formaction='{where}']").last


class Told:
    """Six windows, and the rows behind them."""

    def __init__(self, company: Company, windows: dict[str, Window]) -> None:
        self.company, self.windows = company, windows

    def page(self, name: str, opened: str = "", *args: Any) -> Any:
        page = self.windows[name].page
        if opened:
            answer = page.goto(address(opened, *args))
            assert answer.status == 200, f"{name} {opened}: {answer.status}"
        return page

    def refused(self, name: str, opened: str, *args: Any) -> None:
        window = self.windows[name]
        assert window.page.goto(address(opened, *args)).status == 404
        window.faults = [f for f in window.faults if "Failed to load resource" not in f]

    @property
    def cycle(self) -> Cycle:
        return Cycle.objects.get()

    @property
    def seat(self) -> Participant:
        return Participant.objects.get()

    def review(self, kind: str) -> Review:
        return Review.objects.get(kind=kind)

    def next_phase(self, expected: str) -> None:
        page = self.page("hr", "reviews:cycle", self.cycle.pk)
        page.get_by_role("button", name="Open the next phase").click()
        page.get_by_text("The next phase is open.").wait_for()
        turn_feedback()
        assert self.cycle.state == expected


def said(page: Any, state: str) -> str:
    """Waits until the line about saving is in this state; what it says."""
    region = page.locator(f"[data-save-state][data-state={state}]").first
    region.wait_for()
    return region.inner_text()


def test_a_cycle_with_six_people(window: Any, transactional_db: None) -> None:
    company = found_company()
    Person.objects.filter(pk=company["colleague"].pk).update(department=None)  # Amara alone
    told = Told(company, {name: window() for name in SIX})
    for name, one in told.windows.items():
        one.sign_in(company[name].email)

    hr_plans_and_launches(told)
    amara_proposes_and_mira_approves(told)
    priya_answers(told)
    amara_writes_in_two_tabs(told)
    mira_rates_with_the_keyboard(told)
    the_board_moves_for_nadia_when_henrik_decides(told)
    mira_releases_and_amara_acknowledges(told)
    hr_closes(told)


def hr_plans_and_launches(told: Told) -> None:
    page = told.page("hr", "reviews:prepare_cycle")
    today = timezone.localdate()
    for name, value in told.company.plan(today + timedelta(days=1)).items():
        if name.startswith("has_"):
            continue  # every phase is ticked already
        if name in {"departments", "owners"}:
            for one in value:
                page.locator(f"input[name={name}][value='{one}']").check()
        elif name == "scale":
            page.locator("[name=scale]").select_option(str(value))
        elif value == "on":
            page.locator(f"[name={name}]").check()
        else:
            page.locator(f"[name={name}]").fill(str(value))
    page.get_by_role("button", name="Keep the plan").click()
    page.get_by_text("The plan is kept.").wait_for()
    page.get_by_role("link", name="Feedback in this cycle").click()
    form = page.locator(
        f"form[action='{address('feedback:configure_perspective', told.cycle.pk, 'peer')}']"
    )
    form.locator("input[value=named]").check()
    form.locator("textarea").fill("What does {name} do that helps?")
    form.locator("button").click()
    page.get_by_text("Set.", exact=True).wait_for()
    page.goto(address("reviews:cycle", told.cycle.pk))
    button_of(page, "reviews:schedule_cycle", told.cycle.pk).click()
    page.get_by_text("Scheduled. It starts").wait_for()
    button_of(page, "reviews:launch_cycle", told.cycle.pk).click()
    page.get_by_text("Launched.").wait_for()
    assert told.cycle.state == CycleState.NOMINATION


def amara_proposes_and_mira_approves(told: Told) -> None:
    page = told.page("subject", "inbox:home")
    page.goto(
        page.locator(f"a[href='{address('feedback:nominate', told.seat.pk)}']").first.get_attribute(
            "href"
        )
    )
    for name in ("Priya Raman", "Bo Nilsen", "Clara Weiss"):
        box = page.get_by_label(re.compile(f"^{name}"))
        if not box.count():
            page.locator("#find").fill("")
            page.locator("#find").press_sequentially(name)  # the list comes by itself
        box.first.wait_for()
        box.first.check()
    page.get_by_role("button", name="Propose these people").click()
    page.get_by_text("Proposed. Your manager").wait_for()
    page = told.page("manager", "feedback:approve_peers", told.seat.pk)
    page.get_by_role("button", name="Approve all").click()
    page.get_by_text("All of them are approved.").wait_for()
    assert [r.state for r in Request.objects.all()] == [RequestState.ASKED] * 3


def priya_answers(told: Told) -> None:
    told.next_phase(CycleState.COLLECTION)
    page = told.page("peer", "inbox:home")
    page.get_by_role("link", name=re.compile("Amara Okafor")).first.click()
    page.locator("textarea[name^=question_]").first.press_sequentially(PEER_WORDS)
    assert said(page, "saved").startswith("Saved")
    for scale in page.locator("fieldset[data-scale]").all():
        scale.locator("input[value='4']").check(force=True)
    page.get_by_role("button", name="Send", exact=True).click()
    page.get_by_text("Sent. Thank you").wait_for()
    request = Request.objects.get(giver=told.company["peer"])
    assert request.state == RequestState.ANSWERED
    told.refused("subject", "feedback:received_feedback", told.seat.pk)


def amara_writes_in_two_tabs(told: Told) -> None:
    review = told.review(ReviewKind.SELF)
    first = told.page("subject", "reviews:review", review.pk)
    second = told.windows["subject"].new_tab()
    second.goto(address("reviews:review", review.pk))
    first.locator("#summary").press_sequentially(SELF_WORDS)
    first.locator("#summary").blur()
    assert said(first, "saved").startswith("Saved")
    second.locator("#summary").press_sequentially("Other words.")
    second.locator("#summary").blur()
    said(second, "conflict")
    box = second.locator(".conflict")
    assert box.locator("[data-mine]").inner_text() == "Other words."
    assert box.locator("[data-theirs]").inner_text() == SELF_WORDS
    assert told.review(ReviewKind.SELF).summary == SELF_WORDS  # nothing is overwritten
    box.get_by_role("button", name="Take this one").click()
    said(second, "saved")
    assert second.locator("#summary").input_value() == SELF_WORDS
    second.close()
    for competency in told.company.competencies:
        first.locator(f"input[name='c{competency.pk}-value'][value='4']").check(force=True)
        first.locator(f"#c{competency.pk}-comment").fill("The team asked me to go on.")
    one = told.company.competencies[0]
    first.locator(f"input[name='c{one.pk}-value'][value='3']").check(force=True)
    first.get_by_role("button", name="Submit self review").click()
    first.get_by_text("Submitted. You can take it back").wait_for()
    assert told.review(ReviewKind.SELF).state == ReviewState.SUBMITTED


def mira_rates_with_the_keyboard(told: Told) -> None:
    """Tab, arrows, letters and Enter; the pointer is not touched."""
    told.next_phase(CycleState.MANAGER_REVIEW)
    review = told.review(ReviewKind.MANAGER)
    page = told.page("manager", "reviews:review", review.pk)
    keys = page.keyboard

    def here() -> dict[str, str]:
        return page.evaluate(
            "() => { const a = document.activeElement;"
            " return {name: a.name || '', value: a.value || '', type: a.type || '',"
            " to: a.getAttribute('formaction') || ''}; }"
        )

    def tab_to(**wanted: str) -> int:
        for pressed in range(1, MOST_TABS_TO_A_FIELD):
            keys.press("Tab")
            if wanted.items() <= here().items():
                return pressed
        raise AssertionError(f"no way by Tab to {wanted}")

    keys.press("Tab")
    keys.press("Enter")  # past the bar
    pressed = 0
    for number, competency in enumerate(told.company.competencies):
        pressed += tab_to(name=f"c{competency.pk}-value")
        keys.press("ArrowRight")  # from the first point, which the arrow leaves
        for _ in range(2 if number else 1):
            keys.press("ArrowRight")
        rated = page.locator(f"input[name='c{competency.pk}-value']:checked").input_value()
        assert rated == ("4" if number else "3")
        assert tab_to(name=f"c{competency.pk}-comment") == 1  # the scale is one stop
        keys.type("Seen in March.")
    pressed += tab_to(name="summary")
    keys.type(MANAGER_WORDS)
    pressed += tab_to(name="overall")
    keys.press("3")
    assert page.locator("input[name=overall]:checked").input_value() == "3"
    pressed += tab_to(name="departure")
    keys.type("Two of three were hard to see from near.")
    assert said(page, "saved").startswith("Saved")
    tab_to(to=address("reviews:submit_review", review.pk))
    keys.press("Enter")
    page.wait_for_load_state()
    if page.get_by_role("button", name="Yes, submit it as it is").count():
        tab_to(name="confirmed")
        keys.press("Enter")
    page.get_by_text("Submitted. You can take it back").wait_for()
    assert pressed < 40
    told.refused("subject", "reviews:packet", told.seat.pk)


def the_board_moves_for_nadia_when_henrik_decides(told: Told) -> None:
    told.next_phase(CycleState.CALIBRATION)
    company = told.company
    page = told.page("hr", "calibration:create_session", told.cycle.pk)
    page.locator("[name=name]").fill("Platform")
    page.locator("[name=department]").select_option(str(company.department.pk))
    page.locator("[name=facilitator]").fill(company["facilitator"].email)
    page.locator("[name=members]").fill(company["member"].email)
    page.get_by_role("button", name="Save the session").click()
    page.wait_for_url("**/calibration/**")
    session = Session.objects.get()
    henrik = told.page("facilitator", "calibration:board", session.pk)
    button_of(henrik, "calibration:open_session", session.pk).click()
    henrik.get_by_role("button", name="Lock the session").wait_for()
    nadia = told.page("member", "calibration:board", session.pk)
    row = nadia.locator("#board-live tbody tr", has_text="Amara Okafor").last
    assert "open" in row.inner_text()
    henrik.get_by_role("link", name="Amara Okafor").last.click()
    henrik.locator("#decision-to_value").select_option("4")
    henrik.locator("#decision-reason_code").select_option("evidence")
    henrik.locator("#decision-reason").fill(REASON)
    henrik.get_by_role("button", name="Record decision").click()
    henrik.get_by_text(REASON).first.wait_for()
    started = time.monotonic()
    row.get_by_text("Changed").wait_for()
    waited = time.monotonic() - started
    assert waited < 4, f"the board stood still for {waited:.1f} s"
    henrik.once("dialog", lambda dialog: dialog.accept())
    henrik.get_by_role("button", name="Lock the session").click()
    henrik.wait_for_url("**/record/")
    assert Session.objects.get().state == "locked"


def mira_releases_and_amara_acknowledges(told: Told) -> None:
    told.next_phase(CycleState.DELIVERY)
    told.refused("subject", "reviews:packet", told.seat.pk)
    page = told.page("manager", "reviews:packet", told.seat.pk)
    page.get_by_role("link", name="Preview as the employee").click()
    page.get_by_text("word for word").wait_for()
    page.get_by_role("button", name="Release it").click()
    page.get_by_text("Released. Amara Okafor can read it now.").wait_for()
    page = told.page("subject", "reviews:packet", told.seat.pk)
    for words in (MANAGER_WORDS, REASON):
        page.get_by_text(words).first.wait_for()
    page.locator("#reply-text").fill("Thank you.")
    page.get_by_role("button", name="I have received it").click()
    page.get_by_text("It is noted that you have received it.").wait_for()
    assert told.seat.state == ParticipantState.ACKNOWLEDGED
    page = told.page("subject", "feedback:received_feedback", told.seat.pk)
    page.get_by_text(PEER_WORDS).first.wait_for()
    page.get_by_text("Priya Raman").first.wait_for()


def hr_closes(told: Told) -> None:
    page = told.page("hr", "reviews:cycle", told.cycle.pk)
    page.get_by_role("button", name="Close the cycle").click()
    page.get_by_text("Closed. Everybody keeps").wait_for()
    assert told.cycle.state == CycleState.CLOSED
    with told.windows["subject"].page.expect_download() as coming:
        told.windows["subject"].page.evaluate(
            "where => { location.href = where }", address("reports:packet_file", told.seat.pk)
        )
    assert coming.value.suggested_filename.endswith(".pdf")
