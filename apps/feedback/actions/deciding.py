"""Whoever decides on a person's peers: approves, leaves out, replaces, adds, and says that those who
are left are enough; and what the clock approves when nobody did in time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from django.db import transaction
from django.db.models import Count, F

from apps.core.access import SYSTEM_VIEWER, Viewer
from apps.core.audit import record, record_keys, record_many
from apps.core.copying import Among
from apps.core.workflow import StaleState, advance
from apps.feedback.access import request_gate
from apps.feedback.actions.asking import (
    check_doubts,
    check_peers,
    hold_givers,
    peer_perspective,
)
from apps.feedback.models import FewerPeers, Perspective, Request, participants_who_lack_peers
from apps.feedback.rules import has_enough, within_budget
from apps.feedback.states import COUNTED, REQUEST_MOVES, STILL_ASKED, Mode, RequestState
from apps.reviews.models import Participant


@transaction.atomic
def approve_request(request: Request, *, by: Viewer, now: datetime, overrule: bool = False) -> None:
    """Let this person be asked. An anonymous one waits until enough are asked together.

    Errors: Doubtful when as many are asking them as the cycle allows, unless `overrule`.
    """
    request_gate.require(by, "approve_request", request)
    if not overrule:
        check_doubts(request.perspective, {request.giver_id}, now=now, only="budget")
    _approve([request])
    record("approve_request", request, by=by, at=now, state=str(request.state), overruled=overrule)


@transaction.atomic
def approve_peers(
    participant: Participant, *, by: Viewer, now: datetime, overrule: bool = False
) -> int:
    """Approve all that is still proposed for a participant. Result: how many.

    The gate is asked for each; one that may not be approved stops them all. Errors: Doubtful with
    everybody for whom enough are asking, unless `overrule`.
    """
    waiting = list(
        Request.objects.with_people()
        .filter(participant=participant, state=RequestState.PROPOSED)
        .of_peers()
    )
    for request in waiting:
        request_gate.require(by, "approve_request", request)
    if waiting:
        if not overrule:
            givers = {request.giver_id for request in waiting}
            check_doubts(waiting[0].perspective, givers, now=now, only="budget")
        _approve(waiting)
        record_many(
            "approve_request",
            waiting,
            by=by,
            at=now,
            each=lambda r: {"state": str(r.state), "overruled": overrule},
        )
    return len(waiting)


class Waiting(Protocol):
    """What must be known of a proposal to approve it: a Request, or a row of its keys alone."""

    @property
    def pk(self) -> int: ...
    @property
    def giver_id(self) -> int: ...
    @property
    def participant_id(self) -> int: ...


@transaction.atomic
def approve_in_time(perspective: Perspective, waiting: Sequence[Waiting], *, now: datetime) -> int:
    """What nobody decided on by the due day counts as approved. Result: how many.

    Only up to the budget of each giver: more than that takes a person who says so, and waits for
    one. At most 9 queries for the whole company; StaleState when somebody decided meanwhile.
    """
    hold_givers({r.giver_id for r in waiting})
    loads = dict(
        Request.objects.counted()
        .filter(perspective=perspective)
        .order_by()
        .values_list("giver_id")
        .annotate(load=Count("pk"))
    )
    keys, _left = within_budget(
        [(r.pk, r.giver_id) for r in waiting], loads, perspective.giver_budget
    )
    taken = set(keys)
    about = {r.pk: r.participant_id for r in waiting if r.pk in taken}
    approved = Counter(about.values())
    if perspective.mode == Mode.ANONYMOUS:
        enough = _enough_with(perspective, approved)
        _move_all("hold_request", [pk for pk in keys if about[pk] not in enough])
        _move_all("approve_request", [pk for pk in keys if about[pk] in enough])
        _open_when_enough(perspective, enough)
    else:
        _move_all("approve_request", keys)
    record_keys(
        "approve_request_in_time",
        Participant,
        {pk: {"approved": number} for pk, number in approved.items()},
        by=SYSTEM_VIEWER,
        at=now,
    )
    return len(keys)


def _move_all(name: str, keys: Sequence[int]) -> None:
    """Take this edge with all of these. At most 1 query. Errors: StaleState when one has moved."""
    move = REQUEST_MOVES[name]
    moved = Request.objects.filter(Among(F("pk"), keys), state__in=move.sources)
    if keys and moved.update(state=move.target) != len(keys):
        raise StaleState("Some of these were decided on meanwhile")


def _enough_with(perspective: Perspective, more: Mapping[int, int]) -> set[int]:
    """Those about whom enough are asked together once `more` of each are. 1 query.

    Who is counted once stays counted, so what is enough here is enough when it is written.
    """
    together = dict(
        Request.objects.counted()
        .filter(perspective=perspective)
        .order_by()
        .values_list("participant_id")
        .annotate(together=Count("pk"))
    )
    return {
        pk
        for pk, number in more.items()
        if has_enough(together.get(pk, 0) + number, perspective.mode, perspective.threshold)
    }


def _approve(requests: Sequence[Request]) -> None:
    """PRIVACY: in anonymous mode all are held until the promise can be kept, then opened together."""
    perspective = requests[0].perspective
    anonymous = perspective.mode == Mode.ANONYMOUS
    for request in requests:
        advance(request, REQUEST_MOVES["hold_request" if anonymous else "approve_request"])
    if anonymous:
        _open_when_enough(perspective, [requests[0].participant_id])


def _open_when_enough(perspective: Perspective, participant_ids: Collection[int]) -> None:
    """Everybody who is held goes out, for each of these about whom enough are asked together."""
    move = REQUEST_MOVES["open_request"]
    about = Among(F("participant_id"), participant_ids)
    enough = (
        Request.objects.filter(about, perspective=perspective, state__in=COUNTED)
        .order_by()
        .values("participant_id")
        .annotate(together=Count("pk"))
        .filter(together__gte=F("perspective__threshold"))
        .values("participant_id")
    )
    held = Request.objects.filter(about, perspective=perspective, state__in=move.sources)
    held.filter(participant__in=enough).update(state=move.target)


@transaction.atomic
def turn_down_request(request: Request, *, by: Viewer, now: datetime) -> None:
    """Not this person. The proposer sees that it was not approved."""
    request_gate.require(by, "turn_down_request", request)
    advance(request, REQUEST_MOVES["turn_down_request"])
    record("turn_down_request", request, by=by, at=now)


@transaction.atomic
def add_request(
    participant: Participant, *, giver_id: int, by: Viewer, now: datetime, overrule: bool = False
) -> Request:
    """The manager asks somebody whom the person did not name.

    Errors: NotAllowed for somebody who cannot be asked, Doubtful for somebody whom enough are asking
    or who has only just come (unless `overrule`), StaleState for somebody asked already.
    """
    perspective = peer_perspective(participant)
    request = Request(
        perspective=perspective,
        participant=participant,
        giver_id=giver_id,
        proposed_by_id=by.person_id,
        state=RequestState.HELD if perspective.mode == Mode.ANONYMOUS else RequestState.ASKED,
    )
    request_gate.require(by, "add_request", request)
    check_peers(participant, {giver_id}, now)
    if not overrule:
        check_doubts(perspective, {giver_id}, now=now)
    known = Request.objects.filter(
        perspective=perspective, participant=participant, giver_id=giver_id
    ).first()
    if known is None:
        request.save()
    elif known.state in {RequestState.PROPOSED, RequestState.TURNED_DOWN}:
        # The manager's own second thought: what was turned down may be asked after all.
        moved = Request.objects.filter(pk=known.pk, state=known.state)
        if not moved.update(state=request.state):
            raise StaleState(f"{known} was decided meanwhile")
        request = known
    else:
        raise StaleState(f"{known} is asked already")
    if perspective.mode == Mode.ANONYMOUS:
        _open_when_enough(perspective, [participant.pk])
    FewerPeers.objects.filter(participant=participant).delete()  # somebody is needed after all
    record("add_request", request, by=by, at=now, overruled=overrule)
    return request


@transaction.atomic
def replace_request(
    request: Request, *, giver_id: int, by: Viewer, now: datetime, overrule: bool = False
) -> Request:
    """Somebody else in place of one who was proposed, was left out, or declined.

    What was proposed is turned down; what was declined stays as it is. Errors: as `add_request`.
    """
    if request.state == RequestState.PROPOSED:
        turn_down_request(request, by=by, now=now)
    return add_request(request.participant, giver_id=giver_id, by=by, now=now, overrule=overrule)


@transaction.atomic
def accept_fewer_peers(
    participant: Participant, *, left: int | None, by: Viewer, now: datetime
) -> FewerPeers:
    """The peers who are left are enough: nobody is asked to name another, until one more is gone.

    Arguments: `left` how many were left on the page that was seen. Errors: StaleState when it is
    another number by now, and where nobody is missing. PRIVACY: nobody is ever missing because of a
    decline without names, so none is counted here.
    """
    perspective = peer_perspective(participant)
    request = Request(perspective=perspective, participant=participant)
    request_gate.require(by, "accept_fewer_peers", request)
    if not participants_who_lack_peers().filter(pk=participant.pk).exists():
        raise StaleState(f"{participant} lacks nobody")
    about = Request.objects.filter(perspective=perspective, participant=participant)
    if about.filter(state__in=STILL_ASKED).count() != left:
        raise StaleState(f"Another number is left about {participant} by now")
    accepted, _new = FewerPeers.objects.update_or_create(
        participant=participant,
        defaults={"left": left, "accepted_at": now, "accepted_by_id": by.person_id},
    )
    record("accept_fewer_peers", participant, by=by, at=now, left=left)
    return accepted
