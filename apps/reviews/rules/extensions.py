"""Whether more time changes anything for somebody, and what to say where it does not."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext as _

from apps.reviews.states import Phase


def time_hindrance(
    phase: str,
    *,
    review_state: str | None,
    is_open: bool,
    due_on: date | None,
    until: date | None = None,
    day: str = "",
) -> str:
    """Why more time would change nothing, in one sentence; empty when it would.

    Arguments: `review_state` of what is written in this phase, None without such a review;
    `is_open` that it may be written now, or will be; `due_on` the day that counts so far; `until`
    the day that is asked for, None for any; `day` what `due_on` is called.
    """
    if review_state is None and phase == Phase.MANAGER_REVIEW:
        return _("Nobody reviews this person yet. Give them a manager first.")
    if review_state is None:
        return _("There is no self review to write.")
    if review_state != "draft":
        return _("It is handed in already.")
    if is_open and until is not None and due_on is not None and until <= due_on:
        return _("There is time until %(day)s already.") % {"day": day}
    return ""
