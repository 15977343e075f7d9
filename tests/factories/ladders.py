"""A small published ladder: one version, a track, levels, competencies and what they expect."""

from factory import LazyAttribute, SelfAttribute, Sequence, SubFactory
from factory.django import DjangoModelFactory

from apps.ladders.models import (
    Area,
    Competency,
    Ladder,
    LadderVersion,
    Level,
    Mixin,
    RoleProfile,
    Statement,
    SuccessMetric,
    Track,
)
from apps.ladders.states import Cascade, Comparator, VersionState
from tests.factories import NOON


class LadderFactory(DjangoModelFactory):
    class Meta:
        model = Ladder

    key = Sequence(lambda n: f"ladder-{n}")
    title = Sequence(lambda n: f"Ladder {n}")


class LadderVersionFactory(DjangoModelFactory):
    class Meta:
        model = LadderVersion

    ladder = SubFactory(LadderFactory)
    number = 1
    kind = "ladder"
    shape = "by_level"
    state = VersionState.PUBLISHED
    cascade = Cascade.NONE
    fingerprint = Sequence(lambda n: f"{n:064x}")
    imported_at = NOON
    published_at = LazyAttribute(lambda v: None if v.state == VersionState.DRAFT else NOON)


class TrackFactory(DjangoModelFactory):
    class Meta:
        model = Track

    version = SubFactory(LadderVersionFactory)
    key = Sequence(lambda n: f"track-{n}")
    name = Sequence(lambda n: f"Track {n}")
    position = Sequence(lambda n: n)


class LevelFactory(DjangoModelFactory):
    class Meta:
        model = Level

    track = SubFactory(TrackFactory)
    version = SelfAttribute("track.version")
    key = Sequence(lambda n: f"level-{n}")
    code = Sequence(lambda n: f"L{n}")
    title = Sequence(lambda n: f"Engineer {n}")
    position = Sequence(lambda n: n)


class AreaFactory(DjangoModelFactory):
    class Meta:
        model = Area

    version = SubFactory(LadderVersionFactory)
    key = Sequence(lambda n: f"area-{n}")
    name = Sequence(lambda n: f"Area {n}")
    position = Sequence(lambda n: n)


class CompetencyFactory(DjangoModelFactory):
    class Meta:
        model = Competency

    version = SubFactory(LadderVersionFactory)
    area = SubFactory(AreaFactory, version=SelfAttribute("..version"))
    key = Sequence(lambda n: f"competency-{n}")
    name = Sequence(lambda n: f"Competency {n}")
    position = Sequence(lambda n: n)


class StatementFactory(DjangoModelFactory):
    """An expectation of a level; for one of a mixin give `level=None, mixin=...`."""

    class Meta:
        model = Statement

    competency = SubFactory(CompetencyFactory)
    version = SelfAttribute("competency.version")
    level = SubFactory(
        LevelFactory,
        version=SelfAttribute("..version"),
        track=SubFactory(TrackFactory, version=SelfAttribute("..version")),
    )
    key = Sequence(lambda n: f"statement-{n}")
    text = Sequence(lambda n: f"Delivers thing {n} on their own.")
    position = Sequence(lambda n: n)


class MixinFactory(DjangoModelFactory):
    class Meta:
        model = Mixin

    version = SubFactory(LadderVersionFactory)
    key = Sequence(lambda n: f"mixin-{n}")
    title = Sequence(lambda n: f"Role {n}")
    position = Sequence(lambda n: n)


class RoleProfileFactory(DjangoModelFactory):
    class Meta:
        model = RoleProfile

    version = SubFactory(LadderVersionFactory)
    key = Sequence(lambda n: f"profile-{n}")
    title = Sequence(lambda n: f"Position {n}")
    position = Sequence(lambda n: n)


class SuccessMetricFactory(DjangoModelFactory):
    class Meta:
        model = SuccessMetric

    profile = SubFactory(RoleProfileFactory)
    text = "Answer at least 90 % of the tickets within a day"
    subject = "tickets answered within a day"
    comparator = Comparator.GE
    value = 90
    unit = "%"
    position = Sequence(lambda n: n)
