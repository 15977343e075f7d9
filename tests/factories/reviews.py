"""Made-up cycles, participants, reviews, goals and ratings."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import factory
from factory.django import DjangoModelFactory

from apps.ladders.states import Comparator
from apps.reviews.models import (
    AreaWeight,
    Cycle,
    CyclePhase,
    Dispute,
    EvidenceNote,
    Extension,
    FormQuestion,
    Goal,
    Participant,
    PopulationChoice,
    RatingEvent,
    RatingScale,
    Review,
    ReviewItem,
    ScalePoint,
    StatementMark,
)
from apps.reviews.rules.phases import last_dispute_day
from apps.reviews.states import (
    CycleState,
    ParticipantState,
    Phase,
    RatingSource,
    ReviewKind,
    ReviewState,
    Shown,
)
from tests.factories import NOON

PERSON = "tests.factories.people.PersonFactory"
LEVEL = "tests.factories.ladders.LevelFactory"
COMPETENCY = "tests.factories.ladders.CompetencyFactory"
PERIOD_START, PERIOD_END = date(2026, 1, 1), date(2026, 12, 31)
POINTS = ("Well below", "Growing into it", "Solid", "Beyond in places", "Already the next level")


class ScalePointFactory(DjangoModelFactory):
    class Meta:
        model = ScalePoint

    scale = factory.SubFactory("tests.factories.reviews.RatingScaleFactory", points=0)
    value = factory.Sequence(lambda n: n % 7 + 1)
    label = factory.LazyAttribute(lambda o: POINTS[(o.value - 1) % 5])
    anchor = factory.LazyAttribute(lambda o: f"What {o.label.lower()} looks like at this level.")


class RatingScaleFactory(DjangoModelFactory):
    """A scale with five points, or as many as `points` says."""

    class Meta:
        model = RatingScale
        skip_postgeneration_save = True

    name = factory.Sequence(lambda n: f"Scale {n}")

    @factory.post_generation
    def points(self: Any, create: bool, extracted: int | None, **_: Any) -> None:
        wanted = 5 if extracted is None else extracted
        for value in range(1, wanted + 1):
            ScalePointFactory(scale=self, value=value)


class CycleFactory(DjangoModelFactory):
    """A cycle being prepared; `state` puts it anywhere, a running one was launched ten days ago.

    `phases` is True for all five (from ten days before NOON, ten days each) or a list of kinds.
    `departments` and `owners` take lists.
    """

    class Meta:
        model = Cycle
        skip_postgeneration_save = True

    name = factory.Sequence(lambda n: f"Autumn {n}")
    state = CycleState.DRAFT
    paused_from = factory.LazyAttribute(
        lambda o: Phase.COLLECTION if o.state == CycleState.PAUSED else ""
    )
    period_start = PERIOD_START
    period_end = PERIOD_END
    scale = factory.SubFactory(RatingScaleFactory)
    created_at = NOON
    launched_at = factory.LazyAttribute(
        lambda o: (
            None
            if o.state in {CycleState.DRAFT, CycleState.SCHEDULED, CycleState.CANCELLED}
            else NOON - timedelta(days=10)
        )
    )
    closed_at = factory.LazyAttribute(
        lambda o: NOON if o.state in {CycleState.CLOSED, CycleState.ARCHIVED} else None
    )

    @factory.post_generation
    def phases(self: Any, create: bool, extracted: Any, **_: Any) -> None:
        kinds = list(Phase) if extracted is True else list(extracted or [])
        for number, kind in enumerate(kinds):
            opens_on = NOON.date() + timedelta(days=10 * (number - 1))
            CyclePhaseFactory(
                cycle=self, kind=kind, opens_on=opens_on, due_on=opens_on + timedelta(days=9)
            )

    @factory.post_generation
    def departments(self: Any, create: bool, extracted: Any, **_: Any) -> None:
        if extracted:
            self.departments.set(extracted)

    @factory.post_generation
    def owners(self: Any, create: bool, extracted: Any, **_: Any) -> None:
        if extracted:
            self.owners.set(extracted)


class CyclePhaseFactory(DjangoModelFactory):
    class Meta:
        model = CyclePhase

    cycle = factory.SubFactory(CycleFactory)
    kind = Phase.COLLECTION
    opens_on = NOON.date()
    due_on = factory.LazyAttribute(lambda o: o.opens_on + timedelta(days=9))


class PopulationChoiceFactory(DjangoModelFactory):
    """Somebody left out by hand."""

    class Meta:
        model = PopulationChoice

    cycle = factory.SubFactory(CycleFactory)
    person = factory.SubFactory(PERSON)
    takes_part = False
    reason = "Parental leave"
    chosen_at = NOON
    chosen_by = factory.SubFactory(PERSON)


class FormQuestionFactory(DjangoModelFactory):
    class Meta:
        model = FormQuestion

    cycle = factory.SubFactory(CycleFactory)
    review_kind = ReviewKind.SELF
    text = factory.Sequence(lambda n: f"What would you do again, part {n}?")


class AreaWeightFactory(DjangoModelFactory):
    class Meta:
        model = AreaWeight

    cycle = factory.SubFactory(CycleFactory)
    area_key = "craft"
    area_name = "Craft"
    weight = 2


class ParticipantFactory(DjangoModelFactory):
    """A person in a cycle that collects reviews, with a manager who is also today's manager."""

    class Meta:
        model = Participant

    class Params:
        released = factory.Trait(
            state=ParticipantState.RELEASED,
            released_at=NOON,
            released_by=factory.SelfAttribute("manager"),
        )
        acknowledged = factory.Trait(
            released=True, state=ParticipantState.ACKNOWLEDGED, acknowledged_at=NOON
        )
        disputed = factory.Trait(released=True, state=ParticipantState.DISPUTED)
        settled = factory.Trait(released=True, state=ParticipantState.SETTLED)
        excused = factory.Trait(state=ParticipantState.EXCUSED)

    cycle = factory.SubFactory(CycleFactory, state=CycleState.COLLECTION)
    manager = factory.SubFactory(PERSON)
    person = factory.SubFactory(PERSON, manager=factory.SelfAttribute("..manager"))
    level = factory.LazyAttribute(lambda o: o.person.level)
    role_profile = factory.LazyAttribute(lambda o: o.person.role_profile)
    department = factory.LazyAttribute(lambda o: o.person.department)
    location = factory.LazyAttribute(lambda o: o.person.location)


