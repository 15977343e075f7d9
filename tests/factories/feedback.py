"""Made-up perspectives, requests, drafts and answers."""

from __future__ import annotations

import factory
from factory.django import DjangoModelFactory

from apps.feedback.models import (
    Answer,
    AnswerPart,
    Concern,
    ConcernDecision,
    ConcernReport,
    Disclosure,
    FeedbackDraft,
    Perspective,
    Question,
    Request,
    UnaskedFeedback,
)
from apps.feedback.states import (
    Audience,
    ConcernState,
    DisclosureState,
    Mode,
    PerspectiveKind,
    PerspectiveState,
    RequestState,
    UnaskedKind,
)
from tests.factories import NOON

PERSON = "tests.factories.people.PersonFactory"
PARTICIPANT = "tests.factories.reviews.ParticipantFactory"


class QuestionFactory(DjangoModelFactory):
    class Meta:
        model = Question

    perspective = factory.SubFactory("tests.factories.feedback.PerspectiveFactory", questions=0)
    text = factory.Sequence(lambda n: f"What does {{name}} do that helps, part {n}?")
    position = factory.Sequence(lambda n: n)


class PerspectiveFactory(DjangoModelFactory):
    """Anonymous peer feedback with two questions, or as many as `questions` says."""

    class Meta:
        model = Perspective
        skip_postgeneration_save = True

    class Params:
        named = factory.Trait(mode=Mode.NAMED)
        confidential = factory.Trait(mode=Mode.CONFIDENTIAL)
        upward = factory.Trait(kind=PerspectiveKind.UPWARD)
        sealed = factory.Trait(state=PerspectiveState.SEALED)

    cycle = factory.SubFactory("tests.factories.reviews.CycleFactory", state="collection")
    kind = PerspectiveKind.PEER
    mode = Mode.ANONYMOUS
    threshold = 5

    @factory.post_generation
    def questions(self, create, extracted, **_):
        for position in range(2 if extracted is None else extracted):
            QuestionFactory(perspective=self, position=position)


class RequestFactory(DjangoModelFactory):
    """Somebody is asked about a participant, in the participant's cycle."""

    class Meta:
        model = Request

    class Params:
        proposed = factory.Trait(
            state=RequestState.PROPOSED, proposed_by=factory.SelfAttribute("participant.person")
        )

    perspective = factory.SubFactory(PerspectiveFactory)
    participant = factory.SubFactory(
        PARTICIPANT, cycle=factory.SelfAttribute("..perspective.cycle")
    )
    giver = factory.SubFactory(PERSON)
    state = RequestState.ASKED


class FeedbackDraftFactory(DjangoModelFactory):
    class Meta:
        model = FeedbackDraft

    request = factory.SubFactory(RequestFactory)
    revision = 1
    saved_at = NOON
    content = factory.LazyFunction(
        lambda: {"values": {}, "touched": {}, "versions": [{"revision": 1, "saved_at": str(NOON)}]}
    )


class AnswerFactory(DjangoModelFactory):
    """An answer in the mode of its perspective; `author` only where the mode names one."""

    class Meta:
        model = Answer

    perspective = factory.SubFactory(PerspectiveFactory)
    participant = factory.SubFactory(
        PARTICIPANT, cycle=factory.SelfAttribute("..perspective.cycle")
    )
    anonymous = factory.LazyAttribute(lambda o: o.perspective.mode == Mode.ANONYMOUS)
    author = factory.Maybe("anonymous", None, factory.SubFactory(PERSON))


class AnswerPartFactory(DjangoModelFactory):
    """What was answered to a question; for a competency give `question=None, competency=...`."""

    class Meta:
        model = AnswerPart

    answer = factory.SubFactory(AnswerFactory)
    question = factory.SubFactory(
        QuestionFactory, perspective=factory.SelfAttribute("..answer.perspective")
    )
    text = "Asked early, and the answer held."


class ConcernFactory(DjangoModelFactory):
    """About one text of a sealed confidential answer, reported once; `hidden=True` or `left=True`
    once decided."""

    class Meta:
        model = Concern

    class Params:
        hidden = factory.Trait(
            state=ConcernState.HIDDEN,
            decision="It speaks of somebody's health.",
            decided_by=factory.SubFactory(PERSON),
        )
        left = factory.Trait(
            state=ConcernState.LEFT,
            decision="Sharp, and about the work.",
            decided_by=factory.SubFactory(PERSON),
        )

    part = factory.SubFactory(
        AnswerPartFactory,
        answer__perspective__confidential=True,
        answer__perspective__sealed=True,
        answer__anonymous=False,
        answer__author=factory.SubFactory(PERSON),
    )
    reason = "It speaks of an illness."
    raised_at = NOON
    raised_by = factory.SubFactory(PERSON)
    decision, decided_at, decided_by = "", NOON, None

    @classmethod
    def _create(cls, model_class, *, reason, raised_by, decision, decided_at, decided_by, **case):
        concern = super()._create(model_class, **case)
        ConcernReport.objects.create(
            concern=concern, reason=reason, raised_at=concern.raised_at, raised_by=raised_by
        )
        if decided_by is not None:
            ConcernDecision.objects.create(
                concern=concern,
                became=concern.state,
                reason=decision,
                decided_at=decided_at,
                decided_by=decided_by,
            )
        return concern


class DisclosureFactory(DjangoModelFactory):
    """Asked for; `agreed=True` once a second person agreed."""

    class Meta:
        model = Disclosure

    class Params:
        agreed = factory.Trait(
            state=DisclosureState.AGREED, decided_at=NOON, decided_by=factory.SubFactory(PERSON)
        )

    concern = factory.SubFactory(ConcernFactory)
    reason = "A threat stands in it."
    asked_at = NOON
    asked_by = factory.SubFactory(PERSON)


class UnaskedFeedbackFactory(DjangoModelFactory):
    """Thanks to the person alone; `to_both=True` for the person and the manager."""

    class Meta:
        model = UnaskedFeedback
        skip_postgeneration_save = True

    class Params:
        to_both = factory.Trait(audience=Audience.PERSON_AND_MANAGER)

    kind = UnaskedKind.THANKS
    giver = factory.SubFactory(PERSON)
    receiver = factory.SubFactory(PERSON)
    audience = Audience.PERSON
    text = "You stayed until the queue was empty."
    given_at = NOON

    @factory.post_generation
    def competencies(self, create, extracted, **_):
        if create and extracted:
            self.competencies.set(extracted)
