"""Where the seed documents are, what is read from them and what a person found in them by hand.

The documents are not part of the project. Set SEED_LADDERS_DIR to the folder that holds them,
with expected.json and expected_metrics.json.
"""

from __future__ import annotations

import json
import os
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from apps.ladders.rules import Reading, read, to_json

FOLDER = os.environ.get("SEED_LADDERS_DIR", "")
SEEDS = ("000", "001", "002", "003", "004")
needs_seeds = pytest.mark.skipif(
    not FOLDER or not Path(FOLDER).is_dir(),
    reason="the seed documents are not here; set SEED_LADDERS_DIR to their folder",
)


def source(seed: str) -> Path:
    return next(Path(FOLDER).glob(f"{seed}_*.txt"))


@cache
def reading(seed: str) -> Reading:
    return read(source(seed).read_bytes(), name=source(seed).name)


@cache
def expected(seed: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((Path(FOLDER) / "expected.json").read_text("utf-8"))[seed]
    return content


def lines(rows: list[dict[str, Any]]) -> list[tuple[int, str]]:
    return [(row["line"], row["text"]) for row in rows]


def level(seed: str) -> dict[str, Any]:
    levels: list[dict[str, Any]] = to_json(reading(seed))["levels"]
    assert len(levels) == 1
    return levels[0]
