"""What stands in and beside the form: counts of queries, whose eyes, notes, earlier cycles, the ladder."""

import pytest
from django.test import Client
from django.urls import reverse

from apps.core.access import Viewer
from apps.ladders.models import Statement
from apps.reviews import actions
from apps.reviews.models import Cycle, Participant, Review, StatementMark
from apps.reviews.pages import writing as pages
from apps.reviews.pages.drafts import draft
from apps.reviews.states import CycleState, ParticipantState
from tests.factories import NOON
from tests.factories.ladders import LevelFactory, StatementFactory
from tests.factories.people import PersonFactory
from tests.factories.reviews import (
    AreaWeightFactory,
    CycleFactory,
    FormQuestionFactory,
    RatingEventFactory,
    ReviewFactory,
)
from tests.reviews.desks import Counted, desk_page, earlier, html_of, make_desk, note_of, save

pytestmark = pytest.mark.django_db


def full(reports, competencies, cycles, notes):
    """A desk with everything on it."""
    desk = make_desk(competencies, goals=2, accounts=True)
    for _ in range(reports - 1):
        person = PersonFactory(manager=desk.participant.manager)
        row = Participant.objects.create(
            cycle=desk.participant.cycle, person=person, manager=desk.participant.manager
        )
        ReviewFactory(participant=row)
    for years in range(1, cycles + 1):
        past = earlier(desk, years)
        for competency in desk.competencies:
            RatingEventFactory(participant=past, competency=competency, value=3)
    for number in range(notes):
        note_of(desk, competencies=[desk.competencies[number % competencies]])
    for number in range(min(3, reports)):
        FormQuestionFactory(
            cycle=desk.participant.cycle, review_kind="manager", is_required=number == 0
        )
    AreaWeightFactory(cycle=desk.participant.cycle, area_key="area-0", area_name="Area 0")
    some = Statement.objects.filter(competency=desk.competencies[0])
    fields = {f"s{s.pk}-shown": "shown" for s in some}
    if notes:
        linked = desk.participant.person.notes_about.first().pk
        fields |= {f"c{c.pk}-notes": str(linked) for c in desk.competencies}
    save(desk, desk.complete() | fields)
    return desk


@pytest.mark.parametrize(
    ("reports", "competencies", "cycles", "notes"), [(1, 3, 1, 1), (12, 18, 5, 200)], ids=str
)
def test_the_form_costs_twelve_queries_at_most_whatever_stands_on_it(
    reports, competencies, cycles, notes
):
    desk = full(reports, competencies, cycles, notes)

    with Counted() as loading:
        page = desk_page(desk)
    with Counted() as rendering:
        html_of(page)

    assert (loading.count, rendering.count) == (8, 0)
    assert len(page.reports) == reports
    assert len(page.areas[0].cards[0].history) == min(cycles, 5)
    assert all(card.linked for part in page.areas for card in part.cards)

    client = Client()
    client.force_login(desk.participant.manager.user, backend="apps.people.backend.Backend")
    with Counted() as asked:
        client.get(reverse("reviews:review", args=[desk.manager_review.pk]))
    assert asked.count <= 12


def test_marks_stand_beside_their_statements_and_are_said_in_words():
    desk = make_desk(1, areas=1)
    one, two, _three = Statement.objects.all()
    save(desk, {f"s{one.pk}-shown": "strength", f"s{two.pk}-shown": "not_yet"})

    page = desk_page(desk)
    html = html_of(page)

    card = page.areas[0].cards[0]
    assert [line.mark for line in card.lines] == ["strength", "not_yet", ""]
    assert card.seen_words == "1 of 3 shown, 1 of them a clear strength, 1 not yet"
    assert page.is_marking
    assert html.count('role="radiogroup"') == 3
    assert "%" not in card.seen_words


