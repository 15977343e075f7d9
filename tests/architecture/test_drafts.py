"""T17: every address that writes a draft asks which version was changed, and says 428 without."""

from __future__ import annotations

import ast
import inspect
from typing import Any

import pytest
from django.test import Client
from django.urls import get_resolver, reverse
from django.urls.resolvers import URLPattern, URLResolver

from apps.feedback.models import Answer, FeedbackDraft
from apps.people.states import Scope
from apps.reviews.models import Review, ReviewVersion
from tests.api.test_api import api
from tests.world import one_scene

# The deeds that keep what somebody is still writing, or take it further.
KEEPS = {"save_review", "submit_form", "submit_review", "save_feedback_draft", "send_feedback"}
FORM = "application/x-www-form-urlencoded"


def views(resolver: URLResolver | None = None, prefix: str = "") -> dict[str, Any]:
    """Every view of ours by the name of its address."""
    found: dict[str, Any] = {}
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLPattern):
            if (entry.callback.__module__ or "").startswith("apps."):
                found[f"{prefix}{entry.name}"] = entry.callback
        else:
            space = f"{prefix}{entry.namespace}:" if entry.namespace else prefix
            found |= views(entry, space)
    return found


def deeds(view: Any) -> set[str]:
    """Names of the writing deeds that a view, or a function of its module that it calls, asks for."""
    subject = getattr(view, "view_class", None) or getattr(view, "cls", None)
    module = inspect.getmodule(subject or inspect.unwrap(view))
    assert module is not None
    tree = ast.parse(inspect.getsource(module))
    known = {n.name: n for n in tree.body if isinstance(n, ast.FunctionDef | ast.ClassDef)}
    waiting, seen, asked = [(subject or inspect.unwrap(view)).__name__], set(), set()
    while waiting:
        name = waiting.pop()
        if name in seen or name not in known:
            continue
        seen.add(name)
        for node in ast.walk(known[name]):
            if isinstance(node, ast.Attribute) and node.attr in KEEPS:
                asked.add(node.attr)
            elif isinstance(node, ast.Name):
                waiting.append(node.id)
    return asked


WRITES = sorted(name for name, view in views().items() if deeds(view))


def test_the_addresses_that_write_drafts_are_known():
    """A new one is found here by itself; this list is for people."""
    assert WRITES == [
        "feedback:keep_feedback",
        "feedback:save_feedback_draft",
        "feedback:send_feedback",
        "reviews:autosave",
        "reviews:save_review",
        "reviews:submit_review",
        "reviews_api:draft",
        "reviews_api:submit",
    ]


@pytest.fixture
def world():
    return one_scene()


def ask(world: Any, name: str, version: str) -> Any:
    """The author's own save, with the version that it was made from or without one."""
    space, _, deed = name.partition(":")
    if space == "reviews_api":
        client = api(world, "subject", Scope.WRITE)
        method = client.patch if deed == "draft" else client.post
        body = {"changes": {"summary": "So be it"}} if deed == "draft" else {}
        headers = {"If-Match": version} if version else {}
        where = reverse(name, args=[world.reviews["self collection"].pk])
        return method(where, body, content_type="application/json", headers=headers)
    mine, actor = world.reviews["self collection"].pk, "subject"
    if space == "feedback":
        asked = world.requests["collection"]
        mine, actor = asked.pk, next(a for a, p in world.people.items() if p.pk == asked.giver_id)
    client = Client()
    client.force_login(world.people[actor].user)
    headers, body = {"Idempotency-Key": "a-key-of-its-own"}, "changed=summary&summary=So+be+it"
    if version and deed in {"autosave", "save_feedback_draft"}:
        headers["If-Match"] = version
    elif version:
        body += f"&revision={version}"
    return client.post(reverse(name, args=[mine]), body, content_type=FORM, headers=headers)


@pytest.mark.django_db
@pytest.mark.parametrize("version", ["", "*", "newest"])
@pytest.mark.parametrize("name", WRITES)
def test_without_its_version_nothing_is_written(world, name, version):
    def stands() -> list[Any]:
        tables = (Review, ReviewVersion, FeedbackDraft, Answer)
        return [list(table.objects.order_by("pk").values()) for table in tables]

    before = stands()

    assert ask(world, name, version).status_code == 428

    assert stands() == before


@pytest.mark.django_db
@pytest.mark.parametrize("name", WRITES)
def test_with_its_version_it_is_taken_or_refused_for_something_else(world, name):
    assert ask(world, name, "0").status_code != 428
