"""What a bundle holds: all that is its person's, nothing that the site would refuse them."""

from __future__ import annotations

import io
import json
import re
import zipfile
from datetime import date
from typing import Any

import pytest

from apps.core.audit import record
from apps.people.models import Person
from apps.people.viewers import viewer_of_person
from apps.reports.bundles import bundle, write_bundle
from tests.factories import NOON
from tests.factories.feedback import (
    AnswerFactory,
    AnswerPartFactory,
    ConcernFactory,
    DisclosureFactory,
    FeedbackDraftFactory,
    PerspectiveFactory,
    RequestFactory,
    UnaskedFeedbackFactory,
)
from tests.factories.people import ApiTokenFactory, PersonFactory
from tests.factories.reviews import (
    EvidenceNoteFactory,
    GoalFactory,
    ParticipantFactory,
    ReviewFactory,
    ReviewItemFactory,
)
from tests.reports.packet_world import PRIVATE_NOTE, SECRET_REASON, released_packet

pytestmark = pytest.mark.django_db


@pytest.fixture
def person():
    return PersonFactory(name="Ines Bakke", with_user=True)


def data_of(person: Person) -> dict[str, Any]:
    """Every file of data, by the name of its room; and the overview under its own."""
    target = io.BytesIO()
    write_bundle(target, bundle(viewer_of_person(person), now=NOON))
    return opened(target.getvalue())


def opened(content: bytes) -> dict[str, Any]:
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        whole: dict[str, Any] = {"overview": book.read("overview.html").decode()}
        for name in book.namelist():
            if match := re.fullmatch(r"data/(\w+)\.json", name):
                whole[match[1]] = json.loads(book.read(name))
    return whole


def filled(data: dict[str, Any]) -> set[str]:
    """The parts that hold anything."""
    rooms = {k: v for k, v in data.items() if k not in {"overview", "about"}}
    return {
        name
        for room in rooms.values()
        for name, part in room.items()
        if (part["rows"] if isinstance(part, dict) else part)
    }


def test_somebody_with_nothing_has_a_file_that_says_so():
    data = data_of(PersonFactory(name="Nora Ny"))

    assert filled(data) == {"entry"}
    assert "Nothing is kept of you here" in data["overview"]
    assert len(data["about"]["left_out"]) == 9


def test_every_part_of_a_full_life_is_in_it(person):
    packet = released_packet(with_user=True, show_calibration=True)
    who = packet.person
    collecting = ParticipantFactory(person=who, manager=packet.manager)
    ReviewItemFactory(review=ReviewFactory(participant=collecting, own=True, submitted=True))
    GoalFactory(participant=collecting)
    EvidenceNoteFactory(about=who)
    EvidenceNoteFactory(about=who, author=packet.manager, shared=True)
    UnaskedFeedbackFactory(giver=person, receiver=who)
    UnaskedFeedbackFactory(giver=who, receiver=person)
    ApiTokenFactory(person=who)
    peers = PerspectiveFactory(cycle=packet.cycle, named=True, sealed=True)
    AnswerPartFactory(answer=AnswerFactory(perspective=peers, participant=packet, author=person))
    asked = RequestFactory(perspective=PerspectiveFactory(named=True), giver=who)
    FeedbackDraftFactory(request=asked)
    RequestFactory(perspective=peers, participant=packet, giver=person, proposed_by=who)
    record("edit_goal", collecting, by=viewer_of_person(who), at=NOON)

    data = data_of(who)

    assert filled(data) == {
        "entry", "account", "keys", "seats", "self_reviews", "self_review_parts", "goals",
        "packets", "received", "asked_of_me", "named_by_me", "feedback_drafts", "thanks_received",
        "thanks_given", "own_notes", "notes_shared_with_me", "deeds",
    }  # fmt: skip
    voice = data["feedback"]["received"][0]["kinds"][0]["voices"][0]
    assert voice["name"] == "Ines Bakke"
    assert data["reviews"]["packets"][0]["summary"].startswith("A strong year")
    assert "A strong year" in data["overview"]


def test_a_packet_is_there_from_its_release_on_and_no_longer_when_it_was_taken_back():
    packet = released_packet()
    assert len(data_of(packet.person)["reviews"]["packets"]) == 1

    packet.state, packet.released_at, packet.released_by = "active", None, None
    packet.save()

    data = data_of(packet.person)
    assert data["reviews"]["packets"] == []
    assert "A strong year" not in str(data)


def test_a_talk_is_told_with_the_packet_and_not_before(person):
    talked = {"talked_on": date(2026, 3, 2), "talked_at": NOON, "talked_by": PersonFactory()}
    ParticipantFactory(person=person, **talked)
    ParticipantFactory(person=person, acknowledged=True, **talked)

    rows = data_of(person)["reviews"]["seats"]["rows"]

    assert {row["state"]: row["talked_on"] for row in rows} == {
        "active": None, "acknowledged": "2026-03-02",
    }  # fmt: skip


