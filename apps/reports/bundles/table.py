"""The table: what belongs to a person, room by room. tests/reports/test_bundle_table.py holds it
against tests/architecture/fields.txt, so a new field is either in, or left out with a reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.reports.bundles.left_out import LEFT_OUT
from apps.reports.bundles.of_deeds import DEEDS, SESSIONS
from apps.reports.bundles.of_feedback import FEEDBACK
from apps.reports.bundles.of_people import ACCOUNT, MAILS, PEOPLE
from apps.reports.bundles.of_reviews import NOTES, REVIEWS
from apps.reports.bundles.shape import Share


@dataclass(frozen=True)
class Room:
    """One chapter of the overview, and one file of data beside it."""

    name: str
    title: Any
    lead: Any
    shares: tuple[Share, ...]


ROOMS = (
    Room(
        "you",
        _("You"),
        _("Who you are here, and how you get in."),
        (*PEOPLE, *ACCOUNT),
    ),
    Room(
        "reviews",
        _("Reviews"),
        _("Your part in every cycle: what you wrote, and what was handed out to you."),
        REVIEWS,
    ),
    Room(
        "feedback",
        _("Feedback"),
        _("What you were told and asked, and what you told others."),
        FEEDBACK,
    ),
    Room("notes", _("Notes"), _("Evidence that was kept during the year."), NOTES),
    Room("sessions", _("Calibration"), _("Sessions that you are part of."), SESSIONS),
    Room("mails", _("Mails"), _("When Rungs wrote to you, and what it asked."), MAILS),
    Room(
        "deeds",
        _("What you did"),
        _("Deeds, files and reviews, as kind and time. What they say of others is theirs."),
        DEEDS,
    ),
)

# Fields that reach the person through the very pages that show them after release (see released).
BY_PACKET = (
    "reviews.Review.overall",
    "reviews.Review.departure",
    "reviews.RatingEvent.participant",
    "reviews.RatingEvent.competency",
    "reviews.RatingEvent.goal",
    "reviews.RatingEvent.source",
    "reviews.RatingEvent.value",
    "reviews.RatingEvent.mark",
    "reviews.RatingEvent.reason",
)
# Fields that only say whose a row is: that it stands there says it.
BY_ROW = ("reviews.Cycle.owners", "calibration.Session.members")

__all__ = ["BY_PACKET", "BY_ROW", "LEFT_OUT", "ROOMS", "Room"]
