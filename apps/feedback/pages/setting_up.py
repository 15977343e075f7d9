"""What a cycle promises about feedback, for HR; and where the promise cannot be kept yet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, F, Q
from django.shortcuts import get_object_or_404

from apps.core.access import Answer, Viewer
from apps.feedback.access import perspective_gate
from apps.feedback.models import Perspective, Question, on_board
from apps.feedback.rules import DEFAULT_QUESTIONS, HIGHEST_THRESHOLD, LOWEST_THRESHOLD, modes_of
from apps.feedback.states import COUNTED, Mode, PerspectiveKind, RequestState
from apps.reviews.access import CONFIGURABLE, cycle_gate
from apps.reviews.models import Cycle, Participant
from apps.reviews.states import CycleState, ParticipantState

USUAL_THRESHOLD = 5
MOST_NAMES = 50
ASKED_IN = (CycleState.NOMINATION, CycleState.COLLECTION)


@dataclass(frozen=True)
class Setting:
    """One kind of feedback. `perspective` is None while the cycle does not ask for it."""

    kind: PerspectiveKind
    perspective: Perspective | None
    modes: list[tuple[str, str]]
    mode: str
    threshold: int
    giver_budget: int
    least_days: int
    questions: list[str]
    may_configure: Answer
    may_raise: Answer
    may_change_limits: Answer
    # The cycle whose setting is offered here, while this one has none of its own.
    like: str = ""


@dataclass(frozen=True)
class Short:
    """Somebody for whom too few are asked: `asked` of the threshold. `key` is a participant's, or a
    person's while there are no participants."""

    key: int
    person: str
    asked: int
    threshold: int


@dataclass(frozen=True)
class Alone:
    """Somebody without a manager: HR decides who is asked about them. `asked` are approved already."""

    participant_id: int
    person: str
    waiting: int
    asked: int


@dataclass(frozen=True)
class Perspectives:
    cycle: Cycle
    settings: list[Setting]
    lowest: int
    highest: int
    waiting: list[Short]
    small_teams: list[Short]
    without_manager: list[Alone]
    most_names: int
    may_balance: Answer

    @property
    def has_begun(self) -> bool:
        return self.cycle.state not in CONFIGURABLE

    @property
    def repeats(self) -> list[str]:
        """The kinds that can be asked for as the cycle before did, all at once."""
        return [str(row.kind.label) for row in self.settings if row.like and row.may_configure]


def perspectives(viewer: Viewer, *, cycle_id: int, on: date) -> Perspectives:
    """At most 6 queries; 404 for everybody but HR process admins."""
    rows = cycle_gate.visible(viewer, Cycle.objects.all(), "prepare_cycle")
    cycle = get_object_or_404(rows.select_related("repeats"), pk=cycle_id)
    by_kind, before = _kinds(cycle)
    shown = {p.pk for p in (*by_kind.values(), *before.values())}
    questions: dict[int, list[str]] = {}
    for question in Question.objects.filter(perspective__in=shown):
        questions.setdefault(question.perspective_id, []).append(question.text)
    settings = [
        _setting(viewer, cycle, kind, by_kind.get(kind), before.get(kind), questions)
        for kind in PerspectiveKind
    ]
    return Perspectives(
        cycle,
        settings,
        LOWEST_THRESHOLD,
        HIGHEST_THRESHOLD,
        _waiting(by_kind.get(PerspectiveKind.PEER)),
        _small_teams(by_kind.get(PerspectiveKind.UPWARD), on),
        _without_manager(by_kind.get(PerspectiveKind.PEER), viewer),
        MOST_NAMES,
        perspective_gate.may(
            viewer,
            "balance_requests",
            by_kind.get(PerspectiveKind.PEER, Perspective(cycle=cycle, kind="")),
        ),
    )


Kinds = dict[str, Perspective]


def _kinds(cycle: Cycle) -> tuple[Kinds, Kinds]:
    """The kinds that this cycle asks for, and those of the cycle whose plan it began with. 1 query."""
    found: Kinds = {}
    before: Kinds = {}
    for row in Perspective.objects.filter(cycle__in=[cycle.pk, cycle.repeats_id or 0]):
        (found if row.cycle_id == cycle.pk else before)[row.kind] = row
    return found, before


