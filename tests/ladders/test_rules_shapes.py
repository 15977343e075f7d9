"""Each shape is read whatever its headings, bullets and words for seniority."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.ladders.rules import Level, Refused, counts, read
from apps.ladders.rules.names import head_name, names_level

SAMPLES = Path(__file__).parents[2] / "ladders"


def page(text: str) -> Level:
    [level] = read(text.encode()).ladder.levels
    return level


@pytest.mark.parametrize(
    ("heading", "code", "title", "band"),
    [
        ("L3: Senior Nurse", "L3", "Senior Nurse", None),
        ("IC4 - Staff Designer", "IC4", "Staff Designer", None),
        ("M2 — Ward Manager", "M2", "Ward Manager", None),
        ("E5 Senior Welder", "E5", "Senior Welder", None),
        ("Senior Welder (E5)", "E5", "Senior Welder", None),
        ("Band 2: Clerk", "", "Clerk", 2),
        ("Clerk (Band 2)", "", "Clerk", 2),
        ("Clerk, Grade 5", "", "Clerk", 5),
        ("Grade IV – Clerk", "", "Clerk", 4),
        ("Level 3", "", "Level 3", 3),
        ("**L2**", "L2", "L2", None),
        ("🌟 Porter II", "", "Porter II", None),
    ],
)
def test_a_heading_names_a_level(heading: str, code: str, title: str, band: int | None) -> None:
    name = head_name(heading)

    assert (name.code, name.title, name.band) == (code, title, band)
    assert names_level(heading)


@pytest.mark.parametrize("heading", ["Scope", "Skills & Experience", "License", "Communication"])
def test_a_heading_names_no_level(heading: str) -> None:
    assert not names_level(heading)


@pytest.mark.parametrize("bullet", ["-", "*", "+", "1.", " -"])
@pytest.mark.parametrize("depth", ["#", "##", "####"])
def test_level_page_with_any_bullet_and_depth(bullet: str, depth: str) -> None:
    text = f"{depth} Porter II\n\n{depth}# Lifting\n{bullet} Lifts\n{bullet} Carries\n\n"
    text += f"{depth}# Care\n{bullet} Greets\n"

    found = page(text)

    assert [(c.name, [s.text for s in c.statements]) for c in found.competencies] == [
        ("Lifting", ["Lifts", "Carries"]),
        ("Care", ["Greets"]),
    ]


def test_level_page_with_underlined_headings_and_wrapped_bullets() -> None:
    found = page("Porter II\n=========\n\nLifting\n-------\n- Lifts\n  heavy  boxes\n- Carries\n")

    assert [(s.line, s.text) for s in found.competencies[0].statements] == [
        (6, "Lifts heavy boxes"),
        (8, "Carries"),
    ]


@pytest.mark.parametrize(
    "examples",
    [
        "<details>\n<summary>Examples</summary>\n\n- Moved a piano\n\n</details>",
        "<details>\n<summary>Examples</summary>\n- Moved a piano\n</details>",
        "<details><summary>More</summary>\n- Moved a piano\n</details>",
        "<details open>\n<summary>More</summary>\n\nMoved a piano\n</details>",
        "#### Examples\n- Moved a piano",
        "**For example:**\n\n- Moved a piano",
    ],
)
def test_examples_stand_apart_from_statements(examples: str) -> None:
    text = f"# L1: Porter\n\n### Lifting\n- Lifts\n\n{examples}\n\n### Care\n- Greets\n"

    found = read(text.encode())
    [level] = found.ladder.levels

    assert [[s.text for s in c.examples] for c in level.competencies] == [["Moved a piano"], []]
    assert [[s.text for s in c.statements] for c in level.competencies] == [["Lifts"], ["Greets"]]
    assert found.coverage.claimed == found.coverage.total


def test_level_attributes_of_any_name_and_their_ranges() -> None:
    found = page(
        "# L1: Porter\n\n> _Strong and kind._\n\n- **Shift**: Nights\n- **Crew:** 3 to 8 people\n\n"
        "## Lifting\n- Lifts\n- Carries\n"
    )

    assert found.summary == "Strong and kind."
    assert [(a.label, a.value, a.low, a.high) for a in found.attributes] == [
        ("Shift", "Nights", None, None),
        ("Crew", "3 to 8 people", 3, 8),
    ]


def test_definition_body_and_parent_of_a_level_page() -> None:
    text = (
        "# Lead Porter\n\n## About\n\nLeads a crew. In addition to [porter](./porter.md) they plan."
        "\n\n## Duties\n\n### Planning\nWhat is moved when.\n- Plans\n- Checks\n\n### Care\n- Greets\n"
    )
    open_, resolved = read(text.encode()), read(text.encode(), known_files=["porter.md"])
    [level] = open_.ladder.levels

    assert (level.competencies[0].definition, level.areas) == ("What is moved when.", ())
    assert level.body == ("Leads a crew. In addition to [porter](./porter.md) they plan.",)
    assert level.parents == ("./porter.md",)
    assert [(r.kind, r.status) for r in open_.ladder.references] == [("inherits", "unresolved")]
    assert len(open_.warnings) == 1
    assert [(r.kind, r.status) for r in resolved.ladder.references] == [("inherits", "resolved")]
    assert resolved.warnings == ()


AREAS = """Band 3 — Yard Lead
==================

