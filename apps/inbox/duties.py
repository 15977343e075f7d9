"""The one query of duties: what is asked of whom right now, by when, and how long it takes.

The home page, the badge and the reminders all read it, so a notice can never name what the list
does not hold. Each branch follows from the states of the apps below; nothing is stored.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, date, timedelta
from functools import cache
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import (
    Case,
    CharField,
    DateTimeField,
    Exists,
    ExpressionWrapper,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce, Least, TruncDate

from apps.calibration.models import Membership, Session
from apps.calibration.states import SessionState
from apps.core.access import Viewer
from apps.feedback.models import (
    Request,
    cases_waiting_for,
    minutes_to_give,
    participants_to_decide_on,
    participants_to_propose,
    participants_who_lack_peers,
)
from apps.feedback.states import PerspectiveState, RequestState
from apps.inbox.states import ASKED_IN, DutyKind
from apps.people.models import Person
from apps.reviews.models import CyclePhase, Dispute, Participant, Review, due_on
from apps.reviews.rules.phases import ANSWER_WITHIN
from apps.reviews.states import (
    FINISHED,
    CycleState,
    ParticipantState,
    Phase,
    ReviewKind,
    ReviewState,
)

# How long one piece of work takes, in minutes; shown as a help to plan, never as a measure. Feedback
# says itself how long it takes, by what is asked (feedback.rules.minutes_for).
MINUTES = {
    DutyKind.PROPOSE_PEERS: 5,
    DutyKind.APPROVE_PEERS: 5,
    DutyKind.ADD_PEERS: 5,
    DutyKind.SELF_REVIEW: 40,
    DutyKind.MANAGER_REVIEW: 50,
    DutyKind.CALIBRATE: 60,
    DutyKind.RELEASE: 10,
    DutyKind.TALK: 45,
    DutyKind.ACKNOWLEDGE: 10,
    DutyKind.ANSWER: 20,
    DutyKind.SETTLE: 30,
}
SEAT, REPORT, CASE = "seat", "report", "case"
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
    """One branch of the union: `rows` are of what has the duty `kind`, due on the day that `due`
    says or else with the phase that asks for it (with the period, in a cycle without that phase).

    `person` is the path to the key of whom it is asked, `to` the path to what has the cycle (a
    participant or a session; "" when the row is one), `opens` the key the duty opens, `about` the
    paths from there to key and name of whom it is about. `minutes` where rows differ in them.
    """

    kind: DutyKind
    rows: QuerySet[Any]
    person: str
    to: str = ""
    opens: str = "pk"
    about: tuple[str, str] = ("person_id", "person__name")
    due: Any = None
    minutes: Any = None

    def _from_there(self, path: str) -> str:
        return f"{self.to}__{path}" if self.to else path

    def asked_of(self, person_id: int | None) -> QuerySet[Any]:
        """Only what is asked of this person; None for what is asked of anybody."""
        whom = {self.person: person_id} if person_id else {f"{self.person}__isnull": False}
        return self.rows.filter(**whom).order_by()

    def about_those(self, participant_ids: Collection[int]) -> QuerySet[Any]:
        """Only what is asked of anybody about these participants."""
        path = "participant_id__in" if self.to else "pk__in"
        return self.asked_of(None).filter(**{path: participant_ids})

    def told(self, rows: QuerySet[Any]) -> QuerySet[Any, dict[str, Any]]:
        """All that the list says of each of these rows."""
        about_id, name = map(self._from_there, self.about)
        # A subquery, for a join would leave out what the badge counts, were a phase not there.
        phase = CyclePhase.objects.filter(
            cycle=OuterRef(self._from_there("cycle_id")), kind=ASKED_IN[self.kind]
        )
        due = self.due or Subquery(phase.values("due_on"))
        return rows.values(
            duty_kind=Value(self.kind.value, output_field=CharField()),
            duty_person=F(self.person),
            duty_object=F(self.opens),
            duty_about_id=F(about_id),
            duty_about=Cast(F(name), CharField(max_length=160)),
            duty_cycle_id=F(self._from_there("cycle_id")),
            duty_cycle=F(self._from_there("cycle__name")),
            duty_due=Coalesce(due, F(self._from_there("cycle__period_end"))),
            duty_minutes=self.minutes or Value(MINUTES[self.kind], output_field=IntegerField()),
        )

    def counted(self, person_id: int) -> QuerySet[Any, Any]:
        """The same rows with their kind alone: a count needs no names, nor their tables."""
        kind = Value(self.kind.value, output_field=CharField())
        return self.asked_of(person_id).values_list(kind)


def _due_in_this_phase() -> Subquery:
    """The due day of the phase in which the cycle is: what still waits in the next one is due there."""
    phase = CyclePhase.objects.filter(cycle=OuterRef("cycle_id"), kind=OuterRef("cycle__state"))
    return Subquery(phase.values("due_on"))


def _for_hr(rows: QuerySet[Participant]) -> QuerySet[Participant]:
    """Those whom nobody leads, once for each `hr`: the owners of the cycle who are HR, and not about
    themselves. The gate would let every HR process admin decide; the owners are asked to."""
    here = Person.objects.filter(pk=OuterRef("hr"), is_process_admin=True, left_on=None)
    return (
        rows.filter(person__manager=None)
        .alias(hr=F("cycle__owners"))
        .filter(Exists(here), ~Q(hr=F("person_id")))
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


def _by_who_was_named(there: str = "") -> Q:
    """HR named who reviews, and no manager of today is there to be asked; `there` is the path."""
    nobody = {f"{there}person__manager": None}
    gone = {f"{there}person__manager__left_on__isnull": False}
    return Q(**{f"{there}manager_kept": True}) & (Q(**nobody) | Q(**gone))


def _working_days_after(instant: str, count: int) -> TruncDate:
    """The day (of UTC) that lies `count` working days, at most five, after the instant in a column."""
    friday = 5
    days = {}
    for weekday in range(1, 8):
        start = min(weekday, friday)  # from a weekend one counts as from the Friday before
        over_a_weekend = 2 if start + count > friday else 0
        days[weekday] = count + over_a_weekend - max(0, weekday - friday)
    return TruncDate(
        Case(
            *(
                When(
                    **{f"{instant}__iso_week_day": weekday},
                    then=ExpressionWrapper(F(instant) + timedelta(days=n), DateTimeField()),
                )
                for weekday, n in days.items()
            ),
        ),
        tzinfo=UTC,
    )


def _branches() -> list[_Branch]:
    k, of = DutyKind, "participant"
    giving = Request.objects.filter(
        state=RequestState.ASKED,
        perspective__state=PerspectiveState.OPEN,
        participant__state=ParticipantState.ACTIVE,
        participant__cycle__state=CycleState.COLLECTION,
    )
    # With more time a review is asked on, by its own day, although the cycle has gone on.
    reviews = Review.objects.being_asked()
    own, given = (reviews.filter(kind=kind) for kind in (ReviewKind.SELF, ReviewKind.MANAGER))
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
    to_talk = Participant.objects.filter(
        state__in=[ParticipantState.RELEASED, ParticipantState.ACKNOWLEDGED],
        talked_at=None,
        cycle__state=CycleState.DELIVERY,
        person__left_on=None,
    )
    disputes = Dispute.objects.filter(
        settled_at=None,
        participant__state=ParticipantState.DISPUTED,
        participant__cycle__state__in=[CycleState.DELIVERY, *FINISHED],
    )
    to_answer = disputes.filter(answered_at=None)
    answer_by = Least(_working_days_after("opened_at", ANSWER_WITHIN), F("decide_on"))
    room = ("department_id", "name")
    return [
        _Branch(k.PROPOSE_PEERS, participants_to_propose(), "person_id"),
        *(
            _Branch(kind, rows, decides, due=_due_in_this_phase())
            for kind, about in (
                (k.APPROVE_PEERS, participants_to_decide_on()),
                (k.ADD_PEERS, participants_who_lack_peers()),
            )
            for rows, decides in ((about, "person__manager_id"), (_for_hr(about), "hr"))
        ),
        _Branch(k.SELF_REVIEW, own, "author_id", of, due=due_on(Phase.COLLECTION, of)),
        _Branch(k.GIVE_FEEDBACK, giving, "giver_id", of, minutes=minutes_to_give()),
        _Branch(k.MANAGER_REVIEW, given, "author_id", of, due=due_on(Phase.MANAGER_REVIEW, of)),
        _Branch(k.CALIBRATE, seats, "person_id", "session", "session_id", room),
        _Branch(k.CALIBRATE, sessions, "facilitator_id", about=room),
        _Branch(k.RELEASE, _to_release(), "person__manager_id"),
        _Branch(k.RELEASE, _to_release().filter(_by_who_was_named()), "manager_id"),
        _Branch(k.TALK, to_talk, "person__manager_id"),
        _Branch(k.TALK, to_talk.filter(_by_who_was_named()), "manager_id"),
        _Branch(k.ACKNOWLEDGE, released, "person_id"),
        *(
            _Branch(k.ANSWER, rows, manager, of, "participant_id", due=answer_by)
            for rows, manager in (
                (to_answer, "participant__person__manager_id"),
                (to_answer.filter(_by_who_was_named("participant__")), "participant__manager_id"),
            )
        ),
        _Branch(k.SETTLE, disputes, "arbiter_id", of, "participant_id", due=F("decide_on")),
    ]


def _union(person_id: int | None) -> QuerySet[Any, dict[str, Any]]:
    branches = [branch.told(branch.asked_of(person_id)) for branch in _branches()]
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


# PRIVACY: nobody is told from outside to give feedback, for that says who has not answered, nor to ask
# somebody else, which says that one declined; nor to come to a session, which is about no one
# participant.
NOT_BY_HAND = frozenset({DutyKind.GIVE_FEEDBACK, DutyKind.ADD_PEERS, DutyKind.CALIBRATE})


def duties_about(participant_ids: Collection[int]) -> list[Duty]:
    """What is asked of anybody about these participants, and may be reminded of by hand. 1 query."""
    branches = [
        branch.told(branch.about_those(participant_ids))
        for branch in _branches()
        if branch.kind not in NOT_BY_HAND
    ]
    rows = branches[0].union(*branches[1:], all=True)
    return [_duty(row) for row in rows.order_by("duty_person", "duty_due", "duty_about")]


@dataclass(frozen=True)
class Badge:
    """What the bar on every page says: how much is asked, whether there is a committee to sit on
    (in any session of any cycle, also a locked one), whether anybody reports to this person, and how
    many reported texts wait for this person of HR."""

    count: int
    sits_in_session: bool = False
    leads_people: bool = False
    cases: int = 0


def badge(viewer: Viewer) -> Badge:
    """1 query: the kinds of what is asked, and beside them a row for each seat, report and case."""
    if viewer.person_id is None:
        return Badge(0)
    kinds = [kind for (kind,) in _asked("badge", viewer.person_id)]
    count = sum(kind not in {SEAT, REPORT, CASE} for kind in kinds)
    return Badge(count, SEAT in kinds, REPORT in kinds, kinds.count(CASE))


def _badge_of_anybody() -> QuerySet[Any, Any]:
    beside = [
        rows.order_by().values_list(Value(word, output_field=CharField()))
        for word, rows in (
            (SEAT, Membership.objects.filter(person=ANYBODY)),
            (SEAT, Session.objects.filter(facilitator=ANYBODY)),
            (REPORT, Person.objects.filter(manager=ANYBODY, left_on=None)),
            (CASE, cases_waiting_for(ANYBODY)),
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
