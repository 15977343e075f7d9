"""What the desk loads: the same few queries however much is asked, and nothing that is not this viewer's."""

import gzip

import pytest
from django.http import Http404
from django.template.loader import render_to_string
from django.utils import timezone

from apps.core.access import Viewer
from apps.ladders.models import MixinRule
from apps.reviews import actions
from apps.reviews.models import Cycle, Participant, Review
from apps.reviews.pages import versions as version_pages
from apps.reviews.pages import writing as pages
from apps.reviews.states import CycleState, ParticipantState
from tests.factories import NOON
from tests.factories.ladders import LevelFactory, MixinFactory, StatementFactory
from tests.factories.people import PersonFactory
from tests.factories.reviews import RatingEventFactory, ReviewFactory
from tests.reviews.desks import Counted, make_desk

pytestmark = pytest.mark.django_db


def written(desk, review, fields, by):
    base = Review.objects.get(pk=review.pk).revision
    return actions.save_review(review.pk, changed=fields, base=base, by=by, now=NOON)


def handed_in(desk, review, fields, by):
    revision = written(desk, review, fields, by).revision
    return actions.submit_review(review.pk, revision=revision, confirmed=True, by=by, now=NOON)


def with_self_review(desk):
    """The self review is in, and the manager's turn has come."""
    fields = {f"c{c.pk}-comment": f"My part {c.pk}." for c in desk.competencies}
    fields |= {f"c{c.pk}-value": "4" for c in desk.competencies}
    fields |= {f"g{goal.pk}-comment": "Got there." for goal in desk.participant.goals.all()}
    desk.enter(CycleState.COLLECTION)
    handed_in(desk, desk.self_review, {**fields, "summary": "My own year."}, desk.subject)
    desk.enter(CycleState.MANAGER_REVIEW)


def html_of(page):
    return render_to_string("reviews/review.html", {"page": page})


@pytest.mark.parametrize("n", [3, 300])
def test_the_desk_costs_five_queries_and_three_of_the_ladder(n):
    desk = make_desk(n, goals=2)
    with_self_review(desk)
    written(desk, desk.manager_review, desk.complete(), desk.manager)

    with Counted() as loading:
        page = pages.review(desk.manager, review_id=desk.manager_review.pk)
    with Counted() as rendering:
        html = html_of(page)

    assert (loading.count, rendering.count) == (8, 0)
    assert html.count("<fieldset") >= n + 3


@pytest.mark.parametrize("n", [3, 300])
def test_the_self_review_costs_seven(n):
    desk = make_desk(n, goals=2, state=CycleState.COLLECTION)

    with Counted() as loading:
        pages.review(desk.subject, review_id=desk.self_review.pk)

    assert loading.count == 7


@pytest.mark.parametrize("others", [1, 9])
def test_the_list_of_reports_costs_the_same(others):
    desk = make_desk()
    for _ in range(others):
        person = PersonFactory(manager=desk.participant.manager)
        participant = Participant.objects.create(
            cycle=desk.participant.cycle, person=person, manager=desk.participant.manager
        )
        ReviewFactory(participant=participant)

    with Counted() as loading:
        page = pages.review(desk.manager, review_id=desk.manager_review.pk)

    assert (len(page.reports), loading.count) == (others + 1, 8)


def test_eighteen_competencies_weigh_less_than_a_hundred_kilobytes():
    desk = make_desk(18, goals=2)
    with_self_review(desk)

    html = html_of(pages.review(desk.manager, review_id=desk.manager_review.pk))

    assert len(gzip.compress(html.encode())) < 100_000


def test_the_desk_shows_what_is_done_missing_and_left():
    desk = make_desk(3)
    c = desk.competencies[0]
    written(desk, desk.manager_review, {f"c{c.pk}-value": "5"}, desk.manager)

    page = pages.review(desk.manager, review_id=desk.manager_review.pk)

    assert (page.done, page.total, page.minutes) == (1, 3, 18)
    assert [line.anchor for line in page.missing] == [f"c{x.pk}" for x in desk.competencies[1:]] + [
        "field-summary",
        "field-overall",
    ]
    assert page.areas[0].cards[0].hints == ("An outer point without a comment",)
    assert {p.value: n for p, n in page.bars} == {1: 0, 2: 0, 3: 0, 4: 0, 5: 1}


def test_statements_are_told_apart():
    desk = make_desk(1, areas=1)
    competency, level = desk.competencies[0], desk.participant.level
    mixin = MixinFactory(version=level.version, title="Data Engineer")
    StatementFactory(competency=competency, level=None, mixin=mixin, text="Keeps the lineage.")
    desk.participant.mixins.add(mixin)

    html = html_of(pages.review(desk.manager, review_id=desk.manager_review.pk))

    assert "role Data Engineer" in html
    assert MixinRule.objects.count() == 0
    assert html.count('<li class="statement markable">') == 3


