"""Deciding who is asked about one person: for the manager, or HR where there is none."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Exists, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.shortcuts import get_object_or_404

from apps.core.access import Answer, Viewer
from apps.feedback.access import DECIDES_FOR_PARTICIPANT, request_gate
from apps.feedback.models import FewerPeers, Perspective, Request, participants_who_lack_peers
from apps.feedback.pages.choosing import seat_and_perspective
from apps.feedback.pages.mine import word_of
from apps.feedback.pages.suggesting import Peer, Suggesting
from apps.feedback.rules import missing_to_read, missing_to_start, peers_wanted, shown_state
from apps.feedback.states import COUNTED, STILL_ASKED, RequestState
from apps.reviews.models import Participant

SUGGESTED_TO_ADD = 6


@dataclass(frozen=True)
class ToDecide:
    """A request as the manager sees it. `load`: how many feedbacks this giver is asked for; `reason`
    and `words` why it was declined, where that may be known."""

    request_id: int
    name: str
    job_title: str
    word: str
    by_manager: bool
    load: int
    has_many: bool
    may_decide: Answer
    declined: bool
    reason: str
    words: str


@dataclass(frozen=True)
class Doubt:
    """What speaks against a choice that was just made; it may be made all the same. `what` is
    "all", "approve", "add" or "replace", with the key of the request and of the person asked."""

    sentence: str
    what: str
    request_id: int | None = None
    giver_id: int | None = None


@dataclass(frozen=True)
class ApprovePeers:
    """`replacing` is the one in whose place somebody is looked for.

    `standing` are those who are asked or wait here, without those who are known to have declined;
    with `unread` more the person could read something, `wanted` is the least this cycle asks for.
    Somebody else `is_lacked` when too few are left, unless whoever decides `accepted` that.
    """

    participant: Participant
    perspective: Perspective
    due_on: date | None
    waiting: list[ToDecide]
    decided: list[ToDecide]
    missing: int
    may_add: Answer
    suggested: list[Peer]
    found: list[Peer]
    find: str
    replacing: ToDecide | None
    doubt: Doubt | None
    standing: int
    declined: int
    wanted: int
    unread: int
    is_lacked: bool
    may_accept: Answer
    accepted: FewerPeers | None


def approve_peers(
    viewer: Viewer,
    *,
    participant_id: int,
    now: datetime,
    find: str = "",
    replacing: int | None = None,
    doubt: Doubt | None = None,
) -> ApprovePeers:
    """4 queries, 5 while searching: the manager's page on one person's peers."""
    rows = (
        Participant.objects.filter(DECIDES_FOR_PARTICIPANT.q(viewer))
        .annotate(is_lacked=Exists(participants_who_lack_peers().filter(pk=OuterRef("pk"))))
        .select_related("fewer_peers__accepted_by")
    )
    participant, perspective = seat_and_perspective(
        rows.exclude(person=viewer.person_id), participant_id
    )
    requests = list(_with_load(perspective, participant))
    decisions = {r.pk: _to_decide(viewer, r, participant, perspective) for r in requests}
    asked = sum(r.state in COUNTED for r in requests)
    # PRIVACY: a decline counts only where it may be known.
    standing = sum(_shown(r, perspective) in STILL_ASKED for r in requests)
    mode, threshold = perspective.mode, perspective.threshold
    suggesting = Suggesting.at(viewer, participant, perspective, now)
    known = {r.giver_id for r in requests}
    one_more = Request(perspective=perspective, participant=participant)
    may_add = request_gate.may(viewer, "add_request", one_more)
    return ApprovePeers(
        participant,
        perspective,
        participant.due_on,  # type: ignore[attr-defined]  # annotated
        [decisions[r.pk] for r in requests if r.state == RequestState.PROPOSED],
        [decisions[r.pk] for r in requests if r.state != RequestState.PROPOSED],
        missing_to_start(asked, mode, threshold),
        may_add,
        suggesting.suggested(without=known, most=SUGGESTED_TO_ADD) if may_add else [],
        suggesting.found(find, without=known),
        find,
        decisions.get(replacing or 0),
        doubt,
        standing,
        sum(decision.declined for decision in decisions.values()),
        peers_wanted(mode, threshold)[0],
        missing_to_read(standing, mode, threshold) if requests else 0,
        participant.is_lacked,  # type: ignore[attr-defined]  # annotated
        request_gate.may(viewer, "accept_fewer_peers", one_more),
        getattr(participant, "fewer_peers", None),
    )


def request_to_decide(viewer: Viewer, *, request_id: int) -> Request:
    """1 query: a request on which this viewer decides; anything else is 404."""
    rows = Request.objects.select_related(
        "perspective", "giver", "participant__person__manager", "participant__cycle"
    )
    allowed = DECIDES_FOR_PARTICIPANT.q(viewer)
    about = Participant.objects.filter(allowed).exclude(person=viewer.person_id)
    return get_object_or_404(rows.of_peers(), pk=request_id, participant__in=about)


def _with_load(perspective: Perspective, participant: Participant) -> QuerySet[Request]:
    # PRIVACY: the load counts what was asked for, whatever came of it, and only among peers.
    asked = Request.objects.counted().filter(perspective=perspective, giver=OuterRef("giver"))
    count = asked.order_by().values("giver").annotate(n=Count("pk")).values("n")
    return (
        Request.objects.filter(perspective=perspective, participant=participant)
        .select_related("giver", "perspective")
        .annotate(load=Coalesce(Subquery(count), 0))
        .order_by("giver__name", "pk")
    )


def _shown(request: Request, perspective: Perspective) -> str:
    return shown_state(request.state, perspective.mode, to_subject=False)


def _to_decide(
    viewer: Viewer, request: Request, participant: Participant, perspective: Perspective
) -> ToDecide:
    request.participant = participant
    load: int = request.load  # type: ignore[attr-defined]  # annotated
    # PRIVACY: without names nobody who decides learns that somebody declined, nor is a replacement
    # offered for them; rules.shown_state says "asked" to the end.
    declined = _shown(request, perspective) == RequestState.DECLINED
    return ToDecide(
        request.pk,
        request.giver.name,
        request.giver.job_title,
        word_of(request, to_subject=False),
        request.proposed_by_id != participant.person_id,
        load,
        load >= perspective.giver_budget,
        request_gate.may(viewer, "approve_request", request),
        declined,
        request.get_decline_code_display() if declined else "",
        request.decline_reason if declined else "",
    )
