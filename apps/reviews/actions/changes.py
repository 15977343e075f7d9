"""Answering many changes of one kind at once: the same deeds as one by one, all of them or none."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from apps.core.access import Viewer
from apps.core.workflow import StaleState
from apps.reviews.actions.extensions import give_time_to_many
from apps.reviews.actions.owners import hand_over_many
from apps.reviews.actions.participants import (
    add_many,
    excuse_many,
    keep_many,
    take_level_many,
)
from apps.reviews.models import Cycle, Participant
from apps.reviews.rules.changes import ANSWERS, time_after_leave
from apps.reviews.states import ChangeKind, Phase

FLAG_OF = {
    ChangeKind.NO_MANAGER: "lacks_manager",
    ChangeKind.MANAGER: "moved_manager",
    ChangeKind.LEFT: "has_left",
    ChangeKind.LEVEL: "moved_level",
    ChangeKind.LEAVE: "is_away",
}


@transaction.atomic
def settle_changes(
    cycle: Cycle,
    *,
    kind: str,
    answer: str,
    keys: Sequence[int],
    by: Viewer,
    now: datetime,
) -> int:
    """Give one answer to many changes of a kind: all or none.

    Arguments: `keys` of participants, of people for JOINED; `answer` one of ANSWERS. Result: how
    many. Errors: KeyError for an answer that this kind does not have; StaleState when one is
    answered already; and those of the deed itself.
    """
    change = ChangeKind(kind)
    if answer not in ANSWERS.get(change, ()):
        raise KeyError(answer)
    if change == ChangeKind.JOINED:
        return len(add_many(cycle, keys, by=by, now=now))
    people = list(
        Participant.objects.visible_to(by)
        .filter(cycle=cycle, pk__in=set(keys))
        .changed_since_launch(on=timezone.localdate(now))
        .filter(**{FLAG_OF[change]: True})
        .select_related("cycle", "person__manager", "manager")
        .order_by("person__name", "pk")
    )
    if not people or len(people) != len(set(keys)):
        raise StaleState("one of these changes is answered already")
    if answer.startswith("keep_"):
        keep_many(people, answer, by=by, now=now)
    elif answer.startswith("hand_over"):
        hand_over_many(people, with_draft=answer == "hand_over_with_draft", by=by, now=now)
    elif answer == "take_level":
        take_level_many(people, by=by, now=now)
    elif answer == "excuse_participant":
        excuse_many([p.pk for p in people], cycle_id=cycle.pk, by=by, now=now)
    else:
        _give_time_after_leave(people, cycle, by=by, now=now)
    return len(people)


def _give_time_after_leave(
    people: Sequence[Participant], cycle: Cycle, *, by: Viewer, now: datetime
) -> None:
    by_day: dict[date, list[int]] = defaultdict(list)
    for participant in people:
        until = time_after_leave(participant.person.leave_until)
        if until is None:
            raise StaleState(f"the leave of {participant} has no last day any more")
        by_day[until].append(participant.pk)
    for until, pks in by_day.items():
        give_time_to_many(
            pks, cycle_id=cycle.pk, phase=Phase.COLLECTION, until=until, by=by, now=now
        )
