"""The draft under the hands of its giver: saving it, restoring a version, keeping a text that lost;
and the clock, which deletes what was never sent.

PRIVACY: all of it lies in the one row of the draft, so that sending and declining take all of it away.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef

from apps.core.access import SYSTEM_VIEWER, Viewer
from apps.core.audit import record
from apps.core.workflow import StaleState
from apps.feedback.access import request_gate
from apps.feedback.models import FeedbackDraft, Request, sent_values
from apps.feedback.rules import CLOSED, DRAFT_KEPT_FOR, Conflict, Draft
from apps.feedback.states import RequestState
from apps.reviews.models import Cycle

TRIES = 12  # each lost try means that somebody else's save came through
# A draft of what was sent begins beyond every revision that the draft before it had, so that a page
# from before sending is never taken for one of its own. A revision has at most nine digits.
REVISIONS_BEGIN = datetime(2020, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Saved:
    """A save that is on disk. `phase_is_over`: kept, but it can no longer be sent."""

    revision: int
    saved_at: datetime
    phase_is_over: bool


@dataclass(frozen=True)
class _Held:
    """A request whose row is held, with its draft as stored and as it is read."""

    row: FeedbackDraft | None
    draft: Draft
    may_write: bool


def save_feedback_draft(
    request: Request,
    *,
    changes: Mapping[str, str],
    seen: int,
    key: str,
    by: Viewer,
    now: datetime,
    whole: bool = False,
) -> Saved:
    """Keep what was typed on top of revision `seen`. At most 4 queries, no audit: a draft is private.

    Arguments: `key` the same for a request that is sent again, which is then answered as before;
    `whole` that `changes` holds every field of a form sent without scripts, so that a field equal to
    what stood at `seen` was not touched. Errors: Conflict when a field was saved elsewhere after
    `seen`, once what was typed is kept beside; PermissionDenied for anybody but the giver, and for
    what was sent without a name; StaleState after twelve lost races.
    """
    return _tried(partial(_save, request, changes, seen, key, whole, by=by, now=now))


def restore_feedback_draft(request: Request, *, revision: int, by: Viewer, now: datetime) -> Saved:
    """Put the draft back to how a version had it, as a new revision; nothing in between is lost.

    A text that lost a conflict is laid over what stands. Errors: FeedbackDraft.DoesNotExist when
    there is no such version; PermissionDenied when it cannot be sent any more; StaleState.
    """
    return _tried(partial(_restore, request, revision, by=by, now=now))


def keep_beside(
    request: Request, *, typed: Mapping[str, str], theirs: Mapping[str, str], by: Viewer, now: datetime
) -> None:  # fmt: skip
    """A form that was to be sent lost against another tab: its text is kept. Errors: Conflict always,
    with the revision that the draft has now."""
    _tried(partial(_keep_beside, request, typed, theirs, by=by, now=now))


def forget_drafts(*, now: datetime) -> int:
    """Deletes what was never sent, thirty days after its cycle was closed. Result: how many drafts.

    Twice changes nothing. Each cycle is one transaction, and one audit event that holds the number.
    PRIVACY: of all its drafts together, whatever their mode; never of one person, or about one.
    """
    drafts = FeedbackDraft.objects.filter(request__participant__cycle=OuterRef("pk"))
    over = Cycle.objects.filter(Exists(drafts), closed_at__lte=now - DRAFT_KEPT_FOR)
    return sum(_forget_drafts_of(cycle, now) for cycle in over.order_by("pk"))


@transaction.atomic
def _forget_drafts_of(cycle: Cycle, now: datetime) -> int:
    gone, _ = FeedbackDraft.objects.filter(request__participant__cycle=cycle).delete()
    if gone:  # none where somebody else took this turn
        record("forget_drafts", cycle, by=SYSTEM_VIEWER, at=now, drafts=gone)
    return gone


def _tried(deed: Callable[[], Saved | Conflict | None]) -> Saved:
    """A deed that gives None when somebody else came first. A Conflict is raised once it is on disk."""
    for _ in range(TRIES):
        try:
            with transaction.atomic():
                done = deed()
        except IntegrityError:  # two first saves at the same moment
            continue
        if isinstance(done, Conflict):
            raise done
        if done is not None:
            return done
    raise StaleState("this draft is being saved too often at once")


def _save(
    request: Request,
    changes: Mapping[str, str],
    seen: int,
    key: str,
    whole: bool,
    *,
    by: Viewer,
    now: datetime,
) -> Saved | Conflict | None:
    held = _hold(request, by=by, now=now)
    over, draft = not held.may_write, held.draft
    if before := draft.answered(key):
        if before.is_beside:
            return Conflict(before.revision, before.theirs)
        return Saved(before.revision, datetime.fromisoformat(before.saved_at), over)
    if whole:
        changes = draft.typed(changes, seen)
    at, why = now.isoformat(), CLOSED if over else ""
    try:
        after = draft.saved(changes, base=seen, at=at, key=key, why=why)
    except Conflict as conflict:
        after = draft.beside(changes, conflict.theirs, at=at, key=key)
        done = _write(request, held, after, key=key, now=now)
        return Conflict(after.revision, conflict.theirs) if done else None
    if after is draft:
        return Saved(draft.revision, held.row.saved_at if held.row else now, over)
    done = _write(request, held, after, key=key, now=now)
    return Saved(after.revision, now, over) if done else None


def _restore(request: Request, revision: int, *, by: Viewer, now: datetime) -> Saved | None:
    held = _hold(request, by=by, now=now)
    if not held.may_write:
        raise PermissionDenied(request_gate.table["write_feedback"].refusal)
    wanted = held.draft.wanted(revision)
    if wanted is None or held.row is None:
        raise FeedbackDraft.DoesNotExist
    after = held.draft.saved(wanted, base=held.draft.revision, at=now.isoformat())
    if after is held.draft:
        return Saved(after.revision, held.row.saved_at, False)
    return Saved(after.revision, now, False) if _write(request, held, after, now=now) else None


def _keep_beside(
    request: Request, typed: Mapping[str, str], theirs: Mapping[str, str], *, by: Viewer, now: datetime
) -> Conflict | None:  # fmt: skip
    held = _hold(request, by=by, now=now)
    after = held.draft.beside(typed, theirs, at=now.isoformat())
    return Conflict(after.revision, theirs) if _write(request, held, after, now=now) else None


def _hold(request: Request, *, by: Viewer, now: datetime) -> _Held:
    """The request's row, held until the end of the transaction, and its draft. 2 queries, 3 for the
    first save of a change to what was sent."""
    # PRIVACY: the lock keeps a late save from writing a draft again that sending has just deleted.
    states = Request.objects.filter(pk=request.pk).values_list("state", flat=True)
    # Whoever waited while it was sealed finds the row gone that they waited for: it was laid anew.
    request.state = states.select_for_update().first() or states.get()
    may_write = request_gate.may(by, "write_feedback", request) or request_gate.may(
        by, "edit_feedback", request
    )
    if not may_write and not request_gate.may(by, "keep_change", request):
        request_gate.require(by, "keep_draft", request)
    row = FeedbackDraft.objects.filter(request=request).first()
    if row is not None:
        return _Held(row, Draft.of(row.content, row.revision), bool(may_write))
    if request.state == RequestState.CLOSED:
        # PRIVACY: nobody knows any more whether this giver sent an answer. Without a draft they may
        # have, and a tab left open would now keep the very words of it under their name.
        raise PermissionDenied(request_gate.table["write_feedback"].refusal)
    if request.state != RequestState.ANSWERED:
        return _Held(None, Draft(), bool(may_write))
    begins = int((now - REVISIONS_BEGIN).total_seconds())
    return _Held(None, Draft(begins, sent_values(request)), bool(may_write))


def _write(request: Request, held: _Held, after: Draft, *, now: datetime, key: str = "") -> bool:
    """False when somebody else's save came first. 1 query."""
    fields = {
        "revision": after.revision,
        "content": after.stored,
        "saved_at": now,
        "idempotency_key": key,
    }
    if held.row is None:
        FeedbackDraft.objects.create(request=request, **fields)
        return True
    same = FeedbackDraft.objects.filter(pk=held.row.pk, revision=held.row.revision)
    return bool(same.update(**fields))
