"""A text that somebody wrote in Markdown, as plain blocks for paper. Nothing in it is ever code."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

# The same dialect as on screen (core.text): no HTML, no pictures, no guessed links.
_markdown = (
    MarkdownIt("commonmark", {"html": False, "linkify": False, "maxNesting": 20})
    .enable(["table", "strikethrough"])
    .disable(["image"])
)
DEEPEST = 4


@dataclass
class Run:
    """A stretch of text in one style."""

    text: str
    bold: bool = False
    italic: bool = False
    code: bool = False


@dataclass
class Block:
    """A paragraph: `kind` is text, head, item, quote or code; `mark` stands before an item."""

    kind: str
    depth: int = 0
    mark: str = ""
    runs: list[Run] = field(default_factory=list)


def blocks(source: str) -> list[dict[str, Any]]:
    """The text as blocks of runs, ready for JSON."""
    return [asdict(block) for block in _read(_markdown.parse(source or "")) if block.runs]


def _read(tokens: list[Token]) -> list[Block]:
    found: list[Block] = []
    lists: list[int | None] = []
    quotes, head, mark, cells = 0, False, "", False
    for token in tokens:
        match token.type:
            case "bullet_list_open":
                lists.append(None)
            case "ordered_list_open":
                lists.append(int(token.attrGet("start") or 1))
            case "bullet_list_close" | "ordered_list_close":
                lists.pop()
            case "list_item_open":
                mark = "•"
                if (number := lists[-1]) is not None:
                    mark, lists[-1] = f"{number}.", number + 1
            case "blockquote_open":
                quotes += 1
            case "blockquote_close":
                quotes -= 1
            case "heading_open":
                head = True
            case "heading_close":
                head = False
            case "tr_open":
                cells = True
                found.append(Block("text"))
            case "tr_close":
                cells = False
            case "fence" | "code_block":
                found.append(Block("code", runs=[Run(token.content.rstrip("\n"), code=True)]))
            case "inline" if cells:
                gap = [Run(" · ")] if found[-1].runs else []
                found[-1].runs += gap + _runs(token)
            case "inline":
                kind = "head" if head else "item" if lists else "quote" if quotes else "text"
                depth = min(len(lists), DEEPEST)
                found.append(Block(kind, depth, mark, _runs(token)))
                mark = ""
    return found


def _runs(token: Token) -> list[Run]:
    runs: list[Run] = []
    bold = italic = 0
    address = ""
    for child in token.children or []:
        match child.type:
            case "strong_open":
                bold += 1
            case "strong_close":
                bold -= 1
            case "em_open":
                italic += 1
            case "em_close":
                italic -= 1
            case "link_open":
                address = str(child.attrGet("href") or "")
            case "link_close":
                # On paper a link is only as good as its address.
                if runs and address and address != runs[-1].text:
                    runs.append(Run(f" ({address})"))
                address = ""
            case "code_inline":
                runs.append(Run(child.content, code=True))
            case "softbreak":
                runs.append(Run(" "))
            case "hardbreak":
                runs.append(Run("\n"))
            case "text" if child.content:
                runs.append(Run(child.content, bold > 0, italic > 0))
    return runs
