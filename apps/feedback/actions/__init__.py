"""Every write of feedback: setting up, asking, answering, sealing."""

from apps.feedback.actions.asking import ask_upward, propose_peers
from apps.feedback.actions.balancing import balance_requests
from apps.feedback.actions.concerns import (
    agree_to_disclosure,
    ask_for_name,
    hide_text,
    leave_text,
    open_name,
    raise_concern,
    refuse_disclosure,
    show_text_again,
)
from apps.feedback.actions.deciding import (
    accept_fewer_peers,
    add_request,
    approve_in_time,
    approve_peers,
    approve_request,
    replace_request,
    turn_down_request,
)
from apps.feedback.actions.drafts import (
    Saved,
    forget_drafts,
    restore_feedback_draft,
    save_feedback_draft,
)
from apps.feedback.actions.giving import decline_request, send_feedback
from apps.feedback.actions.sealing import seal_perspective, turn
from apps.feedback.actions.setting_up import (
    change_limits,
    configure_perspective,
    raise_threshold,
    repeat_perspectives,
)
from apps.feedback.actions.unasked import give_unasked, keep_unasked, withdraw_unasked

__all__ = [
    "Saved",
    "accept_fewer_peers",
    "add_request",
    "agree_to_disclosure",
    "approve_in_time",
    "approve_peers",
    "approve_request",
    "ask_for_name",
    "ask_upward",
    "balance_requests",
    "change_limits",
    "configure_perspective",
    "decline_request",
    "forget_drafts",
    "give_unasked",
    "hide_text",
    "keep_unasked",
    "leave_text",
    "open_name",
    "propose_peers",
    "raise_concern",
    "raise_threshold",
    "refuse_disclosure",
    "repeat_perspectives",
    "replace_request",
    "restore_feedback_draft",
    "save_feedback_draft",
    "seal_perspective",
    "send_feedback",
    "show_text_again",
    "turn",
    "turn_down_request",
    "withdraw_unasked",
]
