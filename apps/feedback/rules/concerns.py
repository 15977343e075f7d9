"""Texts that were reported: how long a reason is, and how long an opened name can be looked at."""

from __future__ import annotations

from datetime import datetime, timedelta

LONGEST_REASON, LONGEST_DECISION = 1000, 200
# From the instant on which the second person of HR agreed.
NAME_OPEN_FOR = timedelta(days=30)
# Whoever has something to know about a decision is told of it by mail within this time, or not at all.
TOLD_WITHIN = timedelta(days=30)


def name_closes_at(agreed_at: datetime) -> datetime:
    """The instant from which nobody can open the name any more."""
    return agreed_at + NAME_OPEN_FOR


def name_is_open(agreed_at: datetime, *, at: datetime) -> bool:
    return agreed_at <= at < name_closes_at(agreed_at)
