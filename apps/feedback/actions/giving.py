"""Writing, sending and declining. PRIVACY: in anonymous mode the link is cut in the act of sending."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from apps.core.access import Viewer
from apps.core.audit import record
from apps.core.workflow import advance
from apps.feedback.access import request_gate
from apps.feedback.models import Answer, AnswerPart, FeedbackDraft, Request
from apps.feedback.rules import Conflict, Incomplete, Part, merged, missing_parts, parts_of
from apps.feedback.states import REQUEST_MOVES, Mode, RequestState
from apps.reviews.states import Mark


@dataclass(frozen=True)
class Saved:
    """A save that is on disk. `phase_is_over`: kept, but it can no longer be sent."""

    revision: int
    saved_at: datetime
    phase_is_over: bool


@transaction.atomic
def save_feedback_draft(
    request: Request, *, changes: Mapping[str, str], seen: int, key: str, by: Viewer, now: datetime
) -> Saved:
    """Keep what was typed on top of revision `seen`. At most 4 queries, no audit: a draft is private.

    The same `key` twice in a row is one save. Errors: Conflict when a field was saved elsewhere
    after `seen`; PermissionDenied for anybody but the giver, and for what was sent already.
    """
    # PRIVACY: the lock keeps a late save from writing a draft again that sending has just deleted.
    request.state = (
        Request.objects.select_for_update().values_list("state", flat=True).get(pk=request.pk)
    )
    may_write = request_gate.may(by, "write_feedback", request) or request_gate.may(
        by, "edit_feedback", request
    )
    if not may_write:
        request_gate.require(by, "keep_draft", request)
    draft = FeedbackDraft.objects.filter(request=request).first()
    if draft is None and request.state == RequestState.CLOSED:
        # PRIVACY: nobody knows any more whether this giver sent an answer. Without a draft they may
        # have, and a tab left open would now keep the very words of it under their name.
        raise PermissionDenied(request_gate.table["write_feedback"].refusal)
    if draft is not None and key and draft.idempotency_key == key:
        return Saved(draft.revision, draft.saved_at, not may_write)
    revision, content = (draft.revision, draft.content) if draft else (0, {})
    content = merged(content, revision, changes=changes, seen=seen)
    fields = {"content": content, "saved_at": now, "idempotency_key": key}
    if draft is None:
        try:
            with transaction.atomic():
                FeedbackDraft.objects.create(request=request, revision=1, **fields)
        except IntegrityError as other_tab:
            raise Conflict(1, {}) from other_tab
    else:
        same = FeedbackDraft.objects.filter(pk=draft.pk, revision=revision)
        if not same.update(revision=revision + 1, **fields):
            raise Conflict(revision + 1, {})
    return Saved(revision + 1, now, not may_write)


@transaction.atomic
def send_feedback(
    request: Request,
    *,
    values: Mapping[str, str],
    question_ids: list[int],
    competency_ids: list[int],
    by: Viewer,
    now: datetime,
) -> bool:
    """Hand it in; with a name it can be changed until sealing. At most 6 queries.

    Arguments: `values` the whole form. Result: False when it had been sent like this already (a
    double click, a lost response). Errors: Incomplete with the fields that are left; StaleState;
    PermissionDenied for anybody but the giver in time.
    """
    sent = request.state == RequestState.ANSWERED and request.giver_id == by.person_id
    anonymous = request.perspective.mode == Mode.ANONYMOUS
    if sent and anonymous:
        return False
    request_gate.require(by, "edit_feedback" if sent else "send_feedback", request)
    if missing := missing_parts(values, question_ids=question_ids, competency_ids=competency_ids):
        raise Incomplete(missing)
    parts = parts_of(values, question_ids=question_ids, competency_ids=competency_ids)
    if sent:
        return _edit(request, parts, by=by, now=now)
    advance(request, REQUEST_MOVES["send_feedback"])
    FeedbackDraft.objects.filter(request=request).delete()
    _write(request, parts, author_id=None if anonymous else request.giver_id)
    if not anonymous:
        record("send_feedback", request, by=by, at=now)
    # PRIVACY: no audit row is written when an anonymous answer is sent. Its place among other rows
    # and its request id would say when, and so who; sealing records them all in one batch instead.
    # Neither is anything logged here: the log of requests names this route, and never a person.
    return True


def _edit(request: Request, parts: list[Part], *, by: Viewer, now: datetime) -> bool:
    answer = Answer.objects.prefetch_related("parts").get(
        perspective=request.perspective_id,
        participant=request.participant_id,
        author=request.giver_id,
    )
    FeedbackDraft.objects.filter(request=request).delete()
    before = {
        (p.question_id, p.competency_id, p.value, p.text, bool(p.mark)) for p in answer.parts.all()
    }
    after = {(p.question_id, p.competency_id, p.value, p.text, p.cannot_say) for p in parts}
    if before == after:
        return False
    answer.parts.all().delete()
    AnswerPart.objects.bulk_create(_rows(answer, parts))
    record("edit_feedback", request, by=by, at=now)
    return True


def _write(request: Request, parts: list[Part], *, author_id: int | None) -> None:
    answer = Answer.objects.create(
        perspective_id=request.perspective_id,
        participant_id=request.participant_id,
        anonymous=author_id is None,
        author_id=author_id,
    )
    AnswerPart.objects.bulk_create(_rows(answer, parts))


def _rows(answer: Answer, parts: list[Part]) -> list[AnswerPart]:
    return [
        AnswerPart(
            answer=answer,
            question_id=part.question_id,
            competency_id=part.competency_id,
            value=part.value,
            mark=Mark.NOT_ENOUGH_EVIDENCE if part.cannot_say else "",
            text=part.text,
        )
        for part in parts
    ]


@transaction.atomic
def decline_request(request: Request, *, reason: str, by: Viewer, now: datetime) -> None:
    """The giver would rather not; the draft goes.

    PRIVACY: in anonymous mode neither the reason nor the deed is kept. Whoever is known to have
    declined is known not to be among the voices.
    """
    request_gate.require(by, "decline_request", request)
    anonymous = request.perspective.mode == Mode.ANONYMOUS
    advance(
        request,
        REQUEST_MOVES["decline_request"],
        decline_reason="" if anonymous else reason.strip()[:200],
    )
    FeedbackDraft.objects.filter(request=request).delete()
    if not anonymous:
        record("decline_request", request, by=by, at=now)
