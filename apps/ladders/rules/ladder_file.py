"""Read a whole ladder from one file (shape C): levels in tracks, each with the same headings.

Decided here: which sections are levels and which are role mixins, which track a level belongs to
(the index says it; the order of the body is not seniority), how a mixin merges, whether lower
levels cascade up. The repeated headings are the competencies of a level; its `facets` are empty.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace

from apps.ladders.rules.claims import Claims
from apps.ladders.rules.content import (
    Competency,
    Index,
    Ladder,
    Level,
    MergeRule,
    Mixin,
    Track,
)
from apps.ladders.rules.identity import Ids
from apps.ladders.rules.level_page import (
    attributes_of,
    competencies_below,
    competency_of,
    root_prose,
    status_of,
)
from apps.ladders.rules.licence import licence_of
from apps.ladders.rules.links import LINK
from apps.ladders.rules.names import head_name, key_of, matching_form, names_level, plain, slug
from apps.ladders.rules.outline import Outline, Section

_CASCADE = re.compile(
    r"\b(lower|previous|earlier|preceding|below)\b.{0,120}?\b(cascade|carry|inherit|appl(?:y|ies)|includ)"
    r"|\bcascad\w*\b|\bcumulative\b|\bbuilds? (?:up)?on (?:the )?(?:previous|lower)\b",
    re.IGNORECASE,
)
_CHANGES = re.compile(
    r"(?P<what>[^.;:,]*?)\s+(?:should|will|may|must|can|is|are)\s+"
    r"(?:change|changed|replaced|be changed|be replaced)\b"
    r"|\b(?:changes?|replaces?|overrides?|sets?|takes? the place of)\s+(?P<that>[^.;:,]*)",
    re.IGNORECASE,
)
_ROLE_GROUP = re.compile(r"\b(role|mix-?in|speciali[sz]ation|specialt|hat|archetype|focus)", re.I)


@dataclass(frozen=True)
class Units:
    """The sections that carry the repeated headings: levels and mixins, in body order."""

    sections: tuple[Section, ...]
    facets: frozenset[str]


def units_of(root: Section) -> Units:
    """The sibling sections whose sub-headings repeat, and the names of those sub-headings."""
    by_depth: dict[float, list[Section]] = {}
    for section in root.walk():
        by_depth.setdefault(section.depth, []).append(section)
    best = Units((), frozenset())
    score = 0
    for sections in by_depth.values():
        names = Counter(
            name for s in sections for name in {matching_form(plain(c.title)) for c in s.children}
        )
        repeated = frozenset(name for name, count in names.items() if count > 1)
        carriers = [
            s
            for s in sections
            if any(matching_form(plain(c.title)) in repeated and _filled(c) for c in s.children)
            or len({matching_form(plain(c.title)) for c in s.children} & repeated) > 1
        ]
        parents = {id(s.parent) for s in carriers}
        units = tuple(
            s for s in sections if s in carriers or (id(s.parent) in parents and _prose_level(s))
        )
        if len(carriers) > 1 and sum(map(_filled, carriers)) > score:
            best, score = Units(units, repeated), sum(map(_filled, carriers))
    return best


def _filled(section: Section) -> bool:
    return bool(section.items) or any(child.items for child in section.walk())


def _prose_level(section: Section) -> bool:
    return not section.children and not section.items and names_level(section.title)


def levels_and_mixins(units: Units, index: dict[str, str]) -> tuple[list[Section], list[Section]]:
    """Tell levels from role mixins, group by group of siblings.

    A group is one of levels when codes or bands say so, or else when most of its names are words
    of seniority and its heading does not speak of roles.
    """
    levels: list[Section] = []
    mixins: list[Section] = []
    groups: dict[int, list[Section]] = {}
    for section in units.sections:
        groups.setdefault(id(section.parent), []).append(section)
    graded = any(_graded(section) for section in units.sections)
    for group in groups.values():
        parent = group[0].parent.title if group[0].parent else ""
        for section in group:
            # An index that lists a section among roles decides for it alone.
            told = bool(_ROLE_GROUP.search(index.get(section.title, "")))
            marked = section.anchor.startswith(("mixin", "role"))
            if graded:
                level = _graded(section) or not (
                    told or marked or _ROLE_GROUP.search(parent) or not names_level(section.title)
                )
            else:
                most = sum(names_level(s.title) for s in group) * 2 >= len(group)
                level = most and not (told or marked or _ROLE_GROUP.search(parent))
            (levels if level else mixins).append(section)
    return levels, mixins


def _graded(section: Section) -> bool:
    name = head_name(section.title)
    return bool(name.code) or name.band is not None


@dataclass(frozen=True)
class _Entry:
    section: Section
    text: str
    target: str
    line: int


def _index_of(root: Section, units: Units, claims: Claims) -> list[_Entry]:
    """Bullets outside the units that are nothing but a link to an anchor of the document."""
    inside = {id(s) for unit in units.sections for s in (unit, *unit.walk())}
    entries: list[_Entry] = []
    for section in root.walk():
        if id(section) in inside:
            continue
        for block in section.items:
            link = LINK.match(block.text)
            if link and link["target"].startswith("#"):
                claims.block(block)
                claims.section(section)
                entries.append(_Entry(section, link["text"], link["target"][1:], block.line))
    return entries


def read_ladder_file(
    root: Section, outline: Outline, claims: Claims, *, title: str = ""
) -> tuple[Ladder, Index, tuple[str, ...]]:
    """The ladder, how its index agrees with its body, and warnings."""
    units = units_of(root)
    ids = Ids()
    entries = _index_of(root, units, claims)
    by_anchor = {a: s for s in units.sections for a in (s.anchor, slug(s.title)) if a}
    listed = {by_anchor[e.target].title: e.section.title for e in entries if e.target in by_anchor}
    sections, roles = levels_and_mixins(units, listed)
    levels = [_level(section, outline, claims, ids) for section in sections]
    keys = _unique({id(s): level.key for s, level in zip(sections, levels, strict=True)})
    levels = [replace(lv, key=keys[id(s)]) for s, lv in zip(sections, levels, strict=True)]
    notes = _outside_prose(root, units)
    names = _competency_names(levels)
    mixins = [_mixin(s, outline, claims, ids) for s in roles]
    said = _role_prose(
        root, roles, [e.section for e in entries if by_anchor.get(e.target) in roles]
    )
    mixins = [replace(m, merge=merge_rules(said, names, m.competencies)) for m in mixins]
    warnings: list[str] = []
    level_at = {id(s): n for n, s in enumerate(sections)}
    mixin_at = {id(s): n for n, s in enumerate(roles)}
    tracks: dict[str, list[int]] = {}
    lines: dict[str, int] = {}
    matched = 0
    for entry in entries:
        found = by_anchor.get(entry.target)
        if found is None:
            warnings.append(f"Line {entry.line}: the index points at “{entry.target}”, not found.")
            continue
        matched += 1
        shown = head_name(entry.text)
        if (n := level_at.get(id(found))) is not None:
            group = plain(entry.section.title)
            lines.setdefault(group, entry.section.line)
            tracks.setdefault(group, []).append(n)
            if shown.title != levels[n].title and shown.title not in levels[n].aliases:
                aliases = (*levels[n].aliases, shown.title)
                levels[n] = replace(levels[n], aliases=aliases)
            if shown.band is not None and shown.band != levels[n].band:
                warnings.append(
                    f"Line {entry.line}: the index gives band {shown.band} to “{shown.title}”, "
                    f"its heading says {levels[n].band}."
                )
        elif (n := mixin_at.get(id(found))) is not None and shown.title != mixins[n].title:
            mixins[n] = replace(mixins[n], aliases=(*mixins[n].aliases, shown.title))
    if not tracks:
        tracks, lines = _tracks_of_body(root, sections, title)
    elif left := [n for n in range(len(levels)) if not any(n in t for t in tracks.values())]:
        name = next(reversed(tracks))
        tracks[name] += left
        warnings += [
            f"“{levels[n].title}” is not in the index; it was put in “{name}”." for n in left
        ]
    for name, numbers in tracks.items():
        for n in numbers:
            levels[n] = replace(levels[n], track=name)
    warnings += _shared_bands(tracks, levels)
    licence = licence_of(root, claims)
    head = root.children[0]
    ladder_title = title or ("" if head in units.sections else plain(head.title))
    for section in root.walk():
        if section is head or any(child.line in claims.lines for child in section.walk()):
            claims.section(section)
    ladder = Ladder(
        title=ladder_title or "Ladder",
        line=head.line,
        cascade="within_track" if any(_CASCADE.search(note) for note in notes) else "none",
        licence=licence,
        tracks=tuple(
            Track(name, lines[name], tuple(levels[n].key for n in dict.fromkeys(numbers)))
            for name, numbers in tracks.items()
        ),
        levels=tuple(levels),
        mixins=tuple(mixins),
    )
    return ladder, Index(len(entries), matched), tuple(warnings)


def _unique(keys: dict[int, str]) -> dict[int, str]:
    seen: Counter[str] = Counter()
    result: dict[int, str] = {}
    for identity, key in keys.items():
        seen[key] += 1
        result[identity] = key if seen[key] == 1 else f"{key}-{seen[key]}"
    return result


def _parts(
    section: Section, outline: Outline, claims: Claims, ids: Ids, key: str
) -> tuple[tuple[Competency, ...], tuple[str, ...], str]:
    """(competencies, body, status) of a level or a mixin; empty competencies are kept."""
    claims.section(section)
    body: list[str] = []
    status = ""
    for block in root_prose(section):
        claims.block(block)
        status = status_of(block.text) or status
        body.append(block.text)
    found: list[Competency] = []
    for child in section.children:
        if child.items or not child.children:
            found.append(competency_of(child, outline, claims, ids, key))
        elif child.children:
            below, _ = competencies_below(child.children, outline, claims, ids, key)
            claims.section(child)
            found += [replace(c, area=plain(child.title)) for c in below]
    return tuple(found), tuple(body), status


def _level(section: Section, outline: Outline, claims: Claims, ids: Ids) -> Level:
    name = head_name(section.title)
    key = key_of(name.code or name.title)
    attributes = attributes_of(section.items, claims)
    competencies, body, status = _parts(section, outline, claims, ids, key)
    return Level(
        key=key,
        title=name.title,
        line=section.line,
        code=name.code,
        band=name.band,
        icon=name.icon,
        status=status,
        anchor=section.anchor,
        body=body,
        attributes=attributes,
        competencies=competencies,
    )


def _mixin(section: Section, outline: Outline, claims: Claims, ids: Ids) -> Mixin:
    name = head_name(section.title)
    key = key_of(name.title)
    competencies, body, status = _parts(section, outline, claims, ids, f"role {key}")
    return Mixin(
        key=key,
        title=name.title,
        line=section.line,
        status=status,
        anchor=section.anchor,
        body=body,
        competencies=competencies,
    )


def merge_rules(
    notes: list[str], names: list[str], own: tuple[Competency, ...]
) -> tuple[MergeRule, ...]:
    """replace for the competencies of which a note says that they change, add for the rest."""
    changing = {
        word
        for note in notes
        for found in _CHANGES.finditer(note)
        for word in _words(found["what"] or found["that"] or "")
        if "not" not in found[0].lower().split()
    }
    every = list(dict.fromkeys([*names, *(c.name for c in own)]))
    return tuple(
        MergeRule(name, "replace" if changing & set(_words(name)) else "add") for name in every
    )


def _words(name: str) -> list[str]:
    return re.findall(r"[a-z]{4,}", name.lower())


def _competency_names(levels: list[Level]) -> list[str]:
    return list(dict.fromkeys(c.name for level in levels for c in level.competencies))


def _outside_prose(root: Section, units: Units) -> list[str]:
    inside = {id(s) for unit in units.sections for s in (unit, *unit.walk())}
    return [
        block.text
        for section in root.walk()
        if id(section) not in inside
        for block in section.blocks
        if block.kind in ("paragraph", "quote", "item")
    ]


def _role_prose(root: Section, roles: list[Section], listing: list[Section]) -> list[str]:
    """What the document says where it speaks of roles: there, and only there, it says how a role
    merges into a level."""
    speaking = [s for s in root.walk() if _ROLE_GROUP.search(s.title) and s not in roles]
    speaking += listing + [s.parent for s in roles if s.parent is not None]
    return list(dict.fromkeys(b.text for s in speaking for b in root_prose(s)))


def _tracks_of_body(
    root: Section, sections: list[Section], title: str
) -> tuple[dict[str, list[int]], dict[str, int]]:
    tracks: dict[str, list[int]] = {}
    lines: dict[str, int] = {}
    for n, section in enumerate(sections):
        parent = section.parent or root
        name = plain(parent.title) or title or "Levels"
        tracks.setdefault(name, []).append(n)
        lines.setdefault(name, parent.line or section.line)
    for numbers in tracks.values():
        # The order of the body is not seniority where bands or codes tell it.
        ranks = {n: _rank(sections[n]) for n in numbers}
        if None not in ranks.values():
            numbers.sort(key=lambda n: ranks[n] or 0)
    return tracks, lines


def _shared_bands(tracks: dict[str, list[int]], levels: list[Level]) -> list[str]:
    """One track with a band twice is likely two tracks; the document does not say which."""
    found: list[str] = []
    for name, numbers in tracks.items():
        bands = Counter(levels[n].band for n in numbers if levels[n].band is not None)
        found += [
            f"Track “{name}” has {count} levels of band {band}. If they belong to different tracks, "
            "list each track under a heading of its own."
            for band, count in bands.items()
            if count > 1
        ]
    return found


def _rank(section: Section) -> int | None:
    name = head_name(section.title)
    if name.band is not None:
        return name.band
    digits = re.search(r"\d+", name.code)
    return int(digits[0]) if digits else None
