"""Writing, sending and declining. PRIVACY: in anonymous mode the link is cut in the act of sending."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from apps.core.access import Viewer
from apps.core.audit import record
from apps.core.workflow import StaleState, advance
from apps.feedback.access import request_gate
from apps.feedback.actions.drafts import TRIES, keep_beside
from apps.feedback.models import Answer, AnswerPart, FeedbackDraft, Request
from apps.feedback.rules import Conflict, Draft, Incomplete, Part, missing_parts, parts_of
from apps.feedback.states import REQUEST_MOVES, DeclineReason, Mode, RequestState
from apps.reviews.states import Mark


class _Overtaken(Exception):
    """The draft was saved once more after it was read; `draft` is how it stands now."""

    def __init__(self, draft: FeedbackDraft | None) -> None:
        super().__init__("the draft moved on")
        self.draft = draft


def send_feedback(
    request: Request,
    *,
    values: Mapping[str, str],
    question_ids: list[int],
    competency_ids: list[int],
    by: Viewer,
    now: datetime,
    seen: int | None = None,
    draft: FeedbackDraft | None = None,
) -> bool:
    """Hand it in; with a name it can be changed until sealing. At most 6 queries.

    Arguments: `values` the whole form; `seen` the revision it was filled from, and `draft` as it was
    read with the request, or neither where there is no form. Result: False when it had been sent
    like this already (a double click, a lost response). Errors: Incomplete with the fields that are
    left; Conflict when another tab saved other words, once those of this form are kept beside them;
    StaleState; PermissionDenied for anybody but the giver in time.
    """
    state = request.state
    for _ in range(TRIES):
        try:
            with transaction.atomic():
                return _send(
                    request, values, question_ids, competency_ids, seen, draft, by=by, now=now
                )
        except _Overtaken as overtaken:
            request.state, draft = state, overtaken.draft
        except Conflict as conflict:
            request.state = state
            keep_beside(request, typed=values, theirs=conflict.theirs, by=by, now=now)
    raise StaleState(f"{request} is being saved too often at once")


def _send(
    request: Request,
    values: Mapping[str, str],
    question_ids: list[int],
    competency_ids: list[int],
    seen: int | None,
    draft: FeedbackDraft | None,
    *,
    by: Viewer,
    now: datetime,
) -> bool:
    sent = request.state == RequestState.ANSWERED and request.giver_id == by.person_id
    anonymous = request.perspective.mode == Mode.ANONYMOUS
    if sent and anonymous:
        return False
    request_gate.require(by, "edit_feedback" if sent else "send_feedback", request)
    _require_newest(values, seen, draft, now)
    if missing := missing_parts(values, question_ids=question_ids, competency_ids=competency_ids):
        raise Incomplete(missing)
    parts = parts_of(values, question_ids=question_ids, competency_ids=competency_ids)
    if sent:
        return _edit(request, parts, seen, draft, by=by, now=now)
    advance(request, REQUEST_MOVES["send_feedback"])
    _take_away(request, seen, draft)
    _write(request, parts, author_id=None if anonymous else request.giver_id)
    if not anonymous:
        record("send_feedback", request, by=by, at=now)
    # PRIVACY: no audit row is written when an anonymous answer is sent. Its place among other rows
    # and its request id would say when, and so who; sealing records them all in one batch instead.
    # Neither is anything logged here: the log of requests names this route, and never a person.
    return True


def _require_newest(
    values: Mapping[str, str], seen: int | None, draft: FeedbackDraft | None, now: datetime
) -> None:
    """Raises Conflict when the draft on the server holds other words than the form, saved after it."""
    if seen is not None and draft is not None and draft.revision != seen:
        Draft.of(draft.content, draft.revision).saved(values, base=seen, at=now.isoformat())


def _take_away(request: Request, seen: int | None, draft: FeedbackDraft | None) -> None:
    """The draft goes, with every version of it, in the transaction that sends. 1 query."""
    rows = FeedbackDraft.objects.filter(request=request)
    gone, _ = (rows.filter(revision=draft.revision) if draft else rows).delete()
    if seen is not None and bool(gone) != bool(draft):
        raise _Overtaken(rows.first())


def _edit(
    request: Request,
    parts: list[Part],
    seen: int | None,
    draft: FeedbackDraft | None,
    *,
    by: Viewer,
    now: datetime,
) -> bool:
    # Held, so that of two changes at once the second finds the parts of the first.
    answers = Answer.objects.select_for_update().prefetch_related("parts")
    answer = answers.get(
        perspective=request.perspective_id,
        participant=request.participant_id,
        author=request.giver_id,
    )
    _take_away(request, seen, draft)
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
def decline_request(
    request: Request,
    *,
    reason: str,
    by: Viewer,
    now: datetime,
    code: str = DeclineReason.OTHER,
) -> None:
    """The giver would rather not; the draft goes. `code` is a DeclineReason, `reason` their words.

    PRIVACY: in anonymous mode neither why nor the deed is kept, no count of it is shown, and nobody
    is offered a replacement: whoever is known to have declined is known not to be among the voices.
    """
    request_gate.require(by, "decline_request", request)
    anonymous = request.perspective.mode == Mode.ANONYMOUS
    advance(
        request,
        REQUEST_MOVES["decline_request"],
        decline_code="" if anonymous else DeclineReason(code),
        decline_reason="" if anonymous else reason.strip()[:200],
    )
    FeedbackDraft.objects.filter(request=request).delete()
    if not anonymous:
        record("decline_request", request, by=by, at=now)
