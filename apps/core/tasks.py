"""Celery's way in."""

from celery import shared_task
from django.utils import timezone

from apps.core import beat


@shared_task(name="core.tick")
def tick(**_newer: object) -> None:
    """Each minute: notes that beat and worker are alive. Running twice changes nothing."""
    beat.note_tick(now=timezone.now())
