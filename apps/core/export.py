"""Tables leaving the house as CSV or XLSX. A cell is never a formula, whatever someone typed."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, TypeAlias

import xlsxwriter

Cell: TypeAlias = str | int | float | bool | Decimal | date | datetime | None
CSV_TYPE = "text/csv; charset=utf-8"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# What a spreadsheet takes for the start of a formula: also after spaces, also in full width, and
# after an apostrophe, so that one of ours can be told from one that was typed.
RISKY = re.compile(r"['\s\u3000\ufeff]*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
LONGEST_CELL = 32_767  # what XLSX can hold


def escape(value: str) -> str:
    """The text with an apostrophe in front when a spreadsheet might run it."""
    return f"'{value}" if RISKY.match(value) else value


def unescape(value: str) -> str:
    """The inverse of `escape`: what `escape` was given."""
    return value[1:] if value.startswith("'") and RISKY.match(value[1:]) else value


def csv_lines(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[str]:
    """CSV, line by line, for a streaming response.

    Arguments: `header` column titles; `rows` of as many cells. Result: lines that begin with a byte
    order mark (Excel reads UTF-8 only so), every cell quoted, every text escaped.
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    yield "\ufeff"
    for row in _chain([header], rows):
        writer.writerow([_csv_cell(cell) for cell in row])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()


def to_csv(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """The whole CSV at once, in UTF-8."""
    return "".join(csv_lines(header, rows)).encode()


def to_xlsx(
    header: Sequence[str], rows: Iterable[Sequence[Cell]], *, sheet: str = "Rungs"
) -> bytes:
    """One sheet with a frozen header row.

    Arguments: `header`, `rows` as for CSV; `sheet` its name (cut to 31 characters). Result: the file.
    Texts stay texts: no formulas, no links, no numbers made of digits that someone typed.
    """
    buffer = io.BytesIO()
    options = {
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "remove_timezone": True,
        "in_memory": True,
    }
    with xlsxwriter.Workbook(buffer, options) as book:
        # No author and no clock: two equal tables give two equal files.
        book.set_properties({"created": datetime(2000, 1, 1)})  # noqa: DTZ001  XLSX knows no zones
        page = book.add_worksheet(re.sub(r"[\[\]:*?/\\']", " ", sheet)[:31] or "Rungs")
        bold = book.add_format({"bold": True, "bottom": 1})
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        instant = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        page.freeze_panes(1, 0)
        for column, title in enumerate(header):
            page.write_string(0, column, str(title), bold)
        for number, row in enumerate(rows, start=1):
            for column, cell in enumerate(row):
                _write(page, number, column, cell, day, instant)
        page.autofit(300)
    return buffer.getvalue()


def _chain(
    first: Iterable[Sequence[Cell]], then: Iterable[Sequence[Cell]]
) -> Iterator[Sequence[Cell]]:
    yield from first
    yield from then


def _csv_cell(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.isoformat(timespec="minutes")
    if isinstance(cell, bool):
        return "true" if cell else "false"
    # Numbers are ours, so a minus in front of one is a sign and no formula.
    return escape(cell) if isinstance(cell, str) else str(cell)


def _write(page: Any, row: int, column: int, cell: Cell, day: Any, instant: Any) -> None:
    if cell is None:
        return
    if isinstance(cell, bool):
        page.write_boolean(row, column, cell)
    elif isinstance(cell, int | float | Decimal):
        page.write_number(row, column, float(cell))
    elif isinstance(cell, datetime):
        page.write_datetime(row, column, cell.astimezone(UTC).replace(tzinfo=None), instant)
    elif isinstance(cell, date):
        page.write_datetime(row, column, cell, day)
    else:
        page.write_string(row, column, str(cell)[:LONGEST_CELL])
