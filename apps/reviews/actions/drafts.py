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

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery, Value

from apps.core.access import Viewer
from apps.core.rows import Rows
from apps.ladders.expectations import expectations_of
from apps.ladders.models import Competency, Reference, Statement
from apps.ladders.states import CompetencyKind, StatementKind
from apps.reviews.access import review_gate
from apps.reviews.actions.items import write_items
from apps.reviews.models import (
    AreaWeight,
    EvidenceNote,
    FormQuestion,
    Goal,
    RatingEvent,
    Review,
    ReviewItem,
    ReviewQuerySet,
    ReviewVersion,
    ScalePoint,
    written_in,
)
from apps.reviews.rules.fields import Shape, Unstorable, checked, notes_in, part_of, subjects_of
from apps.reviews.rules.ratings import COMPETENCY, GOAL, QUESTION, STATEMENT, Subject
from apps.reviews.rules.writing import Content, merge
from apps.reviews.states import ReviewState

VERSIONS_KEPT = 20
# Texts set beside a version (after a conflict, after the close) stay for this many revisions.
KEPT_TEXTS_FOR = 200

SAVED, CONFLICT, CLOSED = "saved", "conflict", "closed"
WHOLE_COLUMNS = ("summary", "overall", "departure", "promotion", "private_note")


@dataclass(frozen=True)
class Saving:
    """What became of a save. `outcome`: saved, conflict (theirs holds what stands) or closed. A
    review that was handed in says too whether its author may take it back."""

    outcome: str
    revision: int
    saved_at: datetime | None
    theirs: Mapping[str, str] = field(default_factory=dict)
    may_reopen: bool = False


@dataclass(frozen=True)
class Draft:
    """A review as it stands, with what a save or a submission needs to know. 1 query.

    `known` holds those of the touched parts that are this review's without doubt, `notes` those of
    the named notes that it may rest on; `to_rate` says how much is to be rated.
    """

    review: Review
    content: Content
    shape: Shape
    highest: int
    answered: int | None
    known: frozenset[Subject]
    notes: frozenset[int]
    to_rate: int
    rated_before: bool


def read_draft(review_id: int, *, key: str, touched: Mapping[str, str], by: Viewer) -> Draft:
    """The author's own review, its newest content, and whether the fields of `touched` exist.

    1 query; one more for a review whose rows were not written here (imported, made up). Errors:
    Review.DoesNotExist for everybody but the author.
    """
    own = review_gate.visible(by, Review.objects.all(), "read_own")
    return draft_among(own, review_id, key=key, touched=touched, by=by)


def draft_among(
    rows: ReviewQuerySet, review_id: int, *, key: str, touched: Mapping[str, str], by: Viewer
) -> Draft:
    """The same, among rows that the caller answers for."""
    versions = ReviewVersion.objects.filter(review=OuterRef("pk"), set_aside_for=None)
    same_key = versions.filter(idempotency_key=key) if key else versions.none()
    points = ScalePoint.objects.filter(scale=OuterRef("participant__cycle__scale"))
    asked = FormQuestion.objects.filter(
        cycle=OuterRef("participant__cycle"), review_kind=OuterRef("kind"), is_required=True
    )
    review = (
        rows.select_related("participant__cycle")
        .with_more_time()
        .annotate(
            live=Subquery(versions.filter(revision=OuterRef("revision")).values("content")[:1]),
            answered=Subquery(same_key.values("revision")[:1]),
            highest=Subquery(points.order_by("-value").values("value")[:1]),
            required=Rows(asked, "pk"),
            weights=Rows(_weighed(touched), "pk", "weight"),
            goal_count=_count(Goal.objects.filter(participant=OuterRef("participant"))),
            named_notes=Rows(_linkable(touched, by), "pk"),
            rated_before=Exists(RatingEvent.objects.filter(participant=OuterRef("participant"))),
            **{f"known_{kind}": Rows(rows, "pk") for kind, rows in _known_parts(touched).items()},
        )
        .get(pk=review_id)
    )
    found: Any = review  # the annotations above
    live, cycle = found.live, review.participant.cycle
    content = Content(live["fields"], live["since"]) if live else content_of_rows(review)
    shape = Shape.of(
        review.kind,
        cycle.sections_off,
        required=tuple(found.required or ()),
        weights=dict(found.weights or ()),
    )
    goals = 0 if "goals" in shape.parts else found.goal_count or 0
    return Draft(
        review,
        content,
        shape,
        found.highest or 0,
        found.answered,
        frozenset(
            (kind, pk)
            for kind in (COMPETENCY, GOAL, QUESTION, STATEMENT)
            for pk in getattr(found, f"known_{kind}") or ()
        ),
        frozenset(found.named_notes or ()),
        review.participant.item_count - goals,
        found.rated_before,
    )


def _known_parts(touched: Mapping[str, str]) -> dict[str, QuerySet[Any]]:
    """Those of the touched parts that the cycle, the person or their ladder knows, kind by kind.

    Statements also of the ladders that theirs takes over from: whole ladders, since a mark weighs
    nothing and is shown only where the statement is.
    """
    ids: dict[str, list[int]] = {COMPETENCY: [], GOAL: [], QUESTION: [], STATEMENT: []}
    for kind, pk in subjects_of(touched):
        ids[kind].append(pk)
    ladder = OuterRef("participant__level__version")
    rated = CompetencyKind.COMPETENCY
    taken_over = Reference.objects.filter(level__version=OuterRef(ladder))
    return {
        COMPETENCY: Competency.objects.filter(pk__in=ids[COMPETENCY], kind=rated, version=ladder),
        GOAL: Goal.objects.filter(pk__in=ids[GOAL], participant=OuterRef("participant")),
        QUESTION: FormQuestion.objects.filter(
            pk__in=ids[QUESTION], cycle=OuterRef("participant__cycle"), review_kind=OuterRef("kind")
        ),
        STATEMENT: Statement.objects.filter(
            Q(version=ladder) | Q(level__version__in=taken_over.values("target_level__version")),
            pk__in=ids[STATEMENT],
            kind=StatementKind.STATEMENT,
            competency__kind=rated,
        ),
    }


