"""What a packet shows to whom, its preview, the waves, and the page on which HR names a third person."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.http import Http404
from django.template.loader import render_to_string
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.core.access import Viewer
from apps.reviews import pages
from apps.reviews.models import FormQuestion, ReviewItem
from apps.reviews.states import CycleState
from tests.factories import NOON
from tests.factories.ladders import (
    AreaFactory,
    CompetencyFactory,
    LevelFactory,
    StatementFactory,
)
from tests.factories.people import PersonFactory
from tests.factories.reviews import (
    CycleFactory,
    DisputeFactory,
    EvidenceNoteFactory,
    GoalFactory,
    ParticipantFactory,
    RatingEventFactory,
    ReviewFactory,
    ReviewItemFactory,
    StatementMarkFactory,
)

pytestmark = pytest.mark.django_db
HR = Viewer(person_id=None, roles=frozenset({"process_admin"}))


def drawn(template, page):
    with CaptureQueriesContext(connection) as caught:
        html = render_to_string(template, {"page": page, "now": NOON})
    assert len(caught) == 0, "a template asks the database nothing"
    return html


def full_packet(items: int = 3, *, state: str = CycleState.DELIVERY, **traits):
    """A packet with everything in it, for each competency: comment, marks of two levels, evidence."""
    own = LevelFactory(position=1)
    level_above = LevelFactory(version=own.version, track=own.track, position=2)
    manager = PersonFactory(name="Mira Jensen", with_user=True)
    person = PersonFactory(name="Amara Okafor", manager=manager, level=own, with_user=True)
    row = ParticipantFactory(
        cycle=CycleFactory(state=state, phases=True), person=person, manager=manager, **traits
    )
    review = ReviewFactory(
        participant=row, submitted=True, overall=4, summary="A year of moves.",
        departure="One step above, for March.", private_note="PRIVATE", promotion="ready",
    )  # fmt: skip
    RatingEventFactory(participant=row, overall=True, value=4)
    area = AreaFactory(version=own.version, name="Craft")
    for number in range(items):
        competency = CompetencyFactory(version=own.version, area=area, name=f"Skill {number}")
        RatingEventFactory(participant=row, competency=competency, value=number % 5 + 1)
        item = ReviewItemFactory(
            review=review, competency=competency, value=3, comment=f"Comment {number}."
        )
        for level, mark in ((own, "strength"), (level_above, "not_yet")):
            statement = StatementFactory(
                version=own.version, level=level, competency=competency, text=f"Does {number}."
            )
            StatementMarkFactory(review=review, statement=statement, mark=mark)
        EvidenceNoteFactory(about=person, author=manager, text=f"Saw {number}.", linked_in=item)
    question = FormQuestion.objects.create(
        cycle=row.cycle, review_kind="manager", text="What would you keep?"
    )
    ReviewItem.objects.create(review=review, question=question, comment="The weekly notes.")
    goal = GoalFactory(participant=row, text="Answer within a day", actual=95)
    RatingEventFactory(participant=row, competency=None, goal=goal, value=3)
    return row


def as_person(row) -> Viewer:
    return Viewer(person_id=row.person_id)


def test_a_packet_shows_all_that_carries_a_rating_and_nothing_for_the_committee():
    row = full_packet(2, acknowledged=True, reply="Thank you.")

    page = pages.packet(as_person(row), participant_id=row.pk, now=NOON)
    html = drawn("reviews/packet.html", page)

    for words in (
        "Amara Okafor", "Mira Jensen", "A year of moves.", "One step above, for March.", "Craft",
        "Skill 0", "Comment 1.", "Clear strength", "Not yet", "(of the level above)", "Saw 1.",
        "What would you keep?", "The weekly notes.", "Answer within a day", "Met", "Thank you.",
        "What solid looks like at this level.", "Received, which does not mean agreed",
    ):  # fmt: skip
        assert words in html, words
    for words in ("PRIVATE", "Ready now"):
        assert words not in html
    marks = page.areas[0].lines[0].marks
    assert [(m.mark, m.is_beyond) for m in marks] == [("strength", False), ("not_yet", True)]


def test_a_competency_with_marks_and_no_rating_is_there_and_says_no_number():
    row = full_packet(0, released=True)
    statement = StatementFactory(competency=CompetencyFactory(name="Unrated"))
    StatementMarkFactory(review=row.reviews.get(), statement=statement, mark="no_opportunity")

    page = pages.packet(as_person(row), participant_id=row.pk, now=NOON)

    line = page.areas[0].lines[0]
    assert (line.name, line.answer, line.marks[0].label) == ("Unrated", None, "No opportunity")
    assert "No opportunity" in drawn("reviews/packet.html", page)


@pytest.mark.parametrize("reader", ["person", "manager", "arbiter"])
def test_a_packet_costs_the_same_however_much_is_in_it(reader):
    def cost(items: int) -> int:
        row = full_packet(items, disputed=True)
        arbiter = PersonFactory()
        DisputeFactory(participant=row, arbiter=arbiter)
        who = {"person": row.person_id, "manager": row.manager_id, "arbiter": arbiter.pk}[reader]
        with CaptureQueriesContext(connection) as caught:
            page = pages.packet(Viewer(person_id=who), participant_id=row.pk, now=NOON)
        html = drawn("reviews/packet.html", page)
        assert html.count("Comment ") == items
        assert html.count("Saw ") == items
        return len(caught)

    few = cost(3)
    assert few == cost(60)
    assert few <= 8


def test_the_page_of_a_packet_costs_at_most_twelve_queries_with_all_around_it():
    row = full_packet(3, released=True)
    PersonFactory(content_admin=True)
    browser = Client()
    browser.force_login(row.person.user)
    with time_machine.travel(NOON, tick=False):
        browser.get(reverse("reviews:packet", args=[row.pk]))
        with CaptureQueriesContext(connection) as caught:
            answer = browser.get(reverse("reviews:packet", args=[row.pk]))

    assert "It goes to" in answer.content.decode()
    assert len(caught) <= 12


# --- the preview ---


def document_in(html: str) -> str:
    """The packet itself, without the frame: everything from its first to its last tag."""
    found = re.findall(r"(?s)<article class=\"document packet\".*?</article>", html)
    assert len(found) == 1
    return found[0]


@pytest.mark.parametrize("shown", [True, False], ids=["changes shown", "changes hidden"])
def test_the_preview_is_to_the_byte_what_the_person_reads(shown):
    row = full_packet(3)
    row.cycle.show_calibration = shown
    row.cycle.save()
    RatingEventFactory(participant=row, overall=True, calibrated=True, value=2, reason="SECRET")
    manager, person = Client(), Client()
    manager.force_login(row.manager.user)
    person.force_login(row.person.user)
    with time_machine.travel(NOON, tick=False) as clock:
        preview = manager.get(reverse("reviews:packet_preview", args=[row.pk]))
        manager.post(reverse("reviews:release_packet", args=[row.pk]))
        clock.shift(timedelta(days=3))
        person.force_login(row.person.user)
        page = person.get(reverse("reviews:packet", args=[row.pk]))

    assert (preview.status_code, page.status_code) == (200, 200)
    assert document_in(preview.content.decode()) == document_in(page.content.decode())
    assert ("SECRET" in page.content.decode()) is shown
    # The manager's own reading says more, so the comparison above can fail.
    manager.force_login(row.manager.user)
    own = manager.get(reverse("reviews:packet", args=[row.pk])).content.decode()
    assert (document_in(own) == document_in(page.content.decode())) is shown


def test_the_person_has_no_preview():
    row = full_packet(1, released=True)

    with pytest.raises(Http404):
        pages.packet_preview(as_person(row), participant_id=row.pk, now=NOON)


# --- a dispute on the page ---


def test_the_words_of_a_dispute_are_for_three_and_its_course_for_all_who_read():
    row = full_packet(1, disputed=True)
    row.manager.manager = PersonFactory()
    row.manager.save()
    arbiter = PersonFactory(name="Sofia Reyes")
    DisputeFactory(
        participant=row, arbiter=arbiter, text="OBJECTION", answer="ANSWER", answered_at=NOON,
        answered_by=row.manager,
    )  # fmt: skip
    office = Viewer(person_id=PersonFactory().pk, roles=frozenset({"content_admin"}))
    three = [Viewer(person_id=pk) for pk in (row.person_id, row.manager_id, arbiter.pk)]
    others = [Viewer(person_id=row.manager.manager_id), office]

    for viewer, reads in [*((v, True) for v in three), *((v, False) for v in others)]:
        page = pages.packet(viewer, participant_id=row.pk, now=NOON)
        html = drawn("reviews/packet.html", page)
        assert [("OBJECTION" in html), ("ANSWER" in html)] == [reads, reads]
        assert [m.words for m in page.moments][-2:] == [
            "Answered by the manager",
            "A third person decides",
        ]
        assert "Sofia Reyes" in html


def test_the_packet_names_who_would_settle_a_dispute_and_until_when():
    row = full_packet(1, released=True)
    third = PersonFactory(name="Sofia Reyes", content_admin=True)

    page = pages.packet(as_person(row), participant_id=row.pk, now=NOON)
    late = pages.packet(as_person(row), participant_id=row.pk, now=NOON + timedelta(days=15))

    assert (page.arbiter.person, page.dispute_until.isoformat()) == (third, "2026-12-04")
    html = drawn("reviews/packet.html", page)
    assert "Until Friday 4 December" in html
    assert "Sofia Reyes from HR, who is outside your line" in html
    assert "I see it differently" not in drawn("reviews/packet.html", late)


def test_without_an_office_it_names_the_skip_level_and_says_why():
    row = full_packet(1, released=True)
    row.manager.manager = PersonFactory(name="Frida Holm")
    row.manager.save()

    page = pages.packet(as_person(row), participant_id=row.pk, now=NOON)

    assert not page.arbiter.is_of_hr
    assert "Frida Holm, your manager’s manager" in drawn("reviews/packet.html", page)


def test_a_day_for_a_decision_is_the_same_for_everybody(django_assert_num_queries):
    row = full_packet(1, disputed=True)
    row.person.time_zone = "Asia/Manila"
    row.person.save()
    arbiter = PersonFactory(time_zone="America/Los_Angeles")
    dispute = DisputeFactory(participant=row, arbiter=arbiter)

    assert dispute.decide_on.isoformat() == "2026-12-04"
    for who in (row.person_id, arbiter.pk):
        viewer = Viewer(person_id=who, time_zone="America/Los_Angeles")
        html = drawn("reviews/packet.html", pages.packet(viewer, participant_id=row.pk, now=NOON))
        assert "by Friday 4 December" in html


# --- standing in a cycle ---


def test_whoever_took_a_packet_back_says_why_to_the_person_and_hr_does_not_read_it():
    row = full_packet(1)
    row.withdrawals.create(reason="WRONG SCALE", taken_at=NOON, taken_by=row.manager)

    for viewer, reads in (
        (as_person(row), True),
        (Viewer(person_id=row.manager_id), True),
        (HR, False),
    ):
        page = pages.participant(viewer, participant_id=row.pk, on=NOON.date())
        assert ("WRONG SCALE" in drawn("reviews/participant.html", page)) is reads


def test_hr_sees_that_there_is_a_dispute_and_not_a_word_of_it():
    row = full_packet(1, disputed=True, reply="REPLY")
    DisputeFactory(participant=row, text="OBJECTION", arbiter=PersonFactory(name="Sofia Reyes"))

    page = pages.participant(HR, participant_id=row.pk, on=NOON.date())
    html = drawn("reviews/participant.html", page)

    assert "Sofia Reyes" in html
    assert "OBJECTION" not in html
    assert "REPLY" not in html
    late = pages.participant(HR, participant_id=row.pk, on=NOON.date() + timedelta(days=15))
    assert (page.needs_another, late.needs_another) == (False, True)
    assert "Name another person" in drawn("reviews/participant.html", late)


# --- who decides instead ---


@pytest.mark.parametrize("found", [1, 8])
def test_looking_for_another_third_person_costs_the_same(found):
    row = full_packet(1, disputed=True)
    DisputeFactory(participant=row, text="OBJECTION", arbiter=PersonFactory(left=True))
    top = PersonFactory()
    PersonFactory.create_batch(
        found, name="Kari Nord", with_user=True, manager=PersonFactory(manager=top)
    )
    below = PersonFactory(name="Kari Below", with_user=True, manager=row.person)

    with CaptureQueriesContext(connection) as caught:
        page = pages.name_arbiter(HR, participant_id=row.pk, now=NOON, who="kari")
    html = drawn("reviews/name_arbiter.html", page)

    assert len(caught) <= 5
    assert page.is_needed
    assert [f.fault for f in page.found if f.person == below] in (
        [],
        ["Works for the person it is about."],
    )
    assert "OBJECTION" not in html


def test_only_hr_names_and_only_in_an_open_dispute():
    row = full_packet(1, disputed=True)
    DisputeFactory(participant=row)
    settled = full_packet(1, settled=True)

    for viewer, seat in (
        (as_person(row), row),
        (Viewer(person_id=row.manager_id), row),
        (HR, settled),
    ):
        with pytest.raises(Http404):
            pages.name_arbiter(viewer, participant_id=seat.pk, now=NOON)


def test_a_talk_stands_on_the_packet_the_board_and_my_reviews():
    row = full_packet(
        1, released=True, talked_on=NOON.date(), talked_at=NOON, talked_by=PersonFactory()
    )
    manager = Viewer(person_id=row.manager_id)

    for template, page, words in (
        ("packet", pages.packet(manager, participant_id=row.pk, now=NOON), "Held on Friday 20 November"),
        ("participant", pages.participant(HR, participant_id=row.pk, on=NOON.date()), "Held on Friday"),
        ("cycle_board", pages.cycle_board(manager, cycle_id=row.cycle_id, on=NOON.date()), "talked 20 Nov"),
        ("my_reviews", pages.my_reviews(manager), "talked 20 Nov"),
        ("my_reviews", pages.my_reviews(as_person(row)), "You talked about it on 20 November."),
    ):  # fmt: skip
        assert words in drawn(f"reviews/{template}.html", page), template
