"""The first acts in Chromium: plan, steps, rehearsal, launch, peers."""

from __future__ import annotations

import re
from datetime import timedelta

from django.utils import timezone

from apps.feedback.models import Request
from apps.feedback.states import RequestState
from apps.reviews.models import (
    Participant,
)
from apps.reviews.states import CycleState
from tests.browser.cycle_told import Told, address, button_of, step
from tests.journeys.story import (
    AWAY,
    QUESTION,
)


def hr_plans(told: Told) -> None:
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


def hr_sets_it_up_step_by_step(told: Told) -> None:
    page = told.page("hr")
    step(page, "people")
    page.get_by_role("link", name="Leave out Lena Vogt").click()
    page.locator("[name=reason]").fill(AWAY)
    page.get_by_role("button", name="Leave out").click()
    page.get_by_role("link", name="Change Lena Vogt").wait_for()

    step(told.hr_at_the_cycle(), "form")
    page.locator("input[value='manager.promotion']").uncheck()
    page.get_by_role("button", name="Keep the parts").click()
    page.get_by_text("The parts are kept.").wait_for()
    own = page.locator("#own-manager")
    own.get_by_text("Add a question").click()
    own.locator("[name=text]").fill(QUESTION)
    own.locator("[name=is_required]").check()
    own.get_by_role("button", name="Add it").click()
    page.get_by_text("The question is added.").wait_for()
    page.get_by_role("link", name="Preview: Manager review").click()
    page.get_by_text(QUESTION).first.wait_for()
    page.wait_for_load_state()
    assert page.get_by_text("Ready for").count() == 0

    step(told.hr_at_the_cycle(), "weights")
    page.get_by_label("Craft").fill("2")
    page.get_by_role("button", name="Keep the weights").click()
    page.get_by_text("The weights are kept.").wait_for()

    step(told.hr_at_the_cycle(), "feedback")
    form = page.locator(
        f"form[action='{address('feedback:configure_perspective', told.cycle.pk, 'peer')}']"
    )
    form.locator("input[value=named]").check()
    form.locator("textarea").fill("What does {name} do that helps?")
    form.locator("button").click()
    page.get_by_text("Set.", exact=True).wait_for()


def hr_looks_at_the_rehearsal_and_launches(told: Told) -> None:
    page = told.hr_at_the_cycle()
    step(page, "rehearsal")
    page.get_by_text("Nothing is sent and nothing is kept.").wait_for()
    step(told.hr_at_the_cycle(), "check")
    page.get_by_text("Nothing is missing for any of them.").wait_for()
    page.get_by_role("button", name="Schedule it").click()
    page.get_by_text("Scheduled. It starts").wait_for()
    button_of(page, "reviews:launch_cycle", told.cycle.pk).click()
    page.get_by_text("Launched.").wait_for()
    assert told.cycle.state == CycleState.NOMINATION
    assert Participant.objects.count() == 2


def amara_proposes_and_mira_approves(told: Told) -> None:
    page = told.page("subject", "inbox:home")
    page.locator(f"a[href='{address('feedback:nominate', told.seat.pk)}']").first.click()
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
