"""Each row of the tables, in Python and in SQL, for everybody who could stand to it."""

import itertools

import pytest

from apps.core.access import COMMAND_VIEWER, SYSTEM_VIEWER, Viewer
from apps.feedback.access import (
    ANSWER_READS,
    READS_FROM_SEAT,
    READS_OF_TEXT,
    READS_SCORES,
    REQUEST_READS,
    answer_gate,
    draft_gate,
    perspective_gate,
    request_gate,
)
from apps.feedback.models import Answer, FeedbackDraft, Perspective, Request
from apps.feedback.states import Mode, PerspectiveKind, PerspectiveState, RequestState
from apps.people.models import Person
from apps.reviews.models import Participant
from apps.reviews.states import CycleState, ParticipantState
from tests.factories import NOON
from tests.factories.feedback import (
    AnswerFactory,
    FeedbackDraftFactory,
    PerspectiveFactory,
    RequestFactory,
)
from tests.factories.people import PersonFactory
from tests.factories.reviews import CycleFactory, ParticipantFactory
from tests.feedback.worlds import as_viewer, send, small_world
from tests.world import seated

pytestmark = pytest.mark.django_db


@pytest.fixture
def company():
    """A line of four with a peer, and one person without manager, level or department."""
    top = PersonFactory(name="top", process_admin=True)
    skip = PersonFactory(name="skip", manager=top)
    manager = PersonFactory(name="manager", manager=skip)
    subject = PersonFactory(name="subject", manager=manager)
    former = PersonFactory(name="former manager", manager=skip)
    giver = PersonFactory(name="giver", manager=manager)
    content = PersonFactory(name="content", content_admin=True, manager=subject)
    alone = PersonFactory(name="alone", process_admin=True)
    return {p.name: p for p in (top, skip, manager, subject, former, giver, content, alone)}


def viewers():
    people = [as_viewer(p) for p in Person.objects.all()]
    office = Viewer(roles=frozenset({"process_admin", "content_admin"}))
    return [*people, Viewer(), office, SYSTEM_VIEWER, COMMAND_VIEWER]


def rows(company, cycle_state, perspective_state, mode):
    """Requests in every state and answers, about the subject and about the one without a manager."""
    cycle = CycleFactory(state=cycle_state)
    for kind in PerspectiveKind:
        if kind == PerspectiveKind.UPWARD and mode != Mode.ANONYMOUS:
            continue
        perspective = PerspectiveFactory(
            cycle=cycle, kind=kind, mode=mode, state=perspective_state, threshold=4
        )
        for name, state in (
            ("subject", ParticipantState.ACTIVE),
            ("alone", ParticipantState.RELEASED),
        ):
            person = company[name]
            participant = Participant.objects.filter(cycle=cycle, person=person).first() or ParticipantFactory(
                cycle=cycle, person=person, manager=company["former manager"], state=state,
                **({"released_at": NOON, "released_by": company["top"]} if state == ParticipantState.RELEASED else {}),
            )  # fmt: skip
            for request_state in RequestState:
                RequestFactory(
                    perspective=perspective,
                    participant=participant,
                    state=request_state,
                    proposed_by=person,
                )
            mine = RequestFactory(
                perspective=perspective,
                participant=participant,
                giver=company["giver"],
                state="asked",
            )
            FeedbackDraftFactory(request=mine)
            for _ in range(4 if name == "subject" else 3):
                AnswerFactory(perspective=perspective, participant=participant)
            if mode != Mode.ANONYMOUS:
                AnswerFactory(
                    perspective=perspective, participant=participant, author=company["giver"]
                )


CASES = [
    (CycleState.DRAFT, PerspectiveState.OPEN, Mode.NAMED),
    (CycleState.NOMINATION, PerspectiveState.OPEN, Mode.CONFIDENTIAL),
    (CycleState.COLLECTION, PerspectiveState.OPEN, Mode.ANONYMOUS),
    (CycleState.COLLECTION, PerspectiveState.OPEN, Mode.NAMED),
    (CycleState.MANAGER_REVIEW, PerspectiveState.SEALED, Mode.ANONYMOUS),
    (CycleState.DELIVERY, PerspectiveState.SEALED, Mode.CONFIDENTIAL),
    (CycleState.CLOSED, PerspectiveState.SEALED, Mode.NAMED),
    (CycleState.PAUSED, PerspectiveState.OPEN, Mode.ANONYMOUS),
]


@pytest.mark.parametrize(("cycle_state", "perspective_state", "mode"), CASES, ids=lambda v: str(v))
def test_python_and_sql_agree_on_every_row(company, cycle_state, perspective_state, mode):
    rows(company, cycle_state, perspective_state, mode)
    for gate, model in (
        (perspective_gate, Perspective),
        (request_gate, Request),
        (draft_gate, FeedbackDraft),
        (answer_gate, Answer),
    ):
        objects = list(model.objects.all())
        for action, viewer in itertools.product(gate.table, viewers()):
            by_sql = set(gate.visible(viewer, model.objects.all(), action))
            assert by_sql == {o for o in objects if gate.may(viewer, action, o)}, (
                gate.label,
                action,
                viewer,
            )


