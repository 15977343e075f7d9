"""A draft under the hands of its author: one reading of it, and one try of changing it.

The revision decides every race, by a conditional UPDATE, which SQLite and PostgreSQL both do
atomically (row locks would be silently nothing on SQLite). Each version holds the whole review, so
the newest one is the review as it stands; what could not be taken (a conflict, a closed phase) is
kept inside a version as a text set beside it, and is never lost.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, OuterRef, QuerySet, Subquery, Value

from apps.core.access import Viewer
from apps.ladders.expectations import expectations_of
from apps.ladders.models import Competency
from apps.ladders.states import CompetencyKind
from apps.reviews.access import review_gate
from apps.reviews.models import (
    Goal,
    Participant,
    RatingEvent,
    Review,
    ReviewItem,
    ReviewVersion,
    ScalePoint,
)
from apps.reviews.rules.ratings import COMPETENCY, GOAL, NOT_RATED, Subject
from apps.reviews.rules.writing import Content, Unstorable, checked, merge, part_of
from apps.reviews.states import ParticipantState, ReviewState

VERSIONS_KEPT = 20
# Texts set beside a version (after a conflict, after the close) stay for this many revisions.
KEPT_TEXTS_FOR = 200

SAVED, CONFLICT, CLOSED = "saved", "conflict", "closed"
WHOLE_COLUMNS = ("summary", "overall", "departure", "promotion", "private_note")


@dataclass(frozen=True)
class Saving:
    """What became of a save. `outcome`: saved, conflict (theirs holds what stands) or closed."""

    outcome: str
    revision: int
    saved_at: datetime | None
    theirs: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Draft:
    """A review as it stands, with what a save or a submission needs to know. 1 query."""

    review: Review
    content: Content
    highest: int
    answered: int | None
    known: int
    rated_before: bool


def read_draft(review_id: int, *, key: str, touched: Mapping[str, str], by: Viewer) -> Draft:
    """The author's own review, its newest content, and whether the fields of `touched` exist.

    1 query; one more for a review whose rows were not written here (imported, made up). Errors:
    Review.DoesNotExist for everybody but the author.
    """
    subjects = _subjects(touched)
    versions = ReviewVersion.objects.filter(review=OuterRef("pk"), set_aside_for=None)
    same_key = versions.filter(idempotency_key=key) if key else versions.none()
    competencies = Competency.objects.filter(
        pk__in=[pk for kind, pk in subjects if kind == COMPETENCY],
        kind=CompetencyKind.COMPETENCY,
        version=OuterRef("participant__level__version"),
    )
    goals = Goal.objects.filter(
        pk__in=[pk for kind, pk in subjects if kind == GOAL], participant=OuterRef("participant")
    )
    points = ScalePoint.objects.filter(scale=OuterRef("participant__cycle__scale"))
    review = (
        review_gate.visible(by, Review.objects.all(), "read_own")
        .select_related("participant__cycle")
        .annotate(
            live=Subquery(versions.filter(revision=OuterRef("revision")).values("content")[:1]),
            answered=Subquery(same_key.values("revision")[:1]),
            highest=Subquery(points.order_by("-value").values("value")[:1]),
            known_competencies=_count(competencies),
            known_goals=_count(goals),
            rated_before=Exists(RatingEvent.objects.filter(participant=OuterRef("participant"))),
        )
        .get(pk=review_id)
    )
    found: Any = review  # the annotations above
    live = found.live
    content = Content(live["fields"], live["since"]) if live else content_of_rows(review)
    return Draft(
        review,
        content,
        found.highest or 0,
        found.answered,
        (found.known_competencies or 0) + (found.known_goals or 0),
        found.rated_before,
    )


def _count(rows: QuerySet[Any]) -> Subquery:
    one_row = rows.order_by().annotate(one=Value(1)).values("one")
    return Subquery(one_row.annotate(n=Count("pk")).values("n"))


def _subjects(fields: Mapping[str, str]) -> set[Subject]:
    parts = [part_of(name) for name in fields]
    return {part.subject for part in parts if part is not None and part.subject is not None}


def require_known(draft: Draft, changed: Mapping[str, str]) -> None:
    """Raises Unstorable for a field that this review does not have, or a text it cannot keep."""
    checked(changed, kind=draft.review.kind, highest=draft.highest)
    asked = _subjects(changed)
    if draft.known == len(asked):
        return
    # A level may include levels of another ladder: then the ladder itself is asked, exactly.
    expected = set(expected_subjects(draft.review))
    for name in changed:
        if (part := part_of(name)) and part.subject and part.subject not in expected:
            raise Unstorable(name, "unknown")


def expected_subjects(review: Review) -> list[Subject]:
    """What this person is rated on: the competencies of their level and mixins, then their goals.

    5 queries.
    """
    participant = review.participant
    mixin_ids = list(participant.mixins.values_list("pk", flat=True))
    expectations = expectations_of(participant.level_id, mixin_ids)
    goals = participant.goals.values_list("pk", flat=True)
    return [
        *((COMPETENCY, c.competency_id) for c in expectations.competencies),
        *((GOAL, pk) for pk in goals),
    ]


def content_of_rows(review: Review) -> Content:
    """The content of a review that has no version yet, from its own columns and items. 1 query."""
    fields = {name: str(getattr(review, name) or "") for name in WHOLE_COLUMNS}
    for competency_id, goal_id, value, mark, comment in review.items.values_list(
        "competency_id", "goal_id", "value", "mark", "comment"
    ):
        prefix = f"c{competency_id}" if competency_id else f"g{goal_id}"
        fields[f"{prefix}-value"] = str(value) if value is not None else mark
        fields[f"{prefix}-comment"] = comment
    fields = {name: text for name, text in fields.items() if text}
    return Content(fields, dict.fromkeys(fields, review.revision))


def own_versions(review: Review) -> QuerySet[ReviewVersion]:
    """PRIVACY: what a former author left behind is nobody else's to restore."""
    return ReviewVersion.objects.filter(review=review, set_aside_for=None)


