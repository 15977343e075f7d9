"""A review's versions, and the next level beside a competency: the two side doors of the desk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from apps.core.access import Answer, Viewer
from apps.ladders.expectations import ExpectedCompetency, expectations_of
from apps.ladders.models import Competency
from apps.reviews.access import review_gate
from apps.reviews.models import Review, ReviewVersion, ScalePoint
from apps.reviews.rules.writing import part_of
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


def _names(found: Sequence[ReviewVersion]) -> dict[int, str]:
    names = {name for v in found for name in v.content["fields"]}
    names |= {name for v in found for name in v.content.get("kept", {}).get("fields", {})}
    parts = [part_of(name) for name in names if name.startswith("c")]
    wanted = {part.subject[1] for part in parts if part and part.subject}
    return dict(Competency.objects.filter(pk__in=wanted).values_list("pk", "name"))


def _spoken(name: str, names: dict[int, str]) -> str:
    whole = {
        "summary": _("Summary"),
        "overall": _("Overall rating"),
        "departure": _("Why it departs from the profile"),
        "promotion": _("Promotion"),
        "private_note": _("Private note"),
    }
    part = part_of(name)
    if part is None or part.subject is None:
        return whole.get(name, name)
    what = names.get(part.subject[1], "") if name.startswith("c") else _("Goal")
    return f"{what}: {_('rating') if part.column == 'value' else _('comment')}"


def _shown(name: str, text: str, labels: dict[str, str]) -> str:
    if name.endswith("-value") or name == "overall":
        return labels.get(text, text)
    return text


@dataclass(frozen=True)
class NextLevelPage:
    """What the next level asks of one competency, or of all."""

    review: Review
    level_title: str
    competencies: Sequence[ExpectedCompetency]
    only: int | None


def next_level(viewer: Viewer, *, review_id: int, competency_id: int | None) -> NextLevelPage:
    """The next rung, one competency or the whole. 1 query, and 6 of the ladder."""
    rows = Review.objects.visible_to(viewer).select_related(
        "participant__person", "participant__cycle"
    )
    review = get_object_or_404(rows, pk=review_id)
    here = expectations_of(review.participant.level_id)
    above = expectations_of(here.next_level_id)
    if above.level_id is None:
        raise Http404
    chosen = [
        c for c in above.competencies if competency_id is None or c.competency_id == competency_id
    ]
    return NextLevelPage(review, above.level_title, chosen, competency_id)
