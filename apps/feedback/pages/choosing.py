"""The person's own choice of who is asked."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from apps.core.access import Answer, Viewer
from apps.feedback.access import request_gate
from apps.feedback.models import Perspective, Request
from apps.feedback.pages.mine import due_of, word_of
from apps.feedback.pages.suggesting import Peer, Suggesting
from apps.feedback.rules import missing_to_read, peers_wanted
from apps.feedback.states import COUNTED, PerspectiveKind, RequestState
from apps.reviews.access import SUBJECT
from apps.reviews.models import Participant
from apps.reviews.states import Phase


@dataclass(frozen=True)
class Nominate:
    """The person's own choice. `decided` are those on whom the manager decided already, `listed` how
    many of all whom they named are not left out; with `unread` more they could read something.

    PRIVACY: only of whom they named themself, and nothing of what came of it once they are asked.
    """

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
    approved: int
    left_out: int
    listed: int
    unread: int


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
    participant, perspective = seat_and_perspective(
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
    suggesting = Suggesting.at(viewer, participant, perspective, now)
    picked = suggesting.askable().filter(pk__in=ticked - {r.giver_id for r in decided})
    shown = ticked | {r.giver_id for r in decided}
    approved = sum(r.state in COUNTED for r in decided)
    left_out, listed = len(decided) - approved, len(proposed) + approved
    mode, threshold = perspective.mode, perspective.threshold
    fewest, most = peers_wanted(mode, threshold, approved)
    draft = Request(perspective=perspective, participant=participant)
    return Nominate(
        participant,
        perspective,
        participant.due_on,  # type: ignore[attr-defined]  # annotated
        fewest,
        most,
        request_gate.may(viewer, "propose_peers", draft),
        [suggesting.peer(p, chosen=True) for p in picked.order_by("name", "pk")],
        suggesting.suggested(without=shown),
        suggesting.found(find, without=shown),
        find,
        [(r.giver.name, word_of(r, to_subject=True)) for r in decided],
        approved,
        left_out,
        listed,
        missing_to_read(listed, mode, threshold) if left_out else 0,
    )


def seat_and_perspective(
    rows: QuerySet[Participant], participant_id: int
) -> tuple[Participant, Perspective]:
    """2 queries: one of these participants, with `due_on`, and the peer feedback of the cycle; 404."""
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
