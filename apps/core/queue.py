"""Handing work to Celery by name, after commit, so that actions never import tasks."""

from __future__ import annotations

from functools import partial

import structlog
from celery import Task, current_app
from django.db import transaction
from kombu.exceptions import OperationalError

log = structlog.get_logger("rungs.queue")


def after_commit(task_name: str, /, **kwargs: int | str | None) -> None:
    """Send a task once the surrounding transaction is committed; nothing is sent if it is not.

    Arguments: `task_name` as registered ("inbox.dispatch_due"); `kwargs` ids and states, never a text.
    Errors: KeyError at once for an unknown name, in the action and not in a worker. A broker that is
    down raises nothing: the database holds what is due, and the next tick finds it.
    """
    if task_name not in current_app.tasks:  # nothing in this process needed a task so far
        current_app.loader.import_default_modules()
    task = current_app.tasks[task_name]
    transaction.on_commit(partial(_send, task, kwargs))


def _send(task: Task, kwargs: dict[str, int | str | None]) -> None:
    try:
        task.apply_async(kwargs=kwargs, retry=False)
    except OperationalError:
        log.warning("broker_down", task=task.name)
