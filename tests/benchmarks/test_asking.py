"""Asking ten thousand people's worth of feedback, against what COPY needs for the very same rows."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from resource import RUSAGE_SELF, getrusage
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.db.models import Model

from apps.core.access import SYSTEM_VIEWER, Viewer
from apps.core.copying import insert_rows
from apps.core.models import AuditEvent
from apps.feedback import actions, pages
from apps.feedback.models import Answer, AnswerPart, Perspective, Request
from apps.feedback.states import Mode, PerspectiveKind, RequestState
from apps.people.models import Department, Person
from apps.reviews.models import Cycle, Participant
from apps.reviews.states import CycleState
from tests.factories import NOON
from tests.factories.feedback import PerspectiveFactory
from tests.factories.ladders import CompetencyFactory
from tests.factories.people import PersonFactory
from tests.factories.reviews import CycleFactory

pytestmark = [pytest.mark.load, pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
PEOPLE, EACH, TEAM = 10_000, 4, 10
HR = Viewer(roles=frozenset({"process_admin"}))
ROUNDS = 3


def analyzed() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def emptied(*models: type[Model]) -> None:
    with connection.cursor() as cursor:
        for model in models:
            cursor.execute(f'TRUNCATE "{model._meta.db_table}" CASCADE')


def copied(*models: type[Model]) -> float:
    """Seconds that COPY needs for the rows that are there, in one transaction."""
    kept = []
    with connection.cursor() as cursor:
        for model in models:
            columns = ", ".join(f'"{f.column}"' for f in model._meta.local_concrete_fields)
            name = f'"{model._meta.db_table}" ({columns})'
            with cursor.copy(f"COPY {name} TO STDOUT") as rows:
                kept.append((name, b"".join(bytes(block) for block in rows)))
    emptied(*models)
    started = time.perf_counter()
    with transaction.atomic(), connection.cursor() as cursor:
        for name, data in kept:
            with cursor.copy(f"COPY {name} FROM STDIN") as into:
                into.write(data)
    return time.perf_counter() - started


def took(deed: Callable[[], object]) -> float:
    started = time.perf_counter()
    deed()
    return time.perf_counter() - started


def median(times: Sequence[float]) -> float:
    return sorted(times)[len(times) // 2]


def people(
    count: int, managers: Sequence[Person | None], department: Sequence[Department | None] = (None,)
) -> list[Person]:
    first = Person.objects.count()
    return Person.objects.bulk_create(
        (
            Person(
                name=f"Load {first + n}", email=f"load{first + n}@example.com",
                manager=managers[n % len(managers)], department=department[n % len(department)],
            )
            for n in range(count)
        ),
        batch_size=2000,
    )  # fmt: skip


def seated(cycle: Cycle, everybody: Sequence[Person]) -> None:
    Participant.objects.bulk_create(
        (Participant(cycle=cycle, person=p, manager_id=p.manager_id) for p in everybody),
        batch_size=2000,
    )


def test_asking_the_reports_of_ten_thousand_beside_a_copy():
    cycle = CycleFactory(state=CycleState.COLLECTION)
    perspective = PerspectiveFactory(
        cycle=cycle, mode=Mode.ANONYMOUS, kind=PerspectiveKind.UPWARD, threshold=EACH
    )
    managers = people(PEOPLE, [None])
    people(PEOPLE * EACH, managers)
    seated(cycle, managers)
    analyzed()
    asked, copies = [], []
    for _ in range(ROUNDS):
        emptied(Request)
        asked.append(took(lambda: actions.ask_upward(perspective, by=SYSTEM_VIEWER, now=NOON)))
        assert Request.objects.count() == PEOPLE * EACH
        copies.append(copied(Request))
    ask, copy = median(asked), median(copies)
    print(
        f"\nasking {PEOPLE * EACH:,} reports {ask:.2f} s, COPY {copy:.2f} s, {ask / copy:.2f} times"
    )
    if ask > 3 * copy:
        print("more than three times a COPY")


@pytest.fixture(params=[Mode.NAMED, Mode.ANONYMOUS])
def company(request) -> Perspective:
    """Ten thousand people, managers with teams of nine, all in one cycle that asks peers, and
    the teams about their managers."""
    departments = Department.objects.bulk_create(Department(name=f"D {n}") for n in range(50))
    bosses = people(PEOPLE // TEAM, [None], department=departments)
    everybody = bosses + people(PEOPLE - len(bosses), bosses, department=departments)
    cycle = CycleFactory(state=CycleState.NOMINATION)
    seated(cycle, everybody)
    PerspectiveFactory(cycle=cycle, kind=PerspectiveKind.UPWARD, threshold=EACH)
    analyzed()
    return PerspectiveFactory(cycle=cycle, mode=request.param, threshold=EACH)


def test_evening_out_and_opening_the_phase_for_ten_thousand(company):
    """Accepting a proposal, then the turn of the clock that opens the phase: it approves in time and
    asks upward."""
    hr = Viewer(person_id=PersonFactory(process_admin=True).pk, roles=HR.roles)
    where = {"cycle_id": company.cycle_id, "on": NOON.date()}
    cycle = Cycle.objects.filter(pk=company.cycle_id)
    print(f"\n{company.mode}: the page {took(lambda: pages.balance(hr, **where)) * 1000:.0f} ms")
    accepted, opened, proposed, asked, with_records = [], [], [], [], []
    for _ in range(ROUNDS):
        emptied(Request, AuditEvent)
        cycle.update(state=CycleState.NOMINATION)
        analyzed()
        page = pages.balance(hr, **where, each=EACH, propose=True)
        seen = page.proposal.fingerprint
        accepted.append(
            took(lambda: actions.balance_requests(company, each=EACH, seen=seen, by=hr, now=NOON))
        )
        proposed.append(copied(Request))
        cycle.update(state=CycleState.COLLECTION)
        analyzed()
        opened.append(took(lambda: actions.turn(now=NOON)))
        assert not Request.objects.exclude(state=RequestState.ASKED).exists()
        requests, records = Request.objects.count(), AuditEvent.objects.count()
        with_records.append(copied(Request, AuditEvent))
        asked.append(copied(Request))
    accept, propose = median(accepted), median(proposed)
    print(
        f"accepting {page.proposal.asked:,} proposals, worked out once more: {accept:.2f} s,"
        f" COPY {propose:.2f} s, {accept / propose:.2f} times"
    )
    turn, plain, both = median(opened), median(asked), median(with_records)
    print(
        f"opening with {requests:,} requests: {turn:.2f} s, COPY of them {plain:.2f} s,"
        f" {turn / plain:.2f} times; with {records:,} records {both:.2f} s, {turn / both:.2f} times"
    )
    if max(accept / propose, turn / plain) > 3:
        print("more than three times a COPY")
    print(f"a turn with nothing to do {took(lambda: actions.turn(now=NOON)) * 1000:.0f} ms")


def answered(perspective: Perspective, competencies: int) -> None:
    """Nine of ten who are asked have answered every question, with some sentences each."""
    of_version = CompetencyFactory(area=None)
    items = [of_version.pk]
    items += [
        CompetencyFactory(area=None, version=of_version.version).pk for _ in range(1, competencies)
    ]
    asked = list(Request.objects.values_list("pk", "participant_id"))
    gave = [pk for pk, _ in asked if pk % 10]
    Request.objects.filter(pk__in=gave).update(state=RequestState.ANSWERED)
    about = [(uuid4(), participant_id) for pk, participant_id in asked if pk % 10]
    insert_rows(
        Answer,
        ("id", "perspective", "participant", "anonymous"),
        ((pk, perspective.pk, participant_id, True) for pk, participant_id in about),
    )
    texts = [(pk, None) for pk in perspective.questions.values_list("pk", flat=True)]
    points = [(None, pk) for pk in items]
    words = "She asked early, and the answer held for the whole of the spring. " * 5
    insert_rows(
        AnswerPart,
        ("id", "answer", "question", "competency", "value", "mark", "text"),
        (
            (uuid4(), pk, question, competency, 3 if competency else None, "", words)
            for pk, _ in about
            for question, competency in [*texts, *points]
        ),
    )


def test_sealing_the_answers_of_ten_thousand_beside_a_copy():
    """Every anonymous request, answer and part is read, deleted and written again."""
    cycle = CycleFactory(state=CycleState.COLLECTION)
    perspective = PerspectiveFactory(
        cycle=cycle, kind=PerspectiveKind.UPWARD, threshold=EACH, questions=3
    )
    managers = people(PEOPLE, [None])
    people(PEOPLE * EACH, managers)
    seated(cycle, managers)
    actions.ask_upward(perspective, by=SYSTEM_VIEWER, now=NOON)
    answered(perspective, competencies=5)
    Cycle.objects.filter(pk=cycle.pk).update(state=CycleState.MANAGER_REVIEW)
    analyzed()
    perspective = Perspective.objects.select_related("cycle").get(pk=perspective.pk)
    laid_down = [model.objects.count() for model in (Request, Answer, AnswerPart)]

    before = getrusage(RUSAGE_SELF).ru_maxrss
    seal = took(lambda: actions.seal_perspective(perspective, by=SYSTEM_VIEWER, now=NOON))
    more = (getrusage(RUSAGE_SELF).ru_maxrss - before) / 1024

    counts = [model.objects.count() for model in (Request, Answer, AnswerPart)]
    assert counts == laid_down
    assert not Request.objects.exclude(state=RequestState.CLOSED).exists()
    copy = copied(Request, Answer, AnswerPart)
    print(
        "\nsealing {:,} requests, {:,} answers, {:,} parts".format(*counts)
        + f" {seal:.1f} s, COPY {copy:.1f} s, {seal / copy:.2f} times; {more:.0f} MB more"
    )
