"""The whole grid: every move from every state, for cycles, participants and reviews."""

from __future__ import annotations

import pytest

from apps.core.workflow import StaleState, advance
from apps.reviews.states import (
    CYCLE_MOVES,
    PARTICIPANT_MOVES,
    REVIEW_MOVES,
    RUNNING,
    CycleState,
    ParticipantState,
    Phase,
    ReviewState,
)
from tests.factories import NOON
from tests.factories.people import PersonFactory
from tests.factories.reviews import CycleFactory, ParticipantFactory, ReviewFactory

pytestmark = pytest.mark.django_db

# Checked in, so that a change of the table is read in the diff.
CYCLE_GRID = {
    "schedule_cycle": "draft > scheduled",
    "unschedule_cycle": "scheduled > draft",
    "cancel_cycle": "draft scheduled > cancelled",
    "open_nomination": "scheduled > nomination",
    "open_collection": "scheduled nomination > collection",
    "open_manager_review": "scheduled nomination collection > manager_review",
    "open_calibration": "manager_review > calibration",
    "open_delivery": "manager_review calibration > delivery",
    "close_cycle": "delivery > closed",
    "archive_cycle": "closed > archived",
    "pause_cycle": "nomination collection manager_review calibration delivery > paused",
    "resume_nomination": "paused > nomination",
    "resume_collection": "paused > collection",
    "resume_manager_review": "paused > manager_review",
    "resume_calibration": "paused > calibration",
    "resume_delivery": "paused > delivery",
}
PARTICIPANT_GRID = {
    "excuse_participant": "active > excused",
    "readmit_participant": "excused > active",
    "release_packet": "active > released",
    "unshare_packet": "released acknowledged > active",
    "acknowledge_packet": "released > acknowledged",
    "dispute_packet": "released acknowledged > disputed",
    "settle_dispute": "disputed > settled",
}
REVIEW_GRID = {"submit_review": "draft > submitted", "reopen_review": "submitted > draft"}


@pytest.mark.parametrize(
    ("moves", "grid"),
    [
        pytest.param(CYCLE_MOVES, CYCLE_GRID, id="cycle"),
        pytest.param(PARTICIPANT_MOVES, PARTICIPANT_GRID, id="participant"),
        pytest.param(REVIEW_MOVES, REVIEW_GRID, id="review"),
    ],
)
def test_the_moves_are_these_and_no_others(moves, grid):
    assert {
        name: (set(map(str, move.sources)), str(move.target)) for name, move in moves.items()
    } == {
        name: (set(line.split(" > ")[0].split()), line.split(" > ")[1])
        for name, line in grid.items()
    }


@pytest.mark.parametrize("state", list(CycleState))
@pytest.mark.parametrize("name", sorted(CYCLE_MOVES))
def test_a_cycle_takes_exactly_the_moves_of_its_state(name, state):
    cycle, move = CycleFactory(state=state), CYCLE_MOVES[name]
    stamps = {"paused_from": state if move.target == CycleState.PAUSED else ""}

    if state in move.sources:
        advance(cycle, move, **stamps)
        assert type(cycle).objects.get(pk=cycle.pk).state == move.target
    else:
        with pytest.raises(StaleState):
            advance(cycle, move, **stamps)
        assert type(cycle).objects.get(pk=cycle.pk).state == state


@pytest.mark.parametrize("state", list(ParticipantState))
@pytest.mark.parametrize("name", sorted(PARTICIPANT_MOVES))
def test_a_participant_takes_exactly_the_moves_of_their_state(name, state):
    out = state not in {"active", "excused"}
    person = PersonFactory()
    stamps = {"released_at": NOON, "released_by": person}
    participant = ParticipantFactory(state=state, **(stamps if out else {}))
    move = PARTICIPANT_MOVES[name]
    given = {"release_packet": stamps, "unshare_packet": dict.fromkeys(stamps)}.get(name, {})

    if state in move.sources:
        advance(participant, move, **given)
        assert type(participant).objects.get(pk=participant.pk).state == move.target
    else:
        with pytest.raises(StaleState):
            advance(participant, move, **given)


@pytest.mark.parametrize("state", list(ReviewState))
@pytest.mark.parametrize("name", sorted(REVIEW_MOVES))
def test_a_review_takes_exactly_the_moves_of_its_state(name, state):
    review, move = ReviewFactory(submitted=state == "submitted"), REVIEW_MOVES[name]
    goes_in = move.target == "submitted"
    stamps = {
        "submitted_at": NOON if goes_in else None,
        "submitted_by": review.author if goes_in else None,
    }

    if state in move.sources:
        advance(review, move, **stamps)
        assert review.state == move.target
    else:
        with pytest.raises(StaleState):
            advance(review, move, **stamps)


def test_every_phase_can_be_opened_paused_and_resumed():
    for phase in Phase:
        assert CYCLE_MOVES[f"open_{phase}"].target == phase
        assert phase in CYCLE_MOVES["pause_cycle"].sources
        assert CYCLE_MOVES[f"resume_{phase}"].target == phase
    assert set(RUNNING) == CYCLE_MOVES["pause_cycle"].sources
