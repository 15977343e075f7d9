"""What the database of ladders refuses, whatever the code does: each constraint violated once."""

from __future__ import annotations

import pytest

from apps.ladders.models import Definition, MixinRule
from tests.factories.ladders import (
    AreaFactory,
    CompetencyFactory,
    LadderVersionFactory,
    LevelFactory,
    MixinFactory,
    RoleProfileFactory,
    StatementFactory,
    TrackFactory,
)
from tests.violations import Violation, assert_refused, constraints_of

pytestmark = pytest.mark.django_db


def _definition():
    statement = StatementFactory()
    return Definition.objects.create(
        competency=statement.competency, level=statement.level, text="What it means here."
    )


def _rule():
    competency = CompetencyFactory()
    mixin = MixinFactory(version=competency.version)
    return MixinRule.objects.create(mixin=mixin, competency=competency, merge="add")


VIOLATIONS = {
    "ladder_version_number_once": Violation(LadderVersionFactory, {"state": "retired"}),
    "ladder_has_one_published_version": Violation(LadderVersionFactory, {"number": 2}),
    "ladder_version_state_is_known": Violation(
        LadderVersionFactory, {"number": 2, "state": "asleep"}
    ),
    "ladder_version_published_has_instant": Violation(
        LadderVersionFactory, {"number": 2, "published_at": None}
    ),
    "track_key_once": Violation(TrackFactory),
    "level_key_once": Violation(LevelFactory),
    "area_key_once": Violation(AreaFactory),
    "competency_key_once": Violation(CompetencyFactory),
    "definition_once_per_level": Violation(_definition),
    "mixin_key_once": Violation(MixinFactory),
    "mixin_rule_once": Violation(_rule),
    "statement_key_once": Violation(StatementFactory),
    "statement_of_a_level_or_a_mixin": Violation(StatementFactory, {"level": None}),
    "role_profile_key_once": Violation(RoleProfileFactory),
}


@pytest.mark.parametrize("name", VIOLATIONS)
def test_the_database_refuses(name):
    assert_refused("ladders", name, VIOLATIONS[name])


def test_every_constraint_is_violated_once():
    assert set(VIOLATIONS) == set(constraints_of("ladders"))
