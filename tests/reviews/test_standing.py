"""Where somebody stands: who may look, what shows before and after the release, and what is compared."""

from __future__ import annotations

from datetime import date

import pytest
from django.http import Http404
from django.template.loader import render_to_string
from django.urls import reverse

from apps.core.access import Viewer
from apps.people.viewers import viewer_of_person
from apps.reviews.pages import standing as pages
from apps.reviews.rules.standing import changed_since, in_one_scale
from apps.reviews.states import CycleState, Mark, Shown
from tests.factories.ladders import CompetencyFactory, LevelFactory, StatementFactory
from tests.factories.people import PersonFactory
from tests.factories.reviews import (
    CycleFactory,
    EvidenceNoteFactory,
    GoalFactory,
    ParticipantFactory,
    RatingEventFactory,
    RatingScaleFactory,
    ReviewFactory,
    StatementMarkFactory,
)
from tests.reviews.desks import Counted
from tests.reviews.test_cycle_views import browser
from tests.world import new_people

pytestmark = pytest.mark.django_db


# --- rules -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cycles", "groups"),
    [
        ("", []),
        ("a1", [["a1"]]),
        ("a1 a2 b3", [["b3"], ["a1", "a2"]]),
        ("a1 b2 a3", [["a1", "a3"], ["b2"]]),
    ],
)
def test_cycles_of_one_scale_stand_together_and_the_newest_first(cycles, groups):
    assert in_one_scale(cycles.split(), key=lambda c: c[0]) == groups


@pytest.mark.parametrize(
    ("places", "words"),
    [
        ([], []),
        ([(1, "one")], [""]),
        ([(1, "one"), (1, "one"), (1, "two"), (2, "two")], ["", "", "level", "ladder"]),
        ([None, (1, "one"), None, None], ["", "level", "level", ""]),
    ],
)
def test_what_was_different_from_one_cycle_to_the_next(places, words):
    assert changed_since(places) == words


# --- a person with a way behind and ahead ----------------------------------------------------------


@pytest.fixture
def way():
    """Somebody on the first of two levels, one competency with one statement at each."""

    class Way:
        people, superuser = new_people()
        subject = people["subject"]
        craft = subject.level.statements.get().competency
        second = LevelFactory(
            track=subject.level.track, version=subject.level.version, code="", title="The second"
        )
        added = StatementFactory(competency=craft, level=second, text="Plans for a whole team.")
        scale = RatingScaleFactory(name="Five points")

        def rated(self, year=2026, *, value=4, scale=None, level=None, marks=(), **more):
            cycle = CycleFactory(
                name=f"Spring {year}",
                state=CycleState.DELIVERY,
                scale=scale or self.scale,
                period_start=date(year, 1, 1),
                period_end=date(year, 6, 30),
            )
            row = ParticipantFactory(
                cycle=cycle, person=self.subject, manager=self.people["manager"],
                level=level or self.subject.level, **more,
            )  # fmt: skip
            review = ReviewFactory(participant=row, submitted=True)
            for subject in ({"overall": True}, {"competency": self.craft}):
                RatingEventFactory(participant=row, value=value, **subject)
            for statement, mark in marks:
                StatementMarkFactory(review=review, statement=statement, mark=mark)
            return row

        def seen_by(self, name):
            viewer = viewer_of_person(self.people[name])
            return pages.standing(viewer, person_id=self.subject.pk)

    return Way()


def rated_in(page):
    return {c.name: c.rated and c.rated.answer for _, area in page.areas for c in area}


def gap_of(page):
    return [
        (c.name, [(s.line.text, s.word) for s in c.statements], [n.text for n in c.notes])
        for _, area in page.gap
        for c in area
    ]


READERS = {"subject", "manager", "head", "content_admin"}


def test_the_person_the_managers_above_and_hr_may_look_and_nobody_else(way):
    way.rated(released=True)

    may = set()
    for name in way.people:
        try:
            way.seen_by(name)
        except Http404:
            continue
        may.add(name)

    assert may == READERS
    for viewer in (Viewer(), Viewer(user_id=way.superuser.pk)):
        with pytest.raises(Http404):
            pages.standing(viewer, person_id=way.subject.pk)


