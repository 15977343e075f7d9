"""What each report counts, for whom, and at how many queries."""

from __future__ import annotations

import pytest
from django.http import Http404
from django.template.loader import render_to_string
from django.test import RequestFactory as HttpRequests

from apps.feedback.states import RequestState
from apps.reports import pages
from apps.reports.pages.completion import Counts
from tests.factories.feedback import PerspectiveFactory, RequestFactory
from tests.factories.people import DepartmentFactory, PersonFactory
from tests.factories.reviews import (
    CycleFactory,
    ParticipantFactory,
    RatingEventFactory,
    ReviewFactory,
)
from tests.feedback.worlds import as_viewer
from tests.reports.packet_world import released_packet
from tests.reports.worlds import CONTENT, PROCESS, STRANGER, rated_cycle, viewer_for

pytestmark = pytest.mark.django_db


def drawn(template: str, page: object) -> str:
    return render_to_string(template, {"page": page}, request=HttpRequests().get("/"))


@pytest.mark.parametrize("people", [3, 300])
def test_completion_costs_three_queries_however_many_people(people, django_assert_num_queries):
    cycle = rated_cycle({"Design": [people, 0, 0, 0, 0]}, managers=min(people, 60))

    with django_assert_num_queries(3):
        page = pages.completion(PROCESS, cycle_id=cycle.pk, by="manager")
    with django_assert_num_queries(0):
        html = drawn("reports/_completion.html", page)

    assert page.total.people == people
    assert html.count('<th scope="row">') == min(people, 40) + 1


@pytest.mark.parametrize("people", [3, 300])
def test_distribution_costs_five_queries_however_many_people(people, django_assert_num_queries):
    cycle = rated_cycle({"Design": [0, 0, people, 0, 0], "Sales": [people, 0, 0, 0, 0]})

    with django_assert_num_queries(5):
        page = pages.distribution(CONTENT, cycle_id=cycle.pk)
    with django_assert_num_queries(0):
        drawn("reports/_distribution.html", page)


@pytest.mark.parametrize("cycles", [3, 300])
def test_reports_cost_one_query(cycles, django_assert_num_queries):
    for _ in range(cycles):
        ParticipantFactory(cycle=CycleFactory(state="delivery"))

    with django_assert_num_queries(1):
        page = pages.reports(PROCESS)
    with django_assert_num_queries(0):
        drawn("reports/reports.html", page)

    assert len(page.rows) == min(cycles, 24)  # the newest


@pytest.mark.parametrize("files", [3, 300])
def test_packet_exports_cost_three_queries(files, django_assert_num_queries):
    from apps.reports import actions
    from tests.factories import NOON

    packet = released_packet(competencies=1)
    viewer = viewer_for(packet.manager)
    for _ in range(files):
        actions.request_export(packet.cycle, by=viewer, now=NOON)

    with django_assert_num_queries(3):
        page = pages.packet_exports(viewer, cycle_id=packet.cycle_id)
    with django_assert_num_queries(0):
        html = drawn("reports/_exports.html", page)

    assert html.count('class="duty"') == min(files, 20)  # the newest


def test_completion_counts_each_thing_once():
    department = DepartmentFactory(name="Design")
    cycle = CycleFactory(state="delivery")
    manager = PersonFactory(name="Bo")
    states = [{}, {"released": True}, {"acknowledged": True}]
    people = [
        ParticipantFactory(cycle=cycle, manager=manager, department=department, **s) for s in states
    ]
    ParticipantFactory(cycle=cycle, manager=manager, department=department, excused=True)
    for participant in people:
        ReviewFactory(participant=participant, own=True)
    ReviewFactory(participant=people[0], submitted=True)
    named = PerspectiveFactory(cycle=cycle, named=True)
    RequestFactory.create_batch(2, perspective=named, participant=people[0])
    RequestFactory(perspective=named, participant=people[0], state=RequestState.ANSWERED)
    RequestFactory(perspective=named, participant=people[0], proposed=True)

    page = pages.completion(PROCESS, cycle_id=cycle.pk)

    assert [line.name for line in page.lines] == ["Design"]
    assert page.lines[0].counts == Counts(
        people=3, self_asked=3, self_in=0, feedback_asked=3, feedback_in=1, manager_in=1,
        released=2, acknowledged=1,
    )  # fmt: skip
    assert page.total == page.lines[0].counts


def test_anonymous_feedback_is_in_no_figure():
    cycle = CycleFactory(state="manager_review")
    participant = ParticipantFactory(cycle=cycle)
    anonymous = PerspectiveFactory(cycle=cycle)
    before = pages.completion(PROCESS, cycle_id=cycle.pk)
    RequestFactory(perspective=anonymous, participant=participant, state=RequestState.ANSWERED)

    after = pages.completion(PROCESS, cycle_id=cycle.pk)

    assert drawn("reports/_completion.html", after) == drawn("reports/_completion.html", before)
    assert after.sheet == before.sheet


