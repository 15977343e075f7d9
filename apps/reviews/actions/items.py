"""The rows that follow from what is written: items, what they rest on, and marks of statements."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from django.db.models import Q

from apps.reviews.models import EvidenceNote, Review, ReviewItem, StatementMark
from apps.reviews.rules.fields import field_name, part_of, subjects_of
from apps.reviews.rules.ratings import COMPETENCY, GOAL, NOT_RATED, QUESTION, STATEMENT, Subject
from apps.reviews.rules.writing import Content

COLUMNS = {COMPETENCY: "competency", GOAL: "goal", QUESTION: "question"}


def write_items(
    review: Review, changed: Mapping[str, str], content: Content, linkable: Collection[int]
) -> None:
    """Upsert what was touched, whole. Runs inside a transaction.

    Arguments: `content` as it is after the change; `linkable` the notes among those named that
    it may rest on. A query for competencies, one for goals, one for questions; 1 or 2 more where marks
    changed, and 3 where notes did.
    """
    touched = subjects_of(changed)
    items: dict[Subject, ReviewItem] = {}
    for kind, column in COLUMNS.items():
        items |= _upsert(review, column, sorted(s for s in touched if s[0] == kind), content)
    parts = [part_of(name) for name in changed]
    noted = [part.subject for part in parts if part and part.column == "notes"]
    if noted:
        _link({items[s].pk: content.notes().get(s, []) for s in noted if s}, linkable)
    _mark(review, sorted(pk for kind, pk in touched if kind == STATEMENT), content)


def _upsert(
    review: Review, column: str, touched: list[Subject], content: Content
) -> dict[Subject, ReviewItem]:
    if not touched:
        return {}
    ratings = content.ratings()
    items = {
        subject: ReviewItem(
            review=review,
            value=ratings.get(subject, NOT_RATED).value,
            mark=ratings.get(subject, NOT_RATED).mark,
            comment=content.fields.get(field_name(subject, "comment"), ""),
            **{f"{column}_id": subject[1]},
        )
        for subject in touched
    }
    stored = ReviewItem.objects.bulk_create(
        items.values(),
        update_conflicts=True,
        unique_fields=["review", column],
        update_fields=["value", "mark", "comment"],
    )
    return dict(zip(touched, stored, strict=True))


def _link(wanted: Mapping[int, Collection[int]], linkable: Collection[int]) -> None:
    """Make the links of these items exactly `wanted`, as far as the notes are there. 3 queries.

    The notes are held first, after the review, as in delete_note: one that is thrown away at this
    instant is either gone by now, and left out, or waits until the review rests on it.
    """
    through = ReviewItem.notes.through
    named = {n for notes in wanted.values() for n in notes if n in linkable}
    held = EvidenceNote.objects.select_for_update(no_key=True).filter(pk__in=named)
    there = set(held.order_by("pk").values_list("pk", flat=True)) if named else set()
    kept = {pk: [n for n in notes if n in there] for pk, notes in wanted.items()}
    gone = Q(pk__in=[])
    for pk, notes in kept.items():
        gone |= Q(reviewitem=pk) & ~Q(evidencenote__in=notes)
    through.objects.filter(gone).delete()
    through.objects.bulk_create(
        [through(reviewitem_id=pk, evidencenote_id=n) for pk, notes in kept.items() for n in notes],
        ignore_conflicts=True,
    )


def _mark(review: Review, statement_ids: list[int], content: Content) -> None:
    marks = content.marks()
    given = [pk for pk in statement_ids if pk in marks]
    taken_back = [pk for pk in statement_ids if pk not in marks]
    if given:
        StatementMark.objects.bulk_create(
            [StatementMark(review=review, statement_id=pk, mark=marks[pk]) for pk in given],
            update_conflicts=True,
            unique_fields=["review", "statement"],
            update_fields=["mark"],
        )
    if taken_back:
        StatementMark.objects.filter(review=review, statement__in=taken_back).delete()
