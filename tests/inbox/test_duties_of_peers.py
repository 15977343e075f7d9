"""Who is asked to decide about peers, and to ask somebody else; and who must not learn of it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied

from apps.core.access import Viewer
from apps.core.models import AuditEvent
from apps.core.workflow import StaleState
from apps.feedback import actions as feedback
from apps.feedback.models import Request
from apps.feedback.pages import my_feedback
from apps.feedback.states import Mode, PerspectiveState, RequestState
from apps.inbox import actions, pages
from apps.inbox.states import DutyKind
from apps.people.models import Person
from apps.reviews.states import CycleState, Phase
from tests.factories import NOON
from tests.factories.feedback import RequestFactory
from tests.factories.people import PersonFactory
from tests.factories.reviews import CyclePhaseFactory, ParticipantFactory
from tests.feedback.worlds import as_viewer, small_world

pytestmark = pytest.mark.django_db
COLLECTION_DUE = NOON.date() + timedelta(days=14)


def world_of(mode=Mode.NAMED, givers=3, state=CycleState.COLLECTION, **perspective):
    world = small_world(mode=mode, givers=givers, **perspective)
    world.perspective.cycle.phases.all().delete()
    for kind, days in ((Phase.NOMINATION, -3), (Phase.COLLECTION, 14)):
        CyclePhaseFactory(
            cycle=world.perspective.cycle, kind=kind, opens_on=NOON.date() + timedelta(days=days - 7),
            due_on=NOON.date() + timedelta(days=days),
        )  # fmt: skip
    world.move_cycle(state)
    return world


def asked(person, *kinds):
    kinds = kinds or (DutyKind.APPROVE_PEERS, DutyKind.ADD_PEERS)
    rows = pages.duties_of(Viewer(person_id=person.pk))
    return [(d.kind, d.object_id, d.due_on) for d in rows if d.kind in kinds]


def propose(world, participant=None):
    return RequestFactory(
        perspective=world.perspective, participant=participant or world.participant, proposed=True
    )


def decline(world, giver):
    feedback.decline_request(
        world.request_of(giver), code="no_time", reason="", by=as_viewer(giver), now=NOON
    )


def without_manager(world, person=None):
    return ParticipantFactory(
        cycle=world.perspective.cycle, person=person or PersonFactory(), manager=None
    )


# --- proposals ---


@pytest.mark.parametrize(
    ("state", "days"), [(CycleState.NOMINATION, -3), (CycleState.COLLECTION, 14)]
)
def test_what_waits_is_asked_of_the_manager_until_collection_is_over(state, days):
    world = world_of(state=state)
    request = propose(world)
    due = NOON.date() + timedelta(days=days)
    assert asked(world.manager) == [(DutyKind.APPROVE_PEERS, world.participant.pk, due)]

    feedback.approve_request(request, by=as_viewer(world.manager), now=NOON)

    assert asked(world.manager) == []


def test_what_nobody_can_approve_any_more_is_asked_of_nobody():
    world = world_of()
    propose(world)
    type(world.perspective).objects.update(state=PerspectiveState.SEALED)
    assert asked(world.manager) == []


def test_the_page_is_there_for_whoever_is_asked(client):
    world = world_of()
    propose(world)
    seat = without_manager(world)
    propose(world, seat)
    world.perspective.cycle.owners.set([world.hr])
    for person, about in ((world.manager, world.participant), (world.hr, seat)):
        client.force_login(person.user)
        home = client.get("/").content.decode()
        url = f"/feedback/approve/{about.pk}/"
        assert url in home
        assert client.get(url).status_code == 200


# --- where nobody leads ---


def test_the_owners_who_are_hr_decide_where_nobody_leads():
    world = world_of()
    other, was_hr = PersonFactory(process_admin=True), PersonFactory()
    gone = PersonFactory(process_admin=True, left=True)
    world.perspective.cycle.owners.set([world.hr, other, was_hr, gone])
    seat = without_manager(world)
    propose(world, seat)

    expected = [(DutyKind.APPROVE_PEERS, seat.pk, COLLECTION_DUE)]
    assert (asked(world.hr), asked(other)) == (expected, expected)
    assert [asked(person) for person in (was_hr, gone, world.manager)] == [[], [], []]
    everybody = [d.person_id for d in pages.duties_of_everyone() if d.kind == "approve_peers"]
    assert sorted(everybody) == sorted([world.hr.pk, other.pk])
    assert pages.badge(Viewer(person_id=other.pk)).count == 1


def test_nobody_of_hr_is_asked_about_themself():
    world = world_of()
    other = PersonFactory(process_admin=True)
    world.perspective.cycle.owners.set([world.hr, other])
    propose(world, without_manager(world, world.hr))
    assert asked(world.hr) == []
    assert len(asked(other)) == 1


# --- declines ---


@pytest.mark.parametrize(
    ("mode", "givers", "declining", "is_asked"),
    [
        (Mode.NAMED, 3, 0, False),
        (Mode.NAMED, 3, 1, True),
        (Mode.NAMED, 4, 1, False),
        (Mode.CONFIDENTIAL, 6, 1, False),
        (Mode.CONFIDENTIAL, 6, 2, True),
        (Mode.ANONYMOUS, 5, 1, False),
        (Mode.ANONYMOUS, 5, 5, False),
    ],
)
def test_a_manager_is_asked_for_somebody_else_once_too_few_are_left(
    mode, givers, declining, is_asked
):
    """PRIVACY: never without names, however many declined."""
    world = world_of(mode=mode, givers=givers)
    for giver in world.givers[:declining]:
        decline(world, giver)
    expected = [(DutyKind.ADD_PEERS, world.participant.pk, COLLECTION_DUE)] if is_asked else []
    assert asked(world.manager) == expected


def test_it_ends_with_somebody_else_who_is_asked():
    world = world_of()
    decline(world, world.givers[0])
    feedback.replace_request(
        world.request_of(world.givers[0]), giver_id=world.stranger.pk,
        by=as_viewer(world.manager), now=NOON,
    )  # fmt: skip
    assert asked(world.manager) == []


def enough(world, left, by=None):
    return feedback.accept_fewer_peers(
        world.participant, left=left, by=as_viewer(by or world.manager), now=NOON
    )


def test_it_ends_for_everybody_when_whoever_decides_needs_no_replacement():
    world = world_of()
    world.perspective.cycle.owners.set([world.hr])
    seat = without_manager(world)
    for giver in world.givers:
        RequestFactory(perspective=world.perspective, participant=seat, giver=giver)
    Request.objects.filter(giver=world.givers[0]).update(state=RequestState.DECLINED)
    expected = [(DutyKind.ADD_PEERS, seat.pk, COLLECTION_DUE)]
    assert (len(asked(world.manager)), asked(world.hr)) == (1, expected)

    enough(world, 2)
    assert (asked(world.manager), asked(world.hr)) == ([], expected)
    assert my_feedback(as_viewer(world.manager)).to_replace == []
    feedback.accept_fewer_peers(seat, left=2, by=as_viewer(world.hr), now=NOON)

    assert [d for d in pages.duties_of_everyone() if d.kind == DutyKind.ADD_PEERS] == []
    assert pages.badge(as_viewer(world.manager)).count == 0


def test_one_more_decline_asks_anew():
    world = world_of(givers=4)
    decline(world, world.givers[0])
    decline(world, world.givers[1])
    enough(world, 2)
    assert asked(world.manager) == []

    decline(world, world.givers[2])

    assert [kind for kind, *_ in asked(world.manager)] == [DutyKind.ADD_PEERS]
    assert enough(world, 1).left == 1
    assert asked(world.manager) == []


def test_naming_somebody_after_all_undoes_it():
    world = world_of()
    decline(world, world.givers[0])
    enough(world, 2)
    by = {"by": as_viewer(world.manager), "now": NOON}
    feedback.add_request(world.participant, giver_id=world.stranger.pk, **by)
    assert asked(world.manager) == []

    decline(world, world.stranger)

    assert [kind for kind, *_ in asked(world.manager)] == [DutyKind.ADD_PEERS]


def test_where_too_few_are_approved_it_may_be_left_at_that():
    world = world_of(mode=Mode.ANONYMOUS, givers=3)
    Request.objects.update(state=RequestState.HELD)
    enough(world, 3)
    assert asked(world.manager) == []
    assert set(Request.objects.values_list("state", flat=True)) == {"held"}


@pytest.mark.parametrize("left", [3, 1, None])
def test_it_is_said_of_what_was_seen(left):
    world = world_of()
    decline(world, world.givers[0])
    with pytest.raises(StaleState):
        enough(world, left)
    assert len(asked(world.manager)) == 1


@pytest.mark.parametrize(("mode", "declining"), [(Mode.NAMED, 0), (Mode.ANONYMOUS, 2)])
def test_where_nobody_is_lacked_there_is_nothing_to_say(mode, declining):
    """PRIVACY: without names a decline opens no door, not even to whoever guesses the number."""
    world = world_of(mode=mode)
    for giver in world.givers[:declining]:
        decline(world, giver)
    for left in range(4):
        with pytest.raises(StaleState):
            enough(world, left)


def test_only_whoever_decides_says_that_no_replacement_is_needed():
    world = world_of()
    decline(world, world.givers[0])
    for person in (world.subject, world.skip, world.hr, world.givers[1], world.stranger):
        with pytest.raises(PermissionDenied):
            enough(world, 2, person)
    enough(world, 2)
    said = AuditEvent.objects.get(verb="accept_fewer_peers")
    assert (said.actor_id, said.detail) == (world.manager.pk, {"left": 2})


@pytest.mark.parametrize("mode", Mode)
def test_the_page_says_it_in_words_and_takes_the_answer(mode, client):
    world = world_of(mode=mode, givers=3)
    if mode == Mode.ANONYMOUS:
        Request.objects.update(state=RequestState.HELD)
    else:
        decline(world, world.givers[0])
    client.force_login(world.manager.user)
    url = f"/feedback/approve/{world.participant.pk}/"
    button = "Leave it at that" if mode == Mode.ANONYMOUS else "No replacement needed"
    asking = client.get(url).content.decode()
    left = 3 if mode == Mode.ANONYMOUS else 2
    assert button in asking
    assert f'name="left" value="{left}"' in asking

    answer = client.post(f"{url}enough/", {"left": left}, follow=True).content.decode()

    said = "left it at that" if mode == Mode.ANONYMOUS else "said that no replacement is needed"
    assert f"Mira Manager {said}" in answer
    assert button not in answer
    assert client.post(f"{url}enough/", {"left": left}).status_code == 409


def test_it_ends_with_collection():
    world = world_of()
    decline(world, world.givers[0])
    world.move_cycle(CycleState.MANAGER_REVIEW)
    with pytest.raises(PermissionDenied):
        enough(world, 2)


def test_what_is_held_because_too_few_are_asked_needs_more():
    """Which says how many were approved, and nothing of who answered."""
    world = world_of(mode=Mode.ANONYMOUS, givers=4)
    Request.objects.update(state=RequestState.HELD)
    assert [kind for kind, *_ in asked(world.manager)] == [DutyKind.ADD_PEERS]
    feedback.add_request(
        world.participant, giver_id=world.stranger.pk, by=as_viewer(world.manager), now=NOON
    )
    assert asked(world.manager) == []


@pytest.mark.parametrize("mode", [Mode.NAMED, Mode.CONFIDENTIAL, Mode.ANONYMOUS])
def test_the_page_of_feedback_lists_what_the_duties_list(mode, client):
    """A decline where names are known, too few approved where not; a proposal that waits as well."""
    world = world_of(mode=mode, givers=4)
    Request.objects.filter(giver__in=world.givers[:2]).update(
        state=RequestState.HELD if mode == Mode.ANONYMOUS else RequestState.DECLINED
    )
    propose(
        world, other := ParticipantFactory(cycle=world.perspective.cycle, manager=world.manager)
    )
    Person.objects.filter(pk=other.person_id).update(manager=world.manager)

    page = my_feedback(as_viewer(world.manager))

    listed = [
        (kind, row.participant_id, row.due_on)
        for kind, rows in (
            (DutyKind.APPROVE_PEERS, page.to_approve),
            (DutyKind.ADD_PEERS, page.to_replace),
        )
        for row in rows
    ]
    assert sorted(listed) == sorted(asked(world.manager))
    assert len(listed) == 2
    client.force_login(world.manager.user)
    said = client.get("/feedback/").content.decode()
    declined, held = "2 people declined, too few are left", "nobody is asked yet"
    assert (declined in said, held in said) == (mode != Mode.ANONYMOUS, mode == Mode.ANONYMOUS)


def test_nobody_but_who_decides_is_told_that_somebody_declined():
    """PRIVACY: not the person, not those above, and HR with no press of a button."""
    world = world_of()
    decline(world, world.givers[0])
    assert [p for p in Person.objects.all() if asked(p, DutyKind.ADD_PEERS)] == [world.manager]
    reminded = actions.remind_now(
        world.perspective.cycle, [world.participant.pk], by=as_viewer(world.hr), now=NOON
    )
    assert reminded.people == 0
    for day in range(40):
        now = NOON + timedelta(days=day)
        actions.plan_messages(now=now)
        actions.send_due_messages(now=now)
    told = {letter.to[0] for letter in mail.outbox if "Ask more peers" in letter.body}
    assert told == {world.manager.email}
