"""Who may do what to a cycle, a participant and a review, and when. The tables are the policy.

Rows about texts name no committee: a session's members read through calibration's own table.
"""

from __future__ import annotations

from django.db.models import Q

from apps.core.access import (
    ANYONE,
    SYSTEM,
    Gate,
    Relation,
    above,
    both,
    either,
    is_true,
    one_of,
    person_in,
    role,
    row,
)
from apps.people.states import Office
from apps.reviews.states import (
    CYCLE_MOVES,
    DELIVERED,
    PARTICIPANT_MOVES,
    REVIEW_MOVES,
    RUNNING,
    CycleState,
    ParticipantState,
    ReviewKind,
    ReviewState,
)

PROCESS, CONTENT = role(Office.PROCESS_ADMIN.value), role(Office.CONTENT_ADMIN.value)

FOR_HR = "Cycles are run by HR."

CYCLE_READS = ("read_cycle", "prepare_cycle")
CONFIGURABLE = (CycleState.DRAFT, CycleState.SCHEDULED)
NOT_YET_ANNOUNCED = (CycleState.DRAFT, CycleState.CANCELLED)

cycle_gate = Gate("reviews.Cycle", {
    # The name and the dates of a cycle are no secret once it is announced.
    "read_cycle":    row(ANYONE, during=set(CycleState) - set(NOT_YET_ANNOUNCED), refusal="This cycle is not announced yet."),
    "prepare_cycle": row(PROCESS, refusal=FOR_HR),
    "edit_cycle":    row(PROCESS, during=CONFIGURABLE, refusal=FOR_HR),
    "change_dates":  row(PROCESS, during=set(CycleState) - {CycleState.CLOSED, CycleState.ARCHIVED, CycleState.CANCELLED}, refusal=FOR_HR),
    "launch_cycle":  row(PROCESS, SYSTEM, during=[CycleState.SCHEDULED], refusal=FOR_HR),
    **{
        # The clock may open the next phase; everything else is a person's deed.
        name: row(*((PROCESS, SYSTEM) if name.startswith("open_") else (PROCESS,)), during=move.sources, refusal=FOR_HR)
        for name, move in CYCLE_MOVES.items()
    },
    "step_back":     row(PROCESS, during=RUNNING, refusal=FOR_HR),
    "add_participant": row(PROCESS, during=RUNNING, refusal=FOR_HR),
})  # fmt: skip


def manager_of(prefix: str = "") -> Relation:
    """Today's manager of the participant's person, or the one HR kept as reviewer."""
    return either(
        person_in(f"{prefix}person.manager"),
        both(person_in(f"{prefix}manager"), is_true(f"{prefix}manager_kept")),
    )


SUBJECT, MANAGER, SKIP = person_in("person"), manager_of(), person_in("person.manager.manager")
ABOVE, ARBITER = above("person"), person_in("dispute.arbiter")
DELIVERING = one_of("cycle.state", [CycleState.DELIVERY])
TALKING = one_of("cycle.state", [CycleState.DELIVERY, CycleState.CLOSED])


def _step(name: str) -> frozenset[str]:
    """A move's states are written once, in states."""
    return PARTICIPANT_MOVES[name].sources


