"""What one reader finds of each kind of feedback: voices, a batch, figures, or why there is nothing."""

from decimal import Decimal

import pytest
from django.db import transaction
from django.http import Http404

from apps.core.access import Viewer
from apps.feedback import pages
from apps.feedback.models import AnswerPart, Request
from apps.feedback.pages.kinds import Readable, Reader, perspectives_of
from apps.feedback.seats import feedback_from_a_seat
from apps.feedback.states import Mode, PerspectiveKind
from apps.people.models import Person
from tests.factories.feedback import ConcernFactory, PerspectiveFactory
from tests.feedback.worlds import as_viewer, send, small_world, whole_form

pytestmark = pytest.mark.django_db
LABELS = {n: f"point {n}" for n in range(1, 6)}
UPWARD = PerspectiveKind.UPWARD


def kinds(world, who):
    return pages.received_feedback(
        as_viewer(getattr(world, who)), participant_id=world.participant.pk
    ).kinds


def kind(world, who):
    (found,) = kinds(world, who)
    return found


def from_a_seat(world):
    """A committee member: the stranger of the world."""
    (found,) = feedback_from_a_seat(
        as_viewer(world.stranger), world.participant, labels=dict(LABELS)
    )
    return found


def answered(answers, *, mode=Mode.ANONYMOUS, sealed=True, released=True, **more):
    world = small_world(givers=6, mode=mode, **more)
    for giver in world.givers[:answers]:
        send(world, giver)
    if sealed:
        world.seal()
    if sealed and released:
        world.release()
    return world


# --- why there is nothing ---


@pytest.mark.parametrize(
    ("mode", "why"),
    [
        (Mode.ANONYMOUS, "collecting_batch"),
        (Mode.CONFIDENTIAL, "nothing_yet"),
        (Mode.NAMED, "nothing_yet"),
    ],
)
def test_while_collecting_the_manager_waits(mode, why):
    world = answered(0, mode=mode, sealed=False)
    assert kind(world, "manager").why == kind(world, "skip").why == why


@pytest.mark.parametrize("mode", Mode)
def test_while_collecting_a_seat_waits_in_every_mode(mode):
    assert from_a_seat(answered(5, mode=mode, sealed=False)).why == "collecting_batch"


@pytest.mark.parametrize(
    ("mode", "why"),
    [(Mode.ANONYMOUS, "too_few"), (Mode.CONFIDENTIAL, "none"), (Mode.NAMED, "none")],
)
def test_when_nobody_answered_the_manager_is_told_as_the_mode_allows(mode, why):
    world = answered(0, mode=mode)
    assert kind(world, "manager").why == why
    assert kind(world, "subject").why == ("none" if mode == Mode.NAMED else "too_few")
    assert from_a_seat(world).why == ("none" if mode == Mode.NAMED else "too_few")


@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize("answers", [0, 5])
def test_what_waits_for_release_says_so_to_the_person(mode, answers):
    world = answered(answers, mode=mode, released=False)
    me = as_viewer(world.subject)
    reader = Reader(me, world.participant, LABELS)
    (found,) = reader.kinds(
        perspectives_of(world.participant, me), Readable({}, {}, {}), without_names=False
    )
    assert found.why == "at_release"


@pytest.mark.parametrize(
    ("mode", "why"), [(Mode.ANONYMOUS, "was_asked"), (Mode.CONFIDENTIAL, ""), (Mode.NAMED, "")]
)
def test_whoever_was_asked_and_leads_now_reads_no_batch_but_still_reads_names(mode, why):
    world = answered(5, mode=mode)
    Person.objects.filter(pk=world.subject.pk).update(manager=world.givers[0])
    world.manager = world.givers[0]
    found = kind(world, "manager")
    assert (found.why, bool(found.voices)) == (why, not why)


@pytest.mark.parametrize(
    ("mode", "what", "readers"),
    [
        (Mode.ANONYMOUS, PerspectiveKind.PEER, ["manager", "skip", "subject"]),
        (Mode.CONFIDENTIAL, PerspectiveKind.PEER, ["subject"]),
        (Mode.ANONYMOUS, UPWARD, ["manager", "subject"]),
    ],
)
def test_none_and_one_too_few_are_the_same(mode, what, readers):
    """A15, for every reader without names; a seat with them."""
    seen = []
    for answers in (0, 1, 4):
        with transaction.atomic():
            world = answered(answers, mode=mode, kind=what)
            found = [*(kind(world, who) for who in readers), from_a_seat(world)]
            transaction.set_rollback(True)
        seen.append([(k.why, k.fewest, k.voices, k.sections, k.scores, k.total) for k in found])
    assert seen[0] == [("too_few", 5, None, None, None, None)] * (len(readers) + 1)
    assert seen[1] == seen[2] == seen[0]


# --- what is shown ---


@pytest.mark.parametrize("mode", [Mode.NAMED, Mode.CONFIDENTIAL])
def test_managers_read_voices_with_names_in_the_order_of_names(mode):
    world = answered(5, mode=mode)
    found = kind(world, "manager")
    assert [v.name for v in found.voices] == sorted(g.name for g in world.givers[:5])
    assert (found.why, found.fewest, found.sections, found.scores) == ("", 1, None, None)
    assert {len(v.texts) for v in found.voices} == {2}
    assert {len(v.comments) for v in found.voices} == {2}


