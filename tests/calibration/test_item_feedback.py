"""What colleagues said, fetched beside the board: by whom, how much of it, and at what price."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from django.http import Http404
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse

from apps.calibration import pages
from apps.calibration.models import Session
from apps.calibration.states import SessionState
from apps.feedback.access import SEAT_ROLE
from apps.feedback.models import Answer, AnswerPart
from apps.feedback.states import Mode, RequestState
from apps.people.models import Person
from apps.people.viewers import viewer_of_person
from apps.reviews.states import ParticipantState
from tests.calibration.seeing import FRAGMENT, address, bare, item_of, look, member_of, read, sealed
from tests.factories import NOON
from tests.factories.calibration import ItemFactory, MembershipFactory, SessionFactory
from tests.factories.feedback import AnswerFactory, RequestFactory
from tests.factories.people import PersonFactory
from tests.factories.reviews import RatingEventFactory, ReviewFactory
from tests.feedback.worlds import World, as_viewer

pytestmark = pytest.mark.django_db


# --- by whom ---


def test_the_facilitator_and_the_committee_read_it_and_nobody_else() -> None:
    world = sealed()
    elsewhere = MembershipFactory(
        session__cycle=world.session.cycle, person=PersonFactory(with_user=True)
    ).person
    everybody = [*world.others(), *world.givers, elsewhere]

    reads = {p.name for p in everybody if look(p, world).status_code == 200}

    # Givers are no members here; of those who are asked and sit in it, see below.
    assert reads == {"Fay Facilitator", "Mona Member"}


@pytest.mark.parametrize("state", SessionState)
def test_it_is_there_as_long_as_the_board_is(state: SessionState) -> None:
    world = sealed()
    frozen = {"locked_at": NOON, "locked_by": world.session.facilitator, "record_hash": "0" * 64}
    Session.objects.filter(pk=world.session.pk).update(
        state=state, record={}, **(frozen if state == SessionState.LOCKED else {})
    )
    board = pages.board(
        as_viewer(member_of(world)), session_id=world.session.pk, item_id=item_of(world).pk
    )

    assert board.panel is not None
    assert board.panel.may_read_feedback
    assert read(member_of(world), world).kinds[0].sections


@pytest.mark.parametrize("who", ["themself", "their manager", "their manager's manager"])
@pytest.mark.parametrize("seat", ["facilitator", "member"])
def test_whoever_steps_out_finds_as_much_as_where_there_is_nothing(who: str, seat: str) -> None:
    world = sealed()
    reader = world.session.facilitator if seat == "facilitator" else member_of(world)
    between = PersonFactory(manager=world.subject)
    above = {"their manager": world.subject, "their manager's manager": between}
    if who == "themself":
        type(world.participant).objects.filter(pk=world.participant.pk).update(person=reader)
    else:
        Person.objects.filter(pk=reader.pk).update(manager=above[who])
    client = Client()
    client.force_login(Person.objects.get(pk=reader.pk).user)
    nowhere = reverse("calibration:item_feedback", args=[world.session.pk, 10**9])

    hidden, nothing = client.get(address(world)), client.get(nowhere)

    assert (hidden.status_code, nothing.status_code) == (404, 404)
    assert bare(hidden) == bare(nothing)
    assert (
        address(world)
        not in client.get(reverse("calibration:board", args=[world.session.pk])).content.decode()
    )


def test_hr_reads_the_board_and_no_feedback_there() -> None:
    world = sealed()
    where = reverse("calibration:item", args=[world.session.pk, item_of(world).pk])
    shown = {}
    for person in (world.content, member_of(world)):
        client = Client()
        client.force_login(person.user)
        shown[person.name] = client.get(where)

    assert [answer.status_code for answer in shown.values()] == [200, 200]
    assert [address(world) in answer.content.decode() for answer in shown.values()] == [False, True]
    assert look(world.content, world).status_code == 404


def test_whoever_left_the_committee_reads_nothing() -> None:
    world = sealed()
    member = member_of(world)
    assert look(member, world).status_code == 200

    world.session.memberships.all().delete()

    assert look(member, world).status_code == 404


def test_of_somebody_who_was_left_out_of_the_cycle_nothing_is_there() -> None:
    world = sealed()
    type(world.participant).objects.filter(pk=world.participant.pk).update(
        state=ParticipantState.EXCUSED
    )

    with pytest.raises(Http404):
        read(member_of(world), world)


@pytest.mark.parametrize("mode", Mode)
def test_whoever_was_asked_reads_none_of_what_comes_without_names(mode: Mode) -> None:
    world = sealed(mode=mode)
    asked = world.givers[0]
    MembershipFactory(session=world.session, person=asked)

    body = look(asked, world).content.decode()

    told = "You were asked for feedback yourself." in body
    assert (told, body.count("Words of")) == ((False, 20) if mode == Mode.NAMED else (True, 0))


@pytest.mark.parametrize("state", [RequestState.DECLINED, RequestState.LAPSED, RequestState.CLOSED])
def test_whatever_came_of_it_whoever_was_asked_reads_nothing(state: RequestState) -> None:
    """PRIVACY: told apart by what came of it, the committee would see who declined."""
    world = sealed()
    RequestFactory(
        perspective=world.perspective,
        participant=world.participant,
        giver=member_of(world),
        state=state,
    )

    (kind,) = read(member_of(world), world).kinds

    assert kind.why == "was_asked"


def test_an_account_cannot_hold_a_seat() -> None:
    """The role is lent for one question; granted to anybody it would open every answer."""
    world = sealed()
    viewer = viewer_of_person(world.stranger)

    assert SEAT_ROLE not in viewer.roles
    assert not Answer.objects.visible_to(replace(viewer, roles=frozenset({SEAT_ROLE}))).exists()


# --- at what price ---


def many_answers(world: World, count: int) -> None:
    """This many more, each with words to both questions and to both competencies."""
    answers = AnswerFactory.build_batch(
        count, perspective=world.perspective, participant=world.participant, author=None
    )
    Answer.objects.bulk_create(answers)
    AnswerPart.objects.bulk_create(
        part
        for answer in answers
        for part in (
            *(AnswerPart(answer=answer, question=q, text="Kept it.") for q in world.questions),
            *(
                AnswerPart(answer=answer, competency_id=pk, value=3, text="So it was.")
                for pk in world.competencies
            ),
        )
    )


@pytest.mark.parametrize("answers", [3, 300])
def test_item_feedback_costs_seven_queries_however_many_answers(
    answers: int, django_assert_num_queries: Any
) -> None:
    world = sealed()
    many_answers(world, answers)
    for _ in range(39):
        ItemFactory(session=world.session)
    member = member_of(world)
    Person.objects.filter(pk=member.pk).update(manager=PersonFactory())
    viewer, item = as_viewer(member), item_of(world)

    with django_assert_num_queries(7):
        page = pages.item_feedback(viewer, session_id=world.session.pk, item_id=item.pk)
    with django_assert_num_queries(0):
        html = render_to_string("calibration/_item_feedback.html", {"page": page})

    assert html.count("Kept it.") == answers * 2


def test_the_address_as_a_whole_costs_at_most_twelve(django_assert_max_num_queries: Any) -> None:
    world = sealed()
    client = Client()
    client.force_login(member_of(world).user)
    for headers in (FRAGMENT, {}):
        with django_assert_max_num_queries(12):
            assert client.get(address(world), headers=headers).status_code == 200


@pytest.mark.parametrize("seat", ["facilitator", "member"])
def test_the_board_and_the_panel_pay_nothing_for_it(
    seat: str, django_assert_num_queries: Any
) -> None:
    session = SessionFactory()
    for number in range(40):
        item = ItemFactory(session=session, position=number)
        RatingEventFactory(participant=item.participant, overall=True)
    ReviewFactory(participant=item.participant, submitted=True, rated=True)
    MembershipFactory.create_batch(3, session=session)
    person = session.facilitator if seat == "facilitator" else session.members.first()
    viewer = viewer_of_person(person)

    with django_assert_num_queries(5):
        pages.board(viewer, session_id=session.pk)
    with django_assert_num_queries(8):
        opened = pages.board(viewer, session_id=session.pk, item_id=item.pk)

    assert opened.panel is not None
    assert opened.panel.may_read_feedback


def test_with_htmx_the_part_alone_comes_and_else_a_page() -> None:
    world = sealed()

    part, whole = (look(member_of(world), world, **h) for h in (FRAGMENT, {}))

    assert "<html" not in part.content.decode()
    assert "<html" in whole.content.decode()
    assert part.headers["Cache-Control"] == whole.headers["Cache-Control"]
    assert "no-store" in part.headers["Cache-Control"]
