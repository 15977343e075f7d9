"""Preparing and turning a cycle. Who takes part is in launch and, afterwards, in participants."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

import structlog
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from apps.core.access import SYSTEM_VIEWER, Viewer
from apps.core.audit import record
from apps.core.workflow import Move, StaleState, advance
from apps.reviews.access import CONFIGURABLE, cycle_gate
from apps.reviews.actions.extensions import end_passed, move_open, move_with_phase, run_grace
from apps.reviews.actions.launch import launch_cycle
from apps.reviews.models import Cycle, CyclePhase, StepBack
from apps.reviews.rules.phases import (
    CyclePlan,
    Dated,
    Faults,
    Hindered,
    date_faults,
    days_between,
    has_opened,
    is_over,
    newest_day_over,
    next_phase,
    plan_faults,
    previous_phase,
)
from apps.reviews.states import (
    CYCLE_MOVES,
    DELIVERED,
    RUNNING,
    CycleState,
    ParticipantState,
    step_back_to,
)

log = structlog.get_logger("rungs.reviews")


class Faulty(Exception):
    """The plan cannot be kept; `faults` says what is wrong, field by field."""

    def __init__(self, faults: Faults) -> None:
        super().__init__(", ".join(faults.by_field))
        self.faults = faults


@transaction.atomic
def prepare_cycle(plan: CyclePlan, *, by: Viewer, now: datetime) -> Cycle:
    """Keep a new plan as a draft. Errors: Faulty, PermissionDenied."""
    cycle = Cycle(created_at=now, created_by_id=by.person_id)
    cycle_gate.require(by, "prepare_cycle", cycle)
    _write(cycle, plan)
    record("prepare_cycle", cycle, by=by, at=now)
    return cycle


@transaction.atomic
def edit_cycle(cycle: Cycle, plan: CyclePlan, *, by: Viewer, now: datetime) -> None:
    """Change the plan while nothing has started. Errors: Faulty, StaleState, PermissionDenied."""
    cycle_gate.require(by, "edit_cycle", cycle)
    hold_plan(cycle)
    _write(cycle, plan)
    record("edit_cycle", cycle, by=by, at=now)


def hold_plan(cycle: Cycle) -> None:
    """Hold the row until the transaction ends, so that nobody launches what is being changed.

    Errors: StaleState once it has started.
    """
    held = Cycle.objects.filter(pk=cycle.pk, state__in=CONFIGURABLE)
    # An update that changes nothing: it locks the row on every database, and looks again after.
    if not held.update(grace_days=F("grace_days")):
        raise StaleState(f"{cycle} has started")


@transaction.atomic
def change_dates(
    cycle: Cycle, phases: Sequence[Dated], *, grace_days: int, by: Viewer, now: datetime
) -> None:
    """Move the days of phases that a running cycle has. Errors: Faulty, PermissionDenied."""
    cycle_gate.require(by, "change_dates", cycle)
    there = {phase.kind: phase for phase in cycle.phases.all()}
    if faults := date_faults(phases):
        raise Faulty(Faults(faults))
    for dated in phases:
        if dated.kind in there:
            cycle.phases.filter(kind=dated.kind).update(
                opens_on=dated.opens_on, due_on=dated.due_on
            )
            move_with_phase(cycle, dated.kind, dated.due_on)
    Cycle.objects.filter(pk=cycle.pk).update(grace_days=grace_days)
    days = {d.kind: [d.opens_on, d.due_on] for d in phases if d.kind in there}
    record("change_dates", cycle, by=by, at=now, days=days, grace_days=grace_days)


def _write(cycle: Cycle, plan: CyclePlan) -> None:
    faults = dict(plan_faults(plan).by_field)
    if Cycle.objects.filter(name=plan.name).exclude(pk=cycle.pk).exists():
        faults["name"] = _("Another cycle has this name.")
    if faults:
        raise Faulty(Faults(faults))
    for name in (
        "name",
        "period_start",
        "period_end",
        "scale_id",
        "self_review",
        "seal_self_review",
        "show_calibration",
        "grace_days",
        "dispute_days",
    ):
        setattr(cycle, name, getattr(plan, name))
    cycle.save()
    cycle.departments.set(plan.department_ids)
    cycle.owners.set(plan.owner_ids)
    cycle.phases.exclude(kind__in=[p.kind for p in plan.phases]).delete()
    for phase in plan.phases:
        CyclePhase.objects.update_or_create(
            cycle=cycle,
            kind=phase.kind,
            defaults={"opens_on": phase.opens_on, "due_on": phase.due_on},
        )


@transaction.atomic
def schedule_cycle(cycle: Cycle, *, accept_gaps: bool = False, by: Viewer, now: datetime) -> None:
    """From here the clock may launch it. People with gaps must have been seen and accepted.

    Errors: Hindered with the sentences; StaleState; PermissionDenied.
    """
    cycle_gate.require(by, "schedule_cycle", cycle)
    if faults := plan_faults(cycle.plan()):
        raise Hindered(*faults.by_field.values())
    gaps = cycle.people_with_gaps(on=cycle.counted_on(now)).count()
    if gaps and not accept_gaps:
        raise Hindered(_("Look at the people below first, or say that it may go on without that."))
    advance(cycle, CYCLE_MOVES["schedule_cycle"])
    record("schedule_cycle", cycle, by=by, at=now, people_with_gaps=gaps)


@transaction.atomic
def _move(cycle: Cycle, name: str, by: Viewer, now: datetime) -> None:
    cycle_gate.require(by, name, cycle)
    advance(cycle, CYCLE_MOVES[name])
    record(name, cycle, by=by, at=now)


def unschedule_cycle(cycle: Cycle, *, by: Viewer, now: datetime) -> None:
    """Back to a draft; the clock leaves it alone."""
    _move(cycle, "unschedule_cycle", by, now)


def cancel_cycle(cycle: Cycle, *, by: Viewer, now: datetime) -> None:
    """It will not take place. Only before it starts."""
    _move(cycle, "cancel_cycle", by, now)


def archive_cycle(cycle: Cycle, *, by: Viewer, now: datetime) -> None:
    """Out of the lists; everybody keeps what they may read."""
    _move(cycle, "archive_cycle", by, now)


@transaction.atomic
def open_phase(cycle: Cycle, *, by: Viewer, now: datetime) -> str:
    """Open the phase that comes next, whatever its date. Result: its kind.

    Errors: Hindered in the last phase; StaleState; PermissionDenied.
    """
    kind = next_phase(cycle.state, _kinds(cycle))
    if cycle.state not in RUNNING or kind is None:
        raise Hindered(_("There is no further phase to open."))
    cycle_gate.require(by, f"open_{kind}", cycle)
    left = cycle.state
    # Exactly from here: a page that is out of date must not skip a phase.
    advance(cycle, Move(frozenset({left}), kind))
    record(f"open_{kind}", cycle, by=by, at=now)
    run_grace(cycle, left, by=by, now=now)
    return kind


def turn_phases(*, now: datetime) -> int:
    """Launch and open whatever the clock has reached, and end the time that is over.

    Result: how many turns were taken.

    Days are days of the house's own time zone. Running it twice, late or in two workers changes
    nothing more: each turn is one conditional update.
    """
    end_passed(now=now)
    waiting = Cycle.objects.filter(state__in=[CycleState.SCHEDULED, *RUNNING])
    cycles = waiting.prefetch_related("phases").order_by("pk")
    return sum(_turn(cycle, now) + _close_when_done(cycle, now) for cycle in cycles)


def _turn(cycle: Cycle, now: datetime) -> int:
    days = {phase.kind: phase.opens_on for phase in cycle.phases.all()}
    turns = 0
    while (kind := next_phase(cycle.state, days)) and has_opened(
        days[kind], now=now, zone=settings.TIME_ZONE
    ):
        turn = launch_cycle if cycle.state == CycleState.SCHEDULED else open_phase
        try:
            turn(cycle, by=SYSTEM_VIEWER, now=now)
        except (StaleState, PermissionDenied):  # somebody was quicker, or a person must decide
            log.info("phase_not_turned", cycle_id=cycle.pk, phase=kind)
            break
        turns += 1
    return turns


def _close_when_done(cycle: Cycle, now: datetime) -> int:
    """Close a cycle whose last days are over, when nothing in it waits for anybody's decision."""
    if cycle.state != CycleState.DELIVERY or not is_over(
        [p.due_on for p in cycle.phases.all()],
        grace_days=cycle.grace_days,
        now=now,
        zone=settings.TIME_ZONE,
    ):
        return 0
    open_still = [ParticipantState.ACTIVE, ParticipantState.DISPUTED]
    if cycle.participants.filter(state__in=open_still).exists():
        return 0  # the page of the cycle says what keeps it open
    try:
        close_cycle(cycle, by=SYSTEM_VIEWER, now=now)
    except (StaleState, PermissionDenied, Hindered):
        log.info("cycle_not_closed", cycle_id=cycle.pk)
        return 0
    return 1


