"""What can be asked of a person, why a mail is sent, and the life of one mail."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from apps.core.workflow import Move
from apps.reviews.states import Phase


class DutyKind(TextChoices):
    PROPOSE_PEERS = "propose_peers", _("Propose peers")
    APPROVE_PEERS = "approve_peers", _("Approve peers")
    ADD_PEERS = "add_peers", _("Ask more peers")
    SELF_REVIEW = "self_review", _("Write your self review")
    GIVE_FEEDBACK = "give_feedback", _("Give feedback")
    MANAGER_REVIEW = "manager_review", _("Review a report")
    CALIBRATE = "calibrate", _("Take part in calibration")
    RELEASE = "release", _("Release a review")
    TALK = "talk", _("Talk about a review")
    ACKNOWLEDGE = "acknowledge", _("Read your review")
    ANSWER = "answer_dispute", _("Answer a dispute")
    SETTLE = "settle", _("Settle a dispute")


# The phase that asks for each, and by whose end it is due unless a day of its own says otherwise.
ASKED_IN = {
    DutyKind.PROPOSE_PEERS: Phase.NOMINATION,
    DutyKind.APPROVE_PEERS: Phase.NOMINATION,
    DutyKind.ADD_PEERS: Phase.COLLECTION,
    DutyKind.SELF_REVIEW: Phase.COLLECTION,
    DutyKind.GIVE_FEEDBACK: Phase.COLLECTION,
    DutyKind.MANAGER_REVIEW: Phase.MANAGER_REVIEW,
    DutyKind.CALIBRATE: Phase.CALIBRATION,
    DutyKind.RELEASE: Phase.DELIVERY,
    DutyKind.TALK: Phase.DELIVERY,
    DutyKind.ACKNOWLEDGE: Phase.DELIVERY,
    DutyKind.ANSWER: Phase.DELIVERY,
    DutyKind.SETTLE: Phase.DELIVERY,
}


class TellingKind(TextChoices):
    """What somebody is told of, each once; who decides about a text is not asked in the digest."""

    CONCERN_WAITS = "concern_waits", _("A reported text waits")
    NAME_WAITS = "name_waits", _("A name is asked for")
    CONCERN_DECIDED = "concern_decided", _("What you reported is decided")
    TEXT_HIDDEN = "text_hidden", _("A text of yours is hidden")
    NAME_OPENED = "name_opened", _("Your name was opened")


# PRIVACY: what the log of mails counts for nobody but the person it went to. A mail about feedback would
# say who had not answered, one about a text who wrote it, and one about a case who has no part in it.
UNSPOKEN = frozenset({DutyKind.GIVE_FEEDBACK.value, *TellingKind.values})


class NoticeKind(TextChoices):
    ASKED = "asked", _("Asked")
    REMINDER = "reminder", _("Reminder")
    OVERDUE = "overdue", _("Overdue")
    ESCALATION = "escalation", _("Told the manager's manager")
    BY_HAND = "by_hand", _("HR reminded")
    TOLD = "told", _("Told")


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
