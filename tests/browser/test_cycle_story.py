"""A cycle in Chromium: nine people, each in a browser of their own, from the plan to the packet."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from apps.calibration.models import Session
from apps.people.models import Person
from apps.reviews.rules.ratings import THE_WHOLE, Rating
from apps.reviews.states import CycleState, ParticipantState
from tests.browser.chromium import expect
from tests.browser.cycle_set_up import (
    amara_proposes_and_mira_approves,
    hr_looks_at_the_rehearsal_and_launches,
    hr_plans,
    hr_sets_it_up_step_by_step,
)
from tests.browser.cycle_told import Told, address, button_of, document_of
from tests.browser.cycle_written import (
    amara_and_mira_keep_notes,
    amara_writes_in_two_tabs,
    jonas_gets_more_time,
    mira_gives_a_review_away_and_greta_writes_it,
    mira_rates_with_the_keyboard,
    priya_answers,
)
from tests.journeys.company import found_company
from tests.journeys.story import (
    ANSWER,
    DECISION,
    MANAGER_NOTE,
    MANAGER_WORDS,
    OBJECTION,
    PEER_WORDS,
    REASON,
    REBUTTAL,
)
from tests.reviews.test_replay import replayed

pytestmark = pytest.mark.browser
PEOPLE = (
    *("hr", "subject", "colleague", "manager", "other_manager"),
    *("peer", "facilitator", "member", "content"),
)


def test_a_cycle_with_nine_people(window: Any, transactional_db: None) -> None:
    company = found_company()
    for key, name in (("away", "Lena Vogt"), ("other_manager", "Greta Falk")):
        company.hire(key, name, "manager" if key == "away" else "head", company.department)
    Person.objects.filter(pk=company["other_manager"].pk).update(department=None)
    told = Told(company, {name: window() for name in PEOPLE})
    for name, one in told.windows.items():
        one.sign_in(company[name].email)

    hr_plans(told)
    hr_sets_it_up_step_by_step(told)
    hr_looks_at_the_rehearsal_and_launches(told)
    amara_proposes_and_mira_approves(told)
    amara_and_mira_keep_notes(told)
    priya_answers(told)
    amara_writes_in_two_tabs(told)
    jonas_gets_more_time(told)
    mira_rates_with_the_keyboard(told)
    mira_gives_a_review_away_and_greta_writes_it(told)
    the_board_moves_for_nadia_when_henrik_decides(told)
    hr_releases_in_a_wave(told)
    they_talk_and_amara_acknowledges(told)
    jonas_disputes_and_sofia_settles(told)
    hr_closes(told)


def the_board_moves_for_nadia_when_henrik_decides(told: Told) -> None:
    told.next_phase(CycleState.CALIBRATION)
    company = told.company
    page = told.page("hr", "calibration:create_session", told.cycle.pk)
    page.locator("[name=name]").fill("Platform")
    page.locator("[name=department]").select_option(str(company.department.pk))
    page.locator("[name=facilitator]").fill(company["facilitator"].email)
    page.locator("[name=members]").fill(company["member"].email)
    with page.expect_navigation():
        page.get_by_role("button", name="Save the session").click()
    session = Session.objects.get()
    henrik = told.page("facilitator", "calibration:board", session.pk)
    button_of(henrik, "calibration:open_session", session.pk).click()
    henrik.get_by_role("button", name="Lock the session").wait_for()
    nadia = told.page("member", "calibration:board", session.pk)
    row = nadia.locator("#board-live tbody tr", has_text="Amara Okafor").last
    expect(row).to_contain_text("open")
    henrik.get_by_role("link", name="Amara Okafor").last.click()
    henrik.locator("#decision-to_value").select_option("4")
    henrik.locator("#decision-reason_code").select_option("evidence")
    henrik.locator("#decision-reason").fill(REASON)
    henrik.get_by_role("button", name="Record decision").click()
    henrik.get_by_text(REASON).first.wait_for()
    turns: list[str] = []
    nadia.on("request", lambda request: turns.append(request.url))
    row.get_by_text("Changed").wait_for()
    assert len(turns) <= 2, turns  # the next turn brings it, however long a machine takes for one
    henrik.get_by_role("button", name="Keep all that are open").click()
    henrik.locator("button:disabled", has_text="Keep all that are open").wait_for()
    henrik.once("dialog", lambda dialog: dialog.accept())
    henrik.get_by_role("button", name="Lock the session").click()
    henrik.wait_for_url("**/record/")
    assert Session.objects.get().state == "locked"


def hr_releases_in_a_wave(told: Told) -> None:
    told.next_phase(CycleState.DELIVERY)
    told.refused("subject", "reviews:packet", told.seat.pk)
    page = told.page("manager", "reviews:packet", told.seat.pk)
    page.get_by_role("link", name="Preview as the employee").click()
    page.get_by_text("word for word").wait_for()
    previewed = document_of(page)
    page = told.hr_at_the_cycle()
    page.get_by_role("link", name="Release in waves").click()
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Release 2 Platform").click()
    page.get_by_text("2 packets released.").wait_for()
    page = told.page("subject", "inbox:home")
    page.locator(f"a[href='{address('reviews:packet', told.seat.pk)}']").first.click()
    page.locator("article.packet").wait_for()
    assert document_of(page) == previewed
    for words in (MANAGER_WORDS, MANAGER_NOTE, ANSWER, REASON):
        assert page.get_by_text(words).count()


def they_talk_and_amara_acknowledges(told: Told) -> None:
    page = told.page("manager", "reviews:packet", told.seat.pk)
    page.get_by_role("button", name="Note the talk").click()
    page.get_by_role("button", name="Correct the day").wait_for()
    assert told.seat.talked_on == timezone.localdate()
    page = told.page("subject", "reviews:packet", told.seat.pk)
    page.locator("#reply-text").fill("Thank you.")
    page.get_by_role("button", name="I have received it").click()
    page.get_by_text("It is noted that you have received it.").wait_for()
    assert told.seat.state == ParticipantState.ACKNOWLEDGED
    page = told.page("subject", "feedback:received_feedback", told.seat.pk)
    page.get_by_text(PEER_WORDS).first.wait_for()
    page.get_by_text("Priya Raman").first.wait_for()
    page = told.page("subject", "reviews:standing")
    page.get_by_text("with the ratings of Autumn 2026").first.wait_for()


def jonas_disputes_and_sofia_settles(told: Told) -> None:
    seat = told.seat_of("colleague")
    packet = address("reviews:packet", seat.pk)
    page = told.page("colleague", "reviews:packet", seat.pk)
    page.get_by_text("I see it differently").click()
    page.locator("#dispute-words").fill(OBJECTION)
    page.get_by_role("button", name="Send it").click()
    page.get_by_text(OBJECTION).first.wait_for()
    page = told.page("manager", "inbox:home")
    page.locator(f"a[href='{packet}']").first.click()
    page.locator("#answer-words").fill(REBUTTAL)
    page.get_by_role("button", name="Send the answer").click()
    page.get_by_text(REBUTTAL).first.wait_for()
    page = told.page("content", "inbox:home")
    page.locator(f"a[href='{packet}']").first.click()
    page.get_by_text(REBUTTAL).first.wait_for()
    page.locator("[name=outcome]").fill(DECISION)
    page.locator("[name='overall-0']").select_option("4")
    page.get_by_role("button", name="Settle it").click()
    page.get_by_text(DECISION).first.wait_for()
    assert told.seat_of("colleague").state == ParticipantState.SETTLED
    page = told.page("colleague", "reviews:packet", seat.pk)
    page.get_by_text(DECISION).first.wait_for()
    for name in ("subject", "colleague"):
        assert replayed(told.seat_of(name))[THE_WHOLE] == Rating(4)


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
