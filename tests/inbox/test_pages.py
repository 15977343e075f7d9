from datetime import timedelta

import pytest
from django.http import Http404
from django.template.loader import render_to_string

from apps.core.access import Viewer
from apps.feedback.states import Mode, PerspectiveState, RequestState
from apps.inbox import pages
from apps.inbox.models import Message
from apps.inbox.pages.home import PLACES
from apps.inbox.states import DutyKind, MessageState
from apps.people.viewers import viewer_of_person
from apps.reviews.states import CycleState, ParticipantState, Phase, ReviewState
from tests.factories import NOON
from tests.factories.calibration import MembershipFactory, SessionFactory
from tests.factories.feedback import PerspectiveFactory, RequestFactory
from tests.factories.people import PersonFactory
from tests.factories.reviews import (
    CycleFactory,
    CyclePhaseFactory,
    DisputeFactory,
    ParticipantFactory,
    ReviewFactory,
)

pytestmark = pytest.mark.django_db


def kinds(person):
    return [d.kind for d in pages.duties_of(Viewer(person_id=person.pk))]


def cycle_in(state):
    cycle = CycleFactory(state=state)
    for kind in Phase:
        CyclePhaseFactory(cycle=cycle, kind=kind, opens_on=NOON.date())
    return cycle


def test_each_state_asks_the_right_person_for_the_right_thing():
    asked = {}
    participant = ParticipantFactory(cycle=cycle_in(CycleState.NOMINATION))
    perspective = PerspectiveFactory(cycle=participant.cycle, named=True)
    asked[DutyKind.PROPOSE_PEERS] = participant.person
    waiting = ParticipantFactory(cycle=participant.cycle)
    RequestFactory(perspective=perspective, participant=waiting, proposed=True)
    asked[DutyKind.APPROVE_PEERS] = waiting.manager
    collecting = ParticipantFactory(cycle=cycle_in(CycleState.COLLECTION))
    ReviewFactory(participant=collecting, own=True)
    asked[DutyKind.SELF_REVIEW] = collecting.person
    request = RequestFactory(
        perspective=PerspectiveFactory(cycle=collecting.cycle, named=True),
        participant=collecting,
    )
    asked[DutyKind.GIVE_FEEDBACK] = request.giver
    rating = ParticipantFactory(cycle=cycle_in(CycleState.MANAGER_REVIEW))
    asked[DutyKind.MANAGER_REVIEW] = ReviewFactory(participant=rating).author
    session = SessionFactory(cycle=cycle_in(CycleState.CALIBRATION))
    asked[DutyKind.CALIBRATE] = MembershipFactory(session=session).person
    ready = ParticipantFactory(cycle=cycle_in(CycleState.DELIVERY))
    ReviewFactory(participant=ready, submitted=True)
    asked[DutyKind.RELEASE] = ready.manager
    asked[DutyKind.ACKNOWLEDGE] = ParticipantFactory(cycle=ready.cycle, released=True).person
    asked[DutyKind.SETTLE] = DisputeFactory(
        participant=ParticipantFactory(cycle=ready.cycle, disputed=True)
    ).arbiter

    assert {kind: kinds(person) for kind, person in asked.items()} == {
        kind: [kind] for kind in DutyKind
    }
    assert kinds(session.facilitator) == [DutyKind.CALIBRATE]
    assert len(list(pages.duties_of_everyone())) == len(DutyKind) + 1


@pytest.mark.parametrize(
    "done",
    [
        {"state": ReviewState.SUBMITTED, "submitted_at": NOON},
        {"participant__state": ParticipantState.EXCUSED},
        {"participant__cycle__state": CycleState.PAUSED, "participant__cycle__paused_from": "collection"},
        {"participant__cycle__state": CycleState.MANAGER_REVIEW},
    ],
    ids=["submitted", "excused", "paused", "phase over"],
)  # fmt: skip
def test_a_duty_ends_with_its_reason(done):
    participant = ParticipantFactory(cycle=cycle_in(CycleState.COLLECTION))
    review = ReviewFactory(participant=participant, own=True)
    for path, value in done.items():
        *links, field = path.split("__")
        target = review
        for link in links:
            target = getattr(target, link)
        setattr(target, field, value)
        if field == "submitted_at":
            target.submitted_by = review.author
        if field in {"submitted_at", "paused_from"} or len(done) == 1:
            target.save()

    assert kinds(participant.person) == []


@pytest.mark.parametrize("state", [RequestState.ANSWERED, RequestState.CLOSED])
def test_nobody_who_answered_without_a_name_is_asked_again(state):
    participant = ParticipantFactory(cycle=cycle_in(CycleState.COLLECTION))
    perspective = PerspectiveFactory(
        cycle=participant.cycle,
        mode=Mode.ANONYMOUS,
        state=PerspectiveState.OPEN,
    )
    request = RequestFactory(perspective=perspective, participant=participant, state=state)

    assert kinds(request.giver) == []


