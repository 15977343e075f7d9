"""Whose answers stand behind each figure that is shown: found by changing rows and looking again.

Nothing here knows how a page counts. Points are dealt out anew, made high, answers are added and
taken away; whatever changes on a page stems from them. What changes with the points is a sum of
them, what changes only with how many there are is a count, and a text stands in the list in which
its mark turns up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from random import Random
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import QuerySet

from apps.feedback.models import Answer, AnswerPart, Perspective
from apps.feedback.states import Mode, PerspectiveState
from apps.people.models import Person
from tests.demo.differencing import Figure
from tests.demo.figures import Pieces, Place, changed, is_number

Spot = tuple[str, Place, int]
Look = Callable[[], dict[str, Pieces]]
Seen = dict[str, Pieces]
LOW, HIGH = 1, 4  # points that every scale of the demo has
DEALS = 6
SAID = "Something was said."
LETTERS = str.maketrans("0123456789", "ghijklmnop")  # a mark in which nothing looks like a number


@dataclass(frozen=True)
class Batch:
    """All answers about one participant in one perspective."""

    perspective: Perspective
    participant_id: int

    @property
    def answers(self) -> QuerySet[Answer]:
        return Answer.objects.filter(
            perspective=self.perspective, participant_id=self.participant_id
        )

    @property
    def parts(self) -> QuerySet[AnswerPart]:
        return AnswerPart.objects.filter(answer__in=self.answers)

    @property
    def points(self) -> QuerySet[AnswerPart]:
        return self.parts.filter(value__isnull=False)


def batches(*modes: Mode) -> list[Batch]:
    """Every sealed batch of these modes."""
    found = {
        (answer.perspective, answer.participant_id)
        for answer in Answer.objects.filter(
            perspective__mode__in=modes, perspective__state=PerspectiveState.SEALED
        ).select_related("perspective")
    }
    return [Batch(*pair) for pair in sorted(found, key=lambda b: (b[0].pk, b[1]))]


def figures_of(batch: Batch, look: Look) -> dict[Spot, Figure]:
    """Each figure shown of this batch, by the page and the place where it stands.

    About ten looks and one for each competency; two for each answer more where a figure is not of
    everybody alike, or is a count.
    """
    sums = _sums(batch, look)
    with undone():
        batch.parts.exclude(text="").update(text=SAID)  # numbers that somebody wrote count nothing
        counts = _counts(batch, look, but=set(sums))
    return sums | counts | _lists(batch, look)


def _sums(batch: Batch, look: Look) -> dict[Spot, Figure]:
    """What changes with the points. The same points dealt out to others change a figure that is not
    of everybody alike; then it is tried giver by giver."""
    lot = Random(batch.participant_id)
    given: dict[int, list[AnswerPart]] = {}
    for part in batch.points.order_by("pk"):
        given.setdefault(part.competency_id, []).append(part)
    items: dict[Spot, set[int]] = {}
    uneven: set[Spot] = set()
    people: dict[Spot, set[UUID]] = {}
    with undone():
        _deal(given, lot)
        was = look()
        for item in given:
            with undone():
                batch.points.filter(competency=item).update(value=HIGH)
                for spot in _moved(was, look()):
                    items.setdefault(spot, set()).add(item)
        for _ in range(DEALS):
            with undone():
                _deal(given, lot)
                uneven |= _moved(was, look())
        for one in batch.answers.values_list("pk", flat=True) if uneven else ():
            for points in (LOW, HIGH):
                with undone():
                    batch.points.filter(answer=one).update(value=points)
                    for spot in uneven & _moved(was, look()):
                        people.setdefault(spot, set()).add(one)
    return {
        spot: frozenset(
            (part.answer_id, f"points {item}")
            for item in (items.get(spot) or given)
            for part in given[item]
            if spot not in uneven or part.answer_id in people.get(spot, ())
        )
        for spot in {*items, *uneven}
    }


def _deal(given: dict[int, list[AnswerPart]], lot: Random) -> None:
    """In every competency half of those who gave a point give a high one, drawn by lot."""
    for parts in given.values():
        lot.shuffle(parts)
        for n, part in enumerate(parts):
            part.value = HIGH if n < len(parts) // 2 else LOW
    AnswerPart.objects.bulk_update([p for parts in given.values() for p in parts], ["value"])


def _counts(batch: Batch, look: Look, *, but: set[Spot]) -> dict[Spot, Figure]:
    """Numbers that change with one answer more, `but` those that are sums of points. Whatever is counted in one batch counts as the same
    presence: that is more than a reader can know, so it finds more."""
    was = look()
    with undone():
        _one_more(batch)
        more = look()
    grown = {
        (name, place, n)
        for name, place, n in _moved(was, more) - but
        if is_number(was[name][place][n])
        and len(more[name].get(place, ())) == len(was[name][place])
        and is_number(more[name][place][n])
    }
    people: dict[Spot, set[UUID]] = {}
    for one in batch.answers.values_list("pk", flat=True) if grown else ():
        with undone():
            batch.answers.filter(pk=one).delete()
            for spot in grown & _moved(was, look()):
                people.setdefault(spot, set()).add(one)
    return {spot: frozenset((one, "there") for one in who) for spot, who in people.items()}


def _one_more(batch: Batch) -> None:
    """Another answer that says something wherever anybody did."""
    said: dict[tuple[int | None, int | None], tuple[int | None, str]] = {}
    for part in batch.parts.order_by("value", "text"):  # the fullest of each comes last
        said[part.question_id, part.competency_id] = (
            part.value,
            part.text and SAID,
        )
    add_answer(batch, said)


def add_answer(
    batch: Batch, parts: dict[tuple[int | None, int | None], tuple[int | None, str]]
) -> None:
    """Somebody else answered as well: (question, competency) to points and text."""
    more = batch.answers.order_by("pk")[0]
    authors = batch.answers.values("author")
    more.pk = uuid4()
    if not more.anonymous:
        more.author = Person.objects.exclude(pk__in=authors).order_by("-pk")[0]
    more.save(force_insert=True)
    AnswerPart.objects.bulk_create(
        AnswerPart(answer=more, question_id=question, competency_id=competency, value=value, text=text)
        for (question, competency), (value, text) in parts.items()
    )  # fmt: skip


def _lists(batch: Batch, look: Look) -> dict[Spot, Figure]:
    """Each list of texts: where their marks turn up when every text is a mark of its own."""
    marks = {}
    parts = list(batch.parts.exclude(text=""))
    for part in parts:
        part.text = f"mark{uuid4().hex.translate(LETTERS)}"
        marks[part.text] = (part.answer_id, f"text {part.question_id} {part.competency_id}")
    with undone():
        AnswerPart.objects.bulk_update(parts, ["text"])
        seen = look()
    found: dict[Spot, set[tuple[UUID, str]]] = {}
    for name, pieces in seen.items():
        for place, texts in pieces.items():
            whole = " ".join(texts)
            for mark, unknown in marks.items() if "mark" in whole else ():
                if mark in whole:
                    found.setdefault((name, _list_around(place), 0), set()).add(unknown)
    return {spot: frozenset(unknowns) for spot, unknowns in found.items()}


def _list_around(place: Place) -> Place:
    """The list that holds this place, or the place itself."""
    head, found, _ = place.rpartition("/li")
    return head if found else place


def _moved(was: Seen, now: Seen) -> set[Spot]:
    return {
        (name, place, n) for name, pieces in was.items() for place, n in changed(pieces, now[name])
    }


@contextmanager
def undone() -> Iterator[None]:
    """Deeds inside are taken back."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
