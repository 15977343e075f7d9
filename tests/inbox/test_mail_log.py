"""The log of mails: what stands in it for whom, and what it costs."""

import pytest
from django.http import Http404
from django.template.loader import render_to_string

from apps.inbox import pages
from apps.inbox.models import Message, MessageLine
from apps.inbox.states import DutyKind, MessageState
from apps.people.viewers import viewer_of_person
from tests.factories import NOON
from tests.factories.people import PersonFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("mails", [3, 300])
def test_mail_log_costs_two_queries(mails, django_assert_num_queries):
    hr = viewer_of_person(PersonFactory(process_admin=True))
    for number in range(mails):
        Message.objects.create(
            person=PersonFactory(), key="digest", due_at=NOON, planned_at=NOON,
            message_id=f"<{number}@example.com>",
        )  # fmt: skip

    with django_assert_num_queries(2):
        page = pages.mail_log(hr)
    with django_assert_num_queries(0):
        html = render_to_string("inbox/_mail_rows.html", {"page": page})

    assert html.count('class="mail"') == min(mails, 50)  # a page of the log


@pytest.mark.parametrize(
    ("words", "said"), [("", "No mail yet"), ("nobody", "No mail fits this filter")]
)
def test_an_empty_log_says_whether_a_filter_made_it_so(words, said):
    page = pages.mail_log(viewer_of_person(PersonFactory()), search=words)
    assert said in render_to_string("inbox/_mail_rows.html", {"page": page})


def test_everybody_sees_their_own_mails_and_hr_sees_that_there_were_mails():
    message = Message.objects.create(
        person=PersonFactory(), key="digest", due_at=NOON, planned_at=NOON, message_id="<1@x>"
    )
    other, hr = PersonFactory(), PersonFactory(process_admin=True)

    assert len(pages.mail_log(viewer_of_person(message.person)).rows) == 1
    assert len(pages.mail_log(viewer_of_person(hr), state=MessageState.PLANNED).rows) == 1
    assert pages.mail_log(viewer_of_person(hr), state=MessageState.SENT).rows == []
    assert pages.mail_log(viewer_of_person(other)).rows == []
    with pytest.raises(Http404):
        pages.message(viewer_of_person(other), message_id=message.pk)


def test_hr_sees_no_mail_that_says_who_has_not_given_feedback():
    """Neither the mail about feedback alone nor the count of it in another; each reader sees both."""
    asked, hr = PersonFactory(), PersonFactory(process_admin=True)
    for day, kinds in enumerate(
        ([DutyKind.GIVE_FEEDBACK], [DutyKind.GIVE_FEEDBACK, DutyKind.TALK])
    ):
        message = Message.objects.create(
            person=asked, key=f"digest.{day}", due_at=NOON, planned_at=NOON, message_id=f"<{day}@x>"
        )
        for kind in kinds:
            MessageLine.objects.create(
                message=message, person=asked, duty_kind=kind, object_id=day, notice="asked",
                local_day=NOON.date(),
            )  # fmt: skip

    def things(person):
        return sorted(row.things for row in pages.mail_log(viewer_of_person(person)).rows)

    assert things(asked) == [1, 2]
    assert things(hr) == [1]
