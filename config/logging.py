"""One line of JSON per event, and nothing in it that a person wrote.

PRIVACY: logs are read by people who may read no review. Of our own events only the names in KNOWN
pass; a name that is not listed is dropped, so a new field is kept by decision, never by accident.
A foreign library's record keeps its logger, level and the *template* of its message, never the
arguments, and of an exception its type and the places it went through, never its text.
"""

from __future__ import annotations

import logging.config
import traceback
from collections.abc import MutableMapping
from typing import Any

import structlog

KNOWN = frozenset(
    {
        "event", "level", "timestamp", "logger", "request_id", "method", "route", "status", "ms",
        "person_id", "task", "task_id", "count", "verb", "object_type", "object_id", "kind",
        "error", "places", "attempt", "part", "ok", "queries",
    }
)  # fmt: skip


def keep_known(
    _logger: Any, _name: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Drops every key that is not in KNOWN; keys of structlog itself begin with an underscore."""
    return {k: v for k, v in event.items() if k in KNOWN or k.startswith("_")}


def name_error(
    _logger: Any, _name: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Replaces an exception by its type and its places; the text may quote what someone wrote."""
    info = event.pop("exc_info", None)
    if info is True:
        import sys

        info = sys.exc_info()
    error = info if isinstance(info, BaseException) else (info or (None, None))[1]
    if error is not None:
        event["error"] = f"{type(error).__module__}.{type(error).__qualname__}"
        frames = traceback.extract_tb(error.__traceback__)[-12:]
        event["places"] = [f"{f.filename}:{f.lineno} {f.name}" for f in frames]
    return event


def template_only(
    _logger: Any, _name: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """A foreign record says its template ("%s at %s"), not what was put into it."""
    record = event.get("_record")
    if record is not None and event.get("_from_structlog") is False:
        event["event"] = str(record.msg)[:200] if record.args else str(record.msg)[:60]
    return event


def logging_config(*, level: str, readable: bool) -> None:
    """Configures structlog and the standard library together.

    Arguments: `level` a level name; `readable` True for coloured lines instead of JSON.
    """
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    last = (
        structlog.dev.ConsoleRenderer(colors=False)
        if readable
        else structlog.processors.JSONRenderer()
    )
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {
                "house": {
                    "()": structlog.stdlib.ProcessorFormatter,
                    "foreign_pre_chain": [*shared, structlog.stdlib.add_logger_name],
                    "processors": [
                        name_error,
                        template_only,
                        keep_known,
                        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                        last,
                    ],
                }
            },
            "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "house"}},
            "root": {"handlers": ["stderr"], "level": level},
            "loggers": {
                # Our own request line says the same, with the route instead of the address.
                "django.server": {"handlers": [], "level": "ERROR", "propagate": False},
                "django.request": {"level": "ERROR"},
                # PRIVACY: in detail it tells of each name that a page does not have, with the page.
                "django.template": {"level": "INFO"},
                "celery": {"level": "WARNING"},
                "kombu": {"level": "WARNING"},
            },
        }
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
