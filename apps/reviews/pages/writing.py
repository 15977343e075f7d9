"""The desk where a review is written, and the same review as a document once it is handed in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Count, OuterRef, Q, Subquery, Value
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from apps.core.access import Answer, Viewer
from apps.ladders.expectations import expectations_of
from apps.ladders.models import Mixin
from apps.reviews.access import review_gate
from apps.reviews.models import (
    CyclePhase,
    RatingEvent,
    Review,
    ReviewItem,
    ReviewVersion,
    ScalePoint,
)
from apps.reviews.pages.desk import (
    AreaPart,
    Cards,
    MissingLine,
    Point,
    ReportLine,
    Said,
    SelfReview,
    Unsent,
    Words,
    conflict_lines,
    doubt_lines,
    missing_lines,
    missing_problem,
    name_of,
    profile_title,
    progress,
    readable_texts,
    self_review_of,
    subject_of,
)
from apps.reviews.rules.ratings import (
    COMPETENCY,
    GOAL,
    THE_WHOLE,
    Profile,
    Rating,
    Subject,
    profile,
)
from apps.reviews.rules.writing import (
    Content,
    Doubt,
    doubts,
    field_name,
    minutes_left,
    missing_parts,
    needs_departure,
)
from apps.reviews.states import ParticipantState, Phase, Promotion, ReviewKind, ReviewState

MOST_REPORTS = 60


@dataclass(frozen=True)
class ReviewPage:
    """Everything that reviews/review.html reads."""

    review: Review
    is_manager: bool
    is_mine: bool
    is_about_me: bool
    may_write: Answer
    may_submit: Answer
    may_reopen: Answer
    due_on: date | None
    release_on: date | None
    level_title: str
    mixin_titles: Sequence[str]
    next_level_id: int | None
    next_level_title: str
    points: Sequence[Point]
    areas: Sequence[AreaPart]
    goals: AreaPart | None
    texts: Mapping[str, str]
    overall: Said | None
    overall_before: Said | None
    profile: Profile
    bars: Sequence[tuple[Point, int]]
    departs: bool
    missing: Sequence[MissingLine]
    done: int
    total: int
    minutes: int
    self_review: SelfReview
    reports: Sequence[ReportLine]
    unsent: Sequence[Unsent]
    promotions: Sequence[tuple[str, str]]
    doubts: Sequence[MissingLine] = ()
    conflicts: Sequence[tuple[str, str, str, str]] = ()
    problem: str = ""

    @property
    def person(self) -> Any:
        return self.review.participant.person

    @property
    def cycle(self) -> Any:
        return self.review.participant.cycle

    @property
    def parts(self) -> Sequence[AreaPart]:
        return [*self.areas, self.goals] if self.goals else self.areas

    @property
    def reports_done(self) -> int:
        return sum(line.tone == "good" for line in self.reports)

    @property
    def profile_top(self) -> int:
        return max(1, *(count for _point, count in self.bars)) if self.bars else 1

    @property
    def has_before(self) -> bool:
        return any(getattr(card, "before", None) for part in self.areas for card in part.cards)

    @property
    def promotion_words(self) -> str:
        return dict(self.promotions).get(self.texts.get("promotion", ""), "")

    @property
    def saved_words(self) -> str:
        if self.review.saved_at is None:
            return ""
        at = date_format(timezone.localtime(self.review.saved_at), "j M, H:i")
        return _("Saved %(when)s") % {"when": at}


@dataclass(frozen=True)
class Typed:
    """What the writer sent and the server did not take as it was: shown again, nothing retyped."""

    fields: Mapping[str, str] = field(default_factory=dict)
    theirs: Mapping[str, str] = field(default_factory=dict)
    missing: bool = False
    doubts: Sequence[Doubt] = ()
    problem: str = ""


def review(viewer: Viewer, *, review_id: int, typed: Typed | None = None) -> ReviewPage:
    """The review as this viewer may read it, or write it.

    At most 6 queries (the review; scale and mixins; items of this and the self review; goals; the last
    cycle; the author's other reviews or, for the person it is about, the ratings as they stand),
    one more when a text is kept unsent, and 3 of the ladder. The same for 3 and 300 competencies.
    """
    typed = typed or Typed()
    one = _review(viewer, review_id)
    participant = one.participant
    is_mine = one.author_id == viewer.person_id
    is_manager = one.kind == ReviewKind.MANAGER
    about_me = participant.person_id == viewer.person_id
    points, mixins = _scale_and_mixins(one)
    expectations = expectations_of(participant.level_id, list(mixins))
    goals = list(participant.goals.all())
    words = Words(points)
    mine, other = _contents(one)
    if is_manager and about_me:
        mine = _as_it_stands(one, mine)
    shown = Content({**mine.fields, **typed.fields})
    before = _last_cycle(one, viewer) if is_manager and not about_me else {}
    found = doubts(shown, before=before, points=words.values, kind=one.kind)
    cards = Cards(one.kind, shown, other, before, words, found)
    areas = [
        AreaPart(f"area-{n}", name or _("Competencies"), [cards.competency(c) for c in group])
        for n, (name, group) in enumerate(expectations.areas(), start=1)
    ]
    goal_part = AreaPart("goals", _("Goals"), [cards.goal(g) for g in goals]) if goals else None
    subjects: list[Subject] = [
        *((COMPETENCY, c.competency_id) for c in expectations.competencies),
        *((GOAL, g.pk) for g in goals),
    ]
    parts = [*areas, goal_part] if goal_part else areas
    gaps = missing_parts(shown, subjects, kind=one.kind)
    own_profile = profile(
        [r for s, r in shown.ratings().items() if s[0] == COMPETENCY and s in subjects],
        words.values,
    )
    counts = dict(own_profile.counts)
    return ReviewPage(
        review=one,
        is_manager=is_manager,
        is_mine=is_mine,
        is_about_me=about_me,
        may_write=review_gate.may(viewer, "write_review", one),
        may_submit=review_gate.may(viewer, "submit_review", one),
        may_reopen=review_gate.may(viewer, "reopen_review", one),
        due_on=one.due_on,  # type: ignore[attr-defined]  # annotated in _review
        release_on=one.release_on,  # type: ignore[attr-defined]
        level_title=expectations.level_title or profile_title(one),
        mixin_titles=list(mixins.values()),
        next_level_id=expectations.next_level_id,
        next_level_title=expectations.next_level_title,
        points=points,
        areas=areas,
        goals=goal_part,
        texts=readable_texts(shown, is_mine=is_mine),
        overall=words.said(Rating(shown.overall)) if shown.overall else None,
        overall_before=words.said(before[THE_WHOLE]) if THE_WHOLE in before else None,
        profile=own_profile,
        bars=[(point, counts.get(point.value, 0)) for point in points],
        departs=needs_departure(shown, subjects),
        missing=missing_lines(gaps, parts),
        done=len(subjects) - sum(gap.subject is not None for gap in gaps),
        total=len(subjects),
        minutes=minutes_left(gaps),
        self_review=self_review_of(one),
        reports=_reports(one, viewer) if is_manager and is_mine else (),
        unsent=_unsent(one, parts) if is_mine and one.has_unsent else (),  # type: ignore[attr-defined]
        promotions=[(value, str(label)) for value, label in Promotion.choices],
        doubts=doubt_lines(typed.doubts, parts),
        conflicts=conflict_lines(typed.theirs, typed.fields, parts, words),
        problem=typed.problem or (missing_problem(gaps) if typed.missing else ""),
    )


# --- the reads --------------------------------------------------------------------------------------


def _review(viewer: Viewer, review_id: int) -> Review:
    """1 query: the review with its people, its dates, and the self review of the same person."""
    phases = CyclePhase.objects.filter(cycle=OuterRef("participant__cycle"))
    selves = Review.objects.filter(participant=OuterRef("participant"), kind=ReviewKind.SELF)
    # PRIVACY: whether it is in is a status; its text only where the gate lets this viewer read it.
    readable = selves.visible_to(viewer).filter(state=ReviewState.SUBMITTED)
    kept = ReviewVersion.objects.filter(
        review=OuterRef("pk"), set_aside_for=None, content__has_key="kept"
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
        .annotate(
            collection_due=Subquery(phases.filter(kind=Phase.COLLECTION).values("due_on")[:1]),
            rating_due=Subquery(phases.filter(kind=Phase.MANAGER_REVIEW).values("due_on")[:1]),
            release_on=Subquery(phases.filter(kind=Phase.DELIVERY).values("opens_on")[:1]),
            self_state=Subquery(selves.values("state")[:1]),
            self_id=Subquery(readable.values("pk")[:1]),
            self_summary=Subquery(readable.values("summary")[:1]),
            has_unsent=Subquery(kept.values("pk")[:1]),
        )
    )
    one: Any = get_object_or_404(rows, pk=review_id)
    one.due_on = one.rating_due if one.kind == ReviewKind.MANAGER else one.collection_due
    return one


def _scale_and_mixins(one: Review) -> tuple[list[Point], dict[int, str]]:
    """1 query for two short lists: the points of the scale, and the mixins with their titles."""
    participant = one.participant
    points = ScalePoint.objects.filter(scale=participant.cycle.scale_id).order_by()
    mixins = Mixin.objects.filter(pk__in=participant.mixins.values("pk")).order_by()
    rows = points.values_list(Value("point"), "value", "label", "anchor").union(
        mixins.values_list(Value("mixin"), "pk", "title", Value("")), all=True
    )
    found = sorted(rows)
    return (
        [Point(*row[1:]) for row in found if row[0] == "point"],
        {pk: title for what, pk, title, _none in found if what == "mixin"},
    )


def _contents(one: Review) -> tuple[Content, Content]:
    """1 query: this review's content and, beside a manager's, the readable self review's."""
    beside = one.self_id if one.kind == ReviewKind.MANAGER else None  # type: ignore[attr-defined]
    items = ReviewItem.objects.filter(review__in=[pk for pk in (one.pk, beside) if pk])
    mine: dict[str, str] = {
        name: str(getattr(one, name) or "")
        for name in ("summary", "overall", "departure", "promotion", "private_note")
    }
    other: dict[str, str] = {}
    for item in items:
        fields = mine if item.review_id == one.pk else other
        subject = (COMPETENCY, item.competency_id) if item.competency_id else (GOAL, item.goal_id)
        value = item.mark if item.value is None else str(item.value)
        fields[field_name(subject, "value")] = value  # type: ignore[arg-type]  # one is not None
        fields[field_name(subject, "comment")] = item.comment  # type: ignore[arg-type]
    return Content({k: v for k, v in mine.items() if v}), Content(
        {k: v for k, v in other.items() if v}
    )


def _as_it_stands(one: Review, content: Content) -> Content:
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


def _last_cycle(one: Review, viewer: Viewer) -> dict[Subject, Rating]:
    """1 query: the ratings of the cycle before, by the competencies of today's ladder."""
    events = RatingEvent.objects.of_the_cycle_before(one.participant, viewer)
    return {
        subject_of(now_id, goal_id): Rating(value, mark)
        for now_id, goal_id, value, mark in events.values_list("now_id", "goal_id", "value", "mark")
    }


def _reports(one: Review, viewer: Viewer) -> list[ReportLine]:
    """1 query: the author's manager reviews of this cycle, with how far each is."""
    selves = Review.objects.filter(participant=OuterRef("participant"), kind=ReviewKind.SELF)
    rated = Q(items__value__isnull=False) | ~Q(items__mark="")
    rows = (
        Review.objects.filter(
            author=viewer.person_id,
            kind=ReviewKind.MANAGER,
            participant__cycle=one.participant.cycle_id,
        )
        .exclude(participant__state=ParticipantState.EXCUSED)
        .annotate(
            rated=Count("items", filter=rated & Q(items__isnull=False)),
            self_state=Subquery(selves.values("state")[:1]),
        )
        .order_by("participant__person__name", "pk")
        .values_list(
            "pk", "participant__person__name", "state", "rated", "participant__item_count",
            "self_state",
        )[:MOST_REPORTS]
    )  # fmt: skip
    lines = []
    for pk, name, state, count, total, self_state in rows:
        words, tone = progress(state, count, total, self_state)
        lines.append(ReportLine(pk, name, words, tone, pk == one.pk))
    return lines


def _unsent(one: Review, parts: Iterable[AreaPart]) -> list[Unsent]:
    """1 query, only where there is one: the newest texts that could not be taken."""
    versions = ReviewVersion.objects.filter(
        review=one.pk, set_aside_for=None, content__has_key="kept"
    )
    return [
        Unsent(
            v.revision,
            v.saved_at,
            v.content["kept"]["why"],
            [(name_of(name, parts), text) for name, text in v.content["kept"]["fields"].items()],
        )
        for v in versions[:5]
        # A conflict is settled by the next save; its text stays among the versions.
        if v.content["kept"]["why"] == "closed" or v.revision == one.revision
    ]
