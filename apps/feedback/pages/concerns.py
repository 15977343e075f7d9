"""Texts that were reported, for HR: the list, the case, and a name that two of HR opened.

PRIVACY: HR gets the words of one text and what they answer, and plain values alone: no row that leads
to the rest of the answer, to another answer, or to a giver stands in any of these pages but one.
`opened_name` is that one; it is built once, for the answer to the press that opens the name.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db.models import Case, Count, Exists, OuterRef, Q, QuerySet, Subquery, Value, When
from django.http import Http404
from django.shortcuts import get_object_or_404

from apps.core.access import Gate, Viewer
from apps.core.models import AuditEvent
from apps.feedback.access import concern_gate, disclosure_gate
from apps.feedback.models import Concern, ConcernDecision, ConcernReport, Disclosure
from apps.feedback.rules import name_closes_at, name_is_open, worded
from apps.feedback.states import CONCERN_MOVES, ConcernState, DisclosureState
from apps.people.models import Person
from apps.people.states import Office

PER_PAGE = 20
ALL, WAITING, DECIDED = "all", "waiting", "decided"


@dataclass(frozen=True)
class ConcernRow:
    """`waits` for anybody of HR, `for_me` for this viewer; `name_state` of the name, or empty.
    `raised_by` whoever reported it first, `more` how many did after that."""

    token: UUID
    person: str
    cycle: str
    about: str
    raised_by: str
    more: int
    raised_at: datetime
    state: str
    state_label: str
    name_state: str
    waits: bool
    for_me: bool


@dataclass(frozen=True)
class Concerns:
    show: str
    rows: list[ConcernRow]
    page_obj: Page[Any]


def concerns(viewer: Viewer, *, show: str = ALL, number: str = "1") -> Concerns:
    """3 queries: the viewer's line above, how many, and one page of them. 404 for all but HR.

    What waits stands first, then what is decided, the newest first in both.
    """
    if Office.CONTENT_ADMIN.value not in viewer.roles:
        raise Http404
    show = show if show in {ALL, WAITING, DECIDED} else ALL
    asked = Disclosure.objects.filter(concern=OuterRef("pk"), state=DisclosureState.ASKED)
    rows = _cases(viewer).annotate(
        waits=true_where(Q(state=ConcernState.RAISED) | Q(Exists(asked))),
        for_me=true_where(Q(pk__in=Concern.objects.waiting_for(viewer).values("pk"))),
        name_state=Subquery(Disclosure.objects.filter(concern=OuterRef("pk")).values("state")[:1]),
        first=Subquery(
            ConcernReport.objects.filter(concern=OuterRef("pk")).values("raised_by__name")[:1]
        ),
        reported=Count("reports"),
    )
    if show != ALL:
        rows = rows.filter(waits=show == WAITING)
    page_obj = Paginator(rows.order_by("-waits", "-raised_at", "-pk"), PER_PAGE).get_page(number)
    return Concerns(show, [_row(concern) for concern in page_obj], page_obj)


def _row(concern: Any) -> ConcernRow:
    participant = concern.part.answer.participant
    return ConcernRow(
        concern.token,
        participant.person.name,
        participant.cycle.name,
        about_of(concern),
        concern.first,
        concern.reported - 1,
        concern.raised_at,
        concern.state,
        concern.get_state_display(),
        concern.name_state or "",
        concern.waits,
        concern.for_me,
    )


@dataclass(frozen=True)
class Step:
    """One thing that was done: `verb` as in the audit, and the `reason` that was given for it."""

    verb: str
    who: str
    at: datetime
    reason: str = ""


@dataclass(frozen=True)
class NameCase:
    """The name behind the text, as far as it was asked for. Never the name."""

    token: UUID
    state: str
    reason: str
    asked_by: str
    asked_by_me: bool
    may_decide: bool
    may_open: bool
    closes_at: datetime | None


@dataclass(frozen=True)
class ConcernCase:
    """One reported text, for HR. `mode` decides which words are said about the name; `reports` are
    (who, when, in which words), the first first."""

    token: UUID
    person: Person
    cycle: str
    kind: str
    mode: str
    about: str
    text: str
    reports: list[tuple[str, datetime, str]]
    state: str
    state_label: str
    decision: str
    decided_by: str
    may_hide: bool
    may_leave: bool
    may_show_again: bool
    may_ask: bool
    name: NameCase | None
    steps: list[Step]
    others: list[tuple[UUID, str, datetime]]


def concern(viewer: Viewer, *, token: UUID, now: datetime) -> ConcernCase:
    """8 queries: the viewer's line above, the case, its names, its reports and decisions, other cases
    of the same text, what was done and by whom."""
    deeds = ("hide_text", "leave_text", "show_text_again", "ask_for_name")
    one: Any = get_object_or_404(
        _cases(viewer).annotate(**_deeds(concern_gate, viewer, deeds)), token=token
    )
    names: list[Any] = list(
        Disclosure.objects.filter(concern=one)
        .select_related("asked_by", "decided_by")
        .annotate(**_deeds(disclosure_gate, viewer, ("agree_to_disclosure", "open_name")))
    )
    standing = next((d for d in names if d.state != DisclosureState.REFUSED), None)
    reports = list(one.reports.select_related("raised_by"))
    decisions = list(one.decisions.select_related("decided_by"))
    holds = decisions[-1] if decisions else None
    answer = one.part.answer
    others = concern_gate.visible(viewer, Concern.objects.filter(part=one.part_id), "read_concern")
    return ConcernCase(
        one.token,
        answer.participant.person,
        answer.participant.cycle.name,
        answer.perspective.get_kind_display(),
        answer.perspective.mode,
        about_of(one),
        one.part.text,
        [(report.raised_by.name, report.raised_at, report.reason) for report in reports],
        one.state,
        one.get_state_display(),
        holds.reason if holds else "",
        holds.decided_by.name if holds else "",
        one.may_hide_text,
        one.may_leave_text,
        one.may_show_text_again,
        one.may_ask_for_name and standing is None,
        _name_case(viewer, standing, now) if standing else None,
        _steps(one, names, decisions),
        [(o.token, o.get_state_display(), o.raised_at) for o in others if o.pk != one.pk],
    )


def _name_case(viewer: Viewer, one: Any, now: datetime) -> NameCase:
    agreed = one.decided_at if one.state == DisclosureState.AGREED else None
    return NameCase(
        one.token,
        one.state,
        one.reason,
        one.asked_by.name,
        one.asked_by_id == viewer.person_id,
        one.may_agree_to_disclosure,
        one.may_open_name and agreed is not None and name_is_open(agreed, at=now),
        name_closes_at(agreed) if agreed else None,
    )


def _steps(one: Concern, names: list[Disclosure], decisions: list[ConcernDecision]) -> list[Step]:
    """What was done, from the audit, the first first, with the reason of each decision. 2 queries.

    Why somebody reported it stands in the case itself, once for each of them.
    """
    why = {decision.became: decision.reason for decision in decisions}
    by_key = {str(d.pk): d for d in names}
    events = list(
        AuditEvent.objects.filter(
            Q(object_type=Concern._meta.label_lower, object_id=str(one.pk))
            | Q(object_type=Disclosure._meta.label_lower, object_id__in=by_key)
        ).order_by("at", "pk")
    )
    people = dict(
        Person.objects.filter(pk__in={e.actor_id for e in events}).values_list("pk", "name")
    )
    steps = []
    for event in events:
        reason = ""
        if event.verb == "ask_for_name":
            reason = by_key[event.object_id].reason
        elif event.verb in CONCERN_MOVES:
            reason = why.get(CONCERN_MOVES[event.verb].target, "")
        steps.append(Step(event.verb, people.get(event.actor_id or 0, ""), event.at, reason))
    return steps


def concern_of(viewer: Viewer, *, token: UUID) -> Concern:
    """1 query, 1 more for the line above; 404 for whoever may not read the case."""
    return get_object_or_404(_cases(viewer), token=token)


def disclosure_of(viewer: Viewer, *, token: UUID) -> Disclosure:
    """1 query, 1 more for the line above; 404 for whoever may not read the case."""
    rows = disclosure_gate.visible(viewer, Disclosure.objects.all(), "read_disclosure")
    return get_object_or_404(rows.select_related("concern__part__answer"), token=token)


@dataclass(frozen=True)
class OpenedName:
    """PRIVACY: the one place where a confidential name meets a text outside the manager's page."""

    concern: UUID
    person: str
    about: str
    text: str
    giver: str
    closes_at: datetime


