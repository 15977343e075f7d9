"""What the clock asks of people: it finds its task by name, and twice is as once."""

from datetime import timedelta

import pytest
from allauth.usersessions.models import UserSession
from celery import current_app
from django.conf import settings
from django.contrib.sessions.models import Session
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


@pytest.mark.django_db
def test_an_ended_sign_in_leaves_no_address_and_no_browser_behind(client):
    over, running = PersonFactory(with_user=True), PersonFactory(with_user=True)
    now = timezone.now()
    for person, ends in ((over, now - timedelta(minutes=1)), (running, now + timedelta(hours=1))):
        Session.objects.create(session_key=f"key-{person.pk}", session_data="", expire_date=ends)
        UserSession.objects.create(
            user=person.user, session_key=f"key-{person.pk}", ip="192.0.2.1", user_agent="Browser"
        )

    for _ in range(2):
        tasks.forget_sign_ins()

    assert [s.session_key for s in Session.objects.all()] == [f"key-{running.pk}"]
    assert [s.user_id for s in UserSession.objects.all()] == [running.user_id]


def test_every_task_that_the_clock_names_exists():
    current_app.loader.import_default_modules()

    assert {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()} <= set(
        current_app.tasks
    )
