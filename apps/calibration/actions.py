"""Every way a calibration session changes. Only the facilitator writes in a live session."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import F, Max, OuterRef, Subquery

from apps.calibration.access import item_gate, session_gate
from apps.calibration.models import Decision, Item, Membership, Session
from apps.calibration.rules import (
    OffTheScale,
    OwnSeat,
    Undecided,
    Unexplained,
    record_hash,
    takes_own_seat,
)
from apps.calibration.states import SESSION_MOVES, ReasonCode
from apps.core.access import Viewer
from apps.core.audit import record
from apps.core.workflow import StaleState, advance
from apps.people.models import Department, Person
from apps.reviews.access import cycle_gate
from apps.reviews.actions import record_rating
from apps.reviews.models import Cycle, Participant, RatingEvent
from apps.reviews.states import ParticipantState, RatingSource


@transaction.atomic
def create_session(
    cycle: Cycle,
    *,
    name: str,
    department: Department | None,
    facilitator: Person,
    members: Iterable[Person],
    by: Viewer,
    now: datetime,
) -> Session:
    """A session over everybody of a department, or of the whole cycle, who takes part.

    Errors: PermissionDenied unless `by` runs cycles; OwnSeat when `by` is to sit in it;
    IntegrityError for a name taken in the cycle.
    """
    cycle_gate.require(by, "prepare_cycle", cycle)
    members = list(members)
    if takes_own_seat({facilitator.pk, *(m.pk for m in members)}, (), by.person_id):
        raise OwnSeat
    session = Session.objects.create(
        cycle=cycle, name=name, department=department, facilitator=facilitator, created_at=now
    )
    Membership.objects.bulk_create(
        Membership(session=session, person=person) for person in dict.fromkeys(members)
    )
    people = cycle.participants.filter(state=ParticipantState.ACTIVE).order_by("person__name", "pk")
    if department is not None:
        people = people.filter(department=department)
    Item.objects.bulk_create(
        [
            Item(session=session, participant=participant, position=position)
            for position, participant in enumerate(people, start=1)
        ],
        batch_size=500,
    )
    record("create_session", session, by=by, at=now, people=len(people))
    return session


@transaction.atomic
def edit_session(
    session: Session,
    *,
    name: str,
    facilitator: Person,
    members: Iterable[Person],
    by: Viewer,
    now: datetime,
) -> None:
    """Changes who sits on the committee; nobody's decision or presence is deleted with a seat.

    Errors: OwnSeat when `by` sits in it for the first time.
    """
    session_gate.require(by, "prepare_session", session)
    wanted = {person.pk: person for person in members}
    stored = Session.objects.select_for_update().get(pk=session.pk)
    before = {stored.facilitator_id, *stored.memberships.values_list("person_id", flat=True)}
    if takes_own_seat({facilitator.pk, *wanted}, before, by.person_id):
        raise OwnSeat
    present = {m.person_id for m in session.memberships.filter(present=True)}
    session.memberships.exclude(person_id__in={*wanted, *present}).delete()
    Membership.objects.bulk_create(
        [Membership(session=session, person=person) for person in wanted.values()],
        ignore_conflicts=True,
    )
    session.name, session.facilitator = name, facilitator
    session.save(update_fields=["name", "facilitator"])
    _bump(session)
    record("edit_session", session, by=by, at=now, members=len(wanted))


@transaction.atomic
def open_session(session: Session, *, by: Viewer, now: datetime) -> None:
    """From here decisions can be recorded."""
    session_gate.require(by, "open_session", session)
    advance(session, SESSION_MOVES["open_session"])
    _bump(session)
    record("open_session", session, by=by, at=now)


@transaction.atomic
def mark_present(session: Session, *, person_ids: Iterable[int], by: Viewer, now: datetime) -> None:
    """Says who of the committee is here now; written into each decision from then on."""
    session_gate.require(by, "lead_session", session)
    here = set(person_ids)
    session.memberships.filter(person_id__in=here).update(present=True)
    session.memberships.exclude(person_id__in=here).update(present=False)
    _bump(session)
    record("mark_present", session, by=by, at=now, present=len(here))


@transaction.atomic
def record_decision(
    item: Item, *, to_value: int, reason_code: str, reason: str, by: Viewer, now: datetime
) -> Decision:
    """Keep a rating or change it, with the reason the manager will read first.

    Errors: PermissionDenied; OffTheScale; Unexplained when a change has no words; StaleState when
    somebody else decided in the same moment.
    """
    item_gate.require(by, "record_decision", item)
    session, participant = item.session, item.participant
    if not session.cycle.scale.points.filter(value=to_value).exists():
        raise OffTheScale
    before = _current_overall([participant.pk]).get(participant.pk)
    if before == to_value:
        reason_code, kept = ReasonCode.KEPT, True
    else:
        kept = False
        if reason_code == ReasonCode.KEPT or not reason.strip():
            raise Unexplained
    decision = _decide(
        item, before, to_value, reason_code, reason.strip(), _present(session), by, now
    )
    if not kept:
        record_rating(
            participant,
            value=to_value,
            mark="",
            source=RatingSource.CALIBRATION,
            reason_code=reason_code,
            reason=reason.strip(),
            by=by,
            now=now,
        )
    _bump(session)
    record("record_decision", item, by=by, at=now, from_value=before, to_value=to_value)
    return decision


@transaction.atomic
def confirm_rest(session: Session, *, by: Viewer, now: datetime) -> int:
    """Keeps every rating nobody spoke about. Result: how many. Those without a rating stay open,
    and so do those for whom the facilitator steps out."""
    session_gate.require(by, "lead_session", session)
    rest = list(
        Item.objects.visible_to(by)
        .filter(session=session, decisions=None, participant__state=ParticipantState.ACTIVE)
        .select_related("participant")
    )
    overall = _current_overall([item.participant_id for item in rest])
    present = _present(session)
    decided = Decision.objects.bulk_create(
        [
            Decision(
                item=item,
                sequence=1,
                from_value=overall[item.participant_id],
                to_value=overall[item.participant_id],
                reason_code=ReasonCode.KEPT,
                present=present,
                decided_at=now,
                decided_by_id=by.person_id,
            )
            for item in rest
            if overall.get(item.participant_id) is not None
        ],
        batch_size=500,
    )
    _bump(session)
    record("confirm_rest", session, by=by, at=now, people=len(decided))
    return len(decided)


@transaction.atomic
def lock_session(session: Session, *, by: Viewer, now: datetime) -> None:
    """Freezes the decision record. Errors: Undecided with how many people are still open."""
    session_gate.require(by, "lock_session", session)
    items = session.items.filter(participant__state=ParticipantState.ACTIVE)
    if open_count := items.filter(decisions=None).count():
        raise Undecided(open_count)
    frozen = _record(session)
    advance(
        session,
        SESSION_MOVES["lock_session"],
        locked_at=now,
        locked_by_id=by.person_id,
        record=frozen,
        record_hash=record_hash(frozen),
    )
    _bump(session)
    record("lock_session", session, by=by, at=now, record_hash=session.record_hash)


def _decide(
    item: Item,
    before: int | None,
    after: int,
    reason_code: str,
    reason: str,
    present: list[int],
    by: Viewer,
    now: datetime,
) -> Decision:
    last = item.decisions.aggregate(last=Max("sequence"))["last"] or 0
    decision, made = Decision.objects.get_or_create(
        item=item,
        sequence=last + 1,
        defaults={
            "from_value": before,
            "to_value": after,
            "reason_code": reason_code,
            "reason": reason,
            "present": present,
            "decided_at": now,
            "decided_by_id": by.person_id,
        },
    )
    if not made:
        raise StaleState(f"{item} was decided by somebody else at the same moment")
    return decision


def _current_overall(participant_ids: list[int]) -> dict[int, int | None]:
    """Participant to the newest overall rating. 1 query."""
    newest = (
        RatingEvent.objects.filter(participant=OuterRef("pk"), competency=None, goal=None)
        .order_by("-sequence")
        .values("value")[:1]
    )
    return dict(
        Participant.objects.filter(pk__in=participant_ids)
        .annotate(overall_now=Subquery(newest))
        .values_list("pk", "overall_now")
    )


def _present(session: Session) -> list[int]:
    return sorted(session.memberships.filter(present=True).values_list("person_id", flat=True))


def _bump(session: Session) -> None:
    """Everybody who watches the board sees that something changed."""
    Session.objects.filter(pk=session.pk).update(version=F("version") + 1)


def _record(session: Session) -> dict[str, object]:
    """What the lock freezes: ids, points, reasons, presence and instants, in a fixed order."""
    decisions = (
        Decision.objects.filter(item__session=session)
        .order_by("item_id", "sequence")
        .values_list(
            "item__participant_id", "sequence", "from_value", "to_value", "reason_code",
            "reason", "present", "decided_at", "decided_by_id",
        )
    )  # fmt: skip
    return {
        "session": session.pk,
        "cycle": session.cycle_id,
        "levels": {
            str(participant): level
            for participant, level in session.items.order_by("participant_id").values_list(
                "participant_id", "participant__level_id"
            )
        },
        "decisions": [
            {
                "participant": participant,
                "sequence": sequence,
                "from": before,
                "to": after,
                "reason_code": code,
                "reason": reason,
                "present": present,
                "decided_at": decided_at.isoformat(),
                "decided_by": decided_by,
            }
            for participant, sequence, before, after, code, reason, present, decided_at, decided_by in decisions
        ],
    }
