import pytest
from django.urls import reverse

from apps.calibration.models import Decision, Session
from apps.calibration.states import SessionState
from tests.factories.calibration import ItemFactory, SessionFactory
from tests.factories.people import DepartmentFactory, PersonFactory
from tests.factories.reviews import CycleFactory, ParticipantFactory, RatingEventFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def session(client):
    leader = PersonFactory(with_user=True)
    client.force_login(leader.user)
    return SessionFactory(facilitator=leader)


def url(name, *args):
    return reverse(f"calibration:{name}", args=args)


def test_hr_prepares_a_session_by_addresses(client):
    hr = PersonFactory(with_user=True, process_admin=True)
    member = PersonFactory(email="mira@example.com")
    facilitator = PersonFactory(email="fay@example.com", with_user=True)
    department = DepartmentFactory()
    cycle = CycleFactory(state="manager_review")
    ParticipantFactory(cycle=cycle, department=department)
    client.force_login(hr.user)
    sent = {
        "name": "Platform",
        "department": department.pk,
        "facilitator": facilitator.email.upper(),
        "members": "mira@example.com\n\nnobody@example.com",
    }

    refused = client.post(url("create_session", cycle.pk), sent)
    assert refused.status_code == 422
    assert "nobody@example.com" in refused.content.decode()

    made = client.post(url("create_session", cycle.pk), {**sent, "members": " mira@example.com "})
    assert made.status_code == 302
    assert list(Session.objects.get().members.all()) == [member]

    again = client.post(url("create_session", cycle.pk), {**sent, "members": member.email})
    assert again.status_code == 422
    assert "a session of that name already" in again.content.decode()


@pytest.mark.parametrize("seat", ["facilitator", "members"])
def test_a_seat_is_given_by_somebody_else(client, seat):
    hr, facilitator = (PersonFactory(with_user=True, process_admin=n == 0) for n in range(2))
    cycle = CycleFactory(state="manager_review")
    department = DepartmentFactory()
    sent = {
        "name": "Platform",
        "department": department.pk,
        "facilitator": facilitator.email,
        "members": PersonFactory().email,
    }
    client.force_login(hr.user)
    for taken in ({seat: hr.email}, {"name": "Data"}):
        refused = client.post(url("create_session", cycle.pk), {**sent, **taken})
    assert (refused.status_code, Session.objects.count()) == (302, 1)
    session = Session.objects.get()

    refused = client.post(url("edit_session", session.pk), {**sent, seat: hr.email})
    assert refused.status_code == 422
    assert "nobody gives one to themself" in refused.content.decode()
    client.force_login(facilitator.user)
    client.post(url("edit_session", session.pk), {**sent, "members": hr.email})
    client.force_login(hr.user)
    kept = client.post(url("edit_session", session.pk), {**sent, "members": hr.email})
    assert kept.status_code == 302
    assert list(session.members.all()) == [hr]


def test_a_change_without_a_sentence_keeps_what_was_chosen_and_says_why(client, session):
    item = ItemFactory(session=session)
    RatingEventFactory(participant=item.participant, overall=True, value=5)
    where = url("record_decision", session.pk, item.pk)

    refused = client.post(where, {"to_value": 3, "reason_code": "evidence", "reason": ""})
    assert refused.status_code == 422
    assert "Say in a sentence why" in refused.content.decode()
    assert Decision.objects.count() == 0

    done = client.post(where, {"to_value": 3, "reason_code": "evidence", "reason": "Shared work."})
    assert done.status_code == 302
    assert Decision.objects.get().to_value == 3


def test_the_board_answers_nothing_new_until_something_changes(client, session):
    item = ItemFactory(session=session)
    RatingEventFactory(participant=item.participant, overall=True, value=4)
    seen = {"version": session.version}
    same = client.get(url("board", session.pk), seen, headers={"HX-Request": "true"})
    assert (same.status_code, same.content) == (204, b"")

    client.post(url("confirm_rest", session.pk))

    changed = client.get(url("board", session.pk), seen, headers={"HX-Request": "true"})
    assert changed.status_code == 200
    assert "<html" not in changed.content.decode()


def test_locking_too_early_says_how_many_are_open(client, session):
    ItemFactory(session=session)
    answer = client.post(url("lock_session", session.pk), follow=True)
    assert "1 person has no decision yet." in answer.content.decode()
    assert Session.objects.get().state == SessionState.LIVE
