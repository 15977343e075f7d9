"""A whole calibration session without a pointer: opened, one rating changed, the rest kept, locked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse

from apps.calibration.models import Decision, Session
from apps.calibration.states import SessionState
from tests.browser.conftest import Window
from tests.factories.calibration import ItemFactory, MembershipFactory, SessionFactory
from tests.factories.people import PersonFactory
from tests.factories.reviews import ParticipantFactory, RatingEventFactory, ReviewFactory

pytestmark = pytest.mark.browser
MOST_TABS = 80


@pytest.fixture
def session(transactional_db: None) -> Session:
    """Three people, each rated 3, and one colleague on the committee."""
    made = SessionFactory(
        facilitator=PersonFactory(with_user=True, name="Henrik Dahl"), state=SessionState.PREPARING
    )
    MembershipFactory(session=made, person__name="Nadia Haddad")
    for name in ("Amara Okafor", "Jonas Lind", "Priya Raman"):
        seat = ParticipantFactory(cycle=made.cycle, person__name=name)
        ReviewFactory(participant=seat, submitted=True, rated=True)
        RatingEventFactory(participant=seat, overall=True)
        ItemFactory(session=made, participant=seat)
    return made


class Keys:
    """Nothing but Tab, Enter, arrows and letters."""

    def __init__(self, page: Any) -> None:
        self.page, self.board = page, page.keyboard

    def tab_to(self, what: str) -> None:
        """Until the focus stands on what this selector finds, and nothing lies over it."""
        for _ in range(MOST_TABS):
            self.board.press("Tab")
            if self.page.evaluate("what => document.activeElement.matches(what)", what):
                assert self.page.evaluate(
                    """() => { const a = document.activeElement, b = a.getBoundingClientRect();
                    const over = document.elementFromPoint(b.x + b.width / 2, b.y + b.height / 2);
                    return Boolean(over) && (a.contains(over) || over.contains(a)); }"""
                ), f"something covers {what}"
                return
        raise AssertionError(f"no way by Tab to {what}")

    def press(self, what: str) -> None:
        self.tab_to(what)
        with self.page.expect_navigation():
            self.board.press("Enter")


def test_a_session_without_a_pointer(window: Callable[..., Window], session: Session) -> None:
    seen = window()
    seen.sign_in(session.facilitator.user.email)
    page = seen.page
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto(reverse("calibration:board", args=[session.pk]))
    keys = Keys(page)
    item = session.items.get(participant__person__name="Amara Okafor")

    keys.press("form[action$='/open/'] button")
    keys.tab_to("input[name=person]")
    keys.board.press("Space")
    keys.press("form[action$='/present/'] button")
    keys.press(f"a[href='{reverse('calibration:item', args=[session.pk, item.pk])}']")
    keys.tab_to("#decision-to_value")
    keys.board.press("ArrowDown")
    keys.tab_to("#decision-reason_code")
    keys.board.press("ArrowDown")
    keys.tab_to("#decision-reason")
    keys.board.type("The same work was described for two levels.")
    keys.press("form[action$='/decide/'] button")
    keys.press("form[action$='/rest/'] button")
    keys.press("form[action$='/lock/'] button")

    page.wait_for_url("**/record/")
    assert Session.objects.get().state == SessionState.LOCKED
    decided = Decision.objects.order_by("item__participant__person__name")
    assert [(d.from_value, d.to_value) for d in decided] == [(3, 4), (3, 3), (3, 3)]
    assert decided[0].present == [session.memberships.get().person_id]
