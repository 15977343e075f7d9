"""The one command: loads, serves, and stops when asked."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from django.core.management import CommandError, call_command

from apps.demo.load import Occupied, load_company
from tests.factories import NOON
from tests.factories.people import PersonFactory

ROOT = Path(__file__).parents[2]
LONGEST_LOAD, LONGEST_STOP = 120, 3.0


@pytest.mark.django_db
def test_a_database_with_other_people_is_left_alone():
    PersonFactory(email="somebody@company.test")

    with pytest.raises(Occupied):
        load_company(now=NOON)
    with pytest.raises(CommandError, match="Other people are in this database"):
        call_command("demo", "--no-serve")


@pytest.mark.django_db
def test_outside_the_demo_the_command_refuses(settings):
    settings.DEMO = False

    with pytest.raises(CommandError, match="not the demo"):
        call_command("demo", "--no-serve")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.faults
def test_it_serves_the_company_and_stops_within_moments(tmp_path):
    port = free_port()
    given = {
        k: v for k, v in os.environ.items() if k not in {"DJANGO_SETTINGS_MODULE", "EMAIL_URL"}
    }
    given |= {"DATABASE_URL": f"sqlite:///{tmp_path / 'demo.sqlite3'}", "DEMO": "true"}
    process = subprocess.Popen(
        [sys.executable, "manage.py", "demo", "--port", str(port)],
        cwd=ROOT, env=given, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    try:
        page = _wait_for(f"http://127.0.0.1:{port}/demo/", process)
        asked = time.monotonic()
        process.send_signal(signal.SIGTERM)
        said, _ = process.communicate(timeout=30)
        took = time.monotonic() - asked
    finally:
        process.kill()

    assert page.count('class="pick"') == 65
    assert "Priya Raghavan" in said
    assert "Stopped." in said
    assert process.returncode == 0
    assert took < LONGEST_STOP


def _wait_for(url: str, process: subprocess.Popen[str]) -> str:
    until = time.monotonic() + LONGEST_LOAD
    while time.monotonic() < until and process.poll() is None:
        try:
            with urlopen(url, timeout=10) as answer:  # noqa: S310  our own address
                return str(answer.read().decode())
        except URLError:
            time.sleep(0.5)
    raise AssertionError("it never answered")
