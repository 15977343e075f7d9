"""Feedback in the company of tests.world: asked for, answered, reported, and unasked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone

from apps.feedback.models import Concern
from apps.feedback.states import OUT, Mode, PerspectiveKind, RequestState
from apps.reviews.states import CycleState, ParticipantState
from tests.factories import NOON
from tests.factories.feedback import (
    AnswerFactory,
    AnswerPartFactory,
    ConcernFactory,
    DisclosureFactory,
    FeedbackDraftFactory,
    PerspectiveFactory,
    RequestFactory,
    UnaskedFeedbackFactory,
)
from tests.factories.people import PersonFactory
from tests.factories.reviews import CycleFactory, ParticipantFactory

if TYPE_CHECKING:
    from tests.world import World


def every_feedback(world: World) -> None:
    people = world.people
    givers = [people[n] for n in ("peer", "stranger", "member", "facilitator", "arbiter")]
    for cycle_state in (
        CycleState.DRAFT, CycleState.NOMINATION, CycleState.COLLECTION,
        CycleState.MANAGER_REVIEW, CycleState.DELIVERY, CycleState.CANCELLED,
    ):  # fmt: skip
        for mode in Mode:
            cycle = CycleFactory(state=cycle_state, name=f"{cycle_state} {mode}")
            for kind in PerspectiveKind:
                sealed = cycle_state in {CycleState.MANAGER_REVIEW, CycleState.DELIVERY}
                perspective = PerspectiveFactory(cycle=cycle, kind=kind, mode=mode, sealed=sealed)
                subject = people["subject" if kind == PerspectiveKind.PEER else "manager"]
                out = cycle_state == CycleState.DELIVERY
                participant = cycle.participants.filter(person=subject).first()
                participant = participant or ParticipantFactory(
                    cycle=cycle,
                    person=subject,
                    manager=subject.manager,
                    state=ParticipantState.RELEASED if out else ParticipantState.ACTIVE,
                    released_at=NOON if out else None,
                    released_by=subject.manager if out else None,
                )
                known = dict(zip(OUT, givers, strict=True))
                for number, state in enumerate(RequestState):
                    giver = known.get(state) or PersonFactory()
                    request = RequestFactory(
                        perspective=perspective,
                        participant=participant,
                        giver=giver,
                        state=state,
                        proposed_by=subject if number % 2 else None,
                    )
                    if state == RequestState.ASKED:
                        FeedbackDraftFactory(request=request)
                count = 5 if cycle_state == CycleState.DELIVERY else 2
                for giver in givers[:count]:
                    AnswerFactory(
                        perspective=perspective,
                        participant=participant,
                        author=None if mode == Mode.ANONYMOUS else giver,
                    )


def every_unasked(world: World) -> None:
    """Between colleagues, upward and downward, to the person alone and to the manager too."""
    people = world.people
    for receiver, giver in (
        ("subject", "peer"),
        ("subject", "manager"),
        ("manager", "subject"),
        ("head", "content_admin"),
        ("chief", "stranger"),
        ("ex_manager", "subject"),
    ):
        for to_both in (False, True):
            UnaskedFeedbackFactory(receiver=people[receiver], giver=people[giver], to_both=to_both)


# About whom, by whom, whether HR was asked too, and who reported the text.
CASES = (
    ("subject", "peer", False, "manager"),
    ("content_admin", "peer", False, "manager"),
    ("head", "peer", False, "manager"),
    ("subject", "content_admin", False, "manager"),
    ("subject", "peer", True, "manager"),
    ("subject", "peer", False, "content_admin"),
)


def every_concern(world: World) -> None:
    """Texts that were reported, in each mode and state; of confidential ones the name is asked for."""
    people = world.people
    asked_by = {"asked_by": people["chief"]}
    mine = {"asked_by": people["content_admin"]}
    decided = {"decided_at": NOON, "decided_by": people["chief"]}
    names = (
        asked_by,
        mine,
        {**mine, **decided, "state": "agreed"},
        {**mine, **decided, "state": "refused"},
        {**asked_by, **decided, "decided_by": people["content_admin"], "state": "agreed"},
    )
    for mode in Mode:
        cycle = CycleFactory(state=CycleState.DELIVERY, name=f"reported {mode}")
        perspective = PerspectiveFactory(cycle=cycle, mode=mode, sealed=True)
        for about, author, was_asked, raiser in CASES:
            participant = ParticipantFactory(
                cycle=CycleFactory(state=CycleState.DELIVERY), person=people[about]
            )
            if was_asked:
                RequestFactory(
                    perspective=perspective,
                    participant=participant,
                    giver=people["content_admin"],
                    state=RequestState.CLOSED,
                )
            answer = AnswerFactory(
                perspective=perspective,
                participant=participant,
                author=None if mode == Mode.ANONYMOUS else people[author],
            )
            for state in ({}, {"hidden": True}, {"left": True}):
                part = AnswerPartFactory(answer=answer)
                ConcernFactory(part=part, raised_by=people[raiser], **state)
            for name in names if mode == Mode.CONFIDENTIAL else ():
                part = AnswerPartFactory(answer=answer)
                concern = ConcernFactory(part=part, raised_by=people[raiser])
                DisclosureFactory(concern=concern, **name)


def one_feedback(world: World) -> None:
    people = world.people
    for key in ("nomination", "collection", "manager_review", "released"):
        perspective = PerspectiveFactory(
            cycle=world.cycles[key],
            named=True,
            sealed=key in {"manager_review", "released"},
        )
        world.other[f"perspective {key}"] = perspective
        nominating = key == "nomination"
        world.requests[key] = RequestFactory(
            perspective=perspective,
            participant=world.participants[key],
            giver=people["peer"],
            state=RequestState.PROPOSED if nominating else RequestState.ASKED,
            proposed_by=people["subject"],
        )
        if key == "collection":
            FeedbackDraftFactory(request=world.requests[key])
        if not nominating:
            answer = AnswerFactory(
                perspective=perspective,
                participant=world.participants[key],
                author=people["arbiter"],
            )
            AnswerPartFactory(answer=answer)
    _one_case(world)
    world.other["perspective draft"] = PerspectiveFactory(cycle=world.cycles["draft"], named=True)
    world.other["unasked"] = UnaskedFeedbackFactory(
        giver=people["peer"], receiver=people["subject"], to_both=True, given_at=timezone.now()
    )


def _one_case(world: World) -> None:
    """Texts given in confidence: one reported, one hidden, of one the name asked for, of one opened."""
    people = world.people
    perspective = PerspectiveFactory(cycle=world.cycles["disputed"], confidential=True, sealed=True)
    answer = AnswerFactory(
        perspective=perspective,
        participant=world.participants["disputed"],
        author=people["peer"],
    )

    def case(key: str, **state: object) -> Concern:
        part = AnswerPartFactory(answer=answer, text=f"You are {key}.")
        concern = ConcernFactory(part=part, raised_by=people["manager"], **state)
        world.other[f"concern {key}"] = concern
        return concern

    case("raised")
    case("hidden", hidden=True, decided_by=people["content_admin"])
    world.other["disclosure asked"] = DisclosureFactory(
        concern=case("asked"), asked_by=people["chief"]
    )
    world.other["disclosure agreed"] = DisclosureFactory(
        concern=case("agreed"),
        agreed=True,
        asked_by=people["content_admin"],
        decided_by=people["chief"],
        decided_at=timezone.now(),
    )
