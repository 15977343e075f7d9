"""An answer of the house, cut into the smallest things that can change by themselves.

A spot is a place on a page and a number of a piece there; a piece is one number, or the words
around it, or an attribute (a bar of a chart has its length in one). Nothing here knows which page
it reads, so a new figure on any page is seen without a word here.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

from tests.feedback.looking import TOKENS, unpacked

Place = str
Pieces = dict[Place, tuple[str, ...]]
NUMBER = re.compile(r"(\d+(?:[.,]\d+)*)")
# What holds no other block: figures are told apart within one, and lists of texts by their parents.
BLOCKS = {
    "tr", "li", "dt", "dd", "p", "h1", "h2", "h3", "h4", "section", "article", "figure", "form",
    "header", "footer", "main", "nav", "ul", "ol", "table", "svg", "details", "aside", "caption",
}  # fmt: skip
VOID = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"}


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.pieces: dict[Place, list[str]] = {}
        self.open: list[tuple[str, Place, dict[str, int]]] = [("", "", {})]

    @property
    def place(self) -> Place:
        return next(place for tag, place, _ in reversed(self.open) if not tag or tag in BLOCKS)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        _, where, children = self.open[-1]
        children[tag] = children.get(tag, 0) + 1
        place = f"{where}/{tag}{children[tag]}"
        if tag not in VOID:
            self.open.append((tag, place, {}))
        if tag != "html":
            self._add(*(value for _, value in attrs if value))

    def handle_endtag(self, tag: str) -> None:
        if any(tag == one for one, *_ in self.open):
            while self.open.pop()[0] != tag:
                pass

    def handle_data(self, data: str) -> None:
        if data.strip():
            self._add(" ".join(data.split()))

    def _add(self, *texts: str) -> None:
        for text in texts:
            self.pieces.setdefault(self.place, []).extend(pieces_in(text))


def pieces_of(response: Any) -> Pieces:
    """Every place of a page, or every line of a file or of an answer of the API."""
    body = b"".join(response) if response.streaming else response.content
    text = unpacked(TOKENS.sub(b"", body)).decode("utf-8", "replace")
    text = text.replace(response.headers.get("X-Request-ID", "\0"), "")
    kind = response.headers.get("Content-Type", "")
    if "html" in kind or "xml" in kind:
        page = _Page()
        page.feed(text)
        page.close()
        return {place: tuple(pieces) for place, pieces in page.pieces.items()}
    lines = re.split(r"[\n{}]", text)
    return {str(n): pieces_in(line) for n, line in enumerate(lines)}


def pieces_in(text: str) -> tuple[str, ...]:
    return tuple(piece for piece in NUMBER.split(text) if piece.strip())


def is_number(piece: str) -> bool:
    return NUMBER.fullmatch(piece) is not None


def changed(was: Pieces, now: Pieces) -> set[tuple[Place, int]]:
    """Spots of `was` that are not the same in `now`; all of a place that has more or fewer."""
    found: set[tuple[Place, int]] = set()
    for place, pieces in was.items():
        other = now.get(place, ())
        if other == pieces:
            continue
        same_length = len(other) == len(pieces)
        found |= {
            (place, n) for n, piece in enumerate(pieces) if not same_length or other[n] != piece
        }
    return found
