"""What the database of core refuses, whatever the code does: each constraint violated once."""

from __future__ import annotations

import pytest

from apps.core.models import AuditEvent
from tests.factories import NOON
from tests.violations import Violation, assert_refused, constraints_of

pytestmark = pytest.mark.django_db


def _event():
    return AuditEvent.objects.create(
        verb="wind", object_type="clock", object_id="1", sequence=1, actor_kind="system", at=NOON
    )


VIOLATIONS = {
    "audit_event_has_one_place_in_its_chain": Violation(_event),
    "audit_event_actor_kind_is_known": Violation(
        _event, {"sequence": 2, "previous_hash": "0", "actor_kind": "ghost"}
    ),
    "audit_event_first_has_no_previous": Violation(_event, {"sequence": 2}),
}


@pytest.mark.parametrize("name", VIOLATIONS)
def test_the_database_refuses(name):
    assert_refused("core", name, VIOLATIONS[name])


def test_every_constraint_is_violated_once():
    assert set(VIOLATIONS) == set(constraints_of("core"))
