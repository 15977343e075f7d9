"""Find where a ladder points beyond itself: same as, equivalent to, inherits from, includes.

A reference that cannot be resolved is kept as such and shown; it is no error. Decided here: which
sentences are references, from their words and from the names in the document itself.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

from apps.ladders.rules.content import Competency, Ladder, Level, Reference, Statement
from apps.ladders.rules.links import LINK
from apps.ladders.rules.names import matching_form
from apps.ladders.rules.outline import Outline, one_line

_CODE = r"(?:IC|TL|EM|[A-Z])-?\d{1,2}"
_EQUIVALENT = re.compile(
    rf"\b(?:equivalent (?:to|of)|equals|corresponds to|comparable (?:to|with))\s+"
    rf"(?:an?\s+|the\s+)?(?P<code>{_CODE})?\s*(?P<title>[A-Z][\w/&-]*(?:\s+[A-Z][\w/&-]*)*)?",
    re.IGNORECASE,
)
_CODED = re.compile(rf"\b(?P<code>{_CODE})\b")
_INHERITS = re.compile(
    r"\b(also (?:be )?expected|expected to (?:also )?(?:fill|meet|satisfy|fulfil)|inherits?|"
    r"builds? (?:up)?on|in addition to|on top of|everything (?:in|from|that|expected)|"
    r"all (?:of )?(?:the )?expectations|extends?|plus (?:all|everything)|related ones|as well as)\b",
    re.IGNORECASE,
)
_EVERYTHING = re.compile(r"\b(everything|all (?:that|of|the)|whatever)\b", re.IGNORECASE)
_FILE = re.compile(r"^[^#\s:]+\.(?:md|markdown|txt|html?|ya?ml)(?:#\S*)?$", re.IGNORECASE)


def with_references(
    ladder: Ladder, outline: Outline, known_files: Iterable[str] = ()
) -> tuple[Ladder, tuple[str, ...]]:
    """The ladder with its references and each level's parents, and a warning per missing parent."""
    found: list[Reference] = []
    levels: list[Level] = []
    warnings: list[str] = []
    known = {name.removeprefix("./") for name in known_files}
    for level in ladder.levels:
        parents: list[str] = []
        for line, sentence, target in _parent_links(level, outline):
            resolved = target.split("#")[0].removeprefix("./") in known
            parents.append(target)
            status = "resolved" if resolved else "unresolved"
            found.append(
                Reference("inherits", line, sentence, status, level.key, target_file=target)
            )
            if not resolved:
                warnings += [
                    f"Line {line}: “{level.title}” takes over the expectations of {target}, which is "
                    "not here yet. They are added as soon as that file is imported."
                ]
        levels.append(replace(level, parents=tuple(dict.fromkeys(parents))))
    for owner, competency, row in _statements(ladder):
        found += _pointing(ladder, owner, competency, row)
    references = tuple(sorted(found, key=lambda each: each.line))
    return replace(ladder, levels=tuple(levels), references=references), tuple(warnings)


def _parent_links(level: Level, outline: Outline) -> list[tuple[int, str, str]]:
    """Links to another ladder file in sentences of the level's prose that speak of taking over."""
    rows: list[tuple[int, str, str]] = []
    for paragraph in (level.summary, *level.body):
        for sentence in re.split(r"(?<=[.!?])\s+(?=[A-Z*_\[])", paragraph):
            for link in LINK.finditer(sentence):
                target = link["target"]
                if _FILE.match(target) and _INHERITS.search(sentence):
                    rows += [(_line_of(link[0], outline, level.line), sentence, target)]
    return rows


def _line_of(text: str, outline: Outline, start: int) -> int:
    for number, line in enumerate(outline.lines[start - 1 :], start):
        if text in line or text in one_line(line):
            return number
    return start


def _statements(ladder: Ladder) -> list[tuple[str, str, Statement]]:
    rows: list[tuple[str, str, Statement]] = []
    for level in ladder.levels:
        rows += [(level.key, f.name, s) for f in level.facets for s in f.statements]
        rows += [(level.key, c.name, s) for c in level.competencies for s in c.statements]
    for mixin in ladder.mixins:
        rows += [(mixin.key, c.name, s) for c in mixin.competencies for s in c.statements]
    return rows


def _pointing(ladder: Ladder, owner: str, competency: str, row: Statement) -> list[Reference]:
    if equivalent := _EQUIVALENT.search(row.text):
        code, title = equivalent["code"] or "", equivalent["title"] or ""
        if code or (title and title[0].isupper()):
            name = f"{code} {title}".strip()
            return [
                Reference("equivalent", row.line, row.text, "unresolved", owner, competency, name)
            ]
    for coded in _CODED.finditer(row.text):
        name = _competency_after(ladder, row.text[coded.end() :])
        if name:
            here = any(coded["code"] == level.code for level in ladder.levels)
            status = "resolved" if here else "unresolved"
            return [
                Reference(
                    "same_as", row.line, row.text, status, owner, competency, coded["code"], name
                )
            ]
    level = next((each for each in ladder.levels if each.key == owner), None)
    other = _included(ladder.levels, level, row.text) if level else None
    if other and (name := _competency_in(other.competencies, row.text, competency)):
        return [
            Reference(
                "includes", row.line, row.text, "resolved", owner, competency, other.key, name
            )
        ]
    return []


def _competency_after(ladder: Ladder, text: str) -> str:
    """The competency of the document that the text names first, right after a level's code."""
    start = matching_form(text)
    names = {c.name for level in ladder.levels for c in level.competencies}
    for name in sorted(names, key=len, reverse=True):
        if start.startswith(matching_form(name)):
            return name
    return ""


def _included(levels: Sequence[Level], level: Level, text: str) -> Level | None:
    """Another level named in the text: by its title, an alias, or a last word that is its own."""
    lasts = Counter(other.title.split()[-1] for other in levels)
    best: tuple[int, Level] | None = None
    for other in levels:
        if other.key == level.key:
            continue
        last = other.title.split()[-1]
        names = [other.title, *other.aliases, other.code]
        if lasts[last] == 1 and len(last) > 3:
            names.append(last)
        for name in filter(None, names):
            there = re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text)
            if there and (best is None or len(name) > best[0]):
                best = (len(name), other)
    return best[1] if best else None


def _competency_in(competencies: Sequence[Competency], text: str, own: str) -> str:
    """The competency the text names; the statement's own where it takes over everything."""
    words = _stems(text)
    for competency in competencies:
        if words & _stems(competency.name):
            return competency.name
    return own if _EVERYTHING.search(text) else ""


def _stems(text: str) -> set[str]:
    return {word.rstrip("s") for word in re.findall(r"[a-z]{4,}", text.lower())}
