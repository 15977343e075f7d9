"""Is each part that we lean on there? Yes or no; the reason goes to the log, never to the asker."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from celery import current_app
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from apps.core.models import BeatTick

log = structlog.get_logger("rungs.health")


def parts(*, now: datetime) -> dict[str, bool]:
    """Name of part to whether it is well. The broker is asked only when it is a service of its own."""
    questions: dict[str, Callable[[], bool]] = {
        "database": database,
        "migrations": migrations,
        "cache": cache_keeps,
        "beat": lambda: beat(now=now),
    }
    if settings.REDIS_URL:
        questions["broker"] = broker
    return {name: _ask(name, question) for name, question in questions.items()}


def database() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return bool(cursor.fetchone() == (1,))


def migrations() -> bool:
    """True when the code and the schema are of one age."""
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def cache_keeps() -> bool:
    cache.set("core.health", "kept", 10)
    return bool(cache.get("core.health") == "kept")


def broker() -> bool:
    with current_app.connection_for_read(connect_timeout=5) as link:
        link.ensure_connection(max_retries=1, timeout=5)
        return True


def beat(*, now: datetime) -> bool:
    """True when a worker ran a beat's tick lately, so both of them are alive."""
    late = now - timedelta(seconds=settings.BEAT_LATE_AFTER_SECONDS)
    return BeatTick.objects.filter(at__gte=late).exists()


def _ask(name: str, question: Callable[[], bool]) -> bool:
    try:
        return question()
    except Exception:  # whatever a driver raises, the answer is no
        log.exception("not_ready", part=name)
        return False
