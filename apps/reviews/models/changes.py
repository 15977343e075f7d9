"""What changed outside a cycle that runs, told from what the cycle knows: no event is kept for it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.db.models import DateField, DateTimeField, Exists, ExpressionWrapper, F, OuterRef, Q
from django.db.models.functions import Cast
from django.db.models.lookups import GreaterThanOrEqual, LessThanOrEqual

from apps.reviews.models.extensions import due_on
from apps.reviews.models.reviews import Review
from apps.reviews.rules.changes import BEGUN_BY, FEW_LEFT
from apps.reviews.states import CycleState, Phase, ReviewKind, ReviewState

FLAGS = ("lacks_manager", "moved_manager", "has_left", "moved_level", "is_away")


def _gone(path: str, on: date) -> Q:
    """The person at this path has left by this day."""
    return Q(**{f"{path}__left_on__isnull": False, f"{path}__left_on__lte": on})


def change_flags(on: date) -> dict[str, Q]:
    """A condition for each kind, in the order of FLAGS; `on` is today."""
    reviews = Review.objects.filter(participant=OuterRef("pk"))
    handed_in = Exists(reviews.filter(kind=ReviewKind.MANAGER, state=ReviewState.SUBMITTED))
    writes_self = Exists(reviews.filter(kind=ReviewKind.SELF, state=ReviewState.DRAFT))
    left = Q(leaver_kept=False) & _gone("person", on)
    # Today's manager, if there is one who works here.
    manager = Q(person__manager__isnull=False) & ~_gone("person__manager", on)
    reviewer_gone = Q(manager=None) | _gone("manager", on)
    another = Q(manager=None) | ~Q(manager=F("person__manager"))
    # HR's word for the one of the launch counts as long as that one is here, or has handed in.
    settled = Q(manager_kept=True) & (~reviewer_gone | Q(handed_in))
    level = Q(level_kept=False, person__level__isnull=False) & (
        Q(level=None) | ~Q(level=F("person__level"))
    )
    away = (
        Q(leave_kept=False, person__leave_from__isnull=False)
        & Q(cycle__state=CycleState.COLLECTION)
        & Q(writes_self)
        & _leave_takes_the_time()
    )
    return {
        "lacks_manager": ~left & ~manager & ~settled,
        "moved_manager": ~left & manager & another & ~settled,
        "has_left": left,
        "moved_level": ~_gone("person", on) & level,
        "is_away": ~_gone("person", on) & away,
    }


def _leave_takes_the_time() -> Q:
    """The SQL reading of the rule of that name, for rows of Participant."""
    due = due_on(Phase.COLLECTION, "")
    return _is_away(due, due) | _is_away(_before(due, BEGUN_BY), _before(due, FEW_LEFT))


def _is_away(first: Any, until: Any) -> Q:
    """On leave from this day to that one, both included."""
    ends = F("person__leave_until")
    return Q(LessThanOrEqual(F("person__leave_from"), first)) & (
        Q(person__leave_until=None) | Q(GreaterThanOrEqual(ends, until))
    )


def _before(due: Any, days: timedelta) -> Cast:
    """So much earlier, as a day: on both databases a day less some time is an instant."""
    return Cast(ExpressionWrapper(due - days, output_field=DateTimeField()), DateField())
