"""Who takes part in a cycle and why, for HR. With which fields that is set stands in `choosing`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, OuterRef, Prefetch, Subquery
from django.db.models.functions import Coalesce
from django.shortcuts import get_object_or_404
from django.utils import formats
from django.utils.translation import gettext as _

from apps.core.access import Answer, Viewer
from apps.ladders.models import LadderVersion, Level
from apps.ladders.states import VersionState
from apps.people.models import Person
from apps.reviews.access import choice_gate, cycle_gate
from apps.reviews.models import Cycle, PopulationChoice
from apps.reviews.states import TAKES_PART, Standing

PER_PAGE = 50
EVERYBODY, IN = "everybody", "in"
BY_HAND = (Standing.TAKEN_IN, Standing.LEFT_OUT)
# What somebody is held against: the version of their level, else that of their role profile.
VERSION = Coalesce("level__version_id", "role_profile__version_id")
WITH_LADDERS = Prefetch("levels", Level.objects.select_related("version__ladder"))
Choices = list[tuple[Any, Any]]


@dataclass(frozen=True)
class PopulationFilter:
    """What stands in the address: a Standing, "in" or "everybody"; words; a ladder version."""

    standing: str = ""
    search: str = ""
    version: int | None = None

    @property
    def shown(self) -> str:
        """Looking for somebody looks among all: they may be out, and that is the question."""
        return self.standing or (EVERYBODY if self.search else IN)


@dataclass(frozen=True)
class Seat:
    """One person: in or out, and why."""

    person: Person
    is_in: bool
    why: str
    by_hand: bool
    may_choose: Answer


@dataclass(frozen=True)
class StandingTab:
    standing: str
    label: str
    count: int


@dataclass(frozen=True)
class VersionInUse:
    """A ladder version on which people of the cycle stand; `published_id` is the one to move to."""

    version_id: int
    title: str
    number: int
    people: int
    is_published: bool
    published_id: int | None
    published_number: int | None


@dataclass(frozen=True)
class PopulationPage:
    cycle: Cycle
    on: date
    rows: Page
    tabs: list[StandingTab]
    chosen: PopulationFilter
    people: int
    versions: list[VersionInUse]
    departments: list[str]
    locations: list[str]
    levels: list[str]
    may_edit: Answer
    is_launched: bool

    @property
    def behind(self) -> int:
        """How many stand on a version that is not the published one."""
        return sum(version.people for version in self.versions if not version.is_published)


class KnownPaginator(Paginator):
    """A paginator that may be told how many there are, so that the database counts once."""

    def __init__(self, rows: Any, per_page: int, known: int | None) -> None:
        super().__init__(rows, per_page)
        if known is not None:
            self.count = known  # type: ignore[misc]  # a cached property of the parent


def cycle_to_set(viewer: Viewer, *, cycle_id: int, prefetch: tuple[Any, ...] = ()) -> Cycle:
    """1 query and one for each prefetch; 404 for everybody but HR process admins."""
    rows = cycle_gate.visible(viewer, Cycle.objects.all(), "prepare_cycle")
    return get_object_or_404(rows.prefetch_related(*prefetch), pk=cycle_id)


def population(
    viewer: Viewer,
    *,
    cycle_id: int,
    now: datetime,
    chosen: PopulationFilter | None = None,
    number: str | int = 1,
) -> PopulationPage:
    """At most 9 queries: the cycle with its phases, departments, places and levels; how many of
    each standing and ladder version; those versions; a page of those who fit and, when somebody is
    looked for, how many."""
    chosen = chosen or PopulationFilter()
    found = cycle_to_set(
        viewer,
        cycle_id=cycle_id,
        prefetch=("phases", "departments", "locations", WITH_LADDERS),
    )
    on = found.counted_on(now)
    grouped = _grouped(found, on)
    counts: dict[str, int] = {}
    for (standing, _version), count in grouped.items():
        counts[standing] = counts.get(standing, 0) + count
    rows = people_with_standing(found, on, chosen)
    known = None if chosen.search else _known(grouped, chosen)
    page = KnownPaginator(rows, PER_PAGE, known).get_page(number)
    page.object_list = [seat_of(viewer, found, person) for person in page.object_list]
    return PopulationPage(
        cycle=found,
        on=on,
        rows=page,
        tabs=_tabs(counts),
        chosen=chosen,
        people=sum(counts.get(standing.value, 0) for standing in TAKES_PART),
        versions=_versions_in_use(grouped),
        departments=[department.name for department in found.departments.all()],
        locations=[place.name for place in found.locations.all()],
        levels=[f"{level.version.ladder.title}: {level}" for level in found.levels.all()],
        may_edit=cycle_gate.may(viewer, "edit_population", found),
        is_launched=found.launched_at is not None,
    )


Grouped = dict[tuple[str, int | None], int]


def _grouped(found: Cycle, on: date) -> Grouped:
    """(standing, ladder version) to people: one walk over the company for every figure. 1 query."""
    rows = (
        found.standings(on=on)
        .order_by()
        .values_list("standing", VERSION)
        .annotate(count=Count("pk"))
    )
    return {(standing, version): count for standing, version, count in rows}


def _known(grouped: Grouped, chosen: PopulationFilter) -> int:
    """How many fit, where no words are looked for."""
    shown = _shown(chosen.shown)
    return sum(
        count
        for (standing, version), count in grouped.items()
        if standing in shown and chosen.version in (None, version)
    )


def _shown(standing: str) -> set[str]:
    """The standings behind a tab; all of them behind "everybody" and behind what nobody knows."""
    if standing == IN:
        return {kind.value for kind in TAKES_PART}
    return {standing} if standing in Standing.values else set(Standing.values)


def _versions_in_use(grouped: Grouped) -> list[VersionInUse]:
    """The ladder versions on which those who take part stand, by title. 1 query."""
    people: dict[int, int] = {}
    for (standing, version), count in grouped.items():
        if version is not None and standing in TAKES_PART:
            people[version] = people.get(version, 0) + count
    published = LadderVersion.objects.published().filter(ladder=OuterRef("ladder"))
    rows = (
        LadderVersion.objects.filter(pk__in=people)
        .annotate(
            published_id=Subquery(published.values("pk")[:1]),
            published_number=Subquery(published.values("number")[:1]),
        )
        .select_related("ladder")
        .order_by("ladder__title", "number")
    )
    return [
        VersionInUse(
            row.pk,
            row.ladder.title,
            row.number,
            people[row.pk],
            row.state == VersionState.PUBLISHED,
            row.published_id,
            row.published_number,
        )
        for row in rows
    ]


def people_with_standing(found: Cycle, on: date, chosen: PopulationFilter) -> Any:
    rows = found.standings(on=on)
    shown = _shown(chosen.shown)
    if len(shown) < len(Standing):
        rows = rows.filter(standing__in=sorted(shown))
    if chosen.search:
        rows = rows.matching(chosen.search)
    if chosen.version is not None:
        rows = rows.alias(stands_on=VERSION).filter(stands_on=chosen.version)
    reason = PopulationChoice.objects.filter(cycle=found, person=OuterRef("pk")).values("reason")
    return (
        rows.annotate(reason=Subquery(reason))
        .select_related("department", "location", "level", "role_profile")
        .order_by("name", "pk")
    )


def seat_of(viewer: Viewer, found: Cycle, person: Any) -> Seat:
    standing = Standing(person.standing)
    return Seat(
        person=person,
        is_in=standing in TAKES_PART,
        why=_why(found, person, standing),
        by_hand=standing in BY_HAND,
        may_choose=choice_gate.may(
            viewer, "choose_people", PopulationChoice(cycle=found, person=person)
        ),
    )


def _why(found: Cycle, person: Any, standing: Standing) -> str:
    """Why somebody is in or out, in words that end a sentence."""
    match standing:
        case Standing.PLAN:
            return _("by the plan")
        case Standing.TAKEN_IN:
            return _("taken in by hand: %(reason)s") % {"reason": person.reason}
        case Standing.LEFT_OUT:
            return _("left out by hand: %(reason)s") % {"reason": person.reason}
        case Standing.NOT_YET:
            return _("left out: begins on %(day)s") % {"day": _day(person.hired_on)}
        case Standing.DEPARTMENT if person.department:
            return _("left out: works in %(place)s") % {"place": person.department.name}
        case Standing.DEPARTMENT:
            return _("left out: is in no department")
        case Standing.LOCATION if person.location:
            return _("left out: works at %(place)s") % {"place": person.location.name}
        case Standing.LOCATION:
            return _("left out: has no location")
        case Standing.LEVEL if person.level:
            return _("left out: is on %(level)s") % {"level": person.level}
        case Standing.LEVEL:
            return _("left out: is on no level")
        case _other:
            return _("left out: hired after %(day)s") % {"day": _day(found.hired_until)}


def _day(day: date | None) -> str:
    return formats.date_format(day, "j F Y") if day else ""


def _tabs(counts: dict[str, int]) -> list[StandingTab]:
    """Everybody who is in, those in by hand, each reason to be out, and everybody."""
    inside = sum(counts.get(standing.value, 0) for standing in TAKES_PART)
    tabs = [StandingTab(IN, _("Take part"), inside)]
    tabs += [
        StandingTab(standing.value, str(standing.label), counts[standing.value])
        for standing in (*BY_HAND, *Standing)
        if counts.get(standing.value) and standing != Standing.PLAN
    ]
    tabs = list(dict.fromkeys(tabs))
    return [*tabs, StandingTab(EVERYBODY, _("Everybody"), sum(counts.values()))]
