"""How often something may be done. Counted in the shared cache, so that every web process counts along."""

from __future__ import annotations

import math
import time

from django.core.cache import cache


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
