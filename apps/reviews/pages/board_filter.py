"""What stands in the address of the board: whom it shows, and in which order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.db.models import Case, F, IntegerField, Q, QuerySet, Value, When
from django.utils.translation import gettext as _

from apps.reviews.models import Cycle, Extension, Participant, due_on
from apps.reviews.states import Phase, Waits

NOBODY = 0  # the key for people without a department, a place, a level or a manager
# The phase by whose end each wait should be over; the others have no day.
DUE_IN = {
    Waits.PEERS: Phase.NOMINATION,
    Waits.SELF_REVIEW: Phase.COLLECTION,
    Waits.MANAGER: Phase.MANAGER_REVIEW,
    Waits.MANAGER_REVIEW: Phase.MANAGER_REVIEW,
    Waits.RELEASE: Phase.DELIVERY,
    Waits.ACKNOWLEDGEMENT: Phase.DELIVERY,
}
COLUMNS = ("name", "waits", "due", "level", "manager", "department")


@dataclass(frozen=True)
class BoardFilter:
    """`department`, `location`, `level` and `manager` are keys, 0 for people without one; `sort` is
    one of COLUMNS, with a minus for the other way round."""

    department: int | None = None
    location: int | None = None
    level: int | None = None
    manager: int | None = None
    waits: str = ""
    search: str = ""
    late: bool = False
    moved: bool = False
    sort: str = "name"

    @property
    def is_on(self) -> bool:
        return replace(self, sort="name") != BoardFilter()

    @property
    def is_counted(self) -> bool:
        """Nothing narrows it that the counts of departments and waits do not know."""
        free = replace(self, department=None, waits="", late=False, sort="name")
        return free == BoardFilter()

    def fields(self) -> list[tuple[str, str]]:
        """What has to stand in the address, names and texts."""
        return [
            (name, "1" if value is True else str(value))
            for name, value in asdict(self).items()
            if value is not None and value is not False and value not in {"", "name"}
        ]

    def address(self, **changes: Any) -> str:
        """The query of this filter with something changed."""
        return "?" + urlencode(replace(self, **changes).fields())


@dataclass(frozen=True)
class Head:
    """The head of a column: where a press leads, and how it is sorted now."""

    name: str
    label: str
    url: str
    order: str  # of aria-sort


def heads(chosen: BoardFilter) -> Mapping[str, Head]:
    labels = {
        "name": _("Name"),
        "waits": _("Now"),
        "due": _("Due"),
        "level": _("Level"),
        "manager": _("Manager"),
        "department": _("Department"),
    }
    found = {}
    for name in COLUMNS:
        up, down = chosen.sort == name, chosen.sort == f"-{name}"
        url = chosen.address(sort=f"-{name}" if up else name)
        order = "ascending" if up else "descending" if down else "none"
        found[name] = Head(name, labels[name], url, order)
    return found


def is_late(cycle: Cycle, on: date) -> Q | None:
    """Whose day is over, for rows read with_waits(); None while nobody's can be. The days of grace
    are late days too, only forgiven ones."""
    over = {phase.kind for phase in cycle.phases.all() if phase.due_on < on}
    late: Q | None = None
    for waits, phase in DUE_IN.items():
        if phase in over:
            given = Extension.objects.running().filter(
                phase=phase, due_on__gte=on, participant__cycle=cycle
            )
            one = Q(waits=waits.value) & ~Q(pk__in=given.values("participant"))
            late = one if late is None else late | one
    return late


def chosen_of(
    everybody: QuerySet[Participant], cycle: Cycle, chosen: BoardFilter, on: date
) -> QuerySet[Participant]:
    """Those who fit, in the order of the board."""
    rows: Any = everybody
    for name in ("department", "location", "level", "manager"):
        if (key := getattr(chosen, name)) is not None:
            rows = rows.filter(**{f"{name}_id": key or None})
    if chosen.search:
        rows = rows.filter(
            Q(person__name__icontains=chosen.search) | Q(manager__name__icontains=chosen.search)
        )
    if chosen.moved:
        rows = rows.changed_since_launch(on=on)
    column = chosen.sort.removeprefix("-")
    if chosen.waits or chosen.late or column in {"waits", "due"}:
        rows = rows.with_waits(cycle)
    if chosen.waits:
        rows = rows.filter(waits=chosen.waits)
    if chosen.late:
        late = is_late(cycle, on)
        rows = rows.filter(late) if late is not None else rows.none()
    return rows.order_by(*_order(cycle, column, back=chosen.sort.startswith("-")))


def _order(cycle: Cycle, column: str, *, back: bool) -> list[Any]:
    by: Any = {
        "name": F("person__name"),
        "level": F("level__title"),
        "manager": F("manager__name"),
        "department": F("department__name"),
        "waits": Case(
            *(When(waits=w.value, then=Value(place)) for place, w in enumerate(Waits)),
            output_field=IntegerField(),
        ),
    }.get(column)
    if column == "due":
        by = Case(
            *(When(waits=waits.value, then=due_on(phase, "")) for waits, phase in DUE_IN.items())
        )
    first = by.desc(nulls_last=True) if back else by.asc(nulls_last=True)
    return [first, *(() if column == "name" else ("person__name",)), "pk"]
