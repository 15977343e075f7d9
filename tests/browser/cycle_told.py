"""The windows of the people of a cycle, and how a page is taken hold of."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from apps.feedback.tasks import turn as turn_feedback
from apps.reviews.models import (
    Cycle,
    Participant,
    Review,
)
from tests.browser.conftest import Window
from tests.journeys.company import Company


def address(name: str, *args: Any) -> str:
    return reverse(name, args=args)


def button_of(page: Any, deed: str, *args: Any) -> Any:
    """The button that presses this address, as a form or as a button of another form."""
    where = address(deed, *args)
    return page.locator(f"form[action='{where}'] button, button[formaction='{where}']").last


class Told:
    """Nine windows, and the rows behind them."""

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
        return self.seat_of("subject")

    def seat_of(self, name: str) -> Participant:
        return Participant.objects.get(person=self.company[name])

    def review(self, kind: str, name: str = "subject") -> Review:
        return Review.objects.get(kind=kind, participant=self.seat_of(name))

    def hr_at_the_cycle(self) -> Any:
        return self.page("hr", "reviews:cycle", self.cycle.pk)

    def next_phase(self, expected: str) -> None:
        page = self.hr_at_the_cycle()
        page.get_by_role("button", name="Open the next phase").click()
        page.get_by_text("The next phase is open.").wait_for()
        turn_feedback()
        assert self.cycle.state == expected


def said(page: Any, state: str) -> str:
    """Waits until the line about saving is in this state; what it says."""
    region = page.locator(f"[data-save-state][data-state={state}]").first
    region.wait_for()
    return region.inner_text()


def step(page: Any, key: str) -> None:
    """Opens a step of setting the cycle up."""
    page.locator(f"#step-{key} a.button").click()


def rate_all(told: Told, page: Any, words: str) -> None:
    for number, competency in enumerate(told.company.competencies):
        value = 3 if number else 4
        page.locator(f"input[name='c{competency.pk}-value'][value='{value}']").check(force=True)
    page.locator("#summary").fill(words)


def document_of(page: Any) -> str:
    page.wait_for_load_state()
    return page.locator("article.packet").inner_html()
