"""What all parts of the loader share: the clock that runs through the past, the people, the lots drawn."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from apps.core.access import Viewer
from apps.demo.script import Script
from apps.ladders.expectations import ExpectedCompetency, expectations_of
from apps.people.models import Person
from apps.people.viewers import viewer_of_person
from apps.reviews.models import Participant

Deed = Callable[[datetime], object]
MORNING, EVENING, SATURDAY = 9, 17, 5


@dataclass
class Stage:
    """The past as it is being played. `say` when something happens; `play` makes it happen."""

    script: Script
    now: datetime
    lots: Random
    people: dict[str, Person] = field(default_factory=dict)
    _viewers: dict[str, Viewer] = field(default_factory=dict)
    _queue: list[tuple[datetime, int, Deed]] = field(default_factory=list)
    _numbers: Any = field(default_factory=count)
    _expected: dict[tuple[int | None, frozenset[int]], tuple[ExpectedCompetency, ...]] = field(
        default_factory=dict
    )

    @property
    def today(self) -> date:
        return self.now.date()

    def say(self, when: datetime, deed: Deed) -> None:
        """Let `deed` happen at this instant; what would lie ahead happens just before now."""
        heapq.heappush(self._queue, (min(when, self.now), next(self._numbers), deed))

    def play(self) -> None:
        """Everything in the order of its instants; a deed may say further ones."""
        while self._queue:
            when, _, deed = heapq.heappop(self._queue)
            deed(when)

    def day(self, offset: int) -> date:
        return self.today + timedelta(days=offset)

    def opening(self, offset: int) -> date:
        """A first day that is a working day: before a weekend if it has come, else after it."""
        return self._off_the_weekend(self.day(offset), -1 if offset <= 0 else 1)

    def deadline(self, offset: int) -> date:
        """A last day that is a working day."""
        return self._off_the_weekend(self.day(offset), 1)

    def _off_the_weekend(self, day: date, step: int) -> date:
        while day.weekday() >= SATURDAY:
            day += timedelta(days=step)
        return day

    def dawn(self, offset: int, minutes: int = 5) -> datetime:
        """Just after midnight in the house's zone, when the clock turns phases."""
        return datetime.combine(self.day(offset), time(), tzinfo=self.now.tzinfo) + timedelta(
            minutes=minutes
        )

    def at_work(self, offset: int, email: str) -> datetime:
        """Some moment of this person's working day."""
        zone = ZoneInfo(self.people[email].time_zone)
        drawn = time(self.lots.randrange(MORNING, EVENING), self.lots.randrange(60))
        return datetime.combine(self.day(offset), drawn, tzinfo=zone).astimezone(UTC)

    def between(self, opens: int, due: int, email: str) -> datetime:
        """Some moment of one of the days between two offsets, and never after today's dawn."""
        first, last = opens, min(due, -1)
        return self.at_work(self.lots.randint(first, max(first, last)), email)

    def viewer(self, email: str) -> Viewer:
        if email not in self._viewers:
            self._viewers[email] = viewer_of_person(self.people[email])
        return self._viewers[email]

    def forget_viewers(self) -> None:
        """Lines have changed, so who stands above whom is asked again."""
        self._viewers.clear()

    def expected(self, participant: Participant) -> tuple[ExpectedCompetency, ...]:
        """What is rated of this participant, read once for each combination."""
        mixins = frozenset(participant.mixins.values_list("pk", flat=True))
        key = (participant.level_id, mixins)
        if key not in self._expected:
            self._expected[key] = expectations_of(participant.level_id, sorted(mixins)).competencies
        return self._expected[key]

    def entry(self, email: str) -> dict[str, Any]:
        """What the texts say about a person."""
        return next(p for p in self.script.company["people"] if p["email"] == email)

    def can_sign_in(self, email: str) -> bool:
        return bool(self.entry(email).get("login", True))
