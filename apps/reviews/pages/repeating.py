"""The form of a new cycle, filled with the plan of an old one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Count
from django.shortcuts import get_object_or_404

from apps.core.access import Viewer
from apps.reviews.access import cycle_gate
from apps.reviews.models import Cycle
from apps.reviews.pages.cycles import CyclePlanPage, choices
from apps.reviews.rules.repeating import following


@dataclass(frozen=True)
class RepeatCycle(CyclePlanPage):
    """The form of a new cycle, filled with the plan of an old one; and what comes along."""

    old: Cycle | None = None
    plan: Any = None
    questions: int = 0
    weights: int = 0
    by_hand: int = 0
    lost_owners: int = 0


def repeat_cycle(viewer: Viewer, *, cycle_id: int) -> RepeatCycle:
    """At most 10 queries. Errors: Http404, PermissionDenied."""
    rows = cycle_gate.visible(viewer, Cycle.objects.all(), "prepare_cycle")
    counted = rows.prefetch_related("phases", "owners", "departments").annotate(
        n_questions=Count("questions", distinct=True),
        n_weights=Count("weights", distinct=True),
        n_by_hand=Count("choices", distinct=True),
    )
    old: Any = get_object_or_404(counted, pk=cycle_id)
    may = cycle_gate.may(viewer, "repeat_cycle", old)
    offered = choices()
    plan = following(
        old.plan(),
        owners={pk for pk, _name in offered.owners},
        taken=set(Cycle.objects.values_list("name", flat=True)),
    )
    return RepeatCycle(
        None,
        offered,
        only_dates=False,
        may=may,
        old=old,
        plan=plan,
        questions=old.n_questions,
        weights=old.n_weights,
        by_hand=old.n_by_hand,
        lost_owners=len(old.owners.all()) - len(plan.owner_ids),
    )
