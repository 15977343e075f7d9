"""The front page of feedback: what is asked of me, what I asked for, and what I may read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import groupby

from django.db.models import Count, Exists, OuterRef, Q, Subquery

from apps.core.access import Viewer
from apps.core.rows import Rows
from apps.feedback.access import DECIDES_FOR_PARTICIPANT, request_gate
from apps.feedback.models import (
    FeedbackDraft,
    Perspective,
    Request,
    UnaskedFeedback,
    minutes_to_give,
    participants_to_propose,
    participants_who_lack_peers,
)
from apps.feedback.pages.concerns import true_where
from apps.feedback.pages.reporting import Told, told_to
from apps.feedback.rules import short_promise, shown_state
from apps.feedback.states import Mode, PerspectiveKind, PerspectiveState, RequestState
from apps.people.states import Office
from apps.reviews.access import manager_of
from apps.reviews.models import Cycle, CyclePhase, Participant
from apps.reviews.states import DELIVERED, RUNNING, CycleState, ParticipantState, Phase

MOST_ROWS, LATEST = 100, 3
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
    promise: str
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
class Waiting:
    """One kind of feedback about somebody. `why` is a word for the template: "ready",
    "figures", "as_it_comes", "collecting" or "at_release"; never whether anybody answered."""

    kind: str
    why: str


@dataclass(frozen=True)
class ToRead:
    """`may_open` False while all of it waits; then `opens_on` is the day of release, if known."""

    participant_id: int
    person: str
    cycle: str
    may_open: bool
    opens_on: date | None
    kinds: list[Waiting]

    @property
    def has_more_to_say(self) -> bool:
        """Not all of it can simply be read."""
        return any(kind.why != "ready" for kind in self.kinds)


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
    to_replace: list[ToChoose]
    unasked: list[UnaskedFeedback]
    told: list[Told]
    looks_at_concerns: bool = False

    @property
    def minutes(self) -> int:
        """How long all that is asked takes."""
        return sum(row.minutes for row in self.to_answer)


def due_of(phase: Phase | OuterRef, path: str = "cycle_id") -> Subquery:
    """The day a phase of the row's cycle is due, as a column of the row; `phase` may be a column too."""
    phases = CyclePhase.objects.filter(cycle=OuterRef(path), kind=phase)
    return Subquery(phases.order_by().values("due_on")[:1])


def my_feedback(viewer: Viewer) -> MyFeedback:
    """7 queries, one more for an HR process admin, and one for whoever reported a text or had one
    reported; none grows with the rows."""
    if viewer.person_id is None:
        return MyFeedback([], [], [], [], [], [], [], [], [], [], [])
    asked = asked_of(viewer)
    people, about_me, to_propose = _seats(viewer)
    return MyFeedback(
        to_answer=[row for row in asked if row.state == RequestState.ASKED],
        sent=[row for row in asked if row.state == RequestState.ANSWERED],
        to_propose=to_propose,
        to_approve=_to_approve(viewer),
        named=_named_by(viewer),
        people=people,
        about_me=about_me,
        cycles_to_set_up=_cycles_to_set_up(viewer),
        to_replace=_to_replace(viewer),
        unasked=list(UnaskedFeedback.objects.received_by(viewer).select_related("giver")[:LATEST]),
        told=told_to(viewer),
        looks_at_concerns=Office.CONTENT_ADMIN.value in viewer.roles,
    )


def asked_of(viewer: Viewer) -> list[Asked]:
    """What I can write, or sent and can still change, the earliest due first. 1 query."""
    mine = (
        # To answer, or sent with a name and open to change.
        request_gate.visible(viewer, Request.objects.all(), "write_feedback", "edit_feedback")
        .annotate(
            due_on=due_of(Phase.COLLECTION, "participant__cycle_id"),
            begun=Exists(FeedbackDraft.objects.filter(request=OuterRef("pk"))),
            minutes=minutes_to_give(),
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
            short_promise(r.perspective.mode, upward=r.perspective.kind == PerspectiveKind.UPWARD),
            r.state,
            r.minutes,
            r.due_on,
            r.begun,
        )
        for r in mine
    ]


