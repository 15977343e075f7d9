"""Read one level from a page of its own (shapes A and B).

A: a heading per competency, bullets below it, examples folded in <details> or under a heading
"Examples", definitions as paragraphs. B: areas as headings, competencies as bold lines. One reader
serves both, because both are the same tree at another depth. Decided here: which section is the
level, a wrapper, an area, a competency, a facet of the level.
"""

from __future__ import annotations

import re

from apps.ladders.rules.claims import Claims
from apps.ladders.rules.content import (
    Area,
    Attribute,
    Competency,
    Facet,
    Ladder,
    Level,
    Statement,
)
from apps.ladders.rules.identity import Ids
from apps.ladders.rules.names import (
    head_name,
    key_of,
    names_examples,
    number_range,
    plain,
    split_icon,
)
from apps.ladders.rules.outline import Block, Outline, Section

ATTRIBUTE = re.compile(
    r"^(?:\*\*(?P<a>[^*]+?):?\*\*|__(?P<b>[^_]+?):?__|(?P<c>[^:*_]{2,60}))"
    r"(?:\s*:|(?<=:\*\*)|(?<=:__)|\s+[–—-](?=\s))\s*(?P<value>\S.*)$"
)
_LEVER = re.compile(
    r"^(?:(?P<plain>[^\W\d_][^–—:*]{1,48}?)\s+[-–—]\s+|\*\*(?P<bold>[^*]+?):?\*\*:?\s*(?:[-–—]\s+)?)"
    r"(?P<text>\S.*)$"
)
_LABEL_LINE = re.compile(r"^(?:\*\*|__|_|\*)?(?P<name>[^*_:]+?):?(?:\*\*|__|_|\*)?:?$")
_STATUS = re.compile(
    r"^\W*(?P<status>forthcoming|coming soon|tbd|tba|to be (?:written|defined|done)|planned|"
    r"work in progress|wip)\W*$",
    re.IGNORECASE,
)


def status_of(text: str) -> str:
    """ "forthcoming" for a line that only announces; empty otherwise."""
    return "forthcoming" if _STATUS.match(text) else ""


def statement(block: Block, ids: Ids, place: tuple[str, ...]) -> Statement:
    """A bullet as a statement."""
    return Statement(ids.next(place, block.text), block.line, block.text)


def competency_of(
    section: Section, outline: Outline, claims: Claims, ids: Ids, owner: str, area: str = ""
) -> Competency:
    """One competency: its definition, statements and examples, all claimed."""
    icon, name = split_icon(plain(section.title))
    name = name.rstrip(":").strip() or section.title
    claims.section(section)
    place = (owner, area, name)
    definition: list[str] = [section.definition] if section.definition else []
    statements: list[Statement] = []
    examples: list[Statement] = []
    under_examples = False
    for number, block in enumerate(section.blocks):
        following = section.blocks[number + 1].kind if number + 1 < len(section.blocks) else ""
        folded = outline.folded(block.line)
        label = _LABEL_LINE.match(block.text) if block.kind == "paragraph" else None
        if label and following == "item" and names_examples(label["name"]):
            under_examples = True
        elif block.kind == "item" and (folded or under_examples):
            examples.append(statement(block, ids, (*place, "example")))
        elif block.kind == "item":
            statements.append(statement(block, ids, place))
            if block.depth > 1:
                claims.nested.append(block.line)
        elif folded and block.kind in ("paragraph", "quote"):
            examples.append(statement(block, ids, (*place, "example")))
        elif block.kind in ("paragraph", "quote") and not statements and not examples:
            definition.append(plain(block.text))
        else:
            continue
        claims.block(block)
    for child in section.children:
        if names_examples(child.title):
            claims.section(child)
            for block in child.items:
                examples.append(statement(block, ids, (*place, "example")))
                claims.block(block)
    return Competency(
        name=name,
        line=section.line,
        area=area,
        icon=icon,
        definition=" ".join(definition),
        statements=tuple(statements),
        examples=tuple(examples),
    )


def holds_statements(section: Section) -> bool:
    """Bullets stand directly below this heading, and it is not a heading of examples."""
    return bool(section.items) and not names_examples(section.title)


