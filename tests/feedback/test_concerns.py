"""Reporting a text and hiding it: who may, what is stored, and who sees what of it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.http import Http404
from django.test.utils import CaptureQueriesContext

from apps.core.workflow import StaleState
from apps.feedback import actions, pages
from apps.feedback.models import AnswerPart, Concern
from apps.feedback.rules import NAME_OPEN_FOR, NotAllowed, name_closes_at, name_is_open
from apps.feedback.seats import feedback_from_a_seat
from apps.feedback.states import ConcernState, Mode, PerspectiveKind
from apps.people.models import Person
from tests.factories import NOON
from tests.factories.feedback import ConcernFactory
from tests.factories.people import PersonFactory
from tests.feedback.cases import (
    DECISION,
    WHY,
    drawn,
    report,
    reported,
    sealed,
    texts,
)
from tests.feedback.worlds import as_viewer, send, small_world

pytestmark = pytest.mark.django_db


# --- rules ---


@pytest.mark.parametrize(
    ("after", "is_open"),
    [
        (timedelta(0), True),
        (NAME_OPEN_FOR - timedelta(seconds=1), True),
        (NAME_OPEN_FOR, False),
        (timedelta(seconds=-1), False),
    ],
)
def test_a_name_can_be_opened_for_thirty_days(after, is_open):
    assert name_is_open(NOON, at=NOON + after) is is_open
    assert name_closes_at(NOON) - NOON == timedelta(days=30)


# --- who may report what ---


@pytest.mark.parametrize(
    ("mode", "kind", "reporters"),
    [
        (Mode.NAMED, PerspectiveKind.PEER, {"manager", "skip", "subject"}),
        (Mode.CONFIDENTIAL, PerspectiveKind.PEER, {"manager", "skip", "subject"}),
        (Mode.ANONYMOUS, PerspectiveKind.PEER, {"manager", "skip", "subject"}),
        # Whoever leads the manager reads figures of the team, and no text.
        (Mode.ANONYMOUS, PerspectiveKind.UPWARD, {"subject"}),
    ],
)
def test_whoever_reads_a_text_may_report_it_and_nobody_else(mode, kind, reporters):
    world = sealed(mode, kind=kind)
    part = AnswerPart.objects.exclude(text="").first()
    people = {
        n: getattr(world, n) for n in ("subject", "manager", "skip", "hr", "content", "stranger")
    }
    people["giver"] = world.givers[0]
    may = set()
    for name, person in people.items():
        try:
            with transaction.atomic():
                actions.raise_concern(
                    world.participant, part.pk, reason=WHY, by=as_viewer(person), now=NOON
                )
                may.add(name)
                transaction.set_rollback(True)
        except AnswerPart.DoesNotExist:
            pass
    assert may == reporters


def test_nothing_is_reported_before_it_is_sealed():
    world = small_world(mode=Mode.NAMED)
    send(world, world.givers[0])
    part = AnswerPart.objects.exclude(text="").first()
    assert texts(world, world.manager)
    assert not any(said.may_report for said in texts(world, world.manager))
    with pytest.raises(AnswerPart.DoesNotExist):
        actions.raise_concern(
            world.participant, part.pk, reason=WHY, by=as_viewer(world.manager), now=NOON
        )


def test_a_text_is_reported_once_by_one_reader_and_all_reports_stand_in_one_case():
    world = sealed()
    concern = reported(world)
    part = concern.part_id

    def again(reader, words):
        by = as_viewer(reader)
        return actions.raise_concern(world.participant, part, reason=words, by=by, now=NOON)

    assert again(world.skip, "It is a threat.") == concern
    with pytest.raises(NotAllowed, match="already"):
        again(world.manager, WHY)
    reports = list(concern.reports.values_list("raised_by", "reason"))
    assert reports == [(world.manager.pk, WHY), (world.skip.pk, "It is a threat.")]

    actions.leave_text(concern, reason=DECISION, by=as_viewer(world.content), now=NOON)
    for reader in (world.manager, world.skip):
        with pytest.raises(NotAllowed, match="already"):
            again(reader, WHY)
    case = again(world.subject, WHY)
    assert list(Concern.objects.filter(part=part).order_by("pk")) == [concern, case]


def test_what_is_hidden_cannot_be_reported_any_more():
    world = sealed()
    concern = reported(world)
    actions.hide_text(concern, reason=DECISION, by=as_viewer(world.content), now=NOON)
    with pytest.raises(NotAllowed, match="has hidden"):
        actions.raise_concern(
            world.participant, concern.part_id, reason=WHY, by=as_viewer(world.skip), now=NOON
        )
    assert concern.reports.count() == 1


def test_a_reason_is_asked_for_and_has_an_end():
    world = sealed()
    for reason in ("", "  \n", "x" * 1001):
        with pytest.raises(NotAllowed):
            report(world, world.manager, reason=reason)
    assert not Concern.objects.exists()


def test_from_a_seat_nothing_can_be_reported():
    world = sealed()
    kinds = feedback_from_a_seat(as_viewer(world.stranger), world.participant, labels={1: "One"})
    said = [s for kind in kinds for s in kind.texts()]
    assert len(said) == 20
    assert not any(s.may_report for s in said)


def test_of_two_texts_alike_each_can_be_reported():
    world = small_world(mode=Mode.ANONYMOUS)
    for giver in world.givers:
        send(world, giver, _same(world))
    world.seal()
    before = [s.key for s in texts(world, world.manager)]
    report(world, world.manager)
    report(world, world.manager)
    assert [s.key for s in texts(world, world.manager)] == before
    assert len({c.part_id for c in Concern.objects.all()}) == 2


def _same(world):
    values = {f"question_{q.pk}": "The very same words." for q in world.questions}
    return values | {f"rating_{pk}": "3" for pk in world.competencies}


# --- the page on which it is reported ---


def test_the_form_shows_the_text_again_and_costs_what_its_page_costs():
    world = sealed()
    with CaptureQueriesContext(connection) as there:
        said = next(s for s in texts(world, world.manager) if s.may_report)
    with CaptureQueriesContext(connection) as here:
        page = pages.raise_concern(
            as_viewer(world.manager), participant_id=world.participant.pk, key=said.key
        )
    assert len(here) == len(there) <= 9
    assert (page.said, page.names_are_secret) == (said, True)
    assert page.about.startswith(("What does Sofia", "Competency"))


def test_a_text_that_is_hidden_reported_or_unknown_has_no_form():
    world = sealed()
    said = next(s for s in texts(world, world.manager) if s.may_report)

    def opens(reader, key):
        return pages.raise_concern(as_viewer(reader), participant_id=world.participant.pk, key=key)

    with pytest.raises(Http404):
        opens(world.skip, said.key)  # each reader has addresses of their own
    with pytest.raises(Http404):
        opens(world.manager, "0" * len(said.key))
    concern = actions.raise_concern(
        world.participant, said.part_id, reason=WHY, by=as_viewer(world.manager), now=NOON
    )
    with pytest.raises(Http404):
        opens(world.manager, said.key)
    theirs = next(s for s in texts(world, world.skip) if s.part_id == said.part_id)
    assert opens(world.skip, theirs.key).said == theirs
    actions.hide_text(concern, reason=DECISION, by=as_viewer(world.content), now=NOON)
    with pytest.raises(Http404):
        opens(world.skip, theirs.key)


# --- HR decides ---


def decided(concern):
    return list(concern.decisions.values_list("became", "reason"))


def test_hidden_the_text_is_nowhere_and_everything_else_is_as_before():
    world = sealed(Mode.ANONYMOUS)
    readers = (world.manager, world.skip, world.subject)
    before = {r: texts(world, r) for r in readers}
    numbers = {r: _numbers(world, r) for r in readers}
    concern = reported(world)
    words = concern.part.text
    actions.hide_text(concern, reason=DECISION, by=as_viewer(world.content), now=NOON)

    for reader in readers:
        after = texts(world, reader)
        assert [s.key for s in after] == [s.key for s in before[reader]]
        (hidden,) = [s for s in after if s.hidden]
        assert (hidden.text, hidden.hidden, hidden.may_report) == ("", DECISION, False)
        assert hidden.part_id == concern.part_id
        page = pages.received_feedback(as_viewer(reader), participant_id=world.participant.pk)
        html = drawn("received_feedback", page)
        assert words not in html
        assert f"Hidden by HR: {DECISION}" in html
        assert _numbers(world, reader) == numbers[reader]
    seat = feedback_from_a_seat(as_viewer(world.stranger), world.participant, labels={})
    said = [s for kind in seat for s in kind.texts()]
    assert [s.hidden for s in said if s.hidden] == [DECISION]
    assert words not in {s.text for s in said}
    assert AnswerPart.objects.get(pk=concern.part_id).text == words


def _numbers(world, reader):
    page = pages.received_feedback(as_viewer(reader), participant_id=world.participant.pk)
    (kind,) = page.kinds
    return [(s.name, s.mean, s.spread, len(s.comments)) for s in kind.scores], kind.total


def test_left_to_stand_only_whoever_reported_it_reads_why():
    world = sealed()
    concern = reported(world)
    actions.leave_text(
        concern, reason="Sharp, and about the work.", by=as_viewer(world.content), now=NOON
    )

    mine = next(s for s in texts(world, world.manager) if s.part_id == concern.part_id)
    assert (mine.concern, mine.answered, mine.hidden) == ("left", "Sharp, and about the work.", "")
    theirs = next(s for s in texts(world, world.skip) if s.part_id == concern.part_id)
    assert (theirs.concern, theirs.answered, theirs.text) == ("", "", mine.text)


def test_shown_again_it_stands_where_it_stood():
    world = sealed()
    before = texts(world, world.subject)
    concern = reported(world)
    actions.hide_text(concern, reason=DECISION, by=as_viewer(world.content), now=NOON)
    actions.show_text_again(concern, reason="It was a novel.", by=as_viewer(world.second), now=NOON)

    assert texts(world, world.subject) == before
    concern.refresh_from_db()
    assert concern.state == ConcernState.LEFT
    assert decided(concern) == [("hidden", DECISION), ("left", "It was a novel.")]


@pytest.mark.parametrize("deed", ["hide_text", "leave_text", "show_text_again", "ask_for_name"])
def test_whoever_has_a_part_in_it_decides_nothing(deed):
    """The subject, somebody below the subject, the giver, one who was asked, the reporter; nor the
    office that reads no content."""
    world = sealed()
    state = {"hidden": True} if deed == "show_text_again" else {}
    part = AnswerPart.objects.filter(answer__author=world.givers[0]).first()
    concern = ConcernFactory(part=part, raised_by=world.manager, **state)
    below = PersonFactory(content_admin=True, manager=world.subject)
    Person.objects.exclude(pk=world.hr.pk).update(is_content_admin=True)
    barred = [world.subject, below, world.givers[0], world.givers[1], world.manager, world.hr]
    for person in barred:
        with pytest.raises(PermissionDenied):
            getattr(actions, deed)(concern, reason=DECISION, by=as_viewer(person), now=NOON)
        with pytest.raises(Http404):
            pages.concern(as_viewer(person), token=concern.token, now=NOON)
    getattr(actions, deed)(concern, reason=DECISION, by=as_viewer(world.content), now=NOON)


@pytest.mark.parametrize("reason", ["", "   ", "x" * 201])
def test_hr_says_why_in_at_most_two_hundred_characters(reason):
    world = sealed()
    concern = reported(world)
    with pytest.raises(NotAllowed):
        actions.hide_text(concern, reason=reason, by=as_viewer(world.content), now=NOON)
    assert Concern.objects.get().state == ConcernState.RAISED


def test_two_people_of_hr_decide_at_once_and_one_is_told():
    world = sealed()
    first = reported(world)
    second = Concern.objects.get(pk=first.pk)
    actions.hide_text(first, reason=DECISION, by=as_viewer(world.content), now=NOON)
    with pytest.raises(StaleState):
        actions.leave_text(second, reason="It stands.", by=as_viewer(world.second), now=NOON)
    assert decided(first) == [("hidden", DECISION)]
