"""Who is asked: proposed by the person, and all reports at once for feedback to their manager."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.db.models import Count, F, Value
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.core.access import Viewer
from apps.core.audit import record
from apps.core.copying import Among, insert_select
from apps.feedback.access import perspective_gate, request_gate
from apps.feedback.models import Perspective, Request, on_board, with_load
from apps.feedback.rules import Doubtful, NotAllowed, doubts, peers_wanted, refused_peers
from apps.feedback.states import COUNTED, Mode, PerspectiveKind, RequestState
from apps.people.models import Person
from apps.reviews.models import Participant
from apps.reviews.states import ParticipantState

REFUSALS = {
    "self": _("Nobody is asked about themself."),
    "manager": _("The manager writes a review and is not asked as a peer."),
    "not_employed": _("Somebody on the list does not work here any more."),
}
DOUBTS = {
    "budget": _(
        "%(name)s is asked by %(load)s people already, the most that this cycle asks of anybody."
    ),
    "new": _("%(name)s has been here for less than %(days)s days."),
}


def peer_perspective(participant: Participant) -> Perspective:
    """The peer feedback of this participant's cycle. 1 query. Errors: NotAllowed without one."""
    perspective = Perspective.objects.filter(
        cycle=participant.cycle_id, kind=PerspectiveKind.PEER
    ).first()
    if perspective is None:
        raise NotAllowed(str(_("This cycle asks for no peer feedback.")))
    return perspective


@transaction.atomic
def propose_peers(
    participant: Participant, *, giver_ids: Collection[int], by: Viewer, now: datetime
) -> None:
    """The person names who they would like to hear from; what they proposed before is replaced.

    Errors: NotAllowed with a sentence for too few, too many, or somebody who cannot be asked, for
    whom as many are asking as the cycle allows, or who has only just come.
    """
    perspective = peer_perspective(participant)
    wanted = set(giver_ids)
    request_gate.require(
        by, "propose_peers", Request(perspective=perspective, participant=participant)
    )
    about_me = Request.objects.filter(perspective=perspective, participant=participant)
    approved = about_me.filter(proposed_by=by.person_id, state__in=COUNTED).exclude(
        giver_id__in=wanted
    )
    fewest, most = peers_wanted(perspective.mode, perspective.threshold, approved.count())
    if not fewest <= len(wanted) <= most:
        raise NotAllowed(
            _("Name %(fewest)s to %(most)s people.") % {"fewest": fewest, "most": most}
        )
    check_peers(participant, wanted, now)
    known = dict(about_me.values_list("giver_id", "state"))
    check_doubts(perspective, wanted - known.keys(), now=now)
    mine = about_me.filter(state=RequestState.PROPOSED)
    mine.filter(proposed_by=by.person_id).exclude(giver_id__in=wanted).delete()
    mine.filter(giver_id__in=wanted).update(proposed_by=by.person_id)
    Request.objects.bulk_create(
        (
            Request(
                perspective=perspective,
                participant=participant,
                giver_id=giver_id,
                proposed_by_id=by.person_id,
                state=RequestState.PROPOSED,
            )
            for giver_id in sorted(wanted - known.keys())
        ),
        ignore_conflicts=True,
    )
    record(
        "propose_peers", participant, by=by, at=now, cycle=participant.cycle_id, peers=len(wanted)
    )


def check_peers(participant: Participant, giver_ids: Collection[int], now: datetime) -> None:
    """Raises NotAllowed for somebody who is never asked about this participant. 1 query."""
    employed = set(
        Person.objects.employed(on=timezone.localdate(now))
        .filter(pk__in=giver_ids)
        .values_list("pk", flat=True)
    )
    refused = refused_peers(
        giver_ids,
        subject_id=participant.person_id,
        manager_ids={participant.person.manager_id, participant.manager_id},
        employed=employed,
    )
    if refused:
        raise NotAllowed(str(REFUSALS[next(iter(refused.values()))]))


def check_doubts(
    perspective: Perspective, giver_ids: Collection[int], *, now: datetime, only: str = ""
) -> None:
    """Raises Doubtful, naming each for whom enough are asking, or who has only just come.

    `only` "budget" leaves out the newcomers, about whom the choice was made already. At most 2
    queries.
    """
    if not giver_ids:
        return
    hold_givers(giver_ids)
    people = {p.pk: p for p in with_load(Person.objects.filter(pk__in=giver_ids), perspective)}
    found = doubts(
        {pk: (p.load, p.hired_on) for pk, p in people.items()},  # type: ignore[attr-defined]
        budget=perspective.giver_budget,
        least_days=perspective.least_days,
        on=timezone.localdate(now),
    )
    sentences = [
        DOUBTS[why]
        % {
            "name": people[pk].name,
            "load": people[pk].load,  # type: ignore[attr-defined]  # annotated
            "days": perspective.least_days,
        }
        for pk, why in sorted(found.items(), key=lambda pair: people[pair[0]].name)
        if not only or why == only
    ]
    if sentences:
        raise Doubtful(" ".join(sentences))


def hold_givers(giver_ids: Collection[int]) -> None:
    """Hold these people until the end of the transaction, so that of two who ask one person at once
    the second counts the first (on PostgreSQL; SQLite has one writer). 1 query.

    Whoever counts what is asked of somebody in order to ask once more holds them before counting.
    """
    rows = Person.objects.filter(Among(F("pk"), giver_ids)).order_by("pk")
    list(rows.select_for_update(no_key=True).values_list("pk", flat=True))


@transaction.atomic
def ask_upward(perspective: Perspective, *, by: Viewer, now: datetime) -> int:
    """Ask everyone who reports to a participant and has been here long enough. Result: how many.

    PRIVACY: a manager with fewer of them than the threshold is left out whole. One statement for
    the whole company; asking twice asks nobody twice.
    """
    perspective_gate.require(by, "ask_upward", perspective)
    today, days = timezone.localdate(now), perspective.least_days
    large_enough = (
        Person.objects.filter(on_board(on=today, least_days=days), manager__isnull=False)
        .order_by()
        .values("manager_id")
        .annotate(reports_now=Count("pk"))
    )
    if perspective.mode == Mode.ANONYMOUS:
        large_enough = large_enough.filter(reports_now__gte=perspective.threshold)
    about = Participant.objects.filter(
        on_board("person__reports__", on=today, least_days=days),
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
        "decline_code": Value(""),
        "decline_reason": Value(""),
    }
    asked = insert_select(Request, about, columns)
    if asked:
        record("ask_upward", perspective, by=by, at=now, asked=asked)
    return asked
