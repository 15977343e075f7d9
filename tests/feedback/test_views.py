"""The doors: who gets in, what a form answers, and that a refusal looks like nothing at all."""

import json
from uuid import UUID, uuid4

import pytest
from django.urls import reverse

from apps.feedback.models import Answer, FeedbackDraft, Perspective, Request
from apps.feedback.states import Mode, PerspectiveKind, RequestState
from apps.reviews.states import CycleState
from tests.factories.feedback import DisclosureFactory, FeedbackDraftFactory, RequestFactory
from tests.factories.people import PersonFactory
from tests.factories.reviews import CycleFactory
from tests.feedback.cases import concern_in, text_of, unasked_in
from tests.feedback.worlds import send, small_world, whole_form

pytestmark = pytest.mark.django_db
FORM = "application/x-www-form-urlencoded"


def nobodys(key):
    """A key of the same kind that nothing has."""
    return uuid4() if isinstance(key, UUID) else 10**9


def url(name, *args):
    return reverse(f"feedback:{name}", args=args)


def autosave(client, request, body, revision='"0"', **headers):
    if revision is not None:
        headers["If-Match"] = revision
    return client.post(
        url("save_feedback_draft", request.pk), body, content_type=FORM, headers=headers
    )


@pytest.fixture
def world():
    return small_world(givers=5)


@pytest.fixture
def giver(world, client):
    client.force_login(world.givers[0].user)
    return world.request_of(world.givers[0])


# --- who gets in ---

EVERYBODY = {"subject", "manager", "skip", "hr", "content", "stranger", "giver"}
GET = {
    # page: (key of what it opens, who gets in)
    "my_feedback": (None, EVERYBODY),
    "nominate": ("participant", {"subject"}),
    "approve_peers": ("participant", {"manager"}),
    "give_feedback": ("request", {"giver"}),
    "feedback_versions": ("request", {"giver"}),
    "received_feedback": ("participant", {"manager", "skip"}),
    "perspectives": ("cycle", {"hr"}),
    "readiness": ("cycle", {"hr"}),
    "balance": ("cycle", {"hr"}),
    "unasked_feedback": (None, EVERYBODY),
    "raise_concern": ("text", {"manager"}),
    "concerns": (None, {"content"}),
    "concern": ("concern", {"content"}),
    "find_receiver": (None, EVERYBODY),
    "give_unasked": ("person", EVERYBODY - {"subject"}),
}
POST = {
    "find_peers": ("participant", {"subject"}),
    "propose_peers": ("participant", {"subject"}),
    "approve_all": ("participant", {"manager"}),
    "add_request": ("participant", {"manager"}),
    "accept_fewer_peers": ("participant", {"manager"}),
    "approve_request": ("request", {"manager"}),
    "turn_down_request": ("request", {"manager"}),
    "replace_request": ("request", {"manager"}),
    "save_feedback_draft": ("request", {"giver"}),
    "keep_feedback": ("request", {"giver"}),
    "send_feedback": ("request", {"giver"}),
    "restore_feedback_draft": ("request+version", {"giver"}),
    "decline_request": ("request", {"giver"}),
    "configure_perspective": ("cycle+kind", {"hr"}),
    "repeat_perspectives": ("cycle", {"hr"}),
    "propose_balance": ("cycle", {"hr"}),
    "balance_requests": ("cycle", {"hr"}),
    "change_limits": ("perspective", {"hr"}),
    "raise_threshold": ("perspective", {"hr"}),
    "withdraw_unasked": ("unasked", {"giver", "subject", "manager"}),
    "keep_unasked": ("unasked", {"giver", "subject", "manager"}),
    "hide_text": ("concern", {"content"}),
    "leave_text": ("concern", {"content"}),
    "show_text_again": ("concern", {"content"}),
    "ask_for_name": ("concern", {"content"}),
    "agree_to_disclosure": ("disclosure", {"content"}),
    "refuse_disclosure": ("disclosure", {"content"}),
    "open_name": ("disclosure", {"content"}),
}


