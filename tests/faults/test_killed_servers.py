"""T14: servers are killed with -9 while people write; whatever was acknowledged is there.

`KILLS=100` kills a hundred times; by default it is a handful, so that it can run with every change.
"""

from __future__ import annotations

import json
import os
import random
import time
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import connection
from django.test import Client

from apps.feedback.rules import Draft
from apps.people.models import Person
from apps.reviews.actions.drafts import VERSIONS_KEPT
from tests.faults.servers import Postgres, Web, until
from tests.faults.writers import TOKEN, Gives, HandsIn, Writer
from tests.feedback.worlds import small_world
from tests.reviews.desks import make_desk

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]
KILLS = int(os.environ.get("KILLS", "8"))
WRITERS, GIVERS = 6, 2
Rows = Callable[[str], list[tuple[Any, ...]]]


def url_of_test_database() -> str:
    given = settings.DATABASES["default"]
    name = connection.settings_dict["NAME"]
    if settings.SQLITE:
        return f"sqlite:///{name}"
    who = given["USER"] + (f":{given['PASSWORD']}" if given["PASSWORD"] else "")
    return f"postgres://{who}@{given['HOST'] or '127.0.0.1'}:{given['PORT'] or 5432}/{name}"


def read_here(sql: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall()


class Office:
    """Managers at their desks, signed in, whose pages point at the server that is killed."""

    def __init__(self, web: Web) -> None:
        self.writers = [Writer(web.port, *self._desk(web), seed) for seed in range(WRITERS)]
        review_id, cookies = self._desk(web)
        form = {f"c{self.last.competencies[0].pk}-value": "3", "summary": "A year.", "overall": "3"}
        form |= {"revision": "0", "confirmed": "yes"}
        self.hands_in = HandsIn(web.port, review_id, cookies, form)
        world = small_world(givers=GIVERS)
        questions = tuple(f"question_{q.pk}" for q in world.questions)
        self.givers = [
            Gives(web.port, world.request_of(g).pk, self._cookies(web, g), seed, questions)
            for seed, g in enumerate(world.givers)
        ]

    def _desk(self, web: Web) -> tuple[int, dict[str, str]]:
        self.last = desk = make_desk(1, accounts=True)
        return desk.manager_review.pk, self._cookies(web, desk.participant.manager)

    def _cookies(self, web: Web, person: Person) -> dict[str, str]:
        client = Client()
        client.force_login(person.user)
        session, csrf = web.cookie_names
        return {session: str(client.session.session_key), csrf: TOKEN}

    def open(self) -> None:
        for page in (*self.writers, *self.givers, self.hands_in):
            page.start()

    @property
    def saves(self) -> int:
        return sum(len(writer.keys) for writer in self.writers)

    def leave(self) -> None:
        self.hands_in.ended.set()
        for writer in (*self.writers, *self.givers):
            writer.finish()
        self.hands_in.join(60)

    def told(self) -> dict[int, dict[str, str]]:
        return {writer.review_id: dict(writer.acknowledged) for writer in self.writers}

    def told_of_drafts(self) -> dict[int, dict[str, str]]:
        return {giver.review_id: dict(giver.acknowledged) for giver in self.givers}


def balance_of_drafts(told: dict[int, dict[str, str]], rows: Rows) -> None:
    """The same for feedback, whose drafts are one column each."""
    drafts = _drafts(rows)
    for request_id, acknowledged in told.items():
        for name, text in acknowledged.items():
            found = drafts[request_id].values[name]
            assert found == text or number(found) > number(text), (request_id, name)


def _drafts(rows: Rows) -> dict[int, Draft]:
    found = rows("SELECT request_id, revision, content FROM feedback_feedbackdraft")
    return {
        pk: Draft.of(json.loads(content) if isinstance(content, str) else content, revision)
        for pk, revision, content in found
    }


def balance(told: dict[int, dict[str, str]], rows: Rows) -> None:
    """Every acknowledged text stands, or a later one of the same field does."""
    stands = {
        pk: {"summary": summary, "private_note": note}
        for pk, summary, note in rows("SELECT id, summary, private_note FROM reviews_review")
    }
    for review_id, acknowledged in told.items():
        for field, text in acknowledged.items():
            found = stands[review_id][field]
            assert found == text or number(found) > number(text), (review_id, field)


def number(text: str) -> int:
    return int(text.partition(":")[0].partition(",")[2] or 0)


def final_balance(office: Office, web: Web, rows: Rows) -> None:
    balance(office.told(), rows)
    balance_of_drafts(office.told_of_drafts(), rows)
    versions: dict[str, list[int]] = {}
    for key, revision in rows(
        "SELECT idempotency_key, revision FROM reviews_reviewversion WHERE idempotency_key <> ''"
    ):
        versions.setdefault(key, []).append(revision)
    assert [key for key, found in versions.items() if len(found) > 1] == []
    for writer in office.writers:
        assert writer.faults == []
        revisions = [revision for _, revision in writer.keys]
        assert revisions == list(range(1, len(revisions) + 1))  # one version for each key
        for key, revision in writer.keys[-VERSIONS_KEPT:]:
            assert versions[key] == [revision]
    drafts = _drafts(rows)
    for giver in office.givers:
        assert giver.faults == []
        kept = {v.key: v.revision for v in drafts[giver.review_id].versions}
        assert [revision for _, revision in giver.keys] == list(range(1, len(giver.keys) + 1))
        assert giver.keys, "nobody gave any feedback while servers died"
        for key, revision in giver.keys[-5:]:  # as many as fit, for these texts are long
            assert kept[key] == revision
    assert office.saves > KILLS
    assert office.hands_in.faults == []
    records = dict(
        rows(
            "SELECT verb, count(*) FROM core_auditevent"
            " WHERE object_type = 'reviews.review' GROUP BY verb"
        )
    )
    done = office.hands_in.done
    assert records == {"submit_review": done["submit"], "reopen_review": done["reopen"]}
    assert f"{sum(done.values())} events hold" in web.manage("verify_audit")


def kill_again_and_again(
    office: Office, kill: Callable[[], None], revive: Callable[[], None], rows: Rows
) -> None:
    chance = random.Random(14)
    office.open()
    for _ in range(KILLS):
        before = office.saves
        until(lambda b=before: office.saves > b, "a save")  # type: ignore[misc]
        time.sleep(chance.uniform(0, 0.6))
        kill()
        time.sleep(0.1)  # answers that had left the server are read
        told, of_drafts = office.told(), office.told_of_drafts()
        revive()
        balance(told, rows)
        balance_of_drafts(of_drafts, rows)
    office.leave()


def report(what: str, office: Office) -> None:
    lost = sum(writer.lost_answers for writer in office.writers)
    print(
        f"\n{what} killed {KILLS} times: {office.saves} saves acknowledged, {lost} of them sent"
        f" more than once, {sum(office.hands_in.done.values())} records; nothing lost, nothing twice"
    )


def test_a_killed_web_server_loses_no_acknowledged_word() -> None:
    web = Web(url_of_test_database())
    office = Office(web)
    web.start()
    try:
        kill_again_and_again(office, web.kill, web.start, read_here)
        final_balance(office, web, read_here)
    finally:
        web.kill()
    report(f"{web.name} on {connection.vendor}", office)


@pytest.mark.postgres
def test_a_killed_postgresql_loses_no_acknowledged_word() -> None:
    cluster = Postgres()
    web = Web(cluster.url)
    office = Office(web)

    def rows(sql: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(cluster.url) as link:
            return link.execute(sql).fetchall()  # type: ignore[arg-type]

    try:
        cluster.start()
        cluster.copy_of(connection.settings_dict["NAME"])
        web.start()
        kill_again_and_again(office, cluster.kill, cluster.start, rows)
        final_balance(office, web, rows)
    finally:
        web.kill()
        cluster.away()
    report("PostgreSQL", office)
