"""A Celery worker whose clock stands elsewhere: python -m tests.browser.worker_at INSTANT QUEUE.

A process of its own with a pool of processes, as in production; only its clock is set.
"""

from __future__ import annotations

import sys
from datetime import datetime

import time_machine

from config.celery import app


def main(instant: str, queue: str) -> None:
    time_machine.travel(datetime.fromisoformat(instant), tick=True).start()
    app.worker_main(["worker", "--concurrency=1", "--queues", queue, "--loglevel=ERROR"])


if __name__ == "__main__":
    main(*sys.argv[1:])
