"""What the form says is what the gate does: each line of the promise, asked of the gate before and after."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from django.core.exceptions import PermissionDenied

from apps.feedback import actions, pages
from apps.feedback.access import (
    READS_BATCH,
    READS_FROM_SEAT,
    READS_SCORES,
    READS_SCORES_FROM_SEAT,
    READS_WITH_NAME,
    SEAT_ROLE,
    answer_gate,
    concern_gate,
    disclosure_gate,
    draft_gate,
)
from apps.feedback.models import Answer, AnswerPart, Concern, Disclosure, FeedbackDraft
from apps.feedback.rules import Since, Who, promise
from apps.feedback.states import Mode, PerspectiveKind
from tests.factories import NOON
from tests.factories.feedback import ConcernFactory, DisclosureFactory, RequestFactory
from tests.factories.people import PersonFactory
from tests.feedback.worlds import as_viewer, send, small_world
from tests.world import seated

pytestmark = pytest.mark.django_db
KINDS = [
    (Mode.NAMED, PerspectiveKind.PEER),
    (Mode.CONFIDENTIAL, PerspectiveKind.PEER),
    (Mode.ANONYMOUS, PerspectiveKind.PEER),
    (Mode.ANONYMOUS, PerspectiveKind.UPWARD),
]
STEPS = [Since.SENDING, Since.SEALING, Since.RELEASE]
LINES = [
    pytest.param(mode, kind, number, id=f"{kind} {mode} {line.who}")
    for mode, kind in KINDS
    for number, line in enumerate(
        promise(mode, upward=kind == PerspectiveKind.UPWARD, threshold=5, asked=6, person="S",
                released_on=None).reads
    )
]  # fmt: skip
WITH_NAME, TEXTS, FIGURES = "with the name", "texts", "figures"


def answered(mode, kind, answers):
    """A world in which six are asked and so many have answered; and the line of the one who reads."""
    world = small_world(givers=6, mode=mode, kind=kind)
    for giver in world.givers[:answers]:
        send(world, giver)
    return world


def reader(world, who):
    """The viewers that this word of the promise stands for."""
    return {
        Who.PERSON: [as_viewer(world.subject)],
        Who.MANAGERS: [as_viewer(world.manager), as_viewer(world.skip)],
        Who.MANAGER: [as_viewer(world.manager)],
        Who.COMMITTEE: [seated(world.stranger)],
    }[who]


def read_by(viewer):
    """How this viewer reads the answers there are: with the name, as texts, as figures, or not at all."""
    families = (
        (WITH_NAME, READS_WITH_NAME),
        (TEXTS, (*READS_BATCH, *READS_FROM_SEAT)),
        (FIGURES, (*READS_SCORES, *READS_SCORES_FROM_SEAT)),
    )
    for how, rows in families:
        if answer_gate.visible(viewer, Answer.objects.all(), *rows).exists():
            return how
    return None


def promised(world, line):
    return WITH_NAME if line.with_name else TEXTS if line.texts else FIGURES


def promise_of(world):
    giver = world.givers[0]
    page = pages.give_feedback(as_viewer(giver), request_id=world.request_of(giver).pk)
    return page.promise


def walk(world):
    """One step after the other, as the promise counts them."""
    yield Since.SENDING
    world.seal()
    yield Since.SEALING
    world.release()
    yield Since.RELEASE


@pytest.mark.parametrize("answers", [1, 4, 5])
@pytest.mark.parametrize(("mode", "kind", "number"), LINES)
def test_each_reader_reads_from_then_on_and_as_it_is_said(mode, kind, number, answers):
    world = answered(mode, kind, answers)
    line = promise_of(world).reads[number]
    for step in walk(world):
        due = STEPS.index(step) >= STEPS.index(line.since) and answers >= line.fewest
        for viewer in reader(world, line.who):
            assert read_by(viewer) == (promised(world, line) if due else None), step


@pytest.mark.parametrize(("mode", "kind"), KINDS)
def test_nobody_reads_who_is_not_in_the_promise(mode, kind):
    world = answered(mode, kind, 6)
    named = {line.who for line in promise_of(world).reads}
    left_out = [world.hr, world.content, world.stranger]
    left_out += [] if Who.MANAGERS in named else [world.skip]
    left_out.append(PersonFactory(name="a committee's own manager", manager=world.stranger))
    for _step in walk(world):
        assert [p.name for p in left_out if read_by(as_viewer(p))] == []


@pytest.mark.parametrize(("mode", "kind"), [pair for pair in KINDS if pair[0] != Mode.NAMED])
def test_nobody_who_was_asked_reads_without_names(mode, kind):
    """As a manager where it is anonymous, and from a seat in every mode without names."""
    world = answered(mode, kind, 6)
    assert any("is asked about Sofia Subject reads" in w for w in all_words(promise_of(world)))
    for person in (world.manager, world.skip, world.stranger):
        RequestFactory(perspective=world.perspective, participant=world.participant, giver=person)
    for _step in walk(world):
        assert read_by(seated(world.stranger)) is None
        for person in (world.manager, world.skip):
            assert read_by(as_viewer(person)) in (None, WITH_NAME)
            assert (read_by(as_viewer(person)) is None) == (mode == Mode.ANONYMOUS)


def all_words(said):
    return [*(line.words for line in said.reads), *said.notes, said.name]


@pytest.mark.parametrize(("mode", "kind"), KINDS)
def test_until_it_is_sent_the_draft_is_the_givers_alone(mode, kind):
    world = answered(mode, kind, 0)
    giver = world.givers[0]
    assert any("yours alone" in w or "for you alone" in w for w in promise_of(world).notes)
    actions.save_feedback_draft(
        world.request_of(giver), changes={"question_1": "x"}, seen=0, key="",
        by=as_viewer(giver), now=NOON,
    )  # fmt: skip
    others = [*world.others(), *world.givers[1:]]
    for _step in walk(world):
        mine = FeedbackDraft.objects.all()
        assert [
            p.name for p in others if draft_gate.visible(as_viewer(p), mine, "read_draft")
        ] == []
        assert draft_gate.visible(as_viewer(giver), mine, "read_draft").exists()


@pytest.mark.parametrize(("mode", "kind"), KINDS)
def test_it_can_be_changed_until_collection_closes_or_never(mode, kind):
    world = answered(mode, kind, 0)
    giver = world.givers[0]
    said = " ".join(promise_of(world).notes)
    send(world, giver)

    may_change = "You can change what you sent until collection closes" in said
    assert may_change is not ("nothing can be changed, taken back or asked about" in said)
    assert may_change is (mode != Mode.ANONYMOUS)
    page = pages.give_feedback(as_viewer(giver), request_id=world.request_of(giver).pk)
    assert bool(page.may_write) is may_change
    assert Answer.objects.filter(author=giver).exists() is may_change
    world.seal()
    page = pages.give_feedback(as_viewer(giver), request_id=world.request_of(giver).pk)
    assert not page.may_write


@pytest.mark.parametrize(("mode", "kind"), KINDS)
def test_hr_reads_what_was_reported_and_no_name_with_it(mode, kind):
    world = answered(mode, kind, 6)
    said = " ".join(promise_of(world).notes)
    assert "HR reads a text only when one of its readers reports it" in said
    assert "nobody ever rewrites it" in said
    hr = as_viewer(world.content)
    world.seal()
    assert concern_gate.visible(hr, Concern.objects.all(), "read_concern").count() == 0

    part = AnswerPart.objects.exclude(text="").first()
    concern = ConcernFactory(part=part, raised_by=world.manager)

    assert concern_gate.visible(hr, Concern.objects.all(), "read_concern").count() == 1
    assert read_by(hr) is None
    may_open = bool(concern_gate.may(hr, "ask_for_name", concern))
    assert may_open is ("two people of HR and a written reason to open the name" in said)
    assert may_open is (mode == Mode.CONFIDENTIAL)


def test_a_confidential_name_takes_two_people_and_its_giver_is_told():
    world = answered(Mode.CONFIDENTIAL, PerspectiveKind.PEER, 6)
    assert any("and you are told" in words for words in promise_of(world).notes)
    world.seal()
    one = world.content
    other = PersonFactory(name="Second Content", content_admin=True)
    part = AnswerPart.objects.exclude(text="").first()
    concern = ConcernFactory(part=part, raised_by=world.manager)
    asked = DisclosureFactory(concern=concern, asked_by=one)

    assert not disclosure_gate.may(as_viewer(one), "agree_to_disclosure", asked)
    assert disclosure_gate.may(as_viewer(other), "agree_to_disclosure", asked)
    assert not disclosure_gate.may(as_viewer(one), "open_name", asked)
    Disclosure.objects.update(state="agreed", decided_at=NOON, decided_by=other)
    agreed = Disclosure.objects.get()
    assert disclosure_gate.may(as_viewer(one), "open_name", agreed)
    author = as_viewer(part.answer.author)
    assert disclosure_gate.may(author, "read_disclosure_giver", agreed)


@pytest.mark.parametrize(
    ("mode", "asked", "words"),
    [
        (Mode.NAMED, 2, ""),
        (Mode.CONFIDENTIAL, 4, "Only 4 people are asked, fewer than 5: Sofia will not read it"),
        (Mode.CONFIDENTIAL, 5, "Only 5 people are asked. Among so few"),
        (Mode.CONFIDENTIAL, 7, "7 people are asked. The way you write"),
        (Mode.ANONYMOUS, 1, "Only 1 person is asked. Among so few"),
        (Mode.ANONYMOUS, 6, "Only 6 people are asked. Among so few"),
        (Mode.ANONYMOUS, 7, "7 people are asked. The way you write"),
    ],
)
@pytest.mark.parametrize("upward", [False, True])
def test_a_small_group_is_said_with_its_number(mode, asked, words, upward):
    said = promise(
        mode, upward=upward, threshold=5, asked=asked, person="Sofia", released_on=date(2026, 6, 3)
    )
    notes = " ".join(said.notes)
    assert words in notes
    assert ("are asked" in notes or "is asked." in notes) is (mode != Mode.NAMED)
    assert "from 3 June" in " ".join(line.words for line in said.reads)


def test_with_fewer_asked_than_it_takes_the_person_reads_nothing_in_confidential_mode():
    world = small_world(givers=4, mode=Mode.CONFIDENTIAL)
    assert any("fewer than 5: Sofia Subject will not read it" in n for n in promise_of(world).notes)
    for giver in world.givers:
        send(world, giver)
    for _step in walk(world):
        assert read_by(as_viewer(world.subject)) is None
        assert read_by(seated(world.stranger)) is None
        assert read_by(as_viewer(world.manager)) == WITH_NAME


def test_a_seat_is_lent_and_no_account_holds_it():
    world = small_world(givers=0)
    assert all(SEAT_ROLE not in as_viewer(p).roles for p in world.others())
    assert replace(as_viewer(world.stranger), roles=frozenset({SEAT_ROLE})).roles == {SEAT_ROLE}


def test_after_the_link_is_cut_nobody_takes_it_back():
    world = answered(Mode.ANONYMOUS, PerspectiveKind.PEER, 1)
    giver = world.givers[0]
    with pytest.raises(PermissionDenied):
        actions.decline_request(world.request_of(giver), reason="", by=as_viewer(giver), now=NOON)
    assert Answer.objects.count() == 1
