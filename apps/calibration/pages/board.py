"""The board of a session: table, distribution, agenda, and one person opened beside it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import (
    Count,
    Exists,
    OuterRef,
    QuerySet,
    Subquery,
)
from django.shortcuts import get_object_or_404
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.calibration import rules
from apps.calibration.access import session_gate
from apps.calibration.models import Decision, Item, Session
from apps.calibration.pages.panel import ItemPanel, item_panel, with_rights
from apps.core.access import Answer, Viewer
from apps.core.charts import Bar, ramp_class
from apps.core.charts import distribution as distribution_chart
from apps.people.models import Person
from apps.reviews.models import RatingEvent, Review, ReviewItem, ScalePoint
from apps.reviews.rules.ratings import rounded_median
from apps.reviews.states import CycleState, ParticipantState, RatingSource, ReviewKind, ReviewState

REASONS = {
    "disagreement": gettext_lazy("Self and manager differ by two or more"),
    "promotion": gettext_lazy("Promotion case"),
    "outlier": gettext_lazy("At an end of the scale"),
    "mover": gettext_lazy("Two steps from last time"),
    "no_rating": gettext_lazy("No manager rating yet"),
}


@dataclass(frozen=True)
class BoardRow:
    item: Item
    name: str
    level: str
    manager: str
    self_rating: int | None
    given: int | None
    now: int | None
    previous: int | None
    why: list[str]
    decided: bool
    own_report: bool

    @property
    def changed(self) -> bool:
        return self.decided and self.given != self.now

    @property
    def why_words(self) -> str:
        """The reasons as the agenda prints them."""
        return " · ".join(str(REASONS[reason]) for reason in self.why)


@dataclass(frozen=True)
class Bucket:
    """One bar of the distribution, for the table beside the chart."""

    point: ScalePoint
    before: int
    now: int


@dataclass(frozen=True)
class Member:
    person: Person
    present: bool


@dataclass(frozen=True)
class Board:
    session: Session
    points: list[ScalePoint]
    rows: list[BoardRow]
    agenda: list[BoardRow]
    chart: SafeString
    buckets: list[Bucket]
    members: list[Member]
    here: int
    movement: rules.Movement
    open_count: int
    unrated: int
    hidden: int
    may_open: Answer
    may_lead: Answer
    may_lock: Answer
    may_prepare: Answer
    warnings: list[str]
    selected: BoardRow | None = None
    panel: ItemPanel | None = None


def board(viewer: Viewer, *, session_id: int, item_id: int | None = None) -> Board:
    """5 queries, one more for somebody with a manager (the line above), three more with a person
    opened: session, scale, committee, items with every rating, self ratings."""
    everybody = (
        Item.objects.filter(session=OuterRef("pk"))
        .exclude(participant__state=ParticipantState.EXCUSED)
        .order_by()
        .values("session")
        .annotate(count=Count("pk"))
        .values("count")
    )
    found = get_object_or_404(
        session_gate.visible(viewer, Session.objects.all(), "read_board")
        .select_related("cycle__scale", "department", "facilitator")
        .annotate(people=Subquery(everybody)),
        pk=session_id,
    )
    points = list(found.cycle.scale.points.all())
    lowest, highest = points[0].value, points[-1].value
    seats = list(found.memberships.select_related("person").order_by("person__name"))
    members = {seat.person_id for seat in seats}
    items_of_board = _items(viewer, found)
    if item_id is not None:
        items_of_board = items_of_board.annotate(**with_rights(viewer))
    items = list(items_of_board)
    own = _own_middles([item.participant_id for item in items])
    rows = [_row(item, own.get(item.participant_id), lowest, highest, members) for item in items]
    agenda = sorted((r for r in rows if r.why), key=lambda r: (rules.agenda_weight(r.why), r.name))
    chart, buckets = _distribution(rows, points)
    hidden = (found.people or 0) - len(rows)  # type: ignore[attr-defined]  # annotated above
    moves = rules.movement(
        [(r.given, r.now, r.own_report) for r in rows if r.decided and r.now is not None],
        lowest=lowest,
        highest=highest,
    )
    selected = next((r for r in rows if r.item.pk == item_id), None)
    return Board(
        session=found,
        points=points,
        rows=rows,
        agenda=agenda,
        chart=chart,
        buckets=buckets,
        members=[Member(seat.person, seat.present) for seat in seats],
        here=sum(seat.present for seat in seats),
        movement=moves,
        open_count=sum(not r.decided for r in rows),
        unrated=sum(r.now is None for r in rows),
        hidden=hidden,
        may_open=session_gate.may(viewer, "open_session", found),
        may_lead=session_gate.may(viewer, "lead_session", found),
        may_lock=session_gate.may(viewer, "lock_session", found),
        may_prepare=session_gate.may(viewer, "prepare_session", found),
        warnings=_warnings(len(seats), len(rows)),
        selected=selected,
        panel=item_panel(viewer, selected.item) if selected else None,
    )


def _items(viewer: Viewer, session: Session) -> QuerySet[Item]:
    """The people of a session with self rating, manager rating, rating now and last time."""
    overall = RatingEvent.objects.filter(
        participant=OuterRef("participant_id"), competency=None, goal=None
    )
    by_manager = Review.objects.filter(
        participant=OuterRef("participant_id"),
        kind=ReviewKind.MANAGER,
        state=ReviewState.SUBMITTED,
    )
    last_time = RatingEvent.objects.filter(
        participant__person=OuterRef("participant__person_id"),
        participant__cycle__state__in=[CycleState.CLOSED, CycleState.ARCHIVED],
        participant__cycle__scale=session.cycle.scale_id,
        competency=None,
        goal=None,
    ).order_by("-participant__cycle__period_end", "-sequence")
    return (
        Item.objects.visible_to(viewer)
        .filter(session=session)
        .exclude(participant__state=ParticipantState.EXCUSED)
        .with_people()
        .annotate(
            given=Subquery(
                overall.filter(source=RatingSource.MANAGER)
                .order_by("-sequence")
                .values("value")[:1]
            ),
            now=Subquery(overall.order_by("-sequence").values("value")[:1]),
            previous=Subquery(last_time.values("value")[:1]),
            promotion=Subquery(by_manager.values("promotion")[:1]),
            decided=Exists(Decision.objects.filter(item=OuterRef("pk"))),
        )
        .order_by("participant__person__name", "pk")
    )


def _own_middles(participant_ids: Sequence[int]) -> dict[int, int | None]:
    """Participant to the rounded median of the points in the self review, where one is handed in;
    people give themselves no overall rating. 1 query."""
    points: dict[int, list[int]] = defaultdict(list)
    said = ReviewItem.objects.filter(
        review__participant__in=participant_ids,
        review__kind=ReviewKind.SELF,
        review__state=ReviewState.SUBMITTED,
        competency__isnull=False,
        value__isnull=False,
    ).values_list("review__participant_id", "value")
    for participant_id, value in said:
        points[participant_id].append(value or 0)
    return {key: rounded_median(values) for key, values in points.items()}


def _row(item: Any, own: int | None, lowest: int, highest: int, members: set[int]) -> BoardRow:
    """`item` carries the annotations of `_items`."""
    participant = item.participant
    standing = rules.Standing(item.given, own, item.previous, item.promotion == "ready")
    return BoardRow(
        item=item,
        name=participant.person.name,
        level=str(participant.level) if participant.level else "",
        manager=participant.manager.name if participant.manager else "",
        self_rating=own,
        given=item.given,
        now=item.now,
        previous=item.previous,
        why=rules.why_discuss(standing, lowest=lowest, highest=highest),
        decided=item.decided,
        own_report=participant.manager_id in members,
    )


def _distribution(
    rows: Sequence[BoardRow], points: Sequence[ScalePoint]
) -> tuple[SafeString, list[Bucket]]:
    values = [p.value for p in points]
    before = rules.distribution([r.given for r in rows], values)
    now = rules.distribution([r.now for r in rows], values)
    buckets = [Bucket(p, before[p.value], now[p.value]) for p in points]
    words = ", ".join(f"{b.point.value}: {b.now}" for b in buckets)
    chart = distribution_chart(
        [
            Bar(
                str(b.point.value),
                b.now,
                before=b.before,
                ramp=ramp_class(b.point.value, len(buckets)),
            )
            for b in buckets
        ],
        _("Ratings now. %(words)s") % {"words": words},
    )
    return chart, buckets


def _warnings(members: int, people: int) -> list[str]:
    found = []
    if members > rules.LARGEST_COMMITTEE:
        found.append(_("A committee of more than 12 rarely hears everybody."))
    if people > rules.LARGEST_GROUP:
        found.append(_("More than 60 people are hard to compare in one sitting."))
    return found


def item(viewer: Viewer, *, session_id: int, item_id: int) -> Item:
    """1 query. Somebody you step out for does not exist."""
    return get_object_or_404(
        Item.objects.visible_to(viewer).with_people(), session_id=session_id, pk=item_id
    )


def session_version(viewer: Viewer, *, session_id: int) -> int:
    """1 query. The number that rises with every change on the board."""
    found = get_object_or_404(
        session_gate.visible(viewer, Session.objects.only("version"), "read_board"),
        pk=session_id,
    )
    return found.version
