"""The two commands: what they say, and with which exit status."""

import json
import subprocess
import sys

import pytest
from django.core.management import CommandError, call_command

from apps.people.models import Person
from tests.factories.people import PersonFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def file(tmp_path):
    def write(text):
        path = tmp_path / "people.csv"
        path.write_text(text)
        return path

    return write


def test_import_people_says_what_changed(file, capsys):
    PersonFactory(name="Old", email="old@example.com")

    call_command("import_people", file("name,email,department\nAda,ada@example.com,Board"))

    assert capsys.readouterr().out == (
        "+ Ada <ada@example.com>\n+ department Board\n? Old is not in the file and stays\n"
        "1 entered, 0 changed, 0 as they were, 1 not in the file\n"
    )


def test_a_dry_run_as_json_writes_nothing(file, capsys):
    PersonFactory(name="Ada", email="ada@example.com", job_title="Nurse")

    call_command(
        "import_people",
        file("name,email,job_title\nAda,ada@example.com,Doctor"),
        dry_run=True,
        json=True,
    )

    said = json.loads(capsys.readouterr().out)
    assert said["changed"][0]["changes"] == {"job_title": {"from": "Nurse", "to": "Doctor"}}
    assert Person.objects.get().job_title == "Nurse"


def test_a_refusal_names_row_and_column_and_ends_with_2(file):
    with pytest.raises(
        CommandError, match="Row 2, column email: x is no e-mail address"
    ) as refused:
        call_command("import_people", file("name,email\nAda,x"))

    assert refused.value.returncode == 2


def test_a_file_that_is_not_there_ends_with_2(tmp_path):
    with pytest.raises(CommandError, match="No such file") as refused:
        call_command("import_people", tmp_path / "nothing.csv")

    assert refused.value.returncode == 2


def test_grant_office_makes_the_first_admin_and_takes_it_back(capsys):
    PersonFactory(email="ada@example.com")

    call_command("grant_office", "Ada@Example.com", "process_admin")
    granted = Person.objects.get().is_process_admin
    call_command("grant_office", "ada@example.com", "process_admin", revoke=True)

    assert (granted, Person.objects.get().is_process_admin) == (True, False)
    assert "ada@example.com holds process_admin." in capsys.readouterr().out


def test_grant_office_says_when_there_is_nobody():
    with pytest.raises(CommandError, match="Nobody has the address"):
        call_command("grant_office", "nobody@example.com", "process_admin")


def test_an_unknown_office_is_refused():
    done = subprocess.run(
        [sys.executable, "manage.py", "grant_office", "a@example.com", "king"],
        capture_output=True, text=True, env={"DEBUG": "true", "PATH": "/usr/bin:/bin"}, check=False,
    )  # fmt: skip

    assert done.returncode == 2
    assert "invalid choice" in done.stderr
