"""A dispute: the person objects, the manager answers, a third person settles it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.core.access import Viewer
from apps.core.audit import record
from apps.core.workflow import StaleState, advance
from apps.people.models import Person
from apps.reviews.access import participant_gate
from apps.reviews.actions.ratings import Given, record_ratings
from apps.reviews.models import Dispute, Participant, arbiter_for, faults_of
from apps.reviews.rules.phases import Hindered, day_in, dispute_ends_at, last_dispute_day
from apps.reviews.rules.ratings import Rating, Subject
from apps.reviews.states import PARTICIPANT_MOVES, RatingSource


@transaction.atomic
def dispute_packet(participant: Participant, *, text: str, by: Viewer, now: datetime) -> Dispute:
    """The person objects; the third person is the one that the packet named.

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
    arbiter = arbiter_for(participant, on=timezone.localdate(now))
    if arbiter is None:
        raise Hindered(
            _("There is nobody yet who could settle this. Please ask HR to name someone.")
        )
    advance(participant, PARTICIPANT_MOVES["dispute_packet"])
    dispute = Dispute.objects.create(
        participant=participant,
        text=text.strip(),
        opened_at=now,
        decide_on=last_dispute_day(
            now, days=participant.cycle.dispute_days, zone=participant.person.time_zone
        ),
        arbiter=arbiter.person,
    )
    record("dispute_packet", participant, by=by, at=now, arbiter=arbiter.person.pk)
    return dispute


@transaction.atomic
def answer_dispute(participant: Participant, *, answer: str, by: Viewer, now: datetime) -> None:
    """The manager says what they say to it, in writing; it can be changed until it is settled.

    Errors: Hindered without words; StaleState when it was settled meanwhile; PermissionDenied.
    """
    participant_gate.require(by, "answer_dispute", participant)
    if not answer.strip():
        raise Hindered(_("Write your answer; the person and the third person read it."))
    answered = Dispute.objects.filter(participant=participant, settled_at=None).update(
        answer=answer.strip(), answered_at=now, answered_by_id=by.person_id
    )
    if not answered:
        raise StaleState(f"{participant} was settled already")
    record("answer_dispute", participant, by=by, at=now)


@transaction.atomic
def name_arbiter(participant: Participant, person: Person, *, by: Viewer, now: datetime) -> None:
    """HR names another third person, where the one named before cannot settle it, or did not in time.

    Arguments: `participant` with its dispute. Errors: Hindered while the first one still can, and
    for somebody who cannot be one; StaleState when it was settled meanwhile; PermissionDenied.
    """
    participant_gate.require(by, "name_arbiter", participant)
    dispute = participant.dispute
    here = day_in(participant.person.time_zone, now=now)  # the last day is one of the person's
    if not dispute.needs_another(on=here):
        raise Hindered(
            _("%(name)s can still settle it. Another person is named only when that is over.")
            % {"name": dispute.arbiter.name}
        )
    # PRIVACY: whoever runs cycles reads no content, and does not give themself a right to.
    own = by.person_id == person.pk
    fault = (
        _("That is you.")
        if own
        else faults_of(participant, [person], on=timezone.localdate(now))[person.pk]
    )
    if fault:
        raise Hindered(f"{person.name}: {fault}")
    named = Dispute.objects.filter(
        participant=participant, settled_at=None, arbiter=dispute.arbiter_id
    ).update(arbiter=person)
    if not named:
        raise StaleState(f"{participant} was settled, or somebody else was named")
    dispute.arbiter = person
    record("name_arbiter", participant, by=by, at=now, arbiter=person.pk)


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
    settled = Dispute.objects.filter(
        participant=participant, settled_at=None, arbiter=by.person_id
    ).update(outcome=outcome.strip(), settled_at=now, settled_by_id=by.person_id)
    if not settled:
        raise StaleState(f"{participant} was settled already, or is another's to settle")
    record("settle_dispute", participant, by=by, at=now, changed=len(events))
    return len(events)
