"""Every read of cycles, participants and packets; the desk where a review is written is in `writing`."""

from apps.reviews.pages.board import BoardFilter, CycleBoard, cycle_board
from apps.reviews.pages.cycles import (
    CycleChoices,
    CycleList,
    CyclePage,
    CyclePlanPage,
    cycle,
    cycle_list,
    cycle_plan,
)
from apps.reviews.pages.kept import KeptPage, kept_words
from apps.reviews.pages.mine import MyReviews, my_reviews
from apps.reviews.pages.packets import Packet, packet, packet_preview
from apps.reviews.pages.participants import (
    ParticipantPage,
    cycle_of,
    goal,
    joiner,
    participant,
    status,
)

__all__ = [
    "BoardFilter",
    "CycleBoard",
    "CycleChoices",
    "CycleList",
    "CyclePage",
    "CyclePlanPage",
    "KeptPage",
    "MyReviews",
    "Packet",
    "ParticipantPage",
    "cycle",
    "cycle_board",
    "cycle_list",
    "cycle_of",
    "cycle_plan",
    "goal",
    "joiner",
    "kept_words",
    "my_reviews",
    "packet",
    "packet_preview",
    "participant",
    "status",
]