@pytest.mark.parametrize("mode", ["named", "confidential"])
def test_nobody_counts_the_feedback_that_comes_in_about_themself_or_their_own_line(mode):
    cycle = CycleFactory(state="collection")
    peers = PerspectiveFactory(cycle=cycle, **{mode: True})
    head = PersonFactory(name="Head")
    lead = PersonFactory(name="Lead", manager=head)
    hr = PersonFactory(name="Hr", manager=lead, process_admin=True)
    seats = {
        p.name: ParticipantFactory(cycle=cycle, person=p, manager=p.manager, department=None)
        for p in (head, lead, hr, PersonFactory(name="Else"))
    }

    def answered(*names):
        for name in names:
            RequestFactory(perspective=peers, participant=seats[name], state=RequestState.ANSWERED)

    def feedback_in(viewer, by):
        return [
            (line.name, line.counts.feedback_in, line.counts.feedback_asked)
            for line in pages.completion(viewer, cycle_id=cycle.pk, by=by).lines
        ]

    answered("Else")
    before = {by: feedback_in(as_viewer(hr), by) for by in ("department", "manager")}
    answered("Hr", "Lead", "Head")
    after = {by: feedback_in(as_viewer(hr), by) for by in ("department", "manager")}

    assert (
        after
        == before
        == {
            "department": [("No department", 1, 1)],
            "manager": [("Head", 0, 0), ("Lead", 0, 0), ("No manager", 1, 1)],
        }
    )
    assert feedback_in(PROCESS, "department") == [("No department", 4, 4)]
    assert feedback_in(viewer_for(head), "department") == [("No department", 2, 2)]
    html = drawn("reports/_completion.html", pages.completion(as_viewer(hr), cycle_id=cycle.pk))
    assert "about the managers above you" in html


def test_a_manager_counts_own_people_and_theirs_and_nobody_else():
    cycle = CycleFactory(state="manager_review")
    top = PersonFactory(name="Top")
    lead = PersonFactory(name="Lead", manager=top)
    for manager, names in ((top, ["a", "b"]), (lead, ["c"]), (PersonFactory(), ["d", "e", "f"])):
        for name in names:
            person = PersonFactory(name=name, manager=manager)
            ParticipantFactory(cycle=cycle, person=person, manager=manager)

    assert pages.completion(viewer_for(top), cycle_id=cycle.pk).total.people == 3
    assert pages.completion(viewer_for(lead), cycle_id=cycle.pk).total.people == 1
    assert pages.completion(PROCESS, cycle_id=cycle.pk).total.people == 6


def test_whoever_has_no_people_finds_no_report():
    participant = ParticipantFactory(cycle__state="manager_review")
    for nobody in (STRANGER, viewer_for(participant.person)):
        with pytest.raises(Http404):
            pages.completion(nobody, cycle_id=participant.cycle_id)
        assert pages.reports(nobody).rows == []


def test_a_manager_never_finds_the_distribution():
    cycle = rated_cycle({"Design": [0, 0, 40, 0, 0]})
    manager = viewer_for(cycle.participants.first().manager)

    assert pages.completion(manager, cycle_id=cycle.pk).total.people == 40
    with pytest.raises(Http404):
        pages.distribution(manager, cycle_id=cycle.pk)


@pytest.mark.parametrize("state", ["draft", "nomination", "collection", "manager_review"])
def test_ratings_are_not_counted_while_they_come_in(state):
    cycle = rated_cycle({"Design": [0, 0, 40, 0, 0]}, state=state)

    with pytest.raises(Http404):
        pages.distribution(PROCESS, cycle_id=cycle.pk)


def test_the_distribution_tells_now_from_given():
    cycle = rated_cycle(
        {"Design": [0, 10, 20, 10, 0]}, given={"Design": [0, 10, 10, 20, 0]}, unrated=4
    )

    now = pages.distribution(PROCESS, cycle_id=cycle.pk)
    given = pages.distribution(PROCESS, cycle_id=cycle.pk, ratings="given")

    assert (now.whole.people, now.whole.rated) == (44, 40)
    assert [now for _point, now, _given in now.bars][2] == 20
    assert given.whole.counts[3] in (20, None)
    assert given.bars == now.bars


def test_not_enough_evidence_is_no_point_and_no_zero():
    cycle = rated_cycle({"Design": [0, 0, 20, 0, 0]})
    RatingEventFactory(
        participant=cycle.participants.first(), overall=True, sequence=2, value=None,
        mark="not_enough_evidence",
    )  # fmt: skip

    page = pages.distribution(PROCESS, cycle_id=cycle.pk)

    assert (page.whole.people, page.whole.rated) == (20, 19)


def test_too_few_ratings_show_nothing():
    cycle = rated_cycle({"Design": [0, 1, 2, 1, 0]})

    page = pages.distribution(CONTENT, cycle_id=cycle.pk)

    assert (page.whole, page.groups, page.chart, page.sheet.rows) == (None, [], None, [])
    assert "Too few ratings to show" in drawn("reports/_distribution.html", page)


def test_small_departments_are_counted_together():
    cycle = rated_cycle(
        {"Design": [0, 9, 30, 9, 0], "Legal": [0, 1, 2, 0, 0], "Board": [0, 0, 3, 1, 0]}
    )

    page = pages.distribution(CONTENT, cycle_id=cycle.pk)

    assert [g.name for g in page.groups] == ["Design", "Small departments together"]
    assert page.small == ["Board", "Legal"]
