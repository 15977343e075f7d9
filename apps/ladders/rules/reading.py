"""Read one document from bytes to an exact ladder: decode, repair, detect, read, account.

Decided here: the order of those steps, and that a document is read wholly or refused. Nothing is
stored and nothing is fetched. The same bytes, profile and known files always give the same reading.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from apps.ladders.rules import canonical
from apps.ladders.rules.claims import Claims, coverage_of, notes_of
from apps.ladders.rules.content import (
    Coverage,
    Index,
    Ladder,
    Reading,
    Target,
)
from apps.ladders.rules.ladder_file import read_ladder_file
from apps.ladders.rules.level_page import read_level_page
from apps.ladders.rules.licence import licence_of
from apps.ladders.rules.links import links_of
from apps.ladders.rules.names import matching_form
from apps.ladders.rules.outline import Outline, Section, outline_of, sections_of
from apps.ladders.rules.profile import ReadingProfile, with_profile
from apps.ladders.rules.references import with_references
from apps.ladders.rules.role_profiles import read_role_profiles, target_warnings
from apps.ladders.rules.shapes import (
    AREA_PAGE,
    CANONICAL,
    LADDER_FILE,
    LEVEL_PAGE,
    PROFILES,
    shape_of,
)
from apps.ladders.rules.source import Source, source_of


def read(
    data: bytes,
    *,
    name: str = "document",
    profile: ReadingProfile | None = None,
    known_files: Iterable[str] = (),
) -> Reading:
    """Read one document.

    `profile` says what the text cannot; `known_files` are addresses of ladder files that are
    already here, so that links and parents resolve. Raises Refused naming file and line.
    """
    wishes = profile or ReadingProfile()
    source = source_of(data, name=name)
    outline = outline_of(source.lines)
    detected = shape_of(source.text, outline)
    shape = wishes.reader or detected.code
    why = "The profile names the reader." if wishes.reader else detected.why
    if shape == CANONICAL:
        return _canonical(source, wishes, why)
    if shape not in (LEVEL_PAGE, AREA_PAGE, LADDER_FILE, PROFILES):
        return _unrecognised(source, outline, why)
    tree = sections_of(outline, pseudo=shape in (LEVEL_PAGE, AREA_PAGE))
    _leave_out(tree, wishes)
    if not tree.children:
        return _unrecognised(source, outline, "It has no headings.")
    claims, index, warnings = Claims(), Index(), list[str]()
    targets: tuple[tuple[int, Target], ...] = ()
    if shape == LADDER_FILE:
        ladder, index, found = read_ladder_file(tree, outline, claims, title=wishes.title)
        warnings += found
    elif shape == PROFILES:
        ladder, targets = read_role_profiles(tree, claims, title=wishes.title)
    else:
        licence = licence_of(tree, claims)
        ladder = read_level_page(tree, outline, claims, title=wishes.title)
        ladder = replace(ladder, licence=licence)
    if shape != PROFILES and not ladder.levels:
        return _unrecognised(source, outline, "No level was found in it.")
    known = tuple(known_files)
    ladder, found = with_references(ladder, outline, known)
    warnings += found
    notes = notes_of(tree, outline, claims, labels=shape == PROFILES)
    ladder = replace(ladder, notes=notes, links=links_of(outline, known_files=known))
    ladder, found = with_profile(ladder, wishes)
    warnings += [*found, *_link_warnings(ladder), *target_warnings(targets, notes)]
    warnings += _twice(ladder)
    if claims.nested:
        rows = ", ".join(map(str, claims.nested[:10]))
        warnings.append(f"Nested bullets became statements of their own (lines {rows}).")
    return Reading(
        kind="role_profiles" if shape == PROFILES else "ladder",
        shape=shape,
        why=why,
        ladder=ladder,
        sha256=source.sha256,
        text=source.text,
        repairs=source.repairs,
        coverage=coverage_of(outline, claims, notes),
        warnings=tuple(warnings),
        index=index,
    )


def _link_warnings(ladder: Ladder) -> list[str]:
    parents = {parent for level in ladder.levels for parent in level.parents}
    sentences = {
        "malformed": "Line {0.line}: the link “{0.text}” has no valid target; its text is kept.",
        "missing": "Line {0.line}: the link “{0.text}” leads to {0.target}, which is not here.",
    }
    return [
        sentences[link.status].format(link)
        for link in ladder.links
        if link.status in sentences and link.target not in parents
    ]


def _twice(ladder: Ladder) -> list[str]:
    found: list[str] = []
    for level in ladder.levels:
        names = Counter((c.area, matching_form(c.name)) for c in level.competencies)
        found += [
            f"“{level.title}” has the competency “{name}” {number} times; each counts by itself."
            for (_, name), number in names.items()
            if number > 1
        ]
    return found


def _leave_out(tree: Section, wishes: ReadingProfile) -> None:
    """Take what the profile ignores out of the tree; its lines end as notes."""
    for section in (tree, *list(tree.walk())):
        section.children = [c for c in section.children if not wishes.ignores(c.title)]
        section.blocks = [b for b in section.blocks if not wishes.ignores(b.text)]


def _canonical(source: Source, wishes: ReadingProfile, why: str) -> Reading:
    ladder = canonical.load(source.text, name=source.name)
    ladder, warnings = with_profile(ladder, wishes)
    written = sum(bool(line.strip()) for line in source.lines)
    kind = "role_profiles" if ladder.profiles and not ladder.levels else "ladder"
    return Reading(
        kind=kind,
        shape=CANONICAL,
        why=why,
        ladder=ladder,
        sha256=source.sha256,
        text=source.text,
        repairs=source.repairs,
        coverage=Coverage(written, written),
        warnings=warnings,
    )


def _unrecognised(source: Source, outline: Outline, why: str) -> Reading:
    claims = Claims()
    notes = notes_of(sections_of(outline, pseudo=False), outline, claims, labels=False)
    return Reading(
        kind="unrecognised",
        shape="",
        why=why,
        ladder=Ladder(title="", notes=notes, links=links_of(outline)),
        sha256=source.sha256,
        text=source.text,
        repairs=source.repairs,
        coverage=coverage_of(outline, claims, notes),
        warnings=(why,),
    )
