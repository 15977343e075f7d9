"""The board of a cycle: who is where, what each waits for, since when, and until when."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import CharField, Count, F, Subquery, Value
from django.db.models.functions import Cast
from django.shortcuts import get_object_or_404
from django.utils import formats
from django.utils.translation import gettext as _

from apps.core.access import Answer, Viewer
from apps.ladders.models import Level
from apps.people.models import Location, Person
from apps.reviews.access import cycle_gate, participant_gate
from apps.reviews.models import Cycle, Participant, due_on
from apps.reviews.models.extensions import running_of
from apps.reviews.pages.board_filter import (
    DUE_IN,
    NOBODY,
    BoardFilter,
    Head,
    chosen_of,
    heads,
    is_late,
)
from apps.reviews.states import CycleState, Phase, ReviewState, Waits
from apps.reviews.steps import Step, steps_of

PER_PAGE = 50
MOST_IN_A_FILE = 20_000
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
class BoardRow:
    participant: Participant
    waits: str
    tone: str
    since: date | datetime | None
    due_on: date | None
    note: str
    may_read: bool


@dataclass(frozen=True)
class Progress:
    """How far a department is: people, those whose manager review is in, and those who are late."""

    key: int
    name: str
    people: int
    written: int
    late: int
    url: str


@dataclass(frozen=True)
class WaitTab:
    waits: str
    label: str
    count: int
    url: str


@dataclass(frozen=True)
class Deed:
    """Something that can be done for many at once."""

    name: str
    label: str


@dataclass(frozen=True)
class CycleBoard:
    cycle: Cycle
    steps: list[Step]
    rows: Page
    heads: Mapping[str, Head]
    tabs: list[WaitTab]
    departments: list[Progress]
    locations: list[tuple[int, str]]
    levels: list[tuple[int, str]]
    chosen: BoardFilter
    manager: str
    total: int
    late: int
    fitting: int
    all_url: str
    late_url: str
    file_url: str
    deeds: list[Deed]
    is_hr: bool
    may_change: Answer


def cycle_board(
    viewer: Viewer,
    *,
    cycle_id: int,
    on: date,
    chosen: BoardFilter | None = None,
    number: str | int = 1,
) -> CycleBoard:
    """At most 8 queries: cycle, phases, counts, keys, rows, places and levels; how many, unless the
    counts know it; the name of the manager who is chosen. The gate decides whose rows these are.

    How many changed is asked by a request of its own: it costs as much as all of these together.
    """
    cycle = _cycle(viewer, cycle_id)
    chosen = allowed(viewer, cycle, chosen or BoardFilter())
    everybody = people_on_board(viewer, cycle)
    is_hr = bool(cycle_gate.may(viewer, "prepare_cycle", cycle))
    counts = _counts(everybody, cycle, on)
    page = _page(chosen_of(everybody, cycle, chosen, on).values("pk"), counts, chosen, number)
    # First which fifty, then all about them, in two queries: in one, PostgreSQL joins ten thousand
    # wide rows before it sorts them, and takes ten times as long.
    found = _with_everything([row["pk"] for row in page.object_list], cycle)
    page.object_list = [_row(viewer, cycle, participant) for participant in found]
    locations, levels = _places_and_levels(everybody) if is_hr else ([], [])
    return CycleBoard(
        cycle=cycle,
        steps=steps_of(cycle),
        rows=page,
        heads=heads(chosen),
        tabs=_tabs(counts, chosen),
        departments=_progress(counts, chosen),
        locations=locations,
        levels=levels,
        chosen=chosen,
        manager=_manager(viewer, chosen),
        total=sum(people for people, _late in counts.values()),
        late=sum(late for _people, late in counts.values()),
        fitting=page.paginator.count,
        all_url=chosen.address(waits="", late=False, moved=False),
        late_url=chosen.address(late=not chosen.late, waits=""),
        file_url=chosen.address(),
        deeds=_deeds(cycle, is_hr),
        is_hr=is_hr,
        may_change=cycle_gate.may(viewer, "add_participant", cycle),
    )


def _cycle(viewer: Viewer, cycle_id: int) -> Cycle:
    return get_object_or_404(
        Cycle.objects.visible_to(viewer).prefetch_related("phases"), pk=cycle_id
    )


def people_on_board(viewer: Viewer, cycle: Cycle) -> Any:
    """Whose rows this viewer's board has; no query."""
    everybody = Participant.objects.visible_to(viewer).filter(cycle=cycle)
    if not cycle_gate.may(viewer, "prepare_cycle", cycle):
        # A manager's board is about the people they look after; their own row is on "my reviews".
        everybody = everybody.exclude(person=viewer.person_id)
    return everybody