**_Runs a yard._**

**Reach** *How far it goes*

- Noise - Keeps it low.
- Order - Keeps it high.

## 🚀 Results

**Throughput**:

- Moves boxes <fast, safe>
- Needs no `select *'s!`

__Safety__

- Stops work

## Craft

**Driving**

- Drives
"""


def test_level_page_with_areas() -> None:
    found = read(AREAS.encode())
    [level] = found.ladder.levels

    assert (found.shape, level.band, level.summary) == ("B", 3, "Runs a yard.")
    assert [(a.name, a.icon) for a in level.areas] == [("Results", "🚀"), ("Craft", "")]
    assert [(c.area, c.name) for c in level.competencies] == [
        ("Results", "Throughput"),
        ("Results", "Safety"),
        ("Craft", "Driving"),
    ]
    assert [(f.name, f.definition) for f in level.facets] == [("Reach", "How far it goes")]
    assert [(s.label, s.text) for s in level.facets[0].statements] == [
        ("Noise", "Keeps it low."),
        ("Order", "Keeps it high."),
    ]
    assert [s.text for s in level.competencies[0].statements] == [
        "Moves boxes <fast, safe>",
        "Needs no `select *'s!`",
    ]
    assert found.coverage.claimed == found.coverage.total


LADDER = """# Yard ladder

Lower grades carry over to the higher ones.

