"""T16: two tabs, a slow network and a closing phase, in any order: whatever was acknowledged is there."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction
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

from apps.core.workflow import StaleState
from apps.ladders.models import Statement
from apps.reviews import actions
from apps.reviews.actions.drafts import CLOSED, CONFLICT, SAVED
from apps.reviews.models import Review, ReviewVersion
from apps.reviews.states import CycleState, ReviewState
from tests.factories import NOON
from tests.reviews.desks import make_desk

TABS = st.sampled_from([0, 1])
FIELDS = st.sampled_from(["summary", "departure", "comment"])
MARKS = st.sampled_from(["strength", "shown", "not_yet", "no_opportunity", ""])


class Writers(RuleBasedStateMachine):
    """The model is a dict of texts; the tabs know what they last saw and what is on its way."""

    def __init__(self) -> None:
        super().__init__()
        self.desk = make_desk(1)
        self.comment = f"c{self.desk.competencies[0].pk}-comment"
        self.statements = list(Statement.objects.order_by("pk"))
        self.truth: dict[str, str] = {}
        self.lost: list[str] = []
        self.open = True
        self.submitted = False
        self.seen = [0, 0]
        self.on_the_way: list[tuple[int, dict[str, str], int, str]] = []
        self.answers: dict[str, object] = {}
        self.typed = 0

    @property
    def pk(self) -> int:
        return self.desk.manager_review.pk

    def send(self, tab: int, fields: dict[str, str], base: int, key: str) -> None:
        saving = actions.save_review(
            self.pk, changed=fields, base=base, key=key, by=self.desk.manager, now=NOON
        )
        if key in self.answers:
            assert saving == self.answers[key]
            return
        self.answers[key] = saving
        if saving.outcome == SAVED:
            assert self.open or all(self.truth.get(n, "") == t for n, t in fields.items())
            self.truth.update(fields)
        else:
            assert (saving.outcome == CLOSED) is not self.open
            assert saving.outcome in {CLOSED, CONFLICT}
            self.lost += [text for name, text in fields.items() if self.truth.get(name, "") != text]
            if saving.outcome == CONFLICT:
                assert saving.theirs == {n: self.truth.get(n, "") for n in saving.theirs}
        self.seen[tab] = saving.revision

    @rule(tab=TABS, field=FIELDS)
    def edit_and_save(self, tab: int, field: str) -> None:
        self.type_something(tab, field)
        self.arrive(len(self.on_the_way) - 1)

    @rule(tab=TABS, field=FIELDS)
    def type_something(self, tab: int, field: str) -> None:
        self.typed += 1
        name = self.comment if field == "comment" else field
        self.on_the_way.append(
            (tab, {name: f"text {self.typed}"}, self.seen[tab], f"key-{self.typed:06d}")
        )

    @rule(tab=TABS, which=st.integers(0, 2), mark=MARKS)
    def mark_a_statement(self, tab: int, which: int, mark: str) -> None:
        self.typed += 1
        name = f"s{self.statements[which].pk}-shown"
        self.on_the_way.append((tab, {name: mark}, self.seen[tab], f"key-{self.typed:06d}"))

    @precondition(lambda self: self.on_the_way)
    @rule(data=st.data(), again=st.booleans())
    def something_arrives(self, data: st.DataObject, again: bool) -> None:
        at = data.draw(st.integers(0, len(self.on_the_way) - 1))
        request = self.on_the_way[at]
        self.arrive(at)
        if again:  # the answer was lost on its way back, so the page sends the same once more
            self.send(*request)

    def arrive(self, at: int) -> None:
        self.send(*self.on_the_way.pop(at))

    @precondition(lambda self: self.on_the_way)
    @rule()
    def a_request_is_dropped(self) -> None:
        self.on_the_way.pop()

    @rule(tab=TABS)
    def reload(self, tab: int) -> None:
        self.seen[tab] = Review.objects.get(pk=self.pk).revision

    @rule()
    def the_phase_closes_or_opens_again(self) -> None:
        state = CycleState.CALIBRATION if self.phase_is_open else CycleState.MANAGER_REVIEW
        self.desk.enter(state)
        self.open = self.phase_is_open and not self.submitted

    @property
    def phase_is_open(self) -> bool:
        return type(self.desk.participant.cycle).objects.get().state == CycleState.MANAGER_REVIEW

    @rule()
    def submit(self) -> None:
        review = Review.objects.get(pk=self.pk)
        try:
            actions.submit_review(
                self.pk, revision=review.revision, confirmed=True, by=self.desk.manager, now=NOON
            )
        except (actions.Incomplete, PermissionDenied, StaleState):
            return
        self.submitted, self.open = True, False

    @rule(rated=st.booleans())
    def send_the_whole_form_in(self, rated: bool) -> None:
        self.typed += 1
        text = f"text {self.typed}"
        form = {**self.truth, "summary": text, "departure": text}
        if rated:
            form |= {self.comment.replace("comment", "value"): "3", "overall": "3"}
        typed = {name: t for name, t in form.items() if self.truth.get(name, "") != t}
        try:
            saving = actions.submit_form(
                self.pk,
                changed=form,
                base=Review.objects.get(pk=self.pk).revision,
                confirmed=True,
                by=self.desk.manager,
                now=NOON,
            )
        except actions.Incomplete:
            self.truth.update(typed)
            return
        if saving.outcome == CLOSED:
            self.lost += typed.values()
            return
        assert self.open
        self.truth.update(typed)
        self.submitted, self.open = True, False

    @rule(tab=TABS)
    def rate(self, tab: int) -> None:
        self.typed += 1
        name = self.comment.replace("comment", "value")
        self.send(
            tab,
            {name: "3", "overall": "3"},
            Review.objects.get(pk=self.pk).revision,
            f"key-{self.typed:06d}",
        )

    @precondition(lambda self: self.submitted and self.phase_is_open)
    @rule()
    def take_back(self) -> None:
        actions.reopen_review(self.pk, by=self.desk.manager, now=NOON)
        self.submitted, self.open = False, True

    @precondition(lambda self: self.open)
    @rule(data=st.data())
    def restore(self, data: st.DataObject) -> None:
        versions = list(ReviewVersion.objects.order_by("revision"))
        if not versions:
            return
        version = data.draw(st.sampled_from(versions))
        actions.restore_version(self.pk, revision=version.revision, by=self.desk.manager, now=NOON)
        kept = version.content.get("kept")
        self.truth = {**self.truth, **kept["fields"]} if kept else dict(version.content["fields"])

    @invariant()
    def what_was_acknowledged_is_there(self) -> None:
        review = Review.objects.get(pk=self.pk)
        item = review.items.first()
        assert (review.summary, review.departure) == (
            self.truth.get("summary", ""),
            self.truth.get("departure", ""),
        )
        assert (item.comment if item else "") == self.truth.get(self.comment, "")
        assert {f"s{m.statement_id}-shown": m.mark for m in review.statement_marks.all()} == {
            name: text for name, text in self.truth.items() if text and name.endswith("-shown")
        }
        assert review.state == (ReviewState.SUBMITTED if self.submitted else ReviewState.DRAFT)

    @invariant()
    def what_could_not_be_taken_is_kept(self) -> None:
        kept = [
            text
            for v in ReviewVersion.objects.filter(content__has_key="kept")
            for text in v.content["kept"]["fields"].values()
        ]
        assert sorted(kept) == sorted(self.lost)

    @invariant()
    def revisions_never_repeat(self) -> None:
        revisions = list(ReviewVersion.objects.values_list("revision", flat=True))
        assert len(set(revisions)) == len(revisions)
        assert max(revisions, default=0) == Review.objects.get(pk=self.pk).revision


class TestWriters(TestCase):
    @pytest.mark.django_db
    def test_nothing_typed_is_lost_whatever_happens(self) -> None:
        run_state_machine_as_test(
            Isolated, settings=settings(max_examples=25, stateful_step_count=25, deadline=None)
        )


class Isolated(Writers):
    """Each example in a savepoint of its own, so that examples know nothing of each other."""

    def __init__(self) -> None:
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        super().__init__()

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.atomic.__exit__(None, None, None)
