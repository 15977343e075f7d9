"""The tables of feedback, one file a noun."""

from apps.feedback.models.answers import (
    Answer,
    AnswerPart,
    Concern,
    Disclosure,
    cases_waiting_for,
    sent_values,
)
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
from apps.feedback.models.unasked import UnaskedFeedback

__all__ = [
    "Answer",
    "AnswerPart",
    "Concern",
    "Disclosure",
    "FeedbackDraft",
    "FewerPeers",
    "Perspective",
    "Question",
    "Request",
    "UnaskedFeedback",
    "cases_waiting_for",
    "minutes_to_give",
    "on_board",
    "participants_to_decide_on",
    "participants_to_propose",
    "participants_who_lack_peers",
    "sent_values",
    "with_load",
]
