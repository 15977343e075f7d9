"""How rows lie on PostgreSQL, and what a role for reporting reads of them (A10 and A18).

A dump and a SELECT without an order give rows as they lie. Before sealing that is the order in which
they were sent, and the rank test below must find it there; after sealing it must find nothing.
"""

from __future__ import annotations

import os
import random
import re
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import ClassVar

import pytest
from django.db import ProgrammingError, connection, transaction

from apps.feedback.actions import sealing
from apps.feedback.models import AnswerPart, FeedbackDraft, Request
from apps.feedback.states import Mode, RequestState
from apps.inbox.actions import plan_messages
from tests.factories import NOON
from tests.factories.feedback import FeedbackDraftFactory
from tests.feedback.worlds import send, small_world, whole_form

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
GIVERS, ANSWERING = 90, 60
# In standard deviations of a random order. One run in 15,000 lies beyond it; a seed decides which.
CHANCE = 4.0


class Lot(random.Random):
    """Draws the same order in each run, so that a rank test is no matter of luck."""

    def __init__(self) -> None:
        super().__init__(20)


class WatchedLot(Lot):
    """Says of what it drew: the kind of rows, and how many."""

    drawn: ClassVar[list[tuple[str, int]]] = []

    def shuffle(self, x):
        self.drawn.append((type(x[0]).__name__, len(x)))
        super().shuffle(x)


@pytest.fixture
def sent(monkeypatch):
    """A company in which 60 of 90 have answered, in an order that is not that of their keys.

    Its tables are new files: in those that earlier tests have left, a row may fall into any gap.
    """
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE feedback_request, feedback_answer, feedback_answerpart CASCADE")
    monkeypatch.setattr(sealing, "SystemRandom", Lot)
    monkeypatch.setattr(sealing, "AT_ONCE", 7)  # what is taken in hand at once tells nothing either
    world = small_world(givers=GIVERS, questions=1, competencies=1)
    order = random.Random(3).sample(world.givers, ANSWERING)
    for number, giver in enumerate(order):
        send(world, giver, whole_form(world, text=f"<{number:03}> " + "long words " * 30))
    return world, {giver.pk: number for number, giver in enumerate(order)}


def dumped(table: str, column: str) -> list[str]:
    """The values of a column in the order of a dump."""
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({column}) TO STDOUT") as copy:
        return [row[0] for row in copy.rows()]


def lying(table: str, column: str) -> list[str]:
    """The values of a column in the order in which the rows lie."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column}::text FROM {table} ORDER BY ctid")  # noqa: S608  our own tables
        return [row[0] for row in cursor.fetchall()]


def trend(ranks: list[int]) -> float:
    """How far the order of the rows follows the ranks: a rank correlation in standard deviations.

    Spearman (1904); in an order drawn by lot its variance is 1 / (n - 1), with ties as well.
    """
    n = len(ranks)
    places = range(n)
    mean_place, mean_rank = (n - 1) / 2, sum(ranks) / n
    both = sum((p - mean_place) * (r - mean_rank) for p, r in zip(places, ranks, strict=True))
    spread = sum((p - mean_place) ** 2 for p in places) * sum((r - mean_rank) ** 2 for r in ranks)
    return abs(both / spread**0.5) * (n - 1) ** 0.5


def trends(order: dict[int, int]) -> dict[str, float]:
    """Of each table, in both readings: how far it follows the order of sending."""
    found = {}
    for name, read in (("dump", dumped), ("ctid", lying)):
        texts = [re.search(r"<(\d+)>", text) for text in read("feedback_answerpart", "text")]
        found[f"parts {name}"] = trend([int(m[1]) for m in texts if m])
        # Whoever did not answer ranks first: their rows are those that were not touched.
        givers = read("feedback_request", "giver_id")
        found[f"requests {name}"] = trend([order.get(int(giver), -1) + 1 for giver in givers])
        first = {}
        for answer, text in zip(read("feedback_answerpart", "answer_id"), texts, strict=True):
            if text:
                first[answer] = int(text[1])
        found[f"answers {name}"] = trend([first[pk] for pk in read("feedback_answer", "id")])
    return found


def test_before_sealing_the_rank_test_finds_the_order_of_sending(sent):
    """The control: were sealing to change nothing, each of the six would be found out."""
    _, order = sent

    assert {name for name, found in trends(order).items() if found < CHANCE} == set()


def test_every_row_of_an_anonymous_perspective_is_drawn_by_lot(sent, monkeypatch):
    """Where rows lie afterwards is up to the database, which may scatter them by chance too."""
    world, order = sent
    monkeypatch.setattr(sealing, "SystemRandom", WatchedLot)
    monkeypatch.setattr(WatchedLot, "drawn", [])

    world.seal()

    drawn = Counter[str]()
    for kind, number in WatchedLot.drawn:
        drawn[kind] += number
    # Answers and requests by their keys, and the parts of some answers together as rows.
    assert drawn == {
        "UUID": len(order),
        "dict": AnswerPart.objects.count(),
        "int": len(world.givers),
    }


def test_after_sealing_no_row_lies_where_it_was_sent(sent):
    world, order = sent

    world.seal()

    found = trends(order)
    assert len(found) == 6
    assert {name: value for name, value in found.items() if value > CHANCE} == {}


def test_after_sealing_all_rows_are_of_one_transaction(sent):
    """The number of the transaction that wrote a row, which anyone who reads a table may ask for."""
    world, _ = sent

    world.seal()

    with connection.cursor() as cursor:
        for table in ("feedback_request", "feedback_answer", "feedback_answerpart"):
            cursor.execute(f"SELECT count(DISTINCT xmin::text) FROM {table}")  # noqa: S608  our own tables
            assert cursor.fetchone() == (1,), table


def test_requests_keep_their_keys_and_unsent_drafts_their_words(sent):
    world, order = sent
    silent = next(giver for giver in world.givers if giver.pk not in order)
    draft = FeedbackDraftFactory(request=world.request_of(silent))
    keys = set(Request.objects.values_list("pk", "giver_id"))

    world.seal()

    assert set(Request.objects.values_list("pk", "giver_id")) == keys
    assert set(Request.objects.values_list("state", flat=True)) == {RequestState.CLOSED}
    assert FeedbackDraft.objects.get().content == draft.content
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # each draft has its request


# --- A18: a role for reporting ---

README = Path(__file__).parents[2] / "README.md"
ROLE = f"rungs_reporting_{os.getpid()}"  # a role belongs to the whole server, other runs as well
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")


@pytest.fixture
def reporting():
    """The role as the README makes it; it goes with the transaction of the test."""
    (script,) = re.findall(r"```sql\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    with connection.cursor() as cursor:
        cursor.execute(script.replace("rungs_reporting", ROLE))


def read_as(role: str) -> dict[str, list[str]]:
    """Every table and view that this role may read, as its rows. Random ids are masked; so are ids
    that another try has counted on, and rows come sorted: how they lie is told above."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p', 'v', 'm') ORDER BY 1"
        )
        names = [row[0] for row in cursor.fetchall()]
        cursor.execute(f'SET LOCAL ROLE "{role}"')
        found = {}
        for name in names:
            try:
                with transaction.atomic():
                    cursor.execute(f'SELECT * FROM "{name}"')  # noqa: S608  our own tables
                    rows = [row[1:] if name == "core_auditevent" else row for row in cursor]
                    found[name] = sorted(UUID.sub("-", repr(row)) for row in rows)
            except ProgrammingError as closed:
                if "permission denied" not in str(closed):
                    raise
        cursor.execute("RESET ROLE")
    return found


