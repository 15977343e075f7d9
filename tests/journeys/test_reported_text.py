"""A text is reported, hidden, its name asked for and opened, all of it over HTTP."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.core.models import AuditEvent
from apps.feedback.states import Mode
from apps.inbox.actions import plan_messages, send_due_messages
from tests.factories.people import PersonFactory
from tests.feedback.worlds import World, send, small_world

pytestmark = pytest.mark.django_db
WORDS = "Nobody should have to read this about their family."
WHY = "It is about somebody's family."


def browser(person) -> Client:
    client = Client()
    client.force_login(person.user)
    return client


def page(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return unescape(answer.content.decode())


def press(client: Client, address: str, **typed: str) -> str:
    answer = client.post(address, typed, follow=True)
    assert answer.status_code == 200, address
    return unescape(answer.content.decode())


def link(html: str, part: str) -> str:
    found = re.search(rf'(?:href|action|formaction)="([^"]*{part}[^"]*)"', html)
    assert found, part
    return found[1]


@pytest.fixture
def world() -> World:
    """Confidential feedback on Sofia, given by five, one of them in words that should not stand."""
    made = small_world(mode=Mode.CONFIDENTIAL)
    for number, giver in enumerate(made.givers):
        words = WORDS if number == 3 else f"Fair words, number {number}."
        values = {f"question_{q.pk}": f"{words} ({q.position})" for q in made.questions}
        send(made, giver, values | {f"rating_{pk}": "3" for pk in made.competencies})
    made.seal()
    made.release()
    return made


def test_from_the_report_to_the_opened_name(world):
    giver = world.givers[3]
    sofia, carl = browser(world.subject), browser(world.content)
    cora = browser(PersonFactory(name="Cora Content", content_admin=True, with_user=True))
    received = reverse("feedback:received_feedback", args=[world.participant.pk])

    # Sofia reports the text. She does not know who wrote it.
    html = page(sofia, received)
    where = html.index(f"{WORDS} (0)")
    form = page(sofia, link(html[where:], "/report/"))
    assert f"{WORDS} (0)" in form
    html = press(sofia, link(html[where:], "/report/"), reason=WHY)
    assert "You reported this; HR looks at it." in html
    assert f"{WORDS} (0)" in html

    # HR finds it, reads it without a name, hides it and asks for the name.
    reported = page(carl, reverse("feedback:concerns"))
    assert "Waits for you" in reported
    case = link(reported, r"/concerns/[0-9a-f-]{36}/")
    html = page(carl, case)
    assert WHY in html
    assert "canary" not in html
    html = press(carl, link(html, "/hide/"), reason="It is about a family.")
    html = press(carl, link(html, "/name/"), reason="Somebody may be at risk.")
    assert "Waits for a second person of HR." in html
    assert "/agree/" not in html

    # A second one agrees; now both may see it, each time written down.
    html = page(cora, case)
    assert "Somebody may be at risk." in html
    html = press(cora, link(html, "/agree/"))
    html = press(carl, link(page(carl, case), "/open/"))
    assert f"{giver.name} wrote it" in html
    html = page(carl, case)
    assert giver.name not in html
    assert html.count("Name looked at") == 1

    # The giver is told by whom and why, by mail only that there is something.
    now = timezone.now()
    plan_messages(now=now)
    for message in world.givers[3].messages.all():
        send_due_messages(now=max(now, message.due_at))
    told = [m for m in mail.outbox if giver.email in m.to]
    assert [m.subject for m in told] == ["There is something for you to read"]
    assert "family" not in told[0].body
    html = page(browser(giver), reverse("feedback:my_feedback"))
    assert "Your name behind a text about Sofia Subject was opened" in html
    assert "Carl Content asked for it and Cora Content agreed." in html
    assert "It is about a family." in html
    assert WHY not in html

    # Every reader finds the reason where the text stood.
    for reader in (sofia, browser(world.manager), browser(world.skip)):
        html = page(reader, received)
        assert "Hidden by HR: It is about a family." in html
        assert f"{WORDS} (0)" not in html
        assert f"{WORDS} (1)" in html
    assert "The text about you that you reported is hidden" in page(
        sofia, reverse("feedback:my_feedback")
    )
    verbs = AuditEvent.objects.filter(object_type__startswith="feedback.").exclude(
        object_type__in=["feedback.request", "feedback.perspective", "feedback.answer"]
    )
    assert list(verbs.order_by("pk").values_list("verb", flat=True)) == [
        "raise_concern",
        "hide_text",
        "ask_for_name",
        "agree_to_disclosure",
        "open_name",
    ]
