"""Who may ask, answer and read, and when. The tables are the policy.

PRIVACY: a row of the answers' table is about a row as it lies there. `read_batch` is the only line
that reaches anonymous answers; it holds the threshold itself, so that no page can forget it.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q

from apps.core.access import (
    ANYONE,
    NONE,
    SYSTEM,
    Gate,
    Relation,
    Viewer,
    above,
    both,
    either,
    one_of,
    person_in,
    role,
    row,
)
from apps.feedback.states import (
    OUT,
    Mode,
    PerspectiveKind,
    PerspectiveState,
    RequestState,
)
from apps.feedback.states import PERSPECTIVE_MOVES as PM
from apps.feedback.states import REQUEST_MOVES as RM
from apps.people.states import Office
from apps.reviews.access import CONFIGURABLE, manager_of
from apps.reviews.states import DELIVERED, CycleState, ParticipantState

PROCESS, CONTENT = role(Office.PROCESS_ADMIN.value), role(Office.CONTENT_ADMIN.value)
FOR_HR = "The kinds of feedback in a cycle are set by HR."
FOR_MANAGER = "The manager decides who is asked; HR does where there is no manager."
FOR_GIVER = "Only the person who was asked answers, while the phase is open."
TOGETHER = "These answers are read together, once enough people gave one."

OPEN = one_of("state", [PerspectiveState.OPEN])
ANNOUNCED = set(CycleState) - {CycleState.DRAFT, CycleState.CANCELLED}
# Collection is over: what was not answered by now will not be.
COLLECTED = (
    CycleState.MANAGER_REVIEW,
    CycleState.CALIBRATION,
    CycleState.DELIVERY,
    CycleState.CLOSED,
    CycleState.ARCHIVED,
    CycleState.CANCELLED,
)

perspective_gate = Gate("feedback.Perspective", {
    "read_perspective":      row(ANYONE, during=ANNOUNCED, at="cycle.state", refusal="This cycle is not announced yet."),
    "prepare_perspective":   row(PROCESS, refusal=FOR_HR),
    "configure_perspective": row(PROCESS, during=CONFIGURABLE, at="cycle.state", when=[OPEN], refusal=FOR_HR),
    "raise_threshold":       row(PROCESS, during=[CycleState.NOMINATION, CycleState.COLLECTION], at="cycle.state", when=[OPEN], refusal=FOR_HR),
    "ask_upward":            row(SYSTEM, PROCESS, during=[CycleState.COLLECTION], at="cycle.state", when=[OPEN], refusal=FOR_HR),
    "seal_perspective":      row(SYSTEM, PROCESS, during=PM["seal_perspective"].sources, when=[one_of("cycle.state", COLLECTED)], refusal="Only when collection is over."),
})  # fmt: skip
PERSPECTIVE_READS = ("read_perspective", "prepare_perspective")


def _nobody(path: str) -> Relation:
    """A thing true of the object: there is no person at the end of this path."""
    lookup = path.replace(".", "__") + "__isnull"

    def holds(_: Viewer, obj: Any) -> bool:
        from apps.core.access import walk

        return walk(obj, path) is None

    return Relation(f"nobody in {path}", holds, lambda _: Q(**{lookup: True}))


GIVER, SUBJECT = person_in("giver"), person_in("participant.person")
MANAGER, SKIP = manager_of("participant."), person_in("participant.person.manager.manager")
ABOVE = above("participant.person")
# HR stands in only where nobody else can decide.
DECIDES = either(MANAGER, both(PROCESS, _nobody("participant.person.manager")))
DECIDES_FOR_PARTICIPANT = either(manager_of(), both(PROCESS, _nobody("person.manager")))
PEER = one_of("perspective.kind", [PerspectiveKind.PEER])
STILL_OPEN = one_of("perspective.state", [PerspectiveState.OPEN])
CHOOSING = one_of("participant.cycle.state", [CycleState.NOMINATION])
ASKING = one_of("participant.cycle.state", [CycleState.NOMINATION, CycleState.COLLECTION])
COLLECTING = one_of("participant.cycle.state", [CycleState.COLLECTION])
TAKES_PART = one_of("participant.state", [ParticipantState.ACTIVE])
WITH_NAMES = one_of("perspective.mode", [Mode.NAMED, Mode.CONFIDENTIAL])

# PRIVACY: who may see a row still sees its state only through rules.shown_state. Requests to give
# feedback to one's own manager are seen by nobody but the giver and, without an answer, by HR.
request_gate = Gate("feedback.Request", {
    "read_request_giver":   row(GIVER, during=OUT, refusal="Only the person who was asked."),
    "read_request_subject": row(both(SUBJECT, person_in("proposed_by")), when=[PEER], refusal="Only who was proposed by oneself."),
    "read_request_manager": row(MANAGER, SKIP, never=[SUBJECT], when=[PEER], refusal=FOR_MANAGER),
    "read_request_status":  row(PROCESS, never=[SUBJECT], when=[PEER], refusal=FOR_MANAGER),
    "propose_peers":        row(SUBJECT, when=[PEER, CHOOSING, STILL_OPEN, TAKES_PART], refusal="Everyone proposes their own peers, while peers are chosen."),
    "approve_request":      row(DECIDES, never=[SUBJECT, GIVER], during=RM["approve_request"].sources, when=[PEER, ASKING, STILL_OPEN], refusal=FOR_MANAGER),
    "turn_down_request":    row(DECIDES, never=[SUBJECT, GIVER], during=RM["turn_down_request"].sources, when=[PEER, ASKING, STILL_OPEN], refusal=FOR_MANAGER),
    "add_request":          row(DECIDES, never=[SUBJECT], when=[PEER, ASKING, STILL_OPEN, TAKES_PART], refusal=FOR_MANAGER),
    "write_feedback":       row(GIVER, during=RM["send_feedback"].sources, when=[COLLECTING, STILL_OPEN, TAKES_PART], refusal=FOR_GIVER),
    "keep_draft":           row(GIVER, during=[RequestState.ASKED, RequestState.LAPSED, RequestState.CLOSED], refusal=FOR_GIVER),
    "send_feedback":        row(GIVER, during=RM["send_feedback"].sources, when=[COLLECTING, STILL_OPEN, TAKES_PART], refusal=FOR_GIVER),
    "edit_feedback":        row(GIVER, during=[RequestState.ANSWERED], when=[WITH_NAMES, COLLECTING, STILL_OPEN, TAKES_PART], refusal="What was sent without a name cannot be changed."),
    "decline_request":      row(GIVER, during=RM["decline_request"].sources, when=[COLLECTING, STILL_OPEN, TAKES_PART], refusal=FOR_GIVER),
})  # fmt: skip
REQUEST_READS = (
    "read_request_giver",
    "read_request_subject",
    "read_request_manager",
    "read_request_status",
)

draft_gate = Gate("feedback.FeedbackDraft", {
    # PRIVACY: nobody else, not even HR, reads a draft or learns that there is one.
    "read_draft": row(person_in("request.giver"), refusal="Only the person who writes it."),
})  # fmt: skip


def _enough_voices() -> Relation:
    """At least the threshold of answers lies in this answer's batch."""

    def holds(_: Viewer, answer: Any) -> bool:
        from apps.feedback.models import Answer

        batch = Answer.objects.filter(
            perspective=answer.perspective_id, participant=answer.participant_id
        )
        return batch.count() >= answer.perspective.threshold

    def q(_: Viewer) -> Q:
        from apps.feedback.models import Answer

        batch = (
            Answer.objects.filter(
                perspective=OuterRef("perspective"), participant=OuterRef("participant")
            )
            .values("perspective_id", "participant_id")
            .annotate(voices=Count("pk"))
            .filter(voices__gte=F("perspective__threshold"))
        )
        return Q(Exists(batch))

    return Relation("enough voices", holds, q)


