"""A small cycle is rehearsed, and then runs through the clock: what was said is what is mailed.

Nobody does anything but what a scene needs: peers named on the first day, packets released on the
first day. Lines are compared as the mails print them, person by person and day by day.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core import mail

from apps.feedback import actions as feedback
from apps.feedback.models import Request
from apps.feedback.states import Mode, RequestState
from apps.inbox import actions, pages
from apps.inbox.models import Message
from apps.inbox.rules import local_day
from apps.people.models import Person
from apps.people.viewers import viewer_of_person
from apps.reviews.actions import turn_phases
from apps.reviews.models import Participant, Review
from apps.reviews.states import CycleState, ParticipantState, Phase, ReviewKind, ReviewState
from tests.factories import NOON
from tests.factories.feedback import PerspectiveFactory
from tests.factories.people import DepartmentFactory, PersonFactory
from tests.factories.reviews import CycleFactory, CyclePhaseFactory

pytestmark = pytest.mark.django_db
# Instants of UTC after which something has changed for somebody: nine in Kolkata, in Europe, in New
# York, in the Pacific; and the house's midnight.
HOURS = [(3, 30), (9, 0), (14, 0), (20, 0), (23, 0)]
SATURDAY = 5
DAYS = {
    Phase.NOMINATION: (date(2026, 11, 30), date(2026, 12, 3)),
    Phase.COLLECTION: (date(2026, 12, 7), date(2026, 12, 15)),
    Phase.MANAGER_REVIEW: (date(2026, 12, 16), date(2026, 12, 22)),
    Phase.DELIVERY: (date(2027, 1, 4), date(2027, 1, 8)),
}


class Company:
    def __init__(self, settings, days=DAYS):
        settings.TIME_ZONE = "Europe/Oslo"
        department = DepartmentFactory()

        def person(name, zone, manager=None, **more):
            return PersonFactory(
                name=name, time_zone=zone, manager=manager, department=department, **more
            )

        chief = PersonFactory(name="Chief", time_zone="America/New_York")
        head = person("Head", "Europe/Oslo", chief)
        west = person("West", "America/New_York", head)
        east = person("East", "Pacific/Kiritimati", head)
        person("Ada", "Europe/Oslo", west)
        person("Bo", "Europe/London", west)
        person("Chi", "Asia/Kolkata", west)
        person("Dag", "Pacific/Auckland", west)
        person("Eli", "Europe/Oslo", east)
        person(
            "Fay",
            "Asia/Kolkata",
            east,
            leave_from=date(2026, 12, 1),
            leave_until=date(2026, 12, 14),
        )
        person("Gus", "Europe/Oslo", east, left_on=date(2026, 12, 14))
        person("Hal", "Europe/London", east, email="")
        self.cycle = CycleFactory(
            state=CycleState.SCHEDULED, name="Winter", departments=[department], grace_days=2
        )
        for kind, (opens_on, due_on) in days.items():
            CyclePhaseFactory(cycle=self.cycle, kind=kind, opens_on=opens_on, due_on=due_on)
        self.hr = viewer_of_person(PersonFactory(name="Hr", process_admin=True))

    def said(self, *, without=("Hr",), **assumed):
        """(person, day, line) of every line of every mail of the rehearsal, and how many mails;
        `without` those who will have left, or of whom nothing is asked."""
        lines, mails = Counter(), 0
        for person in Person.objects.exclude(name__in=without):
            page = pages.rehearsed_person(
                self.hr, cycle_id=self.cycle.pk, person_id=person.pk, now=NOON, **assumed
            )
            mails += len(page.mails)
            for letter in page.mails:
                for line in lines_of(letter.text):
                    lines[person.name, letter.day, line] += 1
        return lines, mails

    def run(self, until, *, first=date(2026, 11, 28), beside=lambda now: None):
        """The clock, until that day; result as `said`."""
        day = first
        while day < until:
            for hour, minute in HOURS if day.weekday() != SATURDAY else ():
                now = datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC)
                turn_phases(now=now)
                beside(now)
                feedback.turn(now=now)
                actions.plan_messages(now=now)
                actions.send_due_messages(now=now)
            day += timedelta(days=1)
        sent = {m.message_id: m for m in Message.objects.select_related("person")}
        lines = Counter()
        for letter in mail.outbox:
            message = sent[letter.extra_headers["Message-ID"]]
            there = local_day(message.sent_at, message.person.time_zone)
            for line in lines_of(letter.body):
                lines[message.person.name, there, line] += 1
        return lines, len(mail.outbox)


def lines_of(text):
    """Each duty as the mail prints it: what, about whom, and the day."""
    rows = text.splitlines()
    return [
        f"{row.strip()} {rows[number + 1].partition('· ')[2]}"
        for number, row in enumerate(rows)
        if row.startswith("- ")
    ]


def named(lines, *words, but=()):
    """Those that hold one of these words, and none of the others."""
    return Counter(
        {
            key: number
            for key, number in lines.items()
            if any(word in key[2] for word in words) and not any(word in key[2] for word in but)
        }
    )


def unnamed(lines):
    """Feedback to give, without about whom."""
    found = Counter()
    for (who, day, line), number in lines.items():
        if "Give feedback" in line:
            late = "was due" in line
            found[who, day, late] += number
    return found


def test_with_nobody_doing_anything_the_mails_are_those_of_the_rehearsal(settings):
    company = Company(settings)
    PerspectiveFactory(cycle=company.cycle, named=True)
    PerspectiveFactory(cycle=company.cycle, upward=True, threshold=4)
    said, mails = company.said(peers="0")
    page = pages.rehearsal(company.hr, cycle_id=company.cycle.pk, peers="0", now=NOON)

    done, sent = company.run(date(2027, 1, 4))

    until_delivery = Counter({key: n for key, n in said.items() if key[1] < date(2027, 1, 4)})
    assert done == until_delivery
    assert sent == sum(day.mails for day in page.days if day.day < date(2027, 1, 4))
    assert mails == page.mails
    kinds = ("Propose peers", "Write your self review", "Review a report", "Give feedback")
    assert all(named(done, kind) for kind in kinds)
    assert named(done, "was due")
    assert {key[0] for key in named(done, "- West: ")} == {"Head"}
    assert {key[0] for key in done} == {
        "Chief", "Head", "West", "East", "Ada", "Bo", "Chi", "Dag", "Eli", "Fay", "Gus",
    }  # fmt: skip


def test_with_peers_named_on_the_first_day_managers_and_peers_are_mailed_as_rehearsed(settings):
    company = Company(settings)
    # Nobody leads the chief: whoever owns the cycle decides about the chief's peers.
    Person.objects.filter(name="Chief").update(department=company.cycle.departments.get())
    company.cycle.owners.set(Person.objects.filter(name="Hr"))
    perspective = PerspectiveFactory(cycle=company.cycle, named=True)
    said, _mails = company.said(without=(), peers="3")

    def name_peers(now):
        everybody = list(Participant.objects.order_by("pk"))
        if everybody and not Request.objects.exists():
            Request.objects.bulk_create(
                Request(
                    perspective=perspective, participant=one, state=RequestState.PROPOSED,
                    giver=everybody[(place + step) % len(everybody)].person,
                )
                for place, one in enumerate(everybody)
                for step in (1, 2, 3)
            )  # fmt: skip

    done, _sent = company.run(date(2026, 12, 24), beside=name_peers)

    within = Counter({key: n for key, n in said.items() if key[1] < date(2026, 12, 24)})
    assert perspective.mode == Mode.NAMED
    for words in ("Approve peers", "Write your self review", "Review a report"):
        assert named(done, words) == named(within, words)
        assert named(done, words)
    assert unnamed(done) == unnamed(within)
    assert not named(done, "Propose peers")
    assert {key[0] for key in named(done, "Approve peers: Chief")} == {"Hr"}


def test_the_last_phase_is_mailed_as_rehearsed(settings):
    short = {Phase.MANAGER_REVIEW: (date(2026, 12, 29), date(2026, 12, 30))}
    company = Company(settings, short | {Phase.DELIVERY: DAYS[Phase.DELIVERY]})
    company.cycle.self_review = False
    company.cycle.save()
    said, _mails = company.said(without=["Gus", "Hr"])
    released = {"Ada", "Chi", "Fay", "Head"}

    def write_and_release(now):
        if now >= datetime(2027, 1, 3, 23, tzinfo=UTC):
            Review.objects.filter(kind=ReviewKind.MANAGER, state=ReviewState.DRAFT).update(
                state=ReviewState.SUBMITTED, submitted_at=now, submitted_by=company.hr.person_id
            )
            Participant.objects.filter(person__name__in=released, state="active").update(
                state=ParticipantState.RELEASED, released_at=now, released_by=company.hr.person_id
            )

    done, _sent = company.run(date(2027, 1, 18), first=date(2026, 12, 28), beside=write_and_release)

    # Who gets a packet at once is not asked for it; who gets none has nothing to talk about.
    assert named(done, "Talk about") == named(
        said, *(f"Talk about a review: {name}" for name in released)
    )
    packets = [f"Release a review: {name}" for name in released]
    above = [f"Release a review ({name})" for name in released]
    assert named(done, "Release a review") == named(said, "Release a review", but=packets + above)
    assert named(done, "Read your review") == Counter(
        {key: n for key, n in named(said, "Read your review").items() if key[0] in released}
    )
