"""A1, A3, A5, A6: nothing that one person can open isolates fewer voices than were promised.

Everybody of the demo who may sign in opens all that reads answers. Whose answers stand behind each
number and each list is found by changing rows and looking again (voices.py); then every
combination of what one reader sees is tried (differencing.py).
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import pytest
from django.db.models import Avg

from apps.feedback.states import Mode, PerspectiveKind
from apps.reviews.models import Participant
from tests.demo.attacking import attack, shown
from tests.demo.differencing import Figure, by_brute_force, given_away
from tests.demo.figures import Pieces, pieces_in
from tests.demo.seats import Seat, addresses_about, looking, name_of
from tests.demo.voices import Batch, Look, batches, undone

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("company")]


# --- the attack itself ----------------------------------------------------------------------------


def people(*names: str, what: str = "points") -> Figure:
    return frozenset((name, what) for name in names)


def test_the_attack_finds_what_a_difference_gives_away():
    five, seven = people(*"abcde"), people(*"abcdefg")

    assert by_brute_force([seven, five], 5) == [(-1, 1), (1, -1)]
    assert given_away([seven, five], 5) == {"f", "g"}
    assert given_away([five, people(*"vwxyz")], 5) == frozenset()
    assert given_away([people(*"abc")], 5) == {"a", "b", "c"}, "a small group is one by itself"
    assert given_away([five], 5, known=["a"]) == set("bcde"), "one of five reads four"
    assert given_away([people(*"abcdef")], 5, known=["a"]) == frozenset()
    # Three totals, none of which is small, and no two of which differ by few.
    thirds = [people(*"abcdef"), people(*"efghij"), people(*"abcdghij")]
    assert given_away(thirds, 3) == {"e", "f"}


def test_the_exact_attack_finds_all_that_brute_force_finds():
    lot = Random(20261120)
    found = 0
    for _ in range(300):
        names = "abcdefgh"[: lot.randint(4, 8)]
        figures = [
            people(*lot.sample(names, lot.randint(3, len(names))), what=lot.choice("xy"))
            for _ in range(lot.randint(1, 5))
        ]
        if by_brute_force(figures, 4):
            found += 1
            assert given_away(figures, 4), figures
    assert found > 50


# --- what the company shows -----------------------------------------------------------------------


def alike(pairs: list[tuple[Seat, str]]) -> list[tuple[Seat, str]]:
    """One reader of several who see the same, each in an order of their own."""
    found = {}
    for seat, path in pairs:
        main = {p: texts for p, texts in seat.open(path).items() if "/main" in p}
        if not main:  # nothing there for this person
            continue
        found.setdefault((path, tuple(sorted(sum(main.values(), ())))), (seat, path))
    return list(found.values())


def test_no_reader_of_the_demo_isolates_fewer_voices_than_promised(everybody):
    pairs = [(seat, path) for seat in everybody for path in seat.linked()]
    attacked, addresses = 0, set()
    for batch in batches(Mode.ANONYMOUS)[::2]:  # the others: test_differences_everywhere
        about = addresses_about(batch.participant_id)
        near = [(seat, path) for seat, path in pairs if path in about]
        together: set[Figure] = set()
        for reader, figures in shown(batch, looking(alike(near))).items():
            assert attack(figures, batch, reader) == frozenset(), (batch, reader)
            together |= figures
            attacked += 1
        addresses |= {name_of(path) for seat, path in near if seat.open(path)}
        # Not promised, and so: two neighbours who put their pages side by side learn no more.
        assert given_away(together, batch.perspective.threshold) == frozenset(), batch
    assert attacked >= 9
    assert addresses == {"feedback:received_feedback", "calibration:item_feedback"}


# --- and what it would find -----------------------------------------------------------------------


def leaking(look: Look, leak: Callable[[], object]) -> Look:
    """The same pages with one figure more, made from the rows at each look."""

    def more() -> dict[str, Pieces]:
        return {
            name: {**pieces, "/leak": pieces_in(str(leak()))} for name, pieces in look().items()
        }

    return more


def total_with_all(batch: Batch) -> object:
    return round(batch.points.aggregate(mean=Avg("value"))["mean"], 1)


def exact_counts(batch: Batch) -> object:
    questions = batch.perspective.questions.all()
    return " of ".join(
        str(batch.parts.filter(question=q).exclude(text="").count()) for q in questions
    )


def mean_of_three(batch: Batch) -> object:
    first = list(batch.answers.order_by("pk").values_list("pk", flat=True)[:3])
    return round(batch.points.filter(answer__in=first).aggregate(m=Avg("value"))["m"], 1)


def last_text(batch: Batch) -> object:
    return batch.parts.exclude(text="").order_by("pk").last().text


def all_but_one_text(batch: Batch) -> object:
    question = batch.perspective.questions.last()  # one that everybody answers
    return " ".join(p.text for p in batch.parts.filter(question=question).order_by("pk")[1:])


def some_cannot_say(batch: Batch) -> None:
    """Of one competency so few could say something that it is kept back, of another one could not,
    and one had no words for a question. Everybody else said something everywhere."""
    answers = list(batch.answers.values_list("pk", flat=True))
    one, other = sorted(
        batch.parts.exclude(competency=None).values_list("competency", flat=True).distinct()
    )[:2]
    batch.parts.exclude(competency=None).update(value=3, mark="")
    batch.parts.exclude(question=None).update(text="Something.")
    batch.parts.filter(competency=one, answer__in=answers[2:]).update(value=None)
    batch.parts.filter(competency=other, answer=answers[0]).update(value=None)
    batch.parts.filter(question=batch.perspective.questions.first(), answer=answers[1]).update(
        text=""
    )


@pytest.mark.parametrize(
    "leak", [total_with_all, exact_counts, mean_of_three, last_text, all_but_one_text]
)
def test_a_figure_that_gives_somebody_away_is_found(leak, everybody):
    """The control: on the pages of the demo, with answers in which not everybody could say all."""
    # About a peer: of a team's answers the one above reads no text, so one that is missing tells nothing.
    batch = next(
        b
        for b in batches(Mode.ANONYMOUS)
        if b.perspective.kind == PerspectiveKind.PEER
        and b.answers.count() > b.perspective.threshold
    )
    manager = Participant.objects.get(pk=batch.participant_id).manager_id
    (seat,) = [seat for seat in everybody if seat.person.pk == manager]
    about = addresses_about(batch.participant_id)
    near = [(seat, path) for path in seat.linked() if path in about]
    with undone():
        some_cannot_say(batch)
        clean = shown(batch, looking(near))[manager]
        leaky = shown(batch, leaking(looking(near), lambda: leak(batch)))[manager]

    assert attack(clean, batch, manager) == frozenset()
    assert attack(leaky, batch, manager) != frozenset()
