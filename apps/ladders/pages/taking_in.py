"""What an upload would become, before anything of it is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied

from apps.core.access import Viewer
from apps.ladders.access import staged_gate, version_gate
from apps.ladders.models import LadderVersion, SourceDocument, StagedFile
from apps.ladders.rules import Reading, counts, cumulative_counts
from apps.ladders.rules.names import key_of
from apps.ladders.states import VersionState

SHAPES = {
    "A": "a level page: a heading for each competency",
    "B": "a level page with areas",
    "C": "a whole ladder: levels with the same parts",
    "P": "role profiles and targets",
    "canonical": "a file that this program wrote",
}
COUNTED = (
    "tracks", "levels", "areas", "competencies", "level_statements", "mixin_statements",
    "examples", "facet_statements", "mixins", "profiles", "responsibilities", "success_metrics",
    "kpi_targets", "note_items",
)  # fmt: skip


@dataclass(frozen=True)
class Preview:
    """One document as it would be kept. `number` is the version it would make, of a ladder there is."""

    name: str
    reading: Reading
    number: int
    within: dict[str, int]
    across: dict[str, int]

    @property
    def shape(self) -> str:
        return SHAPES.get(self.reading.shape, self.reading.shape)

    @property
    def counts(self) -> list[tuple[str, int]]:
        found: dict[str, Any] = counts(self.reading)
        return [(name, found[name]) for name in COUNTED if found[name]]

    @property
    def both_ways(self) -> list[tuple[str, int, int]]:
        """Each level with what it would expect in all: within its track, and across tracks."""
        return [(title, n, self.across[title]) for title, n in self.within.items()]

    @property
    def cascades(self) -> bool:
        return len(self.reading.ladder.levels) > 1

    @property
    def replaces(self) -> bool:
        return any(rule.how == "replace" for m in self.reading.ladder.mixins for rule in m.merge)


@dataclass(frozen=True)
class ImportPage:
    staged: list[StagedFile]
    previews: list[Preview]


def import_ladder(
    viewer: Viewer, *, readings: Sequence[Reading] = (), staged: Sequence[StagedFile] = ()
) -> ImportPage:
    """2 queries at most: the ladders there are, with their newest number. 403 for anybody but HR."""
    if not (answer := version_gate.may(viewer, "import_ladder", LadderVersion())):
        raise PermissionDenied(answer.reason)
    keys = {key_of(reading.ladder.title) for reading in readings}
    known: dict[str, int] = {}
    if keys:
        rows = LadderVersion.objects.filter(ladder__key__in=keys).order_by("number")
        known = dict(rows.values_list("ladder__key", "number"))
    previews = [
        Preview(
            file.name,
            reading,
            known.get(key_of(reading.ladder.title), 0) + 1,
            cumulative_counts(reading.ladder, "within_track"),
            cumulative_counts(reading.ladder, "across_tracks"),
        )
        for file, reading in zip(staged, readings, strict=False)
    ]
    return ImportPage(list(staged), previews)


def staged_documents(viewer: Viewer) -> list[StagedFile]:
    """What this person put here to look at. 1 query."""
    return list(staged_gate.visible(viewer, StagedFile.objects.all(), "read_staged"))


def known_files() -> list[str]:
    """Names of the files that are here already, for links that lead to them. 1 query."""
    sources = SourceDocument.objects.exclude(version__state=VersionState.RETIRED)
    return sorted(set(sources.values_list("name", flat=True)))
