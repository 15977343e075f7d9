"""One person in six cycles, one for each phase, and everybody who stands in some relation to them.

Every text is a canary: a word that stands nowhere else, so that finding it on a page says which item
was shown. Each cycle has two seats: in the first it names a manager whose say is over, in the second
one who was kept as reviewer (as where a review is given to a delegate).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from apps.calibration.models import Decision
from apps.calibration.states import ReasonCode, SessionState
from apps.core.access import Viewer
from apps.feedback.models import Answer, AnswerPart
from apps.feedback.states import Mode, PerspectiveKind, RequestState
from apps.people.models import Person
from apps.people.viewers import viewer_of_person
from apps.reviews.models import FormQuestion, Participant, Review, ReviewItem, Withdrawal
from apps.reviews.states import CycleState, ParticipantState
from tests.factories import NOON
from tests.factories.calibration import ItemFactory, MembershipFactory, SessionFactory
from tests.factories.feedback import AnswerFactory, PerspectiveFactory, RequestFactory
from tests.factories.ladders import CompetencyFactory, LevelFactory, StatementFactory
from tests.factories.people import DepartmentFactory, PersonFactory, UserFactory
from tests.factories.reviews import (
    CycleFactory,
    DisputeFactory,
    EvidenceNoteFactory,
    GoalFactory,
    ParticipantFactory,
    RatingEventFactory,
    ReviewFactory,
    ReviewItemFactory,
)

# In whose eyes, in the order of the columns.
VIEWERS = (
    "subject", "peer", "manager", "ex_manager", "future_manager", "delegate", "skip_level", "top",
    "member", "member_elsewhere", "facilitator", "process_admin", "content_admin", "content_below",
    "arbiter", "leaver", "stranger", "superuser",
)  # fmt: skip
# Phase to (state of the cycle, state of the seat, whether reviews are handed in).
PHASES = {
    "being_written": (CycleState.MANAGER_REVIEW, ParticipantState.ACTIVE, False),
    "submitted": (CycleState.CALIBRATION, ParticipantState.ACTIVE, True),
    "released": (CycleState.DELIVERY, ParticipantState.RELEASED, True),
    "released_with_changes": (CycleState.DELIVERY, ParticipantState.ACKNOWLEDGED, True),
    "disputed": (CycleState.DELIVERY, ParticipantState.DISPUTED, True),
    "closed": (CycleState.CLOSED, ParticipantState.SETTLED, True),
}
TALKED_ON = date(2026, 11, 13)


@dataclass
class Seat:
    """One seat of one cycle, with everything about it. `notes` by name."""

    phase: str
    participant: Participant
    own: Review
    given: Review
    item: Any
    session: Any
    goal: Any
    linked: Any
    by_peer: Any
    by_team: Any

    def canary(self, item: str) -> str:
        return f"canary-{item}-{self.participant.pk}-"


@dataclass
class Company:
    people: dict[str, Person]
    superuser: Any
    seats: dict[str, Seat] = field(default_factory=dict)
    kept: dict[str, Seat] = field(default_factory=dict)
    notes: dict[str, Any] = field(default_factory=dict)

    def viewer(self, who: str) -> Viewer:
        if who == "superuser":
            return Viewer(user_id=self.superuser.pk)
        return viewer_of_person(self.people[who])

    def user(self, who: str) -> Any:
        return self.superuser if who == "superuser" else self.people[who].user

    def seat(self, phase: str, who: str) -> Seat:
        return self.kept[phase] if who == "delegate" else self.seats[phase]


def found_company() -> Company:
    level = LevelFactory()
    statement = StatementFactory(level=level, version=level.version)
    made: dict[str, Person] = {}

    def hire(name: str, manager: str | None, **more: Any) -> None:
        made[name] = PersonFactory(
            name=name.replace("_", " ").title(),
            with_user=True,
            manager=made[manager] if manager else None,
            level=level,
            department=made_department,
            **more,
        )

    made_department = DepartmentFactory(name="Platform")
    hire("top", None)
    hire("skip_level", "top")
    hire("manager", "skip_level")
    hire("subject", "manager")
    for name in ("ex_manager", "future_manager", "delegate", "peer", "stranger", "arbiter"):
        hire(name, "skip_level")
    for name in ("member", "member_elsewhere", "facilitator"):
        hire(name, "top")
    hire("leaver", "skip_level", left_on=date(2026, 10, 1))
    hire("process_admin", "top", process_admin=True)
    hire("content_admin", "top", content_admin=True)
    hire("content_below", "subject", content_admin=True)
    company = Company(made, UserFactory(email="root@example.com", is_staff=True, is_superuser=True))
    for phase in PHASES:
        company.seats[phase] = _seat(company, phase, statement, kept=False)
        company.kept[phase] = _seat(company, phase, statement, kept=True)
    _notes(company)
    return company


def _seat(company: Company, phase: str, statement: Any, *, kept: bool) -> Seat:
    people, (cycle_state, state, handed_in) = company.people, PHASES[phase]
    out = state != ParticipantState.ACTIVE
    cycle = CycleFactory(
        state=cycle_state,
        phases=True,
        name=f"{phase} {'kept' if kept else ''}".strip(),
        show_calibration=phase == "released_with_changes",
    )
    row = ParticipantFactory(
        cycle=cycle,
        person=people["subject"],
        manager=people["delegate" if kept else "ex_manager"],
        manager_kept=kept,
        state=state,
        released_at=NOON if out else None,
        released_by=people["manager"] if out else None,
        talked_on=TALKED_ON if out else None,
        talked_at=NOON if out else None,
        talked_by=people["manager"] if out else None,
        item_count=2,
    )
    own = ReviewFactory(participant=row, own=True, submitted=handed_in, revision=1)
    given = ReviewFactory(
        participant=row, author=people["manager"], submitted=handed_in, revision=1, overall=4
    )
    session = SessionFactory(
        cycle=cycle,
        facilitator=people["facilitator"],
        state=SessionState.LIVE if cycle_state != CycleState.CLOSED else SessionState.LOCKED,
    )
    MembershipFactory(session=session, person=people["member"])
    elsewhere = SessionFactory(cycle=cycle, facilitator=PersonFactory())
    MembershipFactory(session=elsewhere, person=people["member_elsewhere"])
    item = ItemFactory(session=session, participant=row)
    goal = GoalFactory(participant=row)
    linked = EvidenceNoteFactory(about=people["subject"], author=people["manager"])
    said = [_feedback(company, row, kind) for kind in PerspectiveKind]
    seat = Seat(phase, row, own, given, item, session, goal, linked, *said)
    _write(company, seat, statement, handed_in, out)
    return seat


def _feedback(company: Company, row: Participant, kind: PerspectiveKind) -> Answer:
    """As many answers as it takes, sealed, without names; the peer is one of those asked. Words stand
    under a question, figures beside a competency that nothing else in the house is rated by."""
    asks = PerspectiveFactory(
        cycle=row.cycle, kind=kind, mode=Mode.ANONYMOUS, sealed=True, threshold=4, questions=1
    )
    upward = kind == PerspectiveKind.UPWARD
    giver = PersonFactory() if upward else company.people["peer"]
    RequestFactory(perspective=asks, participant=row, giver=giver, state=RequestState.CLOSED)
    words, figures = ("team_text", "team_figures") if upward else ("peer_text", "peer_figures")
    competency = CompetencyFactory(
        version=row.person.level.version, name=f"canary-{figures}-{row.pk}-"
    )
    for _ in range(4):
        answer = AnswerFactory(perspective=asks, participant=row, author=None)
        text = f"canary-{words}-{row.pk}-"
        AnswerPart.objects.create(answer=answer, question=asks.questions.get(), text=text)
        AnswerPart.objects.create(answer=answer, competency=competency, value=4)
    return answer


def _write(company: Company, seat: Seat, statement: Any, handed_in: bool, out: bool) -> None:
    """Puts every canary of a seat in its place."""
    people, row, word = company.people, seat.participant, seat.canary
    Review.objects.filter(pk=seat.own.pk).update(summary=word("self_review"))
    Review.objects.filter(pk=seat.given.pk).update(
        summary=word("manager_review"),
        private_note=word("private_note"),
        promotion="ready",
    )
    said = ReviewItemFactory(
        review=seat.given, competency=statement.competency, value=4, comment=word("rating")
    )
    said.notes.add(seat.linked)
    type(seat.linked).objects.filter(pk=seat.linked.pk).update(text=word("linked_note"))
    question = FormQuestion.objects.create(
        cycle=row.cycle, review_kind="manager", text="What would you keep?"
    )
    ReviewItem.objects.create(review=seat.given, question=question, comment=word("answer"))
    type(seat.goal).objects.filter(pk=seat.goal.pk).update(text=word("goal"))
    if handed_in:
        for more in ({"overall": True}, {"competency": statement.competency}):
            RatingEventFactory(participant=row, value=4, given_by=people["manager"], **more)
        RatingEventFactory(
            participant=row,
            overall=True,
            calibrated=True,
            value=3,
            reason=word("calibration"),
            given_by=people["facilitator"],
        )
        Decision.objects.create(
            item=seat.item, sequence=1, from_value=4, to_value=3, reason=word("calibration"),
            reason_code=ReasonCode.EVIDENCE, present=[], decided_at=NOON,
            decided_by=people["facilitator"],
        )  # fmt: skip
    if handed_in and not out:
        Withdrawal.objects.create(
            participant=row, reason=word("withdrawal"), taken_at=NOON, taken_by=people["manager"]
        )
    if out:
        Participant.objects.filter(pk=row.pk).update(reply=word("reply"))
    if row.state in {ParticipantState.DISPUTED, ParticipantState.SETTLED}:
        settled = row.state == ParticipantState.SETTLED
        DisputeFactory(
            participant=row, text=word("dispute"), arbiter=people["arbiter"],
            answer=word("dispute_answer"), answered_at=NOON, answered_by=people["manager"],
            outcome=word("outcome") if settled else "",
            settled_at=NOON if settled else None,
            settled_by=people["arbiter"] if settled else None,
        )  # fmt: skip
        if settled:
            RatingEventFactory(
                participant=row, overall=True, sequence=3, source="dispute", value=4,
                reason=word("dispute_change"), given_by=people["arbiter"],
            )  # fmt: skip
    row.refresh_from_db()


def _notes(company: Company) -> None:
    """Notes that no review rests on: they are not of a phase."""
    people = company.people
    for name, author, shared in (
        ("own_note", "subject", False),
        ("own_note_shared", "subject", True),
        ("manager_note", "manager", False),
        ("manager_note_shared", "manager", True),
    ):
        company.notes[name] = EvidenceNoteFactory(
            about=people["subject"], author=people[author], shared=shared, text=f"canary-{name}-0-"
        )
