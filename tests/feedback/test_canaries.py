"""A9, A11, A14, A19: what belongs to one giver alone is looked for in everything that anybody is given.

Name, mail, ids, address and browser are words that stand nowhere else (canary.py); where each may
stand is listed here. Everything not listed must be free of them.
"""

from __future__ import annotations

import json
import logging
import re

import pytest
import time_machine
from celery import current_app
from django.conf import settings
from django.db import connection
from django.urls import reverse

from apps.feedback.states import Mode
from apps.reports.packets import packet_file
from tests.factories import NOON
from tests.factories.people import UserFactory
from tests.feedback.canary import (
    MAIL,
    NAME,
    TRAITS,
    USER_ID,
    WORDS,
    WRITTEN,
    ask_for_a_file,
    columns,
    found_in,
    kept_in_memory,
    letters,
    logged,
    queued,
    sessions,
    write_everything,
)
from tests.feedback.looking import STREAM, Eyes, inflated, paths_of, unpacked
from tests.paper import text_of
from tests.reports.packet_world import released_packet
from tests.reports.worlds import viewer_for

pytestmark = pytest.mark.django_db
# Pages on which it is said who is asked, or who works here; never what anybody answered.
WHO_IS_ASKED = re.compile(
    r"^/(feedback/($|peers|approve|balance|thanks)|people|api/v1/people|mail|admin/people|reviews/(cycles|people/\d+/delegate|standing))"
)
NEAR = r"feedback|reports|packet|people|inbox|admin:(feedback|inbox|reviews|people)|calibration:(board|item)|cycle_board|_api"
# Who the person is, who is asked, what was mailed to them, and their own sign-in and key. What was
# written stands in one column, in a row that says nothing of the giver (but the author, where the
# manager was promised a name).
COLUMNS = {
    "people_person.id": {"person"},
    "people_person.name": {"name"},
    "people_person.email": {"mail"},
    "people_person.user_id": {"account"},
    "people_user.id": {"account"},
    "people_user.email": {"mail"},
    "people_apitoken.person_id": {"person"},
    "usersessions_usersession.user_id": {"account"},
    "usersessions_usersession.ip": {"address"},
    "usersessions_usersession.user_agent": {"agent"},
    "account_emailaddress.user_id": {"account"},
    "account_emailaddress.email": {"mail"},
    "feedback_request.giver_id": {"person"},
    "inbox_message.person_id": {"person"},
    "feedback_answerpart.text": {"words"},
}


@pytest.fixture
def loud(caplog):
    """Every logger says all it can, statements with what is put into them included."""
    for name in ("", "django", "django.db.backends", "django.request", "celery", "kombu", "rungs"):
        caplog.set_level(logging.DEBUG, logger=name)
    connection.force_debug_cursor = True
    yield
    connection.force_debug_cursor = False


@pytest.fixture(params=[Mode.ANONYMOUS, Mode.CONFIDENTIAL])
def told(request, monkeypatch, django_capture_on_commit_callbacks):
    """What the giver did, with a broker that keeps its messages."""
    current_app.conf.task_always_eager = False
    queued()
    with time_machine.travel(NOON, tick=False):
        with django_capture_on_commit_callbacks(execute=True):
            written = write_everything(monkeypatch, mode=request.param)
        yield written
    queued()
    current_app.conf.task_always_eager = settings.CELERY_TASK_ALWAYS_EAGER


def outside(world):
    root = UserFactory(email="root@example.com", is_staff=True, is_superuser=True)
    return [*world.others(), root]


def look_everywhere(told, names):
    """Where words and traits turn up for anybody but the givers: two sets of (who, path)."""
    words, traits = set(), set()
    for (who, path), (_status, headers, body) in Eyes(outside(told.world)).see(paths_of(told.world, names)).items():  # fmt: skip
        whole = (repr(headers).encode() + unpacked(body)).decode("utf-8", "replace")
        assert "last-modified" not in whole.lower(), (who, path)
        here = found_in(whole)
        if here & WRITTEN.keys():
            words.add((who, path.split("?")[0]))
            assert "lost" not in here, (who, path)
        if here & {"address", "agent", "account"}:
            assert path.startswith("/admin/"), (who, path, here)  # accounts, for the superuser
        if here & TRAITS.keys() and not WHO_IS_ASKED.match(path):
            traits.add((who, path))
    return words, traits