def read_after(world, answering, role, *, sealed):
    """What this role reads once these have answered and others were reminded."""
    with transaction.atomic():
        for number, giver in enumerate(answering):
            send(world, giver, whole_form(world, text=f"Text {number}."))
        for day in range(6):
            plan_messages(now=NOON + timedelta(days=day))
        if sealed:
            world.seal()
        found = read_as(role)
        transaction.set_rollback(True)
    world.move_cycle("collection")
    return found


@pytest.mark.parametrize("sealed", [False, True])
def test_a_role_for_reporting_reads_the_same_whoever_answered(reporting, sealed):
    world = small_world(givers=10)
    some, others = world.givers[:5], world.givers[5:]

    one = read_after(world, some, ROLE, sealed=sealed)
    other = read_after(world, others, ROLE, sealed=sealed)

    assert one == other
    assert len(one) > 50
    assert bool(one["reporting_answerpart"]) is sealed


def test_whoever_reads_all_tables_reads_who_has_answered(reporting):
    """The control: the owner of the tables finds it, and after sealing in no table but the mails."""
    world, owner = small_world(givers=10), connection.settings_dict["USER"]
    some, others = world.givers[:5], world.givers[5:]

    def differing(sealed):
        one, other = (read_after(world, who, owner, sealed=sealed) for who in (some, others))
        return {name for name in one if one[name] != other[name]}

    assert differing(False) >= {"feedback_request", "inbox_messageline"}
    assert "feedback_request" not in differing(True)


@pytest.mark.parametrize("mode", Mode)
def test_a_role_for_reporting_reads_who_was_asked_only_where_names_are_promised(mode, reporting):
    world = small_world(mode=mode)
    for giver in world.givers:
        send(world, giver)
    world.seal()

    with connection.cursor() as cursor:
        cursor.execute(f'SET LOCAL ROLE "{ROLE}"')
        cursor.execute("SELECT count(*) FROM reporting_answerpart")
        parts = cursor.fetchone()[0]
        cursor.execute(
            "SELECT giver_id FROM reporting_request "
            "UNION SELECT author_id FROM reporting_answerpart WHERE author_id IS NOT NULL"
        )
        readable = {row[0] for row in cursor.fetchall()}
        cursor.execute("RESET ROLE")

    assert parts == AnswerPart.objects.count()
    assert readable == ({giver.pk for giver in world.givers} if mode == Mode.NAMED else set())


def test_below_the_threshold_a_role_for_reporting_reads_no_answer(reporting):
    world = small_world(givers=5)
    for giver in world.givers[:4]:
        send(world, giver)
    world.seal()

    assert read_as(ROLE)["reporting_answerpart"] == []


def test_a_table_of_feedback_is_open_to_that_role_only_where_somebody_said_so(reporting):
    """Who reported a text, who declined and what was hidden stand in tables of their own."""
    tables = {name for name in read_as(ROLE) if name.startswith("feedback_")}

    assert tables == {
        "feedback_perspective", "feedback_question", "feedback_unaskedfeedback",
        "feedback_unaskedfeedback_competencies",
    }  # fmt: skip
