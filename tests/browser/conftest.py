"""A watched window for each person: what it refuses, logs and asks for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.urls import reverse

from tests.browser.chromium import PATIENCE
from tests.factories.people import PASSWORD


class Window:
    """One person's browser: own cookies, one page, and everything that went wrong in it."""

    def __init__(self, chromium: Any, site: str, **options: Any) -> None:
        self.site = site
        self.context = chromium.new_context(base_url=site, reduced_motion="reduce", **options)
        self.context.set_default_timeout(PATIENCE)
        self.faults: list[str] = []
        self.page = self.new_tab()

    def new_tab(self) -> Any:
        page = self.context.new_page()
        page.on("console", self._heard)
        page.on("pageerror", lambda fault: self.faults.append(f"script: {fault}"))
        page.on("request", self._asked)
        return page

    def _heard(self, message: Any) -> None:
        # A refusal that a page asked for (409, 422) is logged by Chromium as an error as well.
        expected = "Failed to load resource" in message.text and "404" not in message.text
        if message.type in {"error", "warning"} and not expected:
            self.faults.append(f"console: {message.text}")

    def _asked(self, request: Any) -> None:
        where = urlsplit(request.url)
        if (
            where.scheme in {"http", "https", "ws", "wss"}
            and where.netloc != urlsplit(self.site).netloc
        ):
            self.faults.append(f"another host: {request.url}")

    def carry(self, client: Client) -> None:
        """Takes over the cookies of a test client that has signed in."""
        self.context.add_cookies(
            [{"name": c.key, "value": c.value, "url": self.site} for c in client.cookies.values()]
        )

    def sign_in(self, email: str) -> None:
        """By the form, as people do."""
        self.page.goto(reverse("account_login"))
        self.fill_in(self.page, email)

    def fill_in(self, page: Any, email: str) -> None:
        """Signs in on a page that asks for it, and waits until that is done."""
        page.fill("input[name=login]", email)
        page.fill("input[name=password]", PASSWORD)
        page.get_by_role("button", name="Sign in", exact=True).click()
        page.wait_for_url(f"{self.site}/")

    def close(self) -> None:
        self.context.close()


@pytest.fixture
def window(chromium: Any, live_server: Any) -> Iterator[Callable[..., Window]]:
    """Opens windows; all are closed afterwards, and none may have met a fault."""
    opened: list[Window] = []

    def open_one(**options: Any) -> Window:
        opened.append(Window(chromium, live_server.url, **options))
        return opened[-1]

    yield open_one
    faults = [fault for one in opened for fault in one.faults]
    for one in opened:
        one.close()
    assert faults == []
