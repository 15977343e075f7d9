"""A review's versions, and the next level beside a competency: the two side doors of the desk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest

from django.db.models import TextField, Value
from django.db.models.functions import Cast
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.core.access import Answer, Viewer
from apps.ladders.expectations import expectations_of
from apps.ladders.models import Competency, Statement
from apps.reviews.access import review_gate
from apps.reviews.models import FormQuestion, Review, ReviewVersion, ScalePoint, StatementMark
from apps.reviews.pages.desk import MARKS, StatementLine, mark_choices
from apps.reviews.pages.words import column_names, whole_names
from apps.reviews.rules.fields import Shape, notes_in, part_of, subjects_of
from apps.reviews.rules.ratings import COMPETENCY, GOAL, QUESTION, STATEMENT, Subject
from apps.reviews.states import Mark


@dataclass(frozen=True)
class VersionLine:
    """One version: what changed in it since the one before, or the text that was set beside it."""

    revision: int
    saved_at: datetime
    why: str
    changes: Sequence[tuple[str, str]]
    is_newest: bool


@dataclass(frozen=True)
class VersionsPage:
    review: Review
    may_write: Answer
    lines: Sequence[VersionLine]


def versions(viewer: Viewer, *, review_id: int) -> VersionsPage:
    """4 queries: the review, its versions, the names of its competencies, the scale.

    PRIVACY: drafts are their author's; a reader of the review does not learn how it was written.
    """
    rows = review_gate.visible(viewer, Review.objects.all(), "read_own")
    review = get_object_or_404(
        rows.select_related("participant__person", "participant__cycle"), pk=review_id
    )
    found = list(ReviewVersion.objects.filter(review=review, set_aside_for=None))
    names = _names(found)
    labels = {str(v): str(label) for v, label in Mark.choices}
    labels |= {
        str(p.value): str(p)
        for p in ScalePoint.objects.filter(scale=review.participant.cycle.scale_id)
    }
    lines = []
    for version, older in zip_longest(found, found[1:]):
        kept = version.content.get("kept")
        now = kept["fields"] if kept else version.content["fields"]
        before = version.content["fields"] if kept else older.content["fields"] if older else {}
        changes = [
            (_spoken(name, names), _shown(name, now.get(name, ""), labels))
            for name in sorted({*now, *([] if kept else before)})
            if now.get(name, "") != before.get(name, "")
        ]
        why = kept["why"] if kept else ""
        lines.append(
            VersionLine(version.revision, version.saved_at, why, changes, version is found[0])
        )
    return VersionsPage(review, review_gate.may(viewer, "write_review", review), lines)


def _names(found: Sequence[ReviewVersion]) -> dict[Subject, str]:
    """What the fields of these versions are about, by its name or its text. 1 query."""
    fields = {name for v in found for name in v.content["fields"]}
    fields |= {name for v in found for name in v.content.get("kept", {}).get("fields", {})}
    ids: dict[str, set[int]] = {COMPETENCY: set(), QUESTION: set(), STATEMENT: set()}
    for kind, pk in subjects_of(fields):
        ids.get(kind, set()).add(pk)
    rows = [
        model.objects.filter(pk__in=ids[kind])
        .order_by()
        .values_list(Value(kind), "pk", Cast(column, TextField()))
        for kind, model, column in (
            (COMPETENCY, Competency, "name"),
            (QUESTION, FormQuestion, "text"),
            (STATEMENT, Statement, "text"),
        )
    ]
    return {(kind, pk): text for kind, pk, text in rows[0].union(*rows[1:], all=True)}


def _spoken(name: str, names: dict[Subject, str]) -> str:
    part = part_of(name)
    if part is None or part.subject is None:
        return whole_names().get(name, name)
    kind = part.subject[0]
    if kind == STATEMENT:
        return f"“{names.get(part.subject, '')}”"
    what = _("Goal") if kind == GOAL else names.get(part.subject, "")
    return f"{what}: {column_names()[part.column]}"


def _shown(name: str, text: str, labels: dict[str, str]) -> str:
    if name.endswith("-shown"):
        return str(MARKS.get(text, text))
    if name.endswith("-notes"):
        count = len(notes_in(text))
        return ngettext("%(count)d note", "%(count)d notes", count) % {"count": count}
    return labels.get(text, text) if name.endswith("-value") or name == "overall" else text


@dataclass(frozen=True)
class NextCompetency:
    """What the next level asks of one competency, with what the review says of it."""

    name: str
    lines: Sequence[StatementLine]


@dataclass(frozen=True)
class NextLevelPage:
    """What the next level asks of one competency, or of all."""

    review: Review
    level_title: str
    competencies: Sequence[NextCompetency]
    only: int | None
    may_mark: bool

    @property
    def marks(self) -> Sequence[tuple[str, str]]:
        return mark_choices()


def next_level(viewer: Viewer, *, review_id: int, competency_id: int | None) -> NextLevelPage:
    """The next rung, one competency or the whole. 2 queries, and 6 of the ladder."""
    rows = Review.objects.visible_to(viewer).select_related(
        "participant__person", "participant__cycle"
    )
    review = get_object_or_404(rows.with_more_time(), pk=review_id)
    here = expectations_of(review.participant.level_id)
    above = expectations_of(here.next_level_id)
    if above.level_id is None:
        raise Http404
    chosen = [
        c for c in above.competencies if competency_id is None or c.competency_id == competency_id
    ]
    marks = dict(
        StatementMark.objects.filter(review=review).values_list("statement_id", "mark")
    )  # fmt: skip
    shape = Shape.of(review.kind, review.participant.cycle.sections_off)
    return NextLevelPage(
        review,
        above.level_title,
        [
            NextCompetency(c.name, [StatementLine.of(line, marks) for line in c.statements])
            for c in chosen
        ],
        competency_id,
        "marks" in shape.parts and bool(review_gate.may(viewer, "write_review", review)),
    )
