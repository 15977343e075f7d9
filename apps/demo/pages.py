"""Whom a visitor may be: everybody of the made-up company who works there and has an account."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.utils.translation import gettext as _

from apps.demo.script import faces
from apps.people.models import Person, PersonQuerySet


@dataclass(frozen=True)
class Face:
    """A person with a reason to look through their eyes."""

    person: Person
    heading: str
    look_at: str


@dataclass(frozen=True)
class Group:
    """The others of a department."""

    name: str
    people: list[Person]


@dataclass(frozen=True)
class People:
    """The page. Both lists are empty until `manage.py demo` has loaded the company."""

    faces: list[Face]
    groups: list[Group]


def playable(*, on: date) -> PersonQuerySet:
    """PRIVACY: accounts of the made-up company and no others, whatever else is in the database."""
    return Person.objects.employed(on=on).filter(
        user__is_active=True,
        user__is_staff=False,
        user__is_superuser=False,
        user__email__iendswith=f"@{settings.DEMO_EMAIL_DOMAIN}",
    )


def people(*, on: date) -> People:
    """1 query."""
    everybody = {
        p.email: p for p in playable(on=on).select_related("department").order_by("name", "pk")
    }
    shown = [
        Face(everybody[face["person"]], face["heading"], face["look_at"])
        for face in faces(on)
        if face["person"] in everybody
    ]
    taken = {face.person.email for face in shown}
    groups: dict[str, list[Person]] = defaultdict(list)
    for email, person in everybody.items():
        if email not in taken:
            groups[person.department.name if person.department else ""].append(person)
    return People(
        shown,
        [Group(name or _("Executive office"), groups[name]) for name in sorted(groups)],
    )
