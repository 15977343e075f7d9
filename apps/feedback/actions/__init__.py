"""Every write of feedback: setting up, asking, answering, sealing."""

from apps.feedback.actions.asking import (
    add_request,
    approve_peers,
    approve_request,
    ask_upward,
    propose_peers,
    turn_down_request,
)
from apps.feedback.actions.giving import (
    Saved,
    decline_request,
    save_feedback_draft,
    send_feedback,
)
from apps.feedback.actions.sealing import seal_perspective, turn
from apps.feedback.actions.setting_up import configure_perspective, raise_threshold

__all__ = [
    "Saved",
    "add_request",
    "approve_peers",
    "approve_request",
    "ask_upward",
    "configure_perspective",
    "decline_request",
    "propose_peers",
    "raise_threshold",
    "save_feedback_draft",
    "seal_perspective",
    "send_feedback",
    "turn",
    "turn_down_request",
]
