"""Choosing who is asked: by the person, then by the manager."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Case, Count, IntegerField, Q, QuerySet, Value, When
from django.shortcuts import get_object_or_404

from apps.core.access import Answer, Viewer
from apps.feedback.access import DECIDES_FOR_PARTICIPANT, request_gate
from apps.feedback.models import Perspective, Request
from apps.feedback.pages.mine import due_of, word_of
from apps.feedback.rules import missing_to_start, peers_wanted
from apps.feedback.states import OUT, PerspectiveKind, RequestState
from apps.people.models import Person
from apps.reviews.access import SUBJECT
from apps.reviews.models import Participant
from apps.reviews.states import Phase

SUGGESTED, FOUND, MANY_REQUESTS = 12, 12, 5
SHORTEST_SEARCH = 2


@dataclass(frozen=True)
class Peer:
    person_id: int
    name: str
    job_title: str
    place: str
    chosen: bool


@dataclass(frozen=True)
class Nominate:
    """The person's own choice. `decided` are those on whom the manager decided already."""

    participant: Participant
    perspective: Perspective
    due_on: date | None
    fewest: int
    most: int
    may_propose: Answer
    chosen: list[Peer]
    suggested: list[Peer]
    found: list[Peer]
    find: str
    decided: list[tuple[str, str]]


@dataclass(frozen=True)
class ToDecide:
    """A request as the manager sees it. `load`: how many feedbacks this giver is asked for."""

    request_id: int
    name: str
    job_title: str
    word: str
    by_manager: bool
    load: int
    has_many: bool
    may_decide: Answer


@dataclass(frozen=True)
class ApprovePeers:
    participant: Participant
    perspective: Perspective
    due_on: date | None
    waiting: list[ToDecide]
    decided: list[ToDecide]
    missing: int
    may_add: Answer
    found: list[Peer]
    find: str


def nominate(
    viewer: Viewer,
    *,
    participant_id: int,
    now: datetime,
    chosen: Collection[int] | None = None,
    find: str = "",
) -> Nominate:
    """4 queries, one more for ticks and one while searching.

    `chosen` are the ticks of a form that was sent to search; without it, what was proposed before.
    """
    participant, perspective = _participant(
        Participant.objects.filter(SUBJECT.q(viewer)), participant_id
    )
    requests = list(
        Request.objects.filter(perspective=perspective, participant=participant)
        .filter(proposed_by=viewer.person_id)
        .select_related("giver", "perspective")
        .order_by("giver__name", "pk")
    )
    proposed = {r.giver_id for r in requests if r.state == RequestState.PROPOSED}
    ticked = proposed if chosen is None else set(chosen)
    decided = [r for r in requests if r.state != RequestState.PROPOSED]
    askable = _askable(participant, now=now).exclude(pk__in=[r.giver_id for r in decided])
    picked = askable.filter(pk__in=ticked).order_by("name", "pk")
    fewest, most = peers_wanted(perspective.mode, perspective.threshold)
    draft = Request(perspective=perspective, participant=participant)
    return Nominate(
        participant,
        perspective,
        participant.due_on,  # type: ignore[attr-defined]  # annotated
        fewest,
        most,
        request_gate.may(viewer, "propose_peers", draft),
        [_peer(p, chosen=True) for p in picked],
        [_peer(p) for p in _suggested(participant, askable.exclude(pk__in=ticked))],
        _found(askable.exclude(pk__in=ticked), find),
        find,
        [(r.giver.name, word_of(r, to_subject=True)) for r in decided],
    )


