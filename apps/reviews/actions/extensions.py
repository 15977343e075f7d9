"""More time: given by HR to one or to many, run on by grace, ended by the clock or by HR.

The gate has no clock, so a running row opens writing and this module ends it when its day and the
days of grace are over where the person is. Feedback has no such rows: an anonymous answer must
leave with all the others.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F, Q, QuerySet, Value
from django.utils.translation import gettext as _

from apps.core.access import SYSTEM_VIEWER, Viewer
from apps.core.audit import record, record_many
from apps.core.copying import insert_select
from apps.core.workflow import StaleState
from apps.reviews.access import participant_gate
from apps.reviews.models import Cycle, Extension, Participant
from apps.reviews.rules.phases import Hindered, has_opened, newest_day_over
from apps.reviews.states import (
    RUNNING,
    WRITTEN_IN,
    ParticipantState,
    ReviewState,
)

WRITTEN = {phase.value: kind.value for kind, phase in WRITTEN_IN.items()}


def give_more_time(
    participant: Participant,
    *,
    phase: str,
    until: date,
    reason: str = "",
    by: Viewer,
    now: datetime,
) -> None:
    """One person may write until the end of this day. Errors: as give_time_to_many."""
    ids = [participant.pk]
    give_time_to_many(ids, phase=phase, until=until, reason=reason, by=by, now=now)


@transaction.atomic
def give_time_to_many(
    participant_ids: Sequence[int],
    *,
    cycle_id: int | None = None,
    phase: str,
    until: date,
    reason: str = "",
    by: Viewer,
    now: datetime,
) -> list[Participant]:
    """What these people's phase asks for may be written until the end of this day: all or none.

    Arguments: `phase` one in which something is written; `cycle_id` the cycle to which all must
    belong. Time that runs already is replaced. 6 queries for up to 500 people. Errors:
    Participant.DoesNotExist for an id that this viewer does not see; PermissionDenied; Hindered
    with one sentence a person; StaleState when somebody gave time at the same moment.
    """
    if phase not in WRITTEN:
        raise Hindered(_("Nothing is written in this phase."))
    if has_opened(until + timedelta(days=1), now=now, zone=settings.TIME_ZONE):
        raise Hindered(_("Choose today or a day to come."))
    wanted = set(participant_ids)
    people = list(
        Participant.objects.visible_to(by)
        .filter(pk__in=wanted)
        .select_related("cycle", "person")
        .with_waits()
        .with_time(phase)
    )
    strangers = [p for p in people if cycle_id is not None and p.cycle_id != cycle_id]
    if not wanted or len(people) != len(wanted) or strangers:
        raise Participant.DoesNotExist
    reasons = []
    for participant in people:
        participant_gate.require(by, "give_more_time", participant)
        if until <= newest_day_over(now, zone=participant.person.time_zone):
            reasons.append(
                _("%(name)s: that day is over where they are.") % {"name": participant.person.name}
            )
        elif why := participant.time_hindrance(phase, until=until):
            reasons.append(f"{participant.person.name}: {why}")
    if reasons:
        raise Hindered(*reasons)
    Extension.objects.running().filter(participant__in=wanted, phase=phase).update(ended_at=now)
    rows = [
        Extension(
            participant=participant,
            phase=phase,
            due_on=until,
            reason=reason.strip(),
            granted_at=now,
            granted_by_id=by.person_id,
        )
        for participant in people
    ]
    try:
        with transaction.atomic():
            Extension.objects.bulk_create(rows)
    except IntegrityError as lost:
        raise StaleState("somebody gave them time at the same moment") from lost
    record_many("give_more_time", people, by=by, at=now, phase=phase, until=until)
    return people


@transaction.atomic
def end_more_time(participant: Participant, *, phase: str, by: Viewer, now: datetime) -> None:
    """HR ends it before its day. What was written stays. Errors: StaleState without such time."""
    participant_gate.require(by, "end_more_time", participant)
    running = Extension.objects.running().filter(participant=participant, phase=phase)
    if not running.update(ended_at=now):
        raise StaleState(f"no time runs for {participant}")
    record("end_more_time", participant, by=by, at=now, phase=phase)


# --- the clock, and what follows when phases turn or move ---------------------------------------------


def run_grace(cycle: Cycle, left: str, *, by: Viewer, now: datetime) -> int:
    """A phase has closed while its days of grace run on somewhere: whoever has not handed in may go
    on until they are over. Result: how many. 3 queries however many people, none without."""
    phase = cycle.phases.filter(kind=left).first()
    if left not in WRITTEN or phase is None:
        return 0
    last_day = phase.due_on + timedelta(days=cycle.grace_days)
    unfinished = Participant.objects.filter(
        cycle=cycle,
        state=ParticipantState.ACTIVE,
        reviews__kind=WRITTEN[left],
        reviews__state=ReviewState.DRAFT,
    )
    zones = unfinished.order_by().values_list("person__time_zone", flat=True).distinct()
    still_on = [zone for zone in zones if newest_day_over(now, zone=zone) < last_day]
    if not still_on:
        return 0
    # Somebody whom HR gave more time has their row already; theirs is the later day.
    count = insert_select(
        Extension,
        unfinished.filter(person__time_zone__in=still_on),
        {
            "participant": F("pk"),
            "phase": Value(left),
            "due_on": Value(phase.due_on),
            "reason": Value(""),
            "granted_at": Value(now),
        },
    )
    if count:
        record("run_grace", cycle, by=by, at=now, phase=left, people=count)
    return count


@transaction.atomic
def end_passed(*, now: datetime) -> int:
    """End what is over, in its person's time zone, in cycles that run: a pause stops this clock.

    Result: how many. 1 query while nothing runs; else one and two more for each cycle in which
    something is over. Running it twice changes nothing more.
    """
    running = Extension.objects.running().filter(participant__cycle__state__in=RUNNING)
    kinds = running.order_by().values_list(
        "participant__cycle",
        "participant__cycle__grace_days",
        "due_on",
        "participant__person__time_zone",
    )
    over: dict[int, Q] = defaultdict(Q)
    for cycle_id, grace_days, due_on, zone in kinds.distinct():
        if due_on + timedelta(days=grace_days) <= newest_day_over(now, zone=zone):
            over[cycle_id] |= Q(due_on=due_on, participant__person__time_zone=zone)
    ended = 0
    for cycle in Cycle.objects.filter(pk__in=over).order_by("pk") if over else ():
        rows = running.filter(over[cycle.pk], participant__cycle=cycle)
        if number := rows.update(ended_at=now):
            record("end_passed", cycle, by=SYSTEM_VIEWER, at=now, people=number)
        ended += number
    return ended


def move_with_phase(cycle: Cycle, kind: str, due_on: date) -> None:
    """No extension is due before its phase. 1 query."""
    _running_in(cycle).filter(phase=kind, due_on__lt=due_on).update(due_on=due_on)


def move_open(cycle: Cycle, *, since: date, days: int) -> int:
    """Put off by `days` what was not over on the day `since`. 1 query. Result: how many."""
    moved = 0
    rows = _running_in(cycle).filter(due_on__gte=since)
    for due_on in sorted(set(rows.values_list("due_on", flat=True)), reverse=True):
        moved += rows.filter(due_on=due_on).update(due_on=due_on + timedelta(days=days))
    return moved


def _running_in(cycle: Cycle) -> QuerySet[Extension]:
    return Extension.objects.running().filter(participant__cycle=cycle)
