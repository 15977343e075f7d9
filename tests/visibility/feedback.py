"""What was said about the person of the company, in each mode, while it is collected, once it is, and
when the review is out; and what the person's team said. Each text is a canary.

As in the company, each phase has two cycles: the second one keeps the delegate as reviewer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from apps.calibration.access import item_gate
from apps.core.access import Viewer
from apps.feedback.access import (
    READS_BATCH,
    READS_FROM_SEAT,
    READS_SCORES,
    READS_SCORES_FROM_SEAT,
    READS_WITH_NAME,
    SEAT_ROLE,
    answer_gate,
)
from apps.feedback.models import Answer
from apps.feedback.states import Mode, PerspectiveKind, RequestState
from apps.reviews.models import Participant
from apps.reviews.states import CycleState, ParticipantState
from tests.factories import NOON
from tests.factories.calibration import ItemFactory, MembershipFactory, SessionFactory
from tests.factories.feedback import (
    AnswerFactory,
    AnswerPartFactory,
    PerspectiveFactory,
    RequestFactory,
)
from tests.factories.ladders import CompetencyFactory
from tests.factories.people import PersonFactory
from tests.factories.reviews import CycleFactory, ParticipantFactory, ReviewFactory
from tests.visibility.company import Company

# Phase to (state of the cycle, whether it is sealed, whether the review is out).
PHASES = {
    "collecting": (CycleState.COLLECTION, False, False),
    "collected": (CycleState.CALIBRATION, True, False),
    "handed_out": (CycleState.DELIVERY, True, True),
}
FROM_SEAT = (*READS_FROM_SEAT, *READS_SCORES_FROM_SEAT)
TEXTS = ("read_own", *READS_WITH_NAME, *READS_BATCH)
# Item to (mode, kind, rows that let somebody read it, rows of somebody with a seat).
ITEMS: dict[str, tuple[Mode, PerspectiveKind, tuple[str, ...], tuple[str, ...]]] = {
    "named_text": (Mode.NAMED, PerspectiveKind.PEER, TEXTS, READS_FROM_SEAT),
    "named_name": (Mode.NAMED, PerspectiveKind.PEER, READS_WITH_NAME, ()),
    "confidential_text": (Mode.CONFIDENTIAL, PerspectiveKind.PEER, TEXTS, READS_FROM_SEAT),
    "confidential_name": (Mode.CONFIDENTIAL, PerspectiveKind.PEER, READS_WITH_NAME, ()),
    "anonymous_text": (Mode.ANONYMOUS, PerspectiveKind.PEER, TEXTS, READS_FROM_SEAT),
    "upward_text": (Mode.ANONYMOUS, PerspectiveKind.UPWARD, TEXTS, READS_FROM_SEAT),
    "upward_figures": (
        Mode.ANONYMOUS,
        PerspectiveKind.UPWARD,
        (*READS_BATCH, *READS_SCORES),
        FROM_SEAT,
    ),
}
# Nobody in the company is called like those who gave feedback beside the peer.
GIVERS = ("Quilla Voss", "Rasmus Thorn", "Signe Vahl", "Tove Wessel")


@dataclass
class Heard:
    """One seat of one cycle, with what was said about its person. `request` is the peer's."""

    phase: str
    mode: Mode
    participant: Participant
    session: Any
    item: Any
    request: Any

    def canary(self, item: str) -> str:
        return f"canary-{item}-{self.participant.pk}-"

    def arguments(self) -> dict[str, list[object]]:
        row = self.participant
        return {
            "participant_id": [row.pk],
            "cycle_id": [row.cycle_id],
            "review_id": list(row.reviews.values_list("pk", flat=True)),
            "session_id": [self.session.pk],
            "item_id": [self.item.pk],
            "request_id": [self.request.pk],
            "person_id": [row.person_id],
            "form": ["csv"],
            "kind": ["peer"],
        }


