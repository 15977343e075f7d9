"""Pages about cycles cost the same for few and for many, and nothing while they are drawn."""

from __future__ import annotations

import pytest
from django.db import connection
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from apps.core.access import Viewer
from apps.reviews import pages
from apps.reviews.pages import BoardFilter
from apps.reviews.states import CycleState, ParticipantState
from tests.factories import NOON
from tests.factories.ladders import LevelFactory
from tests.factories.people import DepartmentFactory, PersonFactory
from tests.factories.reviews import (
    CycleFactory,
    GoalFactory,
    ParticipantFactory,
    RatingEventFactory,
    ReviewFactory,
    ReviewItemFactory,
)

pytestmark = pytest.mark.django_db
HR = Viewer(person_id=10**9, roles=frozenset({"process_admin"}))
ON = NOON.date()


def drawn(template: str, page: object, **more: object) -> str:
    """The page as a person sees it, without the frame's own queries."""
    request = RequestFactory().get("/")
    with CaptureQueriesContext(connection) as caught:
        html = render_to_string(template, {"page": page, **more}, request=request)
    assert [q["sql"] for q in caught] == []
    return html


def cost(build) -> tuple[int, object]:
    with CaptureQueriesContext(connection) as caught:
        page = build()
    return len(caught), page


def filled_cycle(people: int, *, state=CycleState.MANAGER_REVIEW, manager=None, **participant):
    department, level = DepartmentFactory(), LevelFactory()
    cycle = CycleFactory(state=state, phases=True, departments=[department])
    manager = manager or PersonFactory()
    for _ in range(people):
        person = PersonFactory(manager=manager, department=department, level=level)
        row = ParticipantFactory(cycle=cycle, person=person, manager=manager, **participant)
        ReviewFactory(participant=row, own=True)
        ReviewFactory(participant=row, submitted=state == CycleState.DELIVERY, rated=True)
        if state == CycleState.DELIVERY:
            RatingEventFactory(participant=row, overall=True)
    return cycle, manager


@pytest.mark.parametrize("state", [CycleState.MANAGER_REVIEW, CycleState.DELIVERY])
def test_the_board_costs_the_same_for_three_and_three_hundred(state):
    def board(people: int) -> int:
        cycle, _ = filled_cycle(people, state=state)
        PersonFactory.create_batch(people, department=cycle.departments.get())
        everything = BoardFilter(search="Person", level=cycle.participants.first().level_id)
        count, page = cost(
            lambda: pages.cycle_board(HR, cycle_id=cycle.pk, on=ON, chosen=everything)
        )
        html = drawn("reviews/cycle_board.html", page)
        assert html.count('<th scope="row">') == min(people, 50)
        return count

    few = board(3)
    assert few == board(300)
    assert few <= 8


def test_the_board_of_a_manager_shows_their_people_and_nobody_else():
    cycle, manager = filled_cycle(2)
    other = ParticipantFactory(cycle=cycle)
    own = ParticipantFactory(cycle=cycle, person=manager, manager=PersonFactory())

    page = pages.cycle_board(Viewer(person_id=manager.pk), cycle_id=cycle.pk, on=ON)

    shown = [row.participant.manager_id for row in page.rows.object_list]
    assert shown == [manager.pk] * 2
    assert page.total == 2
    assert not page.may_change
    assert [page.locations, page.levels] == [[], []]
    html = drawn("reviews/cycle_board.html", page)
    assert other.person.name not in html
    assert f"participant-{own.pk}" not in html


def test_the_board_can_be_narrowed_by_department_wait_and_name():
    cycle, _ = filled_cycle(3)
    elsewhere = ParticipantFactory(cycle=cycle, department=DepartmentFactory())
    department = cycle.departments.get()

    def names(**chosen):
        page = pages.cycle_board(HR, cycle_id=cycle.pk, on=ON, chosen=BoardFilter(**chosen))
        assert page.rows.paginator.count == len(page.rows.object_list)
        return {row.participant.person.name for row in page.rows.object_list}

    assert len(names(department=department.pk)) == 3
    assert names(waits="manager") == {elsewhere.person.name}
    assert names(search=elsewhere.person.name.upper()) == {elsewhere.person.name}
    assert names(department=department.pk, waits="manager") == set()
    assert names(department=0) == set()


def test_a_board_without_people_says_so():
    cycle = CycleFactory(state=CycleState.NOMINATION, phases=True)

    html = drawn("reviews/cycle_board.html", pages.cycle_board(HR, cycle_id=cycle.pk, on=ON))

    assert "Nobody is in this cycle yet" in html


def test_my_reviews_costs_the_same_for_three_and_thirty():
    def landing(people: int) -> int:
        _, manager = filled_cycle(people)
        filled_cycle(people, manager=manager)
        own, _ = filled_cycle(0)
        ParticipantFactory(cycle=own, person=manager, manager=PersonFactory(), released=True)
        count, page = cost(lambda: pages.my_reviews(Viewer(person_id=manager.pk)))
        html = drawn("reviews/my_reviews.html", page)
        assert html.count('class="duty"') == min(people * 2, 50) + 1
        return count

    few = landing(3)
    assert few == landing(300)
    assert few <= 4


def test_my_reviews_without_any_says_what_comes():
    assert "No reviews yet" in drawn(
        "reviews/my_reviews.html", pages.my_reviews(Viewer(person_id=PersonFactory().pk))
    )
    assert pages.my_reviews(Viewer()).is_empty


