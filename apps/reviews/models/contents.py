"""The rows of a review, read back as the fields they were written from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import CharField, DateField, F, IntegerField, QuerySet, TextField, Value
from django.db.models.functions import Cast

from apps.reviews.models.reviews import ReviewItem, StatementMark
from apps.reviews.rules.fields import field_name, joined
from apps.reviews.rules.ratings import COMPETENCY, GOAL, QUESTION, STATEMENT, Subject

ITEM, MARK, NOTE = "item", "mark", "note"


@dataclass(frozen=True)
class MarkedStatement:
    """A statement with what the review says of it, wherever on the ladder it stands."""

    statement_id: int
    competency_id: int
    mark: str
    text: str


@dataclass(frozen=True)
class LinkedNote:
    """A note that a part of the review rests on. It is read with that part, by its readers."""

    subject: Subject
    note_id: int
    text: str
    happened_on: date
    author: str


@dataclass
class Written:
    """What stands in the rows of one review; the columns of the review itself are not among them."""

    fields: dict[str, str] = field(default_factory=dict)
    marked: list[MarkedStatement] = field(default_factory=list)
    linked: list[LinkedNote] = field(default_factory=list)


def written_in(review_ids: Iterable[int]) -> dict[int, Written]:
    """The rows of these reviews, one entry for each id. 1 query."""
    found = {pk: Written() for pk in review_ids}
    numbers: dict[tuple[int, Subject], list[int]] = {}
    for row in _rows(list(found)):
        what, review_id, competency_id, goal_id, question_id, number, value, mark, text, *note = row
        written = found[review_id]
        if what == MARK:
            written.fields[field_name((STATEMENT, number), "shown")] = mark
            written.marked.append(MarkedStatement(number, competency_id, mark, text))
            continue
        subject = _subject(competency_id, goal_id, question_id)
        if what == NOTE:
            numbers.setdefault((review_id, subject), []).append(number)
            written.linked.append(LinkedNote(subject, number, text, *note))
            continue
        written.fields[field_name(subject, "comment")] = text
        if subject[0] != QUESTION:
            written.fields[field_name(subject, "value")] = mark if value is None else str(value)
    for (review_id, subject), notes in numbers.items():
        found[review_id].fields[field_name(subject, "notes")] = joined(notes)
    for written in found.values():
        written.fields = {name: text for name, text in written.fields.items() if text}
        written.linked.sort(key=lambda note: (note.happened_on, note.note_id), reverse=True)
    return found


def _rows(review_ids: list[int]) -> QuerySet[Any, tuple[Any, ...]]:
    """Items, marks and links in one statement; each row says in its first column which it is."""
    no_number, no_words = Cast(Value(None), IntegerField()), Value("", output_field=CharField())
    no_day = Cast(Value(None), DateField())
    links = ReviewItem.notes.through.objects.filter(reviewitem__review__in=review_ids)
    items = ReviewItem.objects.filter(review__in=review_ids).values_list(
        Value(ITEM), "review_id", "competency_id", "goal_id", "question_id", no_number, "value",
        Cast("mark", TextField()), "comment", no_day, no_words,
    )  # fmt: skip
    marks = StatementMark.objects.filter(review__in=review_ids).values_list(
        Value(MARK), "review_id", "statement__competency_id", no_number, no_number, "statement_id",
        no_number, Cast("mark", TextField()), "statement__text", no_day, no_words,
    )  # fmt: skip
    notes = links.values_list(
        Value(NOTE), F("reviewitem__review_id"), "reviewitem__competency_id",
        "reviewitem__goal_id", no_number, "evidencenote_id", no_number, Value(""),
        "evidencenote__text", "evidencenote__happened_on", "evidencenote__author__name",
    )  # fmt: skip
    return items.union(marks, notes, all=True)


def _subject(competency_id: int | None, goal_id: int | None, question_id: int | None) -> Subject:
    if competency_id is not None:
        return (COMPETENCY, competency_id)
    return (GOAL, goal_id) if goal_id is not None else (QUESTION, question_id or 0)