def test_every_address_has_a_declared_answer():
    from apps.feedback.urls import urlpatterns

    assert {p.name for p in urlpatterns} == GET.keys() | POST.keys()


def keys(world, opens):
    return {
        None: [],
        "participant": [world.participant.pk],
        "request": [world.request_of(world.givers[0]).pk],
        "request+version": [world.request_of(world.givers[0]).pk, 1],
        "cycle": [world.perspective.cycle_id],
        "cycle+kind": [world.perspective.cycle_id, "peer"],
        "perspective": [world.perspective.pk],
        "person": [world.subject.pk],
        "unasked": [unasked_in(world).pk],
        "text": text_of(world),
        "concern": [concern_in(world).token],
        "disclosure": [DisclosureFactory(concern=concern_in(world)).token],
    }[opens]


@pytest.mark.parametrize(
    "who", ["subject", "manager", "skip", "hr", "content", "stranger", "giver"]
)
@pytest.mark.parametrize("name", [*GET, *POST])
def test_who_gets_in_where(world, client, who, name):
    opens, allowed = (GET | POST)[name]
    client.force_login((world.givers[0] if who == "giver" else getattr(world, who)).user)
    if opens == "request+version":
        FeedbackDraftFactory(request=world.request_of(world.givers[0]))
    call = client.get if name in GET else client.post
    headers = {"If-Match": '"0"'}
    found = keys(world, opens)
    response = call(url(name, *found), headers=headers)
    nothing = call(url(name, nobodys(found[0]), *found[1:]), headers=headers) if opens else None

    assert (response.status_code != 404) == (who in allowed)
    if nothing is not None:
        assert nothing.status_code == 404
        if who not in allowed:
            assert _plain(response) == _plain(nothing)


def _plain(response):
    body = response.content.decode()
    for changing in (response.headers.get("X-Request-ID", ""), *_tokens(body)):
        body = body.replace(changing, "") if changing else body
    return body


def _tokens(body):
    import re

    return re.findall(r'"X-CSRFToken": "(\w+)"', body) + re.findall(
        r'name="csrfmiddlewaretoken" value="(\w+)"', body
    )


@pytest.mark.parametrize("name", [*GET, *POST])
def test_nobody_gets_in_without_signing_in(world, client, name):
    opens, _ = (GET | POST)[name]
    response = (client.get if name in GET else client.post)(url(name, *keys(world, opens)))
    assert response.status_code in {302, 401, 404}
    assert not FeedbackDraft.objects.exists()


# Where a form is sent to the address of its own page.
BOTH = {"give_unasked", "raise_concern"}


@pytest.mark.parametrize("name", [name for name in [*GET, *POST] if name not in BOTH])
def test_a_page_is_read_and_a_deed_is_posted(world, client, name):
    opens, _ = (GET | POST)[name]
    client.force_login(world.manager.user)
    wrong = client.post if name in GET else client.get
    assert wrong(url(name, *keys(world, opens))).status_code == 405


# --- the autosave contract ---


def test_autosave_answers_with_the_new_revision(client, world, giver):
    name = f"question_{world.questions[0].pk}"
    response = autosave(client, giver, f"changed={name}&{name}=Hello+there")
    assert response.status_code == 200
    assert json.loads(response.content).keys() == {"revision", "saved_at", "saved"}
    assert response.json()["revision"] == 1
    assert FeedbackDraft.objects.get().content["values"] == {name: "Hello there"}


def test_autosave_without_a_revision_is_428(client, giver):
    assert autosave(client, giver, "changed=x", revision=None).status_code == 428


