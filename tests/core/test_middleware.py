"""What every request passes, and how each refusal is said in each form."""

from __future__ import annotations

import json
import logging
import re

import pytest
from django.test import Client

from config.logging import KNOWN
from tests.factories.people import PersonFactory

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.core.urls")]


@pytest.fixture
def anna():
    return PersonFactory(with_user=True, time_zone="Australia/Lord_Howe")


# --- headers --------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/t/plain", "/t/denied", "/t/missing", "/nowhere"])
def test_every_answer_carries_the_strict_headers(client, path):
    headers = client.get(path).headers

    policy = dict(
        part.strip().split(" ", 1) for part in headers["Content-Security-Policy"].split(";")
    )
    assert policy["default-src"] == "'none'"
    assert policy["frame-ancestors"] == "'none'"
    assert policy["form-action"] == "'self'"
    assert policy["base-uri"] == "'none'"
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["X-Frame-Options"] == "DENY"
    assert "geolocation=()" in headers["Permissions-Policy"]


def test_what_a_signed_in_person_sees_is_never_stored(client, anna):
    assert "Cache-Control" not in client.get("/t/plain").headers

    client.force_login(anna.user)

    assert client.get("/t/plain").headers["Cache-Control"] == "no-store"
    assert client.get("/t/denied").headers["Cache-Control"] == "no-store"


def test_a_view_may_say_something_else_about_caching(client, anna):
    client.force_login(anna.user)
    assert client.get("/t/cacheable").headers["Cache-Control"] == "private, no-cache"


# --- the request's id and its log line ------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("abcdef12-3456", True),
        ("short", False),
        ("x" * 65, False),
        ("evil\tid-with-tab", False),
        ("", False),
    ],
    ids=["ours", "too short", "too long", "with a tab", "none"],
)
def test_a_request_keeps_its_id_when_it_is_harmless(client, given, kept):
    answer = client.get("/t/plain", headers={"X-Request-ID": given})["X-Request-ID"]
    assert (answer == given) is kept
    assert len(answer) >= 8


def test_the_log_line_names_the_route_and_never_the_address(client, caplog):
    with caplog.at_level(logging.INFO, logger="rungs.request"):
        client.get("/t/who?q=Anna+Karlsson")

    line = next(r.msg for r in caplog.records if r.name == "rungs.request")
    assert (line["route"], line["method"], line["status"]) == ("who", "GET", 200)
    assert "Karlsson" not in str(line)


def test_a_fault_is_logged_by_type_and_place_and_never_by_its_text(client, caplog):
    client.raise_request_exception = False
    with caplog.at_level(logging.ERROR):
        answer = client.get("/t/broken")

    formatter = next(
        h.formatter
        for h in logging.getLogger().handlers
        if h.formatter and "structlog" in str(type(h.formatter))
    )
    lines = [formatter.format(record) for record in caplog.records]
    assert answer.status_code == 500
    assert any("ZeroDivisionError" in line for line in lines)
    assert "Karlsson" not in "".join(lines)
    assert "Karlsson" not in answer.content.decode()


def test_a_key_that_is_not_listed_is_dropped():
    from config.logging import keep_known

    kept = keep_known(
        None, "info", {"event": "x", "status": 200, "comment": "She was late.", "_record": 1}
    )
    assert kept == {"event": "x", "status": 200, "_record": 1}
    assert not KNOWN & {"comment", "text", "name", "email", "path", "query", "body", "args"}


# --- who is asking --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "read"), [("17", 17), (str(2**63 - 1), 2**63 - 1), (str(2**63), 0), ("9" * 24, 0)]
)
def test_a_number_that_no_database_can_hold_is_nobodys(client, given, read):
    assert client.get(f"/t/number/{given}").json() == {"key": read}


def test_the_viewer_is_built_for_the_signed_in_person_in_their_zone(
    client, anna, django_assert_num_queries
):
    client.force_login(anna.user)
    with django_assert_num_queries(2):  # the session, and the account with its person
        answer = client.get("/t/who").json()
    assert answer == {"person_id": anna.pk, "zone": "Australia/Lord_Howe"}


