"""Names become keys and compare, whatever their script, length or invisible characters."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.ladders.rules import matching_form, read
from apps.ladders.rules.names import key_of, number_range, plain, split_icon


@pytest.mark.parametrize(
    ("title", "key"),
    [
        ("Porter II", "porter-ii"),
        ("Träger & Co.", "trager-co"),
        ("  Porter\u00a0\u200bII ", "porter-ii"),
        ("L3", "l3"),
    ],
)
def test_a_key_is_short_and_plain(title: str, key: str) -> None:
    assert key_of(title) == key


def test_titles_in_other_scripts_have_keys_of_their_own() -> None:
    keys = {key_of(title) for title in ("Инженер", "Менеджер", "エンジニア", "工程师", "3", "")}

    assert len(keys) == 6


@given(st.text(max_size=200))
def test_any_title_has_a_key_that_fits_an_address(title: str) -> None:
    assert re.fullmatch(r"[a-z0-9-]{1,80}", key_of(title))


@given(st.text(max_size=60))
def test_matching_form_is_settled(text: str) -> None:
    once = matching_form(text)

    assert " ".join(once.split()) == once


@pytest.mark.parametrize(
    ("text", "icon", "name"),
    [
        ("🦉 Craft", "🦉", "Craft"),
        ("❤️ Care", "❤️", "Care"),
        ("👩‍💻Craft", "👩‍💻", "Craft"),
        ("Craft 🦉", "", "Craft 🦉"),
    ],
)
def test_an_icon_is_not_part_of_a_name(text: str, icon: str, name: str) -> None:
    assert split_icon(text) == (icon, name)


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ("**_a b_**", "a b"),
        ("_a_", "a"),
        ("**a** and **b**", "**a** and **b**"),
        ("a_b_", "a_b_"),
        ("**", "**"),
    ],
)
def test_only_emphasis_around_the_whole_is_taken_off(text: str, bare: str) -> None:
    assert plain(text) == bare


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Peers (2-5)", (2, 5)),
        ("8 to 12 people", (8, 12)),
        ("3–6 months", (3, 6)),
        ("v1.2-3", (None, None)),
        ("a few", (None, None)),
    ],
)
def test_a_range_is_two_numbers(text: str, found: tuple[int | None, int | None]) -> None:
    assert number_range(text) == found


def test_one_band_twice_in_a_track_is_reported() -> None:
    text = "# Yard\n\n"
    for title in ("Porter (Band 1)", "Foreman (Band 2)", "Manager (Band 2)"):
        text += f"## {title}\n### Care\n- {title} greets\n### Lifting\n- Lifts\n\n"

    [warning] = read(text.encode()).warnings

    assert "2 levels of band 2" in warning


def test_one_competency_twice_in_a_level_is_reported() -> None:
    text = b"# L1: Porter\n\n## Care\n- Greets\n\n## Care\n- Helps\n"

    [warning] = read(text).warnings

    assert "“care” 2 times" in warning
