"""Account for every line: what a reader claimed, and notes for all that it did not.

Coverage is the promise that nothing of a document is dropped silently.
"""

from __future__ import annotations

from apps.ladders.rules.content import Coverage, Note
from apps.ladders.rules.outline import Block, Outline, Section, label_of


class Claims:
    """The lines that parts of a ladder hold, collected while a document is read."""

    def __init__(self) -> None:
        self.lines: set[int] = set()
        self.nested: list[int] = []

    def block(self, block: Block) -> None:
        """A block belongs to a part."""
        self.lines.update(range(block.line, block.end + 1))

    def section(self, section: Section) -> None:
        """A heading names a part."""
        self.lines.update(range(section.line, section.end + 1))

    def line(self, number: int) -> None:
        """One line belongs to a part."""
        self.lines.add(number)


def notes_of(root: Section, outline: Outline, claims: Claims, *, labels: bool) -> tuple[Note, ...]:
    """A note for every block and line that nothing claims, in source order.

    `labels`: a bold label at the start of a paragraph names the list that follows it, and becomes
    part of the path of its items.
    """
    notes: list[Note] = []
    held = claims.lines | outline.markers
    for section in (root, *root.walk()):
        if not held.issuperset(range(section.line, section.end + 1)) and section is not root:
            notes.append(Note(section.line, section.end, "heading", section.title, section.path))
        path = section.path
        for block in section.blocks:
            if block.kind == "paragraph" and labels:
                label = label_of(block)
                path = (*section.path, label) if label else section.path
            if block.kind == "rule" or block.line in held:
                continue
            where = path if block.kind == "item" else section.path
            for first, last, text in _pieces(block, held):
                notes.append(Note(first, last, block.kind, text, where))
    noted = {n for note in notes for n in range(note.line, note.end_line + 1)}
    rules = {block.line for block in outline.blocks if block.kind == "rule"}
    for number, line in enumerate(outline.lines, 1):
        if line.strip() and number not in held | noted | rules:
            notes.append(Note(number, number, "line", line.strip()))
    return tuple(sorted(notes, key=lambda note: note.line))


def _pieces(block: Block, held: set[int] | frozenset[int]) -> list[tuple[int, int, str]]:
    if any(line in held for line, _ in block.lines):
        return [(line, line, text) for line, text in block.lines if line not in held]
    return [(block.line, block.end, block.text)]


def coverage_of(outline: Outline, claims: Claims, notes: tuple[Note, ...]) -> Coverage:
    """Non-blank lines that a part, a note or pure markup accounts for, of all non-blank lines."""
    held = claims.lines | outline.markers
    held |= {block.line for block in outline.blocks if block.kind == "rule"}
    for note in notes:
        held |= set(range(note.line, note.end_line + 1))
    written = {n for n, line in enumerate(outline.lines, 1) if line.strip()}
    return Coverage(len(written & held), len(written))
