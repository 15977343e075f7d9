"""A released packet with everything in it, and words that must never reach paper."""

from __future__ import annotations

from decimal import Decimal

from apps.reviews.models import Participant
from tests.factories import NOON
from tests.factories.ladders import AreaFactory, CompetencyFactory
from tests.factories.people import PersonFactory
from tests.factories.reviews import (
    CycleFactory,
    GoalFactory,
    ParticipantFactory,
    RatingEventFactory,
    ReviewFactory,
    ReviewItemFactory,
)

PRIVATE_NOTE = "canary-private-note"
SECRET_REASON = "canary-calibration-reason"
COMMENT = """She led the *archive move* and kept **everyone** informed.

- wrote the plan
- asked `ops` early

> Quoted from the retrospective."""


def released_packet(
    *, show_calibration: bool = False, competencies: int = 6, **person
) -> Participant:
    cycle = CycleFactory(state="delivery", show_calibration=show_calibration)
    manager = PersonFactory(name="Gunnar Hoel")
    person.setdefault("name", "Jelena Petrović")
    who = PersonFactory(manager=manager, with_level=True, **person)
    participant = ParticipantFactory(
        cycle=cycle, person=who, manager=manager, acknowledged=True, reply="Thank you, we talked."
    )
    review = ReviewFactory(
        participant=participant, submitted=True, overall=4, promotion="ready",
        private_note=PRIVATE_NOTE, summary="A strong year, with one thing to try next.\n\nTake the *lead* on it.",
    )  # fmt: skip
    RatingEventFactory(participant=participant, overall=True, value=4)
    RatingEventFactory(
        participant=participant, overall=True, calibrated=True, value=3, reason=SECRET_REASON
    )
    for number in range(competencies):
        area = AreaFactory(name="Craft" if number < competencies / 2 else "Working with others")
        competency = CompetencyFactory(area=area, version=area.version)
        value = number % 5 + 1
        if number == competencies - 1:
            RatingEventFactory(
                participant=participant,
                competency=competency,
                value=None,
                mark="not_enough_evidence",
            )
        else:
            RatingEventFactory(participant=participant, competency=competency, value=value)
        ReviewItemFactory(review=review, competency=competency, value=None, comment=COMMENT)
    GoalFactory(participant=participant, actual=Decimal("93.5"))
    GoalFactory(participant=participant, actual=None)
    return participant


__all__ = ["COMMENT", "NOON", "PRIVATE_NOTE", "SECRET_REASON", "released_packet"]