def allowed(viewer: Viewer, cycle: Cycle, chosen: BoardFilter) -> BoardFilter:
    """PRIVACY: who changed, and with it who is on leave, is narrowed down by HR alone."""
    return (
        chosen if cycle_gate.may(viewer, "prepare_cycle", cycle) else replace(chosen, moved=False)
    )


def _with_everything(keys: Sequence[int], cycle: Cycle) -> list[Participant]:
    """The rows of these keys in their order, with all that the board shows and the gate asks."""
    rows: Any = (
        Participant.objects.filter(pk__in=keys)
        .select_related(
            "person__manager__manager",
            "manager",
            "level",
            "department",
            "location",
            "role_profile",
        )
        .with_waits(cycle)
        .annotate(
            self_due=due_on(Phase.COLLECTION, ""),
            rating_due=due_on(Phase.MANAGER_REVIEW, ""),
            self_until=Subquery(running_of(Phase.COLLECTION, to="").values("due_on")[:1]),
            self_at=F("own_review__submitted_at"),
            rated_at=F("given_review__submitted_at"),
            disputed_at=F("dispute__opened_at"),
        )
        .defer("reply")
    )
    if cycle.state == CycleState.DELIVERY:
        rows = rows.with_hindrances()
    by_key = {row.pk: row for row in rows}
    found = [by_key[key] for key in keys if key in by_key]
    for participant in found:
        participant.cycle = cycle  # the same object, so that the gate asks the database nothing
    return found


# Department key, its name, waits: to how many people, and how many of them are late.
Counted = dict[tuple[int, str, str], tuple[int, int]]


def _counts(everybody: Any, cycle: Cycle, on: date) -> Counted:
    """1 query."""
    late = is_late(cycle, on)
    rows = (
        everybody.with_waits(cycle)
        .order_by()
        .values_list("department_id", "department__name", "waits")
        .annotate(
            people=Count("pk"),
            late=Count("pk", filter=late) if late is not None else Value(0),
        )
    )
    return {(key or NOBODY, name or "", waits): (n, late) for key, name, waits, n, late in rows}


class _Counted(Paginator):
    """A paginator that knows how many there are, so that the database counts once."""

    def __init__(self, rows: Any, per_page: int, known: int) -> None:
        super().__init__(rows, per_page)
        self.count = known  # type: ignore[misc]  # a cached property of the parent


def _page(rows: Any, counts: Counted, chosen: BoardFilter, number: str | int) -> Page:
    if not chosen.is_counted:
        return Paginator(rows, PER_PAGE).get_page(number)
    known = sum(
        late if chosen.late else people
        for (department, _name, waits), (people, late) in counts.items()
        if chosen.department in (None, department) and chosen.waits in ("", waits)
    )
    return _Counted(rows, PER_PAGE, known).get_page(number)


def _row(viewer: Viewer, cycle: Cycle, participant: Participant) -> BoardRow:
    row: Any = participant
    waits = Waits(row.waits)
    delivering = cycle.state == CycleState.DELIVERY
    note = participant.hindrance() if delivering and waits == Waits.RELEASE else ""
    if row.self_until and row.self_state == ReviewState.DRAFT and waits != Waits.SELF_REVIEW:
        day = formats.date_format(row.self_until, "j M")
        note = note or _("Self review until %(day)s") % {"day": day}
    return BoardRow(
        participant=participant,
        waits=str(waits.label),
        tone=TONES.get(waits, ""),
        since=_since(cycle, waits, row),
        due_on=_due(cycle, waits, row),
        note=note,
        may_read=bool(participant_gate.may(viewer, "read_packet_above", participant))
        or bool(participant_gate.may(viewer, "read_packet_content", participant)),
    )


def _since(cycle: Cycle, waits: Waits, row: Any) -> date | datetime | None:
    """Since when the row waits for it: the phase's first day, or what came before it."""
    opened = {phase.kind: phase.opens_on for phase in cycle.phases.all()}
    return {
        Waits.PEERS: opened.get(Phase.NOMINATION),
        Waits.SELF_REVIEW: opened.get(Phase.COLLECTION),
        Waits.NEXT_PHASE: row.self_at,
        Waits.MANAGER_REVIEW: opened.get(Phase.MANAGER_REVIEW),
        Waits.DELIVERY: row.rated_at,
        Waits.RELEASE: opened.get(Phase.DELIVERY),
        Waits.ACKNOWLEDGEMENT: row.released_at,
        Waits.DECISION: row.disputed_at,
    }.get(waits)


