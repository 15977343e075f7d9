"""Five real documents of five companies are read exactly, compared with a list made by hand.

The documents are not part of the project. Set SEED_LADDERS_DIR to the folder that holds them,
with expected.json and expected_metrics.json.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from apps.ladders.rules import (
    Level,
    Reading,
    count,
    dump,
    effective,
    levels_below,
    load,
    match,
    parents_of,
    placed,
    read,
    to_json,
    with_kept_ids,
)

FOLDER = os.environ.get("SEED_LADDERS_DIR", "")
pytestmark = pytest.mark.skipif(
    not FOLDER or not Path(FOLDER).is_dir(),
    reason="the seed documents are not here; set SEED_LADDERS_DIR to their folder",
)
SEEDS = ("000", "001", "002", "003", "004")


def source(seed: str) -> Path:
    return next(Path(FOLDER).glob(f"{seed}_*.txt"))


@cache
def reading(seed: str) -> Reading:
    return read(source(seed).read_bytes(), name=source(seed).name)


@cache
def expected(seed: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((Path(FOLDER) / "expected.json").read_text("utf-8"))[seed]
    return content


def lines(rows: list[dict[str, Any]]) -> list[tuple[int, str]]:
    return [(row["line"], row["text"]) for row in rows]


def level(seed: str) -> dict[str, Any]:
    levels: list[dict[str, Any]] = to_json(reading(seed))["levels"]
    assert len(levels) == 1
    return levels[0]


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


def facets(rows: list[dict[str, Any]]) -> dict[str, list[tuple[int, str]]]:
    return {row["name"]: lines(row["statements"]) for row in rows}


def test_ladder_file_matches_item_by_item() -> None:
    found, wanted = to_json(reading("002")), expected("002")

    assert found["title"] == wanted["title"]
    assert [
        (lv["title"], lv["band"], lv["anchor"], facets(lv["competencies"]))
        for lv in found["levels"]
    ] == [
        (b["title"], b["band"], b["anchor"], {k: lines(v) for k, v in b["facets"].items()})
        for b in wanted["bands"]
    ]
    assert [(m["title"], m["anchor"], facets(m["competencies"])) for m in found["mixins"]] == [
        (r["title"], r["anchor"], {k: lines(v) for k, v in r["facets"].items()})
        for r in wanted["roles"]
    ]
    assert [lv["body"] for lv in found["levels"]] == [
        [b["body"]] if b["body"] else [] for b in wanted["bands"]
    ]
    assert [note["text"] for note in found["notes"]] == wanted["notes"]
    assert found["licence"]["text"] == wanted["licence"]
    assert found["licence"]["name"] == "CC BY-SA 4.0"


def test_ladder_file_takes_its_tracks_from_the_index() -> None:
    found, wanted = to_json(reading("002")), expected("002")
    by_key = {lv["key"]: lv for lv in found["levels"]}

    assert [
        (
            track["name"],
            [(by_key[lv["key"]]["anchor"], lv["band"]) for lv in track["levels"]],
        )
        for track in found["tracks"]
    ] == [
        (track["name"], [(lv["anchor"], lv["band"]) for lv in track["levels"]])
        for track in wanted["tracks"]
    ]
    named = [title for lv in found["levels"] for title in (lv["title"], *lv["aliases"])]
    assert all(lv["title"] in named for track in wanted["tracks"] for lv in track["levels"])
    assert sum(len(lv["aliases"]) for lv in found["levels"]) == 1


def test_ladder_file_counts() -> None:
    found = to_json(reading("002"))["counts"]

    assert (found["statements"], found["level_statements"], found["mixin_statements"]) == (
        167,
        134,
        33,
    )
    assert (found["index_links"], found["index_matched"]) == (12, 12)
    assert [m.status for m in reading("002").ladder.mixins] == ["", "", "forthcoming", ""]


def test_ladder_file_offers_both_readings_of_the_cascade() -> None:
    cascades = to_json(reading("002"))["cascades"]

    # Body order: three engineers, staff, principal, manager, director, unlimited.
    assert list(cascades["within_track"].values()) == [24, 46, 69, 88, 98, 22, 36, 98]
    assert list(cascades["across_tracks"].values()) == [24, 46, 69, 88, 120, 91, 124, 134]
    assert cascades["chosen"] == "within_track"


@pytest.mark.parametrize(("by_rules", "own", "cumulative"), [(True, 26, 58), (False, 34, 80)])
def test_ladder_file_mixes_a_role_into_a_level(by_rules: bool, own: int, cumulative: int) -> None:
    ladder = reading("002").ladder
    third, role = ladder.levels[2], ladder.mixins[1]
    below = levels_below(third, ladder.levels, ladder.tracks, "within_track")

    assert count(effective(third, mixins=[role], by_rules=by_rules)) == own
    assert count(effective(third, below=below, mixins=[role], by_rules=by_rules)) == cumulative


def test_ladder_file_says_three_times_that_one_level_includes_another() -> None:
    references = reading("002").ladder.references

    assert [r.kind for r in references] == ["includes"] * 3
    assert [r.source_competency == r.target_competency for r in references] == [True] * 3
    assert {(r.source_level, r.target_level) for r in references} == {
        ("director-of-engineering", "engineering-manager")
    }


def test_one_sentence_in_two_places_is_two_statements() -> None:
    rows = placed(reading("002").ladder)
    twice = [row for row in rows if [r.text for r in rows].count(row.text) > 1]

    assert len(twice) == 2
    assert twice[0].id != twice[1].id


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


def test_strategy_makes_no_level_and_matches_item_by_item() -> None:
    found, wanted = to_json(reading("004")), expected("004")

    assert (found["levels"], found["tracks"]) == ([], [])
    assert found["title"] == wanted["title"]
    assert [
        (
            p["order"],
            p["title"],
            p["window_months"],
            p["years"],
            p["profile"],
            lines(p["responsibilities"]),
            lines(p["success_metrics"]),
        )
        for p in found["profiles"]
    ] == [
        (
            p["order"],
            p["title"],
            p["window_months"],
            p["years"],
            p["profile"],
            lines(p["responsibilities"]),
            lines(p["success_metrics"]),
        )
        for p in wanted["role_profiles"]
    ]
    assert [
        (g["name"], [(t["line"], t["name"], t["text"]) for t in g["targets"]])
        for g in found["kpi_groups"]
    ] == [
        (g["name"], [(t["line"], t["name"], t["text"]) for t in g["targets"]])
        for g in wanted["kpi_groups"]
    ]
    assert [(n["line"], n["path"], n["text"]) for n in found["notes"] if n["kind"] == "item"] == [
        (n["line"], n["path"], n["text"]) for n in wanted["note_sections"]
    ]


def as_expected(target: dict[str, Any]) -> dict[str, Any]:
    row = {"cmp": target["comparator"], "value": target["value"], "unit": target["unit"]}
    row |= {"subject": target["subject"], "within": target["within"]}
    return {key: value for key, value in row.items() if value != ""}


def test_strategy_targets_match_one_by_one() -> None:
    wanted = json.loads((Path(FOLDER) / "expected_metrics.json").read_text("utf-8"))
    found = to_json(reading("004"))

    assert [
        (m["text"], [as_expected(t) for t in m["targets"]])
        for p in found["profiles"]
        for m in p["success_metrics"]
    ] == [(text, targets) for _, text, targets in wanted["success_metrics"]]
    assert [
        (m["name"], [as_expected(t) for t in m["targets"]])
        for g in found["kpi_groups"]
        for m in g["targets"]
    ] == [(name, targets) for _, name, targets in wanted["kpis"]]
    assert (found["counts"]["numeric_success_metrics"], found["counts"]["kpi_targets"]) == (7, 14)


def test_strategy_reports_its_two_contradictions() -> None:
    found = [
        tuple(int(n) for n in warning.split(" ")[1:4:2]) for warning in reading("004").warnings
    ]

    assert sorted(found) == [(31, 205), (109, 206)]


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
