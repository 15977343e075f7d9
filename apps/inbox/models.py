"""The outbox: one row per mail, written before it is sent. The database decides, the broker wakes.

A row names duties by kind and id, never by a text, and no address: both are looked up at sending.
"""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint

from apps.core.access import Viewer
from apps.inbox.access import message_gate
from apps.inbox.rules import Presence
from apps.inbox.states import MessageState
from apps.people.models import Person


def presence_of(person: Person) -> Presence:
    """Where somebody is and when, as the rules ask it."""
    return Presence(person.time_zone, person.leave_from, person.leave_until, person.left_on)


class MessageQuerySet(models.QuerySet["Message"]):
    def visible_to(self, viewer: Viewer) -> MessageQuerySet:
        return message_gate.visible(viewer, self, "read_message")


class Message(models.Model):
    """One mail to one person: the digest of what is asked of them on one of their days.

    PRIVACY: its key is drawn by lot. HR sees the mails of which the log speaks, by their keys; gaps
    between numbers would count the others, which went to those who have not answered.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="messages")
    key = models.CharField(
        max_length=80, help_text="Names the mail: kind and local day; unique per person."
    )
    state = models.CharField(max_length=8, choices=MessageState, default=MessageState.PLANNED)
    due_at = models.DateTimeField(help_text="Not before this instant.")
    message_id = models.CharField(max_length=120, unique=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    claimed_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=200, blank=True)
    planned_at = models.DateTimeField()

    objects = MessageQuerySet.as_manager()

    class Meta:
        ordering = ["-due_at", "person_id", "key"]
        constraints = [
            UniqueConstraint(fields=["person", "key"], name="message_once_per_person_and_key"),
            CheckConstraint(
                condition=Q(state="sent", sent_at__isnull=False)
                | (~Q(state="sent") & Q(sent_at=None)),
                name="message_sent_has_instant",
            ),
            CheckConstraint(
                condition=Q(state__in=MessageState.values), name="message_state_is_known"
            ),
        ]
        indexes = [models.Index(fields=["state", "due_at"], name="message_due")]

    def __str__(self) -> str:
        return f"message {self.pk}"


class MessageLine(models.Model):
    """One duty named in a mail, and why now. Unique per (person, duty, kind, local day)."""

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="lines")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    duty_kind = models.CharField(max_length=20)
    object_id = models.PositiveBigIntegerField(help_text="Key of what the duty is about.")
    notice = models.CharField(max_length=12)
    local_day = models.DateField()
    late_person = models.ForeignKey(
        Person,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Of an escalation: whose duty is late.",
    )

    class Meta:
        constraints = [
            UniqueConstraint(
                fields=["person", "duty_kind", "object_id", "notice", "local_day"],
                name="message_line_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.duty_kind} {self.object_id}: {self.notice}"
