"""What the database of feedback refuses, whatever the code does: each constraint violated once."""

from __future__ import annotations

import pytest

from apps.feedback.states import DisclosureState, Mode
from tests.factories import NOON
from tests.factories.feedback import (
    AnswerFactory,
    AnswerPartFactory,
    ConcernFactory,
    DisclosureFactory,
    PerspectiveFactory,
    QuestionFactory,
    RequestFactory,
    UnaskedFeedbackFactory,
)
from tests.factories.ladders import CompetencyFactory
from tests.factories.people import PersonFactory
from tests.violations import Violation, assert_refused, constraints_of

pytestmark = pytest.mark.django_db


def _named():
    return AnswerFactory(perspective=PerspectiveFactory(mode=Mode.NAMED))


VIOLATIONS = {
    "perspective_once_per_cycle": Violation(PerspectiveFactory),
    "perspective_mode_is_known": Violation(PerspectiveFactory, {"kind": "upward", "mode": "open"}),
    "perspective_kind_is_known": Violation(PerspectiveFactory, {"kind": "boss"}),
    "perspective_state_is_known": Violation(
        PerspectiveFactory, {"kind": "upward", "state": "asleep"}
    ),
    "perspective_threshold_at_least_4": Violation(
        PerspectiveFactory, {"kind": "upward", "threshold": 3}
    ),
    "question_position_once": Violation(QuestionFactory),
    "request_once_per_giver": Violation(RequestFactory),
    "request_state_is_known": Violation(
        RequestFactory, lambda row: {"giver": PersonFactory(), "state": "asleep"}
    ),
    "answer_names_an_author_only_when_promised": Violation(
        AnswerFactory, lambda row: {"author": PersonFactory()}
    ),
    "answer_once_per_author": Violation(_named),
    "answer_part_of_question_or_competency": Violation(AnswerPartFactory, {"question": None}),
    "answer_part_question_once": Violation(AnswerPartFactory),
    "answer_part_competency_once": Violation(
        lambda: AnswerPartFactory(question=None, competency=CompetencyFactory())
    ),
    "request_decline_code_is_known": Violation(
        RequestFactory, lambda row: {"giver": PersonFactory(), "decline_code": "bored"}
    ),
    "concern_state_is_known": Violation(lambda: ConcernFactory(hidden=True), {"state": "gone"}),
    "concern_report_has_a_reason": Violation(
        lambda: ConcernFactory().reports.get(), {"reason": ""}
    ),
    "concern_report_once": Violation(lambda: ConcernFactory().reports.get()),
    "concern_decision_has_a_reason": Violation(
        lambda: ConcernFactory(left=True).decisions.get(), {"reason": ""}
    ),
    "concern_decision_became_is_known": Violation(
        lambda: ConcernFactory(left=True).decisions.get(), {"became": "raised"}
    ),
    "concern_decision_once": Violation(lambda: ConcernFactory(left=True).decisions.get()),
    "concern_once_at_a_time": Violation(ConcernFactory),
    "disclosure_has_a_reason": Violation(lambda: DisclosureFactory(agreed=True), {"reason": ""}),
    "disclosure_decided_at_and_by_together": Violation(
        lambda: DisclosureFactory(agreed=True), {"decided_at": None}
    ),
    "disclosure_takes_two_people": Violation(
        lambda: DisclosureFactory(agreed=True), lambda row: {"decided_by": row.asked_by}
    ),
    "disclosure_once_at_a_time": Violation(DisclosureFactory),
    "unasked_feedback_says_something": Violation(UnaskedFeedbackFactory, {"text": ""}),
    "unasked_feedback_is_about_somebody_else": Violation(
        UnaskedFeedbackFactory, lambda row: {"giver": row.receiver}
    ),
    "unasked_feedback_audience_is_known": Violation(
        UnaskedFeedbackFactory, {"audience": "everybody"}
    ),
    "unasked_feedback_kind_is_known": Violation(UnaskedFeedbackFactory, {"kind": "gossip"}),
}


def test_a_named_answer_without_its_author_is_refused_too():
    violation = Violation(_named, {"author": None})
    assert_refused("feedback", "answer_names_an_author_only_when_promised", violation)


@pytest.mark.parametrize(
    ("state", "decided_at", "decided_by"),
    [
        (DisclosureState.ASKED, NOON, None),
        (DisclosureState.REFUSED, None, None),
        ("lost", NOON, PersonFactory),
    ],
)
def test_a_disclosure_is_decided_whole_and_in_a_known_state(state, decided_at, decided_by):
    violation = Violation(
        lambda: DisclosureFactory(agreed=True),
        lambda row: {
            "state": state,
            "decided_at": decided_at,
            "decided_by": decided_by() if decided_by else None,
        },
    )
    assert_refused("feedback", "disclosure_decided_at_and_by_together", violation)


@pytest.mark.parametrize("name", VIOLATIONS)
def test_the_database_refuses(name):
    assert_refused("feedback", name, VIOLATIONS[name])


def test_every_constraint_is_violated_once():
    assert set(VIOLATIONS) == set(constraints_of("feedback"))
