"""Notes to choose from for one part of a review, and what changed in the ladder since the last one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import OuterRef, Subquery
from django.db.models.functions import Substr
from django.http import Http404
from django.shortcuts import get_object_or_404

from apps.core.access import Viewer
from apps.ladders.expectations import Expectations, expectations_of
from apps.ladders.models import Competency, LadderVersion, Level, Mixin
from apps.reviews.access import PACKET_READS, participant_gate, review_gate
from apps.reviews.models import EvidenceNote, Goal, Participant, Review, written_in
from apps.reviews.pages.beside import EXCERPT, cut, line_of
from apps.reviews.pages.desk import NoteLine
from apps.reviews.rules.fields import Shape, part_of
from apps.reviews.rules.ladder_changes import Change, Reading, ladder_changes
from apps.reviews.rules.ratings import COMPETENCY
from apps.reviews.states import ReviewKind

AT_ONCE = 10


@dataclass(frozen=True)
class LinkNotesPage:
    """`linked` in this part already; `notes` others that the author may read, newest first."""

    review: Review
    anchor: str
    name: str
    search: str
    linked: Sequence[NoteLine]
    notes: Sequence[NoteLine]
    more: bool

    @property
    def person(self) -> Any:
        return self.review.participant.person

    @property
    def is_manager(self) -> bool:
        return self.review.kind == ReviewKind.MANAGER


def link_notes(viewer: Viewer, *, review_id: int, anchor: str, search: str) -> LinkNotesPage:
    """4 queries: the review, the part, what it rests on, and the notes. Errors: Http404 for everybody
    but the author while it may be written, and for a part that it does not have."""
    review = _writable(viewer, review_id)
    part = part_of(f"{anchor}-notes")
    shape = Shape.of(review.kind, review.participant.cycle.sections_off)
    if part is None or part.subject is None or not shape.has(part):
        raise Http404
    kind, pk = part.subject
    if kind == COMPETENCY:
        # PRIVACY: any number may stand in the address, and a draft of a ladder is read by HR alone.
        readable = LadderVersion.objects.visible_to(viewer)
        name = get_object_or_404(Competency, pk=pk, version__in=readable).name
    else:
        name = get_object_or_404(Goal, pk=pk, participant=review.participant_id).text
    linked = [n for n in written_in([review.pk])[review.pk].linked if n.subject == part.subject]
    rows = list(
        EvidenceNote.objects.visible_to(viewer)
        .filter(about=review.participant.person_id)
        .exclude(pk__in=[note.note_id for note in linked])
        .matching(search)
        .annotate(excerpt=Substr("text", 1, EXCERPT))
        .values_list("pk", "excerpt", "happened_on", "author__name", "author_id", "shared_at")[
            : AT_ONCE + 1
        ]
    )
    return LinkNotesPage(
        review,
        anchor,
        name,
        search,
        [line_of(note) for note in linked],
        [
            NoteLine(pk, cut(text), day, author, shared is None and author_id == viewer.person_id)
            for pk, text, day, author, author_id, shared in rows[:AT_ONCE]
        ],
        len(rows) > AT_ONCE,
    )


def _writable(viewer: Viewer, review_id: int) -> Review:
    rows = review_gate.visible(viewer, Review.objects.all(), "read_own").select_related(
        "participant__person", "participant__cycle"
    )
    review = get_object_or_404(rows.with_more_time(), pk=review_id)
    if not review_gate.may(viewer, "write_review", review):
        raise Http404
    return review


@dataclass(frozen=True)
class LadderChangesPage:
    """What is asked today of the same level, against what was asked in the last cycle.

    `since` the name of that cycle, empty when there was none; `was_on` the level the person stood on
    then, empty when it is the same; `is_new` when the level of today did not exist.
    """

    review: Review
    since: str
    level_title: str
    was_on: str
    is_new: bool
    changes: Sequence[Change]


def ladder_changes_since(viewer: Viewer, *, review_id: int) -> LadderChangesPage:
    """At most 11 queries: the review, the last cycle, mixins then and now, and 3 for each ladder.

    PRIVACY: the last cycle counts only where this viewer may read that packet.
    """
    rows = Review.objects.visible_to(viewer).select_related(
        "participant__person", "participant__cycle", "participant__level__version"
    )
    review = get_object_or_404(rows, pk=review_id)
    here = review.participant
    then = _before(here, viewer)
    if then is None or here.level is None or then.level is None:
        return LadderChangesPage(review, "", str(here.level or ""), "", False, ())
    was_on = "" if then.level.key == here.level.key else str(then.level)
    old_level: int | None = then.old_level  # type: ignore[attr-defined]  # annotated in _before
    title, cycle = str(here.level), then.cycle.name
    if old_level is None:
        return LadderChangesPage(review, cycle, title, was_on, True, ())
    if old_level == here.level_id:
        return LadderChangesPage(review, cycle, title, was_on, False, ())
    mixins = dict(here.mixins.values_list("pk", "key"))
    old_mixins = (
        Mixin.objects.filter(version=then.level.version_id, key__in=mixins.values())
        if mixins
        else Mixin.objects.none()
    )
    old = expectations_of(old_level, list(old_mixins.values_list("pk", flat=True)))
    changes = ladder_changes(_reading(old), _reading(expectations_of(here.level_id, list(mixins))))
    return LadderChangesPage(review, cycle, title, was_on, False, changes)


def _before(here: Participant, viewer: Viewer) -> Participant | None:
    """The same person in the newest earlier cycle, with `old_level`: today's level in the ladder of
    that time. 1 query."""
    same = Level.objects.filter(
        version=OuterRef("level__version"),
        key=here.level.key if here.level else "",
        version__ladder=here.level.version.ladder_id if here.level else None,
    )
    return (
        Participant.objects.filter(participant_gate.q(viewer, *PACKET_READS))
        .filter(
            person=here.person_id,
            released_at__isnull=False,
            cycle__period_end__lt=here.cycle.period_end,
        )
        .select_related("cycle", "level")
        .annotate(old_level=Subquery(same.values("pk")[:1]))
        .order_by("-cycle__period_end", "-pk")
        .first()
    )


def _reading(expectations: Expectations) -> Reading:
    return {
        c.key: (c.name, [(s.key, s.text) for s in c.statements]) for c in expectations.competencies
    }
