"""Beginning a cycle with the plan of another."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import F, Value

from apps.core.access import Viewer
from apps.core.audit import record
from apps.core.copying import insert_select
from apps.reviews.access import cycle_gate
from apps.reviews.actions.cycles import prepare_cycle
from apps.reviews.models import AreaWeight, Cycle, FormQuestion
from apps.reviews.rules.phases import CyclePlan


@transaction.atomic
def repeat_cycle(old: Cycle, plan: CyclePlan, *, by: Viewer, now: datetime) -> Cycle:
    """A new draft with this plan and what else `old` had: its form, its questions and weights, its
    places, levels and hiring day. Not its choices by hand: they were about people and their reasons
    at that time.

    Errors: Faulty, PermissionDenied.
    """
    cycle_gate.require(by, "repeat_cycle", old)
    cycle = prepare_cycle(plan, by=by, now=now)
    cycle.repeats = old
    cycle.sections_off = list(old.sections_off)
    if old.hired_until:
        cycle.hired_until = old.hired_until + (cycle.period_start - old.period_start)
    cycle.save(update_fields=["repeats", "sections_off", "hired_until"])
    cycle.locations.set(old.locations.all())
    cycle.levels.set(old.levels.all())
    insert_select(
        FormQuestion,
        old.questions.order_by(),
        {
            "cycle": Value(cycle.pk),
            **{n: F(n) for n in ("review_kind", "text", "hint", "is_required", "position")},
        },
    )
    insert_select(
        AreaWeight,
        old.weights.order_by(),
        {"cycle": Value(cycle.pk), **{n: F(n) for n in ("area_key", "area_name", "weight")}},
    )
    record("repeat_cycle", cycle, by=by, at=now, repeats=old.pk)
    return cycle
