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
    DAYS_ON_BOARD,
    DEFAULT_QUESTIONS,
    GIVER_BUDGETS,
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
    giver_budget: int | None = None,
    least_days: int | None = None,
) -> Perspective:
    """Set one kind of feedback of a cycle being prepared, or set it up.

    Arguments: `mode` and `threshold` are the promise; `questions` replace the open questions, and
    with none a new perspective gets the usual ones; `giver_budget` is the most that one person is
    asked in the cycle, `least_days` the days on board before it (None leaves both). Errors:
    NotAllowed for a mode that this kind cannot have, for a threshold outside 4 to 12, and for any
    change once a request is out.
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
    if giver_budget is not None:
        perspective.giver_budget = giver_budget
    if least_days is not None:
        perspective.least_days = least_days
    perspective.save()
    wanted = list(questions) or ([str(q) for q in DEFAULT_QUESTIONS[kind]] if is_new else [])
    if wanted:
        perspective.questions.all().delete()
        Question.objects.bulk_create(
            Question(perspective=perspective, text=text, position=position)
            for position, text in enumerate(wanted)
        )
    record(
        "configure_perspective",
        perspective,
        by=by,
        at=now,
        mode=mode,
        threshold=threshold,
        giver_budget=perspective.giver_budget,
        least_days=perspective.least_days,
    )
    return perspective


@transaction.atomic
def repeat_perspectives(cycle: Cycle, *, by: Viewer, now: datetime) -> list[Perspective]:
    """Ask for the kinds of feedback that the cycle before asked for, with its promises and questions;
    a kind that this cycle has already stays as it is.

    Result: the kinds that are new. Errors: PermissionDenied; NotAllowed for a promise that is not
    made any more.
    """
    there = set(Perspective.objects.filter(cycle=cycle).values_list("kind", flat=True))
    before = Perspective.objects.filter(cycle=cycle.repeats_id).exclude(kind__in=there)
    return [
        configure_perspective(
            cycle,
            kind=old.kind,
            mode=old.mode,
            threshold=old.threshold,
            questions=[question.text for question in old.questions.all()],
            giver_budget=old.giver_budget,
            least_days=old.least_days,
            by=by,
            now=now,
        )
        for old in before.prefetch_related("questions").order_by("kind")
    ]


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


@transaction.atomic
def change_limits(
    perspective: Perspective, *, giver_budget: int, least_days: int, by: Viewer, now: datetime
) -> bool:
    """How much is asked of one person, and from which day on, for those who are asked from now on.

    Both may rise and fall; neither is a promise to whoever answers, and nobody who is asked or
    proposed already is touched. Result: whether anything is new. Errors: NotAllowed for numbers
    that no cycle has, StaleState when somebody changed them meanwhile.
    """
    perspective_gate.require(by, "change_limits", perspective)
    for value, (least, most) in ((giver_budget, GIVER_BUDGETS), (least_days, DAYS_ON_BOARD)):
        if not least <= value <= most:
            raise NotAllowed(_("Between %(least)s and %(most)s.") % {"least": least, "most": most})
    before = {"giver_budget": perspective.giver_budget, "least_days": perspective.least_days}
    after = {"giver_budget": giver_budget, "least_days": least_days}
    if before == after:
        return False
    same = Perspective.objects.open().filter(pk=perspective.pk, **before)
    if not same.update(**after):
        raise StaleState(f"{perspective} has other limits by now")
    record("change_limits", perspective, by=by, at=now, before=before, after=after)
    perspective.giver_budget, perspective.least_days = giver_budget, least_days
    return True


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
