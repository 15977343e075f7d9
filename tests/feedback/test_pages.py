"""Each page for the people who open it: what it costs, and that drawing it asks nothing more."""

import pytest
from django.template.loader import render_to_string
from django.test import RequestFactory as HttpRequestFactory

from apps.core.access import Viewer
from apps.feedback import pages
from apps.feedback.models import Request
from apps.feedback.states import Mode, PerspectiveKind, RequestState
from apps.reviews.states import CycleState
from tests.factories import NOON
from tests.factories.feedback import PerspectiveFactory, RequestFactory
from tests.factories.people import PersonFactory
from tests.factories.reviews import CycleFactory, ParticipantFactory
from tests.feedback.worlds import as_viewer, send, small_world

pytestmark = pytest.mark.django_db


def drawn(template, page, **more):
    request = HttpRequestFactory().get("/")
    return render_to_string(f"feedback/{template}.html", {"page": page, **more}, request=request)


@pytest.mark.parametrize("rows", [3, 300])
def test_my_feedback_costs_eight_queries_however_long(rows, django_assert_num_queries):
    me = PersonFactory(process_admin=True)
    collecting = CycleFactory(state=CycleState.COLLECTION, phases=True)
    choosing = CycleFactory(state=CycleState.NOMINATION, phases=True)
    named = PerspectiveFactory(cycle=collecting, named=True)
    proposed = PerspectiveFactory(cycle=choosing, named=True)
    mine = ParticipantFactory(cycle=choosing, person=me, manager=None)
    for _ in range(rows // 3):
        RequestFactory(perspective=named, giver=me)
        RequestFactory(perspective=proposed, participant=mine, proposed=True)
        report = ParticipantFactory(cycle=choosing, manager=me)
        RequestFactory(perspective=proposed, participant=report, proposed=True)
    untouched = CycleFactory(state=CycleState.NOMINATION, phases=True)
    PerspectiveFactory(cycle=untouched, named=True)
    to_name = ParticipantFactory(cycle=untouched, person=me)
    viewer = as_viewer(me)

    with django_assert_num_queries(8):
        page = pages.my_feedback(viewer)
    with django_assert_num_queries(0):
        html = drawn("my_feedback", page)

    assert len(page.to_answer) == len(page.to_approve) == min(100, rows // 3)
    assert html.count("duty-title") == len(page.to_answer) + len(page.to_approve) + 1
    due_on = untouched.phases.get(kind="nomination").due_on
    assert [(row.participant_id, row.due_on) for row in page.to_propose] == [(to_name.pk, due_on)]
    assert page.about_me == []


@pytest.mark.parametrize("rows", [3, 300])
def test_nominate_costs_four_queries_however_many_colleagues(rows, django_assert_num_queries):
    world = small_world(givers=0)
    world.move_cycle(CycleState.NOMINATION)
    PersonFactory.create_batch(rows, manager=world.manager)
    viewer = as_viewer(world.subject)
    with django_assert_num_queries(4):
        page = pages.nominate(viewer, participant_id=world.participant.pk, now=NOON)
    with django_assert_num_queries(0):
        html = drawn("nominate", page)
    assert html.count('name="peer"') == min(rows, 12)


@pytest.mark.parametrize("rows", [3, 300])
def test_approve_peers_costs_four_queries_five_while_searching(rows, django_assert_num_queries):
    world = small_world(givers=0)
    world.move_cycle(CycleState.NOMINATION)
    for _ in range(rows):
        RequestFactory(perspective=world.perspective, participant=world.participant, proposed=True)
    viewer = as_viewer(world.manager)
    with django_assert_num_queries(5):
        page = pages.approve_peers(
            viewer, participant_id=world.participant.pk, now=NOON, find="Stig"
        )
    with django_assert_num_queries(0):
        html = drawn("approve_peers", page)
    assert (len(page.waiting), len(page.found), html.count(">Add<")) == (rows, 1, 1)


def test_the_load_counts_what_peers_were_asked_for_and_not_what_they_answered():
    world = small_world(givers=1)
    giver = world.givers[0]
    upward = PerspectiveFactory(cycle=world.perspective.cycle, kind=PerspectiveKind.UPWARD)
    RequestFactory(perspective=upward, giver=giver)
    for state in (RequestState.ANSWERED, RequestState.DECLINED, RequestState.PROPOSED):
        RequestFactory(perspective=world.perspective, giver=giver, state=state)
    page = pages.approve_peers(
        as_viewer(world.manager), participant_id=world.participant.pk, now=NOON
    )
    assert [row.load for row in page.decided] == [3]


@pytest.mark.parametrize("competencies", [3, 300])
def test_give_feedback_costs_eight_queries_however_large_the_ladder(
    competencies, django_assert_num_queries
):
    world = small_world(givers=1, competencies=competencies)
    request = world.request_of(world.givers[0])
    viewer = as_viewer(world.givers[0])
    with django_assert_num_queries(8 - 1):
        page = pages.give_feedback(viewer, request_id=request.pk)
    with django_assert_num_queries(0):
        html = drawn("give_feedback", page)
    assert len(page.competencies) == min(5, competencies)
    assert html.count("Cannot say") == len(page.competencies)
    assert html.count("I cannot say") == len(page.questions)


def test_changing_what_was_sent_shows_it_again_for_one_query_more(django_assert_num_queries):
    world = small_world(givers=1, mode=Mode.NAMED)
    send(world, world.givers[0])
    request, viewer = world.request_of(world.givers[0]), as_viewer(world.givers[0])
    with django_assert_num_queries(8):
        page = pages.give_feedback(viewer, request_id=request.pk)
    assert all(q.value.startswith("Words of") for q in page.questions)
    assert [c.rating for c in page.competencies] == ["3", "3"]
    assert page.may_write


@pytest.mark.parametrize("mode", Mode)
def test_the_promise_stands_before_the_first_field(mode):
    world = small_world(givers=1, mode=mode)
    request = world.request_of(world.givers[0])
    html = drawn(
        "give_feedback", pages.give_feedback(as_viewer(world.givers[0]), request_id=request.pk)
    )
    promise = html.index("Who reads this")
    assert promise < html.index("<textarea") < len(html)
    said = {
        Mode.NAMED: ["With your name, for Sofia Subject and the managers", "every word with your name"],
        Mode.CONFIDENTIAL: ["without it for Sofia Subject", "Only 1 person is asked, fewer than 5"],
        Mode.ANONYMOUS: ["Without your name, for everyone, for good", "can give you away", "the link between you and your words is cut", "5 people or more", "under your name, for you alone"],
    }[mode]  # fmt: skip
    assert [words for words in said if words not in html[promise : html.index("<textarea")]] == []


@pytest.mark.parametrize("answers", [5, 300])
def test_received_feedback_costs_seven_queries_however_many_answers(
    answers, django_assert_num_queries
):
    world = small_world(givers=answers, competencies=5)
    for giver in world.givers:
        send(world, giver)
    world.seal()
    viewer = as_viewer(world.manager)
    with django_assert_num_queries(7):
        page = pages.received_feedback(viewer, participant_id=world.participant.pk)
    with django_assert_num_queries(0):
        html = drawn("received_feedback", page)
    assert [len(s.texts) for s in page.kinds[0].sections] == [answers, answers]
    assert html.count("Words of") == answers * 7


@pytest.mark.parametrize("rows", [3, 300])
def test_perspectives_cost_six_queries_however_many_people(rows, django_assert_num_queries):
    world = small_world(givers=0)
    upward = PerspectiveFactory(cycle=world.perspective.cycle, kind=PerspectiveKind.UPWARD)
    for _ in range(rows):
        about = ParticipantFactory(cycle=upward.cycle)
        RequestFactory(perspective=world.perspective, participant=about, state=RequestState.HELD)
    viewer = as_viewer(world.hr)
    with django_assert_num_queries(6):
        page = pages.perspectives(viewer, cycle_id=upward.cycle_id, on=NOON.date())
    assert len(page.waiting) == min(50, rows)


def test_a_duty_query_finds_what_is_to_do_and_nothing_when_it_is_done():
    world = small_world(givers=2)
    assert Request.objects.asked_in_collection().count() == 2
    send(world, world.givers[0])
    assert [r.giver for r in Request.objects.asked_in_collection()] == [world.givers[1]]
    world.move_cycle(CycleState.MANAGER_REVIEW)
    assert not Request.objects.asked_in_collection().exists()


def test_nobody_without_a_person_has_a_page():
    assert pages.my_feedback(Viewer(user_id=1)) == pages.my_feedback(Viewer())
