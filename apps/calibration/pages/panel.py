"""One person of a session, opened beside the board: where the accounts differ, and why."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import BooleanField, Case, Value, When
from django.shortcuts import get_object_or_404

from apps.calibration.access import item_gate
from apps.calibration.models import Decision, Item
from apps.calibration.states import ReasonCode
from apps.core.access import Answer, Viewer
from apps.feedback.seats import Kind, feedback_from_a_seat
from apps.people.models import Person
from apps.reviews.models import Review, ReviewItem, ScalePoint
from apps.reviews.states import ReviewKind, ReviewState


@dataclass(frozen=True)
class Difference:
    """A competency on which the manager and the person put different points, or a mark."""

    name: str
    self_rating: int | None
    manager: int | None
    mark: str


@dataclass(frozen=True)
class ItemPanel:
    item: Item
    summary: str
    departure: str
    private_note: str
    promotion: str
    differences: list[Difference]
    decisions: list[Decision]
    reasons: list[tuple[str, str]]
    may_record: Answer
    may_read_feedback: bool


def with_rights(viewer: Viewer) -> dict[str, Case]:
    """To annotate on items: rows of the gate, asked in the query that fetches the item."""
    return {
        name: Case(
            When(item_gate.q(viewer, action), then=Value(True)),
            default=False,
            output_field=BooleanField(),
        )
        for name, action in (
            ("may_read_feedback", "read_item_feedback"),
            ("may_read_note", "read_item_note"),
        )
    }


def item_panel(viewer: Viewer, item: Item) -> ItemPanel:
    """3 queries: the two reviews, their items, the decisions so far. `item` is one of the board's,
    with `with_rights` annotated."""
    reviews = {
        r.kind: r
        for r in Review.objects.filter(participant=item.participant, state=ReviewState.SUBMITTED)
    }
    by_manager = reviews.get(ReviewKind.MANAGER)
    values: dict[int, dict[str, ReviewItem]] = {}
    for said in (
        ReviewItem.objects.filter(review__in=list(reviews.values()), competency__isnull=False)
        .select_related("competency", "review")
        .order_by("competency__position")
    ):
        values.setdefault(said.competency_id or 0, {})[said.review.kind] = said
    return ItemPanel(
        item=item,
        summary=by_manager.summary if by_manager else "",
        departure=by_manager.departure if by_manager else "",
        private_note=by_manager.private_note if by_manager and item.may_read_note else "",  # type: ignore[attr-defined]  # annotated
        promotion=by_manager.get_promotion_display() if by_manager else "",
        differences=[
            difference for said in values.values() if (difference := _difference(said)) is not None
        ],
        decisions=list(item.decisions.select_related("decided_by").order_by("-sequence")),
        reasons=[(c.value, str(c.label)) for c in ReasonCode if c != ReasonCode.KEPT],
        may_record=item_gate.may(viewer, "record_decision", item),
        may_read_feedback=item.may_read_feedback,  # type: ignore[attr-defined]  # annotated
    )


@dataclass(frozen=True)
class ItemFeedback:
    """What colleagues said about one person of a session: batches and figures, never a name."""

    item: Item
    person: Person
    points: list[ScalePoint]
    kinds: list[Kind]


def item_feedback(viewer: Viewer, *, session_id: int, item_id: int) -> ItemFeedback:
    """6 queries, one more for somebody with a manager (the line above): the item, the scale, and the
    four of feedback_from_a_seat. Fetched when somebody asks for it, so the board pays nothing."""
    found = get_object_or_404(
        item_gate.visible(viewer, Item.objects.with_people(), "read_item_feedback"),
        session_id=session_id,
        pk=item_id,
    )
    points = list(ScalePoint.objects.filter(scale=found.session.cycle.scale_id))
    kinds = feedback_from_a_seat(
        viewer, found.participant, labels={point.value: point.label for point in points}
    )
    return ItemFeedback(found, found.participant.person, points, kinds)


def _difference(said: dict[str, ReviewItem]) -> Difference | None:
    own, by_manager = said.get(ReviewKind.SELF), said.get(ReviewKind.MANAGER)
    if by_manager is None or by_manager.competency is None:
        return None
    if by_manager.value is not None and (own is None or own.value == by_manager.value):
        return None
    return Difference(
        by_manager.competency.name,
        own.value if own else None,
        by_manager.value,
        by_manager.get_mark_display() if by_manager.mark else "",
    )
