"""A dispute as HR sees it: that there is one, until when it is decided, and who could decide it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.shortcuts import get_object_or_404
from django.utils import timezone

from apps.core.access import Viewer
from apps.people.models import Person
from apps.reviews.access import participant_gate
from apps.reviews.models import LINE, Dispute, Participant, faults_of
from apps.reviews.rules.phases import day_in

FOUND_SHOWN = 8


@dataclass(frozen=True)
class Found:
    """Somebody who was looked for, and why they cannot be the third person, if so."""

    person: Person
    fault: str


@dataclass(frozen=True)
class NameArbiter:
    participant: Participant
    dispute: Dispute
    is_needed: bool
    who: str
    found: list[Found]


def name_arbiter(
    viewer: Viewer, *, participant_id: int, now: datetime, who: str = ""
) -> NameArbiter:
    """At most 5 queries: the seat with the dispute, the line of the third person (two at most), those
    who were looked for by name, and who gave a rating.

    PRIVACY: the texts of the dispute are not loaded.
    """
    participant = get_object_or_404(
        participant_gate.visible(viewer, Participant.objects.all(), "name_arbiter")
        .select_related("cycle", "person__manager", "manager", "dispute__arbiter")
        .defer("dispute__text", "dispute__answer", "dispute__outcome", "reply"),
        pk=participant_id,
    )
    who = who.strip()
    people = (
        list(
            Person.objects.employed(on=timezone.localdate(now))
            .filter(name__icontains=who)
            .exclude(pk=viewer.person_id)
            .select_related("department")
            .annotate(**LINE)
            .order_by("name", "pk")[:FOUND_SHOWN]
        )
        if who
        else []
    )
    faults = faults_of(participant, people, on=timezone.localdate(now)) if people else {}
    return NameArbiter(
        participant=participant,
        dispute=participant.dispute,
        is_needed=participant.dispute.needs_another(
            on=day_in(participant.person.time_zone, now=now)
        ),
        who=who,
        found=[Found(person, faults[person.pk]) for person in people],
    )


def third_person(
    viewer: Viewer, *, participant_id: int, person_id: int
) -> tuple[Participant, Person]:
    """The seat whose third person HR names, and the one named. 2 queries; 404 for everybody else."""
    seats = participant_gate.visible(viewer, Participant.objects.all(), "name_arbiter")
    return (
        get_object_or_404(
            seats.select_related("cycle", "person", "manager", "dispute__arbiter"),
            pk=participant_id,
        ),
        get_object_or_404(Person, pk=person_id),
    )
