"""How much each area of the ladders counts in the computed profile of a cycle."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, QuerySet

from apps.core.access import Answer, Viewer
from apps.ladders.models import Area, LadderVersion
from apps.ladders.states import CompetencyKind, ReferenceKind
from apps.people.models import Person
from apps.reviews.access import cycle_gate
from apps.reviews.models import Cycle
from apps.reviews.pages.population import cycle_to_set
from apps.reviews.rules.sections import USUAL_WEIGHT


@dataclass(frozen=True)
class Weighed:
    """An area, in which ladders it stands, and how much it counts."""

    key: str
    name: str
    ladders: list[str]
    competencies: int
    weight: int


@dataclass(frozen=True)
class WeighAreas:
    cycle: Cycle
    areas: list[Weighed]
    may_weigh: Answer


def weigh_areas(viewer: Viewer, *, cycle_id: int, now: datetime) -> WeighAreas:
    """At most 5 queries: the cycle, its phases and weights, and the areas of ladders in use."""
    found = cycle_to_set(viewer, cycle_id=cycle_id, prefetch=("phases", "weights"))
    weights = {row.area_key: row.weight for row in found.weights.all()}
    rated = Count("competencies", filter=Q(competencies__kind=CompetencyKind.COMPETENCY))
    rows = (
        Area.objects.filter(version__in=_versions(found.people(on=found.counted_on(now))))
        .annotate(rated=rated)
        .filter(rated__gt=0)
        .select_related("version__ladder")
        .order_by("position", "pk")
    )
    by_key: dict[str, Weighed] = {}
    for area in rows:
        before = by_key.get(area.key)
        ladders = {*(before.ladders if before else []), area.version.ladder.title}
        by_key[area.key] = Weighed(
            area.key,
            area.name,
            sorted(ladders),
            max(area.rated, before.competencies if before else 0),
            weights.get(area.key, USUAL_WEIGHT),
        )
    areas = sorted(by_key.values(), key=lambda area: (area.ladders, area.name.casefold()))
    return WeighAreas(found, areas, cycle_gate.may(viewer, "weigh_areas", found))


def _versions(people: QuerySet[Person]) -> QuerySet[LadderVersion, Any]:
    """The versions from which these people are rated: of their levels, of their roles, and of the
    levels that those take over."""
    levels = people.order_by().values("level")
    takes_over = Q(
        levels__referred_by__kind__in=[ReferenceKind.INHERITS.value, ReferenceKind.INCLUDES.value],
        levels__referred_by__version__levels__in=levels,
    )
    return LadderVersion.objects.filter(
        Q(levels__in=levels) | Q(mixins__in=people.order_by().values("mixins")) | takes_over
    ).values("pk")
