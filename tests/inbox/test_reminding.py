"""HR reminds chosen people now: who is mailed, who never is, and how often."""

from datetime import date, timedelta

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied

from apps.core.access import Viewer
from apps.core.models import AuditEvent
from apps.feedback.states import Mode
from apps.inbox import actions
from apps.inbox.models import Message, MessageLine
from apps.inbox.states import MessageState, NoticeKind
from apps.people.viewers import viewer_of_person
from apps.reviews.models import Participant
from apps.reviews.rules.phases import Hindered
from apps.reviews.states import CycleState, Phase
from tests.factories import NOON
from tests.factories.feedback import PerspectiveFactory, RequestFactory
from tests.factories.people import PersonFactory
from tests.factories.reviews import (
    CycleFactory,
    CyclePhaseFactory,
    ParticipantFactory,
    ReviewFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def hr():
    return viewer_of_person(PersonFactory(process_admin=True))


@pytest.fixture
def cycle():
    cycle = CycleFactory(state=CycleState.COLLECTION, name="Autumn")
    CyclePhaseFactory(
        cycle=cycle, kind=Phase.COLLECTION, opens_on=date(2026, 11, 1), due_on=date(2026, 12, 4)
    )
    return cycle


def writing(cycle, **more):
    person = PersonFactory(time_zone="Europe/Oslo", **more)
    return ReviewFactory(participant=ParticipantFactory(cycle=cycle, person=person), own=True)


def test_whoever_has_something_to_do_gets_a_mail_that_says_who_asks(cycle, hr):
    review, done = writing(cycle), ParticipantFactory(cycle=cycle)

    told = actions.remind_now(cycle, [review.participant_id, done.pk], by=hr, now=NOON)
    actions.send_due_messages(now=NOON)

    (letter,) = mail.outbox
    assert (told.people, letter.to) == (1, [review.author.email])
    assert letter.subject == "Reminder: 1 thing asks for you"
    assert "HR asks you to look at this today" in letter.body
    assert "Write your self review" in letter.body
    (event,) = AuditEvent.objects.filter(verb="remind_now")
    assert (event.actor_id, event.object_id) == (hr.person_id, str(review.participant_id))


def test_the_manager_is_reminded_of_what_they_owe_about_the_chosen(hr):
    cycle = CycleFactory(state=CycleState.MANAGER_REVIEW)
    manager = PersonFactory()
    chosen, other = (
        ReviewFactory(participant=ParticipantFactory(cycle=cycle, manager=manager))
        for _ in range(2)
    )

    actions.remind_now(cycle, [chosen.participant_id], by=hr, now=NOON)
    actions.send_due_messages(now=NOON)

    (letter,) = mail.outbox
    assert letter.to == [manager.email]
    assert chosen.participant.person.name in letter.body
    assert other.participant.person.name not in letter.body


def test_once_a_day_each_however_often_it_is_pressed(cycle, hr):
    review = writing(cycle)

    first = actions.remind_now(cycle, [review.participant_id], by=hr, now=NOON)
    again = actions.remind_now(
        cycle, [review.participant_id], by=hr, now=NOON + timedelta(minutes=5)
    )
    monday = actions.remind_now(cycle, [review.participant_id], by=hr, now=NOON + timedelta(days=3))

    assert [(r.people, r.again) for r in (first, again, monday)] == [(1, 0), (0, 1), (1, 0)]
    assert again.sentence == "1 has a reminder of this day already."
    assert Message.objects.count() == 2


def test_the_digests_go_on_as_if_nobody_had_pressed(cycle, hr):
    review = writing(cycle)
    actions.remind_now(cycle, [review.participant_id], by=hr, now=NOON)

    actions.plan_messages(now=NOON)

    notices = MessageLine.objects.order_by("notice").values_list("notice", flat=True)
    assert list(notices) == [NoticeKind.ASKED, NoticeKind.BY_HAND]


@pytest.mark.parametrize("mode", list(Mode))
def test_nobody_is_reminded_of_feedback_in_any_mode(cycle, hr, mode):
    # PRIVACY: a reminder would go to those alone who have not answered.
    participant = ParticipantFactory(cycle=cycle)
    perspective = PerspectiveFactory(cycle=cycle, mode=mode)
    RequestFactory(perspective=perspective, participant=participant)

    told = actions.remind_now(cycle, [participant.pk], by=hr, now=NOON)

    assert (told.people, told.again, told.away) == (0, 0, 0)
    assert told.sentence == "Nothing is asked of anybody there now; feedback is left out."
    assert Message.objects.count() == AuditEvent.objects.filter(verb="remind_now").count() == 0


def test_nobody_on_leave_or_gone_is_reminded(cycle, hr):
    away = writing(cycle, leave_from=date(2026, 11, 1))
    gone = writing(cycle, left_on=NOON.date())

    told = actions.remind_now(cycle, [away.participant_id, gone.participant_id], by=hr, now=NOON)

    assert (told.people, told.away, Message.objects.count()) == (0, 2, 0)


def test_in_the_evening_it_waits_for_the_morning(cycle, hr):
    review = writing(cycle)

    actions.remind_now(cycle, [review.participant_id], by=hr, now=NOON.replace(hour=18))

    assert Message.objects.get().due_at == NOON.replace(day=23, hour=8)


def test_one_stranger_among_the_chosen_and_nobody_is_reminded(cycle, hr):
    review, stranger = writing(cycle), ParticipantFactory()
    for chosen in ([review.participant_id, stranger.pk], [review.participant_id, 0], []):
        with pytest.raises(Participant.DoesNotExist):
            actions.remind_now(cycle, chosen, by=hr, now=NOON)
    assert Message.objects.count() == 0


def test_only_hr_reminds_and_not_while_paused(cycle, hr):
    review = writing(cycle)
    manager = Viewer(person_id=review.participant.manager_id)
    with pytest.raises(PermissionDenied, match="HR reminds people"):
        actions.remind_now(cycle, [review.participant_id], by=manager, now=NOON)

    cycle.state, cycle.paused_from = CycleState.PAUSED, Phase.COLLECTION
    cycle.save()
    with pytest.raises(Hindered, match="paused"):
        actions.remind_now(cycle, [review.participant_id], by=hr, now=NOON)


def test_what_was_done_before_it_goes_is_not_reminded_of(cycle, hr):
    review = writing(cycle)
    actions.remind_now(cycle, [review.participant_id], by=hr, now=NOON)
    type(review).objects.update(state="submitted", submitted_at=NOON, submitted_by=review.author)

    assert actions.send_due_messages(now=NOON) == 0
    assert (mail.outbox, Message.objects.get().state) == ([], MessageState.HELD)


@pytest.mark.parametrize("people", [3, 300])
def test_reminding_is_done_in_batches(cycle, hr, people, django_assert_max_num_queries):
    chosen = [writing(cycle).participant_id for _ in range(people)]

    with django_assert_max_num_queries(20):  # SQLite takes a hundred rows at a time
        told = actions.remind_now(cycle, chosen, by=hr, now=NOON)

    assert told.people == people


def pressed(client, cycle, **body):
    return client.post(f"/inbox/cycles/{cycle.pk}/remind/", body)


def test_pressing_comes_back_to_the_board_as_it_was(client, cycle):
    runner = PersonFactory(with_user=True, process_admin=True)
    client.force_login(runner.user, backend="apps.people.backend.Backend")
    review = writing(cycle)

    answer = pressed(client, cycle, participant=[review.participant_id], back="waits=self_review")
    nobody = pressed(client, cycle, back="//elsewhere.example")
    strange = pressed(client, cycle, participant=["x"])

    assert answer.url == f"/reviews/cycles/{cycle.pk}/board/?waits=self_review"
    assert nobody.url.startswith(f"/reviews/cycles/{cycle.pk}/board/?")
    assert strange.status_code == 404
    assert Message.objects.get().person == review.author


def test_eleven_times_in_an_hour_is_too_often(client, cycle):
    runner = PersonFactory(with_user=True, process_admin=True)
    client.force_login(runner.user, backend="apps.people.backend.Backend")
    review = writing(cycle)

    answers = [pressed(client, cycle, participant=[review.participant_id]) for _ in range(11)]

    assert [answer.status_code for answer in answers] == [302] * 10 + [429]
