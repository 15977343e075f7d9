"""What each deed changes, who is refused, and that the second time changes nothing."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from apps.core.access import SYSTEM_VIEWER, Viewer
from apps.core.models import AuditEvent
from apps.core.workflow import StaleState
from apps.feedback import actions
from apps.feedback.models import Perspective, Request
from apps.feedback.rules import NotAllowed
from apps.feedback.states import Mode, PerspectiveKind, RequestState
from apps.reviews.states import CycleState, Phase
from tests.factories import NOON
from tests.factories.feedback import PerspectiveFactory, RequestFactory
from tests.factories.people import PersonFactory
from tests.factories.reviews import CycleFactory, ParticipantFactory
from tests.feedback.worlds import as_viewer, small_world

pytestmark = pytest.mark.django_db
HR = Viewer(roles=frozenset({"process_admin"}))


def states(world):
    return list(
        Request.objects.filter(perspective=world.perspective)
        .order_by("pk")
        .values_list("state", flat=True)
    )


def verbs():
    return list(AuditEvent.objects.order_by("pk").values_list("verb", flat=True))


def nomination(mode=Mode.ANONYMOUS, peers=5):
    cycle = CycleFactory(state=CycleState.NOMINATION, phases=True)
    participant = ParticipantFactory(cycle=cycle)
    perspective = PerspectiveFactory(cycle=cycle, mode=mode)
    return participant, perspective, PersonFactory.create_batch(peers)


def configure(cycle, **changes):
    promise = {"kind": PerspectiveKind.PEER, "mode": Mode.NAMED, "threshold": 5, **changes}
    return actions.configure_perspective(cycle, by=HR, now=NOON, **promise)


# --- the promise ---


def test_a_new_perspective_has_the_usual_questions():
    perspective = configure(CycleFactory())
    assert perspective.questions.count() == 3
    assert verbs() == ["configure_perspective"]


@pytest.mark.parametrize("threshold", [3, 0, 13])
def test_a_threshold_outside_the_bounds_is_refused(threshold):
    with pytest.raises(NotAllowed):
        configure(CycleFactory(), threshold=threshold)


def test_feedback_to_the_manager_cannot_carry_a_name():
    with pytest.raises(NotAllowed, match="without a name"):
        configure(CycleFactory(), kind=PerspectiveKind.UPWARD, mode=Mode.NAMED)


def test_the_promise_stands_once_a_request_is_out():
    cycle = CycleFactory(state=CycleState.SCHEDULED)
    perspective = configure(cycle)
    RequestFactory(perspective=perspective, state=RequestState.ASKED)
    with pytest.raises(NotAllowed, match="promise stands"):
        configure(cycle, mode=Mode.CONFIDENTIAL)


def test_nobody_but_hr_sets_the_promise():
    with pytest.raises(PermissionDenied):
        actions.configure_perspective(
            CycleFactory(),
            kind="peer",
            mode="named",
            threshold=5,
            by=as_viewer(PersonFactory()),
            now=NOON,
        )


def test_the_promise_is_not_set_while_the_cycle_runs():
    with pytest.raises(PermissionDenied):
        configure(CycleFactory(state=CycleState.COLLECTION))


@pytest.mark.parametrize(("threshold", "rises"), [(4, False), (5, False), (6, True)])
def test_the_threshold_only_rises(threshold, rises):
    perspective = PerspectiveFactory(threshold=5)
    if not rises:
        with pytest.raises(NotAllowed):
            actions.raise_threshold(perspective, threshold=threshold, by=HR, now=NOON)
    else:
        actions.raise_threshold(perspective, threshold=threshold, by=HR, now=NOON)
    assert Perspective.objects.get().threshold == max(5, threshold)


def test_of_two_who_raise_at_once_the_higher_stays():
    perspective = PerspectiveFactory(threshold=5)
    stale = Perspective.objects.get()
    actions.raise_threshold(perspective, threshold=8, by=HR, now=NOON)
    with pytest.raises(StaleState):
        actions.raise_threshold(stale, threshold=6, by=HR, now=NOON)
    assert Perspective.objects.get().threshold == 8


# --- choosing ---


def test_proposing_replaces_what_was_proposed():
    participant, _, peers = nomination(peers=6)
    me = as_viewer(participant.person)
    actions.propose_peers(participant, giver_ids=[p.pk for p in peers[:5]], by=me, now=NOON)
    actions.propose_peers(participant, giver_ids=[p.pk for p in peers[1:]], by=me, now=NOON)
    assert set(Request.objects.values_list("giver_id", "state")) == {
        (p.pk, "proposed") for p in peers[1:]
    }


@pytest.mark.parametrize(
    ("who", "sentence"),
    [
        ("self", "themself"),
        ("manager", "manager writes"),
        ("left", "does not work here"),
        ("few", "Name 5 to 7"),
        ("many", "Name 5 to 7"),
    ],
)
def test_who_cannot_be_proposed(who, sentence):
    participant, _, peers = nomination(peers=8)
    ids = {
        "self": [participant.person_id, *(p.pk for p in peers[:4])],
        "manager": [participant.manager_id, *(p.pk for p in peers[:4])],
        "left": [PersonFactory(left=True).pk, *(p.pk for p in peers[:4])],
        "few": [p.pk for p in peers[:4]],
        "many": [p.pk for p in peers[:8]],
    }[who]
    with pytest.raises(NotAllowed, match=sentence):
        actions.propose_peers(
            participant, giver_ids=ids, by=as_viewer(participant.person), now=NOON
        )
    assert not Request.objects.exists()


def test_only_the_person_proposes():
    participant, _, peers = nomination(mode=Mode.NAMED)
    with pytest.raises(PermissionDenied):
        actions.propose_peers(
            participant,
            giver_ids=[p.pk for p in peers],
            by=as_viewer(participant.manager),
            now=NOON,
        )


def test_named_requests_go_out_one_by_one():
    world = small_world(mode=Mode.NAMED, givers=0)
    world.move_cycle(CycleState.NOMINATION)
    request = RequestFactory(
        perspective=world.perspective, participant=world.participant, proposed=True
    )
    actions.approve_request(request, by=as_viewer(world.manager), now=NOON)
    assert states(world) == ["asked"]


def test_anonymous_requests_are_held_until_enough_are_asked():
    world = small_world(givers=0)
    world.move_cycle(CycleState.NOMINATION)
    boss = as_viewer(world.manager)
    waiting = [
        RequestFactory(perspective=world.perspective, participant=world.participant, proposed=True)
        for _ in range(4)
    ]
    for request in waiting:
        actions.approve_request(Request.objects.with_people().get(pk=request.pk), by=boss, now=NOON)
    assert states(world) == ["held"] * 4

    actions.add_request(world.participant, giver_id=PersonFactory().pk, by=boss, now=NOON)

    assert states(world) == ["asked"] * 5


def test_nobody_approves_for_themself():
    world = small_world(givers=0)
    world.move_cycle(CycleState.NOMINATION)
    request = RequestFactory(
        perspective=world.perspective, participant=world.participant, proposed=True, giver=world.hr
    )
    for person in (world.subject, world.hr, world.skip, world.stranger):
        with pytest.raises(PermissionDenied):
            actions.approve_request(request, by=as_viewer(person), now=NOON)
    assert states(world) == ["proposed"]


def test_hr_decides_where_there_is_no_manager():
    cycle = CycleFactory(state=CycleState.NOMINATION)
    head = ParticipantFactory(cycle=cycle, manager=None, person=PersonFactory(manager=None))
    request = RequestFactory(
        perspective=PerspectiveFactory(cycle=cycle, named=True), participant=head, proposed=True
    )
    actions.approve_request(request, by=HR, now=NOON)
    assert request.state == RequestState.ASKED


def test_what_the_manager_leaves_undecided_is_approved_when_due():
    participant, _, peers = nomination(mode=Mode.NAMED)
    actions.propose_peers(
        participant, giver_ids=[p.pk for p in peers], by=as_viewer(participant.person), now=NOON
    )
    due_on = participant.cycle.phases.get(kind=Phase.NOMINATION).due_on
    evening = NOON.replace(day=due_on.day, month=due_on.month)
    actions.turn(now=evening)
    assert set(Request.objects.values_list("state", flat=True)) == {"proposed"}

    actions.turn(now=evening + timedelta(days=1))

    assert set(Request.objects.values_list("state", flat=True)) == {"asked"}
    assert set(
        AuditEvent.objects.filter(verb="approve_request_in_time").values_list(
            "actor_kind", flat=True
        )
    ) == {"system"}


def test_without_a_due_day_the_clock_waits():
    cycle = CycleFactory(state=CycleState.NOMINATION)
    RequestFactory(perspective=PerspectiveFactory(cycle=cycle, named=True), proposed=True)
    actions.turn(now=NOON)
    assert Request.objects.get().state == RequestState.PROPOSED


def test_the_clock_opens_for_one_and_holds_for_another_in_one_turn():
    """Three held and two proposed are five together; one held and two proposed are three."""
    world = small_world(givers=0)
    seats = {5: world.participant, 3: ParticipantFactory(cycle=world.perspective.cycle)}
    for number, seat in seats.items():
        for n in range(number):
            RequestFactory(
                perspective=world.perspective,
                participant=seat,
                state="proposed" if n < 2 else "held",
            )
    world.move_cycle(CycleState.COLLECTION)

    actions.turn(now=NOON)

    states = {
        number: list(Request.objects.filter(participant=seat).values_list("state", flat=True))
        for number, seat in seats.items()
    }
    assert states == {5: ["asked"] * 5, 3: ["held"] * 3}
    approved = AuditEvent.objects.filter(verb="approve_request_in_time")
    assert {event.object_id: event.detail for event in approved} == {
        str(seat.pk): {"approved": 2} for seat in seats.values()
    }


# --- upward ---


def test_all_reports_are_asked_once_and_small_teams_are_left_out():
    cycle = CycleFactory(state=CycleState.COLLECTION)
    perspective = PerspectiveFactory(cycle=cycle, upward=True)
    large, small = PersonFactory(), PersonFactory()
    for boss, team in ((large, 5), (small, 4)):
        ParticipantFactory(cycle=cycle, person=boss, manager=None)
        ParticipantFactory(
            person=boss, manager=None
        )  # another cycle, which must not double anything
        PersonFactory.create_batch(team, manager=boss)
    PersonFactory(manager=small, left=True)
    for _ in range(2):
        actions.turn(now=NOON)
    assert list(
        Request.objects.values_list("participant__person", "state", "perspective").distinct()
    ) == [(large.pk, "asked", perspective.pk)]
    assert Request.objects.count() == 5
    assert verbs() == ["ask_upward"]


def test_asking_ten_thousand_costs_one_statement(django_assert_max_num_queries):
    cycle = CycleFactory(state=CycleState.COLLECTION)
    perspective = PerspectiveFactory(cycle=cycle, upward=True)
    for _ in range(5):
        boss = PersonFactory()
        ParticipantFactory(cycle=cycle, person=boss, manager=None)
        PersonFactory.create_batch(6, manager=boss)
    with django_assert_max_num_queries(5):
        assert actions.ask_upward(perspective, by=SYSTEM_VIEWER, now=NOON) == 30
