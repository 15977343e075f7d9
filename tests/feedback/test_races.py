"""Two press at once, on two connections: one deed is done, the other is told."""

from __future__ import annotations

from threading import Thread
from time import sleep

import pytest
from django.db import connection, transaction

from apps.core.access import SYSTEM_VIEWER
from apps.core.workflow import StaleState
from apps.feedback import actions, pages
from apps.feedback.models import (
    Answer,
    AnswerPart,
    Concern,
    Disclosure,
    Perspective,
    Request,
    UnaskedFeedback,
)
from apps.feedback.states import Mode
from apps.reviews.models import EvidenceNote
from apps.reviews.states import CycleState
from tests.factories import NOON
from tests.factories.feedback import (
    ConcernFactory,
    DisclosureFactory,
    FeedbackDraftFactory,
    PerspectiveFactory,
    RequestFactory,
    UnaskedFeedbackFactory,
)
from tests.factories.people import DepartmentFactory, PersonFactory
from tests.factories.reviews import CycleFactory, ParticipantFactory
from tests.feedback.worlds import as_viewer, small_world, whole_form
from tests.races import BEATEN, at_once

pytestmark = pytest.mark.django_db(transaction=True)


def test_two_who_accept_the_same_proposal_accept_it_once():
    cycle = CycleFactory(state=CycleState.NOMINATION)
    perspective = PerspectiveFactory(cycle=cycle, mode=Mode.NAMED)
    manager = PersonFactory(department=DepartmentFactory())
    for person in PersonFactory.create_batch(6, manager=manager, department=manager.department):
        ParticipantFactory(cycle=cycle, person=person, manager=manager)
    viewers = [as_viewer(PersonFactory(process_admin=True)) for _ in range(2)]
    page = pages.balance(viewers[0], cycle_id=cycle.pk, on=NOON.date(), propose=True)
    assert page.proposal is not None
    seen, each = page.proposal.fingerprint, page.proposal.each
    rows = [Perspective.objects.select_related("cycle").get(pk=perspective.pk) for _ in viewers]

    def accepting(row, by):
        return lambda: actions.balance_requests(row, each=each, seen=seen, by=by, now=NOON)

    done = at_once(*(accepting(*pair) for pair in zip(rows, viewers, strict=True)))

    assert done == ["done", "told"]
    assert Request.objects.count() == 18


@pytest.mark.postgres
def test_two_who_ask_one_person_at_once_do_not_both_take_the_last_place():
    world = small_world(mode=Mode.NAMED, givers=0, giver_budget=2)
    world.move_cycle(CycleState.NOMINATION)
    popular = PersonFactory()
    RequestFactory(perspective=world.perspective, giver=popular)
    other = ParticipantFactory(
        cycle=world.perspective.cycle, person=PersonFactory(manager=world.skip), manager=world.skip
    )

    def adding(seat, boss):
        by = as_viewer(boss)
        return lambda: actions.add_request(seat, giver_id=popular.pk, by=by, now=NOON)

    done = at_once(adding(world.participant, world.manager), adding(other, world.skip))

    assert done == ["done", "told"]
    assert Request.objects.filter(giver=popular).count() == 2


@pytest.mark.postgres
def test_the_clock_counts_what_somebody_asks_at_the_same_moment():
    """Of two places one is taken; a manager takes the other while the clock approves."""
    world = small_world(mode=Mode.NAMED, givers=0, giver_budget=2)
    world.move_cycle(CycleState.NOMINATION)
    popular = PersonFactory()
    RequestFactory(perspective=world.perspective, giver=popular)
    waits = RequestFactory(
        perspective=world.perspective, participant=world.participant, giver=popular, proposed=True
    )
    other = ParticipantFactory(
        cycle=world.perspective.cycle, person=PersonFactory(manager=world.skip), manager=world.skip
    )
    skip = as_viewer(world.skip)

    approved = behind(
        lambda: actions.add_request(other, giver_id=popular.pk, by=skip, now=NOON),
        lambda: actions.approve_in_time(world.perspective, [waits], now=NOON),
    )

    assert approved == 0
    waits.refresh_from_db()
    assert waits.state == "proposed"


def test_two_who_decide_at_once_decide_once():
    world = small_world(mode=Mode.NAMED, givers=1)
    world.move_cycle(CycleState.NOMINATION)
    Request.objects.update(state="proposed")
    boss = as_viewer(world.manager)
    rows = [world.request_of(world.givers[0]) for _ in range(2)]
    done = at_once(
        lambda: actions.approve_request(rows[0], by=boss, now=NOON),
        lambda: actions.turn_down_request(rows[1], by=boss, now=NOON),
    )
    assert done == ["done", "told"]


def test_declining_and_sending_at_once_is_one_of_the_two():
    world = small_world(mode=Mode.NAMED, givers=1)
    rows, by = [world.request_of(world.givers[0]) for _ in range(2)], as_viewer(world.givers[0])
    values = whole_form(world)
    question_ids = [q.pk for q in world.questions]
    done = at_once(
        lambda: actions.send_feedback(
            rows[0], values=values, question_ids=question_ids,
            competency_ids=world.competencies, by=by, now=NOON,
        ),
        lambda: actions.decline_request(rows[1], reason="", by=by, now=NOON),
    )  # fmt: skip
    assert done == ["done", "told"]
    state = Request.objects.get().state
    assert Answer.objects.count() == (1 if state == "answered" else 0)


