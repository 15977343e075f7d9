"""What each address answers: to whom, with which status, and what is then stored."""

import re

import pytest
from django.urls import reverse
from django.utils import timezone

from apps.core.audit import history
from apps.people.models import Person, User
from tests.factories.ladders import LevelFactory
from tests.factories.people import PersonFactory

pytestmark = pytest.mark.django_db


def today():
    return timezone.localdate()


def words(answer):
    """What a reader sees, without what differs in every answer."""
    text = answer.content.decode().replace(answer["X-Request-ID"], "")
    return re.sub(r'(csrfmiddlewaretoken" value="|X-CSRFToken": ")[^"]+', r"\1", text)


def url(name, *args):
    return reverse(f"people:{name}", args=args)


@pytest.fixture
def signed(client):
    def sign_in(**kwargs):
        person = PersonFactory(with_user=True, **kwargs)
        client.force_login(person.user)
        return person

    return sign_in


READERS = ["directory", "org_chart", "find_people", "my_account"]
OF_HR = ["create_person", "import_people"]


@pytest.mark.parametrize("name", READERS + OF_HR)
def test_nobody_reads_a_page_without_signing_in(client, name):
    answer = client.get(url(name))

    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("account_login"))


@pytest.mark.parametrize(
    ("name", "status"), [*((n, 200) for n in READERS), *((n, 403) for n in OF_HR)]
)
def test_pages_of_everybody_and_pages_of_hr(client, signed, name, status):
    signed()

    assert client.get(url(name)).status_code == status


@pytest.mark.parametrize("name", READERS + OF_HR)
def test_hr_reads_every_page_within_twelve_queries(
    client, signed, name, django_assert_max_num_queries
):
    signed(process_admin=True)
    client.get(url(name))

    with django_assert_max_num_queries(12):
        assert client.get(url(name)).status_code == 200


def test_the_page_of_a_person_and_of_nobody(client, signed):
    signed()
    here, gone = PersonFactory(), PersonFactory(left_on=today())

    assert client.get(url("person", here.pk)).status_code == 200
    left, nobody = client.get(url("person", gone.pk)), client.get(url("person", 10**9))
    assert (left.status_code, nobody.status_code) == (404, 404)
    assert words(left) == words(nobody)


def test_hr_reads_the_page_of_a_leaver(client, signed):
    signed(process_admin=True)

    assert client.get(url("person", PersonFactory(left_on=today()).pk)).status_code == 200


def test_htmx_gets_the_rows_and_a_browser_the_page(client, signed):
    signed()
    whole = client.get(url("directory"), {"q": "person"})
    part = client.get(url("directory"), {"q": "person"}, HTTP_HX_REQUEST="true")

    assert b"<html" in whole.content
    assert b"<html" not in part.content
    assert "HX-Request" in part["Vary"]


@pytest.mark.parametrize(
    "query",
    [
        "department=x",
        "page=-1",
        "page=99999",
        "former=1",
        "q=%00",
        "location=9e9",
        "q=" + "x" * 300,
    ],
)
def test_nonsense_in_the_address_is_left_out(client, signed, query):
    signed()

    assert client.get(f"{url('directory')}?{query}").status_code == 200


@pytest.mark.parametrize(
    "query", ["open=x", "open=9999999999999999999999", "open=-1", "open=", "open=４"]
)
def test_nonsense_in_the_address_of_the_chart(client, signed, query):
    signed()

    assert client.get(f"{url('org_chart')}?{query}").status_code == 200


def test_opening_a_line_gives_the_people_below(client, signed):
    me = signed()
    report = PersonFactory(manager=me, name="Ida Below")

    part = client.get(url("org_chart"), {"open": me.pk}, HTTP_HX_REQUEST="true")

    assert report.name in part.content.decode()
    assert b"<html" not in part.content


def test_suggestions_come_for_the_field_of_the_form(client, signed):
    signed()
    PersonFactory(name="Ida <b>", email="ida@example.com")

    body = client.get(url("find_people"), {"manager": "ida"}).content.decode()

    assert '<option value="ida@example.com" label="Ida &lt;b&gt;, Engineer">' in body


# ---- what HR does ----


def form_of(person=None, **changes):
    fields = {"name": "Ada", "email": "ada@example.com", "time_zone": "UTC"}
    if person is not None:
        fields |= {"name": person.name, "email": person.email, "hired_on": person.hired_on}
    return fields | changes


def test_create_person_enters_and_shows_them(client, signed):
    signed(process_admin=True)
    boss, level = PersonFactory(email="boss@example.com"), LevelFactory()

    answer = client.post(url("create_person"), form_of(manager="Boss@example.com", level=level.pk))

    made = Person.objects.get(email="ada@example.com")
    assert answer["Location"] == url("person", made.pk)
    assert (made.manager, made.level) == (boss, level)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"name": ""}, "This field is required."),
        ({"email": "taken@example.com"}, "Somebody else has this address or number."),
        ({"employee_number": "7"}, "Somebody else has this address or number."),
        ({"manager": "nobody@example.com"}, "Nobody who works here has this address."),
        ({"manager": "gone@example.com"}, "Nobody who works here has this address."),
        ({"level": "999999"}, "Select a valid choice."),
        ({"time_zone": "Mars"}, "Select a valid choice."),
    ],
    ids=lambda v: str(v)[:30],
)
def test_a_form_with_a_mistake_is_shown_again(client, signed, changes, sentence):
    signed(process_admin=True)
    PersonFactory(email="taken@example.com", employee_number="7")
    PersonFactory(email="gone@example.com", left_on=today())
    before = Person.objects.count()

    answer = client.post(url("create_person"), form_of(**changes))

    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert Person.objects.count() == before


