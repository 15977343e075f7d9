"""One reader against one batch: what is shown to them, and whom it gives away."""

from __future__ import annotations

from collections.abc import Iterable

from apps.feedback.models import Request
from apps.feedback.states import OUT, Mode
from apps.reviews.models import Participant
from tests.demo.differencing import Figure, given_away
from tests.demo.voices import Batch, Look, figures_of


def read_with_names(batch: Batch) -> set[int]:
    """Who is promised to read this batch with names: for them there is nothing to isolate."""
    if batch.perspective.mode == Mode.ANONYMOUS:
        return set()
    participant = Participant.objects.select_related("person__manager").get(pk=batch.participant_id)
    manager = participant.person.manager
    kept = participant.manager_id if participant.manager_kept else None
    return {participant.person.manager_id, manager and manager.manager_id, kept} - {None}


def attack(figures: Iterable[Figure], batch: Batch, reader: int) -> frozenset:
    """Who is given away to this reader. Of somebody who was asked nobody knows whether they
    answered, so any one of the answers is taken for theirs."""
    shown, threshold = set(figures), batch.perspective.threshold
    asked = Request.objects.filter(
        perspective=batch.perspective, participant=batch.participant_id, giver=reader, state__in=OUT
    )
    own = [[one] for one in batch.answers.values_list("pk", flat=True)] if asked.exists() else [[]]
    return next(
        filter(None, (given_away(shown, threshold, known=known) for known in own)), frozenset()
    )


def shown(batch: Batch, look: Look) -> dict[int, set[Figure]]:
    """By reader, all that is shown of this batch."""
    found: dict[int, set[Figure]] = {}
    for (name, _, _), figure in figures_of(batch, look).items():
        found.setdefault(int(name.partition(" ")[0]), set()).add(figure)
    return found
