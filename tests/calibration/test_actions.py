import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404

from apps.calibration import actions, pages
from apps.calibration.models import Decision, Session
from apps.calibration.rules import OffTheScale, Undecided, Unexplained, record_hash
from apps.calibration.states import SESSION_MOVES, ReasonCode, SessionState
from apps.core.access import Viewer
from apps.core.models import AuditEvent
from apps.core.workflow import StaleState, advance
from apps.people.viewers import viewer_of_person
from apps.reviews.models import RatingEvent
from apps.reviews.states import CycleState, ParticipantState, RatingSource
from tests.factories import NOON
from tests.factories.calibration import ItemFactory, MembershipFactory, SessionFactory
from tests.factories.people import DepartmentFactory, PersonFactory
from tests.factories.reviews import CycleFactory, ParticipantFactory, RatingEventFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def item():
    """Somebody rated 5 by the manager, in a live session."""
    item = ItemFactory()
    RatingEventFactory(participant=item.participant, overall=True, value=5)
    return item


def lead(item):
    return viewer_of_person(item.session.facilitator)


def decide(item, value=4, reason="The June case was shared work.", **more):
    return actions.record_decision(
        item,
        to_value=value,
        reason_code=ReasonCode.EVIDENCE,
        reason=reason,
        by=lead(item),
        now=NOON,
        **more,
    )


def test_a_session_takes_in_the_active_people_of_its_department():
    hr = PersonFactory(process_admin=True)
    department = DepartmentFactory()
    cycle = CycleFactory(state=CycleState.MANAGER_REVIEW)
    inside = ParticipantFactory(cycle=cycle, department=department)
    ParticipantFactory(cycle=cycle, department=department, excused=True)
    ParticipantFactory(cycle=cycle)
    member = PersonFactory()

    session = actions.create_session(
        cycle,
        name="Platform",
        department=department,
        facilitator=PersonFactory(),
        members=[member, member],
        by=viewer_of_person(hr),
        now=NOON,
    )

    assert [i.participant for i in session.items.all()] == [inside]
    assert list(session.members.all()) == [member]
    assert AuditEvent.objects.get(object_type="calibration.session").verb == "create_session"


def test_a_change_needs_a_sentence_and_becomes_the_rating(item):
    with pytest.raises(Unexplained):
        decide(item, reason="  ")

    decide(item)

    event = RatingEvent.objects.get(source=RatingSource.CALIBRATION)
    assert (event.value, event.sequence, event.reason) == (
        4,
        2,
        "The June case was shared work.",
    )
    assert (Decision.objects.get().from_value, Decision.objects.get().to_value) == (5, 4)


def test_keeping_needs_no_sentence_and_adds_no_rating(item):
    decide(item, value=5, reason="")

    assert Decision.objects.get().reason_code == ReasonCode.KEPT
    assert RatingEvent.objects.count() == 1


def test_a_point_that_is_not_on_the_scale_is_refused(item):
    with pytest.raises(OffTheScale):
        decide(item, value=6)
    assert Decision.objects.count() == 0


def test_deciding_again_adds_and_never_overwrites(item):
    decide(item, value=4)
    decide(item, value=3)

    assert [(d.from_value, d.to_value) for d in item.decisions.all()] == [(5, 4), (4, 3)]


def test_only_the_facilitator_records(item):
    member = MembershipFactory(session=item.session).person
    with pytest.raises(PermissionDenied, match="The facilitator records"):
        actions.record_decision(
            item,
            to_value=4,
            reason_code=ReasonCode.EVIDENCE,
            reason="so",
            by=viewer_of_person(member),
            now=NOON,
        )


