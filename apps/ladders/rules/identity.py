"""Which statement is which: stable ids, and what a second import kept, changed, added, removed.

An id is made of where a statement stands and what it says, so the same document gives the same
ids, and one sentence in two places is two statements. When a document comes again, `match` finds
each statement by its exact text in its place, then by its exact text elsewhere in the same
document, then by likeness within the same level and competency; `with_kept_ids` carries the ids.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from hashlib import sha256

from apps.ladders.rules.content import Competency, Ladder, Metric, Statement
from apps.ladders.rules.names import matching_form

LIKE = 0.6


def statement_id(place: Sequence[str], text: str, occurrence: int = 0) -> str:
    """Twelve hexadecimal digits after "s": place, text, and how often it stood there before."""
    parts = [*place, matching_form(text), str(occurrence)]
    return "s" + sha256("\x1f".join(parts).encode()).hexdigest()[:12]


class Ids:
    """Hands out ids while one document is read; it counts repetitions in one place."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, ...], int] = {}

    def next(self, place: Sequence[str], text: str) -> str:
        """The id of a statement at this place."""
        key = (*place, matching_form(text))
        occurrence = self._seen.get(key, 0)
        self._seen[key] = occurrence + 1
        return statement_id(place, text, occurrence)


@dataclass(frozen=True, slots=True)
class Placed:
    """A statement and where it stands. `kind`: statement, example, facet, responsibility, metric."""

    owner: str
    area: str
    competency: str
    kind: str
    id: str
    line: int
    text: str

    @property
    def place(self) -> tuple[str, str, str]:
        """Level or role, competency and kind: the frame in which likeness counts."""
        return (self.owner, self.competency, self.kind)


@dataclass(frozen=True, slots=True)
class Match:
    """What became of each statement. Pairs are (old, new)."""

    kept: tuple[tuple[Placed, Placed], ...]
    changed: tuple[tuple[Placed, Placed], ...]
    added: tuple[Placed, ...]
    removed: tuple[Placed, ...]


def placed(ladder: Ladder) -> tuple[Placed, ...]:
    """Every statement of a ladder with its place, in document order of its owners."""
    rows: list[Placed] = []

    def take(owner: str, c: Competency, kind: str, statements: Sequence[Statement]) -> None:
        rows.extend(Placed(owner, c.area, c.name, kind, s.id, s.line, s.text) for s in statements)

    for level in ladder.levels:
        for facet in level.facets:
            rows += [
                Placed(level.key, "", facet.name, "facet", s.id, s.line, s.text)
                for s in facet.statements
            ]
        for competency in level.competencies:
            take(level.key, competency, "statement", competency.statements)
            take(level.key, competency, "example", competency.examples)
    for mixin in ladder.mixins:
        for competency in mixin.competencies:
            take(mixin.key, competency, "statement", competency.statements)
            take(mixin.key, competency, "example", competency.examples)
    for profile in ladder.profiles:
        rows += [
            Placed(profile.key, "", "", "responsibility", s.id, s.line, s.text)
            for s in profile.responsibilities
        ]
        rows += [
            Placed(profile.key, "", "", "metric", m.id, m.line, m.text)
            for m in profile.success_metrics
        ]
    for group in ladder.kpi_groups:
        rows += [
            Placed("", "", group.name, "metric", m.id, m.line, f"{m.name}: {m.text}")
            for m in group.metrics
        ]
    return tuple(rows)


def match(old: Sequence[Placed], new: Sequence[Placed]) -> Match:
    """Pair the statements of two readings of one document."""
    before, after = list(old), list(new)
    kept = _exact(before, after, lambda row: (*row.place, matching_form(row.text)))
    changed = _exact(before, after, lambda row: (row.kind, matching_form(row.text)))
    kept, respelled = _split(kept)
    changed += respelled + _alike(before, after)
    return Match(tuple(kept), tuple(changed), tuple(after), tuple(before))


def _exact(
    before: list[Placed], after: list[Placed], key: Callable[[Placed], object]
) -> list[tuple[Placed, Placed]]:
    waiting: dict[object, list[Placed]] = {}
    for row in before:
        waiting.setdefault(key(row), []).append(row)
    pairs: list[tuple[Placed, Placed]] = []
    for row in list(after):
        if rows := waiting.get(key(row)):
            pairs.append((rows.pop(0), row))
            after.remove(row)
    gone = {id(pair[0]) for pair in pairs}
    before[:] = [row for row in before if id(row) not in gone]
    return pairs


def _split(
    pairs: list[tuple[Placed, Placed]],
) -> tuple[list[tuple[Placed, Placed]], list[tuple[Placed, Placed]]]:
    """Same but for case or invisible characters is a change of spelling, so a change."""
    same = [pair for pair in pairs if pair[0].text == pair[1].text]
    return same, [pair for pair in pairs if pair[0].text != pair[1].text]


def _alike(before: list[Placed], after: list[Placed]) -> list[tuple[Placed, Placed]]:
    scored: list[tuple[float, int, int]] = []
    for i, was in enumerate(before):
        for j, now in enumerate(after):
            if was.place != now.place:
                continue
            measure = SequenceMatcher(None, was.text, now.text, autojunk=False)
            if (
                measure.real_quick_ratio() >= LIKE
                and measure.quick_ratio() >= LIKE
                and (score := measure.ratio()) >= LIKE
            ):
                scored.append((-score, i, j))
    pairs: list[tuple[Placed, Placed]] = []
    used_old: set[int] = set()
    used_new: set[int] = set()
    for _, i, j in sorted(scored):
        if i not in used_old and j not in used_new:
            used_old.add(i)
            used_new.add(j)
            pairs.append((before[i], after[j]))
    before[:] = [row for i, row in enumerate(before) if i not in used_old]
    after[:] = [row for j, row in enumerate(after) if j not in used_new]
    return pairs


def with_kept_ids(ladder: Ladder, found: Match) -> Ladder:
    """The new ladder in which every kept or changed statement has its old id."""
    known = {new.id: old.id for old, new in (*found.kept, *found.changed)}
    taken = set(known.values())
    for row in found.added:
        # An added sentence may hash to an id that an edited one still carries.
        known[row.id] = row.id if row.id not in taken else statement_id((row.id,), row.text, 1)
    return _renamed(ladder, known)


def _renamed(ladder: Ladder, ids: Mapping[str, str]) -> Ladder:
    def these(rows: tuple[Statement, ...]) -> tuple[Statement, ...]:
        return tuple(replace(row, id=ids.get(row.id, row.id)) for row in rows)

    def measured(rows: tuple[Metric, ...]) -> tuple[Metric, ...]:
        return tuple(replace(row, id=ids.get(row.id, row.id)) for row in rows)

    def inside(rows: tuple[Competency, ...]) -> tuple[Competency, ...]:
        return tuple(
            replace(row, statements=these(row.statements), examples=these(row.examples))
            for row in rows
        )

    return replace(
        ladder,
        levels=tuple(
            replace(
                level,
                competencies=inside(level.competencies),
                facets=tuple(replace(f, statements=these(f.statements)) for f in level.facets),
            )
            for level in ladder.levels
        ),
        mixins=tuple(replace(m, competencies=inside(m.competencies)) for m in ladder.mixins),
        profiles=tuple(
            replace(
                profile,
                responsibilities=these(profile.responsibilities),
                success_metrics=measured(profile.success_metrics),
            )
            for profile in ladder.profiles
        ),
        kpi_groups=tuple(replace(g, metrics=measured(g.metrics)) for g in ladder.kpi_groups),
    )
