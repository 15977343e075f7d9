"""A production start refuses what would expose people. Each case starts a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from apps.core.checks import problems

ROOT = Path(__file__).parents[2]
SOUND = {
    "SECRET_KEY": "k8Jq2vXw7LrT5nB0zYcD4gHs9mPeUaQf1iWoR6tKxVbNyMjE3u",
    "ALLOWED_HOSTS": "reviews.example.org",
    "SITE_URL": "https://reviews.example.org",
    "REDIS_URL": "redis://localhost:6379/0",
}


def start(**changes: str) -> subprocess.CompletedProcess[str]:
    """Open the production door with sound settings and these changes."""
    kept = {k: os.environ[k] for k in ("PATH", "HOME", "LANG") if k in os.environ}
    env = {**kept, **SOUND, "DATABASE_URL": "sqlite:///:memory:", **changes}
    code = (
        "import config.wsgi; from django.conf import settings; print(settings.SESSION_COOKIE_NAME)"
    )
    return subprocess.run(
        [sys.executable, "-c", code],
        env=env,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_sound_settings_open_the_door_with_host_only_cookies():
    done = start()
    assert (done.returncode, done.stdout.strip()) == (0, "__Host-session"), done.stderr


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"SECRET_KEY": ""}, "SECRET_KEY"),
        ({"DEBUG": "true"}, "DEBUG is on"),
        ({"DEMO": "true"}, "The demo company is installed"),
        ({"ALLOWED_HOSTS": "*"}, "ALLOWED_HOSTS admits every host"),
    ],
    ids=["no key", "debug", "demo", "every host"],
)
def test_an_unsafe_start_is_refused_with_a_sentence(changes, sentence):
    done = start(**changes)
    assert done.returncode != 0
    assert sentence in done.stderr


def given(**changes):
    base = {
        "DEBUG": False,
        "DEMO": False,
        "SECRET_KEY": SOUND["SECRET_KEY"],
        "INSECURE_SECRET_KEY": "insecure",
        "ALLOWED_HOSTS": ["reviews.example.org"],
        "REDIS_URL": "redis://localhost:6379/0",
        "SITE_URL": "https://reviews.example.org",
    }
    return SimpleNamespace(**{**base, **changes})


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({}, []),
        ({"DEBUG": True}, ["core.E001"]),
        ({"SECRET_KEY": "insecure"}, ["core.E002"]),
        ({"SECRET_KEY": "a" * 60}, ["core.E002"]),
        ({"ALLOWED_HOSTS": ["*", "reviews.example.org"]}, ["core.E003"]),
        ({"ALLOWED_HOSTS": []}, ["core.E003"]),
        ({"DEMO": True}, ["core.E004"]),
        ({"REDIS_URL": ""}, ["core.E005"]),
        ({"SITE_URL": "http://reviews.example.org"}, ["core.E006"]),
        ({"DEBUG": True, "ALLOWED_HOSTS": ["*"]}, ["core.E001", "core.E003"]),
    ],
    ids=[
        "sound",
        "debug",
        "default key",
        "dull key",
        "star among hosts",
        "no host",
        "demo",
        "no redis",
        "plain http",
        "two at once",
    ],
)
def test_problems_names_each_unsafe_setting(changes, found):
    assert [p.id for p in problems(given(**changes), demo_installed=False)] == found


def test_the_demo_room_alone_is_a_problem():
    assert [p.id for p in problems(given(), demo_installed=True)] == ["core.E004"]


@pytest.mark.django_db
def test_a_database_with_demo_people_is_refused(settings):
    from django.contrib.auth import get_user_model

    from apps.core.checks import demo_people

    settings.LOCAL = False
    get_user_model().objects.create(email=f"someone@{settings.DEMO_EMAIL_DOMAIN}")

    assert [p.id for p in demo_people(None, databases=["default"])] == ["core.E007"]


def test_postgresql_gets_a_pool_and_sqlite_its_pragmas(settings):
    options = settings.DATABASES["default"]["OPTIONS"]
    if settings.SQLITE:
        assert options["transaction_mode"] == "IMMEDIATE"
        assert "journal_mode=WAL" in options["init_command"]
    else:
        assert options["options"] == "-c rungs.allow_truncate=on"


def run(code: str, **env: str) -> subprocess.CompletedProcess[str]:
    kept = {k: os.environ[k] for k in ("PATH", "HOME", "LANG") if k in os.environ}
    return subprocess.run(
        [sys.executable, *code.split()],
        env={**kept, "DATABASE_URL": "sqlite:///:memory:", **env},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.skipif((ROOT / ".env").exists(), reason="this checkout has settings of its own")
def test_a_checkout_without_settings_is_the_demo_for_commands_only():
    command = run("manage.py diffsettings --output unified")
    server = run("-m config.wsgi")

    assert command.returncode == 0, command.stderr
    assert "+ DEMO = True" in command.stdout
    assert server.returncode != 0
    assert "SECRET_KEY" in server.stderr
