"""A12 and A13 for bundles: who wrote what, and who wrote at all, changes no byte of anybody's file.

Not even of the giver's own: what a file showed, its owner could be made to show.
"""

from __future__ import annotations

import json
import random
from datetime import timedelta

import pytest
import time_machine
from django.db import transaction

from apps.feedback import actions as feedback_actions
from apps.feedback.states import Mode, PerspectiveKind
from apps.inbox import actions as inbox_actions
from apps.people.models import Person
from tests.factories import NOON
from tests.feedback.test_twin_worlds import Company, company
from tests.feedback.worlds import World, as_viewer, busy_world, send
from tests.reports.canaries import file_of, texts_of

pytestmark = pytest.mark.django_db
Files = dict[str, bytes]


@pytest.fixture(autouse=True)
def _at_noon():
    with time_machine.travel(NOON, tick=False):
        yield


def files(people: list[Person]) -> Files:
    return {person.name: file_of(person) for person in people}


def everybody(world: World) -> list[Person]:
    return [*world.others(), *world.givers]


def after(made: Company, people: list[Person], deeds) -> Files:
    """Everybody's files after these deeds, which are then undone."""
    with transaction.atomic():
        deeds()
        found = files(people)
        transaction.set_rollback(True)
    made.reset()
    return found


def twins(made: Company, lot: random.Random, people: list[Person]) -> tuple[Files, Files]:
    count = len(made.sheets)
    straight, swapped = list(range(count)), [1, 0, *range(2, count)]
    one, other = (
        after(
            made,
            people,
            lambda who=who: made.play(who, lot.sample(straight, count), released=True),
        )
        for who in (straight, swapped)
    )
    return one, other


@pytest.mark.parametrize("kind", [PerspectiveKind.PEER, PerspectiveKind.UPWARD])
def test_without_names_no_file_tells_who_wrote_what(kind):
    lot = random.Random(f"bundle {kind}")
    made = company(lot, mode=Mode.ANONYMOUS, kind=kind)

    one, other = twins(made, lot, everybody(made.world))

    assert one == other
    subject = dict(texts_of(one[made.world.subject.name]))
    assert "Number " in subject["data/feedback.json"], "nothing was read at all"


def test_a_name_for_the_manager_is_in_nobody_elses_file():
    lot = random.Random("confidential")
    made = company(lot, mode=Mode.CONFIDENTIAL, kind=PerspectiveKind.PEER)

    one, other = twins(made, lot, [*made.world.others(), *made.world.givers[2:]])

    assert one == other
    data = dict(texts_of(one[made.world.subject.name]))["data/feedback.json"]
    assert "Number " in data
    assert "canary" not in str(json.loads(data)["received"])


def test_with_names_the_same_look_finds_the_swap():
    lot = random.Random("named")
    made = company(lot, mode=Mode.NAMED, kind=PerspectiveKind.PEER)

    one, other = twins(made, lot, everybody(made.world))

    assert {name for name in one if one[name] != other[name]} == {made.world.subject.name}


@pytest.mark.parametrize("is_sealed", [False, True])
def test_no_file_tells_who_answered_declined_or_was_reminded(is_sealed):
    """With the mails of a week: whoever has not answered is reminded, and no file says so."""
    world = busy_world(givers=7)
    made = Company(world, [])

    def played(answering: list[Person], declining: list[Person]) -> Files:
        def deeds() -> None:
            for giver in answering:
                send(world, giver)
            for giver in declining:
                feedback_actions.decline_request(
                    world.request_of(giver), reason="x", by=as_viewer(giver), now=NOON
                )
            for day in range(-2, 6):
                now = NOON + timedelta(days=day)
                inbox_actions.plan_messages(now=now)
                inbox_actions.send_due_messages(now=now)
            if is_sealed:
                world.seal()

        return after(made, everybody(world), deeds)

    nobody = played([], [])

    assert played(world.givers[:4], world.givers[4:5]) == nobody
    assert played(world.givers[3:], world.givers[:1]) == nobody


def test_the_same_person_at_the_same_instant_has_the_same_bytes():
    world = busy_world()

    assert files(everybody(world)) == files(everybody(world))
