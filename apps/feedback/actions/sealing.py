"""What the clock does: approves in time, asks reports, and seals when collection is over."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from random import SystemRandom
from uuid import uuid4

from django.db import transaction
from django.db.models import Prefetch

from apps.core.access import SYSTEM_VIEWER, Viewer
from apps.core.audit import record, record_many
from apps.core.workflow import StaleState, advance
from apps.feedback.access import COLLECTED, perspective_gate
from apps.feedback.actions.asking import approve_peers, ask_upward
from apps.feedback.models import Answer, AnswerPart, Perspective, Request
from apps.feedback.rules import due_at
from apps.feedback.states import (
    OUT,
    PERSPECTIVE_MOVES,
    REQUEST_MOVES,
    Mode,
    PerspectiveKind,
    RequestState,
)
from apps.reviews.models import CyclePhase, Participant
from apps.reviews.states import CycleState, Phase


@transaction.atomic
def seal_perspective(perspective: Perspective, *, by: Viewer, now: datetime) -> None:
    """Close one kind of feedback for good.

    With names: what was not answered lapses. PRIVACY, without names: every request takes one and
    the same state, so that nobody can tell who answered; and every answer is written again under
    new random ids, in an order drawn by lot, so that no order of rows tells when it came.
    """
    perspective_gate.require(by, "seal_perspective", perspective)
    advance(perspective, PERSPECTIVE_MOVES["seal_perspective"])
    requests = Request.objects.filter(perspective=perspective)
    if perspective.mode == Mode.ANONYMOUS:
        # Requests first: an answer on its way holds its request, so it is either in before this
        # statement ends or finds the request closed. None can come after the rewriting below.
        move = REQUEST_MOVES["close_request"]
        requests.filter(state__in=move.sources).update(state=move.target, decline_reason="")
        _rewrite(perspective)
    move = REQUEST_MOVES["lapse_request"]
    requests.filter(state__in=move.sources).update(state=move.target)
    day = now.replace(hour=0, minute=0, second=0, microsecond=0)
    record("seal_perspective", perspective, by=by, at=day, cycle=perspective.cycle_id)
    if perspective.mode == Mode.ANONYMOUS:
        _record_in_one_batch(perspective, day)


def _rewrite(perspective: Perspective) -> None:
    answers = list(
        Answer.objects.filter(perspective=perspective).prefetch_related(
            Prefetch("parts", AnswerPart.objects.order_by("pk"))
        )
    )
    parts = [part for answer in answers for part in answer.parts.all()]
    Answer.objects.filter(perspective=perspective).delete()
    lot = SystemRandom()
    new_ids = {answer.pk: uuid4() for answer in answers}
    for part in parts:
        part.pk, part.answer_id = uuid4(), new_ids[part.answer_id]
    for answer in answers:
        answer.pk = new_ids[answer.pk]
    lot.shuffle(answers)
    lot.shuffle(parts)
    Answer.objects.bulk_create(answers, batch_size=500)
    AnswerPart.objects.bulk_create(parts, batch_size=500)


def _record_in_one_batch(perspective: Perspective, day: datetime) -> None:
    """PRIVACY: the record of all anonymous answers: subject and cycle, no giver, no instant, and
    the same for a person about whom nobody wrote."""
    about = list(
        Participant.objects.filter(
            feedback_requests__perspective=perspective, feedback_requests__state__in=OUT
        )
        .distinct()
        .order_by("pk")
    )
    if about:
        record_many(
            "send_feedback",
            about,
            by=SYSTEM_VIEWER,
            at=day,
            each=lambda p: {"cycle": p.cycle_id, "subject": p.person_id},
        )


def turn(*, now: datetime) -> None:
    """One turn of the clock; twice changes nothing. Whoever comes second simply finds it done."""
    _approve_in_time(now)
    open_now = Perspective.objects.open().select_related("cycle")
    for perspective in open_now.filter(
        kind=PerspectiveKind.UPWARD, cycle__state=CycleState.COLLECTION, requests=None
    ):
        _unless_done(partial(ask_upward, perspective, by=SYSTEM_VIEWER, now=now))
    for perspective in open_now.filter(cycle__state__in=COLLECTED):
        _unless_done(partial(seal_perspective, perspective, by=SYSTEM_VIEWER, now=now))


def _approve_in_time(now: datetime) -> None:
    """What the manager did not decide by the due day counts as approved, as it was announced."""
    waiting = (
        Participant.objects.filter(
            feedback_requests__state=RequestState.PROPOSED,
            feedback_requests__perspective__kind=PerspectiveKind.PEER,
            cycle__state__in=[CycleState.NOMINATION, CycleState.COLLECTION],
        )
        .select_related("cycle", "person__manager")
        .distinct()
    )
    due = dict(
        CyclePhase.objects.filter(kind=Phase.NOMINATION, cycle__in=waiting.values("cycle"))
        .order_by()
        .values_list("cycle_id", "due_on")
    )
    for participant in waiting:
        decider = participant.person.manager or participant.person
        due_on = due.get(participant.cycle_id)
        is_over = due_on is not None and now >= due_at(due_on, decider.time_zone)
        if participant.cycle.state == CycleState.COLLECTION or is_over:
            deed = partial(approve_peers, participant, verb="approve_request_in_time")
            _unless_done(partial(deed, by=SYSTEM_VIEWER, now=now))


def _unless_done(deed: Callable[[], object]) -> None:
    try:
        deed()
    except StaleState:
        return  # somebody else took this turn
