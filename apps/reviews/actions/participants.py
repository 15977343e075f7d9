"""What happens to people in a cycle that runs: excused, added late, moved, on leave."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Case, Count, F, Q, When
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.core.access import Viewer
from apps.core.audit import record, record_many
from apps.core.copying import insert_select
from apps.core.workflow import StaleState, advance
from apps.ladders.expectations import count_of
from apps.people.models import Person
from apps.reviews.access import choice_gate, cycle_gate, participant_gate
from apps.reviews.actions.launch import enrol
from apps.reviews.models import (
    Cycle,
    Goal,
    Participant,
    PopulationChoice,
    Review,
)
from apps.reviews.rules.phases import Hindered
from apps.reviews.states import PARTICIPANT_MOVES, ParticipantState, ReviewKind, ReviewState


def excuse_participant(participant: Participant, *, by: Viewer, now: datetime) -> None:
    """Out of this cycle; what was written stays. PRIVACY: no reason is asked, and none is kept."""
    excuse_many([participant.pk], by=by, now=now)
    participant.state = ParticipantState.EXCUSED


@transaction.atomic
def excuse_many(
    participant_ids: Sequence[int], *, cycle_id: int | None = None, by: Viewer, now: datetime
) -> list[Participant]:
    """These people out of this cycle: all or none. 4 queries for up to 500.

    Arguments: `cycle_id` the cycle to which all must belong. Errors: Participant.DoesNotExist for an
    id that this viewer does not see; PermissionDenied; StaleState when one moved.
    """
    people = chosen(participant_ids, cycle_id=cycle_id, by=by)
    move = PARTICIPANT_MOVES["excuse_participant"]
    for participant in people:
        participant_gate.require(by, "excuse_participant", participant)
    rows = Participant.objects.filter(pk__in=[p.pk for p in people], state__in=move.sources)
    if rows.update(state=move.target) != len(people):
        raise StaleState("one of them moved at the same moment")
    record_many("excuse_participant", people, by=by, at=now)
    return people


def chosen(
    participant_ids: Sequence[int], *, cycle_id: int | None = None, by: Viewer
) -> list[Participant]:
    """These participants with what gates ask about, if this viewer sees them all. 1 query.

    Errors: Participant.DoesNotExist for one not seen, of another cycle, or for none at all.
    """
    wanted = set(participant_ids)
    people = list(
        Participant.objects.visible_to(by)
        .filter(pk__in=wanted)
        .select_related("cycle", "person__manager", "manager")
        .order_by("person__name", "pk")
    )
    strangers = [p for p in people if cycle_id is not None and p.cycle_id != cycle_id]
    if not wanted or len(people) != len(wanted) or strangers:
        raise Participant.DoesNotExist
    return people


@transaction.atomic
def readmit_participant(participant: Participant, *, by: Viewer, now: datetime) -> None:
    """Back into the cycle, exactly as they left it."""
    participant_gate.require(by, "readmit_participant", participant)
    advance(participant, PARTICIPANT_MOVES["readmit_participant"])
    record("readmit_participant", participant, by=by, at=now)


@transaction.atomic
def add_participant(cycle: Cycle, person: Person, *, by: Viewer, now: datetime) -> Participant:
    """Somebody joins while it runs, as they stand today. Errors: as add_many."""
    return add_many(cycle, [person.pk], by=by, now=now)[0]


@transaction.atomic
def add_many(
    cycle: Cycle, person_ids: Sequence[int], *, by: Viewer, now: datetime
) -> list[Participant]:
    """These people join while it runs, as they stand today: all or none.

    Errors: Hindered for somebody who has left; StaleState when one is in already; PermissionDenied,
    also for oneself.
    """
    cycle_gate.require(by, "add_participant", cycle)
    people = Person.objects.filter(pk__in=set(person_ids))
    for pk in set(person_ids):
        choice_gate.require(by, "add_participant", PopulationChoice(cycle=cycle, person_id=pk))
    if people.former(on=timezone.localdate(now)).exists():
        raise Hindered(_("This person does not work here any more."))
    if enrol(cycle, people) != len(set(person_ids)):
        raise StaleState(f"one of them takes part in {cycle.pk} already")
    participants = list(Participant.objects.filter(cycle=cycle, person__in=set(person_ids)))
    record_many(
        "add_participant",
        participants,
        by=by,
        at=now,
        each=lambda p: {"cycle": cycle.pk, "person": p.person_id},
    )
    return participants


@transaction.atomic
def leave_out(cycle: Cycle, person: Person, *, reason: str, by: Viewer, now: datetime) -> None:
    """Somebody who belongs to this cycle by their place does not take part in it.

    Errors: Hindered without a reason; StaleState when they take part already; PermissionDenied, also
    for oneself.
    """
    choice_gate.require(by, "leave_out", PopulationChoice(cycle=cycle, person=person))
    if not reason.strip():
        raise Hindered(_("Say in one sentence why; it stays with the cycle."))
    if cycle.participants.filter(person=person).exists():
        raise StaleState(f"{person.pk} takes part in {cycle.pk} already")
    PopulationChoice.objects.update_or_create(
        cycle=cycle,
        person=person,
        defaults={
            "takes_part": False,
            "reason": reason.strip(),
            "chosen_at": now,
            "chosen_by_id": by.person_id,
        },
    )
    record("leave_out", cycle, by=by, at=now, person=person.pk)


def keep_level(participant: Participant, *, by: Viewer, now: datetime) -> None:
    """The level of the launch goes on counting in this cycle."""
    keep_many([participant], "keep_level", by=by, now=now)


def keep_manager(participant: Participant, *, by: Viewer, now: datetime) -> None:
    """The manager of the launch goes on reviewing although the person reports to another now."""
    keep_many([participant], "keep_manager", by=by, now=now)


def keep_leaver(participant: Participant, *, by: Viewer, now: datetime) -> None:
    """Somebody who has left stays in the cycle."""
    keep_many([participant], "keep_leaver", by=by, now=now)


def keep_leave(participant: Participant, *, by: Viewer, now: datetime) -> None:
    """The days of somebody on leave stay as they are."""
    keep_many([participant], "keep_leave", by=by, now=now)


KEPT = {
    "keep_level": ("level_kept", "level_id"),
    "keep_manager": ("manager_kept", "manager_id"),
    "keep_leaver": ("leaver_kept", ""),
    "keep_leave": ("leave_kept", ""),
}


@transaction.atomic
def keep_many(people: Sequence[Participant], deed: str, *, by: Viewer, now: datetime) -> None:
    """What the cycle knows of these people goes on counting: all or none. `deed` one of KEPT.

    Errors: Hindered where there is no earlier manager; StaleState when one moved meanwhile.
    """
    flag, about = KEPT[deed]
    for participant in people:
        participant_gate.require(by, deed, participant)
        if deed == "keep_manager" and participant.manager_id is None:
            raise Hindered(_("There is no earlier manager to keep."))
    claim_many(people, **{flag: True})
    record_many(
        deed,
        people,
        by=by,
        at=now,
        each=lambda p: {about.removesuffix("_id"): getattr(p, about)} if about else {},
    )


def take_level(participant: Participant, *, by: Viewer, now: datetime) -> None:
    """The level and mixins of today count instead. As take_level_many."""
    take_level_many([participant], by=by, now=now)


@transaction.atomic
def take_level_many(people: Sequence[Participant], *, by: Viewer, now: datetime) -> None:
    """The levels and mixins of today count instead: for all or none of these.

    Only before the manager review is in. What was written about competencies that no longer count
    is kept, and shown no more. As many queries for one as for many. Errors: Hindered by name.
    """
    pks = [participant.pk for participant in people]
    reviewed = set(
        Review.objects.filter(
            participant__in=pks, kind=ReviewKind.MANAGER, state=ReviewState.SUBMITTED
        ).values_list("participant", flat=True)
    )
    reasons = []
    for participant in people:
        participant_gate.require(by, "take_level", participant)
        if participant.pk in reviewed:
            why = _("The manager review is submitted for the earlier level.")
            reasons.append(f"{participant.person.name}: {why}" if len(people) > 1 else why)
    if reasons:
        raise Hindered(*reasons)
    counts = counts_of_today(people)
    goals = dict(
        Goal.objects.filter(participant__in=pks)
        .order_by()
        .values_list("participant")
        .annotate(Count("pk"))
    )
    old = {participant.pk: participant.level_id for participant in people}
    claim_many(
        people,
        level_kept=False,
        level_taken=True,
        level_id=Case(*(When(pk=p.pk, then=p.person.level_id) for p in people)),
        item_count=Case(
            *(When(pk=p.pk, then=counts[p.person_id] + goals.get(p.pk, 0)) for p in people)
        ),
    )
    held = Participant.mixins.through.objects
    held.filter(participant__in=pks).delete()
    insert_select(
        Participant.mixins.through,
        Participant.objects.filter(pk__in=pks, person__mixins__isnull=False),
        {"participant": F("pk"), "mixin": F("person__mixins__pk")},
    )
    record_many(
        "take_level",
        people,
        by=by,
        at=now,
        each=lambda p: {"old": old[p.pk], "new": p.person.level_id},
    )


def counts_of_today(people: Sequence[Participant]) -> dict[int, int]:
    """Person to how many competencies they are rated on, as they stand today. 4 queries."""
    mixins = mixins_of([participant.person_id for participant in people])
    combinations = {
        p.person_id: (p.person.level_id, mixins.get(p.person_id, frozenset())) for p in people
    }
    counted = count_of(combinations.values())
    return {pk: counted[combination] for pk, combination in combinations.items()}


def mixins_of(person_ids: Sequence[int]) -> dict[int, frozenset[int]]:
    """Person to the role mixins of today, for those who have any. 1 query."""
    found: dict[int, set[int]] = defaultdict(set)
    held = Person.mixins.through.objects.filter(person__in=person_ids)
    for person_id, mixin_id in held.values_list("person_id", "mixin_id"):
        found[person_id].add(mixin_id)
    return {pk: frozenset(mixins) for pk, mixins in found.items()}


def is_reviewed(participant: Participant) -> bool:
    return Review.objects.filter(
        participant=participant, kind=ReviewKind.MANAGER, state=ReviewState.SUBMITTED
    ).exists()


def claim(participant: Participant, **changes: object) -> None:
    """As claim_many, and the object carries the new values."""
    claim_many([participant], **changes)
    for name, value in changes.items():
        setattr(participant, name, value)


def claim_many(people: Sequence[Participant], **changes: object) -> None:
    """Write while they are still being reviewed by whom the page said, or say it is out of date."""
    as_read = Q(pk__in=[])
    for participant in people:
        as_read |= Q(pk=participant.pk, manager=participant.manager_id)
    rows = Participant.objects.filter(as_read, state=ParticipantState.ACTIVE)
    if rows.update(**changes) != len(people):
        raise StaleState("one of them moved meanwhile")
