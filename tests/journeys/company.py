"""A small company in which a whole cycle can happen, and each of its people with a browser of their own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.test import Client
from django.urls import reverse

from apps.ladders.models import Area, Competency, Level, Statement
from apps.people.models import Department, Person
from apps.reviews.models import RatingScale
from apps.reviews.states import Phase
from tests.factories.ladders import LevelFactory
from tests.factories.people import PASSWORD, DepartmentFactory, PersonFactory
from tests.factories.reviews import RatingScaleFactory

# Ten days each, from tomorrow on; the days on which a story stands are counted from the first.
DAYS_A_PHASE = 10


@dataclass
class Company:
    people: dict[str, Person]
    competencies: list[Competency]
    scale: RatingScale
    department: Department
    level: Level
    browsers: dict[str, Browser] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Person:
        return self.people[name]

    def plan(self, first_day: date, **changes: Any) -> dict[str, Any]:
        """What HR types into the plan of a cycle about Amara and Jonas."""
        typed: dict[str, Any] = {
            "name": "Autumn 2026",
            "period_start": first_day - timedelta(days=180),
            "period_end": first_day,
            "scale": self.scale.pk,
            "departments": [self.department.pk],
            "owners": [self["hr"].pk, self["second_hr"].pk],
            "self_review": "on",
            "show_calibration": "on",
            "grace_days": 2,
            "dispute_days": 10,
        }
        for number, kind in enumerate(Phase.values):
            opens = first_day + timedelta(days=DAYS_A_PHASE * number)
            typed |= {
                f"has_{kind}": "on",
                f"opens_on_{kind}": opens,
                f"due_on_{kind}": opens + timedelta(days=DAYS_A_PHASE - 1),
            }
        return {**typed, **changes}

    def browser(self, name: str) -> Browser:
        """The browser of somebody who is signed in; a clock that moved asks for the password again."""
        if name not in self.browsers:
            self.browsers[name] = Browser(self[name].email)
        return self.browsers[name]


class Browser:
    """Django's test client in the hands of one person, who signs in by the form."""

    def __init__(self, email: str) -> None:
        self.client = Client()
        self.email = email

    def sign_in(self) -> None:
        answer = self.client.post(
            reverse("account_login"), {"login": self.email, "password": PASSWORD}
        )
        assert answer.status_code == 302, answer.content.decode()

    def peek(self, page: str, /, *args: Any) -> tuple[int, str]:
        """The status and the text, whatever they are."""
        answer = self._ask(self.client.get, reverse(page, args=args))
        return answer.status_code, answer.content.decode()

    def _ask(self, ask: Callable[..., Any], address: str, *given: Any, **more: Any) -> Any:
        answer = ask(address, *given, **more)
        if answer.status_code == 302 and answer["Location"].startswith(reverse("account_login")):
            self.sign_in()
            answer = ask(address, *given, **more)
        if answer.status_code == 302:
            answer = self.client.get(answer["Location"])
        return answer

    def get(self, page: str, /, *args: Any, status: int = 200) -> str:
        """The text of a page, which must answer `status`."""
        answer = self._ask(self.client.get, reverse(page, args=args))
        assert answer.status_code == status, f"{self.email} {page}: {answer.status_code}"
        return answer.content.decode()

    def press(self, deed: str, /, *args: Any, status: int = 200, **typed: Any) -> str:
        """Sends a form and follows to the page that comes."""
        answer = self._ask(self.client.post, reverse(deed, args=args), typed)
        assert answer.status_code == status, f"{self.email} {deed}: {answer.status_code}"
        return answer.content.decode()

    def send(self, deed: str, /, *args: Any, typed: dict[str, Any], status: int = 200) -> str:
        """As press, for the forms of writing: their fields are no Python names, their body is strict."""
        body = urlencode(typed)
        form = "application/x-www-form-urlencoded"
        answer = self._ask(self.client.post, reverse(deed, args=args), body, content_type=form)
        assert answer.status_code == status, f"{self.email} {deed}: {answer.status_code}"
        return answer.content.decode()


def found_company() -> Company:
    """Amara and Jonas report to Mira, Mira to Frida. HR, a facilitator and five peers work beside."""
    level = LevelFactory(code="E3", title="Senior engineer")
    areas = [
        Area.objects.create(version=level.version, key=key, name=name, position=position)
        for position, (key, name) in enumerate([("craft", "Craft"), ("people", "People")])
    ]
    competencies = [
        Competency.objects.create(
            version=level.version,
            area=areas[number // 2],
            key=f"k{number}",
            name=name,
            position=number,
        )
        for number, name in enumerate(["Delivery", "Design", "Mentoring"])
    ]
    for number, competency in enumerate(competencies):
        Statement.objects.create(
            version=level.version,
            competency=competency,
            level=level,
            key=f"s{number}",
            text=f"Does the {competency.name.lower()} of a team without being asked.",
            position=number,
        )
    platform = DepartmentFactory(name="Platform")
    beside = DepartmentFactory(name="Operations")
    people: dict[str, Person] = {}

    def hire(key: str, name: str, manager: str | None, department: Department, **more: Any) -> None:
        people[key] = PersonFactory(
            name=name,
            email=f"{key}@example.com",
            with_user=True,
            manager=people[manager] if manager else None,
            department=department,
            level=level,
            **more,
        )

    hire("head", "Frida Holm", None, beside)
    hire("manager", "Mira Jensen", "head", beside)
    hire("subject", "Amara Okafor", "manager", platform)
    hire("colleague", "Jonas Lind", "manager", platform)
    hire("hr", "Ingrid Solberg", "head", beside, process_admin=True)
    hire("second_hr", "Otto Berg", "head", beside, process_admin=True)
    hire("content", "Sofia Reyes", "head", beside, content_admin=True)
    hire("facilitator", "Henrik Dahl", "head", beside)
    hire("member", "Nadia Haddad", "head", beside)
    for key, name in (
        ("peer", "Priya Raman"),
        ("peer2", "Bo Nilsen"),
        ("peer3", "Clara Weiss"),
        ("peer4", "Dario Conti"),
        ("peer5", "Eva Novak"),
    ):
        hire(key, name, "head", beside)
    return Company(people, competencies, RatingScaleFactory(name="Five points"), platform, level)
