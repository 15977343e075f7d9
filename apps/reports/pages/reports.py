"""Which reports there are for this person, cycle by cycle."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Exists, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.http import Http404
from django.shortcuts import get_object_or_404

from apps.core.access import Answer, Viewer
from apps.reports.access import (
    UNLAUNCHED,
    completion_q,
    is_hr,
    may_read_completion,
    may_read_distribution,
    packets_q,
)
from apps.reviews.models import Cycle, Participant

MOST_CYCLES = 24


@dataclass(frozen=True)
class CycleRow:
    cycle: Cycle
    people: int
    may_read_distribution: Answer
    packets: int


@dataclass(frozen=True)
class Reports:
    rows: list[CycleRow]
    is_hr: bool


def reports(viewer: Viewer) -> Reports:
    """1 query, and 1 for the people above an HR content admin: launched cycles that concern the
    viewer, with how many people and packets are open to them."""
    seen = Participant.objects.filter(completion_q(viewer), cycle=OuterRef("pk")).taking_part()
    packets = Participant.objects.filter(packets_q(viewer), cycle=OuterRef("pk"))
    cycles = (
        Cycle.objects.visible_to(viewer)
        .exclude(state__in=UNLAUNCHED)
        .annotate(people_seen=_counted(seen), packets_open=_counted(packets))
    )
    if not is_hr(viewer):
        cycles = cycles.filter(Exists(seen))
    rows = [
        CycleRow(
            cycle,
            cycle.people_seen or 0,
            may_read_distribution(viewer, cycle),
            cycle.packets_open or 0,
        )
        for cycle in cycles.order_by("-period_end", "name")[:MOST_CYCLES]
    ]
    return Reports(rows, is_hr(viewer))


def _counted(rows: QuerySet[Participant]) -> Subquery:
    counted = rows.order_by().values("cycle").annotate(n=Count("pk")).values("n")
    return Subquery(counted, output_field=IntegerField())


def reported_cycle(viewer: Viewer, cycle_id: int) -> Cycle:
    """1 query, and 1 for a manager. A cycle without a report for this person does not exist."""
    cycle = get_object_or_404(
        Cycle.objects.visible_to(viewer).select_related("scale"),
        ~Q(state__in=UNLAUNCHED),
        pk=cycle_id,
    )
    if not may_read_completion(viewer, cycle):
        raise Http404
    return cycle


def counted_cycle(viewer: Viewer, cycle_id: int) -> Cycle:
    """1 query. A cycle whose ratings are counted, for those who may read the counts."""
    cycle = get_object_or_404(Cycle.objects.visible_to(viewer).select_related("scale"), pk=cycle_id)
    if not may_read_distribution(viewer, cycle):
        raise Http404
    return cycle
