"""The tables of a review cycle, and what the database itself refuses."""

from apps.reviews.models.cycles import (
    Cycle,
    CyclePhase,
    CycleQuerySet,
    RatingScale,
    ScalePoint,
    StepBack,
)
from apps.reviews.models.participants import (
    Dispute,
    Goal,
    Participant,
    ParticipantQuerySet,
)
from apps.reviews.models.reviews import (
    RatingEvent,
    RatingEventQuerySet,
    Review,
    ReviewItem,
    ReviewQuerySet,
    ReviewVersion,
)

__all__ = [
    "Cycle",
    "CyclePhase",
    "CycleQuerySet",
    "Dispute",
    "Goal",
    "Participant",
    "ParticipantQuerySet",
    "RatingEvent",
    "RatingEventQuerySet",
    "RatingScale",
    "Review",
    "ReviewItem",
    "ReviewQuerySet",
    "ReviewVersion",
    "ScalePoint",
    "StepBack",
]
