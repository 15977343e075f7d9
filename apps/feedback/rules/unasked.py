"""Feedback that nobody asked for: how long it may be taken back, and how it is quoted."""

from __future__ import annotations

from datetime import date, datetime, timedelta

LONGEST_UNASKED, MOST_TAGS = 5000, 5
TAKEN_BACK_WITHIN = timedelta(days=1)


def may_be_taken_back(given_at: datetime, *, at: datetime) -> bool:
    """Within a day; after that it is the receiver's as well."""
    return at - given_at < TAKEN_BACK_WITHIN


def quoted(text: str, *, name: str, on: date) -> str:
    """The text as a quotation in Markdown, with its giver and day below. No line of it escapes: what
    looks like a heading or a list in it stays inside."""
    lines = [f"> {line}" if line.strip() else ">" for line in text.strip().splitlines()]
    return "\n".join([*lines, "", f"{name}, {on.isoformat()}"])
