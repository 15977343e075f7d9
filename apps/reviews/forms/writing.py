"""What a browser may send of a review: one autosave, or the whole form without scripts.

Django's own reading of a form body replaces what it cannot decode, and a replaced character is a
lost one; so the body is read here, strictly, and a field that cannot be kept is refused by name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from apps.reviews.rules.fields import Unstorable, joined, part_of

KEY = re.compile(r"[A-Za-z0-9._:-]{8,64}")
REVISION = re.compile(r'(?:W/)?"?([0-9]{1,9})"?')
NUMBERS = re.compile(r"[0-9,]*")
LARGEST_BODY = 4 * 1024 * 1024
MOST_FIELDS = 5000


class Malformed(Exception):
    """The body is no form that a browser would send."""


class NoRevision(Malformed):
    """It does not say which version it was filled from."""


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
    texts = _texts(pairs)
    if not names:
        raise Malformed("nothing changed")
    return {name: texts.get(name, "") for name in names}


def whole_form(body: bytes) -> WholeForm:
    """A form sent by its own button. Errors: Malformed, Unstorable."""
    return _whole(_pairs(body))


def refused_form(body: bytes) -> WholeForm:
    """The same form when something in it cannot be kept: what cannot be read is replaced, so that
    everything else stands in the page again. Errors: Malformed."""
    return _whole(_pairs(body, errors="replace"))


def _whole(pairs: list[tuple[str, str]]) -> WholeForm:
    texts = _texts(pairs)
    revision = revision_in(texts.get("revision", ""))
    if revision is None:
        raise NoRevision
    fields = {name: text for name, text in texts.items() if part_of(name) is not None}
    # A radio button that was chosen cannot be let go again without scripts, so a button does it.
    if (taken_back := texts.get("clear", "")) and part_of(taken_back) is not None:
        fields[taken_back] = ""
    return WholeForm(fields, revision, texts.get("confirmed") == "yes")


def _texts(pairs: list[tuple[str, str]]) -> dict[str, str]:
    """What each field holds; ticked boxes that share the name of a field become one text."""
    texts: dict[str, str] = {}
    for name, text in pairs:
        if name.endswith("-notes") and NUMBERS.fullmatch(text):
            texts[name] = joined([*texts.get(name, "").split(","), *text.split(",")])
        else:
            texts[name] = _as_typed(text)
    return texts


def revision_in(header: str) -> int | None:
    """The number in `If-Match: "7"`, or None."""
    match = REVISION.fullmatch(header.strip())
    return int(match[1]) if match else None


def key_in(header: str) -> str | None:
    """An idempotency key, or None when it is none that we would keep."""
    return header if KEY.fullmatch(header) else None


def _pairs(body: bytes, errors: str = "strict") -> list[tuple[str, str]]:
    if len(body) > LARGEST_BODY or body.count(b"&") > MOST_FIELDS:
        raise Malformed("too large")
    pairs = []
    for piece in body.split(b"&"):
        raw_name, _, raw_text = piece.partition(b"=")
        try:
            name = _decoded(raw_name, errors)
        except UnicodeDecodeError as broken:
            raise Malformed("a name that is no text") from broken
        try:
            pairs.append((name, _decoded(raw_text, errors)))
        except UnicodeDecodeError as broken:
            raise Unstorable(name, "surrogate") from broken
    return pairs


def _decoded(raw: bytes, errors: str) -> str:
    return unquote_to_bytes(raw.replace(b"+", b" ")).decode(errors=errors)


def _as_typed(text: str) -> str:
    """A form sends line ends as CR LF; in the text area they were LF."""
    return text.replace("\r\n", "\n")