def while_it_is_sealed(world, deed):
    """The outcome of a deed that begins after sealing has begun and ends after it is on disk."""
    world.move_cycle(CycleState.MANAGER_REVIEW)
    return behind(
        lambda: actions.seal_perspective(world.perspective, by=SYSTEM_VIEWER, now=NOON), deed
    )


def behind(first, deed):
    """The outcome of a deed that begins when `first` is done and ends after that is on disk."""
    outcome: list[object] = []

    def run() -> None:
        try:
            outcome.append(deed())
        except BEATEN as told:
            outcome.append(type(told))
        finally:
            connection.close()

    waiting = Thread(target=run)
    with transaction.atomic():
        first()
        waiting.start()
        sleep(0.5)
        assert not outcome, "it did not wait, and this test tests nothing"
    waiting.join(timeout=60)
    (answer,) = outcome
    return answer


@pytest.mark.postgres
def test_what_is_typed_while_it_is_sealed_is_kept_although_the_row_was_laid_anew():
    world = small_world()
    giver = world.givers[0]
    request, by = world.request_of(giver), as_viewer(giver)
    draft = FeedbackDraftFactory(request=request)
    changes = {f"question_{world.questions[0].pk}": "The last sentence."}

    saved = while_it_is_sealed(
        world,
        lambda: actions.save_feedback_draft(
            request, changes=changes, seen=draft.revision, key="k", by=by, now=NOON
        ),
    )

    assert saved.phase_is_over
    draft.refresh_from_db()
    assert draft.content["values"].items() >= changes.items()


@pytest.mark.postgres
def test_what_is_sent_while_it_is_sealed_comes_too_late():
    world = small_world()
    request, by = world.request_of(world.givers[0]), as_viewer(world.givers[0])
    question_ids = [q.pk for q in world.questions]

    told = while_it_is_sealed(
        world,
        lambda: actions.send_feedback(
            request, values=whole_form(world), question_ids=question_ids,
            competency_ids=world.competencies, by=by, now=NOON,
        ),
    )  # fmt: skip

    assert told is StaleState
    assert not Answer.objects.exists()


def test_kept_with_a_double_click_it_is_one_note():
    receiver = PersonFactory()
    given = UnaskedFeedbackFactory(receiver=receiver)
    viewer = as_viewer(receiver)

    def keep():
        row = UnaskedFeedback.objects.select_related("giver", "receiver").get(pk=given.pk)
        actions.keep_unasked(row, by=viewer, now=NOON)

    at_once(keep, keep)

    assert EvidenceNote.objects.count() == 1


def case_of_two():
    """A reported confidential text, and two people of HR who may decide."""
    concern = ConcernFactory()
    return concern, [as_viewer(PersonFactory(content_admin=True)) for _ in range(2)]


def test_two_of_hr_decide_about_one_text_at_once_and_one_is_told():
    concern, (one, other) = case_of_two()
    rows = [Concern.objects.get(pk=concern.pk) for _ in range(2)]
    done = at_once(
        lambda: actions.hide_text(rows[0], reason="An illness.", by=one, now=NOON),
        lambda: actions.leave_text(rows[1], reason="Sharp.", by=other, now=NOON),
    )
    assert done == ["done", "told"]
    kept = Concern.objects.get()
    made = kept.decisions.values_list("became", "reason").get()
    assert made in {("hidden", "An illness."), ("left", "Sharp.")}
    assert made[0] == kept.state


def test_one_agrees_and_one_refuses_at_once_and_one_is_told():
    concern, (one, other) = case_of_two()
    asked = DisclosureFactory(concern=concern)
    rows = [Disclosure.objects.get(pk=asked.pk) for _ in range(2)]
    done = at_once(
        lambda: actions.agree_to_disclosure(rows[0], by=one, now=NOON),
        lambda: actions.refuse_disclosure(rows[1], by=other, now=NOON),
    )
    assert done == ["done", "told"]


def test_two_of_hr_ask_for_one_name_at_once_and_it_is_asked_for_once():
    concern, viewers = case_of_two()
    rows = [Concern.objects.get(pk=concern.pk) for _ in viewers]

    def asking(row, by):
        return lambda: actions.ask_for_name(row, reason=f"As {by.name}.", by=by, now=NOON)

    done = at_once(*(asking(*pair) for pair in zip(rows, viewers, strict=True)))
    assert done == ["done", "told"]
    assert Disclosure.objects.count() == 1


def test_two_readers_report_one_text_at_once_and_neither_learns_of_the_other():
    world = small_world(mode=Mode.NAMED)
    actions.send_feedback(
        world.request_of(world.givers[0]), values=whole_form(world),
        question_ids=[q.pk for q in world.questions], competency_ids=world.competencies,
        by=as_viewer(world.givers[0]), now=NOON,
    )  # fmt: skip
    world.seal()
    part = AnswerPart.objects.exclude(text="").first()

    def reporting(reader):
        by = as_viewer(reader)
        return lambda: actions.raise_concern(
            world.participant, part.pk, reason="An illness.", by=by, now=NOON
        )

    assert at_once(reporting(world.manager), reporting(world.skip)) == ["done", "done"]
    reports = Concern.objects.get().reports.values_list("raised_by", flat=True)
    assert set(reports) == {world.manager.pk, world.skip.pk}