def test_days_and_hours_are_those_of_the_person():
    who = PersonFactory(time_zone="Asia/Kolkata")
    ApiTokenFactory(person=who, created_at=NOON)

    data = data_of(who)

    assert data["you"]["keys"]["rows"][0]["created_at"] == "2026-11-20T12:00:00+00:00"
    assert "20 November 2026, 17:30" in data["overview"]
    assert "20 November 2026, 12:00" not in data["overview"]


def test_what_the_committee_reads_is_not_in_it():
    told, untold = released_packet(show_calibration=True), released_packet()

    for packet, knows in ((told, True), (untold, False)):
        whole = str(data_of(packet.person))
        assert PRIVATE_NOTE not in whole
        assert (SECRET_REASON in whole) is knows


def test_an_office_adds_nothing_to_ones_own_file(person):
    note = EvidenceNoteFactory(text="About somebody else entirely.")
    ReviewFactory(participant__person=note.about, submitted=True, summary="Of another person.")
    Person.objects.filter(pk=person.pk).update(is_process_admin=True, is_content_admin=True)

    whole = str(data_of(Person.objects.get(pk=person.pk)))

    assert "somebody else entirely" not in whole
    assert "Of another person" not in whole


def test_a_managers_file_holds_no_word_about_the_team():
    boss = PersonFactory()
    seat = ParticipantFactory(manager=boss, person__manager=boss, person__name="Ulla Report")
    review = ReviewFactory(participant=seat, submitted=True, summary="Ulla carried the archive.")
    ReviewItemFactory(review=review, comment="Ulla again.")
    EvidenceNoteFactory(about=seat.person, author=boss, text="Ulla stayed late.")

    data = data_of(boss)

    assert "Ulla" not in str(data)
    assert len(data["deeds"]["reviews_written"]["rows"]) == 1
    assert len(data["notes"]["notes_about_others"]["rows"]) == 1


def test_a_request_without_a_name_says_that_one_was_asked_and_not_what_came_of_it(person):
    for state in ("asked", "answered", "declined", "closed"):
        for mode in ("anonymous", "named"):
            RequestFactory(perspective__mode=mode, giver=person, state=state)

    rows = data_of(person)["feedback"]["asked_of_me"]["rows"]

    assert sorted(row["state"] for row in rows) == sorted(
        ["asked"] * 4 + ["asked", "answered", "declined", "closed"]
    )


def test_somebody_who_left_has_what_they_had():
    packet = released_packet(with_user=True)
    Person.objects.filter(pk=packet.person_id).update(left_on=date(2026, 1, 31))
    who = Person.objects.get(pk=packet.person_id)

    data = data_of(who)

    assert data["you"]["entry"]["rows"][0]["left_on"] == "2026-01-31"
    assert len(data["reviews"]["packets"]) == 1


@pytest.mark.parametrize("rows", [1, 30])
def test_queries_do_not_grow_with_rows(rows, person, django_assert_num_queries):
    for _ in range(rows):
        EvidenceNoteFactory(about=person)
        EvidenceNoteFactory(about=person, author=PersonFactory(), shared=True)
        UnaskedFeedbackFactory(receiver=person)
        RequestFactory(giver=person)
        ApiTokenFactory(person=person)
        record("look", person, by=viewer_of_person(person), at=NOON)
        seat = ParticipantFactory(person=person)
        GoalFactory(participant=seat)
        ReviewItemFactory(review=ReviewFactory(participant=seat, own=True))
    viewer = viewer_of_person(person)

    with django_assert_num_queries(QUERIES):
        found = bundle(viewer, now=NOON)
    with django_assert_num_queries(0):
        write_bundle(io.BytesIO(), found)


# 1 for each share that can hold anything for this person, and 8 beside them; packets come on top.
QUERIES = 50


def test_the_overview_asks_no_server_and_runs_nothing():
    packet = released_packet(name="<script>alert(1)</script> {{ 7|add:7 }}")
    page = data_of(packet.person)["overview"]

    assert "<script" not in page
    assert "{{ 7|add:7 }}" in page
    assert re.findall(r'(?:src|href)="(?!#)[^"]*"', page) == []
    assert "default-src 'none'; style-src 'sha256-" in page.replace("&#x27;", "'")


def test_a_text_that_hr_hides_is_hidden_in_the_file_as_well(person):
    packet = released_packet()
    peers = PerspectiveFactory(cycle=packet.cycle, named=True, sealed=True)
    answer = AnswerFactory(perspective=peers, participant=packet, author=person)
    part = AnswerPartFactory(answer=answer, text="Not fit to be read.")
    ConcernFactory(part=part, raised_by=packet.person, hidden=True, decision="It names an illness.")

    data = data_of(packet.person)

    assert "Not fit to be read" not in str(data)
    assert "Hidden by HR: It names an illness." in str(data["feedback"]["received"])
    assert filled(data) >= {"reported_by_me", "received"}


def test_whose_name_was_opened_finds_it_in_their_file_and_only_once_it_was(person):
    for more in ({}, {"agreed": True}):
        DisclosureFactory(concern__part__answer__author=person, **more)

    (row,) = data_of(person)["feedback"]["names_opened"]["rows"]

    assert row["state"] == "agreed"
    assert row["asked_by"] != row["decided_by"]
