"""How often something may be done. Counted in the shared cache, so that every web process counts along."""

from __future__ import annotations

import math
import time

import structlog
from django.core.cache import cache

log = structlog.get_logger("rungs.limits")


class TooMany(Exception):
    """Done too often. `retry_after` is the seconds until it may be done again; becomes a 429."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"again in {retry_after} s")
        self.retry_after = retry_after


def spend(name: str, key: object, *, times: int, seconds: int) -> None:
    """Count one doing, or refuse it.

    Arguments: `name` what is done ("export"), `key` by or to whom (a person's id, a draft's id);
    `times` allowed in each window of `seconds`. Errors: TooMany, and those of the cache.
    """
    window, passed = divmod(time.time(), seconds)
    counter = f"limit:{name}:{key}:{int(window)}"
    cache.add(counter, 0, timeout=seconds + 1)
    try:
        count = cache.incr(counter)
    except ValueError:  # the counter went between the two calls
        return
    if count > times:
        raise TooMany(max(1, math.ceil(seconds - passed)))


def spend_if_counted(name: str, key: object, *, times: int, seconds: int) -> None:
    """The same for what matters more than its limit: while the cache is down nothing is refused."""
    try:
        spend(name, key, times=times, seconds=seconds)
    except TooMany:
        raise
    except Exception as fault:  # noqa: BLE001  every cache has faults of its own
        log.warning("not_counted", limit=name, fault=type(fault).__name__)
