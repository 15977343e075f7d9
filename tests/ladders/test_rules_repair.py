"""Damaged text is repaired sequence by sequence; clean text of any language is left alone."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from apps.ladders.rules import repaired

TYPOGRAPHY = "’‘“”–—…•€™→≥✓🏆🌱🦉❤"


def damaged(text: str, charset: str) -> str:
    """The text as a program shows it that takes its UTF-8 bytes for another charset."""
    if charset == "mac_roman":
        return text.encode().decode("mac_roman")
    return "".join(
        bytes([byte]).decode("cp1252", errors="ignore") or chr(byte) for byte in text.encode()
    )


@pytest.mark.parametrize("charset", ["mac_roman", "cp1252"])
@pytest.mark.parametrize("mark", list(TYPOGRAPHY))
def test_a_mark_is_repaired_at_once(charset: str, mark: str) -> None:
    text, log = repaired(f"one\nI{damaged(mark, charset)} two")

    assert text == f"one\nI{mark} two"
    assert [(row.line, row.before, row.after) for row in log] == [(2, damaged(mark, charset), mark)]


@pytest.mark.parametrize(
    ("charset", "name"), [("mac_roman", "mac-roman"), ("cp1252", "windows-1252")]
)
def test_the_log_names_the_charset(charset: str, name: str) -> None:
    _, log = repaired(damaged("It’s", charset))

    assert [row.charset for row in log] == [name]


@pytest.mark.parametrize("charset", ["mac_roman", "cp1252"])
def test_a_letter_waits_for_a_proof_in_the_same_document(charset: str) -> None:
    letter = damaged("é", charset)

    assert repaired(f"caf{letter}")[0] == f"caf{letter}"
    assert repaired(f"caf{letter} {damaged('’', charset)}")[0] == "café ’"


def test_a_proof_counts_for_its_own_charset_only() -> None:
    text = f"caf{damaged('é', 'mac_roman')} {damaged('’', 'cp1252')}"

    assert repaired(text)[0] == f"caf{damaged('é', 'mac_roman')} ’"


def test_a_mixed_document_is_repaired_where_it_is_damaged_and_only_there() -> None:
    good = "“Déjà vu” costs 5 € – Größe: 3 °C, naïve café."
    text, log = repaired(f"{good}\n{damaged('the team’s goal', 'cp1252')}\n{good}")

    assert text == f"{good}\nthe team’s goal\n{good}"
    assert [row.line for row in log] == [2]


@pytest.mark.parametrize("charset", ["mac_roman", "cp1252"])
def test_a_twice_damaged_mark_is_repaired_wholly(charset: str) -> None:
    twice = damaged(damaged("team’s", charset), charset)

    assert repaired(twice)[0] == "team’s"


def test_other_scripts_come_back_after_a_proof() -> None:
    text = damaged("Привет — łódka, “übung” 你好", "cp1252")

    assert repaired(text)[0] == "Привет — łódka, “übung” 你好"


CLEAN = [
    "Straße, Übung, Ärger, „Ärger“, ‚Öl‘, Maßstab",
    "« Où est l’été ? » ÇA MARCHE… À bientôt, GÂTEAU Â",
    "Ação, coração, SÃO PAULO, NÃO, avó",
    "Žluťoučký kůň úpěl ďábelské ódy",
    "Việt Nam, Đà Nẵng, Ân, ÂN",
    "Türkçe ÇÖĞÜŞİ “Ağaç” ‘İyi’",
    "Ελληνικά, Κατάλογος — “ναι”",
    "Русский текст — «да»",
    "日本語のテキスト「はい」、中文。",
    "עברית \u200fטקסט — «כן»",
    "√2 ≈ 1.41, ∆x ÷ 2, ¬p, ƒ(x), 5 × 3 ± 1 °C, § 4, ©®™ ½ µm",
    "naïve — “quotes” ‘single’ … • † ‡ € £ ¥",
]


@pytest.mark.parametrize("text", CLEAN)
def test_clean_text_is_left_alone(text: str) -> None:
    assert repaired(text) == (text, ())


@pytest.mark.parametrize("text", CLEAN)
def test_clean_text_beside_damage_is_left_alone(text: str) -> None:
    damage = damaged("team’s", "cp1252") + damaged("team’s", "mac_roman")

    assert repaired(f"{text}\n{damage}")[0] == f"{text}\nteam’steam’s"


LETTERS = st.sampled_from(
    "abcxyz ABC àâäçèéêëîïôöùûüßÀÉÖÜ ąćęłńóśźż ČŘŠŽ ñÑ åÅøØæÆ ğşİı абвгДЕЖ αβγΔ ’“”–—… 123.,:-\n"
)


@given(st.text(LETTERS, max_size=200))
def test_any_clean_words_are_left_alone(text: str) -> None:
    assert repaired(text) == (text, ())


PIECES = st.lists(
    st.one_of(st.text("abc XYZ.,-\n", max_size=5), st.sampled_from(TYPOGRAPHY)), max_size=40
)


@pytest.mark.parametrize("charset", ["mac_roman", "cp1252"])
@given(pieces=PIECES)
def test_whatever_was_damaged_comes_back(charset: str, pieces: list[str]) -> None:
    text = "".join(pieces)

    assert repaired(damaged(text, charset))[0] == text


@given(st.text(st.characters(codec="utf-8", max_codepoint=0x2200), max_size=200))
@example("Ã¢â‚¬â„¢ Â© â€œ ‚Äô √© \u00e2\u0080\u0099")
def test_a_second_repair_changes_nothing(text: str) -> None:
    once, _ = repaired(text)

    assert repaired(once) == (once, ())
