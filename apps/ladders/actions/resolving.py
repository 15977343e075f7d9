"""Closing references once the level they name is here: a parent file, or "same as (L3, Testing)".

A published version points only at what colleagues can read; a draft may point at a draft. What is
closed stays closed: a new version of a parent does not move the ground under those who build on
the old one. Two levels that both fit close nothing: nothing is guessed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import QuerySet

from apps.ladders.models import Competency, LadderVersion, Level, Reference
from apps.ladders.rules import matching_form
from apps.ladders.rules.names import key_of
from apps.ladders.states import CompetencyKind, ReferenceKind, ReferenceStatus, VersionState

CLOSES = (ReferenceKind.INHERITS, ReferenceKind.SAME_AS, ReferenceKind.EQUIVALENT)


@dataclass(frozen=True)
class _Place:
    """A level that may be meant, with the names of its file, its ladder and its competencies."""

    level: Level
    files: frozenset[str]
    competencies: dict[str, int]


def resolve_references(new: Iterable[LadderVersion] = ()) -> int:
    """Close every waiting reference that now has one answer. Result: how many. 4 queries and one each.

    `new` are drafts just made: among themselves they may point at each other.
    """
    drafts = {version.pk for version in new}
    waiting = list(
        Reference.objects.filter(kind__in=CLOSES, status=ReferenceStatus.UNRESOLVED)
        .exclude(version__state=VersionState.RETIRED)
        .select_related("version")
    )
    if not waiting:
        return 0
    places = _places(drafts)
    closed = 0
    for reference in waiting:
        draft = reference.version.state == VersionState.DRAFT
        near = [p for p in places if p.level.version_id != reference.version_id]
        found = _answers(reference, [p for p in near if p.level.version.state == "published"])
        if not found and draft:
            found = _answers(reference, [p for p in near if p.level.version.state == "draft"])
        if len(found) == 1:
            place, competency = found[0]
            reference.target_level = place.level
            reference.target_competency_id = competency
            reference.status = ReferenceStatus.RESOLVED
            reference.save(update_fields=["target_level", "target_competency", "status"])
            closed += 1
    return closed


def reopen_references(references: QuerySet[Reference]) -> None:
    """These point at something that is not there for their readers (any more); they wait again."""
    references.filter(kind__in=CLOSES).update(
        status=ReferenceStatus.UNRESOLVED, target_level=None, target_competency=None
    )


def _places(drafts: set[int]) -> list[_Place]:
    levels = list(
        Level.objects.exclude(version__state=VersionState.RETIRED)
        .select_related("version__ladder")
        .prefetch_related("version__sources")
    )
    named: dict[int, dict[str, int]] = defaultdict(dict)
    rows = Competency.objects.filter(
        kind=CompetencyKind.COMPETENCY, version__in={level.version_id for level in levels}
    ).values_list("version_id", "name", "pk")
    for version_id, name, pk in rows:
        named[version_id][matching_form(name)] = pk
    newest: dict[int, int] = {}
    for level in levels:
        if level.version.state == VersionState.DRAFT:
            ladder = level.version.ladder_id
            newest[ladder] = max(newest.get(ladder, 0), level.version.number)
    return [
        _Place(
            level,
            frozenset(
                {source.name.rpartition("/")[2] for source in level.version.sources.all()}
                | {level.version.ladder.key}
            ),
            named[level.version_id],
        )
        for level in levels
        if level.version.state == VersionState.PUBLISHED
        or level.version.number == newest[level.version.ladder_id]
        or level.version_id in drafts
    ]


def _answers(reference: Reference, places: list[_Place]) -> list[tuple[_Place, int | None]]:
    if reference.kind == ReferenceKind.INHERITS:
        return [(place, None) for place in places if _is_file(reference.target, place, places)]
    name, _, competency = reference.target.partition(", ")
    found: list[tuple[_Place, int | None]] = []
    for place in places:
        if not _is_named(name, place.level):
            continue
        if not competency:
            found.append((place, None))
        elif (pk := place.competencies.get(matching_form(competency))) is not None:
            found.append((place, pk))
    return found


def _is_file(target: str, place: _Place, places: list[_Place]) -> bool:
    """The file's last name, or its words as the title of a ladder; an anchor names the level."""
    path, _, anchor = target.partition("#")
    base = path.rpartition("/")[2]
    if base not in place.files and key_of(base.rpartition(".")[0]) not in place.files:
        return False
    siblings = [p for p in places if p.level.version_id == place.level.version_id]
    return len(siblings) == 1 or (bool(anchor) and key_of(anchor) == place.level.key)


def _is_named(name: str, level: Level) -> bool:
    wanted = matching_form(name)
    names = [level.title, *level.aliases]
    if level.code:
        names += [level.code, *(f"{level.code} {title}" for title in names)]
    return wanted in {matching_form(each) for each in names}
