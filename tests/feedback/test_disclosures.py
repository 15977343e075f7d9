"""Opening a name, who is told of what, and the pages of HR about reported texts."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.http import Http404
from django.urls import reverse

from apps.core.models import AuditEvent
from apps.core.workflow import StaleState
from apps.feedback import actions, pages
from apps.feedback.models import AnswerPart, Concern, ConcernReport, Disclosure
from apps.feedback.rules import NAME_OPEN_FOR, NotAllowed
from apps.feedback.states import ConcernState, DisclosureState, Mode
from apps.people.models import Person
from tests.factories import NOON
from tests.factories.feedback import ConcernFactory, DisclosureFactory
from tests.factories.people import PersonFactory
from tests.feedback.cases import (
    DECISION,
    NEED,
    WHY,
    asked,
    case_html,
    drawn,
    opened,
    report,
    reported,
    sealed,
    texts,
)
from tests.feedback.looking import Eyes, different, in_a_world
from tests.feedback.worlds import as_viewer, small_world

pytestmark = pytest.mark.django_db


# --- the name ---


@pytest.mark.parametrize("mode", [Mode.NAMED, Mode.ANONYMOUS])
def test_a_name_is_asked_for_in_confidential_mode_alone(mode):
    world = sealed(mode)
    with pytest.raises(PermissionDenied):
        asked(world, reported(world))


def test_the_second_person_is_another_one():
    world = sealed()
    disclosure = asked(world, reported(world))
    for deed in (actions.agree_to_disclosure, actions.refuse_disclosure):
        with pytest.raises(PermissionDenied, match="second person"):
            deed(disclosure, by=as_viewer(world.content), now=NOON)
    with pytest.raises(IntegrityError), transaction.atomic():
        Disclosure.objects.update(state="agreed", decided_at=NOON, decided_by=world.content)


def test_a_name_is_asked_for_once_at_a_time_and_again_with_another_reason():
    world = sealed()
    concern = reported(world)
    disclosure = asked(world, concern)
    with pytest.raises(NotAllowed, match="already"):
        asked(world, concern)
    actions.refuse_disclosure(disclosure, by=as_viewer(world.second), now=NOON)
    with pytest.raises(NotAllowed, match="refused"):
        asked(world, concern)
    actions.ask_for_name(concern, reason="Another.", by=as_viewer(world.second), now=NOON)
    assert Disclosure.objects.count() == 2


def test_one_agrees_while_another_refuses_and_one_of_them_is_told():
    world = sealed()
    third = PersonFactory(content_admin=True)
    disclosure = asked(world, reported(world))
    copy = Disclosure.objects.get()
    actions.agree_to_disclosure(disclosure, by=as_viewer(world.second), now=NOON)
    with pytest.raises(StaleState):
        actions.refuse_disclosure(copy, by=as_viewer(third), now=NOON)
    assert Disclosure.objects.get().state == DisclosureState.AGREED


def test_the_two_who_opened_it_see_the_name_for_thirty_days_and_nobody_else():
    world = sealed()
    concern, disclosure = opened(world)
    third = PersonFactory(content_admin=True)
    giver = concern.part.answer.author

    for person in (world.content, world.second):
        actions.open_name(disclosure, by=as_viewer(person), now=NOON)
        page = pages.opened_name(as_viewer(person), token=disclosure.token, now=NOON)
        assert (page.giver, page.text) == (giver.name, concern.part.text)
    for person in (third, world.manager, world.hr, world.subject, giver):
        with pytest.raises(PermissionDenied):
            actions.open_name(disclosure, by=as_viewer(person), now=NOON)
        with pytest.raises(Http404):
            pages.opened_name(as_viewer(person), token=disclosure.token, now=NOON)
    late = NOON + NAME_OPEN_FOR
    with pytest.raises(NotAllowed, match="closed again"):
        actions.open_name(disclosure, by=as_viewer(world.content), now=late)
    with pytest.raises(Http404):
        pages.opened_name(as_viewer(world.content), token=disclosure.token, now=late)
    Person.objects.filter(pk=world.content.pk).update(is_content_admin=False)
    with pytest.raises(PermissionDenied):
        actions.open_name(disclosure, by=as_viewer(world.content), now=NOON)


@pytest.mark.parametrize("state", [{}, {"state": "refused", "decided_at": NOON}])
def test_before_a_second_one_agrees_no_name_opens(state):
    world = sealed()
    state = {**state, "decided_by": world.second} if state else {}
    disclosure = DisclosureFactory(concern=reported(world), asked_by=world.content, **state)
    with pytest.raises(PermissionDenied):
        actions.open_name(disclosure, by=as_viewer(world.content), now=NOON)


# --- the audit ---


def test_every_step_is_written_down_without_a_text_and_without_the_giver():
    world = sealed()
    concern, disclosure = opened(world)
    actions.open_name(disclosure, by=as_viewer(world.content), now=NOON)
    actions.open_name(disclosure, by=as_viewer(world.content), now=NOON)
    actions.hide_text(concern, reason=DECISION, by=as_viewer(world.second), now=NOON)
    actions.show_text_again(concern, reason="No.", by=as_viewer(world.second), now=NOON)

    kinds = ["feedback.concern", "feedback.disclosure"]
    events = AuditEvent.objects.filter(object_type__in=kinds).order_by("pk")
    m, c, s = world.manager.pk, world.content.pk, world.second.pk
    assert [(e.verb, e.actor_id, e.detail) for e in events] == [
        ("raise_concern", m, {}),
        ("ask_for_name", c, {"concern": concern.pk}),
        ("agree_to_disclosure", s, {}),
        ("open_name", c, {}),
        ("open_name", c, {}),
        ("hide_text", s, {}),
        ("show_text_again", s, {}),
    ]


# --- the pages of HR ---


@pytest.mark.parametrize("rows", [3, 60])
def test_the_list_costs_three_queries_however_long(rows, django_assert_num_queries):
    world = sealed()
    participant = {"part__answer__participant": world.participant}
    perspective = {"part__answer__perspective": world.perspective}
    for number in range(rows):
        concern = ConcernFactory(hidden=number % 3 == 1, **participant, **perspective)
        if number % 3 == 2:
            DisclosureFactory(concern=concern)
    Person.objects.filter(pk=world.content.pk).update(manager=world.skip)
    viewer = as_viewer(world.content)
    with django_assert_num_queries(3):
        page = pages.concerns(viewer)
    with django_assert_num_queries(0):
        html = drawn("concerns", page)
    assert html.count("duty-title") == min(rows, 20)
    waits = [row.waits for row in page.rows]
    assert waits == sorted(waits, reverse=True)


def test_the_list_can_be_cut_to_what_waits_and_what_is_decided():
    world = sealed()
    viewer = as_viewer(world.content)
    waiting, done, name = (report(world, world.manager, number=n) for n in (0, 1, 2))
    for concern in (done, name):
        actions.hide_text(concern, reason=DECISION, by=viewer, now=NOON)
    asked(world, name)

    def shown(show, who=world.content):
        page = pages.concerns(as_viewer(who), show=show)
        return {row.token: row.for_me for row in page.rows}

    assert shown("all") == {waiting.token: True, done.token: False, name.token: False}
    assert shown("waiting") == {waiting.token: True, name.token: False}
    assert shown("waiting", world.second) == {waiting.token: True, name.token: True}
    assert shown("decided") == {done.token: False}
    assert shown("nonsense") == shown("all")


@pytest.mark.parametrize("who", ["hr", "manager", "stranger", "subject"])
def test_the_list_is_no_page_for_anybody_but_hr_that_reads_content(who):
    world = small_world(givers=0)
    with pytest.raises(Http404):
        pages.concerns(as_viewer(getattr(world, who)))


@pytest.mark.parametrize("events", [1, 40])
def test_a_case_costs_eight_queries_however_much_was_done(events, django_assert_num_queries):
    world = sealed()
    concern, disclosure = opened(world)
    for _ in range(events):
        actions.open_name(disclosure, by=as_viewer(world.second), now=NOON)
    for number in range(events):
        ConcernReport.objects.create(
            concern=concern, reason=f"Mine, {number}.", raised_at=NOON, raised_by=PersonFactory()
        )
    ConcernFactory(part=concern.part, left=True)
    Person.objects.filter(pk=world.content.pk).update(manager=world.skip)
    viewer = as_viewer(world.content)
    with django_assert_num_queries(8):
        page = pages.concern(viewer, token=concern.token, now=NOON)
    with django_assert_num_queries(0):
        html = case_html(page)
    assert html.count("Name looked at") == events
    assert html.count("Mine, ") == events
    assert len(page.others) == 1


def test_a_case_shows_one_text_and_no_giver():
    world = sealed()
    concern = reported(world)
    others = [
        t
        for t in AnswerPart.objects.exclude(pk=concern.part_id).values_list("text", flat=True)
        if t
    ]
    html = case_html(pages.concern(as_viewer(world.content), token=concern.token, now=NOON))
    assert concern.part.text.replace("'", "&#x27;") in html
    assert "Mira Manager" in html
    assert WHY in html
    assert "canary" not in html
    assert not [text for text in others if text in html]


def test_buttons_follow_the_states():
    world = sealed()
    concern = reported(world)

    def may(who=world.content):
        page = pages.concern(as_viewer(who), token=concern.token, now=NOON)
        name = page.name
        return (
            (page.may_hide, page.may_leave, page.may_show_again, page.may_ask),
            name and (name.state, name.asked_by_me, name.may_decide, name.may_open),
        )

    assert may() == ((True, True, False, True), None)
    disclosure = asked(world, concern)
    assert may() == ((True, True, False, False), ("asked", True, False, False))
    assert may(world.second)[1] == ("asked", False, True, False)
    actions.agree_to_disclosure(disclosure, by=as_viewer(world.second), now=NOON)
    assert may()[1] == ("agreed", True, False, True)
    assert may(PersonFactory(content_admin=True))[1] == ("agreed", False, False, False)
    actions.hide_text(concern, reason=DECISION, by=as_viewer(world.content), now=NOON)
    assert may()[0] == (False, False, True, False)


def test_after_thirty_days_the_case_opens_no_name():
    world = sealed()
    concern, _ = opened(world)
    later = NOON + NAME_OPEN_FOR
    page = pages.concern(as_viewer(world.content), token=concern.token, now=later)
    assert (page.name.may_open, page.name.closes_at) == (False, later)
    assert "See the name" not in case_html(page)


# --- who is told ---


def told(person):
    return [(t.what, t.by, t.why, t.state) for t in pages.told_to(as_viewer(person))]


@pytest.mark.parametrize("mode", Mode)
def test_whose_text_is_hidden_is_told_where_there_is_a_name(mode, django_assert_num_queries):
    world = sealed(mode)
    concern = reported(world)
    actions.hide_text(concern, reason=DECISION, by=as_viewer(world.content), now=NOON)
    author = concern.part.answer.author
    lines = {p.name: told(p) for p in [*world.givers, world.subject, world.stranger, world.skip]}
    expected = [("hidden", ["Carl Content"], DECISION, "")]
    assert {name: line for name, line in lines.items() if line} == (
        {author.name: expected} if author else {}
    )
    viewer = as_viewer(author or world.stranger)
    with django_assert_num_queries(2 if author else 1):
        page = pages.told_to(viewer)
    assert "Mira" not in repr(page)
    assert WHY not in repr(page)


def test_whose_name_was_opened_is_told_by_whom_and_why():
    world = sealed()
    concern, _ = opened(world)
    giver = concern.part.answer.author
    assert told(giver) == [("opened", ["Carl Content", "Cora Content"], NEED, "")]
    actions.hide_text(concern, reason=DECISION, by=as_viewer(world.content), now=NOON)
    assert {line[0] for line in told(giver)} == {"opened", "hidden"}
    html = drawn("my_feedback", pages.my_feedback(as_viewer(giver)))
    assert "Your name behind a text about Sofia Subject was opened" in html
    assert "A text of yours about Sofia Subject is hidden" in html


def test_what_is_asked_for_and_refused_is_told_to_nobody_outside():
    world = sealed()
    disclosure = asked(world, reported(world))
    people = [*world.givers, world.subject, world.manager]
    assert not any(told(p) for p in people)
    actions.refuse_disclosure(disclosure, by=as_viewer(world.second), now=NOON)
    assert not any(told(p) for p in people)


def test_whoever_reported_it_is_told_when_it_is_decided():
    world = sealed()
    concern = reported(world, world.subject)
    assert told(world.subject) == []
    actions.hide_text(concern, reason=DECISION, by=as_viewer(world.content), now=NOON)
    assert told(world.subject) == [("reported", [], DECISION, "hidden")]
    actions.show_text_again(concern, reason="A novel.", by=as_viewer(world.content), now=NOON)
    assert told(world.subject) == [("reported", [], "A novel.", "left")]
    assert told(concern.part.answer.author) == []


# --- over HTTP ---


def test_no_address_counts_the_cases_that_are_kept_from_somebody_of_hr():
    """PRIVACY: a gap would say that there is one about them, their line or what they were asked."""
    world = sealed()
    eyes = Eyes([world.content])

    def cases(kept: int) -> None:
        report(world, world.manager)
        for _ in range(kept):
            ConcernFactory(part__answer__participant__person=world.content)
        asked(world, report(world, world.skip, number=1))

    def look():
        seen = eyes.see([reverse("feedback:concerns")])
        for concern in Concern.objects.visible_to(as_viewer(world.content)):
            (answer,) = eyes.see([reverse("feedback:concern", args=[concern.token])]).values()
            seen["case", str(concern.part_id)] = answer
        return seen

    none, some = (in_a_world(lambda n=n: cases(n), look) for n in (0, 3))
    assert different(none, some) == []
    assert len(some) == 3


def test_a_name_opens_by_a_press_alone_and_stays_in_no_cache(client):
    world = sealed()
    concern, disclosure = opened(world)
    name = concern.part.answer.author.name
    address = reverse("feedback:open_name", args=[disclosure.token])
    client.force_login(world.content.user)
    assert client.get(address).status_code == 405
    answer = client.post(address)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    assert name in answer.content.decode()
    for page in (
        reverse("feedback:concern", args=[concern.token]),
        reverse("feedback:concerns"),
        reverse("feedback:my_feedback"),
    ):
        assert name not in client.get(page).content.decode()
    assert AuditEvent.objects.filter(verb="open_name", object_id=str(disclosure.pk)).count() == 1


def test_reporting_over_and_over_is_slowed_down(client):
    world = sealed(givers=11)
    client.force_login(world.manager.user)
    answers = []
    for said in [s for s in texts(world, world.manager) if s.may_report][:11]:
        address = reverse("feedback:raise_concern", args=[world.participant.pk, said.key])
        answers.append(client.post(address, {"reason": WHY}).status_code)
    assert answers == [302] * 10 + [429]


def test_a_form_without_a_reason_comes_back_with_the_sentence(client):
    world = sealed()
    said = texts(world, world.manager)[0]
    client.force_login(world.manager.user)
    address = reverse("feedback:raise_concern", args=[world.participant.pk, said.key])
    answer = client.post(address, {"reason": " "})
    assert answer.status_code == 422
    assert "Say why, in a sentence or two." in answer.content.decode()
    concern = reported(world)
    client.force_login(world.content.user)
    for name in ("hide_text", "leave_text", "ask_for_name"):
        answer = client.post(reverse(f"feedback:{name}", args=[concern.token]), {"reason": ""})
        assert answer.status_code == 422
        assert answer.content.decode().count("Say why, in a sentence or two.") >= 1
    assert Concern.objects.get().state == ConcernState.RAISED
