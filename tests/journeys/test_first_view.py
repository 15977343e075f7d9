"""What the first and every later page weighs on the wire: nobody waits for a framework."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.urls import reverse

from tests.journeys.company import Company, found_company

pytestmark = pytest.mark.django_db
FIRST_VIEW, LATER_VIEW = 100_000, 20_000
FILE = re.compile(r"""(?:src|href)="/static/([^"]+)\"""")
# What a style sheet or a module asks for by itself.
INNER = re.compile(r"""(?:url\(["']?|from ["']|import ["'])((?:\.|\w)[^"')]+)""")


def sent(content: bytes) -> int:
    return len(gzip.compress(content, 6))


def files_of(page: str) -> dict[str, bytes]:
    """Every file that the page loads, and what those load in turn, by its path."""
    found: dict[str, bytes] = {}
    waiting = [Path(str(finders.find(name))) for name in FILE.findall(page)]
    while waiting:
        path = waiting.pop().resolve()
        if str(path) in found or not path.is_file():
            continue
        found[str(path)] = path.read_bytes()
        if path.suffix in {".css", ".js"}:
            inner = INNER.findall(found[str(path)].decode())
            waiting += [path.parent / name.split("?")[0] for name in inner]
    return found


@pytest.fixture
def company() -> Company:
    return found_company()


def test_the_first_view_and_the_next_ones_are_light(company: Company) -> None:
    mira = company.browser("manager")
    pages = {
        name: mira.get(name) for name in ("inbox:home", "reviews:my_reviews", "people:directory")
    }
    files = files_of(pages["inbox:home"])
    weights = {Path(path).name: sent(content) for path, content in files.items()}

    assert {"tokens.css", "base.css", "autosave.js"} <= weights.keys()
    assert sent(pages["inbox:home"].encode()) + sum(weights.values()) < FIRST_VIEW, weights
    for name, page in pages.items():
        assert sent(page.encode()) < LATER_VIEW, name
    assert reverse("inbox:home") == "/"
