"""What each page loads: its number of queries, however many people there are, and none while drawing."""

import pytest
from django.template.loader import render_to_string

from apps.people import forms, pages
from apps.people.access import person_gate
from apps.people.actions import stage_import
from apps.people.models import Person
from apps.people.viewers import viewer_of_person
from tests.factories import NOON
from tests.factories.ladders import MixinFactory, RoleProfileFactory
from tests.factories.people import (
    ApiTokenFactory,
    DepartmentFactory,
    LocationFactory,
    PersonFactory,
)

pytestmark = pytest.mark.django_db
TODAY = NOON.date()
SIZES = pytest.mark.parametrize("people", [3, 300])


@pytest.fixture
def hr():
    return viewer_of_person(PersonFactory(process_admin=True))


def crowd(number, **kwargs):
    return PersonFactory.create_batch(number, **kwargs)


def drawn(name, queries, **context):
    with queries(0):
        return render_to_string(name, context)


@SIZES
def test_directory_costs_four_queries(people, hr, django_assert_num_queries):
    boss = PersonFactory()
    crowd(people, department=DepartmentFactory(), location=LocationFactory(), manager=boss)

    with django_assert_num_queries(4):
        page = pages.directory(hr, on=TODAY)
    html = drawn("people/directory.html", django_assert_num_queries, page=page)

    assert html.count('<th scope="row">') == min(people + 2, 50)


@SIZES
def test_org_chart_costs_three_queries_with_a_line_open(people, hr, django_assert_num_queries):
    top = PersonFactory()
    middle = PersonFactory(manager=top)
    crowd(people, manager=middle)

    with django_assert_num_queries(3):
        page = pages.org_chart(hr, on=TODAY, open_id=middle.pk)
    html = drawn("people/org_chart.html", django_assert_num_queries, page=page)

    assert len(page.opened.children) == min(people, 200)
    assert html.count('class="node"') == 3 + min(people, 200)
    drawn("people/_opened.html", django_assert_num_queries, page=page)


def test_the_chart_hangs_people_of_a_leaver_at_the_top_and_shows_no_leaver(hr):
    gone = PersonFactory(left=True)
    orphan = PersonFactory(manager=gone)

    page = pages.org_chart(hr, on=TODAY)

    assert {n.person.pk for n in page.roots} == {orphan.pk, hr.person_id}


def test_a_ring_in_the_data_hangs_no_page(hr):
    one, two = PersonFactory(), PersonFactory()
    Person.objects.filter(pk=one.pk).update(manager=two)
    Person.objects.filter(pk=two.pk).update(manager=one)

    page = pages.org_chart(hr, on=TODAY, open_id=one.pk)
    facts = pages.person(hr, person_id=one.pk, on=TODAY)

    assert {n.person.pk for n in page.roots} == {hr.person_id}
    assert {p.pk for p in facts.line} == {one.pk, two.pk}


@SIZES
def test_person_costs_five_queries(people, hr, django_assert_num_queries):
    top = PersonFactory()
    found = PersonFactory(
        manager=PersonFactory(manager=top), with_level=True, placed=True, with_user=True
    )
    found.mixins.set(MixinFactory.create_batch(3))
    crowd(people, manager=found)

    with django_assert_num_queries(5):
        page = pages.person(hr, person_id=found.pk, on=TODAY)
    html = drawn("people/person.html", django_assert_num_queries, page=page)

    assert [p.pk for p in page.line] == [found.manager_id, top.pk]
    assert len(page.reports) == min(people, 200)
    assert found.level.title in html


def test_a_colleague_reads_no_level_no_roles_and_no_dates(django_assert_num_queries):
    mixin = MixinFactory(title="Secret Role")
    found = PersonFactory(
        with_level=True, mixins=[mixin], employee_number="4711",
        role_profile=RoleProfileFactory(title="Secret Position"),
    )  # fmt: skip
    stranger = viewer_of_person(PersonFactory())

    page = pages.person(stranger, person_id=found.pk, on=TODAY)
    html = drawn("people/person.html", django_assert_num_queries, page=page)

    for secret in (found.level.title, "Secret Role", "Secret Position", "4711", "Offices"):
        assert secret not in html
    assert page.mixins == []


