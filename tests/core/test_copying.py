"""Many rows in one statement, the same on both databases."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction
from django.db.models import F, Value
from django.db.models.functions import Concat

from apps.core.copying import Among, insert_rows, insert_select
from apps.core.models import AuditEvent, BeatTick
from apps.feedback.models import Answer
from tests.factories import NOON
from tests.factories.feedback import AnswerFactory

pytestmark = pytest.mark.django_db
COPY = {"name": Concat(F("name"), Value(" copy")), "at": F("at")}


@pytest.mark.parametrize("rows", [1, 3])
def test_many_rows_cost_one_query(rows, django_assert_num_queries):
    BeatTick.objects.bulk_create([BeatTick(name=f"clock {n}", at=NOON) for n in range(rows)])

    with django_assert_num_queries(1):
        new = insert_select(BeatTick, BeatTick.objects.all(), COPY)

    copies = BeatTick.objects.filter(name__endswith=" copy").order_by("name")
    assert (new, list(copies.values_list("name", "at"))) == (
        rows,
        [(f"clock {n} copy", NOON) for n in range(rows)],
    )


def test_a_second_run_finds_its_rows_and_adds_none():
    BeatTick.objects.create(name="clock", at=NOON)
    source = BeatTick.objects.filter(name="clock")
    assert [insert_select(BeatTick, source, COPY) for _ in range(2)] == [1, 0]


def test_nothing_selected_is_nothing_asked(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert insert_select(BeatTick, BeatTick.objects.none(), COPY) == 0


# --- rows that were worked out ---


def test_rows_that_were_worked_out_come_out_as_they_went_in():
    """Keys, numbers, documents, instants and nothing at all, on either database."""
    names = (
        "verb", "object_type", "object_id", "sequence", "actor_id", "actor_kind", "request_id",
        "at", "detail", "previous_hash", "hash",
    )  # fmt: skip
    rows = [
        (
            "wind",
            "core.clock",
            str(n),
            1,
            None,
            "system",
            "",
            NOON,
            {"peers": n, "ids": [1]},
            "",
            "#",
        )
        for n in range(3)
    ]

    insert_rows(AuditEvent, names, iter(rows))

    kept = AuditEvent.objects.order_by("object_id")
    assert list(kept.values_list(*names)) == rows


def test_no_rows_are_no_rows():
    insert_rows(BeatTick, ("name", "at"), [])
    assert BeatTick.objects.count() == 0


def test_a_row_that_the_database_refuses_is_refused_in_its_usual_words():
    BeatTick.objects.create(name="clock", at=NOON)
    with pytest.raises(IntegrityError), transaction.atomic():
        insert_rows(BeatTick, ("name", "at"), [("other", NOON), ("clock", NOON)])
    assert BeatTick.objects.count() == 1


# --- however many keys ---


def test_rows_are_found_by_more_keys_than_a_statement_takes_one_by_one(django_assert_num_queries):
    ticks = [BeatTick(name=f"clock {n}", at=NOON) for n in range(3)]
    BeatTick.objects.bulk_create(ticks)
    first = ticks[0].pk
    with django_assert_num_queries(1):
        changed = BeatTick.objects.filter(Among(F("pk"), [first, *range(10**6, 10**6 + 300_000)]))
        assert changed.update(name="found") == 1
    assert BeatTick.objects.get(pk=first).name == "found"


def test_texts_and_random_ids_are_keys_as_well():
    BeatTick.objects.bulk_create(BeatTick(name=f"clock {n}", at=NOON) for n in range(3))
    answers = AnswerFactory.create_batch(3)
    named = BeatTick.objects.filter(Among(F("name"), {"clock 1", "clock 9"}))
    assert list(named.values_list("name", flat=True)) == ["clock 1"]
    assert Answer.objects.get(Among(F("pk"), [answers[1].pk])) == answers[1]
    assert not Answer.objects.filter(Among(F("participant_id"), [])).exists()
