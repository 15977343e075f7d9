"""Every pair of tokens that carries text or a mark meets WCAG AA, in light and in dark."""

from __future__ import annotations

import re

import pytest

from tests.look.build import ROOT

TOKENS = (ROOT / "static/css/tokens.css").read_text()
FOUND = re.findall(r"--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)", TOKENS)
PAIRS = {name: (light, dark) for name, light, dark in FOUND}

GROUNDS = ("paper", "surface", "raised", "sunken", "tint", "accent-wash")
TEXT = [
    *[(ink, ground) for ink in ("ink", "ink-soft") for ground in GROUNDS],
    *[("accent", ground) for ground in GROUNDS],
    *[("accent-deep", ground) for ground in ("paper", "surface", "accent-wash", "sunken")],
    ("accent-ink", "accent"),
    ("accent-ink", "accent-deep"),
    *[(tone, f"{tone}-wash") for tone in ("info", "warn", "bad", "good")],
    *[("ink", f"{tone}-wash") for tone in ("info", "warn", "bad", "good")],
    *[
        (tone, ground)
        for tone in ("info", "warn", "bad", "good")
        for ground in ("surface", "paper")
    ],
]
MARKS = [
    *[(f"ramp-{step}", ground) for step in range(1, 8) for ground in ("surface", "tint")],
    ("line-strong", "surface"),
    ("line-strong", "paper"),
    ("accent", "line"),
]


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    bright, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def test_the_measure_itself_knows_black_on_white() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), TEXT)
def test_text_reaches_four_and_a_half(ink: str, ground: str, theme: int) -> None:
    assert contrast(PAIRS[ink][theme], PAIRS[ground][theme]) >= 4.5


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("mark", "ground"), MARKS)
def test_marks_and_edges_reach_three(mark: str, ground: str, theme: int) -> None:
    assert contrast(PAIRS[mark][theme], PAIRS[ground][theme]) >= 3


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("step", range(1, 7))
def test_neighbours_on_the_ramp_can_be_told_apart(step: int, theme: int) -> None:
    assert PAIRS[f"ramp-{step}"][theme] != PAIRS[f"ramp-{step + 1}"][theme]
    one, other = (
        [int(PAIRS[f"ramp-{s}"][theme][i : i + 2], 16) for i in (1, 3, 5)] for s in (step, step + 1)
    )
    assert sum(abs(a - b) for a, b in zip(one, other, strict=True)) >= 40
