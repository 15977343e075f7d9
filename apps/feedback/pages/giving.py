"""The form of one feedback, with the promise that stands before its first field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db.models import Count, OuterRef, Prefetch, Subquery
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from apps.core.access import Answer, Viewer
from apps.core.charts import ramp_class
from apps.feedback.access import request_gate
from apps.feedback.models import FeedbackDraft, Perspective, Question, Request, sent_values
from apps.feedback.pages.mine import due_of
from apps.feedback.pages.spoken import Spoken, Unsent
from apps.feedback.rules import (
    CANNOT_SAY,
    Draft,
    Promise,
    chosen_competencies,
    draft_goes_at,
    minutes_for,
    missing_parts,
    promise,
    worded,
)
from apps.feedback.states import Mode, PerspectiveKind, RequestState
from apps.ladders.expectations import ExpectedCompetency, expectations_of
from apps.ladders.models import Mixin
from apps.people.models import Person
from apps.reviews.models import CyclePhase, ScalePoint
from apps.reviews.states import Phase


@dataclass(frozen=True)
class FormAgain:
    """A form as it was just sent, shown in place of the draft, and what stands in its way.

    `theirs` holds what another tab saved in the same fields meanwhile; `refused` names a field that
    cannot be kept, and `problem` says why.
    """

    typed: Mapping[str, str]
    tried_to_send: bool = False
    theirs: Mapping[str, str] = field(default_factory=dict)
    refused: str = ""
    problem: str = ""


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
    problem: str


@dataclass(frozen=True)
class AskedCompetency:
    expected: ExpectedCompetency
    rating_field: str
    rating: str
    comment_field: str
    comment: str
    missing: bool
    problem: str


@dataclass(frozen=True)
class InTheWay:
    """A field that another tab saved: by its words, with both texts."""

    anchor: str
    words: str
    mine: str
    theirs: str


@dataclass(frozen=True)
class GiveFeedback:
    """`may_edit` for what was sent with a name; `may_write` is the answer for both. `asked` is how
    many are asked about this person, the giver among them."""

    request: Request
    perspective: Perspective
    subject: Person
    level: str
    due_on: date | None
    released_on: date | None
    minutes: int
    asked: int
    questions: list[OpenQuestion]
    competencies: list[AskedCompetency]
    points: list[ScalePoint]
    draft: FeedbackDraft | None
    may_write: Answer
    may_decline: Answer
    was_sent: bool
    missing: int
    done: int
    in_the_way: list[InTheWay]
    unsent: list[Unsent]
    problem: str
    spoken: Spoken

    @property
    def revision(self) -> int:
        return self.draft.revision if self.draft else 0

    @property
    def saved_at(self) -> datetime | None:
        return self.draft.saved_at if self.draft else None

    @property
    def draft_goes_at(self) -> datetime | None:
        """From when the draft is deleted if it is not sent; None while the cycle is not closed."""
        closed_at = self.request.participant.cycle.closed_at
        return draft_goes_at(closed_at) if closed_at else None

    @property
    def minutes_left(self) -> int:
        left = {q.field for q in self.questions if not (q.value.strip() or q.cannot)}
        return minutes_for(len(left), sum(not c.rating for c in self.competencies))

    @property
    def upward(self) -> bool:
        return self.perspective.kind == PerspectiveKind.UPWARD

    @property
    def promise(self) -> Promise:
        return promise(
            self.perspective.mode,
            upward=self.upward,
            threshold=self.perspective.threshold,
            asked=self.asked,
            person=self.subject.name,
            released_on=self.released_on,
        )

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
    viewer: Viewer, *, request_id: int, form: FormAgain | None = None
) -> GiveFeedback:
    """7 queries, 8 to change what was sent with a name. `form` is what was just sent and not taken."""
    request = _request(viewer, request_id)
    participant, perspective = request.participant, request.perspective
    row: FeedbackDraft | None = getattr(request, "draft", None)
    questions = list(Question.objects.filter(perspective=perspective))
    points = list(ScalePoint.objects.filter(scale=participant.cycle.scale_id))
    mixin_ids = [mixin.pk for mixin in participant.mixins.all()]
    expected = chosen_competencies(expectations_of(participant.level_id, mixin_ids).competencies)
    may_edit = request_gate.may(viewer, "edit_feedback", request)
    may_write = may_edit or request_gate.may(viewer, "write_feedback", request)
    draft = Draft.of(row.content, row.revision) if row else Draft()
    values = draft.values
    if form is not None:
        values = form.typed
    elif may_edit and row is None:
        values = sent_values(request)
    left = missing_parts(
        values,
        question_ids=[q.pk for q in questions],
        competency_ids=[c.competency_id for c in expected],
    )
    shown = form or FormAgain(values)
    open_questions = [_question(q, participant.person.name, shown, left) for q in questions]
    competencies = [_competency(c, shown, left) for c in expected]
    spoken = _spoken(open_questions, competencies, points)
    return GiveFeedback(
        request,
        perspective,
        participant.person,
        str(participant.level or ""),
        request.due_on,  # type: ignore[attr-defined]  # annotated
        request.released_on,  # type: ignore[attr-defined]  # annotated
        minutes_for(len(questions), len(expected)),
        request.asked,  # type: ignore[attr-defined]  # annotated
        open_questions,
        competencies,
        points,
        row,
        may_write,
        request_gate.may(viewer, "decline_request", request),
        request.state == RequestState.ANSWERED,
        len(left),
        len(questions) + len(expected) - len(left),
        _in_the_way(spoken, shown),
        spoken.unsent(draft, shown.typed, may_write=bool(may_write)),
        shown.problem,
        spoken,
    )


def _request(viewer: Viewer, request_id: int) -> Request:
    """2 queries; 404 for anybody but the giver."""
    release = CyclePhase.objects.filter(
        cycle=OuterRef("participant__cycle_id"), kind=Phase.DELIVERY
    )
    # PRIVACY: how many were asked, whatever came of it.
    together = Request.objects.asked().filter(
        perspective=OuterRef("perspective"), participant=OuterRef("participant")
    )
    count = together.order_by().values("participant").annotate(n=Count("pk")).values("n")
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
            asked=Subquery(count),
        ),
        pk=request_id,
    )


def _spoken(
    questions: list[OpenQuestion], competencies: list[AskedCompetency], points: list[ScalePoint]
) -> Spoken:
    words: dict[str, str] = {}
    for q in questions:
        words |= {q.field: q.text, q.cannot_field: q.text}
    for c in competencies:
        words |= {c.rating_field: c.expected.name, c.comment_field: c.expected.name}
    labels = {str(p.value): str(p) for p in points}
    return Spoken(words, {**labels, CANNOT_SAY: _("Cannot say")})


def _in_the_way(spoken: Spoken, form: FormAgain) -> list[InTheWay]:
    return [
        InTheWay(
            name, words, spoken.text(name, form.typed.get(name, "")), spoken.text(name, theirs)
        )
        for name, words in spoken.words.items()
        if (theirs := form.theirs.get(name)) is not None
    ]


def _question(question: Question, name: str, form: FormAgain, left: list[str]) -> OpenQuestion:
    field_name, cannot = f"question_{question.pk}", f"cannot_{question.pk}"
    return OpenQuestion(
        question.pk,
        field_name,
        worded(question.text, name.split(maxsplit=1)[0] if name.split() else name),
        form.typed.get(field_name, ""),
        cannot,
        bool(form.typed.get(cannot)),
        form.tried_to_send and field_name in left,
        form.problem if form.refused in {field_name, cannot} else "",
    )


def _competency(expected: ExpectedCompetency, form: FormAgain, left: list[str]) -> AskedCompetency:
    rating, comment = f"rating_{expected.competency_id}", f"comment_{expected.competency_id}"
    return AskedCompetency(
        expected,
        rating,
        form.typed.get(rating, ""),
        comment,
        form.typed.get(comment, ""),
        form.tried_to_send and rating in left,
        form.problem if form.refused in {rating, comment} else "",
    )
