"""The two probes say what is well, and nothing about how or where."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from apps.core import beat, health

pytestmark = pytest.mark.django_db


@pytest.fixture
def clock_ticks():
    beat.note_tick(now=timezone.now())


def test_healthz_touches_nothing(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert client.get("/healthz").json() == {"ok": True}


def test_readyz_is_ready_when_every_part_is_well(client, clock_ticks, settings):
    answer = client.get("/readyz")
    parts = {"database": "ok", "migrations": "ok", "cache": "ok", "beat": "ok"}
    if settings.REDIS_URL:
        parts["broker"] = "ok"
    assert (answer.status_code, answer.json()) == (200, {"ok": True, "parts": parts})


@pytest.mark.parametrize("part", ["database", "migrations", "cache_keeps"])
def test_readyz_names_the_part_that_is_not_well_and_no_reason(
    client, clock_ticks, monkeypatch, part
):
    def fails():
        raise OSError("password of the database")

    monkeypatch.setattr(health, part, fails)
    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert list(answer.json()["parts"].values()).count("not ok") == 1
    assert "password" not in answer.content.decode()


def test_a_beat_that_never_ticked_is_not_well(client):
    assert client.get("/readyz").json()["parts"]["beat"] == "not ok"


def test_a_beat_is_late_after_five_minutes(settings):
    now = timezone.now()
    beat.note_tick(now=now - timedelta(seconds=settings.BEAT_LATE_AFTER_SECONDS + 1))
    assert health.beat(now=now) is False
    beat.note_tick(now=now - timedelta(seconds=settings.BEAT_LATE_AFTER_SECONDS - 1))
    assert health.beat(now=now) is True


def test_a_probe_needs_no_host_name(client, clock_ticks):
    assert client.get("/healthz", headers={"Host": "10.0.0.7"}).status_code == 200


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_a_probe_is_read_only(client, path):
    assert client.post(path).status_code == 405


def test_beat_is_alive_says_so_by_its_exit(clock_ticks, capsys):
    call_command("beat_is_alive")
    assert capsys.readouterr().out == "The clock ticks.\n"


def test_beat_is_alive_fails_without_a_tick():
    with pytest.raises(CommandError, match="No tick"):
        call_command("beat_is_alive")
