"""What the clock does: approves in time, asks reports, and seals when collection is over."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import partial
from random import SystemRandom
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.db.models import F, Model, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from apps.core.access import SYSTEM_VIEWER, Viewer
from apps.core.audit import record, record_keys
from apps.core.copying import Among, insert_rows
from apps.core.workflow import StaleState, advance
from apps.feedback.access import COLLECTED, perspective_gate
from apps.feedback.actions.asking import ask_upward
from apps.feedback.actions.deciding import Waiting, approve_in_time
from apps.feedback.models import Answer, AnswerPart, Perspective, Request
from apps.feedback.rules import due_at
from apps.feedback.states import (
    OUT,
    PERSPECTIVE_MOVES,
    REQUEST_MOVES,
    Mode,
    PerspectiveKind,
)
from apps.reviews.models import CyclePhase, Participant
from apps.reviews.states import CycleState, Phase

AT_ONCE = 1000


@transaction.atomic
def seal_perspective(perspective: Perspective, *, by: Viewer, now: datetime) -> None:
    """Close one kind of feedback for good.

    With names: what was not answered lapses. PRIVACY, without names: every request takes one and
    the same state, so that nobody can tell who answered; and every answer is written again under
    new random ids, in an order drawn by lot, so that no order of rows tells when it came. So is
    every request: PostgreSQL moves a row that changes behind the others, and a dump would list
    those who answered last, in the order in which they did.
    """
    perspective_gate.require(by, "seal_perspective", perspective)
    advance(perspective, PERSPECTIVE_MOVES["seal_perspective"])
    requests = Request.objects.filter(perspective=perspective)
    if perspective.mode == Mode.ANONYMOUS:
        # Requests first: an answer on its way holds its request, so it is either in before this
        # statement ends or finds the request closed. None can come after the rewriting below.
        move = REQUEST_MOVES["close_request"]
        requests.filter(state__in=move.sources).update(
            state=move.target, decline_code="", decline_reason=""
        )
        _rewrite(perspective)
    move = REQUEST_MOVES["lapse_request"]
    requests.filter(state__in=move.sources).update(state=move.target)
    if perspective.mode == Mode.ANONYMOUS:
        _lay_anew(requests)
    day = now.replace(hour=0, minute=0, second=0, microsecond=0)
    record("seal_perspective", perspective, by=by, at=day, cycle=perspective.cycle_id)
    if perspective.mode == Mode.ANONYMOUS:
        _record_in_one_batch(perspective, day)


def _rewrite(perspective: Perspective) -> None:
    """Every answer and part anew, some thousand at a time: only the keys of answers are all held.

    A part lies at random among those of some hundred answers that a lot has put together.
    """
    lot = SystemRandom()
    mine = Answer.objects.filter(perspective=perspective)
    for keys in _in_lots(list(mine.values_list("pk", flat=True)), lot):
        new_ids = {pk: uuid4() for pk in keys}
        answers = _taken(Answer.objects.filter(Among(F("pk"), keys)))
        for answer in _in_order(answers, keys):
            answer["id"] = new_ids[answer["id"]]
        parts = _taken(AnswerPart.objects.filter(Among(F("answer_id"), keys)))
        for part in parts:
            part["id"], part["answer_id"] = uuid4(), new_ids[part["answer_id"]]
        lot.shuffle(parts)
        _laid_down(Answer, answers)
        _laid_down(AnswerPart, parts)


def _lay_anew(requests: QuerySet[Request]) -> None:
    """The same rows under the same keys, laid down in an order drawn by lot.

    A draft that was never sent keeps its request: the database asks at the end of the transaction.
    """
    for keys in _in_lots(list(requests.values_list("pk", flat=True)), SystemRandom()):
        rows = _taken(requests.filter(Among(F("pk"), keys)))
        _laid_down(Request, _in_order(rows, keys))


def _in_lots(keys: list[Any], lot: SystemRandom) -> Iterator[list[Any]]:
    lot.shuffle(keys)
    for start in range(0, len(keys), AT_ONCE):
        yield keys[start : start + AT_ONCE]


def _taken(rows: QuerySet[Any]) -> list[dict[str, Any]]:
    """These rows, column by column; the table does not have them any more."""
    columns = [field.attname for field in rows.model._meta.concrete_fields]
    taken = list(rows.values(*columns))
    rows._raw_delete(rows.db)  # not delete(), which would take drafts along, and load all it takes
    return taken


def _in_order(rows: list[dict[str, Any]], keys: Sequence[Any]) -> list[dict[str, Any]]:
    place = {key: n for n, key in enumerate(keys)}
    rows.sort(key=lambda row: place[row["id"]])
    return rows


def _laid_down(model: type[Model], rows: list[dict[str, Any]]) -> None:
    if rows:
        insert_rows(model, list(rows[0]), (list(row.values()) for row in rows))


def _record_in_one_batch(perspective: Perspective, day: datetime) -> None:
    """PRIVACY: the record of all anonymous answers: subject and cycle, no giver, no instant, and
    the same for a person about whom nobody wrote."""
    about = (
        Participant.objects.filter(
            feedback_requests__perspective=perspective, feedback_requests__state__in=OUT
        )
        .distinct()
        .order_by("pk")
        .values_list("pk", "cycle_id", "person_id")
    )
    record_keys(
        "send_feedback",
        Participant,
        {pk: {"cycle": cycle, "subject": person} for pk, cycle, person in about},
        by=SYSTEM_VIEWER,
        at=day,
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
    """What was not decided on by the due day, where whoever decides lives, counts as approved, as it
    was announced; so does what still waits when collection is open."""
    waiting = Request.objects.to_approve().select_related(None)
    due = CyclePhase.objects.filter(kind=Phase.NOMINATION, cycle=OuterRef("participant__cycle"))
    zone = Coalesce("participant__person__manager__time_zone", "participant__person__time_zone")
    told = waiting.annotate(due_on=Subquery(due.values("due_on")[:1]), zone=zone).order_by()
    zones: dict[int, set[str]] = defaultdict(set)
    for perspective_id, due_on, time_zone, state in told.values_list(
        "perspective_id", "due_on", "zone", "participant__cycle__state"
    ).distinct():
        is_over = due_on is not None and now >= due_at(due_on, time_zone)
        if state == CycleState.COLLECTION or is_over:
            zones[perspective_id].add(time_zone)
    for perspective in Perspective.objects.filter(pk__in=zones):
        ready = told.filter(perspective=perspective, zone__in=zones[perspective.pk]).order_by("pk")
        keys: list[Waiting] = list(
            ready.values_list("pk", "giver_id", "participant_id", named=True)  # type: ignore[arg-type]  # annotated
        )
        _unless_done(partial(approve_in_time, perspective, keys, now=now))


def _unless_done(deed: Callable[[], object]) -> None:
    try:
        deed()
    except StaleState:
        return  # somebody else took this turn