def test_the_badge_counts_what_the_list_holds():
    manager = PersonFactory()
    cycle = cycle_in(CycleState.MANAGER_REVIEW)
    for _ in range(3):
        ReviewFactory(participant=ParticipantFactory(cycle=cycle, manager=manager))
    viewer = viewer_of_person(manager)

    assert pages.badge(viewer).count == len(pages.duties_of(viewer)) == 3


def test_a_duty_of_a_cycle_without_its_phase_is_counted_and_listed():
    cycle = CycleFactory(state=CycleState.MANAGER_REVIEW)
    review = ReviewFactory(participant=ParticipantFactory(cycle=cycle))
    viewer = viewer_of_person(review.author)

    assert [duty.due_on for duty in pages.duties_of(viewer)] == [cycle.period_end]
    assert pages.badge(viewer).count == 1


def test_the_badge_knows_of_a_seat_in_any_session(django_assert_num_queries):
    member = MembershipFactory(session__state="locked")
    for person, sits in (
        (member.person, True),
        (member.session.facilitator, True),
        (PersonFactory(), False),
    ):
        with django_assert_num_queries(1):
            found = pages.badge(Viewer(person_id=person.pk))
        assert (found.sits_in_session, found.count) == (sits, 0)


def test_the_badge_knows_who_leads_people():
    report = PersonFactory(manager=PersonFactory())
    assert pages.badge(Viewer(person_id=report.manager_id)).leads_people
    assert not pages.badge(Viewer(person_id=report.pk)).leads_people


def test_an_owner_finds_the_cycle_on_the_home_page():
    owner = PersonFactory()
    cycle = cycle_in(CycleState.COLLECTION)
    cycle.owners.add(owner)

    page = pages.home(viewer_of_person(owner), now=NOON)

    assert [(card.cycle, card.is_owner) for card in page.cycles] == [(cycle, True)]
    assert "Who is where" in render_to_string("inbox/home.html", {"page": page})


def test_every_kind_of_duty_has_a_place():
    assert set(PLACES) == set(DutyKind)


@pytest.mark.parametrize("reports", [3, 300])
def test_home_costs_the_same_however_many_reports(reports, django_assert_num_queries):
    manager = PersonFactory(name="Mira Moe", time_zone="Europe/Oslo")
    cycle = cycle_in(CycleState.MANAGER_REVIEW)
    ParticipantFactory(cycle=cycle, person=manager, manager=PersonFactory())
    for _ in range(reports):
        ReviewFactory(participant=ParticipantFactory(cycle=cycle, manager=manager))
    viewer = viewer_of_person(manager)

    with django_assert_num_queries(4):
        page = pages.home(viewer, now=NOON)
    with django_assert_num_queries(0):
        html = render_to_string("inbox/home.html", {"page": page})

    assert html.count('class="duty"') == reports
    assert page.greeting == "Good afternoon, Mira"
    assert [card.cycle for card in page.cycles] == [cycle]


def test_home_says_when_nothing_is_asked():
    page = pages.home(viewer_of_person(PersonFactory()), now=NOON)
    assert (page.rows, page.lead) == ([], "Nothing asks for you right now.")


def test_home_offers_one_filled_button_and_says_what_is_late():
    manager = PersonFactory()
    cycle = cycle_in(CycleState.MANAGER_REVIEW)
    ReviewFactory(participant=ParticipantFactory(cycle=cycle, manager=manager))
    begun = ReviewFactory(
        participant=ParticipantFactory(cycle=cycle, manager=manager, item_count=4), written=True
    )

    page = pages.home(viewer_of_person(manager), now=NOON + timedelta(days=20))

    assert [r.primary for r in page.rows].count(True) == 1
    assert next(r for r in page.rows if r.primary).duty.object_id == begun.pk
    assert "2 are late." in page.lead


@pytest.mark.parametrize("mails", [3, 300])
def test_mail_log_costs_two_queries(mails, django_assert_num_queries):
    hr = viewer_of_person(PersonFactory(process_admin=True))
    for number in range(mails):
        Message.objects.create(
            person=PersonFactory(), key="digest", due_at=NOON, planned_at=NOON,
            message_id=f"<{number}@example.com>",
        )  # fmt: skip

    with django_assert_num_queries(2):
        page = pages.mail_log(hr)
    with django_assert_num_queries(0):
        html = render_to_string("inbox/_mail_rows.html", {"page": page})

    assert html.count('class="mail"') == min(mails, 50)  # a page of the log


def test_everybody_sees_their_own_mails_and_hr_sees_that_there_were_mails():
    message = Message.objects.create(
        person=PersonFactory(), key="digest", due_at=NOON, planned_at=NOON, message_id="<1@x>"
    )
    other, hr = PersonFactory(), PersonFactory(process_admin=True)

    assert len(pages.mail_log(viewer_of_person(message.person)).rows) == 1
    assert len(pages.mail_log(viewer_of_person(hr), state=MessageState.PLANNED).rows) == 1
    assert pages.mail_log(viewer_of_person(hr), state=MessageState.SENT).rows == []
    assert pages.mail_log(viewer_of_person(other)).rows == []
    with pytest.raises(Http404):
        pages.message(viewer_of_person(other), message_id=message.pk)
