"""When a packet may be handed out, and who settles a dispute about it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _


def release_hindrance(
    *, manager_state: str | None, has_overall: bool, has_unexplained_change: bool
) -> str:
    """Why this packet stays where it is, in one sentence; empty when nothing is in the way.

    Arguments: `manager_state` of the manager review, None without one.
    """
    if manager_state is None:
        return _("Nobody reviews this person yet. Give them a manager first.")
    if manager_state != "submitted":
        return _("The manager review is not submitted yet.")
    if not has_overall:
        return _("The overall rating is missing.")
    if has_unexplained_change:
        return _("A rating was changed without a reason. Write the reason first.")
    return ""


@dataclass(frozen=True)
class Candidate:
    """Someone who could settle a dispute. `in_line` is true for people below the subject."""

    person_id: int
    is_content_admin: bool
    in_line: bool
    open_disputes: int = 0


def choose_arbiter(
    candidates: Iterable[Candidate],
    *,
    skip_level_id: int | None,
    barred: frozenset[int | None],
) -> int | None:
    """The third person: an HR content admin with the fewest open disputes, else the skip-level.

    Arguments: `barred` ids of the subject and of every manager who had a part in it. Result: a
    person's id, or None when nobody is left. PRIVACY: never someone who works for the subject.
    """
    offices = [
        c for c in candidates if c.is_content_admin and not c.in_line and c.person_id not in barred
    ]
    if offices:
        return min(offices, key=lambda c: (c.open_disputes, c.person_id)).person_id
    return skip_level_id if skip_level_id not in barred else None
