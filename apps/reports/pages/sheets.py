"""A report as a table: the one that stands on the page is the one that leaves as a file."""

from __future__ import annotations

from dataclasses import dataclass

from apps.core.export import CSV_TYPE, XLSX_TYPE, Cell, to_csv, to_xlsx
from apps.reports.states import FileForm


@dataclass(frozen=True)
class Sheet:
    """`name` becomes the file's name and the sheet's."""

    name: str
    header: list[str]
    rows: list[list[Cell]]


@dataclass(frozen=True)
class SheetFile:
    name: str
    content: bytes
    content_type: str
    rows: int


def sheet_file(sheet: Sheet, form: str) -> SheetFile:
    """The sheet as bytes. `form` is a FileForm; ValueError for another."""
    if FileForm(form) == FileForm.CSV:
        content, kind = to_csv(sheet.header, sheet.rows), CSV_TYPE
    else:
        content, kind = to_xlsx(sheet.header, sheet.rows, sheet=sheet.name), XLSX_TYPE
    return SheetFile(f"{sheet.name}.{form}", content, kind, len(sheet.rows))
