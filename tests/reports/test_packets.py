"""A packet on paper: what it says, what it never says, and what its file gives away."""

from __future__ import annotations

import re
import zlib

import pytest
from django.http import Http404

from apps.core.access import Viewer
from apps.reports import pages
from apps.reports.packets import packet_file
from apps.reports.rules.prose import blocks
from apps.reviews.models import FormQuestion, ReviewItem, StatementMark
from tests.factories import NOON
from tests.factories.ladders import StatementFactory
from tests.factories.people import PersonFactory
from tests.factories.reviews import DisputeFactory, EvidenceNoteFactory
from tests.paper import text_of
from tests.reports.packet_world import PRIVATE_NOTE, SECRET_REASON, released_packet
from tests.reports.worlds import PROCESS, viewer_for

pytestmark = pytest.mark.django_db


def words(content: bytes) -> str:
    """The text of a PDF as a reader takes it out, with single spaces."""
    return " ".join(text_of(content).split())


def everything(content: bytes) -> bytes:
    """The file with every stream unpacked: metadata and text operators, for a search."""
    found = [content]
    for stream in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", content, re.DOTALL):
        try:
            found.append(zlib.decompress(stream))
        except zlib.error:
            found.append(stream)
    return b"\n".join(found)


def printed(participant, viewer: Viewer | None = None) -> bytes:
    return packet_file(viewer or viewer_for(participant.person), participant, now=NOON).content


def test_paper_says_what_the_page_says():
    text = words(printed(released_packet()))

    for part in (
        "Jelena Petrović", "Gunnar Hoel", "3 · Solid", "What solid looks like at this level.",
        "A strong year, with one thing to try next.", "She led the archive move and kept everyone informed.",
        "• wrote the plan", "asked ops early", "Not enough evidence", "Craft", "Working with others",
        "at least 90 %", "93.5 %", "Reached", "not measured", "Thank you, we talked.",
        "20 November 2026 Received, which does not mean agreed", "1 of 2",
    ):  # fmt: skip
        assert part in text, part


@pytest.mark.parametrize("reader", ["person", "manager"])
def test_paper_says_nothing_that_the_person_does_not_read(reader):
    packet = released_packet()

    content = printed(packet, viewer_for(getattr(packet, reader)))

    text = words(content)
    for canary in (PRIVATE_NOTE, SECRET_REASON, "Ready now", "Beyond in places before"):
        assert canary not in text
        assert canary.encode() not in everything(content)


def test_a_calibration_change_is_told_only_where_the_cycle_says_so():
    text = words(printed(released_packet(show_calibration=True)))

    assert "Changed in calibration; your manager gave 4 · Beyond in places." in text
    assert SECRET_REASON in text


def test_the_same_file_for_every_reader():
    packet = released_packet()
    admin = PersonFactory(content_admin=True)
    packet.manager.manager = PersonFactory()
    packet.manager.save()

    files = {
        printed(packet, viewer)
        for viewer in (
            viewer_for(packet.person),
            viewer_for(packet.manager),
            viewer_for(packet.manager.manager),
            Viewer(person_id=admin.pk, roles=frozenset({"content_admin"})),
        )
    }

    assert len(files) == 1


def test_the_words_of_a_dispute_are_on_the_paper_of_the_three_people_in_it():
    packet = released_packet(competencies=1)
    admin, arbiter = PersonFactory(content_admin=True), PersonFactory(name="Sofia Reyes")
    DisputeFactory(
        participant=packet, arbiter=arbiter, text="canary-objection", answer="canary-answer",
        answered_at=NOON, answered_by=packet.manager, outcome="canary-outcome",
        settled_at=NOON, settled_by=arbiter,
    )  # fmt: skip
    packet.state = "settled"
    packet.save()
    canaries = ("canary-objection", "canary-answer", "canary-outcome")

    for person in (packet.person, packet.manager, arbiter):
        text = words(printed(packet, viewer_for(person)))
        assert [c for c in canaries if c in text] == list(canaries), person
    office = Viewer(person_id=admin.pk, roles=frozenset({"content_admin"}))
    text = words(printed(packet, office))
    assert [c for c in canaries if c in text] == []
    assert "Decided · Sofia Reyes" in text


def test_marks_evidence_and_answers_are_on_paper():
    packet = released_packet(competencies=1)
    review = packet.reviews.get(kind="manager")
    item = review.items.get()
    statement = StatementFactory(competency=item.competency, text="Plans a quarter ahead.")
    StatementMark.objects.create(review=review, statement=statement, mark="strength")
    item.notes.add(
        EvidenceNoteFactory(author=packet.manager, about=packet.person, text="The *plan* of May.")
    )
    question = FormQuestion.objects.create(
        cycle=packet.cycle, review_kind="manager", text="What would you keep?"
    )
    ReviewItem.objects.create(review=review, question=question, comment="The weekly notes.")

    text = words(printed(packet))

    for part in (
        "Clear strength Plans a quarter ahead.", "Gunnar Hoel The plan of May.",
        "What would you keep? The weekly notes.",
    ):  # fmt: skip
        assert part in text, text