def approve_peers(
    viewer: Viewer, *, participant_id: int, now: datetime, find: str = ""
) -> ApprovePeers:
    """3 queries, 4 while searching: the manager's page on one person's peers."""
    rows = Participant.objects.filter(DECIDES_FOR_PARTICIPANT.q(viewer))
    participant, perspective = _participant(rows.exclude(person=viewer.person_id), participant_id)
    # PRIVACY: the load counts what was asked for, whatever came of it, and only among peers.
    everywhere = Q(
        giver__feedback_requests__perspective__cycle=participant.cycle_id,
        giver__feedback_requests__perspective__kind=PerspectiveKind.PEER,
        giver__feedback_requests__state__in=[*OUT, RequestState.HELD],
    )
    requests = list(
        Request.objects.filter(perspective=perspective, participant=participant)
        .select_related("giver", "perspective")
        .annotate(load=Count("giver__feedback_requests", filter=everywhere))
        .order_by("giver__name", "pk")
    )
    decisions = []
    for request in requests:
        request.participant = participant
        decisions.append(
            ToDecide(
                request.pk,
                request.giver.name,
                request.giver.job_title,
                word_of(request, to_subject=False),
                request.proposed_by_id != participant.person_id,
                request.load,  # type: ignore[attr-defined]  # annotated
                request.load >= MANY_REQUESTS,  # type: ignore[attr-defined]
                request_gate.may(viewer, "approve_request", request),
            )
        )
    asked = sum(r.state in {*OUT, RequestState.HELD} for r in requests)
    askable = _askable(participant, now=now).exclude(pk__in=[r.giver_id for r in requests])
    draft = Request(perspective=perspective, participant=participant)
    return ApprovePeers(
        participant,
        perspective,
        participant.due_on,  # type: ignore[attr-defined]  # annotated
        [d for d, r in zip(decisions, requests, strict=True) if r.state == RequestState.PROPOSED],
        [d for d, r in zip(decisions, requests, strict=True) if r.state != RequestState.PROPOSED],
        missing_to_start(asked, perspective.mode, perspective.threshold),
        request_gate.may(viewer, "add_request", draft),
        _found(askable, find),
        find,
    )


def request_to_decide(viewer: Viewer, *, request_id: int) -> Request:
    """1 query: a request on which this viewer decides; anything else is 404."""
    rows = Request.objects.select_related(
        "perspective", "giver", "participant__person__manager", "participant__cycle"
    )
    allowed = DECIDES_FOR_PARTICIPANT.q(viewer)
    about = Participant.objects.filter(allowed).exclude(person=viewer.person_id)
    return get_object_or_404(rows.of_peers(), pk=request_id, participant__in=about)


def _participant(
    rows: QuerySet[Participant], participant_id: int
) -> tuple[Participant, Perspective]:
    """2 queries."""
    participant = get_object_or_404(
        rows.select_related("person__manager", "person__department", "cycle").annotate(
            due_on=due_of(Phase.NOMINATION)
        ),
        pk=participant_id,
    )
    perspective = get_object_or_404(
        Perspective, cycle=participant.cycle_id, kind=PerspectiveKind.PEER
    )
    perspective.cycle = participant.cycle
    return participant, perspective


def _askable(participant: Participant, *, now: datetime) -> QuerySet[Person]:
    barred = [
        pk
        for pk in (participant.person_id, participant.person.manager_id, participant.manager_id)
        if pk is not None
    ]
    return (
        Person.objects.employed(on=now.date()).exclude(pk__in=barred).select_related("department")
    )


def _suggested(participant: Participant, askable: QuerySet[Person]) -> QuerySet[Person]:
    """Those with the same manager first, then one's own reports, then the department."""
    person = participant.person
    near = [When(manager=person.pk, then=Value(2))]
    where = Q(manager=person.pk)
    if person.manager_id is not None:
        near.insert(0, When(manager=person.manager_id, then=Value(1)))
        where |= Q(manager=person.manager_id)
    if person.department_id is not None:
        where |= Q(department=person.department_id)
    nearness = Case(*near, default=Value(3), output_field=IntegerField())
    return (
        askable.filter(where)
        .annotate(nearness=nearness)
        .order_by("nearness", "name", "pk")[:SUGGESTED]
    )


def _found(askable: QuerySet[Person], find: str) -> list[Peer]:
    words = find.split()
    if len("".join(words)) < SHORTEST_SEARCH:
        return []
    for word in words:
        askable = askable.filter(Q(name__icontains=word) | Q(job_title__icontains=word))
    return [_peer(p) for p in askable.order_by("name", "pk")[:FOUND]]


def _peer(person: Person, *, chosen: bool = False) -> Peer:
    place = person.department.name if person.department else ""
    return Peer(person.pk, person.name, person.job_title, place, chosen)
