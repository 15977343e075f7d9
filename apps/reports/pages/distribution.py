"""How overall ratings fall, by department, now and as the managers gave them.

PRIVACY: the suppression is that of the whole cycle, worked out before any filter. A filter only
chooses among what is shown anyway, so no two views differ by a person.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, OuterRef, QuerySet
from django.utils.safestring import SafeString
from django.utils.text import slugify
from django.utils.translation import gettext as _

from apps.core.access import Viewer
from apps.core.charts import Bar, ramp_class
from apps.core.charts import distribution as distribution_chart
from apps.core.export import Cell
from apps.reports.pages.completion import Choice
from apps.reports.pages.reports import counted_cycle
from apps.reports.pages.sheets import Sheet
from apps.reports.rules.suppression import LEAST, Shown, enough, merged_groups, shown_counts
from apps.reports.states import Ratings
from apps.reviews.models import Cycle, Participant, RatingEvent, ScalePoint
from apps.reviews.states import ParticipantState, RatingSource

Key = int | None
TOGETHER = "together"


@dataclass(frozen=True)
class Group:
    """One line: a department, or the small ones together. A count of None is kept back."""

    key: str
    name: str
    people: int
    rated: int
    counts: list[int | None]


@dataclass(frozen=True)
class Distribution:
    cycle: Cycle
    points: list[ScalePoint]
    ratings: Ratings
    groups: list[Group]
    whole: Group | None
    chart: SafeString | None
    bars: list[tuple[ScalePoint, int | None, int | None]]
    least: int
    small: list[str]
    keeps_back: bool
    departments: list[Choice]
    kinds: list[Choice]
    sheet: Sheet

    @property
    def has_bars(self) -> bool:
        """Whether any point is shown at all."""
        return any(
            (now if self.ratings == Ratings.NOW else given) is not None
            for _point, now, given in self.bars
        )


@dataclass(frozen=True)
class _Table:
    groups: list[Group]
    whole: Group


def distribution(
    viewer: Viewer, *, cycle_id: int, ratings: str = "", department: str = ""
) -> Distribution:
    """5 queries: the cycle, its scale, people, ratings now, ratings as given. `whole` is None while
    too few are rated for anything to be shown."""
    cycle = counted_cycle(viewer, cycle_id)
    points = list(cycle.scale.points.all())
    people = _people(cycle)
    counted = {
        Ratings.NOW: _by_group(_overall(cycle), points),
        Ratings.GIVEN: _by_group(_as_given(cycle), points),
    }
    names = {key: name or _("No department") for key, name, _n in people}
    rated = {key: [sum(c.get(key, {}).values()) for c in counted.values()] for key in names}
    alone, together = merged_groups(rated)
    shown = bool(rated) and enough(rated, together)
    tables = (
        {kind: _table(counts, people, points, alone, together) for kind, counts in counted.items()}
        if shown
        else {}
    )
    kind = Ratings(ratings) if ratings in Ratings.values else Ratings.NOW
    groups = tables[kind].groups if tables else []
    chosen = next((g for g in groups if g.key == department), None)
    bars = _bars(tables, points, chosen) if tables else []
    return Distribution(
        cycle=cycle,
        points=points,
        ratings=kind,
        groups=[chosen] if chosen else groups,
        whole=tables[kind].whole if tables and not chosen else None,
        chart=_chart(bars, kind, len(points)) if tables else None,
        bars=bars,
        least=LEAST,
        small=sorted(names[key] for key in together if sum(rated[key])),
        keeps_back=any(None in (now, given) for _point, now, given in bars),
        departments=[Choice(g.key, g.name, g is chosen) for g in groups],
        kinds=[Choice(k.value, str(k.label), k == kind) for k in Ratings],
        sheet=_sheet(cycle, points, tables, kind, department),
    )


def _people(cycle: Cycle) -> list[tuple[Key, str | None, int]]:
    """Department, its name, how many take part. 1 query."""
    taking_part = Participant.objects.filter(cycle=cycle).taking_part()
    counted = taking_part.order_by().values_list("department_id", "department__name")
    rows = list(counted.annotate(people=Count("pk")))
    return sorted(rows, key=lambda row: (row[0] is None, row[1] or ""))


def _rated(cycle: Cycle) -> QuerySet[RatingEvent]:
    """Overall ratings with a point; "not enough evidence" is no point and no zero."""
    return RatingEvent.objects.filter(
        participant__cycle=cycle, competency=None, goal=None, value__isnull=False
    ).exclude(participant__state=ParticipantState.EXCUSED)


def _newer(**source: Any) -> QuerySet[RatingEvent]:
    return RatingEvent.objects.filter(
        participant=OuterRef("participant"),
        competency=None,
        goal=None,
        sequence__gt=OuterRef("sequence"),
        **source,
    )


def _overall(cycle: Cycle) -> QuerySet[RatingEvent]:
    """The rating of each person as it stands."""
    return _rated(cycle).filter(~Exists(_newer()))


def _as_given(cycle: Cycle) -> QuerySet[RatingEvent]:
    """The last rating that each manager gave, before anybody changed it."""
    source = RatingSource.MANAGER
    return _rated(cycle).filter(~Exists(_newer(source=source)), source=source)


def _by_group(
    events: QuerySet[RatingEvent], points: Sequence[ScalePoint]
) -> dict[Key, dict[int, int]]:
    """Department to point to people. 1 query."""
    known = {point.value for point in points}
    found: dict[Key, dict[int, int]] = {}
    rows = events.order_by().values_list("participant__department_id", "value")
    for department, value, people in rows.annotate(people=Count("pk")):
        if value in known:
            found.setdefault(department, {})[value] = people
    return found


def _table(
    counts: dict[Key, dict[int, int]],
    people: Sequence[tuple[Key, str | None, int]],
    points: Sequence[ScalePoint],
    alone: Sequence[Key],
    together: Sequence[Key],
) -> _Table:
    heads = {key: n for key, _name, n in people}
    names = {key: name or _("No department") for key, name, _n in people}
    members: list[tuple[str, str, Sequence[Key]]] = [
        (str(key) if key else "none", names[key], [key]) for key in alone
    ]
    if together:
        members.append((TOGETHER, _("Small departments together"), together))
    numbers = [
        [sum(counts.get(key, {}).get(p.value, 0) for key in keys) for p in points]
        for _key, _name, keys in members
    ]
    shown: Shown = shown_counts(numbers)
    groups = [
        Group(key, name, sum(heads[k] for k in keys), sum(row), list(cells))
        for (key, name, keys), row, cells in zip(members, numbers, shown.cells, strict=True)
    ]
    whole = Group(
        "",
        _("Everybody"),
        sum(heads.values()),
        sum(map(sum, numbers)),
        list(shown.totals),
    )
    return _Table(groups, whole)


def _bars(
    tables: dict[Ratings, _Table], points: Sequence[ScalePoint], chosen: Group | None
) -> list[tuple[ScalePoint, int | None, int | None]]:
    """(point, now, as given) of the chosen department or of everybody."""

    def line(kind: Ratings) -> list[int | None]:
        table = tables[kind]
        found = [g for g in table.groups if chosen and g.key == chosen.key]
        return (found[0] if found else table.whole).counts

    return list(zip(points, line(Ratings.NOW), line(Ratings.GIVEN), strict=True))


def _chart(
    bars: Sequence[tuple[ScalePoint, int | None, int | None]], kind: Ratings, points: int
) -> SafeString:
    """A point that is kept back has no bar: a bar of no height would say nobody."""
    drawn = []
    for point, now, given in bars:
        count = now if kind == Ratings.NOW else given
        if count is not None:
            drawn.append(
                Bar(
                    str(point.value),
                    count,
                    before=given if kind == Ratings.NOW else None,
                    ramp=ramp_class(point.value, points),
                    name=point.label,
                )
            )
    words = ", ".join(f"{bar.label}: {bar.count}" for bar in drawn)
    title = _("Overall ratings, people for each point. %(words)s") % {"words": words}
    return distribution_chart(drawn, title)


def _sheet(
    cycle: Cycle,
    points: Sequence[ScalePoint],
    tables: dict[Ratings, _Table],
    kind: Ratings,
    department: str,
) -> Sheet:
    """The lines of the page, with the same cells kept back."""
    rows: list[list[Cell]] = []
    if tables:
        table = tables[kind]
        chosen = [g for g in table.groups if g.key == department]
        for group in chosen or [*table.groups, table.whole]:
            cells: list[Cell] = [_("kept back") if n is None else n for n in group.counts]
            rows.append([group.name, group.people, group.rated, *cells])
    header = [_("Department"), _("People"), _("Rated"), *(str(point) for point in points)]
    return Sheet(slugify(f"distribution {kind} {cycle.name}"), header, rows)
