"""Giving a review to another manager: who could take it, found by name on the server."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef, Q
from django.shortcuts import get_object_or_404

from apps.core.access import Viewer
from apps.people.models import Person
from apps.reviews.access import participant_gate
from apps.reviews.models import Participant, Review
from apps.reviews.states import ReviewKind, ReviewState

FOUND_SHOWN = 8
FEWEST_LETTERS = 2


@dataclass(frozen=True)
class DelegatePage:
    participant: Participant
    who: str
    found: list[Person]
    is_begun: bool
    is_in: bool


def delegate_review(
    viewer: Viewer, *, participant_id: int, on: date, who: str = ""
) -> DelegatePage:
    """At most 3 queries: the person in the cycle, the review, and who is found.

    404 unless this viewer may give the review away.
    """
    rows = Participant.objects.select_related("cycle", "person__manager", "manager")
    participant = get_object_or_404(
        participant_gate.visible(viewer, rows, "delegate_review"), pk=participant_id
    )
    review = Review.objects.filter(participant=participant, kind=ReviewKind.MANAGER).first()
    found: list[Person] = []
    if len(who) >= FEWEST_LETTERS:
        # Those who lead people come first. Whoever stands further below is refused when the review is given.
        barred = Q(pk=participant.person_id) | Q(pk=participant.manager_id)
        below = Q(manager=participant.person_id) | Q(manager__manager=participant.person_id)
        found = list(
            Person.objects.employed(on=on)
            .visible_to(viewer, on=on)
            .exclude(barred)
            .exclude(below)
            .matching(who)
            .select_related("department")
            .annotate(leads=Exists(Person.objects.filter(manager=OuterRef("pk"), left_on=None)))
            .order_by("-leads", "name", "pk")[:FOUND_SHOWN]
        )
    return DelegatePage(
        participant=participant,
        who=who,
        found=found,
        is_begun=review is not None and bool(review.revision or review.saved_at),
        is_in=review is not None and review.state == ReviewState.SUBMITTED,
    )


def taker(viewer: Viewer, *, person_id: int, on: date) -> Person:
    """The person who shall review. 1 query; 404 for one whom this viewer does not see."""
    return get_object_or_404(Person.objects.visible_to(viewer, on=on), pk=person_id)
