"""Deeds let go at the same moment, each on a connection of its own."""

from __future__ import annotations

from collections.abc import Callable
from threading import Barrier, Thread

from django.core.exceptions import PermissionDenied
from django.db import OperationalError, connection

from apps.core.workflow import StaleState
from apps.feedback.rules import Doubtful, NotAllowed
from apps.people.rules.lines import Loop
from apps.reviews.rules.phases import Hindered

BEATEN = (StaleState, PermissionDenied, OperationalError, Loop, Hindered, Doubtful, NotAllowed)


def at_once(*deeds: Callable[[], object]) -> list[str]:
    """What became of each deed, sorted: "done", "told" of the other one, or "lost" to another error."""
    start, outcomes = Barrier(len(deeds)), ["lost"] * len(deeds)

    def run(number: int, deed: Callable[[], object]) -> None:
        try:
            start.wait(timeout=10)
            deed()
            outcomes[number] = "done"
        except BEATEN:
            outcomes[number] = "told"
        finally:
            connection.close()

    threads = [Thread(target=run, args=pair) for pair in enumerate(deeds)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return sorted(outcomes)
