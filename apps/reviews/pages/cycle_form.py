"""The form of a cycle's reviews, for HR: its parts, its own questions, and how it will look."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from apps.core.access import Answer, Viewer
from apps.ladders.expectations import expectations_of
from apps.reviews.access import cycle_gate
from apps.reviews.models import Cycle, FormQuestion
from apps.reviews.pages.population import cycle_to_set
from apps.reviews.rules.sections import ALWAYS, MOST_QUESTIONS, OPTIONAL, parts_of
from apps.reviews.states import ReviewKind


@dataclass(frozen=True)
class FormPart:
    """A part of a form: what it is called, what it asks, and whether this cycle has it."""

    name: str
    title: str
    says: str
    is_on: bool
    may_be_left_out: bool


@dataclass(frozen=True)
class KindOfForm:
    kind: str
    title: str
    is_written: bool
    parts: list[FormPart]
    questions: list[FormQuestion]
    may_add: bool


@dataclass(frozen=True)
class CycleForm:
    cycle: Cycle
    kinds: list[KindOfForm]
    most: int
    may_edit: Answer


def part_words(kind: str, part: str) -> tuple[str, str]:
    """(what a part is called, what it asks of whom) in this kind of review."""
    own = kind == ReviewKind.SELF
    return {
        "ratings": (
            _("Points for each competency"),
            _("How the person sees themself; beside it, words. Without points only words are asked.")
            if own else _("A point on the scale, or a mark in its place, and words on what was seen."),
        ),
        "marks": (
            _("Marks for each statement"),
            _("Strength, shown, not yet: one press for each line that the level expects."),
        ),
        "goals": (_("Goals"), _("Each goal with what was reached, and words on it.")),
        "overall": (_("Overall rating"), _("One point for the whole, and a sentence where it departs from the parts.")),
        "summary": (_("Summary"), _("The whole in a few sentences.")),
        "promotion": (_("Promotion"), _("Not yet, within a year, or ready now.")),
        "private_note": (_("Note for the committee"), _("Read by the calibration committee, never by the person.")),
    }[part]  # fmt: skip


def cycle_form(viewer: Viewer, *, cycle_id: int) -> CycleForm:
    """2 queries: the cycle and its questions."""
    found = cycle_to_set(viewer, cycle_id=cycle_id, prefetch=("questions",))
    return CycleForm(
        found,
        [_kind(found, kind) for kind in ReviewKind],
        MOST_QUESTIONS,
        cycle_gate.may(viewer, "edit_questions", found),
    )


def _kind(found: Cycle, kind: ReviewKind) -> KindOfForm:
    there = parts_of(kind.value, found.sections_off)
    names = (*OPTIONAL[kind.value], *sorted(ALWAYS[kind.value]))
    order = ("ratings", "marks", "goals", "overall", "summary", "promotion", "private_note")
    questions = [q for q in found.questions.all() if q.review_kind == kind.value]
    return KindOfForm(
        kind.value,
        str(kind.label),
        kind != ReviewKind.SELF or found.self_review,
        [
            FormPart(
                f"{kind.value}.{part}",
                *part_words(kind.value, part),
                part in there,
                part not in ALWAYS[kind.value],
            )
            for part in order
            if part in names
        ],
        questions,
        len(questions) < MOST_QUESTIONS,
    )


def question(viewer: Viewer, *, cycle_id: int, question_id: int) -> FormQuestion:
    """2 queries. Errors: Http404, PermissionDenied."""
    found = cycle_to_set(viewer, cycle_id=cycle_id)
    cycle_gate.require(viewer, "edit_questions", found)
    row = get_object_or_404(found.questions, pk=question_id)
    row.cycle = found
    return row


@dataclass(frozen=True)
class FormPreview:
    """The form as somebody would see it: an example, on the level that most of them have."""

    cycle: Cycle
    kind: str
    title: str
    parts: frozenset[str]
    points: list[Any]
    level: str
    areas: list[tuple[str, list[Any]]]
    questions: list[FormQuestion]


def form_preview(viewer: Viewer, *, cycle_id: int, kind: str, now: datetime) -> FormPreview:
    """At most 11 queries: the cycle, its phases, questions and scale, the level that most people
    have, and what that level expects."""
    found = cycle_to_set(
        viewer, cycle_id=cycle_id, prefetch=("phases", "questions", "scale__points")
    )
    people = found.people(on=found.counted_on(now)).filter(level__isnull=False)
    usual = (
        people.order_by()
        .values_list("level")
        .annotate(n=Count("pk"))
        .order_by("-n", "level")
        .first()
    )
    expected = expectations_of(usual[0]) if usual else None
    return FormPreview(
        cycle=found,
        kind=kind,
        title=str(ReviewKind(kind).label),
        parts=parts_of(kind, found.sections_off),
        points=list(found.scale.points.all()),
        level=expected.level_title if expected else "",
        areas=expected.areas() if expected else [],
        questions=[q for q in found.questions.all() if q.review_kind == kind],
    )
