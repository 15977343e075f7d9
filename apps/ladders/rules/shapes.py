"""Detect the shape of a document from its structure, never from its name or its company.

A level page with a heading per competency; B level page with areas and bold competencies; C ladder
file with levels, tracks and mixins; P role profiles and targets; canonical. Below confidence the
answer is "unrecognised" with a sentence, and the import stops at the preview.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from apps.ladders.rules.ladder_file import levels_and_mixins, units_of
from apps.ladders.rules.level_page import holds_statements
from apps.ladders.rules.names import names_level, names_role, plain
from apps.ladders.rules.outline import Outline, Section, sections_of
from apps.ladders.rules.role_profiles import is_profile

CANONICAL, LEVEL_PAGE, AREA_PAGE, LADDER_FILE, PROFILES = "canonical", "A", "B", "C", "P"
UNKNOWN = ""
NAMES = {
    CANONICAL: "ladder file of this application",
    LEVEL_PAGE: "page of one level, a heading per competency",
    AREA_PAGE: "page of one level with areas",
    LADDER_FILE: "ladder with levels in tracks",
    PROFILES: "role profiles and targets",
}
_CANONICAL = re.compile(r"\A(?:\s|#[^\n]*\n|---\s*\n)*[\"']?format[\"']?\s*:\s*[\"']?ladder/")


@dataclass(frozen=True, slots=True)
class Shape:
    """The detected reader, or none, and the sentence that says why."""

    code: str
    why: str


def shape_of(text: str, outline: Outline) -> Shape:
    """The shape of the document, with a sentence for the person who imports it."""
    if _CANONICAL.match(text):
        return Shape(CANONICAL, "It begins with “format: ladder/1”.")
    if not text.strip():
        return Shape(UNKNOWN, "The document is empty.")
    if not outline.front_matter and (text.lstrip().startswith(("{", "---\n")) or _yaml_like(text)):
        return Shape(UNKNOWN, "It looks like data in a format of its own, with no ladder/1 header.")
    plain_tree = sections_of(outline, pseudo=False)
    if not plain_tree.children:
        return Shape(UNKNOWN, "It has no headings, so no level can be told from a competency.")
    profiles = sum(is_profile(section) for section in plain_tree.walk())
    if profiles:
        return Shape(PROFILES, f"{profiles} sections list responsibilities and success metrics.")
    units = units_of(plain_tree)
    levels, _ = levels_and_mixins(units, {}) if units.sections else ([], [])
    named = [section for section in levels if names_level(section.title)]
    if len(named) > 1:
        return Shape(
            LADDER_FILE, f"{len(named)} levels repeat the headings {_some(sorted(units.facets))}."
        )
    if units.sections and _leveled_inside(plain_tree):
        return Shape(
            UNKNOWN,
            "Levels stand below competencies here; this order is not read yet. Turn it round: "
            "a heading per level, below it a heading per competency.",
        )
    return _page_shape(outline)


def _page_shape(outline: Outline) -> Shape:
    tree = sections_of(outline, pseudo=True)
    head = tree.children[0]
    leaves = [s for s in tree.walk() if holds_statements(s) and s is not head]
    bullets = sum(len(section.items) for section in leaves)
    title = plain(head.title)
    if not (names_level(title) or names_role(title)):
        return Shape(UNKNOWN, f"The first heading, “{title}”, names no level and no role.")
    if not leaves or bullets < 2:
        return Shape(UNKNOWN, f"Below “{title}” no heading has a list of expectations.")
    code = [block for block in outline.blocks if block.kind == "code"]
    prose = [b for b in outline.blocks if b.kind == "paragraph" and not outline.folded(b.line)]
    if code or len(prose) > 2 * bullets + 4:
        return Shape(
            UNKNOWN,
            f"“{title}” is mostly text or code, with too few lists of expectations to be a level.",
        )
    if not names_level(title) and len(leaves) < 2:
        return Shape(UNKNOWN, f"“{title}” has one list only; nothing says that it is a level.")
    grouped = [s for s in leaves if s.pseudo and s.parent is not None and s.parent is not head]
    if len(grouped) > 1:
        return Shape(AREA_PAGE, f"“{title}” has areas with {len(grouped)} bold competencies.")
    return Shape(LEVEL_PAGE, f"“{title}” has {len(leaves)} headings with lists of expectations.")


def _leveled_inside(tree: Section) -> bool:
    units = units_of(tree)
    inner = [child for unit in units.sections for child in unit.children]
    return bool(inner) and sum(names_level(c.title) for c in inner) * 2 > len(inner)


def _yaml_like(text: str) -> bool:
    lines = [line for line in text.splitlines() if line.strip()]
    keys = sum(bool(re.match(r"\s*(?:- )?[\"']?[\w-]+[\"']?:(\s|$)", line)) for line in lines)
    headings = sum(bool(re.match(r"#{1,6} |={3,}\s*$", line)) for line in lines)
    return keys * 2 > len(lines) and headings < 2


def _some(names: list[str]) -> str:
    shown = ", ".join(f"“{name}”" for name in names[:3])
    return shown if len(names) < 4 else f"{shown} and {len(names) - 3} more"
