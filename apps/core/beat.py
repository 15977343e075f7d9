"""One clock, however many beats are started: the one that holds the lock ticks, the others stand by."""

from __future__ import annotations

import fcntl
from datetime import datetime
from typing import Any

import structlog
from celery.beat import Scheduler
from django.conf import settings
from django.db import DatabaseError, connections

from apps.core.models import BeatTick

log = structlog.get_logger("rungs.beat")
ADVISORY_KEY = 0x52756E6773  # "Rungs": any number that nobody else in this database locks


def note_tick(*, now: datetime, name: str = "tick") -> None:
    """Write down that the clock of this name ticked."""
    BeatTick.objects.update_or_create(name=name, defaults={"at": now})


class FileLock:
    """On SQLite all processes share one machine, so a locked file is enough; the kernel frees it when we die."""

    def __init__(self, path: str) -> None:
        self.path, self.file = path, None

    def held(self) -> bool:
        """True while this process holds the lock; takes it when it is free."""
        if self.file is not None:
            return True
        file = open(self.path, "a")  # noqa: SIM115  stays open as long as the lock is held
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.close()
            return False
        self.file = file  # type: ignore[assignment]  # None until taken
        return True

    def release(self) -> None:
        if self.file is not None:
            self.file.close()
            self.file = None


class AdvisoryLock:
    """On PostgreSQL: a session's advisory lock on a connection of its own, freed when we die."""

    def __init__(self) -> None:
        self.connection: Any = None
        self.taken = False

    def held(self) -> bool:
        """True while this process holds the lock; takes it when it is free."""
        try:
            if self.connection is None:
                self.connection = connections.create_connection("default")
                given = self.connection.settings_dict
                # A pooled connection would take the lock along when it goes back to the pool.
                options = {k: v for k, v in given["OPTIONS"].items() if k != "pool"}
                self.connection.settings_dict = {**given, "OPTIONS": options}
                self.taken = False
            with self.connection.cursor() as cursor:
                if self.taken:
                    cursor.execute("SELECT 1")  # a lost connection has lost the lock
                    return True
                cursor.execute("SELECT pg_try_advisory_lock(%s)", [ADVISORY_KEY])
                self.taken = bool(cursor.fetchone()[0])
                return self.taken
        except Exception:  # whatever the driver raises, we hold nothing any more
            log.warning("lock_lost", exc_info=True)
            self.release()
            return False

    def release(self) -> None:
        if self.connection is None:
            return
        try:
            if (
                self.taken
            ):  # said aloud, because a server notices a closed connection a little later
                with self.connection.cursor() as cursor:
                    cursor.execute("SELECT pg_advisory_unlock(%s)", [ADVISORY_KEY])
        except DatabaseError:
            log.warning("lock_lost")
        finally:
            self.connection.close()
            self.connection, self.taken = None, False


def new_lock() -> FileLock | AdvisoryLock:
    """The lock that fits the database."""
    if settings.SQLITE:
        return FileLock(f"{connections['default'].settings_dict['NAME']}.beat")
    return AdvisoryLock()


class LockedScheduler(Scheduler):
    """Celery's scheduler, silent while another beat holds the lock.

    In memory on purpose: no instant of business lives in the schedule, so nothing needs to be kept.
    """

    standby_seconds = 2.0

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.lock = new_lock()
        super().__init__(*args, **kwargs)

    def tick(self, *args: Any, **kwargs: Any) -> float:
        """Seconds until the next look; sends what is due only while holding the lock."""
        if not self.lock.held():
            return self.standby_seconds
        return float(super().tick(*args, **kwargs))

    def close(self) -> None:
        super().close()
        self.lock.release()
