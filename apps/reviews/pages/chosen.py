"""What a deed for many would do: for whom it can be done, for whom not and why, before it is done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.http import Http404
from django.utils.translation import gettext as _

from apps.core.access import Viewer
from apps.reviews.access import cycle_gate, participant_gate
from apps.reviews.models import Cycle, Participant
from apps.reviews.pages.board import allowed, people_on_board
from apps.reviews.pages.board_filter import BoardFilter, chosen_of
from apps.reviews.pages.participants import cycle_of
from apps.reviews.states import Phase, Waits

MOST_AT_ONCE = 500
RELEASE, MORE_TIME, EXCUSE, REMIND = "release", "more_time", "excuse", "remind"
GATE_ROWS = {
    RELEASE: "release_packet",
    MORE_TIME: "give_more_time",
    EXCUSE: "excuse_participant",
    REMIND: "see_status",  # who may mail is inbox's to say; here only HR is offered it
}
# What somebody can be reminded of; who chooses peers or gives feedback never is, in any mode.
REMINDED_OF = {
    Waits.SELF_REVIEW,
    Waits.MANAGER_REVIEW,
    Waits.RELEASE,
    Waits.ACKNOWLEDGEMENT,
    Waits.DECISION,
}


@dataclass(frozen=True)
class Refused:
    participant: Participant
    why: str


@dataclass(frozen=True)
class ChosenPage:
    cycle: Cycle
    deed: str
    phase: str
    able: list[Participant]
    refused: list[Refused]
    asked: int

    @property
    def left_over(self) -> int:
        """How many more were asked for than can be done at once."""
        return self.asked - len(self.able) - len(self.refused)


def chosen(
    viewer: Viewer,
    *,
    cycle_id: int,
    deed: str,
    keys: Sequence[int] = (),
    fitting: BoardFilter | None = None,
    phase: str = "",
    on: date,
) -> ChosenPage:
    """At most 5 queries, whether three are chosen or five hundred: cycle, phases, how many, keys, rows.

    Arguments: `keys` of participants, or `fitting` for all whom the board shows with this filter;
    `phase` for more time. 404 for an unknown deed, or when none of them is on this viewer's board.
    """
    cycle = cycle_of(viewer, cycle_id=cycle_id)
    if deed not in GATE_ROWS:
        raise Http404
    if deed == REMIND and not cycle_gate.may(viewer, "prepare_cycle", cycle):
        raise Http404
    everybody = people_on_board(viewer, cycle)
    rows = (
        chosen_of(everybody, cycle, allowed(viewer, cycle, fitting), on)
        if fitting is not None
        else everybody.filter(pk__in=set(keys)).order_by("person__name", "pk")
    )
    found = list(rows.values_list("pk", flat=True)[:MOST_AT_ONCE])
    if not found:
        raise Http404
    phase = phase if phase in {Phase.COLLECTION, Phase.MANAGER_REVIEW} else _phase_of(cycle)
    able: list[Participant] = []
    refused: list[Refused] = []
    for participant in _read(found, cycle, phase):
        if why := _why_not(viewer, participant, deed, phase):
            refused.append(Refused(participant, why))
        else:
            able.append(participant)
    asked = len(found) if len(found) < MOST_AT_ONCE else rows.count()
    return ChosenPage(cycle, deed, phase, able, refused, asked)


def _read(keys: Sequence[int], cycle: Cycle, phase: str) -> list[Participant]:
    rows = list(
        Participant.objects.filter(pk__in=keys)
        .select_related("person__manager__manager", "manager")
        .with_waits(cycle)
        .with_hindrances()
        .with_time(phase)
        .defer("reply")
        .order_by("person__name", "pk")
    )
    for row in rows:
        row.cycle = cycle
    return rows


def _phase_of(cycle: Cycle) -> str:
    """What more time is most likely for."""
    here = cycle.paused_from or cycle.state
    early = {Phase.NOMINATION, Phase.COLLECTION}
    return Phase.COLLECTION.value if here in early else Phase.MANAGER_REVIEW.value


def _why_not(viewer: Viewer, participant: Participant, deed: str, phase: str) -> str:
    answer = participant_gate.may(viewer, GATE_ROWS[deed], participant)
    if not answer:
        return answer.reason
    if deed == RELEASE:
        return participant.hindrance()
    if deed == REMIND and participant.waits not in REMINDED_OF:  # type: ignore[attr-defined]  # _read
        return _("Nothing is asked about them now.")
    return participant.time_hindrance(phase) if deed == MORE_TIME else ""
