"""One address answers with the page, or with the part that htmx asked for."""

from __future__ import annotations

import pytest
from django.test import RequestFactory

from apps.core.htmx import becomes_the_page, screen, wants_fragment

HTMX = {"HX-Request": "true"}


@pytest.mark.parametrize(
    ("headers", "answer"),
    [
        ({}, False),
        (HTMX, True),
        ({**HTMX, "HX-Boosted": "true"}, False),
        ({**HTMX, "HX-History-Restore-Request": "true"}, False),
        ({"HX-Request": "false"}, False),
    ],
    ids=["browser", "htmx", "boosted link", "history restored", "says no"],
)
def test_wants_fragment(headers, answer):
    assert wants_fragment(RequestFactory().get("/", headers=headers)) is answer


@pytest.mark.parametrize(
    ("headers", "answer"),
    [
        ({}, True),
        ({"Sec-Fetch-Dest": "document"}, True),
        ({"Sec-Fetch-Dest": "empty"}, False),
        ({"Sec-Fetch-Dest": "document", "Sec-Purpose": "prefetch;prerender"}, False),
        ({**HTMX, "Sec-Fetch-Dest": "empty"}, False),
        ({**HTMX, "HX-Boosted": "true", "Sec-Fetch-Dest": "empty"}, True),
    ],
    ids=["old browser", "browser", "script", "loaded ahead", "htmx", "boosted link"],
)
def test_what_a_person_sees_as_a_page(headers, answer):
    assert becomes_the_page(RequestFactory().get("/", headers=headers)) is answer
    assert becomes_the_page(RequestFactory().head("/", headers=headers)) is False


@pytest.fixture
def templates(settings, tmp_path):
    (tmp_path / "whole.html").write_text("<html>{{ page.name }}</html>")
    (tmp_path / "_part.html").write_text("<p>{{ page.name }}</p>")
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [tmp_path]}]


@pytest.mark.parametrize(
    ("headers", "fragment", "body"),
    [
        ({}, "_part.html", "<html>&lt;b&gt;</html>"),
        (HTMX, "_part.html", "<p>&lt;b&gt;</p>"),
        (HTMX, "", "<html>&lt;b&gt;</html>"),
    ],
    ids=["page", "part", "a page without parts"],
)
def test_screen(templates, headers, fragment, body):
    answer = screen(
        RequestFactory().get("/", headers=headers),
        "whole.html",
        {"name": "<b>"},
        fragment=fragment,
        status=422,
    )
    assert (answer.content.decode(), answer.status_code) == (body, 422)
    assert "HX-Request" in answer["Vary"]
