"""A9, A11 to A14, A16, A17, A19 and A20 over companies by lot: what tells who said something, or when.

Most of these say "whatever had been otherwise, nobody else would see another byte": two worlds are
played that differ in it, and everything that everybody can open is compared (see test_properties.py).
"""

from __future__ import annotations

import json
import logging
import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib import admin
from django.core import mail
from django.db import connection
from django.test import Client
from django.urls import reverse
from hypothesis import strategies as st

from apps.core.models import AuditEvent
from apps.feedback.models import Answer, AnswerPart
from apps.feedback.states import Mode, PerspectiveKind
from apps.inbox import actions as inbox_actions
from apps.people.models import Person
from tests.factories import NOON
from tests.factories.people import PASSWORD
from tests.feedback.companies import (
    ANSWERS,
    DECLINES,
    DRAFTS,
    SILENT,
    Company,
    Plan,
    company,
    plain,
    plans,
)
from tests.feedback.looking import paths_of, unpacked
from tests.feedback.sights import (
    NEAR,
    READ,
    VOICE,
    eyes_of,
    near,
    over,
    own_place,
    same_for,
    several,
    sight,
    without_names,
)
from tests.reports.canaries import file_of, texts_of

pytestmark = pytest.mark.django_db
HIDING = (Mode.ANONYMOUS, Mode.CONFIDENTIAL)
PEOPLE_AND_ADMIN = r"people|admin:(people|inbox|usersessions|mfa|account|index)|_api:"
NAME = re.compile(r"giver\d+canary", re.IGNORECASE)


def readers(made: Company, *but: int) -> tuple[str, ...]:
    """Those who look on, without those `but`, and without whoever may read names."""
    plan = made.plan
    seats = [
        s for s in plan.lookers if without_names(plan, s) and not own_place(plan, s) & set(but)
    ]
    return tuple(seats or ["stranger"])


def played(made: Company, plan: Plan, *, until: str = "released", **how: Any) -> None:
    made.plan = plan
    made.play(**how)
    if until != "collecting":
        made.seal()
    if until == "released":
        made.release()


@several(2, 4)
def test_a9_no_page_tells_when_or_under_which_key_an_answer_came(examples):
    """Sent a week earlier and in another order: the same bytes. No stamp in a header, no key in a body."""

    def check(plan: Plan) -> None:
        made = company(plan)
        keys: set[str] = set()

        def world(order: list[int], days: int) -> None:
            with time_machine.travel(NOON - timedelta(days=days, hours=days), tick=False):
                made.play(order, now=NOON - timedelta(days=days, hours=days))
            sent = [*Answer.objects.all(), *AnswerPart.objects.all()]
            made.seal()
            made.release()
            keys.update(str(row.pk) for row in [*sent, *Answer.objects.all(), *AnswerPart.objects.all()])  # fmt: skip

        straight = list(range(len(plan.sheets)))
        found, looks = same_for(
            made,
            lambda: world(straight, 0),
            lambda: world(straight[::-1], 6),
            names=NEAR,
            seats=readers(made),
        )
        assert found == []
        for key, (_status, headers, body) in looks[0].items():
            assert not {"Last-Modified", "ETag", "Age", "Expires"} & set(headers), key
            whole = repr(headers) + unpacked(body).decode("utf-8", "replace")
            assert not [pk for pk in keys if pk in whole or pk.replace("-", "") in whole], key

    over(examples, plans(modes=HIDING, fewest=1, deeds=0), check)


@several(2, 4)
def test_a11_no_name_stands_beside_a_word_in_pages_files_mails_logs_or_tables(examples, caplog):
    caplog.set_level(logging.DEBUG)

    def check(plan: Plan) -> None:
        caplog.clear()
        mail.outbox.clear()
        made = company(plan)
        played(made, plan)
        for day in range(2):
            inbox_actions.plan_messages(now=NOON + timedelta(days=day))
            inbox_actions.send_due_messages(now=NOON + timedelta(days=day))
        # A committee reads no name in any mode.
        committee = {"member", "facilitator"} - {plan.rater}
        seen = eyes_of(made, *committee, *readers(made)).see(near(made))
        for key, (_status, headers, body) in seen.items():
            whole = repr(headers) + unpacked(body).decode("utf-8", "replace")
            assert not (VOICE.search(whole) and NAME.search(whole)), key
        texts = [m.message().as_string() for m in mail.outbox]
        texts += [r.getMessage() for r in caplog.records if "sql" not in r.__dict__]
        assert not [text for text in texts if VOICE.search(text)]
        places = {(table, column) for table, column, value in _values() if VOICE.search(value)}
        drafts = {("feedback_feedbackdraft", "content")} if DRAFTS in {s.deed for s in plan.sheets} else set()  # fmt: skip
        said = {("feedback_answerpart", "text")} if plan.answering else set()
        assert places <= drafts | said
        if plan.mode == Mode.ANONYMOUS:
            assert not Answer.objects.exclude(author=None).exists()

    over(examples, plans(deeds=0), check, plain(6), plain(2, mode=Mode.NAMED))