def hear(company: Company, mode: Mode, phase: str, *, kept: bool) -> Heard:
    people, (state, sealed, out) = company.people, PHASES[phase]
    cycle = CycleFactory(state=state, phases=True, name=f"{mode} {phase} {kept}")
    row = ParticipantFactory(
        cycle=cycle,
        person=people["subject"],
        manager=people["delegate" if kept else "ex_manager"],
        manager_kept=kept,
        state=ParticipantState.RELEASED if out else ParticipantState.ACTIVE,
        released_at=NOON if out else None,
        released_by=people["manager"] if out else None,
    )
    for own in (True, False):
        ReviewFactory(
            participant=row, own=own, author=people["subject" if own else "manager"], submitted=sealed
        )  # fmt: skip
    session = SessionFactory(cycle=cycle, facilitator=people["facilitator"])
    MembershipFactory(session=session, person=people["member"])
    elsewhere = SessionFactory(cycle=cycle, facilitator=PersonFactory())
    MembershipFactory(session=elsewhere, person=people["member_elsewhere"])
    request = _answers(company, row, mode, PerspectiveKind.PEER, sealed=sealed)
    if mode == Mode.ANONYMOUS:
        _answers(company, row, mode, PerspectiveKind.UPWARD, sealed=sealed)
    return Heard(phase, mode, row, session, ItemFactory(session=session, participant=row), request)


def _answers(company: Company, row: Participant, mode: Mode, kind: str, *, sealed: bool) -> Any:
    """Five answer: the peer of the company and four more; of the team, five nobody knows."""
    names = f"canary-{'upward' if kind == PerspectiveKind.UPWARD else mode}"
    asked = PerspectiveFactory(cycle=row.cycle, kind=kind, mode=mode, sealed=sealed, questions=1)
    figures = CompetencyFactory(version=row.level.version, name=f"{names}_figures-{row.pk}-")
    givers = [company.people["peer"], *(_giver(company, name) for name in GIVERS)]
    if kind == PerspectiveKind.UPWARD:
        givers = PersonFactory.create_batch(5)
    first = None
    for number, giver in enumerate(givers):
        closed = sealed and mode == Mode.ANONYMOUS
        request = RequestFactory(
            perspective=asked,
            participant=row,
            giver=giver,
            state=RequestState.CLOSED if closed else RequestState.ANSWERED,
        )
        first = first or request
        author = None if mode == Mode.ANONYMOUS else giver
        answer = AnswerFactory(perspective=asked, participant=row, author=author)
        AnswerPartFactory(
            answer=answer, question=asked.questions.get(), text=f"{names}_text-{row.pk}- {number}"
        )
        AnswerPartFactory(answer=answer, question=None, competency=figures, value=3, text="")
    return first


def _giver(company: Company, name: str) -> Any:
    if name not in company.people:
        company.people[name] = PersonFactory(name=name, with_user=True)
    return company.people[name]


def may_read(viewer: Viewer, heard: Heard, item: str, *, in_sql: bool) -> bool:
    """By the gates: as oneself, or from a seat that calibration gives and feedback then asks about."""
    _, kind, rows, from_seat = ITEMS[item]
    answers = Answer.objects.filter(participant=heard.participant, perspective__kind=kind)
    if in_sql:
        seated = item_gate.visible(viewer, type(heard.item).objects.all(), "read_item_feedback")
        return answer_gate.visible(viewer, answers, *rows).exists() or bool(
            from_seat
            and seated.filter(pk=heard.item.pk).exists()
            and answer_gate.visible(viewer.lent(SEAT_ROLE), answers, *from_seat).exists()
        )
    lent = viewer.lent(SEAT_ROLE)
    with_seat = from_seat and item_gate.may(viewer, "read_item_feedback", heard.item)
    return any(
        any(answer_gate.may(viewer, name, answer) for name in rows)
        or (with_seat and any(answer_gate.may(lent, name, answer) for name in from_seat))
        for answer in answers
    )