def test_hr_reads_nobody_of_its_own_line_and_itself_only_what_is_released(way):
    admin = viewer_of_person(way.people["content_admin"])

    with pytest.raises(Http404):
        pages.standing(admin, person_id=way.people["head"].pk)
    with pytest.raises(Http404):
        pages.standing(admin, person_id=way.people["chief"].pk)
    assert pages.standing(admin).is_me


def test_before_the_release_the_person_reads_nothing_of_it(way):
    way.rated(marks=[(way.added, Shown.SHOWN)])

    own, of_manager = way.seen_by("subject"), way.seen_by("manager")

    assert (own.newest, own.overall, rated_in(own)) == (None, None, {way.craft.name: None})
    assert gap_of(own) == [(way.craft.name, [("Plans for a whole team.", "")], [])]
    assert (own.histories, own.packets) == ([], [])
    assert (of_manager.is_released, rated_in(of_manager)) == (False, {way.craft.name: 4})
    assert of_manager.histories == []
    assert "Beyond in places" not in render_to_string("reviews/standing.html", {"page": own})


def test_after_the_release_the_person_reads_what_the_manager_reads(way):
    way.rated(marks=[(way.added, Shown.NOT_YET)], released=True)

    own, of_manager = way.seen_by("subject"), way.seen_by("manager")

    assert rated_in(own) == rated_in(of_manager) == {way.craft.name: 4}
    assert gap_of(own) == [(way.craft.name, [("Plans for a whole team.", "Not yet")], [])]
    assert own.gap_words == [("Not yet", "warn", 1)]


def test_what_calibration_changed_shows_as_it_stands_and_not_as_a_change(way):
    row = way.rated(released=True)
    RatingEventFactory(participant=row, competency=way.craft, value=3, calibrated=True)

    html = render_to_string("reviews/standing.html", {"page": way.seen_by("subject")})

    assert rated_in(way.seen_by("subject")) == {way.craft.name: 3}
    assert "committee" not in html
    assert "was" not in html.partition('id="now"')[2].partition("</section>")[0].split()


def test_a_mark_is_shown_and_is_no_point(way):
    row = way.rated(released=True)
    RatingEventFactory(
        participant=row, competency=way.craft, value=None, sequence=2, mark=Mark.NOT_ENOUGH_EVIDENCE
    )

    page = way.seen_by("subject")

    assert rated_in(page) == {way.craft.name: "not_enough_evidence"}


def test_notes_stand_beside_the_statements_for_whoever_may_read_them(way):
    way.rated(released=True)
    tagged = {"about": way.subject, "competencies": [way.craft]}
    EvidenceNoteFactory(text="own", **tagged)
    EvidenceNoteFactory(text="own, shared", shared=True, **tagged)
    EvidenceNoteFactory(text="of manager", by_manager=True, **tagged)
    EvidenceNoteFactory(text="of manager, shared", by_manager=True, shared=True, **tagged)
    EvidenceNoteFactory(text="of another", author=way.people["ex_manager"], **tagged)
    EvidenceNoteFactory(text="elsewhere", about=way.subject, competencies=[CompetencyFactory()])

    def read(name):
        [(_, _, notes)] = gap_of(way.seen_by(name))
        return set(notes)

    assert read("subject") == {"own", "own, shared", "of manager, shared"}
    assert read("manager") == {"own, shared", "of manager", "of manager, shared"}
    assert read("head") == set()
    assert read("content_admin") == set()


def test_the_newest_three_notes_are_shown_and_the_rest_counted(way):
    for day in range(1, 6):
        EvidenceNoteFactory(
            about=way.subject, text=f"day {day}", happened_on=date(2026, 3, day),
            competencies=[way.craft],
        )  # fmt: skip

    [(_, [craft])] = way.seen_by("subject").gap

    assert [n.text for n in craft.notes] == ["day 5", "day 4", "day 3"]
    assert craft.more_notes == 2


