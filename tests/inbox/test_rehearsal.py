from datetime import date, datetime, timedelta

import pytest
from django.conf import settings as house
from django.core import mail
from django.http import Http404
from django.template.loader import render_to_string
from django.test import RequestFactory

from apps.core.models import AuditEvent
from apps.feedback.models import Request, minutes_to_give
from apps.inbox import pages
from apps.inbox.models import Message
from apps.people.models import Person
from apps.people.viewers import viewer_of_person
from apps.reviews.states import CycleState, Phase
from tests.factories import NOON
from tests.factories.feedback import PerspectiveFactory
from tests.factories.feedback import RequestFactory as AskedFactory
from tests.factories.people import DepartmentFactory, PersonFactory
from tests.factories.reviews import CycleFactory, CyclePhaseFactory, ParticipantFactory

pytestmark = pytest.mark.django_db
FIRST = date(2026, 12, 7)


@pytest.fixture
def hr():
    return viewer_of_person(PersonFactory(name="Hanna Hr", process_admin=True))


@pytest.fixture
def cycle():
    """Prepared, from Monday 7 December on, ten days a phase, in one department."""
    cycle = CycleFactory(departments=[DepartmentFactory()], name="Winter")
    for number, kind in enumerate(Phase):
        opens_on = FIRST + timedelta(days=14 * number)
        CyclePhaseFactory(
            cycle=cycle, kind=kind, opens_on=opens_on, due_on=opens_on + timedelta(days=10)
        )
    return cycle


def team(cycle, reports, **more):
    """A manager from outside and so many people of the cycle who report to them."""
    manager = PersonFactory(name="Mira Moe", with_user=True)
    department = cycle.departments.get()
    return manager, [
        PersonFactory(manager=manager, department=department, with_user=True, **more)
        for _ in range(reports)
    ]


def drawn(template, page):
    request = RequestFactory().get("/")
    return render_to_string(template, {"page": page, "request": request})


@pytest.mark.parametrize("people", [3, 300])
def test_a_rehearsal_costs_the_same_however_many_people(
    cycle, hr, people, django_assert_num_queries
):
    PerspectiveFactory(cycle=cycle, named=True)
    PerspectiveFactory(cycle=cycle, upward=True)
    manager, reports = team(cycle, people)

    with django_assert_num_queries(10):
        page = pages.rehearsal(hr, cycle_id=cycle.pk, search="Person", now=NOON)
    with django_assert_num_queries(0):
        html = drawn("inbox/rehearsal.html", page)
    with django_assert_num_queries(8):
        one = pages.rehearsed_person(hr, cycle_id=cycle.pk, person_id=manager.pk, now=NOON)
    with django_assert_num_queries(6):
        made = pages.rehearsed_mails(hr, cycle_id=cycle.pk, now=NOON)

    assert page.people == people
    assert page.mails == made.count == len(list(made.rows))
    assert page.mails == sum(day.mails for day in page.days)
    assert [m.name for m in page.fullest] == [manager.name]
    assert f"{manager.name}</a>" in html
    assert len(page.found) == min(people + 1, 20)  # all of them and their manager
    assert {duty.number for duty in one.duties} == {people}
    assert reports[0].name in drawn("inbox/rehearsed_person.html", one)


def test_a_rehearsal_counts_the_people_of_the_day_on_which_the_house_launches(cycle, hr, settings):
    settings.TIME_ZONE = "Pacific/Auckland"
    team(cycle, 1, hired_on=FIRST)
    team(cycle, 1, left_on=FIRST)

    assert pages.rehearsal(hr, cycle_id=cycle.pk, now=NOON).people == 1


def test_nothing_is_sent_and_nothing_is_written(cycle, hr):
    _manager, (person,) = team(cycle, 1)
    before = AuditEvent.objects.count()

    pages.rehearsal(hr, cycle_id=cycle.pk, now=NOON)
    pages.rehearsed_person(hr, cycle_id=cycle.pk, person_id=person.pk, now=NOON)
    pages.rehearsed_mails(hr, cycle_id=cycle.pk, now=NOON)

    assert (Message.objects.count(), AuditEvent.objects.count(), mail.outbox) == (0, before, [])


