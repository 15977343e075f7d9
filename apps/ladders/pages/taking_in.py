"""What an upload would become, before anything of it is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext_lazy as _

from apps.core.access import Viewer
from apps.ladders.access import staged_gate, version_gate
from apps.ladders.models import LadderVersion, SourceDocument, StagedFile
from apps.ladders.rules import Reading, counts, cumulative_counts
from apps.ladders.rules.names import key_of
from apps.ladders.states import VersionState

SHAPES = {
    "A": _("a level page: a heading for each competency"),
    "B": _("a level page with areas"),
    "C": _("a whole ladder: levels with the same parts"),
    "P": _("role profiles and targets"),
    "canonical": _("a file that this program wrote"),
}
COUNTED = {
    "tracks": _("Tracks"),
    "levels": _("Levels"),
    "areas": _("Areas"),
    "competencies": _("Competencies"),
    "level_statements": _("Statements of levels"),
    "mixin_statements": _("Statements of roles"),
    "examples": _("Examples"),
    "facet_statements": _("Lines that describe a level"),
    "mixins": _("Roles"),
    "profiles": _("Role profiles"),
    "responsibilities": _("Responsibilities"),
    "success_metrics": _("Success metrics"),
    "kpi_targets": _("Targets"),
    "note_items": _("Notes"),
}


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
        return str(SHAPES.get(self.reading.shape, self.reading.shape))

    @property
    def words(self) -> list[tuple[str, int]]:
        """How much of everything, in words; what there is none of is left out."""
        found = counts(self.reading)
        return [(str(words), found[name]) for name, words in COUNTED.items() if found[name]]

    @property
    def both_ways(self) -> list[tuple[str, int, int]]:
        """Each level with what it would expect in all: within its track, and across tracks."""
        return [(title, n, self.across[title]) for title, n in self.within.items()]

    @property
    def cascades(self) -> bool:
        return len(self.reading.ladder.levels) > 1


@dataclass(frozen=True)
class ImportPage:
    staged: list[StagedFile]
    previews: list[Preview]

    @property
    def has_roles(self) -> bool:
        return any(preview.reading.ladder.mixins for preview in self.previews)


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
