"""What the database of calibration refuses, whatever the code does: each constraint violated once."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, transaction

from apps.calibration.models import Decision
from tests.factories import NOON
from tests.factories.calibration import ItemFactory, MembershipFactory, SessionFactory
from tests.factories.people import PersonFactory
from tests.violations import Violation, assert_refused, constraints_of

pytestmark = pytest.mark.django_db


def _decision():
    return Decision.objects.create(
        item=ItemFactory(),
        sequence=1,
        from_value=4,
        to_value=3,
        reason_code="evidence",
        reason="The work was shared by two.",
        decided_at=NOON,
        decided_by=PersonFactory(),
    )


VIOLATIONS = {
    "session_name_once_per_cycle": Violation(SessionFactory),
    "session_state_is_known": Violation(SessionFactory, {"name": "Other", "state": "asleep"}),
    "session_locked_at_and_by_together": Violation(
        lambda: SessionFactory(state="locked"), {"name": "Other", "record_hash": ""}
    ),
    "session_locked_has_instant": Violation(SessionFactory, {"name": "Other", "state": "locked"}),
    "session_member_once": Violation(MembershipFactory),
    "session_item_once": Violation(ItemFactory),
    "decision_sequence_once": Violation(_decision),
    "decision_change_has_reason": Violation(_decision, {"sequence": 2, "reason": ""}),
}


@pytest.mark.parametrize("change", [{"reason": "Another."}, {"to_value": 5}], ids=str)
def test_a_decision_once_made_never_changes(change):
    decision = _decision()

    with pytest.raises(DatabaseError), transaction.atomic():
        Decision.objects.filter(pk=decision.pk).update(**change)


def test_a_decision_once_made_is_never_removed():
    decision = _decision()

    with pytest.raises(DatabaseError), transaction.atomic():
        decision.delete()


def test_a_rating_that_moved_is_never_called_kept():
    violation = Violation(_decision, {"sequence": 2, "reason_code": "kept"})
    assert_refused("calibration", "decision_change_has_reason", violation)


@pytest.mark.parametrize("name", VIOLATIONS)
def test_the_database_refuses(name):
    assert_refused("calibration", name, VIOLATIONS[name])


def test_every_constraint_is_violated_once():
    assert set(VIOLATIONS) == set(constraints_of("calibration"))
