"""Launching: everybody into the cycle as they stand, with their reviews and goals, at once.

Everything is INSERT ... SELECT, so that ten thousand people cost little more than ten.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Case, CharField, Count, F, IntegerField, QuerySet, Value, When
from django.db.models.functions import Substr
from django.utils.translation import gettext as _

from apps.core.access import Viewer
from apps.core.audit import record
from apps.core.copying import insert_select
from apps.core.workflow import advance
from apps.ladders.expectations import count_of
from apps.ladders.models import SuccessMetric
from apps.ladders.states import Comparator
from apps.people.models import Person
from apps.reviews.access import cycle_gate
from apps.reviews.models import Cycle, Goal, Participant, Review
from apps.reviews.rules.phases import Hindered, day_in, next_phase
from apps.reviews.states import CYCLE_MOVES, ParticipantState, ReviewKind, ReviewState

CHUNK = 500
TEXT_OF_A_GOAL = 300


@transaction.atomic
def launch_cycle(cycle: Cycle, *, by: Viewer, now: datetime) -> int:
    """Take everybody in as they stand now, make their reviews and goals, open the first phase.

    Result: the number of people. Errors: Hindered without a phase; StaleState when it was launched
    already, so that two launches make one; PermissionDenied. As many queries for 10 people as for
    10,000, but for the role mixins in use.
    """
    cycle_gate.require(by, "launch_cycle", cycle)
    first = next_phase(cycle.state, [phase.kind for phase in cycle.phases.all()])
    if first is None:
        raise Hindered(_("This cycle has no phase yet."))
    advance(cycle, CYCLE_MOVES[f"open_{first}"], launched_at=now)
    people = enrol(cycle, cycle.people(on=day_in(settings.TIME_ZONE, now=now)))
    record("launch_cycle", cycle, by=by, at=now, phase=first, people=people)
    return people


def enrol(cycle: Cycle, people: QuerySet[Person]) -> int:
    """Participants, their mixins, goals and reviews, for people who are not in the cycle yet."""
    with_mixins = _mixins_of(people)
    levels = set(people.order_by().values_list("level_id", flat=True).distinct())
    plain = {(level, frozenset[int]()) for level in levels}
    counts = count_of(plain | set(with_mixins.values()))
    metrics = dict(
        SuccessMetric.objects.filter(profile__in=people.order_by().values("role_profile"))
        .order_by()
        .values_list("profile_id")
        .annotate(Count("pk"))
    )
    by_level = {level: counts[level, frozenset()] for level in levels if level is not None}
    added = insert_select(
        Participant,
        people,
        {
            "cycle": Value(cycle.pk),
            "person": F("pk"),
            "manager": F("manager_id"),
            "manager_kept": Value(False),
            "level_kept": Value(False),
            "level_taken": Value(False),
            "leave_kept": Value(False),
            "leaver_kept": Value(False),
            "level": F("level_id"),
            "role_profile": F("role_profile_id"),
            "department": F("department_id"),
            "location": F("location_id"),
            "item_count": _looked_up("level_id", by_level) + _looked_up("role_profile_id", metrics),
            "state": Value(ParticipantState.ACTIVE.value),
            "reply": Value(""),
        },
    )
    participants = Participant.objects.filter(cycle=cycle, person__in=people.order_by())
    _count_mixins(cycle, with_mixins, counts)
    insert_select(
        Participant.mixins.through,
        participants.filter(person__mixins__isnull=False),
        {"participant": F("pk"), "mixin": F("person__mixins__pk")},
    )
    metric = "role_profile__metrics__"
    insert_select(
        Goal,
        participants.filter(role_profile__metrics__isnull=False),
        {
            "participant": F("pk"),
            "metric": F(f"{metric}pk"),
            "text": Substr(f"{metric}text", 1, TEXT_OF_A_GOAL),
            "comparator": _as_a_goal(metric),
            "target": F(f"{metric}value"),
            "unit": F(f"{metric}unit"),
            "position": F(f"{metric}position"),
        },
    )
    if cycle.self_review:
        open_reviews(participants, ReviewKind.SELF, author="person_id")
    open_reviews(
        participants.filter(manager__isnull=False), ReviewKind.MANAGER, author="manager_id"
    )
    return added


def open_reviews(participants: QuerySet[Participant], kind: ReviewKind, *, author: str) -> int:
    """An empty review for each of them that has none of this kind; `author` names the column."""
    nothing = Value("")
    return insert_select(
        Review,
        participants,
        {
            "participant": F("pk"),
            "kind": Value(kind.value),
            "author": F(author),
            "state": Value(ReviewState.DRAFT.value),
            "revision": Value(0),
            "departure": nothing,
            "summary": nothing,
            "promotion": nothing,
            "private_note": nothing,
        },
    )


def _as_a_goal(metric: str) -> Case:
    """How a metric is measured as somebody's goal. "95 % coverage" names a figure to reach, and
    whoever reaches more has not missed it; "no incidents" stays exact."""
    return Case(
        When(
            **{f"{metric}comparator": Comparator.EQ.value, f"{metric}value__gt": 0},
            then=Value(Comparator.GE.value),
        ),
        default=F(f"{metric}comparator"),
        output_field=CharField(),
    )


def _mixins_of(people: QuerySet[Person]) -> dict[int, tuple[int | None, frozenset[int]]]:
    """Person to (level, mixins), for those who have mixins."""
    found: dict[int, set[int]] = defaultdict(set)
    level_of: dict[int, int | None] = {}
    held = Person.mixins.through.objects.filter(person__in=people.order_by())
    for person_id, level_id, mixin_id in held.values_list(
        "person_id", "person__level_id", "mixin_id"
    ):
        found[person_id].add(mixin_id)
        level_of[person_id] = level_id
    return {pk: (level_of[pk], frozenset(mixins)) for pk, mixins in found.items()}


def _looked_up(column: str, values: dict[int, int]) -> Case:
    return Case(
        *(When(**{column: key}, then=Value(value)) for key, value in sorted(values.items())),
        default=Value(0),
        output_field=IntegerField(),
    )


def _count_mixins(
    cycle: Cycle,
    with_mixins: dict[int, tuple[int | None, frozenset[int]]],
    counts: dict[tuple[int | None, frozenset[int]], int],
) -> None:
    """Add what mixins bring to the counts that were taken by level alone."""
    more: dict[int, list[int]] = defaultdict(list)
    for person_id, (level_id, mixins) in with_mixins.items():
        more[counts[level_id, mixins] - counts[level_id, frozenset()]].append(person_id)
    for difference, people in more.items():
        if difference:
            for start in range(0, len(people), CHUNK):
                Participant.objects.filter(
                    cycle=cycle, person__in=people[start : start + CHUNK]
                ).update(item_count=F("item_count") + difference)
