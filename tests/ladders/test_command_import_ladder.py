"""The command, from files to rows: exact counts, exit statuses, and nothing half."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from apps.ladders.expectations import expectations_of, statement_counts
from apps.ladders.models import (
    KpiTarget,
    Ladder,
    LadderVersion,
    Level,
    Mixin,
    Responsibility,
    Statement,
    SuccessMetric,
)
from apps.ladders.rules import counts, read, to_json
from apps.ladders.states import Cascade
from tests.ladders.seeds import SEEDS, needs_seeds, source

pytestmark = pytest.mark.django_db
SAMPLES = sorted(p for p in (settings.BASE_DIR / "ladders").glob("*.md") if p.name != "README.md")


def run(*arguments: object, **options: object) -> str:
    out = StringIO()
    call_command("import_ladder", *map(str, arguments), stdout=out, **options)
    return out.getvalue()


def stored(version: LadderVersion) -> dict[str, int]:
    """The counts of the rules, asked of the tables."""
    said = version.statements.filter(kind="statement")
    return {
        "tracks": version.tracks.count(),
        "levels": version.levels.count(),
        "areas": version.areas.count(),
        "competencies": version.competencies.filter(kind="competency").count(),
        "definitions": sum(
            c.definitions.count() for c in version.competencies.filter(kind="competency")
        ),
        "attributes": sum(level.attributes.count() for level in version.levels.all()),
        "statements": said.filter(competency__kind="competency").count(),
        "level_statements": said.filter(level__isnull=False, competency__kind="competency").count(),
        "mixin_statements": said.filter(mixin__isnull=False).count(),
        "examples": version.statements.filter(kind="example").count(),
        "facets": version.competencies.filter(kind="facet").count(),
        "facet_statements": said.filter(competency__kind="facet").count(),
        "mixins": version.mixins.count(),
        "profiles": version.profiles.count(),
        "responsibilities": Responsibility.objects.filter(profile__version=version).count(),
        "success_metrics": SuccessMetric.objects.filter(profile__version=version).count(),
        "numeric_success_metrics": SuccessMetric.objects.filter(
            profile__version=version, value__isnull=False
        ).count(),
        "kpi_groups": version.kpi_groups.count(),
        "kpi_targets": KpiTarget.objects.filter(group__version=version).count(),
        "notes": version.notes.count(),
        "note_items": version.notes.filter(kind="item").count(),
        "links": version.references.filter(kind="link").count(),
        "references": version.references.exclude(kind="link").count(),
        "repairs": sum(len(s.repairs) for s in version.sources.all()),
        "warnings": len(version.warnings),
    }


def assert_stored_as_read(path: Path) -> LadderVersion:
    run(path)

    version = LadderVersion.objects.get(sources__name=path.name)
    found = counts(read(path.read_bytes(), name=path.name))
    assert stored(version) == {name: found[name] for name in stored(version)}
    assert bytes(version.sources.get().content) == path.read_bytes()
    assert version.coverage_claimed == version.coverage_total
    return version


@pytest.mark.parametrize("path", SAMPLES, ids=lambda p: p.stem)
def test_a_sample_is_stored_to_the_last_line_and_a_second_import_changes_nothing(path):
    version = assert_stored_as_read(path)

    assert "unchanged" in run(path)
    assert list(LadderVersion.objects.all()) == [version]


@needs_seeds
@pytest.mark.parametrize("seed", SEEDS)
def test_a_seed_is_stored_to_the_last_line_and_a_second_import_changes_nothing(seed):
    version = assert_stored_as_read(source(seed))

    assert "unchanged" in run(source(seed))
    assert list(LadderVersion.objects.all()) == [version]


def assert_bands_cascade(version: LadderVersion) -> None:
    ids = {level.key: level.pk for level in version.levels.order_by("band", "track__position")}
    within = statement_counts(ids.values())
    version.cascade = Cascade.ACROSS_TRACKS
    version.save()
    across = statement_counts(ids.values())

    tracks = [[level.pk for level in track.levels.all()] for track in version.tracks.all()]
    assert [[within[pk] for pk in track] for track in tracks] == [
        [24, 46, 69, 88, 98, 98],
        [22, 36],
    ]
    assert [[across[pk] for pk in track] for track in tracks] == [
        [24, 46, 69, 88, 120, 134],
        [91, 124],
    ]
    for level_id in ids.values():
        expected = expectations_of(level_id).competencies
        assert sum(len(c.statements) for c in expected) == across[level_id]


def test_the_bands_of_the_sample_cascade_within_and_across_tracks():
    run(settings.BASE_DIR / "ladders" / "product-engineering.md")

    assert_bands_cascade(LadderVersion.objects.get())


@needs_seeds
def test_the_bands_of_the_seed_cascade_and_a_role_replaces_the_scope():
    run(source("002"))
    version = LadderVersion.objects.get()
    third = version.levels.get(band=3)
    role = next(m for m in Mixin.objects.all() if "Data" in m.title)

    def lines(*mixins: int) -> int:
        return sum(len(c.statements) for c in expectations_of(third.pk, mixins).competencies)

    assert (lines(), lines(role.pk)) == (69, 58)
    role.rules.update(merge="add")
    assert lines(role.pk) == 80
    assert_bands_cascade(version)


def family(folder: Path, name: str, title: str, size: int, parent: str) -> Path:
    """A level page of a chain: five competencies, `size` statements, and the file it builds on."""
    taken = (
        f"A {title} is also expected to meet [what stands there]({parent}).\n\n" if parent else ""
    )
    body = "".join(
        f"## {competency}\n\n"
        + "".join(f"- {title} does {competency} thing {n}\n" for n in range(place, size, 5))
        + "\n"
        for place, competency in enumerate(("Craft", "People", "Plans", "Words", "Care"))
    )
    path = folder / name
    path.write_text(f"# {title}\n\n{taken}{body}", encoding="utf-8")
    return path


def test_a_chain_of_three_files_adds_up_whichever_comes_first(tmp_path):
    top = family(tmp_path, "principal.md", "Principal Writer", 32, "./lead.md")
    middle = family(tmp_path, "lead.md", "Lead Writer", 30, "senior.md")
    root = family(tmp_path, "senior.md", "Senior Writer", 32, "")

    assert "is not here" in run(top)
    before = statement_counts([Level.objects.get(title="Principal Writer").pk])
    run(middle, root)
    principal = Level.objects.get(title="Principal Writer")
    expected = expectations_of(principal.pk)

    assert list(before.values()) == [32]
    assert statement_counts([principal.pk]) == {principal.pk: 94}
    assert [len(c.statements) for c in expected.competencies] == [20, 20, 18, 18, 18]
    assert {s.origin_title for c in expected.competencies for s in c.statements} == {
        "Principal Writer",
        "Lead Writer",
        "Senior Writer",
    }


def test_several_files_are_one_import_or_none(tmp_path):
    good = family(tmp_path, "lead.md", "Lead Writer", 30, "")
    bad = tmp_path / "bad.md"
    bad.write_bytes(b"# Level\n\n## Craft\n\n- caf\xe9\n")

    with pytest.raises(CommandError) as refused:
        run(good, bad)

    assert refused.value.returncode == 2
    assert str(refused.value).startswith("bad.md, line 5: ")
    assert str(refused.value).count("\n") == 0
    assert (LadderVersion.objects.count(), Ladder.objects.count()) == (0, 0)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"%PDF-1.7", "PDF"),
        (b"<?xml version='1.0'?><a/>", "XML"),
        (b"just a line of prose\n", "no ladder was found"),
        (b"a" * (10 * 1024 * 1024 + 1), "at most"),
    ],
    ids=["pdf", "xml", "prose", "too large"],
)
def test_what_is_no_ladder_is_refused_with_the_name_of_the_file(tmp_path, content, words):
    path = tmp_path / "thing.md"
    path.write_bytes(content)

    with pytest.raises(CommandError, match=words) as refused:
        run(path)

    assert (refused.value.returncode, str(refused.value)[:8]) == (2, "thing.md")


def test_a_name_that_no_column_holds_is_refused_with_its_line(tmp_path):
    path = tmp_path / "long.md"
    path.write_text(f"# Lead Writer\n\n## Craft\n\n- a\n\n## {'x' * 250}\n\n- b\n", "utf-8")

    with pytest.raises(CommandError, match="longer than 200") as refused:
        run(path)

    assert refused.value.returncode == 2
    assert not Ladder.objects.exists()


def test_json_of_one_path_is_its_document_and_of_several_a_list_of_them():
    one = json.loads(run(SAMPLES[0], "--dry-run", "--json"))
    two = json.loads(run(*SAMPLES[:2], "--json"))

    assert one == json.loads(
        json.dumps(to_json(read(SAMPLES[0].read_bytes(), name=SAMPLES[0].name)))
    )
    assert [d["title"] for d in two["documents"]] == [one["title"], two["documents"][1]["title"]]
    assert LadderVersion.objects.count() == 2


def test_publish_makes_it_readable_and_a_profile_and_a_title_are_heard(tmp_path):
    profile = tmp_path / "profile.yaml"
    profile.write_text("cascade: across_tracks\nmixin_merge: add\n", encoding="utf-8")
    path = settings.BASE_DIR / "ladders" / "product-engineering.md"

    run(path, "--publish", "--profile", profile, "--title", "Engineers")

    version = LadderVersion.objects.published().get()
    assert (version.ladder.title, version.cascade) == ("Engineers", "across_tracks")
    assert set(Mixin.objects.values_list("rules__merge", flat=True)) == {"add"}
    profile.write_text("cascade: sideways\n", encoding="utf-8")
    with pytest.raises(CommandError, match=r"profile.yaml, line 1") as refused:
        run(path, "--profile", profile)
    assert refused.value.returncode == 2


def test_a_dry_run_needs_no_database_and_leaves_none(tmp_path):
    missing = tmp_path / "none.sqlite3"
    done = subprocess.run(
        [sys.executable, "manage.py", "import_ladder", str(SAMPLES[1]), "--dry-run", "--json"],
        cwd=settings.BASE_DIR,
        env={**os.environ, "DEBUG": "true", "DATABASE_URL": f"sqlite:///{missing}"},
        capture_output=True,
        timeout=120,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["counts"]["statements"] == 67
    assert not missing.exists()
    assert not Statement.objects.exists()
