"""Thanks and feedback that nobody asked for: who reads it, for how long it can be taken back."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.template.loader import render_to_string
from django.test import RequestFactory as HttpRequestFactory
from django.urls import reverse

from apps.core.models import AuditEvent
from apps.core.workflow import StaleState
from apps.feedback import actions, pages
from apps.feedback.models import UnaskedFeedback
from apps.feedback.rules import NotAllowed, may_be_taken_back, quoted
from apps.feedback.states import Audience, UnaskedKind
from apps.people.models import Person
from apps.reviews.models import EvidenceNote
from tests.factories import NOON
from tests.factories.feedback import UnaskedFeedbackFactory
from tests.factories.ladders import CompetencyFactory
from tests.factories.people import PersonFactory
from tests.feedback.worlds import as_viewer, small_world

pytestmark = pytest.mark.django_db
WORDS = "You stayed until the queue was empty."


@pytest.fixture
def world():
    return small_world(givers=1)


def give(world, **more):
    choice = {"kind": UnaskedKind.THANKS, "text": WORDS, **more}
    return actions.give_unasked(world.subject, by=as_viewer(world.givers[0]), now=NOON, **choice)


def readers(given, people):
    return {
        p.name
        for p in people
        if UnaskedFeedback.objects.visible_to(as_viewer(p)).filter(pk=given.pk).exists()
    }


# --- rules ---


@pytest.mark.parametrize(("hours", "may"), [(0, True), (23.99, True), (24, False), (48, False)])
def test_it_can_be_taken_back_for_a_day(hours, may):
    assert may_be_taken_back(NOON, at=NOON + timedelta(hours=hours)) == may


def test_a_quotation_holds_every_line_and_says_who_and_when():
    text = "# Thanks\n\n- for this\nand that"
    assert quoted(text, name="Ada", on=NOON.date()) == (
        "> # Thanks\n>\n> - for this\n> and that\n\nAda, 2026-11-20"
    )


# --- who reads it ---


@pytest.mark.parametrize("audience", Audience)
def test_exactly_those_it_is_addressed_to_read_it(world, audience):
    given = give(world, audience=audience)
    everybody = [*world.others(), *world.givers]
    expected = {world.givers[0].name, world.subject.name}
    if audience == Audience.PERSON_AND_MANAGER:
        expected.add(world.manager.name)
    assert readers(given, everybody) == expected


def test_the_manager_of_today_reads_it_and_yesterdays_does_not(world):
    given = give(world, audience=Audience.PERSON_AND_MANAGER)
    new = PersonFactory(name="Nina New", with_user=True)
    Person.objects.filter(pk=world.subject.pk).update(manager=new)
    assert readers(given, [world.manager, new]) == {"Nina New"}


def test_what_was_addressed_to_the_person_alone_reaches_no_manager(world, client):
    give(world)
    client.force_login(world.manager.user)
    page = client.get(reverse("feedback:unasked_feedback"), {"show": "team"})
    assert WORDS not in page.content.decode()


def test_new_ones_are_counted_from_an_instant(world):
    given = give(world)
    mine = UnaskedFeedback.objects.received_by(as_viewer(world.subject))
    counts = [mine.given_after(NOON + timedelta(seconds=seconds)).count() for seconds in (-1, 0, 1)]
    assert counts == [1, 0, 0]
    assert given.giver == world.givers[0]


# --- giving, taking back, keeping ---


def test_nobody_writes_to_themself(world):
    with pytest.raises(PermissionDenied):
        actions.give_unasked(
            world.subject, kind="thanks", text=WORDS, by=as_viewer(world.subject), now=NOON
        )


@pytest.mark.parametrize(
    ("more", "sentence"),
    [({"text": "  \n "}, "Write something"), ({"competency_ids": range(6)}, "at most 5")],
)
def test_what_cannot_be_given(world, more, sentence):
    with pytest.raises(NotAllowed, match=sentence):
        give(world, **more)
    assert not UnaskedFeedback.objects.exists()


def test_nobody_writes_to_somebody_who_has_left(world):
    world.subject.left_on = NOON.date()
    with pytest.raises(NotAllowed, match="does not work here"):
        give(world)


def test_the_audit_keeps_no_word_of_it(world):
    give(world)
    event = AuditEvent.objects.get()
    assert (event.verb, event.detail) == ("give_unasked", {"kind": "thanks", "audience": "person"})


def test_taking_back_leaves_nothing(world):
    given = give(world)
    later = NOON + timedelta(hours=23)
    stale = UnaskedFeedback.objects.get(pk=given.pk)
    actions.withdraw_unasked(given, by=as_viewer(world.givers[0]), now=later)
    assert not UnaskedFeedback.objects.exists()
    with pytest.raises(StaleState):
        actions.withdraw_unasked(stale, by=as_viewer(world.givers[0]), now=later)


def test_after_a_day_it_stays(world):
    given = give(world)
    with pytest.raises(NotAllowed, match="more than a day ago"):
        actions.withdraw_unasked(given, by=as_viewer(world.givers[0]), now=NOON + timedelta(days=1))
    assert UnaskedFeedback.objects.exists()


def test_only_the_giver_takes_it_back_and_only_the_receiver_keeps_it(world):
    given = give(world, audience=Audience.PERSON_AND_MANAGER)
    for person in world.others():
        with pytest.raises(PermissionDenied):
            actions.withdraw_unasked(given, by=as_viewer(person), now=NOON)
    for person in {*world.others(), *world.givers} - {world.subject}:
        with pytest.raises(PermissionDenied):
            actions.keep_unasked(given, by=as_viewer(person), now=NOON)
    assert UnaskedFeedback.objects.exists()
    assert not EvidenceNote.objects.exists()


def test_what_is_sent_twice_is_given_once(world):
    tag = CompetencyFactory(area=None)
    given = give(world, competency_ids=[tag.pk])

    assert give(world, competency_ids=[tag.pk]) == give(world) == given
    assert AuditEvent.objects.filter(verb="give_unasked").count() == 1

    others = {
        give(world, competency_ids=[tag.pk, CompetencyFactory(area=None).pk]),
        give(world, text="Another thing."),
        give(world, kind=UnaskedKind.FEEDBACK),
        give(world, audience=Audience.PERSON_AND_MANAGER),
        actions.give_unasked(
            world.subject, kind=UnaskedKind.THANKS, text=WORDS,
            by=as_viewer(world.givers[0]), now=NOON + timedelta(hours=1),
        ),
    }  # fmt: skip
    assert len(others | {given}) == UnaskedFeedback.objects.count() == 6


def test_keeping_it_twice_is_one_private_note_with_the_givers_name(world):
    outside = CompetencyFactory()
    given = give(world, competency_ids=[*world.competencies, outside.pk])
    me = as_viewer(world.subject)
    notes = {actions.keep_unasked(given, by=me, now=NOON).pk for _ in range(2)}
    note = EvidenceNote.objects.get()
    assert notes == {note.pk}
    assert note.text == f"> {WORDS}\n\nGiver0canary Peer0canary, 2026-11-20"
    assert (note.author, note.about, note.shared_at) == (world.subject, world.subject, None)
    assert set(note.competencies.values_list("pk", flat=True)) == set(world.competencies)


def test_a_kept_note_outlives_what_was_taken_back(world):
    given = give(world)
    actions.keep_unasked(given, by=as_viewer(world.subject), now=NOON)
    actions.withdraw_unasked(given, by=as_viewer(world.givers[0]), now=NOON)
    assert EvidenceNote.objects.count() == 1


# --- the form ---


def offered(world, person):
    page = pages.give_unasked(as_viewer(person), person_id=world.subject.pk, on=NOON.date())
    return {pk for pk, _name in page.choices}


def test_the_level_is_not_told_by_what_is_offered(world):
    """PRIVACY: only those who may know the level see what it expects; others see the whole ladder."""
    other = CompetencyFactory(version=world.subject.level.version)
    assert offered(world, world.manager) == set(world.competencies)
    assert offered(world, world.stranger) == {*world.competencies, other.pk}


def test_nobody_reads_along_where_there_is_nobody(world):
    for viewer, expected in ((world.manager, False), (world.stranger, True)):
        page = pages.give_unasked(as_viewer(viewer), person_id=world.subject.pk, on=NOON.date())
        assert page.to_manager is expected
    alone = PersonFactory()
    page = pages.give_unasked(as_viewer(world.stranger), person_id=alone.pk, on=NOON.date())
    assert page.to_manager is False


def test_the_whole_way_over_http(world, client):
    client.force_login(world.stranger.user)
    found = client.get(reverse("feedback:find_receiver"), {"find": "Sofia"}).content.decode()
    where = reverse("feedback:give_unasked", args=[world.subject.pk])
    assert where in found
    form = client.get(where).content.decode()
    assert form.index("Who reads this") < form.index("<textarea")

    wrong = client.post(where, {"kind": "thanks", "audience": "person", "text": ""})
    assert wrong.status_code == 422
    sent = {
        "kind": "feedback",
        "audience": "person_and_manager",
        "text": "Less is more. <script>alert(1)</script>",
        "competencies": world.competencies,
    }
    client.post(where, sent)

    client.force_login(world.subject.user)
    page = client.get(reverse("feedback:unasked_feedback")).content.decode()
    assert "Less is more." in page
    assert "<script>alert" not in page
    given = UnaskedFeedback.objects.get()
    assert set(given.competencies.values_list("pk", flat=True)) == set(world.competencies)
    client.post(reverse("feedback:keep_unasked", args=[given.pk]))
    assert EvidenceNote.objects.count() == 1


def test_a_competency_of_another_ladder_is_no_choice(world, client):
    client.force_login(world.stranger.user)
    sent = {"kind": "thanks", "audience": "person", "text": WORDS, "competencies": [CompetencyFactory().pk]}  # fmt: skip
    response = client.post(reverse("feedback:give_unasked", args=[world.subject.pk]), sent)
    assert response.status_code == 422
    assert WORDS in response.content.decode()


def test_there_is_a_limit_to_thanking(world, client):
    client.force_login(world.stranger.user)
    where = reverse("feedback:give_unasked", args=[world.subject.pk])
    codes = {
        client.post(where, {"kind": "thanks", "audience": "person", "text": WORDS}).status_code
        for _ in range(31)
    }
    assert codes == {302, 429}


@pytest.mark.parametrize("rows", [3, 300])
@pytest.mark.parametrize(("show", "queries"), [("received", 4), ("given", 4), ("team", 4)])
def test_the_lists_cost_the_same_for_three_and_for_three_hundred(
    rows, show, queries, django_assert_num_queries
):
    me = PersonFactory()
    report = PersonFactory(manager=me)
    tag = CompetencyFactory()
    who = {
        "received": {"receiver": me},
        "given": {"giver": me},
        "team": {"receiver": report, "to_both": True},
    }[show]
    for _ in range(rows):
        UnaskedFeedbackFactory(competencies=[tag], **who)
    viewer = as_viewer(me)
    with django_assert_num_queries(queries):
        page = pages.unasked_feedback(viewer, show=show, now=NOON)
    with django_assert_num_queries(0):
        html = render_to_string(
            "feedback/unasked_feedback.html", {"page": page}, request=HttpRequestFactory().get("/")
        )
    assert html.count("<article") == len(page.rows) == min(rows, 20)


@pytest.mark.parametrize("rows", [3, 300])
def test_finding_somebody_and_the_form_cost_the_same(rows, world, django_assert_max_num_queries):
    PersonFactory.create_batch(rows, manager=world.manager)
    for _ in range(rows):
        CompetencyFactory(version=world.subject.level.version)
    viewer = as_viewer(world.givers[0])
    with django_assert_max_num_queries(1):
        pages.find_receiver(viewer, find="Person", on=NOON.date())
    for who in (world.manager, world.stranger):
        viewer = as_viewer(who)
        with django_assert_max_num_queries(8):
            pages.give_unasked(viewer, person_id=world.subject.pk, on=NOON.date())
