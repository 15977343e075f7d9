"""From the bytes of a CSV file to its rows, whatever a spreadsheet made of it.

Decided here: encoding, separator and limits. Not decided: what a column means (people_file).
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

LARGEST_FILE = 10 * 1024 * 1024
MOST_ROWS = 200_000
MOST_COLUMNS = 60
LONGEST_CELL = 32 * 1024
SEPARATORS = ",;\t"


@dataclass(frozen=True, order=True)
class Problem:
    """What is wrong, and where: `row` as a spreadsheet counts (the head is row 1; 0 is the file)."""

    row: int
    column: str
    sentence: str

    def __str__(self) -> str:
        if not self.row:
            return self.sentence
        place = f"Row {self.row}, column {self.column}" if self.column else f"Row {self.row}"
        return f"{place}: {self.sentence}"


class Refused(ValueError):
    """The file cannot be taken; `problems` says every reason at once, in the order of the rows."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = tuple(sorted(problems))
        super().__init__("\n".join(map(str, self.problems)))


@dataclass(frozen=True)
class Table:
    """`head` in small letters; `rows` of (row number, cells), as many cells as the head has."""

    head: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]


def decode(data: bytes) -> str:
    """The text of a file in UTF-8 or UTF-16, with or without a byte order mark. Errors: Refused."""
    if len(data) > LARGEST_FILE:
        raise Refused([Problem(0, "", "The file is larger than 10 MB.")])
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16"
    elif data[1:2] == b"\0":
        encoding = "utf-16-le"
    elif data[:1] == b"\0":
        encoding = "utf-16-be"
    else:
        encoding = "utf-8-sig"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as wrong:
        line = data[: wrong.start].count(b"\n") + 1
        sentence = "These characters are not UTF-8. Save the file as CSV in UTF-8."
        raise Refused([Problem(line, "", sentence)]) from wrong


def read_table(data: bytes) -> Table:
    """The rows of a CSV file; empty rows are left out. Errors: Refused with every problem."""
    text = decode(data)
    if "\0" in text:
        raise Refused([Problem(0, "", "The file holds characters that no text has.")])
    lines = _lines(text)
    number, first = next(lines, (0, []))
    head = tuple(" ".join(cell.split()).casefold() for cell in first)
    while head and not head[-1]:
        head = head[:-1]
    if not head:
        raise Refused([Problem(0, "", "The file is empty.")])
    if len(head) > MOST_COLUMNS:
        raise Refused([Problem(1, "", f"There are more than {MOST_COLUMNS} columns.")])
    twice = {name for name in head if head.count(name) > 1}
    problems = [Problem(number, name, "This column is there twice.") for name in sorted(twice)]
    rows: list[tuple[int, tuple[str, ...]]] = []
    for number, cells in lines:
        if len(rows) >= MOST_ROWS:
            raise Refused([Problem(number, "", f"There are more than {MOST_ROWS} rows.")])
        if any(cells[len(head) :]):
            problems.append(Problem(number, "", "There are more cells than columns in the head."))
            continue
        full = [*cells[: len(head)], *[""] * (len(head) - len(cells))]
        for name, cell in zip(head, full, strict=True):
            if len(cell) > LONGEST_CELL:
                problems.append(Problem(number, name, "The text is longer than 32 KB."))
        rows.append((number, tuple(full)))
    if problems:
        raise Refused(problems)
    return Table(head, tuple(rows))


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    """(number, stripped cells) of each row that holds something.

    A quoted cell may hold line ends, so rows are counted as rows, the way a spreadsheet shows them.
    """
    first_line = text.lstrip("\r\n").partition("\n")[0]
    separator = max(SEPARATORS, key=first_line.count)
    # A cell longer than the limit is named by read_table; a quote that never closes is cut here.
    csv.field_size_limit(LARGEST_FILE)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    number = 0
    try:
        for number, cells in enumerate(reader, start=1):
            stripped = [cell.strip() for cell in cells]
            if any(stripped):
                yield number, stripped
    except csv.Error as wrong:
        sentence = "A quotation mark opens here and does not close as it should."
        raise Refused([Problem(number + 1, "", sentence)]) from wrong
