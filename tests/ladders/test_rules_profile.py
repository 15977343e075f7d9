"""A profile file says what the text of a source cannot."""

from __future__ import annotations

import pytest

from apps.ladders.rules import ReadingProfile, Refused, profile_of, read, to_json

LADDER = """# Yard

## Bands
### Senior Porter
#### Scope
- Plans
#### Care
- Helps
### Junior Porter
#### Scope
- Lifts
#### Care
- Greets

## Roles
### Crane
#### Scope
- Watches

## History
- Founded long ago
"""


def test_a_profile_changes_what_it_names() -> None:
    profile = profile_of(
        'title: "The yard"\ncascade: within_track\nmixin_merge: {Scope: replace}\n'
        "aliases: {Carrier: Junior Porter, Care: Kindness}\nignore: [History]\n"
        "level_order: [Junior Porter, Senior Porter]\n"
    )
    found = read(LADDER.encode(), profile=profile)
    ladder = found.ladder

    assert (ladder.title, ladder.cascade, found.warnings) == ("The yard", "within_track", ())
    assert ladder.tracks[0].levels == ("junior-porter", "senior-porter")
    assert ladder.levels[0].aliases == ("Carrier",)
    assert [c.name for c in ladder.levels[0].competencies] == ["Scope", "Kindness"]
    assert {rule.competency: rule.how for rule in ladder.mixins[0].merge}["Scope"] == "replace"
    assert [note.text for note in ladder.notes] == ["## History", "- Founded long ago"]
    assert to_json(found)["cascades"]["within_track"] == {"Junior Porter": 2, "Senior Porter": 4}
    assert found.coverage.claimed == found.coverage.total


def test_a_profile_may_name_the_reader() -> None:
    text = b"# Yard rules\n\n## Care\n- Greet\n- Help\n"

    assert read(text).kind == "unrecognised"
    assert read(text, profile=ReadingProfile(reader="A")).kind == "ladder"
    assert profile_of("shape: A\n") == ReadingProfile(reader="A")


def test_a_profile_that_matches_nothing_says_so() -> None:
    profile = ReadingProfile(aliases={"Boss": "Chief"}, level_order=("Chief",))

    assert len(read(LADDER.encode(), profile=profile).warnings) == 2


def test_every_mixin_may_simply_add() -> None:
    found = read(LADDER.encode(), profile=ReadingProfile(mixin_merge="add"))

    assert {rule.how for rule in found.ladder.mixins[0].merge} == {"add"}


def test_an_empty_profile_changes_nothing() -> None:
    assert read(LADDER.encode(), profile=profile_of("# nothing\n")) == read(LADDER.encode())


@pytest.mark.parametrize(
    ("text", "line", "word"),
    [
        ("title: x\ncolour: red\n", 2, "colour"),
        ("cascade: sideways\n", 1, "cascade"),
        ("title: &a x\n", 1, "anchors"),
        ("- a\n", 1, "dictionary"),
        ("title: [\n", 2, "not YAML"),
    ],
)
def test_a_profile_that_is_not_understood_is_refused(text: str, line: int, word: str) -> None:
    with pytest.raises(Refused) as refusal:
        profile_of(text, name="ours.profile.yaml")

    assert word in str(refusal.value)
    assert (refusal.value.name, refusal.value.line) == ("ours.profile.yaml", line)
