"""Who may be asked, how much is asked of one person, and what a decline tells."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from apps.core.models import AuditEvent
from apps.core.workflow import StaleState
from apps.feedback import actions, pages
from apps.feedback.models import Request
from apps.feedback.rules import Doubtful, NotAllowed, doubts, has_been_here, within_budget
from apps.feedback.states import COUNTED, Mode, PerspectiveKind, RequestState
from apps.reviews.states import CycleState, Phase
from tests.factories import NOON
from tests.factories.feedback import PerspectiveFactory, RequestFactory
from tests.factories.people import PersonFactory
from tests.factories.reviews import ParticipantFactory
from tests.feedback.worlds import as_viewer, small_world

pytestmark = pytest.mark.django_db
TODAY = NOON.date()


def nominating(mode=Mode.NAMED, givers=0, **perspective):
    world = small_world(mode=mode, givers=givers, **perspective)
    Request.objects.all().delete()
    world.move_cycle(CycleState.NOMINATION)
    return world


def busy(world, giver, times):
    """Others of the cycle ask this person so many times."""
    for n in range(times):
        RequestFactory(perspective=world.perspective, giver=giver, state=COUNTED[n % len(COUNTED)])


def proposed(world, giver):
    row = RequestFactory(
        perspective=world.perspective, participant=world.participant, giver=giver, proposed=True
    )
    return Request.objects.with_people().get(pk=row.pk)


def propose(world, people):
    actions.propose_peers(
        world.participant,
        giver_ids=[p.pk for p in people],
        by=as_viewer(world.subject),
        now=NOON,
    )


def page_of(world, **more):
    return pages.approve_peers(
        as_viewer(world.manager), participant_id=world.participant.pk, now=NOON, **more
    )


# --- rules ---


@pytest.mark.parametrize(
    ("days", "here"), [(None, True), (59, False), (60, True), (61, True), (-5, False)]
)
def test_long_enough_counts_days_and_an_unknown_first_day_is_long_ago(days, here):
    hired = None if days is None else TODAY - timedelta(days=days)
    assert has_been_here(hired, on=TODAY, least_days=60) == here


def test_a_doubt_for_each_who_is_asked_enough_or_is_new():
    people = {1: (6, None), 2: (5, None), 3: (0, TODAY), 4: (7, TODAY)}
    found = doubts(people, budget=6, least_days=60, on=TODAY)
    assert found == {1: "budget", 3: "new", 4: "budget"}


def test_the_clock_approves_up_to_the_budget_in_the_order_of_coming():
    waiting = [(10, 1), (11, 1), (12, 2), (13, 1)]
    assert within_budget(waiting, {1: 4}, 6) == ([10, 11, 12], [13])
    assert within_budget(waiting, {1: 9}, 6) == ([12], [10, 11, 13])


# --- the budget ---


def test_nobody_proposes_somebody_of_whom_enough_is_asked():
    world = nominating(givers=3, giver_budget=4)
    busy(world, world.givers[0], 4)
    with pytest.raises(Doubtful, match="Giver0canary Peer0canary is asked by 4 people already"):
        propose(world, world.givers)
    assert not Request.objects.filter(participant=world.participant).exists()


def test_what_was_proposed_stays_proposable_when_others_come_first():
    world = nominating(givers=4, giver_budget=4)
    propose(world, world.givers[:3])
    busy(world, world.givers[0], 4)
    propose(world, [world.givers[0], world.givers[1], world.givers[3]])
    found = Request.objects.filter(participant=world.participant)
    assert set(found.values_list("giver_id", flat=True)) == {world.givers[n].pk for n in (0, 1, 3)}


def test_nobody_proposes_a_newcomer_but_the_manager_may_ask_one():
    world = nominating(givers=2)
    new = PersonFactory(name="Nela New", hired_on=TODAY - timedelta(days=10))
    with pytest.raises(Doubtful, match="Nela New has been here for less than 60 days"):
        propose(world, [*world.givers, new])
    boss = as_viewer(world.manager)
    with pytest.raises(Doubtful):
        actions.add_request(world.participant, giver_id=new.pk, by=boss, now=NOON)
    actions.add_request(world.participant, giver_id=new.pk, by=boss, now=NOON, overrule=True)
    assert Request.objects.get(giver=new).state == RequestState.ASKED


@pytest.mark.parametrize("deed", ["approve_request", "approve_peers", "add_request"])
def test_the_manager_is_warned_and_may_overrule(deed):
    world = nominating(givers=1, giver_budget=2)
    giver = world.givers[0]
    busy(world, giver, 2)
    boss = as_viewer(world.manager)
    if deed == "add_request":
        subject, more = world.participant, {"giver_id": giver.pk}
    else:
        request = proposed(world, giver)
        subject, more = (request, {}) if deed == "approve_request" else (world.participant, {})
    act = getattr(actions, deed)

    with pytest.raises(Doubtful, match="asked by 2 people already"):
        act(subject, by=boss, now=NOON, **more)
    act(subject, by=boss, now=NOON, overrule=True, **more)

    asked = Request.objects.get(giver=giver, participant=world.participant)
    assert asked.state == RequestState.ASKED
    assert AuditEvent.objects.get(verb__in=["approve_request", "add_request"]).detail["overruled"]


def test_overruling_opens_no_gate():
    world = nominating(givers=1)
    request = proposed(world, world.givers[0])
    for person in (world.subject, world.stranger, world.hr, world.skip, world.givers[0]):
        with pytest.raises(PermissionDenied):
            actions.approve_request(request, by=as_viewer(person), now=NOON, overrule=True)


def test_one_who_cannot_be_asked_at_all_is_not_asked_all_the_same():
    world = nominating()
    with pytest.raises(NotAllowed, match="manager writes"):
        actions.add_request(
            world.participant, giver_id=world.manager.pk, by=as_viewer(world.manager), now=NOON,
            overrule=True,
        )  # fmt: skip


def test_the_load_is_the_same_whatever_became_of_what_was_asked():
    """PRIVACY: a number that fell with a decline would tell of it."""
    world = nominating(givers=1)
    loads = []
    for state in COUNTED:
        Request.objects.all().delete()
        RequestFactory(perspective=world.perspective, giver=world.givers[0], state=state)
        loads += [p.load for p in page_of(world, find="Giver0").found]
    assert loads == [1] * len(COUNTED)


def test_the_clock_approves_only_what_the_budget_allows_and_leaves_the_rest_to_the_manager():
    world = nominating(givers=3, giver_budget=2)
    busy(world, world.givers[0], 2)
    for giver in world.givers:
        proposed(world, giver)
    day = world.perspective.cycle.phases.get(kind=Phase.NOMINATION).due_on
    after = NOON.replace(year=day.year, month=day.month, day=day.day) + timedelta(days=2)

    for _ in range(2):
        actions.turn(now=after)

    mine = Request.objects.filter(participant=world.participant).order_by("pk")
    assert list(mine.values_list("state", flat=True)) == ["proposed", "asked", "asked"]
    assert [row.has_many for row in page_of(world).waiting] == [True]
    assert AuditEvent.objects.get(verb="approve_request_in_time").detail == {"approved": 2}
    shown = pages.my_feedback(as_viewer(world.manager))
    assert [row.waiting for row in shown.to_approve] == [1]


def test_what_the_budget_left_waits_in_collection_too():
    world = nominating(givers=1, giver_budget=1)
    busy(world, world.givers[0], 1)
    request = proposed(world, world.givers[0])
    world.move_cycle(CycleState.COLLECTION)
    actions.turn(now=NOON)
    assert [row.waiting for row in pages.my_feedback(as_viewer(world.manager)).to_approve] == [1]
    request = Request.objects.with_people().get(pk=request.pk)
    actions.approve_request(request, by=as_viewer(world.manager), now=NOON, overrule=True)
    assert request.state == RequestState.ASKED


@pytest.mark.parametrize(("people", "state"), [(4, "held"), (5, "asked")])
def test_the_clock_holds_anonymous_requests_until_enough_are_asked(people, state):
    world = nominating(Mode.ANONYMOUS, givers=people)
    for giver in world.givers:
        proposed(world, giver)
    world.move_cycle(CycleState.COLLECTION)
    actions.turn(now=NOON)
    assert set(Request.objects.values_list("state", flat=True)) == {state}


@pytest.mark.parametrize("people", [3, 60])
def test_approving_in_time_costs_the_same_for_three_and_for_sixty(
    people, django_assert_max_num_queries
):
    world = nominating(Mode.ANONYMOUS)
    for _ in range(people):
        seat = ParticipantFactory(cycle=world.perspective.cycle)
        for _ in range(5):
            RequestFactory(perspective=world.perspective, participant=seat, proposed=True)
    world.move_cycle(CycleState.COLLECTION)
    waiting = list(Request.objects.to_approve())
    with django_assert_max_num_queries(9):
        assert actions.approve_in_time(world.perspective, waiting, now=NOON) == people * 5


# --- replacing, and what a decline tells ---


def test_replacing_leaves_one_out_and_asks_another():
    world = nominating(givers=2)
    request = proposed(world, world.givers[0])
    actions.replace_request(
        request, giver_id=world.givers[1].pk, by=as_viewer(world.manager), now=NOON
    )
    mine = Request.objects.order_by("giver__name")
    assert list(mine.values_list("state", flat=True)) == ["turned_down", "asked"]


def test_a_replacement_that_is_refused_turns_nobody_down():
    world = nominating(givers=1)
    request = proposed(world, world.givers[0])
    with pytest.raises(NotAllowed):
        actions.replace_request(
            request, giver_id=world.subject.pk, by=as_viewer(world.manager), now=NOON
        )
    assert Request.objects.get().state == RequestState.PROPOSED


def test_two_who_decide_at_once_decide_once():
    world = nominating(givers=2)
    request = proposed(world, world.givers[0])
    stale = Request.objects.with_people().get(pk=request.pk)
    actions.turn_down_request(request, by=as_viewer(world.manager), now=NOON)
    with pytest.raises(StaleState):
        actions.approve_request(stale, by=as_viewer(world.manager), now=NOON)


def declined(world, giver):
    request = world.request_of(giver)
    actions.decline_request(
        request, code="little_contact", reason="One day.", by=as_viewer(giver), now=NOON
    )
    return request


@pytest.mark.parametrize("mode", [Mode.NAMED, Mode.CONFIDENTIAL])
def test_with_names_the_manager_reads_why_and_asks_somebody_else(mode, client):
    world = small_world(mode=mode, givers=3)
    request = declined(world, world.givers[0])
    row = next(r for r in page_of(world).decided if r.declined)
    assert (row.reason, row.words) == ("Too little contact to say something fair", "One day.")

    client.force_login(world.manager.user)
    url = reverse("feedback:replace_request", args=[request.pk])
    client.post(url, {"giver": world.stranger.pk})

    kept = Request.objects.filter(participant=world.participant)
    assert kept.get(giver=world.stranger).state == RequestState.ASKED
    assert kept.get(pk=request.pk).state == RequestState.DECLINED


def test_without_names_a_decline_changes_no_byte_of_the_managers_page(client):
    """PRIVACY: no reason, no count, no offer of a replacement; before and after look the same."""
    world = small_world(givers=5)
    client.force_login(world.manager.user)
    urls = [
        reverse("feedback:approve_peers", args=[world.participant.pk]),
        reverse("feedback:my_feedback"),
    ]

    def seen():
        return [
            "".join(
                line
                for line in client.get(url).content.decode().splitlines()
                if "csrf" not in line.lower()
            )
            for url in urls
        ]

    before = seen()
    request = declined(world, world.givers[0])
    assert seen() == before
    request.refresh_from_db()
    assert (request.decline_code, request.decline_reason) == ("", "")


@pytest.mark.parametrize("mode", Mode)
def test_the_person_never_learns_of_a_decline(mode):
    world = small_world(mode=mode, givers=3)
    declined(world, world.givers[0])
    named = pages.my_feedback(as_viewer(world.subject)).named[0]
    assert {word for _name, word in named.people} == {"Asked"}


@pytest.mark.parametrize(("sent", "status"), [({}, 422), ({"code": "bored"}, 422), ({"code": "no_time"}, 302)])  # fmt: skip
def test_declining_with_a_name_says_why(client, sent, status):
    world = small_world(mode=Mode.NAMED, givers=1)
    request = world.request_of(world.givers[0])
    client.force_login(world.givers[0].user)
    response = client.post(reverse("feedback:decline_request", args=[request.pk]), sent)
    request.refresh_from_db()
    assert response.status_code == status
    assert request.state == ("declined" if status == 302 else "asked")
    assert request.decline_code == ("no_time" if status == 302 else "")


# --- where there is no manager ---


def test_hr_decides_for_those_without_a_manager_and_finds_them_in_a_list(client):
    world = nominating(giver_budget=9)
    alone = ParticipantFactory(
        cycle=world.perspective.cycle, person=PersonFactory(name="Ada Alone"), manager=None
    )
    client.force_login(world.hr.user)
    listed = pages.perspectives(as_viewer(world.hr), cycle_id=world.perspective.cycle_id, on=TODAY)
    assert [(row.participant_id, row.person) for row in listed.without_manager] == [
        (alone.pk, "Ada Alone")
    ]
    page = client.get(reverse("feedback:approve_peers", args=[alone.pk]))
    assert page.status_code == 200
    client.post(reverse("feedback:add_request", args=[alone.pk]), {"giver": world.stranger.pk})
    request = Request.objects.get(participant=alone)
    assert request.state == RequestState.ASKED
    request = RequestFactory(
        perspective=world.perspective, participant=alone, proposed=True, giver=world.skip
    )
    url = reverse("feedback:replace_request", args=[request.pk])
    assert client.post(url, {"giver": world.manager.pk}).status_code == 302
    assert Request.objects.get(pk=request.pk).state == RequestState.TURNED_DOWN


def test_nobody_decides_on_their_own_peers_not_even_hr_without_a_manager(client):
    world = nominating()
    mine = ParticipantFactory(cycle=world.perspective.cycle, person=world.hr, manager=None)
    client.force_login(world.hr.user)
    assert client.get(reverse("feedback:approve_peers", args=[mine.pk])).status_code == 404
    listed = pages.perspectives(as_viewer(world.hr), cycle_id=world.perspective.cycle_id, on=TODAY)
    assert listed.without_manager == []


def test_what_hr_or_the_manager_proposed_is_not_the_persons_to_drop():
    world = nominating(givers=5)
    theirs = RequestFactory(
        perspective=world.perspective, participant=world.participant, giver=world.givers[4],
        state=RequestState.PROPOSED,
    )  # fmt: skip
    propose(world, world.givers[:3])
    assert Request.objects.filter(pk=theirs.pk).exists()
    propose(world, world.givers[2:5])
    theirs.refresh_from_db()
    assert theirs.proposed_by_id == world.subject.pk
    assert Request.objects.filter(participant=world.participant).count() == 3


def test_the_kind_of_feedback_does_not_mix_into_the_load():
    world = nominating(givers=1)
    upward = PerspectiveFactory(cycle=world.perspective.cycle, kind=PerspectiveKind.UPWARD)
    RequestFactory(perspective=upward, giver=world.givers[0])
    assert [p.load for p in page_of(world, find="Giver0").found] == [0]