def opened_name(viewer: Viewer, *, token: UUID, now: datetime) -> OpenedName:
    """1 query, 1 more for the line above. After actions.open_name, in the same request.

    Errors: 404 for all but the two who opened it, and for everybody once it is closed again.
    """
    one = get_object_or_404(
        disclosure_gate.visible(viewer, Disclosure.objects.all(), "open_name").select_related(
            "concern__part__question",
            "concern__part__competency",
            "concern__part__answer__author",
            "concern__part__answer__participant__person",
        ),
        token=token,
    )
    part = one.concern.part
    author = part.answer.author
    if one.decided_at is None or author is None or not name_is_open(one.decided_at, at=now):
        raise Http404
    return OpenedName(
        one.concern.token,
        part.answer.participant.person.name,
        about_of(one.concern),
        part.text,
        author.name,
        name_closes_at(one.decided_at),
    )


def _cases(viewer: Viewer) -> QuerySet[Concern]:
    """Those that this person of HR may decide about, with what the page says of each."""
    readable = concern_gate.visible(viewer, Concern.objects.all(), "read_concern")
    return with_context(readable)


def with_context(rows: QuerySet[Concern]) -> QuerySet[Concern]:
    """With all that is said of where the text stands; no giver is loaded."""
    return rows.select_related(
        "part__question",
        "part__competency",
        "part__answer__perspective",
        "part__answer__participant__person",
        "part__answer__participant__cycle",
    )


def about_of(one: Concern) -> str:
    """The question, as it was put, or the competency."""
    part = one.part
    if part.question is not None:
        return worded(part.question.text, part.answer.participant.person.name.split()[0])
    return part.competency.name if part.competency else ""


def true_where(condition: Q) -> Case:
    return Case(When(condition, then=Value(True)), default=Value(False))


def _deeds(gate: Gate, viewer: Viewer, deeds: tuple[str, ...]) -> dict[str, Case]:
    """`may_<deed>` as a column for each: what the gate says, without a query for every button."""
    return {f"may_{deed}": true_where(gate.q(viewer, deed)) for deed in deeds}
