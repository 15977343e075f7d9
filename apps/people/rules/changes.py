"""What a people file would change: who is new, who differs and in what, who is not in the file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from typing import Any

from apps.people.rules.lines import loops
from apps.people.rules.people_file import Parsed, PersonRow, folded
from apps.people.rules.table_file import Problem, Refused

# What nobody changes in their own row, however the file came.
OWN_ROW_FIELDS = frozenset({"manager_email", "level", "mixins", "role_profile", "left_on"})


@dataclass(frozen=True)
class KnownPerson:
    """Somebody who is entered already; `values` by column, as PersonRow has them.

    level and role_profile are primary keys or None; mixins is a frozenset of primary keys.
    """

    pk: int
    values: Mapping[str, Any]


@dataclass(frozen=True)
class Choice:
    """A level, mixin or role profile that a file may name, and all the ways to name it."""

    pk: int
    label: str
    path: str
    names: frozenset[str]
    version: int
    offered: bool = True


@dataclass(frozen=True)
class Known:
    """What exists. `people` by address key; `departments` and `locations` folded name to name."""

    people: Mapping[str, KnownPerson]
    departments: Mapping[str, str] = field(default_factory=dict)
    locations: Mapping[str, str] = field(default_factory=dict)
    levels: tuple[Choice, ...] = ()
    mixins: tuple[Choice, ...] = ()
    profiles: tuple[Choice, ...] = ()
    zone_of_location: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Change:
    """One field, in the words of the page; "" is nothing."""

    column: str
    before: str
    after: str


@dataclass(frozen=True)
class Entry:
    """A person who would be created (pk None) or changed; `values` holds only what is written."""

    pk: int | None
    name: str
    email: str
    row: int
    values: Mapping[str, Any]
    changes: tuple[Change, ...]


@dataclass(frozen=True)
class Diff:
    """`missing` are names of people who work here and are not in the file: nothing happens to them."""

    created: tuple[Entry, ...]
    changed: tuple[Entry, ...]
    unchanged: int
    missing: tuple[str, ...]
    departments: tuple[str, ...] = ()
    locations: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not (self.created or self.changed)

    @property
    def fingerprint(self) -> str:
        """The same for the same difference: what was looked at is what is taken."""
        written = [(e.pk, e.email, e.changes) for e in (*self.created, *self.changed)]
        return sha256(repr((written, self.departments, self.locations)).encode()).hexdigest()


def diff(parsed: Parsed, known: Known, *, on: date, own_key: str = "") -> Diff:
    """The exact difference between a file and what is entered.

    Arguments: a parsed file; what exists; the day `on` which somebody has left or not; `own_key` the
    address of the person who imports. Result: applying it once makes the same file differ in nothing.
    Errors: Refused with every problem of the file, those of reading it included.
    """
    problems = list(parsed.problems)
    places = _Places(known)
    written = [(row, _written(row, known, places, problems)) for row in parsed.rows]
    _check_managers(written, known, problems, on=on)
    _check_numbers(written, known, problems)
    _check_leaves(written, known, problems)

    created, changed, unchanged = [], [], 0
    words = _Words(known)
    for row, values in written:
        person = known.people.get(row.key)
        before = person.values if person else {}
        if person is None:
            values["time_zone"] = values.get("time_zone") or known.zone_of_location.get(
                str(values.get("location")), "UTC"
            )
        new = {k: v for k, v in values.items() if person is None or before.get(k) != v}
        changes = tuple(
            Change(column, words.of(column, before.get(column)), words.of(column, value))
            for column, value in new.items()
            if person or value
        )
        if person is None:
            created.append(Entry(None, str(values["name"]), row.key, row.number, new, changes))
        elif new:
            if row.key == own_key and (own := sorted(OWN_ROW_FIELDS & set(new))):
                sentence = "This row is your own. Ask another HR process admin to change it."
                problems.append(Problem(row.number, own[0], sentence))
            entry = Entry(person.pk, str(values["name"]), row.key, row.number, new, changes)
            changed.append(entry)
        else:
            unchanged += 1
    if problems:
        raise Refused(problems)
    in_file = {row.key for row in parsed.rows}
    missing = sorted(
        str(person.values["name"])
        for key, person in known.people.items()
        if key not in in_file and not _has_left(person.values.get("left_on"), on)
    )
    return Diff(
        tuple(created),
        tuple(changed),
        unchanged,
        tuple(missing),
        tuple(places.new_departments.values()),
        tuple(places.new_locations.values()),
    )


class _Places:
    """Departments and locations: known by any spelling; a new one is written as it came first."""

    def __init__(self, known: Known) -> None:
        self.known = {"department": known.departments, "location": known.locations}
        self.new_departments: dict[str, str] = {}
        self.new_locations: dict[str, str] = {}

    def name(self, column: str, text: str) -> str:
        key = folded(text)
        if found := self.known[column].get(key):
            return found
        new = self.new_departments if column == "department" else self.new_locations
        return new.setdefault(key, text)


class _Words:
    """Values in the words of a page."""

    def __init__(self, known: Known) -> None:
        self.labels = {
            "level": {c.pk: c.label for c in known.levels},
            "mixins": {c.pk: c.label for c in known.mixins},
            "role_profile": {c.pk: c.label for c in known.profiles},
        }

    def of(self, column: str, value: Any) -> str:
        if value is None or value == frozenset():
            return ""
        labels = self.labels.get(column)
        if labels is None:
            return value.isoformat() if isinstance(value, date) else str(value)
        if isinstance(value, frozenset):
            return "; ".join(sorted(labels[pk] for pk in value))
        return labels[value]


def _written(
    row: PersonRow, known: Known, places: _Places, problems: list[Problem]
) -> dict[str, Any]:
    """The row's values as they would be stored."""
    before = known.people[row.key].values if row.key in known.people else {}
    values = dict(row.values)

    def choose(
        column: str, text: str, choices: Iterable[Choice], version: int | None
    ) -> int | None:
        found = _named(text, choices, version)
        if isinstance(found, Choice):
            return found.pk
        problems.append(Problem(row.number, column, found))
        return None

    for column in ("department", "location"):
        if values.get(column):
            values[column] = places.name(column, values[column])
    for column in ("time_zone", "name"):  # an empty cell leaves what is there
        if column in values and not values[column]:
            del values[column]
    values.setdefault("name", before.get("name") or row.key)
    if "job_title" in values:
        values["job_title"] = values["job_title"] or ""
    if values.get("level"):
        values["level"] = choose("level", values["level"], known.levels, None)
    level = values.get("level", before.get("level"))
    version = next((c.version for c in known.levels if c.pk == level), None)
    if "mixins" in values:
        names = values["mixins"] or ()
        found = [choose("mixins", name, known.mixins, version) for name in names]
        values["mixins"] = frozenset(pk for pk in found if pk is not None)
    if values.get("role_profile"):
        profile = choose("role_profile", values["role_profile"], known.profiles, version)
        values["role_profile"] = profile
    return values