def test_visible_to_is_the_union_of_the_read_rows(company):
    rows(company, CycleState.COLLECTION, PerspectiveState.OPEN, Mode.NAMED)
    for viewer in viewers():
        for model, gate, reads in (
            (Request, request_gate, REQUEST_READS),
            (Answer, answer_gate, ANSWER_READS),
        ):
            expected = {
                o for o in model.objects.all() if any(gate.may(viewer, a, o) for a in reads)
            }
            assert set(model.objects.visible_to(viewer)) == expected


def readers(world):
    """Who may read at least one answer, by first name."""
    everyone = [*world.others(), *world.givers]
    return {p.name.split()[0] for p in everyone if Answer.objects.visible_to(as_viewer(p)).exists()}


GIVERS = {f"Giver{n}canary" for n in range(5)}


@pytest.mark.parametrize(
    ("mode", "collecting", "sealed", "released"),
    [
        (Mode.NAMED, GIVERS | {"Mira", "Solveig"}, {"Mira", "Solveig"}, {"Mira", "Solveig", "Sofia"}),
        (Mode.CONFIDENTIAL, GIVERS | {"Mira", "Solveig"}, {"Mira", "Solveig"}, {"Mira", "Solveig", "Sofia"}),
        (Mode.ANONYMOUS, set(), {"Mira", "Solveig"}, {"Mira", "Solveig", "Sofia"}),
    ],
)  # fmt: skip
def test_who_reads_what_when(mode, collecting, sealed, released):
    world = small_world(mode=mode)
    for giver in world.givers:
        send(world, giver)
    assert readers(world) == collecting
    world.seal()
    assert readers(world) == sealed
    world.release()
    assert readers(world) == released


@pytest.mark.parametrize("mode", [Mode.CONFIDENTIAL, Mode.ANONYMOUS])
@pytest.mark.parametrize("answers", range(5))
def test_below_the_threshold_nobody_reads_what_comes_without_a_name(answers, mode):
    world = small_world(mode=mode)
    for giver in world.givers[:answers]:
        send(world, giver)
    world.seal()
    world.release()
    with_names = {"Mira", "Solveig"} if mode == Mode.CONFIDENTIAL and answers else set()
    assert readers(world) == with_names
    assert not Answer.objects.visible_to(as_viewer(world.subject)).exists()
    assert not answer_gate.visible(
        seated(world.stranger), Answer.objects.all(), *READS_FROM_SEAT
    ).exists()


@pytest.mark.parametrize("mode", Mode)
def test_a_seat_reads_what_is_sealed_and_never_about_oneself_or_ones_line(mode):
    world = small_world(mode=mode)
    for giver in world.givers:
        send(world, giver)

    def reads(person):
        rows = Answer.objects.filter(perspective=world.perspective)
        return answer_gate.visible(
            seated(Person.objects.get(pk=person.pk)), rows, *READS_FROM_SEAT
        ).exists()

    assert not reads(world.stranger)
    world.seal()
    assert reads(world.stranger)
    assert reads(world.givers[0]) is (mode == Mode.NAMED)
    assert not reads(world.subject)
    Person.objects.filter(pk=world.stranger.pk).update(manager=world.subject)
    assert not reads(world.stranger)


def test_whoever_was_asked_reads_no_batch_although_they_manage_the_person_now():
    world = small_world()
    for giver in world.givers:
        send(world, giver)
    world.seal()
    Person.objects.filter(pk=world.subject.pk).update(manager=world.givers[0])
    assert readers(world) == set()


def test_a_former_manager_reads_nothing():
    world = small_world(mode=Mode.NAMED)
    send(world, world.givers[0])
    Person.objects.filter(pk=world.subject.pk).update(manager=world.stranger)
    assert "Mira" not in readers(world)
    assert "Stig" in readers(world)


def test_the_texts_for_a_manager_are_read_by_that_manager_alone_after_release():
    world = small_world(kind=PerspectiveKind.UPWARD)
    for giver in world.givers:
        send(world, giver)
    assert readers(world) == set()
    world.seal()
    figures = answer_gate.visible(as_viewer(world.manager), Answer.objects.all(), *READS_SCORES)
    assert (readers(world), figures.count()) == ({"Mira"}, 5)
    world.release()
    assert readers(world) == {"Sofia", "Mira"}
    assert not answer_gate.visible(
        as_viewer(world.manager), Answer.objects.all(), *READS_OF_TEXT
    ).exists()


def test_somebody_without_anything_sees_nothing():
    world = small_world(mode=Mode.NAMED)
    send(world, world.givers[0])
    for viewer in (Viewer(), Viewer(user_id=1), as_viewer(PersonFactory())):
        assert not Request.objects.visible_to(viewer).exists()
        assert not Answer.objects.visible_to(viewer).exists()
        assert not FeedbackDraft.objects.visible_to(viewer).exists()
