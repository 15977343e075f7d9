"""The same attack on everything that anybody can open, and on what the company will show later."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from random import Random

import pytest
from django.urls import reverse
from django.utils import timezone

from apps.feedback.models import Answer, Perspective, Request
from apps.feedback.states import OUT, Mode, PerspectiveState, RequestState
from apps.reviews.models import Cycle, Participant
from apps.reviews.states import CycleState, ParticipantState
from tests.asking import ANSWERS
from tests.demo.attacking import attack, read_with_names, shown
from tests.demo.crawling import crawl
from tests.demo.seats import READS_ANSWERS, Seat, addresses_about, looking, name_of
from tests.demo.voices import Batch, add_answer, batches, undone

pytestmark = [
    pytest.mark.sweep,
    pytest.mark.django_db,
    pytest.mark.usefixtures("company"),
]
API = ("inbox_api:my_duties", "people_api:directory", "ladders_api:ladders")


@pytest.mark.parametrize("half", [0, 1])
def test_whatever_anybody_reaches_reads_answers_at_the_attacked_addresses_alone(half, everybody):
    reading, visits = set(), 0
    for seat in everybody[half::2]:
        walk = crawl(seat.client, seat.person.name, start=("/", *map(reverse, API)), of_a_kind=1)
        broken = [v for v in walk.visits if v.status >= 400]
        assert broken == []
        reading |= {name_of(v.path) for v in walk.visits if v.tables & ANSWERS}
        visits += len(walk.visits)
    assert reading <= READS_ANSWERS
    assert {"feedback:received_feedback", "calibration:item_feedback"} <= reading
    assert visits > 1000


def doors(batch: Batch, everybody: list[Seat]) -> list[tuple[Seat, str]]:
    """Everybody before every address that could show this batch; those who may not are 404."""
    return [(seat, p) for p in addresses_about(batch.participant_id) for seat in everybody]


def test_nobody_at_any_address_isolates_fewer_voices_than_promised(everybody):
    looked = 0
    held = batches(Mode.CONFIDENTIAL)
    for batch in [*batches(Mode.ANONYMOUS), *held[::9]]:
        open_to = [(s, path) for s, path in doors(batch, everybody) if s.open(path)]
        named = read_with_names(batch)
        hidden = [(s, path) for s, path in open_to if s.person.pk not in named]
        for reader, figures in shown(batch, looking(hidden)).items():
            assert attack(figures, batch, reader) == frozenset(), (batch, reader)
        looked += len(hidden)
    assert looked > 12


def later(lot: Random) -> list[Batch]:
    """Everything is released, and more answered than did: with gaps, and in different numbers."""
    Participant.objects.filter(state=ParticipantState.ACTIVE).update(
        state=ParticipantState.RELEASED, released_at=timezone.now(), released_by=1
    )
    anonymous, confidential = batches(Mode.ANONYMOUS), batches(Mode.CONFIDENTIAL)
    chosen = [*anonymous[:2], *anonymous[-3:], *lot.sample(confidential, 3)]
    for batch in chosen:
        items = set(batch.parts.values_list("question_id", "competency_id"))
        for n in range(max(0, batch.perspective.threshold + 2 - batch.answers.count())):
            add_answer(batch, {
                item: (None, f"Later words {n}.") if item[0] else (lot.randint(1, 4), "")
                for item in items
            })  # fmt: skip
        for part in batch.parts.order_by("pk"):
            if lot.random() < 0.25:
                part.value, part.text = None, ""
                part.save()
    return chosen


def test_what_is_shown_when_all_is_released_isolates_nobody_either(everybody):
    attacked = set()
    with undone():
        for batch in later(Random(4)):
            named = read_with_names(batch)
            open_to = [
                (seat, path)
                for seat, path in doors(batch, everybody)
                if seat.person.pk not in named and seat.open(path)
            ]
            for reader, figures in shown(batch, looking(open_to)).items():
                assert attack(figures, batch, reader) == frozenset(), (batch, reader)
                attacked.add((batch.perspective.mode, batch.perspective.kind))
    assert len(attacked) >= 2


# --- who answered, while a round without names is open --------------------------------------------


@pytest.fixture
def open_again() -> Perspective:
    """The round of operations once more in the middle of its collection, without an answer yet."""
    perspective = Perspective.objects.get(
        kind="peer", mode=Mode.ANONYMOUS, state=PerspectiveState.SEALED
    )
    Cycle.objects.filter(pk=perspective.cycle_id).update(state=CycleState.COLLECTION)
    Perspective.objects.filter(cycle=perspective.cycle_id).update(state=PerspectiveState.OPEN)
    Answer.objects.filter(perspective__cycle=perspective.cycle_id).delete()
    Request.objects.filter(perspective=perspective, state__in=OUT).update(state=RequestState.ASKED)
    perspective.refresh_from_db()
    return perspective


def status_pages(perspective: Perspective) -> list[str]:
    """Whatever says how far something is."""
    cycle = perspective.cycle_id
    about = Participant.objects.filter(cycle=cycle).order_by("pk").values_list("pk", flat=True)
    paths = [
        *(reverse(name) for name in ("inbox:home", "feedback:my_feedback", "inbox:mail_log", "reviews:my_reviews", "people:directory")),
        *(reverse(name, args=[cycle]) for name in ("reports:completion", "reviews:cycle", "reviews:cycle_board", "reviews:changes", "feedback:balance", "feedback:perspectives", "feedback:readiness", "inbox:rehearsal")),
        *(reverse("reports:completion", args=[cycle]) + "?by=manager",),
        *(reverse("reports:completion_file", args=[cycle, form]) for form in ("csv", "xlsx")),
        *(reverse(f"feedback:{name}", args=[pk]) for name in ("approve_peers", "nominate", "received_feedback") for pk in about[:3]),
    ]  # fmt: skip
    return paths


def told_by_who_answered(perspective: Perspective, seats: list[Seat]) -> set[str]:
    """Addresses at which it shows who answered, to anybody but themselves: none, all, half of them."""
    found = set()
    requests = Request.objects.filter(perspective=perspective, state=RequestState.ASKED)
    for seat in seats:
        others = requests.exclude(giver=seat.person)
        open_to = [(seat, path) for path in status_pages(perspective) if seat.open(path)]
        look = looking(open_to)
        was = look()
        for fate, who in (
            ("answered", others),
            ("declined", others.filter(pk__lt=others.order_by("pk")[20].pk)),
        ):
            with undone():
                who.update(state=fate)
                for request in who.select_related(None) if fate == "answered" else ():
                    Answer.objects.create(
                        perspective=perspective,
                        participant_id=request.participant_id,
                        anonymous=True,
                    )
                now = look()
            found |= {path for path in was if now[path] != was[path]}
    return found


def few(everybody: list[Seat], perspective: Perspective) -> list[Seat]:
    """HR, the owners, and everybody who has people in this cycle."""
    managers = Participant.objects.filter(cycle=perspective.cycle_id).values_list(
        "manager", flat=True
    )
    return [
        seat for seat in everybody
        if seat.person.is_process_admin or seat.person.is_content_admin or seat.person.pk in managers
    ]  # fmt: skip


def test_who_answered_an_open_round_without_names_shows_on_no_page(everybody, open_again):
    near = few(everybody, open_again)

    assert told_by_who_answered(open_again, [*near, *everybody[::12]]) == set()
    assert len(near) > 3


class EveryMode:
    """Stands where completion asks which modes have names: here, all of them."""

    ANONYMOUS = None

    def __iter__(self) -> Iterator[Mode]:
        return iter(Mode)


def test_a_rate_of_answers_for_each_manager_would_show(everybody, open_again, monkeypatch):
    """The control: completion that counts answers without names as well."""
    monkeypatch.setattr(import_module("apps.reports.pages.completion"), "Mode", EveryMode())

    found = told_by_who_answered(open_again, few(everybody, open_again)[:2])

    assert any("completion" in path for path in found)
