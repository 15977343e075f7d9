"""Tables that leave the house run nothing in a spreadsheet, and come back as they were."""

from __future__ import annotations

import csv
import io
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from apps.core.export import RISKY, escape, to_csv, to_xlsx, unescape
from tests.factories import NOON


def read_csv(body: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(body.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("=1+1", "'=1+1"),
        ("+49 30", "'+49 30"),
        ("-3", "'-3"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\tx", "'\tx"),
        ("\rx", "'\rx"),
        ("  =1", "'  =1"),
        ("\u3000＝1", "'\u3000＝1"),
        ("＠x", "'＠x"),
        ("'=1", "''=1"),
        ("plain", "plain"),
        ("it's", "it's"),
        ("'quoted'", "'quoted'"),
        ("", ""),
    ],
)
def test_escape(typed, written):
    assert escape(typed) == written


@given(st.text(max_size=60))
def test_a_round_trip_is_the_identity(typed):
    assert unescape(escape(typed)) == typed


@given(st.text(alphabet="=+-@\t\r\n '＝＋－＠\u3000a", max_size=8))
def test_nothing_written_begins_a_formula(typed):
    written = escape(typed)
    assert not written.lstrip(" \u3000\ufeff").startswith(
        ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
    )
    assert written.startswith("'") or not RISKY.match(written)


def test_csv_quotes_everything_and_keeps_numbers_numbers():
    body = to_csv(
        ["name", "n", "on"], [["=cmd", -3, date(2026, 11, 20)], ["a,b", Decimal("1.5"), None]]
    )

    assert body.startswith(b'\xef\xbb\xbf"name"')
    assert read_csv(body) == [
        ["name", "n", "on"],
        ["'=cmd", "-3", "2026-11-20"],
        ["a,b", "1.5", ""],
    ]


def test_a_header_is_escaped_too():
    assert read_csv(to_csv(["=HYPERLINK()"], [])) == [["'=HYPERLINK()"]]


def test_xlsx_holds_texts_numbers_and_dates_and_no_formula():
    import zipfile

    body = to_xlsx(
        ["name", "n", "on", "at", "yes"],
        [
            ["=HYPERLINK(1)", 3, date(2026, 11, 20), NOON, True],
            ["https://example.org", None, None, None, False],
        ],
    )

    rows = CalamineWorkbook.from_filelike(io.BytesIO(body)).get_sheet_by_index(0).to_python()
    assert rows[1][:2] == ["=HYPERLINK(1)", 3.0]
    assert (rows[1][2], rows[1][4]) == (date(2026, 11, 20), True)
    assert rows[2][0] == "https://example.org"
    sheet = zipfile.ZipFile(io.BytesIO(body)).read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    assert "hyperlink" not in sheet


def test_two_equal_tables_are_two_equal_files():
    assert to_xlsx(["a"], [["b"]]) == to_xlsx(["a"], [["b"]])


def test_a_sheet_name_that_excel_refuses_is_mended():
    body = to_xlsx(["a"], [], sheet="Team [A]: 2026/11 with a name that is too long")
    assert CalamineWorkbook.from_filelike(io.BytesIO(body)).sheet_names == [
        "Team  A   2026 11 with a name t"
    ]
