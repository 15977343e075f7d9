"""A7: the promise only rises. A machine does whatever HR, the manager, the givers and the clock may do,
in any order, over HTTP; after each deed every giver's form and every page of readers is read again."""

from __future__ import annotations

import re

import pytest
import time_machine
from django.db import transaction
from django.urls import reverse
from hypothesis import Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from apps.feedback import actions
from apps.feedback.models import Perspective, Request
from apps.feedback.states import Mode, RequestState
from apps.reviews.states import CycleState
from tests.factories import NOON
from tests.feedback.companies import company, plain
from tests.feedback.looking import paths_of
from tests.feedback.sights import READ, eyes_of, several, sight

pytestmark = pytest.mark.django_db
PROMISE = re.compile(r"once (\d+) people or more have answered")
THRESHOLD = st.integers(2, 13)
ASKED = 8
STATES = [CycleState.DRAFT, CycleState.NOMINATION, CycleState.COLLECTION, CycleState.MANAGER_REVIEW, CycleState.DELIVERY]  # fmt: skip


class Promises(RuleBasedStateMachine):
    """`highest` is the highest number that any giver was ever shown before the first key press."""

    shown_a_batch = False

    def __init__(self) -> None:
        super().__init__()
        self.frozen = time_machine.travel(NOON, tick=False)
        self.frozen.start()
        self.transaction = transaction.atomic()
        self.transaction.__enter__()
        self.made = company(plain(ASKED, threshold=4, width=1))
        self.world = self.made.world
        Request.objects.filter(perspective=self.made.perspective).update(
            state=RequestState.PROPOSED
        )
        self.eyes = eyes_of(self.made, "subject", "manager", "skip", "member")
        self.hr, self.boss = (eyes_of(self.made, s).clients[s] for s in ("process", "manager"))
        self.giver = eyes_of(self.made, "giver0").clients["giver0"]
        self.highest, self.place, self.sent = 0, 0, set()
        self.world.move_cycle(STATES[0])

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.transaction.__exit__(None, None, None)
        self.frozen.stop()

    def _now(self, state: CycleState) -> bool:
        return STATES[self.place] == state

    # --- what may be done ---

    @rule(threshold=THRESHOLD, mode=st.sampled_from(list(Mode)))
    def hr_sets_the_promise(self, threshold: int, mode: str) -> None:
        typed = {"threshold": threshold, "mode": mode, "giver_budget": 30, "least_days": 0}
        args = [self.made.perspective.cycle_id, "peer"]
        self.hr.post(reverse("feedback:configure_perspective", args=args), typed)

    @rule(threshold=THRESHOLD)
    def hr_raises(self, threshold: int) -> None:
        path = reverse("feedback:raise_threshold", args=[self.made.perspective.pk])
        self.hr.post(path, {"threshold": threshold})

    @rule()
    def hr_repeats(self) -> None:
        path = reverse("feedback:repeat_perspectives", args=[self.made.perspective.cycle_id])
        self.hr.post(path)

    @rule()
    def the_manager_approves_all(self) -> None:
        path = reverse("feedback:approve_all", args=[self.world.participant.pk])
        self.boss.post(path, {"overrule": "on"})

    @precondition(lambda self: self._now(CycleState.COLLECTION))
    @rule(count=st.integers(1, ASKED))
    def so_many_answer(self, count: int) -> None:
        perspective = Perspective.objects.get(pk=self.made.perspective.pk)
        open_to = Request.objects.filter(perspective=perspective, state=RequestState.ASKED)
        asked = set(open_to.values_list("giver_id", flat=True))
        for n, giver in enumerate(self.made.givers[:count]):
            if giver.pk in asked:
                self.made.send(n)
                if perspective.mode == Mode.ANONYMOUS:
                    self.sent.add(n)

    @precondition(lambda self: self.place + 1 < len(STATES))
    @rule()
    def the_next_phase_opens(self) -> None:
        self.place += 1
        self.world.move_cycle(STATES[self.place])
        actions.turn(now=NOON)
        if self._now(CycleState.DELIVERY):
            self.world.release()

    @precondition(lambda self: self._now(CycleState.MANAGER_REVIEW))
    @rule()
    def hr_steps_back(self) -> None:
        self.place -= 1
        self.world.move_cycle(STATES[self.place])

    # --- what must hold after each of them ---

    @invariant()
    def nobody_is_promised_less_than_before(self) -> None:
        request = Request.objects.get(giver=self.made.givers[0], perspective=self.made.perspective)
        form = self.giver.get(reverse("feedback:give_feedback", args=[request.pk])).content.decode()
        if told := PROMISE.search(form):
            assert int(told[1]) >= max(self.highest, 4)
            self.highest = int(told[1])
        if self.highest:
            stored = Perspective.objects.get(pk=self.made.perspective.pk)
            assert stored.mode == Mode.ANONYMOUS
            assert stored.threshold >= self.highest

    @invariant()
    def nothing_is_shown_with_fewer_than_were_promised(self) -> None:
        if not self.highest:
            return
        for _status, _headers, body in self.eyes.see(paths_of(self.world, READ)).values():
            for who in sight(body).words.values():
                assert len(who) >= self.highest
                assert who == self.sent
                Promises.shown_a_batch = True


@several(2, 12)
def test_a7_the_number_of_voices_that_was_promised_only_rises(examples):
    Promises.shown_a_batch = False
    run = settings(
        max_examples=examples,
        stateful_step_count=14,
        phases=(Phase.explicit, Phase.generate),
        database=None,
    )
    run_state_machine_as_test(seed(7)(Promises), settings=run)
    assert Promises.shown_a_batch or examples < 12