def _to_approve(viewer: Viewer) -> list[ToChoose]:
    # What still waits in collection is due there, as the duty says.
    due = due_of(OuterRef("participant__cycle__state"), "participant__cycle_id")
    rows = (
        request_gate.visible(viewer, Request.objects.to_approve(), "approve_request")
        .order_by("participant__person__name")
        .values("participant_id", "participant__person__name", "participant__cycle__name")
        .annotate(waiting=Count("pk"), due_on=due)[:MOST_ROWS]
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


def _to_replace(viewer: Viewer) -> list[ToChoose]:
    """People about whom somebody else is to be asked: the rows of the duty, for whoever may decide;
    `waiting` counts who declined.

    PRIVACY: only where names are known. Without names a decline is nobody's business, see
    rules.shown_state.
    """
    declined = Q(
        feedback_requests__perspective__kind=PerspectiveKind.PEER,
        feedback_requests__perspective__mode__in=[Mode.NAMED, Mode.CONFIDENTIAL],
        feedback_requests__state=RequestState.DECLINED,
    )
    rows = (
        participants_who_lack_peers()
        .filter(DECIDES_FOR_PARTICIPANT.q(viewer))
        .exclude(person=viewer.person_id)
        .annotate(
            declined=Count("feedback_requests", filter=declined), due_on=due_of(Phase.COLLECTION)
        )
        .order_by("person__name", "pk")
        .values_list("pk", "person__name", "cycle__name", "due_on", "declined")[:MOST_ROWS]
    )
    return [ToChoose(*row) for row in rows]


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


def _seats(viewer: Viewer) -> tuple[list[ToRead], list[ToRead], list[ToChoose]]:
    """To read about my people, and about me; and where I am to name peers. 1 query, for Django puts
    one large statement together sooner than two.

    PRIVACY: listed by who is in a cycle that asks for feedback, never by whether any came.
    """
    proposing = Q(
        Exists(participants_to_propose().filter(pk=OuterRef("pk"), person=viewer.person_id))
    )
    mine = Q(person=viewer.person_id) & (
        Q(state__in=[state.value for state in DELIVERED])
        | Q(
            state=ParticipantState.ACTIVE.value,
            cycle__state__in=[state.value for state in READABLE_FROM],
        )
    )
    of_my_people = manager_of().q(viewer) & Q(
        cycle__state__in=[state.value for state in READABLE_FROM]
    )
    kinds = Perspective.objects.filter(cycle=OuterRef("cycle_id"))
    team = Request.objects.asked().filter(
        participant=OuterRef("pk"), perspective__kind=PerspectiveKind.UPWARD
    )
    release = CyclePhase.objects.filter(cycle=OuterRef("cycle_id"), kind=Phase.DELIVERY)
    found = (
        Participant.objects.filter(mine | of_my_people | proposing, Exists(kinds))
        .annotate(
            is_to_propose=true_where(proposing),
            is_me=true_where(mine),
            kinds=Rows(kinds, "kind", "mode", "state"),
            leads=Exists(team),
            opens_on=Subquery(release.order_by().values("opens_on")[:1]),
            due_on=due_of(Phase.NOMINATION),
        )
        .select_related("person", "cycle")
        .order_by("-is_to_propose", "-is_me", "-cycle__period_end", "person__name", "pk")
    )[:MOST_ROWS]
    people: list[ToRead] = []
    about_me: list[ToRead] = []
    to_propose: list[ToChoose] = []
    for p in found:
        if p.is_to_propose:  # type: ignore[attr-defined]  # annotated
            to_propose.append(ToChoose(p.pk, p.person.name, p.cycle.name, p.due_on, 0))  # type: ignore[attr-defined]  # annotated
        elif p.is_me:  # type: ignore[attr-defined]  # annotated
            about_me.append(_to_read(p, about_me=True))
        else:
            people.append(_to_read(p, about_me=False))
    return people, about_me, to_propose


def _to_read(p: Participant, *, about_me: bool) -> ToRead:
    return ToRead(
        p.pk,
        p.person.name,
        p.cycle.name,
        not about_me or p.state in DELIVERED,
        p.opens_on,  # type: ignore[attr-defined]  # annotated
        [
            Waiting(
                str(PerspectiveKind(kind).label),
                waits_for(
                    mode,
                    state,
                    released=not about_me or p.state in DELIVERED,
                    figures=not about_me and kind == PerspectiveKind.UPWARD,
                ),
            )
            for kind, mode, state in sorted(p.kinds)  # type: ignore[attr-defined]  # annotated
            if kind == PerspectiveKind.PEER or p.leads  # type: ignore[attr-defined]  # annotated
        ],
    )


def waits_for(mode: str, state: str, *, released: bool, figures: bool = False) -> str:
    """What has to happen before this kind is read, as a word; "ready" when nothing has, "figures"
    where no more than those are read."""
    if state == PerspectiveState.OPEN and mode == Mode.ANONYMOUS:
        return "collecting"
    if not released:
        return "at_release"
    if state == PerspectiveState.OPEN:
        return "as_it_comes"
    return "figures" if figures else "ready"


def _cycles_to_set_up(viewer: Viewer) -> list[Cycle]:
    if Office.PROCESS_ADMIN.value not in viewer.roles:
        return []
    states = [CycleState.DRAFT, CycleState.SCHEDULED, *RUNNING]
    return list(Cycle.objects.visible_to(viewer).filter(state__in=states)[:20])
