"""Exit 0 when a tick was written lately, 1 otherwise; for the health check of a container."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from apps.core import health


class Command(BaseCommand):
    help = "Say whether the clock of the house still ticks."
    requires_system_checks: list[str] = []

    def handle(self, **options: Any) -> None:
        if not health.beat(now=timezone.now()):
            raise CommandError("No tick was written lately.")
        self.stdout.write("The clock ticks.")
