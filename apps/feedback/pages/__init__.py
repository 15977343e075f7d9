"""Every read of feedback, one function per page."""

from apps.feedback.pages.balancing import balance, perspective_to_balance
from apps.feedback.pages.choosing import nominate
from apps.feedback.pages.concerns import (
    ConcernCase,
    concern,
    concern_of,
    concerns,
    disclosure_of,
    opened_name,
)
from apps.feedback.pages.deciding import Doubt, approve_peers, request_to_decide
from apps.feedback.pages.giving import FormAgain, GiveFeedback, give_feedback
from apps.feedback.pages.mine import Asked, asked_of, my_feedback
from apps.feedback.pages.received import received_feedback
from apps.feedback.pages.reporting import RaiseConcern, raise_concern, told_to
from apps.feedback.pages.setting_up import (
    Perspectives,
    Readiness,
    Setting,
    perspective_to_change,
    perspectives,
    readiness,
)
from apps.feedback.pages.shown import Voice
from apps.feedback.pages.unasked import (
    find_receiver,
    give_unasked,
    unasked_feedback,
    unasked_of,
)
from apps.feedback.pages.versions import feedback_versions

__all__ = [
    "Asked",
    "ConcernCase",
    "Doubt",
    "FormAgain",
    "GiveFeedback",
    "Perspectives",
    "RaiseConcern",
    "Readiness",
    "Setting",
    "Voice",
    "approve_peers",
    "asked_of",
    "balance",
    "concern",
    "concern_of",
    "concerns",
    "disclosure_of",
    "feedback_versions",
    "find_receiver",
    "give_feedback",
    "give_unasked",
    "my_feedback",
    "nominate",
    "opened_name",
    "perspective_to_balance",
    "perspective_to_change",
    "perspectives",
    "raise_concern",
    "readiness",
    "received_feedback",
    "request_to_decide",
    "told_to",
    "unasked_feedback",
    "unasked_of",
]
