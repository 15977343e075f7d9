"""T16: two tabs over HTTP, while sign-ins end, somebody else signs in, phases close, versions come back."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest
from django.contrib.sessions.models import Session
from django.db import transaction
from django.test import Client
from django.urls import reverse
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from apps.reviews.models import Cycle, Review, ReviewVersion
from apps.reviews.states import CycleState
from config import settings_test
from tests.forms import FORM
from tests.reviews.desks import make_desk

TABS, FIELDS = st.sampled_from([0, 1]), st.sampled_from(["summary", "private_note"])


class Browser(RuleBasedStateMachine):
    """One browser with two tabs. A tab keeps what was not acknowledged, as the page does."""

    def __init__(self) -> None:
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        super().__init__()
        self.desk = make_desk(1, accounts=True)
        self.client = Client()
        self.signed_in = ""
        self.truth: dict[str, str] = {}
        self.beside: list[str] = []
        self.open = True
        self.seen = [0, 0]
        self.waiting: list[tuple[int, str, str, int, str]] = []
        self.answers: dict[str, tuple[int, Any]] = {}
        self.typed = 0
        self.sign_in_again()

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.atomic.__exit__(None, None, None)

    def review(self) -> Review:
        return Review.objects.get(pk=self.desk.manager_review.pk)

    @rule(tab=TABS, field=FIELDS)
    def write(self, tab: int, field: str) -> None:
        self.typed += 1
        packet = (tab, field, f"text {self.typed}", self.seen[tab], f"key-{self.typed:06d}")
        self.waiting.append(packet)

    @precondition(lambda self: self.waiting)
    @rule(data=st.data(), lost=st.booleans())
    def a_save_arrives(self, data: st.DataObject, lost: bool) -> None:
        """In any order, and sometimes its answer does not."""
        at = data.draw(st.integers(0, len(self.waiting) - 1))
        packet = self.waiting[at]
        tab, field, text, _, key = packet
        known = self.answers.get(key)
        status, said = self.send(packet)
        if self.signed_in != "writer":
            assert status == (404 if self.signed_in else 401)
            return
        if known:
            assert (status, said) == known
        else:
            self.happened(field, text, status, said)
        self.answers[key] = (status, said)
        if not lost:
            self.waiting.pop(at)
            self.seen[tab] = said["revision"]

    def send(self, packet: tuple[int, str, str, int, str]) -> tuple[int, Any]:
        _, field, text, base, key = packet
        settings_test.generation += 1  # one save a second is not what this is about
        answer = self.client.post(
            reverse("reviews:autosave", args=[self.desk.manager_review.pk]),
            urlencode({"changed": field, field: text}),
            content_type=FORM,
            headers={"If-Match": f'"{base}"', "Idempotency-Key": key},
        )
        return answer.status_code, answer.json()

    def happened(self, field: str, text: str, status: int, said: Any) -> None:
        if status == 200:
            assert self.open
            self.truth[field] = text
            return
        assert status == 409
        assert (said.get("code") == "closed") is not self.open
        self.beside.append(text)
        if self.open:
            assert said["theirs"] == {field: self.truth.get(field, "")}

    @precondition(lambda self: self.waiting)
    @rule()
    def a_tab_is_thrown_away(self) -> None:
        """What was not acknowledged is gone with it, and nothing else is."""
        self.waiting.pop()

    @rule()
    def the_sign_in_ends(self) -> None:
        Session.objects.all().delete()
        self.signed_in = ""

    @rule()
    def sign_in_again(self) -> None:
        self.client.force_login(self.desk.participant.manager.user)
        self.signed_in = "writer"

    @rule()
    def somebody_else_signs_in(self) -> None:
        self.client.force_login(self.desk.participant.person.user)
        self.signed_in = "somebody else"

    @rule()
    def the_phase_closes_or_opens_again(self) -> None:
        self.open = not self.open
        state = CycleState.MANAGER_REVIEW if self.open else CycleState.CALIBRATION
        Cycle.objects.filter(pk=self.desk.participant.cycle_id).update(state=state)

    @precondition(lambda self: self.signed_in == "writer")
    @rule(tab=TABS)
    def open_the_page(self, tab: int) -> None:
        page = self.client.get(
            reverse("reviews:review", args=[self.desk.manager_review.pk])
        ).content.decode()
        for text in self.truth.values():
            assert text in page
        self.seen[tab] = self.review().revision

    @precondition(lambda self: self.signed_in == "writer" and self.truth)
    @rule(data=st.data())
    def restore(self, data: st.DataObject) -> None:
        version = data.draw(st.sampled_from(list(ReviewVersion.objects.order_by("revision"))))
        answer = self.client.post(
            reverse("reviews:restore_version", args=[self.desk.manager_review.pk, version.revision])
        )
        assert answer.status_code == (302 if self.open else 403)
        if self.open:
            kept = version.content.get("kept")
            fields = version.content["fields"]
            self.truth = {**self.truth, **kept["fields"]} if kept else dict(fields)

    @invariant()
    def what_was_acknowledged_stands(self) -> None:
        review = self.review()
        stands = {"summary": review.summary, "private_note": review.private_note}
        assert stands == {name: self.truth.get(name, "") for name in stands}

    @invariant()
    def what_could_not_be_taken_is_kept_beside(self) -> None:
        kept = [
            text
            for version in ReviewVersion.objects.filter(content__has_key="kept")
            for text in version.content["kept"]["fields"].values()
        ]
        assert sorted(kept) == sorted(self.beside)

    @invariant()
    def a_key_is_one_version(self) -> None:
        keys = list(
            ReviewVersion.objects.exclude(idempotency_key="").values_list(
                "idempotency_key", flat=True
            )
        )
        assert len(set(keys)) == len(keys)


class TestBrowser(TestCase):
    @pytest.mark.django_db
    def test_nothing_acknowledged_is_lost_and_nothing_is_sent_as_another(self) -> None:
        run_state_machine_as_test(
            Browser, settings=settings(max_examples=15, stateful_step_count=25, deadline=None)
        )
