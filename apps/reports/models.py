"""Files that took a job to make. Whom each holds is kept, so that rights can be asked again."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.db import models
from django.db.models import CheckConstraint, Q

from apps.core.access import Viewer
from apps.people.models import Person
from apps.reports.access import export_gate, packets_q
from apps.reports.states import WAITING, ExportKind, ExportState
from apps.reviews.models import Cycle, Participant

KEPT_DAYS = 7


def random_name(_export: Any, name: str) -> str:
    """Where the file lies. PRIVACY: nothing in the name says whose it is or what it holds."""
    return f"exports/{uuid.uuid4().hex}.{name.rpartition('.')[2]}"


class ExportQuerySet(models.QuerySet["Export"]):
    def visible_to(self, viewer: Viewer) -> ExportQuerySet:
        return export_gate.visible(viewer, self, "read_export")

    def bundles(self) -> ExportQuerySet:
        """Copies of everything about their requester."""
        return self.filter(kind=ExportKind.BUNDLE)

    def old(self, *, at: datetime) -> ExportQuerySet:
        """Those whose days are over, with or without a file."""
        return self.filter(requested_at__lt=at - timedelta(days=KEPT_DAYS))

    def stuck(self, *, at: datetime) -> ExportQuerySet:
        """Asked for, or begun, and then lost by a broker or a worker."""
        return self.filter(state__in=WAITING).filter(
            Q(started_at=None, requested_at__lt=at - timedelta(minutes=2))
            | Q(started_at__lt=at - timedelta(minutes=12))
        )


class Export(models.Model):
    """One file that somebody asked for."""

    kind = models.CharField(max_length=10, choices=ExportKind, default=ExportKind.PACKETS)
    cycle = models.ForeignKey(Cycle, null=True, on_delete=models.PROTECT, related_name="+")
    wave = models.DateTimeField(null=True, help_text="Only packets released at this instant.")
    requested_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    requested_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=ExportState, default=ExportState.PLANNED)
    started_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    done = models.PositiveIntegerField(default=0, help_text="How many packets are made so far.")
    rows = models.PositiveIntegerField(default=0, help_text="How many packets there will be.")
    participants = models.ManyToManyField(Participant, related_name="+")
    others = models.JSONField(
        default=dict, help_text="Of a bundle: keys of what others wrote in it, by model."
    )
    file = models.FileField(upload_to=random_name, blank=True, max_length=120)
    sha256 = models.CharField(max_length=64, blank=True)
    ready_at = models.DateTimeField(null=True)

    objects = ExportQuerySet.as_manager()

    class Meta:
        ordering = ["-requested_at", "-pk"]
        constraints = [
            CheckConstraint(
                condition=Q(state__in=ExportState.values), name="export_state_is_known"
            ),
            CheckConstraint(
                condition=(Q(state="ready", ready_at__isnull=False) & ~Q(sha256="") & ~Q(file=""))
                | (~Q(state="ready") & Q(ready_at=None, sha256="", file="")),
                name="export_ready_has_its_file",
            ),
            CheckConstraint(
                condition=Q(kind="packets", cycle__isnull=False)
                | Q(kind="bundle", cycle=None, wave=None),
                name="export_of_packets_has_its_cycle",
            ),
        ]

    def __str__(self) -> str:
        return f"export {self.pk}"

    def packets(self, viewer: Viewer) -> models.QuerySet[Participant]:
        """Whose packets this viewer may have in it, today."""
        found = Participant.objects.filter(packets_q(viewer), cycle=self.cycle_id)
        return found.filter(released_at=self.wave) if self.wave else found

    def is_still_allowed(self, viewer: Viewer) -> bool:
        """Whether this viewer may read every packet that the file holds, now. 2 queries."""
        held = self.participants.count()
        return held > 0 and held == self.participants.filter(packets_q(viewer)).count()

    @property
    def is_bundle(self) -> bool:
        return self.kind == ExportKind.BUNDLE

    @property
    def gone_after(self) -> datetime:
        return self.requested_at + timedelta(days=KEPT_DAYS)