def really_typed(draft: Draft, fields: Mapping[str, str], base: int) -> Mapping[str, str]:
    """Those of a whole form's fields that differ from what the form was filled with. 0 or 1 query."""
    shown: Mapping[str, str] = draft.content.fields
    if base != draft.review.revision:
        version = own_versions(draft.review).filter(revision=base).first()
        if version is None:
            return fields
        shown = version.content["fields"]
    return {name: text for name, text in fields.items() if text != shown.get(name, "")}


def save_once(
    draft: Draft, changed: Mapping[str, str], *, base: int, key: str, by: Viewer, now: datetime
) -> Saving | None:
    """None when somebody else's save came first. Runs inside a transaction."""
    review = draft.review
    closed = not review_gate.may(by, "write_review", review)
    merged = merge(draft.content, changed, base=base, revision=review.revision + 1)
    nothing_new = not merged.changed and not merged.theirs
    if nothing_new and (closed or not key):
        return Saving(SAVED, review.revision, review.saved_at)
    if closed or merged.theirs:
        why = CLOSED if closed else CONFLICT
        return _keep_beside(draft, changed, merged.theirs, why=why, key=key, now=now)
    revision = review.revision + 1
    rows = still_writable(review, by)
    if not rows.update(revision=revision, saved_at=now, **columns_of(merged.changed)):
        return None
    write_items(review, merged.changed, merged.content)
    write_version(review, merged.content, revision=revision, key=key, now=now)
    prune_versions(review, revision)
    return Saving(SAVED, revision, now)


