"""The permission table of people, written out: who may do what to whom."""

import pytest

from apps.core.access import COMMAND_VIEWER, SYSTEM_VIEWER, Viewer
from apps.people.access import person_gate, staged_gate, token_gate
from apps.people.models import ApiToken, Person, StagedImport
from apps.people.viewers import viewer_of_person
from tests.factories import NOON
from tests.factories.people import ApiTokenFactory, PersonFactory

pytestmark = pytest.mark.django_db

EVERYBODY = {"oneself", "manager", "skip", "colleague", "report", "leaver", "process", "content"}
HR_FOR_OTHERS = {"process", "command", "system"}
TABLE = {
    "read_person": EVERYBODY,
    "read_former": {"process", "content"},
    "read_level": {"oneself", "manager", "skip", "process", "content"},
    "read_employment": {"oneself", "manager", "process"},
    "create_person": HR_FOR_OTHERS,
    "import_people": HR_FOR_OTHERS,
    "edit_person": HR_FOR_OTHERS,
    "change_manager": HR_FOR_OTHERS,
    "leave": HR_FOR_OTHERS,
    "return_to_work": HR_FOR_OTHERS,
    "plan_leave": HR_FOR_OTHERS,
    "open_account": HR_FOR_OTHERS,
    "grant_office": HR_FOR_OTHERS,
    "revoke_office": HR_FOR_OTHERS,
    "choose_time_zone": {"oneself"},
}


@pytest.fixture
def cast():
    skip = PersonFactory()
    manager = PersonFactory(manager=skip)
    subject = PersonFactory(manager=manager)
    people = {
        "oneself": subject, "manager": manager, "skip": skip, "colleague": PersonFactory(manager=manager),
        "report": PersonFactory(manager=subject), "leaver": PersonFactory(left=True),
        "process": PersonFactory(process_admin=True), "content": PersonFactory(content_admin=True),
    }  # fmt: skip
    viewers = {name: viewer_of_person(p) for name, p in people.items()}
    viewers |= {"nobody": Viewer(), "command": COMMAND_VIEWER, "system": SYSTEM_VIEWER}
    return subject, viewers


def test_the_table_has_every_row():
    assert set(TABLE) == set(person_gate.table)


@pytest.mark.parametrize("action", TABLE)
def test_exactly_these_may(cast, action):
    subject, viewers = cast

    in_python = {n for n, v in viewers.items() if person_gate.may(v, action, subject)}
    in_sql = {
        n for n, v in viewers.items()
        if person_gate.visible(v, Person.objects.filter(pk=subject.pk), action).exists()
    }  # fmt: skip

    assert in_python == TABLE[action]
    assert in_sql == in_python


@pytest.mark.parametrize(
    "action",
    ["edit_person", "change_manager", "leave", "return_to_work", "grant_office", "revoke_office"],
)
def test_an_office_gives_no_right_over_oneself(action):
    me = PersonFactory(process_admin=True, content_admin=True)

    assert not person_gate.may(viewer_of_person(me), action, me)


def test_people_without_manager_see_nothing_more():
    alone, other = PersonFactory(), PersonFactory()

    assert not person_gate.may(viewer_of_person(alone), "read_level", other)
    assert not person_gate.may(Viewer(), "read_level", other)


def test_the_directory_holds_todays_colleagues_and_for_hr_the_former_ones():
    day = NOON.date()
    here, gone = PersonFactory(), PersonFactory(left=True)
    leaves_today, leaves_tomorrow = (
        PersonFactory(left_on=day),
        PersonFactory(left_on=day.replace(day=21)),
    )
    hr = viewer_of_person(PersonFactory(process_admin=True))

    def seen(viewer):
        return set(Person.objects.visible_to(viewer, on=day))

    assert seen(viewer_of_person(here)) >= {here, leaves_tomorrow}
    assert not seen(viewer_of_person(here)) & {gone, leaves_today}
    assert seen(hr) >= {here, gone, leaves_today, leaves_tomorrow}
    assert seen(Viewer()) == set()


def test_a_token_and_a_file_are_their_owners_alone():
    token = ApiTokenFactory(person=PersonFactory(process_admin=True))
    staged = StagedImport.objects.create(person=token.person, name="x", content=b"", staged_at=NOON)
    owner = viewer_of_person(token.person)
    strangers = [viewer_of_person(PersonFactory(process_admin=True)), Viewer(), SYSTEM_VIEWER]

    assert all(token_gate.may(owner, action, token) for action in token_gate.table)
    assert staged_gate.may(owner, "read_staged", staged)
    for stranger in strangers:
        assert not any(token_gate.may(stranger, action, token) for action in token_gate.table)
        assert not ApiToken.objects.visible_to(stranger).exists()
        assert not StagedImport.objects.visible_to(stranger).exists()


def test_a_file_is_out_of_reach_once_the_office_is_gone():
    person = PersonFactory()
    StagedImport.objects.create(person=person, name="x", content=b"", staged_at=NOON)

    assert not StagedImport.objects.visible_to(viewer_of_person(person)).exists()
