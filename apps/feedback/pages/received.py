"""What was said about a person, for those who may read it.

PRIVACY: the gate says which answers; this page says what of them. Names are taken from rows that
the gate gives with a name, and from no others; a batch is cut by rules.showing per item.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from django.conf import settings
from django.db.models import OuterRef, Subquery
from django.shortcuts import get_object_or_404

from apps.core.access import Viewer
from apps.feedback.access import READS_WITH_NAME, READS_WITHOUT_NAME, answer_gate
from apps.feedback.models import Answer, AnswerPart, Perspective
from apps.feedback.rules import display_order, may_be_shown, shown_items, worded
from apps.feedback.states import Mode, PerspectiveKind, PerspectiveState
from apps.ladders.models import Competency
from apps.people.models import Person
from apps.reviews.access import participant_gate
from apps.reviews.models import CyclePhase, Participant, ScalePoint
from apps.reviews.states import DELIVERED, Phase

# HR content admins read named feedback; what is shown to them is still up to the answers' gate.
WHO_READS = ("read_packet", "read_packet_above", "read_packet_content")


@dataclass(frozen=True)
class Section:
    """One open question. `texts` is empty when kept back, and then `is_held` is True."""

    question: str
    texts: list[str]
    is_held: bool


@dataclass(frozen=True)
class Score:
    """One competency: `mean` None when kept back, and then so are its comments."""

    name: str
    mean: Decimal | None
    nearest: int | None
    comments: list[str]


@dataclass(frozen=True)
class Voice:
    """One answer as a whole: with a name, or without (`name` empty)."""

    name: str
    texts: list[tuple[str, str]]
    ratings: list[tuple[str, int | None, str, str]]


@dataclass(frozen=True)
class Kind:
    """One perspective of the cycle, for one reader. Exactly one of three things is shown: `voices`,
    the batch (`sections`, `scores`), or why there is nothing (`why`)."""

    perspective: Perspective
    title: str
    why: str
    voices: list[Voice]
    sections: list[Section]
    scores: list[Score]
    total: Decimal | None


@dataclass(frozen=True)
class ReceivedFeedback:
    participant: Participant
    person: Person
    about_me: bool
    released_on: date | None
    points: list[ScalePoint]
    kinds: list[Kind]


def received_feedback(viewer: Viewer, *, participant_id: int) -> ReceivedFeedback:
    """At most 7 queries: the viewer's line above, the participant, its perspectives, the scale, the
    answers with a name, those without, and the parts of both."""
    delivery = CyclePhase.objects.filter(cycle=OuterRef("cycle_id"), kind=Phase.DELIVERY)
    readable = participant_gate.visible(viewer, Participant.objects.all(), *WHO_READS)
    participant = get_object_or_404(
        readable.select_related("person", "cycle", "level").annotate(
            released_on=Subquery(delivery.order_by().values("opens_on")[:1])
        ),
        pk=participant_id,
    )
    about_me = participant.person_id == viewer.person_id
    perspectives = Perspective.objects.filter(cycle=participant.cycle_id).order_by("kind")
    points = list(ScalePoint.objects.filter(scale=participant.cycle.scale_id))
    answers = Answer.objects.filter(participant=participant)
    with_name = answer_gate.visible(viewer, answers, *READS_WITH_NAME).select_related("author")
    without = answer_gate.visible(viewer, answers, *READS_WITHOUT_NAME)
    names = {a.pk: a.author.name if a.author else "" for a in with_name}
    kinds_of = {a.pk: a.perspective_id for a in with_name}
    kinds_of |= {a.pk: a.perspective_id for a in without if a.pk not in names}
    parts = list(
        AnswerPart.objects.filter(answer__in=list(kinds_of))
        .select_related("question", "competency")
        .order_by("question__position", "competency__position", "competency_id")
    )
    reader = _Reader(viewer, participant, {p.value: p.label for p in points})
    return ReceivedFeedback(
        participant,
        participant.person,
        about_me,
        participant.released_on,  # type: ignore[attr-defined]  # annotated
        points,
        [
            reader.kind(
                perspective,
                [part for part in parts if kinds_of[part.answer_id] == perspective.pk],
                names,
            )
            for perspective in perspectives
            if about_me or perspective.kind == PerspectiveKind.PEER
        ],
    )


@dataclass(frozen=True)
class _Reader:
    """Puts the parts of one perspective together for one viewer."""

    viewer: Viewer
    participant: Participant
    labels: dict[int, str]

    def kind(
        self, perspective: Perspective, parts: Sequence[AnswerPart], names: dict[UUID, str]
    ) -> Kind:
        batch = perspective.mode == Mode.ANONYMOUS or perspective.kind == PerspectiveKind.UPWARD
        title = perspective.get_kind_display()
        if not parts:
            return Kind(perspective, title, self._why(perspective, batch), [], [], [], None)
        if batch:
            sections = self._sections(perspective, parts)
            scores, total = self._scores(perspective, parts)
            return Kind(perspective, title, "", [], sections, scores, total)
        return Kind(perspective, title, "", self._voices(parts, names), [], [], None)

    def _why(self, perspective: Perspective, batch: bool) -> str:
        """Why nothing is shown, as a word for the template.

        PRIVACY: after sealing the word is the same for no answer and for one fewer than it takes.
        """
        is_released = self.participant.state in DELIVERED
        if perspective.state == PerspectiveState.OPEN:
            return "collecting_batch" if batch else "nothing_yet"
        if perspective.kind == PerspectiveKind.UPWARD and not is_released:
            return "at_release"
        return "too_few" if batch else "none"

    def _sections(self, perspective: Perspective, parts: Sequence[AnswerPart]) -> list[Section]:
        texts: dict[int, list[str]] = {}
        questions = {}
        for part in parts:
            if part.question is not None:
                questions[part.question.pk] = part.question
                texts.setdefault(part.question.pk, []).extend([part.text] if part.text else [])
        return [
            Section(
                worded(question.text, self._first_name),
                shown := self._shown_texts(texts[pk], perspective.threshold, f"question {pk}"),
                not shown,
            )
            for pk, question in questions.items()
        ]

    def _scores(
        self, perspective: Perspective, parts: Sequence[AnswerPart]
    ) -> tuple[list[Score], Decimal | None]:
        values: dict[int, list[int]] = {}
        comments: dict[int, list[str]] = {}
        asked: dict[int, Competency] = {}
        for part in parts:
            if part.competency is not None:
                pk = part.competency.pk
                asked[pk] = part.competency
                values.setdefault(pk, []).extend([] if part.value is None else [part.value])
                comments.setdefault(pk, []).extend([part.text] if part.text else [])
        items, total = shown_items(values, perspective.threshold)
        return [
            Score(
                asked[item.key].name,
                item.mean,
                None if item.mean is None else round(item.mean),
                self._shown_texts(comments[item.key], perspective.threshold, f"item {item.key}"),
            )
            for item in items
        ], total

    def _shown_texts(self, texts: Sequence[str], threshold: int, section: str) -> list[str]:
        if not may_be_shown(len(texts), threshold):
            return []
        return display_order(
            texts,
            secret=settings.SECRET_KEY,
            viewer_id=self.viewer.person_id or 0,
            section=f"{self.participant.pk} {section}",
        )

    def _voices(self, parts: Sequence[AnswerPart], names: dict[UUID, str]) -> list[Voice]:
        by_answer: dict[UUID, list[AnswerPart]] = {}
        for part in parts:
            by_answer.setdefault(part.answer_id, []).append(part)
        voices = [
            Voice(
                names.get(pk, ""),
                [(worded(p.question.text, self._first_name), p.text) for p in own if p.question],
                [
                    (p.competency.name, p.value, self.labels.get(p.value or 0, ""), p.text)
                    for p in own
                    if p.competency
                ],
            )
            for pk, own in by_answer.items()
        ]
        if any(voice.name for voice in voices):
            return sorted(voices, key=lambda voice: voice.name)
        # PRIVACY: without names, the order of the table would be the order of sending.
        order = display_order(
            [repr(voice) for voice in voices],
            secret=settings.SECRET_KEY,
            viewer_id=self.viewer.person_id or 0,
            section=f"{self.participant.pk} voices",
        )
        return sorted(voices, key=lambda voice: order.index(repr(voice)))

    @property
    def _first_name(self) -> str:
        return self.participant.person.name.split()[0]
