"""A whole desk for tests: somebody on a level that expects `n` competencies, and their reviews."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.db import connection
from django.template.loader import render_to_string
from django.test.utils import CaptureQueriesContext

from apps.core.access import Viewer
from apps.ladders.models import Area, Competency, Statement
from apps.reviews import actions
from apps.reviews.models import Participant, Review
from apps.reviews.pages import writing as pages
from apps.reviews.states import CycleState
from tests.factories import NOON
from tests.factories.ladders import LevelFactory
from tests.factories.people import PersonFactory
from tests.factories.reviews import (
    CycleFactory,
    EvidenceNoteFactory,
    GoalFactory,
    ParticipantFactory,
    ReviewFactory,
)


@dataclass
class Desk:
    participant: Participant
    manager_review: Review
    self_review: Review
    competencies: list[Competency]

    @property
    def manager(self) -> Viewer:
        return Viewer(person_id=self.participant.manager_id)

    @property
    def subject(self) -> Viewer:
        return Viewer(person_id=self.participant.person_id)

    def enter(self, state: str) -> None:
        type(self.participant.cycle).objects.filter(pk=self.participant.cycle_id).update(
            state=state
        )

    def ratings(self, value: str = "3") -> dict[str, str]:
        return {f"c{c.pk}-value": value for c in self.competencies}

    def complete(self) -> dict[str, str]:
        """A whole manager review without a doubt in it."""
        fields = self.ratings()
        fields |= {
            f"c{self.competencies[0].pk}-value": "4",
            "summary": "A good year.",
            "overall": "3",
        }
        return fields


def make_desk(
    n: int = 3,
    *,
    goals: int = 0,
    state: str = CycleState.MANAGER_REVIEW,
    accounts: bool = False,
    areas: int = 2,
) -> Desk:
    level = LevelFactory()
    version = level.version
    made = [
        Area.objects.create(version=version, key=f"area-{a}", name=f"Area {a}", position=a)
        for a in range(areas)
    ]
    competencies = Competency.objects.bulk_create(
        Competency(
            version=version,
            area=made[i * areas // n],
            key=f"k{i}",
            name=f"Competency {i}",
            position=i,
        )
        for i in range(n)
    )
    Statement.objects.bulk_create(
        Statement(
            version=version,
            competency=c,
            level=level,
            key=f"s{c.pk}-{i}",
            text=f"Does part {i} without being asked.",
            position=i,
        )
        for c in competencies
        for i in range(3)
    )
    manager = PersonFactory(with_user=accounts, name="Mira Jensen")
    person = PersonFactory(with_user=accounts, name="Amara Okafor", manager=manager, level=level)
    participant = ParticipantFactory(
        cycle=CycleFactory(state=state, phases=True),
        person=person,
        manager=manager,
        item_count=n + goals,
    )
    for _ in range(goals):
        GoalFactory(participant=participant)
    return Desk(
        participant,
        ReviewFactory(participant=participant),
        ReviewFactory(participant=participant, own=True),
        list(competencies),
    )


def save(desk, changed, *, base=None, key="", review=None, by=None):
    review = review or desk.manager_review
    base = Review.objects.get(pk=review.pk).revision if base is None else base
    return actions.save_review(
        review.pk, changed=changed, base=base, key=key, by=by or desk.manager, now=NOON
    )


def submit(desk, **kwargs):
    review = Review.objects.get(pk=desk.manager_review.pk)
    return actions.submit_review(
        review.pk, revision=review.revision, by=desk.manager, now=NOON, **kwargs
    )


def submit_form(desk, fields, *, base, **kwargs):
    return actions.submit_form(
        desk.manager_review.pk, changed=fields, base=base, by=desk.manager, now=NOON, **kwargs
    )


class Counted(CaptureQueriesContext):
    """Counts statements; the marks of a transaction are none."""

    MARKS = ("BEGIN", "SAVEPOINT", "RELEASE", "ROLLBACK", "COMMIT")

    def __init__(self) -> None:
        super().__init__(connection)

    @property
    def count(self) -> int:
        return sum(not q["sql"].startswith(self.MARKS) for q in self.captured_queries)


def earlier(desk, years, *, level=None, released=True, scale=None):
    """The same person in a cycle of so many years ago."""
    past = NOON.date() - timedelta(days=365 * years)
    return ParticipantFactory(
        person=desk.participant.person,
        manager=desk.participant.manager,
        level=level or desk.participant.level,
        released=released,
        cycle=CycleFactory(
            name=f"{years} years ago",
            state=CycleState.CLOSED,
            scale=scale or desk.participant.cycle.scale,
            period_start=past - timedelta(days=300),
            period_end=past,
        ),
    )


def note_of(desk, **fields):
    return EvidenceNoteFactory(
        about=desk.participant.person, author=desk.participant.manager, **fields
    )


def html_of(page, template="reviews/review.html"):
    return render_to_string(template, {"page": page})


def desk_page(desk):
    return pages.review(desk.manager, review_id=desk.manager_review.pk)
