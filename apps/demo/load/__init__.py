"""The company, played through the actions of the apps with `by` and `now` set in the past.

Nothing here knows a way round a rule: what an action refuses does not happen.
"""

from __future__ import annotations

from datetime import datetime
from random import Random

import structlog
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from apps.demo.load.calibration import say_sessions
from apps.demo.load.cycles import Round
from apps.demo.load.ladders import publish_ladders, read_ladders
from apps.demo.load.people import found_company
from apps.demo.load.stage import Stage
from apps.demo.load.words import Words
from apps.demo.load.year import say_leave, say_notes, say_unasked
from apps.demo.script import read_script
from apps.people.models import Person
from apps.reviews.actions import turn_phases

SEED = 20260922


class Occupied(Exception):
    """Other people than the demo's are in this database."""


def is_loaded() -> bool:
    """The company is here already; the domain of its addresses is the mark."""
    return Person.objects.filter(email__endswith=f"@{settings.DEMO_EMAIL_DOMAIN}").exists()


def load_company(*, now: datetime) -> bool:
    """Play the company's past up to `now`, all of it or nothing.

    Result: False when it was there already; then nothing was touched. Errors: Occupied.
    """
    if is_loaded():
        return False
    if Person.objects.exists():
        raise Occupied
    here = timezone.localtime(now)  # days are days of the house's own zone
    ladders = read_ladders()
    _trust_the_disk(False)
    try:
        with transaction.atomic():
            stage = Stage(read_script(here.date()), here, Random(SEED))
            publish_ladders(stage, ladders)
            found_company(stage)
            say_notes(stage)
            say_leave(stage)
            say_unasked(stage)
            words = Words(stage)
            rounds = {
                plan["key"]: Round(stage, words, plan) for plan in stage.script.cycles["cycles"]
            }
            for round_ in rounds.values():
                round_.say()
            say_sessions(stage, rounds)
            stage.play()
            turn_phases(now=now)  # what the clock would end by now, such as days of grace
    finally:
        _trust_the_disk(True)
        structlog.contextvars.clear_contextvars()
    return True


def _trust_the_disk(on: bool) -> None:
    """SQLite need not wait for the disk while nothing can be lost but the load itself."""
    if connection.vendor == "sqlite" and not connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA synchronous={'NORMAL' if on else 'OFF'}")
