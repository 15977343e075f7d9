"""What holds for every model of ours: pairs, choices, deletion, names of constraints, moves."""

from __future__ import annotations

import importlib
import re
from typing import Any

import pytest
from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint

from apps.core.workflow import Move
from apps.people.models import Person, User
from tests.architecture.test_fields import OURS, fields_of, name_of, our_models

MODELS = [m for m in our_models() if not m._meta.auto_created]

# Pairs in which the actor may be missing, each with the reason.
ALONE = {
    "cycle.created_by": "may be empty: a command makes the cycles of a sample company",
    "extension.granted_by": "may be empty: nobody gives the days of grace",
}

# A person is never deleted while a row of somebody's work names them; what is theirs alone goes along.
TO_A_PERSON = {
    "people.Person.manager": "PROTECT",
    "people.ApiToken.person": "CASCADE",  # a key without its owner opens nothing
    "people.StagedImport.person": "CASCADE",  # a file nobody confirmed yet
    "reviews.Cycle.created_by": "PROTECT",
    "reviews.StepBack.taken_by": "PROTECT",
    "reviews.PopulationChoice.person": "PROTECT",
    "reviews.PopulationChoice.chosen_by": "PROTECT",
    "reviews.Participant.person": "PROTECT",
    "reviews.Participant.manager": "PROTECT",
    "reviews.Participant.released_by": "PROTECT",
    "reviews.Participant.delegated_by": "PROTECT",
    "reviews.Participant.talked_by": "PROTECT",
    "reviews.Withdrawal.taken_by": "PROTECT",
    "reviews.Extension.granted_by": "PROTECT",
    "reviews.Dispute.arbiter": "PROTECT",
    "reviews.Dispute.answered_by": "PROTECT",
    "reviews.Dispute.settled_by": "PROTECT",
    "reviews.Review.author": "PROTECT",
    "reviews.Review.submitted_by": "PROTECT",
    "reviews.ReviewVersion.set_aside_for": "PROTECT",
    "reviews.RatingEvent.given_by": "PROTECT",
    "reviews.EvidenceNote.about": "PROTECT",
    "reviews.EvidenceNote.author": "PROTECT",
    "feedback.Request.giver": "PROTECT",
    "feedback.Request.proposed_by": "PROTECT",
    "feedback.FewerPeers.accepted_by": "PROTECT",
    "feedback.Answer.author": "PROTECT",
    "feedback.ConcernReport.raised_by": "PROTECT",
    "feedback.ConcernDecision.decided_by": "PROTECT",
    "feedback.Disclosure.asked_by": "PROTECT",
    "feedback.Disclosure.decided_by": "PROTECT",
    "feedback.UnaskedFeedback.giver": "PROTECT",
    "feedback.UnaskedFeedback.receiver": "PROTECT",
    "calibration.Session.facilitator": "PROTECT",
    "calibration.Session.locked_by": "PROTECT",
    "calibration.Membership.person": "PROTECT",
    "calibration.Decision.decided_by": "PROTECT",
    "inbox.Message.person": "PROTECT",
    "inbox.MessageLine.person": "PROTECT",
    "inbox.MessageLine.late_person": "PROTECT",
    "reports.Export.requested_by": "PROTECT",
}
# An account may go; the person stays.
TO_AN_ACCOUNT = {"people.Person.user": "SET_NULL"}


def constraints() -> list[tuple[type[models.Model], Any]]:
    return [(model, c) for model in MODELS for c in model._meta.constraints]


def mentioned(condition: Any) -> set[str]:
    """The field names a Q asks about, however deep."""
    names: set[str] = set()
    for child in condition.children:
        names |= mentioned(child) if isinstance(child, Q) else {child[0].split("__")[0]}
    return names


def stems() -> list[tuple[type[models.Model], str]]:
    """Every deed of which a model keeps both the instant and the actor: (model, "released")."""
    found = []
    for model in MODELS:
        names = {f.name for f in model._meta.local_fields}
        found += [
            (model, name.removesuffix("_at"))
            for name in sorted(names)
            if name.endswith("_at") and name.removesuffix("_at") + "_by" in names
        ]
    return found


def test_there_are_pairs_to_hold():
    assert len(stems()) >= 6


@pytest.mark.parametrize(("model", "stem"), stems(), ids=lambda v: getattr(v, "__name__", v))
def test_an_instant_and_its_actor_stand_together(model, stem):
    """Both are columns that cannot be empty, or a constraint lets them be empty only together."""
    at, by = model._meta.get_field(f"{stem}_at"), model._meta.get_field(f"{stem}_by")
    if f"{model._meta.model_name}.{stem}_by" in ALONE:
        assert by.null != at.null
        return
    if not at.null and not by.null:
        return

    holding = [
        c.name
        for c in model._meta.constraints
        if isinstance(c, CheckConstraint) and {at.name, by.name} <= mentioned(c.condition)
    ]

    assert holding, f"{model.__name__} lets {at.name} stand without {by.name}"


def test_exceptions_to_pairs_still_stand():
    pairs = {f"{model._meta.model_name}.{stem}_by" for model, stem in stems()}
    assert set(ALONE) <= pairs


