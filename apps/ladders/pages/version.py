"""One version of a ladder: where it comes from, what was repaired, kept aside and warned of."""

from __future__ import annotations

from dataclasses import dataclass

from django.shortcuts import get_object_or_404

from apps.core.access import Answer, Viewer
from apps.ladders.access import version_gate
from apps.ladders.models import LadderVersion, Note, Reference, SourceDocument
from apps.ladders.rules import Match, load, match, placed
from apps.ladders.states import ReferenceKind, ReferenceStatus


@dataclass(frozen=True)
class VersionPage:
    """`changes` compares with the version before, None where there is none to compare with."""

    version: LadderVersion
    sources: list[SourceDocument]
    warnings: list[str]
    references: list[Reference]
    links: list[Reference]
    notes: list[Note]
    history: list[LadderVersion]
    before: LadderVersion | None
    changes: Match | None
    may_publish: Answer
    may_discard: Answer

    @property
    def repairs(self) -> list[dict[str, str]]:
        return [repair for source in self.sources for repair in source.repairs]


def readable_version(viewer: Viewer, *, version_id: int) -> LadderVersion:
    """1 query; unreadable is 404."""
    versions = LadderVersion.objects.visible_to(viewer).select_related("ladder")
    return get_object_or_404(versions, pk=version_id)


def version(viewer: Viewer, *, version_id: int) -> VersionPage:
    """6 queries: the version, its sources, references, notes, the other versions, the one before."""
    found = readable_version(viewer, version_id=version_id)
    references = list(
        found.references.select_related(
            "level", "target_level__version__ladder", "target_competency"
        ).order_by("line", "pk")
    )
    history = list(
        found.ladder.versions.visible_to(viewer).defer("canonical").order_by("-number")  # type: ignore[attr-defined]  # our queryset
    )
    before = LadderVersion.objects.visible_to(viewer).filter(
        ladder=found.ladder_id, number__lt=found.number
    )
    older = before.order_by("-number").first()
    changes = None
    if older is not None and older.canonical and found.canonical:
        changes = match(placed(load(older.canonical)), placed(load(found.canonical)))
    for other in history:
        other.ladder = found.ladder
    return VersionPage(
        found,
        list(found.sources.defer("content")),
        _standing(found.warnings, references),
        [r for r in references if r.kind != ReferenceKind.LINK],
        [r for r in references if r.kind == ReferenceKind.LINK],
        list(found.notes.all()),
        history,
        older,
        changes,
        version_gate.may(viewer, "publish_version", found),
        version_gate.may(viewer, "discard_draft", found),
    )


def _standing(warnings: list[str], references: list[Reference]) -> list[str]:
    """Warnings without those of a parent that has come since."""
    closed = {
        (f"Line {r.line}:", r.target)
        for r in references
        if r.kind == ReferenceKind.INHERITS and r.status == ReferenceStatus.RESOLVED
    }
    return [
        warning
        for warning in warnings
        if not any(warning.startswith(line) and target in warning for line, target in closed)
    ]
