"""The canonical file gives back exactly what it was given, and refuses what is not its own."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.ladders.rules import (
    Area,
    Attribute,
    Competency,
    Facet,
    KpiGroup,
    Ladder,
    Level,
    Licence,
    Link,
    MergeRule,
    Metric,
    Mixin,
    Note,
    Reference,
    Refused,
    RoleProfile,
    Statement,
    Target,
    Track,
    dump,
    load,
    read,
)

TEXT = st.one_of(
    st.text(st.characters(codec="utf-8"), max_size=20),
    st.sampled_from(
        ["yes", "null", "- a", "a: b", "# c", "'", '"', "\\", "{x}", "*a", "&a", "1_000", "0x1",
         "a\nb", "\u2028\u2029\x85\ufeff\x7f\x00", " a ", "\t", "🏆", "%TAG", "---", "..."]
    ),
)  # fmt: skip
NUMBER = st.integers(0, 10**9)
TEXTS = st.lists(TEXT, max_size=2).map(tuple)


def many(strategy: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    return st.lists(strategy, max_size=2).map(tuple)


STATEMENT = st.builds(Statement, TEXT, NUMBER, TEXT, TEXT)
COMPETENCY = st.builds(Competency, TEXT, NUMBER, TEXT, TEXT, TEXT, many(STATEMENT), many(STATEMENT))
LEVEL = st.builds(
    Level, TEXT, TEXT, NUMBER, TEXT, st.none() | NUMBER, TEXT, TEXT, TEXT, TEXT, TEXT, TEXTS, TEXTS,
    TEXTS, many(st.builds(Area, TEXT, NUMBER, TEXT)),
    many(st.builds(Attribute, TEXT, TEXT, NUMBER, st.none() | NUMBER, st.none() | NUMBER)),
    many(st.builds(Facet, TEXT, NUMBER, TEXT, many(STATEMENT))), many(COMPETENCY),
)  # fmt: skip
VALUE = st.none() | NUMBER | st.floats(0, 1e12, allow_nan=False)
TARGET = st.builds(Target, st.sampled_from(["ge", "ratio", "qualitative"]), VALUE, TEXT, TEXT, TEXT)
METRIC = st.builds(Metric, TEXT, NUMBER, TEXT, TEXT, many(TARGET))
LADDERS = st.builds(
    Ladder, TEXT, NUMBER, st.sampled_from(["none", "within_track", "across_tracks"]),
    st.none() | st.builds(Licence, TEXT, TEXT, NUMBER, TEXT),
    many(st.builds(Track, TEXT, NUMBER, st.just(()))),
    st.lists(LEVEL, max_size=2, unique_by=lambda level: level.key).map(tuple),
    many(st.builds(
        Mixin, TEXT, TEXT, NUMBER, TEXT, TEXT, TEXTS, TEXTS,
        many(st.builds(MergeRule, TEXT, st.sampled_from(["replace", "add"]))), many(COMPETENCY),
    )),
    many(st.builds(
        RoleProfile, TEXT, TEXT, NUMBER, NUMBER, many(NUMBER), many(NUMBER), TEXT,
        many(STATEMENT), many(METRIC),
    )),
    many(st.builds(KpiGroup, TEXT, NUMBER, many(METRIC))),
    many(st.builds(Link, NUMBER, TEXT, TEXT, TEXT)),
    many(st.builds(Reference, TEXT, NUMBER, TEXT, TEXT, TEXT, TEXT, TEXT, TEXT, TEXT)),
    many(st.builds(Note, NUMBER, NUMBER, TEXT, TEXT, TEXTS)),
)  # fmt: skip


@settings(max_examples=80)
@given(LADDERS)
def test_what_is_written_is_read_again(ladder: Ladder) -> None:
    written = dump(ladder)

    assert load(written) == ladder
    assert dump(load(written)) == written


def test_one_statement_a_line_in_a_fixed_order() -> None:
    page = read(b"# L2: Porter\n\n## Lifting\n- Lifts: boxes\n- Carries\n").ladder
    first, second = page.levels[0].competencies[0].statements

    assert dump(page) == (
        'format: "ladder/1"\n'
        'title: "Porter"\n'
        "levels:\n"
        '  - key: "l2"\n'
        '    title: "Porter"\n'
        "    line: 1\n"
        '    code: "L2"\n'
        "    competencies:\n"
        '      - name: "Lifting"\n'
        "        line: 3\n"
        "        statements:\n"
        f'          - {{id: "{first.id}", line: 4, text: "Lifts: boxes"}}\n'
        f'          - {{id: "{second.id}", line: 5, text: "Carries"}}\n'
    )


BY_HAND = """# our ladder
format: ladder/1
title: "Yard"
cascade: within_track
tracks:
  - name: "Crew"
    levels: ["porter"]