def test_autosave_over_another_tab_is_409_with_both_texts(client, world, giver):
    name = f"question_{world.questions[0].pk}"
    autosave(client, giver, f"changed={name}&{name}=mine")
    response = autosave(client, giver, f"changed={name}&{name}=other")
    assert (response.status_code, response.json()) == (
        409,
        {"revision": 2, "theirs": {name: "mine"}},
    )


def test_autosave_when_signed_out_is_401_and_no_redirect(client, giver):
    client.logout()
    assert autosave(client, giver, "changed=x").status_code == 401


@pytest.mark.parametrize(
    "body",
    ["", "changed=author", "changed=rating_1&rating_1=99", "changed=%ED%A0%80x", "question_1=x"],
)
def test_autosave_refuses_what_the_page_does_not_send(client, giver, body):
    assert autosave(client, giver, body).status_code == 400
    assert not FeedbackDraft.objects.exists()


def test_the_same_key_is_saved_once(client, world, giver):
    name = f"question_{world.questions[0].pk}"
    headers = {"Idempotency-Key": "0f8fad5b-d9cb-469f-a165-70867728950e"}
    revisions = [
        autosave(client, giver, f"changed={name}&{name}=x", **headers).json()["revision"]
        for _ in range(2)
    ]
    assert revisions == [1, 1]


def test_a_closed_phase_keeps_the_draft_and_says_so(client, world, giver):
    name = f"question_{world.questions[0].pk}"
    autosave(client, giver, f"changed={name}&{name}=in+time")
    world.seal()
    response = autosave(client, giver, f"changed={name}&{name}=late", revision='"1"')
    assert (response.status_code, response.json()["code"]) == (409, "closed")
    assert FeedbackDraft.objects.get().content["values"] == {name: "late"}


# --- without scripts ---


def test_the_whole_way_without_scripts(client, world, giver):
    form = whole_form(world)
    client.post(url("keep_feedback", giver.pk), {**form, "revision": "0"})
    page = client.get(url("give_feedback", giver.pk)).content.decode()
    assert "Asked early, and the answer held. (0)" in page

    response = client.post(url("send_feedback", giver.pk), {**form, "revision": "1"}, follow=True)

    assert "Sent. Thank you" in response.content.decode()
    assert Answer.objects.count() == 1
    assert client.post(url("send_feedback", giver.pk), {**form, "revision": "1"}).status_code == 302
    assert Answer.objects.count() == 1


def test_what_is_left_is_named_and_what_was_typed_stays(client, world, giver):
    name = f"question_{world.questions[0].pk}"
    response = client.post(url("send_feedback", giver.pk), {name: "Only this.", "revision": "0"})
    body = response.content.decode()
    assert response.status_code == 422
    assert "Only this." in body
    assert f'href="#question_{world.questions[1].pk}"' in body


def test_sending_an_old_tab_overwrites_nothing(client, world, giver):
    name = f"question_{world.questions[0].pk}"
    autosave(client, giver, f"changed={name}&{name}=newer+words")
    response = client.post(url("send_feedback", giver.pk), {**whole_form(world), "revision": "0"})
    assert response.status_code == 409
    assert "newer words" in response.content.decode()
    assert not Answer.objects.exists()


@pytest.mark.parametrize(
    "text",
    [
        "{{ 7|add:7 }} {% now 'Y' %}",
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "javascript:alert(1)",
    ],
)
def test_what_people_write_runs_nowhere(client, text):
    world = small_world(givers=5)
    for person in world.givers:
        send(world, person, whole_form(world, text=f"{text} {person.pk}"))
    world.seal()
    client.force_login(world.manager.user)
    body = client.get(url("received_feedback", world.participant.pk)).content.decode()
    assert "<script>alert" not in body
    assert "<img src=x" not in body
    assert 'href="javascript' not in body
    if "{{" in text:
        assert "{{ 7|add:7 }}" in body


