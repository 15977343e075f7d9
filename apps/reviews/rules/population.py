"""Addresses as people paste them: from a sheet, a mail, a list with names."""

from __future__ import annotations

import re

MOST_ADDRESSES = 500
LONGEST_PASTE = 40_000

# What stands between two addresses, and what mail programs put around one.
BETWEEN = re.compile(r"[\s,;<>()\"\[\]|]+")


class TooMany(Exception):
    """More addresses than are taken at once; `count` says how many."""

    def __init__(self, count: int) -> None:
        super().__init__(count)
        self.count = count


def addresses_in(text: str) -> list[str]:
    """Every address once, in small letters, in the order of the text.

    Words without an @ are names of people beside their addresses and are passed over; if a line
    has no address at all it is given back as it stands, so that nobody is dropped in silence.
    Errors: TooMany.
    """
    found: dict[str, None] = {}
    for line in re.split(r"[\r\n;,]+", text):
        words = [word.strip("'.:") for word in BETWEEN.split(line)]
        addresses = [word.casefold().removeprefix("mailto:") for word in words if "@" in word]
        for address in addresses or [line.strip()]:
            if address:
                found[address] = None
    if len(found) > MOST_ADDRESSES:
        raise TooMany(len(found))
    return list(found)