levels:
  - title: "Porter"
    band: 2
    competencies:
      - name: "Lifting"
        statements:
          - "Lifts"
          - text: "Carries"
      - name: "Care"
        statements: ["Lifts"]
"""


def test_a_file_written_by_hand_gets_keys_lines_and_ids() -> None:
    found = read(BY_HAND.encode())
    [level] = found.ladder.levels
    rows = [s for c in level.competencies for s in c.statements]

    assert (found.shape, level.key, level.line) == ("canonical", "porter", 9)
    assert [(s.line, s.text) for s in rows] == [(14, "Lifts"), (15, "Carries"), (17, "Lifts")]
    assert len({s.id for s in rows}) == 3
    assert load(dump(found.ladder)) == found.ladder
    assert found.coverage.claimed == found.coverage.total == 17


@pytest.mark.parametrize(
    ("text", "line", "word"),
    [
        ("format: ladder/2\n", 1, "ladder/1"),
        ("title: x\n", 1, "ladder/1"),
        ("- a\n", 1, "mapping"),
        ("format: ladder/1\ntitle: &a x\n", 2, "anchors"),
        ("format: ladder/1\ntitle: *a\n", 2, "anchors"),
        ("format: ladder/1\ntitle: !!python/name:os x\n", 2, "tags"),
        ("format: ladder/1\ntitle: [\n", 3, "not YAML"),
        ("format: ladder/1\ntitle: x\n---\na: b\n", 3, "one YAML document"),
        ("format: ladder/1\ntitle: " + "[" * 25 + "]" * 25 + "\n", 2, "deeper than 20"),
        ("format: ladder/1\ntitle: 12\n", 2, "quotes"),
        ("format: ladder/1\ntitle: yes\n", 2, "quotes"),
        ("format: ladder/1\ntitle: x\ntitle: y\n", 3, "twice"),
        ("format: ladder/1\ntitle: x\ncolour: y\n", 3, "no “colour”"),
        ("format: ladder/1\nline: 1\n", 1, "needs “title”"),
        ("format: ladder/1\ntitle: x\ncascade: sideways\n", 3, "one of none"),
        ("format: ladder/1\ntitle: x\nlevels:\n  - title: a\n    band: two\n", 5, "a number"),
        ("format: ladder/1\ntitle: x\nlevels: a\n", 3, "a list"),
        ("format: ladder/1\ntitle: x\nlevels:\n  - a\n", 4, "key: value"),
        ("format: ladder/1\ntitle: x\nlevels:\n  - title: {a: b}\n", 4, "single value"),
        ("format: ladder/1\ntitle: x\nlevels:\n  - title: a\n  - title: a\n", 5, "two levels"),
        ('format: ladder/1\ntitle: x\ntracks:\n  - name: t\n    levels: ["z"]\n', 4, "no level"),
    ],
)  # fmt: skip
def test_refused_with_its_line(text: str, line: int, word: str) -> None:
    with pytest.raises(Refused) as refusal:
        load(text, name="ours.yaml")

    assert word in str(refusal.value)
    assert (refusal.value.name, refusal.value.line) == ("ours.yaml", line)


def test_a_file_that_is_too_large_is_refused() -> None:
    with pytest.raises(Refused, match="larger"):
        load("format: ladder/1\n#" + "x" * 10 * 1024 * 1024)