@transaction.atomic
def pause_cycle(cycle: Cycle, *, by: Viewer, now: datetime) -> None:
    """Nobody writes and the clock turns and ends nothing until it is resumed."""
    cycle_gate.require(by, "pause_cycle", cycle)
    here = cycle.state
    move = Move(frozenset({here}), CYCLE_MOVES["pause_cycle"].target)
    advance(cycle, move, paused_from=here, paused_at=now)
    record("pause_cycle", cycle, by=by, at=now, phase=here)


@transaction.atomic
def resume_cycle(cycle: Cycle, *, move_days: bool = False, by: Viewer, now: datetime) -> int:
    """On with the phase in which it was paused; the clock may turn it again at once.

    Arguments: `move_days` puts off by the days of the pause what was not over when it began: phases
    and more time alike. Result: by how many days. Errors: StaleState, PermissionDenied.
    """
    name = f"resume_{cycle.paused_from}"
    if name not in CYCLE_MOVES:
        raise StaleState(f"{cycle} is not paused")
    cycle_gate.require(by, name, cycle)
    paused_at = cycle.paused_at or now
    days = days_between(paused_at, now, zone=settings.TIME_ZONE) if move_days else 0
    advance(cycle, CYCLE_MOVES[name], paused_from="", paused_at=None)
    if days:
        since = newest_day_over(paused_at, zone=settings.TIME_ZONE) + timedelta(days=1)
        for phase in cycle.phases.filter(due_on__gte=since):
            if phase.opens_on > since:
                phase.opens_on += timedelta(days=days)
            phase.due_on += timedelta(days=days)
            phase.save()
        move_open(cycle, since=since, days=days)
    record(name, cycle, by=by, at=now, days=days)
    return days


