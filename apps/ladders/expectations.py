"""What is expected of somebody on a level with role mixins: computed from the rows, never copied.

This is the one reading of ladders that upper apps may import (pages stay private). Every statement
carries where it comes from. The closure of a level is: itself; the levels of its cascade (lower in
the track, or of lower bands); and whatever any of these takes over by a resolved reference, also
in another ladder. A reference may include one competency of a level alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery

from apps.ladders.models import Definition, Level, Mixin, MixinRule, Reference, Statement
from apps.ladders.states import Cascade, CompetencyKind, Merge, ReferenceKind, StatementKind

OWN, INHERITED, MIXIN = "own", "inherited", "mixin"


@dataclass(frozen=True)
class ExpectedStatement:
    """One line, and whence: `origin` is "own", "inherited" or "mixin", `origin_title` its title."""

    statement_id: int
    key: str
    text: str
    label: str
    line: int | None
    origin: str
    origin_title: str


@dataclass(frozen=True)
class ExpectedCompetency:
    """A competency with its statements (own first, then nearest level down, then mixins)."""

    competency_id: int
    key: str
    name: str
    icon: str
    area_key: str
    area_name: str
    definition: str
    statements: tuple[ExpectedStatement, ...]
    examples: tuple[ExpectedStatement, ...]

    @property
    def own_count(self) -> int:
        return sum(s.origin == OWN for s in self.statements)


@dataclass(frozen=True)
class Expectations:
    """All that a level expects; empty for somebody without a level."""

    level_id: int | None
    level_title: str
    next_level_id: int | None
    next_level_title: str
    competencies: tuple[ExpectedCompetency, ...]

    def areas(self) -> list[tuple[str, list[ExpectedCompetency]]]:
        """Competencies in groups, in order; one group without a name where there are no areas."""
        groups: dict[str, list[ExpectedCompetency]] = {}
        for competency in self.competencies:
            groups.setdefault(competency.area_name, []).append(competency)
        return list(groups.items())

    def beyond(self, lower: Expectations) -> tuple[ExpectedCompetency, ...]:
        """What this level adds to a lower one: its statements that the lower one lacks.

        The same line of the ladder is the same statement, and so is the same sentence of the same
        competency: many ladders repeat it from level to level.
        """
        known = {s.key for c in lower.competencies for s in c.statements}
        known |= {f"{c.key} {s.text.casefold()}" for c in lower.competencies for s in c.statements}
        added = []
        for c in self.competencies:
            new = [s for s in c.statements if not {s.key, f"{c.key} {s.text.casefold()}"} & known]
            added += [replace(c, statements=tuple(new))] if new else []
        return tuple(added)


@dataclass(frozen=True)
class _Rung:
    pk: int
    version_id: int
    track_id: int | None
    band: int | None
    position: int
    name: str
    cascade: str


class _Rungs:
    """The levels of the versions in question and the edges between them: 2 queries."""

    def __init__(self, level_ids: Iterable[int]) -> None:
        edges = Reference.objects.filter(
            kind__in=[ReferenceKind.INHERITS, ReferenceKind.INCLUDES],
            level__isnull=False,
            target_level__isnull=False,
        ).values_list("kind", "level_id", "target_level_id", "target_competency_id")
        self.inherits: dict[int, list[int]] = defaultdict(list)
        self.includes: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for kind, source, target, competency in edges:
            if kind == ReferenceKind.INHERITS:
                self.inherits[source].append(target)
            elif competency is not None:
                self.includes[source].append((target, competency))
        wanted = {*level_ids, *(t for targets in self.inherits.values() for t in targets)}
        wanted |= {target for pairs in self.includes.values() for target, _ in pairs}
        rows = (
            Level.objects.filter(version__levels__in=wanted)
            .distinct()
            .values_list(
                "pk", "version_id", "track_id", "band", "position", "code", "title",
                "version__cascade",
            )
        )  # fmt: skip
        self.all = {
            pk: _Rung(pk, version, track, band, position, f"{code} {title}".strip(), cascade)
            for pk, version, track, band, position, code, title, cascade in rows
        }

    def _cascade(self, rung: _Rung) -> list[int]:
        """Lower levels that reach this one by the version's cascade, nearest first."""
        if rung.cascade == Cascade.ACROSS_TRACKS and rung.band is not None:
            below = [
                (r.band, r.position, r.pk)
                for r in self.all.values()
                if r.version_id == rung.version_id and r.band is not None and r.band < rung.band
            ]
            return [pk for _, _, pk in sorted(below, reverse=True)]
        if rung.cascade == Cascade.NONE or rung.track_id is None:
            return []  # levels that stand in no track have no order
        lower = [r for r in self.all.values() if r.track_id == rung.track_id]
        lower = [r for r in lower if r.position < rung.position]
        return [r.pk for r in sorted(lower, key=lambda r: -r.position)]

    def closure(self, level_id: int) -> list[int]:
        """The level itself first, then everything it includes, nearest first; loops are cut."""
        found: dict[int, None] = {}
        waiting = [level_id]
        while waiting:
            pk = waiting.pop(0)
            if pk in found or pk not in self.all:
                continue
            found[pk] = None
            waiting += [*self._cascade(self.all[pk]), *self.inherits[pk]]
        return list(found)

    def single(self, closure: Iterable[int]) -> list[tuple[int, int]]:
        """(level, competency) that levels of this closure include by name, and nothing else of it."""
        whole = set(closure)
        pairs = [pair for pk in whole for pair in self.includes[pk]]
        return sorted({pair for pair in pairs if pair[0] not in whole})

    def next_after(self, level_id: int) -> _Rung | None:
        here = self.all[level_id]
        higher = [
            r
            for r in self.all.values()
            if r.version_id == here.version_id
            and r.track_id == here.track_id
            and r.position > here.position
        ]
        return min(higher, key=lambda r: r.position, default=None)


