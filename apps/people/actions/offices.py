"""Giving and taking back the offices of HR."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from apps.core.access import Viewer
from apps.core.audit import record
from apps.people.access import person_gate
from apps.people.models import Person
from apps.people.states import Office

COLUMN = {Office.PROCESS_ADMIN: "is_process_admin", Office.CONTENT_ADMIN: "is_content_admin"}


@transaction.atomic
def grant_office(person: Person, office: Office, *, by: Viewer, now: datetime) -> bool:
    """Give an office. Result: whether anything changed. Nobody gives one to themself."""
    person_gate.require(by, "grant_office", person)
    return _set("grant_office", person, office, True, by=by, now=now)


@transaction.atomic
def revoke_office(person: Person, office: Office, *, by: Viewer, now: datetime) -> bool:
    """Take an office back; the holder's next request is without it. Result: as grant_office."""
    person_gate.require(by, "revoke_office", person)
    return _set("revoke_office", person, office, False, by=by, now=now)


def _set(
    verb: str, person: Person, office: Office, held: bool, *, by: Viewer, now: datetime
) -> bool:
    column = COLUMN[office]
    changed = Person.objects.filter(pk=person.pk, **{column: not held}).update(**{column: held})
    if changed:
        setattr(person, column, held)
        record(verb, person, by=by, at=now, office=office.value)
    return bool(changed)
