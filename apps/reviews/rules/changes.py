"""What is proposed when something changes outside a cycle that runs."""

from __future__ import annotations

from datetime import date

from apps.reviews.rules.phases import working_days_after
from apps.reviews.states import ChangeKind

DAYS_AFTER_LEAVE = 5
# Kind to the answers that many can be given at once. A new owner is chosen one by one.
ANSWERS = {
    ChangeKind.MANAGER: ("hand_over", "hand_over_with_draft", "keep_manager"),
    ChangeKind.LEFT: ("excuse_participant", "keep_leaver"),
    ChangeKind.LEVEL: ("take_level", "keep_level"),
    ChangeKind.LEAVE: ("give_more_time", "keep_leave", "excuse_participant"),
    ChangeKind.JOINED: ("add_participant",),
}


def time_after_leave(leave_until: date | None) -> date | None:
    """Until when somebody may write who is away until then: five working days after they are back.
    None for a leave without a last day."""
    return None if leave_until is None else working_days_after(leave_until, DAYS_AFTER_LEAVE)
