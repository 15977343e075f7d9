"""A review as a program reads and writes it: names of fields, their texts, and what is missing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.http import Http404

from apps.core.access import Viewer
from apps.reviews.models import Review
from apps.reviews.pages.words import column_names, whole_names
from apps.reviews.pages.writing import ReviewPage
from apps.reviews.pages.writing import review as review_page
from apps.reviews.rules.fields import joined
from apps.reviews.states import RUNNING


@dataclass(frozen=True)
class Draft:
    """`fields` holds the filled ones, `names` every one that can be filled."""

    review: Review
    fields: Mapping[str, str]
    names: Mapping[str, str]
    missing: Sequence[str]


def reviews_to_write(viewer: Viewer) -> list[Review]:
    """The reviews this person writes in running cycles. 1 query."""
    if viewer.person_id is None:
        return []
    return list(
        Review.objects.visible_to(viewer)
        .filter(author=viewer.person_id, participant__cycle__state__in=RUNNING)
        .with_people()
        .order_by("participant__cycle__name", "participant__person__name", "pk")
    )


def draft(viewer: Viewer, *, review_id: int) -> Draft:
    """The author's own review. Queries as the page. Errors: Http404 for everybody else."""
    page = review_page(viewer, review_id=review_id)
    if not page.is_mine:
        raise Http404
    fields = {name: text for name, text in page.texts.items() if text}
    names = {name: str(whole_names()[name]) for name in page.shape.whole_fields}
    for name, words, text in _fields(page):
        names[name] = words
        if text:
            fields[name] = text
    missing = [f"{line.name}: {line.words}" for line in page.missing]
    return Draft(page.review, fields, names, missing)


def _fields(page: ReviewPage) -> Iterator[tuple[str, str, str]]:
    """Every field but those of the whole: its name, what it stands for, and what stands in it."""
    columns = column_names()
    for part in page.parts:
        for card in part.cards:
            texts = {"value": card.value, "comment": card.comment}
            texts["notes"] = joined(note.note_id for note in card.linked)
            if "ratings" not in page.shape.parts:
                del texts["value"]
            for column, text in texts.items():
                yield f"{card.anchor}-{column}", f"{card.name}: {columns[column]}", text
            if "marks" in page.shape.parts:
                for line in (*getattr(card, "lines", ()), *getattr(card, "other_marks", ())):
                    yield line.name, f"{card.name}, “{line.text}”", line.mark
    for card in page.questions.cards if page.questions else ():
        yield f"{card.anchor}-comment", card.name, card.comment
