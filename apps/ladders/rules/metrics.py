"""Read a target out of a sentence: comparator, value, unit, subject, and by when.

Decided here: what is a number to reach and what is only described (`qualitative`). Comparators:
ge, gt, le, lt, eq; decrease_by and increase_by (a change), ratio (a multiple). Not decided here:
whether two targets agree; `contradictions` only reports that they do not.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import pairwise

from apps.ladders.rules.content import Number, Target
from apps.ladders.rules.names import matching_form

_SIGN = {
    ">=": "ge", "≥": "ge", "at least": "ge", "minimum of": "ge", "no less than": "ge",
    "<=": "le", "≤": "le", "at most": "le", "maximum of": "le", "no more than": "le",
    "up to": "le", ">": "gt", "more than": "gt", "over": "gt", "above": "gt",
    "<": "lt", "less than": "lt", "under": "lt", "below": "lt", "fewer than": "lt",
}  # fmt: skip
_TIME = {
    "second": "seconds", "minute": "minutes", "hour": "hours", "day": "days", "week": "weeks",
    "month": "months", "quarter": "quarters", "year": "years",
}  # fmt: skip
_AMOUNT = re.compile(
    r"(?P<sign>>=|<=|≥|≤|>|<|\b(?:at least|at most|minimum of|maximum of|no less than|no more than|"
    r"more than|less than|fewer than|up to|over|above|under|below)\b)?\s*"
    r"(?P<zero>\b[Zz]ero\b)?(?P<value>(?<![\w.\-–])[$€£]?\d{1,12}(?!\d)(?:,\d{3}){0,4}(?:\.\d{1,6})?(?!\s?[-–]\s?\d))?"
    r"(?P<unit>\s?%|\s?/\s?\d+|x\b|×|\s?ms\b)?(?P<plus>\+|\s+or (?:more|better|higher)\b)?"
    r"(?:[\s-]?(?P<time>(?:second|minute|hour|day|week|month|quarter|year)s?)\b)?",
    re.IGNORECASE,
)
_WITHIN = re.compile(
    r"[,;]?\s*\b(?:within|in under|by the end of|after)\s+(?:the\s+)?(?:first\s+)?"
    r"(?P<span>\d+\s+(?:day|week|month|quarter|year|hour|minute)s?)\b\.?",
    re.IGNORECASE,
)
_DOWN = re.compile(r"^(?:reduction|decrease|drop|cut|fall|decline)\s+(?:in|of)\s+", re.IGNORECASE)
_UP = re.compile(r"^(?:increase|growth|improvement|rise|gain|uplift)\s+(?:in|of)\s+", re.IGNORECASE)
_DOWN_VERB = re.compile(
    r"^(?:(?:reduce|decrease|cut|lower)\s+(?P<what>.+?)|(?P<that>.+?)\s+(?:is |are )?"
    r"(?:reduced|decreased|cut|lowered|down))\s+by$",
    re.IGNORECASE,
)
_UP_VERB = re.compile(
    r"^(?:(?:increase|grow|improve|raise)\s+(?P<what>.+?)|(?P<that>.+?)\s+(?:is |are )?"
    r"(?:increased|grown|improved|raised|up))\s+by$",
    re.IGNORECASE,
)
_FILLER = re.compile(r"^(?:of|in|for|the|to)\s+(?:the\s+)?", re.IGNORECASE)
_OF_ALL = re.compile(r"\s+(?:for|in|of|to|at)$", re.IGNORECASE)


def targets_of(text: str) -> tuple[Target, ...]:
    """Every target of a line; a line with no number gives one qualitative target."""
    found = tuple(_target(part) for part in _parts(text))
    return found or (_qualitative(text),)


def numeric(targets: Iterable[Target]) -> bool:
    """Does any of the targets carry a number?"""
    return any(target.value is not None for target in targets)


def _parts(text: str) -> list[str]:
    """Split at commas when each part carries an amount of its own."""
    parts = [part.strip() for part in re.split(r"[,;]\s+(?!\d{3}\b)", text)]
    return parts if len(parts) > 1 and all(_amount(part) for part in parts) else [text]


def _amount(text: str) -> re.Match[str] | None:
    for found in _AMOUNT.finditer(_WITHIN.sub("", text)):
        if found["value"] or found["zero"]:
            return found
    return None


def _qualitative(text: str) -> Target:
    return Target("qualitative", None, "", text.strip())


def _target(text: str) -> Target:
    span = _WITHIN.search(text)
    within = " ".join(span["span"].split()) if span else ""
    bare = _WITHIN.sub("", text).strip()
    found = _amount(bare)
    if found is None:
        return _qualitative(text)
    value: Number = 0 if found["zero"] else _value(found["value"])
    unit = _unit(found)
    before = bare[: found.start()].strip(" :–—-")
    after = bare[found.end() :].strip(" .:–—-")
    comparator = _SIGN.get((found["sign"] or "").lower(), "ge" if found["plus"] else "eq")
    subject = after or _OF_ALL.sub("", before)
    if before and after:
        # "Dashboards ready for 80% of teams": what is measured stands before the amount.
        subject = _OF_ALL.sub("", before) if re.match(r"(of|for|within|by)\b", after) else after
    if _DOWN.match(after):
        comparator, subject = "decrease_by", _DOWN.sub("", after)
    elif down := _DOWN_VERB.match(before):
        comparator, subject = "decrease_by", down["what"] or down["that"]
    elif unit == "x":
        comparator, subject = "ratio", _UP.sub("", subject)
    elif _UP.match(after):
        comparator, subject = "increase_by", _UP.sub("", after)
    elif up := _UP_VERB.match(before):
        comparator, subject = "increase_by", up["what"] or up["that"]
    return Target(comparator, value, unit, _FILLER.sub("", subject).strip() or text, within)


def _value(text: str) -> Number:
    digits = text.lstrip("$€£").replace(",", "")
    return float(digits) if "." in digits else int(digits)


def _unit(found: re.Match[str]) -> str:
    if found["unit"]:
        unit = found["unit"].replace(" ", "").lower()
        return "x" if unit == "×" else unit
    if found["time"]:
        return _TIME[found["time"].lower().rstrip("s")]
    money = (found["value"] or "")[:1]
    return money if money in "$€£" and money else "count"


def contradictions(targets: Iterable[tuple[int, Target]]) -> tuple[str, ...]:
    """Sentences about the same subject measured twice: differently, or the same claim twice."""
    by_subject: dict[tuple[str, str], list[tuple[int, Target]]] = {}
    for line, target in targets:
        if target.value is not None:
            key = (matching_form(target.subject), target.unit)
            by_subject.setdefault(key, []).append((line, target))
    found: list[str] = []
    for rows in by_subject.values():
        rows.sort(key=lambda row: row[0])
        for (line, first), (other, second) in pairwise(rows):
            name = f"“{second.subject}”"
            if (first.comparator, first.value) == (second.comparator, second.value):
                found.append(
                    f"Lines {line} and {other} claim the same target for {name} twice: "
                    f"{written(second)}."
                )
            else:
                found.append(
                    f"Lines {line} and {other} give different targets for {name}: "
                    f"{written(first)} and {written(second)}."
                )
    return tuple(found)


def written(target: Target) -> str:
    """The amount in words: "at least 95 %", "30 % less"."""
    unit = {"%": " %", "count": ""}.get(target.unit, f" {target.unit}")
    if target.unit.startswith("/") or target.unit == "x":
        unit = target.unit
    amount = f"{target.value}{unit}"
    return {
        "ge": f"at least {amount}",
        "gt": f"more than {amount}",
        "le": f"at most {amount}",
        "lt": f"less than {amount}",
        "eq": amount,
        "decrease_by": f"{amount} less",
        "increase_by": f"{amount} more",
        "ratio": f"{amount} as much",
        "qualitative": target.subject,
    }[target.comparator]
