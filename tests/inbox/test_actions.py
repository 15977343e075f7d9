from datetime import date, timedelta
from smtplib import SMTPServerDisconnected

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.core.mail import EmailMultiAlternatives

from apps.core.access import Viewer
from apps.inbox import actions
from apps.inbox.models import Message, MessageLine
from apps.inbox.states import MessageState, NoticeKind
from apps.reviews.models import CyclePhase
from apps.reviews.states import CycleState, Phase, ReviewState
from tests.factories import NOON
from tests.factories.people import PersonFactory
from tests.factories.reviews import (
    CycleFactory,
    CyclePhaseFactory,
    ParticipantFactory,
    ReviewFactory,
)

pytestmark = pytest.mark.django_db
HR = Viewer(person_id=None, roles=frozenset({"process_admin"}))


@pytest.fixture
def review():
    """A self review due on Friday 4 December, of somebody in Oslo with a manager in Pune."""
    cycle = CycleFactory(state=CycleState.COLLECTION, name="Autumn")
    CyclePhaseFactory(
        cycle=cycle, kind=Phase.COLLECTION, opens_on=date(2026, 11, 1), due_on=date(2026, 12, 4)
    )
    manager = PersonFactory(name="Mira Moe", time_zone="Asia/Kolkata")
    person = PersonFactory(name="Ada Aas", time_zone="Europe/Oslo", manager=manager)
    participant = ParticipantFactory(cycle=cycle, person=person, manager=manager)
    return ReviewFactory(participant=participant, own=True)


def day(number, month=12, hour=12):
    return NOON.replace(month=month, day=number, hour=hour)


def test_a_duty_is_told_once_and_in_one_mail_a_day(review):
    first = actions.plan_messages(now=NOON)
    again = actions.plan_messages(now=NOON + timedelta(hours=1))

    assert (first, again) == (1, 0)
    assert Message.objects.get().person == review.author
    assert MessageLine.objects.get().notice == NoticeKind.ASKED


def test_sent_mails_name_the_duty_and_carry_one_message_id(review):
    actions.plan_messages(now=NOON)

    sent = actions.send_due_messages(now=NOON)
    again = actions.send_due_messages(now=NOON + timedelta(hours=1))

    (letter,) = mail.outbox
    assert (sent, again) == (1, 0)
    assert letter.to == [review.author.email]
    assert letter.subject == "1 thing asks for you"
    assert "Write your self review" in letter.body
    assert "Friday, 4 December" in letter.body
    assert letter.extra_headers["Message-ID"] == Message.objects.get().message_id


def test_before_nine_the_mail_waits(review):
    early = NOON.replace(hour=5)
    actions.plan_messages(now=early)

    assert actions.send_due_messages(now=early) == 0
    assert actions.send_due_messages(now=NOON.replace(hour=8)) == 1


def test_the_cadence_over_a_month_reaches_each_day_once(review):
    for step in range(32):
        now = NOON + timedelta(days=step)
        actions.plan_messages(now=now)
        actions.send_due_messages(now=now)

    told = [
        (line.local_day, line.notice)
        for line in MessageLine.objects.filter(person=review.author).order_by("local_day")
    ]
    assert told == [
        (date(2026, 11, 20), NoticeKind.ASKED),
        (date(2026, 11, 25), NoticeKind.REMINDER),
        (date(2026, 12, 1), NoticeKind.REMINDER),
        (date(2026, 12, 3), NoticeKind.REMINDER),
        (date(2026, 12, 4), NoticeKind.REMINDER),
        (date(2026, 12, 7), NoticeKind.OVERDUE),
        (date(2026, 12, 9), NoticeKind.OVERDUE),
    ]
    escalated = MessageLine.objects.get(notice=NoticeKind.ESCALATION)
    assert (escalated.person, escalated.late_person) == (
        review.participant.manager,
        review.author,
    )
    assert [m.to for m in mail.outbox].count([review.participant.manager.email]) == 1


def test_planned_every_hour_says_each_thing_once(review):
    """The planner runs all day and all night, and manager and report see different days."""
    for step in range(32 * 24):
        now = NOON + timedelta(hours=step)
        actions.plan_messages(now=now)
        actions.send_due_messages(now=now)

    manager = review.participant.manager
    assert [m.to for m in mail.outbox].count([review.author.email]) == 7
    assert [m.to for m in mail.outbox].count([manager.email]) == 1
    told_up = Message.objects.get(person=manager)
    assert told_up.sent_at == NOON.replace(month=12, day=9, hour=4)  # 09:00 in Pune is 03:30


def test_asked_within_the_cadence_is_named_once_in_the_first_mail(review):
    CyclePhase.objects.update(due_on=date(2026, 11, 23))
    early = NOON.replace(hour=5)
    for minutes in (0, 5, 10):
        actions.plan_messages(now=early + timedelta(minutes=minutes))
    actions.send_due_messages(now=NOON)

    assert [m.subject for m in mail.outbox] == ["1 thing asks for you"]
    assert MessageLine.objects.get().notice == NoticeKind.ASKED


def test_in_the_evening_the_next_mail_can_be_looked_at_and_waits(review):
    evening = NOON.replace(hour=17)

    assert actions.plan_messages(now=evening) == 1

    monday = NOON.replace(day=23, hour=8)
    assert Message.objects.get().due_at == monday
    assert actions.send_due_messages(now=monday - timedelta(minutes=1)) == 0
    assert actions.send_due_messages(now=monday) == 1


