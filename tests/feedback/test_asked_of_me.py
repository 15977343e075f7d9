"""The list of what is asked of me, and home: how long each takes, until when, whether it is begun."""

from __future__ import annotations

import pytest

from apps.feedback import actions, pages
from apps.feedback.models import FeedbackDraft
from apps.feedback.states import Mode
from apps.inbox.duties import duties_of
from apps.inbox.pages import home
from apps.reviews.models import CyclePhase, Participant
from apps.reviews.states import CycleState, Phase
from tests.factories import NOON
from tests.factories.reviews import GoalFactory
from tests.feedback.worlds import as_viewer, send, small_world

pytestmark = pytest.mark.django_db


def asked(world):
    return pages.my_feedback(as_viewer(world.givers[0]))


@pytest.mark.parametrize("goals", [0, 2])
@pytest.mark.parametrize("competencies", [0, 2, 7])
@pytest.mark.parametrize("questions", [1, 3])
def test_the_list_and_the_duty_say_the_minutes_of_the_form_itself(questions, competencies, goals):
    world = small_world(givers=1, questions=questions, competencies=competencies)
    GoalFactory.create_batch(goals, participant=world.participant)
    Participant.objects.update(item_count=competencies + goals)  # as a launch counts them
    viewer = as_viewer(world.givers[0])
    form = pages.give_feedback(viewer, request_id=world.request_of(world.givers[0]).pk)

    (row,) = asked(world).to_answer
    (duty,) = duties_of(viewer)

    assert form.minutes == 3 * questions + min(5, competencies)
    assert (row.minutes, duty.minutes) == (form.minutes, form.minutes)
    assert asked(world).minutes == form.minutes


def test_a_request_says_its_day_and_whether_it_is_begun_on_the_list_and_at_home():
    world = small_world(givers=1)
    giver = as_viewer(world.givers[0])
    due = CyclePhase.objects.get(cycle=world.perspective.cycle, kind=Phase.COLLECTION).due_on
    (row,), (at_home,) = asked(world).to_answer, home(giver, now=NOON).rows
    assert (row.due_on, row.begun) == (due, False)
    assert (at_home.duty.due_on, at_home.button) == (due, "Start")
    assert at_home.why.endswith("not started")

    actions.save_feedback_draft(
        world.request_of(world.givers[0]), changes={"question_1": "x"}, seen=0, key="",
        by=giver, now=NOON,
    )  # fmt: skip

    (row,), (at_home,) = asked(world).to_answer, home(giver, now=NOON).rows
    assert row.begun
    assert at_home.button == "Go on"
    assert at_home.why.endswith("begun")


@pytest.mark.parametrize("mode", Mode)
def test_what_was_sent_can_be_changed_where_it_can_and_after_sealing_nothing_is_listed(mode):
    world = small_world(givers=1, mode=mode)
    send(world, world.givers[0])
    page = asked(world)
    assert page.to_answer == []
    assert [row.person for row in page.sent] == (
        [] if mode == Mode.ANONYMOUS else ["Sofia Subject"]
    )

    world.seal()

    page = asked(world)
    assert (page.to_answer, page.sent) == ([], [])


def test_a_change_in_work_is_said_beside_what_was_sent():
    world = small_world(givers=1, mode=Mode.NAMED)
    send(world, world.givers[0])
    assert [row.begun for row in asked(world).sent] == [False]
    actions.save_feedback_draft(
        world.request_of(world.givers[0]), changes={"question_1": "x"}, seen=0, key="",
        by=as_viewer(world.givers[0]), now=NOON,
    )  # fmt: skip
    assert [row.begun for row in asked(world).sent] == [True]


@pytest.mark.parametrize("state", [CycleState.NOMINATION, CycleState.MANAGER_REVIEW])
def test_outside_collection_nothing_is_asked(state):
    world = small_world(givers=1)
    world.move_cycle(state)
    assert asked(world).to_answer == []
    assert duties_of(as_viewer(world.givers[0])) == []
    assert not FeedbackDraft.objects.exists()


@pytest.mark.parametrize("givers", [1, 6])
def test_home_costs_one_query_more_where_feedback_is_asked(givers, django_assert_num_queries):
    world = small_world(givers=givers)
    viewer = as_viewer(world.givers[0])
    with django_assert_num_queries(4):
        assert len(home(viewer, now=NOON).rows) == 1
