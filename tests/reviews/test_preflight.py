"""The check before a cycle: for whom it would not go well, and the door where that is mended."""

from __future__ import annotations

from datetime import timedelta

import pytest

from apps.ladders.models import Reference
from apps.ladders.states import (
    ReferenceKind,
    ReferenceStatus,
)
from apps.people.models import Person
from apps.reviews import actions, pages
from apps.reviews.rules.phases import Hindered
from apps.reviews.states import CycleState, Gap
from tests.factories import NOON
from tests.factories.people import DepartmentFactory, PersonFactory, UserFactory
from tests.factories.reviews import (
    CycleFactory,
)
from tests.reviews.plans import cost, drawn, whole

pytestmark = pytest.mark.django_db
ON = NOON.date()


def _unread(person):
    Reference.objects.create(
        version=person.level.version,
        level=person.level,
        kind=ReferenceKind.INHERITS,
        status=ReferenceStatus.UNRESOLVED,
        text="Parent",
    )
    return person


WRITING, RATING = ON + timedelta(days=2), ON + timedelta(days=12)  # days of these phases
GAPS = {
    Gap.MANAGER: (lambda d: whole(d, manager=None), "Name a manager"),
    Gap.MANAGER_LEFT: (lambda d: whole(d, manager=PersonFactory(left=True)), "Name a manager"),
    Gap.MANAGER_ACCOUNT: (lambda d: whole(d, manager=PersonFactory()), "Open an account"),
    Gap.MANAGER_AWAY: (
        lambda d: whole(
            d, manager=PersonFactory(with_user=True, leave_from=RATING, leave_until=RATING)
        ),
        "Name another manager",
    ),
    Gap.LEVEL: (lambda d: whole(d, with_level=False), "Give a level"),
    Gap.PAGE: (lambda d: _unread(whole(d)), "Open the ladder"),
    Gap.EMAIL: (lambda d: whole(d, with_user=False, user=UserFactory(), email=""), "Give an address"),
    Gap.ACCOUNT: (lambda d: whole(d, with_user=False), "Open an account"),
    Gap.AWAY: (lambda d: whole(d, leave_from=WRITING - timedelta(days=90)), "Leave out"),
}  # fmt: skip


def test_every_kind_of_gap_has_a_case():
    assert set(GAPS) == set(Gap)


@pytest.mark.parametrize("gap", GAPS)
def test_the_check_names_one_gap_and_its_way_to_mend(cycle, department, hr, gap):
    make, words = GAPS[gap]
    whole(department, name="Nothing missing")
    person = make(department)

    page = pages.preflight(hr, cycle_id=cycle.pk, now=NOON)

    assert [(row.person, [fix.words for fix in row.fixes]) for row in page.rows.object_list] == [
        (person, [words])
    ]
    assert [(tab.gap, tab.count) for tab in page.counts.tabs] == [(gap.value, 1)]
    assert (page.counts.people, page.counts.with_gaps) == (2, 1)
    html = drawn("reviews/preflight.html", page)
    assert words in html
    assert "Nothing missing" not in html


@pytest.mark.parametrize(
    ("leave", "gaps"),
    [
        ({}, 0),
        ({"leave_from": ON - timedelta(days=30), "leave_until": ON - timedelta(days=1)}, 0),
        ({"leave_from": ON - timedelta(days=30), "leave_until": ON}, 1),
        ({"leave_from": ON + timedelta(days=9)}, 1),
        ({"leave_from": ON + timedelta(days=10)}, 0),
    ],
    ids=["none", "over before", "over on the first day", "from the last day", "from the day after"],
)
def test_a_leave_counts_while_self_reviews_are_written(cycle, department, leave, gaps):
    whole(department, **leave)

    assert cycle.people_with_gaps(on=ON).count() == gaps
    cycle.self_review = False
    assert cycle.people_with_gaps(on=ON).count() == 0


def test_hr_is_offered_no_door_that_stays_shut(cycle, department, hr):
    me = Person.objects.get(pk=hr.person_id)
    me.department = department
    me.leave_from = WRITING
    me.save()
    closed = whole(department, name="Closed", with_user=False, user=UserFactory(is_active=False))

    page = pages.preflight(hr, cycle_id=cycle.pk, now=NOON)

    mine, theirs = sorted(page.rows.object_list, key=lambda row: row.person != me)
    assert theirs.person == closed
    assert [(fix.address, bool(fix.refusal)) for fix in theirs.fixes] == [("", True)]
    refused = {fix.why: fix.refusal for fix in mine.fixes if not fix.address}
    assert refused["has no manager to review them"].startswith("HR changes everybody's entry but")
    html = drawn("reviews/preflight.html", page)
    assert f"/people/{me.pk}/edit/" not in html
    assert f"/people/{me.pk}/choose/" not in html


def test_the_check_is_narrowed_by_kind(cycle, department, hr):
    bare = whole(department, manager=None, with_user=False)
    whole(department, with_user=False)

    page = pages.preflight(hr, cycle_id=cycle.pk, now=NOON, chosen="lacks_manager")

    assert [row.person for row in page.rows.object_list] == [bare]
    assert {tab.gap: tab.count for tab in page.counts.tabs} == {
        "lacks_manager": 1,
        "lacks_account": 2,
    }
    unknown = pages.preflight(hr, cycle_id=cycle.pk, now=NOON, chosen="pk")
    assert len(unknown.rows.object_list) == 2


def test_the_check_costs_the_same_for_three_and_three_hundred(hr):
    def checking(people: int) -> int:
        department = DepartmentFactory()
        cycle = CycleFactory(phases=True, departments=[department])
        for _ in range(people):
            PersonFactory(department=department, with_level=True)
        count, page = cost(lambda: pages.preflight(hr, cycle_id=cycle.pk, now=NOON))
        assert page.counts.with_gaps == people
        html = drawn("reviews/preflight.html", page)
        assert html.count('class="gap-row"') == min(people, 50)
        return count

    few = checking(3)
    assert few == checking(300)
    assert few <= 4


def test_gaps_are_accepted_before_it_is_scheduled(cycle, department, hr):
    PersonFactory(department=department)

    with pytest.raises(Hindered):
        actions.schedule_cycle(cycle, by=hr, now=NOON)
    actions.schedule_cycle(cycle, accept_gaps=True, by=hr, now=NOON)

    cycle.refresh_from_db()
    assert cycle.state == CycleState.SCHEDULED
