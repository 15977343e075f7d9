"""The form of a cycle: parts left out, questions of its own, and how much each area counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from apps.core.access import Viewer
from apps.core.audit import record
from apps.reviews.access import cycle_gate
from apps.reviews.actions.cycles import Faulty, hold_plan
from apps.reviews.models import AreaWeight, Cycle, FormQuestion
from apps.reviews.rules.phases import Faults
from apps.reviews.rules.sections import (
    HEAVIEST_WEIGHT,
    MOST_QUESTIONS,
    USUAL_WEIGHT,
    checked_sections,
)


@transaction.atomic
def edit_sections(cycle: Cycle, sections_off: Sequence[str], *, by: Viewer, now: datetime) -> None:
    """Leave these parts of the forms out ("manager.promotion"), and no others.

    Errors: UnknownSection; StaleState once it has started; PermissionDenied.
    """
    cycle_gate.require(by, "edit_sections", cycle)
    hold_plan(cycle)
    cycle.sections_off = checked_sections(sections_off)
    cycle.save(update_fields=["sections_off"])
    record("edit_sections", cycle, by=by, at=now, sections_off=cycle.sections_off)


@transaction.atomic
def add_question(
    cycle: Cycle, *, kind: str, text: str, hint: str, is_required: bool, by: Viewer, now: datetime
) -> FormQuestion:
    """Ask one thing more in the review of this kind, after the others.

    Errors: Faulty for a text that is asked already, or beyond ten; StaleState; PermissionDenied.
    """
    cycle_gate.require(by, "edit_questions", cycle)
    hold_plan(cycle)
    there = list(cycle.questions.filter(review_kind=kind))
    if len(there) >= MOST_QUESTIONS:
        raise Faulty(Faults({"text": _("Ten questions are enough for one form.")}))
    question = FormQuestion(cycle=cycle, review_kind=kind, position=len(there))
    _write(question, there, text, hint, is_required)
    _renumber([*there, question])
    record("add_question", cycle, by=by, at=now, question=question.pk, kind=kind)
    return question


@transaction.atomic
def edit_question(
    question: FormQuestion,
    *,
    text: str,
    hint: str,
    is_required: bool,
    by: Viewer,
    now: datetime,
) -> None:
    """Word a question anew. Errors: Faulty, StaleState, PermissionDenied."""
    cycle_gate.require(by, "edit_questions", question.cycle)
    hold_plan(question.cycle)
    others = question.cycle.questions.filter(review_kind=question.review_kind)
    _write(question, list(others.exclude(pk=question.pk)), text, hint, is_required)
    record("edit_question", question.cycle, by=by, at=now, question=question.pk)


@transaction.atomic
def move_question(question: FormQuestion, *, up: bool, by: Viewer, now: datetime) -> None:
    """One place up or down; at the end nothing happens. Errors: StaleState, PermissionDenied."""
    cycle_gate.require(by, "edit_questions", question.cycle)
    hold_plan(question.cycle)
    order = list(question.cycle.questions.filter(review_kind=question.review_kind))
    here = [other.pk for other in order].index(question.pk)
    there = here - 1 if up else here + 1
    if not 0 <= there < len(order):
        return
    order[here], order[there] = order[there], order[here]
    _renumber(order)
    record("move_question", question.cycle, by=by, at=now, question=question.pk, up=up)


@transaction.atomic
def remove_question(question: FormQuestion, *, by: Viewer, now: datetime) -> None:
    """Ask it no more. Nobody has answered it yet. Errors: StaleState, PermissionDenied."""
    cycle_gate.require(by, "edit_questions", question.cycle)
    hold_plan(question.cycle)
    key = question.pk
    question.delete()
    record("remove_question", question.cycle, by=by, at=now, question=key)


@transaction.atomic
def weigh_areas(
    cycle: Cycle,
    weights: Mapping[str, int],
    *,
    names: Mapping[str, str],
    by: Viewer,
    now: datetime,
) -> None:
    """How much each area counts in the computed profile: area key to a whole number, 0 to 10.

    Areas that are not given keep what they have; 1 is the usual and keeps no row. Arguments: `names`
    area key to name. Errors: Faulty; StaleState once it has started; PermissionDenied.
    """
    cycle_gate.require(by, "weigh_areas", cycle)
    hold_plan(cycle)
    if any(not 0 <= weight <= HEAVIEST_WEIGHT for weight in weights.values()):
        raise Faulty(Faults({"": _("A weight is a whole number from 0 to 10.")}))
    there = dict(cycle.weights.values_list("area_key", "weight"))
    if not any({**there, **dict.fromkeys(names, USUAL_WEIGHT), **weights}.values()):
        raise Faulty(Faults({"": _("At least one area has to count.")}))
    cycle.weights.filter(area_key__in=list(weights)).delete()
    AreaWeight.objects.bulk_create(
        AreaWeight(cycle=cycle, area_key=key, area_name=names.get(key, key), weight=weight)
        for key, weight in sorted(weights.items())
        if weight != USUAL_WEIGHT
    )
    record("weigh_areas", cycle, by=by, at=now, weights=dict(sorted(weights.items())))


def _write(
    question: FormQuestion, others: Sequence[FormQuestion], text: str, hint: str, is_required: bool
) -> None:
    question.text, question.hint = text.strip(), hint.strip()
    question.is_required = is_required
    if not question.text:
        raise Faulty(Faults({"text": _("Write the question.")}))
    if question.text in {other.text for other in others}:
        raise Faulty(Faults({"text": _("This is asked already.")}))
    question.save()


def _renumber(order: Sequence[FormQuestion]) -> None:
    for position, question in enumerate(order):
        question.position = position
    FormQuestion.objects.bulk_update(order, ["position"])
