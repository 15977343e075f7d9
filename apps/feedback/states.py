"""The life of a request for feedback, and of the perspective it belongs to."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from apps.core.workflow import Move


class PerspectiveKind(TextChoices):
    PEER = "peer", _("Peer feedback")
    UPWARD = "upward", _("Upward feedback")


class Mode(TextChoices):
    NAMED = "named", _("With the giver's name")
    CONFIDENTIAL = "confidential", _("Name for the managers, and for nobody else")
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


class DeclineReason(TextChoices):
    LITTLE_CONTACT = "little_contact", _("Too little contact to say something fair")
    TOO_CLOSE = "too_close", _("Too close to be fair")
    NO_TIME = "no_time", _("No time before the due day")
    OTHER = "other", _("Another reason")


class Audience(TextChoices):
    """Who reads feedback that nobody asked for, beside its giver."""

    PERSON = "person", _("The person")
    PERSON_AND_MANAGER = "person_and_manager", _("The person and their manager")


class UnaskedKind(TextChoices):
    THANKS = "thanks", _("Thanks")
    FEEDBACK = "feedback", _("Feedback")


class ConcernState(TextChoices):
    """A reader says that a text breaks the rules; HR hides it or lets it stand, and rewrites nothing."""

    RAISED = "raised", _("Waits for HR")
    HIDDEN = "hidden", _("Hidden")
    LEFT = "left", _("Stands")


CONCERN_MOVES = {
    "hide_text": Move(frozenset({ConcernState.RAISED}), ConcernState.HIDDEN),
    "leave_text": Move(frozenset({ConcernState.RAISED}), ConcernState.LEFT),
    "show_text_again": Move(frozenset({ConcernState.HIDDEN}), ConcernState.LEFT),
}


class DisclosureState(TextChoices):
    """Opening one confidential name: asked for by one, agreed to or refused by another."""

    ASKED = "asked", _("Asked for")
    AGREED = "agreed", _("Agreed to")
    REFUSED = "refused", _("Refused")


DISCLOSURE_MOVES = {
    "agree_to_disclosure": Move(frozenset({DisclosureState.ASKED}), DisclosureState.AGREED),
    "refuse_disclosure": Move(frozenset({DisclosureState.ASKED}), DisclosureState.REFUSED),
}

PERSPECTIVE_MOVES = {
    "seal_perspective": Move(frozenset({PerspectiveState.OPEN}), PerspectiveState.SEALED),
}

R = RequestState
# Everyone in these was asked; who reads one of them in place of another learns who answered.
OUT = (R.ASKED, R.ANSWERED, R.DECLINED, R.LAPSED, R.CLOSED)
# PRIVACY: what counts as asked of a giver, whatever came of it; a count that fell when somebody
# declined would tell who did.
COUNTED = (*OUT, R.HELD)
# Those from whom an answer came or may still come, where names are known.
STILL_ASKED = (R.PROPOSED, R.HELD, R.ASKED, R.ANSWERED)
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