def competencies_below(
    sections: list[Section], outline: Outline, claims: Claims, ids: Ids, owner: str
) -> tuple[tuple[Competency, ...], tuple[Area, ...]]:
    """Competencies in document order and the areas that group them.

    A single heading that groups every competency says nothing and is a wrapper; two or more, or
    one that groups bold lines, are areas.
    """
    leaves: list[tuple[Section, Section | None]] = []

    def visit(section: Section, group: Section | None) -> None:
        if names_examples(section.title):
            return
        if holds_statements(section):
            leaves.append((section, group))
        for child in section.children:
            visit(child, section)

    for section in sections:
        visit(section, None)
    groups = {id(group): group for _, group in leaves if group is not None}
    pseudo = any(leaf.pseudo for leaf, group in leaves if group is not None)
    real = len(groups) > 1 or pseudo
    areas: dict[int, Area] = {}
    found: list[Competency] = []
    for leaf, group in leaves:
        name = ""
        if group is not None:
            claims.section(group)
            if real:
                icon, name = split_icon(plain(group.title))
                areas.setdefault(id(group), Area(name, group.line, icon))
        found.append(competency_of(leaf, outline, claims, ids, owner, name))
        above = leaf.parent
        while above is not None and above.depth:
            claims.section(above)
            above = above.parent
    return tuple(found), tuple(areas.values())


def attributes_of(blocks: list[Block], claims: Claims) -> tuple[Attribute, ...]:
    """Labelled bullets directly below a level: planning horizon, scope, and the like."""
    rows = [(block, ATTRIBUTE.match(block.text)) for block in blocks]
    matched = [(block, found) for block, found in rows if found]
    if len(matched) * 3 < len(rows) * 2:
        return ()
    attributes: list[Attribute] = []
    for block, found in matched:
        claims.block(block)
        low, high = number_range(found["value"])
        label = (found["a"] or found["b"] or found["c"]).strip()
        attributes.append(Attribute(label, found["value"], block.line, low, high))
    return tuple(attributes)


def _facet(section: Section, claims: Claims, ids: Ids, owner: str) -> Facet:
    claims.section(section)
    name = section.title
    items = section.items
    levers = [_LEVER.match(block.text) for block in items]
    labelled = len(items) > 1 and all(levers)
    statements: list[Statement] = []
    for block, lever in zip(items, levers, strict=True):
        claims.block(block)
        label, text = "", block.text
        if labelled and lever:
            label, text = (lever["plain"] or lever["bold"]).strip(), lever["text"]
        identity = ids.next((owner, "facet", name, label), text)
        statements.append(Statement(identity, block.line, text, label))
    return Facet(name, section.line, section.definition, tuple(statements))


def read_level_page(root: Section, outline: Outline, claims: Claims, *, title: str = "") -> Ladder:
    """The ladder of one level that a page describes."""
    head = root.children[0]
    rest = [*head.children, *root.children[1:]]
    name = head_name(head.title)
    key = key_of(name.code or name.title)
    ids = Ids()
    claims.section(head)
    facets = [s for s in head.children if s.pseudo and s.items]
    others = [s for s in rest if s not in facets]
    if not any(holds_statements(s) or any(map(holds_statements, s.walk())) for s in others):
        facets, others = [], rest
    summary, body, status = _prose(head, claims)
    attributes = attributes_of(head.items, claims)
    read_facets = tuple(_facet(section, claims, ids, key) for section in facets)
    first_line = min((s.line for s in others if holds_statements(s)), default=10**9)
    for section in others:
        inner = any(map(holds_statements, section.walk()))
        if not holds_statements(section) and not inner and section.line < first_line:
            body += _overview(section, claims)
    competencies, areas = competencies_below(others, outline, claims, ids, key)
    level = Level(
        key=key,
        title=name.title,
        line=head.line,
        code=name.code,
        band=name.band,
        icon=name.icon,
        anchor=head.anchor,
        status=status,
        summary=summary,
        body=tuple(body),
        areas=areas,
        attributes=attributes,
        facets=read_facets,
        competencies=competencies,
    )
    return Ladder(title=title or name.title, line=head.line, levels=(level,))


def _prose(head: Section, claims: Claims) -> tuple[str, list[str], str]:
    """(summary, body, status) of the text directly below the level's heading.

    A quotation or a paragraph that is emphasised as a whole is the summary.
    """
    summary, status = "", ""
    body: list[str] = []
    for block in [*root_prose(head)]:
        claims.block(block)
        if announced := status_of(block.text):
            status = announced
        wrapped = plain(block.text) != block.text
        if not summary and not body and (block.kind == "quote" or wrapped) and not announced:
            summary = plain(block.text)
        else:
            body.append(block.text)
    return summary, body, status


def root_prose(section: Section) -> list[Block]:
    """Paragraphs and quotations directly below a heading, before its first bullet or after."""
    return [block for block in section.blocks if block.kind in ("paragraph", "quote")]


def _overview(section: Section, claims: Claims) -> list[str]:
    prose = root_prose(section)
    if prose:
        claims.section(section)
    for block in prose:
        claims.block(block)
    return [block.text for block in prose]