def _values() -> Any:
    """(table, column, text) of everything stored."""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608  names of our own tables
            names = [column[0] for column in cursor.description]
            for row in cursor.fetchall():
                for name, value in zip(names, row, strict=True):
                    yield table, name, str(value)


@st.composite
def twins(draw: Any) -> tuple[Plan, Plan, int, int]:
    """Two companies in which two givers have changed places, and who."""
    plan = draw(plans(modes=HIDING, fewest=1, deeds=0))
    plan = replace(plan, rater="")
    one, other = draw(st.permutations(plan.answering))[:2]
    sheets = list(plan.sheets)
    sheets[one], sheets[other] = sheets[other], sheets[one]
    return plan, replace(plan, sheets=tuple(sheets)), one, other


@several(2, 4)
def test_a12_two_who_change_places_are_seen_by_nobody_else(examples):
    def check(pair: tuple[Plan, Plan, int, int]) -> None:
        was, would, one, other = pair
        made = company(was)
        # The words stay; who types them is another.
        say = made.say

        def world(plan: Plan, names: dict[int, int]) -> None:
            made.say = lambda n, section: say(names.get(n, n), section)
            played(made, plan)

        found, looks = same_for(
            made,
            lambda: world(was, {}),
            lambda: world(would, {one: other, other: one}),
            names=NEAR,
            seats=readers(made, one, other),
        )
        assert found == []
        assert any(not sight(body).is_empty for _, _, body in looks[0].values())

    over(examples, twins(), check)


@st.composite
def completions(draw: Any) -> tuple[Plan, Plan]:
    """The same company with other people answering, declining, drafting or doing nothing."""
    plan = replace(draw(plans(modes=(Mode.ANONYMOUS,), deeds=0)), raised=0)
    deed = st.sampled_from([ANSWERS, DECLINES, DRAFTS, SILENT])
    rows = [replace(s, deed=draw(deed)) for s in plan.sheets]
    rows[0] = replace(rows[0], deed=plan.sheets[0].deed)  # a bystander who looks on
    plan = replace(plan, lookers=("giver0", *(s for s in plan.lookers if s != "giver0")))
    return plan, replace(plan, sheets=tuple(rows))


@several(1, 4)
def test_a13_nobody_sees_who_has_answered(examples):
    """Board, completion and its files, duties of others, the log of mails, rehearsal, balance, loads."""

    def check(pair: tuple[Plan, Plan]) -> None:
        made = company(pair[0])
        mine = set(range(1, len(made.givers)))
        others = readers(made, *mine)
        addresses = {p.email for s, p in made.seats.items() if s != pair[0].rater}
        letters: list[Any] = []

        def world(plan: Plan) -> None:
            mail.outbox.clear()
            played(made, plan, until="collecting")
            for day in range(2):
                inbox_actions.plan_messages(now=NOON + timedelta(days=day))
                inbox_actions.send_due_messages(now=NOON + timedelta(days=day))
            letters.append(sorted((m.to[0], m.subject, m.body) for m in mail.outbox if m.to[0] in addresses))  # fmt: skip

        found, looks = same_for(made, *(lambda p=p: world(p) for p in pair), names=NEAR, seats=others)  # fmt: skip
        assert found == []
        assert letters[0] == letters[1]

    two = [plain(n, asked=6, lookers=("manager", "process", "giver0")) for n in (1, 6)]
    thirds = [tuple(replace(plan, third=n) for plan in two) for n in range(3)]
    over(examples, completions(), check, *thirds)


@several(2, 4)
def test_a14_nobody_sees_when_somebody_was_here_last(examples):
    """Signed in today and read everything; or never. The same for everybody else, the admin included."""

    def check(plan: Plan) -> None:
        made = company(plan)
        giver = made.givers[1]

        def world(*, here: bool) -> None:
            if here:
                browser = Client(headers={"user-agent": "Visitor/1"})
                typed = {"login": giver.email, "password": PASSWORD}
                assert browser.post(reverse("account_login"), typed).status_code == 302
                for path in ("/", reverse("feedback:my_feedback")):
                    assert browser.get(path).status_code == 200

        one = [reverse("admin:people_user_change", args=[giver.user_id])]
        found, looks = same_for(
            made,
            lambda: world(here=False),
            lambda: world(here=True),
            names=PEOPLE_AND_ADMIN,
            seats=("root", *readers(made, 1)[:1]),
            more=one,
        )
        assert found == []
        assert looks[0]["root", one[0]][0] == 200

    over(examples, plans(deeds=0), check)


