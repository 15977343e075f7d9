"""A12 and A13: two worlds that differ in who wrote what, or in who wrote at all, look alike.

Made-up companies; in each, givers change places, and so does the order in which they send. Whoever is
not one of those who changed sees the same bytes: pages, files, API, admin, mails and the audit.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail

from apps.core.models import AuditEvent
from apps.feedback import actions as feedback_actions
from apps.feedback.models import FeedbackDraft, Request
from apps.feedback.states import Mode, PerspectiveKind
from apps.inbox import actions as inbox_actions
from apps.inbox.models import MessageLine
from apps.people.models import Person
from apps.reviews.states import CycleState
from tests.asking import ANSWERS
from tests.factories import NOON
from tests.factories.people import UserFactory
from tests.feedback.looking import Eyes, Seen, different, in_a_world, paths_of
from tests.feedback.worlds import World, as_viewer, busy_world, send

pytestmark = pytest.mark.django_db
# Where something of the feedback on one person is shown, or counted.
NEAR = r"feedback:(my|received|approve_peers|nominate|perspectives|readiness|balance)|reports:completion|reports:packet|packet$|packet_preview|cycle_board|calibration:item|mail_log"
# Where it is read, for the many pairs: no other address reads an answer, which is tested below.
READS_ANSWERS = {
    "feedback:received_feedback",
    "feedback_api:received",
    "feedback:nominate",
    "calibration:item_feedback",
}
# Where a text is read once it was reported, which is never here: see test_concern_twins.
READS_REPORTS = {"feedback:my_feedback", "feedback:concerns"}
READ = "|".join(READS_ANSWERS)
WORDS = (
    "kept",
    "promises",
    "late",
    "loud",
    "early",
    "clear",
    "slow",
    "kind",
    "sharp",
    "shy",
    "calm",
)


@dataclass
class Company:
    """A world, what each of its givers would send, and in which order they send."""

    world: World
    sheets: list[dict[str, str]]

    def play(self, who: list[int], order: list[int], *, released: bool) -> None:
        """Giver `who[n]` sends sheet n, in this order; then it is sealed, and perhaps released."""
        for n in order:
            send(self.world, self.world.givers[who[n]], self.sheets[n])
        self.world.seal()
        if released:
            self.world.release()

    def reset(self) -> None:
        """Python's copies of what the database has taken back."""
        self.world.move_cycle(CycleState.COLLECTION)
        self.world.participant.refresh_from_db()


def company(lot: random.Random, *, mode: str, kind: str) -> Company:
    """A company by lot: 5 to 7 givers, each with words, points and "cannot say" of their own."""
    world = busy_world(givers=lot.randint(5, 7), mode=mode, kind=kind)
    sheets = []
    for number, _ in enumerate(world.givers):
        sheet = {}
        for question in world.questions:
            silent = lot.random() < 0.15
            sheet[f"question_{question.pk}"] = "" if silent else _sentence(lot, number)
            sheet[f"cannot_{question.pk}"] = "on" if silent else ""
        for pk in world.competencies:
            sheet[f"rating_{pk}"] = lot.choice(["1", "2", "3", "4", "not_enough_evidence"])
            sheet[f"comment_{pk}"] = _sentence(lot, number) if lot.random() < 0.7 else ""
        sheets.append(sheet)
    return Company(world, sheets)


def _sentence(lot: random.Random, number: int) -> str:
    return f"Number {number}: " + " ".join(lot.sample(WORDS, 4))


def onlookers(company: Company, swapped: set[int]) -> list[Any]:
    """Everybody but those who changed places; with a name for the manager, only those without it."""
    world = company.world
    if world.perspective.mode == Mode.CONFIDENTIAL:
        return [person for person in world.others() if person not in (world.manager, world.skip)]
    bystanders = [giver for n, giver in enumerate(world.givers) if n not in swapped]
    return [*world.others(), bystanders[0]]


def twins(
    company: Company, lot: random.Random, paths: list[str], *, released: bool, pairs: int = 1,
    people: Callable[[set[int]], list[Any]] | None = None,
) -> list[tuple[Seen, Seen]]:  # fmt: skip
    """(as it was, as it would be) for so many pairs of givers who change places."""
    count = len(company.sheets)
    straight = list(range(count))
    found = []
    for _ in range(pairs):
        one, other = lot.sample(straight, 2)
        swapped = list(straight)
        swapped[one], swapped[other] = other, one
        eyes = Eyes((people or (lambda s: onlookers(company, s)))({one, other}))
        looks = []
        for who in (straight, swapped):
            order = lot.sample(straight, count)
            looks.append(
                in_a_world(
                    lambda who=who, order=order: company.play(who, order, released=released),
                    lambda: eyes.see(paths),
                )
            )
            company.reset()
        found.append((looks[0], looks[1]))
    return found


@pytest.fixture
def at_noon():
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.mark.parametrize(
    ("mode", "kind", "released"),
    [
        (Mode.ANONYMOUS, PerspectiveKind.PEER, True),
        (Mode.ANONYMOUS, PerspectiveKind.UPWARD, True),
        (Mode.CONFIDENTIAL, PerspectiveKind.PEER, True),
    ],
)
def test_givers_change_places_and_nobody_else_sees_it(mode, kind, released, at_noon):
    lot = random.Random(f"{mode} {kind} {released}")
    made = company(lot, mode=mode, kind=kind)

    ((was, would),) = twins(made, lot, paths_of(made.world, NEAR), released=released)

    assert different(was, would) == []
    assert any(b"Number " in body for _, _, body in was.values()), "nothing was read at all"


