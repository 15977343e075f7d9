"""One small company in which every relation of the permission tables occurs.

chief - head - manager - subject            (head also leads ex_manager, hr, peer, stranger ...)
The same people take part in cycles of every state, so that a row can be asked in each.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from apps.calibration.states import SessionState
from apps.core.access import COMMAND_VIEWER, SYSTEM_VIEWER, Viewer
from apps.feedback.states import OUT, Mode, PerspectiveKind, RequestState
from apps.inbox.models import Message
from apps.ladders.models import StagedFile
from apps.ladders.states import VersionState
from apps.people.models import Person, StagedImport
from apps.people.viewers import viewer_of_person
from apps.reports.states import ExportState
from apps.reviews.states import DELIVERED, CycleState, ParticipantState
from tests.factories import NOON
from tests.factories.calibration import ItemFactory, MembershipFactory, SessionFactory
from tests.factories.feedback import (
    AnswerFactory,
    AnswerPartFactory,
    FeedbackDraftFactory,
    PerspectiveFactory,
    RequestFactory,
)
from tests.factories.ladders import (
    LadderVersionFactory,
    LevelFactory,
    RoleProfileFactory,
    StatementFactory,
)
from tests.factories.people import ApiTokenFactory, DepartmentFactory, PersonFactory, UserFactory
from tests.factories.reports import ExportFactory
from tests.factories.reviews import (
    CycleFactory,
    DisputeFactory,
    GoalFactory,
    ParticipantFactory,
    RatingEventFactory,
    ReviewFactory,
    ReviewItemFactory,
)

# The people in whose eyes every page is looked at, in the order of the columns of a table.
ACTORS = (
    "anonymous",
    "subject",
    "stranger",
    "manager",
    "ex_manager",
    "peer",
    "member",
    "process_admin",
    "content_admin",
    "superuser",
)


@dataclass
class World:
    people: dict[str, Person]
    superuser: Any
    cycles: dict[str, Any] = field(default_factory=dict)
    participants: dict[str, Any] = field(default_factory=dict)
    reviews: dict[str, Any] = field(default_factory=dict)
    requests: dict[str, Any] = field(default_factory=dict)
    other: dict[str, Any] = field(default_factory=dict)

    def user(self, actor: str) -> Any:
        return self.superuser if actor == "superuser" else self.people[actor].user

    def viewers(self) -> dict[str, Viewer]:
        return {
            "nobody": Viewer(),
            "account without a person": Viewer(user_id=self.superuser.pk),
            "system": SYSTEM_VIEWER,
            "command": COMMAND_VIEWER,
            **{name: viewer_of_person(person) for name, person in self.people.items()},
        }


def new_people() -> tuple[dict[str, Person], Any]:
    level = StatementFactory(level=LevelFactory()).level
    department = DepartmentFactory(name="Platform")
    made: dict[str, Person] = {}

    def person(name: str, manager: str | None, **more: Any) -> None:
        made[name] = PersonFactory(
            name=name.replace("_", " ").title(),
            with_user=True,
            manager=made[manager] if manager else None,
            level=level,
            department=department,
            **more,
        )

    person("chief", None)
    person("head", "chief")
    person("manager", "head")
    person("ex_manager", "head")
    person("subject", "manager")
    for name in ("peer", "stranger", "member", "facilitator", "arbiter"):
        person(name, "head")
    person("process_admin", "head", process_admin=True)
    person("content_admin", "head", content_admin=True)
    return made, UserFactory(email="root@example.com", is_staff=True, is_superuser=True)


def every_scene() -> World:
    """For the tables: the subject, an HR admin and somebody above one, in every mix of states."""
    people, superuser = new_people()
    world = World(people, superuser)
    about = {
        "subject": people["manager"],
        "process_admin": people["head"],
        "content_admin": people["head"],
        "head": people["chief"],
    }
    for cycle_state in CycleState:
        for number, state in enumerate(ParticipantState):
            cycle = CycleFactory(
                state=cycle_state,
                seal_self_review=number % 2 == 1,
                name=f"{cycle_state} {state}",
            )
            for seat, (name, manager) in enumerate(about.items()):
                kept = name == "subject" and number % 3 == 0
                participant = ParticipantFactory(
                    cycle=cycle,
                    person=people[name],
                    manager=people["ex_manager"] if kept else manager,
                    manager_kept=kept and number == 0,
                    state=state,
                    released_at=NOON if state in DELIVERED else None,
                    released_by=manager if state in DELIVERED else None,
                )
                for own in (True, False):
                    submitted = (number + seat + own) % 2 == 0
                    ReviewFactory(participant=participant, own=own, submitted=submitted)
                if state in {ParticipantState.DISPUTED, ParticipantState.SETTLED}:
                    DisputeFactory(participant=participant, arbiter=people["arbiter"])
    _every_feedback(world)
    _every_session(world)
    for name in ("process_admin", "stranger"):
        StagedImport.objects.create(
            person=people[name], name="people.csv", content=b"name", staged_at=NOON
        )
        StagedFile.objects.create(
            person_id=people[name].pk, name="ladder.md", content=b"# Level", staged_at=NOON
        )
    for state in VersionState:
        LadderVersionFactory(state=state)
    ApiTokenFactory(person=people["subject"])
    ApiTokenFactory(person=people["stranger"])
    for state in ExportState:
        for name in ("manager", "content_admin"):
            ExportFactory(state=state, cycle=cycle, requested_by=people[name])
    return world


def _every_feedback(world: World) -> None:
    people = world.people
    givers = [people[n] for n in ("peer", "stranger", "member", "facilitator", "arbiter")]
    for cycle_state in (
        CycleState.DRAFT, CycleState.NOMINATION, CycleState.COLLECTION,
        CycleState.MANAGER_REVIEW, CycleState.DELIVERY, CycleState.CANCELLED,
    ):  # fmt: skip
        for mode in Mode:
            cycle = CycleFactory(state=cycle_state, name=f"{cycle_state} {mode}")
            for kind in PerspectiveKind:
                sealed = cycle_state in {CycleState.MANAGER_REVIEW, CycleState.DELIVERY}
                perspective = PerspectiveFactory(cycle=cycle, kind=kind, mode=mode, sealed=sealed)
                subject = people["subject" if kind == PerspectiveKind.PEER else "manager"]
                out = cycle_state == CycleState.DELIVERY
                participant = cycle.participants.filter(person=subject).first()
                participant = participant or ParticipantFactory(
                    cycle=cycle,
                    person=subject,
                    manager=subject.manager,
                    state=ParticipantState.RELEASED if out else ParticipantState.ACTIVE,
                    released_at=NOON if out else None,
                    released_by=subject.manager if out else None,
                )
                known = dict(zip(OUT, givers, strict=True))
                for number, state in enumerate(RequestState):
                    giver = known.get(state) or PersonFactory()
                    request = RequestFactory(
                        perspective=perspective,
                        participant=participant,
                        giver=giver,
                        state=state,
                        proposed_by=subject if number % 2 else None,
                    )
                    if state == RequestState.ASKED:
                        FeedbackDraftFactory(request=request)
                count = 5 if cycle_state == CycleState.DELIVERY else 2
                for giver in givers[:count]:
                    AnswerFactory(
                        perspective=perspective,
                        participant=participant,
                        author=None if mode == Mode.ANONYMOUS else giver,
                    )


def _every_session(world: World) -> None:
    people = world.people
    for cycle_state in (CycleState.MANAGER_REVIEW, CycleState.CALIBRATION, CycleState.CLOSED):
        for state in SessionState:
            session = SessionFactory(
                cycle=CycleFactory(state=cycle_state),
                facilitator=people["facilitator"],
                state=state,
            )
            MembershipFactory(session=session, person=people["member"])
            MembershipFactory(session=session, person=people["manager"])
            for name in ("subject", "member", "head", "manager", "content_admin"):
                ItemFactory(
                    session=session,
                    participant=ParticipantFactory(
                        cycle=session.cycle, person=people[name], manager=people[name].manager
                    ),
                )


def one_scene() -> World:
    """For the addresses: one object of each kind, in the state in which its address matters most.

    The subject reports to `manager`; every cycle still names `ex_manager`, whose say is over.
    """
    people, superuser = new_people()
    world = World(people, superuser)
    for state in CycleState:
        world.cycles[state.value] = CycleFactory(state=state, phases=True, name=f"In {state}")
    for state in (
        CycleState.NOMINATION, CycleState.COLLECTION, CycleState.MANAGER_REVIEW,
        CycleState.CALIBRATION, CycleState.DELIVERY, CycleState.CLOSED,
    ):  # fmt: skip
        _take_part(world, state.value, state.value)
    delivery = world.cycles["delivery"]
    for name in ("released", "disputed"):
        world.cycles[name] = CycleFactory(
            state=CycleState.DELIVERY, phases=True, scale=delivery.scale, name=f"With {name}"
        )
        _take_part(world, name, name, state=ParticipantState(name))
    DisputeFactory(participant=world.participants["disputed"], arbiter=people["arbiter"])
    _one_feedback(world)
    session = SessionFactory(
        cycle=world.cycles["calibration"],
        facilitator=people["facilitator"],
        department=people["subject"].department,
    )
    MembershipFactory(session=session, person=people["member"], present=True)
    world.other["session"] = session
    world.other["item"] = ItemFactory(
        session=session, participant=world.participants["calibration"]
    )
    world.other["locked"] = SessionFactory(
        cycle=world.cycles["calibration"],
        facilitator=people["facilitator"],
        state=SessionState.LOCKED,
    )
    MembershipFactory(session=world.other["locked"], person=people["member"])
    world.other["message"] = Message.objects.create(
        person=people["subject"], key="digest.2026-11-20", due_at=NOON, planned_at=NOON,
        message_id="<one@example.com>",
    )  # fmt: skip
    world.other["profile"] = RoleProfileFactory()
    world.other["token"] = ApiTokenFactory(person=people["subject"])
    world.other["export"] = ExportFactory(
        cycle=world.cycles["released"],
        requested_by=people["manager"],
        state=ExportState.READY,
    )
    return world


def _take_part(
    world: World, key: str, cycle: str, state: ParticipantState = ParticipantState.ACTIVE
) -> None:
    people = world.people
    out = state in DELIVERED
    participant = ParticipantFactory(
        cycle=world.cycles[cycle],
        person=people["subject"],
        manager=people["ex_manager"],
        state=state,
        released_at=NOON if out else None,
        released_by=people["manager"] if out else None,
        item_count=1,
    )
    later = key in {"calibration", "delivery", "closed", "released", "disputed"}
    own = ReviewFactory(
        participant=participant, own=True, submitted=later or key == "manager_review"
    )
    by_manager = ReviewFactory(
        participant=participant, author=people["manager"], submitted=later, overall=4
    )
    competency = people["subject"].level.statements.get().competency
    for review in (own, by_manager):
        ReviewItemFactory(review=review, competency=competency, value=4)
    goal = GoalFactory(participant=participant)
    if later:
        for more in ({"overall": True}, {"competency": competency}):
            RatingEventFactory(participant=participant, value=4, given_by=people["manager"], **more)
    world.participants[key] = participant
    world.reviews[f"self {key}"], world.reviews[f"manager {key}"] = own, by_manager
    world.other[f"goal {key}"] = goal


def _one_feedback(world: World) -> None:
    people = world.people
    for key in ("nomination", "collection", "manager_review", "released"):
        perspective = PerspectiveFactory(
            cycle=world.cycles[key],
            named=True,
            sealed=key in {"manager_review", "released"},
        )
        world.other[f"perspective {key}"] = perspective
        nominating = key == "nomination"
        world.requests[key] = RequestFactory(
            perspective=perspective,
            participant=world.participants[key],
            giver=people["peer"],
            state=RequestState.PROPOSED if nominating else RequestState.ASKED,
            proposed_by=people["subject"],
        )
        if not nominating:
            answer = AnswerFactory(
                perspective=perspective,
                participant=world.participants[key],
                author=people["arbiter"],
            )
            AnswerPartFactory(answer=answer)
    world.other["perspective draft"] = PerspectiveFactory(cycle=world.cycles["draft"], named=True)
