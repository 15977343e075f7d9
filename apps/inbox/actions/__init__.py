"""Every way the outbox changes: planned, claimed, sent once, held, given up, sent again, asked for."""

from apps.inbox.actions.planning import plan_messages
from apps.inbox.actions.rehearsing import note_rehearsal
from apps.inbox.actions.reminding import remind_now
from apps.inbox.actions.sending import (
    hold_message,
    resend_message,
    send_due_messages,
    send_message,
)

__all__ = [
    "hold_message",
    "note_rehearsal",
    "plan_messages",
    "remind_now",
    "resend_message",
    "send_due_messages",
    "send_message",
]