def test_nobody_on_leave_is_written_to_until_they_are_back(review):
    review.author.leave_from, review.author.leave_until = date(2026, 11, 16), date(2026, 11, 27)
    review.author.save()
    for step in range(11):
        actions.plan_messages(now=NOON + timedelta(days=step))
        actions.send_due_messages(now=NOON + timedelta(days=step))

    assert [(m.key, m.state) for m in Message.objects.all()] == [
        ("digest.2026-11-30", MessageState.SENT)
    ]


def test_a_leave_entered_after_planning_keeps_the_mail(review):
    actions.plan_messages(now=NOON)
    type(review.author).objects.filter(pk=review.author_id).update(leave_from=NOON.date())

    assert actions.send_due_messages(now=NOON) == 0
    assert Message.objects.get().state == MessageState.HELD


def test_who_leaves_next_month_is_reminded_until_then(review):
    type(review.author).objects.filter(pk=review.author_id).update(left_on=date(2026, 12, 4))
    for step in range(18):
        actions.plan_messages(now=NOON + timedelta(days=step))
        actions.send_due_messages(now=NOON + timedelta(days=step))

    days = [m.key.removeprefix("digest.") for m in Message.objects.filter(state=MessageState.SENT)]
    assert sorted(days) == ["2026-11-20", "2026-11-25", "2026-12-01", "2026-12-03"]


def test_what_was_put_off_since_it_was_planned_is_not_called_late(review):
    actions.plan_messages(now=NOON)
    actions.plan_messages(now=NOON.replace(month=12, day=7, hour=5))
    Message.objects.filter(key="digest.2026-11-20").update(state=MessageState.HELD)
    CyclePhase.objects.update(due_on=date(2026, 12, 11))

    assert actions.send_due_messages(now=NOON.replace(month=12, day=7)) == 0
    assert mail.outbox == []


def test_what_was_done_in_between_is_not_mentioned(review):
    actions.plan_messages(now=NOON)
    type(review).objects.filter(pk=review.pk).update(
        state=ReviewState.SUBMITTED, submitted_at=NOON, submitted_by=review.author
    )

    assert actions.send_due_messages(now=NOON) == 0
    assert (mail.outbox, Message.objects.get().state) == ([], MessageState.HELD)


def test_nobody_who_left_is_written_to(review):
    actions.plan_messages(now=NOON)
    type(review.author).objects.filter(pk=review.author_id).update(left_on=NOON.date())

    assert actions.send_due_messages(now=NOON) == 0
    assert mail.outbox == []


def test_a_refused_mail_is_tried_five_times_and_then_given_up(review, monkeypatch):
    def refuse(self, *args, **kwargs):
        raise SMTPServerDisconnected("no")

    monkeypatch.setattr(EmailMultiAlternatives, "send", refuse)
    actions.plan_messages(now=NOON)

    for step in range(8):
        actions.send_due_messages(now=NOON + timedelta(hours=step))

    message = Message.objects.get()
    assert (message.state, message.attempts, message.last_error) == (
        MessageState.DEAD,
        5,
        "SMTPServerDisconnected",
    )


def test_a_claim_of_a_dead_worker_is_taken_over_with_the_same_message_id(review):
    actions.plan_messages(now=NOON)
    Message.objects.update(state=MessageState.SENDING, claimed_at=NOON, attempts=1)

    too_early = actions.send_due_messages(now=NOON + timedelta(minutes=5))
    later = actions.send_due_messages(now=NOON + timedelta(minutes=11))

    assert (too_early, later, len(mail.outbox)) == (0, 1, 1)
    assert mail.outbox[0].extra_headers["Message-ID"] == Message.objects.get().message_id


def test_somebody_elses_claim_is_left_alone(review):
    actions.plan_messages(now=NOON)
    message = Message.objects.get()
    Message.objects.update(state=MessageState.SENDING, claimed_at=NOON, attempts=1)

    assert actions.send_message(message_id=message.pk, now=NOON) is False
    assert mail.outbox == []


def test_hr_holds_a_mail_back_and_sends_it_after_all(review):
    actions.plan_messages(now=NOON)
    message = Message.objects.get()
    hr = Viewer(person_id=PersonFactory(process_admin=True).pk, roles=HR.roles)

    actions.hold_message(message, by=hr, now=NOON)
    held = actions.send_due_messages(now=NOON)
    actions.resend_message(message, by=hr, now=NOON)

    assert (held, actions.send_due_messages(now=NOON), len(mail.outbox)) == (0, 1, 1)


def test_only_hr_holds_mails_back(review):
    actions.plan_messages(now=NOON)
    with pytest.raises(PermissionDenied, match="HR holds mails back"):
        actions.hold_message(Message.objects.get(), by=Viewer(person_id=review.author_id), now=NOON)


@pytest.mark.parametrize("people", [2, 40])
def test_planning_costs_the_same_number_of_queries_for_many_people(
    review, people, django_assert_max_num_queries
):
    for _ in range(people):
        ReviewFactory(participant=ParticipantFactory(cycle=review.participant.cycle), own=True)

    with django_assert_max_num_queries(17):
        assert actions.plan_messages(now=NOON) == people + 1
