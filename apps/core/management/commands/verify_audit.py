"""Walk every chain of the audit and say whether it holds."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.core.audit import verify
from apps.core.models import AuditEvent


class Command(BaseCommand):
    help = (
        "Verify the hash chain of every object. Prints the number of events and a digest over them; "
        "kept elsewhere, the digest shows later whether events at the end of a chain were removed "
        "(give the number of events of that day with --first)."
    )

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--first", type=int, help="digest over the first N events only")

    def handle(self, *, first: int | None, **options: Any) -> None:
        events = AuditEvent.objects.order_by("object_type", "object_id", "sequence")
        breaks = verify(events.iterator(chunk_size=2000))
        for b in breaks[:50]:
            self.stderr.write(f"{b.object_type} {b.object_id} event {b.sequence}: {b.why}")
        if breaks:
            raise CommandError(f"{len(breaks)} events do not hold.")
        count, digest = _digest(first)
        if first is not None and count < first:
            raise CommandError(f"Only {count} events are there, not {first}.")
        self.stdout.write(f"{count} events hold. Digest {digest}")


def _digest(first: int | None) -> tuple[int, str]:
    """How many events, and one SHA-256 over their hashes in the order they were written."""
    hashes: Iterator[str] = (
        AuditEvent.objects.order_by("pk").values_list("hash", flat=True)[:first].iterator()
    )
    total, count = hashlib.sha256(), 0
    for one in hashes:
        total.update(one.encode())
        count += 1
    return count, total.hexdigest()
