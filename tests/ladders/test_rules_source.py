"""What is no ladder text is refused with a sentence that names the file and, if known, the line."""

from __future__ import annotations

import pytest

from apps.ladders.rules import Refused, read

PAGE = "# L3: Senior Engineer\n\n## Craft\n\n- Writes code\n- Reads code\n"


@pytest.mark.parametrize(
    ("data", "line", "word"),
    [
        pytest.param(PAGE.encode("utf-16"), None, "UTF-16", id="utf-16 with a mark"),
        pytest.param(PAGE.encode("utf-16-le"), None, "UTF-16", id="utf-16 without a mark"),
        pytest.param(PAGE.encode("utf-32"), None, "UTF-16", id="utf-32"),
        pytest.param(b"# L3\n\n- caf\xe9\n", 3, "0xe9", id="latin-1"),
        pytest.param(b"# L3\n- a\x00b\n", 2, "binary", id="binary"),
        pytest.param(b"%PDF-1.7\n", None, "PDF", id="pdf"),
        pytest.param(b"\x89PNG\r\n\x1a\n", None, "image", id="png"),
        pytest.param(b"\xff\xd8\xff\xe0", None, "image", id="jpeg"),
        pytest.param(b"PK\x03\x04rest", None, "spreadsheet", id="xlsx"),
        pytest.param(b'<?xml version="1.0"?><ladder/>', 1, "XML", id="xml"),
        pytest.param(b"<svg></svg>", 1, "XML", id="svg"),
        pytest.param(b"import os\n\ndef main():\n    return 1\n", 1, "code", id="python"),
        pytest.param(b"#!/bin/sh\necho hello\n", 1, "code", id="shell"),
        pytest.param(b"const a = {\n  b: 1,\n};\nmodule.exports = a;\n", 1, "code", id="script"),
        pytest.param(b"x" * (10 * 1024 * 1024 + 1), None, "bytes", id="too large"),
    ],
)
def test_refused_with_a_sentence(data: bytes, line: int | None, word: str) -> None:
    with pytest.raises(Refused) as refusal:
        read(data, name="ours.md")

    assert word in refusal.value.reason
    assert refusal.value.line == (refusal.value.line if line is None else line)
    assert str(refusal.value).startswith("ours.md" if line is None else f"ours.md, line {line}:")


def test_a_byte_order_mark_is_dropped() -> None:
    with_mark = read(b"\xef\xbb\xbf" + PAGE.encode())

    assert with_mark.ladder == read(PAGE.encode()).ladder
    assert with_mark.sha256 != read(PAGE.encode()).sha256


@pytest.mark.parametrize("ending", ["\r\n", "\r"])
def test_line_endings_do_not_matter(ending: str) -> None:
    assert read(PAGE.replace("\n", ending).encode()).ladder == read(PAGE.encode()).ladder


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("", "empty"),
        ("Only prose here.\n", "no headings"),
        ("# Shopping\n\n## Fruit\n\n- Apples\n- Pears\n", "no level"),
        ('{"levels": []}', "format of its own"),
        ("topics:\n  - name: a\n    points:\n      - b\n", "format of its own"),
        ("# Senior tool\n\n## Use\n\n```\nrun\n```\n\n- one\n- two\n", "text or code"),
        ("# Grid\n## Speech\n### Junior\n- a\n### Senior\n- b\n"
         "## Code\n### Junior\n- c\n### Senior\n- d\n", "Turn it round"),
    ],
)  # fmt: skip
def test_unrecognised_says_why_and_keeps_everything_as_notes(text: str, word: str) -> None:
    found = read(text.encode())

    assert (found.kind, found.shape, found.ladder.levels) == ("unrecognised", "", ())
    assert word in found.why
    assert found.warnings == (found.why,)
    assert found.coverage.claimed == found.coverage.total


def test_a_document_may_quote_a_program() -> None:
    quoted = "# Plan\n\n## 1. Clerk\n\n**Duties**:\n- file\n\n**Targets**:\n- 5 files a day\n\n"
    quoted += "```python\nimport os\nimport sys\nimport re\ndef run():\n    return 1\n```\n"

    assert read(quoted.encode()).kind == "role_profiles"
