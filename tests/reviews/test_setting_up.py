"""The steps of setting a cycle up, and beginning with the plan of another."""

from __future__ import annotations

from datetime import timedelta

import pytest

from apps.core.models import AuditEvent
from apps.ladders.states import (
    VersionState,
)
from apps.people.models import Person
from apps.reviews import actions, pages
from apps.reviews.states import CycleState, Phase
from tests.factories import NOON
from tests.factories.ladders import (
    LadderVersionFactory,
    LevelFactory,
    TrackFactory,
)
from tests.factories.people import LocationFactory, PersonFactory
from tests.factories.reviews import (
    AreaWeightFactory,
    CycleFactory,
    FormQuestionFactory,
    PopulationChoiceFactory,
)
from tests.reviews.plans import cost, drawn, whole

pytestmark = pytest.mark.django_db
ON = NOON.date()


def steps(hr, cycle):
    page = pages.cycle(hr, cycle_id=cycle.pk, now=NOON)
    return page, {step.key: step for step in page.setting_up.steps}


def test_the_steps_say_how_each_of_them_stands(department, hr):
    ahead = CycleFactory(phases=[Phase.MANAGER_REVIEW, Phase.DELIVERY], departments=[department])
    ahead.owners.set([Person.objects.get(pk=hr.person_id), PersonFactory(process_admin=True)])
    ahead.self_review = False
    ahead.save()
    for number, phase in enumerate(ahead.phases.all()):
        phase.opens_on = ON + timedelta(days=10 * (number + 1))
        phase.due_on = phase.opens_on + timedelta(days=5)
        phase.save()
    whole(department)

    page, found = steps(hr, ahead)

    assert {key: step.state for key, step in found.items()} == {
        "plan": "done", "people": "done", "form": "usual", "weights": "usual",
        "feedback": "open", "check": "done", "rehearsal": "open",
    }  # fmt: skip
    assert page.setting_up.is_ready
    html = drawn("reviews/cycle.html", page)
    assert html.count("button small primary") == 1
    assert 'id="step-schedule"' in html

    FormQuestionFactory(cycle=ahead)
    AreaWeightFactory(cycle=ahead)
    PersonFactory(department=department)
    page, found = steps(hr, ahead)

    assert [found[key].state for key in ("form", "weights", "check")] == ["done", "done", "warn"]
    assert [step.key for step in page.setting_up.steps if step.is_next] == ["check"]
    assert "1 question of your own" in found["form"].says
    html = drawn("reviews/cycle.html", page)
    assert html.count("button small primary") == 1
    assert 'name="accept_gaps"' in html


def test_the_first_thing_to_mend_comes_first(cycle, department, hr):
    page, found = steps(hr, cycle)

    assert found["plan"].state == "warn"
    assert "is past" in found["plan"].says
    assert found["people"].state == "warn"
    assert [step.key for step in page.setting_up.steps if step.is_next] == ["plan"]


def test_an_owner_who_left_hr_is_named(department, hr):
    cycle = CycleFactory(phases=True, departments=[department])
    cycle.phases.update(opens_on=ON + timedelta(days=1), due_on=ON + timedelta(days=3))
    for number, phase in enumerate(cycle.phases.all()):
        phase.opens_on += timedelta(days=number)
        phase.due_on += timedelta(days=number)
        phase.save()
    gone = PersonFactory(name="Gone", is_process_admin=False)
    cycle.owners.set([gone, PersonFactory(process_admin=True)])

    _, found = steps(hr, cycle)

    assert found["plan"].state == "warn"
    assert found["plan"].says.startswith("Gone owns it")


def test_a_step_without_a_page_is_not_shown(cycle, hr):
    page, found = steps(hr, cycle)
    html = drawn("reviews/cycle.html", page)

    from django.urls import NoReverseMatch, reverse

    try:
        reverse(found["rehearsal"].address, args=[cycle.pk])
    except NoReverseMatch:
        assert 'id="step-rehearsal"' not in html
    else:
        assert 'id="step-rehearsal"' in html
    assert 'id="step-form"' in html


def test_a_retired_version_is_warned_of(cycle, department, hr):
    version = LadderVersionFactory(state=VersionState.RETIRED)
    whole(department, level=LevelFactory(track=TrackFactory(version=version)), with_level=False)

    page, found = steps(hr, cycle)

    assert "1 stands on an older version of a ladder" in found["people"].says
    assert page.setting_up.counts.behind == 1


def test_a_cycle_begins_with_the_plan_of_another(cycle, department, hr):
    place, level = LocationFactory(), LevelFactory()
    cycle.name, cycle.hired_until = "Autumn 2026", ON
    cycle.sections_off = ["manager.promotion"]
    cycle.state = CycleState.ARCHIVED
    cycle.closed_at = NOON
    cycle.save()
    cycle.locations.set([place])
    cycle.levels.set([level])
    PopulationChoiceFactory(cycle=cycle)
    FormQuestionFactory(
        cycle=cycle, text="What next?", hint="A sentence.", is_required=True, position=1
    )
    FormQuestionFactory(cycle=cycle, text="What first?")
    AreaWeightFactory(cycle=cycle, weight=3)
    gone = PersonFactory(is_process_admin=False)
    cycle.owners.add(gone)

    page = pages.repeat_cycle(hr, cycle_id=cycle.pk)
    assert (page.questions, page.weights, page.by_hand, page.lost_owners) == (2, 1, 1, 1)
    assert page.plan.name == "Autumn 2027"
    assert gone.pk not in page.plan.owner_ids

    new = actions.repeat_cycle(cycle, page.plan, by=hr, now=NOON)

    new.refresh_from_db()
    assert (new.repeats, new.state, new.sections_off) == (
        cycle,
        CycleState.DRAFT,
        ["manager.promotion"],
    )
    assert (list(new.departments.all()), list(new.locations.all())) == ([department], [place])
    assert list(new.levels.all()) == [level]
    assert new.hired_until == ON + timedelta(days=365)
    assert new.period_start == cycle.period_end + timedelta(days=1)
    asked = new.questions.values_list("text", "hint", "is_required")
    assert list(asked) == [("What first?", "", False), ("What next?", "A sentence.", True)]
    assert list(new.weights.values_list("area_key", "weight")) == [("craft", 3)]
    assert not new.choices.exists()
    assert AuditEvent.objects.get(verb="repeat_cycle").detail == {"repeats": cycle.pk}
    assert cycle.questions.count() == 2


def test_the_form_of_repeating_costs_the_same_for_few_and_many(cycle, hr):
    def opening() -> int:
        count, page = cost(lambda: pages.repeat_cycle(hr, cycle_id=cycle.pk))
        return count

    few = opening()
    for number in range(30):
        FormQuestionFactory(cycle=cycle)
        AreaWeightFactory(cycle=cycle, area_key=f"area-{number}")
        CycleFactory()

    assert opening() == few
    assert few <= 10
