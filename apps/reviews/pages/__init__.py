"""Every read of cycles, participants and packets; the desk where a review is written is in `writing`."""

from apps.reviews.pages.board import CycleBoard, board_lines, cycle_board
from apps.reviews.pages.board_filter import COLUMNS, BoardFilter
from apps.reviews.pages.changes import ChangesPage, change_counts, changes, changing_cycle
from apps.reviews.pages.choosing import (
    PopulationRule,
    addressed,
    choose_people,
    choose_person,
    edit_population,
)
from apps.reviews.pages.chosen import ChosenPage, chosen
from apps.reviews.pages.cycle_form import CycleForm, FormPreview, cycle_form, form_preview, question
from apps.reviews.pages.cycles import (
    CycleChoices,
    CycleList,
    CyclePage,
    CyclePlanPage,
    cycle,
    cycle_list,
    cycle_plan,
)
from apps.reviews.pages.disputes import NameArbiter, name_arbiter, third_person
from apps.reviews.pages.kept import KeptPage, kept_words
from apps.reviews.pages.mine import MyReviews, my_reviews
from apps.reviews.pages.owners import DelegatePage, delegate_review, taker
from apps.reviews.pages.packet_parts import RatingLine
from apps.reviews.pages.packets import Packet, packet, packet_preview
from apps.reviews.pages.participants import (
    ParticipantPage,
    cycle_of,
    joiner,
    participant,
    status,
)
from apps.reviews.pages.population import PopulationFilter, PopulationPage, population
from apps.reviews.pages.preflight import PreflightPage, preflight
from apps.reviews.pages.repeating import RepeatCycle, repeat_cycle
from apps.reviews.pages.waves import Waves, cycle_in_waves, waves
from apps.reviews.pages.weights import WeighAreas, Weighed, weigh_areas

__all__ = [
    "COLUMNS",
    "BoardFilter",
    "ChangesPage",
    "ChosenPage",
    "CycleBoard",
    "CycleChoices",
    "CycleForm",
    "CycleList",
    "CyclePage",
    "CyclePlanPage",
    "DelegatePage",
    "FormPreview",
    "KeptPage",
    "MyReviews",
    "NameArbiter",
    "Packet",
    "ParticipantPage",
    "PopulationFilter",
    "PopulationPage",
    "PopulationRule",
    "PreflightPage",
    "RatingLine",
    "RepeatCycle",
    "Waves",
    "WeighAreas",
    "Weighed",
    "addressed",
    "board_lines",
    "change_counts",
    "changes",
    "changing_cycle",
    "choose_people",
    "choose_person",
    "chosen",
    "cycle",
    "cycle_board",
    "cycle_form",
    "cycle_in_waves",
    "cycle_list",
    "cycle_of",
    "cycle_plan",
    "delegate_review",
    "edit_population",
    "form_preview",
    "joiner",
    "kept_words",
    "my_reviews",
    "name_arbiter",
    "packet",
    "packet_preview",
    "participant",
    "population",
    "preflight",
    "question",
    "repeat_cycle",
    "status",
    "taker",
    "third_person",
    "waves",
    "weigh_areas",
]
