"""Targets are read out of sentences: comparator, value, unit, subject and by when."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.ladders.rules import Target, read, targets_of


@pytest.mark.parametrize(
    ("text", "comparator", "value", "unit", "subject"),
    [
        ("80%+ answered mail", "ge", 80, "%", "answered mail"),
        ("At least 3 mentees", "ge", 3, "count", "mentees"),
        ("≥3 talks", "ge", 3, "count", "talks"),
        ("4.5/5 or better in the survey", "ge", 4.5, "/5", "survey"),
        (">3.5/4 survey score", "gt", 3.5, "/4", "survey score"),
        ("More than 12 visits", "gt", 12, "count", "visits"),
        ("<30 days to invoice", "lt", 30, "days", "invoice"),
        ("Wait time under 200 ms", "lt", 200, "ms", "Wait time"),
        ("no more than 2 complaints", "le", 2, "count", "complaints"),
        ("99.9% availability", "eq", 99.9, "%", "availability"),
        ("Zero lost parcels", "eq", 0, "count", "lost parcels"),
        ("Parcels scanned in 70% of ports", "eq", 70, "%", "Parcels scanned"),
        ("$1,250,000 saved", "eq", 1250000, "$", "saved"),
        ("25% reduction in queue length", "decrease_by", 25, "%", "queue length"),
        ("Reduce waste by 20%", "decrease_by", 20, "%", "waste"),
        ("Waste is cut by 20%", "decrease_by", 20, "%", "Waste"),
        ("10% increase in repeat orders", "increase_by", 10, "%", "repeat orders"),
        ("Raise coverage by 10%", "increase_by", 10, "%", "coverage"),
        ("3x increase in drills per year", "ratio", 3, "x", "drills per year"),
        ("Handbook is written", "qualitative", None, "", "Handbook is written"),
    ],
)  # fmt: skip
def test_one_target(text: str, comparator: str, value: Any, unit: str, subject: str) -> None:
    assert targets_of(text) == (Target(comparator, value, unit, subject),)


def test_by_when() -> None:
    assert targets_of("75%+ of desks staffed within 6 months") == (
        Target("ge", 75, "%", "desks staffed", "6 months"),
    )


def test_two_targets_of_one_line() -> None:
    assert targets_of("98% delivered, <3 hours delay") == (
        Target("eq", 98, "%", "delivered"),
        Target("lt", 3, "hours", "delay"),
    )


def test_a_comma_without_a_second_amount_splits_nothing() -> None:
    assert targets_of("5 guides, each with drawings") == (
        Target("eq", 5, "count", "guides, each with drawings"),
    )


@given(st.text(max_size=80))
def test_every_line_has_at_least_one_target(text: str) -> None:
    assert len(targets_of(text)) > 0


PLAN = """# Opening a depot

## 1. Yard Foreman (Months 2-4)
**Background**: 6-9 years in yards,
preferably at night
**Duties**:
- Open the gate
- Close the gate

**Targets**:
- 40% reduction in damage
- Gate opened on time

## 2. Clerk
**Duties**:
- File

**Targets**:
- 5 files a day

## Depot figures
- **Damage**: 40% reduction in damage
- **Order**: 90%+ shelf order

## Loose
- Shelf order: >90%
- Paint the wall
"""


def test_profiles_of_a_plan() -> None:
    found = read(PLAN.encode())
    first, second = found.ladder.profiles

    assert (found.kind, found.shape, found.ladder.levels) == ("role_profiles", "P", ())
    assert (first.title, first.order, first.window_months, first.years) == (
        "Yard Foreman",
        1,
        (2, 4),
        (6, 9),
    )
    assert first.profile == "6-9 years in yards, preferably at night"
    assert [s.text for s in first.responsibilities] == ["Open the gate", "Close the gate"]
    assert [(m.line, m.text) for m in second.success_metrics] == [(19, "5 files a day")]
    assert [(n.line, n.path) for n in found.ladder.notes if n.kind == "item"] == [
        (26, ("Loose",)),
        (27, ("Loose",)),
    ]
    assert found.coverage.claimed == found.coverage.total


def test_contradictions_are_reported_and_not_resolved() -> None:
    assert read(PLAN.encode()).warnings == (
        "Lines 11 and 22 claim the same target for “damage” twice: 40 % less.",
        "Lines 23 and 26 give different targets for “Shelf order”: at least 90 % and more than 90 %.",
    )
