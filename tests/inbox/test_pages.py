from datetime import timedelta

import pytest
from django.template.loader import render_to_string

from apps.core.access import Viewer
from apps.feedback.states import Mode, PerspectiveState, RequestState
from apps.inbox import pages
from apps.inbox.pages.home import PLACES
from apps.inbox.states import DutyKind
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
    ExtensionFactory,
    GoalFactory,
    ParticipantFactory,
    ReviewFactory,
    ReviewItemFactory,
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
    named = PerspectiveFactory(cycle=collecting.cycle, named=True)
    request = RequestFactory(perspective=named, participant=collecting)
    asked[DutyKind.GIVE_FEEDBACK] = request.giver
    lacking = RequestFactory(perspective=named, state=RequestState.DECLINED)
    asked[DutyKind.ADD_PEERS] = lacking.participant.manager
    rating = ParticipantFactory(cycle=cycle_in(CycleState.MANAGER_REVIEW))
    asked[DutyKind.MANAGER_REVIEW] = ReviewFactory(participant=rating).author
    session = SessionFactory(cycle=cycle_in(CycleState.CALIBRATION))
    asked[DutyKind.CALIBRATE] = MembershipFactory(session=session).person
    ready = ParticipantFactory(cycle=cycle_in(CycleState.DELIVERY))
    ReviewFactory(participant=ready, submitted=True)
    asked[DutyKind.RELEASE] = ready.manager
    released = ParticipantFactory(cycle=ready.cycle, released=True)
    asked[DutyKind.TALK], asked[DutyKind.ACKNOWLEDGE] = released.manager, released.person
    dispute = DisputeFactory(participant=ParticipantFactory(cycle=ready.cycle, disputed=True))
    asked[DutyKind.ANSWER], asked[DutyKind.SETTLE] = dispute.participant.manager, dispute.arbiter

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