def still_writable(review: Review, by: Viewer) -> QuerySet[Review]:
    """The row of this review while nothing has changed since it was read; for one UPDATE.

    The row's own columns are asked directly and the participant through a subquery: PostgreSQL
    looks at the former again after waiting for somebody else's UPDATE, at a joined copy it may not.
    """
    taking_part = Participant.objects.filter(
        state=ParticipantState.ACTIVE, cycle__state=review.participant.cycle.state
    )
    return Review.objects.filter(
        pk=review.pk,
        revision=review.revision,
        author=by.person_id,
        state=ReviewState.DRAFT,
        participant__in=taking_part,
    )


def _keep_beside(
    draft: Draft,
    changed: Mapping[str, str],
    theirs: Mapping[str, str],
    *,
    why: str,
    key: str,
    now: datetime,
) -> Saving | None:
    """Keep what could not be taken inside a new version whose own content is what stands."""
    review = draft.review
    standing = draft.content.fields
    typed = {name: text for name, text in changed.items() if text != standing.get(name, "")}
    revision = review.revision + 1
    rows = Review.objects.filter(pk=review.pk, revision=review.revision)
    if not rows.update(revision=revision):
        return None
    kept = {"why": why, "fields": typed, "theirs": dict(theirs)}
    write_version(review, draft.content, revision=revision, key=key, now=now, kept=kept)
    prune_versions(review, revision)
    return Saving(why, revision, review.saved_at, theirs)


def same_answer(review: Review, revision: int) -> Saving:
    """What was answered when this request came for the first time. 1 query."""
    version = own_versions(review).get(revision=revision)
    kept = version.content.get("kept")
    if kept:
        return Saving(kept["why"], revision, version.saved_at, kept["theirs"])
    return Saving(SAVED, revision, version.saved_at)


def columns_of(changed: Mapping[str, str]) -> dict[str, Any]:
    """The review's own columns among the changed fields."""
    columns: dict[str, Any] = {name: changed[name] for name in WHOLE_COLUMNS if name in changed}
    if "overall" in columns:
        columns["overall"] = int(columns["overall"]) if columns["overall"] else None
    return columns


def write_items(review: Review, changed: Mapping[str, str], content: Content) -> None:
    """Upsert the touched items whole. A query for competencies, one for goals."""
    ratings = content.ratings()
    for kind, column in ((COMPETENCY, "competency"), (GOAL, "goal")):
        touched = sorted(s for s in _subjects(changed) if s[0] == kind)
        if not touched:
            continue
        letter = "c" if kind == COMPETENCY else "g"
        items = [
            ReviewItem(
                review=review,
                value=ratings.get(subject, NOT_RATED).value,
                mark=ratings.get(subject, NOT_RATED).mark,
                comment=content.fields.get(f"{letter}{subject[1]}-comment", ""),
                **{f"{column}_id": subject[1]},
            )
            for subject in touched
        ]
        ReviewItem.objects.bulk_create(
            items,
            update_conflicts=True,
            unique_fields=["review", column],
            update_fields=["value", "mark", "comment"],
        )


def write_version(
    review: Review,
    content: Content,
    *,
    revision: int,
    key: str = "",
    now: datetime,
    kept: Mapping[str, Any] | None = None,
) -> None:
    """The new version. 1 query."""
    stored: dict[str, Any] = {"fields": dict(content.fields), "since": dict(content.since)}
    if kept is not None:
        stored["kept"] = kept
    ReviewVersion.objects.create(
        review=review, revision=revision, saved_at=now, idempotency_key=key, content=stored
    )


def prune_versions(review: Review, revision: int) -> None:
    """Away with what is older than the newest twenty. 1 query, none while there are no more."""
    if revision <= VERSIONS_KEPT:
        return
    old = own_versions(review).filter(revision__lte=revision - VERSIONS_KEPT)
    # A text set beside a version is in no other place, so it stays far longer.
    lapsed = old.filter(revision__lte=revision - KEPT_TEXTS_FOR)
    (old.exclude(content__has_key="kept") | lapsed).delete()
