"""The life of a request for feedback, and of the perspective it belongs to."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from apps.core.workflow import Move


class PerspectiveKind(TextChoices):
    PEER = "peer", _("Peer feedback")
    UPWARD = "upward", _("Upward feedback")


class Mode(TextChoices):
    NAMED = "named", _("With the giver's name")
    CONFIDENTIAL = "confidential", _("Name for manager and committee, not for the person")
    ANONYMOUS = "anonymous", _("Without a name, for anyone, for good")


class PerspectiveState(TextChoices):
    OPEN = "open", _("Open")
    SEALED = "sealed", _("Sealed")


class RequestState(TextChoices):
    PROPOSED = "proposed", _("Proposed")
    # PRIVACY: approved, but fewer are asked so far than the promise of anonymity takes.
    HELD = "held", _("Approved, waits until enough are asked")
    ASKED = "asked", _("Asked")
    TURNED_DOWN = "turned_down", _("Not approved")
    DECLINED = "declined", _("Declined by the giver")
    ANSWERED = "answered", _("Answered")
    LAPSED = "lapsed", _("Not answered in time")
    # PRIVACY: what every anonymous request becomes at sealing, answered, declined or neither.
    CLOSED = "closed", _("Closed")


PERSPECTIVE_MOVES = {
    "seal_perspective": Move(frozenset({PerspectiveState.OPEN}), PerspectiveState.SEALED),
}

R = RequestState
# Everyone in these was asked; who reads one of them in place of another learns who answered.
OUT = (R.ASKED, R.ANSWERED, R.DECLINED, R.LAPSED, R.CLOSED)
REQUEST_MOVES = {
    "approve_request": Move(frozenset({R.PROPOSED}), R.ASKED),
    "hold_request": Move(frozenset({R.PROPOSED}), R.HELD),
    "open_request": Move(frozenset({R.HELD}), R.ASKED),
    "turn_down_request": Move(frozenset({R.PROPOSED}), R.TURNED_DOWN),
    "decline_request": Move(frozenset({R.ASKED}), R.DECLINED),
    "send_feedback": Move(frozenset({R.ASKED}), R.ANSWERED),
    "lapse_request": Move(frozenset({R.ASKED, R.PROPOSED, R.HELD}), R.LAPSED),
    "close_request": Move(frozenset({R.ASKED, R.ANSWERED, R.DECLINED}), R.CLOSED),
}
