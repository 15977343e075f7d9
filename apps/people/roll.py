"""What is entered, in the form that rules.changes compares with a file. Reads only; 7 queries."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from apps.ladders.models import Level, Mixin, RoleProfile
from apps.ladders.states import VersionState
from apps.people.models import Department, Location, Person, PersonQuerySet
from apps.people.rules.changes import Choice, Known, KnownPerson
from apps.people.rules.people_file import email_key, folded

COLUMNS = (
    "pk", "name", "email", "manager__email", "department__name", "location__name", "time_zone",
    "level", "role_profile", "job_title", "employee_number", "hired_on", "left_on",
    "leave_from", "leave_until",
)  # fmt: skip


def known_people(people: PersonQuerySet | None = None) -> Known:
    """Everybody and everything that a people file may name.

    Arguments: `people` all people, locked by an action that is about to write, or None.
    """
    rows = (Person.objects.all() if people is None else people).order_by("pk")
    mixins_of: dict[int, set[int]] = defaultdict(set)
    for person, mixin in Person.mixins.through.objects.values_list("person_id", "mixin_id"):
        mixins_of[person].add(mixin)
    known: dict[str, KnownPerson] = {}
    for row in rows.values(*COLUMNS):
        manager = row["manager__email"]
        values = {
            "name": row["name"],
            "email": email_key(row["email"]),
            "manager_email": email_key(manager) if manager else None,
            "department": row["department__name"],
            "location": row["location__name"],
            "mixins": frozenset(mixins_of[row["pk"]]),
            **{name: row[name] for name in COLUMNS[6:]},
        }
        known[values["email"]] = KnownPerson(row["pk"], values)
    locations = dict(Location.objects.values_list("name", "time_zone"))
    return Known(
        people=known,
        departments={folded(n): n for n in Department.objects.values_list("name", flat=True)},
        locations={folded(name): name for name in locations},
        levels=_choices(Level, "code", "aliases"),
        mixins=_choices(Mixin, "aliases"),
        profiles=_choices(RoleProfile),
        zone_of_location=locations,
    )


def _choices(model: Any, *more: str) -> tuple[Choice, ...]:
    """Every row of published versions by each of its names; of other versions for its label."""
    rows = model.objects.order_by("pk").values(
        "pk", "key", "title", "version_id", "version__state", "version__ladder__key", *more
    )
    found = []
    for row in rows:
        path = f"{row['version__ladder__key']}/{row['key']}"
        code = row.get("code") or ""
        label = f"{code} {row['title']}".strip()
        names = {path, row["title"], code, label, *row.get("aliases", ())}
        found.append(
            Choice(
                row["pk"],
                label,
                path,
                frozenset(folded(name) for name in names if name),
                row["version_id"],
                row["version__state"] == VersionState.PUBLISHED,
            )
        )
    return tuple(found)