def test_what_somebody_typed_is_set_as_text_and_never_run():
    packet = released_packet(name='#read("/etc/passwd") *bold* <script>')
    review = packet.reviews.get(kind="manager")
    review.summary = '#panic("ran") $x^2$ {{ 7|add:1 }} {% now "Y" %} <b>raw</b> `#sys`'
    review.save()

    text = words(printed(packet))

    assert '#read("/etc/passwd") *bold* <script>' in text
    assert '#panic("ran") $x^2$ {{ 7|add:1 }} {% now "Y" %} <b>raw</b> #sys' in text


def test_the_file_names_no_author_no_machine_and_one_instant(settings):
    packet = released_packet()

    inside = everything(printed(packet))

    assert b"/Author" not in inside
    assert b"dc:creator" not in inside
    assert str(settings.BASE_DIR).encode() not in inside
    assert set(re.findall(rb"D:(\d{14})", inside)) == {b"20261120120000"}
    assert b"/StructTreeRoot" in inside
    assert b"pdfuaid:part" in inside


def test_a_letter_that_the_font_lacks_stops_no_packet():
    packet = released_packet(name="Jelena", competencies=1)
    packet.reply = "谢谢 🎉 مرحبا"
    packet.save()

    inside = everything(printed(packet))

    assert inside.startswith(b"%PDF-1.7")
    assert b"/StructTreeRoot" in inside


def test_the_same_content_gives_the_same_bytes():
    packet = released_packet(competencies=1)

    assert printed(packet) == printed(packet)


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        pytest.param("Jelena Petrović", "jelena-petrovic-", id="accents"),
        pytest.param('../../etc/"x"\r\nSet-Cookie: a', "etc-x-set-cookie-a-", id="header and path"),
        pytest.param("李小龙", "autumn-", id="no Latin letter"),
        pytest.param("a" * 150, "a" * 80 + ".pdf", id="long"),
    ],
)
def test_the_file_name_is_safe_everywhere(name, wanted):
    packet = released_packet(name=name, competencies=1)

    made = packet_file(viewer_for(packet.person), packet, now=NOON)

    assert made.name.startswith(wanted)
    assert re.fullmatch(r"[a-z0-9-]{1,80}\.pdf", made.name)


def test_a_packet_that_is_not_released_has_no_paper():
    packet = released_packet(competencies=1)
    packet.state, packet.released_at, packet.released_by, packet.acknowledged_at = (
        "active",
        None,
        None,
        None,
    )
    packet.save()

    for viewer in (viewer_for(packet.person), viewer_for(packet.manager)):
        with pytest.raises(Http404):
            pages.released_packet(viewer, participant_id=packet.pk)


def test_only_those_who_read_the_packet_may_print_it():
    packet = released_packet(competencies=1)
    own_boss = PersonFactory(content_admin=True, manager=packet.person)
    below = Viewer(
        person_id=own_boss.pk,
        roles=frozenset({"content_admin"}),
        above=frozenset({packet.person_id}),
    )

    assert pages.released_packet(viewer_for(packet.manager), participant_id=packet.pk) == packet
    for nobody in (PROCESS, viewer_for(PersonFactory()), below, Viewer()):
        with pytest.raises(Http404):
            pages.released_packet(nobody, participant_id=packet.pk)


@pytest.mark.parametrize("competencies", [1, 12])
def test_a_packet_costs_the_same_queries_however_long(competencies, django_assert_num_queries):
    packet = released_packet(competencies=competencies)
    viewer = viewer_for(packet.person)

    with django_assert_num_queries(8):
        packet_file(viewer, packet, now=NOON)


def flat(source: str) -> list[tuple[str, int, str, str]]:
    return [
        (b["kind"], b["depth"], b["mark"], "".join(r["text"] for r in b["runs"]))
        for b in blocks(source)
    ]


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        pytest.param("", [], id="nothing"),
        pytest.param("One\ntwo", [("text", 0, "", "One two")], id="paragraph"),
        pytest.param("- a\n- b", [("item", 1, "•", "a"), ("item", 1, "•", "b")], id="list"),
        pytest.param("3. a\n4. b", [("item", 1, "3.", "a"), ("item", 1, "4.", "b")], id="numbers"),
        pytest.param("- a\n  - b", [("item", 1, "•", "a"), ("item", 2, "•", "b")], id="list in a list"),
        pytest.param("# Head", [("head", 0, "", "Head")], id="heading"),
        pytest.param("> said", [("quote", 0, "", "said")], id="quote"),
        pytest.param("```\nx = 1\n```", [("code", 0, "", "x = 1")], id="code"),
        pytest.param("<b>x</b>", [("text", 0, "", "<b>x</b>")], id="HTML is text"),
        pytest.param("[a](https://x.example)", [("text", 0, "", "a (https://x.example)")], id="link"),
        pytest.param("|a|b|\n|-|-|\n|c|d|", [("text", 0, "", "a · b"), ("text", 0, "", "c · d")], id="table"),
    ],
)  # fmt: skip
def test_markdown_becomes_plain_blocks(source, wanted):
    assert flat(source) == wanted
