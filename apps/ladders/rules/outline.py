"""Turn Markdown into blocks and sections that remember their source lines.

Decided here: what is a heading, a bullet, a paragraph, and what belongs under what. The parser is
markdown-it-py, a CommonMark parser that gives line numbers (with PyYAML and pydantic a written
exception to "rules import only the standard library"). Texts stay as they are written: emphasis
and links inside a bullet are kept, only runs of spaces become one. Not decided here: what a
section means.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from markdown_it import MarkdownIt
from markdown_it.token import Token

_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})")
_DETAILS = re.compile(
    r"^\s*(?:</?(?:details|summary)\b[^>]*>|<summary\b[^>]*>.*</summary>)+\s*$", re.IGNORECASE
)
_SUMMARY = re.compile(r"^\s*(<details\b[^>]*>)?\s*<summary\b[^>]*>.*</summary>\s*$", re.IGNORECASE)
_ANCHOR = re.compile(r"""^\s*<a\s+(?:id|name)\s*=\s*["']([^"']+)["']\s*(?:/>|>\s*</a>)\s*$""")
PSEUDO = re.compile(
    r"^(?:\*\*|__)(?![_*])(?P<name>[^*]+?)(?:\*\*|__):?"
    r"(?:\s+(?:_(?P<one>[^_].*)_|\*(?P<two>[^*].*)\*))?$"
)
LABEL = re.compile(
    r"^(?:\*\*|__)(?:(?P<a>[^*]+?)(?:\*\*|__)\s*:|(?P<b>[^*]+?):(?:\*\*|__))\s*(?P<rest>.*)$"
)
_SPACES = re.compile(r"[ \t\n]+")


@dataclass(frozen=True)
class Block:
    """One piece of a document: heading, paragraph, item, quote, code, html or rule."""

    kind: str
    line: int
    end: int
    text: str = ""
    depth: int = 0
    lines: tuple[tuple[int, str], ...] = ()


@dataclass
class Section:
    """A heading and what stands below it. `pseudo`: the heading is a bold line."""

    title: str
    depth: float
    line: int
    end: int
    anchor: str = ""
    pseudo: bool = False
    definition: str = ""
    parent: Section | None = None
    blocks: list[Block] = field(default_factory=list)
    children: list[Section] = field(default_factory=list)

    def walk(self) -> Iterator[Section]:
        """Every section below this one, in document order."""
        for child in self.children:
            yield child
            yield from child.walk()

    @property
    def items(self) -> list[Block]:
        """The bullets that stand directly below this heading."""
        return [block for block in self.blocks if block.kind == "item"]

    @property
    def path(self) -> tuple[str, ...]:
        """Headings above this section and its own, the document's title left out."""
        return (*(self.parent.path if self.parent else ()), self.title) if self.depth > 1 else ()


@dataclass(frozen=True)
class Outline:
    """A document taken apart. `markers` are lines of pure markup; `details` are folded ranges;
    `front_matter` is the last line of a YAML head, which is kept as notes."""

    lines: tuple[str, ...]
    blocks: tuple[Block, ...]
    anchors: dict[str, int]
    markers: frozenset[int]
    details: tuple[tuple[int, int], ...]
    front_matter: int = 0

    def folded(self, line: int) -> bool:
        """Does the line stand inside <details>?"""
        return any(first <= line <= last for first, last in self.details)


def one_line(text: str) -> str:
    """The text with every run of spaces, tabs and line breaks as one space."""
    return _SPACES.sub(" ", text).strip(" \t\n")


def label_of(block: Block) -> str:
    """The label that the last line of a paragraph opens: "**Checks**:" gives "Checks"."""
    found = LABEL.match(block.lines[-1][1]) if block.lines else None
    return (found["a"] or found["b"]).strip() if found else ""


def outline_of(lines: Sequence[str]) -> Outline:
    """Parse Markdown lines. Pure markup lines are blanked first, so that what <details> folds
    is parsed as Markdown even with no blank line around it."""
    kept: list[str] = []
    anchors: dict[str, int] = {}
    markers: set[int] = set()
    details: list[tuple[int, int]] = []
    open_details: list[int] = []
    fence = ""
    front = _front_matter(lines)
    for number, line in enumerate(lines, 1):
        if number <= front:
            kept.append("")
            continue
        opened = _FENCE.match(line)
        if opened and not fence:
            fence = opened[1]
        elif fence and opened and line.strip().startswith(fence) and not line.strip(" `~"):
            fence = ""
        elif not fence and (anchor := _ANCHOR.match(line)):
            anchors.setdefault(anchor[1], number)
            markers.add(number)
            kept.append("")
            continue
        elif not fence and (_DETAILS.match(line) or _SUMMARY.match(line)):
            markers.add(number)
            kept.append("")
            if re.search(r"<details\b", line, re.IGNORECASE):
                open_details.append(number)
            if re.search(r"</details\b", line, re.IGNORECASE) and open_details:
                details.append((open_details.pop(), number))
            continue
        kept.append(line)
    details += [(first, len(lines)) for first in open_details]
    blocks = tuple(_blocks(MarkdownIt("commonmark").parse("\n".join(kept)), kept))
    return Outline(tuple(lines), blocks, anchors, frozenset(markers), tuple(details), front)


