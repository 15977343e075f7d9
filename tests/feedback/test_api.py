"""The API gives what the page gives, to whom the page gives it, and no key that joins two texts."""

import re
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from apps.feedback.models import Answer, AnswerPart, Perspective
from apps.feedback.states import Mode, PerspectiveKind
from apps.people.states import Scope
from tests.factories.feedback import ConcernFactory, RequestFactory
from tests.factories.people import SECRET, ApiTokenFactory
from tests.feedback.looking import in_a_world
from tests.feedback.worlds import send, small_world, whole_form

pytestmark = pytest.mark.django_db
EVERYBODY = ["subject", "manager", "skip", "hr", "content", "stranger", "giver"]


def api(person, scope=Scope.READ):
    token = ApiTokenFactory(person=person, scope=scope)
    bearer = f"Bearer rungs_{token.prefix}_{SECRET}"
    return Client(headers={"Authorization": bearer, "Accept": "application/json"})


def received(person, world):
    return api(person).get(reverse("feedback_api:received", args=[world.participant.pk]))


def answered(answers=5, *, released=True, **options):
    world = small_world(**options)
    for giver in world.givers[:answers]:
        send(world, giver)
    world.seal()
    if released:
        world.release()
    return world


def who(world, name):
    return world.givers[0] if name == "giver" else getattr(world, name)


# --- what was said ---


@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize("released", [False, True])
def test_it_opens_for_whom_the_page_opens_and_shows_the_same_words(mode, released):
    world = answered(mode=mode, released=released)
    for name in EVERYBODY:
        person, browser = who(world, name), Client()
        browser.force_login(person.user)
        page = browser.get(reverse("feedback:received_feedback", args=[world.participant.pk]))
        given = received(person, world)
        assert (
            given.status_code
            == page.status_code
            == (200 if name in {"manager", "skip"} or (released and name == "subject") else 404)
        ), name
        texts, names = (
            [
                set(re.findall(word, body))
                for body in (page.content.decode(), given.content.decode())
            ]
            for word in (r"Words of \d+\. \(\w\)", r"Peer\dcanary")
        )
        assert texts[0] == texts[1], name
        own = set(re.findall(r"Peer\dcanary", person.name))  # in the bar of the page
        assert names[0] - own == names[1] - own, name


def test_what_cannot_be_read_answers_as_what_is_not_there():
    world = answered(released=False)
    nothing = api(world.subject).get(reverse("feedback_api:received", args=[10**9]))
    assert received(world.subject, world).json() == nothing.json()
    assert nothing["Content-Type"] == "application/problem+json"


def test_a_batch_has_this_shape_and_no_key_of_an_answer_or_a_text():
    world = answered()
    body = received(world.subject, world).json()
    (kind,) = body["kinds"]
    assert body.keys() == {"participant_id", "about", "cycle", "points", "kinds"}
    assert kind.keys() == {
        "kind", "mode", "why", "fewest", "has_texts", "voices", "sections", "scores", "total"
    }  # fmt: skip
    assert (kind["why"], kind["fewest"], kind["voices"], kind["total"]) == ("", 5, None, "3.0")
    assert [s.keys() for s in kind["sections"]] == [{"question", "is_held", "texts"}] * 2
    assert {tuple(said) for s in kind["sections"] for said in s["texts"]} == {("text", "hidden")}
    assert [s["mean"] for s in kind["scores"]] == ["3.0", "3.0"]
    assert [len(s["comments"]) for s in kind["scores"]] == [5, 5]
    whole = received(world.subject, world).content.decode()
    keys = [*Answer.objects.values_list("pk", flat=True), *AnswerPart.objects.values_list("pk", flat=True)]  # fmt: skip
    assert not any(str(key) in whole or key.hex in whole for key in keys)
    assert not re.search(r"[0-9a-f]{24}", whole)


def test_voices_have_a_name_and_the_answers_in_the_order_of_the_form():
    world = small_world(givers=2, mode=Mode.NAMED)
    form = whole_form(world) | {f"rating_{world.competencies[1]}": "not_enough_evidence"}
    send(world, world.givers[0], form)
    (kind,) = received(world.manager, world).json()["kinds"]
    (voice,) = kind["voices"]
    assert voice.keys() == {"name", "answers", "ratings"}
    assert [a["said"]["text"][-3:] for a in voice["answers"]] == ["(0)", "(1)"]
    assert [r["value"] for r in voice["ratings"]] == [3, None]


