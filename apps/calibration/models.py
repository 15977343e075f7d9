"""Sessions in which a committee compares ratings, and the decisions it records."""

from __future__ import annotations

from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint

from apps.calibration.access import item_gate, session_gate
from apps.calibration.states import ReasonCode, SessionState
from apps.core.access import Viewer
from apps.people.models import Department, Person
from apps.reviews.models import Cycle, Participant


class SessionQuerySet(models.QuerySet["Session"]):
    def visible_to(self, viewer: Viewer) -> SessionQuerySet:
        return session_gate.visible(viewer, self, "read_session")


class Session(models.Model):
    """One committee, one group of people, one sitting (or several)."""

    cycle = models.ForeignKey(Cycle, on_delete=models.PROTECT, related_name="sessions")
    name = models.CharField(max_length=120)
    department = models.ForeignKey(
        Department, null=True, on_delete=models.PROTECT, related_name="+"
    )
    facilitator = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="facilitated_sessions"
    )
    members = models.ManyToManyField(
        Person, through="Membership", related_name="calibration_sessions"
    )
    state = models.CharField(max_length=10, choices=SessionState, default=SessionState.PREPARING)
    version = models.PositiveIntegerField(default=0, help_text="Rises with every change shown.")
    created_at = models.DateTimeField()
    locked_at = models.DateTimeField(null=True)
    locked_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    record = models.JSONField(null=True, help_text="The decision record, frozen by the lock.")
    record_hash = models.CharField(max_length=64, blank=True)

    objects = SessionQuerySet.as_manager()

    class Meta:
        constraints = [
            UniqueConstraint(fields=["cycle", "name"], name="session_name_once_per_cycle"),
            CheckConstraint(
                condition=Q(state__in=SessionState.values), name="session_state_is_known"
            ),
            CheckConstraint(
                condition=Q(locked_at=None, locked_by=None, record_hash="")
                | (Q(locked_at__isnull=False, locked_by__isnull=False) & ~Q(record_hash="")),
                name="session_locked_at_and_by_together",
            ),
            CheckConstraint(
                condition=Q(state="locked", locked_at__isnull=False)
                | (~Q(state="locked") & Q(locked_at=None)),
                name="session_locked_has_instant",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="memberships")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    present = models.BooleanField(default=False)

    class Meta:
        constraints = [UniqueConstraint(fields=["session", "person"], name="session_member_once")]

    def __str__(self) -> str:
        return f"{self.person_id} in {self.session_id}"


class ItemQuerySet(models.QuerySet["Item"]):
    def visible_to(self, viewer: Viewer) -> ItemQuerySet:
        return item_gate.visible(viewer, self, "read_item")

    def with_people(self) -> ItemQuerySet:
        return self.select_related(
            "participant__person", "participant__level", "participant__manager", "session__cycle"
        )


class Item(models.Model):
    """A participant on the board of a session."""

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="items")
    participant = models.ForeignKey(
        Participant, on_delete=models.PROTECT, related_name="calibration_items"
    )
    position = models.PositiveSmallIntegerField(default=0)

    objects = ItemQuerySet.as_manager()

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            UniqueConstraint(fields=["session", "participant"], name="session_item_once"),
        ]

    def __str__(self) -> str:
        return f"item {self.pk}"


class Decision(models.Model):
    """Keep or change, with its reason. Append-only: the newest is the committee's word."""

    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="decisions")
    sequence = models.PositiveIntegerField()
    from_value = models.PositiveSmallIntegerField(null=True)
    to_value = models.PositiveSmallIntegerField()
    reason_code = models.CharField(max_length=12, choices=ReasonCode)
    reason = models.TextField(blank=True)
    present = models.JSONField(default=list, help_text="Ids of the people who were there.")
    decided_at = models.DateTimeField()
    decided_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["sequence"]
        constraints = [
            UniqueConstraint(fields=["item", "sequence"], name="decision_sequence_once"),
            CheckConstraint(
                condition=Q(reason_code="kept", from_value=models.F("to_value"))
                | (~Q(reason_code="kept") & ~Q(reason="")),
                name="decision_change_has_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"decision {self.pk}"
