"""The list of ladders, one ladder as a matrix, and a role profile."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.shortcuts import get_object_or_404

from apps.core.access import Answer, Viewer
from apps.ladders.access import version_gate
from apps.ladders.expectations import statement_counts
from apps.ladders.models import (
    Area,
    Competency,
    KpiGroup,
    LadderVersion,
    Level,
    Mixin,
    RoleProfile,
    Statement,
)
from apps.ladders.states import CompetencyKind, StatementKind, VersionState

ALL_TRACKS = "all"


@dataclass(frozen=True)
class LadderRow:
    """A ladder as the list shows it; `draft` is one that waits for HR, `own` the viewer's."""

    version: LadderVersion
    draft: LadderVersion | None
    own: bool

    @property
    def is_profiles(self) -> bool:
        return self.version.kind == "role_profiles"


@dataclass(frozen=True)
class Ladders:
    rows: list[LadderRow]
    may_import: Answer


def _count(relation: QuerySet[Level] | QuerySet[Competency] | QuerySet[Statement]) -> Coalesce:
    counted = relation.order_by().values("version").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted), 0)


def ladders(viewer: Viewer, *, own_level_id: int | None = None) -> Ladders:
    """2 queries: the versions this viewer reads with what they hold, and the version of their level."""
    here = OuterRef("pk")
    rated = Competency.objects.filter(version=here, kind=CompetencyKind.COMPETENCY)
    said = Statement.objects.filter(
        version=here, kind=StatementKind.STATEMENT, competency__kind=CompetencyKind.COMPETENCY
    )
    profiles = RoleProfile.objects.filter(version=here).order_by().values("version")
    versions = (
        LadderVersion.objects.visible_to(viewer)
        .exclude(state=VersionState.RETIRED)
        .select_related("ladder")
        .defer("canonical", "warnings")
        .annotate(
            level_count=_count(Level.objects.filter(version=here)),
            competency_count=_count(rated),
            statement_count=_count(said),
            profile_count=Coalesce(Subquery(profiles.annotate(n=Count("pk")).values("n")), 0),
        )
        .order_by("ladder__title", "ladder_id", "-number")
    )
    own = set(LadderVersion.objects.filter(levels=own_level_id).values_list("ladder_id", flat=True))
    groups: dict[int, list[LadderVersion]] = defaultdict(list)
    for version in versions:
        groups[version.ladder_id].append(version)
    rows = []
    for ladder_id, found in groups.items():
        published = next((v for v in found if v.state == VersionState.PUBLISHED), None)
        drafts = [v for v in found if v.state == VersionState.DRAFT]
        shown = published or drafts[0]
        waiting = next((v for v in drafts if v is not shown), None)
        rows.append(LadderRow(shown, waiting, ladder_id in own))
    rows.sort(key=lambda row: (not row.own, row.is_profiles))
    return Ladders(rows, version_gate.may(viewer, "import_ladder", LadderVersion()))


@dataclass(frozen=True)
class Column:
    """A level of the matrix: `effective` counts all that it expects, inherited lines included."""

    level: Level
    own: bool
    own_count: int
    effective: int


@dataclass(frozen=True)
class Cell:
    column: Column
    statements: tuple[Statement, ...]

    @property
    def shown(self) -> tuple[Statement, ...]:
        return self.statements[:2]

    @property
    def folded(self) -> tuple[Statement, ...]:
        return self.statements[2:]


@dataclass(frozen=True)
class MatrixRow:
    competency: Competency
    cells: list[Cell]


@dataclass(frozen=True)
class Tab:
    key: str
    name: str
    count: int
    current: bool


@dataclass(frozen=True)
class LadderPage:
    """One version of a ladder; `groups` are the areas with their rows."""

    version: LadderVersion
    columns: list[Column]
    groups: list[tuple[Area | None, list[MatrixRow]]]
    tabs: list[Tab]
    mixins: Sequence[Mixin]
    profiles: list[RoleProfile]
    kpi_groups: list[KpiGroup]
    may_publish: Answer

    @property
    def width(self) -> int:
        return len(self.columns) + 1

    @property
    def is_profiles(self) -> bool:
        return self.version.kind == "role_profiles"


def _versions(viewer: Viewer) -> QuerySet[LadderVersion]:
    return LadderVersion.objects.visible_to(viewer).select_related("ladder").defer("canonical")


