"""Two tables of mechanism: what happened, and when the clock last ticked."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class AuditEvent(models.Model):
    """One deed on one object, chained to the deed before it on the same object.

    Append-only: triggers refuse UPDATE and DELETE (apps/core/append_only.py). No foreign key leads
    away from here, so that erasing a person or an object breaks no chain.
    PRIVACY: `detail` holds numbers, ids and states, never a text and never an anonymous author.
    """

    class ActorKind(models.TextChoices):
        PERSON = "person", "Person"
        SYSTEM = "system", "System"
        COMMAND = "command", "Command"

    verb = models.CharField(max_length=64)
    object_type = models.CharField(max_length=64)
    object_id = models.CharField(max_length=64)
    sequence = models.PositiveIntegerField()
    actor_id = models.BigIntegerField(null=True)
    actor_kind = models.CharField(max_length=8, choices=ActorKind)
    request_id = models.CharField(max_length=64, blank=True)
    at = models.DateTimeField()
    detail = models.JSONField(default=dict)
    previous_hash = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["object_type", "object_id", "sequence"],
                name="audit_event_has_one_place_in_its_chain",
            ),
            models.CheckConstraint(
                condition=Q(actor_kind__in=["person", "system", "command"]),
                name="audit_event_actor_kind_is_known",
            ),
            models.CheckConstraint(
                condition=Q(sequence=1, previous_hash="")
                | Q(sequence__gt=1) & ~Q(previous_hash=""),
                name="audit_event_first_has_no_previous",
            ),
        ]
        indexes = [
            models.Index(fields=["at"], name="audit_event_at"),
            models.Index(fields=["actor_id", "at"], name="audit_event_actor"),
        ]

    def __str__(self) -> str:
        return f"{self.object_type}:{self.object_id} {self.sequence} {self.verb}"


class BeatTick(models.Model):
    """When the clock of the house last ticked, one row for each name. Read by /readyz."""

    name = models.CharField(max_length=32, unique=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} {self.at:%Y-%m-%d %H:%M:%S}"
