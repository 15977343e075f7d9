"""What a cycle promises about feedback, before it starts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from apps.core.access import Viewer
from apps.core.audit import record
from apps.core.workflow import StaleState
from apps.feedback.access import perspective_gate
from apps.feedback.models import Perspective, Question, Request
from apps.feedback.rules import (
    DEFAULT_QUESTIONS,
    HIGHEST_THRESHOLD,
    LOWEST_THRESHOLD,
    NotAllowed,
    modes_of,
)
from apps.feedback.states import PerspectiveState, RequestState
from apps.reviews.models import Cycle

# Nothing was promised to anybody while requests stand in these.
NOT_OUT = (RequestState.PROPOSED, RequestState.HELD, RequestState.TURNED_DOWN)


@transaction.atomic
def configure_perspective(
    cycle: Cycle,
    *,
    kind: str,
    mode: str,
    threshold: int,
    by: Viewer,
    now: datetime,
    questions: Sequence[str] = (),
) -> Perspective:
    """Set one kind of feedback of a cycle being prepared, or set it up.

    Arguments: `mode` and `threshold` are the promise; `questions` replace the open questions, and
    with none a new perspective gets the usual ones. Errors: NotAllowed for a mode that this kind
    cannot have, for a threshold outside 4 to 12, and for any change once a request is out.
    """
    perspective = Perspective.objects.filter(cycle=cycle, kind=kind).first()
    perspective = perspective or Perspective(cycle=cycle, kind=kind)
    perspective.cycle = cycle
    perspective_gate.require(by, "configure_perspective", perspective)
    _check_promise(kind, mode, threshold)
    if perspective.pk and _is_out(perspective):
        raise NotAllowed(_("Requests are out already, so the promise stands."))
    is_new = perspective.pk is None
    perspective.mode, perspective.threshold = mode, threshold
    perspective.save()
    wanted = list(questions) or ([str(q) for q in DEFAULT_QUESTIONS[kind]] if is_new else [])
    if wanted:
        perspective.questions.all().delete()
        Question.objects.bulk_create(
            Question(perspective=perspective, text=text, position=position)
            for position, text in enumerate(wanted)
        )
    record("configure_perspective", perspective, by=by, at=now, mode=mode, threshold=threshold)
    return perspective


@transaction.atomic
def raise_threshold(perspective: Perspective, *, threshold: int, by: Viewer, now: datetime) -> None:
    """Ask for more voices than promised so far, never for fewer. PRIVACY: the database decides."""
    perspective_gate.require(by, "raise_threshold", perspective)
    _check_promise(perspective.kind, perspective.mode, threshold)
    if threshold <= perspective.threshold:
        raise NotAllowed(_("The number of voices can only rise."))
    raised = Perspective.objects.filter(
        pk=perspective.pk, state=PerspectiveState.OPEN, threshold__lt=threshold
    ).update(threshold=threshold)
    if not raised:
        raise StaleState(f"{perspective} has a higher threshold by now")
    record(
        "raise_threshold", perspective, by=by, at=now, before=perspective.threshold, after=threshold
    )
    perspective.threshold = threshold


def _is_out(perspective: Perspective) -> bool:
    return Request.objects.filter(perspective=perspective).exclude(state__in=NOT_OUT).exists()


def _check_promise(kind: str, mode: str, threshold: int) -> None:
    if mode not in modes_of(kind):
        raise NotAllowed(_("Feedback to one's own manager is always without a name."))
    if not LOWEST_THRESHOLD <= threshold <= HIGHEST_THRESHOLD:
        raise NotAllowed(
            _("Between %(low)s and %(high)s voices.")
            % {"low": LOWEST_THRESHOLD, "high": HIGHEST_THRESHOLD}
        )
