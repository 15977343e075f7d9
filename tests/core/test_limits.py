"""How often something may be done, counted for each doer."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from apps.core.limits import TooMany, spend
from tests.factories import NOON


def test_the_sixth_time_in_an_hour_is_refused_with_the_wait():
    with time_machine.travel(NOON + timedelta(minutes=20), tick=False):
        for _ in range(5):
            spend("export", 7, times=5, seconds=3600)
        with pytest.raises(TooMany) as refused:
            spend("export", 7, times=5, seconds=3600)
    assert refused.value.retry_after == 40 * 60


def test_another_doer_and_another_deed_are_counted_apart():
    spend("export", 7, times=1, seconds=3600)
    spend("export", 8, times=1, seconds=3600)
    spend("autosave", 7, times=1, seconds=3600)
    with pytest.raises(TooMany):
        spend("export", 7, times=1, seconds=3600)


def test_the_next_window_begins_anew():
    with time_machine.travel(NOON, tick=False):
        spend("export", 7, times=1, seconds=3600)
    with time_machine.travel(NOON + timedelta(hours=1), tick=False):
        spend("export", 7, times=1, seconds=3600)
        with pytest.raises(TooMany):
            spend("export", 7, times=1, seconds=3600)
