"""The one document that `import_ladder --json` prints: fixed keys, every part of a reading.

A ladder file's repeated headings are in each level's `competencies` and its `facets` are empty;
a level page with areas has `facets` for the level as a whole beside its `competencies`.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from apps.ladders.rules.content import (
    Competency,
    Facet,
    Level,
    Metric,
    Mixin,
    Reading,
    RoleProfile,
    Statement,
)
from apps.ladders.rules.effective import cumulative_counts
from apps.ladders.rules.metrics import numeric

Json = dict[str, Any]


def to_json(reading: Reading) -> Json:
    """The reading as plain values, ready for `json.dumps`."""
    ladder = reading.ladder
    titles = {level.key: level for level in ladder.levels}
    return {
        "kind": reading.kind,
        "shape": reading.shape,
        "why": reading.why,
        "title": ladder.title,
        "sha256": reading.sha256,
        "licence": asdict(ladder.licence) if ladder.licence else None,
        "tracks": [
            {
                "name": track.name,
                "line": track.line,
                "levels": [
                    {"key": key, "title": titles[key].title, "band": titles[key].band}
                    for key in track.levels
                ],
            }
            for track in ladder.tracks
        ],
        "levels": [_level(level) for level in ladder.levels],
        "mixins": [_mixin(mixin) for mixin in ladder.mixins],
        "profiles": [_profile(profile) for profile in ladder.profiles],
        "kpi_groups": [
            {"name": g.name, "line": g.line, "targets": [_metric(m) for m in g.metrics]}
            for g in ladder.kpi_groups
        ],
        "notes": [{**asdict(note), "path": list(note.path)} for note in ladder.notes],
        "links": [asdict(link) for link in ladder.links],
        "references": [asdict(reference) for reference in ladder.references],
        "repairs": [asdict(repair) for repair in reading.repairs],
        "coverage": asdict(reading.coverage),
        "warnings": list(reading.warnings),
        "cascades": {
            "within_track": cumulative_counts(ladder, "within_track"),
            "across_tracks": cumulative_counts(ladder, "across_tracks"),
            "chosen": ladder.cascade,
        },
        "counts": counts(reading),
    }


def counts(reading: Reading) -> dict[str, int]:
    """How much of everything. `statements` are those of levels and mixins; `competencies` and
    `areas` are distinct names; facet statements and examples are counted apart."""
    ladder = reading.ladder
    of_levels = [c for level in ladder.levels for c in level.competencies]
    of_mixins = [c for mixin in ladder.mixins for c in mixin.competencies]
    facets = [f for level in ladder.levels for f in level.facets]
    metrics = [m for profile in ladder.profiles for m in profile.success_metrics]
    kpis = [m for group in ladder.kpi_groups for m in group.metrics]
    return {
        "tracks": len(ladder.tracks),
        "levels": len(ladder.levels),
        "areas": len({a.name for level in ladder.levels for a in level.areas}),
        "competencies": len({(c.area, c.name) for c in (*of_levels, *of_mixins)}),
        "definitions": sum(bool(c.definition) for c in of_levels),
        "attributes": sum(len(level.attributes) for level in ladder.levels),
        "statements": _statements(of_levels) + _statements(of_mixins),
        "level_statements": _statements(of_levels),
        "mixin_statements": _statements(of_mixins),
        "examples": sum(len(c.examples) for c in (*of_levels, *of_mixins)),
        "facets": len(facets),
        "facet_statements": sum(len(f.statements) for f in facets),
        "mixins": len(ladder.mixins),
        "profiles": len(ladder.profiles),
        "responsibilities": sum(len(p.responsibilities) for p in ladder.profiles),
        "success_metrics": len(metrics),
        "numeric_success_metrics": sum(numeric(m.targets) for m in metrics),
        "kpi_groups": len(ladder.kpi_groups),
        "kpi_lines": len(kpis),
        "kpi_targets": sum(len(m.targets) for m in kpis),
        "notes": len(ladder.notes),
        "note_items": sum(note.kind == "item" for note in ladder.notes),
        "links": len(ladder.links),
        "unresolved_links": sum(link.status == "missing" for link in ladder.links),
        "index_links": reading.index.links,
        "index_matched": reading.index.matched,
        "references": len(ladder.references),
        "repairs": len(reading.repairs),
        "warnings": len(reading.warnings),
    }


def _statements(competencies: list[Competency]) -> int:
    return sum(len(each.statements) for each in competencies)


def _statement(row: Statement) -> Json:
    return {"id": row.id, "line": row.line, "text": row.text, "label": row.label}


def _competency(row: Competency) -> Json:
    return {
        "name": row.name,
        "line": row.line,
        "area": row.area,
        "icon": row.icon,
        "definition": row.definition,
        "statements": [_statement(each) for each in row.statements],
        "examples": [_statement(each) for each in row.examples],
    }


def _facet(row: Facet) -> Json:
    return {
        "name": row.name,
        "line": row.line,
        "definition": row.definition,
        "statements": [_statement(each) for each in row.statements],
        "examples": [],
    }


def _level(row: Level) -> Json:
    return {
        "key": row.key,
        "code": row.code,
        "title": row.title,
        "band": row.band,
        "track": row.track,
        "line": row.line,
        "icon": row.icon,
        "status": row.status,
        "anchor": row.anchor,
        "aliases": list(row.aliases),
        "summary": row.summary,
        "body": list(row.body),
        "parents": list(row.parents),
        "areas": [asdict(area) for area in row.areas],
        "attributes": [asdict(attribute) for attribute in row.attributes],
        "facets": [_facet(facet) for facet in row.facets],
        "competencies": [_competency(competency) for competency in row.competencies],
    }


def _mixin(row: Mixin) -> Json:
    return {
        "key": row.key,
        "title": row.title,
        "line": row.line,
        "status": row.status,
        "anchor": row.anchor,
        "aliases": list(row.aliases),
        "body": list(row.body),
        "merge": {rule.competency: rule.how for rule in row.merge},
        "competencies": [_competency(competency) for competency in row.competencies],
    }


def _profile(row: RoleProfile) -> Json:
    return {
        "key": row.key,
        "title": row.title,
        "line": row.line,
        "order": row.order,
        "window_months": list(row.window_months),
        "years": list(row.years),
        "profile": row.profile,
        "responsibilities": [_statement(each) for each in row.responsibilities],
        "success_metrics": [_metric(each) for each in row.success_metrics],
    }


def _metric(row: Metric) -> Json:
    """One line; its first target's comparator, value and unit stand beside all `targets`."""
    first = row.targets[0]
    return {
        "id": row.id,
        "line": row.line,
        "name": row.name,
        "text": row.text,
        "comparator": first.comparator,
        "value": first.value,
        "unit": first.unit,
        "subject": first.subject,
        "within": first.within,
        "targets": [asdict(target) for target in row.targets],
    }
