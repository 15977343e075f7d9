"""How far a cycle is, by department or by manager: what is in, what was handed out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from operator import attrgetter
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, FilteredRelation, Q
from django.utils.safestring import SafeString
from django.utils.text import slugify
from django.utils.translation import gettext as _

from apps.core.access import Viewer
from apps.core.charts import Progress
from apps.core.charts import completion as completion_chart
from apps.feedback.states import OUT, Mode, RequestState
from apps.reports.access import completion_q, feedback_counts_q, is_hr, may_read_distribution
from apps.reports.pages.reports import reported_cycle
from apps.reports.pages.sheets import Sheet
from apps.reports.states import Grouping
from apps.reviews.models import Cycle, Participant
from apps.reviews.states import DELIVERED, CycleState, ReviewState

LINES_A_PAGE = 40
SELF_REVIEWS = (CycleState.NOMINATION, CycleState.COLLECTION)
HANDED_OUT = (CycleState.DELIVERY, CycleState.CLOSED, CycleState.ARCHIVED)
REVIEW_COUNTS = ("people", "self_asked", "self_in", "manager_in", "released", "acknowledged")


@dataclass(frozen=True)
class Counts:
    """What is counted of a group of people. Feedback is counted only where it is not anonymous."""

    people: int = 0
    self_asked: int = 0
    self_in: int = 0
    feedback_asked: int = 0
    feedback_in: int = 0
    manager_in: int = 0
    released: int = 0
    acknowledged: int = 0


@dataclass(frozen=True)
class Line:
    key: int | None
    name: str
    counts: Counts


@dataclass(frozen=True)
class Choice:
    """One entry of a filter."""

    value: str
    label: str
    is_chosen: bool


@dataclass(frozen=True)
class Completion:
    cycle: Cycle
    by: Grouping
    lines: Page
    total: Counts
    has_feedback: bool
    has_self_review: bool
    chart: SafeString
    charted: str
    departments: list[Choice]
    groupings: list[Choice]
    sheet: Sheet
    is_hr: bool
    may_read_distribution: bool


def completion(
    viewer: Viewer, *, cycle_id: int, by: str = "", department: str = "", page: str = "1"
) -> Completion:
    """At most 4 queries: the cycle, the counts of reviews, the counts of feedback; one more for a
    manager, or for the line above somebody of HR. `by` and `department` come from the address; what
    is no choice is left out."""
    cycle = reported_cycle(viewer, cycle_id)
    grouping = Grouping(by) if by in Grouping.values else Grouping.DEPARTMENT
    rows = list(_review_counts(viewer, cycle))
    asked = {(r["department_id"], r["manager_id"]): r for r in _feedback_counts(viewer, cycle)}
    names = {r["department_id"]: r["department__name"] or _("No department") for r in rows}
    chosen = next((key for key in names if department == (str(key) if key else "none")), ...)
    if chosen is not ...:
        rows = [r for r in rows if r["department_id"] == chosen]
    lines = _lines(rows, asked, grouping)
    total = _sum(line.counts for line in lines)
    found = Paginator(lines, LINES_A_PAGE).get_page(page)
    chart, charted = _chart(found, cycle)
    has_feedback = any(r["asked"] for r in asked.values())
    return Completion(
        cycle=cycle,
        by=grouping,
        lines=found,
        total=total,
        has_feedback=has_feedback,
        has_self_review=cycle.self_review,
        chart=chart,
        charted=charted,
        departments=[
            Choice(str(key) if key else "none", name, key == chosen)
            for key, name in sorted(names.items(), key=lambda item: (item[0] is None, item[1]))
        ],
        groupings=[Choice(g.value, str(g.label), g == grouping) for g in Grouping],
        sheet=_sheet(cycle, grouping, lines, has_feedback=has_feedback),
        is_hr=is_hr(viewer),
        may_read_distribution=bool(may_read_distribution(viewer, cycle)),
    )


def _review_counts(viewer: Viewer, cycle: Cycle) -> Any:
    """One row for each department and manager. 1 query."""
    is_in = ReviewState.SUBMITTED.value
    return (
        Participant.objects.filter(completion_q(viewer), cycle=cycle)
        .taking_part()
        .annotate(
            own=FilteredRelation("reviews", condition=Q(reviews__kind="self")),
            given=FilteredRelation("reviews", condition=Q(reviews__kind="manager")),
        )
        .order_by()
        .values("department_id", "department__name", "manager_id", "manager__name")
        .annotate(
            people=Count("pk"),
            self_asked=Count("own__state"),
            self_in=Count("own__state", filter=Q(own__state=is_in)),
            manager_in=Count("given__state", filter=Q(given__state=is_in)),
            released=Count("pk", filter=Q(state__in=[s.value for s in DELIVERED])),
            acknowledged=Count("pk", filter=Q(acknowledged_at__isnull=False)),
        )
    )


def _feedback_counts(viewer: Viewer, cycle: Cycle) -> Any:
    """As `_review_counts`. PRIVACY: nobody learns how many answered where answers are anonymous, nor
    how many did about themself. 1 query, 1 more for the line above a viewer of HR."""
    named = [mode.value for mode in Mode if mode != Mode.ANONYMOUS]
    return (
        Participant.objects.filter(feedback_counts_q(viewer), cycle=cycle)
        .taking_part()
        .filter(
            feedback_requests__state__in=[s.value for s in OUT],
            feedback_requests__perspective__mode__in=named,
        )
        .order_by()
        .values("department_id", "manager_id")
        .annotate(
            asked=Count("feedback_requests"),
            answered=Count(
                "feedback_requests",
                filter=Q(feedback_requests__state=RequestState.ANSWERED.value),
            ),
        )
    )


def _lines(rows: Iterable[Any], asked: dict[Any, Any], grouping: Grouping) -> list[Line]:
    """Rows summed by what the lines are about, by name; people without one come last."""
    key_of, name_of, nobody = {
        Grouping.DEPARTMENT: ("department_id", "department__name", _("No department")),
        Grouping.MANAGER: ("manager_id", "manager__name", _("No manager")),
    }[grouping]
    groups: dict[int | None, list[Counts]] = {}
    names: dict[int | None, str] = {}
    for row in rows:
        feedback = asked.get((row["department_id"], row["manager_id"]), {})
        names[row[key_of]] = row[name_of] or nobody
        groups.setdefault(row[key_of], []).append(
            Counts(
                feedback_asked=feedback.get("asked", 0),
                feedback_in=feedback.get("answered", 0),
                **{name: row[name] for name in REVIEW_COUNTS},
            )
        )
    lines = [Line(key, names[key], _sum(counts)) for key, counts in groups.items()]
    return sorted(lines, key=lambda line: (line.key is None, line.name, line.key or 0))


_figures = attrgetter(*(f.name for f in fields(Counts)))


def _sum(counts: Iterable[Counts]) -> Counts:
    listed = list(counts)
    if len(listed) == 1:
        return listed[0]
    return Counts(*map(sum, zip(*map(_figures, listed), strict=True)))


def _chart(lines: Page, cycle: Cycle) -> tuple[SafeString, str]:
    """What the cycle is busy with now: self reviews first, packets last."""
    state = cycle.paused_from or cycle.state
    if state in SELF_REVIEWS and cycle.self_review:
        title, done, total = _("Self reviews submitted"), "self_in", "self_asked"
    elif state in HANDED_OUT:
        title, done, total = _("Packets released"), "released", "people"
    else:
        title, done, total = _("Manager reviews submitted"), "manager_in", "people"
    bars = [
        Progress(line.name, getattr(line.counts, done), getattr(line.counts, total))
        for line in lines
    ]
    return completion_chart(bars, title), title


def _sheet(cycle: Cycle, grouping: Grouping, lines: list[Line], *, has_feedback: bool) -> Sheet:
    """Every line of every page, without the total: a sum is the reader's to make."""
    columns = [("people", _("People"))]
    if cycle.self_review:
        columns += [("self_in", _("Self reviews submitted")), ("self_asked", _("of"))]
    if has_feedback:
        columns += [("feedback_in", _("Feedback given")), ("feedback_asked", _("of"))]
    columns += [
        ("manager_in", _("Manager reviews submitted")),
        ("released", _("Packets released")),
        ("acknowledged", _("Acknowledged")),
    ]
    return Sheet(
        slugify(f"completion {cycle.name}"),
        [str(grouping.label), *(title for _name, title in columns)],
        [[line.name, *(getattr(line.counts, name) for name, _title in columns)] for line in lines],
    )
