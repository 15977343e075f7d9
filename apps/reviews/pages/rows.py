"""What a review is read from: its row with the short lists around it, and what is written in it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db.models import OuterRef, Subquery, TextField
from django.db.models.functions import Cast
from django.shortcuts import get_object_or_404

from apps.core.access import Viewer
from apps.core.rows import Rows
from apps.reviews.models import (
    AreaWeight,
    CyclePhase,
    FormQuestion,
    Goal,
    Participant,
    RatingEvent,
    Review,
    ReviewVersion,
    ScalePoint,
    Written,
    written_in,
)
from apps.reviews.pages.desk import Question
from apps.reviews.pages.words import subject_of
from apps.reviews.rules.fields import field_name
from apps.reviews.rules.ratings import THE_WHOLE, Rating
from apps.reviews.rules.writing import Content
from apps.reviews.states import Phase, ReviewKind, ReviewState


def review(viewer: Viewer, review_id: int) -> Review:
    """1 query: the review with its people, its dates, the short lists of its cycle (scale, questions,
    weights) and of its person (mixins, goals), and the self review of the same person."""
    phases = CyclePhase.objects.filter(cycle=OuterRef("participant__cycle"))
    selves = Review.objects.filter(participant=OuterRef("participant"), kind=ReviewKind.SELF)
    # PRIVACY: whether it is in is a status; its text only where the gate lets this viewer read it.
    readable = selves.visible_to(viewer).filter(state=ReviewState.SUBMITTED)
    kept = ReviewVersion.objects.filter(
        review=OuterRef("pk"), set_aside_for=None, content__has_key="kept"
    )
    points = ScalePoint.objects.filter(scale=OuterRef("participant__cycle__scale"))
    mixins = Participant.mixins.through.objects.filter(participant=OuterRef("participant"))
    questions = FormQuestion.objects.filter(
        cycle=OuterRef("participant__cycle"), review_kind=OuterRef("kind")
    )
    weights = AreaWeight.objects.filter(cycle=OuterRef("participant__cycle"))
    goals = Goal.objects.filter(participant=OuterRef("participant")).annotate(
        aim=Cast("target", TextField()), figure=Cast("actual", TextField())
    )
    rows = (
        Review.objects.visible_to(viewer)
        .select_related(
            "author",
            "participant__person__manager",
            "participant__cycle",
            "participant__level",
            "participant__role_profile",
        )
        .with_more_time()
        .annotate(
            release_on=Subquery(phases.filter(kind=Phase.DELIVERY).values("opens_on")[:1]),
            self_state=Subquery(selves.values("state")[:1]),
            self_id=Subquery(readable.values("pk")[:1]),
            self_summary=Subquery(readable.values("summary")[:1]),
            has_unsent=Subquery(kept.values("pk")[:1]),
            points=Rows(points, "value", "label", "anchor"),
            mixin_rows=Rows(mixins, "mixin_id", "mixin__title"),
            question_rows=Rows(questions, "position", "pk", "text", "hint", "is_required"),
            weight_rows=Rows(weights, "area_key", "weight", "area_name"),
            goal_rows=Rows(
                goals, "position", "pk", "text", "comparator", "aim", "unit", "figure"
            ),
        )
    )  # fmt: skip
    return get_object_or_404(rows, pk=review_id)


def questions(one: Any) -> list[Question]:
    return [
        Question(pk, text, hint, bool(is_required))
        for _position, pk, text, hint, is_required in sorted(one.question_rows or ())
    ]


def goals(one: Any) -> list[Goal]:
    return [
        Goal(
            pk=pk,
            participant_id=one.participant_id,
            text=text,
            comparator=comparator,
            target=None if aim is None else Decimal(aim),
            unit=unit,
            actual=None if figure is None else Decimal(figure),
            position=position,
        )
        for position, pk, text, comparator, aim, unit, figure in sorted(one.goal_rows or ())
    ]


def contents(one: Any) -> tuple[Content, Content, Written]:
    """1 query: this review's content and, beside a manager's, the readable self review's; then the
    statements and notes of this one."""
    beside_it = one.self_id if one.kind == ReviewKind.MANAGER else None
    found = written_in([pk for pk in (one.pk, beside_it) if pk])
    mine = {
        name: str(getattr(one, name) or "")
        for name in ("summary", "overall", "departure", "promotion", "private_note")
    }
    fields = {k: v for k, v in mine.items() if v} | found[one.pk].fields
    other = found[beside_it].fields if beside_it else {}
    return Content(fields), Content(other), found[one.pk]


def as_it_stands(one: Review, content: Content) -> Content:
    """PRIVACY: whoever is rated reads the ratings as they stand now. What the manager first gave
    would show what calibration changed, which only the cycle's own setting may tell. 1 query."""
    events = RatingEvent.objects.current().filter(participant=one.participant_id)
    final = {
        subject_of(c, g): Rating(value, mark)
        for c, g, value, mark in events.values_list("competency_id", "goal_id", "value", "mark")
    }
    fields = {
        name: text
        for name, text in content.fields.items()
        if not name.endswith("-value") and name != "overall"
    }
    for subject, rating in final.items():
        name = "overall" if subject == THE_WHOLE else field_name(subject, "value")
        fields[name] = rating.mark or str(rating.value or "")
    if fields.get("overall") != content.fields.get("overall"):
        fields.pop("departure", None)
    return Content(fields)