def _said(closure: Iterable[int], single: Iterable[tuple[int, int]]) -> Q:
    """The statements of whole levels, and of single competencies of others."""
    where = Q(level__in=list(closure))
    for level_id, competency_id in single:
        where |= Q(level=level_id, competency=competency_id)
    return where


NOTHING = Expectations(None, "", None, "", ())


def expectations_of(
    level_id: int | None, mixin_ids: Iterable[int] | QuerySet[Mixin] = ()
) -> Expectations:
    """What a person on this level with these mixins is expected to show.

    Arguments: keys of a Level (or None: nothing is expected) and of Mixins; a queryset of Mixins
    costs no query of its own. 3 queries, whatever the size of the ladder. A competency is known by
    its key, so that one of a parent file joins its namesake here. A mixin that replaces a competency
    does so only where it says something of it, so that a role still to be written takes nothing away.
    """
    if level_id is None:
        return NOTHING
    rungs = _Rungs([level_id])
    return _expectations(rungs, [level_id], mixin_ids)[0] if level_id in rungs.all else NOTHING


def expectations_and_next(
    level_id: int | None, mixin_ids: Iterable[int] | QuerySet[Mixin] = ()
) -> tuple[Expectations, Expectations]:
    """The same, and beside it what the next level of the track expects; nothing at the top.

    Arguments as expectations_of. 3 queries.
    """
    if level_id is None:
        return NOTHING, NOTHING
    rungs = _Rungs([level_id])
    if level_id not in rungs.all:
        return NOTHING, NOTHING
    upper = rungs.next_after(level_id)
    levels = [level_id, *([upper.pk] if upper else ())]
    here, *above = _expectations(rungs, levels, mixin_ids)
    return here, above[0] if above else NOTHING


def _expectations(
    rungs: _Rungs, level_ids: Sequence[int], mixin_ids: Iterable[int] | QuerySet[Mixin]
) -> list[Expectations]:
    """Of each of these levels. 1 query."""
    closures = {pk: rungs.closure(pk) for pk in level_ids}
    singles = {pk: rungs.single(closure) for pk, closure in closures.items()}
    rule = MixinRule.objects.filter(
        mixin=OuterRef("mixin_id"), competency=OuterRef("competency_id")
    )
    chosen = mixin_ids if isinstance(mixin_ids, QuerySet) else list(mixin_ids)
    said = _said(
        [pk for closure in closures.values() for pk in closure],
        [pair for pairs in singles.values() for pair in pairs],
    )
    rows = list(
        Statement.objects.filter(said | Q(mixin__in=chosen))
        .filter(competency__kind=CompetencyKind.COMPETENCY)
        .select_related("competency__area", "mixin")
        .annotate(
            merge=Subquery(rule.values("merge")[:1]),
            **{f"definition_{pk}": _definition_at(pk) for pk in level_ids},
        )
    )
    replaced = {
        r.competency.key
        for r in rows
        if r.mixin_id is not None
        and r.merge == Merge.REPLACE  # type: ignore[attr-defined]  # annotated above
        and r.kind == StatementKind.STATEMENT
    }
    rows = [r for r in rows if r.mixin_id is not None or r.competency.key not in replaced]
    return [_of_one(rungs, pk, closures[pk], singles[pk], rows) for pk in level_ids]


def _definition_at(level_id: int) -> Subquery:
    found = Definition.objects.filter(
        Q(level=level_id) | Q(level=None), competency=OuterRef("competency_id")
    )
    return Subquery(found.order_by(F("level_id").desc(nulls_last=True)).values("text")[:1])


