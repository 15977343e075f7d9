"""What is asked of the database while something happens."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection

from apps.inbox.duties import _statement

TABLE = re.compile(r'"([a-z]+_\w+)"(?!\.)')
# The tables that hold what was said. What reads none of them shows nothing of it.
ANSWERS = frozenset(
    f"feedback_{name}"
    for name in ("answer", "answerpart", "concern", "concernreport", "concerndecision")
)


@dataclass
class Asked:
    """What was asked of the database: how often, and which tables were named.

    The badge is counted, but its tables are not named: it stands on every page, and for HR it counts
    reported texts, which lie behind the answers. What it says is compared with the bytes of every page.
    """

    queries: int = 0
    tables: set[str] = field(default_factory=set)


@contextmanager
def asked() -> Iterator[Asked]:
    """Counts for itself: Django's own log keeps the last 9,000 statements of a connection only."""
    found = Asked()
    badge, _ = _statement(DEFAULT_DB_ALIAS, "badge")

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        found.queries += 1
        found.tables.update(TABLE.findall(sql) if sql != badge else ())
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield found
