"""Who may do what in a session, written down; and each part of each line matters.

`policy.txt` beside this file is read by people in a diff: for each row of calibration's tables, everybody
who may, and to how many objects of `tests.world.every_scene`. Then every `who`, `never`, `during` and
`when` is taken away in turn, and the written table must notice.
`python -m pytest tests/calibration/test_gate_mutations.py --write-answers` writes what is so now.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db import transaction

from apps.calibration.access import item_gate, session_gate
from tests.gates import line, unnoticed
from tests.world import every_scene

pytestmark = pytest.mark.django_db
TABLE = Path(__file__).with_name("policy.txt")
TABLES = [session_gate, item_gate]
ROWS = [(gate.label, action) for gate in TABLES for action in gate.table]


@pytest.fixture(scope="module")
def viewers(django_db_setup, django_db_blocker):
    """Those of the world, which is made once and rolled back after the module."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield every_scene().viewers()
        transaction.set_rollback(True)


def test_the_tables_are_as_they_were_agreed(viewers, request):
    now = [line(label, action, viewers) for label, action in ROWS]
    if request.config.getoption("--write-answers"):
        TABLE.write_text("\n".join(now) + "\n")

    assert now == TABLE.read_text().splitlines()


def test_whatever_is_taken_away_is_noticed(viewers):
    agreed = dict(zip(ROWS, TABLE.read_text().splitlines(), strict=True))
    count, missed = unnoticed(TABLES, agreed, viewers)

    assert count > 30
    assert missed == set()
