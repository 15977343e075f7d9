"""What leaves the house is written down, and the files that take a job are made and thrown away."""

from __future__ import annotations

import hashlib
import tempfile
import zipfile
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import structlog
from django.core.exceptions import PermissionDenied
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import F

from apps.core.access import SYSTEM_VIEWER, Viewer
from apps.core.audit import record
from apps.core.queue import after_commit
from apps.core.workflow import StaleState, advance
from apps.people.viewers import viewer_of_person
from apps.reports.access import export_gate
from apps.reports.bundles import bundle, write_bundle
from apps.reports.models import Export
from apps.reports.packets import packet_files
from apps.reports.states import EXPORT_MOVES, MOST_ATTEMPTS, WAITING, ExportKind
from apps.reviews.models import Cycle, Participant

log = structlog.get_logger("rungs.reports")
PROGRESS_EVERY = 10


class NothingToExport(Exception):
    """There is no released packet that this person may have."""


@transaction.atomic
def note_download(
    obj: Cycle | Participant | Export, *, verb: str, form: str, rows: int, by: Viewer, now: datetime
) -> None:
    """Write down what somebody took along: the report, the form and how many rows; never a value."""
    record(verb, obj, by=by, at=now, form=form, rows=rows)


@transaction.atomic
def request_export(
    cycle: Cycle, *, wave: datetime | None = None, by: Viewer, now: datetime
) -> Export:
    """Ask for the packets of a cycle, or of one wave of it, in one file.

    Errors: NothingToExport; PermissionDenied for somebody who is no person.
    """
    if by.person_id is None:
        raise PermissionDenied("A file is made for a person.")
    export = Export(cycle=cycle, wave=wave, requested_by_id=by.person_id, requested_at=now)
    export.rows = export.packets(by).count()
    if not export.rows:
        raise NothingToExport
    export.save()
    record("request_export", export, by=by, at=now, cycle=cycle.pk, rows=export.rows)
    after_commit("reports.build_export", export_id=export.pk)
    return export


@transaction.atomic
def request_bundle(*, by: Viewer, now: datetime) -> Export:
    """Ask for everything about oneself, in one file. While one is being made, that one is meant.

    Errors: PermissionDenied for somebody who is no person.
    """
    export = Export(kind=ExportKind.BUNDLE, requested_by_id=by.person_id, requested_at=now)
    export_gate.require(by, "request_bundle", export)
    waiting = Export.objects.bundles().filter(requested_by=by.person_id, state__in=WAITING)
    if (already := waiting.first()) is not None:
        return already
    export.save()
    record("request_bundle", export, by=by, at=now)
    after_commit("reports.build_export", export_id=export.pk)
    return export


@dataclass(frozen=True)
class _Made:
    """What a run has put into a file: how many things, whose packets, which words of others."""

    rows: int
    participants: list[int] = field(default_factory=list)
    others: dict[str, list[int]] = field(default_factory=dict)


def build_export(export_id: int, *, now: datetime) -> bool:
    """Make the file. May run twice, late, or after a crash: one run claims it, the rest do nothing.

    Result: whether this run made the file. Rights are the requester's own, asked when it is made.
    """
    export = _claim(export_id, now=now)
    if export is None:
        return False
    viewer = viewer_of_person(export.requested_by)
    try:
        with tempfile.TemporaryFile() as target:
            write = _write_bundle if export.kind == ExportKind.BUNDLE else _write_packets
            made = write(target, export, viewer, now=now)
            target.seek(0)
            digest = hashlib.file_digest(target, "sha256").hexdigest()
            target.seek(0)
            _finish(export, File(target), digest, made, now=now)
    except StaleState:
        return False  # another run took it over, or it was thrown away
    except Exception:
        # Whatever broke is in the log; the next turn of the clock tries again, three times at most.
        log.exception("export_failed", export=export_id)
        Export.objects.filter(pk=export_id, attempts=export.attempts).update(started_at=None)
        if export.attempts >= MOST_ATTEMPTS:
            _give_up(export, now=now)
        return False
    return True