@several(2, 4)
def test_a16_an_answer_tells_neither_language_nor_device(examples):
    """Typed on a telephone in Oslo, in Norwegian; or at a desk in Tokyo: the same bytes, the same rows."""

    def check(plan: Plan) -> None:
        made = company(plan)
        rows: list[Any] = []

        def world(headers: dict[str, str], address: str, zone: str) -> None:
            for n in plan.answering:
                Person.objects.filter(pk=made.givers[n].pk).update(time_zone=zone)
                browser = Client(headers=headers, REMOTE_ADDR=address)
                browser.force_login(made.givers[n].user, backend="apps.people.backend.Backend")
                path = reverse("feedback:send_feedback", args=[made.request(n).pk])
                answer = browser.post(path, {**made.form(n), "revision": "0"})
                assert answer.status_code == 302
            made.seal()
            made.release()
            Person.objects.update(time_zone="UTC")  # the zone of a colleague is no secret
            rows.append(sorted(map(repr, AnswerPart.objects.values_list("question", "competency", "value", "mark", "text"))))  # fmt: skip
            rows.append(sorted({f.name for m in (Answer, AnswerPart) for f in m._meta.fields}))

        phone = {"user-agent": "Telephone/3", "accept-language": "nb-NO"}
        desk = {"user-agent": "Desk/9", "accept-language": "ja", "sec-ch-ua-platform": "Linux"}
        found, _ = same_for(
            made,
            lambda: world(phone, "203.0.113.5", "Europe/Oslo"),
            lambda: world(desk, "198.51.100.9", "Asia/Tokyo"),
            names=PEOPLE_AND_ADMIN + "|" + READ,
            seats=tuple({"root", *readers(made)[:2]}),
        )
        assert found == []
        assert rows[:2] == rows[2:]

    drawn = plans(kinds=(PerspectiveKind.PEER,), modes=(Mode.ANONYMOUS,), fewest=1, deeds=0)
    over(examples, drawn.map(lambda p: replace(p, raised=0)), check)


@several(2, 4)
def test_a17_the_admin_reaches_neither_words_nor_who_was_asked(examples):
    def check(plan: Plan) -> None:
        made = company(plan)
        played(made, plan)
        seen = eyes_of(made, "root").see(paths_of(made.world, r"admin:|_api:|feedback:|reports:"))
        read = [path for (_, path), (status, _, _) in seen.items() if status == 200]
        assert [p for (_, p), (_, _, body) in seen.items() if VOICE.search(unpacked(body).decode("utf-8", "replace"))] == []  # fmt: skip
        assert [path for path in read if re.search("admin/feedback/.", path) and "/perspective/" not in path] == []  # fmt: skip
        assert len(read) > 10

    over(examples, plans(deeds=0), check)
    known = {model._meta.label for model in admin.site._registry}
    assert {label for label in known if label.startswith("feedback.")} <= {"feedback.Perspective"}


@several(2, 4)
def test_a19_the_file_about_oneself_joins_no_name_to_a_word_of_others(examples):
    """Everything about a person: of what others said, what enough said; of one's own, what was not sent."""

    def check(plan: Plan) -> None:
        made = company(plan)
        played(made, plan)
        for seat, own in (("subject", set()), ("manager", set()), ("giver0", {0})):
            person = {"giver0": made.givers[0]}.get(seat) or made.seats[seat]
            for name, text in texts_of(file_of(person)):
                for section, who in sight(text.encode()).words.items():
                    if seat == "subject":
                        assert who == plan.voices(section), name
                        assert len(who) >= plan.promised, name
                    else:
                        sent = plan.mode == Mode.ANONYMOUS and plan.sheets[0].answers
                        assert who <= (set() if sent else own), name
                if name == "data/feedback.json":
                    assert not NAME.search(repr(json.loads(text)["received"])), name

    over(examples, plans(modes=HIDING, deeds=0), check, plain(6))


@several(2, 4)
def test_a20_the_audit_tells_subject_and_cycle_in_one_batch(examples):
    """Whoever answered, and in whatever order: the same events, with no instant finer than a day."""

    def check(pair: tuple[Plan, Plan]) -> None:
        made = company(pair[0])
        told: list[Any] = []

        def world(plan: Plan) -> None:
            begun = AuditEvent.objects.count()
            played(made, plan, until="sealed")
            events = AuditEvent.objects.order_by("pk")[begun:]
            told.append([(e.verb, e.object_type, e.object_id, e.actor_id, e.at, e.request_id, e.detail) for e in events])  # fmt: skip

        same_for(made, *(lambda p=p: world(p) for p in pair), names="nothing")
        assert told[0] == told[1]
        batch = [event for event in told[0] if event[0] == "send_feedback"]
        assert [(e[3], e[4], e[5]) for e in batch] == [(None, NOON.replace(hour=0), "")]
        assert set(batch[0][6]) == {"subject", "cycle"}

    over(examples, completions(), check)
