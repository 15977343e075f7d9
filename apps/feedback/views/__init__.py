"""The doors of feedback: build one page, or call one action."""

from apps.feedback.views.balancing import balance, balance_requests, propose_balance
from apps.feedback.views.choosing import (
    accept_fewer_peers,
    add_request,
    approve_all,
    approve_peers,
    approve_request,
    find_peers,
    nominate,
    propose_peers,
    replace_request,
    turn_down_request,
)
from apps.feedback.views.concerns import (
    agree_to_disclosure,
    ask_for_name,
    concern,
    concerns,
    hide_text,
    leave_text,
    open_name,
    raise_concern,
    refuse_disclosure,
    show_text_again,
)
from apps.feedback.views.drafts import (
    feedback_versions,
    restore_feedback_draft,
    save_feedback_draft,
)
from apps.feedback.views.giving import (
    decline_request,
    give_feedback,
    keep_feedback,
    send_feedback,
)
from apps.feedback.views.reading import (
    my_feedback,
    received_feedback,
)
from apps.feedback.views.setting_up import (
    change_limits,
    configure_perspective,
    perspectives,
    raise_threshold,
    readiness,
    repeat_perspectives,
)
from apps.feedback.views.unasked import (
    find_receiver,
    give_unasked,
    keep_unasked,
    unasked_feedback,
    withdraw_unasked,
)

__all__ = [
    "accept_fewer_peers",
    "add_request",
    "agree_to_disclosure",
    "approve_all",
    "approve_peers",
    "approve_request",
    "ask_for_name",
    "balance",
    "balance_requests",
    "change_limits",
    "concern",
    "concerns",
    "configure_perspective",
    "decline_request",
    "feedback_versions",
    "find_peers",
    "find_receiver",
    "give_feedback",
    "give_unasked",
    "hide_text",
    "keep_feedback",
    "keep_unasked",
    "leave_text",
    "my_feedback",
    "nominate",
    "open_name",
    "perspectives",
    "propose_balance",
    "propose_peers",
    "raise_concern",
    "raise_threshold",
    "readiness",
    "received_feedback",
    "refuse_disclosure",
    "repeat_perspectives",
    "replace_request",
    "restore_feedback_draft",
    "save_feedback_draft",
    "send_feedback",
    "show_text_again",
    "turn_down_request",
    "unasked_feedback",
    "withdraw_unasked",
]
