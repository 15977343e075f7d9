"""T16: a giver's two tabs over HTTP, in each mode: saves that come late, twice or never, sign-ins that
end, somebody else, a phase that closes and opens, versions, sending, changing what was sent."""

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
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from apps.feedback.models import Answer, AnswerPart, FeedbackDraft
from apps.feedback.rules import CONFLICT, Draft
from apps.feedback.states import Mode
from apps.reviews.states import CycleState
from config import settings_test
from tests.feedback.worlds import small_world, whole_form
from tests.forms import FORM

TABS, FIELDS = st.sampled_from([0, 1]), st.sampled_from([0, 1])


class Giver(RuleBasedStateMachine):
    """One browser with two tabs. A tab keeps what was not acknowledged, as the page does."""

    def __init__(self) -> None:
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        super().__init__()
        self.client = Client()
        self.signed_in = ""
        self.truth: dict[str, str] = {}
        self.since: dict[str, int] = {}
        self.beside: list[str] = []
        self.answer: dict[str, str] | None = None
        self.open = True
        self.seen = [0, 0]
        self.waiting: list[tuple[int, str, str, int, str]] = []
        self.answers: dict[str, tuple[int, Any]] = {}
        self.typed = 0

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.atomic.__exit__(None, None, None)

    @initialize(mode=st.sampled_from(Mode))
    def begin(self, mode: Mode) -> None:
        self.world = small_world(givers=1, mode=mode, competencies=1)
        self.form = whole_form(self.world)
        self.request = self.world.request_of(self.world.givers[0])
        self.fields = [f"question_{q.pk}" for q in self.world.questions]
        self.sign_in_again()

    @property
    def is_cut(self) -> bool:
        return self.answer is not None and self.world.perspective.mode == Mode.ANONYMOUS

    def draft(self) -> Draft:
        row = FeedbackDraft.objects.filter(request=self.request).first()
        return Draft.of(row.content, row.revision) if row else Draft()

    def url(self, name: str, *more: Any) -> str:
        return reverse(f"feedback:{name}", args=[self.request.pk, *more])

    def words(self) -> str:
        self.typed += 1
        return f"text {self.typed} of mine."

    @rule(tab=TABS, field=FIELDS)
    def write(self, tab: int, field: int) -> None:
        packet = (tab, self.fields[field], self.words(), self.seen[tab], f"key-{self.typed:06d}")
        self.waiting.append(packet)

    @precondition(lambda self: self.signed_in == "giver")
    @rule(tab=TABS, field=FIELDS)
    def write_and_save(self, tab: int, field: int) -> None:
        """The usual way; what the other tab saved meanwhile, this one has not seen."""
        self.write(tab, field)
        self.arrives(len(self.waiting) - 1, lost=False)

    @precondition(lambda self: self.waiting)
    @rule(data=st.data(), lost=st.booleans())
    def a_save_arrives(self, data: st.DataObject, lost: bool) -> None:
        """In any order, and sometimes its answer does not."""
        self.arrives(data.draw(st.integers(0, len(self.waiting) - 1)), lost=lost)

    def arrives(self, at: int, *, lost: bool) -> None:
        packet = self.waiting[at]
        tab, field, text, base, key = packet
        known = self.answers.get(key)
        status, said = self.save(packet)
        if self.signed_in != "giver":
            assert status == (404 if self.signed_in else 401)
            return
        if self.is_cut:
            assert status == 403
            self.waiting.pop(at)
            return
        if known:
            self.same(known, status, said)
        else:
            self.happened(field, text, base, status, said)
        self.answers[key] = (status, said)
        if not lost:
            self.waiting.pop(at)
            self.seen[tab] = said["revision"]

    def save(self, packet: tuple[int, str, str, int, str]) -> tuple[int, Any]:
        _, field, text, base, key = packet
        settings_test.generation += 1  # one save a second is not what this is about
        answer = self.client.post(
            self.url("save_feedback_draft"),
            urlencode({"changed": field, field: text}),
            content_type=FORM,
            headers={
                "If-Match": f'"{base}"',
                "Idempotency-Key": key,
                "Accept": "application/json",
            },
        )
        return answer.status_code, answer.json()

    def same(self, known: tuple[int, Any], status: int, said: Any) -> None:
        """What was answered then; only whether it can still be sent may be another answer by now."""
        assert said["revision"] == known[1]["revision"]
        assert said.get("theirs") or known[1].get("theirs") or status == (200 if self.open else 409)

    def happened(self, field: str, text: str, base: int, status: int, said: Any) -> None:
        in_the_way = self.since.get(field, 0) > base or base > self.before_this_save(said)
        if in_the_way and self.truth.get(field, "") != text:
            assert (status, said["theirs"]) == (409, {field: self.truth.get(field, "")})
            self.beside.append(text)
            return
        assert (status, said.get("code")) == ((200, None) if self.open else (409, "closed"))
        self.truth[field] = text
        self.since[field] = said["revision"]

    def before_this_save(self, said: Any) -> int:
        return int(said["revision"]) - 1

    @precondition(lambda self: self.waiting)
    @rule()
    def a_tab_is_thrown_away(self) -> None:
        """What was not acknowledged is gone with it, and nothing else is."""
        self.waiting.pop()

    @precondition(lambda self: self.signed_in == "giver")
    @rule()
    def the_sign_in_ends(self) -> None:
        Session.objects.all().delete()
        self.signed_in = ""

    @precondition(lambda self: self.signed_in != "giver")
    @rule()
    def sign_in_again(self) -> None:
        self.client.force_login(self.world.givers[0].user)
        self.signed_in = "giver"

    @precondition(lambda self: self.signed_in == "")
    @rule()
    def somebody_else_signs_in(self) -> None:
        self.client.force_login(self.world.subject.user)
        self.signed_in = "somebody else"

    @rule()
    def the_phase_closes_or_opens_again(self) -> None:
        self.open = not self.open
        self.world.move_cycle(CycleState.COLLECTION if self.open else CycleState.MANAGER_REVIEW)

    @precondition(lambda self: self.signed_in == "giver")
    @rule(tab=TABS)
    def open_the_page(self, tab: int) -> None:
        """What was acknowledged stands on it, and so does what lost, whether it can be sent or not."""
        page = self.client.get(self.url("give_feedback")).content.decode()
        has_draft = FeedbackDraft.objects.exists()
        shown = [self.truth[f] for f in self.fields if self.truth.get(f)]
        for text in shown if self.open or has_draft else []:
            assert (text in page) is not self.is_cut
        if has_draft:
            versions = self.client.get(self.url("feedback_versions")).content.decode()
            for text in self.beside:
                assert text in versions
        self.seen[tab] = self.draft().revision

    @precondition(lambda self: self.signed_in == "giver" and FeedbackDraft.objects.exists())
    @rule(data=st.data())
    def restore(self, data: st.DataObject) -> None:
        draft = self.draft()
        past = data.draw(st.sampled_from(draft.past()))
        answer = self.client.post(self.url("restore_feedback_draft", past.revision))
        assert answer.status_code == (302 if self.open else 403)
        if self.open:
            before = dict(self.truth)
            if past.why == CONFLICT:
                self.truth |= past.changes
            else:
                self.truth = dict(past.values)
            for name in {*before, *self.truth}:
                if before.get(name, "") != self.truth.get(name, ""):
                    self.since[name] = draft.revision + 1

    @precondition(lambda self: self.signed_in == "giver")
    @rule(tab=TABS, old=st.booleans())
    def send(self, tab: int, old: bool) -> None:
        """The whole form, from what stands or from what a tab saw last."""
        text = self.words()
        form = {**self.form, **self.truth, self.fields[0]: text}
        base = self.seen[tab] if old else self.draft().revision
        lost = [
            n for n, t in form.items()
            if self.since.get(n, 0) > base and self.truth.get(n, "") != t
        ]  # fmt: skip
        stands = self.draft()
        if base > stands.revision and stands.revision:
            lost = [n for n, t in form.items() if self.truth.get(n, "") != t]
        answer = self.client.post(self.url("send_feedback"), {**form, "revision": str(base)})
        if self.is_cut:
            assert (answer.status_code, answer.url) == (302, reverse("feedback:my_feedback"))
            return
        if not self.open:
            self.sent_too_late(form, text, answer, base)
            return
        if lost:
            assert answer.status_code == 409
            assert text in answer.content.decode()
            self.beside += [t for n, t in form.items() if self.truth.get(n, "") != t]
            return
        assert (answer.status_code, answer.url) == (302, reverse("feedback:my_feedback"))
        self.answer = {n: t for n, t in form.items() if t}
        self.truth, self.since, self.beside = dict(self.answer), {}, []
        self.answers.clear()

    def sent_too_late(self, form: dict[str, str], text: str, answer: Any, base: int) -> None:
        """It is kept as a draft, or beside one, and the page says so."""
        draft = self.draft()
        beside = [t for p in draft.past() if p.why == CONFLICT for t in p.changes.values()]
        assert text in [*draft.values.values(), *beside]
        assert answer.status_code in {302, 409}
        self.truth = dict(draft.values)
        self.since = dict(draft.touched)
        self.beside = beside

    @invariant()
    def what_was_acknowledged_stands(self) -> None:
        if FeedbackDraft.objects.exists():
            filled = {n: t for n, t in self.truth.items() if t}
            assert self.draft().values == filled
        else:
            assert self.beside == []
            assert self.truth == (self.answer or {})

    @invariant()
    def what_could_not_be_taken_is_kept_beside(self) -> None:
        kept = [t for p in self.draft().past() if p.why == CONFLICT for t in p.changes.values()]
        assert sorted(kept) == sorted(self.beside)

    @invariant()
    def what_was_sent_is_there_once_and_cut_off(self) -> None:
        assert Answer.objects.count() == (self.answer is not None)
        texts = sorted(t for t in AnswerPart.objects.values_list("text", flat=True) if t)
        sent = self.answer or {}
        assert texts == sorted(t for n, t in sent.items() if n[:6] in {"questi", "commen"})
        if getattr(self, "world", None) and self.is_cut:
            assert not FeedbackDraft.objects.exists()


class TestGiver(TestCase):
    @pytest.mark.django_db
    def test_nothing_acknowledged_is_lost_and_nothing_is_left_once_it_is_cut(self) -> None:
        run_state_machine_as_test(
            Giver, settings=settings(max_examples=15, stateful_step_count=25, deadline=None)
        )
