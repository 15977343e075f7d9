"""Who is asked: proposed, approved, added, and all reports at once for feedback to their manager."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Count, F, Q, Value
from django.utils.translation import gettext as _

from apps.core.access import Viewer
from apps.core.audit import record, record_many
from apps.core.copying import insert_select
from apps.core.workflow import StaleState, advance
from apps.feedback.access import perspective_gate, request_gate
from apps.feedback.models import Perspective, Request
from apps.feedback.rules import NotAllowed, has_enough, peers_wanted, refused_peers
from apps.feedback.states import OUT, REQUEST_MOVES, Mode, PerspectiveKind, RequestState
from apps.people.models import Person
from apps.reviews.models import Participant
from apps.reviews.states import ParticipantState

REFUSALS = {
    "self": _("Nobody is asked about themself."),
    "manager": _("The manager writes a review and is not asked as a peer."),
    "not_employed": _("Somebody on the list does not work here any more."),
}


def peer_perspective(participant: Participant) -> Perspective:
    """The peer feedback of this participant's cycle. 1 query. Errors: NotAllowed without one."""
    perspective = Perspective.objects.filter(
        cycle=participant.cycle_id, kind=PerspectiveKind.PEER
    ).first()
    if perspective is None:
        raise NotAllowed(_("This cycle asks for no peer feedback."))
    return perspective


@transaction.atomic
def propose_peers(
    participant: Participant, *, giver_ids: Collection[int], by: Viewer, now: datetime
) -> None:
    """The person names who they would like to hear from; what was proposed before is replaced.

    Errors: NotAllowed with a sentence for too few, too many, or somebody who cannot be asked.
    """
    perspective = peer_perspective(participant)
    wanted = set(giver_ids)
    request_gate.require(
        by, "propose_peers", Request(perspective=perspective, participant=participant)
    )
    fewest, most = peers_wanted(perspective.mode, perspective.threshold)
    if not fewest <= len(wanted) <= most:
        raise NotAllowed(
            _("Name %(fewest)s to %(most)s people.") % {"fewest": fewest, "most": most}
        )
    _check_peers(participant, wanted, now)
    decided = Request.objects.filter(perspective=perspective, participant=participant)
    kept = set(decided.exclude(state=RequestState.PROPOSED).values_list("giver_id", flat=True))
    decided.filter(state=RequestState.PROPOSED).exclude(giver_id__in=wanted).delete()
    Request.objects.bulk_create(
        (
            Request(
                perspective=perspective,
                participant=participant,
                giver_id=giver_id,
                proposed_by_id=by.person_id,
                state=RequestState.PROPOSED,
            )
            for giver_id in sorted(wanted - kept)
        ),
        ignore_conflicts=True,
    )
    record(
        "propose_peers", participant, by=by, at=now, cycle=participant.cycle_id, peers=len(wanted)
    )


@transaction.atomic
def approve_request(request: Request, *, by: Viewer, now: datetime) -> None:
    """Let this person be asked. An anonymous one waits until enough are asked together."""
    request_gate.require(by, "approve_request", request)
    _approve([request])
    record("approve_request", request, by=by, at=now, state=str(request.state))


@transaction.atomic
def approve_peers(
    participant: Participant, *, by: Viewer, now: datetime, verb: str = "approve_request"
) -> int:
    """Approve all that is still proposed for a participant. Result: how many.

    The gate is asked for each; one that may not be approved stops them all. The system approves
    what nobody decided on in time.
    """
    waiting = list(
        Request.objects.with_people()
        .filter(participant=participant, state=RequestState.PROPOSED)
        .of_peers()
    )
    if by.kind == "person":
        for request in waiting:
            request_gate.require(by, "approve_request", request)
    if waiting:
        _approve(waiting)
        record_many(verb, waiting, by=by, at=now, each=lambda r: {"state": str(r.state)})
    return len(waiting)


def _approve(requests: Sequence[Request]) -> None:
    """PRIVACY: in anonymous mode all are held until the promise can be kept, then opened together."""
    perspective = requests[0].perspective
    anonymous = perspective.mode == Mode.ANONYMOUS
    for request in requests:
        advance(request, REQUEST_MOVES["hold_request" if anonymous else "approve_request"])
    if anonymous:
        _open_when_enough(perspective, requests[0].participant_id)


def _open_when_enough(perspective: Perspective, participant_id: int) -> None:
    together = Request.objects.filter(perspective=perspective, participant=participant_id)
    counted = together.aggregate(
        held=Count("pk", filter=Q(state=RequestState.HELD)),
        out=Count("pk", filter=Q(state__in=OUT)),
    )
    if counted["held"] and has_enough(
        counted["held"] + counted["out"], perspective.mode, perspective.threshold
    ):
        move = REQUEST_MOVES["open_request"]
        together.filter(state__in=move.sources).update(state=move.target)


@transaction.atomic
def turn_down_request(request: Request, *, by: Viewer, now: datetime) -> None:
    """Not this person. The proposer sees that it was not approved."""
    request_gate.require(by, "turn_down_request", request)
    advance(request, REQUEST_MOVES["turn_down_request"])
    record("turn_down_request", request, by=by, at=now)


@transaction.atomic
def add_request(participant: Participant, *, giver_id: int, by: Viewer, now: datetime) -> Request:
    """The manager asks somebody whom the person did not name.

    Errors: NotAllowed for somebody who cannot be asked, StaleState for somebody asked already.
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
    _check_peers(participant, {giver_id}, now)
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
        _open_when_enough(perspective, participant.pk)
    record("add_request", request, by=by, at=now)
    return request


def _check_peers(participant: Participant, giver_ids: Collection[int], now: datetime) -> None:
    employed = set(
        Person.objects.employed(on=now.date()).filter(pk__in=giver_ids).values_list("pk", flat=True)
    )
    refused = refused_peers(
        giver_ids,
        subject_id=participant.person_id,
        manager_ids={participant.person.manager_id, participant.manager_id},
        employed=employed,
    )
    if refused:
        raise NotAllowed(REFUSALS[next(iter(refused.values()))])


@transaction.atomic
def ask_upward(perspective: Perspective, *, by: Viewer, now: datetime) -> int:
    """Ask everyone who reports to a participant. Result: how many were asked.

    PRIVACY: a manager with fewer reports than the threshold is left out whole. One statement for
    the whole company; asking twice asks nobody twice.
    """
    perspective_gate.require(by, "ask_upward", perspective)
    today = now.date()
    employed = Q(person__reports__left_on=None) | Q(person__reports__left_on__gt=today)
    large_enough = (
        Person.objects.employed(on=today)
        .filter(manager__isnull=False)
        .order_by()
        .values("manager_id")
        .annotate(reports_now=Count("pk"))
    )
    if perspective.mode == Mode.ANONYMOUS:
        large_enough = large_enough.filter(reports_now__gte=perspective.threshold)
    about = Participant.objects.filter(
        employed,
        cycle=perspective.cycle_id,
        state=ParticipantState.ACTIVE,
        person_id__in=large_enough.values("manager_id"),
        person__reports__isnull=False,
    )
    columns = {
        "perspective": Value(perspective.pk),
        "participant": F("pk"),
        "giver": F("person__reports"),
        "state": Value(RequestState.ASKED.value),
        "decline_reason": Value(""),
    }
    asked = insert_select(Request, about, columns)
    if asked:
        record("ask_upward", perspective, by=by, at=now, asked=asked)
    return asked
