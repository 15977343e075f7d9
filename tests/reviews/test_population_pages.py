"""The list of who takes part in a cycle, and why."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection
from django.http import Http404
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from apps.core.access import Viewer
from apps.ladders.states import VersionState
from apps.people.models import Person
from apps.people.viewers import viewer_of_person
from apps.reviews import pages
from apps.reviews.models import PopulationChoice
from apps.reviews.pages import PopulationFilter
from apps.reviews.states import CycleState, Standing
from tests.factories import NOON
from tests.factories.ladders import (
    LadderVersionFactory,
    LevelFactory,
    RoleProfileFactory,
    TrackFactory,
)
from tests.factories.people import DepartmentFactory, PersonFactory
from tests.factories.reviews import CycleFactory, ParticipantFactory, PopulationChoiceFactory

pytestmark = pytest.mark.django_db
ON = NOON.date()
S = Standing


@pytest.fixture
def hr() -> Viewer:
    return viewer_of_person(PersonFactory(process_admin=True))


@pytest.fixture
def department():
    return DepartmentFactory(name="Platform")


@pytest.fixture
def cycle(department):
    return CycleFactory(phases=True, departments=[department], state=CycleState.DRAFT)


def drawn(template: str, page: object) -> str:
    with CaptureQueriesContext(connection) as caught:
        html = render_to_string(template, {"page": page}, request=RequestFactory().get("/"))
    assert [q["sql"] for q in caught] == []
    return html


def cost(build) -> tuple[int, object]:
    with CaptureQueriesContext(connection) as caught:
        page = build()
    return len(caught), page


def test_the_page_says_of_everybody_whether_and_why(cycle, department, hr):
    PersonFactory(name="Ada", department=department)
    PersonFactory(name="Bo", department=DepartmentFactory(name="Sales"))
    PersonFactory(name="Cy", department=department, hired_on=date(2026, 11, 1))
    PopulationChoiceFactory(
        cycle=cycle,
        person=PersonFactory(name="Di", department=department),
        reason="parental leave",
    )
    PopulationChoiceFactory(
        cycle=cycle, person=PersonFactory(name="Ed"), takes_part=True, reason="asked to"
    )
    PersonFactory(name="Fay")
    PersonFactory(name="Gus", department=department, hired_on=date(2027, 3, 1))
    cycle.hired_until = date(2026, 10, 1)
    cycle.save()
    hr_person = Person.objects.get(pk=hr.person_id)

    page = pages.population(
        hr, cycle_id=cycle.pk, now=NOON, chosen=PopulationFilter(standing="everybody")
    )

    seen = {seat.person.name: (seat.is_in, seat.why) for seat in page.rows.object_list}
    chosen_by = {c.chosen_by.name for c in PopulationChoice.objects.select_related("chosen_by")}
    assert {name: line for name, line in seen.items() if name not in chosen_by} == {
        "Ada": (True, "by the plan"),
        "Bo": (False, "left out: works in Sales"),
        "Cy": (False, "left out: hired after 1 October 2026"),
        "Di": (False, "left out by hand: parental leave"),
        "Ed": (True, "taken in by hand: asked to"),
        "Fay": (False, "left out: is in no department"),
        "Gus": (False, "left out: begins on 1 March 2027"),
        hr_person.name: (False, "left out: is in no department"),
    }
    counts = {tab.standing: tab.count for tab in page.tabs}
    assert (counts["in"], counts["taken_in"], counts["left_out"], counts["hired"]) == (2, 1, 1, 1)
    assert page.people == 2
    html = drawn("reviews/population.html", page)
    assert "left out by hand: parental leave" in html


def test_the_list_is_narrowed_by_standing_words_and_version(cycle, department, hr):
    level = LevelFactory()
    ada = PersonFactory(name="Ada", department=department, level=level)
    bo = PersonFactory(name="Bo", department=department)
    out = PersonFactory(name="Adam")

    def names(**chosen):
        page = pages.population(hr, cycle_id=cycle.pk, now=NOON, chosen=PopulationFilter(**chosen))
        return [seat.person.name for seat in page.rows.object_list]

    assert names() == [ada.name, bo.name]
    assert names(search="ada") == [ada.name, out.name]
    assert names(search="ada", standing="in") == [ada.name]
    assert names(version=level.version_id) == [ada.name]
    assert names(standing="no such thing") == names(standing="everybody")


def test_the_page_says_which_ladder_versions_are_in_use(cycle, department, hr):
    old = LadderVersionFactory(state=VersionState.RETIRED, number=2)
    new = LadderVersionFactory(ladder=old.ladder, number=3)
    behind = LevelFactory(track=TrackFactory(version=old))
    PersonFactory.create_batch(2, department=department, level=behind)
    PersonFactory(department=department, level=LevelFactory(track=TrackFactory(version=new)))
    PersonFactory(department=department, role_profile=RoleProfileFactory())
    PersonFactory(level=behind)  # takes no part

    page = pages.population(hr, cycle_id=cycle.pk, now=NOON)

    lines = {v.version_id: (v.people, v.is_published, v.published_number) for v in page.versions}
    assert lines[old.pk] == (2, False, 3)
    assert lines[new.pk] == (1, True, 3)
    assert len(lines) == 3
    assert page.behind == 2
    html = drawn("reviews/population.html", page)
    assert f"{old.ladder.title}, version 2" in html
    assert "2 people do not stand on the published version." in html


def test_the_page_costs_the_same_for_three_and_three_hundred(hr):
    def listing(people: int) -> int:
        department = DepartmentFactory()
        cycle = CycleFactory(phases=True, departments=[department])
        cycle.levels.set([LevelFactory(), LevelFactory()])
        for number in range(people):
            person = PersonFactory(department=department, with_level=True)
            if number % 2:
                PopulationChoiceFactory(cycle=cycle, person=person, takes_part=True)
        count, page = cost(
            lambda: pages.population(
                hr, cycle_id=cycle.pk, now=NOON, chosen=PopulationFilter(search="Pers")
            )
        )
        drawn("reviews/population.html", page)
        return count

    few = listing(3)
    assert few == listing(300)
    assert few <= 9


def test_only_hr_finds_the_page(cycle):
    stranger = viewer_of_person(PersonFactory())
    content = viewer_of_person(PersonFactory(content_admin=True))

    for viewer in (Viewer(), stranger, content):
        with pytest.raises(Http404):
            pages.population(viewer, cycle_id=cycle.pk, now=NOON)


def test_levels_are_offered_once_each_by_ladder_and_track(cycle, hr):
    old = LadderVersionFactory(state=VersionState.RETIRED, number=1)
    new = LadderVersionFactory(ladder=old.ladder, number=2)
    gone = LevelFactory(
        track=TrackFactory(version=old, name="Makers"), key="gone", code="", title="Gone"
    )
    unused = LevelFactory(track=TrackFactory(version=old, name="Makers"), key="unused")
    before = LevelFactory(track=TrackFactory(version=old, name="Makers"), key="senior")
    track = TrackFactory(version=new, name="Makers")
    after = LevelFactory(track=track, key="senior", code="", title="Senior")
    PersonFactory(level=gone)
    cycle.levels.set([before])

    page = pages.edit_population(hr, cycle_id=cycle.pk)

    offered = dict(page.levels)[f"{new.ladder.title} · Makers"]
    assert offered == [(after.pk, "Senior"), (gone.pk, "Gone")]
    assert unused.pk not in [pk for pk, _ in offered]
    assert page.chosen_levels == [after.pk]


def test_a_running_cycle_shows_who_would_join_and_changes_nothing(cycle, department, hr):
    ParticipantFactory(cycle=cycle, person=PersonFactory(department=department))
    type(cycle).objects.filter(pk=cycle.pk).update(state=CycleState.COLLECTION, launched_at=NOON)

    page = pages.population(hr, cycle_id=cycle.pk, now=NOON)

    assert not page.may_edit
    assert "those who were in at the launch stay in" in drawn("reviews/population.html", page)
