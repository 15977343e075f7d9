"""Handing in and taking back: complete, once, and with the ratings that come to stand."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from apps.core.access import Viewer
from apps.core.models import AuditEvent
from apps.core.workflow import StaleState
from apps.reviews import actions
from apps.reviews.actions import writing
from apps.reviews.actions.drafts import CLOSED, CONFLICT, VERSIONS_KEPT
from apps.reviews.models import Participant, RatingEvent, Review, ReviewItem, ReviewVersion
from apps.reviews.states import CycleState, ReviewState
from tests.factories import NOON
from tests.factories.ladders import CompetencyFactory, LevelFactory, StatementFactory
from tests.factories.reviews import CycleFactory, ParticipantFactory, RatingEventFactory
from tests.reviews.desks import Counted, make_desk, save, submit, submit_form

pytestmark = pytest.mark.django_db
HR = Viewer(roles=frozenset({"process_admin"}))


def test_submitting_records_the_ratings_and_one_audit_event():
    desk = make_desk(3)
    save(desk, desk.complete())

    review = submit(desk)

    first = desk.competencies[0].pk
    assert (review.state, review.submitted_at, review.submitted_by_id) == (
        ReviewState.SUBMITTED,
        NOON,
        desk.manager.person_id,
    )
    ratings = desk.participant.ratings.values_list(
        "competency_id", "sequence", "source", "value", "given_by_id"
    )
    m = desk.manager.person_id
    assert set(ratings) == {
        (c.pk, 1, "manager", 4 if c.pk == first else 3, m) for c in desk.competencies
    } | {(None, 1, "manager", 3, m)}
    event = AuditEvent.objects.get(verb="submit_review")
    assert event.detail == {"revision": 1, "written": 3, "rated": 4}


def test_what_was_rated_on_another_level_stands_in_for_nothing():
    desk = make_desk(3)
    save(desk, desk.complete())
    person = desk.participant.person
    level = LevelFactory(track=person.level.track)
    asked = [*desk.competencies[1:], CompetencyFactory(version=level.version, area=None)]
    for competency in asked:
        StatementFactory(level=level, competency=competency)
    type(person).objects.filter(pk=person.pk).update(level=level)

    actions.take_level(Participant.objects.get(), by=HR, now=NOON)

    with pytest.raises(writing.Incomplete) as gaps:
        submit(desk)
    assert [gap.subject for gap in gaps.value.missing] == [("competency", asked[-1].pk)]
    save(desk, {f"c{asked[-1].pk}-value": "3"}, base=1)
    assert submit(desk).state == ReviewState.SUBMITTED


def test_a_second_submission_changes_nothing():
    desk = make_desk()
    save(desk, desk.complete())
    submit(desk)

    with pytest.raises(StaleState):
        submit(desk)
    assert RatingEvent.objects.count() == 4
    assert AuditEvent.objects.filter(verb="submit_review").count() == 1


def test_submitting_what_was_changed_in_another_tab_is_stale():
    desk = make_desk()
    save(desk, desk.complete())
    save(desk, {"summary": "from another tab"})

    with pytest.raises(StaleState):
        actions.submit_review(desk.manager_review.pk, revision=1, by=desk.manager, now=NOON)


def test_after_taking_it_back_only_changed_ratings_are_recorded():
    desk = make_desk()
    save(desk, desk.complete())
    submit(desk)
    actions.reopen_review(desk.manager_review.pk, by=desk.manager, now=NOON)
    c = desk.competencies[0].pk
    save(desk, {f"c{c}-value": "not_enough_evidence"})

    submit(desk, confirmed=True)

    assert list(
        desk.participant.ratings.filter(sequence=2).values_list("competency_id", "value", "mark")
    ) == [(c, None, "not_enough_evidence")]
    assert Review.objects.get(pk=desk.manager_review.pk).state == ReviewState.SUBMITTED


def test_what_is_missing_is_named_and_nothing_is_submitted():
    desk = make_desk(2)
    save(desk, {f"c{desk.competencies[0].pk}-value": "3", "overall": "5"})

    with pytest.raises(actions.Incomplete) as short:
        submit(desk)

    assert [(gap.subject, gap.why) for gap in short.value.missing] == [
        (("competency", desk.competencies[1].pk), "rate"),
        (None, "summary"),
        (None, "departure"),
    ]
    assert Review.objects.get(pk=desk.manager_review.pk).state == ReviewState.DRAFT


def test_a_doubt_is_asked_about_once():
    desk = make_desk()
    before = ParticipantFactory(
        person=desk.participant.person, manager=desk.participant.manager, released=True,
        cycle=CycleFactory(state=CycleState.CLOSED, scale=desk.participant.cycle.scale, period_start=NOON.date() - timedelta(days=700), period_end=NOON.date() - timedelta(days=400)),
    )  # fmt: skip
    first = desk.competencies[0]
    RatingEventFactory(participant=before, competency=first, value=2)
    save(desk, desk.complete())

    with pytest.raises(actions.Doubtful) as doubtful:
        submit(desk)

    assert [(d.subject, d.why) for d in doubtful.value.doubts] == [
        (("competency", first.pk), "jump")
    ]
    assert submit(desk, confirmed=True).state == ReviewState.SUBMITTED


def test_a_self_review_is_handed_in_without_ratings_and_rates_nobody():
    desk = make_desk(2, state=CycleState.COLLECTION)
    fields = {f"c{c.pk}-comment": "What I did." for c in desk.competencies}
    save(desk, {**fields, "summary": "My year."}, review=desk.self_review, by=desk.subject)

    actions.submit_review(desk.self_review.pk, revision=1, by=desk.subject, now=NOON)

    assert Review.objects.get(pk=desk.self_review.pk).state == ReviewState.SUBMITTED
    assert not RatingEvent.objects.exists()


def test_nothing_is_submitted_or_taken_back_after_the_phase():
    desk = make_desk()
    save(desk, desk.complete())
    desk.enter(CycleState.CALIBRATION)

    with pytest.raises(PermissionDenied):
        submit(desk)
    desk.enter(CycleState.MANAGER_REVIEW)
    submit(desk)
    desk.enter(CycleState.CALIBRATION)
    with pytest.raises(PermissionDenied):
        actions.reopen_review(desk.manager_review.pk, by=desk.manager, now=NOON)


def test_submitting_eighteen_competencies_costs_five_queries():
    desk = make_desk(18)
    save(desk, desk.complete())

    with Counted() as queries:
        actions.submit_review(
            desk.manager_review.pk, revision=1, confirmed=True, by=desk.manager, now=NOON
        )

    assert queries.count == 5


def test_a_whole_form_is_kept_and_handed_in_at_once():
    desk = make_desk()

    saving = submit_form(desk, desk.complete(), base=0)

    review = Review.objects.get(pk=desk.manager_review.pk)
    assert (saving.outcome, saving.revision, saving.saved_at) == (writing.SUBMITTED, 1, NOON)
    assert (review.state, review.revision, review.summary, review.overall) == (
        ReviewState.SUBMITTED,
        1,
        "A good year.",
        3,
    )
    assert (review.items.count(), RatingEvent.objects.count()) == (3, 4)
    assert review.versions.get().content["fields"] == desk.complete()
    assert AuditEvent.objects.get(verb="submit_review").detail == {
        "revision": 1,
        "written": 3,
        "rated": 4,
    }


def test_a_form_that_autosave_kept_already_adds_no_version():
    desk = make_desk()
    save(desk, desk.complete())

    saving = submit_form(desk, desk.complete(), base=1)

    assert (saving.outcome, saving.revision) == (writing.SUBMITTED, 1)
    assert ReviewVersion.objects.count() == 1


@pytest.mark.parametrize("late", [{}, {"summary": "Typed too late."}], ids=["the same", "more"])
def test_a_form_that_was_handed_in_is_not_handed_in_again(late):
    desk = make_desk()
    submit_form(desk, desk.complete(), base=0)

    again = submit_form(desk, desk.complete() | late, base=0)

    review = Review.objects.get(pk=desk.manager_review.pk)
    assert again.outcome == (CLOSED if late else writing.ALREADY)
    assert review.summary == "A good year."
    assert [
        v.content["kept"]["fields"] for v in review.versions.filter(content__has_key="kept")
    ] == ([late] if late else [])
    assert (RatingEvent.objects.count(), AuditEvent.objects.count()) == (4, 1)


def test_a_form_with_a_conflict_keeps_both_texts_and_is_not_handed_in():
    desk = make_desk()
    save(desk, {"summary": "from another tab"})

    saving = submit_form(desk, desk.complete(), base=0)

    review = Review.objects.get(pk=desk.manager_review.pk)
    assert (saving.outcome, saving.theirs) == (CONFLICT, {"summary": "from another tab"})
    assert (review.state, review.summary) == (ReviewState.DRAFT, "from another tab")
    assert review.versions.first().content["kept"]["fields"] == desk.complete()
    assert not RatingEvent.objects.exists()


def test_a_form_meets_what_another_tab_wrote_elsewhere_and_both_are_handed_in():
    desk = make_desk()
    save(desk, desk.complete())
    save(desk, {"private_note": "from another tab"})

    saving = submit_form(desk, desk.complete() | {"summary": "A better year."}, base=1)

    review = Review.objects.get(pk=desk.manager_review.pk)
    assert (saving.outcome, saving.revision) == (writing.SUBMITTED, 3)
    assert (review.summary, review.private_note) == ("A better year.", "from another tab")


def test_a_form_after_the_phase_is_kept_beside_and_not_handed_in():
    desk = make_desk()
    save(desk, desk.complete())
    desk.enter(CycleState.CALIBRATION)

    late = submit_form(desk, desk.complete() | {"summary": "Too late."}, base=1)

    review = Review.objects.get(pk=desk.manager_review.pk)
    assert (late.outcome, review.state, review.summary) == (
        CLOSED,
        ReviewState.DRAFT,
        "A good year.",
    )
    assert review.versions.first().content["kept"]["fields"] == {"summary": "Too late."}
    with pytest.raises(PermissionDenied):
        submit_form(desk, desk.complete(), base=2)


@pytest.mark.parametrize(
    ("more", "why"),
    [({"overall": ""}, actions.Incomplete), ({"bare": "5"}, actions.Doubtful)],
    ids=["incomplete", "doubtful"],
)
def test_what_is_not_ready_is_saved_and_not_handed_in(more, why):
    desk = make_desk()
    bare = more.pop("bare", None)
    more |= {f"c{desk.competencies[0].pk}-value": bare} if bare else {}

    with pytest.raises(why):
        submit_form(desk, desk.complete() | more, base=0)

    review = Review.objects.get(pk=desk.manager_review.pk)
    assert (review.state, review.summary, review.revision) == (
        ReviewState.DRAFT,
        "A good year.",
        1,
    )
    assert (review.items.count(), review.versions.count()) == (3, 1)
    assert not RatingEvent.objects.exists()


@pytest.mark.parametrize("at", ["write_version", "record_ratings", "record"])
def test_a_failure_in_the_middle_leaves_nothing_half_done(monkeypatch, at):
    desk = make_desk()

    def fails(*args, **kwargs):
        raise RuntimeError(at)

    monkeypatch.setattr(writing, at, fails)
    with pytest.raises(RuntimeError):
        submit_form(desk, desk.complete(), base=0)

    review = Review.objects.get(pk=desk.manager_review.pk)
    assert (review.state, review.revision, review.summary) == (ReviewState.DRAFT, 0, "")
    assert not ReviewItem.objects.exists()
    assert not ReviewVersion.objects.exists()
    assert not RatingEvent.objects.exists()
    assert not AuditEvent.objects.exists()


def test_a_race_that_was_lost_is_read_again_and_handed_in(monkeypatch):
    desk = make_desk()
    lost = iter([StaleState("a save came first")])

    def record_late(*args, **kwargs):
        for stale in lost:
            raise stale
        return record(*args, **kwargs)

    record = writing.record
    monkeypatch.setattr(writing, "record", record_late)
    saving = submit_form(desk, desk.complete(), base=0)

    assert (saving.outcome, saving.revision) == (writing.SUBMITTED, 1)
    assert ReviewVersion.objects.count() == 1
    assert (RatingEvent.objects.count(), AuditEvent.objects.count()) == (4, 1)


@pytest.mark.parametrize(
    ("goals", "saved", "confirmed", "cost"),
    [
        (0, "all", False, 6),
        (0, "all", True, 5),
        (0, "some", False, 8),
        (2, "some", False, 9),
        (0, "nothing", False, 9),
    ],
    ids=["all kept", "all kept, confirmed", "some kept", "some kept, goals", "nothing kept"],
)
def test_handing_in_the_whole_form_of_eighteen_competencies_costs(goals, saved, confirmed, cost):
    desk = make_desk(18, goals=goals)
    form = desk.complete() | {f"g{g.pk}-value": "3" for g in desk.participant.goals.all()}
    kept = {"all": form, "some": {"summary": "Begun."}, "nothing": {}}[saved]
    base = save(desk, kept).revision

    with Counted() as queries:
        saving = submit_form(desk, form, base=base, confirmed=confirmed)

    assert (saving.outcome, queries.count) == (writing.SUBMITTED, cost)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("saved", [True, False], ids=["nothing new", "everything new"])
def test_handing_in_the_whole_form_is_one_transaction(saved):
    desk = make_desk()
    base = save(desk, desk.complete()).revision if saved else 0

    with Counted() as queries:
        submit_form(desk, desk.complete(), base=base)

    statements = [q["sql"].split()[0] for q in queries.captured_queries]
    assert (statements.count("BEGIN"), statements.count("COMMIT")) == (1, 1)
    assert (statements[0], statements[-1]) == ("BEGIN", "COMMIT")


def test_a_version_made_by_handing_in_outgrows_the_newest_twenty_only_until_the_next_save():
    desk = make_desk()
    for n in range(VERSIONS_KEPT):
        save(desk, {"summary": f"text {n}"})

    submit_form(desk, desk.complete(), base=VERSIONS_KEPT)
    assert desk.manager_review.versions.count() == VERSIONS_KEPT + 1

    actions.reopen_review(desk.manager_review.pk, by=desk.manager, now=NOON)
    save(desk, {"summary": "once more"})
    assert desk.manager_review.versions.count() == VERSIONS_KEPT
