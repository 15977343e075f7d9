import pytest

from apps.ladders.expectations import (
    NOTHING,
    count_of,
    expectations_and_next,
    expectations_of,
)
from apps.ladders.models import Definition, MixinRule, Reference
from apps.ladders.states import Cascade, Merge, ReferenceKind, ReferenceStatus, StatementKind
from tests.factories.ladders import (
    AreaFactory,
    CompetencyFactory,
    LadderVersionFactory,
    LevelFactory,
    MixinFactory,
    StatementFactory,
    TrackFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def house():
    """Two tracks (I II III / Manager), one competency with a statement at each, and one mixin."""

    class House:
        version = LadderVersionFactory(cascade=Cascade.WITHIN_TRACK)
        area = AreaFactory(version=version)
        craft = CompetencyFactory(version=version, area=area, name="Craft")
        people = CompetencyFactory(version=version, area=area, name="People")
        engineers = TrackFactory(version=version)
        managers = TrackFactory(version=version)
        one = LevelFactory(track=engineers, band=1, code="", title="Engineer 1")
        two = LevelFactory(track=engineers, band=2, code="", title="Engineer 2")
        three = LevelFactory(track=engineers, band=3, code="", title="Engineer 3")
        lead = LevelFactory(track=managers, band=3, code="M1", title="Manager")
        mixin = MixinFactory(version=version, title="Data")

    for level in (House.one, House.two, House.three, House.lead):
        StatementFactory(competency=House.craft, level=level, text=f"craft of {level.title}")
    return House


def texts(expectations):
    return {
        c.name: [(s.text, s.origin, s.origin_title) for s in c.statements]
        for c in expectations.competencies
    }


def test_a_level_includes_the_lower_ones_of_its_track_nearest_first(house):
    assert texts(expectations_of(house.three.pk)) == {
        "Craft": [
            ("craft of Engineer 3", "own", "Engineer 3"),
            ("craft of Engineer 2", "inherited", "Engineer 2"),
            ("craft of Engineer 1", "inherited", "Engineer 1"),
        ]
    }


def test_across_tracks_a_band_includes_all_lower_bands(house):
    house.version.cascade = Cascade.ACROSS_TRACKS
    house.version.save()

    assert [s.origin_title for s in expectations_of(house.lead.pk).competencies[0].statements] == [
        "M1 Manager",
        "Engineer 2",
        "Engineer 1",
    ]


def test_a_level_alone_expects_only_its_own(house):
    house.version.cascade = Cascade.NONE
    house.version.save()

    assert [c.own_count for c in expectations_of(house.three.pk).competencies] == [1]


def test_a_resolved_parent_in_another_ladder_is_included_and_loops_are_cut(house):
    elsewhere = StatementFactory(text="from elsewhere")
    for here, there in ((house.one, elsewhere.level), (elsewhere.level, house.one)):
        Reference.objects.create(
            version=here.version,
            kind=ReferenceKind.INHERITS,
            status=ReferenceStatus.RESOLVED,
            level=here,
            target_level=there,
            text="all of",
        )

    found = expectations_of(house.one.pk)

    assert sorted(s.text for c in found.competencies for s in c.statements) == [
        "craft of Engineer 1",
        "from elsewhere",
    ]


def test_a_mixin_adds_or_replaces_and_an_unwritten_one_takes_nothing_away(house):
    MixinRule.objects.create(mixin=house.mixin, competency=house.craft, merge=Merge.REPLACE)
    before = texts(expectations_of(house.two.pk, [house.mixin.pk]))
    StatementFactory(competency=house.craft, level=None, mixin=house.mixin, text="pipelines")
    StatementFactory(competency=house.people, level=None, mixin=house.mixin, text="teaches")

    assert before == texts(expectations_of(house.two.pk))
    assert texts(expectations_of(house.two.pk, [house.mixin.pk])) == {
        "Craft": [("pipelines", "mixin", "Data")],
        "People": [("teaches", "mixin", "Data")],
    }


def test_examples_stand_apart_and_the_definition_of_the_level_wins(house):
    StatementFactory(
        competency=house.craft, level=house.one, kind=StatementKind.EXAMPLE, text="for example"
    )
    Definition.objects.create(competency=house.craft, level=None, text="in general")
    Definition.objects.create(competency=house.craft, level=house.one, text="at this level")

    craft = expectations_of(house.one.pk).competencies[0]

    assert ([e.text for e in craft.examples], craft.definition) == (
        ["for example"],
        "at this level",
    )
    assert expectations_of(house.two.pk).competencies[0].definition == "in general"


def test_the_next_level_is_the_next_of_the_same_track(house):
    assert expectations_of(house.two.pk).next_level_title == "Engineer 3"
    assert expectations_of(house.three.pk).next_level_id is None
    assert expectations_of(house.lead.pk).next_level_id is None


def test_nobody_without_a_level_is_expected_to_show_anything():
    assert expectations_of(None) is NOTHING


@pytest.mark.parametrize("statements", [3, 300])
def test_three_queries_however_large_the_ladder(house, statements, django_assert_num_queries):
    for number in range(statements):
        StatementFactory(
            competency=CompetencyFactory(version=house.version, area=house.area)
            if number % 10 == 0
            else house.people,
            level=house.one,
        )

    with django_assert_num_queries(3):
        found = expectations_of(house.three.pk, [house.mixin.pk])

    assert sum(len(c.statements) for c in found.competencies) == statements + 3


def test_counts_for_all_combinations_agree_with_the_expectations(house):
    StatementFactory(competency=house.people, level=None, mixin=house.mixin)
    combinations = [
        (level.pk, mixins)
        for level in (house.one, house.three, house.lead)
        for mixins in (frozenset(), frozenset({house.mixin.pk}))
    ]

    counts = count_of([*combinations, (None, frozenset())])

    assert counts == {
        **{
            (level, mixins): len(expectations_of(level, list(mixins)).competencies)
            for level, mixins in combinations
        },
        (None, frozenset()): 0,
    }


def test_two_levels_together_cost_what_one_does_and_say_the_same(house, django_assert_num_queries):
    StatementFactory(competency=house.people, level=None, mixin=house.mixin, text="teaches")
    Definition.objects.create(competency=house.craft, level=house.three, text="at this level")
    roles = type(house.mixin).objects.filter(pk=house.mixin.pk)

    with django_assert_num_queries(3):
        here, above = expectations_and_next(house.two.pk, roles)

    assert here == expectations_of(house.two.pk, [house.mixin.pk])
    assert above == expectations_of(house.three.pk, [house.mixin.pk])
    assert expectations_and_next(house.three.pk)[1] is NOTHING
    assert expectations_and_next(None) == (NOTHING, NOTHING)


def test_what_the_next_level_adds_leaves_out_what_is_expected_already(house):
    for level in (house.two, house.three):
        StatementFactory(competency=house.people, level=level, text="Listens  first")
    StatementFactory(competency=house.people, level=None, mixin=house.mixin, text="teaches")
    here, above = expectations_and_next(house.two.pk, [house.mixin.pk])

    added = above.beyond(here)

    assert [(c.name, [s.text for s in c.statements]) for c in added] == [
        ("Craft", ["craft of Engineer 3"])
    ]
    assert here.beyond(here) == ()
