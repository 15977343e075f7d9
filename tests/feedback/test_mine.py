"""The front page of feedback: what may be read, what waits, and for what."""

import pytest

from apps.feedback import pages
from apps.feedback.models import Perspective
from apps.feedback.pages.mine import waits_for
from apps.feedback.states import Mode, PerspectiveKind
from apps.reviews.models import Participant
from apps.reviews.states import CycleState, ParticipantState
from tests.factories.feedback import PerspectiveFactory, RequestFactory
from tests.feedback.test_pages import drawn
from tests.feedback.worlds import as_viewer, send, small_world

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("mode", "state", "released", "figures", "why"),
    [
        (Mode.ANONYMOUS, "open", True, False, "collecting"),
        (Mode.ANONYMOUS, "open", False, False, "collecting"),
        (Mode.CONFIDENTIAL, "open", True, False, "as_it_comes"),
        (Mode.NAMED, "open", True, False, "as_it_comes"),
        (Mode.NAMED, "open", False, False, "at_release"),
        (Mode.ANONYMOUS, "sealed", False, False, "at_release"),
        (Mode.ANONYMOUS, "sealed", True, False, "ready"),
        (Mode.ANONYMOUS, "sealed", True, True, "figures"),
        (Mode.ANONYMOUS, "open", True, True, "collecting"),
    ],
)
def test_what_each_kind_waits_for(mode, state, released, figures, why):
    assert waits_for(mode, state, released=released, figures=figures) == why


def to_read(world, who):
    page = pages.my_feedback(as_viewer(getattr(world, who)))
    return [
        (row.person, row.may_open, [(k.kind, k.why) for k in row.kinds])
        for row in (*page.about_me, *page.people)
    ]


def test_the_person_waits_for_release_and_then_reads():
    world = small_world(givers=5)
    me = "Sofia Subject"
    assert to_read(world, "subject") == [(me, False, [("Peer feedback", "collecting")])]
    world.seal()
    assert to_read(world, "subject") == [(me, False, [("Peer feedback", "at_release")])]
    world.release()
    assert to_read(world, "subject") == [(me, True, [("Peer feedback", "ready")])]


@pytest.mark.parametrize(
    ("mode", "before"),
    [(Mode.ANONYMOUS, "collecting"), (Mode.CONFIDENTIAL, "as_it_comes"), (Mode.NAMED, "as_it_comes")],
)  # fmt: skip
def test_the_manager_reads_by_the_mode(mode, before):
    world = small_world(givers=5, mode=mode)
    assert to_read(world, "manager") == [("Sofia Subject", True, [("Peer feedback", before)])]
    world.seal()
    assert to_read(world, "manager") == [("Sofia Subject", True, [("Peer feedback", "ready")])]


def test_what_a_team_says_is_named_where_a_team_was_asked():
    world = small_world(givers=5)
    upward = PerspectiveFactory(cycle=world.perspective.cycle, kind=PerspectiveKind.UPWARD)
    assert [len(kinds) for _, _, kinds in to_read(world, "manager")] == [1]
    RequestFactory(perspective=upward, participant=world.participant)
    assert to_read(world, "manager")[0][2][1] == ("Upward feedback", "collecting")
    world.seal()
    Perspective.objects.filter(pk=upward.pk).update(state="sealed")
    assert to_read(world, "manager")[0][2][1] == ("Upward feedback", "figures")
    assert to_read(world, "subject")[0][2][1] == ("Upward feedback", "at_release")


def test_the_list_is_the_same_whoever_answered():
    world = small_world(givers=5)
    silent = [to_read(world, who) for who in ("subject", "manager")]
    for giver in world.givers[:3]:
        send(world, giver)
    assert [to_read(world, who) for who in ("subject", "manager")] == silent


def test_nothing_is_listed_before_collection_and_for_who_was_let_off():
    world = small_world(givers=1)
    world.move_cycle(CycleState.NOMINATION)
    assert to_read(world, "subject") == to_read(world, "manager") == []
    world.move_cycle(CycleState.COLLECTION)
    Participant.objects.update(state=ParticipantState.EXCUSED)
    assert to_read(world, "subject") == []


def test_only_what_can_be_opened_is_a_link():
    world = small_world(givers=5)
    address = f"/feedback/received/{world.participant.pk}/"
    waiting = drawn("my_feedback", pages.my_feedback(as_viewer(world.subject)))
    assert address not in waiting
    assert "waits until collection closes, then all at once" in waiting
    world.seal()
    assert "waits for release" in drawn("my_feedback", pages.my_feedback(as_viewer(world.subject)))
    world.release()
    assert address in drawn("my_feedback", pages.my_feedback(as_viewer(world.subject)))
