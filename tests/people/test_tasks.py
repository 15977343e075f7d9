"""What the clock asks of people: it finds its task by name, and twice is as once."""

from datetime import timedelta

import pytest
from celery import current_app
from django.conf import settings
from django.utils import timezone

from apps.people import tasks
from apps.people.models import User
from tests.factories.people import PersonFactory


@pytest.mark.django_db
def test_close_accounts_closes_who_left_and_nobody_else():
    gone = PersonFactory(with_user=True, left_on=timezone.localdate() - timedelta(days=1))
    here = PersonFactory(with_user=True, left_on=timezone.localdate() + timedelta(days=1))

    for _ in range(2):
        tasks.close_accounts()

    closed = User.objects.filter(is_active=False)
    assert [u.pk for u in closed] == [gone.user_id]
    assert User.objects.get(pk=here.user_id).is_active


def test_every_task_that_the_clock_names_exists():
    current_app.loader.import_default_modules()

    assert {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()} <= set(
        current_app.tasks
    )