def _weighed(touched: Mapping[str, str]) -> QuerySet[Competency]:
    """The competencies written about whose area counts more or less than others in this cycle."""
    ids = [pk for kind, pk in subjects_of(touched) if kind == COMPETENCY]
    weight = AreaWeight.objects.filter(
        cycle=OuterRef(OuterRef("participant__cycle")), area_key=OuterRef("area__key")
    )
    stored = ReviewItem.objects.filter(review=OuterRef(OuterRef("pk")))
    written = Q(pk__in=ids) | Q(pk__in=stored.values("competency"))
    written |= Q(version=OuterRef("participant__level__version"))
    return Competency.objects.annotate(weight=Subquery(weight.values("weight")[:1])).filter(
        written, weight__isnull=False
    )


def _linkable(touched: Mapping[str, str], by: Viewer) -> QuerySet[EvidenceNote]:
    """Those of the named notes that this review may rest on.

    PRIVACY: they are about the person of the review, and the author may read them; or they are
    linked in it already.
    """
    named = {
        pk
        for name, text in touched.items()
        if (part := part_of(name)) and part.column == "notes"
        for pk in notes_in(text)
    }
    about = EvidenceNote.objects.filter(pk__in=named, about=OuterRef("participant__person"))
    readable = EvidenceNote.objects.visible_to(by).filter(pk__in=named)
    return about.filter(
        Q(pk__in=readable.values("pk")) | Q(linked_in__review=OuterRef("pk"))
    ).distinct()


def _count(rows: QuerySet[Any]) -> Subquery:
    one_row = rows.order_by().annotate(one=Value(1)).values("one")
    return Subquery(one_row.annotate(n=Count("pk")).values("n"))


def require_known(draft: Draft, changed: Mapping[str, str]) -> None:
    """Raises Unstorable for a field that this review does not have, or a text it cannot keep."""
    checked(changed, shape=draft.shape, highest=draft.highest)
    for name, text in changed.items():
        part = part_of(name)
        if part is None or part.column != "notes":
            continue
        linked = notes_in(draft.content.fields.get(name, ""))
        if not draft.notes.issuperset(set(notes_in(text)) - set(linked)):
            raise Unstorable(name, "no_note")
    standing = draft.content.fields
    news = [name for name, text in changed.items() if text != standing.get(name, "")]
    unknown = subjects_of(news) - draft.known
    if not unknown:
        return
    # A level may include levels of another ladder: then the ladder itself is asked, exactly.
    expected = set(expected_subjects(draft))
    if any(kind == STATEMENT for kind, _ in unknown):
        expected |= _statements_of(draft.review)
    for name in news:
        part = part_of(name)
        if part and part.subject in unknown and part.subject not in expected:
            raise Unstorable(name, "unknown")


def expected_subjects(draft: Draft) -> list[Subject]:
    """What this form rates: the competencies of the level and its mixins, then the goals.

    5 queries.
    """
    participant = draft.review.participant
    mixin_ids = list(participant.mixins.values_list("pk", flat=True))
    expectations = expectations_of(participant.level_id, mixin_ids)
    goals = participant.goals.values_list("pk", flat=True) if "goals" in draft.shape.parts else ()
    return [
        *((COMPETENCY, c.competency_id) for c in expectations.competencies),
        *((GOAL, pk) for pk in goals),
    ]


def _statements_of(review: Review) -> set[Subject]:
    """The statements of this person's level and mixins, and those of the next level."""
    participant = review.participant
    mixin_ids = list(participant.mixins.values_list("pk", flat=True))
    here = expectations_of(participant.level_id, mixin_ids)
    both = [*here.competencies, *expectations_of(here.next_level_id).competencies]
    return {(STATEMENT, line.statement_id) for c in both for line in c.statements}


def content_of_rows(review: Review) -> Content:
    """The content of a review that has no version yet, from its own columns and rows. 1 query."""
    fields = {name: str(getattr(review, name) or "") for name in WHOLE_COLUMNS}
    fields = {name: text for name, text in fields.items() if text}
    fields |= written_in([review.pk])[review.pk].fields
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
    write_items(review, merged.changed, merged.content, draft.notes)
    write_version(review, merged.content, revision=revision, key=key, now=now)
    prune_versions(review, revision)
    return Saving(SAVED, revision, now)


def still_writable(review: Review, by: Viewer) -> QuerySet[Review]:
    """The row of this review while nothing has changed since it was read; for one UPDATE.

    The row's own columns are asked directly and its phase through a subquery: PostgreSQL looks at
    the former again after waiting for somebody else's UPDATE, at a joined copy it may not.
    """
    return Review.objects.filter(
        pk=review.pk,
        revision=review.revision,
        author=by.person_id,
        state=ReviewState.DRAFT,
        pk__in=Review.objects.being_asked().filter(pk=review.pk).values("pk"),
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