def test_the_table_of_voices_has_a_line_for_each_competency_and_a_gap_for_who_cannot_say():
    world = small_world(givers=3, mode=Mode.NAMED)
    low, high = world.competencies
    for points, giver in enumerate(world.givers, 2):
        form = whole_form(world, points=points)
        if points == 3:
            form[f"rating_{high}"] = "not_enough_evidence"
        send(world, giver, form)
    found = kind(world, "manager")
    order = [world.givers.index(next(g for g in world.givers if g.name == v.name)) for v in found.voices]  # fmt: skip
    assert order == [0, 1, 2]
    assert [[r and r.value for r in row.given] for row in found.compared] == [[2, 3, 4], [2, None, 4]]  # fmt: skip
    assert [r.anchor for r in found.voices[0].ratings] == [f"c{low}", f"c{high}"]


@pytest.mark.parametrize("who", ["manager", "skip", "subject"])
def test_enough_answers_without_names_are_one_batch_for_every_reader(who):
    found = kind(answered(5), who)
    assert (found.why, found.fewest, found.voices, found.has_texts) == ("", 5, None, True)
    assert [(s.is_held, len(s.texts)) for s in found.sections] == [(False, 5)] * 2
    assert [(s.mean, s.nearest, len(s.comments)) for s in found.scores] == [(Decimal("3.0"), 3, 5)] * 2  # fmt: skip
    assert found.total == Decimal("3.0")


def test_the_person_reads_a_confidential_batch_without_a_name():
    world = answered(5, mode=Mode.CONFIDENTIAL)
    found = kind(world, "subject")
    assert found.voices is None
    assert sum(1 for _ in found.texts()) == 5 * 4
    assert "canary" not in repr(found)


@pytest.mark.parametrize(
    ("mode", "fewest"), [(Mode.NAMED, 1), (Mode.CONFIDENTIAL, 5), (Mode.ANONYMOUS, 5)]
)
def test_a_seat_reads_every_mode_without_names(mode, fewest):
    found = from_a_seat(answered(5, mode=mode))
    assert (found.voices, found.fewest, found.why) == (None, fewest, "")
    assert "canary" not in repr(found)
    assert sum(1 for _ in found.texts()) == 5 * 4


def test_a_seat_reads_one_named_answer_without_the_name():
    found = from_a_seat(answered(1, mode=Mode.NAMED))
    assert [len(s.texts) for s in found.sections] == [1, 1]
    assert "canary" not in repr(found)


def test_who_leads_the_manager_gets_figures_and_no_text():
    world = answered(5, kind=UPWARD)
    told, led = kind(world, "subject"), kind(world, "manager")
    assert (told.has_texts, led.has_texts) == (True, False)
    assert led.sections == []
    assert [(s.mean, s.spread) for s in led.scores] == [(s.mean, s.spread) for s in told.scores]
    assert list(led.texts()) == []
    assert sum(1 for _ in told.texts()) == 5 * 4
    assert kinds(world, "skip") == []


def test_upward_is_left_out_where_nobody_was_asked():
    world = answered(5)
    PerspectiveFactory(cycle=world.perspective.cycle, kind=UPWARD, sealed=True)
    assert [k.perspective.kind for k in kinds(world, "manager")] == ["peer"]
    assert [k.perspective.kind for k in kinds(world, "subject")] == ["peer"]
    asked = Request.objects.filter(perspective=world.perspective).first()
    asked.pk, asked.perspective = None, world.perspective.cycle.perspectives.get(kind=UPWARD)
    asked.save(force_insert=True)
    assert [(k.perspective.kind, k.why) for k in kinds(world, "subject")][1] == (
        "upward",
        "too_few",
    )


@pytest.mark.parametrize("mode", [Mode.ANONYMOUS, Mode.CONFIDENTIAL, Mode.NAMED])
def test_a_hidden_text_leaves_its_place_and_the_reason_and_still_counts(mode):
    world = answered(5, mode=mode)
    part = AnswerPart.objects.filter(question=world.questions[0]).first()
    words = part.text
    ConcernFactory(part=part, hidden=True, raised_by=world.manager)
    for who in ("manager", "subject"):
        texts = list(kind(world, who).texts())
        hidden = [said for said in texts if said.hidden]
        assert [(s.text, s.hidden) for s in hidden] == [("", "It speaks of somebody's health.")]
        assert words not in {said.text for said in texts}
        assert len(texts) == 5 * 4
        assert {s.concern for s in hidden} == {"hidden" if who == "manager" else ""}


@pytest.mark.parametrize("state", ["raised", "left"])
def test_a_reported_text_stands_until_it_is_hidden_and_only_its_reporter_sees_the_report(state):
    world = answered(5)
    part = AnswerPart.objects.filter(question=world.questions[0]).first()
    ConcernFactory(
        part=part, raised_by=world.manager, **({"left": True} if state == "left" else {})
    )
    for who, seen in (("manager", {"", state}), ("subject", {""})):
        texts = list(kind(world, who).texts())
        assert part.text in {said.text for said in texts}
        assert {said.concern for said in texts} == seen


def test_a_spread_says_the_words_of_the_scale():
    world = small_world(givers=10)
    for number, giver in enumerate(world.givers):
        send(world, giver, whole_form(world, text=f"T {giver.pk}", points=2 if number < 5 else 4))
    world.seal()
    score = kind(world, "manager").scores[0]
    low, high = score.bands
    assert [(b.share.lowest, b.share.highest, b.share.tenths) for b in score.bands] == [(1, 2, 5), (3, 5, 5)]  # fmt: skip
    assert (low.last, low.ramp, high.ramp) == (score.labels[2], "ramp-2", "ramp-6")
    assert score.chart.count("<rect") == 2
    assert score.name in score.chart


def test_nobody_without_a_person_reads_anything():
    world = answered(5)
    with pytest.raises(Http404):
        pages.received_feedback(Viewer(), participant_id=world.participant.pk)
