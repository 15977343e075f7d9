"""Writing a review: saving it field by field, handing it in, taking it back, restoring a version."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from django.db import IntegrityError, transaction

from apps.core.access import Viewer
from apps.core.audit import record
from apps.core.workflow import StaleState, advance
from apps.reviews.access import review_gate
from apps.reviews.actions.drafts import (
    Draft,
    Saving,
    columns_of,
    expected_subjects,
    own_versions,
    read_draft,
    really_typed,
    require_known,
    same_answer,
    save_once,
    still_writable,
    write_version,
)
from apps.reviews.actions.handed_over import keep_for_former_author
from apps.reviews.actions.items import write_items
from apps.reviews.actions.ratings import Given, event_subject, record_ratings
from apps.reviews.models import RatingEvent, Review
from apps.reviews.rules.ratings import THE_WHOLE, Rating
from apps.reviews.rules.writing import (
    Doubt,
    Missing,
    doubts,
    merge,
    missing_of_the_whole,
    missing_parts,
    written_count,
)
from apps.reviews.states import REVIEW_MOVES, RatingSource, ReviewKind, ReviewState

TRIES = 12  # each lost try means that somebody else's save came through
SUBMITTED, ALREADY = "submitted", "already"


class Incomplete(Exception):
    """Something is still missing; `missing` names it in the order of the form."""

    def __init__(self, missing: Sequence[Missing]) -> None:
        super().__init__(f"{len(missing)} parts are missing")
        self.missing = list(missing)


class Doubtful(Exception):
    """Complete, but `doubts` are worth a second look; handing in again with `confirmed` settles them."""

    def __init__(self, found: Sequence[Doubt]) -> None:
        super().__init__(f"{len(found)} doubts")
        self.doubts = list(found)


def save_review(
    review_id: int,
    *,
    changed: Mapping[str, str],
    base: int,
    key: str = "",
    whole: bool = False,
    by: Viewer,
    now: datetime,
) -> Saving:
    """Keep what the author typed since revision `base`.

    Arguments: `changed` field names and texts, an empty text for an emptied field; `key` the same
    for a request that is sent again; `whole` that `changed` holds every field of a form sent without
    scripts, so that a field equal to what stood at `base` was not touched. 3 queries and those of
    write_items, and one more from the twenty-first version on.
    Result: the outcome; after a conflict or in a closed phase the typed text is kept beside a
    version. A former author's goes beside what was set aside for them. Errors: Review.DoesNotExist
    when this viewer never was the author, Unstorable, StaleState after twelve lost races.
    """
    for _ in range(TRIES):
        try:
            draft = read_draft(review_id, key=key, touched=changed, by=by)
        except Review.DoesNotExist:
            return keep_for_former_author(review_id, changed=changed, by=by, now=now)
        if draft.answered is not None:
            return same_answer(draft.review, draft.answered)
        require_known(draft, changed)
        typed = really_typed(draft, changed, base) if whole else changed
        try:
            with transaction.atomic():
                saving = save_once(draft, typed, base=base, key=key, by=by, now=now)
        except IntegrityError:  # the same key, at the same moment: the next try reads its answer
            continue
        if saving is not None:
            return saving
    raise StaleState(f"review {review_id} is being saved too often at once")


def restore_version(review_id: int, *, revision: int, by: Viewer, now: datetime) -> Saving:
    """Put the review back to how a version had it, as a new revision; nothing in between is lost.

    A version with a text set beside it restores that text. Errors: Review.DoesNotExist,
    ReviewVersion.DoesNotExist, PermissionDenied when it is not being written.
    """
    for _ in range(TRIES):
        draft = read_draft(review_id, key="", touched={}, by=by)
        review_gate.require(by, "write_review", draft.review)
        version = own_versions(draft.review).get(revision=revision)
        kept = version.content.get("kept")
        wanted: dict[str, str] = kept["fields"] if kept else version.content["fields"]
        emptied = {} if kept else dict.fromkeys(draft.content.fields, "")
        changed = {**emptied, **wanted}
        now_there = read_draft(review_id, key="", touched=changed, by=by)
        if now_there.review.revision != draft.review.revision:
            continue
        with transaction.atomic():
            saving = save_once(
                now_there, changed, base=draft.review.revision, key="", by=by, now=now
            )
        if saving is not None:
            return saving
    raise StaleState(f"review {review_id} is being saved too often at once")


def submit_form(
    review_id: int,
    *,
    changed: Mapping[str, str],
    base: int,
    confirmed: bool = False,
    by: Viewer,
    now: datetime,
) -> Saving:
    """Keep the whole form that was filled at revision `base`, and hand it in: one transaction.

    Arguments: `changed` every field of the form; `confirmed` as in submit_review. 6 queries when
    nothing in the form is new, else 8; one less when confirmed; one more for goals, for a review
    never saved before or handed in before, and for a form filled at an older revision. Result: its
    outcome is submitted; already, when it was handed in with these texts; or conflict or closed,
    where nothing is handed in and the typed text is kept beside a version. Errors: Incomplete and
    Doubtful, after the text was saved; Review.DoesNotExist, Unstorable, PermissionDenied;
    StaleState after twelve lost races.
    """
    for _ in range(TRIES):
        try:
            with transaction.atomic():
                done = _submit_form_once(review_id, changed, base, confirmed, by=by, now=now)
        except (IntegrityError, StaleState):  # somebody else came first: read again
            continue
        if isinstance(done, Exception):
            raise done
        if done is not None:
            return done
    raise StaleState(f"review {review_id} is being saved too often at once")


def _submit_form_once(
    review_id: int,
    changed: Mapping[str, str],
    base: int,
    confirmed: bool,
    *,
    by: Viewer,
    now: datetime,
) -> Saving | Incomplete | Doubtful | None:
    """None when somebody else's save came first. What keeps it from being handed in is returned,
    not raised: what was typed stays saved."""
    draft = read_draft(review_id, key="", touched=changed, by=by)
    require_known(draft, changed)
    review, typed = draft.review, really_typed(draft, changed, base)
    merged = merge(draft.content, typed, base=base, revision=review.revision + 1)
    if not merged.changed and not merged.theirs:
        if review.state == ReviewState.SUBMITTED:
            return Saving(ALREADY, review.revision, review.saved_at)
        review_gate.require(by, "submit_review", review)
    elif merged.theirs or not review_gate.may(by, "submit_review", review):
        return save_once(draft, typed, base=base, key="", by=by, now=now)
    filled = replace(draft, content=merged.content)
    if unready := _unready(filled, confirmed=confirmed, by=by):
        kept = save_once(draft, typed, base=base, key="", by=by, now=now)
        return unready if kept else None
    _submit(filled, merged.changed, by=by, now=now)
    may_reopen = bool(review_gate.may(by, "reopen_review", review))  # not so after more time
    return Saving(SUBMITTED, review.revision, review.saved_at, may_reopen=may_reopen)


@transaction.atomic
def submit_review(
    review_id: int, *, revision: int, confirmed: bool = False, by: Viewer, now: datetime
) -> Review:
    """The author hands in what is saved. A manager's ratings come to stand with it.

    Arguments: `revision` what the author saw; `confirmed` that doubts were read and it is meant so.
    5 queries when confirmed (one more to look for doubts, and one more when it was handed in
    before, to record only what changed). Result: the review. Errors: Review.DoesNotExist,
    StaleState when it is submitted already or was changed since, PermissionDenied, Incomplete,
    Doubtful.
    """
    draft = read_draft(review_id, key="", touched={}, by=by)
    review = draft.review
    if review.state == ReviewState.SUBMITTED or review.revision != revision:
        raise StaleState(f"{review} is {review.state} at revision {review.revision}")
    review_gate.require(by, "submit_review", review)
    if unready := _unready(draft, confirmed=confirmed, by=by):
        raise unready
    _submit(draft, {}, by=by, now=now)
    return review


def _submit(draft: Draft, changed: Mapping[str, str], *, by: Viewer, now: datetime) -> None:
    """Hand in the content of `draft`, of which `changed` is not written yet. Runs inside a
    transaction. Errors: StaleState when the row is not as it was read."""
    review = draft.review
    rows = still_writable(review, by)
    stamps = {"submitted_at": now, "submitted_by_id": by.person_id}
    if changed:
        stamps |= {"revision": review.revision + 1, "saved_at": now, **columns_of(changed)}
    # The one UPDATE holds the row at the revision that was checked: no save slips in before it.
    advance(review, REVIEW_MOVES["submit_review"], rows, **stamps)
    if changed:
        write_items(review, changed, draft.content, draft.notes)
        # Older versions are left to the next save to put away.
        write_version(review, draft.content, revision=review.revision, now=now)
    rated = 0
    if review.kind == ReviewKind.MANAGER:
        given = [Given(s, rating) for s, rating in draft.content.ratings().items()]
        given.append(Given(THE_WHOLE, Rating(draft.content.overall)))
        events = record_ratings(
            review.participant,
            given,
            source=RatingSource.MANAGER,
            by=by,
            now=now,
            highest=draft.highest,
            first=not draft.rated_before,
        )
        rated = len(events)
    record(
        "submit_review",
        review,
        by=by,
        at=now,
        revision=review.revision,
        written=written_count(draft.content, shape=draft.shape),
        rated=rated,
    )


@transaction.atomic
def reopen_review(review_id: int, *, by: Viewer, now: datetime) -> Review:
    """The author takes it back while the phase is open; what was rated stands until handed in again."""
    review = read_draft(review_id, key="", touched={}, by=by).review
    if review.state == ReviewState.DRAFT:
        raise StaleState(f"{review} is being written already")
    review_gate.require(by, "reopen_review", review)
    advance(review, REVIEW_MOVES["reopen_review"], submitted_at=None, submitted_by_id=None)
    record("reopen_review", review, by=by, at=now, revision=review.revision)
    return review


def _unready(draft: Draft, *, confirmed: bool, by: Viewer) -> Incomplete | Doubtful | None:
    """What stands in the way of handing in this content, if anything does."""
    if gaps := _missing(draft):
        return Incomplete(gaps)
    if not confirmed and (found := _doubts(draft, by)):
        return Doubtful(found)
    return None


def _missing(draft: Draft) -> list[Missing]:
    """What is missing. The count made at launch answers without reading the ladder again; only when
    something is short is the ladder read, to name it. What was rated on another level counts for
    nothing, and only the ladder tells it apart."""
    content, shape = draft.content, draft.shape
    whole = missing_of_the_whole(content, expected=None, shape=shape)
    counted = draft.to_rate and not draft.review.participant.level_taken
    if counted and written_count(content, shape=shape) == draft.to_rate and not whole:
        return []
    return missing_parts(content, expected_subjects(draft), shape=shape)


def _doubts(draft: Draft, by: Viewer) -> list[Doubt]:
    """What a second look may be worth, beside the ratings of the last cycle. 1 query."""
    before = {}
    if draft.review.kind == ReviewKind.MANAGER:
        events = RatingEvent.objects.of_the_cycle_before(draft.review.participant, by)
        before = {
            event_subject(now_id, goal_id): Rating(value, mark)
            for now_id, goal_id, value, mark in events.values_list(
                "now_id", "goal_id", "value", "mark"
            )
        }
    points = range(1, draft.highest + 1)
    return doubts(draft.content, before=before, points=points, kind=draft.review.kind)
