"""What was never sent goes thirty days after its cycle was closed, and its giver is told so before."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.core.models import AuditEvent
from apps.feedback import actions, pages, tasks
from apps.feedback.models import FeedbackDraft, Request
from apps.feedback.rules import DRAFT_KEPT_FOR, draft_goes_at
from apps.feedback.states import RequestState
from apps.reviews.states import CycleState
from tests.factories import NOON
from tests.factories.feedback import FeedbackDraftFactory, PerspectiveFactory, RequestFactory
from tests.factories.reviews import CycleFactory, ParticipantFactory
from tests.feedback.cases import drawn
from tests.feedback.worlds import as_viewer

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def begun(*, closed_at=None, state=CycleState.CLOSED, drafts=1, mode="anonymous", was="closed"):
    """Drafts about one person of a cycle that was closed then, or is not."""
    cycle = CycleFactory(state=state, closed_at=closed_at)
    asks = PerspectiveFactory(cycle=cycle, mode=mode, sealed=state != CycleState.COLLECTION)
    about = ParticipantFactory(cycle=cycle)
    return [
        FeedbackDraftFactory(request=RequestFactory(perspective=asks, participant=about, state=was))
        for _ in range(drafts)
    ]


def left():
    return set(FeedbackDraft.objects.values_list("pk", flat=True))


def test_thirty_days_are_thirty_days():
    assert timedelta(days=30) == DRAFT_KEPT_FOR
    assert draft_goes_at(NOON) - NOON == timedelta(days=30)


@pytest.mark.parametrize(
    ("after", "goes"),
    [(30 * DAY, True), (30 * DAY - timedelta(seconds=1), False), (400 * DAY, True)],
)
@pytest.mark.parametrize("state", [CycleState.CLOSED, CycleState.ARCHIVED])
def test_an_unsent_draft_goes_thirty_days_after_the_close(after, goes, state):
    begun(closed_at=NOON, state=state)

    assert actions.forget_drafts(now=NOON + after) == goes
    assert len(left()) == (not goes)
    assert Request.objects.count() == 1, "that somebody was asked stays"


@pytest.mark.parametrize(
    ("mode", "was"), [("named", RequestState.LAPSED), ("confidential", RequestState.ANSWERED)]
)
def test_so_does_one_with_a_name_and_a_change_that_was_not_sent(mode, was):
    begun(closed_at=NOON, mode=mode, was=was)

    assert actions.forget_drafts(now=NOON + DRAFT_KEPT_FOR) == 1
    assert left() == set()


def test_what_belongs_to_a_cycle_that_still_runs_stays():
    kept = begun(state=CycleState.COLLECTION, was="asked")
    kept += begun(state=CycleState.DELIVERY)
    kept += begun(closed_at=NOON + 9 * DAY)
    begun(closed_at=NOON)

    assert actions.forget_drafts(now=NOON + 35 * DAY) == 1
    assert left() == {draft.pk for draft in kept}


def test_a_number_for_each_cycle_is_left_and_twice_changes_nothing():
    one, two = begun(closed_at=NOON, drafts=2), begun(closed_at=NOON - DAY, drafts=3)
    now = NOON + DRAFT_KEPT_FOR

    assert [actions.forget_drafts(now=now) for _ in range(2)] == [5, 0]
    events = AuditEvent.objects.filter(verb="forget_drafts")
    cycles = [str(drafts[0].request.perspective.cycle_id) for drafts in (one, two)]
    assert {
        (e.object_type, e.object_id, e.actor_id, e.actor_kind, str(e.detail)) for e in events
    } == {
        ("reviews.cycle", cycles[0], None, "system", "{'drafts': 2}"),
        ("reviews.cycle", cycles[1], None, "system", "{'drafts': 3}"),
    }


def test_it_costs_the_same_however_many_drafts_there_are():
    costs = []
    for drafts in (1, 30):
        begun(closed_at=NOON, drafts=drafts)
        with CaptureQueriesContext(connection) as asked:
            assert actions.forget_drafts(now=NOON + DRAFT_KEPT_FOR) == drafts
        costs.append(len(asked))
    assert costs[0] == costs[1]


def test_the_clock_calls_it():
    begun(closed_at=NOON)

    with time_machine.travel(NOON + DRAFT_KEPT_FOR):
        tasks.forget_drafts(sent_by="a newer release")

    assert left() == set()


def page_of(draft):
    question = draft.request.perspective.questions.first()
    draft.content["values"] = {f"question_{question.pk}": "She keeps the calm."}
    draft.save()
    return pages.give_feedback(as_viewer(draft.request.giver), request_id=draft.request_id)


def test_the_giver_reads_until_when_it_is_kept():
    writing = page_of(begun(state=CycleState.COLLECTION, was="asked")[0])
    over, closed = page_of(begun(state=CycleState.DELIVERY)[0]), page_of(begun(closed_at=NOON)[0])

    assert (writing.draft_goes_at, over.draft_goes_at) == (None, None)
    assert closed.draft_goes_at == draft_goes_at(NOON)
    html = [drawn("give_feedback", page) for page in (writing, over, closed)]
    assert "is kept until thirty days after the cycle is closed, for you alone" in html[0]
    assert "Kept until thirty days after the cycle is closed, then deleted." in html[1]
    day = f"{draft_goes_at(NOON):%-d %B %Y}"
    assert f"Kept until {day}, then deleted." in html[2]
