"""From the launch to the reminder: planned and sent by a worker, read in the log, held and sent again.

With REDIS_URL the worker is a process of its own behind that Redis; without, it is the threads that
the demo runs (apps/core/threads.py) on a broker in memory.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest
import time_machine
from django.conf import settings as house
from django.db import connection
from django.urls import reverse

from apps.core.models import BeatTick
from apps.core.threads import Background
from apps.inbox.models import Message
from apps.inbox.states import MessageState
from apps.reviews.models import Cycle
from apps.reviews.states import CycleState
from config.celery import app
from tests.factories import NOON
from tests.journeys.company import Company, found_company

pytestmark = pytest.mark.browser

# The self reviews are due on a Sunday, so Friday the 27th counts: three working days from the 24th.
REMINDED_AT = NOON + timedelta(days=4)
PATIENCE = 60  # seconds


@dataclass
class Outbox:
    """Mails as files, since the worker may be another process."""

    folder: Path

    def __call__(self) -> list[Any]:
        """Every mail that was sent so far."""
        files = sorted(self.folder.iterdir())
        pieces = [piece for file in files for piece in file.read_bytes().split(b"-" * 79 + b"\n")]
        return [message_from_bytes(p, policy=policy.default) for p in pieces if p.strip()]

    def to(self, email: str) -> list[Any]:
        return [letter for letter in self() if letter["To"] == email]


@pytest.fixture
def outbox(tmp_path: Path, settings: Any) -> Outbox:
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = str(tmp_path)
    return Outbox(tmp_path)


def database_url() -> str:
    name = str(connection.settings_dict["NAME"])
    if house.SQLITE:
        return f"sqlite:///{name}"
    return urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}"))


@contextmanager
def worker(at: datetime, outbox: Outbox) -> Iterator[None]:
    """A worker of one process or thread, whose clock stands at this instant; ready when it yields."""
    app.conf.task_always_eager = False
    BeatTick.objects.all().delete()
    try:
        if house.REDIS_URL:
            with process_at(at, outbox):
                wake()
                yield
        else:
            with Background(concurrency=1, beat=False):
                until_ticked("nothing yet")  # by the tick of its own start
                yield
    finally:
        app.conf.task_always_eager = True


@contextmanager
def process_at(at: datetime, outbox: Outbox) -> Iterator[None]:
    queue = house.CELERY_TASK_DEFAULT_QUEUE
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DEBUG": "true",
        "DEMO": "false",
        "DATABASE_URL": database_url(),
        "EMAIL_URL": f"filemail:///{outbox.folder}",
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.browser.worker_at", at.isoformat(), queue],
        env=environment,
        cwd=house.BASE_DIR,
    )
    try:
        yield
    finally:
        process.terminate()
        process.wait(timeout=30)


def wake(*tasks: str) -> None:
    """Gives the worker these tasks, and waits until all are done.

    One worker takes what is queued in order; a tick behind the tasks tells when it got there. There is
    never a second tick on the way: an older one would tell it too soon.
    """
    BeatTick.objects.all().delete()
    for task in (*tasks, "core.tick"):
        app.send_task(task)
    until_ticked(tasks)


def until_ticked(tasks: object) -> None:
    ends = time.monotonic() + PATIENCE
    while not BeatTick.objects.exists():
        assert time.monotonic() < ends, f"the worker did not get through {tasks}"
        time.sleep(0.1)


def launched(company: Company) -> Cycle:
    """HR launches a cycle that begins with the self reviews."""
    plan = company.plan(NOON.date() - timedelta(days=10))
    plan |= {"has_nomination": [], "opens_on_nomination": "", "due_on_nomination": ""}
    hr = company.browser("hr")
    hr.get("reviews:prepare_cycle")
    hr.press("reviews:prepare_cycle", typed=plan)
    cycle = Cycle.objects.get()
    hr.press("reviews:schedule_cycle", cycle.pk)
    hr.press("reviews:launch_cycle", cycle.pk)
    cycle.refresh_from_db()
    assert cycle.state == CycleState.COLLECTION
    return cycle


PLAN, SEND = "inbox.plan_messages", "inbox.send_due_messages"


def named_in(letter: Any) -> list[str]:
    """What a mail asks for, line by line."""
    text = letter.get_body(("plain",)).get_content()
    return re.findall(r"(?m)^- (.+?)\r?$", text)


def test_the_first_mail_and_the_reminder(
    window: Any, transactional_db: None, outbox: Outbox
) -> None:
    company = found_company()
    amara, jonas = company["subject"].email, company["colleague"].email
    with time_machine.travel(NOON, tick=True) as clock:
        launched(company)
        with worker(NOON, outbox):
            wake(PLAN, PLAN, SEND, SEND)

        assert sorted(letter["To"] for letter in outbox()) == sorted([amara, jonas])
        person, hr = window(), window()
        person.sign_in(amara)
        (first,) = outbox.to(amara)
        assert named_in(first) == ["Write your self review"]
        titles = person.page.locator(".duty-title").all_inner_texts()
        assert titles == named_in(first)  # the home page asks for exactly what the mail named
        hr.sign_in(company["hr"].email)
        hr.page.goto(reverse("inbox:mail_log"))
        assert hr.page.locator("li.mail", has_text="Amara Okafor").inner_text().count("Sent") >= 1

        clock.move_to(REMINDED_AT)
        with worker(REMINDED_AT, outbox):
            wake(PLAN, PLAN)
            assert Message.objects.filter(state=MessageState.PLANNED).count() == 2
            hr.sign_in(company["hr"].email)
            hr.page.goto(reverse("inbox:mail_log"))
            hr.page.get_by_role("button", name="Hold back the mail to Jonas Lind").click()
            held = hr.page.locator("li.mail", has_text="Jonas Lind").filter(has_text="Held back")
            held.wait_for()
            wake(SEND, SEND, PLAN, SEND)
            assert (len(outbox.to(amara)), len(outbox.to(jonas))) == (2, 1)

            hr.page.goto(reverse("inbox:mail_log"))
            held.get_by_role("button", name="Send again to Jonas Lind").click()
            hr.page.locator("li.mail", has_text="Jonas Lind").filter(has_text="Planned").wait_for()
            wake(SEND, SEND, PLAN, SEND)
            assert (len(outbox.to(amara)), len(outbox.to(jonas))) == (2, 2)

    letters = outbox()
    assert len({letter["Message-ID"] for letter in letters}) == len(letters) == 4
    assert named_in(outbox.to(amara)[1]) == ["Write your self review"]
    assert Message.objects.exclude(state=MessageState.SENT).count() == 0