def test_nobody_costs_no_query(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        answer = client.get("/t/who").json()
    assert answer == {"person_id": None, "zone": "UTC"}


def test_a_zone_that_does_not_exist_breaks_no_page(client, anna):
    type(anna).objects.filter(pk=anna.pk).update(time_zone="Mars/Olympus")
    client.force_login(anna.user)
    assert client.get("/t/who").json()["zone"] == "UTC"


# --- refusals -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "status", "sentence"),
    [
        ("/t/stale", 409, "This changed while you were looking"),
        ("/t/denied", 403, "Only its author hands it in."),
        ("/t/denied-without-a-word", 403, "You may not do this."),
        ("/t/missing", 404, "There is nothing here"),
        ("/nowhere", 404, "There is nothing here"),
    ],
    ids=["stale", "denied", "denied without a word", "missing", "no such address"],
)
@pytest.mark.parametrize("form", ["page", "fragment", "json"])
def test_a_refusal_is_said_in_the_form_that_was_asked_for(client, path, status, sentence, form):
    headers = {
        "page": {},
        "fragment": {"HX-Request": "true"},
        "json": {"Accept": "application/json"},
    }[form]

    answer = client.get(path, headers=headers)
    body = answer.content.decode()

    assert (answer.status_code, sentence in body) == (status, True)
    assert ("<html" in body) is (form == "page")
    assert answer["Content-Type"].startswith(
        "application/problem+json" if form == "json" else "text/html"
    )
    assert "Karlsson" not in body
    assert "matches the given query" not in body


@pytest.mark.parametrize("path", ["/t/denied", "/t/stale", "/accounts/login/"])
@pytest.mark.parametrize(
    "headers",
    [
        {"HX-Request": "true"},
        {"Accept": "application/json", "Sec-Fetch-Dest": "empty"},
        {"Sec-Fetch-Dest": "empty"},
        {"Sec-Purpose": "prefetch"},
    ],
    ids=["fragment", "json", "script", "loaded ahead"],
)
def test_what_was_said_waits_for_a_page_that_somebody_sees(client, path, headers):
    client.get("/t/said")

    unseen = client.get(path, headers=headers)
    client.head(path)
    seen, later = client.get(path), client.get(path)

    assert "It is kept." not in unseen.text
    assert seen.text.count("It is kept.") == 1
    assert "It is kept." not in later.text


@pytest.mark.parametrize("signed_in", [False, True])
def test_unreadable_and_nonexistent_are_one_body(client, anna, signed_in):
    if signed_in:
        client.force_login(anna.user)
    # The token against forged forms is masked anew for every page; nothing else may differ.
    bodies = [
        re.sub(rb"[A-Za-z0-9]{64}", b"token", client.get(path).content)
        for path in ("/t/missing", "/nowhere")
    ]
    assert bodies[0] == bodies[1]


def test_a_fault_of_ours_names_the_request_and_nothing_else(client):
    client.raise_request_exception = False
    answer = client.get(
        "/t/broken", headers={"Accept": "application/json", "X-Request-ID": "abcdef123456"}
    )
    assert answer.status_code == 500
    assert json.loads(answer.content)["title"] == "Our mistake"
    assert answer["X-Request-ID"] == "abcdef123456"


def test_a_write_without_its_token_is_refused_with_a_way_out():
    answer = Client(enforce_csrf_checks=True).post("/t/write")
    assert (answer.status_code, "Load it again" in answer.content.decode()) == (403, True)


def test_too_often_says_how_long_to_wait(client):
    answers = [client.get("/t/often") for _ in range(3)]
    assert [a.status_code for a in answers] == [200, 200, 429]
    assert 1 <= int(answers[2]["Retry-After"]) <= 3600


# --- the API's errors -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "status", "detail"),
    [
        ("/api/t/stale", 409, "This changed while you were looking. Fetch it again."),
        ("/api/t/denied", 403, "Only its author."),
        ("/api/t/missing", 404, "Not found."),
        ("/api/t/often", 429, "Request was throttled"),
        ("/api/t/body", 400, "Some of what was sent cannot be taken."),
    ],
)
def test_the_api_answers_with_problems(client, path, status, detail):
    answer = client.post(path, {"points": 9}, content_type="application/json")
    problem = answer.json()
    assert (answer.status_code, problem["status"]) == (status, status)
    assert problem["detail"].startswith(detail)
    assert answer["Content-Type"] == "application/problem+json"


def test_a_refused_body_names_its_fields(client):
    answer = client.post("/api/t/body", {"points": 9}, content_type="application/json")
    assert list(answer.json()["errors"]) == ["points"]


def test_a_wrong_method_and_a_wrong_type_are_problems_too(client):
    assert client.delete("/api/t/body").json()["status"] == 405
    assert client.post("/api/t/body", "x", content_type="text/csv").json()["status"] == 415


def test_the_api_is_closed_to_strangers(client):
    assert client.get("/api/t/private").status_code in {401, 403}


def test_an_unknown_address_of_the_api_is_a_problem(client):
    answer = client.get("/api/v9/nothing")
    assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")