def test_sections_that_are_off_are_not_on_the_form_and_not_in_what_is_missing():
    desk = make_desk(1, goals=2, areas=1)
    sections = ["manager.marks", "manager.goals", "manager.promotion", "manager.private_note"]
    Cycle.objects.update(sections_off=sections)

    page = desk_page(desk)
    html = html_of(page)

    assert (page.total, page.goals) == (1, None)
    assert [line.anchor for line in page.missing] == [
        f"c{desk.competencies[0].pk}",
        "field-summary",
        "field-overall",
    ]
    for name in (
        "data-marks",
        'name="promotion"',
        'name="private_note"',
        'id="marking"',
        'name="g',
    ):
        assert name not in html


def test_a_self_review_without_ratings_has_no_scale():
    desk = make_desk(2, state=CycleState.COLLECTION)
    Cycle.objects.update(sections_off=["self.ratings", "self.marks"])

    page = pages.review(desk.subject, review_id=desk.self_review.pk)

    assert "data-scale" not in html_of(page)
    assert [line.words for line in page.missing] == ["nothing written yet"] * 3


def test_questions_are_asked_in_their_order_and_the_wanted_one_is_missing():
    desk = make_desk(1, areas=1)
    second = FormQuestionFactory(
        cycle=desk.participant.cycle, review_kind="manager", position=2, text="And then?"
    )
    first = FormQuestionFactory(
        cycle=desk.participant.cycle, review_kind="manager", position=1, is_required=True,
        text="What first?", hint="One thing.",
    )  # fmt: skip
    FormQuestionFactory(cycle=desk.participant.cycle, review_kind="self")

    page = desk_page(desk)
    html = html_of(page)

    assert [card.anchor for card in page.questions.cards] == [f"q{first.pk}", f"q{second.pk}"]
    assert (page.questions.done, page.questions.total) == (1, 2)
    assert f"q{first.pk}" in [line.anchor for line in page.missing]
    assert page.total == 1
    assert "One thing." in html


def test_weights_move_the_middle_and_the_form_says_so():
    desk = make_desk(2, areas=2)
    light, heavy = desk.competencies
    save(desk, {f"c{light.pk}-value": "2", f"c{heavy.pk}-value": "4", "overall": "4"})
    even = desk_page(desk)
    AreaWeightFactory(cycle=desk.participant.cycle, area_key="area-1", area_name="Area 1", weight=3)
    AreaWeightFactory(cycle=desk.participant.cycle, area_key="elsewhere", weight=5)

    page = desk_page(desk)

    assert (even.profile.median, even.departs, even.weighed) == (3, True, [])
    assert (page.profile.median, page.departs) == (4, False)
    assert page.weighed == [("Area 1", 3)]
    assert "Area 1 counts 3 times" in html_of(page)
    assert "counts 3 times" not in html_of(even)


def test_history_is_what_this_viewer_may_read_of_released_cycles_on_the_same_scale():
    desk = make_desk(1, areas=1)
    competency = desk.competencies[0]
    for years, value in ((1, 2), (2, 3)):
        RatingEventFactory(participant=earlier(desk, years), competency=competency, value=value)
    hidden = earlier(desk, 3, released=False)
    RatingEventFactory(participant=hidden, competency=competency, value=5)
    other = earlier(desk, 4, scale=CycleFactory().scale)
    RatingEventFactory(participant=other, competency=competency, value=1)

    page = desk_page(desk)

    card = page.areas[0].cards[0]
    assert [(p.cycle, p.said.value) for p in card.history] == [
        ("1 years ago", 2),
        ("2 years ago", 3),
    ]
    assert (card.before.value, page.cycles_before) == (2, ["1 years ago", "2 years ago"])


def test_the_manager_of_today_reads_no_packet_that_was_not_released_and_a_stranger_none():
    desk = make_desk(1, areas=1)
    RatingEventFactory(participant=earlier(desk, 1), competency=desk.competencies[0], value=2)
    stranger = PersonFactory()
    Review.objects.filter(pk=desk.manager_review.pk).update(author=stranger)

    page = pages.review(Viewer(person_id=stranger.pk), review_id=desk.manager_review.pk)

    assert page.cycles_before == []


# --- whoever reads it ---


