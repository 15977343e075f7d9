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
    walk,
)
from apps.feedback.states import CONCERN_MOVES as CM
from apps.feedback.states import DISCLOSURE_MOVES as DM
from apps.feedback.states import (
    OUT,
    Audience,
    ConcernState,
    DisclosureState,
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
FOR_SEAT = "A committee reads about the people of its own session, once collection is over."
FOR_THE_TWO = "Only the person who gave it and the person it was given to."

OPEN = one_of("state", [PerspectiveState.OPEN])
# Peers are asked until collection is over, a whole team in the moment in which it begins.
STILL_ASKING = either(one_of("kind", [PerspectiveKind.PEER]), one_of("cycle.state", [CycleState.NOMINATION]))  # fmt: skip
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
    "change_limits":         row(PROCESS, during=[CycleState.NOMINATION, CycleState.COLLECTION], at="cycle.state", when=[OPEN, STILL_ASKING], refusal="HR changes this while somebody may still be asked."),
    "ask_upward":            row(SYSTEM, PROCESS, during=[CycleState.COLLECTION], at="cycle.state", when=[OPEN], refusal=FOR_HR),
    "balance_requests":      row(PROCESS, during=[CycleState.NOMINATION, CycleState.COLLECTION], at="cycle.state", when=[OPEN, one_of("kind", [PerspectiveKind.PEER])], refusal="HR evens out who is asked, while people are asked."),
    "seal_perspective":      row(SYSTEM, PROCESS, during=PM["seal_perspective"].sources, when=[one_of("cycle.state", COLLECTED)], refusal="Only when collection is over."),
})  # fmt: skip
PERSPECTIVE_READS = ("read_perspective", "prepare_perspective")


def _nobody(path: str) -> Relation:
    """A thing true of the object: there is no person at the end of this path."""
    lookup = path.replace(".", "__") + "__isnull"

    def holds(_: Viewer, obj: Any) -> bool:
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
    "accept_fewer_peers":   row(DECIDES, never=[SUBJECT], when=[PEER, COLLECTING, STILL_OPEN, TAKES_PART], refusal=FOR_MANAGER),
    "write_feedback":       row(GIVER, during=RM["send_feedback"].sources, when=[COLLECTING, STILL_OPEN, TAKES_PART], refusal=FOR_GIVER),
    "keep_draft":           row(GIVER, during=[RequestState.ASKED, RequestState.LAPSED, RequestState.CLOSED], refusal=FOR_GIVER),
    # A change to what was sent, typed when it could no longer be: kept, and nobody reads it.
    "keep_change":          row(GIVER, during=[RequestState.ANSWERED], when=[WITH_NAMES], refusal="What was sent without a name cannot be changed."),
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


def _was_asked(path: str = "") -> Relation:
    """The viewer was asked in the batch of the answer at `path` ("" for the object itself).

    PRIVACY: who knows one of k voices reads k - 1.
    """
    to = path.replace(".", "__") + "__" if path else ""

    def holds(viewer: Viewer, obj: Any) -> bool:
        from apps.feedback.models import Request

        answer = walk(obj, path) if path else obj
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
            perspective=OuterRef(f"{to}perspective"),
            participant=OuterRef(f"{to}participant"),
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
WITHOUT_NAMES = one_of("perspective.mode", [Mode.CONFIDENTIAL, Mode.ANONYMOUS])
# Somebody who sits in a calibration session about this person. That room asks its own gate first and
# then lends this role for one question (see feedback.reading); no account ever holds it.
SEAT_ROLE = "calibration_seat"
SEAT = role(SEAT_ROLE)
NOT_ABOUT_ME = [SUBJECT, ABOVE]
ENOUGH, WAS_ASKED = _enough_voices(), _was_asked()

