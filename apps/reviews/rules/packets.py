"""When a packet may be handed out, and who settles a dispute about it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from apps.reviews.states import Hold, ReviewState


def held_back_by(
    *, manager_state: str | None, has_overall: bool, has_unexplained_change: bool
) -> str:
    """What keeps a packet back: a Hold, or nothing. `manager_state` of the manager review, None
    without one."""
    if manager_state is None:
        return Hold.NO_REVIEWER
    if manager_state != ReviewState.SUBMITTED:
        return Hold.NOT_SUBMITTED
    if not has_overall:
        return Hold.NO_OVERALL
    return Hold.NO_REASON if has_unexplained_change else ""


def hold_sentence(hold: str) -> str:
    """Why this packet stays where it is, in one sentence; empty when nothing is in the way."""
    match hold:
        case Hold.NO_REVIEWER:
            return _("Nobody reviews this person yet. Give them a manager first.")
        case Hold.NOT_SUBMITTED:
            return _("The manager review is not submitted yet.")
        case Hold.NO_OVERALL:
            return _("The overall rating is missing.")
        case Hold.NO_REASON:
            return _("A rating was changed without a reason. Write the reason first.")
    return ""


def release_hindrance(
    *, manager_state: str | None, has_overall: bool, has_unexplained_change: bool
) -> str:
    """As `held_back_by`, in one sentence."""
    return hold_sentence(
        held_back_by(
            manager_state=manager_state,
            has_overall=has_overall,
            has_unexplained_change=has_unexplained_change,
        )
    )


def talk_fault(talked_on: date, *, today: date, launched_on: date | None) -> str:
    """What is wrong with this day of a talk, in one sentence; empty when nothing is."""
    if talked_on > today:
        return _("That day has not come yet. Note the talk when it was held.")
    if launched_on is not None and talked_on < launched_on:
        return _("That day lies before the cycle began.")
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


def arbiter_fault(
    person_id: int,
    *,
    barred: frozenset[int | None],
    is_below: bool,
    is_here: bool,
    has_account: bool,
) -> str:
    """Why somebody cannot be the third person, in one sentence; empty when they can.

    Arguments: `barred` as in choose_arbiter; `is_below` they work for the subject; `is_here` they are
    employed.
    """
    if not is_here:
        return _("Does not work here any more.")
    if person_id in barred:
        return _("Is the person it is about, a manager of theirs, or gave one of the ratings.")
    if is_below:
        return _("Works for the person it is about.")
    if not has_account:
        return _("Cannot sign in.")
    return ""