@transaction.atomic
def step_back(cycle: Cycle, *, reason: str, reopens_on: date, by: Viewer, now: datetime) -> str:
    """Into the phase before, with a reason, and with a new first day for the one that is left.

    Without a new day the clock would open it again within a minute. Result: the kind of the phase
    entered. Errors: Hindered without a phase before, without a reason or while packets are out.
    """
    cycle_gate.require(by, "step_back", cycle)
    left = cycle.state
    entered = previous_phase(left, _kinds(cycle))
    if entered is None:
        raise Hindered(_("This is the first phase of the cycle."))
    if not reason.strip():
        raise Hindered(_("Say in one sentence why; it stays with the cycle."))
    if has_opened(reopens_on, now=now, zone=settings.TIME_ZONE):
        raise Hindered(_("Choose a day after today on which the phase opens again."))
    released = cycle.participants.filter(state__in=DELIVERED).count()
    if released:
        raise Hindered(_("Packets are released already. Take them back first."))
    advance(cycle, step_back_to(left, entered))
    cycle.phases.filter(kind=entered, due_on__lt=reopens_on).update(
        due_on=reopens_on - timedelta(days=1)
    )
    for phase in cycle.phases.filter(kind=left):
        phase.due_on = max(phase.due_on, reopens_on)
        phase.opens_on = reopens_on
        phase.save()
    for phase in cycle.phases.filter(kind__in=[entered, left]):
        move_with_phase(cycle, phase.kind, phase.due_on)
    StepBack.objects.create(
        cycle=cycle,
        left=left,
        entered=entered,
        reason=reason.strip(),
        taken_at=now,
        taken_by_id=by.person_id,
    )
    record("step_back", cycle, by=by, at=now, left=left, entered=entered, reopens_on=reopens_on)
    return entered


@transaction.atomic
def close_cycle(
    cycle: Cycle, *, accept_unreleased: bool = False, by: Viewer, now: datetime
) -> None:
    """The end. Packets that were not released stay unread, so that must be said out loud first."""
    cycle_gate.require(by, "close_cycle", cycle)
    unreleased = cycle.participants.filter(state=ParticipantState.ACTIVE).count()
    if unreleased and not accept_unreleased:
        raise Hindered(
            _("Some packets are not released. Release them, or confirm to close without.")
        )
    advance(cycle, CYCLE_MOVES["close_cycle"], closed_at=now)
    record("close_cycle", cycle, by=by, at=now, unreleased=unreleased)


@transaction.atomic
def export_board(cycle: Cycle, *, rows: int, by: Viewer, now: datetime) -> None:
    """Somebody took the board along as a file; who may, the page has asked."""
    record("export_board", cycle, by=by, at=now, rows=rows)


def _kinds(cycle: Cycle) -> Iterable[str]:
    return [phase.kind for phase in cycle.phases.all()]
