"""A review as a program reads and writes it: names of fields, their texts, and what is missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.http import Http404

from apps.core.access import Viewer
from apps.reviews.models import Review
from apps.reviews.pages.writing import review as review_page
from apps.reviews.rules.writing import WHOLE_FIELDS
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
    names = {name: name.replace("_", " ").capitalize() for name in WHOLE_FIELDS[page.review.kind]}
    for part in (*page.areas, *((page.goals,) if page.goals else ())):
        for card in part.cards:
            for column, text in (("value", card.value), ("comment", card.comment)):
                name = f"{card.anchor}-{column}"
                names[name] = f"{card.name}: {column}"
                if text:
                    fields[name] = text
    missing = [line.words or f"{line.section}: {line.name}" for line in page.missing]
    return Draft(page.review, fields, names, missing)
