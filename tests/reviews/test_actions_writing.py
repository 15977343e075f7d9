"""Saving, handing in, taking back, restoring: nothing typed is lost and nothing happens twice."""

import pytest

from apps.core.access import Viewer
from apps.reviews import actions
from apps.reviews.actions.drafts import CLOSED, CONFLICT, SAVED, VERSIONS_KEPT
from apps.reviews.models import Review, ReviewItem, ReviewVersion
from apps.reviews.rules.fields import Unstorable
from apps.reviews.states import CycleState, ParticipantState
from tests.factories import NOON
from tests.factories.people import PersonFactory
from tests.factories.reviews import (
    GoalFactory,
)
from tests.reviews.desks import Counted, make_desk, save

pytestmark = pytest.mark.django_db


def test_a_save_writes_the_review_its_items_and_a_version():
    desk = make_desk(goals=1)
    c, g = desk.competencies[0].pk, desk.participant.goals.get().pk

    saving = save(
        desk,
        {
            f"c{c}-value": "4",
            f"c{c}-comment": "Saw it.",
            f"g{g}-value": "not_applicable",
            "summary": "Good.",
            "overall": "3",
            "private_note": "Ready.",
        },
    )

    review = Review.objects.get(pk=desk.manager_review.pk)
    assert (saving.outcome, saving.revision) == (SAVED, 1)
    assert (
        review.revision,
        review.saved_at,
        review.summary,
        review.overall,
        review.private_note,
    ) == (1, NOON, "Good.", 3, "Ready.")
    assert set(
        review.items.values_list("competency_id", "goal_id", "value", "mark", "comment")
    ) == {
        (c, None, 4, "", "Saw it."),
        (None, g, None, "not_applicable", ""),
    }
    assert review.versions.get().content["fields"]["summary"] == "Good."


def test_a_mark_takes_the_place_of_a_point_and_an_emptied_field_is_empty():
    desk = make_desk()
    c = desk.competencies[0].pk
    save(desk, {f"c{c}-value": "4", f"c{c}-comment": "Saw it.", "overall": "4"})

    save(desk, {f"c{c}-value": "not_enough_evidence", f"c{c}-comment": "", "overall": ""})

    item = ReviewItem.objects.get(review=desk.manager_review)
    assert (item.value, item.mark, item.comment) == (None, "not_enough_evidence", "")
    assert Review.objects.get(pk=desk.manager_review.pk).overall is None


def test_two_tabs_with_different_fields_both_live():
    desk = make_desk()
    a, b = desk.competencies[:2]

    first = save(desk, {f"c{a.pk}-comment": "from tab one"}, base=0)
    second = save(desk, {f"c{b.pk}-comment": "from tab two"}, base=0)

    assert (first.outcome, second.outcome) == (SAVED, SAVED)
    assert set(desk.manager_review.items.values_list("comment", flat=True)) == {
        "from tab one",
        "from tab two",
    }


def test_the_same_field_in_two_tabs_is_a_conflict_that_keeps_both_texts():
    desk = make_desk()
    save(desk, {"summary": "from tab one"}, base=0)

    saving = save(desk, {"summary": "from tab two"}, base=0)

    review = Review.objects.get(pk=desk.manager_review.pk)
    assert (saving.outcome, saving.theirs) == (CONFLICT, {"summary": "from tab one"})
    assert (review.summary, review.revision) == ("from tab one", saving.revision)
    assert review.versions.first().content["kept"]["fields"] == {"summary": "from tab two"}


def test_after_a_conflict_the_chosen_text_is_saved_over():
    desk = make_desk()
    save(desk, {"summary": "one"}, base=0)
    conflict = save(desk, {"summary": "two"}, base=0)

    assert save(desk, {"summary": "two"}, base=conflict.revision).outcome == SAVED
    assert Review.objects.get(pk=desk.manager_review.pk).summary == "two"


@pytest.mark.parametrize("text", ["mine", "theirs"], ids=["a save", "a conflict"])
def test_the_same_key_gives_the_same_answer_and_one_version(text):
    desk = make_desk()
    save(desk, {"summary": "theirs"}, base=0)
    base = 1 if text == "mine" else 0
    first = save(desk, {"summary": text + "!"}, base=base, key="key-00000001")
    save(desk, {"summary": "later"})
    versions = ReviewVersion.objects.count()

    assert save(desk, {"summary": text + "!"}, base=base, key="key-00000001") == first
    assert ReviewVersion.objects.count() == versions


def test_a_closed_phase_keeps_the_text_as_an_unsent_draft_once():
    desk = make_desk()
    save(desk, {"summary": "in time"})
    desk.enter(CycleState.CALIBRATION)

    saving = save(desk, {"summary": "too late"}, key="key-00000002")
    again = save(desk, {"summary": "too late"}, base=1, key="key-00000002")

    review = Review.objects.get(pk=desk.manager_review.pk)
    assert saving.outcome == again.outcome == CLOSED
    assert review.summary == "in time"
    assert [
        v.content["kept"]["fields"] for v in review.versions.filter(content__has_key="kept")
    ] == [{"summary": "too late"}]


