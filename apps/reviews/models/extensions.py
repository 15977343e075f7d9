"""More time: the running extension decides until when somebody may write, and what is due when."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import CheckConstraint, Exists, OuterRef, Q, Subquery, UniqueConstraint
from django.db.models.functions import Coalesce

from apps.people.models import Person
from apps.reviews.models.cycles import CyclePhase
from apps.reviews.models.participants import Participant
from apps.reviews.states import Phase


class ExtensionQuerySet(models.QuerySet["Extension"]):
    def running(self) -> ExtensionQuerySet:
        """Those that give time now: neither the clock nor HR has ended them."""
        return self.filter(ended_at=None)


class Extension(models.Model):
    """More time for one person in one phase: what is due in it is due later, and may be written
    until then (and its days of grace) although the cycle has gone on."""

    participant = models.ForeignKey(
        Participant, on_delete=models.CASCADE, related_name="extensions"
    )
    phase = models.CharField(max_length=16, choices=Phase)
    due_on = models.DateField()
    reason = models.CharField(max_length=200, blank=True)
    granted_at = models.DateTimeField()
    granted_by = models.ForeignKey(
        Person,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="None where the days of grace ran on after the next phase opened.",
    )
    ended_at = models.DateTimeField(null=True, help_text="When the clock, or HR, ended it.")

    objects = ExtensionQuerySet.as_manager()

    class Meta:
        constraints = [
            UniqueConstraint(
                fields=["participant", "phase"],
                condition=Q(ended_at=None),
                name="extension_one_at_a_time",
            ),
            CheckConstraint(condition=Q(phase__in=Phase.values), name="extension_phase_is_known"),
        ]

    def __str__(self) -> str:
        return f"extension {self.pk}"

    @property
    def is_grace(self) -> bool:
        """Nobody granted it: the phase closed while its days of grace ran on."""
        return self.granted_by_id is None


def running_of(phase: str, *, to: str = "participant") -> ExtensionQuerySet:
    """The running extension of this phase, of the participant that the outer row reaches at `to`
    ("" when the row is one)."""
    return Extension.objects.running().filter(
        participant=OuterRef(f"{to}_id" if to else "pk"), phase=phase
    )


def due_on(phase: str, to: str = "participant") -> Coalesce:
    """The day on which a phase is due for one person: their running extension's, else the phase's.

    Arguments: `to` the path from the row to its participant, "" when the row is one. NULL in a
    cycle that does not have the phase. No extension is ever due before its phase: whoever moves
    the phase moves those with it.
    """
    phases = CyclePhase.objects.filter(
        cycle=OuterRef(f"{to}__cycle_id" if to else "cycle_id"), kind=phase
    )
    return Coalesce(
        Subquery(running_of(phase, to=to).values("due_on")[:1]),
        Subquery(phases.values("due_on")[:1]),
    )


def has_more_time(phase: str, to: str = "participant") -> Any:
    """Whether an extension of this phase runs for the person, for one annotation."""
    return Exists(running_of(phase, to=to))