def _deletions(related: type[models.Model]) -> dict[str, str]:
    return {
        name: field.remote_field.on_delete.__name__
        for model in MODELS
        for name, field in fields_of(model)
        if isinstance(field, models.ForeignKey) and field.related_model is related
    }


def test_what_becomes_of_a_row_when_a_person_is_deleted_was_judged():
    assert _deletions(Person) == TO_A_PERSON


def test_what_becomes_of_a_row_when_an_account_is_deleted_was_judged():
    assert _deletions(User) == TO_AN_ACCOUNT


# --- States and choices ---------------------------------------------------------------------------

# Fields with choices that the database does not hold to them, each with the reason. Never a state.
READ = "rows of one reading; the importer makes them from the enumeration and nobody edits them"
MARKS = "a point or a mark is held; which marks there are is a matter of the rules and may grow"
NOT_HELD = {
    "ladders.LadderVersion.cascade": READ,
    "ladders.Competency.kind": READ,
    "ladders.MixinRule.merge": READ,
    "ladders.Statement.kind": READ,
    "ladders.Reference.kind": READ,
    "ladders.Reference.status": READ,
    "ladders.SuccessMetric.comparator": READ,
    "ladders.KpiTarget.comparator": READ,
    "reviews.StepBack.left": "two ends of a move of the cycle, which is held to its states",
    "reviews.StepBack.entered": "two ends of a move of the cycle, which is held to its states",
    "reviews.Review.promotion": "no decision hangs on it; a word for the committee",
    "reviews.ReviewItem.mark": MARKS,
    "reviews.RatingEvent.mark": MARKS,
    "reviews.RatingEvent.source": "another source than the manager is held to a reason",
    "feedback.AnswerPart.mark": MARKS,
    "calibration.Decision.reason_code": "every code but one is held to a reason in words",
}


def choosing() -> list[tuple[type[models.Model], models.Field]]:
    return [(m, f) for m in MODELS for f in m._meta.local_fields if f.choices]


def _holds(model: type[models.Model], name: str) -> bool:
    """Whether some constraint lets a row say only values of `name` that it lists."""
    return any(
        isinstance(c, CheckConstraint) and _bounds(c.condition, name)
        for c in model._meta.constraints
    )


def _bounds(condition: Q, name: str) -> bool:
    """Whether every way to satisfy this condition names the values that `name` may have."""
    if condition.negated:
        return False
    answers = [
        _bounds(child, name) if isinstance(child, Q) else child[0] in {name, f"{name}__in"}
        for child in condition.children
    ]
    return any(answers) if condition.connector == Q.AND else all(answers)


@pytest.mark.parametrize(
    ("model", "field"), choosing(), ids=lambda v: getattr(v, "__name__", None) or v.name
)
def test_a_choice_is_held_by_the_database_or_says_why_not(model, field):
    reason = NOT_HELD.get(f"{name_of(model)}.{field.name}")

    assert _holds(model, field.name) is (reason is None), reason or "may be anything"


def test_every_state_is_held_by_the_database():
    assert [name for name in NOT_HELD if name.endswith(".state")] == []


def with_state() -> list[type[models.Model]]:
    return [m for m in MODELS if any(f.name == "state" for f in m._meta.local_fields)]


def _move_tables(app: str) -> list[dict[str, Move]]:
    states = importlib.import_module(f"apps.{app}.states")
    return [
        value for name, value in vars(states).items() if name == "MOVES" or name.endswith("_MOVES")
    ]


@pytest.mark.parametrize("model", with_state(), ids=lambda m: m.__name__)
def test_every_state_is_left_and_entered_by_a_table_of_moves(model):
    values = {value for value, _ in model._meta.get_field("state").choices}
    default = model._meta.get_field("state").default

    fitting = [
        table
        for table in _move_tables(model._meta.app_label)
        if all({str(s) for s in m.sources} | {str(m.target)} <= values for m in table.values())
    ]

    assert fitting, f"no table of moves in the states of {model._meta.app_label}"
    reached = {str(move.target) for table in fitting for move in table.values()} | {str(default)}
    assert sorted(values - reached) == [], "a state that no move enters"


# --- Constraints ----------------------------------------------------------------------------------


def test_constraints_are_named_as_sentences_and_once():
    names = [c.name for _, c in constraints()]

    assert [n for n in names if not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+){2,}", n)] == []
    assert sorted({n for n in names if names.count(n) > 1}) == []
    assert [n for n in names if len(n) > 63] == [], "longer than PostgreSQL keeps"


def test_only_checks_and_unique_sets_are_used():
    """Both databases know these two; an exclusion constraint is PostgreSQL's alone."""
    assert {type(c) for _, c in constraints()} == {CheckConstraint, UniqueConstraint}


def test_nothing_is_unique_without_a_name():
    assert [name_of(m) for m in MODELS if m._meta.unique_together] == []


def test_every_app_of_ours_is_walked():
    assert {m._meta.app_label for m in MODELS} == set(OURS)