def _named(text: str, choices: Iterable[Choice], version: int | None) -> Choice | str:
    """The one choice that bears this name, or the sentence that says why there is none."""
    named = [c for c in choices if c.offered and folded(text) in c.names]
    if len(named) > 1 and version is not None:
        named = [c for c in named if c.version == version] or named
    if len(named) == 1:
        return named[0]
    if not named:
        return f"No published ladder has {text[:80]}."
    paths = " or ".join(sorted(c.path for c in named)[:4])
    return f"{text[:80]} is the name of more than one. Write {paths}."


def _has_left(left_on: date | None, on: date) -> bool:
    return left_on is not None and left_on <= on


def _check_managers(
    written: list[tuple[PersonRow, dict[str, Any]]],
    known: Known,
    problems: list[Problem],
    *,
    on: date,
) -> None:
    """Unknown managers, managers who have left, and closed lines."""
    manager_of = {key: person.values.get("manager_email") for key, person in known.people.items()}
    left_on = {key: person.values.get("left_on") for key, person in known.people.items()}
    row_of = {row.key: row for row, _ in written}
    for row, values in written:
        if "manager_email" in values or row.key not in manager_of:
            manager_of[row.key] = values.get("manager_email")
        if "left_on" in values or row.key not in left_on:
            left_on[row.key] = values.get("left_on")
    for row, values in written:
        manager = values.get("manager_email")
        if not manager or manager == row.key:
            continue
        if manager not in manager_of:
            sentence = f"Nobody has the address {manager}, in this file or outside it."
            problems.append(Problem(row.number, "manager_email", sentence))
        elif _has_left(left_on[manager], on) and not _has_left(left_on[row.key], on):
            sentence = f"{manager} has left on {left_on[manager]}."
            problems.append(Problem(row.number, "manager_email", sentence))
    for loop in loops(manager_of):
        if len(loop) == 1:
            continue  # said already as "their own manager"
        member = next((row_of[key] for key in loop if key in row_of), None)
        if member is not None:
            start = loop.index(member.key)
            ring = [*loop[start:], *loop[:start]]
            names = " to ".join([*ring[:4], *(["and others"] if len(ring) > 4 else []), ring[0]])
            sentence = f"These people report to each other in a ring: {names}."
            problems.append(Problem(member.number, "manager_email", sentence))


def _check_leaves(
    written: list[tuple[PersonRow, dict[str, Any]]], known: Known, problems: list[Problem]
) -> None:
    """A leave begins, and does not end before that, with what is entered already beside the file."""
    for row, values in written:
        before = known.people[row.key].values if row.key in known.people else {}
        first = values.get("leave_from", before.get("leave_from"))
        last = values.get("leave_until", before.get("leave_until"))
        if last and not first:
            problems.append(
                Problem(row.number, "leave_until", "The first day of the leave is missing.")
            )
        elif last and last < first:
            problems.append(Problem(row.number, "leave_until", "The leave ends before it begins."))


def _check_numbers(
    written: list[tuple[PersonRow, dict[str, Any]]], known: Known, problems: list[Problem]
) -> None:
    """An employee number belongs to one person, also when its holder is not in the file."""
    in_file = {row.key for row, values in written if "employee_number" in values}
    held = {
        person.values.get("employee_number"): key
        for key, person in known.people.items()
        if person.values.get("employee_number") and key not in in_file
    }
    for row, values in written:
        holder = held.get(values.get("employee_number"))
        if holder is not None and holder != row.key:
            sentence = f"This number belongs to {holder}."
            problems.append(Problem(row.number, "employee_number", sentence))
