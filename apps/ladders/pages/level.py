"""One level as a document: what it expects, and where each line comes from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import OuterRef, Q, Subquery
from django.shortcuts import get_object_or_404

from apps.core.access import Viewer
from apps.ladders.expectations import Expectations, expectations_of
from apps.ladders.models import (
    Competency,
    Definition,
    LadderVersion,
    Level,
    LevelAttribute,
    Mixin,
    Reference,
    Statement,
)
from apps.ladders.states import CompetencyKind, ReferenceKind, ReferenceStatus


@dataclass(frozen=True)
class Facet:
    """A side of the level that is described and not rated."""

    name: str
    definition: str
    statements: list[Statement]


@dataclass(frozen=True)
class MixinChoice:
    mixin: Mixin
    chosen: bool


@dataclass(frozen=True)
class LevelPage:
    level: Level
    own: bool
    expectations: Expectations
    attributes: list[LevelAttribute]
    facets: list[Facet]
    references: list[Reference]
    mixins: list[MixinChoice]

    @property
    def waiting(self) -> list[Reference]:
        """Parents that are not here yet: what they expect is missing below."""
        return [
            r
            for r in self.references
            if r.kind == ReferenceKind.INHERITS and r.status == ReferenceStatus.UNRESOLVED
        ]

    @property
    def counts(self) -> dict[str, int]:
        lines = [s for c in self.expectations.competencies for s in c.statements]
        found = {
            origin: sum(s.origin == origin for s in lines)
            for origin in ("own", "inherited", "mixin")
        }
        return {**found, "all": len(lines), "examples": sum(
            len(c.examples) for c in self.expectations.competencies
        )}  # fmt: skip


def visible_levels(viewer: Viewer) -> Q:
    return Q(version__in=LadderVersion.objects.visible_to(viewer))


def level(
    viewer: Viewer,
    *,
    level_id: int,
    mixin_ids: Sequence[int] = (),
    own_level_id: int | None = None,
) -> LevelPage:
    """8 queries: the level, its roles, its expectations (3), attributes, facets, references.

    Roles that are not of this version are left out.
    """
    found = get_object_or_404(
        Level.objects.filter(visible_levels(viewer))
        .select_related("version__ladder", "track")
        .defer("version__canonical"),
        pk=level_id,
    )
    mixins = list(Mixin.objects.filter(version=found.version_id))
    chosen = [mixin.pk for mixin in mixins if mixin.pk in set(mixin_ids)]
    return LevelPage(
        found,
        found.pk == own_level_id,
        expectations_of(found.pk, chosen),
        list(found.attributes.all()),
        _facets(found),
        list(
            found.references.exclude(kind=ReferenceKind.LINK)
            .select_related("target_level__version__ladder", "target_competency", "statement")
            .order_by("line", "pk")
        ),
        [MixinChoice(mixin, mixin.pk in chosen) for mixin in mixins],
    )


def _facets(found: Level) -> list[Facet]:
    definition = Definition.objects.filter(competency=OuterRef("competency_id"), level=found.pk)
    rows = (
        Statement.objects.filter(level=found, competency__kind=CompetencyKind.FACET)
        .select_related("competency")
        .annotate(definition=Subquery(definition.values("text")[:1]))
        .order_by("competency__position", "position")
    )
    groups: dict[Competency, list[Statement]] = {}
    for row in rows:
        groups.setdefault(row.competency, []).append(row)
    return [
        Facet(facet.name, lines[0].definition or "", lines)  # type: ignore[attr-defined]  # annotated
        for facet, lines in groups.items()
    ]
