"""What a level expects in the end, from where, and what separates two levels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from apps.ladders.rules import (
    Competency,
    Ladder,
    Level,
    MergeRule,
    Mixin,
    Statement,
    Track,
    count,
    cumulative_counts,
    difference,
    effective,
    levels_below,
    parents_of,
)


def competencies(owner: str, sizes: Mapping[str, int]) -> tuple[Competency, ...]:
    return tuple(
        Competency(
            name,
            1,
            statements=tuple(
                Statement(f"{owner}-{name}-{n}", n, f"{owner} {name} {n}") for n in range(size)
            ),
        )
        for name, size in sizes.items()
    )


def level(key: str, band: int | None, **sizes: int) -> Level:
    return Level(key, key.title(), 1, band=band, competencies=competencies(key, sizes))


ONE, TWO = level("one", 1, scope=3, skill=2), level("two", 2, scope=4, skill=1)
THREE, CHIEF = level("three", 3, scope=5), level("chief", 2, skill=6)
LEVELS = (CHIEF, THREE, TWO, ONE)
TRACKS = (Track("Crew", 1, ("one", "two", "three")), Track("Office", 1, ("chief",)))
LADDER = Ladder("Yard", levels=LEVELS, tracks=TRACKS)
CRANE = Mixin(
    "crane",
    "Crane",
    1,
    merge=(MergeRule("Scope", "replace"), MergeRule("skill", "add")),
    competencies=competencies("crane", {"scope": 2, "skill": 1}),
)


@pytest.mark.parametrize(
    ("cascade", "wanted"),
    [
        ("none", {"One": 5, "Two": 5, "Three": 5, "Chief": 6}),
        ("within_track", {"One": 5, "Two": 10, "Three": 15, "Chief": 6}),
        ("across_tracks", {"One": 5, "Two": 10, "Three": 21, "Chief": 11}),
    ],
)
def test_cumulative_counts(cascade: str, wanted: dict[str, int]) -> None:
    assert cumulative_counts(LADDER, cascade) == wanted


def test_nearest_level_comes_first() -> None:
    assert levels_below(THREE, LEVELS, TRACKS, "within_track") == (TWO, ONE)
    assert levels_below(THREE, LEVELS, TRACKS, "across_tracks") == (CHIEF, TWO, ONE)


def test_a_level_without_a_band_cascades_within_its_track() -> None:
    bare = replace(THREE, band=None)
    levels = (ONE, TWO, bare)

    assert levels_below(bare, levels, TRACKS, "across_tracks") == (TWO, ONE)


def test_every_expectation_says_where_it_comes_from() -> None:
    scope, skill = effective(TWO, below=[ONE], mixins=[CRANE], by_rules=False)

    assert (scope.competency, skill.competency) == ("scope", "skill")
    assert [(e.provenance.kind, e.provenance.source) for e in skill.expectations] == [
        ("own", "Two"),
        ("inherited", "One"),
        ("inherited", "One"),
        ("role", "Crane"),
    ]


@pytest.mark.parametrize(("by_rules", "own", "cumulative"), [(True, 2 + 2, 2 + 4), (False, 8, 13)])
def test_a_mixin_replaces_or_adds(by_rules: bool, own: int, cumulative: int) -> None:
    assert count(effective(TWO, mixins=[CRANE], by_rules=by_rules)) == own
    assert count(effective(TWO, below=[ONE], mixins=[CRANE], by_rules=by_rules)) == cumulative


def test_two_mixins_that_replace_stand_beside_each_other() -> None:
    hook = replace(CRANE, key="hook", title="Hook")
    scope = effective(TWO, mixins=[CRANE, hook])[0]

    assert [e.provenance.source for e in scope.expectations] == ["Crane"] * 2 + ["Hook"] * 2


def test_a_forthcoming_mixin_takes_nothing_away() -> None:
    empty = replace(CRANE, competencies=(Competency("scope", 1),))

    assert count(effective(TWO, mixins=[empty])) == 5


def test_parents_in_other_files_form_a_chain() -> None:
    child = replace(THREE, parents=("../crew/two.md#top",))
    files = {"two.md": replace(TWO, parents=("one.md",)), "one.md": ONE}

    assert [each.key for each in parents_of(child, files)] == ["two", "one"]
    assert count(effective(child, below=parents_of(child, files))) == 15


def test_a_missing_parent_or_a_circle_ends_the_chain() -> None:
    circle = replace(TWO, parents=("two.md", "gone.md"))

    assert parents_of(replace(ONE, parents=("gone.md",)), {}) == ()
    assert parents_of(circle, {"two.md": circle}) == ()


def test_difference_says_what_separates_two_levels() -> None:
    same = Statement("x", 9, "One  scope 0")
    upper = replace(TWO, competencies=(Competency("Scope", 1, statements=(same,)),))

    scope, skill = difference(ONE, upper)

    assert [s.text for s in scope.both] == ["One  scope 0"]
    assert [s.text for s in scope.only_first] == ["one scope 1", "one scope 2"]
    assert scope.only_second == ()
    assert (skill.competency, len(skill.only_first)) == ("skill", 2)