def _was_asked() -> Relation:
    """The viewer was asked in this answer's batch. PRIVACY: who knows one of k voices reads k - 1."""

    def holds(viewer: Viewer, answer: Any) -> bool:
        from apps.feedback.models import Request

        return (
            viewer.person_id is not None
            and Request.objects.filter(
                perspective=answer.perspective_id,
                participant=answer.participant_id,
                giver=viewer.person_id,
                state__in=OUT,
            ).exists()
        )

    def q(viewer: Viewer) -> Q:
        from apps.feedback.models import Request

        if viewer.person_id is None:
            return NONE
        asked = Request.objects.filter(
            perspective=OuterRef("perspective"),
            participant=OuterRef("participant"),
            giver=viewer.person_id,
            state__in=[state.value for state in OUT],
        )
        return Q(Exists(asked))

    return Relation("was asked", holds, q)


NAMED = one_of("perspective.mode", [Mode.NAMED])
CONFIDENTIAL = one_of("perspective.mode", [Mode.CONFIDENTIAL])
ANONYMOUS = one_of("perspective.mode", [Mode.ANONYMOUS])
UPWARD = one_of("perspective.kind", [PerspectiveKind.UPWARD])
SEALED = one_of("perspective.state", [PerspectiveState.SEALED])
RELEASED = one_of("participant.state", DELIVERED)
PEER_BATCH = [ANONYMOUS, PEER, SEALED]

answer_gate = Gate("feedback.Answer", {
    "read_own":              row(person_in("author"), when=[STILL_OPEN], refusal="Only until it is sealed."),
    "read_named":            row(MANAGER, SKIP, never=[SUBJECT], when=[NAMED, PEER], refusal=FOR_MANAGER),
    "read_named_content":    row(CONTENT, never=[SUBJECT, ABOVE], when=[NAMED, PEER], refusal="HR reads no one of their own line."),
    "read_named_subject":    row(SUBJECT, when=[NAMED, PEER, RELEASED], refusal="It is not released yet."),
    "read_confidential":     row(MANAGER, SKIP, never=[SUBJECT], when=[CONFIDENTIAL, PEER], refusal=FOR_MANAGER),
    "read_without_names":    row(SUBJECT, when=[CONFIDENTIAL, PEER, RELEASED], refusal="It is not released yet."),
    "read_batch":            row(MANAGER, SKIP, never=[SUBJECT, _was_asked()], when=[*PEER_BATCH, _enough_voices()], refusal=TOGETHER),
    "read_batch_subject":    row(SUBJECT, when=[*PEER_BATCH, RELEASED, _enough_voices()], refusal=TOGETHER),
    "read_upward":           row(SUBJECT, when=[UPWARD, SEALED, RELEASED, _enough_voices()], refusal=TOGETHER),
})  # fmt: skip
# The lines under which a name may stand beside a text.
READS_WITH_NAME = ("read_named", "read_named_content", "read_named_subject", "read_confidential")
READS_WITHOUT_NAME = ("read_without_names", "read_batch", "read_batch_subject", "read_upward")
ANSWER_READS = ("read_own", *READS_WITH_NAME, *READS_WITHOUT_NAME)