def ladder(
    viewer: Viewer,
    *,
    ladder_id: int,
    number: int | None = None,
    track: str = "",
    own_level_id: int | None = None,
) -> LadderPage:
    """8 queries for a ladder, 6 for role profiles: the version, then its rows by kind.

    Without `number` the published version, or for HR the newest draft where none is published.
    """
    versions = _versions(viewer).filter(ladder=ladder_id)
    if number is None:
        # "published" is the last word of draft, published; a retired one is asked for by number.
        versions = versions.exclude(state=VersionState.RETIRED).order_by("-state", "-number")
        version = get_object_or_404(versions[:1])
    else:
        version = get_object_or_404(versions, number=number)
    may_publish = version_gate.may(viewer, "publish_version", version)
    if version.kind == "role_profiles":
        profiles, groups = _profiles(version)
        return LadderPage(version, [], [], [], [], profiles, groups, may_publish)
    levels = list(version.levels.select_related("track"))
    tabs, shown = _tabs(levels, track, own_level_id)
    statements: dict[tuple[int, int], list[Statement]] = defaultdict(list)
    own: dict[int, int] = defaultdict(int)
    for row in version.statements.filter(
        level__isnull=False,
        kind=StatementKind.STATEMENT,
        competency__kind=CompetencyKind.COMPETENCY,
    ).order_by("position"):
        statements[row.competency_id, row.level_id or 0].append(row)
        own[row.level_id or 0] += 1
    effective = statement_counts([level.pk for level in shown])
    columns = [
        Column(level, level.pk == own_level_id, own[level.pk], effective.get(level.pk, 0))
        for level in shown
    ]
    competencies = version.competencies.filter(kind=CompetencyKind.COMPETENCY).select_related(
        "area"
    )
    grouped: dict[Area | None, list[MatrixRow]] = {}
    for competency in sorted(
        competencies, key=lambda c: (c.area.position if c.area else -1, c.position)
    ):
        cells = [Cell(c, tuple(statements[competency.pk, c.level.pk])) for c in columns]
        grouped.setdefault(competency.area, []).append(MatrixRow(competency, cells))
    mixins = list(
        version.mixins.annotate(
            line_count=Count("statements", filter=Q(statements__kind=StatementKind.STATEMENT))
        )
    )
    return LadderPage(version, columns, list(grouped.items()), tabs, mixins, [], [], may_publish)


def _tabs(
    levels: list[Level], wanted: str, own_level_id: int | None
) -> tuple[list[Tab], list[Level]]:
    """The tracks to choose from, and the levels of the chosen one, lowest first."""
    tracks = {level.track.key: level.track for level in levels if level.track}
    if (len(tracks) < 2 and all(level.track for level in levels)) or not tracks:
        return [], levels
    if wanted not in {*tracks, ALL_TRACKS}:
        mine = next((v.track for v in levels if v.pk == own_level_id and v.track), None)
        wanted = mine.key if mine else ALL_TRACKS
    count = {key: sum(v.track == track for v in levels) for key, track in tracks.items()}
    tabs = [Tab(key, track.name, count[key], key == wanted) for key, track in tracks.items()]
    tabs.insert(0, Tab(ALL_TRACKS, "", len(levels), wanted == ALL_TRACKS))
    shown = [v for v in levels if wanted == ALL_TRACKS or (v.track and v.track.key == wanted)]
    return tabs, shown


def _profiles(version: LadderVersion) -> tuple[list[RoleProfile], list[KpiGroup]]:
    """5 queries."""
    profiles = version.profiles.prefetch_related("responsibilities", "metrics")
    return list(profiles), list(version.kpi_groups.prefetch_related("targets"))


@dataclass(frozen=True)
class RoleProfilePage:
    profile: RoleProfile
    kpi_groups: list[KpiGroup]
    others: Iterable[RoleProfile]


def role_profile(viewer: Viewer, *, profile_id: int) -> RoleProfilePage:
    """6 queries: the profile, its duties and metrics, the team's targets, the other profiles."""
    profile = get_object_or_404(
        RoleProfile.objects.filter(version__in=LadderVersion.objects.visible_to(viewer))
        .select_related("version__ladder")
        .prefetch_related("responsibilities", "metrics"),
        pk=profile_id,
    )
    groups = list(KpiGroup.objects.filter(version=profile.version_id).prefetch_related("targets"))
    others = list(RoleProfile.objects.filter(version=profile.version_id).exclude(pk=profile.pk))
    return RoleProfilePage(profile, groups, others)
