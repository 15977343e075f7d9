"""Entering people and changing what is entered about them."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction

from apps.core.access import Viewer
from apps.core.audit import record
from apps.core.workflow import StaleState
from apps.ladders.models import Level, Mixin, RoleProfile
from apps.people.access import person_gate
from apps.people.models import Department, Location, Person, User
from apps.people.rules.lines import Loop, refuse_loop
from apps.people.rules.people_file import email_key
from apps.people.viewers import LONGEST_LINE, people_above


class AddressTaken(Exception):
    """Another account signs in with this address."""


@dataclass(frozen=True)
class Facts:
    """What HR enters about a person. The day somebody leaves has a deed of its own (leave)."""

    name: str
    email: str
    job_title: str = ""
    employee_number: str | None = None
    manager: Person | None = None
    department: Department | None = None
    location: Location | None = None
    time_zone: str = "UTC"
    level: Level | None = None
    role_profile: RoleProfile | None = None
    mixins: tuple[Mixin, ...] = ()
    hired_on: date | None = None

    def columns(self) -> dict[str, Any]:
        """What stands in the row itself, apart from the manager."""
        apart = {"manager", "mixins"}
        values = {f.name: getattr(self, f.name) for f in fields(self) if f.name not in apart}
        return values | {
            "email": email_key(self.email),
            "employee_number": self.employee_number or None,
        }


@transaction.atomic
def create_person(facts: Facts, *, by: Viewer, now: datetime) -> Person:
    """Enter somebody; an account is opened apart. Errors: StaleState when the address was taken."""
    person = Person(**facts.columns(), manager=facts.manager)
    person_gate.require(by, "create_person", person)
    _save(person)
    person.mixins.set(facts.mixins)
    record("create_person", person, by=by, at=now, manager=person.manager_id, level=person.level_id)
    return person


@transaction.atomic
def edit_person(person: Person, facts: Facts, *, by: Viewer, now: datetime) -> Person:
    """Write the facts. Result: the person as stored; nothing is recorded when nothing changed.

    Errors: Loop from a manager who reports to the person; AddressTaken.
    """
    person_gate.require(by, "edit_person", person)
    stored = Person.objects.select_for_update().get(pk=person.pk)
    changed = []
    for column, value in facts.columns().items():
        if getattr(stored, column) != value:
            setattr(stored, column, value)
            changed.append(column)
    if "email" in changed:
        _move_account(stored)
    before = Person.objects.values_list("level_id", flat=True).get(pk=stored.pk)
    if changed:
        _save(stored)
    if {m.pk for m in facts.mixins} != set(stored.mixins.values_list("pk", flat=True)):
        stored.mixins.set(facts.mixins)
        changed.append("mixins")
    if changed:
        detail = {"level_from": before, "level_to": stored.level_id} if "level" in changed else {}
        record("edit_person", stored, by=by, at=now, fields=changed, **detail)
    if (facts.manager.pk if facts.manager else None) != stored.manager_id:
        change_manager(stored, facts.manager, by=by, now=now)
    return stored


@transaction.atomic
def change_manager(person: Person, manager: Person | None, *, by: Viewer, now: datetime) -> None:
    """Hang a person, with everybody below, under another manager, or under nobody.

    Errors: Loop when the manager reports to the person, directly or through others.
    """
    person_gate.require(by, "change_manager", person)
    stored = Person.objects.select_for_update().get(pk=person.pk)
    if manager is not None:
        # Two changes at once could close a ring that neither sees: both lock the whole line first.
        line = people_above(manager) | {manager.pk}
        list(Person.objects.select_for_update().filter(pk__in=line).order_by("pk"))
        above = people_above(Person.objects.get(pk=manager.pk))
        refuse_loop(stored.pk, above, manager.pk)
        if len(above) >= LONGEST_LINE:
            raise Loop(f"The line above {manager.pk} has no top")
    before, stored.manager = stored.manager_id, manager
    stored.save(update_fields=["manager"])
    person.manager = manager
    record(
        "change_manager",
        stored,
        by=by,
        at=now,
        manager_from=before,
        manager_to=manager.pk if manager else None,
    )


@transaction.atomic
def choose_time_zone(person: Person, time_zone: str, *, by: Viewer, now: datetime) -> None:
    """Everybody sets the clock by which they are reminded."""
    person_gate.require(by, "choose_time_zone", person)
    if (
        not Person.objects.filter(pk=person.pk)
        .exclude(time_zone=time_zone)
        .update(time_zone=time_zone)
    ):
        return
    person.time_zone = time_zone
    record("choose_time_zone", person, by=by, at=now, time_zone=time_zone)


def _save(person: Person) -> None:
    """The form asked before; here somebody else was quicker."""
    try:
        with transaction.atomic():
            person.save()
    except IntegrityError as taken:
        raise StaleState("This address or number was given to somebody else meanwhile") from taken


def _move_account(person: Person) -> None:
    """Sign-in follows the address that HR enters."""
    if person.user_id is None:
        return
    if User.objects.filter(email=person.email).exclude(pk=person.user_id).exists():
        raise AddressTaken(person.email)
    User.objects.filter(pk=person.user_id).update(email=person.email)
    EmailAddress.objects.filter(user_id=person.user_id).delete()
