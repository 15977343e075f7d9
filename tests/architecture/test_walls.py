"""Walls an import graph cannot see. Each failure names the line that crossed."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

APPS = Path(__file__).parents[2] / "apps"
WRITES = {
    "save",
    "create",
    "update",
    "delete",
    "bulk_create",
    "bulk_update",
    "get_or_create",
    "update_or_create",
}
CLOCKS = {"now", "today", "utcnow", "localdate", "localtime"}
DOORS = {"views", "api", "tasks", "admin", "management"}
SIGN_IN = {
    "backend",
    "api_auth",
    "adapter",
    "viewers",
}  # doors of the framework: they are called per request
DECIDING = {"states", "rules", "access", "models", "actions", "pages"}
# Django calls these on a manager by name; they are its door to the table of accounts.
FRAMEWORK_HOOKS = {"create_user", "create_superuser", "_create_user"}
PRIVATE = {"views", "forms", "tasks", "api", "urls"}
ROOMS = DOORS | DECIDING | {"apps", "forms", "urls", "__init__"}
# Rooms that one app has and no other, each with the reason in its own docstring.
EXTRA = {
    "people": SIGN_IN | {"roll"},
    "ladders": {"expectations"},
    "reviews": {"packets", "steps"},
    "feedback": {"received", "seats"},
    "reports": {"packets", "bundles"},
    "inbox": {"duties"},
    "demo": None,  # on top of the house: free to arrange itself
    "core": None,  # mechanisms, not rooms
}
# What rules may take from outside: the numeric and text libraries that a decision needs.
PURE = {
    "markdown_it", "yaml", "pydantic", "ftfy", "python_calamine",
    "django.utils.translation", "django.utils.formats",  # sentences, and the days in them
}  # fmt: skip


def modules(*, skip: frozenset[str] | set[str] = frozenset(), only: set[str] | None = None):
    """Every module outside core and demo as a test parameter; a folder is one room."""
    found = []
    for path in sorted(APPS.glob("*/**/*.py")):
        app, *rest = path.relative_to(APPS).parts
        room = rest[0].removesuffix(".py")
        if app in {"core", "demo"} or room == "migrations" or room in skip:
            continue
        if only is None or room in only:
            found.append(pytest.param(path, id=".".join([app, *rest]).removesuffix(".py")))
    return found


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def calls(path: Path, names: set[str]) -> list[str]:
    return [
        f"{path}:{node.lineno} {ast.unparse(node.func)}()"
        for node in _walk_but(tree(path), FRAMEWORK_HOOKS)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in names
        # A dict's update takes a positional argument, a queryset's keywords only; and a zone's view
        # of an instant that was given (localdate(now)) reads no clock.
        and not (node.func.attr in {"update", "localdate", "localtime"} and node.args)
    ]


def _walk_but(node: ast.AST, names: set[str]) -> Iterator[ast.AST]:
    yield node
    for child in ast.iter_child_nodes(node):
        if not (isinstance(child, ast.FunctionDef) and child.name in names):
            yield from _walk_but(child, names)


def imports(path: Path, *, at_run_time: bool = True) -> list[tuple[int, str]]:
    """(line, dotted name) of every import; those for type checkers only are left out."""
    skipped: set[int] = set()
    found: list[tuple[int, str]] = []
    for node in ast.walk(tree(path)):
        if at_run_time and isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            skipped |= {id(child) for child in ast.walk(node)}
        if id(node) in skipped:
            continue
        if isinstance(node, ast.Import):
            found += [(node.lineno, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            found.append((node.lineno, base))
            found += [(node.lineno, f"{base}.{alias.name}") for alias in node.names]
    return found


@pytest.mark.parametrize("path", modules(skip={"actions", "admin", "management"}))
def test_only_actions_and_admin_write(path):
    assert calls(path, WRITES) == []


@pytest.mark.parametrize("path", modules(skip=DOORS | SIGN_IN))
def test_only_doors_read_the_clock(path):
    assert calls(path, CLOCKS) == []


@pytest.mark.parametrize("path", modules(only={"rules"}))
def test_rules_reach_for_nothing_outside(path):
    crossed = [
        f"{path}:{line} {name}"
        for line, name in imports(path)
        if name.split(".")[0] not in sys.stdlib_module_names
        and not any(name == p or name.startswith(f"{p}.") for p in PURE)
        and not {"states", "rules"} & set(name.split("."))
        and not name.startswith(("apps.core.text", "apps.core.keys"))  # text in, text out
    ]
    assert crossed == []


@pytest.mark.parametrize("path", modules(only=DECIDING - {"pages"}))
def test_deciding_rooms_know_nothing_of_http_and_forms(path):
    # Templates are no HTTP: a mail is rendered by the action that claims it.
    http = ("django.http", "django.forms", "django.views", "django.shortcuts")
    assert [f"{path}:{line} {name}" for line, name in imports(path) if name.startswith(http)] == []


@pytest.mark.parametrize("path", modules())
def test_doors_of_another_app_are_private(path):
    own = path.relative_to(APPS).parts[0]
    crossed = [
        f"{path}:{line} {name}"
        for line, name in imports(path)
        if name.startswith("apps.")
        and name.split(".")[1] not in {own, "core"}
        and len(name.split(".")) > 2
        and name.split(".")[2] in PRIVATE
    ]
    assert crossed == []


@pytest.mark.parametrize("path", modules(only={"views", "api", "tasks", "forms"}))
def test_doors_never_ask_the_database_themselves(path):
    """A door may name a model in a signature; rows it gets from pages, and changes it leaves to actions."""
    managers = [
        f"{path}:{node.lineno} {ast.unparse(node)}"
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute)
        and node.attr in {"objects", "_default_manager", "_base_manager"}
    ]
    assert managers == []


def test_every_module_is_a_known_room():
    strangers = []
    for path in sorted(APPS.glob("[a-z]*/*")):
        app, room = path.parent.name, path.name.removesuffix(".py")
        extra = EXTRA.get(app, set())
        if extra is None or room in {"migrations", "__pycache__"} or room.startswith("."):
            continue
        if room not in ROOMS | extra and (path.suffix == ".py" or path.is_dir()):
            strangers.append(f"{app}/{path.name}")
    assert strangers == []


@pytest.mark.parametrize(
    "path",
    [pytest.param(p, id=str(p.relative_to(APPS.parent))) for p in sorted(APPS.parent.glob("*/**/*.py"))
     if p.relative_to(APPS.parent).parts[0] in {"apps", "config", "tests"} and "migrations" not in p.parts],
)  # fmt: skip
def test_no_module_outgrows_400_lines(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400


def test_migrations_of_schema_and_of_data_are_apart():
    mixed = [
        str(path)
        for path in APPS.glob("*/migrations/0*.py")
        if "RunPython" in path.read_text() and "migrations.AddField" in path.read_text()
    ]
    assert mixed == []
