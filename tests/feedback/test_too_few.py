"""So few are asked that nothing could be read: whoever decides is told, and the person, and nobody is stopped."""

import pytest
from django.urls import reverse

from apps.feedback import actions, pages
from apps.feedback.models import Request
from apps.feedback.rules import NotAllowed
from apps.feedback.states import Mode, RequestState
from tests.factories import NOON
from tests.factories.feedback import RequestFactory
from tests.feedback.test_choosing import nominating, page_of, propose
from tests.feedback.worlds import as_viewer

pytestmark = pytest.mark.django_db


def list_of(world, count, state=RequestState.PROPOSED):
    for giver in world.givers[:count]:
        RequestFactory(
            perspective=world.perspective, participant=world.participant, giver=giver, state=state,
            proposed_by=world.subject,
        )  # fmt: skip


@pytest.mark.parametrize(
    ("mode", "count", "unread"),
    [
        (Mode.CONFIDENTIAL, 0, 0),
        (Mode.CONFIDENTIAL, 1, 4),
        (Mode.CONFIDENTIAL, 4, 1),
        (Mode.CONFIDENTIAL, 5, 0),
        (Mode.ANONYMOUS, 4, 1),
        (Mode.NAMED, 1, 0),
    ],
)
def test_whoever_decides_is_told_when_so_few_are_asked_that_nothing_can_be_read(
    mode, count, unread, client
):
    world = nominating(mode, givers=6)
    list_of(world, count)
    client.force_login(world.manager.user)
    url = reverse("feedback:approve_peers", args=[world.participant.pk])

    said = f"With {count} on this list and 5 needed, Sofia Subject will read nothing of it"

    assert page_of(world).unread == unread
    is_said = mode == Mode.CONFIDENTIAL and bool(unread)
    assert (said in client.get(url).content.decode()) == is_said
    client.post(reverse("feedback:approve_all", args=[world.participant.pk]))
    assert not Request.objects.filter(state=RequestState.PROPOSED).exists()
    assert (said in client.get(url).content.decode()) == is_said


def test_who_is_left_out_or_declined_is_not_counted_and_who_answered_is():
    world = nominating(Mode.CONFIDENTIAL, givers=6)
    list_of(world, 6, RequestState.ASKED)
    states = ("turned_down", "declined", "answered", "lapsed")
    for giver, state in zip(world.givers, states, strict=False):
        Request.objects.filter(giver=giver).update(state=state)
    page = page_of(world)
    assert (page.standing, page.unread) == (3, 2)


def test_without_names_whoever_declined_is_counted_like_everybody():
    """PRIVACY: the number would tell."""
    world = nominating(Mode.ANONYMOUS, givers=6)
    list_of(world, 6, RequestState.ASKED)
    Request.objects.filter(giver__in=world.givers[:3]).update(state=RequestState.DECLINED)
    page = page_of(world)
    assert (page.standing, page.unread, page.declined) == (6, 0, 0)


@pytest.mark.parametrize("mode", Mode)
def test_the_person_is_told_when_too_few_are_left_of_their_list_and_names_others(mode, client):
    world = nominating(mode, givers=9)
    propose(world, world.givers[: 3 if mode == Mode.NAMED else 5])
    by = {"by": as_viewer(world.manager), "now": NOON}
    for giver in world.givers[:2]:
        actions.turn_down_request(world.request_of(giver), **by)
    client.force_login(world.subject.user)
    url = reverse("feedback:nominate", args=[world.participant.pk])
    said = "2 people you named will not be asked"
    assert (said in client.get(url).content.decode()) == (mode != Mode.NAMED)

    actions.approve_peers(world.participant, **by)
    actions.add_request(world.participant, giver_id=world.stranger.pk, **by)
    page = pages.nominate(as_viewer(world.subject), participant_id=world.participant.pk, now=NOON)
    assert page.listed == (1 if mode == Mode.NAMED else 3)  # whom the manager added is not theirs
    propose(world, world.givers[5 : 5 + page.fewest])

    assert page.fewest == 2
    html = client.get(url).content.decode()
    assert said not in html
    assert "You can name up to" in html


def test_what_was_approved_counts_for_the_most_that_can_be_named():
    world = nominating(givers=9, giver_budget=9)
    propose(world, world.givers[:5])
    actions.approve_peers(world.participant, by=as_viewer(world.manager), now=NOON)
    with pytest.raises(NotAllowed):
        propose(world, world.givers[5:6])
    page = pages.nominate(as_viewer(world.subject), participant_id=world.participant.pk, now=NOON)
    assert (page.fewest, page.most) == (0, 0)