@SIZES
def test_the_form_costs_eight_queries_and_carries_no_company(people, hr, django_assert_num_queries):
    found = PersonFactory(with_level=True, placed=True, manager=PersonFactory(name="The Boss"))
    found.mixins.set(MixinFactory.create_batch(2))
    crowd(people, name="Somebody Else")

    with django_assert_num_queries(8):
        page = pages.edit_person(hr, person_id=found.pk, on=TODAY)
    form = forms.PersonForm(page=page, find_person=lambda address: None)
    html = drawn(
        "people/edit_person.html",
        django_assert_num_queries,
        page=page,
        form=form,
        leave=forms.Leave(),
    )

    assert "Somebody Else" not in html
    assert found.manager.email in html


def test_the_empty_form_costs_five_queries(hr, django_assert_num_queries):
    with django_assert_num_queries(5):
        page = pages.create_person(hr)
    form = forms.PersonForm(page=page, find_person=lambda address: None)
    assert 'name="email"' in drawn(
        "people/create_person.html", django_assert_num_queries, page=page, form=form
    )


@pytest.mark.parametrize("tokens", [3, 300])
def test_my_account_costs_two_queries(tokens, django_assert_num_queries):
    person = PersonFactory(with_user=True)
    ApiTokenFactory.create_batch(tokens, person=person)
    ApiTokenFactory(name="not mine")

    with django_assert_num_queries(2):
        page = pages.my_account(viewer_of_person(person), now=NOON)
    html = drawn(
        "people/my_account.html", django_assert_num_queries, page=page, zone=forms.TimeZone()
    )

    assert html.count("…</code>") == min(tokens, 100)  # the newest
    assert "not mine" not in html


@SIZES
def test_the_preview_of_a_file_costs_eight_queries(people, hr, django_assert_num_queries):
    crowd(people)
    rows = "\n".join(f"New {n},new{n}@example.com" for n in range(people))
    stage_import(
        f"name,email\n{rows}".encode(), name="people.csv", with_accounts=False, by=hr, now=NOON
    )

    with django_assert_num_queries(8):
        page = pages.import_people(hr, on=TODAY)
    html = drawn(
        "people/import_people.html", django_assert_num_queries, page=page, form=forms.PeopleFile()
    )

    assert len(page.found.created) == people
    assert "new2@example.com" in html


def test_the_page_of_a_refused_file_names_every_place(hr, django_assert_num_queries):
    stage_import(b"name,email\n,nowhere", name="people.csv", with_accounts=False, by=hr, now=NOON)

    page = pages.import_people(hr, on=TODAY)
    html = drawn(
        "people/import_people.html", django_assert_num_queries, page=page, form=forms.PeopleFile()
    )

    assert [(p.row, p.column) for p in page.problems] == [(2, "email"), (2, "name")]
    assert "nowhere is no e-mail address." in html


@pytest.mark.parametrize(
    ("query", "found"),
    [("a", []), ("ada", ["Ada"]), ("ADA love", ["Ada"]), ("gone", []), ("%", [])],
)
def test_suggestions_are_todays_colleagues(query, found, hr):
    PersonFactory(name="Ada", job_title="Lovely")
    PersonFactory(name="Gone", left=True)

    assert [p.name for p in pages.find_people(hr, query=query, on=TODAY)] == found


@pytest.mark.parametrize(
    ("wanted", "names"),
    [({"query": "ada"}, ["Ada"]), ({"query": "nurse"}, ["Bo"]), ({"query": "nobody"}, []), ({"former": True}, ["Cy"])],
)  # fmt: skip
def test_the_directory_finds_by_word_and_place(wanted, names, hr):
    PersonFactory(name="Ada", placed=True)
    PersonFactory(name="Bo", job_title="Nurse")
    PersonFactory(name="Cy", left=True)

    assert [p.name for p in pages.directory(hr, on=TODAY, **wanted).people] == names


def test_the_directory_filters_by_department_and_location(hr):
    ada = PersonFactory(name="Ada", placed=True)
    PersonFactory(placed=True)

    for wanted in ({"department_id": ada.department_id}, {"location_id": ada.location_id}):
        assert [p.pk for p in pages.directory(hr, on=TODAY, **wanted).people] == [ada.pk]


def test_only_hr_lists_people_who_have_left():
    PersonFactory(name="Cy", left=True)
    viewer = viewer_of_person(PersonFactory())

    page = pages.directory(viewer, on=TODAY, former=True)

    assert not page.former
    assert [p.pk for p in page.people] == [viewer.person_id]
    assert not person_gate.may(viewer, "read_former", Person())
