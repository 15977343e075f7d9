"""Release in waves: how many packets are ready in each department, or with each manager, and what
keeps the others back. Statuses only: nobody reads a rating here."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Case, CharField, Count, F, Q, Value, When
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from apps.core.access import Viewer
from apps.reviews.access import cycle_gate
from apps.reviews.models import Cycle, Participant
from apps.reviews.rules.packets import hold_sentence
from apps.reviews.states import DELIVERED, CycleState, Hold, ParticipantState
from apps.reviews.steps import Step, steps_of

DEPARTMENT, MANAGER = "department", "manager"
GROUPS_SHOWN = 50
PEOPLE_SHOWN = 50
NOBODY = 0  # the key of people without a department, or without a manager
OUT, READY, OWN = "out", "ready", "own"


@dataclass(frozen=True)
class HeldBack:
    """How many are kept back by one thing. `hold` is a Hold, or "own" for the viewer's packet."""

    hold: str
    label: str
    people: int


@dataclass
class WaveGroup:
    """A department, or the people of one manager."""

    key: int
    name: str
    released: int = 0
    ready: int = 0
    held: dict[str, int] = field(default_factory=dict)

    @property
    def held_back(self) -> int:
        return sum(self.held.values())

    @property
    def people(self) -> int:
        return self.released + self.ready + self.held_back

    @property
    def reasons(self) -> list[HeldBack]:
        return [HeldBack(h, _label(h), n) for h, n in sorted(self.held.items())]


@dataclass(frozen=True)
class HeldPerson:
    participant: Participant
    sentence: str


@dataclass(frozen=True)
class Waves:
    cycle: Cycle
    steps: list[Step]
    of: str
    groups: Page
    total: WaveGroup
    chosen: int | None
    chosen_name: str
    held: Page | None
    is_delivering: bool


def waves(
    viewer: Viewer,
    *,
    cycle_id: int,
    of: str = DEPARTMENT,
    chosen: int | None = None,
    number: str | int = 1,
) -> Waves:
    """3 queries: the cycle, its phases, the counts; 2 more for the people kept back in a chosen group.

    Arguments: `of` "department" or "manager"; `chosen` the key of a group, 0 for people without one;
    `number` of the page, of groups or of people. HR only: for everybody else there is no such page.
    """
    cycle = cycle_in_waves(viewer, cycle_id=cycle_id)
    of = of if of in (DEPARTMENT, MANAGER) else DEPARTMENT
    everybody = _with_where(viewer, cycle)
    groups, total = _groups(everybody, of)
    one = next((group for group in groups if group.key == chosen), None)
    held = None
    if one is not None:
        held = Paginator(_held(everybody, of, one.key), PEOPLE_SHOWN).get_page(number)
        held.object_list = [_person(row) for row in held.object_list]
    return Waves(
        cycle=cycle,
        steps=steps_of(cycle),
        of=of,
        groups=Paginator(groups, GROUPS_SHOWN).get_page(1 if one else number),
        total=total,
        chosen=one.key if one else None,
        chosen_name=one.name if one else "",
        held=held,
        is_delivering=cycle.state == CycleState.DELIVERY,
    )


def cycle_in_waves(viewer: Viewer, *, cycle_id: int) -> Cycle:
    """2 queries: a launched cycle and its phases, for HR; 404 for everybody else."""
    return get_object_or_404(
        cycle_gate.visible(viewer, Cycle.objects.all(), "prepare_cycle")
        .exclude(launched_at=None)
        .prefetch_related("phases"),
        pk=cycle_id,
    )


def _with_where(viewer: Viewer, cycle: Cycle) -> Any:
    """Everybody who takes part, with `where`: "out", "ready", "own", or the Hold of each."""
    rows = Participant.objects.visible_to(viewer).filter(cycle=cycle)
    return (
        rows.exclude(state=ParticipantState.EXCUSED)
        .with_waits()
        .with_hindrances()
        .with_hold()
        .annotate(
            where=Case(
                When(state__in=[s.value for s in DELIVERED], then=Value(OUT)),
                When(~Q(hold=""), then=F("hold")),
                # PRIVACY: nobody lets their own packet go.
                When(person=viewer.person_id, then=Value(OWN)),
                default=Value(READY),
                output_field=CharField(),
            )
        )
    )


def _groups(everybody: Any, of: str) -> tuple[list[WaveGroup], WaveGroup]:
    """The groups by name, people without one last, and all together. 1 query."""
    rows = (
        everybody.order_by()
        .values_list(f"{of}_id", f"{of}__name", "where")
        .annotate(people=Count("pk"))
    )
    groups: dict[int, WaveGroup] = {}
    total = WaveGroup(NOBODY, "")
    for key, name, where, people in rows:
        group = groups.setdefault(key or NOBODY, WaveGroup(key or NOBODY, name or ""))
        for one in (group, total):
            if where == OUT:
                one.released += people
            elif where == READY:
                one.ready += people
            else:
                one.held[where] = one.held.get(where, 0) + people
    return sorted(groups.values(), key=lambda g: (g.key == NOBODY, g.name, g.key)), total


def _held(everybody: Any, of: str, key: int) -> Any:
    return (
        everybody.filter(**{of: key or None})
        .exclude(where__in=[OUT, READY])
        .select_related("person", "manager", "level")
        .order_by("person__name", "pk")
    )


def _person(row: Any) -> HeldPerson:
    own = _label(OWN) if row.where == OWN else ""
    return HeldPerson(row, own or hold_sentence(row.where))


def _label(hold: str) -> str:
    return _("Your own; somebody else releases it.") if hold == OWN else str(Hold(hold).label)