def test_the_list_of_cycles_costs_the_same_for_three_and_thirty():
    def listing(cycles: int) -> int:
        for _ in range(cycles):
            ParticipantFactory(cycle=CycleFactory(state=CycleState.DELIVERY, phases=True))
        count, page = cost(lambda: pages.cycle_list(HR))
        drawn("reviews/cycle_list.html", page)
        return count

    few = listing(3)
    assert few == listing(300)
    assert few <= 4


def test_people_see_no_cycle_that_is_not_announced():
    CycleFactory(state=CycleState.DRAFT)
    seen = CycleFactory(state=CycleState.SCHEDULED)

    page = pages.cycle_list(Viewer(person_id=PersonFactory().pk))

    assert [line.cycle for line in page.lines.object_list] == [seen]


@pytest.mark.parametrize("state", list(CycleState))
def test_the_page_of_a_cycle_is_drawn_in_every_state(state):
    cycle, _ = filled_cycle(2, state=state)

    count, page = cost(lambda: pages.cycle(HR, cycle_id=cycle.pk, now=NOON))

    html = drawn("reviews/cycle.html", page)
    assert cycle.name in html
    assert count <= 8


def test_only_hr_sees_counts_the_steps_and_buttons():
    cycle, manager = filled_cycle(2)

    page = pages.cycle(Viewer(person_id=manager.pk), cycle_id=cycle.pk, now=NOON)

    assert page.counts == []
    assert page.setting_up is None
    assert not any(page.may.values())
    assert "<form" not in drawn("reviews/cycle.html", page)


def test_a_participant_page_costs_five_queries_and_hides_goals_from_process():
    participant = ParticipantFactory()
    GoalFactory.create_batch(4, participant=participant)
    manager = Viewer(person_id=participant.manager_id)

    count, page = cost(lambda: pages.participant(manager, participant_id=participant.pk, on=ON))
    hidden = pages.participant(HR, participant_id=participant.pk, on=ON)

    assert count == 5
    assert len(page.goals) == 4
    assert not hidden.may_read_goals
    assert hidden.goals == []
    assert participant.goals.first().text in drawn("reviews/participant.html", page)
    assert participant.goals.first().text not in drawn("reviews/participant.html", hidden)


def written_packet(items: int, **traits):
    row = ParticipantFactory(cycle=CycleFactory(state=CycleState.DELIVERY, phases=True), **traits)
    review = ReviewFactory(
        participant=row, submitted=True, private_note="PRIVATE", promotion="ready", overall=4
    )
    RatingEventFactory(participant=row, overall=True, value=4)
    for _ in range(items):
        event = RatingEventFactory(participant=row)
        ReviewItemFactory(review=review, competency=event.competency)
    return row


def test_a_packet_costs_the_same_for_three_and_thirty_competencies():
    def read(items: int) -> int:
        row = written_packet(items, released=True)
        viewer = Viewer(person_id=row.person_id)
        count, page = cost(lambda: pages.packet(viewer, participant_id=row.pk, now=NOON))
        html = drawn("reviews/packet.html", page)
        assert html.count("Asked early, and the answer held.") == items
        assert "PRIVATE" not in html
        assert "Ready now" not in html
        return count

    few = read(3)
    assert few == read(300)
    assert few <= 8


@pytest.mark.parametrize("shown", [True, False])
def test_what_calibration_changed_is_shown_as_the_cycle_says(shown):
    row = written_packet(1, released=True)
    row.cycle.show_calibration = shown
    row.cycle.save()
    row.reviews.update(departure="One step above the profile, for the move in March.")
    RatingEventFactory(participant=row, overall=True, calibrated=True, value=2)

    mine = pages.packet(Viewer(person_id=row.person_id), participant_id=row.pk, now=NOON)
    theirs = pages.packet(Viewer(person_id=row.manager_id), participant_id=row.pk, now=NOON)
    preview = pages.packet_preview(
        Viewer(person_id=row.manager_id), participant_id=row.pk, now=NOON
    )

    reason = "The committee saw the same work described for two levels."
    assert mine.overall.answer == theirs.overall.answer == 2
    assert (reason in drawn("reviews/packet.html", mine)) is shown
    assert reason in drawn("reviews/packet.html", theirs)
    assert (reason in drawn("reviews/packet.html", preview)) is shown
    assert bool(mine.departure) is shown
    assert (mine.overall.was == 4) is shown
    assert theirs.overall.was == 4


def test_a_packet_that_is_not_written_shows_nothing_of_the_draft():
    row = ParticipantFactory(cycle=CycleFactory(state=CycleState.MANAGER_REVIEW))
    ReviewFactory(participant=row, written=True)
    RatingEventFactory(participant=row, overall=True)

    page = pages.packet(Viewer(person_id=row.manager_id), participant_id=row.pk, now=NOON)

    html = drawn("reviews/packet.html", page)
    assert page.overall is None
    assert "Not written yet" in html
    assert "archive" not in html


def test_a_dispute_that_changed_a_rating_is_shown_to_the_person():
    row = written_packet(1, settled=True)
    RatingEventFactory(
        participant=row, overall=True, sequence=2, source="dispute", value=5, reason="It was so."
    )

    page = pages.packet(Viewer(person_id=row.person_id), participant_id=row.pk, now=NOON)

    assert row.state == ParticipantState.SETTLED
    assert (page.overall.was, page.overall.answer) == (4, 5)
    assert "It was so." in drawn("reviews/packet.html", page)