@pytest.mark.parametrize("who", ["themself", "their manager", "their manager's manager"])
def test_everybody_steps_out_for_themself_and_for_the_line_above(item, who):
    top = PersonFactory()
    middle = PersonFactory(manager=top)
    leader = PersonFactory(manager=middle)
    Session.objects.filter(pk=item.session_id).update(facilitator=leader)
    subject = {"themself": leader, "their manager": middle, "their manager's manager": top}[who]
    type(item.participant).objects.filter(pk=item.participant_id).update(
        person=subject, manager=PersonFactory()
    )
    item.refresh_from_db()
    viewer = viewer_of_person(leader)

    with pytest.raises(PermissionDenied):
        decide(item)
    with pytest.raises(Http404):
        pages.item(viewer, session_id=item.session_id, item_id=item.pk)
    assert pages.board(viewer, session_id=item.session_id).rows == []
    assert pages.board(viewer, session_id=item.session_id).hidden == 1
    assert actions.confirm_rest(item.session, by=viewer, now=NOON) == 0


def test_confirming_the_rest_keeps_what_nobody_spoke_about(item):
    silent = ItemFactory(session=item.session)
    unrated = ItemFactory(session=item.session)
    RatingEventFactory(participant=silent.participant, overall=True, value=3)
    decide(item)

    kept = actions.confirm_rest(item.session, by=lead(item), now=NOON)

    assert kept == 1
    assert silent.decisions.get().reason_code == ReasonCode.KEPT
    assert list(unrated.decisions.all()) == []


def test_locking_waits_for_everybody_and_freezes_the_record(item):
    with pytest.raises(Undecided) as still:
        actions.lock_session(item.session, by=lead(item), now=NOON)
    assert still.value.count == 1
    decide(item)

    actions.lock_session(item.session, by=lead(item), now=NOON)

    session = Session.objects.get(pk=item.session_id)
    assert session.state == SessionState.LOCKED
    assert record_hash(session.record) == session.record_hash
    assert [(d["from"], d["to"]) for d in session.record["decisions"]] == [(5, 4)]
    assert pages.record(lead(item), session_id=session.pk).whole
    with pytest.raises(PermissionDenied):
        decide(type(item).objects.get(pk=item.pk), value=3)


def test_a_record_changed_behind_our_back_is_said_to_be_broken(item):
    decide(item)
    actions.lock_session(item.session, by=lead(item), now=NOON)
    session = Session.objects.get(pk=item.session_id)
    session.record["decisions"][0]["to"] = 5
    Session.objects.filter(pk=session.pk).update(record=session.record)

    assert not pages.record(lead(item), session_id=session.pk).whole


def test_the_replayed_decisions_give_the_ratings(item):
    for value in (4, 3, 4):
        decide(item, value=value)
    actions.lock_session(item.session, by=lead(item), now=NOON)

    session = Session.objects.get(pk=item.session_id)
    replayed = {d["participant"]: d["to"] for d in session.record["decisions"]}
    newest = RatingEvent.objects.filter(participant=item.participant).latest("sequence")
    assert replayed == {item.participant_id: newest.value}


def test_a_released_person_is_no_longer_decided_about(item):
    type(item.participant).objects.filter(pk=item.participant_id).update(
        state=ParticipantState.RELEASED, released_at=NOON, released_by=item.participant.manager
    )
    item.refresh_from_db()
    with pytest.raises(PermissionDenied):
        decide(item)


@pytest.mark.parametrize("state", SessionState)
@pytest.mark.parametrize("name", SESSION_MOVES)
def test_every_move_from_every_state(name, state):
    session = SessionFactory(state=state)
    stamps = {"locked_at": None, "locked_by": None, "record_hash": "", "record": None}
    if SESSION_MOVES[name].target == SessionState.LOCKED:
        stamps = {
            "locked_at": NOON,
            "locked_by": session.facilitator,
            "record_hash": "0" * 64,
            "record": {},
        }
    if state in SESSION_MOVES[name].sources:
        advance(session, SESSION_MOVES[name], **stamps)
        assert Session.objects.get(pk=session.pk).state == SESSION_MOVES[name].target
    else:
        with pytest.raises(StaleState):
            advance(session, SESSION_MOVES[name])


def test_a_stranger_prepares_nothing():
    with pytest.raises(PermissionDenied):
        actions.create_session(
            CycleFactory(state=CycleState.MANAGER_REVIEW),
            name="x",
            department=DepartmentFactory(),
            facilitator=PersonFactory(),
            members=[],
            by=Viewer(person_id=PersonFactory().pk),
            now=NOON,
        )
