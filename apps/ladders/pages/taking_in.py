"""What an upload would become, before anything of it is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext_lazy as _

from apps.core.access import Viewer
from apps.ladders.access import staged_gate, version_gate
from apps.ladders.models import LadderVersion, SourceDocument, StagedFile
from apps.ladders.rules import (
    Match,
    Reading,
    counts,
    cumulative_counts,
    fingerprint,
    load,
    match,
    placed,
    with_kept_ids,
)
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
    changes: Match | None
    unchanged: bool
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
    """1 query: the versions there are of these ladders. 403 for anybody but HR."""
    if not (answer := version_gate.may(viewer, "import_ladder", LadderVersion())):
        raise PermissionDenied(answer.reason)
    keys = {key_of(reading.ladder.title) for reading in readings}
    newest: dict[str, LadderVersion] = {}
    if keys:
        rows = LadderVersion.objects.filter(ladder__key__in=keys).select_related("ladder")
        newest = {version.ladder.key: version for version in rows.order_by("number")}
    previews = [
        _preview(file.name, reading, newest.get(key_of(reading.ladder.title)))
        for file, reading in zip(staged, readings, strict=False)
    ]
    return ImportPage(list(staged), previews)


def _preview(name: str, reading: Reading, newest: LadderVersion | None) -> Preview:
    ladder, changes, unchanged = reading.ladder, None, False
    if newest is not None and newest.canonical:
        changes = match(placed(load(newest.canonical)), placed(ladder))
        unchanged = fingerprint(with_kept_ids(ladder, changes)) == newest.fingerprint
    return Preview(
        name,
        reading,
        newest.number + 1 if newest else 1,
        changes,
        unchanged,
        cumulative_counts(ladder, "within_track"),
        cumulative_counts(ladder, "across_tracks"),
    )


def staged_documents(viewer: Viewer) -> list[StagedFile]:
    """What this person put here to look at. 1 query."""
    return list(staged_gate.visible(viewer, StagedFile.objects.all(), "read_staged"))


def known_files() -> list[str]:
    """Names of the files that are here already, for links that lead to them. 1 query."""
    sources = SourceDocument.objects.exclude(version__state=VersionState.RETIRED)
    return sorted(set(sources.values_list("name", flat=True)))