def test_an_excused_person_is_written_about_no_more():
    desk = make_desk()
    type(desk.participant).objects.update(state=ParticipantState.EXCUSED)

    assert save(desk, {"summary": "too late"}).outcome == CLOSED


@pytest.mark.parametrize("who", ["subject", "stranger", "nobody"])
def test_nobody_but_its_author_writes_a_review(who):
    desk = make_desk()
    by = {
        "subject": desk.subject,
        "stranger": Viewer(person_id=PersonFactory().pk),
        "nobody": Viewer(),
    }[who]

    for deed in (
        lambda: save(desk, {"summary": "mine"}, by=by),
        lambda: actions.submit_review(desk.manager_review.pk, revision=0, by=by, now=NOON),
        lambda: actions.reopen_review(desk.manager_review.pk, by=by, now=NOON),
        lambda: actions.restore_version(desk.manager_review.pk, revision=1, by=by, now=NOON),
    ):
        with pytest.raises(Review.DoesNotExist):
            deed()
    assert Review.objects.get(pk=desk.manager_review.pk).revision == 0


def test_a_field_of_another_kind_or_of_another_ladder_or_person_is_refused():
    desk, other = make_desk(state=CycleState.COLLECTION), make_desk()
    goal = GoalFactory(participant=other.participant)

    for name in (
        "private_note",
        "overall",
        "promotion",
        f"c{other.competencies[0].pk}-comment",
        f"g{goal.pk}-value",
        "c999999-value",
    ):
        with pytest.raises(Unstorable) as refused:
            save(desk, {name: "3"}, review=desk.self_review, by=desk.subject)
        assert (refused.value.name, refused.value.why) == (name, "unknown")


def test_the_newest_twenty_versions_stay_and_a_text_set_beside_stays_longer():
    desk = make_desk()
    save(desk, {"summary": "one"}, base=0)
    save(desk, {"summary": "lost?"}, base=0)
    for n in range(VERSIONS_KEPT + 5):
        save(desk, {"summary": f"text {n}"})

    versions = desk.manager_review.versions.all()
    assert versions.exclude(content__has_key="kept").count() == VERSIONS_KEPT
    assert versions.get(content__has_key="kept").content["kept"]["fields"] == {"summary": "lost?"}


def test_restoring_makes_a_new_revision_and_keeps_what_stood():
    desk = make_desk()
    c = desk.competencies[0].pk
    save(desk, {"summary": "first", f"c{c}-value": "3"})
    save(desk, {"summary": "second", f"c{c}-value": "5", f"c{c}-comment": "more", "overall": "4"})

    saving = actions.restore_version(desk.manager_review.pk, revision=1, by=desk.manager, now=NOON)

    review = Review.objects.get(pk=desk.manager_review.pk)
    assert (saving.revision, review.revision, review.summary, review.overall) == (
        3,
        3,
        "first",
        None,
    )
    assert review.items.values_list("value", "comment").get() == (3, "")
    assert review.versions.get(revision=2).content["fields"]["summary"] == "second"


def test_a_text_that_lost_a_conflict_can_be_restored():
    desk = make_desk()
    save(desk, {"summary": "one", "overall": "3"}, base=0)
    lost = save(desk, {"summary": "two"}, base=0)

    actions.restore_version(
        desk.manager_review.pk, revision=lost.revision, by=desk.manager, now=NOON
    )

    review = Review.objects.get(pk=desk.manager_review.pk)
    assert (review.summary, review.overall) == ("two", 3)


def test_what_a_former_author_left_behind_is_nobodys_to_restore():
    desk = make_desk()
    save(desk, {"summary": "hers"})
    ReviewVersion.objects.update(set_aside_for=PersonFactory())

    with pytest.raises(ReviewVersion.DoesNotExist):
        actions.restore_version(desk.manager_review.pk, revision=1, by=desk.manager, now=NOON)


@pytest.mark.parametrize("n", [3, 300])
def test_an_autosave_costs_at_most_six_queries(n):
    desk = make_desk(n, goals=1)
    save(desk, desk.complete())
    c, g = desk.competencies[0].pk, desk.participant.goals.get().pk

    with Counted() as queries:
        save_again = {f"c{c}-comment": "More.", f"g{g}-comment": "Also.", "summary": "And this."}
        actions.save_review(
            desk.manager_review.pk,
            changed=save_again,
            base=1,
            key="key-00000003",
            by=desk.manager,
            now=NOON,
        )

    assert queries.count <= 6
