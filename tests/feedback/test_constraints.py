"""What the database of feedback refuses, whatever the code does: each constraint violated once."""

from __future__ import annotations

import pytest

from apps.feedback.states import Mode
from tests.factories.feedback import (
    AnswerFactory,
    AnswerPartFactory,
    PerspectiveFactory,
    QuestionFactory,
    RequestFactory,
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
}


def test_a_named_answer_without_its_author_is_refused_too():
    violation = Violation(_named, {"author": None})
    assert_refused("feedback", "answer_names_an_author_only_when_promised", violation)


@pytest.mark.parametrize("name", VIOLATIONS)
def test_the_database_refuses(name):
    assert_refused("feedback", name, VIOLATIONS[name])


def test_every_constraint_is_violated_once():
    assert set(VIOLATIONS) == set(constraints_of("feedback"))
