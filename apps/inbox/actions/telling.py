"""What somebody has to know: written into a mail of its own, beside the digest, once.

PRIVACY: such a mail says that there is something to read, and neither what nor about whom; it reads the
same for whoever wrote a text and for whoever reported one. The log of mails knows nothing of it
(states.UNSPOKEN): that one went to a named person would say who wrote.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import OuterRef, Q, Subquery

from apps.feedback.access import disclosure_gate
from apps.feedback.models import Concern, Disclosure
from apps.feedback.rules import TOLD_WITHIN
from apps.feedback.states import ConcernState, DisclosureState
from apps.inbox.states import TellingKind
from apps.people.models import Person
from apps.people.viewers import viewer_of_person


@dataclass(frozen=True)
class Telling:
    """`object_id` is the key of the concern, or of the disclosure where it is about a name."""

    person_id: int
    kind: TellingKind
    object_id: int


def tellings(*, now: datetime, person_id: int | None = None) -> Iterator[Telling]:
    """What is to be told to everybody, or at least to one person, of the last thirty days.

    4 queries, and 2 for each person of HR who reads content: what waits for them.
    """
    of_late = Q(decided_at__gt=now - TOLD_WITHIN)
    author = "part__answer__author"
    decided = Concern.objects.with_decision().filter(of_late).order_by("pk")
    mine = {"reports__raised_by": person_id} if person_id else {}
    for raised_by, pk in decided.filter(**mine).values_list("reports__raised_by", "pk"):
        yield Telling(raised_by, TellingKind.CONCERN_DECIDED, pk)
    whose = {author: person_id} if person_id else {f"{author}__isnull": False}
    hidden = decided.filter(state=ConcernState.HIDDEN, **whose)
    for giver, pk in hidden.values_list(author, "pk"):
        yield Telling(giver, TellingKind.TEXT_HIDDEN, pk)
    author = f"concern__{author}"
    whose = {author: person_id} if person_id else {f"{author}__isnull": False}
    opened = Disclosure.objects.filter(of_late, state=DisclosureState.AGREED, **whose)
    for pk, giver in opened.order_by("pk").values_list("pk", author):
        yield Telling(giver, TellingKind.NAME_OPENED, pk)
    office = Person.objects.employed(on=now.date() - timedelta(days=1))
    office = office.filter(is_content_admin=True, **({"pk": person_id} if person_id else {}))
    for person in office.order_by("pk"):
        yield from _waiting(person)


def _waiting(person: Person) -> Iterator[Telling]:
    """What this person of HR may decide, each once: the text, and later the name."""
    viewer = viewer_of_person(person)
    names = disclosure_gate.visible(
        viewer, Disclosure.objects.filter(concern=OuterRef("pk")), "agree_to_disclosure"
    )
    waiting = Concern.objects.waiting_for(viewer).annotate(name=Subquery(names.values("pk")[:1]))
    for pk, state, name in waiting.order_by("pk").values_list("pk", "state", "name"):
        if state == ConcernState.RAISED:
            yield Telling(person.pk, TellingKind.CONCERN_WAITS, pk)
        if name is not None:
            yield Telling(person.pk, TellingKind.NAME_WAITS, name)