@transaction.atomic
def _claim(export_id: int, *, now: datetime) -> Export | None:
    """The attempt is counted before the work starts, so that a file that kills its worker ends."""
    export = Export.objects.select_related("requested_by", "cycle").filter(pk=export_id).first()
    if export is None or export.state not in WAITING:
        return None
    if export.started_at is not None and not Export.objects.stuck(at=now).filter(pk=export_id):
        return None  # another run is at it
    if export.attempts >= MOST_ATTEMPTS:
        _give_up(export, now=now)
        return None
    claimed = Export.objects.filter(
        pk=export_id, state__in=WAITING, attempts=export.attempts
    ).update(
        state=EXPORT_MOVES["start_export"].target,
        attempts=F("attempts") + 1,
        started_at=now,
        done=0,
    )
    if not claimed:
        return None
    export.attempts += 1
    export.state, export.started_at = EXPORT_MOVES["start_export"].target, now
    return export


def _write_bundle(target: Any, export: Export, viewer: Viewer, *, now: datetime) -> _Made:
    """Fills the file with everything about the requester, and returns what others wrote in it."""
    found = bundle(viewer, now=now)
    write_bundle(target, found)
    return _Made(found.rows, others=found.others)


def _write_packets(target: Any, export: Export, viewer: Viewer, *, now: datetime) -> _Made:
    """Fills the file and returns whose packets are in it. No transaction: progress is seen."""
    people = list(export.packets(viewer).select_related("person").order_by("person__name", "pk"))
    Export.objects.filter(pk=export.pk).update(rows=len(people))
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as book:
        for number, made in enumerate(packet_files(viewer, people, now=now), start=1):
            # PRIVACY: one fixed instant for each entry; the archive tells no order of making.
            entry = zipfile.ZipInfo(made.name, date_time=(2000, 1, 1, 0, 0, 0))
            book.writestr(entry, made.content, zipfile.ZIP_DEFLATED)
            if number % PROGRESS_EVERY == 0 or number == len(people):
                alive = Export.objects.filter(pk=export.pk, attempts=export.attempts)
                if not alive.update(done=number):
                    raise StaleState(f"{export} belongs to another run")
    return _Made(len(people), [person.pk for person in people])


@transaction.atomic
def _finish(export: Export, file: File, digest: str, made: _Made, *, now: datetime) -> None:
    name = export.file.field.generate_filename(export, "packets.zip")
    kept = default_storage.save(name, file)
    try:
        with transaction.atomic():
            if not made.rows:
                raise StaleState(f"{export} holds nothing any more")
            advance(
                export, EXPORT_MOVES["finish_export"], file=kept, sha256=digest, ready_at=now,
                done=made.rows, rows=made.rows, others=made.others,
            )  # fmt: skip
            export.participants.set(made.participants)
            record("finish_export", export, by=SYSTEM_VIEWER, at=now, rows=made.rows)
    except BaseException:
        default_storage.delete(kept)  # a file without its row would never be thrown away
        raise


@transaction.atomic
def _give_up(export: Export, *, now: datetime) -> None:
    advance(export, EXPORT_MOVES["fail_export"])
    record("fail_export", export, by=SYSTEM_VIEWER, at=now, attempts=export.attempts)


@transaction.atomic
def drop_export(export: Export, *, by: Viewer, now: datetime) -> None:
    """Throw a file away before its days are over. Errors: PermissionDenied."""
    export_gate.require(by, "drop_export", export)
    _drop(export, by=by, now=now)


def clean_exports(*, now: datetime) -> int:
    """Throw away every file whose days are over. Result: how many. Running twice changes nothing."""
    old = list(Export.objects.old(at=now))
    for export in old:
        with transaction.atomic():
            _drop(export, by=SYSTEM_VIEWER, now=now)
    return len(old)


def _drop(export: Export, *, by: Viewer, now: datetime) -> None:
    record("drop_export", export, by=by, at=now, rows=export.rows)
    kept = export.file.name
    export.delete()
    if kept:
        transaction.on_commit(lambda: default_storage.delete(kept))


def resume_exports(*, now: datetime) -> int:
    """Wake the jobs that a broker or a worker lost. Result: how many."""
    lost = list(Export.objects.stuck(at=now).values_list("pk", flat=True))
    with transaction.atomic():
        for export_id in lost:
            after_commit("reports.build_export", export_id=export_id)
    return len(lost)
