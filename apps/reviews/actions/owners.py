"""Who reviews whom while a cycle runs: handed over, given to another manager, taken back, kept.

Nothing written is lost: an unfinished draft either goes along or stays, set aside, its author's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Case, F, Q, When
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.core.access import Viewer
from apps.core.audit import record, record_many
from apps.core.workflow import StaleState
from apps.people.models import Person
from apps.people.viewers import people_above
from apps.reviews.access import participant_gate
from apps.reviews.actions.drafts import content_of_rows
from apps.reviews.actions.launch import open_reviews
from apps.reviews.models import Participant, Review, ReviewItem, ReviewVersion, StatementMark
from apps.reviews.rules.owners import owner_hindrance
from apps.reviews.rules.phases import Hindered
from apps.reviews.states import ParticipantState, ReviewKind, ReviewState

EMPTIED: dict[str, Any] = {
    "overall": None,
    "departure": "",
    "summary": "",
    "promotion": "",
    "private_note": "",
    "saved_at": None,
}


def hand_over(
    participant: Participant, *, with_draft: bool = False, by: Viewer, now: datetime
) -> None:
    """The person's manager of today takes the review over. As hand_over_many."""
    hand_over_many([participant], with_draft=with_draft, by=by, now=now)


@transaction.atomic
def hand_over_many(
    people: Sequence[Participant], *, with_draft: bool = False, by: Viewer, now: datetime
) -> None:
    """The managers of today take these reviews over: all or none.

    A submitted review keeps its author. Of a draft the old author's words are set aside as theirs;
    the new author starts from them only when it is said so (`with_draft`), else from an empty page.
    Arguments: `people` with their persons and these persons' managers. As many queries for one as
    for many. Errors: Hindered without a manager today; StaleState when a review moved meanwhile.
    """
    reasons = []
    for participant in people:
        participant_gate.require(by, "hand_over", participant)
        manager = participant.person.manager
        if manager is None or manager.has_left(on=timezone.localdate(now)):
            why = _("This person has no manager today. Give them one first.")
            reasons.append(f"{participant.person.name}: {why}" if len(people) > 1 else why)
    if reasons:
        raise Hindered(*reasons)
    old = {p.pk: p.manager_id for p in people}
    _pass_on(people, with_draft=with_draft, now=now)
    record_many(
        "hand_over",
        people,
        by=by,
        at=now,
        each=lambda p: {"old": old[p.pk], "new": p.manager_id, "with_draft": with_draft},
    )


@transaction.atomic
def delegate_review(
    participant: Participant, to: Person, *, with_draft: bool = False, by: Viewer, now: datetime
) -> None:
    """Another manager reviews this person in this cycle, and reads what a reviewer reads.

    Of the draft as in hand_over. Errors: Hindered with the sentence when it may not be this person;
    StaleState when the review moved meanwhile; PermissionDenied.
    """
    participant_gate.require(by, "delegate_review", participant)
    person = participant.person
    hindrance = owner_hindrance(
        to_id=to.pk,
        subject_id=person.pk,
        current_id=participant.manager_id,
        above_to=people_above(to),
        has_left=to.has_left(on=timezone.localdate(now)),
        by_id=by.person_id,
        by_manager=by.person_id == person.manager_id,
    )
    if hindrance:
        raise Hindered(hindrance)
    old = participant.manager_id
    stamps = {"manager_kept": True, "delegated_at": now, "delegated_by_id": by.person_id}
    if to.pk == person.manager_id:  # given to whom it belongs: nothing is special about that
        stamps = {}
    _pass_on([participant], to=to, with_draft=with_draft, now=now, stamps=stamps)
    record("delegate_review", participant, by=by, at=now, old=old, new=to.pk, with_draft=with_draft)


@transaction.atomic
def take_back_review(
    participant: Participant, *, with_draft: bool = False, by: Viewer, now: datetime
) -> None:
    """The manager of today reviews again. Of the draft as in hand_over.

    Errors: Hindered without a manager today; StaleState; PermissionDenied when it was not given.
    """
    participant_gate.require(by, "take_back_review", participant)
    manager = participant.person.manager
    if manager is None or manager.has_left(on=timezone.localdate(now)):
        raise Hindered(_("This person has no manager today. Give them one first."))
    old = participant.manager_id
    _pass_on([participant], with_draft=with_draft, now=now)
    record(
        "take_back_review",
        participant,
        by=by,
        at=now,
        old=old,
        new=manager.pk,
        with_draft=with_draft,
    )


