"""How much is asked of one person, changed by HR while the cycle runs: for those asked from now on."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from apps.core.models import AuditEvent
from apps.core.workflow import StaleState
from apps.feedback import actions
from apps.feedback.models import Perspective, Request
from apps.feedback.rules import Doubtful, NotAllowed
from apps.feedback.states import Mode, PerspectiveKind, PerspectiveState, RequestState
from apps.reviews.states import CycleState
from tests.factories import NOON
from tests.factories.feedback import PerspectiveFactory, RequestFactory
from tests.factories.people import PersonFactory
from tests.factories.reviews import CycleFactory
from tests.feedback.worlds import as_viewer, small_world

pytestmark = pytest.mark.django_db


def changed(perspective, budget=6, days=60, *, by=None):
    by = by or as_viewer(PersonFactory(process_admin=True))
    return actions.change_limits(perspective, giver_budget=budget, least_days=days, by=by, now=NOON)


def limits():
    return Perspective.objects.values_list("giver_budget", "least_days").get()


@pytest.mark.parametrize(("budget", "days"), [(3, 60), (9, 60), (6, 0), (6, 365), (1, 730)])
def test_both_rise_and_fall_and_are_written_down(budget, days):
    perspective = PerspectiveFactory()

    assert changed(perspective, budget, days)

    assert limits() == (budget, days)
    assert AuditEvent.objects.get(verb="change_limits").detail == {
        "before": {"giver_budget": 6, "least_days": 60},
        "after": {"giver_budget": budget, "least_days": days},
    }


def test_the_same_once_more_is_no_change():
    assert not changed(PerspectiveFactory())
    assert not AuditEvent.objects.exists()


@pytest.mark.parametrize(("budget", "days"), [(0, 60), (31, 60), (6, -1), (6, 731)])
def test_numbers_that_no_cycle_has_are_refused(budget, days):
    with pytest.raises(NotAllowed):
        changed(PerspectiveFactory(), budget, days)
    assert limits() == (6, 60)


def test_of_two_who_change_it_at_once_the_second_is_told():
    perspective = PerspectiveFactory()
    stale = Perspective.objects.select_related("cycle").get()
    changed(perspective, 4)
    with pytest.raises(StaleState):
        changed(stale, 9)
    assert limits() == (4, 60)


@pytest.mark.parametrize("kind", PerspectiveKind)
@pytest.mark.parametrize("state", CycleState)
def test_it_is_changed_while_somebody_may_still_be_asked(kind, state):
    """Peers are asked until collection is over; the teams, in the moment in which it begins."""
    perspective = PerspectiveFactory(kind=kind, cycle=CycleFactory(state=state))
    asking = {CycleState.NOMINATION}
    if kind == PerspectiveKind.PEER:
        asking |= {CycleState.COLLECTION}
    if state in asking:
        assert changed(perspective, 5)
    else:
        with pytest.raises(PermissionDenied):
            changed(perspective, 5)


def test_neither_what_is_sealed_nor_by_anybody_but_hr():
    sealed = PerspectiveFactory(state=PerspectiveState.SEALED)
    with pytest.raises(PermissionDenied):
        changed(sealed, 5)
    with pytest.raises(PermissionDenied):
        changed(PerspectiveFactory(), 5, by=as_viewer(PersonFactory(content_admin=True)))


def waiting(world, giver, *, others, proposed=1):
    """`others` ask this person, and that many more would like to."""
    for state in [RequestState.ASKED] * others + [RequestState.PROPOSED] * proposed:
        RequestFactory(perspective=world.perspective, giver=giver, state=state)


def states_of(giver):
    return sorted(Request.objects.filter(giver=giver).values_list("state", flat=True))


def test_nobody_who_is_asked_or_proposed_is_touched_when_it_falls():
    world = small_world(mode=Mode.NAMED, givers=0)
    popular = PersonFactory()
    waiting(world, popular, others=4, proposed=2)
    before = states_of(popular)

    changed(world.perspective, 2)

    assert states_of(popular) == before
    with pytest.raises(Doubtful):
        actions.add_request(
            world.participant, giver_id=popular.pk, by=as_viewer(world.manager), now=NOON
        )


def test_what_waits_is_looked_at_again_when_it_rises():
    world = small_world(mode=Mode.NAMED, givers=0, giver_budget=2)
    popular = PersonFactory()
    waiting(world, popular, others=2, proposed=2)
    actions.turn(now=NOON)
    assert states_of(popular) == ["asked", "asked", "proposed", "proposed"]

    changed(world.perspective, 3)
    actions.turn(now=NOON)

    assert states_of(popular) == ["asked", "asked", "asked", "proposed"]


def test_days_on_board_count_from_the_next_who_is_named():
    world = small_world(mode=Mode.NAMED, givers=0, least_days=60)
    new = PersonFactory(hired_on=NOON.date().replace(day=1))
    by = as_viewer(world.manager)
    with pytest.raises(Doubtful):
        actions.add_request(world.participant, giver_id=new.pk, by=by, now=NOON)

    changed(world.perspective, days=10)

    actions.add_request(world.participant, giver_id=new.pk, by=by, now=NOON)
    assert states_of(new) == ["asked"]


# --- the page ---


def posted(client, world, **values):
    client.force_login(world.hr.user)
    url = reverse("feedback:change_limits", args=[world.perspective.pk])
    return client.post(url, values)


def test_hr_changes_it_on_the_page_and_the_mode_stays(client):
    world = small_world()
    page = reverse("feedback:perspectives", args=[world.perspective.cycle_id])
    assert posted(client, world, giver_budget="9", least_days="30", mode="named").url == page
    assert limits() == (9, 30)
    assert Perspective.objects.get().mode == Mode.ANONYMOUS
    shown = client.get(page).content.decode()
    assert "Nothing changes for anybody who is asked or proposed already." in shown


@pytest.mark.parametrize("values", [{}, {"giver_budget": "0", "least_days": "60"}])
def test_what_cannot_be_is_said_at_the_field(client, values):
    world = small_world()
    response = posted(client, world, **values)
    assert response.status_code == 422
    assert 'id="limits_peer_giver_budget"' in response.content.decode()
    assert limits() == (6, 60)


def test_for_the_teams_there_is_nothing_to_count_per_person(client):
    world = small_world(kind=PerspectiveKind.UPWARD)
    world.move_cycle(CycleState.NOMINATION)
    posted(client, world, least_days="30", giver_budget="2")
    assert limits() == (6, 30)
