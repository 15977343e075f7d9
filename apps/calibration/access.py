"""Who prepares, sees and leads a calibration session, and of whom nobody sees anything there.

A committee member sees the people of the own session only, and never the own record or that of
anyone above in the own line: for those the item does not exist. What colleagues said about a person is
for the people of the session alone, and HR is not of it; how much of it is there, feedback's gate says.
"""

from __future__ import annotations

from django.db.models import Q

from apps.calibration.states import SESSION_MOVES, SessionState
from apps.core.access import (
    NONE,
    Gate,
    Relation,
    Viewer,
    above,
    either,
    one_of,
    person_in,
    role,
    row,
)
from apps.people.states import Office
from apps.reviews.states import CycleState, ParticipantState

PROCESS, CONTENT = role(Office.PROCESS_ADMIN.value), role(Office.CONTENT_ADMIN.value)


def _member(path: str) -> Relation:
    """The viewer sits on the committee of the session at `path` ("" for the object itself)."""

    def holds(viewer: Viewer, obj: object) -> bool:
        from apps.calibration.models import Membership

        session_id = getattr(obj, f"{path}_id") if path else obj.pk  # type: ignore[attr-defined]
        return (
            viewer.person_id is not None
            and Membership.objects.filter(
                session_id=session_id, person_id=viewer.person_id
            ).exists()
        )

    def q(viewer: Viewer) -> Q:
        from apps.calibration.models import Membership

        if viewer.person_id is None:
            return NONE
        seats = Membership.objects.filter(person_id=viewer.person_id).values("session_id")
        return Q(**{f"{path}_id__in" if path else "pk__in": seats})

    return Relation("member of the committee", holds, q)


FACILITATOR, MEMBER = person_in("facilitator"), _member("")
FOR_HR = "Sessions are prepared by HR and the facilitator."
IN_PHASE = one_of("cycle.state", [CycleState.MANAGER_REVIEW, CycleState.CALIBRATION])

session_gate = Gate("calibration.Session", {
    "read_session":    row(FACILITATOR, MEMBER, PROCESS, CONTENT, refusal="For its committee and HR."),
    # PRIVACY: HR process admins see that a session is, and how far; not its board.
    "read_board":      row(FACILITATOR, MEMBER, CONTENT, refusal="The board is for its committee."),
    "prepare_session": row(FACILITATOR, PROCESS, during=[SessionState.PREPARING, SessionState.LIVE], refusal=FOR_HR),
    "open_session":    row(FACILITATOR, during=SESSION_MOVES["open_session"].sources, when=[IN_PHASE], refusal="The facilitator opens it, once manager reviews are open."),
    "lead_session":    row(FACILITATOR, during=[SessionState.LIVE], refusal="The facilitator records, while the session is open."),
    "lock_session":    row(FACILITATOR, during=SESSION_MOVES["lock_session"].sources, refusal="The facilitator locks it."),
})  # fmt: skip

# PRIVACY: recused, always: for oneself, and for everyone above in the own line.
RECUSED = either(person_in("participant.person"), above("participant.person"))
I_FACILITATOR, I_MEMBER = person_in("session.facilitator"), _member("session")

# Who was left out of the cycle is on no board.
TAKES_PART = one_of(
    "participant.state", [s for s in ParticipantState if s != ParticipantState.EXCUSED]
)

item_gate = Gate("calibration.Item", {
    "read_item":       row(I_FACILITATOR, I_MEMBER, CONTENT, never=[RECUSED], refusal="You step out for this person."),
    # PRIVACY: asked in person, by whoever has the seat. An office reads no feedback here.
    "read_item_feedback": row(I_FACILITATOR, I_MEMBER, never=[RECUSED], when=[TAKES_PART], refusal="Only the facilitator and the committee read it, about people they do not step out for."),
    # PRIVACY: the form that asks for it names its readers, and an office is not among them.
    "read_item_note":  row(I_FACILITATOR, I_MEMBER, never=[RECUSED], refusal="The manager wrote it for the committee."),
    "record_decision": row(I_FACILITATOR, never=[RECUSED], during=[SessionState.LIVE], at="session.state", when=[one_of("participant.state", [ParticipantState.ACTIVE])], refusal="The facilitator records it, while the session is open."),
})  # fmt: skip
