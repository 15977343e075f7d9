"""What the texts say: people, cycles, reviews and answers, read once and moved to the year of today.

The texts were written for a company in November 2026. Loaded in another year, every year in them
moves along, so that the newest period is never in the future and names of cycles stay true.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml

TEXTS = Path(__file__).parent / "texts"
WRITTEN_ON = date(2026, 11, 20)
YEAR = re.compile(r"\b20[12]\d\b")
DAYS_A_YEAR = 365.25


@dataclass(frozen=True)
class Script:
    """The five files, as they are written."""

    company: dict[str, Any]
    scale: dict[str, Any]
    cycles: dict[str, Any]
    reviews: dict[str, Any]
    year: dict[str, Any]


def read_script(today: date) -> Script:
    """The texts as of this day."""
    years = round((today - WRITTEN_ON).days / DAYS_A_YEAR)
    names = ("company", "scale", "cycles", "reviews", "year")
    return Script(*(_read(name, years) for name in names))


def faces(today: date) -> list[dict[str, str]]:
    """Whom the sign-in page shows first, and what to look at with their eyes."""
    years = round((today - WRITTEN_ON).days / DAYS_A_YEAR)
    return list(_read("company", years)["faces"])


def _read(name: str, years: int) -> dict[str, Any]:
    text = (TEXTS / f"{name}.yaml").read_text(encoding="utf-8")
    if years:
        text = YEAR.sub(lambda year: str(int(year[0]) + years), text)
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.load(text, Loader=loader)  # type: ignore[no-any-return]  # noqa: S506  both are safe
