"""The tables of a review cycle, and what the database itself refuses."""

from apps.reviews.models.contents import LinkedNote, MarkedStatement, Written, written_in
from apps.reviews.models.cycles import (
    AreaWeight,
    Cycle,
    CyclePhase,
    CycleQuerySet,
    FormQuestion,
    RatingScale,
    ScalePoint,
    StepBack,
)
from apps.reviews.models.delivery import (
    LINE,
    Arbiter,
    Dispute,
    Withdrawal,
    arbiter_for,
    faults_of,
)
from apps.reviews.models.extensions import Extension, ExtensionQuerySet, due_on
from apps.reviews.models.notes import EvidenceNote
from apps.reviews.models.participants import (
    Goal,
    Participant,
    ParticipantQuerySet,
)
from apps.reviews.models.population import PopulationChoice, on_another_version
from apps.reviews.models.reviews import (
    RatingEvent,
    RatingEventQuerySet,
    Review,
    ReviewItem,
    ReviewQuerySet,
    ReviewVersion,
    StatementMark,
)

__all__ = [
    "LINE",
    "Arbiter",
    "AreaWeight",
    "Cycle",
    "CyclePhase",
    "CycleQuerySet",
    "Dispute",
    "EvidenceNote",
    "Extension",
    "ExtensionQuerySet",
    "FormQuestion",
    "Goal",
    "LinkedNote",
    "MarkedStatement",
    "Participant",
    "ParticipantQuerySet",
    "PopulationChoice",
    "RatingEvent",
    "RatingEventQuerySet",
    "RatingScale",
    "Review",
    "ReviewItem",
    "ReviewQuerySet",
    "ReviewVersion",
    "ScalePoint",
    "StatementMark",
    "StepBack",
    "Withdrawal",
    "Written",
    "arbiter_for",
    "due_on",
    "faults_of",
    "on_another_version",
    "written_in",
]