# PRIVACY: nobody releases, settles or excuses themself; `never` wins over `who`.
participant_gate = Gate("reviews.Participant", {
    "see_status":          row(SUBJECT, MANAGER, SKIP, PROCESS, CONTENT, ARBITER, refusal="Their status is for their managers and HR."),
    "read_packet":         row(SUBJECT, during=DELIVERED, refusal="It is not released yet."),
    "read_packet_above":   row(MANAGER, SKIP, never=[SUBJECT], refusal="For the managers of this person."),
    "read_packet_content": row(CONTENT, never=[SUBJECT, ABOVE], refusal="HR reads no one of their own line."),
    "read_packet_dispute": row(ARBITER, never=[SUBJECT], during=[ParticipantState.DISPUTED, ParticipantState.SETTLED], refusal="For the person who settles the dispute."),
    "edit_goals":          row(SUBJECT, MANAGER, during=[ParticipantState.ACTIVE], refusal="Goals are kept by the person and the manager."),
    "release_packet":      row(MANAGER, PROCESS, never=[SUBJECT], during=_step("release_packet"), when=[DELIVERING], refusal="The manager or HR releases, in the last phase."),
    "unshare_packet":      row(MANAGER, PROCESS, never=[SUBJECT], during=_step("unshare_packet"), when=[DELIVERING], refusal="Only until the cycle is closed, by the manager or HR."),
    "acknowledge_packet":  row(SUBJECT, during=_step("acknowledge_packet"), when=[TALKING], refusal="Only the person it is about acknowledges it."),
    "dispute_packet":      row(SUBJECT, during=_step("dispute_packet"), when=[TALKING], refusal="Only the person it is about disputes it."),
    "settle_dispute":      row(ARBITER, never=[SUBJECT, person_in("manager"), person_in("person.manager")], during=_step("settle_dispute"), refusal="A third person settles it."),
    "excuse_participant":  row(PROCESS, never=[SUBJECT], during=_step("excuse_participant"), refusal=FOR_HR),
    "readmit_participant": row(PROCESS, never=[SUBJECT], during=_step("readmit_participant"), refusal=FOR_HR),
    # What follows when somebody moves while a cycle runs; HR decides, nothing moves by itself.
    **{
        name: row(PROCESS, never=[SUBJECT], during=[ParticipantState.ACTIVE], refusal=FOR_HR)
        for name in ("hand_over", "keep_manager", "keep_level", "take_level")
    },
})  # fmt: skip
PACKET_READS = ("read_packet", "read_packet_above", "read_packet_content", "read_packet_dispute")


def _unsealed() -> Relation:
    """The cycle does not seal the self review, or the manager's own ratings are in."""

    def holds(_: object, review: object) -> bool:
        from apps.reviews.models import Review

        participant = review.participant  # type: ignore[attr-defined]  # the gate is typed for Any
        return (
            not participant.cycle.seal_self_review
            or Review.objects.filter(
                participant=participant, kind=ReviewKind.MANAGER, state=ReviewState.SUBMITTED
            ).exists()
        )

    def q(_: object) -> Q:
        from apps.reviews.models import Review

        rated = Review.objects.filter(kind=ReviewKind.MANAGER, state=ReviewState.SUBMITTED).values(
            "participant_id"
        )
        return Q(participant__cycle__seal_self_review=False) | Q(participant_id__in=rated)

    return Relation("self review not sealed", holds, q)


AUTHOR, R_SUBJECT = person_in("author"), person_in("participant.person")
R_MANAGER, R_SKIP = manager_of("participant."), person_in("participant.person.manager.manager")
R_ABOVE = above("participant.person")
SELF = one_of("kind", [ReviewKind.SELF.value])
BY_MANAGER = one_of("kind", [ReviewKind.MANAGER.value])
WRITABLE = either(
    both(SELF, one_of("participant.cycle.state", [CycleState.COLLECTION])),
    both(BY_MANAGER, one_of("participant.cycle.state", [CycleState.MANAGER_REVIEW])),
)
TAKES_PART = one_of("participant.state", [ParticipantState.ACTIVE])
IN = [ReviewState.SUBMITTED]

review_gate = Gate("reviews.Review", {
    "read_own":       row(AUTHOR, refusal="Only its author reads a draft."),
    "read_self":      row(R_MANAGER, R_SKIP, during=IN, when=[SELF, _unsealed()], refusal="The manager reads it once it is submitted."),
    "read_rating":    row(R_MANAGER, R_SKIP, never=[R_SUBJECT], during=IN, when=[BY_MANAGER], refusal="For the managers of this person."),
    "read_content":   row(CONTENT, never=[R_SUBJECT, R_ABOVE], during=IN, refusal="HR reads no one of their own line."),
    "read_released":  row(R_SUBJECT, during=IN, when=[BY_MANAGER, one_of("participant.state", DELIVERED)], refusal="It is not released yet."),
    "write_review":   row(AUTHOR, during=[ReviewState.DRAFT], when=[WRITABLE, TAKES_PART], refusal="Only its author writes it, while its phase is open."),
    "submit_review":  row(AUTHOR, during=REVIEW_MOVES["submit_review"].sources, when=[WRITABLE, TAKES_PART], refusal="Only its author submits it, while its phase is open."),
    "reopen_review":  row(AUTHOR, during=REVIEW_MOVES["reopen_review"].sources, when=[WRITABLE, TAKES_PART], refusal="Only its author takes it back, while its phase is open."),
})  # fmt: skip
REVIEW_READS = ("read_own", "read_self", "read_rating", "read_content", "read_released")
