"""The form of one feedback, with the promise that stands before its first field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import OuterRef, Prefetch, Subquery
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from apps.core.access import Answer, Viewer
from apps.core.charts import ramp_class
from apps.feedback.access import request_gate
from apps.feedback.models import AnswerPart, FeedbackDraft, Perspective, Question, Request
from apps.feedback.pages.mine import due_of
from apps.feedback.rules import (
    CANNOT_SAY,
    chosen_competencies,
    merged,
    minutes_for,
    missing_parts,
    worded,
)
from apps.feedback.states import Mode, PerspectiveKind, RequestState
from apps.ladders.expectations import ExpectedCompetency, expectations_of
from apps.ladders.models import Mixin
from apps.people.models import Person
from apps.reviews.models import CyclePhase, ScalePoint
from apps.reviews.states import Phase


@dataclass(frozen=True)
class OpenQuestion:
    """`field` and `cannot_field` are names in the form; `missing` after an attempt to send."""

    pk: int
    field: str
    text: str
    value: str
    cannot_field: str
    cannot: bool
    missing: bool


@dataclass(frozen=True)
class AskedCompetency:
    expected: ExpectedCompetency
    rating_field: str
    rating: str
    comment_field: str
    comment: str
    missing: bool


@dataclass(frozen=True)
class GiveFeedback:
    """`may_edit` for what was sent with a name; `may_write` is the answer for both."""

    request: Request
    perspective: Perspective
    subject: Person
    level: str
    due_on: date | None
    released_on: date | None
    minutes: int
    questions: list[OpenQuestion]
    competencies: list[AskedCompetency]
    points: list[ScalePoint]
    revision: int
    saved_at: datetime | None
    may_write: Answer
    may_decline: Answer
    was_sent: bool
    missing: int
    done: int
    theirs: list[tuple[str, str]]

    @property
    def upward(self) -> bool:
        return self.perspective.kind == PerspectiveKind.UPWARD

    @property
    def is_anonymous(self) -> bool:
        return self.perspective.mode == Mode.ANONYMOUS

    @property
    def has_missing(self) -> bool:
        return any(q.missing for q in self.questions) or any(c.missing for c in self.competencies)

    @property
    def scale(self) -> list[tuple[ScalePoint, str]]:
        """Each point with its place on the ramp, as ui/rating_scale.html takes it."""
        return [(p, ramp_class(p.value, len(self.points))) for p in self.points]

    @property
    def extras(self) -> list[tuple[str, str]]:
        return [(CANNOT_SAY, _("Cannot say"))]

    @property
    def steps(self) -> int:
        return len(self.questions) + len(self.competencies)

    @property
    def question_ids(self) -> list[int]:
        return [q.pk for q in self.questions]

    @property
    def competency_ids(self) -> list[int]:
        return [c.expected.competency_id for c in self.competencies]

    @property
    def point_values(self) -> set[int]:
        return {p.value for p in self.points}

    @property
    def fields(self) -> set[str]:
        return {name for q in self.questions for name in (q.field, q.cannot_field)} | {
            name for c in self.competencies for name in (c.rating_field, c.comment_field)
        }


def give_feedback(
    viewer: Viewer,
    *,
    request_id: int,
    typed: Mapping[str, str] | None = None,
    tried_to_send: bool = False,
    theirs: Mapping[str, str] | None = None,
) -> GiveFeedback:
    """7 queries, 8 to change what was sent with a name.

    Arguments: `typed` the form as it was just sent, shown in place of the draft; `tried_to_send`
    marks what is left; `theirs` holds what another tab saved in the same fields meanwhile.
    """
    request = _request(viewer, request_id)
    participant, perspective = request.participant, request.perspective
    draft: FeedbackDraft | None = getattr(request, "draft", None)
    questions = list(Question.objects.filter(perspective=perspective))
    points = list(ScalePoint.objects.filter(scale=participant.cycle.scale_id))
    mixin_ids = [mixin.pk for mixin in participant.mixins.all()]
    expected = chosen_competencies(expectations_of(participant.level_id, mixin_ids).competencies)
    may_edit = request_gate.may(viewer, "edit_feedback", request)
    values: Mapping[str, str] = draft.content.get("values", {}) if draft else {}
    if typed is not None:
        values = typed
    elif may_edit and draft is None:
        values = _sent_values(request)
    left = missing_parts(
        values,
        question_ids=[q.pk for q in questions],
        competency_ids=[c.competency_id for c in expected],
    )
    shown_missing = set(left) if tried_to_send else set()
    open_questions = [
        _question(q, participant.person.name, values, shown_missing) for q in questions
    ]
    competencies = [_competency(c, values, shown_missing) for c in expected]
    return GiveFeedback(
        request,
        perspective,
        participant.person,
        str(participant.level or ""),
        request.due_on,  # type: ignore[attr-defined]  # annotated
        request.released_on,  # type: ignore[attr-defined]  # annotated
        minutes_for(len(questions), len(expected)),
        open_questions,
        competencies,
        points,
        draft.revision if draft else 0,
        draft.saved_at if draft else None,
        may_edit or request_gate.may(viewer, "write_feedback", request),
        request_gate.may(viewer, "decline_request", request),
        request.state == RequestState.ANSWERED,
        len(left),
        len(questions) + len(expected) - len(left),
        _named(theirs or {}, open_questions, competencies),
    )


def check_other_tab(page: GiveFeedback, values: Mapping[str, str], *, seen: int) -> None:
    """Raises Conflict when the draft on the server holds other words than the form that is sent,
    saved after the revision `seen` that the form was made from."""
    draft: FeedbackDraft | None = getattr(page.request, "draft", None)
    if draft is not None and draft.revision != seen:
        merged(draft.content, draft.revision, changes=values, seen=min(seen, draft.revision))


def _named(
    theirs: Mapping[str, str], questions: list[OpenQuestion], competencies: list[AskedCompetency]
) -> list[tuple[str, str]]:
    """Fields by the words a person knows them by, with the text of the other tab."""
    words = {q.field: q.text for q in questions}
    words |= {c.comment_field: c.expected.name for c in competencies}
    words |= {c.rating_field: c.expected.name for c in competencies}
    return [(words[name], text) for name, text in theirs.items() if name in words]


def _request(viewer: Viewer, request_id: int) -> Request:
    """2 queries; 404 for anybody but the giver."""
    release = CyclePhase.objects.filter(
        cycle=OuterRef("participant__cycle_id"), kind=Phase.DELIVERY
    )
    mine = request_gate.visible(viewer, Request.objects.all(), "read_request_giver")
    return get_object_or_404(
        mine.select_related(
            "perspective",
            "giver",
            "draft",
            "participant__person",
            "participant__cycle",
            "participant__level",
        )
        .prefetch_related(Prefetch("participant__mixins", Mixin.objects.only("pk")))
        .annotate(
            due_on=due_of(Phase.COLLECTION, "participant__cycle_id"),
            released_on=Subquery(release.order_by().values("opens_on")[:1]),
        ),
        pk=request_id,
    )


def _sent_values(request: Request) -> dict[str, str]:
    """What was sent with a name, as the form shows it. 1 query."""
    values: dict[str, str] = {}
    parts = AnswerPart.objects.filter(
        answer__perspective=request.perspective_id,
        answer__participant=request.participant_id,
        answer__author=request.giver_id,
    )
    for part in parts:
        if part.question_id is not None:
            values[f"question_{part.question_id}"] = part.text
            values[f"cannot_{part.question_id}"] = "on" if part.mark else ""
        else:
            values[f"rating_{part.competency_id}"] = CANNOT_SAY if part.mark else str(part.value)
            values[f"comment_{part.competency_id}"] = part.text
    return values


def _question(
    question: Question, name: str, values: Mapping[str, Any], missing: set[str]
) -> OpenQuestion:
    field, cannot = f"question_{question.pk}", f"cannot_{question.pk}"
    return OpenQuestion(
        question.pk,
        field,
        worded(question.text, name.split(maxsplit=1)[0] if name.split() else name),
        values.get(field, ""),
        cannot,
        bool(values.get(cannot)),
        field in missing,
    )


def _competency(
    expected: ExpectedCompetency, values: Mapping[str, Any], missing: set[str]
) -> AskedCompetency:
    rating, comment = f"rating_{expected.competency_id}", f"comment_{expected.competency_id}"
    return AskedCompetency(
        expected,
        rating,
        values.get(rating, ""),
        comment,
        values.get(comment, ""),
        rating in missing,
    )
