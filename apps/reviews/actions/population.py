"""Who takes part: the rules of a plan, and people taken in or left out by hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from apps.core.access import Viewer
from apps.core.audit import record
from apps.people.models import Person
from apps.reviews.access import choice_gate, cycle_gate
from apps.reviews.actions.cycles import Faulty, hold_plan
from apps.reviews.models import Cycle, PopulationChoice
from apps.reviews.rules.phases import Faults, Hindered


@transaction.atomic
def edit_population(
    cycle: Cycle,
    *,
    department_ids: Sequence[int],
    location_ids: Sequence[int] = (),
    level_ids: Sequence[int] = (),
    hired_until: date | None = None,
    by: Viewer,
    now: datetime,
) -> None:
    """Say whom the plan takes in. No location and no level means everywhere and on any level.

    Errors: Faulty without a department; StaleState once it has started; PermissionDenied.
    """
    cycle_gate.require(by, "edit_population", cycle)
    hold_plan(cycle)
    if not department_ids:
        raise Faulty(Faults({"departments": _("Choose at least one department.")}))
    cycle.departments.set(department_ids)
    cycle.locations.set(location_ids)
    cycle.levels.set(level_ids)
    cycle.hired_until = hired_until
    cycle.save(update_fields=["hired_until"])
    record(
        "edit_population",
        cycle,
        by=by,
        at=now,
        departments=sorted(department_ids),
        locations=sorted(location_ids),
        levels=sorted(level_ids),
        hired_until=hired_until,
    )


@transaction.atomic
def choose_people(
    cycle: Cycle,
    people: Sequence[Person],
    *,
    takes_part: bool,
    reason: str,
    by: Viewer,
    now: datetime,
) -> None:
    """Take these people in, or leave them out, whatever the plan says; one reason for all of them.

    Who was chosen before is chosen anew. As many queries for a hundred as for one. Errors: Hindered without a
    reason; StaleState once it has started; PermissionDenied, also for oneself.
    """
    for person in people:
        choice_gate.require(by, "choose_people", PopulationChoice(cycle=cycle, person=person))
    hold_plan(cycle)
    if not reason.strip():
        raise Hindered(_("Say in a few words why; it stands beside the name."))
    PopulationChoice.objects.bulk_create(
        [
            PopulationChoice(
                cycle=cycle,
                person=person,
                takes_part=takes_part,
                reason=reason.strip(),
                chosen_at=now,
                chosen_by_id=by.person_id,
            )
            for person in people
        ],
        update_conflicts=True,
        unique_fields=["cycle", "person"],
        update_fields=["takes_part", "reason", "chosen_at", "chosen_by"],
    )
    keys = sorted(person.pk for person in people)
    record("choose_people", cycle, by=by, at=now, takes_part=takes_part, people=keys)


@transaction.atomic
def forget_choice(choice: PopulationChoice, *, by: Viewer, now: datetime) -> None:
    """From here the plan decides about this person again. Errors: StaleState, PermissionDenied."""
    choice_gate.require(by, "choose_people", choice)
    hold_plan(choice.cycle)
    choice.delete()
    record("forget_choice", choice.cycle, by=by, at=now, person=choice.person_id)
