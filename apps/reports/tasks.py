"""Celery's way in. Each may run twice, late, or after a crash; the actions decide."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from apps.reports import actions


@shared_task(name="reports.build_export")
def build_export(*, export_id: int, **_newer: object) -> None:
    """Makes one file: packets, or everything about its requester."""
    actions.build_export(export_id, now=timezone.now())


@shared_task(name="reports.clean_exports")
def clean_exports(**_newer: object) -> None:
    """Each hour: files whose days are over go."""
    actions.clean_exports(now=timezone.now())


@shared_task(name="reports.resume_exports")
def resume_exports(**_newer: object) -> None:
    """Each minute: files that were asked for and lost on the way are taken up again."""
    actions.resume_exports(now=timezone.now())
