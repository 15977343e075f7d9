"""What was said about a person, put together for one reader: with names, as a batch, or as figures.

PRIVACY: names are taken from rows that the gate gives with a name, and from no others. A batch is cut
by rules.showing per item, so that what is shown follows from the batch and never from the reader.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from django.conf import settings
from django.db.models import Exists, F, OuterRef, QuerySet, Subquery

from apps.core.access import Viewer
from apps.feedback.access import report_gate
from apps.feedback.models import (
    AnswerPart,
    Concern,
    ConcernReport,
    Perspective,
    Request,
    decision_of,
)
from apps.feedback.pages.shown import Kind, Rated, Said, Score, Section, Voice
from apps.feedback.rules import (
    may_be_shown,
    nearest_point,
    shown_items,
    text_key,
    worded,
)
from apps.feedback.states import OUT, Mode, PerspectiveKind, PerspectiveState
from apps.ladders.models import Competency
from apps.reviews.models import Participant
from apps.reviews.states import DELIVERED

__all__ = [
    "Kind",
    "Rated",
    "Readable",
    "Reader",
    "Said",
    "Score",
    "Section",
    "Voice",
    "parts_of_answers",
    "perspectives_of",
]


@dataclass(frozen=True)
class Readable:
    """Which answers a reader gets, and how: by key of the answer, its perspective and, with
    a name, its author."""

    named: dict[UUID, tuple[int, str]]
    batch: dict[UUID, int]
    scores: dict[UUID, int]

    @property
    def ids(self) -> list[UUID]:
        return [*self.named, *self.batch, *self.scores]


def perspectives_of(participant: Participant, viewer: Viewer) -> list[Perspective]:
    """Those of the cycle, each with `was_asked` (the viewer) and `has_asked` (anybody). 1 query.

    An upward perspective is left out where nobody was asked: the person has no team, or a small one.
    """
    out = Request.objects.filter(perspective=OuterRef("pk"), participant=participant, state__in=OUT)
    found = Perspective.objects.filter(cycle=participant.cycle_id).order_by("kind")
    return [
        perspective
        for perspective in found.annotate(
            has_asked=Exists(out), was_asked=Exists(out.filter(giver=viewer.person_id))
        )
        if perspective.kind == PerspectiveKind.PEER or perspective.has_asked
    ]


def parts_of_answers(ids: Sequence[UUID], viewer: Viewer) -> QuerySet[AnswerPart]:
    """All that stands in these answers, in the order of the form, with why HR hides it."""
    hiding = Concern.objects.hiding().filter(part=OuterRef("pk"))
    reported = ConcernReport.objects.filter(concern__part=OuterRef("pk"))
    mine = report_gate.visible(viewer, reported, "read_own_report").order_by("-concern")
    return (
        AnswerPart.objects.filter(answer__in=ids)
        .select_related("question", "competency")
        .annotate(
            hidden=Subquery(hiding.values(why=decision_of("pk", "reason"))[:1]),
            concern=Subquery(mine.values("concern__state")[:1]),
            answered=Subquery(mine.values(why=decision_of("concern", "reason"))[:1]),
            sealed_in=F("answer__perspective__state"),
        )
        .order_by("question__position", "competency__position", "competency_id")
    )


@dataclass(frozen=True)
class Reader:
    """Puts the parts of one perspective together for one viewer. `labels` are the points of the
    scale with their names; `may_report` False for whoever reads in a room that is not their own."""

    viewer: Viewer
    participant: Participant
    labels: dict[int, str]
    may_report: bool = False

    def kinds(
        self, perspectives: Iterable[Perspective], readable: Readable, *, without_names: bool
    ) -> list[Kind]:
        """One query for all parts. `without_names`: this reader never gets a name, so what is not
        anonymous is read as a batch of any size."""
        parts: dict[int, dict[str, list[AnswerPart]]] = {}
        for part in parts_of_answers(readable.ids, self.viewer):
            pk, how = part.answer_id, "scores"
            if pk in readable.named:
                perspective_id, how = readable.named[pk][0], "named"
            elif pk in readable.batch:
                perspective_id, how = readable.batch[pk], "batch"
            else:
                perspective_id = readable.scores[pk]
            parts.setdefault(perspective_id, {}).setdefault(how, []).append(part)
        names = {pk: name for pk, (_perspective, name) in readable.named.items()}
        return [
            self._kind(perspective, parts.get(perspective.pk, {}), names, without_names)
            for perspective in perspectives
        ]

    def _kind(
        self,
        perspective: Perspective,
        parts: dict[str, list[AnswerPart]],
        names: dict[UUID, str],
        without_names: bool,
    ) -> Kind:
        title = perspective.get_kind_display()
        is_open_to_all = perspective.mode == Mode.NAMED
        fewest = 1 if is_open_to_all else perspective.threshold
        if named := parts.get("named"):
            return Kind(perspective, title, 1, voices=self._voices(named, names))
        for how in ("batch", "scores"):
            if found := parts.get(how):
                scores, total = self._scores(found, fewest, has_texts=how == "batch")
                sections = self._sections(found, fewest) if how == "batch" else []
                return Kind(
                    perspective, title, fewest,
                    sections=sections, scores=scores, total=total, has_texts=how == "batch",
                )  # fmt: skip
        reads_names = self.participant.person_id != self.viewer.person_id and not without_names
        in_batch = perspective.mode == Mode.ANONYMOUS or not (is_open_to_all or reads_names)
        return Kind(perspective, title, fewest, why=self._why(perspective, in_batch, without_names))

    def _why(self, perspective: Perspective, in_batch: bool, without_names: bool) -> str:
        """Why nothing is shown, as a word for the template.

        PRIVACY: after sealing the word is the same for no answer and for one fewer than it takes.
        """
        is_about_me = self.participant.person_id == self.viewer.person_id
        if in_batch and perspective.was_asked:  # type: ignore[attr-defined]  # annotated
            return "was_asked"
        if perspective.state == PerspectiveState.OPEN:
            return "collecting_batch" if in_batch or without_names else "nothing_yet"
        if is_about_me and self.participant.state not in DELIVERED:
            return "at_release"
        return "too_few" if in_batch else "none"

    def _sections(self, parts: Sequence[AnswerPart], fewest: int) -> list[Section]:
        texts: dict[int, list[AnswerPart]] = {}
        questions = {}
        for part in parts:
            if part.question is not None:
                questions[part.question.pk] = part.question
                texts.setdefault(part.question.pk, []).extend([part] if part.text else [])
        return [
            Section(
                worded(question.text, self._first_name),
                shown := self._shown_texts(texts[pk], fewest),
                not shown,
            )
            for pk, question in questions.items()
        ]

    def _scores(
        self, parts: Sequence[AnswerPart], fewest: int, *, has_texts: bool
    ) -> tuple[list[Score], Decimal | None]:
        values: dict[int, list[int]] = {}
        comments: dict[int, list[AnswerPart]] = {}
        asked: dict[int, Competency] = {}
        for part in parts:
            if part.competency is not None:
                pk = part.competency.pk
                asked[pk] = part.competency
                values.setdefault(pk, []).extend([] if part.value is None else [part.value])
                comments.setdefault(pk, []).extend([part] if part.text and has_texts else [])
        items, total = shown_items(values, fewest, sorted(self.labels))
        return [
            Score(
                item.key,
                asked[item.key].name,
                item.mean,
                nearest := None if item.mean is None else nearest_point(item.mean),
                self.labels.get(nearest or 0, ""),
                item.spread,
                self._shown_texts(comments[item.key], fewest),
                self.labels,
            )
            for item in items
        ], total

    def _shown_texts(self, parts: Sequence[AnswerPart], fewest: int) -> list[Said]:
        if not may_be_shown(len(parts), fewest):
            return []
        # PRIVACY: the order is that of the keys. Any order of the table would be that of sending.
        # Two alike have one key; then the one that is shown comes before the one that is hidden.
        return sorted(
            map(self._said, parts), key=lambda s: (s.key, s.hidden, s.concern, s.answered)
        )

    def _voices(self, parts: Sequence[AnswerPart], names: dict[UUID, str]) -> list[Voice]:
        by_answer: dict[UUID, list[AnswerPart]] = {}
        for part in parts:
            by_answer.setdefault(part.answer_id, []).append(part)
        said: Callable[[AnswerPart], Said | None] = lambda p: self._said(p) if p.text else None  # noqa: E731
        voices = [
            Voice(
                names[pk],
                [(worded(p.question.text, self._first_name), said(p)) for p in own if p.question],
                [
                    Rated(
                        p.competency.pk,
                        p.competency.name,
                        p.value,
                        self.labels.get(p.value or 0, ""),
                        said(p),
                    )
                    for p in own
                    if p.competency
                ],
            )
            for pk, own in by_answer.items()
        ]
        return sorted(voices, key=lambda voice: voice.name)

    def _said(self, part: AnswerPart) -> Said:
        about = (
            f"item {part.competency_id}" if part.competency_id else f"question {part.question_id}"
        )
        key = text_key(
            part.text,
            secret=settings.SECRET_KEY,
            viewer_id=self.viewer.person_id or 0,
            section=f"{self.participant.pk} {about}",
        )
        hidden, concern, answered, sealed_in = (
            getattr(part, name) or "" for name in ("hidden", "concern", "answered", "sealed_in")
        )
        may_report = (
            self.may_report
            and sealed_in == PerspectiveState.SEALED
            and not (hidden or concern)
            and self.viewer.person_id is not None
        )
        text = "" if hidden else part.text
        return Said(text, key, part.pk, hidden, concern, answered, may_report)

    @property
    def _first_name(self) -> str:
        return self.participant.person.name.split()[0]
