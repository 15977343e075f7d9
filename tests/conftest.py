"""What every test stands on: guarded tables can be emptied, caches are empty, examples repeat."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from config import settings_test
from tests.browser.chromium import chromium  # noqa: F401  a fixture, and two of them would quarrel

hypothesis_settings.register_profile(
    "house",
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
hypothesis_settings.load_profile("house")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--write-answers",
        action="store_true",
        help="write tests/architecture/answers.txt from what the code answers now",
    )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if settings.SQLITE:
        why = pytest.mark.skip(reason="its promise is about PostgreSQL; DATABASE_URL names SQLite")
        for item in items:
            if "postgres" in item.keywords:
                item.add_marker(why)


@pytest.fixture(scope="session", autouse=True)
def _guards_step_aside_for_a_flush() -> Iterator[None]:
    """SQLite knows no session settings, so a flush takes the guards off and puts the same ones back.

    PostgreSQL needs nothing here: config/settings_test.py opens sessions that may TRUNCATE.
    """
    if not settings.SQLITE:
        yield
        return
    operations = type(connection.ops)
    plain = operations.sql_flush

    def sql_flush(self: Any, style: Any, tables: Any, **options: Any) -> list[str]:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT name, sql FROM sqlite_master "
                "WHERE type = 'trigger' AND name LIKE '%append_only'"
            )
            guards = cursor.fetchall()
        return [
            *(f'DROP TRIGGER "{name}"' for name, _ in guards),
            *plain(self, style, tables, **options),
            *(sql for _, sql in guards),
        ]

    operations.sql_flush = sql_flush  # type: ignore[method-assign]
    yield
    operations.sql_flush = plain  # type: ignore[method-assign]


@pytest.fixture(autouse=True)
def _empty_cache() -> None:
    """Limits and cached answers of one test say nothing to the next."""
    settings_test.generation += 1  # clear() would empty a Redis that others use as well
