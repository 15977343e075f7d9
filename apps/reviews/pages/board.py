"""The board of a cycle: who is where, what each waits for, and what moved since the launch."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, Q
from django.shortcuts import get_object_or_404

from apps.core.access import Answer, Viewer
from apps.people.models import Person
from apps.reviews.access import cycle_gate, participant_gate
from apps.reviews.models import Cycle, Participant
from apps.reviews.states import CycleState, Waits
from apps.reviews.steps import Step, steps_of

PER_PAGE = 50
MOVES_SHOWN = 12
FOUND_SHOWN = 8
NO_DEPARTMENT = 0
# What each wait means for a department's progress: everything that is no longer being written.
WRITTEN = {
    Waits.DELIVERY,
    Waits.RELEASE,
    Waits.ACKNOWLEDGEMENT,
    Waits.DECISION,
    Waits.NOTHING,
}
TONES = {
    Waits.MANAGER: "bad",
    Waits.DECISION: "warn",
    Waits.RELEASE: "accent",
    Waits.DELIVERY: "good",
    Waits.NOTHING: "good",
}


@dataclass(frozen=True)
class BoardFilter:
    """What stands in the address. `department` is a key, 0 for people without one."""

    department: int | None = None
    waits: str = ""
    search: str = ""

    @property
    def is_on(self) -> bool:
        return self.department is not None or bool(self.waits or self.search)


@dataclass(frozen=True)
class BoardRow:
    participant: Participant
    waits: str
    tone: str
    may_release: Answer
    hindrance: str
    note: str
    may_read: bool

    @property
    def can_be_chosen(self) -> bool:
        return bool(self.may_release) and not self.hindrance


@dataclass(frozen=True)
class Progress:
    """How far a department is: people, and those whose manager review is in."""

    key: int
    name: str
    people: int
    written: int


@dataclass(frozen=True)
class WaitTab:
    waits: str
    label: str
    count: int


@dataclass(frozen=True)
class Moved:
    """Somebody who moved since the launch, with what HR can answer."""

    participant: Participant
    has_left: bool
    new_manager: bool
    new_level: bool


@dataclass(frozen=True)
class Changes:
    moved: list[Moved] = field(default_factory=list)
    joined: list[Person] = field(default_factory=list)
    found: list[Person] = field(default_factory=list)
    more: bool = False

    @property
    def is_empty(self) -> bool:
        return not (self.moved or self.joined)


@dataclass(frozen=True)
class CycleBoard:
    cycle: Cycle
    steps: list[Step]
    rows: Page
    tabs: list[WaitTab]
    departments: list[Progress]
    chosen: BoardFilter
    total: int
    is_hr: bool
    is_delivering: bool
    may_release_any: bool
    may_add: Answer
    changes: Changes
    who: str


def cycle_board(
    viewer: Viewer,
    *,
    cycle_id: int,
    on: date,
    chosen: BoardFilter | None = None,
    number: str | int = 1,
    who: str = "",
) -> CycleBoard:
    """At most 8 queries: cycle, phases, counts, keys, rows; how many when searched; for HR the
    moved, the joined and, unless searched, the found. The gate decides whose rows these are."""
    chosen = chosen or BoardFilter()
    who = "" if chosen.search else who  # one is looked for at a time
    cycle = get_object_or_404(
        Cycle.objects.visible_to(viewer).prefetch_related("phases"), pk=cycle_id
    )
    is_hr = bool(cycle_gate.may(viewer, "prepare_cycle", cycle))
    everybody = Participant.objects.visible_to(viewer).filter(cycle=cycle)
    if not is_hr:
        # A manager's board is about the people they look after; their own row is on "my reviews".
        everybody = everybody.exclude(person=viewer.person_id)
    counts = _counts(everybody.with_waits())
    delivering = cycle.state == CycleState.DELIVERY
    page = _page(_chosen(everybody, chosen), counts, chosen, number)
    # First which fifty, then all about them, in two queries: in one, PostgreSQL joins ten thousand
    # wide rows before it sorts them, and takes ten times as long.
    rows = _with_everything([row["pk"] for row in page.object_list])
    if delivering:
        rows = rows.with_hindrances()
    lines = [_row(viewer, cycle, participant, delivering) for participant in rows]
    page.object_list = lines
    may_add = cycle_gate.may(viewer, "add_participant", cycle)
    return CycleBoard(
        cycle=cycle,
        steps=steps_of(cycle),
        rows=page,
        tabs=_tabs(counts, chosen),
        departments=_progress(counts),
        chosen=chosen,
        total=sum(counts.values()),
        is_hr=is_hr,
        is_delivering=delivering,
        may_release_any=any(line.can_be_chosen for line in lines),
        may_add=may_add,
        changes=_changes(cycle, everybody, on, who) if may_add else Changes(),
        who=who,
    )


def _with_everything(chosen: Any) -> Any:
    """The rows of a slice of keys, with all that the board shows and the gate asks about."""
    return (
        Participant.objects.filter(pk__in=chosen)
        .select_related(
            "person__manager__manager",
            "person__level",
            "manager",
            "level",
            "department",
            "role_profile",
        )
        .with_waits()
        .order_by("person__name", "pk")
    )


Counted = dict[tuple[int, str, str], int]


def _counts(everybody: Any) -> Counted:
    """(department key, its name, waits) to people. 1 query."""
    rows = (
        everybody.order_by()
        .values_list("department_id", "department__name", "waits")
        .annotate(Count("pk"))
    )
    return {(key or NO_DEPARTMENT, name or "", waits): count for key, name, waits, count in rows}


def _chosen(everybody: Any, chosen: BoardFilter) -> Any:
    """The keys of those who fit, in the order of the board."""
    rows = everybody
    if chosen.department is not None:
        rows = rows.filter(department=chosen.department or None)
    if chosen.waits:
        rows = rows.with_waits().filter(waits=chosen.waits)
    if chosen.search:
        rows = rows.filter(
            Q(person__name__icontains=chosen.search) | Q(manager__name__icontains=chosen.search)
        )
    return rows.order_by("person__name", "pk").values("pk")


class _Counted(Paginator):
    """A paginator that knows how many there are, so that the database counts once."""

    def __init__(self, rows: Any, per_page: int, known: int) -> None:
        super().__init__(rows, per_page)
        self.count = known  # type: ignore[misc]  # a cached property of the parent


def _page(rows: Any, counts: Counted, chosen: BoardFilter, number: str | int) -> Page:
    if chosen.search:
        return Paginator(rows, PER_PAGE).get_page(number)
    known = sum(
        count
        for (department, _, waits), count in counts.items()
        if chosen.department in (None, department) and chosen.waits in ("", waits)
    )
    return _Counted(rows, PER_PAGE, known).get_page(number)


def _row(viewer: Viewer, cycle: Cycle, participant: Participant, delivering: bool) -> BoardRow:
    participant.cycle = cycle  # the same object, so that the gate asks the database nothing
    row: Any = participant
    waits = Waits(row.waits)
    may = participant_gate.may(viewer, "release_packet", participant)
    hindrance = participant.hindrance() if delivering and may else ""
    return BoardRow(
        participant=participant,
        waits=str(waits.label),
        tone=TONES.get(waits, ""),
        may_release=may,
        hindrance=hindrance,
        # Where the state says it already, the sentence would say it twice.
        note=hindrance if waits == Waits.RELEASE else "",
        may_read=bool(participant_gate.may(viewer, "read_packet_above", participant))
        or bool(participant_gate.may(viewer, "read_packet_content", participant)),
    )


def _tabs(counts: Counted, chosen: BoardFilter) -> list[WaitTab]:
    totals: dict[str, int] = {}
    for (department, _, waits), count in counts.items():
        if chosen.department in (None, department):
            totals[waits] = totals.get(waits, 0) + count
    return [WaitTab(w.value, str(w.label), totals[w.value]) for w in Waits if w.value in totals]


def _progress(counts: Counted) -> list[Progress]:
    people: dict[tuple[str, int], list[int]] = {}
    for (key, name, waits), count in counts.items():
        if waits == Waits.EXCUSED:
            continue
        line = people.setdefault((name, key), [0, 0])
        line[0] += count
        line[1] += count if waits in WRITTEN else 0
    return [Progress(key, name, *line) for (name, key), line in sorted(people.items())]


def _changes(cycle: Cycle, everybody: Any, on: date, who: str) -> Changes:
    """2 queries, 3 when somebody is looked for by name."""
    changed = everybody.changed_since_launch(on=on).order_by("person__name", "pk")
    moved = list(
        _with_everything(changed.values("pk")[: MOVES_SHOWN + 1]).changed_since_launch(on=on)
    )
    outside = Person.objects.employed(on=on).exclude(participations__cycle=cycle)
    joined = list(
        outside.filter(department__in=cycle.departments.all())
        .exclude(hired_on__gt=on)
        .select_related("department", "manager")[: MOVES_SHOWN + 1]
    )
    found = (
        list(outside.filter(name__icontains=who).select_related("department")[:FOUND_SHOWN])
        if who
        else []
    )
    return Changes(
        moved=[Moved(p, p.has_left, p.moved_manager, p.moved_level) for p in moved[:MOVES_SHOWN]],
        joined=joined[:MOVES_SHOWN],
        found=found,
        more=len(moved) > MOVES_SHOWN or len(joined) > MOVES_SHOWN,
    )