@pytest.mark.parametrize("office", [{}, {"content_admin": True}], ids=["nobody", "content admin"])
def test_a_rehearsal_is_for_those_who_run_cycles(cycle, office):
    stranger = viewer_of_person(PersonFactory(**office))
    for page in (pages.rehearsal, pages.rehearsed_mails):
        with pytest.raises(Http404):
            page(stranger, cycle_id=cycle.pk, now=NOON)
    with pytest.raises(Http404):
        pages.rehearsed_person(stranger, cycle_id=cycle.pk, person_id=stranger.person_id, now=NOON)


def test_somebody_of_whom_nothing_is_asked_has_no_calendar(cycle, hr):
    team(cycle, 1)
    with pytest.raises(Http404):
        pages.rehearsed_person(hr, cycle_id=cycle.pk, person_id=hr.person_id, now=NOON)


def test_a_cycle_that_has_begun_is_not_rehearsed(cycle, hr):
    cycle.state = CycleState.NOMINATION
    cycle.save()
    assert pages.rehearsal(hr, cycle_id=cycle.pk, now=NOON) is None


def test_without_days_the_page_says_what_is_missing(hr):
    page = pages.rehearsal(hr, cycle_id=CycleFactory().pk, now=NOON)
    assert page.settings is None
    assert "Give the cycle its phases" in drawn("inbox/rehearsal.html", page)


def test_work_is_counted_by_role_in_hours(cycle, hr):
    PerspectiveFactory(cycle=cycle, named=True)
    manager, _reports = team(cycle, 4)

    page = pages.rehearsal(hr, cycle_id=cycle.pk, peers="3", now=NOON)

    # 5 to propose, 40 for the self review, 10 to read; 3 x (2 questions, 5 competencies); 5 + 50 + 10 + 45 for each report.
    assert [(load.people, load.hours, load.each) for load in page.loads] == [
        (4, 4, 55),
        (4, 2, 33),
        (1, 7, 440),
    ]
    assert [(m.pk, m.reports, m.minutes) for m in page.fullest] == [(manager.pk, 4, 440)]


@pytest.mark.parametrize(("items", "minutes"), [(0, 12), (3, 15), (5, 17), (9, 17)])
def test_giving_feedback_takes_as_long_as_the_giver_will_be_told_or_less(cycle, hr, items, minutes):
    """By the number of questions and, before levels are counted, the most that a form asks about."""
    perspective = PerspectiveFactory(cycle=cycle, named=True, questions=4)
    PerspectiveFactory(cycle=cycle, upward=True, questions=1)
    manager, reports = team(cycle, 5)
    Person.objects.filter(pk=manager.pk).update(department=cycle.departments.get())

    one = pages.rehearsed_person(hr, cycle_id=cycle.pk, person_id=reports[0].pk, now=NOON)

    (giving,) = (duty for duty in one.duties if duty.label == "Give feedback")
    assert (giving.number, giving.minutes) == (6, 5 * 17 + 8)
    seat = ParticipantFactory(cycle=cycle, item_count=items)
    AskedFactory(perspective=perspective, participant=seat)
    assert Request.objects.annotate(told=minutes_to_give()).get().told == minutes <= 17


@pytest.mark.parametrize(
    ("typed", "counted"), [("", 5), ("3", 3), ("0", 0), ("99", 5), ("x", 5), ("²", 5)]
)
def test_the_number_of_peers_is_one_that_the_cycle_allows(cycle, hr, typed, counted):
    PerspectiveFactory(cycle=cycle, named=True)
    page = pages.rehearsal(hr, cycle_id=cycle.pk, peers=typed, now=NOON)
    assert (page.settings.scenario.peers, page.settings.peer_choices) == (counted, [0, 3, 4, 5])


def test_reports_are_asked_about_a_manager_only_where_they_are_enough(cycle, hr):
    PerspectiveFactory(cycle=cycle, upward=True)
    department = cycle.departments.get()
    large = PersonFactory(name="Large", department=department)
    small = PersonFactory(name="Small", department=department)
    outside = [PersonFactory(manager=large) for _ in range(5)]
    few = [PersonFactory(manager=small) for _ in range(4)]

    page = pages.rehearsal(hr, cycle_id=cycle.pk, now=NOON)

    assert page.people == 2
    assert page.loads[1].people == 5
    one = pages.rehearsed_person(hr, cycle_id=cycle.pk, person_id=outside[0].pk, now=NOON)
    assert [duty.label for duty in one.duties] == ["Give feedback"]
    assert "Give feedback: Large" in one.mails[0].text
    with pytest.raises(Http404):
        pages.rehearsed_person(hr, cycle_id=cycle.pk, person_id=few[0].pk, now=NOON)


