"""The front page of feedback: what is asked of me, what I asked for, and what I may read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import groupby

from django.db.models import Count, Exists, OuterRef, QuerySet, Subquery

from apps.core.access import Viewer
from apps.feedback.access import request_gate
from apps.feedback.models import (
    FeedbackDraft,
    Perspective,
    Request,
    participants_to_propose,
)
from apps.feedback.rules import minutes_for, shown_state
from apps.feedback.rules.asking import SHOWN_COMPETENCIES
from apps.feedback.states import PerspectiveKind, RequestState
from apps.people.states import Office
from apps.reviews.access import manager_of
from apps.reviews.models import Cycle, CyclePhase, Participant
from apps.reviews.states import DELIVERED, RUNNING, CycleState, Phase

USUAL_MINUTES = minutes_for(3, SHOWN_COMPETENCIES)
MOST_ROWS = 100
# From collection on there may be something to read about one's people.
READABLE_FROM = (
    CycleState.COLLECTION,
    CycleState.MANAGER_REVIEW,
    CycleState.CALIBRATION,
    CycleState.DELIVERY,
    CycleState.CLOSED,
)


@dataclass(frozen=True)
class Asked:
    """One request to me. `state` is my own, so nothing of it is hidden from me."""

    request_id: int
    person: str
    cycle: str
    upward: bool
    mode: str
    state: str
    minutes: int
    due_on: date | None
    begun: bool


@dataclass(frozen=True)
class ToChoose:
    """Somebody's peers are to be named (`waiting` 0) or decided on."""

    participant_id: int
    person: str
    cycle: str
    due_on: date | None
    waiting: int


@dataclass(frozen=True)
class Named:
    """Whom I named in one cycle, each with the word for what became of it."""

    cycle: str
    participant_id: int
    may_change: bool
    people: list[tuple[str, str]]


@dataclass(frozen=True)
class ToRead:
    participant_id: int
    person: str
    cycle: str


@dataclass(frozen=True)
class MyFeedback:
    """`sent` can still be changed; what went out without a name is in no list any more."""

    to_answer: list[Asked]
    sent: list[Asked]
    to_propose: list[ToChoose]
    to_approve: list[ToChoose]
    named: list[Named]
    people: list[ToRead]
    about_me: list[ToRead]
    cycles_to_set_up: list[Cycle]


def due_of(phase: Phase, path: str = "cycle_id") -> Subquery:
    """The day a phase of the row's cycle is due, as a column of the row."""
    phases = CyclePhase.objects.filter(cycle=OuterRef(path), kind=phase)
    return Subquery(phases.order_by().values("due_on")[:1])


def my_feedback(viewer: Viewer) -> MyFeedback:
    """6 queries, 7 for an HR process admin; none grows with the rows."""
    if viewer.person_id is None:
        return MyFeedback([], [], [], [], [], [], [], [])
    asked = _asked_of(viewer)
    return MyFeedback(
        to_answer=[row for row in asked if row.state == RequestState.ASKED],
        sent=[row for row in asked if row.state == RequestState.ANSWERED],
        to_propose=_to_propose(viewer),
        to_approve=_to_approve(viewer),
        named=_named_by(viewer),
        people=_readable(Participant.objects.filter(manager_of().q(viewer)), READABLE_FROM),
        about_me=_readable(
            Participant.objects.filter(person=viewer.person_id, state__in=DELIVERED), ()
        ),
        cycles_to_set_up=_cycles_to_set_up(viewer),
    )


def _asked_of(viewer: Viewer) -> list[Asked]:
    mine = (
        # To answer, or sent with a name and open to change.
        request_gate.visible(viewer, Request.objects.all(), "write_feedback", "edit_feedback")
        .annotate(
            due_on=due_of(Phase.COLLECTION, "participant__cycle_id"),
            begun=Exists(FeedbackDraft.objects.filter(request=OuterRef("pk"))),
        )
        .select_related("perspective", "participant__person", "participant__cycle")
        .order_by("due_on", "participant__person__name", "pk")[:MOST_ROWS]
    )
    return [
        Asked(
            r.pk,
            r.participant.person.name,
            r.participant.cycle.name,
            r.perspective.kind == PerspectiveKind.UPWARD,
            r.perspective.mode,
            r.state,
            USUAL_MINUTES,
            r.due_on,
            r.begun,
        )
        for r in mine
    ]


def _to_propose(viewer: Viewer) -> list[ToChoose]:
    rows = (
        participants_to_propose()
        .filter(person=viewer.person_id)
        .annotate(due_on=due_of(Phase.NOMINATION))
        .select_related("person", "cycle")[:MOST_ROWS]
    )
    return [ToChoose(p.pk, p.person.name, p.cycle.name, p.due_on, 0) for p in rows]


def _to_approve(viewer: Viewer) -> list[ToChoose]:
    rows = (
        request_gate.visible(viewer, Request.objects.to_approve(), "approve_request")
        .order_by("participant__person__name")
        .values("participant_id", "participant__person__name", "participant__cycle__name")
        .annotate(waiting=Count("pk"), due_on=due_of(Phase.NOMINATION, "participant__cycle_id"))[
            :MOST_ROWS
        ]
    )
    return [
        ToChoose(
            r["participant_id"],
            r["participant__person__name"],
            r["participant__cycle__name"],
            r["due_on"],
            r["waiting"],
        )
        for r in rows
    ]


def _named_by(viewer: Viewer) -> list[Named]:
    rows = (
        request_gate.visible(viewer, Request.objects.of_peers(), "read_request_subject")
        .filter(participant__cycle__state__in=RUNNING)
        .select_related("giver", "perspective", "participant__cycle")
        .order_by("-participant__cycle__period_end", "participant_id", "giver__name", "pk")
    )[:MOST_ROWS]
    return [
        Named(
            group[0].participant.cycle.name,
            participant_id,
            group[0].participant.cycle.state == CycleState.NOMINATION,
            [(r.giver.name, word_of(r, to_subject=True)) for r in group],
        )
        for participant_id, group in (
            (key, list(members)) for key, members in groupby(rows, lambda r: r.participant_id)
        )
    ]


def word_of(request: Request, *, to_subject: bool) -> str:
    """The word for a request's state that this reader may know."""
    state = shown_state(request.state, request.perspective.mode, to_subject=to_subject)
    return str(RequestState(state).label)


def _readable(rows: QuerySet[Participant], states: tuple[CycleState, ...]) -> list[ToRead]:
    """PRIVACY: listed by who is in a cycle that asks for feedback, never by whether any came."""
    kinds = Perspective.objects.filter(cycle=OuterRef("cycle_id"))
    found = rows.filter(Exists(kinds))
    if states:
        found = found.filter(cycle__state__in=states)
    found = found.select_related("person", "cycle").order_by(
        "-cycle__period_end", "person__name", "pk"
    )
    return [ToRead(p.pk, p.person.name, p.cycle.name) for p in found[:MOST_ROWS]]


def _cycles_to_set_up(viewer: Viewer) -> list[Cycle]:
    if Office.PROCESS_ADMIN.value not in viewer.roles:
        return []
    states = [CycleState.DRAFT, CycleState.SCHEDULED, *RUNNING]
    return list(Cycle.objects.visible_to(viewer).filter(state__in=states)[:20])
