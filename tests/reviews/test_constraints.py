"""What the database of reviews refuses, whatever the code does: each constraint violated once."""

from __future__ import annotations

import pytest

from apps.reviews.models import ReviewVersion, StepBack, Withdrawal
from apps.reviews.states import Mark, RatingSource
from tests.factories import NOON
from tests.factories.ladders import StatementFactory, SuccessMetricFactory
from tests.factories.people import PersonFactory
from tests.factories.reviews import (
    AreaWeightFactory,
    CycleFactory,
    CyclePhaseFactory,
    DisputeFactory,
    EvidenceNoteFactory,
    ExtensionFactory,
    FormQuestionFactory,
    GoalFactory,
    ParticipantFactory,
    PopulationChoiceFactory,
    RatingEventFactory,
    ReviewFactory,
    ReviewItemFactory,
    ScalePointFactory,
    StatementMarkFactory,
)
from tests.violations import Violation, assert_refused, constraints_of

pytestmark = pytest.mark.django_db

MARK = next(iter(Mark))


def _version(**fields):
    return ReviewVersion.objects.create(
        **{
            "review": ReviewFactory(),
            "revision": 1,
            "saved_at": NOON,
            "idempotency_key": "k",
            "content": {},
            **fields,
        }
    )


def _step_back():
    return StepBack.objects.create(
        cycle=CycleFactory(),
        left="delivery",
        entered="calibration",
        reason="A session was missing.",
        taken_at=NOON,
        taken_by=PersonFactory(),
    )


def _withdrawal():
    return Withdrawal.objects.create(
        participant=ParticipantFactory(),
        reason="Too early.",
        taken_at=NOON,
        taken_by=PersonFactory(),
    )


def _of_goal():
    goal = GoalFactory()
    return RatingEventFactory(participant=goal.participant, competency=None, goal=goal)


def _item_of_goal():
    return ReviewItemFactory(competency=None, goal=GoalFactory())


def _item_of_question():
    return ReviewItemFactory(competency=None, question=FormQuestionFactory(), value=None)


