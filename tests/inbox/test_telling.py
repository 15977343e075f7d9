"""What is told of reported texts: to whom, once, and in words that give nothing away."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail
from django.http import Http404
from django.urls import reverse

from apps.feedback.models import Concern, ConcernDecision, ConcernReport
from apps.feedback.rules import TOLD_WITHIN
from apps.inbox import actions, pages
from apps.inbox.actions.telling import tellings
from apps.inbox.models import Message, MessageLine
from apps.inbox.states import MessageState, TellingKind
from apps.people.models import Person
from apps.people.viewers import viewer_of_person
from tests.factories import NOON
from tests.factories.feedback import ConcernFactory, DisclosureFactory
from tests.factories.people import PersonFactory, UserFactory
from tests.factories.reviews import CycleFactory, ParticipantFactory, ReviewFactory
from tests.feedback.looking import Eyes, different, in_a_world
from tests.feedback.worlds import busy_world
from tests.world import every_scene

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def hidden(**more):
    return ConcernFactory(hidden=True, **more)


def giver_of(concern):
    return concern.part.answer.author


def reporter_of(concern):
    return concern.reports.get().raised_by


def told():
    return {(t.person_id, t.kind, t.object_id) for t in tellings(now=NOON)}


def play(days=1):
    for number in range(days):
        actions.plan_messages(now=NOON + number * DAY)
        actions.send_due_messages(now=NOON + number * DAY)


def test_each_is_told_what_concerns_them():
    one, stands, waiting = hidden(), ConcernFactory(left=True), ConcernFactory()
    opened = DisclosureFactory(concern=waiting, agreed=True)
    DisclosureFactory(concern=stands, state="refused", decided_at=NOON, decided_by=PersonFactory())

    assert told() == {
        (reporter_of(one).pk, TellingKind.CONCERN_DECIDED, one.pk),
        (giver_of(one).pk, TellingKind.TEXT_HIDDEN, one.pk),
        (reporter_of(stands).pk, TellingKind.CONCERN_DECIDED, stands.pk),
        (giver_of(waiting).pk, TellingKind.NAME_OPENED, opened.pk),
    }


def test_everybody_who_reported_a_text_is_told():
    case = ConcernFactory(left=True)
    other = ConcernReport.objects.create(
        concern=case, reason="Mine.", raised_at=NOON, raised_by=PersonFactory()
    )
    both = {(p.pk, TellingKind.CONCERN_DECIDED, case.pk) for p in (case.reports.first().raised_by, other.raised_by)}  # fmt: skip

    assert told() == both
    for person_id, *_ in both:
        mine = {(t.person_id, t.kind) for t in tellings(now=NOON, person_id=person_id)}
        assert (person_id, TellingKind.CONCERN_DECIDED) in mine


def test_hr_is_told_of_what_they_may_decide_and_of_nothing_else():
    concern = ConcernFactory()
    subject = concern.part.answer.participant.person
    free = PersonFactory(content_admin=True)
    for part in (subject, giver_of(concern), reporter_of(concern)):
        Person.objects.filter(pk=part.pk).update(is_content_admin=True)
    PersonFactory(content_admin=True, manager=subject)
    PersonFactory(process_admin=True)

    assert told() == {(free.pk, TellingKind.CONCERN_WAITS, concern.pk)}
    name = DisclosureFactory(concern=concern, asked_by=free)
    second = PersonFactory(content_admin=True)
    assert told() == {
        (free.pk, TellingKind.CONCERN_WAITS, concern.pk),
        (second.pk, TellingKind.CONCERN_WAITS, concern.pk),
        (second.pk, TellingKind.NAME_WAITS, name.pk),
    }


def test_what_was_decided_long_ago_is_told_no_more():
    hidden(decided_at=NOON - TOLD_WITHIN)
    assert told() == set()


def test_each_gets_one_mail_once_and_the_same_words():
    concern = hidden()
    play(days=5)

    writer, reader = giver_of(concern), reporter_of(concern)
    assert sorted(m.to[0] for m in mail.outbox) == sorted([writer.email, reader.email])
    bodies = {m.body.replace(writer.name, "N").replace(reader.name, "N") for m in mail.outbox}
    assert len(bodies) == 1
    assert {m.subject for m in mail.outbox} == {"There is something for you to read"}
    (body,) = bodies
    assert "/feedback/" in body
    said = (concern.reports.get().reason, concern.decisions.get().reason)
    for secret in (concern.part.text, *said):
        assert secret not in body
    assert concern.part.answer.participant.person.name not in body


def test_hr_gets_one_mail_without_a_word_of_the_case():
    person = PersonFactory(content_admin=True)
    concern = ConcernFactory()
    play(days=3)
    (letter,) = mail.outbox
    assert letter.to == [person.email]
    assert "/feedback/concerns/" in letter.body
    assert concern.reports.get().reason not in letter.body


def test_what_is_no_longer_so_is_not_said():
    concern = hidden()
    actions.plan_messages(now=NOON - timedelta(hours=4))
    ConcernDecision.objects.update(decided_at=NOON - 2 * TOLD_WITHIN)
    actions.send_due_messages(now=NOON)
    assert mail.outbox == []
    assert {m.state for m in Message.objects.all()} == {MessageState.HELD}
    assert Message.objects.filter(person=giver_of(concern)).exists()


def test_whoever_is_away_is_told_on_their_return():
    concern = hidden(raised_by=PersonFactory(left_on=NOON.date() - 9 * DAY))
    Person.objects.filter(pk=giver_of(concern).pk).update(
        leave_from=NOON.date() - DAY, leave_until=NOON.date() + 3 * DAY
    )
    play(days=3)
    assert mail.outbox == []
    play(days=8)
    assert len(mail.outbox) == 1


def test_beside_the_digest_and_never_in_it():
    concern = hidden()
    writer = giver_of(concern)
    ReviewFactory(
        participant=ParticipantFactory(
            cycle=CycleFactory(state="collection", phases=True), person=writer
        ),
        own=True,
    )
    play()
    mine = Message.objects.filter(person=writer).order_by("key")
    assert [m.key.partition(".")[0] for m in mine] == ["digest", "told"]
    assert [m.lines.count() for m in mine] == [1, 1]


def test_the_log_of_mails_knows_nothing_of_it(client):
    """PRIVACY: HR reads to whom mails went; this one would say who wrote the text."""
    concern = hidden()
    hr = PersonFactory(process_admin=True, with_user=True)
    PersonFactory(content_admin=True)
    ConcernFactory()
    play()
    assert MessageLine.objects.count() == 3
    assert pages.mail_log(viewer_of_person(hr)).rows == []
    assert pages.mail_log(viewer_of_person(hr), search=giver_of(concern).name).rows == []
    assert len(pages.mail_log(viewer_of_person(giver_of(concern))).rows) == 1
    message = Message.objects.get(person=giver_of(concern))
    with pytest.raises(Http404):
        pages.message(viewer_of_person(hr), message_id=message.pk)
    client.force_login(hr.user)
    for name in ("hold_message", "resend_message"):
        assert client.post(reverse(f"inbox:{name}", args=[message.pk])).status_code == 404
    client.force_login(UserFactory(is_staff=True, is_superuser=True))
    page = client.get(reverse("admin:inbox_message_changelist"))
    assert giver_of(concern).name not in page.content.decode()


def test_no_address_of_hr_counts_the_mails_of_which_the_log_does_not_speak():
    """Neither in the log nor in the admin: the same bytes whether there were any in between."""
    world = busy_world(givers=6)
    root = UserFactory(email="root@example.com", is_staff=True, is_superuser=True)
    eyes = Eyes([world.hr, root])
    log, admin = reverse("inbox:mail_log"), reverse("admin:inbox_message_changelist")

    def mails(between: int) -> None:
        kinds = ["self_review", *["give_feedback"] * between, "manager_review"]
        for number, kind in enumerate(kinds):
            spoken = kind != "give_feedback"
            due = NOON + timedelta(hours=kind == "manager_review")  # of two at once the key decides
            message = Message.objects.create(
                person=world.subject if spoken else world.givers[number], key=kind, due_at=due,
                planned_at=NOON, message_id=f"<{number}@example.com>",
            )  # fmt: skip
            MessageLine.objects.create(
                message=message, person=message.person, duty_kind=kind, object_id=1,
                notice="asked", local_day=NOON.date(),
            )  # fmt: skip

    none, some = (in_a_world(lambda n=n: mails(n), lambda: eyes.see([log, admin])) for n in (0, 4))

    assert different(none, some) == []
    assert some[world.hr.name, log][2].count(b'class="mail"') == 2
    assert b"/inbox/message/" in some["root@example.com", admin][2]


def test_the_badge_counts_what_the_list_holds_for_everybody_of_a_company():
    """The badge reads its own statement; the permission table stays the only answer."""
    world = every_scene()
    people = [*world.people.values()]
    below = PersonFactory(content_admin=True, manager=world.people["subject"])
    further = PersonFactory(content_admin=True, manager=PersonFactory(manager=below))
    circle = PersonFactory(content_admin=True)
    Person.objects.filter(pk=circle.pk).update(manager=PersonFactory(manager=circle))
    people += [below, further, circle, PersonFactory(content_admin=True)]
    counts = {}
    for person in people:
        viewer = viewer_of_person(Person.objects.get(pk=person.pk))
        counts[person.name] = pages.badge(viewer).cases
        assert counts[person.name] == Concern.objects.waiting_for(viewer).count()
    assert len(set(counts.values())) > 3
    assert counts["Chief"] == 0
