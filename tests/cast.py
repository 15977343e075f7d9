"""The people of the small company of `tests.world`, and those in whose eyes every page is looked at.

chief - head - manager - subject            (head also leads ex_manager, hr, peer, stranger ...)
"""

from __future__ import annotations

from typing import Any

from apps.people.models import Person
from tests.factories.ladders import LevelFactory, StatementFactory
from tests.factories.people import DepartmentFactory, PersonFactory, UserFactory

# The people in whose eyes every page is looked at, in the order of the columns of a table.
ACTORS = (
    "anonymous",
    "subject",
    "stranger",
    "manager",
    "ex_manager",
    "peer",
    "member",
    "process_admin",
    "content_admin",
    "superuser",
)


def new_people() -> tuple[dict[str, Person], Any]:
    level = StatementFactory(level=LevelFactory()).level
    department = DepartmentFactory(name="Platform")
    made: dict[str, Person] = {}

    def person(name: str, manager: str | None, **more: Any) -> None:
        made[name] = PersonFactory(
            name=name.replace("_", " ").title(),
            with_user=True,
            manager=made[manager] if manager else None,
            level=level,
            department=department,
            **more,
        )

    person("chief", None)
    person("head", "chief")
    person("manager", "head")
    person("ex_manager", "head")
    person("subject", "manager")
    for name in ("peer", "stranger", "member", "facilitator", "arbiter"):
        person(name, "head")
    person("process_admin", "head", process_admin=True)
    person("content_admin", "head", content_admin=True)
    return made, UserFactory(email="root@example.com", is_staff=True, is_superuser=True)
