"""Somebody who can take part, a page as it is drawn, and what a page costs."""

from __future__ import annotations

from django.db import connection
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from tests.factories.people import PersonFactory


def whole(department, **more):
    """Somebody for whom nothing is missing."""
    given = {
        "department": department,
        "manager": PersonFactory(with_user=True),
        "with_level": True,
        "with_user": True,
    }
    return PersonFactory(**{**given, **more})


def drawn(template: str, page: object, **more: object) -> str:
    with CaptureQueriesContext(connection) as caught:
        html = render_to_string(template, {"page": page, **more}, request=RequestFactory().get("/"))
    assert [q["sql"] for q in caught] == []
    return html


def cost(build) -> tuple[int, object]:
    with CaptureQueriesContext(connection) as caught:
        page = build()
    return len(caught), page