def test_a_hidden_text_is_hidden_here_too():
    world = answered()
    part = AnswerPart.objects.filter(question=world.questions[0]).first()
    words = part.text
    ConcernFactory(part=part, hidden=True, raised_by=world.manager)
    body = received(world.subject, world)
    assert words not in body.content.decode()
    hidden = [t for s in body.json()["kinds"][0]["sections"] for t in s["texts"] if t["hidden"]]
    assert hidden == [{"text": "", "hidden": "It speaks of somebody's health."}]


def test_who_leads_a_manager_gets_figures_alone():
    world = answered(kind=PerspectiveKind.UPWARD)
    (kind,) = received(world.manager, world).json()["kinds"]
    assert (kind["has_texts"], kind["sections"]) == (False, [])
    assert [(s["mean"], s["comments"]) for s in kind["scores"]] == [("3.0", [])] * 2
    assert received(world.skip, world).json()["kinds"] == []


@pytest.mark.parametrize("mode", [Mode.ANONYMOUS, Mode.CONFIDENTIAL])
def test_none_and_one_too_few_answer_with_the_same_bytes(mode):
    world = small_world(mode=mode)
    key = api(world.subject)
    address = reverse("feedback_api:received", args=[world.participant.pk])

    def look(answers):
        def deeds():
            for giver in world.givers[:answers]:
                send(world, giver)
            world.seal()
            world.release()

        seen = in_a_world(deeds, lambda: key.get(address).content)
        world.move_cycle("collection")
        world.participant.refresh_from_db()
        return seen

    assert look(0) == look(1) == look(4) != look(5)
    assert b'"why":"too_few"' in look(4)


@pytest.mark.parametrize(("mode", "readers"), [(Mode.ANONYMOUS, ["subject", "manager", "skip"]), (Mode.CONFIDENTIAL, ["subject"])])  # fmt: skip
def test_two_givers_change_places_and_the_bytes_stay(mode, readers):
    world = small_world(mode=mode)
    keys = [api(who(world, name)) for name in readers]
    address = reverse("feedback_api:received", args=[world.participant.pk])

    def look(order):
        def deeds():
            for giver, n in zip(world.givers, order, strict=True):
                send(world, giver, whole_form(world, text=f"Sheet {n}", points=1 + n))
            world.seal()
            world.release()

        seen = in_a_world(deeds, lambda: [key.get(address).content for key in keys])
        world.move_cycle("collection")
        world.participant.refresh_from_db()
        return seen

    assert look([0, 1, 2, 3, 4]) == look([4, 1, 2, 3, 0])
    assert all(b"Sheet 4" in body for body in look([4, 1, 2, 3, 0]))


# --- what is asked ---


def test_requests_are_mine_alone_and_say_what_is_promised():
    world = small_world(givers=2)
    other = RequestFactory(
        giver=world.givers[0], perspective__confidential=True, perspective__cycle__phases=True
    )
    found = api(world.givers[0]).get(reverse("feedback_api:requests")).json()
    assert {r["id"] for r in found} == {world.request_of(world.givers[0]).pk, other.pk}
    assert {tuple(r) for r in found} == {
        ("id", "about", "cycle", "kind", "mode", "promise", "state", "due_on", "minutes")
    }
    assert {r["mode"]: r["promise"] for r in found} == {
        "anonymous": "read without your name, together with others",
        "confidential": "your name for the manager, not for the person",
    }
    assert {r["state"] for r in found} == {"asked"}
    assert all(date.fromisoformat(r["due_on"]) for r in found)
    for name in ("subject", "manager", "hr"):
        assert api(who(world, name)).get(reverse("feedback_api:requests")).json() == []


@pytest.mark.parametrize(("mode", "states"), [(Mode.NAMED, ["answered"]), (Mode.ANONYMOUS, [])])
def test_what_was_sent_stays_only_where_it_can_be_changed(mode, states):
    world = small_world(givers=1, mode=mode)
    send(world, world.givers[0])
    found = api(world.givers[0]).get(reverse("feedback_api:requests")).json()
    assert [r["state"] for r in found] == states
    assert Perspective.objects.get().mode == mode


def test_nothing_opens_without_a_key(client):
    world = small_world(givers=1)
    for address in (
        reverse("feedback_api:requests"),
        reverse("feedback_api:received", args=[world.participant.pk]),
    ):
        answer = client.get(address)
        assert (answer.status_code, answer["Content-Type"]) == (401, "application/problem+json")
