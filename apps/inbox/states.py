"""What can be asked of a person, why a mail is sent, and the life of one mail."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from apps.core.workflow import Move


class DutyKind(TextChoices):
    PROPOSE_PEERS = "propose_peers", _("Propose peers")
    APPROVE_PEERS = "approve_peers", _("Approve peers")
    SELF_REVIEW = "self_review", _("Write your self review")
    GIVE_FEEDBACK = "give_feedback", _("Give feedback")
    MANAGER_REVIEW = "manager_review", _("Review a report")
    CALIBRATE = "calibrate", _("Take part in calibration")
    RELEASE = "release", _("Talk and release")
    ACKNOWLEDGE = "acknowledge", _("Read your review")
    SETTLE = "settle", _("Settle a dispute")


class NoticeKind(TextChoices):
    ASKED = "asked", _("Asked")
    REMINDER = "reminder", _("Reminder")
    OVERDUE = "overdue", _("Overdue")
    ESCALATION = "escalation", _("Told the manager's manager")


class MessageState(TextChoices):
    PLANNED = "planned", _("Planned")
    SENDING = "sending", _("Being sent")
    SENT = "sent", _("Sent")
    HELD = "held", _("Held back")
    DEAD = "dead", _("Given up after five tries")


M = MessageState
MESSAGE_MOVES = {
    "claim_message": Move(frozenset({M.PLANNED, M.SENDING}), M.SENDING),
    "confirm_message": Move(frozenset({M.SENDING}), M.SENT),
    "retry_message": Move(frozenset({M.SENDING}), M.PLANNED),
    "give_up_message": Move(frozenset({M.SENDING}), M.DEAD),
    "hold_claimed_message": Move(frozenset({M.SENDING}), M.HELD),
    "hold_message": Move(frozenset({M.PLANNED}), M.HELD),
    "resend_message": Move(frozenset({M.SENT, M.DEAD, M.HELD}), M.PLANNED),
}
