"""Five real documents of five companies are read exactly, compared with a list made by hand.

Here what holds for all five, and the three level pages; the ladder file and the plan stand in
`test_seeds_files.py`.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest

from apps.ladders.rules import (
    Level,
    count,
    dump,
    effective,
    load,
    match,
    parents_of,
    placed,
    read,
    with_kept_ids,
)
from tests.ladders.seeds import SEEDS, expected, level, lines, needs_seeds, reading, source

pytestmark = needs_seeds


@pytest.mark.parametrize("seed", SEEDS)
def test_every_line_is_accounted_for(seed: str) -> None:
    coverage = reading(seed).coverage

    assert coverage.claimed == coverage.total > 40


@pytest.mark.parametrize("seed", SEEDS)
def test_fingerprint_is_that_of_the_bytes_as_they_came(seed: str) -> None:
    assert reading(seed).sha256 == expected(seed)["source_sha256"]


@pytest.mark.parametrize(
    ("seed", "kind", "shape"),
    [
        ("000", "ladder", "B"),
        ("001", "ladder", "A"),
        ("002", "ladder", "C"),
        ("003", "ladder", "A"),
        ("004", "role_profiles", "P"),
    ],
)
def test_shape_is_detected_from_the_document_alone(seed: str, kind: str, shape: str) -> None:
    assert (reading(seed).kind, reading(seed).shape) == (kind, shape)


@pytest.mark.parametrize(
    ("seed", "sequences", "charset"),
    [("000", 17, "mac_roman"), ("001", 4, "mac_roman"), ("003", 1, "cp1252")],
)
def test_repair_equals_undoing_the_damage_as_a_whole(
    seed: str, sequences: int, charset: str
) -> None:
    damaged = source(seed).read_text("utf-8")

    assert reading(seed).text == damaged.encode(charset).decode("utf-8")
    assert len(reading(seed).repairs) == sequences


@pytest.mark.parametrize("seed", ["002", "004"])
def test_undamaged_documents_do_not_change_in_one_character(seed: str) -> None:
    repaired = reading(seed).text.encode()

    assert hashlib.sha256(repaired).hexdigest() == expected(seed)["source_sha256"]
    assert reading(seed).repairs == ()


@pytest.mark.parametrize("seed", SEEDS)
def test_second_reading_changes_nothing(seed: str) -> None:
    again = read(source(seed).read_bytes(), name=source(seed).name)
    found = match(placed(reading(seed).ladder), placed(again.ladder))

    assert again == reading(seed)
    assert (found.changed, found.added, found.removed) == ((), (), ())
    assert len(found.kept) == len(placed(again.ladder)) > 20


@pytest.mark.parametrize("seed", SEEDS)
def test_every_statement_has_an_id_of_its_own(seed: str) -> None:
    ids = [row.id for row in placed(reading(seed).ladder)]

    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("seed", SEEDS)
def test_canonical_form_loses_nothing(seed: str) -> None:
    written = dump(reading(seed).ladder)

    assert load(written) == reading(seed).ladder
    assert dump(load(written)) == written
    assert read(written.encode()).ladder == reading(seed).ladder


def test_areas_page_matches_item_by_item() -> None:
    found, wanted = level("000"), expected("000")

    assert (found["title"], found["line"], found["code"]) == (
        wanted["level"]["title"],
        wanted["level"]["line"],
        "",
    )
    assert found["summary"] == wanted["summary"]
    assert [(a["name"], a["icon"]) for a in found["areas"]] == [
        (a["name"], a["emoji"]) for a in wanted["areas"]
    ]
    assert [(c["area"], c["name"], lines(c["statements"])) for c in found["competencies"]] == [
        (a["name"], c["name"], lines(c["statements"]))
        for a in wanted["areas"]
        for c in a["competencies"]
    ]
    assert [(f["name"], f["definition"]) for f in found["facets"]] == [
        (f["name"], f["definition"]) for f in wanted["scope"]
    ]
    assert [
        (s["line"], s["label"], s["text"]) for f in found["facets"] for s in f["statements"]
    ] == [
        (s["line"], s.get("label", ""), s["text"]) for f in wanted["scope"] for s in f["statements"]
    ]


def test_areas_page_keeps_its_open_reference_and_its_malformed_link() -> None:
    [reference] = reading("000").ladder.references
    [link] = reading("000").ladder.links

    assert (reference.kind, reference.status) == ("same_as", "unresolved")
    assert (reference.line, reference.target_level, reference.target_competency) == (
        132,
        "L3",
        "Code Fluency",
    )
    assert (link.line, link.status) == (98, "malformed")


def test_page_with_examples_matches_item_by_item() -> None:
    found, wanted = level("001"), expected("001")

    assert (found["code"], found["title"]) == (wanted["level"]["code"], wanted["level"]["title"])
    assert found["summary"] == wanted["summary"]
    assert [(a["label"], a["value"], a["line"]) for a in found["attributes"]] == [
        (a["label"], a["value"], a["line"]) for a in wanted["attributes"]
    ]
    assert (found["attributes"][1]["low"], found["attributes"][1]["high"]) == (2, 5)
    assert [
        (c["name"], c["icon"], lines(c["statements"]), lines(c["examples"]))
        for c in found["competencies"]
    ] == [
        (c["name"], c["emoji"], lines(c["statements"]), lines(c["examples"]))
        for c in wanted["competencies"]
    ]


def test_page_with_examples_points_at_another_ladder() -> None:
    [reference] = reading("001").ladder.references

    assert (reference.kind, reference.line, reference.target_level) == (
        "equivalent",
        18,
        "L2 Software Engineer",
    )


def test_page_with_definitions_matches_item_by_item() -> None:
    found, wanted = level("003"), expected("003")

    assert found["title"] == wanted["level"]["title"]
    assert found["body"] == wanted["overview"]
    assert [
        (c["name"], c["definition"], lines(c["statements"])) for c in found["competencies"]
    ] == [(c["name"], c["definition"], lines(c["statements"])) for c in wanted["competencies"]]
    assert [(x.text, x.target) for x in reading("003").ladder.links] == [
        (x["text"], x["href"]) for x in wanted["links"]
    ]


def test_page_with_definitions_warns_about_its_missing_parent() -> None:
    [reference] = reading("003").ladder.references
    [warning] = reading("003").warnings

    assert (reference.kind, reference.status) == ("inherits", "unresolved")
    assert reading("003").ladder.levels[0].parents == (reference.target_file,)
    assert reference.target_file in warning


def test_page_with_definitions_resolves_when_the_parent_is_known() -> None:
    data = source("003").read_bytes()
    parent = reading("003").ladder.levels[0].parents[0]

    found = read(data, known_files=[parent])

    assert found.warnings == ()
    assert found.ladder.references[0].status == "resolved"


def test_chain_of_three_files_adds_up() -> None:
    third = reading("003").ladder.levels[0]
    middle = replace(_without(third, 2), key="middle", parents=("first.md",))
    first = replace(third, key="first", parents=())
    files: dict[str, Level] = {third.parents[0]: middle, "first.md": first}

    below = parents_of(third, files)

    assert count(effective(third, below=below)) == 32 + 30 + 32 == 94


def _without(level: Level, number: int) -> Level:
    head, *rest = level.competencies
    return replace(level, competencies=(replace(head, statements=head.statements[number:]), *rest))


def test_editing_one_bullet_changes_one_statement_and_keeps_its_id() -> None:
    text = source("001").read_text("utf-8")
    old = reading("001").ladder
    row = old.levels[0].competencies[0].statements[0]
    edited = read(text.replace(row.text, row.text + " It shows.").encode()).ladder

    found = match(placed(old), placed(edited))
    kept = with_kept_ids(edited, found)

    assert (len(found.kept), len(found.changed)) == (41, 1)
    assert (found.added, found.removed) == ((), ())
    assert [row.id for row in placed(kept)] == [row.id for row in placed(old)]