def test_the_manager_reads_the_self_review_once_it_is_in():
    desk = make_desk()
    before = pages.review(desk.manager, review_id=desk.manager_review.pk).self_review
    with_self_review(desk)

    page = pages.review(desk.manager, review_id=desk.manager_review.pk)

    assert (before.state, page.self_review.state) == ("awaited", "open")
    assert page.areas[0].cards[0].own.comment.startswith("My part")


def test_a_sealed_self_review_opens_with_the_managers_own_ratings():
    desk = make_desk()
    Cycle.objects.update(seal_self_review=True)
    with_self_review(desk)

    sealed = pages.review(desk.manager, review_id=desk.manager_review.pk)
    html = html_of(sealed)
    handed_in(desk, desk.manager_review, desk.complete(), desk.manager)
    opened = pages.review(desk.manager, review_id=desk.manager_review.pk)

    assert sealed.self_review.state == "sealed"
    assert "My part" not in html
    assert "My own year" not in html
    assert opened.self_review.state == "open"


def test_before_release_the_subject_reads_nothing_of_the_manager():
    desk = make_desk()
    handed_in(desk, desk.manager_review, desk.complete(), desk.manager)

    with pytest.raises(Http404):
        pages.review(desk.subject, review_id=desk.manager_review.pk)


def test_after_release_the_subject_reads_final_ratings_and_nothing_for_the_committee():
    desk = make_desk()
    fields = {
        **desk.complete(),
        "overall": "5",
        "departure": "She carried the whole team.",
        "private_note": "Flight risk.",
        "promotion": "ready",
    }
    handed_in(desk, desk.manager_review, fields, desk.manager)
    RatingEventFactory(
        participant=desk.participant,
        competency=None,
        value=3,
        sequence=2,
        source="calibration",
        reason="Evidence for three.",
    )
    Participant.objects.update(
        state=ParticipantState.RELEASED, released_at=NOON, released_by=desk.participant.manager
    )

    page = pages.review(desk.subject, review_id=desk.manager_review.pk)
    html = html_of(page)

    assert page.overall.value == 3
    assert not page.may_write
    for secret in ("Flight risk", "Ready now", "She carried the whole team", "Evidence for three"):
        assert secret not in html
    assert "A good year." in html


def test_the_private_note_stays_with_its_author():
    desk = make_desk()
    above = PersonFactory()
    type(above).objects.filter(pk=desk.participant.manager_id).update(manager=above)
    handed_in(
        desk,
        desk.manager_review,
        {**desk.complete(), "private_note": "Flight risk.", "promotion": "ready"},
        desk.manager,
    )

    mine = pages.review(desk.manager, review_id=desk.manager_review.pk)
    theirs = pages.review(Viewer(person_id=above.pk), review_id=desk.manager_review.pk)

    assert mine.texts["private_note"] == "Flight risk."
    assert mine.promotion_words == "Ready now"
    assert {"private_note", "promotion"}.isdisjoint(theirs.texts)
    assert "Flight risk" not in html_of(theirs)
    assert theirs.texts["summary"] == "A good year."


def test_what_was_typed_too_late_is_there_to_read():
    desk = make_desk()
    desk.enter(CycleState.CALIBRATION)
    written(desk, desk.manager_review, {"summary": "Typed too late."}, desk.manager)

    page = pages.review(desk.manager, review_id=desk.manager_review.pk)

    assert page.unsent[0].fields == [("Summary", "Typed too late.")]
    assert "Typed too late." in html_of(page)


def test_versions_are_their_authors_and_tell_what_changed():
    desk = make_desk()
    c = desk.competencies[0]
    written(desk, desk.manager_review, {"summary": "One."}, desk.manager)
    written(desk, desk.manager_review, {f"c{c.pk}-value": "4"}, desk.manager)

    with Counted() as loading:
        page = version_pages.versions(desk.manager, review_id=desk.manager_review.pk)
    html = render_to_string("reviews/versions.html", {"page": page, "now": timezone.now()})

    assert [line.changes for line in page.lines] == [
        [(f"{c.name}: rating", "4 · Beyond in places")],
        [("Summary", "One.")],
    ]
    assert loading.count == 4
    assert "Restore" in html
    with pytest.raises(Http404):
        version_pages.versions(desk.subject, review_id=desk.manager_review.pk)


def test_the_next_level_stands_beside_on_demand():
    desk = make_desk(1, areas=1)
    level, c = desk.participant.level, desk.competencies[0]
    above = LevelFactory(
        track=level.track,
        version=level.version,
        title="Staff Engineer",
        position=level.position + 1,
    )
    StatementFactory(competency=c, level=above, text="Sets the direction.")

    page = version_pages.next_level(
        desk.manager, review_id=desk.manager_review.pk, competency_id=c.pk
    )

    assert [s.text for x in page.competencies for s in x.lines] == ["Sets the direction."]
    assert "Sets the direction." in render_to_string("reviews/_next_level.html", {"page": page})
