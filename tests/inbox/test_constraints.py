"""What the database of inbox refuses, whatever the code does: each constraint violated once."""

from __future__ import annotations

import pytest

from apps.inbox.models import Message, MessageLine
from tests.factories import NOON
from tests.factories.people import PersonFactory
from tests.violations import Violation, assert_refused, constraints_of

pytestmark = pytest.mark.django_db


def _message():
    return Message.objects.create(
        person=PersonFactory(), key="day", due_at=NOON, planned_at=NOON, message_id="<1@example>"
    )


def _line():
    message = _message()
    return MessageLine.objects.create(
        message=message,
        person=message.person,
        duty_kind="self_review",
        object_id=1,
        notice="asked",
        local_day=NOON.date(),
    )


OTHER = {"key": "other", "message_id": "<2@example>"}
VIOLATIONS = {
    "message_once_per_person_and_key": Violation(_message, {"message_id": "<2@example>"}),
    "message_sent_has_instant": Violation(_message, {**OTHER, "state": "sent"}),
    "message_state_is_known": Violation(_message, {**OTHER, "state": "asleep"}),
    "message_line_once": Violation(_line),
}


def test_a_message_that_was_not_sent_has_no_instant_of_sending():
    violation = Violation(_message, {**OTHER, "sent_at": NOON})
    assert_refused("inbox", "message_sent_has_instant", violation)


@pytest.mark.parametrize("name", VIOLATIONS)
def test_the_database_refuses(name):
    assert_refused("inbox", name, VIOLATIONS[name])


def test_every_constraint_is_violated_once():
    assert set(VIOLATIONS) == set(constraints_of("inbox"))
