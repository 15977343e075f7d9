"""A small company in which somebody is written about: what the tests of this folder stand on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from apps.core.access import SYSTEM_VIEWER, Viewer
from apps.feedback import actions
from apps.feedback.models import Perspective, Question, Request
from apps.feedback.states import Mode, RequestState
from apps.people.models import Person
from apps.people.viewers import viewer_of_person
from apps.reviews.models import Participant
from apps.reviews.states import CycleState, ParticipantState
from tests.factories import NOON
from tests.factories.calibration import ItemFactory, MembershipFactory, SessionFactory
from tests.factories.feedback import PerspectiveFactory, RequestFactory
from tests.factories.ladders import (
    CompetencyFactory,
    LevelFactory,
    StatementFactory,
    TrackFactory,
)
from tests.factories.people import DepartmentFactory, PersonFactory
from tests.factories.reviews import CycleFactory, ParticipantFactory, ReviewFactory


@dataclass
class World:
    """Everybody with an account; `givers` are asked, in the order in which they were made."""

    perspective: Perspective
    participant: Participant
    subject: Person
    manager: Person
    skip: Person
    hr: Person
    content: Person
    stranger: Person
    givers: list[Person]
    competencies: list[int]
    session: Any = None

    @property
    def questions(self) -> list[Question]:
        return list(self.perspective.questions.all())

    def request_of(self, giver: Person) -> Request:
        return Request.objects.with_people().get(giver=giver, perspective=self.perspective)

    def others(self) -> list[Person]:
        """Everybody who is not asked; with a session, its facilitator and committee as well."""
        seats = [self.session.facilitator, *self.session.members.all()] if self.session else []
        return [self.subject, self.manager, self.skip, self.hr, self.content, self.stranger, *seats]

    def move_cycle(self, state: CycleState) -> None:
        cycle = self.perspective.cycle
        type(cycle).objects.filter(pk=cycle.pk).update(state=state)
        for held in (cycle, self.participant.cycle):
            held.state = state
        self.perspective.refresh_from_db()

    def seal(self) -> None:
        self.move_cycle(CycleState.MANAGER_REVIEW)
        actions.seal_perspective(self.perspective, by=SYSTEM_VIEWER, now=NOON)

    def release(self) -> None:
        Participant.objects.filter(pk=self.participant.pk).update(
            state=ParticipantState.RELEASED, released_at=NOON, released_by=self.manager
        )
        self.participant.refresh_from_db()


def small_world(
    *, givers: int = 5, mode: str = Mode.ANONYMOUS, competencies: int = 2, **perspective: Any
) -> World:
    level = LevelFactory(track=TrackFactory(name="Making"))
    stated = [
        StatementFactory(
            competency=CompetencyFactory(version=level.version), level=level, version=level.version
        )
        for _ in range(competencies)
    ]
    department = DepartmentFactory()
    skip = PersonFactory(name="Solveig Skip", with_user=True)
    manager = PersonFactory(
        name="Mira Manager", manager=skip, with_user=True, department=department
    )
    subject = PersonFactory(
        name="Sofia Subject", manager=manager, level=level, with_user=True, department=department
    )
    cycle = CycleFactory(state=CycleState.COLLECTION, phases=True)
    participant = ParticipantFactory(cycle=cycle, person=subject, manager=manager)
    asked = PerspectiveFactory(cycle=cycle, mode=mode, **perspective)
    people = [
        PersonFactory(
            name=f"Giver{n}canary Peer{n}canary",
            email=f"giver{n}canary@example.com",
            with_user=True,
            department=department,
        )
        for n in range(givers)
    ]
    for giver in people:
        RequestFactory(perspective=asked, participant=participant, giver=giver, proposed_by=subject)
    return World(
        asked,
        participant,
        subject,
        manager,
        skip,
        PersonFactory(name="Hanne Process", process_admin=True, with_user=True),
        PersonFactory(name="Carl Content", content_admin=True, with_user=True),
        PersonFactory(name="Stig Stranger", with_user=True),
        people,
        [s.competency_id for s in stated],
    )


def busy_world(**options: Any) -> World:
    """A small world with all that stands beside feedback: reviews handed in, a session with a
    committee, and mails about what is asked."""
    world = small_world(**options)
    for own in (True, False):
        ReviewFactory(participant=world.participant, own=own, submitted=True)
    world.session = SessionFactory(
        cycle=world.perspective.cycle, facilitator=PersonFactory(name="Fay Facilitator", with_user=True)
    )  # fmt: skip
    ItemFactory(session=world.session, participant=world.participant)
    MembershipFactory(
        session=world.session, person=PersonFactory(name="Mona Member", with_user=True)
    )
    return world


def as_viewer(person: Person) -> Viewer:
    return viewer_of_person(Person.objects.get(pk=person.pk))


def whole_form(
    world: World, text: str = "Asked early, and the answer held.", points: int = 3
) -> dict[str, str]:
    values = {f"question_{q.pk}": f"{text} ({q.position})" for q in world.questions}
    for pk in world.competencies:
        values |= {f"rating_{pk}": str(points), f"comment_{pk}": f"{text} (c)"}
    return values


def send(world: World, giver: Person, values: dict[str, str] | None = None) -> bool:
    request = world.request_of(giver)
    if request.state not in {RequestState.ASKED, RequestState.ANSWERED}:
        raise AssertionError(request.state)
    return actions.send_feedback(
        request,
        values=values or whole_form(world, text=f"Words of {giver.pk * 7919}."),
        question_ids=[q.pk for q in world.questions],
        competency_ids=world.competencies,
        by=as_viewer(giver),
        now=NOON,
    )
