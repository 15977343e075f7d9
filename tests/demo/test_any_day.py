"""The demo can be started on any day, and the same day always tells the same story."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import transaction

from apps.demo.load import load_company
from apps.inbox.duties import duties_of_everyone
from apps.inbox.states import DutyKind
from apps.reviews.models import Cycle, ReviewItem
from apps.reviews.states import CycleState

pytestmark = [pytest.mark.django_db, pytest.mark.load]


def story(now: datetime) -> list[tuple[object, ...]]:
    """Load, look, and take it back."""
    with transaction.atomic():
        load_company(now=now)
        assert {duty.kind for duty in duties_of_everyone()} == set(DutyKind)
        assert Cycle.objects.values("state").distinct().count() == len(CycleState) - 2
        told = sorted(
            ReviewItem.objects.values_list(
                "review__participant__person__email", "review__kind", "value", "mark", "comment"
            ),
            key=repr,
        )
        transaction.set_rollback(True)
    return told


@pytest.mark.parametrize(
    "day", ["2026-11-22T00:03", "2026-12-31T23:58", "2027-03-29T23:50", "2028-02-29T07:00"],
    ids=["a Sunday just after midnight", "a year's last minutes", "a change of clocks", "a leap day"],
)  # fmt: skip
def test_the_story_holds_on_any_day(day):
    assert len(story(datetime.fromisoformat(day).replace(tzinfo=UTC))) > 700


def test_the_same_day_tells_the_same_story():
    now = datetime(2026, 11, 20, 12, tzinfo=UTC)

    assert story(now) == story(now)
