"""Celery's way in. Idempotent: the action decides what is due."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from apps.feedback import actions


@shared_task(name="feedback.turn")
def turn(**_newer: object) -> None:
    """Each minute: approvals that are due, requests to reports, sealing after collection."""
    actions.turn(now=timezone.now())


@shared_task(name="feedback.forget_drafts")
def forget_drafts(**_newer: object) -> None:
    """Each hour: drafts that were never sent, thirty days after their cycle was closed."""
    actions.forget_drafts(now=timezone.now())
