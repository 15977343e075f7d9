"""Every read about people: who is here, who reports to whom, what HR edits, what one owns."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from django.core.paginator import Page, Paginator
from django.db.models import Count, Exists, OuterRef, Q
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _

from apps.core.access import Answer, Viewer
from apps.ladders.models import Level, Mixin, RoleProfile
from apps.ladders.states import VersionState
from apps.people.access import person_gate, token_gate
from apps.people.models import ApiToken, Department, Location, Person, StagedImport
from apps.people.roll import known_people
from apps.people.rules.changes import Diff, diff
from apps.people.rules.people_file import email_key, parse_people
from apps.people.rules.table_file import Problem, Refused
from apps.people.states import Office
from apps.people.viewers import people_above

PAGE_SIZE = 50
MOST_IN_BRANCH = 200
MOST_IN_PREVIEW = 200
MOST_FOUND = 10
NO = Answer(False)
Choices = list[tuple[Any, Any]]

COLUMN_NAMES = {
    "name": _("name"), "email": _("e-mail address"), "manager_email": _("manager"),
    "department": _("department"), "location": _("location"), "time_zone": _("time zone"),
    "level": _("level"), "mixins": _("roles"), "role_profile": _("role profile"),
    "job_title": _("title"), "employee_number": _("employee number"), "hired_on": _("first day"),
    "left_on": _("first day after leaving"), "leave_from": _("first day of a leave"),
    "leave_until": _("last day of a leave"),
}  # fmt: skip


@dataclass(frozen=True)
class Directory:
    people: Page[Person]
    query: str
    department_id: int | None
    location_id: int | None
    former: bool
    departments: Sequence[Department]
    locations: Sequence[Location]
    may_find_former: Answer
    may_create: Answer
    is_filtered: bool


def directory(
    viewer: Viewer,
    *,
    on: date,
    query: str = "",
    department_id: int | None = None,
    location_id: int | None = None,
    former: bool = False,
    number: str = "1",
) -> Directory:
    """4 queries: how many, one page of them, departments, locations."""
    nobody = Person()
    may_find_former = person_gate.may(viewer, "read_former", nobody)
    former = former and bool(may_find_former)
    people = Person.objects.visible_to(viewer, on=on)
    people = people.former(on=on) if former else people.employed(on=on)
    if query:
        people = people.matching(query)
    if department_id:
        people = people.filter(department_id=department_id)
    if location_id:
        people = people.filter(location_id=location_id)
    rows = people.select_related("department", "location", "manager").order_by("name", "pk")
    page = Paginator(rows, PAGE_SIZE).get_page(number)
    page.object_list = list(page.object_list)
    return Directory(
        people=page,
        query=query,
        department_id=department_id,
        location_id=location_id,
        former=former,
        departments=list(Department.objects.all()),
        locations=list(Location.objects.all()),
        may_find_former=may_find_former,
        may_create=person_gate.may(viewer, "create_person", nobody),
        is_filtered=bool(query or department_id or location_id or former),
    )


def find_people(viewer: Viewer, *, query: str, on: date) -> list[Person]:
    """1 query, or none below two letters: colleagues for a field that suggests addresses."""
    if len(query.strip()) < 2:
        return []
    people = Person.objects.visible_to(viewer, on=on).employed(on=on)
    return list(people.matching(query).order_by("name", "pk")[:MOST_FOUND])


def person_by_address(viewer: Viewer, address: str, *, on: date) -> Person | None:
    """1 query: the colleague who has exactly this address."""
    people = Person.objects.visible_to(viewer, on=on).employed(on=on)
    return people.filter(email__iexact=email_key(address)).first()


@dataclass(frozen=True)
class Node:
    """One person of the chart; `children` are there when the branch is open."""

    person: Person
    reports: int
    is_open: bool = False
    children: list[Node] = field(default_factory=list)
    more: int = 0


@dataclass(frozen=True)
class OrgChart:
    roots: list[Node]
    opened: Node | None
    more: int


def org_chart(viewer: Viewer, *, on: date, open_id: int | None = None) -> OrgChart:
    """2 queries, and one for every four steps between the top and the opened person.

    Somebody whose manager has left stands at the top until HR gives them another.
    """
    employed = Person.objects.visible_to(viewer, on=on).employed(on=on)
    opened = employed.filter(pk=open_id).first() if open_id else None
    path = (people_above(opened) | {opened.pk}) if opened else frozenset()
    manager_here = Person.objects.employed(on=on).filter(pk=OuterRef("manager_id"))
    here = Q(reports__left_on=None) | Q(reports__left_on__gt=on)
    shown = (
        employed.annotate(is_root=~Exists(manager_here))
        .filter(Q(is_root=True) | Q(manager_id__in=path))
        .annotate(count=Count("reports", filter=here))
        .order_by("-count", "name", "pk")
    )
    below: dict[int | None, list[Person]] = defaultdict(list)
    for person in shown:
        below[None if person.is_root else person.manager_id].append(person)  # type: ignore[attr-defined]  # annotated

    nodes: dict[int, Node] = {}

    def branch(key: int | None) -> list[Node]:
        found = []
        for person in below.get(key, [])[:MOST_IN_BRANCH]:
            is_open = person.pk in path
            children = branch(person.pk) if is_open else []
            more = max(0, len(below.get(person.pk, [])) - MOST_IN_BRANCH)
            nodes[person.pk] = Node(person, person.count, is_open, children, more)  # type: ignore[attr-defined]  # annotated
            found.append(nodes[person.pk])
        return found

    roots = branch(None)
    more = max(0, len(below[None]) - MOST_IN_BRANCH)
    return OrgChart(roots, nodes.get(opened.pk) if opened else None, more)


@dataclass(frozen=True)
class OfficeRow:
    office: Office
    held: bool
    may_change: Answer


@dataclass(frozen=True)
class PersonPage:
    person: Person
    is_me: bool
    is_my_report: bool
    has_left: bool
    line: list[Person]
    reports: list[Person]
    may_read_level: Answer
    may_read_employment: Answer
    mixins: list[Mixin]
    may_edit: Answer
    may_leave: Answer
    may_plan_leave: Answer
    may_open_account: Answer
    offices: list[OfficeRow]


def person(viewer: Viewer, *, person_id: int, on: date) -> PersonPage:
    """4 queries (person, roles, reports, line above) and one for every four steps of the line."""
    found = readable_person(viewer, person_id=person_id, on=on)
    may_read_level = person_gate.may(viewer, "read_level", found)
    above = people_above(found)
    known = {p.pk: p for p in Person.objects.filter(pk__in=above)}
    line, nearest = [], found.manager_id
    while nearest in known:
        line.append(known.pop(nearest))
        nearest = line[-1].manager_id
    may_grant = person_gate.may(viewer, "grant_office", found)
    is_hr = Office.PROCESS_ADMIN.value in viewer.roles
    held = {
        Office.PROCESS_ADMIN: found.is_process_admin,
        Office.CONTENT_ADMIN: found.is_content_admin,
    }
    return PersonPage(
        person=found,
        is_me=found.pk == viewer.person_id,
        is_my_report=viewer.person_id is not None and found.manager_id == viewer.person_id,
        has_left=found.has_left(on=on),
        line=line,
        reports=list(found.reports.visible_to(viewer, on=on).employed(on=on)[:MOST_IN_BRANCH]),
        may_read_level=may_read_level,
        may_read_employment=person_gate.may(viewer, "read_employment", found),
        mixins=list(found.mixins.all()) if may_read_level else [],
        may_edit=person_gate.may(viewer, "edit_person", found),
        may_leave=person_gate.may(viewer, "leave", found),
        may_plan_leave=person_gate.may(viewer, "plan_leave", found),
        may_open_account=person_gate.may(viewer, "open_account", found),
        offices=[OfficeRow(o, held[o], may_grant) for o in Office] if is_hr else [],
    )


def readable_person(viewer: Viewer, *, person_id: int, on: date) -> Person:
    """1 query. Errors: Http404 alike for nobody and for somebody who is not to be read."""
    people = Person.objects.visible_to(viewer, on=on).select_related(
        "department", "location", "manager", "level__version__ladder", "level__track",
        "role_profile", "user",
    )  # fmt: skip
    return get_object_or_404(people, pk=person_id)


@dataclass(frozen=True)
class Options:
    """What the fields of the form offer; each a list for a select."""

    departments: Choices
    locations: Choices
    levels: Choices
    mixins: Choices
    profiles: Choices
    time_zones: Choices


@dataclass(frozen=True)
class EditPerson:
    """The form about a person, or about somebody new (`person` None)."""

    person: Person | None
    mixin_ids: list[int]
    options: Options
    has_left: bool = False
    may_leave: Answer = NO
    may_plan_leave: Answer = NO
    reports: int = 0


def create_person(viewer: Viewer) -> EditPerson:
    """5 queries. Errors: PermissionDenied."""
    person_gate.require(viewer, "create_person", Person())
    return EditPerson(None, [], _options(None, []))


def edit_person(viewer: Viewer, *, person_id: int, on: date) -> EditPerson:
    """8 queries. Errors: Http404; PermissionDenied."""
    found = readable_person(viewer, person_id=person_id, on=on)
    person_gate.require(viewer, "edit_person", found)
    mixin_ids = list(found.mixins.values_list("pk", flat=True))
    return EditPerson(
        found,
        mixin_ids,
        _options(found, mixin_ids),
        found.has_left(on=on),
        person_gate.may(viewer, "leave", found),
        person_gate.may(viewer, "plan_leave", found),
        found.reports.employed(on=on).count(),
    )


def _options(found: Person | None, mixin_ids: list[int]) -> Options:
    """5 queries. Levels and roles of published ladders, and the ones that the person has."""
    offered = Q(version__state=VersionState.PUBLISHED)

    def grouped(rows: Any, group: Any) -> Choices:
        groups: dict[str, Choices] = defaultdict(list)
        for row in rows:
            groups[group(row)].append((row.pk, str(row)))
        return list(groups.items())

    levels = (
        Level.objects.filter(offered | Q(pk=found.level_id if found else None))
        .select_related("version__ladder", "track")
        .order_by("version__ladder__title", "track__position", "position", "pk")
    )
    mixins = Mixin.objects.filter(offered | Q(pk__in=mixin_ids)).select_related("version__ladder")
    profiles = RoleProfile.objects.filter(
        offered | Q(pk=found.role_profile_id if found else None)
    ).select_related("version__ladder")

    def ladder(row: Any) -> str:
        name = row.version.ladder.title
        return (
            name
            if row.version.state == VersionState.PUBLISHED
            else f"{name} ({row.version.number})"
        )

    def track(row: Level) -> str:
        return f"{ladder(row)} · {row.track.name}" if row.track else ladder(row)

    return Options(
        departments=list(Department.objects.values_list("pk", "name")),
        locations=list(Location.objects.values_list("pk", "name")),
        levels=grouped(levels, track),
        mixins=grouped(mixins, ladder),
        profiles=grouped(profiles, ladder),
        time_zones=time_zone_choices(),
    )


@cache
def time_zone_choices() -> Choices:
    """Continent/city names, and UTC; no query. The files of the zones are listed once."""
    named = sorted(z for z in available_timezones() if "/" in z and not z.startswith("Etc/"))
    return [(zone, zone.replace("_", " ")) for zone in ["UTC", *named]]


@dataclass(frozen=True)
class TokenRow:
    token: ApiToken
    is_alive: bool
    may_revoke: Answer


@dataclass(frozen=True)
class MyAccount:
    person: Person | None
    tokens: list[TokenRow]


def my_account(viewer: Viewer, *, now: datetime) -> MyAccount:
    """2 queries: the person and their tokens; an account without a person has neither."""
    person = Person.objects.filter(pk=viewer.person_id).first() if viewer.person_id else None
    rows = [
        TokenRow(
            token,
            token.is_alive(at=now),
            token_gate.may(viewer, "revoke_token", token),
        )
        for token in (ApiToken.objects.visible_to(viewer)[:100] if person else [])
    ]
    return MyAccount(person, rows)


def own_person(viewer: Viewer) -> Person:
    """1 query. Errors: Http404 for an account without a person."""
    return get_object_or_404(Person, pk=viewer.person_id)


def own_token(viewer: Viewer, *, token_id: int) -> ApiToken:
    """1 query. Errors: Http404."""
    return get_object_or_404(ApiToken.objects.visible_to(viewer), pk=token_id)


@dataclass(frozen=True)
class ImportPeople:
    """A staged file and what it would change; without one, what a file may hold."""

    staged: StagedImport | None
    found: Diff | None
    problems: tuple[Problem, ...]
    columns: tuple[tuple[str, Any], ...] = tuple(COLUMN_NAMES.items())
    most: int = MOST_IN_PREVIEW


def import_people(viewer: Viewer, *, on: date) -> ImportPeople:
    """1 query, and 7 more when a file waits for its answer. Errors: PermissionDenied."""
    person_gate.require(viewer, "import_people", Person())
    staged = StagedImport.objects.visible_to(viewer).first()
    if staged is None:
        return ImportPeople(None, None, ())
    try:
        parsed = parse_people(bytes(staged.content), time_zones=available_timezones())
        known = known_people()
        own = next((k for k, p in known.people.items() if p.pk == viewer.person_id), "")
        return ImportPeople(staged, diff(parsed, known, on=on, own_key=own), ())
    except Refused as refused:
        return ImportPeople(staged, None, refused.problems)


def staged_import(viewer: Viewer) -> StagedImport:
    """1 query. Errors: Http404 when nothing waits."""
    return get_object_or_404(StagedImport.objects.visible_to(viewer))