def test_choosing_and_approving(client, world):
    world.move_cycle(CycleState.NOMINATION)
    Request.objects.all().delete()
    client.force_login(world.subject.user)
    few = client.post(url("propose_peers", world.participant.pk), {"peer": [world.givers[0].pk]})
    assert (few.status_code, "Name 5 to 7 people." in few.content.decode()) == (422, True)
    ids = [p.pk for p in world.givers]
    assert client.post(url("propose_peers", world.participant.pk), {"peer": ids}).status_code == 302

    client.force_login(world.manager.user)
    assert "5 people proposed" in client.get(url("my_feedback")).content.decode()
    client.post(url("approve_all", world.participant.pk))

    assert set(Request.objects.values_list("state", flat=True)) == {RequestState.ASKED}


def test_searching_keeps_the_ticks_and_writes_nothing(client, world):
    world.move_cycle(CycleState.NOMINATION)
    Request.objects.all().delete()
    found = PersonFactory(name="Zelda Far")
    client.force_login(world.subject.user)
    body = client.post(
        url("find_peers", world.participant.pk),
        {"find": "zelda", "peer": [world.givers[0].pk]},
        headers={"HX-Request": "true"},
    ).content.decode()
    assert f'name="peer" value="{world.givers[0].pk}" checked' in body
    assert f'name="peer" value="{found.pk}">' in body
    assert "<html" not in body
    assert not Request.objects.exists()


def test_add_turn_down_and_decline(client, world):
    client.force_login(world.manager.user)
    asked = RequestFactory(
        perspective=world.perspective, participant=world.participant, proposed=True
    )
    assert client.post(url("turn_down_request", asked.pk)).status_code == 302
    assert client.post(url("turn_down_request", asked.pk)).status_code == 403
    assert (
        client.post(
            url("add_request", world.participant.pk), {"giver": world.stranger.pk}
        ).status_code
        == 302
    )
    assert (
        client.post(
            url("add_request", world.participant.pk), {"giver": world.stranger.pk}
        ).status_code
        == 409
    )
    assert (
        client.post(
            url("add_request", world.participant.pk), {"giver": world.subject.pk}
        ).status_code
        == 422
    )
    client.force_login(world.stranger.user)
    client.post(url("decline_request", world.request_of(world.stranger).pk))
    assert world.request_of(world.stranger).state == RequestState.DECLINED


def test_hr_sets_the_promise_by_form(client, world):
    cycle = CycleFactory()
    client.force_login(world.hr.user)
    address = url("configure_perspective", cycle.pk, "peer")
    wrong = client.post(address, {"mode": "named", "threshold": "3"})
    assert (wrong.status_code, "Between 4 and 12" in wrong.content.decode()) == (422, True)
    assert (
        client.post(
            address, {"mode": "confidential", "threshold": "6", "questions": "One?\nTwo, {name}?"}
        ).status_code
        == 302
    )
    set_up = Perspective.objects.get(cycle=cycle)
    assert (set_up.mode, set_up.threshold, [q.text for q in set_up.questions.all()]) == (
        Mode.CONFIDENTIAL,
        6,
        ["One?", "Two, {name}?"],
    )
    assert client.post(url("configure_perspective", cycle.pk, "odd"), {}).status_code == 404
    upward = url("configure_perspective", cycle.pk, PerspectiveKind.UPWARD.value)
    assert client.post(upward, {"mode": "named", "threshold": "5"}).status_code == 422


def test_hr_raises_and_never_lowers(client, world):
    client.force_login(world.hr.user)
    for threshold in ("7", "6"):
        client.post(url("raise_threshold", world.perspective.pk), {"threshold": threshold})
    assert Perspective.objects.get(pk=world.perspective.pk).threshold == 7


def test_a_fragment_stands_beside_a_review(client, world):
    client.force_login(world.manager.user)
    part = client.get(
        url("received_feedback", world.participant.pk), headers={"HX-Request": "true"}
    )
    assert "<html" not in part.content.decode()
    assert "Shown when collection is over" in part.content.decode()
