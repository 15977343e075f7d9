"""One small company in which every relation of the permission tables occurs.

chief - head - manager - subject            (head also leads ex_manager, hr, peer, stranger ...)
The same people take part in cycles of every state, so that a row can be asked in each.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from apps.calibration.states import SessionState
from apps.core.access import COMMAND_VIEWER, SYSTEM_VIEWER, Viewer
from apps.feedback.access import SEAT_ROLE
from apps.inbox.models import Message
from apps.ladders.models import StagedFile
from apps.ladders.states import VersionState
from apps.people.models import Person, StagedImport
from apps.people.viewers import viewer_of_person
from apps.reports.states import ExportState
from apps.reviews.states import DELIVERED, CycleState, ParticipantState
from tests.cast import new_people
from tests.factories import NOON
from tests.factories.calibration import ItemFactory, MembershipFactory, SessionFactory
from tests.factories.ladders import (
    LadderVersionFactory,
    RoleProfileFactory,
)
from tests.factories.people import ApiTokenFactory
from tests.factories.reports import ExportFactory
from tests.factories.reviews import (
    CycleFactory,
    DisputeFactory,
    EvidenceNoteFactory,
    ExtensionFactory,
    FormQuestionFactory,
    GoalFactory,
    ParticipantFactory,
    PopulationChoiceFactory,
    RatingEventFactory,
    ReviewFactory,
    ReviewItemFactory,
)
from tests.world_feedback import every_concern, every_feedback, every_unasked, one_feedback


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
            **{f"{name} in a seat": seated(self.people[name]) for name in IN_A_SEAT},
        }


# Who is asked, who is above, whom it is about, and somebody who is none of these.
IN_A_SEAT = ("member", "manager", "subject", "peer", "ex_manager")


def seated(person: Person) -> Viewer:
    """As calibration asks for somebody who sits in a session about the person."""
    viewer = viewer_of_person(person)
    return replace(viewer, roles=viewer.roles | {SEAT_ROLE})


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
        prepared = CycleFactory(state=cycle_state)
        for name in ("subject", "process_admin"):
            PopulationChoiceFactory(cycle=prepared, person=people[name])
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
                    delegated_at=NOON if kept and number == 0 else None,
                    delegated_by=people["manager"] if kept and number == 0 else None,
                    state=state,
                    released_at=NOON if state in DELIVERED else None,
                    released_by=manager if state in DELIVERED else None,
                )
                _more_time(participant, number)
                for own in (True, False):
                    submitted = (number + seat + own) % 2 == 0
                    ReviewFactory(participant=participant, own=own, submitted=submitted)
                if state in {ParticipantState.DISPUTED, ParticipantState.SETTLED}:
                    DisputeFactory(participant=participant, arbiter=people["arbiter"])
    every_feedback(world)
    every_concern(world)
    every_unasked(world)
    _every_session(world)
    _every_note(world)
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
            ExportFactory(state=state, bundle=True, requested_by=people[name])
    return world


def _more_time(participant: Any, number: int) -> None:
    """For some a phase runs on, for some it did, and for some another one does."""
    if number % 3 != 2:
        for phase in ("collection", "manager_review"):
            ended = NOON if (phase == "collection") == bool(number % 2) else None
            ExtensionFactory(participant=participant, phase=phase, ended_at=ended)
    else:
        ExtensionFactory(participant=participant, phase="delivery", grace=True)


def _every_note(world: World) -> None:
    """By oneself, by today's manager and by yesterday's; private and shared; loose, quoted in a
    review that is written, and in one that is handed in."""
    people = world.people
    writers = {
        "subject": ("subject", "manager", "ex_manager"),
        "manager": ("manager", "head"),
        "content_admin": ("content_admin", "head"),
        "chief": ("chief",),
    }
    participants = [
        ParticipantFactory(person=people["subject"], manager=people["manager"]) for _ in range(2)
    ]
    items = [
        ReviewItemFactory(review=ReviewFactory(participant=p, submitted=submitted))
        for p, submitted in zip(participants, (False, True), strict=True)
    ]
    for about, authors in writers.items():
        for author in authors:
            for shared in (False, True):
                for item in (None, *items):
                    EvidenceNoteFactory(
                        about=people[about],
                        author=people[author],
                        shared=shared,
                        linked_in=item,
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
            left_out = ParticipantFactory(cycle=session.cycle, person=people["peer"], excused=True)
            ItemFactory(session=session, participant=left_out)


def one_scene() -> World:
    """For the addresses: one object of each kind, in the state in which its address matters most.

    The subject reports to `manager`; every cycle still names `ex_manager`, whose say is over.
    """
    people, superuser = new_people()
    world = World(people, superuser)
    for state in CycleState:
        world.cycles[state.value] = CycleFactory(state=state, phases=True, name=f"In {state}")
    world.cycles["scheduled"].departments.add(people["subject"].department)
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
    one_feedback(world)
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
    draft = world.cycles["draft"]
    draft.departments.set([people["subject"].department])
    world.other["choice"] = PopulationChoiceFactory(cycle=draft, person=people["subject"])
    PopulationChoiceFactory(cycle=world.cycles["collection"], person=people["ex_manager"])
    world.other["question"] = FormQuestionFactory(cycle=draft)
    world.other["message"] = Message.objects.create(
        person=people["subject"], key="digest.2026-11-20", due_at=NOON, planned_at=NOON,
        message_id="<one@example.com>",
    )  # fmt: skip
    world.other["note"] = EvidenceNoteFactory(about=people["subject"])
    EvidenceNoteFactory(about=people["subject"], author=people["manager"], shared=True)
    EvidenceNoteFactory(about=people["subject"], author=people["ex_manager"])
    world.other["profile"] = RoleProfileFactory()
    world.other["token"] = ApiTokenFactory(person=people["subject"])
    world.other["export"] = ExportFactory(
        cycle=world.cycles["released"],
        requested_by=people["manager"],
        state=ExportState.READY,
    )
    world.other["bundle"] = ExportFactory(
        bundle=True, requested_by=people["subject"], state=ExportState.READY
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