VIOLATIONS = {
    "scale_point_value_once": Violation(ScalePointFactory),
    "scale_point_from_1_to_7": Violation(ScalePointFactory, {"value": 8}),
    "cycle_state_is_known": Violation(CycleFactory, {"name": "Other", "state": "asleep"}),
    "cycle_period_runs_forward": Violation(
        CycleFactory,
        lambda row: {"name": "Other", "period_end": row.period_start.replace(year=2001)},
    ),
    "cycle_paused_knows_from_where": Violation(CycleFactory, {"name": "Other", "state": "paused"}),
    "cycle_phase_once": Violation(CyclePhaseFactory),
    "cycle_phase_is_known": Violation(CyclePhaseFactory, {"kind": "draft"}),
    "cycle_phase_runs_forward": Violation(
        CyclePhaseFactory,
        lambda row: {"kind": "delivery", "due_on": row.opens_on.replace(year=2001)},
    ),
    "step_back_has_a_reason": Violation(_step_back, {"reason": ""}),
    "population_choice_once": Violation(PopulationChoiceFactory),
    "population_choice_has_a_reason": Violation(
        PopulationChoiceFactory, lambda row: {"person": PersonFactory(), "reason": ""}
    ),
    "form_question_asked_once": Violation(FormQuestionFactory),
    "form_question_kind_is_known": Violation(FormQuestionFactory, {"review_kind": "peer"}),
    "area_weight_once": Violation(AreaWeightFactory),
    "area_weight_from_0_to_10": Violation(AreaWeightFactory, {"area_key": "x", "weight": 11}),
    "participant_once_per_cycle": Violation(ParticipantFactory),
    "participant_is_not_own_manager": Violation(
        ParticipantFactory, lambda row: {"person": row.manager}
    ),
    "participant_state_is_known": Violation(
        lambda: ParticipantFactory(released=True),
        lambda row: {"person": PersonFactory(), "state": "asleep"},
    ),
    "participant_released_at_and_by_together": Violation(
        ParticipantFactory, lambda row: {"person": PersonFactory(), "released_at": NOON}
    ),
    "participant_delegated_at_and_by_together": Violation(
        ParticipantFactory,
        lambda row: {
            "person": PersonFactory(),
            "delegated_at": NOON,
            "delegated_by_id": row.manager_id,
        },
    ),
    "participant_delivered_was_released": Violation(
        ParticipantFactory, lambda row: {"person": PersonFactory(), "state": "acknowledged"}
    ),
    "extension_one_at_a_time": Violation(ExtensionFactory),
    "extension_phase_is_known": Violation(ExtensionFactory, {"phase": "autumn"}),
    "goal_once_per_metric": Violation(lambda: GoalFactory(metric=SuccessMetricFactory())),
    "goal_comparator_is_known": Violation(GoalFactory, {"comparator": "about"}),
    "evidence_note_says_something": Violation(EvidenceNoteFactory, {"text": ""}),
    "dispute_settled_at_and_by_together": Violation(
        DisputeFactory,
        lambda row: {"participant": ParticipantFactory(disputed=True), "settled_at": NOON},
    ),
    "participant_talked_at_and_by_together": Violation(
        ParticipantFactory, lambda row: {"person": PersonFactory(), "talked_on": NOON.date()}
    ),
    "dispute_answered_at_and_by_together": Violation(
        DisputeFactory,
        lambda row: {"participant": ParticipantFactory(disputed=True), "answered_at": NOON},
    ),
    "withdrawal_has_a_reason": Violation(_withdrawal, {"reason": ""}),
    "review_once_per_kind": Violation(ReviewFactory),
    "review_kind_is_known": Violation(ReviewFactory, {"kind": "peer"}),
    "review_state_is_known": Violation(ReviewFactory, {"kind": "self", "state": "asleep"}),
    "review_submitted_at_and_by_together": Violation(
        ReviewFactory, {"kind": "self", "state": "submitted", "submitted_at": NOON}
    ),
    "review_item_competency_once": Violation(ReviewItemFactory),
    "review_item_goal_once": Violation(_item_of_goal),
    "review_item_of_one_part": Violation(ReviewItemFactory, {"competency": None}),
    "review_item_point_or_mark": Violation(ReviewItemFactory, {"mark": MARK}),
    "review_item_question_once": Violation(_item_of_question),
    "review_item_question_is_not_rated": Violation(
        _item_of_question, lambda row: {"question": FormQuestionFactory(), "value": 3}
    ),
    "statement_mark_once": Violation(StatementMarkFactory),
    "statement_mark_is_known": Violation(
        StatementMarkFactory, lambda row: {"statement": StatementFactory(), "mark": "great"}
    ),
    "review_version_once": Violation(_version, {"idempotency_key": "other"}),
    "review_version_key_once": Violation(_version, {"revision": 2}),
    "rating_event_overall_sequence_once": Violation(lambda: RatingEventFactory(overall=True)),
    "rating_event_competency_sequence_once": Violation(RatingEventFactory),
    "rating_event_goal_sequence_once": Violation(_of_goal),
    "rating_event_one_subject": Violation(
        RatingEventFactory,
        lambda row: {"sequence": 2, "goal": GoalFactory(participant=row.participant)},
    ),
    "rating_event_point_or_mark": Violation(RatingEventFactory, {"sequence": 2, "mark": MARK}),
    "rating_event_change_has_reason": Violation(
        RatingEventFactory, {"sequence": 2, "source": RatingSource.CALIBRATION}
    ),
}


@pytest.mark.parametrize("name", VIOLATIONS)
def test_the_database_refuses(name):
    assert_refused("reviews", name, VIOLATIONS[name])


def test_every_constraint_is_violated_once():
    assert set(VIOLATIONS) == set(constraints_of("reviews"))