def test_edit_person_saves_and_refuses_a_ring(client, signed):
    signed(process_admin=True)
    person = PersonFactory()
    below = PersonFactory(manager=person)

    saved = client.post(url("edit_person", person.pk), form_of(person, job_title="Nurse"))
    ring = client.post(url("edit_person", person.pk), form_of(person, manager=below.email))

    assert saved.status_code == 302
    assert ring.status_code == 422
    assert f"{below.name} already reports to {person.name}." in ring.content.decode()
    person.refresh_from_db()
    assert (person.job_title, person.manager) == ("Nurse", None)


def test_a_manager_who_has_left_stays_until_changed(client, signed):
    signed(process_admin=True)
    gone = PersonFactory(left_on=today())
    person = PersonFactory(manager=gone)

    answer = client.post(url("edit_person", person.pk), form_of(person, manager=gone.email))

    assert answer.status_code == 302
    assert Person.objects.get(pk=person.pk).manager == gone


DEEDS = [
    ("edit_person", ()), ("leave", ()), ("return_to_work", ()), ("open_account", ()),
    ("grant_office", ("process_admin",)), ("revoke_office", ("process_admin",)),
]  # fmt: skip


@pytest.mark.parametrize(("name", "more"), DEEDS)
def test_a_colleague_changes_nobody(client, signed, name, more):
    me = signed()
    before = Person.objects.values().get(pk=me.pk)

    refused = client.post(url(name, me.pk, *more), {"left_on": "2026-01-01"})
    nobody = client.post(url(name, 10**9, *more))

    assert (refused.status_code, nobody.status_code) == (403, 404)
    assert Person.objects.values().get(pk=me.pk) == before


@pytest.mark.parametrize(
    ("name", "more"),
    [d for d in DEEDS if d[0] not in {"edit_person"}] + [("choose_time_zone", None)],
)
def test_a_link_changes_nothing(client, signed, name, more):
    me = signed(process_admin=True)
    address = url(name) if more is None else url(name, me.pk, *more)

    assert client.get(address).status_code == 405


def test_hr_does_not_edit_or_appoint_themself(client, signed):
    me = signed(process_admin=True)

    assert client.get(url("edit_person", me.pk)).status_code == 403
    assert client.post(url("grant_office", me.pk, "content_admin")).status_code == 403
    assert not Person.objects.get(pk=me.pk).is_content_admin


def test_hr_gives_takes_opens_and_lets_go(client, signed):
    signed(process_admin=True)
    person = PersonFactory()

    for name, more in [("grant_office", ("content_admin",)), ("open_account", ())]:
        assert client.post(url(name, person.pk, *more))["Location"] == url("person", person.pk)
    person.refresh_from_db()
    assert (person.is_content_admin, person.user.is_active) == (True, True)

    client.post(url("revoke_office", person.pk, "content_admin"))
    client.post(url("leave", person.pk), {"left_on": today().isoformat()})
    person.refresh_from_db()
    assert (person.is_content_admin, person.left_on) == (False, today())
    assert not User.objects.get(pk=person.user_id).is_active

    client.post(url("return_to_work", person.pk))
    assert User.objects.get(pk=person.user_id).is_active


def test_an_unknown_office_is_not_found(client, signed):
    signed(process_admin=True)

    assert client.post(url("grant_office", PersonFactory().pk, "king")).status_code == 404


@pytest.mark.parametrize("day", ["", "soon", "1999-01-01"])
def test_a_leave_without_a_day_is_said(client, signed, day):
    signed(process_admin=True)
    person = PersonFactory()

    answer = client.post(url("leave", person.pk), {"left_on": day}, follow=True)

    assert Person.objects.get(pk=person.pk).left_on is None
    assert "day" in " ".join(str(m) for m in answer.context["messages"])


def test_a_leave_is_entered_by_hr_and_seen_by_hr_alone(client, signed):
    signed(process_admin=True)
    manager = PersonFactory(with_user=True)
    person = PersonFactory(manager=manager)
    days = {"leave_from": "2026-11-01", "leave_until": "2027-03-14"}

    client.post(url("plan_leave", person.pk), days)

    assert str(Person.objects.get(pk=person.pk).leave_until) == "2027-03-14"
    assert "14 Mar 2027" in client.get(url("person", person.pk)).content.decode()
    assert history(person)[-1].detail == {"is_away": True}
    client.force_login(manager.user, backend="apps.people.backend.Backend")
    assert "14 Mar 2027" not in client.get(url("person", person.pk)).content.decode()
    assert client.post(url("plan_leave", person.pk), days).status_code == 403


@pytest.mark.parametrize(
    "days",
    [{"leave_until": "2026-11-01"}, {"leave_from": "2026-11-02", "leave_until": "2026-11-01"}],
    ids=["no first day", "backwards"],
)
def test_a_leave_that_runs_backwards_is_said(client, signed, days):
    signed(process_admin=True)
    person = PersonFactory()

    answer = client.post(url("plan_leave", person.pk), days, follow=True)

    assert Person.objects.get(pk=person.pk).leave_until is None
    assert [str(m) for m in answer.context["messages"]]
