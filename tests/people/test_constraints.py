"""What the database of people refuses, whatever the code does: each constraint violated once."""

from __future__ import annotations

import pytest

from tests.factories import NOON
from tests.factories.people import ApiTokenFactory, PersonFactory
from tests.violations import Violation, assert_refused, constraints_of

pytestmark = pytest.mark.django_db

VIOLATIONS = {
    "person_email_once": Violation(PersonFactory, lambda row: {"email": row.email.upper()}),
    "person_is_not_own_manager": Violation(
        PersonFactory, {"pk": 1_000_000, "manager_id": 1_000_000, "email": "own@example.com"}
    ),
    "person_leaves_after_joining": Violation(
        PersonFactory,
        lambda row: {
            "email": "early@example.com",
            "left_on": row.hired_on.replace(year=row.hired_on.year - 1),
        },
    ),
    "person_leave_runs_forward": Violation(
        PersonFactory, {"email": "away@example.com", "leave_until": NOON.date()}
    ),
    "api_token_scope_is_known": Violation(ApiTokenFactory, {"prefix": "other", "scope": "owner"}),
}


@pytest.mark.parametrize("name", VIOLATIONS)
def test_the_database_refuses(name):
    assert_refused("people", name, VIOLATIONS[name])


def test_every_constraint_is_violated_once():
    assert set(VIOLATIONS) == set(constraints_of("people"))