def _front_matter(lines: Sequence[str]) -> int:
    """The last line of a YAML head between two `---` lines with text after it, or 0."""
    if not lines or lines[0].rstrip() != "---":
        return 0
    for number, line in enumerate(lines[1:60], 2):
        if line.rstrip() in ("---", "..."):
            return number if any(rest.strip() for rest in lines[number:]) else 0
        if line.startswith("#"):
            return 0
    return 0


def _blocks(tokens: list[Token], lines: Sequence[str]) -> list[Block]:
    found: list[Block | None] = []
    open_items: list[tuple[int, int, int, list[str]]] = []
    quotes = 0
    for number, token in enumerate(tokens):
        first, last = token.map or (0, 0)
        while last > first + 1 and not lines[last - 1].strip():
            last -= 1
        if token.type == "list_item_open":
            open_items.append((len(found), first + 1, first + 1, []))
            found.append(None)
        elif token.type == "list_item_close":
            place, start, end, parts = open_items.pop()
            found[place] = Block("item", start, end, one_line(" ".join(parts)), len(open_items) + 1)
        elif token.type in ("blockquote_open", "blockquote_close"):
            quotes += 1 if token.type.endswith("open") else -1
        elif token.type == "inline":
            if open_items:
                place, start, end, parts = open_items[-1]
                open_items[-1] = (place, start, max(end, last), [*parts, token.content])
                continue
            opener = tokens[number - 1]
            if opener.type == "heading_open":
                end = (opener.map or (0, last))[1]
                text = one_line(token.content)
                found.append(Block("heading", first + 1, end, text, int(opener.tag[1])))
            else:
                pieces = tuple(
                    (first + 1 + offset, one_line(piece))
                    for offset, piece in enumerate(token.content.split("\n"))
                )
                kind = "quote" if quotes else "paragraph"
                found.append(Block(kind, first + 1, last, one_line(token.content), lines=pieces))
        elif token.type in ("fence", "code_block", "html_block"):
            kind = "html" if token.type == "html_block" else "code"
            if open_items:
                place, start, end, parts = open_items[-1]
                open_items[-1] = (place, start, max(end, last), [*parts, token.content])
            else:
                found.append(Block(kind, first + 1, last, token.content.rstrip("\n")))
        elif token.type == "hr":
            found.append(Block("rule", first + 1, first + 1))
    return [block for block in found if block is not None]


def sections_of(outline: Outline, *, pseudo: bool) -> Section:
    """The tree of sections below an unnamed root. `pseudo`: a bold line above a list is a heading."""
    root = Section("", 0, 0, 0)
    current = root
    anchors = sorted((line, name) for name, line in outline.anchors.items())
    blocks = outline.blocks
    for number, block in enumerate(blocks):
        following = blocks[number + 1].kind if number + 1 < len(blocks) else ""
        named = None
        if pseudo and block.kind == "paragraph" and following == "item":
            named = PSEUDO.match(block.text)
        if block.kind == "heading":
            section = Section(block.text, float(block.depth), block.line, block.end)
            before = [(line, name) for line, name in anchors if line < block.line]
            if before and _touches(outline, before[-1][0], block.line):
                section.anchor = before[-1][1]
        elif named:
            section = Section(
                one_line(named["name"]).rstrip(":"), 7.0, block.line, block.end, pseudo=True
            )
            section.definition = one_line(named["one"] or named["two"] or "")
        else:
            current.blocks.append(block)
            continue
        parent = current
        while parent.depth >= section.depth and parent.parent is not None:
            parent = parent.parent
        section.parent = parent
        parent.children.append(section)
        current = section
    return root


def _touches(outline: Outline, anchor: int, heading: int) -> bool:
    return all(
        not outline.lines[line - 1].strip() or line in outline.markers
        for line in range(anchor + 1, heading)
    )