# --- over the cycles -------------------------------------------------------------------------------


def test_ratings_stand_beside_each_other_oldest_first(way):
    for year, value in ((2024, 2), (2026, 4), (2025, 3)):
        way.rated(year, value=value, released=True)
    way.rated(2027)

    [history] = way.seen_by("manager").histories

    assert [p.participant.cycle.name for p in history.cycles] == [
        "Spring 2024", "Spring 2025", "Spring 2026",
    ]  # fmt: skip
    assert [(line.name, [c.answer for c in line.cells]) for line in history.lines] == [
        ("Overall", [2, 3, 4]),
        (way.craft.name, [2, 3, 4]),
    ]


def test_two_scales_are_never_put_in_a_row(way):
    way.rated(2024, value=3, scale=RatingScaleFactory(name="Three points", points=3), released=True)
    way.rated(2025, value=4, released=True)

    page = way.seen_by("subject")
    html = render_to_string("reviews/standing.html", {"page": page})

    assert [(h.scale, len(h.points), len(h.cycles)) for h in page.histories] == [
        ("Five points", 5, 1),
        ("Three points", 3, 1),
    ]
    assert "The scale was changed" in html


def test_another_level_and_another_ladder_are_marked(way):
    other = StatementFactory().level
    way.rated(2023, released=True, level=other)
    way.rated(2024, released=True)
    way.rated(2025, released=True, level=way.second)

    [history] = way.seen_by("subject").histories

    assert [p.changed for p in history.cycles] == ["", "another ladder", "another level"]
    assert way.seen_by("subject").level_moved


def test_what_the_level_of_today_no_longer_expects_is_still_shown(way):
    row = way.rated(released=True)
    RatingEventFactory(participant=row, competency=CompetencyFactory(name="Old craft"), value=2)

    page = way.seen_by("subject")

    assert rated_in(page)["Old craft"] == 2
    assert page.areas[-1][0] == "No longer expected on this level"


# --- on day one ------------------------------------------------------------------------------------


def test_a_newcomer_reads_what_counts_and_what_comes_next(way):
    page = way.seen_by("subject")
    html = render_to_string("reviews/standing.html", {"page": page})

    assert (page.newest, page.next_level_title) == (None, "The second")
    assert way.subject.level.statements.get().text in html
    assert "Plans for a whole team." in html
    assert "not looked at yet" not in html


def test_somebody_without_a_level_is_told_what_happens_next():
    person = PersonFactory()

    page = pages.standing(viewer_of_person(person))

    assert (page.areas, page.gap, page.next_level_id) == ([], [], None)
    assert "HR sets the level" in render_to_string("reviews/standing.html", {"page": page})


def test_the_goals_of_the_running_cycle_are_one_press_away(way):
    row = way.rated()
    GoalFactory(participant=row)

    assert way.seen_by("subject").goals_of == row
    assert way.seen_by("head").goals_of is None


# --- queries ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("cycles", [1, 5, 20])
@pytest.mark.parametrize("notes", [3, 300])
def test_eight_queries_however_many_cycles_and_notes(way, cycles, notes):
    for year in range(cycles):
        way.rated(2000 + year, released=True, marks=[(way.added, Shown.SHOWN)])
    for _ in range(notes):
        EvidenceNoteFactory(about=way.subject, competencies=[way.craft])

    with Counted() as loading:
        page = way.seen_by("subject")
    with Counted() as rendering:
        html = render_to_string("reviews/standing.html", {"page": page})

    assert (loading.count, rendering.count) == (8, 0)
    assert html.count('<th scope="col">') == cycles + 1 + (cycles > 1)


@pytest.mark.parametrize("who", sorted(READERS))
def test_the_whole_page_costs_at_most_twelve(way, who):
    for year in range(5):
        way.rated(2020 + year, released=True)
    client = browser(way.people[who])

    with Counted() as counted:
        answer = client.get(reverse("reviews:standing", args=[way.subject.pk]))

    assert answer.status_code == 200
    assert counted.count <= 12
