"""Each way in which something typed could be lost is named by a test, so that a deleted test is missed.

A test names its case in the docstring of itself or of its module: "T4: …" or "T1, T2, T7: …".
"""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
CASES = {
    "T1": "two tabs let the same field go together",
    "T2": "two tabs change different fields",
    "T4": "a session ends while somebody types",
    "T5": "somebody else signs in",
    "T6": "the answer is lost after the commit",
    "T7": "double click, Enter and click, Back and send again",
    "T8": "half an hour offline",
    "T9": "Back, reload, a crash after it was saved",
    "T10": "a phase closes while somebody types",
    "T11": "somebody is given to another manager while the first one types",
    "T13": "long, strange and impossible characters",
    "T14": "a server is killed",
    "T15": "saving by itself keeps nobody signed in",
    "T16": "all of it, in any order",
    "T17": "a save without its version",
}
NAMED = re.compile(r"\A((?:[TS]\d+, )*[TS]\d+)(?::|\.?\s*\Z)")


def cases_of(text: str | None) -> set[str]:
    found = NAMED.match(text or "")
    return set(found[1].split(", ")) if found else set()


def named() -> dict[str, list[str]]:
    """The tests of each case. A module's cases count only if it holds a test."""
    found: dict[str, list[str]] = {}
    for path in sorted(TESTS.rglob("test_*.py")):
        tree = ast.parse(path.read_text())
        tests = [
            node
            for node in ast.walk(tree)
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
        ]
        for test in tests:
            for case in cases_of(ast.get_docstring(test)) or cases_of(ast.get_docstring(tree)):
                found.setdefault(case, []).append(f"{path.relative_to(TESTS)}::{test.name}")
    return found


NAMED_BY = named()


@pytest.mark.parametrize("case", CASES)
def test_a_test_is_there_for(case):
    assert NAMED_BY.get(case), f"no test names {case}: {CASES[case]}"


def test_no_test_names_a_case_that_is_none():
    assert {case for case in NAMED_BY if case.startswith("T")} <= set(CASES)
