"""Handing the result out, taking it back, the talk about it, and what the person answers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _

from apps.core.access import Viewer
from apps.core.audit import record, record_many
from apps.core.workflow import StaleState, advance
from apps.reviews.access import participant_gate
from apps.reviews.models import Cycle, Participant, Withdrawal
from apps.reviews.rules.packets import talk_fault
from apps.reviews.rules.phases import Hindered
from apps.reviews.states import PARTICIPANT_MOVES, ParticipantState

# What people can be released together by.
GROUPS = ("department", "manager")


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
def release_group(
    cycle: Cycle, *, of: str, key: int | None, expected: int, by: Viewer, now: datetime
) -> list[Participant]:
    """Let everybody of one department, or of one manager, who is ready read their packet.

    Arguments: `of` "department" or "manager", `key` of which (None: people without one), `expected`
    the number that was shown before pressing. As release_wave, and one query more. Errors: Hindered
    when another number is ready by now, so that nobody goes out unseen; as release_wave.
    """
    if of not in GROUPS:
        raise ValueError(of)
    ready = (
        Participant.objects.visible_to(by)
        .filter(cycle=cycle, state=ParticipantState.ACTIVE, **{of: key})
        # PRIVACY: nobody lets their own packet go.
        .exclude(person=by.person_id)
        .with_waits()
        .with_hindrances()
        .with_hold()
        .filter(hold="")
    )
    ids = list(ready.values_list("pk", flat=True))
    if not ids:
        raise Hindered(_("Nobody is ready here any more."))
    if len(ids) != expected:
        raise Hindered(
            _("Ready by now: %(now)d, not %(then)d. Look again before you release them.")
            % {"now": len(ids), "then": expected}
        )
    return release_wave(ids, cycle_id=cycle.pk, by=by, now=now)


@transaction.atomic
def unshare_packet(participant: Participant, *, reason: str, by: Viewer, now: datetime) -> None:
    """Take it back until the cycle is closed. The person reads the reason; their reply is kept.

    Errors: Hindered without a reason; StaleState; PermissionDenied.
    """
    participant_gate.require(by, "unshare_packet", participant)
    if not reason.strip():
        raise Hindered(_("Say why you take it back; the person reads it."))
    advance(
        participant,
        PARTICIPANT_MOVES["unshare_packet"],
        released_at=None,
        released_by_id=None,
        acknowledged_at=None,
    )
    Withdrawal.objects.create(
        participant=participant, reason=reason.strip(), taken_at=now, taken_by_id=by.person_id
    )
    record("unshare_packet", participant, by=by, at=now)


@transaction.atomic
def confirm_talk(
    participant: Participant, *, talked_on: date | None, by: Viewer, now: datetime
) -> None:
    """Note on which day the two talked about the packet; None takes the note back.

    It is no state of its own: some talk before the release and some after, and neither waits for it.
    Errors: Hindered for a day that cannot be; PermissionDenied.
    """
    participant_gate.require(by, "confirm_talk", participant)
    if talked_on is not None:
        launched_at = participant.cycle.launched_at
        fault = talk_fault(
            talked_on,
            today=now.astimezone(ZoneInfo(by.time_zone)).date(),
            launched_on=launched_at.date() if launched_at is not None else None,
        )
        if fault:
            raise Hindered(fault)
    noted = (
        {"talked_on": talked_on, "talked_at": now, "talked_by_id": by.person_id}
        if talked_on is not None
        else {"talked_on": None, "talked_at": None, "talked_by_id": None}
    )
    Participant.objects.filter(pk=participant.pk).update(**noted)
    for field, value in noted.items():
        setattr(participant, field, value)
    record("confirm_talk", participant, by=by, at=now, talked_on=talked_on)


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
def reply_to_packet(participant: Participant, *, reply: str, by: Viewer, now: datetime) -> None:
    """Write the reply, change it or take it out, until the cycle is closed."""
    participant_gate.require(by, "reply_to_packet", participant)
    rows = Participant.objects.filter(pk=participant.pk, state=participant.state)
    if not rows.update(reply=reply.strip()):
        raise StaleState(f"{participant} is no longer {participant.state}")
    participant.reply = reply.strip()
    record("reply_to_packet", participant, by=by, at=now, replied=bool(reply.strip()))