def _due(cycle: Cycle, waits: Waits, row: Any) -> date | None:
    if waits == Waits.SELF_REVIEW:
        return row.self_due
    if waits == Waits.MANAGER_REVIEW:
        return row.rating_due
    return next((p.due_on for p in cycle.phases.all() if p.kind == DUE_IN.get(waits)), None)


def _tabs(counts: Counted, chosen: BoardFilter) -> list[WaitTab]:
    totals: dict[str, int] = {}
    for (department, _name, waits), (people, _late) in counts.items():
        if chosen.department in (None, department):
            totals[waits] = totals.get(waits, 0) + people
    return [
        WaitTab(w.value, str(w.label), totals[w.value], chosen.address(waits=w.value, late=False))
        for w in Waits
        if w.value in totals
    ]


def _progress(counts: Counted, chosen: BoardFilter) -> list[Progress]:
    people: dict[tuple[str, int], list[int]] = {}
    for (key, name, waits), (count, late) in counts.items():
        if waits == Waits.EXCUSED:
            continue
        line = people.setdefault((name, key), [0, 0, 0])
        line[0] += count
        line[1] += count if waits in WRITTEN else 0
        line[2] += late
    return [
        Progress(key, name, all_of, written, late, chosen.address(department=key))
        for (name, key), (all_of, written, late) in sorted(people.items())
    ]


def _places_and_levels(everybody: Any) -> tuple[list[tuple[int, str]], list[tuple[int, str]]]:
    """Those that occur, for two short lists to choose from. 1 query."""
    there = everybody.order_by()
    places = Location.objects.filter(pk__in=there.values("location")).order_by()
    levels = Level.objects.filter(pk__in=there.values("level")).order_by()
    text, blank = CharField(), Value("", output_field=CharField())
    rows = places.values_list(
        Value("place", output_field=text), "pk", Cast("name", text), blank
    ).union(
        levels.values_list(
            Value("level", output_field=text), "pk", Cast("title", text), Cast("code", text)
        ),
        all=True,
    )
    found = sorted((what, code, name, pk) for what, pk, name, code in rows)
    named = [(what, pk, f"{code} {name}".strip()) for what, code, name, pk in found]
    return (
        [(pk, name) for what, pk, name in named if what == "place"],
        [(pk, name) for what, pk, name in named if what == "level"],
    )


def _manager(viewer: Viewer, chosen: BoardFilter) -> str:
    """The name of the manager by whom the board is narrowed. At most 1 query."""
    if not chosen.manager:
        return ""
    return Person.objects.filter(pk=chosen.manager).values_list("name", flat=True).first() or ""


def _deeds(cycle: Cycle, is_hr: bool) -> list[Deed]:
    """What can be done for many; each says for whom and for whom not before it is done."""
    deeds = []
    if cycle.state == CycleState.DELIVERY:
        deeds.append(Deed("release", _("Release")))
    if is_hr and cycle.state in Phase.values:
        many = {"remind": _("Remind"), "more_time": _("More time"), "excuse": _("Excuse")}
        deeds += [Deed(name, label) for name, label in many.items()]
    return deeds


# --- as a file ----------------------------------------------------------------------------------------


def board_lines(
    viewer: Viewer, *, cycle_id: int, on: date, chosen: BoardFilter
) -> tuple[Cycle, list[str], Iterator[list[Any]]]:
    """The cycle, the head and the lines of the board as a file, in its order. 3 queries for every
    500 people, at most 20,000 of them."""
    cycle = _cycle(viewer, cycle_id)
    chosen = allowed(viewer, cycle, chosen)
    rows = chosen_of(people_on_board(viewer, cycle), cycle, chosen, on)
    keys = list(rows.values_list("pk", flat=True)[:MOST_IN_A_FILE])
    head = [
        _("Name"), _("Now"), _("Since"), _("Due"), _("Days late"), _("Level"), _("Manager"),
        _("Department"), _("Location"), _("Note"),
    ]  # fmt: skip
    return cycle, head, _file_lines(viewer, cycle, keys, on)


def _file_lines(viewer: Viewer, cycle: Cycle, keys: Sequence[int], on: date) -> Iterator[list[Any]]:
    for start in range(0, len(keys), 500):
        for participant in _with_everything(keys[start : start + 500], cycle):
            row = _row(viewer, cycle, participant)
            late = max(0, (on - row.due_on).days) if row.due_on else 0
            yield [
                participant.person.name,
                row.waits,
                row.since.date() if isinstance(row.since, datetime) else row.since,
                row.due_on,
                late or None,
                str(participant.level or participant.role_profile or ""),
                participant.manager.name if participant.manager else "",
                participant.department.name if participant.department else "",
                participant.location.name if participant.location else "",
                row.note,
            ]