def test_who_gets_no_mail_is_named_with_the_reason(cycle, hr):
    _manager, (silent, away, back, _other) = team(cycle, 4)
    Person.objects.filter(pk=silent.pk).update(email="", user=None)
    Person.objects.filter(pk=away.pk).update(leave_from=date(2026, 6, 1))
    Person.objects.filter(pk=back.pk).update(
        leave_from=date(2026, 6, 1), leave_until=date(2026, 12, 9)
    )

    page = pages.rehearsal(hr, cycle_id=cycle.pk, now=NOON)

    assert {(one.pk, one.why) for one in page.unreached} == {
        (silent.pk, "no e-mail address"),
        (away.pk, "on leave until the cycle is over"),
    }
    assert page.without_account == 1
    mails = {
        person.pk: pages.rehearsed_person(hr, cycle_id=cycle.pk, person_id=person.pk, now=NOON)
        for person in (silent, away, back)
    }
    assert mails[silent.pk].mails == mails[away.pk].mails == []
    assert "no e-mail address" in mails[silent.pk].silence
    assert "on leave" in mails[away.pk].silence
    cycle_without_peers = mails[back.pk]
    assert cycle_without_peers.mails[0].day == FIRST + timedelta(days=14)


def test_launched_by_hand_it_starts_at_once(cycle, hr):
    _manager, (person,) = team(cycle, 1, time_zone="Europe/Oslo")
    PerspectiveFactory(cycle=cycle, named=True)

    by_clock = pages.rehearsed_person(hr, cycle_id=cycle.pk, person_id=person.pk, now=NOON)
    by_hand = pages.rehearsed_person(
        hr, cycle_id=cycle.pk, person_id=person.pk, start="now", now=NOON
    )

    assert (by_clock.mails[0].day, by_clock.mails[0].hour) == (FIRST, "09:00")
    assert (by_hand.mails[0].day, by_hand.mails[0].hour) == (NOON.date(), "13:00")


def test_the_page_says_what_it_takes_for_granted(cycle, hr):
    PerspectiveFactory(cycle=cycle, named=True)
    page = pages.rehearsal(hr, cycle_id=cycle.pk, now=NOON)
    assert page.assumptions == (
        "The worst case is counted: nobody finishes anything before its phase is over; everybody "
        "names 5 peers, and is named by as many; nobody declines, and nobody is asked by more than "
        "the cycle allows; each form asks about 5 competencies; no calibration session is counted, "
        "since none is set up yet."
    )


def test_the_file_has_a_line_for_each_mail_and_is_written_down(client, cycle, hr):
    _manager, (person,) = team(cycle, 1)
    runner = PersonFactory(with_user=True, process_admin=True)
    client.force_login(runner.user, backend="apps.people.backend.Backend")
    address = f"/inbox/cycles/{cycle.pk}/rehearsal/mails.csv"

    answer = client.get(address)

    lines = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()
    expected = pages.rehearsal(hr, cycle_id=cycle.pk, now=datetime.now(tz=NOON.tzinfo)).mails
    assert len(lines) == expected + 1
    assert sum(line.startswith(f'"{person.name}"') for line in lines) > 5
    event = AuditEvent.objects.get(verb="export_rehearsal")
    assert (event.actor_id, event.detail) == (runner.pk, {"rows": expected})
    for _ in range(9):
        client.get(address)
    assert client.get(address).status_code == 429


def test_a_rehearsal_of_a_begun_cycle_leads_to_the_cycle(client, cycle):
    runner = PersonFactory(with_user=True, process_admin=True)
    client.force_login(runner.user, backend="apps.people.backend.Backend")
    cycle.state = CycleState.NOMINATION
    cycle.save()

    assert client.get(f"/inbox/cycles/{cycle.pk}/rehearsal/").url == f"/reviews/cycles/{cycle.pk}/"
    assert house.TIME_ZONE == "UTC"
