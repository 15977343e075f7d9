"""The tables of feedback, one file a noun."""

from apps.feedback.models.answers import Answer, AnswerPart, sent_values
from apps.feedback.models.asking import (
    FeedbackDraft,
    FewerPeers,
    Perspective,
    Question,
    Request,
    minutes_to_give,
    on_board,
    participants_to_decide_on,
    participants_to_propose,
    participants_who_lack_peers,
    with_load,
)
from apps.feedback.models.concerns import (
    Concern,
    ConcernDecision,
    ConcernReport,
    Disclosure,
    cases_waiting_for,
    decision_of,
)
from apps.feedback.models.unasked import UnaskedFeedback

__all__ = [
    "Answer",
    "AnswerPart",
    "Concern",
    "ConcernDecision",
    "ConcernReport",
    "Disclosure",
    "FeedbackDraft",
    "FewerPeers",
    "Perspective",
    "Question",
    "Request",
    "UnaskedFeedback",
    "cases_waiting_for",
    "decision_of",
    "minutes_to_give",
    "on_board",
    "participants_to_decide_on",
    "participants_to_propose",
    "participants_who_lack_peers",
    "sent_values",
    "with_load",
]
