"""How much is asked of whom in one cycle, and what would even it out; for HR.

PRIVACY: counts of what is asked, whatever came of it, and no giver by name. HR accepts the whole or
nothing; each person's manager still decides on each request.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q
from django.shortcuts import get_object_or_404
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from apps.core.access import Answer, Viewer
from apps.core.charts import Bar, distribution
from apps.feedback.access import perspective_gate
from apps.feedback.models import Perspective, Request, on_board
from apps.feedback.rules import peers_wanted, shown_state
from apps.feedback.rules.balancing import Balance, Need, balanced
from apps.feedback.states import (
    COUNTED,
    OUT,
    STILL_ASKED,
    Mode,
    PerspectiveKind,
    RequestState,
)
from apps.people.models import Person
from apps.reviews.models import Cycle, Participant
from apps.reviews.states import ParticipantState

# As many as a person could know well; more would only make the question larger.
MOST_CANDIDATES, FROM_EARLIER_CYCLES, MOST_NAMES = 30, 2, 50
STANDING = (*COUNTED, RequestState.PROPOSED)


@dataclass(frozen=True)
class Load:
    """How many people are asked for `load` feedbacks, before and after."""

    load: int
    before: int
    after: int


@dataclass(frozen=True)
class Lacking:
    """Somebody for whom `missing` could not be found."""

    participant_id: int
    person: str
    missing: int


@dataclass(frozen=True)
class Proposal:
    """What accepting would add: `asked` requests about `people` persons; `highest` the most that
    would be asked of anybody who is asked something more; `lacking` the first of `lacking_count`."""

    each: int
    asked: int
    people: int
    highest: int
    lacking: list[Lacking]
    lacking_count: int
    fingerprint: str


@dataclass(frozen=True)
class BalancePage:
    cycle: Cycle
    perspective: Perspective
    fewest: int
    most: int
    each: int
    people: int
    short: int
    loads: list[Load]
    chart: SafeString
    proposal: Proposal | None
    may_accept: Answer
    most_names: int

    @property
    def choices(self) -> range:
        return range(self.fewest, self.most + 1)


def balance(
    viewer: Viewer, *, cycle_id: int, on: date, each: int | None = None, propose: bool = False
) -> BalancePage:
    """5 queries; with `propose` 11, and the time to work it out (a second for 10,000 people).

    `each` is how many each person is to have at least, within what the cycle asks for.
    """
    perspective = _perspective(viewer, cycle_id)
    fewest, most = peers_wanted(perspective.mode, perspective.threshold)
    # Without names one more than the promise takes: somebody who declines must not hide the rest.
    usual = fewest + (perspective.mode == Mode.ANONYMOUS)
    each = min(max(each or usual, fewest), most)
    before = _loads(perspective)
    here = Person.objects.filter(on_board(on=on, least_days=perspective.least_days)).count()
    loads, proposal = dict(before), None
    may_accept = perspective_gate.may(viewer, "balance_requests", perspective)
    if propose and may_accept:
        found = worked_out(perspective, each=each, on=on)
        for _key, giver in found.added:
            loads[giver] = loads.get(giver, 0) + 1
        proposal = _proposal(found, each)
    rows = _rows(before, loads, here)
    return BalancePage(
        perspective.cycle,
        perspective,
        fewest,
        most,
        each,
        Participant.objects.filter(cycle=cycle_id, state=ParticipantState.ACTIVE).count(),
        _short(perspective, each),
        rows,
        _chart(rows, changed=proposal is not None),
        proposal,
        may_accept,
        MOST_NAMES,
    )


def perspective_to_balance(viewer: Viewer, *, cycle_id: int) -> Perspective:
    """1 query; 404 for everybody but HR process admins."""
    return _perspective(viewer, cycle_id)


def worked_out(perspective: Perspective, *, each: int, on: date) -> Balance:
    """The missing peers of everybody in the cycle. 5 queries, whatever its size."""
    standing: dict[int, set[int]] = defaultdict(set)
    known: dict[int, set[int]] = defaultdict(set)
    loads: dict[int, int] = defaultdict(int)
    requests = Request.objects.filter(perspective=perspective)
    for seat, giver, state in requests.values_list("participant_id", "giver_id", "state"):
        known[seat].add(giver)
        # PRIVACY: a decline counts only where it may be known; see rules.shown_state.
        if shown_state(state, perspective.mode, to_subject=False) in STILL_ASKED:
            standing[seat].add(giver)
        if state in STANDING:
            loads[giver] += 1
    near = _Near(perspective, on)
    needs = [
        Need(seat.pk, each - len(standing[seat.pk]), near.of(seat), known[seat.pk])
        for seat in Participant.objects.filter(
            cycle=perspective.cycle_id, state=ParticipantState.ACTIVE
        )
        .select_related(None)
        .order_by("pk")
        .only("pk", "person_id", "manager_id")
        if len(standing[seat.pk]) < each
    ]
    return balanced(needs, loads, budget=perspective.giver_budget)


def fingerprint(found: Balance, each: int) -> str:
    """The same for the same proposal, and for no other."""
    said = repr((each, found.added)).encode()
    return hashlib.sha256(said).hexdigest()


class _Near:
    """Who could be asked about whom, the nearest first: the team, the reports, who was asked in
    earlier cycles, the department, the line. Each begins beside the person in the order of keys and
    goes round, so that a large department is not always asked from its first name on."""

    def __init__(self, perspective: Perspective, on: date) -> None:
        people = Person.objects.order_by("pk")
        self.line: dict[int, tuple[int | None, int | None]] = {}
        self.team: dict[int | None, list[int]] = defaultdict(list)
        self.department: dict[int | None, list[int]] = defaultdict(list)
        rows = list(people.values_list("pk", "manager_id", "department_id"))
        here = people.filter(on_board(on=on, least_days=perspective.least_days))
        can_be_asked = set(here.values_list("pk", flat=True))
        for pk, manager, department in rows:
            self.line[pk] = (manager, department)
            if pk in can_be_asked:
                self.team[manager].append(pk)
                self.department[department].append(pk)
        self.place = {pk: n for group in self.team.values() for n, pk in enumerate(group)}
        self.desk = {pk: n for group in self.department.values() for n, pk in enumerate(group)}
        self.heads: dict[int | None, list[int]] = defaultdict(list)
        for pk, (above, _department) in self.line.items():
            if pk in self.team:
                self.heads[above].append(pk)
        self.earlier: dict[int, list[int]] = defaultdict(list)
        for about, giver in _pairs_of_earlier_cycles(perspective):
            if giver in can_be_asked:
                self.earlier[about].append(giver)

    def of(self, seat: Participant) -> tuple[int, ...]:
        person = seat.person_id
        manager, department = self.line[person]
        barred = {person, manager, seat.manager_id}
        found: dict[int, None] = {}
        for giver in self._in_order(person, manager, department):
            if giver not in barred:
                found[giver] = None
                if len(found) == MOST_CANDIDATES:
                    break
        return tuple(found)

    def _in_order(self, person: int, manager: int | None, department: int | None) -> Iterator[int]:
        if manager is not None:
            yield from _round(self.team[manager], self.place.get(person, 0))
        yield from self.team.get(person, ())
        yield from self.earlier.get(person, ())
        if department is not None:
            yield from _round(self.department[department], self.desk.get(person, 0))
        above = self.line.get(manager or 0, (None, None))[0]
        if above is not None:
            for head in self.heads[above]:
                yield from self.team[head]


def _round(people: Sequence[int], start: int) -> Iterator[int]:
    """The next ones after `start`, then from the beginning; no more than are ever looked at."""
    for step in range(1, min(len(people), 2 * MOST_CANDIDATES)):
        yield people[(start + step) % len(people)]


def _pairs_of_earlier_cycles(perspective: Perspective) -> Iterator[tuple[int, int]]:
    """(person, giver) of the last cycles that asked peers. PRIVACY: who was asked, as managers and HR
    know; never who answered."""
    last = (
        Perspective.objects.filter(kind=PerspectiveKind.PEER)
        .exclude(pk=perspective.pk)
        .order_by("-cycle__period_end", "-pk")
        .values("pk")[:FROM_EARLIER_CYCLES]
    )
    requests = Request.objects.filter(perspective__in=list(last.values_list("pk", flat=True)))
    yield from (
        requests.filter(state__in=OUT)
        .order_by("participant__person_id", "giver_id")
        .values_list("participant__person_id", "giver_id")
    )


def _perspective(viewer: Viewer, cycle_id: int) -> Perspective:
    rows = perspective_gate.visible(viewer, Perspective.objects.all(), "prepare_perspective")
    return get_object_or_404(
        rows.select_related("cycle"), cycle=cycle_id, kind=PerspectiveKind.PEER
    )


def _loads(perspective: Perspective) -> dict[int, int]:
    """What is asked of each, and proposed to be."""
    standing = Request.objects.filter(perspective=perspective, state__in=STANDING)
    return dict(standing.order_by().values_list("giver_id").annotate(n=Count("pk")))


def _short(perspective: Perspective, each: int) -> int:
    """How many have fewer. PRIVACY: what came of an anonymous request changes nothing here."""
    hidden = perspective.mode == Mode.ANONYMOUS
    states = [*STANDING] if hidden else [*STILL_ASKED]
    enough = Q(feedback_requests__perspective=perspective, feedback_requests__state__in=states)
    return (
        Participant.objects.filter(cycle=perspective.cycle_id, state=ParticipantState.ACTIVE)
        .annotate(standing=Count("feedback_requests", filter=enough))
        .filter(standing__lt=each)
        .count()
    )


def _proposal(found: Balance, each: int) -> Proposal:
    missing = dict(found.short)
    names = (
        Participant.objects.filter(pk__in=sorted(missing)[:MOST_NAMES])
        .order_by("person__name", "pk")
        .values_list("pk", "person__name")
    )
    return Proposal(
        each,
        len(found.added),
        len({key for key, _giver in found.added}),
        found.highest,
        [Lacking(pk, name, missing[pk]) for pk, name in names],
        len(missing),
        fingerprint(found, each),
    )


def _rows(before: Mapping[int, int], after: Mapping[int, int], here: int) -> list[Load]:
    first, then = Counter(before.values()), Counter(after.values())
    first[0], then[0] = max(0, here - len(before)), max(0, here - len(after))
    highest = max([0, *before.values(), *after.values()])
    return [Load(n, first[n], then[n]) for n in range(highest + 1)]


def _chart(rows: Sequence[Load], *, changed: bool) -> SafeString:
    bars = [
        Bar(label=str(row.load), count=row.after, before=row.before if changed else None)
        for row in rows
    ]
    return distribution(bars, _("People by how often they are asked"))
