"""Which parts a form has."""

import pytest

from apps.reviews.rules.sections import SECTIONS, UnknownSection, checked_sections, parts_of


@pytest.mark.parametrize(
    ("kind", "off", "parts"),
    [
        ("self", [], "summary ratings marks goals"),
        ("self", ["self.ratings", "self.goals"], "summary marks"),
        ("self", ["manager.goals"], "summary ratings marks goals"),
        ("manager", [], "summary ratings overall marks goals promotion private_note"),
        (
            "manager",
            ["manager.promotion", "self.marks"],
            "summary ratings overall marks goals private_note",
        ),
        ("manager", [*SECTIONS], "summary ratings overall"),
        ("self", ["self.summary", "self.later"], "summary ratings marks goals"),
    ],
    ids=str,
)
def test_a_form_has_its_parts(kind, off, parts):
    assert parts_of(kind, off) == set(parts.split())


def test_names_are_kept_once_in_the_order_of_the_form():
    given = ["manager.goals", "self.marks", "manager.goals"]

    assert checked_sections(given) == ["self.marks", "manager.goals"]


@pytest.mark.parametrize("name", ["manager.ratings", "self.summary", "goals", ""], ids=str)
def test_a_part_that_cannot_be_left_out_is_refused(name):
    with pytest.raises(UnknownSection) as refused:
        checked_sections(["self.goals", name])

    assert refused.value.names == (name,)
