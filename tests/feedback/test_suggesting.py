"""Who is suggested, for which reason, and what no suggestion may tell."""

import pytest

from apps.feedback import pages
from apps.feedback.states import Mode, RequestState
from apps.reviews.states import CycleState, ParticipantState
from tests.factories import NOON
from tests.factories.feedback import AnswerFactory, PerspectiveFactory, RequestFactory
from tests.factories.ladders import RoleProfileFactory
from tests.factories.people import PersonFactory
from tests.factories.reviews import CycleFactory, ParticipantFactory
from tests.feedback.test_choosing import TODAY, busy, nominating, page_of
from tests.feedback.worlds import as_viewer

pytestmark = pytest.mark.django_db


def suggested(world, viewer=None):
    page = pages.nominate(
        viewer or as_viewer(world.subject), participant_id=world.participant.pk, now=NOON
    )
    return {p.name: p.why for p in page.suggested}


def test_each_suggestion_has_its_reason_and_the_nearest_come_first():
    world = nominating()
    role = RoleProfileFactory()
    type(world.subject).objects.filter(pk=world.subject.pk).update(role_profile=role)
    type(world.manager).objects.filter(pk=world.manager.pk).update(department=None)
    PersonFactory(name="Nobody")
    PersonFactory(name="Department", department=world.subject.department)
    PersonFactory(name="Line", manager=PersonFactory(name="Boss", manager=world.skip))
    PersonFactory(name="Goals", role_profile=role)
    PersonFactory(name="Report", manager=world.subject)
    PersonFactory(name="Team", manager=world.manager)
    assert list(suggested(world).items()) == [
        ("Team", "same manager"),
        ("Report", "reports to you"),
        ("Goals", "same role and goals"),
        ("Department", "same department"),
        ("Line", "same part of the company"),
    ]


def test_those_of_whom_enough_is_asked_and_newcomers_are_not_suggested():
    world = nominating(giver_budget=1)
    near = {
        name: PersonFactory(name=name, manager=world.manager) for name in ("Free", "Full", "New")
    }
    busy(world, near["Full"], 1)
    type(near["New"]).objects.filter(pk=near["New"].pk).update(hired_on=TODAY)
    assert list(suggested(world)) == ["Free"]
    page = pages.nominate(
        as_viewer(world.subject), participant_id=world.participant.pk, now=NOON, find="Full"
    )
    assert [(p.load, p.doubt) for p in page.found] == [
        (1, "As many are asking as this cycle asks of anybody.")
    ]


def earlier(world, mode):
    """A cycle before this one, released, about the same person, in which two were asked: one whom
    the person named, and one whom the manager added. Both answered."""
    cycle = CycleFactory(state=CycleState.CLOSED)
    perspective = PerspectiveFactory(cycle=cycle, mode=mode, sealed=True)
    seat = ParticipantFactory(
        cycle=cycle, person=world.subject, manager=world.manager,
        state=ParticipantState.RELEASED, released_at=NOON, released_by=world.manager,
    )  # fmt: skip
    people = {name: PersonFactory(name=name) for name in ("Named", "Added", "Silent")}
    for name, by in (("Named", world.subject), ("Added", world.manager), ("Silent", world.manager)):
        RequestFactory(
            perspective=perspective, participant=seat, giver=people[name], proposed_by=by,
            state=RequestState.CLOSED if mode == Mode.ANONYMOUS else RequestState.ANSWERED,
        )  # fmt: skip
    for name in ("Named", "Added"):
        AnswerFactory(
            perspective=perspective,
            participant=seat,
            author=None if mode == Mode.ANONYMOUS else people[name],
        )
    return people


@pytest.mark.parametrize(
    ("mode", "known"),
    [
        (Mode.NAMED, {"Named": "you named them before", "Added": "gave you feedback with their name"}),
        (Mode.CONFIDENTIAL, {"Named": "you named them before"}),
        (Mode.ANONYMOUS, {"Named": "you named them before"}),
    ],
)  # fmt: skip
def test_a_suggestion_names_nobody_who_was_promised_to_stay_unknown(mode, known):
    world = nominating()
    earlier(world, mode)
    assert suggested(world) == known


@pytest.mark.parametrize("state", [s for s in RequestState if s != RequestState.TURNED_DOWN])
def test_whom_one_named_is_suggested_whatever_came_of_it(state):
    """PRIVACY: a name that went missing after a decline would tell of it."""
    world = nominating()
    before = PerspectiveFactory(cycle=CycleFactory(state=CycleState.CLOSED))
    seat = ParticipantFactory(cycle=before.cycle, person=world.subject, manager=world.manager)
    RequestFactory(
        perspective=before, participant=seat, state=state, proposed_by=world.subject,
        giver=PersonFactory(name="Named"),
    )  # fmt: skip
    assert suggested(world) == {"Named": "you named them before"}


def test_those_one_was_asked_about_are_suggested_to_oneself_alone():
    world = nominating()
    other = ParticipantFactory(person=PersonFactory(name="Other"))
    RequestFactory(
        perspective=PerspectiveFactory(cycle=other.cycle), participant=other, giver=world.subject
    )
    assert suggested(world) == {"Other": "you were asked about them"}
    assert page_of(world).suggested == []


def test_the_manager_is_told_no_reason_out_of_anybodys_own_pages():
    world = nominating()
    earlier(world, Mode.NAMED)
    assert page_of(world).suggested == []
