"""The life of a cycle, a participant and a review: the only place an order of events is written."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from apps.core.workflow import Move


class CycleState(TextChoices):
    DRAFT = "draft", _("Being prepared")
    SCHEDULED = "scheduled", _("Scheduled")
    NOMINATION = "nomination", _("Choosing peers")
    COLLECTION = "collection", _("Self reviews and feedback")
    MANAGER_REVIEW = "manager_review", _("Manager reviews")
    CALIBRATION = "calibration", _("Calibration")
    DELIVERY = "delivery", _("Talks and release")
    CLOSED = "closed", _("Closed")
    ARCHIVED = "archived", _("Archived")
    PAUSED = "paused", _("Paused")
    CANCELLED = "cancelled", _("Cancelled")


class Phase(TextChoices):
    """The phases with dates, in the order in which a cycle runs through those it has."""

    NOMINATION = "nomination", _("Choosing peers")
    COLLECTION = "collection", _("Self reviews and feedback")
    MANAGER_REVIEW = "manager_review", _("Manager reviews")
    CALIBRATION = "calibration", _("Calibration")
    DELIVERY = "delivery", _("Talks and release")


RUNNING = tuple(CycleState(phase.value) for phase in Phase)
# A cycle without these rates nobody and gives nobody an answer.
NEEDED_PHASES = (Phase.MANAGER_REVIEW, Phase.DELIVERY)
FINISHED = (CycleState.CLOSED, CycleState.ARCHIVED)

C = CycleState
CYCLE_MOVES = {
    "schedule_cycle": Move(frozenset({C.DRAFT}), C.SCHEDULED),
    "unschedule_cycle": Move(frozenset({C.SCHEDULED}), C.DRAFT),
    "cancel_cycle": Move(frozenset({C.DRAFT, C.SCHEDULED}), C.CANCELLED),
    # Phases may be left out, so each can follow any earlier one; actions choose the next that is on.
    "open_nomination": Move(frozenset({C.SCHEDULED}), C.NOMINATION),
    "open_collection": Move(frozenset({C.SCHEDULED, C.NOMINATION}), C.COLLECTION),
    "open_manager_review": Move(
        frozenset({C.SCHEDULED, C.NOMINATION, C.COLLECTION}), C.MANAGER_REVIEW
    ),
    "open_calibration": Move(frozenset({C.MANAGER_REVIEW}), C.CALIBRATION),
    "open_delivery": Move(frozenset({C.MANAGER_REVIEW, C.CALIBRATION}), C.DELIVERY),
    "close_cycle": Move(frozenset({C.DELIVERY}), C.CLOSED),
    "archive_cycle": Move(frozenset({C.CLOSED}), C.ARCHIVED),
    "pause_cycle": Move(frozenset(RUNNING), C.PAUSED),
    "resume_nomination": Move(frozenset({C.PAUSED}), C.NOMINATION),
    "resume_collection": Move(frozenset({C.PAUSED}), C.COLLECTION),
    "resume_manager_review": Move(frozenset({C.PAUSED}), C.MANAGER_REVIEW),
    "resume_calibration": Move(frozenset({C.PAUSED}), C.CALIBRATION),
    "resume_delivery": Move(frozenset({C.PAUSED}), C.DELIVERY),
}


def step_back_to(left: str, entered: str) -> Move:
    """The one way against the arrows: from a running phase into one before it."""
    order = [phase.value for phase in Phase]
    if order.index(entered) >= order.index(left):
        raise ValueError(f"{entered} does not come before {left}")
    return Move(frozenset({left}), entered)


class Standing(TextChoices):
    """Whether somebody takes part in a cycle, and why not. The first that fits holds."""

    PLAN = "plan", _("By the plan")
    TAKEN_IN = "taken_in", _("Taken in by hand")
    LEFT_OUT = "left_out", _("Left out by hand")
    NOT_YET = "not_yet", _("Not here yet")
    DEPARTMENT = "department", _("Another department")
    LOCATION = "location", _("Another location")
    LEVEL = "level", _("Another level")
    HIRED = "hired", _("Hired too late")


TAKES_PART = (Standing.PLAN, Standing.TAKEN_IN)


class Gap(TextChoices):
    """What keeps a cycle from going well for somebody. Values name flags of a query."""

    MANAGER = "lacks_manager", _("No manager")
    MANAGER_LEFT = "manager_left", _("Manager has left")
    MANAGER_ACCOUNT = "manager_lacks_account", _("Manager cannot sign in")
    MANAGER_AWAY = "manager_away", _("Manager on leave")
    LEVEL = "lacks_level", _("No level")
    PAGE = "lacks_page", _("Level refers to a missing page")
    EMAIL = "lacks_email", _("No e-mail address")
    ACCOUNT = "lacks_account", _("Cannot sign in")
    AWAY = "away", _("On leave")


class ParticipantState(TextChoices):
    ACTIVE = "active", _("Taking part")
    EXCUSED = "excused", _("Excused")
    RELEASED = "released", _("Released")
    ACKNOWLEDGED = "acknowledged", _("Acknowledged")
    DISPUTED = "disputed", _("Disputed")
    SETTLED = "settled", _("Settled")


# The states in which the packet belongs to the person it is about.
DELIVERED = (
    ParticipantState.RELEASED,
    ParticipantState.ACKNOWLEDGED,
    ParticipantState.DISPUTED,
    ParticipantState.SETTLED,
)

P = ParticipantState
PARTICIPANT_MOVES = {
    "excuse_participant": Move(frozenset({P.ACTIVE}), P.EXCUSED),
    "readmit_participant": Move(frozenset({P.EXCUSED}), P.ACTIVE),
    "release_packet": Move(frozenset({P.ACTIVE}), P.RELEASED),
    # What the person replied stays; they are asked again whether they have received the new one.
    "unshare_packet": Move(frozenset({P.RELEASED, P.ACKNOWLEDGED}), P.ACTIVE),
    "acknowledge_packet": Move(frozenset({P.RELEASED}), P.ACKNOWLEDGED),
    "dispute_packet": Move(frozenset({P.RELEASED, P.ACKNOWLEDGED}), P.DISPUTED),
    "settle_dispute": Move(frozenset({P.DISPUTED}), P.SETTLED),
}


class Waits(TextChoices):
    """What happens next to somebody in a cycle, as the board says it."""

    PEERS = "peers", _("Peers are being chosen")
    SELF_REVIEW = "self_review", _("Waits for the self review")
    NEXT_PHASE = "next_phase", _("Waits for the manager reviews to open")
    MANAGER = "manager", _("Has no manager to review them")
    MANAGER_REVIEW = "manager_review", _("Waits for the manager review")
    DELIVERY = "delivery", _("Manager review is in")
    RELEASE = "release", _("Ready to release")
    ACKNOWLEDGEMENT = "acknowledgement", _("Waits to be acknowledged")
    DECISION = "decision", _("Waits for a decision on a dispute")
    NOTHING = "nothing", _("Done")
    EXCUSED = "excused", _("Excused")


class Hold(TextChoices):
    """What keeps a packet back."""

    NO_REVIEWER = "no_reviewer", _("Nobody to review them")
    NOT_SUBMITTED = "not_submitted", _("Manager review not submitted")
    NO_OVERALL = "no_overall", _("No overall rating")
    NO_REASON = "no_reason", _("A changed rating without its reason")


class ChangeKind(TextChoices):
    """What can happen to somebody outside a cycle that runs, and asks for an answer inside it."""

    NO_MANAGER = "no_manager", _("Nobody reviews them any more")
    MANAGER = "manager", _("New manager")
    LEFT = "left", _("Left")
    LEVEL = "level", _("New level")
    LEAVE = "leave", _("On leave")
    JOINED = "joined", _("Not in the cycle yet")


class ReviewKind(TextChoices):
    SELF = "self", _("Self review")
    MANAGER = "manager", _("Manager review")


# The phase in which each kind is written; an extension of it is honoured in the phases after it.
WRITTEN_IN = {ReviewKind.SELF: Phase.COLLECTION, ReviewKind.MANAGER: Phase.MANAGER_REVIEW}


def later_than(phase: str) -> tuple[CycleState, ...]:
    """The running states of a cycle that has gone on from this phase."""
    return RUNNING[RUNNING.index(CycleState(phase)) + 1 :]


class ReviewState(TextChoices):
    DRAFT = "draft", _("Being written")
    SUBMITTED = "submitted", _("Submitted")


R = ReviewState
REVIEW_MOVES = {
    "submit_review": Move(frozenset({R.DRAFT}), R.SUBMITTED),
    "reopen_review": Move(frozenset({R.SUBMITTED}), R.DRAFT),
}


class Mark(TextChoices):
    """What stands in place of a point. Neither counts as zero."""

    NOT_ENOUGH_EVIDENCE = "not_enough_evidence", _("Not enough evidence")
    NOT_APPLICABLE = "not_applicable", _("Not applicable")


class Shown(TextChoices):
    """What a review says of one statement. None of them is a point, and none counts."""

    STRENGTH = "strength", _("Clear strength")
    SHOWN = "shown", _("Shown")
    NOT_YET = "not_yet", _("Not yet")
    NO_OPPORTUNITY = "no_opportunity", _("No opportunity")


class RatingSource(TextChoices):
    MANAGER = "manager", _("Manager review")
    CALIBRATION = "calibration", _("Calibration")
    DISPUTE = "dispute", _("Dispute")


class Promotion(TextChoices):
    NOT_YET = "not_yet", _("Not yet")
    SOON = "soon", _("Within a year")
    READY = "ready", _("Ready now")
