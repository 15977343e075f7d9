"""What the cells of a people file mean: addresses, days, time zones, lists.

Decided here: everything that the file alone can tell. Not decided: what exists already (changes).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from apps.people.rules.table_file import Problem, Refused, read_table

COLUMNS = (
    "name", "email", "manager_email", "department", "location", "time_zone", "level", "mixins",
    "role_profile", "job_title", "employee_number", "hired_on", "left_on",
    "leave_from", "leave_until",
)  # fmt: skip
REQUIRED = ("name", "email")
# What other systems call the same thing.
ALIASES = {
    "e-mail": "email", "mail": "email", "manager": "manager_email", "manager e-mail": "manager_email",
    "manager email": "manager_email", "time zone": "time_zone", "timezone": "time_zone",
    "role profile": "role_profile", "job title": "job_title", "title": "job_title",
    "employee number": "employee_number", "hired on": "hired_on", "left on": "left_on",
    "leave from": "leave_from", "leave until": "leave_until",
}  # fmt: skip
LONGEST = {
    "name": 160, "email": 254, "manager_email": 254, "department": 120, "location": 120,
    "job_title": 160, "employee_number": 40,
}  # fmt: skip
ADDRESS = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>.]{2,}")
# Day 0 of a spreadsheet, as the one that thinks 1900 a leap year counts from March 1900 on.
SPREADSHEET_EPOCH = date(1899, 12, 30)


@dataclass(frozen=True)
class PersonRow:
    """One row, read. `values` has only the columns that the file has; None is an empty cell.

    email and manager_email are address keys; mixins a tuple of names; the four days dates.
    """

    number: int
    values: Mapping[str, Any]

    @property
    def key(self) -> str:
        return str(self.values["email"])


@dataclass(frozen=True)
class Parsed:
    """The rows that could be read, and what is wrong with the others."""

    rows: tuple[PersonRow, ...]
    problems: tuple[Problem, ...]
    columns: tuple[str, ...]


def folded(text: str) -> str:
    """A name as two spellings of it are compared: NFKC, nothing invisible, one case."""
    visible = (c for c in unicodedata.normalize("NFKC", text) if unicodedata.category(c) != "Cf")
    return " ".join("".join(visible).split()).casefold()


def email_key(address: str) -> str:
    """An address as it is compared and kept: equal after NFKC and casefold is equal."""
    return folded(address)


def parse_people(data: bytes, *, time_zones: Collection[str]) -> Parsed:
    """Reads a people file.

    Arguments: the bytes of a CSV file; the names of known `time_zones`. Result: rows and problems,
    so that the caller can add its own and name them all at once. Errors: Refused for a file that is
    no table, or has no column for name or email, or a column nobody knows.
    """
    table = read_table(data)
    columns = tuple(ALIASES.get(name, name) for name in table.head)
    wrong = [Problem(1, name, _unknown(name)) for name in columns if name not in COLUMNS]
    wrong += [Problem(1, c, "This column is missing.") for c in REQUIRED if c not in columns]
    twice = {name for name in columns if columns.count(name) > 1}
    wrong += [Problem(1, name, "This column is there twice.") for name in sorted(twice)]
    if wrong:
        raise Refused(wrong)

    rows: list[PersonRow] = []
    problems: list[Problem] = []
    first_with: dict[tuple[str, str], int] = {}
    for number, cells in table.rows:
        values, found = _values(number, dict(zip(columns, cells, strict=True)), time_zones)
        problems += found
        for column in ("email", "employee_number"):
            if value := values.get(column):
                first = first_with.setdefault((column, value), number)
                if first != number:
                    problems.append(Problem(number, column, f"Row {first} has the same."))
        if values.get("email"):
            rows.append(PersonRow(number, values))
    if not table.rows:
        raise Refused([Problem(0, "", "The file has a head but nobody in it.")])
    return Parsed(tuple(rows), tuple(problems), columns)


def _unknown(name: str) -> str:
    return f"Nobody knows this column. Known are: {', '.join(COLUMNS)}." if name else "No name."


def _values(
    number: int, cells: dict[str, str], time_zones: Collection[str]
) -> tuple[dict[str, Any], list[Problem]]:
    values: dict[str, Any] = {}
    problems: list[Problem] = []

    def refuse(column: str, sentence: str) -> None:
        problems.append(Problem(number, column, sentence))

    for column, cell in cells.items():
        text = _tidy(cell)
        if len(text) > LONGEST.get(column, 2000):
            refuse(column, f"The text is longer than {LONGEST.get(column, 2000)} characters.")
            continue
        try:
            values[column] = READERS[column](text) if text else None
        except ValueError as wrong:
            refuse(column, str(wrong))
    for column in REQUIRED:
        if column in values and not values[column]:
            refuse(column, "Nothing is written here.")
    if (zone := values.get("time_zone")) and zone not in time_zones:
        refuse("time_zone", f"There is no time zone {zone}. Write it like Europe/Oslo.")
    if values.get("email") and values.get("manager_email") == values["email"]:
        refuse("manager_email", "Nobody is their own manager.")
    hired, left = values.get("hired_on"), values.get("left_on")
    if hired and left and left < hired:
        refuse("left_on", "This day is before the first day of work.")
    return values, problems


def _tidy(cell: str) -> str:
    """One line, composed, without the apostrophe that our own exports set before a formula."""
    text = " ".join(unicodedata.normalize("NFC", cell).split())
    return text[1:] if text[:1] == "'" and text[1:2] in set("=+-@") else text


def _address(text: str) -> str:
    key = email_key(text)
    if not ADDRESS.fullmatch(key):
        raise ValueError(f"{text[:60]} is no e-mail address.")
    return key


def _day(text: str) -> date:
    """An ISO day, a day with dots, or the number a spreadsheet keeps for a day."""
    try:
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}( 00:00(:00)?)?", text):
            return date.fromisoformat(text[:10])
        if match := re.fullmatch(r"(\d{1,2})\.(\d{1,2})\.(\d{4})", text):
            return date(int(match[3]), int(match[2]), int(match[1]))
        if re.fullmatch(r"[1-9]\d{4}(\.0+)?", text):
            return SPREADSHEET_EPOCH + timedelta(days=int(float(text)))
    except ValueError:
        pass
    raise ValueError(f"{text[:40]} is no day. Write it like 2026-03-31.")


def _names(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for part in text.split(";") if (name := part.strip())))


READERS: dict[str, Callable[[str], Any]] = {
    **dict.fromkeys(COLUMNS, str),
    "email": _address,
    "manager_email": _address,
    "mixins": _names,
    "hired_on": _day,
    "left_on": _day,
    "leave_from": _day,
    "leave_until": _day,
}
