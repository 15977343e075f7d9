"""People who move while a cycle runs: nothing is left without an owner, nothing written is lost."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied

from apps.core.access import Viewer
from apps.core.audit import history
from apps.core.workflow import StaleState
from apps.reviews import actions, pages
from apps.reviews.actions import GoalPlan
from apps.reviews.models import Goal, Participant, Review, ReviewVersion
from apps.reviews.rules.phases import Hindered
from apps.reviews.states import CycleState
from tests.factories import NOON
from tests.factories.ladders import CompetencyFactory, LevelFactory, StatementFactory
from tests.factories.people import DepartmentFactory, PersonFactory
from tests.factories.reviews import (
    CycleFactory,
    GoalFactory,
    ParticipantFactory,
    ReviewFactory,
    ReviewItemFactory,
)

pytestmark = pytest.mark.django_db
HR = Viewer(person_id=None, roles=frozenset({"process_admin"}))
ON = NOON.date()


def moved(**review):
    """Somebody whose manager changed after the launch, with a manager review of the old one."""
    participant = ParticipantFactory(cycle__state=CycleState.MANAGER_REVIEW)
    old, new = participant.manager, PersonFactory()
    participant.person.manager = new
    participant.person.save()
    return participant, old, new, ReviewFactory(participant=participant, **review)


def fresh(obj):
    return type(obj).objects.get(pk=obj.pk)


def test_excused_and_back_again(django_assert_num_queries):
    participant = ParticipantFactory()

    actions.excuse_participant(participant, by=HR, now=NOON)
    assert fresh(participant).state == "excused"
    actions.readmit_participant(participant, by=HR, now=NOON)

    assert fresh(participant).state == "active"
    events = history(participant)
    assert [e.verb for e in events] == ["excuse_participant", "readmit_participant"]
    assert [e.detail for e in events] == [{}, {}]


def test_nobody_excuses_themself():
    participant = ParticipantFactory()
    himself = Viewer(person_id=participant.person_id, roles=HR.roles)

    with pytest.raises(PermissionDenied):
        actions.excuse_participant(participant, by=himself, now=NOON)


def test_who_joins_late_is_taken_in_with_reviews_and_only_once():
    cycle = CycleFactory(state=CycleState.COLLECTION, phases=True)
    person = PersonFactory(manager=PersonFactory())

    participant = actions.add_participant(cycle, person, by=HR, now=NOON)
    with pytest.raises(StaleState):
        actions.add_participant(cycle, person, by=HR, now=NOON)

    assert sorted(participant.reviews.values_list("kind", "author")) == [
        ("manager", person.manager_id),
        ("self", person.pk),
    ]
    assert Participant.objects.count() == 1


def test_who_has_left_is_not_taken_in():
    cycle = CycleFactory(state=CycleState.COLLECTION)

    with pytest.raises(Hindered):
        actions.add_participant(cycle, PersonFactory(left=True), by=HR, now=NOON)


def test_an_untouched_draft_passes_to_the_new_manager():
    participant, _, new, review = moved()

    actions.hand_over(participant, by=HR, now=NOON)

    assert (fresh(participant).manager, fresh(review).author) == (new, new)
    assert ReviewVersion.objects.count() == 0
    assert history(participant)[0].detail["new"] == new.pk


def test_without_the_draft_the_new_manager_starts_empty_and_the_words_stay_the_old_ones():
    participant, old, new, review = moved(written=True, private_note="For us.", overall=4)
    ReviewItemFactory(review=review)
    ReviewVersion.objects.create(
        review=review, revision=1, saved_at=NOON, content={"fields": {}, "since": {}}
    )

    actions.hand_over(participant, with_draft=False, by=HR, now=NOON)

    review = fresh(review)
    assert (review.author, review.summary, review.overall, review.private_note) == (
        new,
        "",
        None,
        "",
    )
    assert (review.revision, review.items.count()) == (2, 0)
    kept = ReviewVersion.objects.filter(review=review)
    assert {version.set_aside_for for version in kept} == {old}
    assert kept.count() == 2


def test_with_the_draft_the_new_manager_goes_on_and_the_old_one_keeps_a_copy():
    participant, old, new, review = moved(written=True)
    item = ReviewItemFactory(review=review)

    actions.hand_over(participant, with_draft=True, by=HR, now=NOON)

    review = fresh(review)
    copy = ReviewVersion.objects.get(review=review)
    assert review.author == new
    assert review.summary == "Carried the move of the archive through to its end."
    assert review.items.get() == item
    assert copy.set_aside_for == old
    assert copy.content["fields"]["summary"] == review.summary
    assert copy.content["fields"][f"c{item.competency_id}-comment"] == item.comment


def test_a_submitted_review_keeps_its_author():
    participant, old, new, review = moved(submitted=True)

    actions.hand_over(participant, by=HR, now=NOON)

    assert (fresh(participant).manager, fresh(review).author) == (new, old)


def test_who_had_no_manager_gets_a_review_with_the_first_one():
    manager = PersonFactory()
    participant = ParticipantFactory(manager=None, person=PersonFactory(manager=manager))

    actions.hand_over(participant, by=HR, now=NOON)

    assert Review.objects.get(participant=participant).author == manager


def test_nobody_takes_over_without_a_manager_today():
    participant = ParticipantFactory(person=PersonFactory(manager=None))

    with pytest.raises(Hindered, match="has no manager today"):
        actions.hand_over(participant, by=HR, now=NOON)


def test_a_save_at_the_same_moment_stops_the_hand_over():
    participant, old, _, review = moved(written=True)
    twin = Participant.objects.get(pk=participant.pk)
    actions.hand_over(participant, by=HR, now=NOON)

    with pytest.raises(StaleState):
        actions.hand_over(twin, by=HR, now=NOON)

    assert fresh(review).author != old


def flags(participant):
    rows = Participant.objects.changed_since_launch(on=ON).filter(pk=participant.pk)
    return [(r.has_left, r.moved_manager, r.moved_level) for r in rows]


def test_a_new_manager_is_proposed_until_hr_answers():
    kept, *_ = moved()
    handed, *_ = moved()
    assert flags(kept) == flags(handed) == [(False, True, False)]

    actions.keep_manager(kept, by=HR, now=NOON)
    actions.hand_over(handed, by=HR, now=NOON)

    assert flags(kept) == flags(handed) == []


def test_a_new_level_is_proposed_until_hr_answers():
    level = LevelFactory()
    for _ in range(2):
        StatementFactory(
            level=level, competency=CompetencyFactory(version=level.version, area=None)
        )
    kept, taken = ParticipantFactory(), ParticipantFactory()
    for participant in (kept, taken):
        participant.person.level = level
        participant.person.save()
        GoalFactory(participant=participant)
        assert flags(participant) == [(False, False, True)]

    actions.keep_level(kept, by=HR, now=NOON)
    actions.take_level(taken, by=HR, now=NOON)

    assert flags(kept) == flags(taken) == []
    assert (fresh(kept).level, fresh(taken).level) == (None, level)
    assert fresh(taken).item_count == 3


def test_a_level_that_is_rated_already_stays():
    participant = ParticipantFactory()
    ReviewFactory(participant=participant, submitted=True)

    with pytest.raises(Hindered, match="earlier level"):
        actions.take_level(participant, by=HR, now=NOON)


def test_who_left_is_proposed_once_and_not_for_anything_else():
    participant, *_ = moved()
    participant.person.left_on = ON
    participant.person.save()
    later = ParticipantFactory()
    later.person.left_on = ON + timedelta(days=1)
    later.person.save()

    assert flags(participant) == [(True, False, False)]
    assert flags(later) == []
    actions.excuse_participant(participant, by=HR, now=NOON)
    assert flags(participant) == []


# --- goals ------------------------------------------------------------------------------------------

PLAN = GoalPlan("Answer within a day", "ge", Decimal(90), "%")


def test_the_person_and_the_manager_keep_goals_and_the_count_follows():
    participant = ParticipantFactory()
    person = Viewer(person_id=participant.person_id)
    manager = Viewer(person_id=participant.manager_id)

    goal = actions.add_goal(participant, PLAN, by=person, now=NOON)
    actions.edit_goal(goal, GoalPlan("Two days", "qualitative"), by=manager, now=NOON)
    participant = fresh(participant)
    assert (goal.text, goal.target, participant.item_count) == ("Two days", None, 1)
    actions.remove_goal(fresh(goal), by=person, now=NOON)

    assert Goal.objects.count() == 0
    assert fresh(participant).item_count == 0
    assert [e.verb for e in history(participant)] == ["add_goal", "edit_goal", "remove_goal"]


def test_goals_are_nobody_elses():
    participant = ParticipantFactory()

    for viewer in (HR, Viewer(person_id=PersonFactory().pk)):
        with pytest.raises(PermissionDenied):
            actions.add_goal(participant, PLAN, by=viewer, now=NOON)


def test_goals_stay_as_they_are_once_they_are_rated():
    goal = GoalFactory()
    person = Viewer(person_id=goal.participant.person_id)
    review = ReviewFactory(participant=goal.participant, submitted=True)
    ReviewItemFactory(review=review, goal=goal, competency=None)

    for deed in (
        lambda: actions.add_goal(goal.participant, PLAN, by=person, now=NOON),
        lambda: actions.edit_goal(goal, PLAN, by=person, now=NOON),
        lambda: actions.remove_goal(goal, by=person, now=NOON),
    ):
        with pytest.raises(Hindered):
            deed()
    assert Goal.objects.get().text == goal.text


def test_late_joiners_are_those_of_the_departments_who_are_not_in():
    department = DepartmentFactory()
    cycle = CycleFactory(state=CycleState.COLLECTION, phases=True, departments=[department])
    late = PersonFactory(department=department)
    PersonFactory(department=department, left=True)
    ParticipantFactory(cycle=cycle, person=PersonFactory(department=department))

    page = pages.changes(HR, cycle_id=cycle.pk, on=ON, kind="joined")

    assert [(line.kind, line.key) for line in page.lines.object_list] == [("joined", late.pk)]


def test_the_former_manager_alone_reads_what_they_wrote(client):
    from django.urls import reverse

    participant, old, new, review = moved(written=True)
    actions.hand_over(participant, by=HR, now=NOON)

    theirs = pages.kept_words(Viewer(person_id=old.pk)).reviews
    assert [kept.texts for kept in theirs] == [
        ["Carried the move of the archive through to its end."]
    ]
    for other in (new.pk, participant.person_id, None):
        assert pages.kept_words(Viewer(person_id=other)).reviews == []
    reader = PersonFactory(with_user=True)
    ReviewVersion.objects.update(set_aside_for=reader)
    client.force_login(reader.user, backend="apps.people.backend.Backend")
    assert "Carried the move" in client.get(reverse("reviews:kept_words")).content.decode()