@pytest.mark.parametrize("names", [NEAR, pytest.param("", marks=pytest.mark.sweep)])
def test_no_page_file_header_or_answer_joins_a_giver_to_an_answer(told, names):
    world = told.world
    world.seal()
    world.release()

    words, traits = look_everywhere(told, names)

    received = reverse("feedback:received_feedback", args=[world.participant.pk])
    program = reverse("feedback_api:received", args=[world.participant.pk])
    readers = {world.subject.name, world.manager.name, world.skip.name}
    assert {who for who, path in words if path == received} == readers
    assert {who for who, _ in words} <= readers | {p.name for p in world.others()[6:]}
    with_names = {world.manager.name, world.skip.name} if world.perspective.mode == Mode.CONFIDENTIAL else set()  # fmt: skip
    assert {
        (who, path)
        for who, path in traits
        if not (who in with_names and path in {received, program})
    } == set()


def test_no_column_holds_more_of_a_giver_than_is_listed(told):
    told.world.seal()

    here = columns()

    listed = dict(COLUMNS)
    if told.world.perspective.mode == Mode.CONFIDENTIAL:
        # The manager was promised a name, so the row has one and the audit says who did what.
        listed |= {"feedback_answer.author_id": {"person"}, "core_auditevent.actor_id": {"person"}}
    assert {name: what for name, what in here.items() if name not in listed} == {}
    assert {name: what - listed[name] for name, what in here.items()} == {
        name: set() for name in here
    }
    assert here["feedback_answerpart.text"] == {"words"}, "nothing that was written was found"
    mine = [json.dumps(s) for s in sessions() if s.get("_auth_user_id") == str(USER_ID)]
    others = [json.dumps(s) for s in sessions() if s.get("_auth_user_id") != str(USER_ID)]
    assert mine
    assert found_in(" ".join(mine)) == {"account", "mail"}
    assert found_in(" ".join(others)) == set()


def test_no_log_queue_mail_or_cache_holds_anything_of_a_giver(
    loud, told, caplog, django_capture_on_commit_callbacks
):
    told.world.seal()
    told.world.release()
    with django_capture_on_commit_callbacks(execute=True):
        ask_for_a_file(told.world)
    raw, lines = logged([*caplog.get_records("setup"), *caplog.records])
    kept = kept_in_memory()  # while the messages are there
    messages = queued()

    assert found_in(raw) == set()
    assert found_in(lines) == set()
    assert "django.db.backends" in lines
    assert "RuntimeError" in lines, "the fault was not logged at all"
    assert [found_in(message) for message in messages] == [set()] * len(messages)
    assert any("reports.build_export" in message for message in messages)
    # What counts how often somebody asks the API is named after the account, for a minute.
    assert found_in(re.sub(rf"throttle_user_{USER_ID}", "", " ".join(kept))) == set()
    assert any("limit:" in text for text in kept), "nothing is kept at all"
    to_others = letters(but_to=MAIL)
    assert to_others, "no mail went out at all"
    assert [found_in(letter) for letter in to_others] == [set()] * len(to_others)
    # A fault and a sign-out give the giver back what was typed, and nobody else.
    assert found_in(told.fault) >= {"words"}
    assert found_in(told.held) >= {"words"}


def test_files_tell_nothing_of_who_made_them_and_when(told):
    """XLSX properties and the times inside, PDF properties and XMP; and that they are read at all."""
    world = told.world
    world.seal()
    world.release()
    cycle = world.participant.cycle_id
    files = {
        reverse("reports:completion_file", args=[cycle, "xlsx"]): world.hr,
        reverse("reports:packet_file", args=[world.participant.pk]): world.skip,
    }
    for path, reader in files.items():
        ((status, _headers, body),) = Eyes([reader]).see([path]).values()
        text = unpacked(body).decode("utf-8", "replace")
        assert status == 200, path
        assert found_in(text) == set()
        assert reader.name not in text
        if body.startswith(b"PK"):
            assert "docProps/core.xml" in text
            assert set(re.findall(r"\((\d{4}), \d+, \d+, \d+, \d+, \d+\)", text)) == {"1980"}
            assert set(re.findall(r"(\d{4}-\d\d-\d\d)T", text)) == {"2000-01-01"}
        else:
            assert "xpacket" in text
            assert "CreateDate" in text
            assert world.subject.name in text_of(body), "nothing that a reader sees was read"


@pytest.mark.parametrize(("planted", "found"), [(NAME, "name"), (MAIL, "mail"), (WORDS, "words")])
def test_what_slips_onto_paper_is_found_there(planted, found):
    """The sentinel: the bytes of the file do not hold it, its reader sees it."""
    packet = released_packet()
    packet.reply = f"We talked about {planted}."
    packet.save()
    body = packet_file(viewer_for(packet.person), packet, now=NOON).content
    in_bytes = body + b"".join(map(inflated, STREAM.findall(body)))

    assert found in found_in(unpacked(body).decode("utf-8", "replace"))
    assert planted.encode() not in in_bytes
