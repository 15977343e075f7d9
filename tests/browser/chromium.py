"""One Chromium for a run: the system's where there is one, otherwise Playwright's own
(`playwright install chromium`)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

PATIENCE = 20_000  # milliseconds; a machine with other work to do is slow and not wrong
CHROMIUM = Path("/usr/bin/chromium")
SWITCHES = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    from playwright.sync_api import expect as waits
    from playwright.sync_api import sync_playwright

    waits.set_options(timeout=PATIENCE)
    # Playwright keeps an event loop in this thread, and Django would refuse the database beside one.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as player:
        where = {"executable_path": str(CHROMIUM)} if CHROMIUM.exists() else {}
        browser = player.chromium.launch(args=SWITCHES, **where)
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


def expect(what: Any) -> Any:
    """Playwright's assertions, which wait until they hold. Taken late: the quick suite imports these
    files, and Playwright is not in its lock."""
    from playwright.sync_api import expect as waits

    return waits(what)