class ReviewFactory(DjangoModelFactory):
    """A manager review being written; `own=True` makes it the self review."""

    class Meta:
        model = Review

    class Params:
        own = factory.Trait(
            kind=ReviewKind.SELF, author=factory.SelfAttribute("participant.person")
        )
        written = factory.Trait(
            revision=1,
            saved_at=NOON,
            summary="Carried the move of the archive through to its end.",
        )
        submitted = factory.Trait(
            written=True,
            state=ReviewState.SUBMITTED,
            submitted_at=NOON,
            submitted_by=factory.SelfAttribute("author"),
        )
        rated = factory.Trait(overall=3)

    participant = factory.SubFactory(ParticipantFactory)
    kind = ReviewKind.MANAGER
    author = factory.SelfAttribute("participant.manager")


class ReviewItemFactory(DjangoModelFactory):
    class Meta:
        model = ReviewItem

    review = factory.SubFactory(ReviewFactory)
    competency = factory.SubFactory(COMPETENCY)
    value = 3
    comment = "Asked early, and the answer held."


class GoalFactory(DjangoModelFactory):
    class Meta:
        model = Goal

    participant = factory.SubFactory(ParticipantFactory)
    text = factory.Sequence(lambda n: f"Answer the queue within a day, part {n}")
    comparator = Comparator.GE
    target = 90
    unit = "%"


class RatingEventFactory(DjangoModelFactory):
    """The manager's rating of one competency; `overall=True` rates the whole."""

    class Meta:
        model = RatingEvent

    class Params:
        overall = factory.Trait(competency=None)
        calibrated = factory.Trait(
            source=RatingSource.CALIBRATION,
            sequence=2,
            reason_code="evidence",
            reason="The committee saw the same work described for two levels.",
        )

    participant = factory.SubFactory(ParticipantFactory)
    competency = factory.SubFactory(COMPETENCY)
    sequence = 1
    source = RatingSource.MANAGER
    value = 3
    given_at = NOON
    given_by = factory.SelfAttribute("participant.manager")


class DisputeFactory(DjangoModelFactory):
    class Meta:
        model = Dispute

    participant = factory.SubFactory(ParticipantFactory, disputed=True)
    text = "The migration in March was mine, and it is not mentioned."
    opened_at = NOON
    decide_on = factory.LazyAttribute(
        lambda d: last_dispute_day(
            d.opened_at, days=d.participant.cycle.dispute_days, zone=d.participant.person.time_zone
        )
    )
    arbiter = factory.SubFactory(PERSON)


class EvidenceNoteFactory(DjangoModelFactory):
    """A private note of somebody about their own work; `by_manager=True` is today's manager's.

    `competencies` takes a list; `linked_in` a review item that rests on it.
    """

    class Meta:
        model = EvidenceNote
        skip_postgeneration_save = True

    class Params:
        shared = factory.Trait(shared_at=NOON)
        by_manager = factory.Trait(author=factory.SelfAttribute("about.manager"))

    about = factory.SubFactory(PERSON)
    author = factory.SelfAttribute("about")
    happened_on = NOON.date()
    text = factory.Sequence(
        lambda n: f"Took the night shift over when the archive stood still, {n}."
    )
    written_at = NOON

    @factory.post_generation
    def competencies(self: Any, create: bool, extracted: Any, **_: Any) -> None:
        if extracted:
            self.competencies.set(extracted)

    @factory.post_generation
    def linked_in(self: Any, create: bool, extracted: Any, **_: Any) -> None:
        if extracted:
            self.linked_in.add(extracted)


class StatementMarkFactory(DjangoModelFactory):
    """What a manager review says of one statement of the ladder."""

    class Meta:
        model = StatementMark

    review = factory.SubFactory(ReviewFactory, submitted=True)
    statement = factory.SubFactory("tests.factories.ladders.StatementFactory")
    mark = Shown.SHOWN


class ExtensionFactory(DjangoModelFactory):
    """A week more for the self review, given by HR and running; `grace=True` was given by nobody."""

    class Meta:
        model = Extension

    class Params:
        grace = factory.Trait(granted_by=None)

    participant = factory.SubFactory(ParticipantFactory)
    phase = Phase.COLLECTION
    due_on = NOON.date() + timedelta(days=7)
    granted_at = NOON
    granted_by = factory.SubFactory(PERSON)
