"""The desk where a review is written, and the same review as a document once it is handed in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from apps.core.access import Answer, Viewer
from apps.ladders.expectations import Expectations, expectations_of
from apps.reviews.access import review_gate
from apps.reviews.models import (
    Review,
)
from apps.reviews.pages import beside, rows
from apps.reviews.pages.beside import ReportLine, SelfReview, Unsent
from apps.reviews.pages.desk import (
    AreaPart,
    Cards,
    NoteLine,
    Point,
    Said,
    Sources,
    StatementLine,
    Words,
    mark_choices,
)
from apps.reviews.pages.words import (
    MissingLine,
    Spoken,
    conflict_lines,
    doubt_lines,
    missing_lines,
    missing_problem,
    profile_title,
    readable_texts,
)
from apps.reviews.rules.fields import Shape, showable
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
    competency_ratings,
    doubts,
    minutes_left,
    missing_parts,
    needs_departure,
)
from apps.reviews.states import Promotion, ReviewKind


@dataclass(frozen=True)
class ReviewPage:
    """Everything that reviews/review.html reads."""

    review: Review
    shape: Shape
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
    questions: AreaPart | None
    texts: Mapping[str, str]
    overall: Said | None
    overall_before: Said | None
    cycles_before: Sequence[str]
    profile: Profile
    bars: Sequence[tuple[Point, int]]
    weighed: Sequence[tuple[str, int]]
    departs: bool
    missing: Sequence[MissingLine]
    done: int
    total: int
    minutes: int
    self_review: SelfReview
    reports: Sequence[ReportLine]
    unsent: Sequence[Unsent]
    notes: Sequence[NoteLine]
    promotions: Sequence[tuple[str, str]]
    doubts: Sequence[MissingLine] = ()
    conflicts: Sequence[tuple[str, str, str, str]] = ()
    problem: str = ""

    @property
    def is_manager(self) -> bool:
        return self.shape.is_manager

    @property
    def has(self) -> dict[str, bool]:
        """The parts of this form, to ask for by name."""
        return dict.fromkeys(self.shape.parts, True)

    @property
    def marks(self) -> Sequence[tuple[str, str]]:
        return mark_choices()

    @property
    def is_marking(self) -> bool:
        """Something is marked already, so the marks stand open."""
        return any(card.marked for part in self.areas for card in part.cards)

    @property
    def person(self) -> Any:
        return self.review.participant.person

    @property
    def cycle(self) -> Any:
        return self.review.participant.cycle

    @property
    def parts(self) -> Sequence[AreaPart]:
        """What is rated: areas of competencies, then goals."""
        return [*self.areas, self.goals] if self.goals else self.areas

    @property
    def sections(self) -> Sequence[AreaPart]:
        """What is rated and what is asked."""
        return [*self.parts, self.questions] if self.questions else self.parts

    @property
    def reports_done(self) -> int:
        return sum(line.tone == "good" for line in self.reports)

    @property
    def neighbours(self) -> tuple[ReportLine | None, ReportLine | None]:
        """The report before this one in the list, and the one after it."""
        at = next((n for n, line in enumerate(self.reports) if line.is_this), None)
        if at is None:
            return None, None
        after = self.reports[at + 1] if at + 1 < len(self.reports) else None
        return (self.reports[at - 1] if at else None), after

    @property
    def profile_top(self) -> int:
        return max(1, *(count for _point, count in self.bars)) if self.bars else 1

    @property
    def has_before(self) -> bool:
        return bool(self.cycles_before)

    @property
    def has_notes(self) -> bool:
        return bool(self.notes)

    @property
    def promotion_words(self) -> str:
        return dict(self.promotions).get(self.texts.get("promotion", ""), "")

    @property
    def title_words(self) -> str:
        """Who it is about, and what it is, for the title of the tab."""
        return f"{self.person.name}, {self.review.get_kind_display().lower()}"

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

    At most 5 queries (the review with its short lists; what is written here and in the self review;
    earlier cycles; notes; the author's other reviews or, for the person it is about, the ratings as
    they stand), one more when a text is kept unsent, and 3 of the ladder. The same for 3 and 300
    competencies, notes or reports.
    """
    typed = typed or Typed()
    one: Any = rows.review(viewer, review_id)
    participant = one.participant
    is_mine = one.author_id == viewer.person_id
    is_manager = one.kind == ReviewKind.MANAGER
    about_me = participant.person_id == viewer.person_id
    may_write = review_gate.may(viewer, "write_review", one)
    words = Words(sorted((Point(*row) for row in one.points or ()), key=lambda p: p.value))
    mixins = dict(sorted(one.mixin_rows or ()))
    expectations = expectations_of(participant.level_id, list(mixins))
    areas_weigh = {key: weight for key, weight, _name in one.weight_rows or ()}
    shape = _shape(one, expectations, areas_weigh)
    goals = rows.goals(one) if "goals" in shape.parts else []
    mine, other, written = rows.contents(one)
    if is_manager and about_me:
        mine = rows.as_it_stands(one, mine)
    shown = Content({**mine.fields, **showable(typed.fields, shape=shape, highest=words.highest)})
    history = (
        beside.History({}, {}, ())
        if is_manager and about_me
        else beside.earlier_cycles(one, viewer)
    )
    before = history.newest if is_manager else {}
    readable = beside.readable_notes(one, viewer) if may_write else []
    notes = beside.notes_by_part(
        written.linked, readable, shown.notes(), expectations.competencies
    )  # fmt: skip
    found = doubts(shown, before=before, points=words.values, kind=one.kind)
    cards = Cards(
        Sources(
            one.kind, shown, other, history.by_subject, before, words, found, notes, areas_weigh
        ),
        [
            (m.competency_id, StatementLine(m.statement_id, m.text, "", "", "", m.mark))
            for m in written.marked
        ],
    )
    areas = [
        AreaPart(f"area-{n}", name or _("Competencies"), [cards.competency(c) for c in group])
        for n, (name, group) in enumerate(expectations.areas(), start=1)
    ]
    goal_part = AreaPart("goals", _("Goals"), [cards.goal(g) for g in goals]) if goals else None
    asked = [cards.question(question) for question in rows.questions(one)]
    question_part = AreaPart("questions", _("Questions"), asked) if asked else None
    subjects: list[Subject] = [
        *((COMPETENCY, c.competency_id) for c in expectations.competencies),
        *((GOAL, g.pk) for g in goals),
    ]
    parts = [part for part in (*areas, goal_part, question_part) if part]
    gaps = missing_parts(shown, subjects, shape=shape)
    own_profile = profile(competency_ratings(shown, subjects), words.values, shape.weights)
    counts = dict(own_profile.counts)
    say = Spoken(words, [*beside.all_notes(notes), *(note for note, _keys in readable)])
    return ReviewPage(
        review=one,
        shape=shape,
        is_mine=is_mine,
        is_about_me=about_me,
        may_write=may_write,
        may_submit=review_gate.may(viewer, "submit_review", one),
        may_reopen=review_gate.may(viewer, "reopen_review", one),
        due_on=one.due_on,
        release_on=one.release_on,
        level_title=expectations.level_title or profile_title(one),
        mixin_titles=list(mixins.values()),
        next_level_id=expectations.next_level_id,
        next_level_title=expectations.next_level_title,
        points=words.points,
        areas=areas,
        goals=goal_part,
        questions=question_part,
        texts=readable_texts(shown, is_mine=is_mine),
        overall=words.said(Rating(shown.overall)) if shown.overall else None,
        overall_before=words.said(before[THE_WHOLE]) if THE_WHOLE in before else None,
        cycles_before=history.cycles,
        profile=own_profile,
        bars=[(point, counts.get(point.value, 0)) for point in words.points],
        weighed=_weighed(one, expectations),
        departs=needs_departure(shown, subjects, weights=shape.weights),
        missing=missing_lines(gaps, parts),
        done=len(subjects) - sum(g.subject is not None and g.why != "answer" for g in gaps),
        total=len(subjects),
        minutes=minutes_left(gaps),
        self_review=beside.self_review_of(one),
        reports=beside.reports(one, viewer, with_goals="goals" in shape.parts)
        if is_manager and is_mine
        else (),
        unsent=beside.unsent(one, parts, say) if is_mine and one.has_unsent else (),
        notes=[note for note, _keys in readable],
        promotions=[(value, str(label)) for value, label in Promotion.choices],
        doubts=doubt_lines(typed.doubts, parts),
        conflicts=conflict_lines(typed.theirs, typed.fields, parts, say),
        problem=typed.problem or (missing_problem(gaps) if typed.missing else ""),
    )


def _shape(one: Any, expectations: Expectations, areas_weigh: Mapping[str, int]) -> Shape:
    return Shape.of(
        one.kind,
        one.participant.cycle.sections_off,
        required=tuple(q.question_id for q in rows.questions(one) if q.is_required),
        weights={
            c.competency_id: areas_weigh[c.area_key]
            for c in expectations.competencies
            if c.area_key in areas_weigh
        },
    )


def _weighed(one: Any, expectations: Expectations) -> list[tuple[str, int]]:
    """The areas of this form that count more or less than once, in its order."""
    here = {c.area_key for c in expectations.competencies}
    rows = sorted((name, key, weight) for key, weight, name in one.weight_rows or ())
    return [(name, weight) for name, key, weight in rows if key in here and weight != 1]