def _setting(
    viewer: Viewer,
    cycle: Cycle,
    kind: PerspectiveKind,
    perspective: Perspective | None,
    before: Perspective | None,
    questions: dict[int, list[str]],
) -> Setting:
    """What stands for one kind; without it, what the cycle before had; else the usual."""
    asked = perspective or Perspective(kind=kind)
    asked.cycle = cycle
    modes = modes_of(kind)
    shown = perspective or before
    usual = [str(text) for text in DEFAULT_QUESTIONS[kind.value]]
    return Setting(
        kind,
        perspective,
        [(mode.value, str(mode.label)) for mode in modes],
        shown.mode if shown else modes[-1].value,
        shown.threshold if shown else USUAL_THRESHOLD,
        (shown or asked).giver_budget,
        (shown or asked).least_days,
        questions.get(shown.pk, []) if shown else usual,
        perspective_gate.may(viewer, "configure_perspective", asked),
        perspective_gate.may(viewer, "raise_threshold", asked),
        perspective_gate.may(viewer, "change_limits", asked),
        like=cycle.repeats.name if before and not perspective and cycle.repeats else "",
    )


@dataclass(frozen=True)
class Readiness:
    """What feedback promises in a cycle, and whom the promise cannot reach yet."""

    cycle: Cycle
    kinds: list[Perspective]
    small_teams: list[Short]
    small_team_count: int
    most_names: int


def readiness(viewer: Viewer, *, cycle_id: int, now: datetime) -> Readiness:
    """At most 5 queries; 404 for everybody but HR process admins. Before the launch: it counts
    those who would take part."""
    rows = cycle_gate.visible(viewer, Cycle.objects.all(), "prepare_cycle")
    cycle = get_object_or_404(rows.prefetch_related("phases"), pk=cycle_id)
    kinds = list(Perspective.objects.filter(cycle=cycle).order_by("kind"))
    upward = next((kind for kind in kinds if kind.kind == PerspectiveKind.UPWARD), None)
    if upward is None:
        return Readiness(cycle, kinds, [], 0, MOST_NAMES)
    on = cycle.counted_on(now)
    here = on_board("reports__", on=on, least_days=upward.least_days)
    small = (
        cycle.people(on=on)
        .annotate(asked=Count("reports", filter=here))
        .filter(asked__gt=0, asked__lt=upward.threshold)
        .order_by("name", "pk")
    )
    teams = [
        Short(pk, name, asked, upward.threshold)
        for pk, name, asked in small.values_list("pk", "name", "asked")[:MOST_NAMES]
    ]
    count = len(teams) if len(teams) < MOST_NAMES else small.count()
    return Readiness(cycle, kinds, teams, count, MOST_NAMES)


def perspective_to_change(viewer: Viewer, *, perspective_id: int) -> Perspective:
    """1 query; 404 for everybody but HR process admins."""
    rows = perspective_gate.visible(viewer, Perspective.objects.all(), "prepare_perspective")
    return get_object_or_404(rows.select_related("cycle"), pk=perspective_id)


def _waiting(perspective: Perspective | None) -> list[Short]:
    """People whose approved requests are held back, because too few are asked. At most 1 query."""
    if perspective is None or perspective.mode != Mode.ANONYMOUS:
        return []
    rows = (
        Participant.objects.filter(
            feedback_requests__perspective=perspective,
            feedback_requests__state=RequestState.HELD,
        )
        .annotate(asked=Count("feedback_requests"))
        .order_by("person__name", "pk")
        .values_list("pk", "person__name", "asked")[:MOST_NAMES]
    )
    return [Short(pk, name, asked, perspective.threshold) for pk, name, asked in rows]


def _without_manager(perspective: Perspective | None, viewer: Viewer) -> list[Alone]:
    """People of whom nobody but HR can say who is asked. At most 1 query."""
    if perspective is None or perspective.cycle.state not in ASKED_IN:
        return []
    about = Q(feedback_requests__perspective=perspective)
    waiting = about & Q(feedback_requests__state=RequestState.PROPOSED)
    rows = (
        Participant.objects.filter(
            cycle=perspective.cycle_id, person__manager=None, state=ParticipantState.ACTIVE
        )
        .exclude(person=viewer.person_id)
        .annotate(
            waiting=Count("feedback_requests", filter=waiting),
            asked=Count(
                "feedback_requests", filter=about & Q(feedback_requests__state__in=COUNTED)
            ),
        )
        .order_by("asked", "person__name", "pk")
        .values_list("pk", "person__name", "waiting", "asked")[:MOST_NAMES]
    )
    return [Alone(*row) for row in rows]


def _small_teams(perspective: Perspective | None, on: date) -> list[Short]:
    """Managers with reports, but too few to ask without names. At most 1 query."""
    if perspective is None:
        return []
    rows = (
        Participant.objects.filter(cycle=perspective.cycle_id, state=ParticipantState.ACTIVE)
        .annotate(
            asked=Count(
                "person__reports",
                filter=on_board("person__reports__", on=on, least_days=perspective.least_days),
            )
        )
        .filter(asked__gt=0, asked__lt=perspective.threshold)
        .order_by(F("person__name"), "pk")
        .values_list("pk", "person__name", "asked")[:MOST_NAMES]
    )
    return [Short(pk, name, asked, perspective.threshold) for pk, name, asked in rows]
