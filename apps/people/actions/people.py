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
from apps.people.access import person_gate
from apps.people.models import Person, User
from apps.people.rules.lines import Loop, refuse_loop
from apps.people.rules.people_file import email_key
from apps.people.viewers import LONGEST_LINE, people_above


class AddressTaken(Exception):
    """Another account signs in with this address."""


@dataclass(frozen=True)
class Facts:
    """What HR enters about a person; `_id` are primary keys. Leaving has a deed of its own."""

    name: str
    email: str
    job_title: str = ""
    employee_number: str | None = None
    manager_id: int | None = None
    department_id: int | None = None
    location_id: int | None = None
    time_zone: str = "UTC"
    level_id: int | None = None
    role_profile_id: int | None = None
    mixin_ids: frozenset[int] = frozenset()
    hired_on: date | None = None

    def columns(self) -> dict[str, Any]:
        """What stands in the row itself, apart from the manager."""
        apart = {"manager_id", "mixin_ids"}
        values = {f.name: getattr(self, f.name) for f in fields(self) if f.name not in apart}
        return values | {
            "email": email_key(self.email),
            "employee_number": self.employee_number or None,
        }


@transaction.atomic
def create_person(facts: Facts, *, by: Viewer, now: datetime) -> Person:
    """Enter somebody; an account is opened apart. Errors: StaleState when the address was taken."""
    person = Person(**facts.columns(), manager_id=facts.manager_id)
    person_gate.require(by, "create_person", person)
    _save(person)
    person.mixins.set(facts.mixin_ids)
    record("create_person", person, by=by, at=now, manager=person.manager_id, level=person.level_id)
    return person


@transaction.atomic
def edit_person(person: Person, facts: Facts, *, by: Viewer, now: datetime) -> Person:
    """Write the facts. Result: the person as stored; nothing is recorded when nothing changed.

    Errors: Loop from a manager who reports to the person; AddressTaken.
    """
    person_gate.require(by, "edit_person", person)
    stored = _locked(person.pk, facts.manager_id)
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
    if facts.mixin_ids != set(stored.mixins.values_list("pk", flat=True)):
        stored.mixins.set(facts.mixin_ids)
        changed.append("mixins")
    if changed:
        detail = (
            {"level_from": before, "level_to": stored.level_id} if "level_id" in changed else {}
        )
        record("edit_person", stored, by=by, at=now, fields=changed, **detail)
    if facts.manager_id != stored.manager_id:
        manager = Person.objects.get(pk=facts.manager_id) if facts.manager_id else None
        change_manager(stored, manager, by=by, now=now)
    return stored


@transaction.atomic
def change_manager(person: Person, manager: Person | None, *, by: Viewer, now: datetime) -> None:
    """Hang a person, with everybody below, under another manager, or under nobody.

    Errors: Loop when the manager reports to the person, directly or through others.
    """
    person_gate.require(by, "change_manager", person)
    stored = _locked(person.pk, manager.pk if manager else None)
    if manager is not None:
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


def _locked(person_id: int, manager_id: int | None) -> Person:
    """The person, locked together with the new manager and everybody above.

    Two changes at once could close a ring that neither sees, so both lock the whole line, in one
    order, and walk it again until nobody new has come into it.
    """

    def line() -> set[int]:
        manager = Person.objects.filter(pk=manager_id).first() if manager_id else None
        return {person_id} | ({manager.pk} | people_above(manager) if manager else set())

    locked: set[int] = set()
    while not (wanted := line()) <= locked:
        rows = Person.objects.select_for_update().filter(pk__in=wanted | locked).order_by("pk")
        locked = {row.pk for row in rows}
    return Person.objects.get(pk=person_id)


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
