"""Pure decisions: when somebody is told of something, and what a cycle would ask before it begins."""

from apps.inbox.rules.cadence import (
    EVENING,
    MOST_ATTEMPTS,
    Presence,
    cadence,
    is_late,
    local_day,
    next_mail_at,
    notices,
    planning_day,
    send_at,
    told_above_on,
)

__all__ = [
    "EVENING",
    "MOST_ATTEMPTS",
    "Presence",
    "cadence",
    "is_late",
    "local_day",
    "next_mail_at",
    "notices",
    "planning_day",
    "send_at",
    "told_above_on",
]
