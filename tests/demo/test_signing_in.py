"""Choosing whom to be: quick, complete, and impossible for anybody who is not made up."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from apps.demo import pages
from apps.demo.script import faces, read_script
from tests.factories.people import DepartmentFactory, PersonFactory, UserFactory

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).parents[2]


def made_up(**fields):
    email = fields.pop("email", "priya.raghavan@fjordline.example")
    return PersonFactory(email=email, user=UserFactory(email=email), **fields)


def become(client, person):
    return client.post(reverse("demo:become", args=[person.pk]))


def test_a_visitor_becomes_somebody_without_a_password(client):
    person = made_up()

    response = become(client, person)

    assert response.status_code == 302
    assert response.headers["Location"] == "/"
    assert client.session["_auth_user_id"] == str(person.user_id)


def test_being_somebody_else_leaves_nothing_of_the_one_before(client):
    first, second = made_up(), made_up(email="ola.gronlie@fjordline.example")
    become(client, first)
    before = client.session.session_key

    become(client, second)

    assert client.session["_auth_user_id"] == str(second.user_id)
    assert client.session.session_key != before


def test_looking_signs_nobody_in(client):
    person = made_up()

    assert client.get(reverse("demo:become", args=[person.pk])).status_code == 405
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize(
    "given",
    [
        {"email": "priya@company.test"},
        {"email": "priya@fjordline.example.test"},
        {"left_on": timezone.localdate() - timedelta(days=1)},
    ],
    ids=["of another domain", "of a domain that looks alike", "who has left"],
)
def test_nobody_else_can_be_signed_in_as(client, given):
    person = made_up(**given)

    assert become(client, person).status_code == 404
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize("flag", ["is_superuser", "is_staff"])
def test_nobody_becomes_an_administrator(client, flag):
    person = made_up()
    setattr(person.user, flag, True)
    person.user.save()

    assert become(client, person).status_code == 404


def test_outside_the_demo_neither_page_answers(client, settings):
    person = made_up()
    settings.DEMO = False

    assert become(client, person).status_code == 404
    assert client.get(reverse("demo:people")).status_code == 404


def test_outside_the_demo_the_app_is_not_even_installed():
    told = subprocess.run(
        [
            sys.executable,
            "-c",
            "import django; django.setup();"
            "from django.apps import apps; from django.urls import resolve, Resolver404\n"
            "try: found = bool(resolve('/demo/'))\n"
            "except Resolver404: found = False\n"
            "print(apps.is_installed('apps.demo'), found)",
        ],
        cwd=ROOT,
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "DEBUG": "true",
            "DEMO": "false",
        },
        capture_output=True,
        text=True,
        check=True,
    )

    assert told.stdout.split() == ["False", "False"]


@pytest.mark.parametrize("others", [1, 3])
def test_the_page_costs_one_query_however_many_work_there(others, django_assert_num_queries):
    made_up()
    for number in range(others):
        made_up(email=f"p{number}@fjordline.example", department=DepartmentFactory())

    with django_assert_num_queries(1):
        page = pages.people(on=timezone.localdate())
    with django_assert_num_queries(0):
        html = render_to_string("demo/people.html", {"page": page})

    assert [face.person.email for face in page.faces] == ["priya.raghavan@fjordline.example"]
    assert html.count('class="pick"') == others + 1


def test_an_empty_company_says_what_to_do(client):
    assert "manage.py demo" in client.get(reverse("demo:people")).content.decode()


def test_the_sign_in_page_leads_there_and_every_page_back(client):
    entrance = client.get(reverse("account_login")).content.decode()
    become(client, made_up(name="Priya Raghavan"))
    home = client.get("/").content.decode()

    assert f'href="{reverse("demo:people")}"' in entrance
    assert "a made-up company, as Priya Raghavan" in home
    assert f'href="{reverse("demo:people")}"' in home


def test_every_face_is_somebody_of_the_company():
    today = timezone.localdate()
    emails = {p["email"] for p in read_script(today).company["people"]}

    assert {face["person"] for face in faces(today)} <= emails


def test_years_move_with_the_day_of_loading():
    later = timezone.datetime(2028, 2, 1).date()

    assert read_script(later).cycles["cycles"][0]["name"] == "Autumn 2027"
    assert read_script(later).cycles["cycles"][0]["period"]["to"].year == 2027
