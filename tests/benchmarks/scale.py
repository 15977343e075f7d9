"""A company of any size in a few statements: the same people, cycles and words every time."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import connection
from django.db.models import F, Value

from apps.calibration.models import Item, Membership, Session
from apps.calibration.states import SessionState
from apps.core.access import SYSTEM_VIEWER
from apps.core.copying import insert_select
from apps.feedback.models import Answer, AnswerPart, Perspective, Question, Request
from apps.feedback.states import Mode, PerspectiveKind, PerspectiveState, RequestState
from apps.inbox.models import Message
from apps.inbox.states import MessageState
from apps.ladders.models import Area, Competency, Level, Statement
from apps.people.models import Department, Person, User
from apps.reviews.actions import launch_cycle
from apps.reviews.models import Cycle, Goal, Participant, RatingEvent, Review, ReviewItem
from apps.reviews.states import CycleState, ParticipantState, RatingSource, ReviewKind, ReviewState
from tests.factories import NOON
from tests.factories.ladders import LevelFactory, TrackFactory
from tests.factories.reviews import CycleFactory, RatingScaleFactory

TEAM, DEPARTMENTS, LEVELS, COMPETENCIES, STATEMENTS = 8, 20, 6, 12, 3
ASKED_EACH, IN_SESSION = 3, 60
WORDS = "Carried the move of the archive through to its end, and told everybody in time. "


@dataclass
class Company:
    people: list[Person]
    cycles: dict[str, Cycle] = field(default_factory=dict)
    other: dict[str, Any] = field(default_factory=dict)

    @property
    def subject(self) -> Person:
        """Somebody in the middle of the list, with a manager, and no reports."""
        return self.people[-3]


def ladder() -> list[Level]:
    first = LevelFactory()
    version, track = first.version, TrackFactory(version=first.version)
    levels = [first, *(LevelFactory(track=track, version=version) for _ in range(LEVELS - 1))]
    areas = [
        Area.objects.create(version=version, key=f"area-{a}", name=f"Area {a}", position=a)
        for a in range(4)
    ]
    competencies = Competency.objects.bulk_create(
        Competency(
            version=version, area=areas[c // 3], key=f"k{c}", name=f"Competency {c}", position=c
        )
        for c in range(COMPETENCIES)
    )
    Statement.objects.bulk_create(
        Statement(
            version=version, competency=c, level=level, key=f"{level.pk}-{c.pk}-{s}", position=s,
            text=f"Does part {s} of this work at this level without being asked, and shows others how.",
        )
        for level in levels for c in competencies for s in range(STATEMENTS)
    )  # fmt: skip
    return levels


def found(count: int) -> Company:
    """`count` people in teams of eight, each with an account, and a cycle in each state that a page needs."""
    levels = ladder()
    departments = Department.objects.bulk_create(
        Department(name=f"Department {d:02d}") for d in range(DEPARTMENTS)
    )
    password = make_password("correct horse battery staple")
    users = User.objects.bulk_create(
        (User(email=f"p{n}@example.com", password=password) for n in range(count)), batch_size=2000
    )
    people = Person.objects.bulk_create(
        (
            Person(
                name=f"{FIRST[n % len(FIRST)]} {LAST[n // len(FIRST) % len(LAST)]}",
                email=f"p{n}@example.com", user=users[n], job_title="Engineer",
                hired_on=date(2020, 1, 1) + timedelta(days=n % 2000),
                department=departments[max(n - 1, 0) // TEAM % DEPARTMENTS], level=levels[n % LEVELS],
            )
            for n in range(count)
        ),
        batch_size=2000,
    )  # fmt: skip
    for n, person in enumerate(people[1:], start=1):
        person.manager = people[(n - 1) // TEAM]
    Person.objects.bulk_update(people[1:], ["manager"], batch_size=1000)
    Person.objects.filter(pk=people[1].pk).update(is_process_admin=True)
    Person.objects.filter(pk=people[2].pk).update(is_content_admin=True)
    company = Company(people)
    _cycles(company, departments)
    _feedback(company)
    _session(company)
    _mail(company)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return company


FIRST = ("Amara", "Bo", "Clara", "Dario", "Eva", "Frida", "Goran", "Hana", "Ivo", "Jana", "Kofi", "Lena")  # fmt: skip
LAST = ("Okafor", "Nilsen", "Weiss", "Conti", "Novak", "Holm", "Petrov", "Ito", "Marek", "Silva", "Mensah")  # fmt: skip


def _cycles(company: Company, departments: list[Department]) -> None:
    scale = RatingScaleFactory()
    states = ("closed", "collection", "manager_review", "calibration", "delivery")
    for number, state in enumerate(states):
        cycle = CycleFactory(
            state=CycleState.SCHEDULED, name=f"Cycle {state}", scale=scale, phases=True,
            departments=departments, period_end=date(2026, 1 + number, 28),
        )  # fmt: skip
        launch_cycle(cycle, by=SYSTEM_VIEWER, now=NOON)
        Cycle.objects.filter(pk=cycle.pk).update(
            state=state, closed_at=NOON if state == "closed" else None
        )
        if state != "collection":
            _written(cycle, ReviewKind.SELF)
        if state in {"closed", "calibration", "delivery"}:
            _written(cycle, ReviewKind.MANAGER)
            _rated(cycle)
        if state in {"closed", "delivery"}:
            Participant.objects.filter(cycle=cycle, manager__isnull=False).update(
                state=ParticipantState.RELEASED, released_at=NOON, released_by_id=F("manager_id")
            )
        cycle.refresh_from_db()
        company.cycles[state] = cycle
    seats = Participant.objects.filter(cycle=company.cycles["collection"])
    Goal.objects.bulk_create(
        (
            Goal(participant_id=pk, text=f"Answer the queue within a day, part {n}",
                 comparator="ge", target=90, unit="%")
            for pk in seats.values_list("pk", flat=True) for n in range(2)
        ),
        batch_size=2000,
    )  # fmt: skip
    seats.update(item_count=F("item_count") + 2)  # as adding a goal does


def _written(cycle: Cycle, kind: str) -> None:
    reviews = Review.objects.filter(participant__cycle=cycle, kind=kind)
    reviews.update(
        state=ReviewState.SUBMITTED, submitted_at=NOON, submitted_by_id=F("author_id"), revision=1,
        saved_at=NOON, summary=WORDS * 3, overall=3 if kind == ReviewKind.MANAGER else None,
    )  # fmt: skip
    # One row a competency, found by its first statement on the level.
    insert_select(
        ReviewItem,
        reviews.filter(participant__level__statements__position=0),
        {
            "review": F("pk"),
            "competency": F("participant__level__statements__competency"),
            "value": (F("pk") + F("participant__level__statements__competency")) % 4 + 1,
            "mark": Value(""),
            "comment": Value(WORDS),
        },
    )


def _rated(cycle: Cycle) -> None:
    seats = Participant.objects.filter(cycle=cycle, manager__isnull=False)
    rest = {
        "participant": F("pk"), "sequence": Value(1), "source": Value(RatingSource.MANAGER.value),
        "mark": Value(""), "reason_code": Value(""), "reason": Value(""),
        "given_at": Value(NOON), "given_by": F("manager"),
    }  # fmt: skip
    insert_select(RatingEvent, seats, {**rest, "value": F("pk") % 5 + 1})
    insert_select(
        RatingEvent,
        seats.filter(level__statements__position=0),
        {
            **rest,
            "competency": F("level__statements__competency"),
            "value": (F("pk") + F("level__statements__competency")) % 5 + 1,
        },
    )


def _perspective(cycle: Cycle, mode: str, **more: Any) -> Perspective:
    perspective = Perspective.objects.create(
        cycle=cycle, kind=PerspectiveKind.PEER, mode=mode, threshold=5, **more
    )
    for position in range(3):
        Question.objects.create(
            perspective=perspective,
            position=position,
            text=f"What does {{name}} do, part {position}?",
        )
    return perspective


def _feedback(company: Company) -> None:
    """Three are asked about everybody; two hundred people have five anonymous answers to read."""
    people, lot = company.people, random.Random(7)
    asking = _perspective(company.cycles["collection"], Mode.NAMED)
    Request.objects.bulk_create(
        (
            Request(perspective=asking, participant_id=pk, giver=giver, state=RequestState.ASKED)
            for pk, person_id in company.cycles["collection"].participants.values_list("pk", "person_id")
            for giver in lot.sample(people, ASKED_EACH)
            if giver.pk != person_id
        ),
        batch_size=2000,
    )  # fmt: skip
    sealed = _perspective(company.cycles["delivery"], Mode.ANONYMOUS, state=PerspectiveState.SEALED)
    questions = list(sealed.questions.all())
    competencies = list(Competency.objects.all()[:5])
    about = company.cycles["delivery"].participants.order_by("-pk")[:200]
    answers = Answer.objects.bulk_create(
        Answer(perspective=sealed, participant=p, anonymous=True) for p in about for _ in range(5)
    )
    AnswerPart.objects.bulk_create(
        [
            *(AnswerPart(answer=a, question=q, text=WORDS) for a in answers for q in questions),
            *(AnswerPart(answer=a, competency=c, value=4) for a in answers for c in competencies),
        ],
        batch_size=2000,
    )
    company.other["request"] = Request.objects.filter(giver=company.subject).first() or (
        Request.objects.create(
            perspective=asking, participant=company.cycles["collection"].participants.first(),
            giver=company.subject, state=RequestState.ASKED,
        )
    )  # fmt: skip


def _session(company: Company) -> None:
    cycle, facilitator = company.cycles["calibration"], company.people[3]
    session = Session.objects.create(
        cycle=cycle, name="Session", facilitator=facilitator, state=SessionState.LIVE,
        created_at=NOON, department=company.subject.department,
    )  # fmt: skip
    for person in company.people[4:10]:
        Membership.objects.create(session=session, person=person, present=True)
    seats = cycle.participants.exclude(person=facilitator).order_by("-pk")[:IN_SESSION]
    Item.objects.bulk_create(
        Item(session=session, participant=seat, position=n) for n, seat in enumerate(seats)
    )
    company.other["session"] = session


def _mail(company: Company) -> None:
    Message.objects.bulk_create(
        (
            Message(
                person=person, key="digest.2026-11-20", state=MessageState.SENT, sent_at=NOON,
                due_at=NOON, planned_at=NOON, message_id=f"<{n}@example.com>",
            )
            for n, person in enumerate(company.people)
        ),
        batch_size=2000,
    )  # fmt: skip
