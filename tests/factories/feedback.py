"""Made-up perspectives, requests, drafts and answers."""

from __future__ import annotations

import factory
from factory.django import DjangoModelFactory

from apps.feedback.models import (
    Answer,
    AnswerPart,
    FeedbackDraft,
    Perspective,
    Question,
    Request,
)
from apps.feedback.states import Mode, PerspectiveKind, PerspectiveState, RequestState
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
    content = factory.LazyFunction(lambda: {"values": {}, "touched": {}})


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
