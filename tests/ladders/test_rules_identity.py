"""A statement keeps its id through every edit of the document around it."""

from __future__ import annotations

import pytest

from apps.ladders.rules import Ladder, match, placed, read, with_kept_ids

PAGE = """# L2: Porter

## Lifting
- Lifts heavy boxes with a straight back
- Asks for a second pair of hands
- Puts every box where it belongs

## Care
- Greets everybody who comes to the gate
- Puts every box where it belongs
"""


def ladder(text: str) -> Ladder:
    return read(text.encode()).ladder


def ids(found: Ladder) -> dict[str, str]:
    return {row.id: row.text for row in placed(found)}


def test_the_same_document_gives_the_same_ids() -> None:
    assert placed(ladder(PAGE)) == placed(ladder(PAGE))
    assert len(ids(ladder(PAGE))) == 5


def test_one_sentence_twice_in_one_place_is_two_statements() -> None:
    twice = PAGE.replace("- Asks for", "- Lifts heavy boxes with a straight back\n- Asks for")

    assert len(ids(ladder(twice))) == 6


@pytest.mark.parametrize(
    ("old", "new", "kept", "changed", "added", "removed"),
    [
        pytest.param("", "", 5, 0, 0, 0, id="nothing"),
        pytest.param("heavy boxes", "heavy crates", 4, 1, 0, 0, id="one word"),
        pytest.param("Greets", "greets", 4, 1, 0, 0, id="one capital"),
        pytest.param("- Asks for a second pair of hands\n", "", 4, 0, 0, 1, id="one gone"),
        pytest.param("## Care\n", "## Care\n- Locks up\n", 5, 0, 1, 0, id="one more"),
        pytest.param("Asks for a second pair of hands", "Knows the fire exits", 4, 0, 1, 1,
                     id="another sentence"),
        pytest.param("# L2: Porter", "# L2: Senior Porter", 5, 0, 0, 0, id="a new title"),
        pytest.param("## Care", "## Kindness", 3, 2, 0, 0, id="a competency renamed"),
        pytest.param("- Lifts heavy boxes with a straight back\n- Asks for a second pair of hands\n",
                     "- Asks for a second pair of hands\n- Lifts heavy boxes with a straight back\n",
                     5, 0, 0, 0, id="two swapped"),
    ],
)  # fmt: skip
def test_what_an_edit_changes(
    old: str, new: str, kept: int, changed: int, added: int, removed: int
) -> None:
    before = ladder(PAGE)
    after = ladder(PAGE.replace(old, new) if old else PAGE)

    found = match(placed(before), placed(after))

    assert (len(found.kept), len(found.changed)) == (kept, changed)
    assert (len(found.added), len(found.removed)) == (added, removed)


def test_an_edited_statement_keeps_its_id_and_the_next_edit_too() -> None:
    first = ladder(PAGE)
    second = ladder(PAGE.replace("heavy boxes", "heavy crates"))
    second = with_kept_ids(second, match(placed(first), placed(second)))
    third = ladder(PAGE.replace("heavy boxes", "really heavy crates"))
    third = with_kept_ids(third, match(placed(second), placed(third)))

    assert list(ids(third)) == list(ids(second)) == list(ids(first))
    assert ids(third) != ids(first)


def test_a_sentence_that_returns_beside_its_edited_self_gets_an_id_of_its_own() -> None:
    first = ladder(PAGE)
    second = ladder(PAGE.replace("heavy boxes", "heavy crates"))
    second = with_kept_ids(second, match(placed(first), placed(second)))
    both = PAGE.replace("- Asks", "- Lifts heavy crates with a straight back\n- Asks")
    third = ladder(both)
    third = with_kept_ids(third, match(placed(second), placed(third)))

    assert len(ids(third)) == 6
    assert set(ids(second)) < set(ids(third))


def test_likeness_never_crosses_a_competency() -> None:
    before = ladder(PAGE)
    after = ladder(
        PAGE.replace("- Greets everybody who comes to the gate\n", "").replace(
            "- Asks for", "- Greets everybody who came to the gate\n- Asks for"
        )
    )

    found = match(placed(before), placed(after))

    assert [row.competency for row in found.removed] == ["Care"]
    assert [row.competency for row in found.added] == ["Lifting"]
