"""Files: one packet at once, many as a job, everything about oneself, and how far a job is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import Count
from django.http import Http404
from django.shortcuts import get_object_or_404

from apps.core.access import Viewer
from apps.people.models import Person
from apps.reports.access import UNLAUNCHED, export_gate, packets_q
from apps.reports.bundles import open_now
from apps.reports.models import KEPT_DAYS, Export
from apps.reports.packets import PacketFile
from apps.reports.packets import packet_file as made_packet
from apps.reports.states import WAITING, ExportState
from apps.reviews.models import Cycle, Participant

MOST_EXPORTS, MOST_BUNDLES = 20, 5


@dataclass(frozen=True)
class Wave:
    """Packets that were released at one instant."""

    released_at: datetime
    packets: int

    @property
    def value(self) -> str:
        """What the form sends back."""
        return self.released_at.isoformat()


@dataclass(frozen=True)
class ExportRow:
    """`is_outdated`: something in it was taken back since, so it cannot be fetched any more."""

    export: Export
    is_waiting: bool
    may_fetch: bool
    is_outdated: bool = False

    @property
    def has_failed(self) -> bool:
        return self.export.state == ExportState.FAILED


@dataclass(frozen=True)
class PacketExports:
    cycle: Cycle
    waves: list[Wave]
    packets: int
    exports: list[ExportRow]
    is_waiting: bool
    kept_days: int


def packet_exports(viewer: Viewer, *, cycle_id: int) -> PacketExports:
    """3 queries, and 1 for the people above an HR content admin: the cycle, the waves open to the
    viewer, the viewer's files. Nobody without a packet or a file finds this page."""
    cycle = get_object_or_404(
        Cycle.objects.visible_to(viewer).exclude(state__in=UNLAUNCHED), pk=cycle_id
    )
    released = (
        Participant.objects.filter(packets_q(viewer), cycle=cycle)
        .order_by("released_at")
        .values_list("released_at")
        .annotate(packets=Count("pk"))
    )
    waves = [Wave(at, packets) for at, packets in released if at is not None]
    exports = [
        export_row(viewer, export)
        for export in Export.objects.visible_to(viewer).filter(cycle=cycle)[:MOST_EXPORTS]
    ]
    if not waves and not exports:
        raise Http404
    return PacketExports(
        cycle=cycle,
        waves=waves,
        packets=sum(wave.packets for wave in waves),
        exports=exports,
        is_waiting=any(row.is_waiting for row in exports),
        kept_days=KEPT_DAYS,
    )


def export_row(viewer: Viewer, export: Export) -> ExportRow:
    return ExportRow(
        export,
        export.state in WAITING,
        bool(export_gate.may(viewer, "fetch_export", export)),
    )


@dataclass(frozen=True)
class Bundles:
    """Copies of everything about oneself, newest first."""

    exports: list[ExportRow]
    is_waiting: bool
    kept_days: int


def bundles(viewer: Viewer) -> Bundles:
    """2 queries: the person, their copies; and 4 where one is ready. Errors: Http404 for an account
    without a person."""
    get_object_or_404(Person, pk=viewer.person_id)
    mine = Export.objects.visible_to(viewer).bundles()[:MOST_BUNDLES]
    rows = [export_row(viewer, export) for export in mine]
    if any(row.may_fetch for row in rows):
        now = open_now(viewer)
        rows = [
            row
            if not row.may_fetch or now.holds(row.export.others, since=row.export.requested_at)
            else replace(row, may_fetch=False, is_outdated=True)
            for row in rows
        ]
    return Bundles(rows, any(row.is_waiting for row in rows), KEPT_DAYS)


def export(viewer: Viewer, *, export_id: int) -> Export:
    """1 query. Somebody else's file does not exist."""
    return get_object_or_404(
        Export.objects.visible_to(viewer).select_related("cycle"), pk=export_id
    )


def export_file(viewer: Viewer, *, export_id: int) -> Export:
    """At most 5 queries, and 1 for the people above. The rights are asked again for every packet
    inside, and in a bundle for everything that others wrote: a manager who handed somebody over since
    has no file any more."""
    found = export(viewer, export_id=export_id)
    if not export_gate.may(viewer, "fetch_export", found):
        raise Http404
    is_open = (
        open_now(viewer).holds(found.others, since=found.requested_at)
        if found.is_bundle
        else found.is_still_allowed(viewer)
    )
    if not is_open:
        raise Http404
    return found


def released_packet(viewer: Viewer, *, participant_id: int) -> Participant:
    """1 query. A packet that is not released, or not this person's to read, does not exist."""
    return get_object_or_404(
        Participant.objects.filter(packets_q(viewer)).select_related("person", "cycle"),
        pk=participant_id,
    )


def packet_file(viewer: Viewer, participant: Participant, *, now: datetime) -> PacketFile:
    """At most 8 queries: one packet as PDF."""
    return made_packet(viewer, participant, now=now)
