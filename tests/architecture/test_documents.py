"""What the documents say is there, is there."""

from __future__ import annotations

import ast
import re
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCUMENTS = ["README.md", "apps/README.md", "apps/DECISIONS.md"]
# A path has a slash and is set in backticks; what a machine makes at run time is not in the tree.
PATH = re.compile(r"`([\w.-]+(?:/[\w.*-]+)+/?)`")
MADE_LATER = ("var/", "staticfiles/")


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_path_a_document_names_exists(document):
    text = (ROOT / document).read_text(encoding="utf-8")
    named = [p for p in PATH.findall(text) if not p.startswith(MADE_LATER)]

    missing = [p for p in named if not list(ROOT.glob(p.rstrip("/")))]

    assert missing == []


def test_the_map_names_every_app():
    text = (ROOT / "apps/README.md").read_text(encoding="utf-8")
    apps = sorted(p.name for p in (ROOT / "apps").iterdir() if (p / "apps.py").exists())
    assert [a for a in apps if f"`apps/{a}/`" not in text] == []


def test_decisions_are_numbered_without_a_gap_and_dated():
    heads = re.findall(
        r"^## (\d+)\. .+ \((\d{4}-\d\d-\d\d)\)$",
        (ROOT / "apps/DECISIONS.md").read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    assert [int(n) for n, _ in heads] == list(range(1, len(heads) + 1))
    assert len(heads) >= 5


def test_the_readme_leads_with_the_two_commands():
    first = (ROOT / "README.md").read_text(encoding="utf-8")[:400]
    assert "make demo" in first
    assert "make test" in first


def test_every_setting_from_the_environment_is_in_the_table():
    settings = (ROOT / "config/settings.py").read_text(encoding="utf-8")
    names = set(re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', settings))
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert sorted(n for n in names if f"`{n}`" not in readme) == []


def test_the_locks_hold_hashes_and_no_addresses():
    for name in ("requirements.lock", "requirements-run.lock", "requirements-test.lock"):
        text = (ROOT / name).read_text(encoding="utf-8")
        pins = re.findall(r"^[a-z0-9].*==", text, re.MULTILINE)
        assert "://" not in text, name
        assert text.count("--hash=sha256:") >= len(pins) > 50, name


def test_the_smaller_locks_are_parts_of_the_whole_one():
    def pins(name: str) -> set[str]:
        return set(
            re.findall(r"^([a-z0-9][\w.-]*==[\w.!+]+)", (ROOT / name).read_text(), re.MULTILINE)
        )

    whole, run, test = (
        pins("requirements.lock"),
        pins("requirements-run.lock"),
        pins("requirements-test.lock"),
    )
    assert run < test < whole


def test_every_dependency_says_why_it_is_there():
    lines = (ROOT / "pyproject.toml").read_text(encoding="utf-8").splitlines()
    silent = [line for line in lines if re.match(r'  "[a-z].*[<>]=?.*",', line) and "#" not in line]
    assert silent == []


def test_what_runs_imports_only_what_the_demo_installs():
    """A library that only the tests or the linters bring would break `make demo` on a clean machine."""
    names = {"apps", "config", *sys.stdlib_module_names}
    owners = packages_distributions()
    lock = (ROOT / "requirements-run.lock").read_text(encoding="utf-8")
    installed = set(re.findall(r"^([a-z0-9][\w.-]*)==", lock, re.MULTILINE))
    foreign: set[str] = set()
    for path in [*ROOT.glob("apps/**/*.py"), *ROOT.glob("config/*.py"), ROOT / "manage.py"]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                foreign |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level:
                foreign.add((node.module or "").split(".")[0])

    missing = {
        name: owners.get(name, [])
        for name in foreign - names
        if not installed & {re.sub(r"[_.]+", "-", owner).lower() for owner in owners.get(name, [])}
    }

    assert missing == {}
