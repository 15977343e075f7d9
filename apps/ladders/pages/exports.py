"""A version as a file: canonical YAML, JSON, Markdown, CSV (long and wide), XLSX; and its source."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _

from apps.core.access import Viewer
from apps.core.export import CSV_TYPE, XLSX_TYPE, to_csv, to_xlsx
from apps.ladders.models import LadderVersion, SourceDocument
from apps.ladders.pages.version import readable_version
from apps.ladders.rules import (
    Competency,
    Coverage,
    Facet,
    Ladder,
    Reading,
    Repair,
    Statement,
    load,
    to_json,
)

FORMS = {
    "yaml": _("Canonical file (YAML)"),
    "json": _("JSON"),
    "md": _("Markdown"),
    "csv": _("CSV, a row for each statement"),
    "wide.csv": _("CSV, a column for each level"),
    "xlsx": _("Spreadsheet (XLSX)"),
}
LONG = ("Level", "Code", "Track", "Area", "Competency", "Kind", "Label", "Text", "Line", "Id")
Row = tuple[str | int, ...]


@dataclass(frozen=True)
class Export:
    """A file to hand out: its name, its type and its bytes."""

    name: str
    content_type: str
    content: bytes


def export(viewer: Viewer, *, version_id: int, form: str) -> Export:
    """2 queries: the version, and its source for what the canonical form does not say."""
    version = readable_version(viewer, version_id=version_id)
    if form not in FORMS or not version.canonical:
        raise Http404
    ladder = load(version.canonical)
    content_type, content = _written(form, version, ladder)
    return Export(f"{version.ladder.key}-{version.number}.{form}", content_type, content)


def _written(form: str, version: LadderVersion, ladder: Ladder) -> tuple[str, bytes]:
    if form == "yaml":
        return "application/yaml; charset=utf-8", version.canonical.encode()
    if form == "json":
        document = to_json(_reading(version, ladder))
        return "application/json", json.dumps(document, ensure_ascii=False, indent=2).encode()
    if form == "md":
        return "text/markdown; charset=utf-8", "\n".join(_markdown(ladder)).encode()
    if form == "wide.csv":
        header, rows = _wide(ladder)
        return CSV_TYPE, to_csv(header, rows)
    if form == "csv":
        return CSV_TYPE, to_csv(LONG, _long(ladder))
    return XLSX_TYPE, to_xlsx(LONG, _long(ladder), sheet=ladder.title)


def source_file(viewer: Viewer, *, version_id: int, source_id: int) -> Export:
    """2 queries: the version and the file, byte for byte; never shown, always saved."""
    version = readable_version(viewer, version_id=version_id)
    source = get_object_or_404(SourceDocument, version=version, pk=source_id)
    return Export(source.name, "application/octet-stream", bytes(source.content))


def _reading(version: LadderVersion, ladder: Ladder) -> Reading:
    source = version.sources.defer("content").first()
    return Reading(
        kind=version.kind,
        shape=version.shape,
        why=version.why,
        ladder=ladder,
        sha256=source.sha256 if source else "",
        text="",
        repairs=tuple(Repair(**repair) for repair in source.repairs) if source else (),
        coverage=Coverage(version.coverage_claimed, version.coverage_total),
        warnings=tuple(version.warnings),
    )


def _long(ladder: Ladder) -> Iterator[Row]:
    for level in ladder.levels:
        head = (level.title, level.code, level.track)
        for facet in level.facets:
            yield from _lines(head, "", facet, "facet", facet.statements)
        for competency in level.competencies:
            yield from _lines(head, competency.area, competency, "statement", competency.statements)
            yield from _lines(head, competency.area, competency, "example", competency.examples)
    for mixin in ladder.mixins:
        for competency in mixin.competencies:
            yield from _lines((mixin.title, "", ""), "", competency, "role", competency.statements)
    for profile in ladder.profiles:
        head = (profile.title, "", "")
        for duty in profile.responsibilities:
            yield (*head, "", "", "responsibility", "", duty.text, duty.line, duty.id)
        for metric in profile.success_metrics:
            yield (*head, "", "", "metric", metric.name, metric.text, metric.line, metric.id)
    for group in ladder.kpi_groups:
        for metric in group.metrics:
            yield (
                "",
                "",
                "",
                group.name,
                "",
                "kpi",
                metric.name,
                metric.text,
                metric.line,
                metric.id,
            )


def _lines(
    head: tuple[str, str, str],
    area: str,
    part: Competency | Facet,
    kind: str,
    rows: tuple[Statement, ...],
) -> Iterator[Row]:
    for row in rows:
        yield (*head, area, part.name, kind, row.label, row.text, row.line, row.id)


def _wide(ladder: Ladder) -> tuple[list[str], list[Row]]:
    names = dict.fromkeys((c.area, c.name) for level in ladder.levels for c in level.competencies)
    cells = {
        (level.key, c.area, c.name): "\n".join(s.text for s in c.statements)
        for level in ladder.levels
        for c in level.competencies
    }
    header = ["Area", "Competency", *(f"{v.code} {v.title}".strip() for v in ladder.levels)]
    rows: list[Row] = [
        (area, name, *(cells.get((level.key, area, name), "") for level in ladder.levels))
        for area, name in names
    ]
    return header, rows


def _markdown(ladder: Ladder) -> Iterator[str]:
    yield f"# {ladder.title}"
    for level in ladder.levels:
        name = f"{level.code}: {level.title}" if level.code else level.title
        band = f" (Band {level.band})" if level.band is not None else ""
        yield from ("", f"## {name}{band}")
        for text in filter(None, (level.summary, *level.body)):
            yield from ("", text)
        if level.attributes:
            yield ""
        yield from (f"- **{each.label}**: {each.value}" for each in level.attributes)
        for facet in level.facets:
            yield from _part(facet)
        for competency in level.competencies:
            yield from _part(competency)
    for mixin in ladder.mixins:
        yield from ("", f"## {mixin.title}")
        for text in mixin.body:
            yield from ("", text)
        for competency in mixin.competencies:
            yield from _part(competency)
    for profile in ladder.profiles:
        yield from ("", f"## {profile.title}", "", profile.profile, "", "### Responsibilities", "")
        yield from (f"- {each.text}" for each in profile.responsibilities)
        yield from ("", "### Success metrics", "")
        yield from (f"- {each.text}" for each in profile.success_metrics)
    for group in ladder.kpi_groups:
        yield from ("", f"## {group.name}", "")
        yield from (f"- **{each.name}**: {each.text}" for each in group.metrics)
    if ladder.licence:
        yield from ("", "## Licence", "", ladder.licence.text)
    yield ""


def _part(part: Competency | Facet) -> Iterator[str]:
    yield from ("", f"### {part.name}")
    if part.definition:
        yield from ("", part.definition)
    yield ""
    yield from (f"- {row.text}" for row in part.statements)
    if isinstance(part, Competency) and part.examples:
        yield from ("", "<details>", "<summary>Examples</summary>", "")
        yield from (f"- {row.text}" for row in part.examples)
        yield from ("", "</details>")
