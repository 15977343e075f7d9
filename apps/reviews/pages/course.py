"""How somebody was rated over the cycles, as far as one viewer may read it.

PRIVACY: every packet is asked of the gate on its own. The person reads nothing that is not released,
and reads it as it stands: what a committee changed shows as little here as in the packet.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import F, FilteredRelation, Q
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from apps.core.access import Viewer
from apps.core.charts import sparkline
from apps.people.models import Person
from apps.reviews.access import participant_gate
from apps.reviews.models import Participant, RatingEvent
from apps.reviews.rules.standing import changed_since, in_one_scale
from apps.reviews.states import DELIVERED, Mark, ParticipantState, ReviewKind, ReviewState

# Who settles a dispute reads that packet, and not the person's whole way.
READS = ("read_packet", "read_packet_above", "read_packet_content")
# The key of the overall rating among those of competencies.
OVERALL = ""


@dataclass(frozen=True)
class Point:
    value: int
    label: str
    anchor: str


@dataclass(frozen=True)
class Rated:
    """A rating as it stands. `answer` is a point, or the name of a mark."""

    answer: int | str
    label: str
    anchor: str
    points: int


@dataclass(frozen=True)
class Past:
    """A released cycle. `changed` says what was different from the one before it."""

    participant: Participant
    changed: str


@dataclass(frozen=True)
class Line:
    """One competency, or the whole, over the cycles of one scale."""

    name: str
    cells: Sequence[Rated | None]
    chart: SafeString


@dataclass(frozen=True)
class History:
    """Cycles that were rated on one scale, oldest first."""

    scale: str
    points: Sequence[Point]
    cycles: Sequence[Past]
    lines: Sequence[Line]


@dataclass(frozen=True)
class ReadCycle:
    """A participation that this viewer may read, with its scale and its manager review."""

    participant: Participant
    points: tuple[Point, ...]
    review_id: int | None

    @property
    def is_released(self) -> bool:
        return self.participant.state in DELIVERED


def cycles_of(viewer: Viewer, person: Person) -> tuple[list[Participant], list[ReadCycle]]:
    """Every participation, and those that this viewer may read, newest first. 1 query."""
    rows = (
        Participant.objects.filter(person=person)
        .exclude(state=ParticipantState.EXCUSED)
        .select_related("cycle__scale", "level__version")
        .annotate(
            given=FilteredRelation("reviews", condition=Q(reviews__kind=ReviewKind.MANAGER.value)),
            review_id=F("given__pk"),
            review_state=F("given__state"),
            point_value=F("cycle__scale__points__value"),
            point_label=F("cycle__scale__points__label"),
            point_anchor=F("cycle__scale__points__anchor"),
        )
        .order_by("-cycle__period_end", "-pk", "point_value")
    )
    seats: dict[int, Any] = {}
    points: dict[int, list[Point]] = {}
    for row in rows:
        found: Any = row
        found.person = person
        seats.setdefault(found.pk, found)
        if found.point_value is not None:
            point = Point(found.point_value, found.point_label, found.point_anchor)
            points.setdefault(found.pk, []).append(point)
    readable = [
        ReadCycle(
            seat,
            tuple(points.get(pk, ())),
            seat.review_id if seat.review_state == ReviewState.SUBMITTED else None,
        )
        for pk, seat in seats.items()
        if any(participant_gate.may(viewer, read, seat) for read in READS)
    ]
    return list(seats.values()), readable


def ratings_of(cycles: Sequence[ReadCycle]) -> dict[int, dict[str, tuple[str, Rated]]]:
    """Participant to competency key ("" for the whole) to name and rating, in the order of the
    ladder. 1 query, or none."""
    of: dict[int, dict[str, tuple[str, Rated]]] = {c.participant.pk: {} for c in cycles}
    if not of:
        return of
    words = {c.participant.pk: {p.value: p for p in c.points} for c in cycles}
    labels = {mark.value: str(mark.label) for mark in Mark}
    events = (
        RatingEvent.objects.current()
        .filter(participant__in=of, goal=None)
        .select_related("competency")
        .order_by("competency__area__position", "competency__position", "competency_id")
    )
    for event in events:
        scale = words[event.participant_id]
        point = scale.get(event.value or 0)
        if point is None and not event.mark:
            continue
        rated = (
            Rated(point.value, point.label, point.anchor, len(scale))
            if point is not None
            else Rated(event.mark, labels.get(event.mark, event.mark), "", len(scale))
        )
        key, name = OVERALL, _("Overall")
        if event.competency is not None:
            key, name = event.competency.key, event.competency.name
        of[event.participant_id][key] = (name, rated)
    return of


def histories(
    cycles: Sequence[ReadCycle], ratings: Mapping[int, Mapping[str, tuple[str, Rated]]]
) -> list[History]:
    """One for each scale, the one in use last first. Points of two scales are never compared."""
    oldest_first = list(reversed(cycles))
    levels = [c.participant.level for c in oldest_first]
    places = [(lv.version.ladder_id, lv.key) if lv is not None else None for lv in levels]
    words = {"": "", "ladder": _("another ladder"), "level": _("another level")}
    past = {
        c.participant.pk: Past(c.participant, words[change])
        for c, change in zip(oldest_first, changed_since(places), strict=True)
    }
    return [
        _history(group, past, ratings)
        for group in in_one_scale(oldest_first, key=lambda c: c.participant.cycle.scale_id)
    ]


def _history(
    group: Sequence[ReadCycle],
    past: Mapping[int, Past],
    ratings: Mapping[int, Mapping[str, tuple[str, Rated]]],
) -> History:
    of = [ratings[c.participant.pk] for c in group]
    names: dict[str, str] = {OVERALL: _("Overall")}
    for rated in reversed(of):  # the newest name of a competency, in the newest order
        for key, (name, _answer) in rated.items():
            names.setdefault(key, name)
    lines = []
    highest = len(group[-1].points)
    for key, name in names.items():
        cells = [rated[key][1] if key in rated else None for rated in of]
        values = [c.answer if c and isinstance(c.answer, int) else None for c in cells]
        title = _("%(name)s over %(n)d cycles") % {"name": name, "n": len(cells)}
        chart = sparkline(values, title, lowest=1, highest=highest)
        lines.append(Line(name, cells, chart))
    return History(
        scale=group[-1].participant.cycle.scale.name,
        points=group[-1].points,
        cycles=[past[c.participant.pk] for c in group],
        lines=lines,
    )
