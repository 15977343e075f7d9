"""Keys that somebody sent, in an address, a form or a file: text until they have been looked at."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

MOST_DIGITS: Final = 18  # every such number fits a database's bigint


def key_in(text: object) -> int | None:
    """The number that `text` writes in decimal digits; None for anything else, and for more digits
    than a key can have."""
    written = str(text)
    return int(written) if written.isdecimal() and len(written) <= MOST_DIGITS else None


def keys_in(texts: Iterable[object]) -> list[int]:
    """Those that are keys, in the order in which they were sent; whatever else was sent is left out."""
    return [key for text in texts if (key := key_in(text)) is not None]
