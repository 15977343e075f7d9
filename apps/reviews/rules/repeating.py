"""The next cycle from the one before: its period follows, its phases keep their weekdays."""

from __future__ import annotations

import re
from collections.abc import Container
from dataclasses import replace
from datetime import date, timedelta

from apps.reviews.rules.phases import CyclePlan, Dated

WEEK = 7
YEAR = re.compile(r"\b(19|20)[0-9]{2}\b")


def following(plan: CyclePlan, *, owners: Container[int], taken: Container[str]) -> CyclePlan:
    """The same plan for the period after.

    The period begins on the day after the old one and is as long (whole months stay whole months).
    Phases move by as many whole weeks as come nearest, so that a Monday stays a Monday. Arguments:
    `owners` keys of those who may own a cycle today; `taken` names that other cycles have. The name
    is empty where none offers itself.
    """
    begins = plan.period_end + timedelta(days=1)
    ends = _end_after(plan, begins)
    weeks = round((begins - plan.period_start).days / WEEK)
    shift = timedelta(days=weeks * WEEK)
    name = following_name(plan.name, begins.year - plan.period_start.year)
    return replace(
        plan,
        name="" if name in taken else name,
        period_start=begins,
        period_end=ends,
        owner_ids=tuple(pk for pk in plan.owner_ids if pk in owners),
        phases=tuple(Dated(p.kind, p.opens_on + shift, p.due_on + shift) for p in plan.phases),
    )


def following_name(name: str, years: int) -> str:
    """The name with every year in it moved; empty when that changes nothing."""
    moved = YEAR.sub(lambda year: str(int(year[0]) + years), name)
    return "" if moved == name else moved


def _end_after(plan: CyclePlan, begins: date) -> date:
    last = plan.period_end
    whole_months = begins.day == 1 and plan.period_start.day == 1
    if not whole_months:
        return begins + (last - plan.period_start)
    months = (last.year - plan.period_start.year) * 12 + last.month - plan.period_start.month + 1
    years, month = divmod(begins.month - 1 + months, 12)
    return date(begins.year + years, month + 1, 1) - timedelta(days=1)