@pytest.mark.parametrize(
    ("opened", "due"),
    [(16, 19), (17, 20), (18, 23), (19, 24), (20, 25), (21, 25), (22, 25)],
    ids=["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
)
def test_a_dispute_is_to_be_answered_within_three_working_days(opened, due):
    participant = ParticipantFactory(cycle=cycle_in(CycleState.DELIVERY), disputed=True)
    dispute = DisputeFactory(participant=participant, opened_at=NOON.replace(day=opened))

    (duty,) = pages.duties_of(Viewer(person_id=participant.manager_id))

    assert (duty.kind, duty.due_on) == (DutyKind.ANSWER, NOON.date().replace(day=due))
    assert duty.due_on == dispute.answer_on  # the packet says the same day
    dispute.answered_at, dispute.answered_by = NOON, participant.manager
    dispute.save()
    assert kinds(participant.manager) == []
    (duty,) = pages.duties_of(Viewer(person_id=dispute.arbiter_id))
    assert (duty.kind, duty.due_on) == (DutyKind.SETTLE, dispute.decide_on)


@pytest.mark.parametrize("state", [CycleState.COLLECTION, CycleState.MANAGER_REVIEW])
def test_a_review_with_more_time_is_asked_by_its_own_day(state):
    participant = ParticipantFactory(cycle=cycle_in(state))
    ReviewFactory(participant=participant, own=True)
    later = NOON.date() + timedelta(days=9)
    time = ExtensionFactory(participant=participant, phase=Phase.COLLECTION, due_on=later)

    (duty,) = pages.duties_of(Viewer(person_id=participant.person_id))

    assert (duty.kind, duty.due_on) == (DutyKind.SELF_REVIEW, later)
    assert pages.badge(Viewer(person_id=participant.person_id)).count == 1
    time.ended_at = NOON
    time.save()
    assert len(kinds(participant.person)) == (state == CycleState.COLLECTION)


def test_nobody_is_asked_for_anything_while_a_cycle_is_paused():
    cycle = cycle_in(CycleState.DELIVERY)
    for options in ({"released": True}, {"disputed": True}, {}):
        participant = ParticipantFactory(cycle=cycle, **options)
        ReviewFactory(participant=participant, submitted=True)
        if "disputed" in options:
            DisputeFactory(participant=participant)
    assert len(list(pages.duties_of_everyone())) == 5

    cycle.state, cycle.paused_from = CycleState.PAUSED, Phase.DELIVERY
    cycle.save()

    assert list(pages.duties_of_everyone()) == []


@pytest.mark.parametrize("manager", ["none", "gone"])
def test_whoever_was_named_to_review_is_asked_for_the_rest_where_no_manager_is_there(manager):
    cycle = cycle_in(CycleState.DELIVERY)
    named = PersonFactory()
    above = None if manager == "none" else PersonFactory(left_on=NOON.date())
    rows = [
        ParticipantFactory(
            cycle=cycle,
            person=PersonFactory(manager=above),
            manager=named,
            manager_kept=True,
            **more,
        )
        for more in ({}, {"released": True}, {"released": True, "state": "disputed"})
    ]
    ReviewFactory(participant=rows[0], author=named, submitted=True)
    DisputeFactory(participant=rows[2], opened_at=NOON)

    assert sorted(kinds(named)) == [DutyKind.ANSWER, DutyKind.RELEASE, DutyKind.TALK]
    assert pages.badge(Viewer(person_id=named.pk)).count == 3


def test_a_talk_that_was_noted_is_asked_no_more():
    participant = ParticipantFactory(cycle=cycle_in(CycleState.DELIVERY), released=True)
    assert kinds(participant.manager) == [DutyKind.TALK]

    participant.talked_on, participant.talked_at = NOON.date(), NOON
    participant.talked_by = participant.manager
    participant.save()

    assert kinds(participant.manager) == []


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


def test_on_the_last_evening_home_begins_with_what_can_be_finished_and_says_what_grace_there_is():
    manager = PersonFactory(time_zone="Europe/Oslo")
    cycle = CycleFactory(state=CycleState.MANAGER_REVIEW, grace_days=2)
    CyclePhaseFactory(
        cycle=cycle, kind=Phase.MANAGER_REVIEW, opens_on=NOON.date(), due_on=NOON.date()
    )
    blank, begun, rated = (
        ReviewFactory(
            participant=ParticipantFactory(cycle=cycle, manager=manager, item_count=items),
            written=written,
        )
        for items, written in ((18, False), (18, True), (1, True))
    )
    ReviewItemFactory(review=rated, value=3)

    evening = pages.home(viewer_of_person(manager), now=NOON.replace(hour=22))
    after = pages.home(viewer_of_person(manager), now=NOON.replace(day=22))
    too_late = pages.home(viewer_of_person(manager), now=NOON.replace(day=24))

    assert [row.duty.object_id for row in evening.rows] == [rated.pk, begun.pk, blank.pk]
    assert "all 1 rated, not handed in yet" in evening.rows[0].why
    assert evening.rows[0].primary
    assert "due today, until 23:59." in evening.lead
    kept = "What you typed is kept, and can still be handed in until the end of Sunday 22 November."
    assert (evening.grace, after.grace, too_late.grace) == (kept, kept, "")
    assert kept in render_to_string("inbox/home.html", {"page": evening})


def test_progress_counts_what_the_form_of_that_kind_asks_for():
    manager, person = PersonFactory(), PersonFactory()
    rating = CycleFactory(state=CycleState.MANAGER_REVIEW, sections_off=["manager.goals"])
    theirs = ParticipantFactory(cycle=rating, manager=manager, item_count=3)
    GoalFactory.create_batch(2, participant=theirs)
    review = ReviewFactory(participant=theirs, written=True)
    collecting = CycleFactory(state=CycleState.COLLECTION, sections_off=["self.ratings"])
    own = ReviewFactory(
        participant=ParticipantFactory(cycle=collecting, person=person, item_count=2),
        own=True,
        written=True,
    )
    ReviewItemFactory(review=review, value=3)
    ReviewItemFactory(review=own, comment="The calendar went live in June.")

    by_manager = pages.home(viewer_of_person(manager), now=NOON)
    of_oneself = pages.home(viewer_of_person(person), now=NOON)

    assert "all 1 rated, not handed in yet" in by_manager.rows[0].why
    assert "1 of 2 rated" in of_oneself.rows[0].why
