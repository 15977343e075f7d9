"""What a clock starts. The task decides nothing: the days and the gate do."""

from celery import shared_task
from django.utils import timezone

from apps.reviews import actions


@shared_task(name="reviews.turn_phases")
def turn_phases(**_newer: object) -> None:
    """Each minute: launches and opens what has come. Running twice changes nothing."""
    actions.turn_phases(now=timezone.now())
