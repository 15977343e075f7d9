"""Find the links of a document and say whether each leads anywhere.

`ok` is an anchor of the document itself, `missing` a file or anchor that is not there, `malformed`
a target that cannot be an address, `external` an address elsewhere: recorded, never fetched.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from apps.ladders.rules.content import Link
from apps.ladders.rules.names import slug
from apps.ladders.rules.outline import Outline, one_line

LINK = re.compile(
    r"\[(?P<text>(?:[^\[\]]|\[[^\[\]]*\])*)\]\((?P<target>[^()]*(?:\([^()]*\)[^()]*)*)\)"
)
_AUTOLINK = re.compile(r"<(?P<target>(?:https?|mailto):[^\s<>]+)>")
_TITLE = re.compile(r"""\s+("[^"]*"|'[^']*')$""")


def links_of(outline: Outline, *, known_files: Iterable[str] = ()) -> tuple[Link, ...]:
    """Every link with its line; `known_files` are addresses that an earlier import brought."""
    code = {
        number
        for block in outline.blocks
        if block.kind == "code"
        for number in range(block.line, block.end + 1)
    }
    anchors = set(outline.anchors)
    anchors |= {slug(block.text) for block in outline.blocks if block.kind == "heading"}
    known = frozenset(known_files)
    found: list[Link] = []
    for number, line in enumerate(outline.lines, 1):
        if number in code:
            continue
        for each in LINK.finditer(line):
            target = _TITLE.sub("", each["target"].strip())
            found.append(
                Link(number, one_line(each["text"]), target, status_of(target, anchors, known))
            )
        found += [
            Link(number, each["target"], each["target"], "external")
            for each in _AUTOLINK.finditer(line)
        ]
    return tuple(found)


def status_of(target: str, anchors: set[str], known_files: frozenset[str]) -> str:
    """ok, missing, malformed or external."""
    if target.startswith("<") and target.endswith(">"):
        target = target[1:-1]
    elif not target or re.search(r"\s", target):
        return "malformed"
    if target.startswith("#"):
        return "ok" if target[1:] in anchors else "missing"
    if re.match(r"[a-z][a-z0-9+.-]*:|//", target, re.IGNORECASE):
        return "external" if re.match(r"(https?:)?//|mailto:", target, re.I) else "malformed"
    return "ok" if target.split("#")[0].removeprefix("./") in known_files else "missing"
