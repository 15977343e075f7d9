"""One reading into rows: levels, competencies, statements, profiles, targets, notes, references."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any, TypeVar

from django.db.models import CharField, Model

from apps.ladders import rules
from apps.ladders.models import (
    Area,
    Competency,
    Definition,
    KpiGroup,
    KpiTarget,
    LadderVersion,
    Level,
    LevelAttribute,
    Mixin,
    MixinRule,
    Note,
    Reference,
    Responsibility,
    RoleProfile,
    Statement,
    SuccessMetric,
    Track,
)
from apps.ladders.rules import Refused, matching_form
from apps.ladders.rules.names import key_of
from apps.ladders.states import CompetencyKind, ReferenceStatus, StatementKind

M = TypeVar("M", bound=Model)
BATCH = 500
LINK_STATUS = {
    "ok": ReferenceStatus.RESOLVED,
    "missing": ReferenceStatus.UNRESOLVED,
    "malformed": ReferenceStatus.MALFORMED,
    "external": ReferenceStatus.EXTERNAL,
}


def store(version: LadderVersion, ladder: rules.Ladder, *, name: str) -> None:
    """Write all rows of a version that has none. Errors: Refused when a name does not fit."""
    _Store(version, ladder, name).run()


class _Store:
    def __init__(self, version: LadderVersion, ladder: rules.Ladder, name: str) -> None:
        self.version, self.ladder, self.name = version, ladder, name
        self.levels: dict[str, Level] = {}
        self.mixins: dict[str, Mixin] = {}
        self.areas: dict[str, Area] = {}
        # (kind, area, name, how often it stood on this level before), as names are compared.
        self.competencies: dict[tuple[str, str, str, int], Competency] = {}
        self.statements: list[Statement] = []
        self.definitions: list[Definition] = []
        self.by_line: dict[int, Statement] = {}

    def run(self) -> None:
        self._levels()
        self._mixins()
        for level in self.ladder.levels:
            here = self.levels[level.key]
            self._facets(level, here)
            self._said(level.competencies, level=here)
        for mixin in self.ladder.mixins:
            self._said(mixin.competencies, mixin=self.mixins[mixin.key])
        self._write(self.definitions)
        self._write(self.statements)
        self._merge_rules()
        self._references()
        self._profiles()
        self._kpis()
        self._notes()

    def _write(self, rows: Iterable[M]) -> list[M]:
        found = list(rows)
        for row in found:
            self._must_fit(row)
        if found:
            type(found[0])._default_manager.bulk_create(found, batch_size=BATCH)
        return found

    def _must_fit(self, row: Any) -> None:
        """SQLite would keep an overlong name and PostgreSQL would break off; say it in a sentence."""
        for field in row._meta.concrete_fields:
            if not isinstance(field, CharField) or field.max_length is None:
                continue
            value = getattr(row, field.attname)
            if len(value) > field.max_length:
                what = f"{row._meta.verbose_name} {field.name}"
                reason = f"the {what} “{value[:40]}…” is longer than {field.max_length} characters."
                raise Refused(reason, name=self.name, line=getattr(row, "line", None) or 1)

    def _levels(self) -> None:
        tracks = self._write(
            Track(version=self.version, key=key, name=track.name, position=n)
            for n, (key, track) in enumerate(_keyed(self.ladder.tracks, lambda t: t.name))
        )
        place = {
            level: (tracks[n], position)
            for n, track in enumerate(self.ladder.tracks)
            for position, level in enumerate(track.levels)
        }
        rows = []
        for n, level in enumerate(self.ladder.levels):
            track, position = place.get(level.key, (None, n))
            row = Level(
                version=self.version,
                track=track,
                key=level.key,
                code=level.code,
                title=level.title,
                aliases=list(level.aliases),
                band=level.band,
                position=position,
                summary=level.summary,
                body="\n\n".join(level.body),
                line=level.line,
            )
            self.levels[level.key] = row
            rows.append(row)
        self._write(rows)
        self._write(
            LevelAttribute(
                level=self.levels[level.key],
                name=each.label,
                value=each.value,
                low=each.low,
                high=each.high,
                position=n,
                line=each.line,
            )
            for level in self.ladder.levels
            for n, each in enumerate(level.attributes)
        )
        icons: dict[str, str] = {}
        for level in self.ladder.levels:
            for area in level.areas:
                icons.setdefault(area.name, area.icon)
        for n, (key, area_name) in enumerate(_keyed(list(icons), lambda a: a)):
            self.areas[area_name] = Area(
                version=self.version,
                key=key,
                name=area_name,
                icon=icons[area_name],
                position=n,
            )
        self._write(self.areas.values())

    def _mixins(self) -> None:
        for n, mixin in enumerate(self.ladder.mixins):
            self.mixins[mixin.key] = Mixin(
                version=self.version,
                key=mixin.key,
                title=mixin.title,
                aliases=list(mixin.aliases),
                forthcoming=mixin.status == "forthcoming",
                body="\n\n".join(mixin.body),
                position=n,
                line=mixin.line,
            )
        self._write(self.mixins.values())

    def _competency(
        self, kind: CompetencyKind, area: str, name: str, icon: str, again: int
    ) -> Competency:
        place = (str(kind), matching_form(area), matching_form(name), again)
        if place not in self.competencies:
            of_level = kind == CompetencyKind.FACET
            words = f"facet {name}" if of_level else f"{area} {name}"
            row = Competency(
                version=self.version,
                area=self.areas.get(area),
                key=_free(key_of(words), {c.key for c in self.competencies.values()}),
                kind=kind,
                name=name,
                icon=icon,
                position=len(self.competencies),
            )
            self._must_fit(row)
            row.save(force_insert=True)
            self.competencies[place] = row
        return self.competencies[place]

    def _facets(self, level: rules.Level, here: Level) -> None:
        for facet in level.facets:
            row = self._competency(CompetencyKind.FACET, "", facet.name, "", 0)
            self._define(row, here, facet.definition, facet.line)
            self._add(facet.statements, row, StatementKind.STATEMENT, level=here)

    def _said(
        self,
        competencies: Sequence[rules.Competency],
        *,
        level: Level | None = None,
        mixin: Mixin | None = None,
    ) -> None:
        seen: dict[tuple[str, str], int] = {}
        for each in competencies:
            named = (matching_form(each.area), matching_form(each.name))
            again = seen.get(named, 0)
            seen[named] = again + 1
            row = self._competency(
                CompetencyKind.COMPETENCY, each.area, each.name, each.icon, again
            )
            if level is not None:
                self._define(row, level, each.definition, each.line)
            self._add(each.statements, row, StatementKind.STATEMENT, level=level, mixin=mixin)
            self._add(each.examples, row, StatementKind.EXAMPLE, level=level, mixin=mixin)

    def _define(self, competency: Competency, level: Level, text: str, line: int) -> None:
        if text:
            self.definitions.append(
                Definition(competency=competency, level=level, text=text, line=line)
            )

    def _add(
        self,
        rows: Sequence[rules.Statement],
        competency: Competency,
        kind: StatementKind,
        **owner: Level | Mixin | None,
    ) -> None:
        for each in rows:
            statement = Statement(
                version=self.version,
                competency=competency,
                key=each.id,
                kind=kind,
                label=each.label,
                text=each.text,
                position=len(self.statements),
                line=each.line,
                **owner,
            )
            self.statements.append(statement)
            self.by_line.setdefault(each.line, statement)

    def _named(self, name: str) -> list[Competency]:
        return [
            c for c in self.competencies.values() if matching_form(c.name) == matching_form(name)
        ]

    def _merge_rules(self) -> None:
        self._write(
            MixinRule(mixin=self.mixins[mixin.key], competency=competency, merge=rule.how)
            for mixin in self.ladder.mixins
            for rule in mixin.merge
            for competency in self._named(rule.competency)
        )

    def _references(self) -> None:
        rows = [
            Reference(
                version=self.version,
                kind="link",
                status=LINK_STATUS[link.status],
                text=link.text,
                target=link.target,
                line=link.line,
            )
            for link in self.ladder.links
        ]
        for each in self.ladder.references:
            target = self.levels.get(each.target_level)
            if target is None and each.target_level:
                coded = [row for row in self.levels.values() if row.code == each.target_level]
                target = coded[0] if len(coded) == 1 else None
            where = [c for c in self._named(each.target_competency) if each.target_competency]
            rows.append(
                Reference(
                    version=self.version,
                    kind=each.kind,
                    status=ReferenceStatus.RESOLVED if target else ReferenceStatus.UNRESOLVED,
                    level=self.levels.get(each.source_level),
                    statement=None if each.kind == "inherits" else self.by_line.get(each.line),
                    text=each.text,
                    target=each.target_file
                    or ", ".join(filter(None, (each.target_level, each.target_competency))),
                    target_level=target,
                    target_competency=where[0] if target and len(where) == 1 else None,
                    line=each.line,
                )
            )
        self._write(rows)

    def _profiles(self) -> None:
        ordered = sorted(self.ladder.profiles, key=lambda p: (p.order, p.line))
        rows = self._write(
            RoleProfile(
                version=self.version,
                key=key,
                title=each.title,
                position=each.order or n,
                profile=each.profile,
                months_from=_at(each.window_months, 0),
                months_to=_at(each.window_months, 1),
                years_from=_at(each.years, 0),
                years_to=_at(each.years, 1),
                line=each.line,
            )
            for n, (key, each) in enumerate(_keyed(ordered, lambda p: p.key), 1)
        )
        self._write(
            Responsibility(profile=row, text=duty.text, position=n, line=duty.line)
            for row, each in zip(rows, ordered, strict=True)
            for n, duty in enumerate(each.responsibilities)
        )
        self._write(
            SuccessMetric(profile=row, position=n, **_target(metric, metric.targets[0]))
            for row, each in zip(rows, ordered, strict=True)
            for n, metric in enumerate(each.success_metrics)
        )

    def _kpis(self) -> None:
        groups = self._write(
            KpiGroup(version=self.version, name=group.name, position=n)
            for n, group in enumerate(self.ladder.kpi_groups)
        )
        self._write(
            KpiTarget(group=row, name=metric.name, position=n, **_target(metric, target))
            for row, group in zip(groups, self.ladder.kpi_groups, strict=True)
            for n, (metric, target) in enumerate(
                (metric, target) for metric in group.metrics for target in metric.targets
            )
        )

    def _notes(self) -> None:
        self._write(
            Note(
                version=self.version,
                path=list(note.path),
                kind=note.kind,
                text=note.text,
                line=note.line,
                position=n,
            )
            for n, note in enumerate(self.ladder.notes)
        )


def _target(metric: rules.Metric, target: rules.Target) -> dict[str, Any]:
    return {
        "text": metric.text,
        "subject": target.subject,
        "comparator": target.comparator,
        "value": None if target.value is None else Decimal(str(target.value)),
        "unit": target.unit,
        "within": target.within,
        "line": metric.line,
    }


def _at(values: Sequence[int], place: int) -> int | None:
    return values[place] if len(values) > place else None


def _free(key: str, taken: set[str]) -> str:
    number, free = 1, key
    while free in taken:
        number += 1
        free = f"{key}-{number}"
    return free


def _keyed(rows: Sequence[Any], name: Any) -> list[tuple[str, Any]]:
    """Each row with a key of its own."""
    found: list[tuple[str, Any]] = []
    taken: set[str] = set()
    for row in rows:
        key = _free(key_of(name(row)), taken)
        taken.add(key)
        found.append((key, row))
    return found