def _pass_on(
    people: Sequence[Participant],
    *,
    to: Person | None = None,
    with_draft: bool,
    now: datetime,
    stamps: Mapping[str, Any] | None = None,
) -> None:
    """Set the reviewer of these people (`to`, or their managers of today), and the author of what
    is not handed in. The database decides every race."""
    new_of = {p.pk: to.pk if to else p.person.manager_id for p in people}
    columns = {
        "manager_kept": False,
        "delegated_at": None,
        "delegated_by_id": None,
        **(stamps or {}),
    }
    as_read = Q(pk__in=[])
    for participant in people:
        as_read |= Q(pk=participant.pk, manager=participant.manager_id)
    rows = Participant.objects.filter(as_read, state=ParticipantState.ACTIVE)
    changed = rows.update(
        manager_id=Case(*(When(pk=pk, then=new) for pk, new in new_of.items())), **columns
    )
    if changed != len(people):
        raise StaleState("one of them was handed over already")
    for participant in people:
        participant.manager_id = new_of[participant.pk]
        for name, value in columns.items():
            setattr(participant, name, value)
    _pass_drafts_on(new_of, with_draft, now)
    everyone = Participant.objects.filter(pk__in=new_of)
    open_reviews(everyone, ReviewKind.MANAGER, author="manager_id")


def _pass_drafts_on(new_of: Mapping[int, int | None], with_draft: bool, now: datetime) -> None:
    drafts = [
        review
        for review in Review.objects.filter(
            participant__in=new_of, kind=ReviewKind.MANAGER, state=ReviewState.DRAFT
        )
        if review.author_id != new_of[review.participant_id]
    ]
    if not drafts:
        return
    touched = _touched(drafts)
    contents = {
        version.review_id: version.content
        for version in ReviewVersion.objects.filter(
            review__in=touched, set_aside_for=None, revision=F("review__revision")
        )
    }
    copies = [
        ReviewVersion(
            review=review,
            revision=review.revision + 1,
            saved_at=now,
            content=contents.get(review.pk) or _as_stored(review),
            set_aside_for_id=review.author_id,
        )
        for review in drafts
        if review.pk in touched
    ]
    _author_drafts(drafts, touched, new_of, {} if with_draft else EMPTIED)
    # PRIVACY: the copy is the old author's own; without the draft all their versions are.
    if not with_draft and touched:
        authors = [When(review=r.pk, then=r.author_id) for r in drafts if r.pk in touched]
        ReviewVersion.objects.filter(review__in=touched, set_aside_for=None).update(
            set_aside_for_id=Case(*authors)
        )
        ReviewItem.objects.filter(review__in=touched).delete()
        StatementMark.objects.filter(review__in=touched).delete()
    ReviewVersion.objects.bulk_create(copies)


def _touched(drafts: Sequence[Review]) -> set[int]:
    """Those in which something is written."""
    pks = [review.pk for review in drafts]
    said = set(ReviewItem.objects.filter(review__in=pks).values_list("review", flat=True))
    said |= set(StatementMark.objects.filter(review__in=pks).values_list("review", flat=True))
    return said | {r.pk for r in drafts if r.revision or r.summary or r.overall or r.private_note}


def _author_drafts(
    drafts: Sequence[Review],
    touched: set[int],
    new_of: Mapping[int, int | None],
    emptied: Mapping[str, Any],
) -> None:
    """Two UPDATEs: drafts with words get a new revision, untouched ones only their author."""
    for has_words in (True, False):
        some = [review for review in drafts if (review.pk in touched) is has_words]
        if not some:
            continue
        as_read = Q(pk__in=[])
        for review in some:
            as_read |= Q(pk=review.pk, revision=review.revision, author=review.author_id)
        changes: dict[str, Any] = {
            "author_id": Case(*(When(pk=r.pk, then=new_of[r.participant_id]) for r in some))
        }
        if has_words:
            changes |= {"revision": F("revision") + 1, **emptied}
        taken = Review.objects.filter(as_read, state=ReviewState.DRAFT).update(**changes)
        if taken != len(some):
            raise StaleState("a review was saved or submitted at the same moment")


def _as_stored(review: Review) -> dict[str, object]:
    content = content_of_rows(review)
    return {"fields": dict(content.fields), "since": dict(content.since)}