# PRIVACY: one rule for whoever reads without a name: only what is sealed, only where enough people
# gave an answer, and never as one of those who were asked. What of it is shown is then a function of
# the batch alone (rules.showing), the same for every reader; only the order is each reader's own.
answer_gate = Gate("feedback.Answer", {
    "read_own":              row(person_in("author"), when=[STILL_OPEN], refusal="Only until it is sealed."),
    "read_named":            row(MANAGER, SKIP, never=[SUBJECT], when=[NAMED, PEER], refusal=FOR_MANAGER),
    "read_named_subject":    row(SUBJECT, when=[NAMED, PEER, RELEASED], refusal="It is not released yet."),
    "read_confidential":     row(MANAGER, SKIP, never=[SUBJECT], when=[CONFIDENTIAL, PEER], refusal=FOR_MANAGER),
    "read_batch":            row(MANAGER, SKIP, never=[SUBJECT, WAS_ASKED], when=[ANONYMOUS, PEER, SEALED, ENOUGH], refusal=TOGETHER),
    "read_batch_subject":    row(SUBJECT, when=[WITHOUT_NAMES, PEER, SEALED, RELEASED, ENOUGH], refusal=TOGETHER),
    "read_upward":           row(SUBJECT, when=[UPWARD, SEALED, RELEASED, ENOUGH], refusal=TOGETHER),
    # Means and spread of a manager's team, for whoever leads that manager. Never a text.
    "read_upward_scores":    row(MANAGER, never=[WAS_ASKED], when=[UPWARD, SEALED, ENOUGH], refusal=TOGETHER),
    # A committee reads no names at all; where a name is known to others, there is no k to keep.
    "read_seat_named":       row(SEAT, never=NOT_ABOUT_ME, when=[NAMED, PEER, SEALED], refusal=FOR_SEAT),
    "read_seat_batch":       row(SEAT, never=[*NOT_ABOUT_ME, WAS_ASKED], when=[WITHOUT_NAMES, PEER, SEALED, ENOUGH], refusal=FOR_SEAT),
    "read_seat_upward":      row(SEAT, never=[*NOT_ABOUT_ME, WAS_ASKED], when=[UPWARD, SEALED, ENOUGH], refusal=FOR_SEAT),
})  # fmt: skip
# The lines under which a name may stand beside a text.
READS_WITH_NAME = ("read_named", "read_named_subject", "read_confidential")
READS_BATCH = ("read_batch", "read_batch_subject", "read_upward")
READS_SCORES = ("read_upward_scores",)
READS_FROM_SEAT = ("read_seat_named", "read_seat_batch")
READS_SCORES_FROM_SEAT = ("read_seat_upward",)
# What somebody reads by who they are, and not by the seat they were given.
ANSWER_READS = ("read_own", *READS_WITH_NAME, *READS_BATCH, *READS_SCORES)
# Who reads a text may report it.
READS_OF_TEXT = (*READS_WITH_NAME, *READS_BATCH)

ABOUT = "part.answer.participant.person"
NOT_MY_CASE = [
    person_in(ABOUT),
    above(ABOUT),
    person_in("part.answer.author"),
    _was_asked("part.answer"),
]


def _reported(path: str = "") -> Relation:
    """The viewer is one of those who reported the text of the case at `path` ("" for the object)."""
    to = path.replace(".", "__") if path else "pk"

    def holds(viewer: Viewer, obj: Any) -> bool:
        from apps.feedback.models import ConcernReport

        case = walk(obj, path) if path else obj
        return (
            viewer.person_id is not None
            and ConcernReport.objects.filter(concern=case.pk, raised_by=viewer.person_id).exists()
        )

    def q(viewer: Viewer) -> Q:
        from apps.feedback.models import ConcernReport

        if viewer.person_id is None:
            return NONE
        mine = ConcernReport.objects.filter(concern=OuterRef(to), raised_by=viewer.person_id)
        return Q(Exists(mine))

    return Relation("reported it", holds, q)


RAISER = _reported()
CONFIDENTIAL_PART = one_of("part.answer.perspective.mode", [Mode.CONFIDENTIAL])
FOR_CONTENT = (
    "HR decides who is not part of it: not about themself, not in their own line, not asked."
)

