"""Ratings as they come to stand: events that are only ever added.

Decided here: whether a rating may still be given, its place in the history, and that one which
changes nothing adds nothing. Who may give it is decided by the gate of whoever asks (a manager's
review, a committee's decision, the settling of a dispute).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Q

from apps.core.access import Viewer
from apps.core.workflow import StaleState
from apps.ladders.models import Competency
from apps.reviews.models import Goal, Participant, RatingEvent, ScalePoint
from apps.reviews.rules.fields import MARKS
from apps.reviews.rules.ratings import (
    COMPETENCY,
    GOAL,
    NOT_RATED,
    THE_WHOLE,
    Rating,
    Subject,
    changed,
)
from apps.reviews.states import (
    CycleState,
    ParticipantState,
    Phase,
    RatingSource,
    later_than,
)

# In which states of the cycle, and of the participant, each source may still speak.
OPEN_TO = {
    # After the phase only a manager with more time comes here: the gate of the review sees to that.
    RatingSource.MANAGER: (
        {CycleState.MANAGER_REVIEW, *later_than(Phase.MANAGER_REVIEW)},
        {ParticipantState.ACTIVE},
    ),
    RatingSource.CALIBRATION: (
        {CycleState.MANAGER_REVIEW, CycleState.CALIBRATION, CycleState.DELIVERY},
        {ParticipantState.ACTIVE},
    ),
    RatingSource.DISPUTE: (
        {CycleState.DELIVERY, CycleState.CLOSED},
        {ParticipantState.DISPUTED},
    ),
}


@dataclass(frozen=True)
class Standing:
    """The newest event of one subject."""

    sequence: int
    rating: Rating
    source: str


FRESH = Standing(0, NOT_RATED, RatingSource.MANAGER)


class RatingIsFixed(StaleState):
    """The rating can no longer be given: the phase is over, or the packet is with the person."""


class OutsideTheScale(ValueError):
    """Neither a point of the cycle's scale nor one of the two marks, or both at once."""


@dataclass(frozen=True)
class Given:
    """A rating for one subject of a participant."""

    subject: Subject
    rating: Rating


def record_rating(
    participant: Participant,
    *,
    competency: Competency | None = None,
    goal: Goal | None = None,
    value: int | None = None,
    mark: str = "",
    source: RatingSource,
    reason_code: str = "",
    reason: str = "",
    by: Viewer,
    now: datetime,
) -> RatingEvent | None:
    """One rating, of a competency, of a goal, or of the whole when neither is named.

    3 queries and a transaction of its own. Result: the event, or None when the rating stands
    already. Errors: RatingIsFixed, OutsideTheScale, StaleState when somebody else rated the same
    at the same moment.
    """
    given = Given(subject_of(competency, goal), Rating(value, mark))
    events = record_ratings(
        participant,
        [given],
        source=source,
        reason_code=reason_code,
        reason=reason,
        by=by,
        now=now,
    )
    return events[0] if events else None


def subject_of(competency: Competency | None, goal: Goal | None) -> Subject:
    if competency is not None:
        return (COMPETENCY, competency.pk)
    return THE_WHOLE if goal is None else (GOAL, goal.pk)


@transaction.atomic
def record_ratings(
    participant: Participant,
    given: Sequence[Given],
    *,
    source: RatingSource,
    reason_code: str = "",
    reason: str = "",
    by: Viewer,
    now: datetime,
    highest: int | None = None,
    first: bool = False,
) -> list[RatingEvent]:
    """Many ratings of one participant at once; those that stand already add nothing.

    Arguments: `participant` with its cycle; `highest` the top of the scale where the caller knows
    it, `first` that no event exists yet (each spares a query). Result: the new events. At most 3
    queries. Errors: as record_rating.
    """
    require_open(participant, source)
    if highest is None:
        highest = top_of(participant)
    for one in given:
        require_on_scale(one.rating, highest)
    standing = {} if first else standing_ratings(participant, [g.subject for g in given])
    wanted = {g.subject: g.rating for g in given}
    before = {subject: stands.rating for subject, stands in standing.items()}
    if source == RatingSource.MANAGER and participant.cycle.state != CycleState.MANAGER_REVIEW:
        # A review that comes late goes over nothing that a committee decided meanwhile.
        for subject, stands in standing.items():
            if stands.source != source:
                wanted[subject] = stands.rating
    news = changed(wanted, before)
    events = [
        RatingEvent(
            participant=participant,
            competency_id=subject[1] if subject[0] == COMPETENCY else None,
            goal_id=subject[1] if subject[0] == GOAL else None,
            sequence=standing.get(subject, FRESH).sequence + 1,
            source=source,
            value=rating.value,
            mark=rating.mark,
            reason_code=reason_code,
            reason=reason,
            given_at=now,
            given_by_id=by.person_id,
        )
        for subject, rating in news.items()
    ]
    if not events:
        return []
    try:
        with transaction.atomic():
            return RatingEvent.objects.bulk_create(events)
    except IntegrityError as lost:
        raise StaleState(f"{participant} was rated by somebody else at the same moment") from lost


def require_open(participant: Participant, source: RatingSource) -> None:
    """Raises RatingIsFixed unless this source may still speak about this participant."""
    cycles, people = OPEN_TO[source]
    if participant.cycle.state not in cycles or participant.state not in people:
        raise RatingIsFixed(f"{participant}: {participant.cycle.state}, {participant.state}")


def require_on_scale(rating: Rating, highest: int) -> None:
    """Raises OutsideTheScale unless this is a point, a mark, or nothing."""
    on_scale = rating.value is None or 1 <= rating.value <= highest
    if not on_scale or (rating.mark and (rating.value is not None or rating.mark not in MARKS)):
        raise OutsideTheScale(f"{rating} on a scale to {highest}")


def top_of(participant: Participant) -> int:
    """The highest point of the cycle's scale. 1 query."""
    points = ScalePoint.objects.filter(scale=participant.cycle.scale_id)
    return points.order_by("-value").values_list("value", flat=True).first() or 0


def standing_ratings(
    participant: Participant, subjects: Iterable[Subject] | None = None
) -> dict[Subject, Standing]:
    """The newest event of each subject, what was taken back included. 1 query."""
    events = RatingEvent.objects.filter(participant=participant)
    if subjects is not None:
        wanted = list(subjects)
        which = Q(competency__in=[pk for kind, pk in wanted if kind == COMPETENCY])
        which |= Q(goal__in=[pk for kind, pk in wanted if kind == GOAL])
        if THE_WHOLE in wanted:
            which |= Q(competency=None, goal=None)
        events = events.filter(which)
    return {
        event_subject(c, g): Standing(sequence, Rating(value, mark), source)
        for c, g, sequence, value, mark, source in events.order_by("sequence").values_list(
            "competency_id", "goal_id", "sequence", "value", "mark", "source"
        )
    }


def event_subject(competency_id: int | None, goal_id: int | None) -> Subject:
    if competency_id is not None:
        return (COMPETENCY, competency_id)
    return THE_WHOLE if goal_id is None else (GOAL, goal_id)
