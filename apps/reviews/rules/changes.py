"""What is proposed when something changes outside a cycle that runs."""

from __future__ import annotations

from datetime import date, timedelta

from apps.reviews.rules.phases import working_days_after
from apps.reviews.states import ChangeKind

DAYS_AFTER_LEAVE = 5
# Most people write in the last days: whoever was away since the fifth last and is back for two of
# them at most has too little time.
BEGUN_BY, FEW_LEFT = timedelta(days=4), timedelta(days=2)
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


def leave_takes_the_time(leave_from: date, leave_until: date | None, *, due_on: date) -> bool:
    """Whether somebody on leave has too little time to write what is due on this day: it is due in
    the leave, or they are back for its last two days at most, away since the fifth last or longer.

    Arguments: first and last day of the leave, both in it; `leave_until` None while it is not known.
    """
    last = leave_until or date.max
    is_due_in_it = leave_from <= due_on <= last
    return is_due_in_it or (leave_from <= due_on - BEGUN_BY and last >= due_on - FEW_LEFT)
