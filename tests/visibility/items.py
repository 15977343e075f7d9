"""What can be read in a cycle, and which lines of the permission tables let somebody read it.

An item is readable when any of its lines allows it. The pages are held to the same answers, by
looking for the words themselves; see test_visibility.py.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from apps.calibration.access import item_gate
from apps.core.access import Gate, Viewer
from apps.feedback.access import READS_OF_TEXT, READS_SCORES, answer_gate
from apps.reviews.access import (
    NOTE_READS,
    PACKET_READS,
    REVIEW_READS,
    note_gate,
    participant_gate,
    review_gate,
)
from apps.reviews.states import ParticipantState, ReviewState
from tests.visibility.company import Seat

Line = tuple[Gate, tuple[str, ...], Any]
NOT_THE_PERSON = tuple(name for name in PACKET_READS if name != "read_packet")


def _handed_in(seat: Seat) -> bool:
    return bool(seat.given.state == ReviewState.SUBMITTED)


def _out(seat: Seat) -> bool:
    return bool(seat.participant.state != ParticipantState.ACTIVE)


def _packet(seat: Seat) -> list[Line]:
    """What stands in the manager review: read there by its author, and in the packet once it is in."""
    there: list[Line] = [(review_gate, REVIEW_READS, seat.given)]
    if _handed_in(seat):
        there.append((participant_gate, PACKET_READS, seat.participant))
    return there


def _committee(seat: Seat, action: str = "read_item") -> list[Line]:
    return [(item_gate, (action,), seat.item)] if _handed_in(seat) else []


def _by_peers(seat: Seat) -> list[Line]:
    """From a seat too: that room's row, and then the answers' own, which all of these pass."""
    return [
        (answer_gate, READS_OF_TEXT, seat.by_peer),
        (item_gate, ("read_item_feedback",), seat.item),
    ]


def _figures_of_team(seat: Seat) -> list[Line]:
    return [
        (answer_gate, (*READS_OF_TEXT, *READS_SCORES), seat.by_team),
        (item_gate, ("read_item_feedback",), seat.item),
    ]


def _calibration(seat: Seat) -> list[Line]:
    shown = PACKET_READS if seat.participant.cycle.show_calibration else NOT_THE_PERSON
    return [(participant_gate, shown, seat.participant), (item_gate, ("read_item",), seat.item)]


def _disputed(seat: Seat) -> bool:
    return seat.participant.state in {ParticipantState.DISPUTED, ParticipantState.SETTLED}


def _settled(seat: Seat) -> bool:
    return bool(seat.participant.state == ParticipantState.SETTLED)


def _for_the_three(seat: Seat) -> list[Line]:
    return [(participant_gate, ("read_dispute",), seat.participant)]


def _in_packet(seat: Seat) -> list[Line]:
    return [(participant_gate, PACKET_READS, seat.participant)]


Lines = Callable[[Seat], list[Line]]
When = Callable[[Seat], bool]


def _always(_: Seat) -> bool:
    return True


# Item to (the lines that let somebody read it, whether it exists in this phase).
ITEMS: dict[str, tuple[Lines, When]] = {
    "status": (lambda s: [(participant_gate, ("see_status",), s.participant)], _always),
    "self_review": (lambda s: [(review_gate, REVIEW_READS, s.own)], _always),
    "manager_review": (lambda s: _packet(s) + _committee(s), _always),
    "rating": (_packet, _always),
    "answer": (_packet, _always),
    "linked_note": (lambda s: [*_packet(s), (note_gate, NOTE_READS, s.linked)], _always),
    "private_note": (
        lambda s: [(review_gate, ("read_own",), s.given), *_committee(s, "read_item_note")],
        _always,
    ),
    "promotion": (lambda s: [(review_gate, ("read_own",), s.given), *_committee(s)], _always),
    "peer_text": (_by_peers, _always),
    "peer_figures": (_by_peers, _always),
    "team_text": (lambda s: [(answer_gate, READS_OF_TEXT, s.by_team)], _always),
    "team_figures": (_figures_of_team, _always),
    "calibration": (_calibration, _handed_in),
    "goal": (
        lambda s: [(participant_gate, ("edit_goals", *PACKET_READS), s.participant)],
        _always,
    ),
    "withdrawal": (
        lambda s: [(participant_gate, ("read_withdrawal", *PACKET_READS), s.participant)],
        lambda s: _handed_in(s) and not _out(s),
    ),
    "talk": (lambda s: [(participant_gate, ("see_status",), s.participant)], _out),
    "reply": (_in_packet, _out),
    "dispute": (_for_the_three, _disputed),
    "dispute_answer": (_for_the_three, _disputed),
    "outcome": (_for_the_three, _settled),
    "dispute_change": (_in_packet, _settled),
}
NOTES = ("own_note", "own_note_shared", "manager_note", "manager_note_shared")


def allowed_by_python(viewer: Viewer, lines: list[Line]) -> bool:
    return any(gate.may(viewer, row, obj) for gate, rows, obj in lines for row in rows)


def allowed_by_sql(viewer: Viewer, lines: list[Line]) -> bool:
    return any(
        gate.visible(viewer, type(obj)._default_manager.all(), *rows).filter(pk=obj.pk).exists()
        for gate, rows, obj in lines
    )
