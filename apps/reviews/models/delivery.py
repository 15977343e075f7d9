"""What may follow a release: a packet taken back, a dispute, and who could settle it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date
from typing import Any

from django.db import models
from django.db.models import CheckConstraint, Count, F, Q

from apps.people.models import Person
from apps.people.viewers import people_above
from apps.reviews.models.participants import Participant
from apps.reviews.models.reviews import RatingEvent
from apps.reviews.rules.packets import Candidate, arbiter_fault, choose_arbiter
from apps.reviews.rules.phases import ANSWER_WITHIN, working_days_after

# So far up a line is read in the one query; who stands deeper is asked about on their own.
STEPS = 8
LINE = {f"up_{n}": F("__".join(["manager"] * n) + "_id") for n in range(2, STEPS + 1)}


class Withdrawal(models.Model):
    """A packet was taken back, and why. The reason is kept here: the audit holds no text."""

    participant = models.ForeignKey(
        Participant, on_delete=models.CASCADE, related_name="withdrawals"
    )
    reason = models.CharField(max_length=300)
    taken_at = models.DateTimeField()
    taken_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-taken_at", "-pk"]
        constraints = [
            CheckConstraint(condition=~Q(reason=""), name="withdrawal_has_a_reason"),
        ]

    def __str__(self) -> str:
        return f"withdrawal {self.pk}"


class Dispute(models.Model):
    """A person's objection, and how a named third person settled it."""

    participant = models.OneToOneField(
        Participant, on_delete=models.PROTECT, related_name="dispute"
    )
    text = models.TextField()
    opened_at = models.DateTimeField()
    decide_on = models.DateField(
        help_text="The last day for a decision, where the person is: as many working days after the "
        "dispute as there were to open it."
    )
    arbiter = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="disputes_to_settle")
    answer = models.TextField(blank=True, help_text="What the reviewing manager says to it.")
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    outcome = models.TextField(blank=True)
    settled_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            CheckConstraint(
                condition=Q(settled_at=None, settled_by=None)
                | Q(settled_at__isnull=False, settled_by__isnull=False),
                name="dispute_settled_at_and_by_together",
            ),
            CheckConstraint(
                condition=Q(answered_at=None, answered_by=None)
                | Q(answered_at__isnull=False, answered_by__isnull=False),
                name="dispute_answered_at_and_by_together",
            ),
        ]

    def __str__(self) -> str:
        return f"dispute {self.pk}"

    @property
    def answer_on(self) -> date:
        """The day (of UTC) by which the manager is asked to answer."""
        soon = working_days_after(self.opened_at.astimezone(UTC).date(), ANSWER_WITHIN)
        return min(soon, self.decide_on)

    def needs_another(self, *, on: date) -> bool:
        """Whether the named third person cannot settle it any more, or has not by the last day.

        For a dispute read with arbiter, participant.cycle and participant.person. 1 query for each
        four steps of the arbiter's line, while nothing else decides it.
        """
        if self.settled_at is not None:
            return False
        person, one = self.participant.person, self.arbiter
        gone = one.left_on is not None and one.left_on <= on
        is_manager = one.pk in {person.pk, person.manager_id, self.participant.manager_id}
        return gone or is_manager or on > self.decide_on or person.pk in people_above(one)


@dataclass(frozen=True)
class Arbiter:
    """Who would settle a dispute, and as what: of HR's content office, or the manager's manager."""

    person: Person
    is_of_hr: bool


def arbiter_for(participant: Participant, *, on: date) -> Arbiter | None:
    """The third person for this participant as things stand on this day; None when nobody is left.

    Arguments: `participant` read with person.manager. 1 query while lines are at most nine people
    long. Never the person, a manager of theirs, somebody below them, or who gave one of the ratings.
    """
    person = participant.person
    skip_level_id = person.manager.manager_id if person.manager is not None else None
    is_open = Q(disputes_to_settle__isnull=False, disputes_to_settle__settled_at=None)
    rows = (
        Person.objects.employed(on=on)
        .filter(Q(is_content_admin=True) | Q(pk=skip_level_id))
        .exclude(Q(leave_from__lte=on) & (Q(leave_until=None) | Q(leave_until__gte=on)))
        .exclude(pk__in=_raters(participant))
        .annotate(open_disputes=Count("disputes_to_settle", filter=is_open), **LINE)
    )
    found = {one.pk: one for one in rows}
    chosen = choose_arbiter(
        [
            Candidate(
                person_id=one.pk,
                is_content_admin=one.is_content_admin,
                in_line=_works_for(one, person.pk),
                open_disputes=one.open_disputes,
            )
            for one in found.values()
        ],
        skip_level_id=skip_level_id if skip_level_id in found else None,
        barred=_barred(participant),
    )
    return None if chosen is None else Arbiter(found[chosen], found[chosen].is_content_admin)


def faults_of(participant: Participant, people: Collection[Person], *, on: date) -> dict[int, str]:
    """Why each of these cannot be the third person, by key; empty words where they can.

    Arguments: `participant` with its person. 1 query for people read with LINE, and 1 for each four
    steps of each line for others.
    """
    barred = _barred(participant) | set(_raters(participant).values_list("given_by", flat=True))
    return {
        one.pk: arbiter_fault(
            one.pk,
            barred=barred,
            is_below=_works_for(one, participant.person_id),
            is_here=one.left_on is None or one.left_on > on,
            has_account=one.user_id is not None,
        )
        for one in people
    }


def _barred(participant: Participant) -> frozenset[int | None]:
    person = participant.person
    return frozenset({person.pk, person.manager_id, participant.manager_id})


def _raters(participant: Participant) -> models.QuerySet[Any, Any]:
    """A third person who has themself rated would judge their own rating."""
    return RatingEvent.objects.filter(participant=participant).values("given_by")


def _works_for(one: Any, person_id: int) -> bool:
    """Whether `person_id` stands above somebody, without a query where they were read with LINE."""
    if not hasattr(one, "up_2"):
        return person_id in people_above(one)
    line = [one.manager_id, *(getattr(one, name) for name in LINE)]
    if line[-1] is not None and person_id not in line:
        return person_id in people_above(one)
    return person_id in line
