"""Worker and beat as threads of this process: the whole house in one command, without a service.

For the demo only. The queue lives in memory and dies with the process; that loses nothing that
matters, because the database knows what is due and the next tick finds it.
"""

from __future__ import annotations

import threading
from types import TracebackType
from typing import Any

from celery import current_app
from celery.beat import EmbeddedService


class Background:
    """A Celery worker (pool of threads) and a beat, in daemon threads.

    `with Background(): ...` or `start()` and `stop()`. Starting twice changes nothing. WorkController
    and EmbeddedService install no signal handlers, so Ctrl-C stays the web server's.
    """

    def __init__(self, *, concurrency: int = 2, beat: bool = True) -> None:
        self.concurrency = concurrency
        self.wants_beat = beat
        self.worker: Any = None
        self.beat: Any = None
        self.thread: threading.Thread | None = None

    def start(self) -> Background:
        """Start both; returns at once."""
        if self.worker is not None:
            return self
        current_app.loader.import_default_modules()
        self.worker = current_app.WorkController(
            pool="threads",
            concurrency=self.concurrency,
            without_heartbeat=True,
            without_mingle=True,
            without_gossip=True,
        )
        self.thread = threading.Thread(target=self.worker.start, name="worker", daemon=True)
        self.thread.start()
        if self.wants_beat:
            self.beat = EmbeddedService(current_app, thread=True)
            # It hands no scheduler on, and Celery's own would keep its schedule in files beside us.
            self.beat.service.scheduler_cls = current_app.conf.beat_scheduler
            self.beat.daemon = True
            self.beat.start()
        current_app.tasks["core.tick"].apply_async()  # the beat's first tick is a minute away
        return self

    def stop(self, *, seconds: float = 5.0) -> None:
        """Stop both and wait for them, `seconds` at most."""
        if self.beat is not None:
            self.beat.stop()
        if self.worker is not None:
            self.worker.stop()
        if self.thread is not None:
            self.thread.join(seconds)
        self.worker = self.beat = self.thread = None

    def __enter__(self) -> Background:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
