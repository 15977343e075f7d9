"""What each page of calibration needs from the database. One function per page, no other reads.

PRIVACY: every list goes through the item gate, so the person in front of the screen never finds
the own record or that of somebody above; counts and charts are made of the same rows.
"""

from apps.calibration.pages.board import board, item, session_version
from apps.calibration.pages.panel import item_feedback
from apps.calibration.pages.record import record
from apps.calibration.pages.sessions import (
    cycle_to_prepare,
    departments,
    people_by_address,
    session,
    session_form,
    sessions,
)

__all__ = [
    "board",
    "cycle_to_prepare",
    "departments",
    "item",
    "item_feedback",
    "people_by_address",
    "record",
    "session",
    "session_form",
    "session_version",
    "sessions",
]
