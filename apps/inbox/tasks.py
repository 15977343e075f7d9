"""Celery's way in: load nothing, decide nothing, call one action."""

from celery import shared_task
from django.utils import timezone

from apps.inbox import actions


@shared_task(name="inbox.plan_messages")
def plan_messages(**_newer: object) -> None:
    """Each few minutes: writes what is to be said today. Twice changes nothing."""
    actions.plan_messages(now=timezone.now())


@shared_task(name="inbox.send_due_messages")
def send_due_messages(**_newer: object) -> None:
    """Each minute: sends what is due. A broker that forgets costs a minute, never a mail."""
    actions.send_due_messages(now=timezone.now())
