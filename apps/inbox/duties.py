"""The one query of duties: what is asked of whom right now, by when, and how long it takes.

The home page, the badge and the reminders all read it, so a notice can never name what the list
does not hold. Each branch follows from the states of the apps below; nothing is stored.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import CharField, Exists, F, IntegerField, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Cast, Coalesce

from apps.calibration.models import Membership, Session
from apps.calibration.states import SessionState
from apps.core.access import Viewer
from apps.feedback.models import Perspective, Request
from apps.feedback.states import PerspectiveKind, PerspectiveState, RequestState
from apps.inbox.states import DutyKind
from apps.people.models import Person
from apps.reviews.models import CyclePhase, Dispute, Participant, Review
from apps.reviews.states import CycleState, ParticipantState, Phase, ReviewKind, ReviewState

# How long one piece of work takes, in minutes; shown as a help to plan, never as a measure.
MINUTES = {
    DutyKind.PROPOSE_PEERS: 5,
    DutyKind.APPROVE_PEERS: 5,
    DutyKind.SELF_REVIEW: 40,
    DutyKind.GIVE_FEEDBACK: 15,
    DutyKind.MANAGER_REVIEW: 50,
    DutyKind.CALIBRATE: 60,
    DutyKind.RELEASE: 30,
    DutyKind.ACKNOWLEDGE: 10,
    DutyKind.SETTLE: 30,
}
SEAT, REPORT = "seat", "report"
COLUMNS = (
    "duty_kind", "duty_person", "duty_object", "duty_about_id", "duty_about", "duty_cycle_id",
    "duty_cycle", "duty_due", "duty_minutes",
)  # fmt: skip
SESSION_IS_COMING = (SessionState.PREPARING, SessionState.LIVE)


@dataclass(frozen=True)
class Duty:
    """Something asked of a person. `about` names the person (or session) it is about; `due_on` is
    a day in the zone of the person asked; `object_id` is the key of what the duty opens."""

    kind: DutyKind
    person_id: int
    object_id: int
    about_id: int | None
    about: str
    cycle_id: int
    cycle: str
    due_on: date
    minutes: int


@dataclass(frozen=True)
class _Branch:
    """One branch of the union: `rows` are of what has the duty `kind`, due at the end of `phase`
    (of the period, should the cycle not have that phase).

    `person` is the path to the key of whom it is asked, `to` the path to what has the cycle (a
    participant or a session; "" when the row is one), `opens` the key the duty opens, `about` the
    paths from there to key and name of whom it is about.
    """

    kind: DutyKind
    phase: Phase
    rows: QuerySet[Any]
    person: str
    to: str = ""
    opens: str = "pk"
    about: tuple[str, str] = ("person_id", "person__name")

    def _from_there(self, path: str) -> str:
        return f"{self.to}__{path}" if self.to else path

    def asked_of(self, person_id: int | None) -> QuerySet[Any]:
        """Only what is asked of this person; None for what is asked of anybody."""
        whom = {self.person: person_id} if person_id else {f"{self.person}__isnull": False}
        return self.rows.filter(**whom).order_by()

    def told(self, person_id: int | None) -> QuerySet[Any, dict[str, Any]]:
        """All that the list says of each."""
        about_id, name = map(self._from_there, self.about)
        # A subquery, for a join would leave out what the badge counts, were a phase not there.
        due = CyclePhase.objects.filter(
            cycle=OuterRef(self._from_there("cycle_id")), kind=self.phase
        ).values("due_on")
        return self.asked_of(person_id).values(
            duty_kind=Value(self.kind.value, output_field=CharField()),
            duty_person=F(self.person),
            duty_object=F(self.opens),
            duty_about_id=F(about_id),
            duty_about=Cast(F(name), CharField(max_length=160)),
            duty_cycle_id=F(self._from_there("cycle_id")),
            duty_cycle=F(self._from_there("cycle__name")),
            duty_due=Coalesce(Subquery(due), F(self._from_there("cycle__period_end"))),
            duty_minutes=Value(MINUTES[self.kind], output_field=IntegerField()),
        )

    def counted(self, person_id: int) -> QuerySet[Any, Any]:
        """The same rows with their kind alone: a count needs no names, nor their tables."""
        kind = Value(self.kind.value, output_field=CharField())
        return self.asked_of(person_id).values_list(kind)


def _reviews(kind: ReviewKind, state: CycleState) -> QuerySet[Review]:
    return Review.objects.filter(
        kind=kind,
        state=ReviewState.DRAFT,
        participant__state=ParticipantState.ACTIVE,
        participant__cycle__state=state,
    )


def _to_propose() -> QuerySet[Participant]:
    asks_peers = Perspective.objects.filter(
        cycle=OuterRef("cycle_id"), kind=PerspectiveKind.PEER, state=PerspectiveState.OPEN
    )
    proposed = Request.objects.filter(
        participant=OuterRef("pk"), perspective__kind=PerspectiveKind.PEER
    )
    return Participant.objects.filter(
        Exists(asks_peers),
        ~Exists(proposed),
        cycle__state=CycleState.NOMINATION,
        state=ParticipantState.ACTIVE,
    )


def _to_approve() -> QuerySet[Participant]:
    waiting = Request.objects.filter(participant=OuterRef("pk"), state=RequestState.PROPOSED)
    return Participant.objects.filter(
        Exists(waiting), cycle__state=CycleState.NOMINATION, state=ParticipantState.ACTIVE
    )


def _to_release() -> QuerySet[Participant]:
    written = Review.objects.filter(
        participant=OuterRef("pk"), kind=ReviewKind.MANAGER, state=ReviewState.SUBMITTED
    )
    return Participant.objects.filter(
        Exists(written),
        cycle__state=CycleState.DELIVERY,
        state=ParticipantState.ACTIVE,
        person__left_on=None,  # there is no talk with somebody who has gone; HR decides
    )


def _branches() -> list[_Branch]:
    k, of = DutyKind, "participant"
    giving = Request.objects.filter(
        state=RequestState.ASKED,
        perspective__state=PerspectiveState.OPEN,
        participant__state=ParticipantState.ACTIVE,
        participant__cycle__state=CycleState.COLLECTION,
    )
    writing_self = _reviews(ReviewKind.SELF, CycleState.COLLECTION)
    writing_manager = _reviews(ReviewKind.MANAGER, CycleState.MANAGER_REVIEW)
    seats = Membership.objects.filter(
        session__state__in=SESSION_IS_COMING, session__cycle__state=CycleState.CALIBRATION
    )
    sessions = Session.objects.filter(
        state__in=SESSION_IS_COMING, cycle__state=CycleState.CALIBRATION
    )
    released = Participant.objects.filter(
        state=ParticipantState.RELEASED,
        cycle__state__in=[CycleState.DELIVERY, CycleState.CLOSED],
    )
    disputes = Dispute.objects.filter(settled_at=None, participant__state=ParticipantState.DISPUTED)
    room = ("department_id", "name")
    return [
        _Branch(k.PROPOSE_PEERS, Phase.NOMINATION, _to_propose(), "person_id"),
        _Branch(k.APPROVE_PEERS, Phase.NOMINATION, _to_approve(), "person__manager_id"),
        _Branch(k.SELF_REVIEW, Phase.COLLECTION, writing_self, "author_id", of),
        _Branch(k.GIVE_FEEDBACK, Phase.COLLECTION, giving, "giver_id", of),
        _Branch(k.MANAGER_REVIEW, Phase.MANAGER_REVIEW, writing_manager, "author_id", of),
        _Branch(k.CALIBRATE, Phase.CALIBRATION, seats, "person_id", "session", "session_id", room),
        _Branch(k.CALIBRATE, Phase.CALIBRATION, sessions, "facilitator_id", about=room),
        _Branch(k.RELEASE, Phase.DELIVERY, _to_release(), "person__manager_id"),
        _Branch(k.ACKNOWLEDGE, Phase.DELIVERY, released, "person_id"),
        _Branch(k.SETTLE, Phase.DELIVERY, disputes, "arbiter_id", of, "participant_id"),
    ]


def _union(person_id: int | None) -> QuerySet[Any, dict[str, Any]]:
    branches = [branch.told(person_id) for branch in _branches()]
    return branches[0].union(*branches[1:], all=True)


# Putting the branches together takes Django several times as long as the database needs to answer,
# and the badge stands on every page; so each statement is made once and kept, with this number
# where the key of the person goes. No row has it.
ANYBODY = -(2**62)


@cache
def _statement(alias: str, name: str) -> tuple[str, tuple[Any, ...]]:
    """SQL and parameters of one of the two questions about a person, as Django writes them."""
    rows = {"duties": _duties_of_anybody, "badge": _badge_of_anybody}[name]()
    sql, params = rows.query.get_compiler(using=alias).as_sql()
    return sql, tuple(params)


def _asked(name: str, person_id: int) -> list[tuple[Any, ...]]:
    """The rows of a kept statement for this person. 1 query."""
    connection = connections[DEFAULT_DB_ALIAS]
    sql, params = _statement(connection.alias, name)
    with connection.cursor() as cursor:
        cursor.execute(sql, [person_id if param == ANYBODY else param for param in params])
        return cursor.fetchall()


def _duties_of_anybody() -> QuerySet[Any, dict[str, Any]]:
    return _union(ANYBODY).order_by("duty_due", "duty_about")


def duties_of(viewer: Viewer) -> list[Duty]:
    """What is asked of this person, the earliest first. 1 query."""
    if viewer.person_id is None:
        return []
    rows = (dict(zip(COLUMNS, row, strict=True)) for row in _asked("duties", viewer.person_id))
    return [_duty(row) for row in rows]


def duties_of_everyone() -> Iterator[Duty]:
    """What is asked of everybody, person by person; for planning reminders. 1 query, streamed."""
    rows = _union(None).order_by("duty_person", "duty_due", "duty_about")
    return (_duty(row) for row in rows.iterator(chunk_size=2000))


@dataclass(frozen=True)
class Badge:
    """What the bar on every page says: how much is asked, whether there is a committee to sit on
    (in any session of any cycle, also a locked one), and whether anybody reports to this person."""

    count: int
    sits_in_session: bool = False
    leads_people: bool = False


def badge(viewer: Viewer) -> Badge:
    """1 query: the kinds of what is asked, and beside them a row for each seat and each report."""
    if viewer.person_id is None:
        return Badge(0)
    kinds = [kind for (kind,) in _asked("badge", viewer.person_id)]
    count = sum(kind not in {SEAT, REPORT} for kind in kinds)
    return Badge(count, SEAT in kinds, REPORT in kinds)


def _badge_of_anybody() -> QuerySet[Any, Any]:
    beside = [
        rows.order_by().values_list(Value(word, output_field=CharField()))
        for word, rows in (
            (SEAT, Membership.objects.filter(person=ANYBODY)),
            (SEAT, Session.objects.filter(facilitator=ANYBODY)),
            (REPORT, Person.objects.filter(manager=ANYBODY, left_on=None)),
        )
    ]
    asked = [branch.counted(ANYBODY) for branch in _branches()]
    return asked[0].union(*asked[1:], *beside, all=True)


def _duty(row: dict[str, Any]) -> Duty:
    due = row["duty_due"]
    return Duty(
        DutyKind(row["duty_kind"]),
        row["duty_person"],
        row["duty_object"],
        row["duty_about_id"],
        row["duty_about"],
        row["duty_cycle_id"],
        row["duty_cycle"],
        due if isinstance(due, date) else date.fromisoformat(due),  # SQLite keeps days as texts
        row["duty_minutes"],
    )