## Index
### Crew
- [Porter II {Old Porter}](#p2)
- [Porter I](#porter-i-grade-1)
- [Nobody](#nobody)

### Office
- [Yard Manager](#m)

## Specialisations

The care of a role replaces the care of the grade.

- [Crane](#crane)

## Grades

### Porter I (Grade 1)
#### Lifting
- Lifts
#### Care
- Greets

<a id="p2"></a>
### Porter II (Grade 2)
#### Lifting
- Lifts more
#### Care
- Helps

<a name="m"></a>
### Yard Manager (Grade 2)
#### Lifting
- Handles everything a Porter II does
#### Care
- Listens

### Free Porter (Grade 3)
Does what is needed.

## Hats

### Crane
#### Care
- Watches out

### Forklift
*To be written*
#### Lifting
#### Care
"""


def test_ladder_file_with_an_index() -> None:
    found = read(LADDER.encode())
    ladder = found.ladder

    assert (found.shape, ladder.title, ladder.cascade) == ("C", "Yard ladder", "within_track")
    # The index orders a track; the body does not.
    assert [(t.name, t.levels) for t in ladder.tracks] == [
        ("Crew", ("porter-ii", "porter-i")),
        ("Office", ("yard-manager", "free-porter")),
    ]
    assert ladder.levels[1].aliases == ("Porter II {Old Porter}",)
    assert ladder.levels[3].body == ("Does what is needed.",)
    assert [(m.title, m.status) for m in ladder.mixins] == [
        ("Crane", ""),
        ("Forklift", "forthcoming"),
    ]
    assert {r.competency: r.how for r in ladder.mixins[0].merge} == {
        "Lifting": "add",
        "Care": "replace",
    }
    assert (found.index.links, found.index.matched) == (5, 4)
    assert [w.split("“")[1].split("”")[0] for w in found.warnings] == [
        "nobody",
        "Free Porter",
        "Nobody",
    ]
    assert [(r.kind, r.source_level, r.target_level) for r in ladder.references] == [
        ("includes", "yard-manager", "porter-ii")
    ]
    assert found.coverage.claimed == found.coverage.total


@pytest.mark.parametrize(
    "levels",
    [
        ("Junior Porter", "Mid Porter", "Distinguished Porter"),
        ("IC1: Porter", "IC2: Porter", "M1: Chief"),
        ("L1", "L2", "L3"),
        ("Porter I", "Porter II", "Porter IV"),
        ("Band 1", "Band 2", "Band 10"),
        ("Beginner", "Competent", "Expert"),
    ],
)
@pytest.mark.parametrize("depth", ["#", "##", "###"])
def test_ladder_file_with_any_words_for_seniority(levels: tuple[str, ...], depth: str) -> None:
    text = "# Yard\n\n" if depth != "#" else ""
    for name in levels:
        text += f"{depth} {name}\n\n{depth}# Lifting\n- {name} lifts\n\n{depth}# Care\n- {name} greets\n\n"

    found = read(text.encode())

    assert (found.shape, len(found.ladder.levels), len(found.ladder.tracks)) == ("C", 3, 1)
    assert counts(found)["statements"] == 6
    assert found.coverage.claimed == found.coverage.total


def test_body_order_is_not_seniority_where_bands_tell_it() -> None:
    text = "# Yard\n\n"
    for band in (3, 1, 2):
        text += (
            f"## Porter (Band {band})\n### Care\n- Greets {band} people\n### Lifting\n- Lifts\n\n"
        )
    ladder = read(text.encode()).ladder

    assert [ladder.levels[n].band for n in range(3)] == [3, 1, 2]
    assert ladder.tracks[0].levels == ("porter-2", "porter-3", "porter")


def test_a_level_that_is_the_same_as_another_is_a_reference() -> None:
    text = "# L2: Porter\n\n## Lifting\n- The expectations of L1 lifting apply\n- Runs (equivalent to M4 Driver)\n"
    first, second = read(text.encode()).ladder.references

    assert (first.kind, first.target_level, first.target_competency, first.status) == (
        "same_as",
        "L1",
        "Lifting",
        "unresolved",
    )
    assert (second.kind, second.target_level) == ("equivalent", "M4 Driver")


@pytest.mark.parametrize(
    ("target", "status"),
    [
        ("#lifting", "ok"),
        ("#sleeping", "missing"),
        ("porter.md", "missing"),
        ("https://example.org/a", "external"),
        ("mailto:a@example.org", "external"),
        ("two words.html", "malformed"),
        ("javascript:alert(1)", "malformed"),
        ("", "malformed"),
    ],
)
def test_links_have_a_status(target: str, status: str) -> None:
    text = f"# L2: Porter\n\n## Lifting\n- Lifts [as told]({target}) here\n- Carries\n"
    found = read(text.encode()).ladder

    assert [(x.line, x.text, x.target, x.status) for x in found.links] == [
        (4, "as told", target, status)
    ]
    assert found.levels[0].competencies[0].statements[0].text == f"Lifts [as told]({target}) here"


def test_front_matter_is_kept_as_notes() -> None:
    found = read(b"---\ntitle: x\n---\n# L2: Porter\n\n## Lifting\n- Lifts\n- Carries\n")

    assert (found.kind, found.ladder.title) == ("ladder", "Porter")
    assert [n.text for n in found.ladder.notes] == ["---", "title: x", "---"]


def test_a_licence_travels_with_the_ladder() -> None:
    text = (
        "# L2: Porter\n\n## Lifting\n- Lifts\n- Carries\n\n## Licence\n\nUse it under [these terms]"
    )
    text += "(https://creativecommons.org/licenses/by-nc/3.0/).\n"
    licence = read(text.encode()).ladder.licence

    assert licence is not None
    assert (licence.name, licence.line) == ("CC BY-NC 3.0", 7)


@pytest.mark.parametrize(
    ("name", "kind", "shape", "wanted"),
    [
        ("lead-analyst.md", "ladder", "B", {"levels": 1, "areas": 5, "competencies": 17,
         "statements": 67, "facets": 3, "facet_statements": 9}),
        ("senior-support-engineer.md", "ladder", "A", {"levels": 1, "competencies": 4,
         "statements": 21, "examples": 21, "attributes": 4}),
        ("product-engineering.md", "ladder", "C", {"levels": 8, "tracks": 2, "mixins": 4,
         "level_statements": 134, "mixin_statements": 33, "index_links": 12, "index_matched": 12}),
        ("lead-operations.md", "ladder", "A", {"levels": 1, "competencies": 5, "statements": 32,
         "definitions": 5, "warnings": 1}),
        ("go-to-market-plan.md", "role_profiles", "P", {"levels": 0, "profiles": 3,
         "responsibilities": 12, "success_metrics": 9, "kpi_lines": 12, "kpi_targets": 14,
         "warnings": 2}),
    ],
)  # fmt: skip
def test_the_sample_ladders(name: str, kind: str, shape: str, wanted: dict[str, int]) -> None:
    found = read((SAMPLES / name).read_bytes(), name=name)

    assert (found.kind, found.shape) == (kind, shape)
    assert {key: counts(found)[key] for key in wanted} == wanted
    assert found.coverage.claimed == found.coverage.total


LINES = st.lists(
    st.sampled_from(
        ["# L1: Porter", "## Care", "### Band 2", "Title", "====", "---", "- one", "  - two", "* a",
         "1. b", "**Bold**", "**Duties**:", "**Targets**:", "- 5% less", "> quote", "```", "<details>",
         "</details>", "<summary>x</summary>", '<a id="x"></a>', "[a](#x)", "- [a](#x)", "", "",
         "text", "    code", "<b>", "[x]: y", "- **K**: 5%", "| a | b |", "\t- t", "- ", "#", "&amp;"]
    ),
    max_size=30,
)  # fmt: skip


@given(LINES)
def test_any_document_is_read_wholly_or_refused(lines: list[str]) -> None:
    try:
        found = read("\n".join(lines).encode())
    except Refused:
        return

    assert found.coverage.claimed == found.coverage.total
    assert found.kind in ("ladder", "role_profiles", "unrecognised")
