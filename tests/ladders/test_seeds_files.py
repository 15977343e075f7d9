"""The seed that is a whole ladder and the seed that is a plan are read exactly."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from apps.ladders.rules import count, effective, levels_below, placed, to_json
from tests.ladders.seeds import FOLDER, expected, lines, needs_seeds, reading

pytestmark = needs_seeds


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
