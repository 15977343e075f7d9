"""What a level really expects: own statements, inherited ones, and role mixins, with provenance.

Computed, never copied. Decided here: which levels are below another (by track, or by band number
across tracks), how a mixin merges, how a parent file joins in. `difference` says what separates
two levels.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from apps.ladders.rules.content import Competency, Ladder, Level, Mixin, Statement, Track
from apps.ladders.rules.names import matching_form

Cascade = Literal["none", "within_track", "across_tracks"]
CASCADES: tuple[Cascade, ...] = ("within_track", "across_tracks")


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where an expectation comes from. `kind`: own, inherited or role; `source`: its title."""

    kind: str
    source: str
    key: str


@dataclass(frozen=True, slots=True)
class Expectation:
    """A statement that counts for a person, and why."""

    statement: Statement
    provenance: Provenance


@dataclass(frozen=True, slots=True)
class Expected:
    """All that is expected in one competency."""

    competency: str
    area: str
    definition: str
    expectations: tuple[Expectation, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """What separates two levels in one competency."""

    competency: str
    only_first: tuple[Statement, ...]
    both: tuple[Statement, ...]
    only_second: tuple[Statement, ...]


def levels_below(
    level: Level, levels: Sequence[Level], tracks: Sequence[Track], cascade: str
) -> tuple[Level, ...]:
    """The levels whose expectations cascade up to this one, nearest first."""
    by_key = {each.key: each for each in levels}
    if cascade == "across_tracks" and level.band is not None:
        lower = [each for each in levels if each.band is not None and each.band < level.band]
        return tuple(sorted(lower, key=lambda each: -(each.band or 0)))
    if cascade in CASCADES:
        for track in tracks:
            if level.key in track.levels:
                below = track.levels[: track.levels.index(level.key)]
                return tuple(by_key[key] for key in reversed(below))
    return ()


def parents_of(level: Level, files: Mapping[str, Level]) -> tuple[Level, ...]:
    """The levels of parent files, nearest first; a missing file or a circle ends the chain.

    `files` maps the last part of a file's address to the level it holds.
    """
    found: list[Level] = []
    seen = {id(level)}
    waiting = list(level.parents)
    while waiting:
        parent = files.get(waiting.pop(0).split("#")[0].rpartition("/")[2])
        if parent is not None and id(parent) not in seen:
            seen.add(id(parent))
            found.append(parent)
            waiting += parent.parents
    return tuple(found)


def effective(
    level: Level,
    *,
    below: Sequence[Level] = (),
    mixins: Sequence[Mixin] = (),
    by_rules: bool = True,
) -> tuple[Expected, ...]:
    """Everything expected of a person on this level, by competency.

    `below` are the levels it inherits from (`levels_below`, `parents_of`), nearest first. With
    `by_rules` each mixin replaces or adds as its rules say; without, every mixin adds.
    """
    rows: dict[str, list[Expectation]] = {}
    heads: dict[str, Competency] = {}

    def add(competencies: Sequence[Competency], provenance: Provenance) -> None:
        for competency in competencies:
            key = matching_form(competency.name)
            heads.setdefault(key, competency)
            rows.setdefault(key, []).extend(
                Expectation(statement, provenance) for statement in competency.statements
            )

    add(level.competencies, Provenance("own", level.title, level.key))
    for lower in below:
        add(lower.competencies, Provenance("inherited", lower.title, lower.key))
    if by_rules:
        replaced = {
            matching_form(rule.competency)
            for mixin in mixins
            for rule in mixin.merge
            if rule.how == "replace" and _says_something(mixin, rule.competency)
        }
        for key in replaced & rows.keys():
            rows[key] = []
    for mixin in mixins:
        add(mixin.competencies, Provenance("role", mixin.title, mixin.key))
    return tuple(
        Expected(heads[key].name, heads[key].area, heads[key].definition, tuple(found))
        for key, found in rows.items()
    )


def _says_something(mixin: Mixin, competency: str) -> bool:
    """A forthcoming mixin with an empty scope takes nothing away."""
    wanted = matching_form(competency)
    return any(c.statements for c in mixin.competencies if matching_form(c.name) == wanted)


def count(expected: Sequence[Expected]) -> int:
    """How many statements in all."""
    return sum(len(each.expectations) for each in expected)


def cumulative_counts(ladder: Ladder, cascade: str) -> dict[str, int]:
    """Cumulative statements per level, by title (by key where two levels share a title)."""
    titles = [level.title for level in ladder.levels]
    return {
        level.title if titles.count(level.title) == 1 else level.key: count(
            effective(level, below=levels_below(level, ladder.levels, ladder.tracks, cascade))
        )
        for level in ladder.levels
    }


def difference(first: Level, second: Level) -> tuple[Difference, ...]:
    """What separates two levels, competency by competency, in the order of the second."""
    ours = {matching_form(c.name): c for c in first.competencies}
    theirs = {matching_form(c.name): c for c in second.competencies}
    found: list[Difference] = []
    for key in dict.fromkeys([*theirs, *ours]):
        one = ours[key].statements if key in ours else ()
        two = theirs[key].statements if key in theirs else ()
        name = (theirs.get(key) or ours[key]).name
        known_one = {matching_form(s.text) for s in one}
        known_two = {matching_form(s.text) for s in two}
        found.append(
            Difference(
                competency=name,
                only_first=tuple(s for s in one if matching_form(s.text) not in known_two),
                both=tuple(s for s in two if matching_form(s.text) in known_one),
                only_second=tuple(s for s in two if matching_form(s.text) not in known_one),
            )
        )
    return tuple(found)
