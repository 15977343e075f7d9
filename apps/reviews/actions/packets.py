"""Handing the result out, and what the person answers: acknowledged, disputed, settled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Count, Q
from django.utils.translation import gettext as _

from apps.core.access import Viewer
from apps.core.audit import record, record_many
from apps.core.workflow import StaleState, advance
from apps.people.models import Person
from apps.people.viewers import people_above
from apps.reviews.access import participant_gate
from apps.reviews.actions.ratings import Given, record_ratings
from apps.reviews.models import Dispute, Participant
from apps.reviews.rules.packets import Candidate, choose_arbiter
from apps.reviews.rules.phases import Hindered, dispute_ends_at
from apps.reviews.rules.ratings import Rating, Subject
from apps.reviews.states import PARTICIPANT_MOVES, RatingSource


def release_packet(participant_id: int, *, by: Viewer, now: datetime) -> Participant:
    """Let one person read their packet. Errors: as release_wave."""
    return release_wave([participant_id], by=by, now=now)[0]


@transaction.atomic
def release_wave(
    participant_ids: Sequence[int], *, cycle_id: int | None = None, by: Viewer, now: datetime
) -> list[Participant]:
    """Let these people read their packets: every one of them is checked, and all go or none.

    Arguments: `cycle_id` the cycle to which all must belong. 5 queries for up to 500 people. Errors:
    Participant.DoesNotExist for an id that this viewer does not see; PermissionDenied; Hindered with
    one sentence a person; StaleState when one moved.
    """
    wanted = set(participant_ids)
    wave = list(
        Participant.objects.visible_to(by)
        .filter(pk__in=wanted)
        .select_related("cycle", "person", "manager")
        .with_waits()
        .with_hindrances()
    )
    strangers = [p for p in wave if cycle_id is not None and p.cycle_id != cycle_id]
    if not wanted or len(wave) != len(wanted) or strangers:
        raise Participant.DoesNotExist
    reasons = []
    for participant in wave:
        participant_gate.require(by, "release_packet", participant)
        if why := participant.hindrance():
            reasons.append(f"{participant.person.name}: {why}")
    if reasons:
        raise Hindered(*reasons)
    move = PARTICIPANT_MOVES["release_packet"]
    rows = Participant.objects.filter(pk__in=wanted, state__in=move.sources)
    if rows.update(state=move.target, released_at=now, released_by_id=by.person_id) != len(wave):
        raise StaleState("one of them moved at the same moment")
    for participant in wave:
        participant.state = move.target
        participant.released_at, participant.released_by_id = now, by.person_id
    record_many("release_packet", wave, by=by, at=now)
    return wave


@transaction.atomic
def unshare_packet(participant: Participant, *, by: Viewer, now: datetime) -> None:
    """Take it back before the person has answered. Errors: StaleState, PermissionDenied."""
    participant_gate.require(by, "unshare_packet", participant)
    advance(participant, PARTICIPANT_MOVES["unshare_packet"], released_at=None, released_by_id=None)
    record("unshare_packet", participant, by=by, at=now)


@transaction.atomic
def acknowledge_packet(
    participant: Participant, *, reply: str = "", by: Viewer, now: datetime
) -> None:
    """The person has it. It means received, not agreed; the reply is theirs to give or not."""
    participant_gate.require(by, "acknowledge_packet", participant)
    advance(
        participant,
        PARTICIPANT_MOVES["acknowledge_packet"],
        acknowledged_at=now,
        reply=reply.strip(),
    )
    record("acknowledge_packet", participant, by=by, at=now, replied=bool(reply.strip()))


@transaction.atomic
def dispute_packet(participant: Participant, *, text: str, by: Viewer, now: datetime) -> Dispute:
    """The person objects; a third person is named at once.

    Errors: Hindered without a text, after the last day, or when nobody is left to decide.
    """
    participant_gate.require(by, "dispute_packet", participant)
    if not text.strip():
        raise Hindered(_("Say what you see differently; the third person reads it."))
    if participant.released_at is None or now > dispute_ends_at(
        participant.released_at,
        days=participant.cycle.dispute_days,
        zone=participant.person.time_zone,
    ):
        raise Hindered(_("The days for a dispute are over. Talk to HR; they can still help."))
    arbiter_id = _arbiter_for(participant, now)
    if arbiter_id is None:
        raise Hindered(
            _("There is nobody yet who could settle this. Please ask HR to name someone.")
        )
    advance(participant, PARTICIPANT_MOVES["dispute_packet"])
    dispute = Dispute.objects.create(
        participant=participant, text=text.strip(), opened_at=now, arbiter_id=arbiter_id
    )
    record("dispute_packet", participant, by=by, at=now, arbiter=arbiter_id)
    return dispute


def _arbiter_for(participant: Participant, now: datetime) -> int | None:
    """An HR content admin outside the person's own line, else the skip-level; never a manager."""
    person = participant.person
    is_open = Q(disputes_to_settle__isnull=False, disputes_to_settle__settled_at=None)
    admins = (
        Person.objects.employed(on=now.date())
        .filter(is_content_admin=True)
        .annotate(open_disputes=Count("disputes_to_settle", filter=is_open))
    )
    candidates = [
        Candidate(
            person_id=admin.pk,
            is_content_admin=True,
            in_line=person.pk in people_above(admin),
            open_disputes=admin.open_disputes,
        )
        for admin in admins
    ]
    skip_level = person.manager.manager if person.manager is not None else None
    if skip_level is not None and skip_level.left_on and skip_level.left_on <= now.date():
        skip_level = None
    return choose_arbiter(
        candidates,
        skip_level_id=skip_level.pk if skip_level is not None else None,
        barred=frozenset({person.pk, person.manager_id, participant.manager_id}),
    )


@transaction.atomic
def settle_dispute(
    participant: Participant,
    *,
    outcome: str,
    ratings: Mapping[Subject, Rating] | None = None,
    by: Viewer,
    now: datetime,
) -> int:
    """The third person decides: ratings that change, or a recorded no, always with the reason.

    Arguments: `ratings` only those that shall change. Result: how many changed. Errors: Hindered
    without a reason; OutsideTheScale; StaleState; PermissionDenied.
    """
    participant_gate.require(by, "settle_dispute", participant)
    if not outcome.strip():
        raise Hindered(_("Write the reason; the person and the manager read it."))
    given = [Given(subject, rating) for subject, rating in (ratings or {}).items()]
    events = record_ratings(
        participant,
        given,
        source=RatingSource.DISPUTE,
        reason_code="dispute",
        reason=outcome.strip(),
        by=by,
        now=now,
    )
    advance(participant, PARTICIPANT_MOVES["settle_dispute"])
    settled = Dispute.objects.filter(participant=participant, settled_at=None).update(
        outcome=outcome.strip(), settled_at=now, settled_by_id=by.person_id
    )
    if not settled:
        raise StaleState(f"{participant} was settled already")
    record("settle_dispute", participant, by=by, at=now, changed=len(events))
    return len(events)
