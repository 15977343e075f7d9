"""Who may review somebody in the place of their manager. Ids are primary keys."""

from __future__ import annotations

from collections.abc import Collection

from django.utils.translation import gettext as _


def owner_hindrance(
    *,
    to_id: int,
    subject_id: int,
    current_id: int | None,
    above_to: Collection[int],
    has_left: bool,
    by_id: int | None,
    by_manager: bool,
) -> str:
    """Why this person cannot review the subject, in one sentence; empty when they can.

    Arguments: `above_to` everybody above the person asked for; `by_manager` that who gives it is
    the subject's manager of today. PRIVACY: whoever reviews reads what a manager reads, so nobody
    of HR takes a review for themself.
    """
    if to_id == subject_id:
        return _("Nobody reviews themself.")
    if has_left:
        return _("This person does not work here any more.")
    if subject_id in above_to:
        return _("This person works for them; it must be somebody beside or above.")
    if to_id == current_id:
        return _("This person reviews them already.")
    if to_id == by_id and not by_manager:
        return _("You cannot give a review to yourself. Somebody else of HR can.")
    return ""