def _of_one(
    rungs: _Rungs,
    level_id: int,
    closure: Sequence[int],
    single: Sequence[tuple[int, int]],
    rows: Iterable[Statement],
) -> Expectations:
    """What one level expects, from rows that may hold statements of others too."""
    whole, pairs = set(closure), set(single)
    mine = [
        r
        for r in rows
        if r.mixin_id is not None or r.level_id in whole or (r.level_id, r.competency_id) in pairs
    ]
    rank = {pk: position for position, pk in enumerate([*closure, *(pk for pk, _ in single)])}
    own = rungs.all[level_id].version_id
    mine.sort(
        key=lambda r: (
            r.version_id != own,
            r.competency.area.position if r.competency.area else 0,
            r.competency.position,
            r.competency_id,
            rank.get(r.level_id or 0, len(rank)),
            r.position,
        )
    )
    upper = rungs.next_after(level_id)
    return Expectations(
        level_id,
        rungs.all[level_id].name,
        upper.pk if upper else None,
        upper.name if upper else "",
        tuple(_grouped(mine, level_id, rungs.all)),
    )


def _grouped(
    rows: Sequence[Statement], level_id: int, rungs: Mapping[int, _Rung]
) -> Iterable[ExpectedCompetency]:
    groups: dict[str, list[Statement]] = {}
    for statement in rows:
        groups.setdefault(statement.competency.key, []).append(statement)
    for statements in groups.values():
        competency = statements[0].competency
        lines = [(s.kind, _expected(s, level_id, rungs)) for s in statements]
        yield ExpectedCompetency(
            competency.pk,
            competency.key,
            competency.name,
            competency.icon,
            competency.area.key if competency.area else "",
            competency.area.name if competency.area else "",
            getattr(statements[0], f"definition_{level_id}") or "",
            tuple(line for kind, line in lines if kind == StatementKind.STATEMENT),
            tuple(line for kind, line in lines if kind == StatementKind.EXAMPLE),
        )


def _expected(statement: Statement, level_id: int, rungs: Mapping[int, _Rung]) -> ExpectedStatement:
    if statement.mixin is not None:
        origin, title = MIXIN, statement.mixin.title
    elif statement.level_id == level_id:
        origin, title = OWN, rungs[level_id].name
    else:
        origin, title = INHERITED, rungs[statement.level_id or 0].name
    return ExpectedStatement(
        statement.pk, statement.key, statement.text, statement.label, statement.line, origin, title
    )


def count_of(
    combinations: Iterable[tuple[int | None, frozenset[int]]],
) -> dict[tuple[int | None, frozenset[int]], int]:
    """How many competencies each (level, mixins) is rated on: 3 queries for all of them."""
    wanted = set(combinations)
    level_ids = {level for level, _ in wanted if level is not None}
    mixin_ids = {mixin for _, mixins in wanted for mixin in mixins}
    rungs = _Rungs(level_ids)
    closures = {level: rungs.closure(level) for level in level_ids}
    singles = {level: rungs.single(closure) for level, closure in closures.items()}
    levels = {pk for closure in closures.values() for pk in closure}
    single = {pair for pairs in singles.values() for pair in pairs}
    said = Statement.objects.filter(
        _said(levels, single) | Q(mixin__in=mixin_ids),
        competency__kind=CompetencyKind.COMPETENCY,
    ).values_list("level_id", "mixin_id", "competency_id", "competency__key")
    by_level: dict[int, set[str]] = defaultdict(set)
    by_pair: dict[tuple[int, int], set[str]] = defaultdict(set)
    by_mixin: dict[int, set[str]] = defaultdict(set)
    for level_id, mixin_id, competency_id, key in said:
        if level_id is not None:
            by_level[level_id].add(key)
            by_pair[level_id, competency_id].add(key)
        else:
            by_mixin[mixin_id or 0].add(key)
    return {
        (level, mixins): len(
            set().union(
                *(by_level[pk] for pk in (closures[level] if level is not None else ())),
                *(by_pair[pair] for pair in (singles[level] if level is not None else ())),
                *(by_mixin[pk] for pk in mixins if level is not None),
            )
        )
        for level, mixins in wanted
    }


def statement_counts(level_ids: Iterable[int]) -> dict[int, int]:
    """How many statements each level expects in all, inherited ones included: 3 queries."""
    wanted = list(level_ids)
    rungs = _Rungs(wanted)
    closures = {level: rungs.closure(level) for level in wanted}
    singles = {level: rungs.single(closure) for level, closure in closures.items()}
    said = (
        Statement.objects.filter(
            _said(
                {pk for closure in closures.values() for pk in closure},
                {pair for pairs in singles.values() for pair in pairs},
            ),
            kind=StatementKind.STATEMENT,
            competency__kind=CompetencyKind.COMPETENCY,
        )
        .order_by()
        .values_list("level_id", "competency_id")
        .annotate(n=Count("pk"))
    )
    of_level: dict[int, int] = defaultdict(int)
    of_pair: dict[tuple[int, int], int] = {}
    for level_id, competency_id, n in said:
        of_level[level_id or 0] += n
        of_pair[level_id or 0, competency_id] = n
    return {
        level: sum(of_level[pk] for pk in closures[level])
        + sum(of_pair.get(pair, 0) for pair in singles[level])
        for level in wanted
    }
