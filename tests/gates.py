"""What the tests of permission tables share: a row in words, and each row with one thing taken away."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from unittest.mock import patch

from django.apps import apps

from apps.core.access import ANYONE, GATES, Gate, Row, Viewer


def line(label: str, action: str, viewers: Mapping[str, Viewer]) -> str:
    """Everybody who may, and to how many objects."""
    gate, rows = GATES[label], apps.get_model(label)._default_manager.all()
    counts = {name: gate.visible(v, rows, action).count() for name, v in viewers.items()}
    may = ", ".join(f"{name} {n}" for name, n in counts.items() if n)
    return f"{label}.{action}: {may}"


def mutants(tables: Sequence[Gate]) -> Iterator[tuple[str, str, str, Row]]:
    """(table, row, what is taken away, the row without it)."""
    for gate in tables:
        for action, row in gate.table.items():
            if row.who != (ANYONE,):
                yield gate.label, action, "who", replace(row, who=(ANYONE,))
            yield gate.label, action, "the row", replace(row, who=())
            for n, who in enumerate(row.who):
                if len(row.who) > 1:
                    kept = row.who[:n] + row.who[n + 1 :]
                    yield gate.label, action, f"who {who.name}", replace(row, who=kept)
            if row.during is not None:
                yield gate.label, action, "during", replace(row, during=None)
            for n, never in enumerate(row.never):
                kept = row.never[:n] + row.never[n + 1 :]
                yield gate.label, action, f"never {never.name}", replace(row, never=kept)
            for n, when in enumerate(row.when):
                kept = row.when[:n] + row.when[n + 1 :]
                yield gate.label, action, f"when {when.name}", replace(row, when=kept)


def unnoticed(
    tables: Sequence[Gate], agreed: Mapping[tuple[str, str], str], viewers: Mapping[str, Viewer]
) -> tuple[int, set[str]]:
    """How many rows were tried with one thing taken away, and those that still read as agreed."""
    count, missed = 0, set()
    for label, action, what, mutant in mutants(tables):
        with patch.dict(GATES[label].table, {action: mutant}):
            if line(label, action, viewers) == agreed[label, action]:
                missed.add(f"{label}.{action}: {what}")
        count += 1
    return count, missed
