"""Work is handed over after commit, one beat ticks at a time, and one process can hold the whole house."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from celery import current_app
from django.db import transaction
from django.utils import timezone
from kombu.exceptions import OperationalError

from apps.core import beat, queue
from apps.core.models import BeatTick
from apps.core.tasks import tick
from apps.core.threads import Background


@pytest.mark.django_db
def test_a_task_is_sent_after_commit(django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True) as callbacks:
        queue.after_commit("core.tick")
        assert BeatTick.objects.count() == 0
    assert (len(callbacks), BeatTick.objects.count()) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_nothing_is_sent_when_the_transaction_is_given_up():
    def give_up():
        with transaction.atomic():
            queue.after_commit("core.tick")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        give_up()
    assert BeatTick.objects.count() == 0


@pytest.mark.django_db
def test_an_unknown_task_fails_in_the_action_and_not_in_a_worker():
    with pytest.raises(KeyError):
        queue.after_commit("core.no_such_task")


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_is_down_costs_nobody_their_save(monkeypatch):
    def down(*args, **kwargs):
        raise OperationalError("connection refused")

    monkeypatch.setattr(tick, "apply_async", down)
    with transaction.atomic():
        queue.after_commit("core.tick")
        BeatTick.objects.create(name="saved", at=timezone.now())
    assert BeatTick.objects.filter(name="saved").exists()


@pytest.mark.django_db
def test_ticking_twice_is_one_row_with_the_later_instant():
    now = timezone.now()
    beat.note_tick(now=now)
    beat.note_tick(now=now + timedelta(minutes=1))
    assert list(BeatTick.objects.values_list("name", "at")) == [
        ("tick", now + timedelta(minutes=1))
    ]


# --- one beat at a time ---------------------------------------------------------------------------


@pytest.fixture
def locks(settings, tmp_path):
    settings.VAR_DIR = tmp_path
    made = [beat.new_lock(), beat.new_lock()]
    yield made
    for lock in made:
        lock.release()


@pytest.mark.django_db(transaction=True)
def test_two_locks_one_holder_and_the_other_takes_over(locks):
    leader, standby = locks
    assert (leader.held(), standby.held(), leader.held()) == (True, False, True)

    leader.release()

    assert (standby.held(), leader.held()) == (True, False)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_leader_that_lost_its_connection_has_lost_the_lock(locks):
    leader, standby = locks
    assert leader.held()

    leader.connection.connection.close()  # as if the server had been restarted

    assert leader.held() is False
    until = time.monotonic() + 10  # the server notices a lost connection in its own time
    while not standby.held() and time.monotonic() < until:
        time.sleep(0.05)
    assert standby.held() is True


@pytest.mark.django_db(transaction=True)
def test_a_standby_sends_nothing(settings, tmp_path):
    settings.VAR_DIR = tmp_path
    leader, standby = (beat.LockedScheduler(app=current_app, lazy=True) for _ in range(2))
    sent = []
    for name, scheduler in (("leader", leader), ("standby", standby)):
        scheduler.apply_async = lambda entry, name=name, **_: sent.append(name)
        scheduler.setup_schedule()
        for entry in scheduler.schedule.values():
            entry.last_run_at = entry.default_now() - timedelta(hours=1)
    try:
        for _ in range(3):
            leader.tick()
            assert standby.tick() == beat.LockedScheduler.standby_seconds
    finally:
        leader.lock.release()
        standby.lock.release()
    assert set(sent) == {"leader"}


# --- the whole house in one process ---------------------------------------------------------------


@pytest.fixture
def real_queue():
    """Tasks go through the broker (memory, or the Redis that REDIS_URL names) instead of running at once."""
    current_app.conf.task_always_eager = False
    yield
    current_app.conf.task_always_eager = True


@pytest.mark.django_db(transaction=True)
def test_worker_and_beat_run_as_threads_and_stop_again(settings, tmp_path, real_queue):
    settings.VAR_DIR = tmp_path
    before = timezone.now()

    with Background() as background:
        until = time.monotonic() + 10
        while not BeatTick.objects.filter(at__gte=before).exists() and time.monotonic() < until:
            time.sleep(0.05)
        ran = BeatTick.objects.filter(at__gte=before).exists()
        thread = background.thread

    assert ran
    assert not thread.is_alive()
