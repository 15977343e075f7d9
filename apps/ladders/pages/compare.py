"""Two levels side by side: what separates them."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q
from django.http import Http404

from apps.core.access import Viewer
from apps.ladders.expectations import (
    NOTHING,
    Expectations,
    ExpectedCompetency,
    ExpectedStatement,
    expectations_of,
)
from apps.ladders.models import Level
from apps.ladders.pages.level import visible_levels
from apps.ladders.rules import matching_form
from apps.ladders.states import VersionState


@dataclass(frozen=True)
class Separation:
    """One competency: what only the first level expects, only the second, and both."""

    name: str
    area_name: str
    dropped: list[ExpectedStatement]
    added: list[ExpectedStatement]
    same: list[ExpectedStatement]


@dataclass(frozen=True)
class Compare:
    """`choices` are all levels, by ladder; without two levels there is nothing to show yet."""

    first: Level | None
    second: Level | None
    rows: list[Separation]
    choices: list[tuple[str, list[Level]]]

    @property
    def totals(self) -> dict[str, int]:
        return {
            "dropped": sum(len(row.dropped) for row in self.rows),
            "added": sum(len(row.added) for row in self.rows),
            "same": sum(len(row.same) for row in self.rows),
        }


def compare(viewer: Viewer, *, first_id: int | None, second_id: int | None) -> Compare:
    """7 queries: the levels to choose from, and the expectations of both (3 each).

    With `second_id` alone the first is the level below it. Unreadable levels are 404.
    """
    asked = Q(pk__in=[pk for pk in (first_id, second_id) if pk is not None])
    levels = list(
        Level.objects.filter(visible_levels(viewer))
        .filter(asked | ~Q(version__state=VersionState.RETIRED))
        .select_related("version__ladder", "track")
        .defer("version__canonical")
        .order_by("version__ladder__title", "version_id", "track__position", "position")
    )
    known = {level.pk: level for level in levels}
    if not {first_id, second_id} - {None} <= known.keys():
        raise Http404
    first, second = known.get(first_id or 0), known.get(second_id or 0)
    if first is None and second is not None:
        first = _below(second, levels)
    choices: dict[str, list[Level]] = {}
    for level in levels:
        name = level.version.ladder.title
        if level.version.state != VersionState.PUBLISHED:
            name = str(level.version)
        choices.setdefault(name, []).append(level)
    rows: list[Separation] = []
    if first and second:
        rows = _separations(expectations_of(first.pk), expectations_of(second.pk))
    return Compare(first, second, rows, list(choices.items()))


def _below(level: Level, levels: list[Level]) -> Level | None:
    lower = [v for v in levels if v.track_id == level.track_id and level.track_id is not None]
    lower = [v for v in lower if v.position < level.position]
    return max(lower, key=lambda v: v.position, default=None)


def _separations(one: Expectations = NOTHING, two: Expectations = NOTHING) -> list[Separation]:
    ours = {c.key: c for c in one.competencies}
    theirs = {c.key: c for c in two.competencies}
    rows = []
    for key in dict.fromkeys([*theirs, *ours]):
        before, after = _lines(ours.get(key)), _lines(theirs.get(key))
        head = theirs.get(key) or ours[key]
        rows.append(
            Separation(
                head.name,
                head.area_name,
                [line for text, line in before if text not in dict(after)],
                [line for text, line in after if text not in dict(before)],
                [line for text, line in after if text in dict(before)],
            )
        )
    return rows


def _lines(competency: ExpectedCompetency | None) -> list[tuple[str, ExpectedStatement]]:
    if competency is None:
        return []
    return [(matching_form(line.text), line) for line in competency.statements]
