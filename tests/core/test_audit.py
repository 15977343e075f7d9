"""The chain of deeds: what is written, what is refused, and what a tampered row looks like."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, IntegrityError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from apps.core import audit
from apps.core.access import COMMAND_VIEWER, SYSTEM_VIEWER, Viewer
from apps.core.models import AuditEvent, BeatTick
from apps.core.workflow import StaleState
from tests.factories import NOON

pytestmark = pytest.mark.django_db
ANNA = Viewer(person_id=7)


@pytest.fixture
def ticks():
    return [BeatTick.objects.create(name=f"clock {n}", at=NOON) for n in range(3)]


def every_event():
    return AuditEvent.objects.order_by("object_type", "object_id", "sequence")


def test_a_deed_is_written_with_who_what_and_when(ticks):
    audit.record("wind_clock", ticks[0], by=ANNA, at=NOON, turns=3, state="wound")

    event = AuditEvent.objects.get()
    assert (event.verb, event.object_type, event.object_id) == (
        "wind_clock",
        "core.beattick",
        str(ticks[0].pk),
    )
    assert (event.actor_id, event.actor_kind, event.at) == (7, "person", NOON)
    assert (event.sequence, event.previous_hash, event.detail) == (
        1,
        "",
        {"turns": 3, "state": "wound"},
    )


@pytest.mark.parametrize(("by", "kind"), [(SYSTEM_VIEWER, "system"), (COMMAND_VIEWER, "command")])
def test_the_kind_of_actor_is_kept(ticks, by, kind):
    event = audit.record("wind_clock", ticks[0], by=by, at=NOON)
    assert (event.actor_id, event.actor_kind) == (None, kind)


def test_each_object_has_a_chain_of_its_own(ticks):
    first = audit.record("wind_clock", ticks[0], by=ANNA, at=NOON)
    other = audit.record("wind_clock", ticks[1], by=ANNA, at=NOON)
    second = audit.record("stop_clock", ticks[0], by=ANNA, at=NOON + timedelta(hours=1))

    assert (second.sequence, second.previous_hash) == (2, first.hash)
    assert (other.sequence, other.previous_hash) == (1, "")
    assert [e.verb for e in audit.history(ticks[0])] == ["wind_clock", "stop_clock"]


@pytest.mark.parametrize("count", [1, 3])
def test_recording_costs_two_queries_for_however_many(ticks, count, django_assert_num_queries):
    with django_assert_num_queries(2):
        audit.record_many("wind_clock", ticks[:count], by=ANNA, at=NOON)


def test_many_at_once_continue_chains_of_different_lengths(ticks):
    audit.record("wind_clock", ticks[1], by=ANNA, at=NOON)
    audit.record("wind_clock", ticks[1], by=ANNA, at=NOON)

    events = audit.record_many(
        "stop_clock", ticks, by=ANNA, at=NOON, each=lambda t: {"clock": t.pk}
    )

    assert [e.sequence for e in events] == [1, 3, 1]
    assert [e.detail["clock"] for e in events] == [t.pk for t in ticks]
    assert audit.verify(every_event()) == []


@pytest.mark.parametrize("count", [audit.FEW, audit.FEW + 1])
def test_hundreds_of_chains_hold_whichever_way_they_are_written(count):
    made = BeatTick.objects.bulk_create(BeatTick(name=f"clock {n}", at=NOON) for n in range(count))
    audit.record("wind_clock", made[7], by=ANNA, at=NOON)

    events = audit.record_many(
        "stop_clock", made, by=ANNA, at=NOON, each=lambda t: {"clock": t.pk, "on": NOON.date()}
    )

    assert [e.sequence for e in events] == [1] * 7 + [2] + [1] * (count - 8)
    assert audit.verify(every_event()) == []
    kept = AuditEvent.objects.get(object_id=str(made[7].pk), sequence=2)
    assert kept.detail == {"clock": made[7].pk, "on": NOON.date().isoformat()}
    assert kept.previous_hash == audit.history(made[7])[0].hash


def test_rows_that_were_not_loaded_are_recorded_by_their_keys(ticks, django_assert_num_queries):
    audit.record("wind_clock", ticks[1], by=ANNA, at=NOON)
    with django_assert_num_queries(2):
        audit.record_keys(
            "stop_clock", BeatTick, {t.pk: {"clock": t.pk} for t in ticks}, by=ANNA, at=NOON
        )
    assert [e.verb for e in audit.history(ticks[1])] == ["wind_clock", "stop_clock"]
    assert audit.history(ticks[2])[0].detail == {"clock": ticks[2].pk}
    assert audit.verify(every_event()) == []
    with django_assert_num_queries(0):
        audit.record_keys("stop_clock", BeatTick, {}, by=ANNA, at=NOON)


def test_nothing_to_record_asks_nothing(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert audit.record_many("wind_clock", [], by=ANNA, at=NOON) == []


@pytest.mark.parametrize(
    "text",
    ["She was late twice.", "two words", "line\nbreak", "naïve", 0.5, object()],
    ids=["sentence", "space", "line break", "letters beyond ids", "float", "object"],
)
def test_a_text_never_enters(ticks, text):
    with pytest.raises(audit.NotAFact):
        audit.record("wind_clock", ticks[0], by=ANNA, at=NOON, why=text)
    assert AuditEvent.objects.count() == 0


def test_facts_are_kept_the_same_on_both_databases(ticks):
    detail = {
        "points": Decimal("3.50"),
        "due_on": NOON.date(),
        "ids": {3, 1},
        "map": {"a": [1, None, True]},
    }

    audit.record("wind_clock", ticks[0], by=ANNA, at=NOON, **detail)

    stored = AuditEvent.objects.get()
    assert stored.detail == {
        "points": "3.50",
        "due_on": "2026-11-20",
        "ids": [1, 3],
        "map": {"a": [1, None, True]},
    }
    assert stored.hash == audit.digest(stored)


def test_two_deeds_for_one_place_end_as_stale_state(ticks, monkeypatch):
    audit.record("wind_clock", ticks[0], by=ANNA, at=NOON)
    monkeypatch.setattr(
        audit, "_last_events", lambda kind, ids: {}
    )  # what the slower of two had read

    with pytest.raises(StaleState), transaction.atomic():
        audit.record("stop_clock", ticks[0], by=ANNA, at=NOON)

    assert [e.verb for e in audit.history(ticks[0])] == ["wind_clock"]


@pytest.mark.parametrize(
    ("field", "value", "why"),
    [
        ("verb", "smash_clock", "changed"),
        ("actor_id", 8, "changed"),
        ("detail", {"turns": 4}, "changed"),
        ("at", datetime(2020, 1, 1, tzinfo=UTC), "changed"),
        ("hash", "0" * 64, "changed"),
        ("previous_hash", "0" * 64, "unlinked"),
        ("sequence", 9, "gap"),
    ],
    ids=["verb", "actor", "detail", "time", "hash", "link", "place"],
)
def test_verify_names_the_event_that_was_tampered_with(ticks, field, value, why):
    events = [audit.record("wind_clock", ticks[0], by=ANNA, at=NOON, turns=n) for n in range(3)]
    setattr(events[1], field, value)

    found = audit.verify(events)

    assert (found[0].sequence, found[0].why) == (events[1].sequence, why)


def test_verify_sees_that_an_event_is_missing(ticks):
    events = [audit.record("wind_clock", ticks[0], by=ANNA, at=NOON) for _ in range(3)]
    assert [(b.sequence, b.why) for b in audit.verify([events[0], events[2]])] == [(3, "gap")]


@given(
    turns=st.integers(-(2**53), 2**53),
    at=st.datetimes(timezones=st.just(UTC)),
)
def test_digest_depends_on_the_instant_and_not_on_its_zone(turns, at):
    from zoneinfo import ZoneInfo

    moment = min(max(at, datetime(1990, 1, 1, tzinfo=UTC)), datetime(2100, 1, 1, tzinfo=UTC))
    one, two = (
        AuditEvent(
            verb="v", object_type="t", object_id="1", sequence=1, at=a, detail={"turns": turns}
        )
        for a in (moment, moment.astimezone(ZoneInfo("Australia/Lord_Howe")))
    )
    assert audit.digest(one) == audit.digest(two)


# --- the guards of the database -------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        lambda rows: rows.update(verb="smash_clock"),
        lambda rows: rows.update(hash="0"),
        lambda rows: rows.delete(),
        lambda rows: rows._raw_delete("default"),
        lambda rows: AuditEvent.objects.bulk_update(
            [AuditEvent(pk=rows.get().pk, verb="x")], ["verb"]
        ),
    ],
    ids=["update", "update hash", "delete", "raw delete", "bulk update"],
)
def test_the_database_refuses_to_change_an_event(ticks, change):
    audit.record("wind_clock", ticks[0], by=ANNA, at=NOON)

    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        change(AuditEvent.objects.all())

    assert AuditEvent.objects.get().verb == "wind_clock"


@pytest.mark.postgres
def test_postgresql_refuses_truncate_outside_a_test_session(ticks):
    audit.record("wind_clock", ticks[0], by=ANNA, at=NOON)

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL rungs.allow_truncate = 'off'")
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            cursor.execute("TRUNCATE core_auditevent")

    assert AuditEvent.objects.count() == 1


@pytest.mark.parametrize(
    "wrong",
    [{"actor_kind": "ghost"}, {"sequence": 2}, {"previous_hash": "0" * 64}],
    ids=["unknown actor kind", "second without a first", "first with a previous"],
)
def test_the_database_refuses_an_event_that_cannot_be(wrong):
    right = {
        "verb": "v",
        "object_type": "t",
        "object_id": "1",
        "sequence": 1,
        "actor_kind": "person",
        "at": NOON,
    }
    with pytest.raises(IntegrityError), transaction.atomic():
        AuditEvent.objects.create(**{**right, **wrong})


def test_the_database_refuses_two_events_in_one_place(ticks):
    event = audit.record("wind_clock", ticks[0], by=ANNA, at=NOON)
    event.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        event.save(force_insert=True)


@pytest.mark.django_db(transaction=True)
def test_a_flush_between_tests_is_let_through_and_the_guard_stays(ticks):
    audit.record("wind_clock", ticks[0], by=ANNA, at=NOON)

    call_command("flush", interactive=False, verbosity=0)

    assert AuditEvent.objects.count() == 0
    tick = BeatTick.objects.create(name="after", at=NOON)
    audit.record("wind_clock", tick, by=ANNA, at=NOON)
    with pytest.raises(DatabaseError, match="append-only"):
        AuditEvent.objects.all()._raw_delete("default")


# --- the command ----------------------------------------------------------------------------------


def test_verify_audit_prints_a_digest_that_can_be_kept(ticks):
    audit.record_many("wind_clock", ticks, by=ANNA, at=NOON)
    kept, later = StringIO(), StringIO()
    call_command("verify_audit", stdout=kept)
    audit.record("stop_clock", ticks[0], by=ANNA, at=NOON)

    call_command("verify_audit", first=3, stdout=later)

    assert kept.getvalue().startswith("3 events hold.")
    assert later.getvalue() == kept.getvalue()


def test_verify_audit_fails_when_a_chain_is_broken(ticks, monkeypatch):
    audit.record("wind_clock", ticks[0], by=ANNA, at=NOON)
    monkeypatch.setattr(audit, "digest", lambda event: "other")
    errors = StringIO()

    with pytest.raises(CommandError, match="1 events do not hold"):
        call_command("verify_audit", stderr=errors)

    assert f"core.beattick {ticks[0].pk} event 1: changed" in errors.getvalue()


def test_verify_audit_fails_when_events_at_the_end_are_gone(ticks):
    audit.record("wind_clock", ticks[0], by=ANNA, at=NOON)
    with pytest.raises(CommandError, match="Only 1 events"):
        call_command("verify_audit", first=2, stdout=StringIO())
