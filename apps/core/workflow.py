"""Moving a row along its state table, safely when two people press at once.

The table of moves is each app's `states`; this module only takes one edge of it, and lets the
database decide the race with a conditional UPDATE, which both SQLite and PostgreSQL do atomically.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Model, QuerySet


@dataclass(frozen=True)
class Move:
    """One edge: from any of `sources` to `target` (values of a TextChoices)."""

    sources: frozenset[str]
    target: str


class StaleState(Exception):
    """Someone else moved it first; the page the person saw is out of date."""


def advance(obj: Model, move: Move, among: QuerySet[Any] | None = None, /, **stamps: Any) -> None:
    """Take one edge of the table.

    Arguments: `obj` with a `state` field; `move` from the app's table; `among` the rows it must
    still be one of, where more than its state decides; `stamps` further columns to set in the same
    UPDATE. Result: none; `obj` carries the new values. Errors: StaleState when the row is in no
    source state any more, or no longer `among` them.
    """
    rows = type(obj)._default_manager.all() if among is None else among
    if not rows.filter(pk=obj.pk, state__in=move.sources).update(state=move.target, **stamps):
        raise StaleState(f"{obj} is no longer in {sorted(move.sources)}, or was changed")
    for field, value in {"state": move.target, **stamps}.items():
        setattr(obj, field, value)
