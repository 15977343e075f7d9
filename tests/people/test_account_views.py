"""One's own account and keys, and the files of HR: what each address answers and stores."""

import io
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from apps.people.models import ApiToken, Person, StagedImport, User
from apps.people.rules.tokens import parse_key
from tests.factories.people import PASSWORD, ApiTokenFactory, PersonFactory

pytestmark = pytest.mark.django_db


def today():
    return timezone.localdate()


def url(name, *args):
    return reverse(f"people:{name}", args=args)


@pytest.fixture
def signed(client):
    def sign_in(**kwargs):
        person = PersonFactory(with_user=True, **kwargs)
        client.force_login(person.user)
        return person

    return sign_in


def test_choose_time_zone(client, signed):
    me = signed()

    assert client.post(url("choose_time_zone"), {"time_zone": "Nowhere"}).status_code == 422
    client.post(url("choose_time_zone"), {"time_zone": "Europe/Oslo"})

    assert Person.objects.get(pk=me.pk).time_zone == "Europe/Oslo"


@pytest.fixture
def known(client, signed):
    """Somebody who has just said again who they are."""
    person = signed()
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    return person


TOKEN = {"name": "script", "scope": "read", "days": 30}


def test_a_key_is_shown_once(client, known):
    assert client.get(url("issue_token")).status_code == 200
    answer = client.post(url("issue_token"), TOKEN)

    key = next(w for w in answer.content.decode().split('"') if w.startswith("rungs_"))
    assert parse_key(key)[0] == ApiToken.objects.get().prefix
    assert "no-store" in answer["Cache-Control"]
    assert key not in client.get(url("my_account")).content.decode()


def test_a_key_asks_who_is_sitting_here(client, signed):
    signed()

    page, form = client.get(url("issue_token")), client.post(url("issue_token"), TOKEN)

    assert page["Location"].startswith(reverse("account_reauthenticate"))
    assert form["Location"] == url("issue_token")
    assert not ApiToken.objects.exists()


@pytest.mark.parametrize("changes", [{"name": ""}, {"scope": "admin"}, {"days": 100000}])
def test_a_key_with_a_mistake_is_not_made(client, known, changes):
    assert client.post(url("issue_token"), TOKEN | changes).status_code == 422
    assert not ApiToken.objects.exists()


def test_the_twenty_first_key_waits_for_one_to_go(client, known):
    ApiTokenFactory.create_batch(20, person=known, expires_at=timezone.now() + timedelta(days=1))

    answer = client.post(url("issue_token"), TOKEN)

    assert answer.status_code == 422
    assert "Revoke one first." in answer.content.decode()


def test_one_revokes_ones_own_key_and_finds_no_other(client, signed):
    me = signed()
    own, other = ApiTokenFactory(person=me), ApiTokenFactory()

    assert client.post(url("revoke_token", own.pk)).status_code == 302
    assert client.post(url("revoke_token", other.pk)).status_code == 404
    assert list(ApiToken.objects.filter(revoked_at=None)) == [other]


def test_an_account_without_a_person_has_no_clock_and_no_keys(client):
    user = User.objects.create_superuser("root@example.com", PASSWORD)
    client.force_login(user)

    assert client.get(url("my_account")).status_code == 200
    assert client.post(url("choose_time_zone"), {"time_zone": "UTC"}).status_code == 404
    assert b"<th" not in client.get(url("directory")).content.split(b"<main")[1]


# ---- files ----


def upload(client, text, **more):
    file = SimpleUploadedFile("people.csv", text.encode())
    return client.post(url("stage_import"), {"file": file, **more})


def test_a_file_is_looked_at_and_then_taken(client, signed):
    signed(process_admin=True)

    assert upload(client, "name,email\nAda,ada@example.com")["Location"] == url("import_people")
    page = client.get(url("import_people"))
    seen = page.context["page"].found.fingerprint
    before = Person.objects.count()
    taken = client.post(url("confirm_import"), {"seen": seen})

    assert before == 1
    assert taken["Location"] == url("directory")
    assert Person.objects.filter(email="ada@example.com").exists()
    assert not StagedImport.objects.exists()


def test_what_was_not_looked_at_is_not_taken(client, signed):
    signed(process_admin=True)
    upload(client, "name,email\nAda,ada@example.com")

    answer = client.post(url("confirm_import"), {"seen": ""})

    assert answer["Location"] == url("import_people")
    assert Person.objects.count() == 1


def test_a_refused_file_shows_its_places_and_is_not_taken(client, signed):
    signed(process_admin=True)
    upload(client, "name,email\nAda,nowhere")

    assert "nowhere is no e-mail address." in client.get(url("import_people")).content.decode()
    client.post(url("confirm_import"), {"seen": ""})
    assert Person.objects.count() == 1


def test_a_file_is_forgotten_when_asked(client, signed):
    signed(process_admin=True)
    upload(client, "name,email\nAda,ada@example.com")

    client.post(url("discard_import"))

    assert not StagedImport.objects.exists()
    assert client.post(url("confirm_import")).status_code == 404


def test_a_file_of_no_characters_and_no_file_are_said(client, signed):
    signed(process_admin=True)
    wrong = io.BytesIO(b"\xff\xfe\x00")
    wrong.name = "people.csv"

    assert client.post(url("stage_import"), {"file": wrong}).status_code == 422
    assert client.post(url("stage_import"), {}).status_code == 422
    assert not StagedImport.objects.exists()


@pytest.mark.parametrize("name", ["stage_import", "confirm_import", "discard_import"])
def test_a_colleague_takes_no_file(client, signed, name):
    signed()
    Person.objects.update(left_on=today() + timedelta(days=1))

    data = (
        {"file": SimpleUploadedFile("p.csv", b"name,email\nA,a@x.org")}
        if name == "stage_import"
        else {}
    )
    answer = client.post(url(name), data)

    assert answer.status_code in {302, 403, 404}
    assert not StagedImport.objects.exists()
    assert Person.objects.count() == 1
