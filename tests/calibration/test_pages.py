import pytest
from django.http import Http404
from django.template.loader import render_to_string

from apps.calibration import pages
from apps.people.viewers import viewer_of_person
from tests.factories.calibration import ItemFactory, MembershipFactory, SessionFactory
from tests.factories.people import PersonFactory
from tests.factories.reviews import RatingEventFactory, ReviewFactory, ReviewItemFactory

pytestmark = pytest.mark.django_db


def filled(people):
    session = SessionFactory()
    for number in range(people):
        item = ItemFactory(session=session, position=number)
        RatingEventFactory(participant=item.participant, overall=True, value=number % 5 + 1)
        ReviewFactory(participant=item.participant, submitted=True, rated=True)
    MembershipFactory.create_batch(3, session=session)
    return session


@pytest.mark.parametrize("people", [3, 300])
def test_board_costs_the_same_however_many_people(people, django_assert_num_queries):
    session = filled(people)
    viewer = viewer_of_person(session.facilitator)

    with django_assert_num_queries(5):
        page = pages.board(viewer, session_id=session.pk)
    with django_assert_num_queries(0):
        html = render_to_string("calibration/_table.html", {"page": page})

    assert html.count('<tr id="item-') == people


@pytest.mark.parametrize("competencies", [3, 30])
def test_somebody_opened_beside_the_board_costs_three_more(competencies, django_assert_num_queries):
    session = filled(2)
    item = session.items.first()
    review = item.participant.reviews.get()
    own = ReviewFactory(participant=item.participant, own=True, submitted=True)
    for _ in range(competencies):
        said = ReviewItemFactory(review=review, value=4)
        ReviewItemFactory(review=own, competency=said.competency, value=2)
    viewer = viewer_of_person(session.facilitator)

    with django_assert_num_queries(8):
        page = pages.board(viewer, session_id=session.pk, item_id=item.pk)
    with django_assert_num_queries(0):
        render_to_string("calibration/_panel.html", {"page": page})

    assert len(page.panel.differences) == competencies


@pytest.mark.parametrize("sessions", [3, 300])
def test_sessions_costs_two_queries(sessions, django_assert_num_queries):
    hr = PersonFactory(process_admin=True)
    SessionFactory.create_batch(sessions)

    with django_assert_num_queries(2):
        page = pages.sessions(viewer_of_person(hr))
    with django_assert_num_queries(0):
        render_to_string("calibration/sessions.html", {"page": page})

    assert len(page.rows) == sessions


def test_a_member_of_another_session_finds_nothing():
    session, other = filled(1), MembershipFactory()
    viewer = viewer_of_person(other.person)

    for look in (
        lambda: pages.board(viewer, session_id=session.pk),
        lambda: pages.session(viewer, session_id=session.pk),
        lambda: pages.item(viewer, session_id=session.pk, item_id=session.items.get().pk),
        lambda: pages.session_version(viewer, session_id=session.pk),
    ):
        with pytest.raises(Http404):
            look()


def test_hr_process_admins_see_that_a_session_is_but_not_its_board():
    session = filled(1)
    viewer = viewer_of_person(PersonFactory(process_admin=True))

    assert [row.may_read_board for row in pages.sessions(viewer).rows] == [False]
    with pytest.raises(Http404):
        pages.board(viewer, session_id=session.pk)


def test_self_is_the_middle_of_the_own_points():
    session = filled(1)
    item = session.items.get()
    own = ReviewFactory(participant=item.participant, own=True, submitted=True)
    for value in (2, 4, 4):
        ReviewItemFactory(review=own, value=value)
    ReviewItemFactory(review=own, value=None, mark="not_applicable")

    page = pages.board(viewer_of_person(session.facilitator), session_id=session.pk)

    assert [row.self_rating for row in page.rows] == [4]


def test_the_chart_counts_the_same_people_as_the_table():
    session = filled(7)
    page = pages.board(viewer_of_person(session.facilitator), session_id=session.pk)

    assert [(b.point.value, b.now) for b in page.buckets] == [
        (1, 2), (2, 2), (3, 1), (4, 1), (5, 1),
    ]  # fmt: skip
    assert sum(b.now for b in page.buckets) == len(page.rows)