# PRIVACY: HR reads no feedback but a text that one of its readers reported.
concern_gate = Gate("feedback.Concern", {
    "read_concern":    row(CONTENT, never=[*NOT_MY_CASE, RAISER], refusal=FOR_CONTENT),
    "hide_text":       row(CONTENT, never=[*NOT_MY_CASE, RAISER], during=CM["hide_text"].sources, refusal=FOR_CONTENT),
    "leave_text":      row(CONTENT, never=[*NOT_MY_CASE, RAISER], during=CM["leave_text"].sources, refusal=FOR_CONTENT),
    "show_text_again": row(CONTENT, never=[*NOT_MY_CASE, RAISER], during=CM["show_text_again"].sources, refusal=FOR_CONTENT),
    # Whose text is kept from its readers is told so: by whom and why, and not who reported it.
    "read_hiding":     row(person_in("part.answer.author"), during=[ConcernState.HIDDEN], refusal="Only whose text it is."),
    "ask_for_name":    row(CONTENT, never=[*NOT_MY_CASE, RAISER], when=[CONFIDENTIAL_PART], refusal="A name can be opened where it was promised to the manager alone, and nowhere else."),
})  # fmt: skip
# The whole of it, with who reported it and why; what stands in "read_hiding" is less.
CONCERN_READS = ("read_concern",)

# PRIVACY: who reported a text reads the own words, what became of it, and nothing of another report.
report_gate = Gate("feedback.ConcernReport", {
    "read_own_report": row(person_in("raised_by"), refusal="Only who reported it."),
})  # fmt: skip

CASE = "concern.part.answer"
NOT_MY_NAME = [
    person_in(f"{CASE}.participant.person"),
    above(f"{CASE}.participant.person"),
    person_in(f"{CASE}.author"),
    _was_asked(CASE),
    _reported("concern"),
]
ASKED_FOR, DECIDED = person_in("asked_by"), person_in("decided_by")
AGREED = [DisclosureState.AGREED]

disclosure_gate = Gate("feedback.Disclosure", {
    "read_disclosure":        row(CONTENT, never=NOT_MY_NAME, refusal=FOR_CONTENT),
    # Whose name was opened is told so, and by whom and why.
    "read_disclosure_giver":  row(person_in(f"{CASE}.author"), during=AGREED, refusal="Only whose name was opened."),
    "agree_to_disclosure":    row(CONTENT, never=[*NOT_MY_NAME, ASKED_FOR], during=DM["agree_to_disclosure"].sources, refusal="It takes a second person of HR."),
    "refuse_disclosure":      row(CONTENT, never=[*NOT_MY_NAME, ASKED_FOR], during=DM["refuse_disclosure"].sources, refusal="It takes a second person of HR."),
    "open_name":              row(both(CONTENT, either(ASKED_FOR, DECIDED)), never=NOT_MY_NAME, during=AGREED, refusal="Only the two who opened it."),
})  # fmt: skip
DISCLOSURE_READS = ("read_disclosure", "read_disclosure_giver")

RECEIVER = person_in("receiver")

# PRIVACY: exactly those it was addressed to, today. No office reads it, and a manager of yesterday
# loses it with the reporting line.
unasked_gate = Gate("feedback.UnaskedFeedback", {
    "read_given_unasked":      row(GIVER, refusal=FOR_THE_TWO),
    "read_received_unasked":   row(RECEIVER, refusal=FOR_THE_TWO),
    "read_unasked_as_manager": row(person_in("receiver.manager"), when=[one_of("audience", [Audience.PERSON_AND_MANAGER])], refusal="It was addressed to the person alone."),
    "give_unasked":            row(GIVER, never=[RECEIVER], refusal="Nobody writes to themself here; a note is the place for that."),
    "withdraw_unasked":        row(GIVER, refusal="Only the person who gave it takes it back."),
    "keep_unasked":            row(RECEIVER, refusal="Only the person it was given to keeps it."),
})  # fmt: skip
UNASKED_READS = ("read_given_unasked", "read_received_unasked", "read_unasked_as_manager")
