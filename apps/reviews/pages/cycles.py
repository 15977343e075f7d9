"""What HR sees of cycles: the list, one cycle with its next step, and what a plan may choose from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.core.paginator import Page, Paginator
from django.db.models import Count, Q
from django.shortcuts import get_object_or_404
from django.utils import formats
from django.utils.translation import gettext as _

from apps.core.access import Answer, Viewer
from apps.people.models import Department, Person
from apps.reviews.access import cycle_gate
from apps.reviews.models import Cycle, Participant, RatingScale, StepBack
from apps.reviews.pages.checklist import CheckList, check_list
from apps.reviews.rules.phases import (
    days_between,
    has_opened,
    is_over,
    next_phase,
    previous_phase,
)
from apps.reviews.states import (
    DELIVERED,
    FINISHED,
    RUNNING,
    CycleState,
    Phase,
    Waits,
)
from apps.reviews.steps import Step, steps_of

PER_PAGE = 25


@dataclass(frozen=True)
class CycleLine:
    cycle: Cycle
    steps: list[Step]
    people: int
    done: int


@dataclass(frozen=True)
class CycleList:
    lines: Page
    may_prepare: Answer


@dataclass(frozen=True)
class WaitCount:
    waits: str
    label: str
    count: int


@dataclass(frozen=True)
class CyclePage:
    cycle: Cycle
    steps: list[Step]
    lead: str
    phase_due_on: date | None
    departments: list[Department]
    owners: list[Person]
    counts: list[WaitCount]
    people: int
    setting_up: CheckList | None
    steps_back: list[StepBack]
    next_label: str
    previous_label: str
    is_dated: bool
    calibrates: bool
    paused_days: int
    keeps_open: list[WaitCount]
    may_see_all: bool
    may: Mapping[str, Answer]


@dataclass(frozen=True)
class CycleChoices:
    """What a plan may choose from: (key, label) pairs."""

    scales: list[tuple[int, str]]
    departments: list[tuple[int, str]]
    owners: list[tuple[int, str]]


@dataclass(frozen=True)
class CyclePlanPage:
    """The form for a new or an existing cycle."""

    cycle: Cycle | None
    choices: CycleChoices
    only_dates: bool
    may: Answer


def cycle_list(viewer: Viewer, *, number: str | int = 1) -> CycleList:
    """At most 4 queries: how many, the cycles, their phases and, for HR, their counts."""
    cycles = Cycle.objects.visible_to(viewer).prefetch_related("phases")
    lines = Paginator(cycles.order_by("-period_end", "-pk"), PER_PAGE).get_page(number)
    may_prepare = cycle_gate.may(viewer, "prepare_cycle", Cycle())
    counts: dict[int, tuple[int, int]] = {}
    if may_prepare:
        rows = (
            Participant.objects.taking_part()
            .filter(cycle__in=[row.pk for row in lines.object_list])
            .order_by()
            .values_list("cycle")
            .annotate(people=Count("pk"), done=Count("pk", filter=Q(state__in=DELIVERED)))
        )
        counts = {pk: (people, done) for pk, people, done in rows}
    lines.object_list = [
        CycleLine(row, steps_of(row), *counts.get(row.pk, (0, 0))) for row in lines.object_list
    ]
    return CycleList(lines, may_prepare)


def cycle(viewer: Viewer, *, cycle_id: int, now: datetime) -> CyclePage:
    """At most 8 queries: the cycle, its phases, owners, departments, steps back, and either the
    steps of setting it up (3) or the counts of what everybody waits for (1)."""
    found = get_object_or_404(
        Cycle.objects.visible_to(viewer)
        .select_related("scale")
        .prefetch_related("phases", "owners", "departments", "steps_back__taken_by"),
        pk=cycle_id,
    )
    may = {name: cycle_gate.may(viewer, name, found) for name in BUTTONS}
    kinds = [phase.kind for phase in found.phases.all()]
    here = found.paused_from or found.state
    following = next_phase(here, kinds)
    earlier = previous_phase(here, kinds) if here in Phase.values else None
    may["open_next"] = (
        cycle_gate.may(viewer, f"open_{following}", found)
        if following and found.state in RUNNING
        else Answer(False)
    )
    if not earlier:
        may["step_back"] = Answer(False)
    may["resume_cycle"] = (
        cycle_gate.may(viewer, f"resume_{found.paused_from}", found)
        if found.state == CycleState.PAUSED
        else Answer(False)
    )
    is_hr = bool(may["prepare_cycle"])
    waiting = found.state in {CycleState.DRAFT, CycleState.SCHEDULED}
    counts = counts_of(found, viewer) if not waiting and is_hr else []
    return CyclePage(
        cycle=found,
        steps=steps_of(found),
        lead=_lead(found, following, now),
        phase_due_on=next((p.due_on for p in found.phases.all() if p.kind == here), None),
        departments=list(found.departments.all()),
        owners=list(found.owners.all()),
        counts=counts,
        people=sum(c.count for c in counts),
        setting_up=check_list(found, now=now) if is_hr and waiting else None,
        steps_back=list(found.steps_back.all()) if is_hr else [],
        next_label=str(Phase(following).label) if following else "",
        previous_label=str(Phase(earlier).label) if earlier else "",
        is_dated=bool(kinds),
        calibrates=Phase.CALIBRATION in kinds,
        paused_days=days_between(found.paused_at, now, zone=settings.TIME_ZONE)
        if found.paused_at
        else 0,
        keeps_open=_keeps_open(found, counts, now),
        may_see_all=is_hr,
        may=may,
    )


def _keeps_open(found: Cycle, counts: list[WaitCount], now: datetime) -> list[WaitCount]:
    """Why a cycle whose days are over has not closed by itself; empty while they are not."""
    days = [phase.due_on for phase in found.phases.all()]
    zone = settings.TIME_ZONE
    if found.state != CycleState.DELIVERY or not is_over(
        days, grace_days=found.grace_days, now=now, zone=zone
    ):
        return []
    done = {Waits.EXCUSED, Waits.ACKNOWLEDGEMENT, Waits.NOTHING}
    return [count for count in counts if count.waits not in done]


BUTTONS = (
    "prepare_cycle",
    "edit_cycle",
    "change_dates",
    "schedule_cycle",
    "unschedule_cycle",
    "cancel_cycle",
    "launch_cycle",
    "pause_cycle",
    "step_back",
    "close_cycle",
    "archive_cycle",
    "repeat_cycle",
)


def _lead(found: Cycle, following: str | None, now: datetime) -> str:
    """One sentence: where the cycle is, and what comes next."""
    opens = {p.kind: p.opens_on for p in found.phases.all()}
    if found.state == CycleState.DRAFT:
        return _("Nobody but HR sees it yet.")
    if found.state == CycleState.CANCELLED:
        return _("It was cancelled before it began.")
    if found.state == CycleState.PAUSED:
        return _("Paused. Nobody writes, and nothing opens by itself, until it goes on.")
    if found.state in FINISHED:
        return _("It is over. Everybody keeps what they may read.")
    if following is None:
        return _("The last phase: packets are released and talked about.")
    words = {
        "phase": str(Phase(following).label).lower(),
        "day": formats.date_format(opens[following], "j F"),
    }
    if has_opened(opens[following], now=now, zone=settings.TIME_ZONE):
        return _("Next: %(phase)s, within the next minutes.") % words
    if found.state == CycleState.SCHEDULED:
        return _("It starts by itself on %(day)s with: %(phase)s.") % words
    return _("Next, on %(day)s: %(phase)s.") % words


def counts_of(found: Cycle, viewer: Viewer) -> list[WaitCount]:
    """What everybody in the cycle waits for, in the order of the vocabulary. 1 query."""
    rows = dict(
        Participant.objects.visible_to(viewer)
        .filter(cycle=found)
        .with_waits()
        .order_by()
        .values_list("waits")
        .annotate(Count("pk"))
    )
    return [WaitCount(w.value, str(w.label), rows[w.value]) for w in Waits if w.value in rows]


def cycle_plan(viewer: Viewer, *, cycle_id: int | None = None) -> CyclePlanPage:
    """At most 7 queries: the cycle with its phases, owners and departments, and the choices."""
    if cycle_id is None:
        may = cycle_gate.may(viewer, "prepare_cycle", Cycle())
        return CyclePlanPage(None, choices(), only_dates=False, may=may)
    found = get_object_or_404(
        Cycle.objects.visible_to(viewer).prefetch_related("phases", "owners", "departments"),
        pk=cycle_id,
    )
    edit = cycle_gate.may(viewer, "edit_cycle", found)
    dates = cycle_gate.may(viewer, "change_dates", found)
    return CyclePlanPage(found, choices(), only_dates=bool(dates and not edit), may=edit or dates)


def choices() -> CycleChoices:
    """3 queries. Owners are HR, so the list is short however large the company is."""
    return CycleChoices(
        scales=list(RatingScale.objects.order_by("name").values_list("pk", "name")),
        departments=list(Department.objects.values_list("pk", "name")),
        owners=list(
            Person.objects.filter(is_process_admin=True, left_on=None).values_list("pk", "name")
        ),
    )
