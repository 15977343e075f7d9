"""What a browser may send of a review: one autosave, or the whole form without scripts.

Django's own reading of a form body replaces what it cannot decode, and a replaced character is a
lost one; so the body is read here, strictly, and a field that cannot be kept is refused by name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from apps.reviews.rules.writing import Unstorable, part_of

KEY = re.compile(r"[A-Za-z0-9._:-]{8,64}")
REVISION = re.compile(r'(?:W/)?"?([0-9]{1,9})"?')
LARGEST_BODY = 4 * 1024 * 1024
MOST_FIELDS = 5000


class Malformed(Exception):
    """The body is no form that a browser would send."""


@dataclass(frozen=True)
class WholeForm:
    """Every field of the form, the revision it was filled with, and whether doubts are settled."""

    fields: dict[str, str]
    revision: int
    confirmed: bool


def autosaved_fields(body: bytes) -> dict[str, str]:
    """The fields named by `changed`, with their texts; one without a value was emptied.

    Errors: Malformed, Unstorable.
    """
    pairs = _pairs(body)
    names = [text for name, text in pairs if name == "changed"]
    texts = dict(pairs)
    if not names:
        raise Malformed("nothing changed")
    return {name: _as_typed(texts.get(name, "")) for name in names}


def whole_form(body: bytes) -> WholeForm:
    """A form sent by its own button. Errors: Malformed, Unstorable."""
    texts = dict(_pairs(body))
    revision = revision_in(texts.get("revision", ""))
    if revision is None:
        raise Malformed("no revision")
    fields = {name: _as_typed(text) for name, text in texts.items() if part_of(name) is not None}
    return WholeForm(fields, revision, texts.get("confirmed") == "yes")


def revision_in(header: str) -> int | None:
    """The number in `If-Match: "7"`, or None."""
    match = REVISION.fullmatch(header.strip())
    return int(match[1]) if match else None


def key_in(header: str) -> str | None:
    """An idempotency key, or None when it is none that we would keep."""
    return header if KEY.fullmatch(header) else None


def _pairs(body: bytes) -> list[tuple[str, str]]:
    if len(body) > LARGEST_BODY or body.count(b"&") > MOST_FIELDS:
        raise Malformed("too large")
    pairs = []
    for piece in body.split(b"&"):
        raw_name, _, raw_text = piece.partition(b"=")
        try:
            name = _decoded(raw_name)
        except UnicodeDecodeError as broken:
            raise Malformed("a name that is no text") from broken
        try:
            pairs.append((name, _decoded(raw_text)))
        except UnicodeDecodeError as broken:
            raise Unstorable(name, "surrogate") from broken
    return pairs


def _decoded(raw: bytes) -> str:
    return unquote_to_bytes(raw.replace(b"+", b" ")).decode()


def _as_typed(text: str) -> str:
    """A form sends line ends as CR LF; in the text area they were LF."""
    return text.replace("\r\n", "\n")
