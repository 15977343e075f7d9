"""A small company in which a whole cycle can happen, and each of its people with a browser of their own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode, urljoin

from django.test import Client
from django.urls import reverse

from apps.ladders.models import Area, Competency, Level, Statement
from apps.people.models import Department, Person
from apps.reviews.models import RatingScale
from apps.reviews.states import NEEDED_PHASES, Phase
from tests.factories.ladders import LevelFactory
from tests.factories.people import PASSWORD, DepartmentFactory, PersonFactory
from tests.factories.reviews import RatingScaleFactory
from tests.forms import FORM
from tests.journeys.walking import Page

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

    def hire(
        self, key: str, name: str, manager: str | None, department: Department, **more: Any
    ) -> None:
        self.people[key] = PersonFactory(
            name=name,
            email=f"{key}@example.com",
            with_user=True,
            manager=self.people[manager] if manager else None,
            department=department,
            level=self.level,
            **more,
        )

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
            if kind not in NEEDED_PHASES:
                typed[f"has_{kind}"] = "on"
            typed |= {
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
    """Django's test client in the hands of one person, who signs in by the form.

    `get` types an address; `follow` and `press` use what stands on the page that is open."""

    def __init__(self, email: str) -> None:
        self.client = Client(enforce_csrf_checks=True)
        self.email = email
        self.page: Page | None = None

    def sign_in(self) -> None:
        login = reverse("account_login")
        form = Page(self.client.get(login).content.decode(), login).form(login, {})
        typed = {"login": self.email, "password": PASSWORD}
        answer = self._send(login, form.filled(typed, form.reaches(login)[0]))
        assert answer.status_code == 302, answer.content.decode()

    def _send(self, address: str, pairs: list[tuple[str, str]]) -> Any:
        return self.client.post(address, urlencode(pairs), content_type=FORM)

    def _read(self, address: str) -> Any:
        """Signs in where it has to, and goes where it is led."""
        answer = self.client.get(address)
        if answer.status_code == 302 and answer["Location"].startswith(reverse("account_login")):
            self.sign_in()
            answer = self.client.get(address)
        return self._led(answer, address)

    def _led(self, answer: Any, address: str) -> Any:
        while answer.status_code == 302:
            address = urljoin(address, answer["Location"])
            answer = self.client.get(address)
        is_page = answer["Content-Type"].startswith("text/html")
        self.page = Page(answer.content.decode(), address) if is_page else None
        return answer

    def peek(self, page: str, /, *args: Any) -> tuple[int, str]:
        """The status and the text, whatever they are."""
        answer = self._read(reverse(page, args=args))
        return answer.status_code, answer.content.decode()

    def get(self, page: str, /, *args: Any, status: int = 200, query: str = "") -> str:
        """The text of a page, which must answer `status`."""
        answer = self._read(reverse(page, args=args) + query)
        assert answer.status_code == status, f"{self.email} {page}: {answer.status_code}"
        return answer.content.decode()

    def follow(self, page: str, /, *args: Any, query: str = "") -> str:
        """The text of the page to which a link of the open page leads."""
        assert self.page is not None
        answer = self._read(self.page.leads_to(reverse(page, args=args) + query))
        assert answer.status_code == 200, f"{self.email} {page}: {answer.status_code}"
        return answer.content.decode()

    def press(
        self,
        deed: str,
        /,
        *args: Any,
        status: int = 200,
        typed: Mapping[str, Any] | None = None,
        holding: Mapping[str, Any] | None = None,
        button: tuple[str, str] = ("", ""),
        **more: Any,
    ) -> str:
        """Sends the form of the open page that goes there, and follows to the page that comes.

        Arguments: `typed` (and `more`) into its fields; `holding` tells it from others by a hidden
        field; `button` is the name and value of the one that is pressed, where it is not the first.
        """
        assert self.page is not None
        address = reverse(deed, args=args)
        form = self.page.form(address, holding or {})
        buttons = form.reaches(address)
        chosen = [b for b in buttons if (b.name, b.value) == button] if button[0] else buttons
        assert chosen, f"{deed} has no button {button}"
        pairs = form.filled({**(typed or {}), **more}, chosen[0])
        answer = self._led(self._send(address, pairs), address)
        assert answer.status_code == status, f"{self.email} {deed}: {answer.status_code}"
        return answer.content.decode()

    def search(self, page: str, /, *args: Any, **typed: Any) -> str:
        """Sends the form of the open page that asks for a page."""
        assert self.page is not None
        address = reverse(page, args=args)
        forms = [f for f in self.page.forms if f.method == "get"]
        form = next(f for f in forms if f.action.partition("?")[0] == address)
        pairs = form.filled(typed, form.buttons[0])
        answer = self._read(f"{address}?{urlencode(pairs)}")
        assert answer.status_code == 200, f"{self.email} {page}: {answer.status_code}"
        return answer.content.decode()

    def forge(self, deed: str, /, *args: Any, status: int, **typed: Any) -> None:
        """Sends what no page offers to this person, and is refused."""
        address = reverse(deed, args=args)
        self.get("inbox:home")
        assert self.page is not None
        token = self.page.forms_field("csrfmiddlewaretoken").values[0]
        answer = self._send(address, [("csrfmiddlewaretoken", token), *typed.items()])
        assert answer.status_code == status, f"{self.email} {deed}: {answer.status_code}"


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
    company = Company({}, competencies, RatingScaleFactory(name="Five points"), platform, level)
    hire = company.hire
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
    return company
