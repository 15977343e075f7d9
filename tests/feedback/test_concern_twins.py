"""A12 in what HR does: two authors of a confidential batch change places, a text is reported, hidden,
its name asked for; nobody but the two and their manager sees a difference until the name is opened."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.urls import reverse

from apps.core.models import AuditEvent
from apps.feedback import actions, pages
from apps.feedback.models import Concern, Disclosure
from apps.feedback.states import Mode, PerspectiveKind
from apps.inbox import actions as inbox_actions
from tests.factories import NOON
from tests.factories.people import PersonFactory, UserFactory
from tests.feedback.looking import LOTS, Eyes, Seen, _bare, different, in_a_world, paths_of
from tests.feedback.test_twin_worlds import NEAR, Company, company
from tests.feedback.worlds import as_viewer

pytestmark = pytest.mark.django_db
WORDS = "Number 2: "


@pytest.fixture
def at_noon():
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def made(at_noon):
    """A company in which HR has two who read content, and whoever answers second is one of them."""
    made = company(random.Random("concerns"), mode=Mode.CONFIDENTIAL, kind=PerspectiveKind.PEER)
    made.world.second = PersonFactory(name="Cora Content", content_admin=True, with_user=True)
    return made


def deeds(made: Company, who: list[int], *, until: str) -> None:
    """Answers come; the manager reports one text; HR hides it and asks for the name; perhaps the
    second agrees. Then the mails of three days go out."""
    world = made.world
    mail.outbox.clear()
    made.play(who, list(range(len(made.sheets))), released=True)
    page = pages.received_feedback(as_viewer(world.manager), participant_id=world.participant.pk)
    said = next(s for kind in page.kinds for s in kind.texts() if s.text.startswith(WORDS))
    now = {"now": NOON}
    concern = actions.raise_concern(
        world.participant, said.part_id, reason="It is unkind.", by=as_viewer(world.manager), **now
    )
    first, second = as_viewer(world.content), as_viewer(world.second)
    actions.hide_text(concern, reason="It names an illness.", by=first, **now)
    asked = actions.ask_for_name(concern, reason="Somebody is at risk.", by=first, **now)
    if until == "agreed":
        actions.agree_to_disclosure(asked, by=second, **now)
    if until == "refused":
        actions.refuse_disclosure(asked, by=second, **now)
    for day in range(4):
        inbox_actions.plan_messages(now=NOON + timedelta(days=day))
        inbox_actions.send_due_messages(now=NOON + timedelta(days=day))


def look(eyes: Eyes, made: Company, addresses: set[str], *, press: bool = False) -> Seen:
    concern, asked = Concern.objects.get(), Disclosure.objects.get()
    seen = eyes.see(paths_of(made.world, NEAR))
    extra = eyes.see(
        [
            reverse("feedback:concerns"),
            reverse("feedback:concern", args=[concern.token]),
            reverse("inbox:mail_log") + "?search=canary",
        ]
    )
    seen |= {
        (who, LOTS.sub(rb"/\1/", path.encode()).decode()): a for (who, path), a in extra.items()
    }
    if press:
        for name, client in eyes.clients.items():
            answer = client.post(reverse("feedback:open_name", args=[asked.token]))
            seen[name, "opened"] = _bare(answer)
    letters = sorted((m.to[0], m.subject, m.body) for m in mail.outbox if m.to[0] in addresses)
    seen["everybody", "mails"] = (200, {}, repr(letters).encode())
    kinds = ["feedback.concern", "feedback.disclosure", "inbox.message"]
    events = AuditEvent.objects.filter(object_type__in=kinds).order_by("pk")
    chain = list(events.values_list("verb", "object_type", "actor_id", "detail"))
    seen["everybody", "audit"] = (200, {}, _even(repr(chain).encode(), concern.pk))
    return seen


def _even(body: bytes, concern: int = 0) -> bytes:
    """PostgreSQL does not take back the numbers that a transaction drew."""
    return body.replace(f"{{'concern': {concern}}}".encode(), b"{'concern': N}")


def twins(made: Company, people: list, *, until: str, press: bool = False) -> tuple[Seen, Seen]:
    straight = list(range(len(made.sheets)))
    swapped = [0, 1, 3, 2, *straight[4:]]
    eyes = Eyes(people)
    addresses = {getattr(person, "email", "") for person in people}
    seen = []
    for who in (straight, swapped):
        seen.append(
            in_a_world(
                lambda who=who: deeds(made, who, until=until),
                lambda: look(eyes, made, addresses, press=press),
            )
        )
        made.reset()
    return seen[0], seen[1]


def outside(made: Company) -> list:
    """Everybody but the two, and but those to whom the mode promises the names."""
    world = made.world
    root = UserFactory(email="root@example.com", is_staff=True, is_superuser=True)
    seats = [world.session.facilitator, *world.session.members.all()]
    office = [world.hr, world.content, world.second]
    return [world.subject, *office, world.stranger, *seats, world.givers[0], root]


@pytest.mark.parametrize("until", ["asked", "refused", "agreed"])
def test_two_authors_change_places_and_nobody_else_sees_it(made, until):
    was, would = twins(made, outside(made), until=until)

    assert different(was, would) == []
    _, _, case = next(a for (who, path), a in was.items() if who == "Carl Content" and "concerns/" in path and a[0] == 200 and WORDS.encode() in a[2])  # fmt: skip
    assert b"It names an illness." in case
    for (who, path), (_status, _headers, body) in was.items():
        if who in {"Carl Content", "Cora Content", "Hanne Process"} and "peers" not in path:
            assert b"giver2canary" not in body.lower(), (who, path)
    received = reverse("feedback:received_feedback", args=[made.world.participant.pk])
    assert b"Hidden by HR: It names an illness." in was["Sofia Subject", received][2]
    if until == "asked":  # the second person of HR hears of it
        assert b"There is something for you to read" in was["everybody", "mails"][2]


def test_the_control_once_the_name_is_opened_the_two_who_opened_it_see_the_swap(made):
    world = made.world
    people = [world.content, world.second, world.hr, world.subject]

    was, would = twins(made, people, until="agreed", press=True)

    assert {who for who, path in different(was, would)} == {"Carl Content", "Cora Content"}
    assert {path for who, path in different(was, would)} == {"opened"}
    assert b"Giver2canary" in was["Carl Content", "opened"][2]
    assert b"Giver3canary" in would["Carl Content", "opened"][2]
    assert was["Hanne Process", "opened"][0] == 404


def test_the_two_themselves_see_what_was_done_with_their_text(made):
    world = made.world
    was, would = twins(made, world.givers[2:4], until="agreed")
    mine = reverse("feedback:my_feedback")
    assert different(was, would)
    name = world.givers[2].name
    assert b"Your name behind a text about Sofia Subject was opened" in was[name, mine][2]
    assert b"was opened" not in would[name, mine][2]
    assert b"unkind" not in was[name, mine][2], "the words of whoever reported it"
    assert b"Mira" not in was[name, mine][2], "who reported it"


@pytest.mark.parametrize("decided", [None, "leave_text", "hide_text"])
def test_whoever_reports_a_text_cannot_tell_whether_somebody_did_before(made, decided):
    """The form, the press, a second press, what stands afterwards, and the mails, to the byte."""
    world = made.world
    reader = world.skip
    eyes = Eyes([reader])
    client = eyes.clients[reader.name]
    received = reverse("feedback:received_feedback", args=[world.participant.pk])

    def deeds(others: list) -> None:
        mail.outbox.clear()
        straight = list(range(len(made.sheets)))
        made.play(straight, straight, released=True)
        for other in others:
            actions.raise_concern(
                world.participant, text_for(other).part_id, reason="Mine.", by=as_viewer(other), now=NOON
            )  # fmt: skip

    def text_for(person):
        page = pages.received_feedback(as_viewer(person), participant_id=world.participant.pk)
        return next(s for kind in page.kinds for s in kind.texts() if s.text.startswith(WORDS))

    def look() -> Seen:
        seen = eyes.see([received])
        said = text_for(reader)
        form = reverse("feedback:raise_concern", args=[world.participant.pk, said.key])
        seen |= eyes.see([form])
        for press in ("first", "again"):
            seen[press, form] = _bare(client.post(form, {"reason": "It is unkind."}))
            seen[press, received] = _bare(client.get(received))
        if decided:
            case = Concern.objects.get()
            deed = getattr(actions, decided)
            deed(case, reason="Because.", by=as_viewer(world.content), now=NOON)
        for day in range(4):
            inbox_actions.plan_messages(now=NOON + timedelta(days=day))
            inbox_actions.send_due_messages(now=NOON + timedelta(days=day))
        letters = [(m.subject, m.body) for m in mail.outbox if m.to == [reader.email]]
        seen["the reader", "mails"] = (200, {}, repr(letters).encode())
        return seen | {("then", path): answer for (_, path), answer in eyes.see(paths_of(world, NEAR)).items()}  # fmt: skip

    alone = in_a_world(lambda: deeds([]), look)
    made.reset()
    after = in_a_world(lambda: deeds([world.manager, world.subject]), look)
    made.reset()

    assert different(alone, after) == []
    form = next(path for press, path in alone if press == "first" and path != received)
    assert alone["first", form][0] == 302
    assert b"HR looks at it" in alone["first", received][2]
