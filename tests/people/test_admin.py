"""The admin sets accounts and places, gives no office, and costs few queries."""

import pytest
from django.apps import apps
from django.urls import reverse

from apps.people.models import Department, Person, User
from tests.factories.people import (
    PASSWORD,
    ApiTokenFactory,
    LocationFactory,
    PersonFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def root(client):
    user = User.objects.create_superuser("root@example.com", PASSWORD)
    client.force_login(user)
    return client


@pytest.mark.parametrize("people", [3, 60])
@pytest.mark.parametrize("model", ["user", "person", "department", "location"])
def test_every_list_costs_at_most_twelve_queries(
    root, model, people, django_assert_max_num_queries
):
    PersonFactory.create_batch(people, with_user=True, placed=True)
    address = reverse(f"admin:people_{model}_changelist")

    with django_assert_max_num_queries(12):
        assert root.get(address, {"q": "e"}).status_code == 200


def test_the_form_of_a_person_carries_no_company(root, django_assert_max_num_queries):
    PersonFactory.create_batch(60, with_user=True, placed=True)
    person = PersonFactory(with_user=True, placed=True, manager=PersonFactory())

    with django_assert_max_num_queries(12):
        page = root.get(reverse("admin:people_person_change", args=[person.pk])).content.decode()

    assert page.count("<option") < 10


def test_an_account_is_made_by_address_and_shows_no_password(root):
    data = {
        "email": "New@Example.com",
        "password1": PASSWORD,
        "password2": PASSWORD,
        "usable_password": "true",
    }

    assert root.post(reverse("admin:people_user_add"), data).status_code == 302
    made = User.objects.get(email="new@example.com")
    page = root.get(reverse("admin:people_user_change", args=[made.pk])).content.decode()

    assert made.password not in page
    assert "algorithm" not in page


def test_a_location_needs_a_known_time_zone(root):
    answer = root.post(
        reverse("admin:people_location_add"), {"name": "Mars", "time_zone": "Mars/Base"}
    )

    assert "There is no time zone named Mars/Base." in answer.content.decode()
    root.post(reverse("admin:people_department_add"), {"name": "Ward"})
    assert Department.objects.get().name == "Ward"


def test_no_office_name_or_manager_is_set_here(root):
    person = PersonFactory(name="Ada", placed=True)
    place = LocationFactory()
    data = {
        "name": "Eve", "email": "eve@example.com", "is_process_admin": "on", "is_content_admin": "on",
        "user": UserFactory().pk, "department": "", "location": place.pk, "time_zone": "UTC",
        "manager": PersonFactory().pk, "left_on": "2026-01-01",
    }  # fmt: skip

    assert (
        root.post(reverse("admin:people_person_change", args=[person.pk]), data).status_code == 302
    )

    person.refresh_from_db()
    assert (person.name, person.is_process_admin, person.is_content_admin) == ("Ada", False, False)
    assert (person.manager, person.left_on, person.location) == (None, None, place)


def test_people_are_neither_added_nor_deleted_here(root):
    person = PersonFactory()

    assert root.get(reverse("admin:people_person_add")).status_code == 403
    assert (
        root.post(
            reverse("admin:people_person_delete", args=[person.pk]), {"post": "yes"}
        ).status_code
        == 403
    )
    assert Person.objects.exists()


def test_keys_and_staged_files_are_not_in_the_admin(root):
    ApiTokenFactory()
    from django.contrib import admin

    assert apps.get_model("people.ApiToken") not in admin.site._registry
    assert apps.get_model("people.StagedImport") not in admin.site._registry