def test_with_names_the_same_look_finds_the_swap(at_noon):
    """The control: where a name is promised to the manager, the manager sees who wrote what."""
    lot = random.Random(1)
    made = company(lot, mode=Mode.NAMED, kind=PerspectiveKind.PEER)
    boss = made.world.manager

    ((was, would),) = twins(
        made, lot, paths_of(made.world, READ), released=True, people=lambda _: [boss]
    )

    assert {path.split("/")[1] for _, path in different(was, would)} >= {"feedback"}


def outside(world: World) -> list[Any]:
    root = UserFactory(email="root@example.com", is_staff=True, is_superuser=True)
    return [*world.others(), world.givers[-1], root]


def test_who_has_answered_is_on_no_page_in_no_log_and_in_no_mail_of_others(at_noon):
    """A13, with the reminders of a week: HR's log of mails is the same whoever was reminded."""
    world = busy_world(givers=7)
    people = outside(world)
    eyes = Eyes(people)
    addresses = {getattr(person, "email", "") for person in people}
    made = Company(world, [])

    def look() -> Seen:
        seen = eyes.see(paths_of(world, NEAR))
        letters = sorted((m.to[0], m.subject, m.body) for m in mail.outbox if m.to[0] in addresses)
        events = AuditEvent.objects.order_by("pk").values_list("verb", "object_type", "object_id", "actor_id")  # fmt: skip
        seen["everybody", "mails"] = (200, {}, repr(letters).encode())
        seen["everybody", "audit"] = (200, {}, repr(list(events)).encode())
        return seen

    def after(answering: list[Person], declining: list[Person]) -> Seen:
        def deeds() -> None:
            mail.outbox.clear()
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

        seen = in_a_world(deeds, look)
        made.reset()
        return seen

    nobody = after([], [])
    assert different(nobody, after(world.givers[:5], [])) == []
    assert different(nobody, after(world.givers[2:6], world.givers[:1])) == []


def rows_beside() -> Seen:
    """What the pages without answers are made of, besides the answers: deeds, mails, requests."""
    kept = {
        "audit": AuditEvent.objects.values_list("verb", "object_type", "object_id", "actor_id", "at"),
        "mails": MessageLine.objects.values_list("person", "duty_kind", "object_id", "local_day"),
        "requests": Request.objects.values_list("pk", "giver", "state", "decline_code"),
        "drafts": FeedbackDraft.objects.values_list("request", "revision"),
    }  # fmt: skip
    return {("rows", name): (200, {}, repr(sorted(found)).encode()) for name, found in kept.items()}


@pytest.mark.sweep
@pytest.mark.parametrize(
    ("kind", "number"), [(PerspectiveKind.PEER, 5), (PerspectiveKind.UPWARD, 6)]
)
def test_everything_that_anybody_can_open_is_the_same_when_two_change_places(kind, number, at_noon):
    """Each address of the house, as everybody and as the superuser in the admin."""
    lot = random.Random(number)
    made = company(lot, mode=Mode.ANONYMOUS, kind=kind)
    everybody = [*made.world.others(), outside(made.world)[-1]]
    paths = paths_of(made.world)

    ((was, would),) = twins(made, lot, paths, released=True, people=lambda _: everybody)

    assert different(was, would) == []
    assert len({path for (_, path), (status, _, _) in was.items() if status == 200}) > 60


@pytest.mark.sweep
def test_no_other_address_reads_an_answer(at_noon):
    """So the many pairs below need no other address; what else is stored is compared row by row."""
    lot = random.Random(7)
    made = company(lot, mode=Mode.ANONYMOUS, kind=PerspectiveKind.PEER)
    straight = list(range(len(made.sheets)))
    made.play(straight, straight, released=True)
    eyes = Eyes([*made.world.others(), outside(made.world)[-1]])

    behind = eyes.tables_behind(paths_of(made.world))

    assert {name for name, tables in behind.items() if tables & ANSWERS} == (
        READS_ANSWERS | READS_REPORTS
    )
    assert len(behind) > 60


@pytest.mark.sweep
@pytest.mark.parametrize("number", range(20))
def test_ten_pairs_change_places_in_each_of_twenty_companies(number, at_noon):
    """Everybody who is promised no names, at every address that reads an answer. The first two looks
    are also through the doors that stay shut."""
    lot = random.Random(number)
    kind = PerspectiveKind.UPWARD if number % 5 == 4 else PerspectiveKind.PEER
    mode = Mode.CONFIDENTIAL if number % 5 == 3 else Mode.ANONYMOUS
    made = company(lot, mode=mode, kind=kind)
    world, count = made.world, len(made.sheets)
    named = {world.manager, world.skip} if mode == Mode.CONFIDENTIAL else set()
    eyes = Eyes([person for person in world.others() if person not in named])
    pairs = [(name, path) for name in eyes.clients for path in paths_of(world, READ)]

    def look(who: list[int], pairs: list[tuple[str, str]]) -> Seen:
        order = lot.sample(range(count), count)
        seen = in_a_world(
            lambda: made.play(who, order, released=number % 2 == 0 or kind != PerspectiveKind.PEER),
            lambda: eyes.see_again(pairs) | rows_beside(),
        )
        made.reset()
        return seen

    was = look(list(range(count)), pairs)
    opened = [pair for pair in pairs if was[pair][0] == 200]
    assert {name for name, _ in opened} >= {person.name for person in world.others()[6:]}
    kept = {key: was[key] for key in (*opened, *(k for k in was if k[0] == "rows"))}
    for pair in range(10):
        one, other = lot.sample(range(count), 2)
        swapped = list(range(count))
        swapped[one], swapped[other] = other, one
        seen = look(swapped, pairs if pair == 0 else opened)
        assert different(was if pair == 0 else kept, seen) == []
