"""Setting a cycle up over HTTP: what is typed, what comes back, and what a refusal keeps."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.reviews.models import Cycle, FormQuestion, PopulationChoice
from apps.reviews.states import CycleState, Phase
from tests.factories.feedback import PerspectiveFactory
from tests.factories.ladders import (
    AreaFactory,
    CompetencyFactory,
    LevelFactory,
    TrackFactory,
)
from tests.factories.people import DepartmentFactory, LocationFactory, PersonFactory
from tests.factories.reviews import CycleFactory, FormQuestionFactory, PopulationChoiceFactory

pytestmark = pytest.mark.django_db
BACKEND = "apps.people.backend.Backend"


@pytest.fixture
def hr():
    return PersonFactory(process_admin=True, with_user=True)


@pytest.fixture
def client(hr):
    client = Client()
    client.force_login(hr.user, backend=BACKEND)
    return client


@pytest.fixture
def department():
    return DepartmentFactory()


@pytest.fixture
def cycle(department, hr):
    owners = [hr, PersonFactory(process_admin=True)]
    return CycleFactory(phases=True, departments=[department], owners=owners)


def url(name, *args):
    return reverse(f"reviews:{name}", args=args)


def words(answer) -> str:
    return answer.content.decode()


def test_the_rules_are_set_and_shown(client, cycle, department):
    place = LocationFactory(name="Oslo")
    level = LevelFactory()
    PersonFactory(name="Ada", department=department, location=place, level=level)
    PersonFactory(name="Bo", department=department, level=level)
    PersonFactory(name="Cy", department=department, location=place)

    answer = client.post(
        url("edit_population", cycle.pk),
        {
            "departments": [department.pk],
            "locations": [place.pk],
            "levels_0": [level.pk],
            "hired_until": "2026-10-01",
        },
        follow=True,
    )

    cycle.refresh_from_db()
    assert (list(cycle.locations.all()), list(cycle.levels.all())) == ([place], [level])
    assert "<bdi>Ada</bdi>" in words(answer)
    assert "<bdi>Bo</bdi>" not in words(answer)
    form = words(client.get(url("edit_population", cycle.pk)))
    assert ": 1 of 1</summary>" in form


def test_rules_without_a_department_come_back(client, cycle):
    answer = client.post(url("edit_population", cycle.pk), {"hired_until": "2026-10-01"})

    assert answer.status_code == 422
    assert "2026-10-01" in words(answer)


def test_people_are_left_out_by_their_addresses(client, cycle, department):
    one, two = PersonFactory.create_batch(2, department=department)

    answer = client.post(
        url("choose_people", cycle.pk),
        {"choice": "out", "addresses": f"{one.email.upper()}; {two.email}", "reason": "Leave"},
    )

    assert answer["Location"] == url("population", cycle.pk) + "?standing=left_out"
    assert set(PopulationChoice.objects.values_list("person", flat=True)) == {one.pk, two.pk}


def test_every_unknown_address_is_named_and_nothing_is_kept(client, cycle, department):
    here = PersonFactory(department=department)
    gone = PersonFactory(left=True)
    typed = f"{here.email}\n{gone.email}\nnobody@example.com"

    answer = client.post(
        url("choose_people", cycle.pk), {"choice": "in", "addresses": typed, "reason": "Asked to"}
    )

    assert answer.status_code == 422
    html = words(answer)
    assert f"<bdi>{gone.email}</bdi>" in html
    assert "<bdi>nobody@example.com</bdi>" in html
    assert f"<bdi>{here.email}</bdi>" not in html
    assert "Asked to" in html
    assert not PopulationChoice.objects.exists()


def test_ones_own_address_is_refused_with_a_sentence(client, cycle, hr):
    answer = client.post(
        url("choose_people", cycle.pk),
        {"choice": "out", "addresses": hr.email, "reason": "Too busy"},
    )

    assert answer.status_code == 422
    assert "Another HR process admin decides about you." in words(answer)


def test_one_person_is_left_out_changed_and_given_back_to_the_plan(client, cycle, department):
    person = PersonFactory(name="Ada", department=department)
    address = url("choose_person", cycle.pk, person.pk)
    assert "Takes part, by the plan." in words(client.get(address))

    client.post(address, {"choice": "out", "reason": "Leave"})
    assert "left out by hand: Leave" in words(client.get(address))
    empty = client.post(address, {"choice": "out", "reason": " "})
    client.post(address, {"choice": "out", "reason": "Parental leave"})

    assert empty.status_code == 422
    assert PopulationChoice.objects.get().reason == "Parental leave"
    client.post(url("forget_choice", cycle.pk, person.pk))
    assert not PopulationChoice.objects.exists()
    assert client.post(url("forget_choice", cycle.pk, person.pk)).status_code == 404


def test_nobody_opens_their_own_choice(client, cycle, hr):
    assert client.get(url("choose_person", cycle.pk, hr.pk)).status_code == 403


def test_a_search_answers_with_the_list_alone(client, cycle):
    PersonFactory(name="Ada")

    answer = client.get(
        url("population", cycle.pk), {"search": "ada"}, headers={"HX-Request": "true"}
    )

    html = words(answer)
    assert "Ada" in html
    assert "<html" not in html
    nonsense = {"version": "x" * 30, "page": "x", "standing": "y" * 99}
    assert client.get(url("population", cycle.pk), nonsense).status_code == 200


def test_parts_and_questions_are_set(client, cycle):
    client.post(
        url("edit_sections", cycle.pk),
        {"section": ["self.ratings", "self.marks", "self.goals", "manager.goals"]},
    )
    cycle.refresh_from_db()
    assert cycle.sections_off == ["manager.marks", "manager.promotion", "manager.private_note"]

    asked = {"kind": "self", "text": "What next?", "hint": "A sentence.", "is_required": "on"}
    client.post(url("add_question", cycle.pk), asked)
    refused = client.post(url("add_question", cycle.pk), asked)

    assert refused.status_code == 422
    assert "This is asked already." in words(refused)
    question = FormQuestion.objects.get()
    assert (question.review_kind, question.is_required) == ("self", True)
    client.post(url("edit_question", cycle.pk, question.pk), {"text": "And then?"})
    question.refresh_from_db()
    assert (question.text, question.hint, question.is_required) == ("And then?", "", False)


def test_questions_move_and_go(client, cycle):
    one = FormQuestionFactory(cycle=cycle, position=0)
    two = FormQuestionFactory(cycle=cycle, position=1)

    client.post(url("move_question", cycle.pk, two.pk), {"way": "up"})
    assert list(cycle.questions.all()) == [two, one]
    assert client.post(url("move_question", cycle.pk, two.pk), {"way": "on"}).status_code == 404
    client.post(url("remove_question", cycle.pk, two.pk))

    assert list(cycle.questions.all()) == [one]
    elsewhere = FormQuestionFactory()
    assert client.post(url("remove_question", cycle.pk, elsewhere.pk)).status_code == 404


@pytest.mark.parametrize("way", ["section", "kind"])
def test_what_no_form_of_ours_sends_changes_nothing(client, cycle, way):
    if way == "section":
        answer = client.post(url("edit_sections", cycle.pk), {"section": ["manager.overall"]})
        assert answer.status_code == 302
    else:
        answer = client.post(url("add_question", cycle.pk), {"kind": "peer", "text": "Why?"})
        assert answer.status_code == 404

    cycle.refresh_from_db()
    assert (cycle.sections_off, cycle.questions.count()) == ([], 0)


def test_weights_are_typed_in_a_table(client, cycle, department):
    level = LevelFactory(track=TrackFactory())
    PersonFactory(department=department, level=level)
    for name in ("Craft", "People"):
        area = AreaFactory(version=level.version, key=name.lower(), name=name)
        CompetencyFactory(version=level.version, area=area)
    address = url("weigh_areas", cycle.pk)

    refused = client.post(address, {"weight_0": "11", "weight_1": "x"})
    kept = client.post(address, {"weight_0": "3", "weight_1": "0"})

    assert refused.status_code == 422
    assert kept["Location"] == url("cycle", cycle.pk)
    assert dict(cycle.weights.values_list("area_key", "weight")) == {"craft": 3, "people": 0}
    assert 'value="3"' in words(client.get(address))


def test_the_plan_is_changed_without_its_departments(client, cycle, department):
    form = words(client.get(url("edit_cycle", cycle.pk)))

    assert 'name="departments"' not in form
    assert 'name="owners"' in form


def test_a_cycle_is_begun_with_an_old_plan(client, cycle, hr):
    PopulationChoiceFactory(cycle=cycle)
    FormQuestionFactory(cycle=cycle)
    address = url("repeat_cycle", cycle.pk)
    page = words(client.get(address))
    assert "The 1 person chosen by hand does not come along" in page
    day = timezone.localdate()
    data = {
        "name": "The next one",
        "period_start": day,
        "period_end": day + timedelta(days=90),
        "scale": cycle.scale_id,
        "departments": [d.pk for d in cycle.departments.all()],
        "owners": [person.pk for person in cycle.owners.all()],
        "self_review": "on",
        "grace_days": 2,
        "dispute_days": 10,
    }
    for number, kind in enumerate(Phase.values):
        opens = day + timedelta(days=7 * (number + 1))
        data |= {f"has_{kind}": "on", f"opens_on_{kind}": opens, f"due_on_{kind}": opens}

    refused = client.post(address, {**data, "name": cycle.name})
    answer = client.post(address, data)

    assert refused.status_code == 422
    new = Cycle.objects.get(name="The next one")
    assert answer["Location"] == url("cycle", new.pk)
    assert (new.repeats, new.questions.count(), new.choices.count()) == (cycle, 1, 0)


def test_feedback_is_offered_as_it_was_and_asked_for_at_once(client, cycle):
    old = CycleFactory(name="Spring before", state=CycleState.CLOSED)
    Cycle.objects.filter(pk=cycle.pk).update(repeats=old)
    peer = PerspectiveFactory(cycle=old, kind="peer", mode="confidential", threshold=7)
    peer.questions.all().delete()
    peer.questions.create(text="What would you ask of {name}?", position=0)
    address = reverse("feedback:perspectives", args=[cycle.pk])

    offered = words(client.get(address))
    client.post(reverse("feedback:repeat_perspectives", args=[cycle.pk]))
    client.post(reverse("feedback:repeat_perspectives", args=[cycle.pk]))

    assert "As in Spring before" in offered
    assert "What would you ask of {name}?" in offered
    kept = cycle.perspectives.get()
    assert (kept.kind, kept.mode, kept.threshold) == ("peer", "confidential", 7)
    assert [q.text for q in kept.questions.all()] == ["What would you ask of {name}?"]
    assert "As in Spring before" not in words(client.get(address))


def test_the_check_of_feedback_names_teams_that_are_too_small(client, cycle, department):
    boss = PersonFactory(name="Small Team", department=department)
    large = PersonFactory(name="Large Team", department=department)
    outside = PersonFactory(name="Not In It")
    PersonFactory.create_batch(3, manager=boss, department=department)
    PersonFactory(manager=boss, left=True)
    PersonFactory.create_batch(5, manager=large, department=department)
    PersonFactory.create_batch(2, manager=outside, department=department)
    address = reverse("feedback:readiness", args=[cycle.pk])
    assert "This cycle asks for none" in words(client.get(address))
    PerspectiveFactory(cycle=cycle, kind="upward", mode="anonymous", threshold=5)

    html = words(client.get(address))
    part = words(client.get(address, headers={"HX-Request": "true"}))

    assert "3 in the team, 5 needed" in html
    assert "Small Team" in html
    assert "Large Team" not in html
    assert "Not In It" not in html
    assert "<html" not in part
    assert 'id="readiness-line"' in part
