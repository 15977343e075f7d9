"""Every read of feedback, one function per page."""

from apps.feedback.pages.choosing import approve_peers, nominate, request_to_decide
from apps.feedback.pages.giving import GiveFeedback, check_other_tab, give_feedback
from apps.feedback.pages.mine import my_feedback
from apps.feedback.pages.received import received_feedback
from apps.feedback.pages.setting_up import (
    Perspectives,
    Setting,
    perspective_to_raise,
    perspectives,
)

__all__ = [
    "GiveFeedback",
    "Perspectives",
    "Setting",
    "approve_peers",
    "check_other_tab",
    "give_feedback",
    "my_feedback",
    "nominate",
    "perspective_to_raise",
    "perspectives",
    "received_feedback",
    "request_to_decide",
]