def with_secrets(desk):
    """A manager review with a mark, an answer and a private note, handed in."""
    question = FormQuestionFactory(
        cycle=desk.participant.cycle, review_kind="manager", text="What next?"
    )
    note = note_of(desk, text="Kept the queue alive.")
    statement = Statement.objects.first()
    fields = {
        f"s{statement.pk}-shown": "strength",
        f"q{question.pk}-comment": "A bigger team.",
        f"c{desk.competencies[0].pk}-notes": str(note.pk),
    }
    revision = save(desk, desk.complete() | fields).revision
    actions.submit_review(
        desk.manager_review.pk, revision=revision, confirmed=True, by=desk.manager, now=NOON
    )
    return ("Clear strength", "A bigger team.", "Kept the queue alive.")


def test_before_release_the_person_reads_no_mark_no_answer_and_no_note():
    desk = make_desk(accounts=True)
    said = with_secrets(desk)
    client = Client()
    client.force_login(desk.participant.person.user, backend="apps.people.backend.Backend")
    pk = desk.manager_review.pk
    part = f"c{desk.competencies[0].pk}"
    for where in (
        reverse("reviews:review", args=[pk]),
        reverse("reviews:versions", args=[pk]),
        reverse("reviews:next_level", args=[pk]),
        reverse("reviews:link_notes", args=[pk, part]),
        reverse("reviews:ladder_changes", args=[pk]),
        f"/api/v1/reviews/{pk}/draft/",
    ):
        answer = client.get(where)
        assert answer.status_code == 404, where
        assert not any(words in answer.content.decode() for words in said)
    for where in ("reviews:review", "reviews:packet"):
        key = desk.self_review.pk if where == "reviews:review" else desk.participant.pk
        html = client.get(reverse(where, args=[key])).content.decode()
        assert not any(words in html for words in said)


def test_after_release_the_person_reads_them_and_so_does_whoever_is_above():
    desk = make_desk()
    said = with_secrets(desk)
    above = PersonFactory()
    type(above).objects.filter(pk=desk.participant.manager_id).update(manager=above)
    Participant.objects.update(
        state=ParticipantState.RELEASED, released_at=NOON, released_by=desk.participant.manager
    )

    for viewer in (desk.subject, Viewer(person_id=above.pk), desk.manager):
        html = html_of(pages.review(viewer, review_id=desk.manager_review.pk))
        assert all(words in html for words in said)


def test_a_mark_of_the_next_level_is_read_with_its_words():
    desk = make_desk(1, areas=1)
    level, competency = desk.participant.level, desk.competencies[0]
    above = LevelFactory(track=level.track, version=level.version, position=level.position + 1)
    higher = StatementFactory(competency=competency, level=above, text="Sets the direction.")
    save(desk, desk.complete() | {f"s{higher.pk}-shown": "strength"})
    desk.enter(CycleState.CALIBRATION)

    page = desk_page(desk)

    assert "Sets the direction." in html_of(page)
    assert page.areas[0].cards[0].seen_words == ""


def test_the_api_names_every_field_and_shows_what_stands():
    desk = make_desk(1, areas=1)
    question = FormQuestionFactory(cycle=desk.participant.cycle, review_kind="manager", text="Why?")
    note = note_of(desk)
    c, s = desk.competencies[0].pk, Statement.objects.first().pk
    save(
        desk,
        {f"c{c}-notes": str(note.pk), f"s{s}-shown": "shown", f"q{question.pk}-comment": "So."},
    )
    Cycle.objects.update(sections_off=["manager.promotion"])

    found = draft(desk.manager, review_id=desk.manager_review.pk)

    assert found.fields == {
        f"c{c}-notes": str(note.pk),
        f"s{s}-shown": "shown",
        f"q{question.pk}-comment": "So.",
    }
    assert found.fields.keys() < found.names.keys()
    assert found.names[f"q{question.pk}-comment"] == "Why?"
    assert "promotion" not in found.names
    assert "overall" in found.names
    assert StatementMark.objects.count() == 1
