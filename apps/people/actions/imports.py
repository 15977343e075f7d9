"""Taking a file of people: all of it, or nothing."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from zoneinfo import available_timezones

from django.db import transaction
from django.utils import timezone

from apps.core.access import Viewer
from apps.core.audit import record_many
from apps.core.workflow import StaleState
from apps.people.access import person_gate
from apps.people.actions.accounts import give_accounts, shut_out
from apps.people.models import Department, Location, Person, StagedImport, User
from apps.people.roll import known_people
from apps.people.rules.changes import Diff, Entry, diff
from apps.people.rules.people_file import email_key, parse_people
from apps.people.rules.table_file import decode

BATCH = 500
KEPT_FOR = timedelta(hours=1)
# Columns of the row that the file writes as it has them; the others name a row elsewhere.
PLAIN = {"name", "email", "time_zone", "job_title", "employee_number", "hired_on", "left_on",
         "leave_from", "leave_until"}  # fmt: skip
NAMED = {"department": "department_id", "location": "location_id", "level": "level_id",
         "role_profile": "role_profile_id"}  # fmt: skip


@transaction.atomic
def import_people(
    data: bytes,
    *,
    by: Viewer,
    now: datetime,
    dry_run: bool = False,
    with_accounts: bool = False,
) -> Diff:
    """Bring the roll in line with a file. People who are not in it stay as they are.

    Arguments: the bytes of a CSV; `dry_run` looks and changes nothing; `with_accounts` opens an
    account for everybody in it who works here and has none. Result: what was, or would be, changed.
    Errors: Refused with every problem by row and column; then nothing was written.
    """
    person_gate.require(by, "import_people", Person())
    today = timezone.localdate(now)
    parsed = parse_people(data, time_zones=available_timezones())
    everybody = Person.objects.select_for_update(of=("self",))
    known = known_people(everybody)
    own = next((key for key, p in known.people.items() if p.pk == by.person_id), "")
    found = diff(parsed, known, on=today, own_key=own)
    if dry_run:
        return found

    places = _new_places(found)
    people = _new_people(found.created, places)
    people |= _changed_people(found.changed, places)
    _hang(found, people)
    _set_mixins([*found.created, *found.changed], people)
    was_gone = {p.pk for p in known.people.values() if (d := p.values["left_on"]) and d <= today}
    gone = {p.pk for p in people.values() if p.has_left(on=today)}
    if newly := gone - was_gone:
        shut_out(newly, now=now)
    if back := {p.pk for p in people.values() if p.pk in was_gone} - gone:
        User.objects.filter(person__in=back).update(is_active=True)
    if with_accounts:
        keys = [row.key for row in parsed.rows]
        give_accounts([p for p in _by_email(keys) if not p.has_left(on=today)])
    for entries, is_new in ((found.created, True), (found.changed, False)):
        if entries:
            fields = {people[e.email].pk: sorted(e.values) for e in entries}
            record_many(
                "import_people",
                [people[e.email] for e in entries],
                by=by,
                at=now,
                each=lambda p, fields=fields, is_new=is_new: {
                    "new": is_new,
                    "fields": fields[p.pk],
                },
            )
    return found


@transaction.atomic
def stage_import(
    data: bytes, *, name: str, with_accounts: bool, by: Viewer, now: datetime
) -> StagedImport:
    """Keep a file until its preview is confirmed; a newer one takes its place.

    Errors: Refused when it is too large or no text. PRIVACY: files nobody confirmed go within the
    hour, or when the next one comes.
    """
    person_gate.require(by, "import_people", Person())
    decode(data)
    StagedImport.objects.filter(staged_at__lt=now - KEPT_FOR).delete()
    staged, _ = StagedImport.objects.update_or_create(
        person_id=by.person_id,
        defaults={
            "name": name[:255],
            "content": data,
            "with_accounts": with_accounts,
            "staged_at": now,
        },
    )
    return staged


@transaction.atomic
def confirm_import(staged: StagedImport, *, seen: str, by: Viewer, now: datetime) -> Diff:
    """Take the file that was looked at, and drop it.

    Arguments: `seen` the fingerprint of the difference that the page showed. Errors: StaleState when
    it would now change something else, or lay too long; Refused.
    """
    if staged.staged_at < now - KEPT_FOR:
        raise StaleState("The file lay for more than an hour")
    data = bytes(staged.content)
    if import_people(data, by=by, now=now, dry_run=True).fingerprint != seen:
        raise StaleState("People were changed since the preview")
    found = import_people(data, by=by, now=now, with_accounts=staged.with_accounts)
    staged.delete()
    return found


def discard_import(*, by: Viewer) -> None:
    """Forget the file."""
    StagedImport.objects.visible_to(by).delete()


def _by_email(keys: Collection[str]) -> list[Person]:
    wanted = set(keys)
    return [p for p in Person.objects.all() if email_key(p.email) in wanted]


def _new_places(found: Diff) -> dict[str, dict[str, int]]:
    """Enters new departments and locations. Result: column to name to primary key."""
    zones = {
        str(entry.values["location"]): str(entry.values.get("time_zone") or "UTC")
        for entry in reversed([*found.created, *found.changed])
        if entry.values.get("location")
    }
    Department.objects.bulk_create([Department(name=name) for name in found.departments])
    Location.objects.bulk_create(
        [Location(name=name, time_zone=zones.get(name, "UTC")) for name in found.locations]
    )
    return {
        "department": dict(Department.objects.values_list("name", "pk")),
        "location": dict(Location.objects.values_list("name", "pk")),
    }


def _write(person: Person, entry: Entry, places: dict[str, dict[str, int]]) -> set[str]:
    """Sets the columns that the entry has. Result: their names."""
    columns = set()
    for column, value in entry.values.items():
        if column in PLAIN:
            setattr(person, column, value)
            columns.add(column)
        elif column in NAMED:
            known = places.get(column)
            setattr(person, NAMED[column], known[value] if known and value else value)
            columns.add(column)
    return columns


def _new_people(entries: tuple[Entry, ...], places: dict[str, dict[str, int]]) -> dict[str, Person]:
    people = []
    for entry in entries:
        person = Person()
        _write(person, entry, places)
        people.append(person)
    Person.objects.bulk_create(people, batch_size=BATCH)
    return {p.email: p for p in people}


def _changed_people(
    entries: tuple[Entry, ...], places: dict[str, dict[str, int]]
) -> dict[str, Person]:
    stored = Person.objects.in_bulk([e.pk for e in entries if e.pk is not None])
    numbered = [e.pk for e in entries if "employee_number" in e.values]
    # Two people may swap numbers: first nobody has them, then everybody has theirs.
    Person.objects.filter(pk__in=numbered).update(employee_number=None)
    columns: set[str] = set()
    people = {}
    for entry in entries:
        person = stored[entry.pk or 0]
        columns |= _write(person, entry, places)
        people[entry.email] = person
    if columns:
        Person.objects.bulk_update(people.values(), sorted(columns), batch_size=BATCH)
    return people


def _hang(found: Diff, people: dict[str, Person]) -> None:
    """Managers last, when everybody they could be is entered."""
    entries = [e for e in (*found.created, *found.changed) if "manager_email" in e.values]
    wanted = {e.values["manager_email"] for e in entries} - {None}
    ids = {email_key(p.email): p.pk for p in _by_email(wanted)}
    moved = []
    for entry in entries:
        person = people[entry.email]
        person.manager_id = ids.get(entry.values["manager_email"])
        moved.append(person)
    Person.objects.bulk_update(moved, ["manager"], batch_size=BATCH)


def _set_mixins(entries: list[Entry], people: dict[str, Person]) -> None:
    through = Person.mixins.through
    wanted = {people[e.email].pk: e.values["mixins"] for e in entries if "mixins" in e.values}
    through.objects.filter(person_id__in=list(wanted)).delete()
    through.objects.bulk_create(
        [through(person_id=p, mixin_id=m) for p, mixins in wanted.items() for m in sorted(mixins)],
        batch_size=BATCH,
    )
