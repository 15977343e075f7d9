"""What the database of reports refuses, whatever the code does: each constraint violated once."""

from __future__ import annotations

import pytest

from tests.factories import NOON
from tests.factories.reports import ExportFactory
from tests.violations import Violation, assert_refused, constraints_of

pytestmark = pytest.mark.django_db

VIOLATIONS = {
    "export_state_is_known": Violation(ExportFactory, {"state": "asleep"}),
    "export_ready_has_its_file": Violation(ExportFactory, {"state": "ready", "ready_at": NOON}),
    "export_of_packets_has_its_cycle": Violation(ExportFactory, {"cycle": None}),
}


@pytest.mark.parametrize("name", VIOLATIONS)
def test_the_database_refuses(name):
    assert_refused("reports", name, VIOLATIONS[name])


def test_every_constraint_is_violated_once():
    assert set(VIOLATIONS) == set(constraints_of("reports"))
