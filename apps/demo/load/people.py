"""The company itself: its ladders, its people in one file, their accounts and the offices of HR."""

from __future__ import annotations

import csv
import io
from datetime import datetime
from functools import partial
from typing import Any

from allauth.account.models import EmailAddress

from apps.core.access import COMMAND_VIEWER
from apps.demo.load.stage import Stage
from apps.ladders.models import Level, Mixin, RoleProfile
from apps.ladders.states import VersionState
from apps.people.actions import change_manager, grant_office, import_people, leave
from apps.people.models import Person
from apps.people.rules.people_file import COLUMNS
from apps.people.states import Office
from apps.reviews.models import RatingScale, ScalePoint

FOUNDED = -440  # days from today: before the oldest cycle


def found_company(stage: Stage) -> None:
    """Scales, people and offices as they stood when the oldest cycle began."""
    for scale in stage.script.scale["scales"]:
        _add_scale(scale)
    founded = stage.dawn(FOUNDED)
    entries = stage.script.company["people"]
    newcomers = [e for e in entries if "hired_offset" in e]
    known = [e for e in entries if e not in newcomers]
    _hire(stage, known, at=founded)
    for entry in newcomers:
        stage.say(stage.dawn(entry["hired_offset"]), partial(_join, stage, entry))
    for entry in known:
        for office in entry.get("roles", ()):
            person = stage.people[entry["email"]]
            grant_office(person, Office(office), by=COMMAND_VIEWER, now=founded)
    _say_moves(stage, known)


def _add_scale(scale: dict[str, Any]) -> None:
    # Scales are configuration: HR enters them in the admin, and no action stands before it.
    row = RatingScale.objects.create(name=scale["name"])
    ScalePoint.objects.bulk_create(ScalePoint(scale=row, **point) for point in scale["points"])


def _join(stage: Stage, entry: dict[str, Any], at: datetime) -> None:
    _hire(stage, [entry], at=at)


def _hire(stage: Stage, entries: list[dict[str, Any]], *, at: datetime) -> None:
    """Enter these people by a file, as HR does, and open their accounts."""
    with_login = [e for e in entries if e.get("login", True)]
    without = [e for e in entries if not e.get("login", True)]
    for rows, accounts in ((with_login, True), (without, False)):
        if rows:
            data = _as_file(stage, rows)
            import_people(data, by=COMMAND_VIEWER, now=at, with_accounts=accounts)
    # The only rows written past the actions: addresses that need no confirmation by mail.
    emails = [e["email"] for e in with_login]
    people = Person.objects.select_related("user").filter(email__in=[e["email"] for e in entries])
    EmailAddress.objects.bulk_create(
        EmailAddress(user=person.user, email=person.email, verified=True, primary=True)
        for person in people
        if person.email in emails
    )
    stage.people |= {person.email: person for person in people}


def _as_file(stage: Stage, entries: list[dict[str, Any]]) -> bytes:
    zones = {place["name"]: place["time_zone"] for place in stage.script.company["locations"]}
    text = io.StringIO()
    table = csv.DictWriter(text, COLUMNS)
    table.writeheader()
    for entry in entries:
        hired_on = entry.get("hired_on") or stage.day(entry["hired_offset"])
        row = {
            "name": entry["name"],
            "email": entry["email"],
            "manager_email": entry.get("previous_manager") or entry["manager"] or "",
            "department": entry["department"] or "",
            "location": entry["location"],
            "time_zone": zones[entry["location"]],
            "level": _place(Level, entry["level"], "ladder"),
            "role_profile": _place(RoleProfile, entry.get("profile"), "document"),
            "mixins": ";".join(_mixin(entry, title) for title in entry.get("mixins", ())),
            "job_title": entry["title"],
            "employee_number": "",
            "hired_on": hired_on.isoformat(),
            "left_on": "",
        }
        table.writerow(row)
    return text.getvalue().encode()


def _place(model: Any, where: dict[str, str] | None, document: str) -> str:
    """A level or role profile as a people file names it: ladder/key."""
    if not where:
        return ""
    return _path(model, where["title"], where[document])


def _mixin(entry: dict[str, Any], title: str) -> str:
    return _path(Mixin, title, entry["level"]["ladder"])


def _path(model: Any, title: str, document: str) -> str:
    row = model.objects.select_related("version__ladder").get(
        title=title, version__state=VersionState.PUBLISHED, version__sources__name=document
    )
    return f"{row.version.ladder.key}/{row.key}"


def _say_moves(stage: Stage, entries: list[dict[str, Any]]) -> None:
    """Who changed managers, and who left."""
    for entry in entries:
        if "manager_changed_offset" in entry:
            when = stage.dawn(entry["manager_changed_offset"], minutes=480)
            to = entry["manager"] if "previous_manager" in entry else entry["next_manager"]
            stage.say(when, partial(_move, stage, entry["email"], to))
        if "left_offset" in entry:
            when = stage.dawn(entry["left_offset"], minutes=480)
            stage.say(when, partial(_leave, stage, entry))


def _move(stage: Stage, email: str, manager: str, at: datetime) -> None:
    person = stage.people[email]
    change_manager(person, stage.people[manager], by=COMMAND_VIEWER, now=at)
    person.refresh_from_db()
    stage.forget_viewers()


def _leave(stage: Stage, entry: dict[str, Any], at: datetime) -> None:
    leave(stage.people[entry["email"]], stage.day(entry["left_offset"]), by=COMMAND_VIEWER, now=at)
