"""What a cycle promises about feedback, for HR; and where the promise cannot be kept yet."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, F, Q
from django.shortcuts import get_object_or_404

from apps.core.access import Answer, Viewer
from apps.feedback.access import perspective_gate
from apps.feedback.models import Perspective, Question
from apps.feedback.rules import DEFAULT_QUESTIONS, HIGHEST_THRESHOLD, LOWEST_THRESHOLD, modes_of
from apps.feedback.states import Mode, PerspectiveKind, RequestState
from apps.reviews.access import cycle_gate
from apps.reviews.models import Cycle, Participant
from apps.reviews.states import ParticipantState

USUAL_THRESHOLD = 5
MOST_NAMES = 50


@dataclass(frozen=True)
class Setting:
    """One kind of feedback. `perspective` is None while the cycle does not ask for it."""

    kind: PerspectiveKind
    perspective: Perspective | None
    modes: list[tuple[str, str]]
    mode: str
    threshold: int
    questions: list[str]
    may_configure: Answer
    may_raise: Answer


@dataclass(frozen=True)
class Short:
    """Somebody for whom too few are asked: `asked` of the threshold."""

    participant_id: int
    person: str
    asked: int
    threshold: int


@dataclass(frozen=True)
class Perspectives:
    cycle: Cycle
    settings: list[Setting]
    lowest: int
    highest: int
    waiting: list[Short]
    small_teams: list[Short]
    most_names: int


def perspectives(viewer: Viewer, *, cycle_id: int) -> Perspectives:
    """At most 5 queries; 404 for everybody but HR process admins."""
    cycle = get_object_or_404(
        cycle_gate.visible(viewer, Cycle.objects.all(), "prepare_cycle"), pk=cycle_id
    )
    by_kind = {p.kind: p for p in Perspective.objects.filter(cycle=cycle)}
    questions: dict[int, list[str]] = {}
    for question in Question.objects.filter(perspective__cycle=cycle):
        questions.setdefault(question.perspective_id, []).append(question.text)
    rows = []
    for kind in PerspectiveKind:
        perspective = by_kind.get(kind)
        asked = perspective or Perspective(kind=kind)
        asked.cycle = cycle
        modes = modes_of(kind)
        rows.append(
            Setting(
                kind,
                perspective,
                [(mode.value, str(mode.label)) for mode in modes],
                perspective.mode if perspective else modes[-1].value,
                perspective.threshold if perspective else USUAL_THRESHOLD,
                questions.get(asked.pk, [])
                if perspective
                else [str(text) for text in DEFAULT_QUESTIONS[kind.value]],
                perspective_gate.may(viewer, "configure_perspective", asked),
                perspective_gate.may(viewer, "raise_threshold", asked),
            )
        )
    return Perspectives(
        cycle,
        rows,
        LOWEST_THRESHOLD,
        HIGHEST_THRESHOLD,
        _waiting(by_kind.get(PerspectiveKind.PEER)),
        _small_teams(by_kind.get(PerspectiveKind.UPWARD)),
        MOST_NAMES,
    )


def perspective_to_raise(viewer: Viewer, *, perspective_id: int) -> Perspective:
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


def _small_teams(perspective: Perspective | None) -> list[Short]:
    """Managers with reports, but too few to ask without names. At most 1 query."""
    if perspective is None:
        return []
    rows = (
        Participant.objects.filter(cycle=perspective.cycle_id, state=ParticipantState.ACTIVE)
        .annotate(asked=Count("person__reports", filter=Q(person__reports__left_on=None)))
        .filter(asked__gt=0, asked__lt=perspective.threshold)
        .order_by(F("person__name"), "pk")
        .values_list("pk", "person__name", "asked")[:MOST_NAMES]
    )
    return [Short(pk, name, asked, perspective.threshold) for pk, name, asked in rows]
