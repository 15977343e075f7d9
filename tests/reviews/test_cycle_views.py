"""Cycles, participants and packets over HTTP: who gets a page, what a press does, what 404 says."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.reviews.models import Cycle, Participant
from apps.reviews.states import CycleState, Phase
from tests.factories.people import DepartmentFactory, PersonFactory
from tests.factories.reviews import (
    CycleFactory,
    DisputeFactory,
    GoalFactory,
    ParticipantFactory,
    RatingEventFactory,
    RatingScaleFactory,
    ReviewFactory,
)

pytestmark = pytest.mark.django_db
BACKEND = "apps.people.backend.Backend"


def browser(person, **options) -> Client:
    client = Client(**options)
    client.force_login(person.user, backend=BACKEND)
    return client


@pytest.fixture
def hr():
    return PersonFactory(process_admin=True, with_user=True)


@pytest.fixture
def delivered():
    """A packet that can be released, in a cycle that delivers; all three have accounts."""
    manager = PersonFactory(with_user=True)
    person = PersonFactory(with_user=True, manager=manager)
    row = ParticipantFactory(
        cycle=CycleFactory(state=CycleState.DELIVERY, phases=True), manager=manager, person=person
    )
    ReviewFactory(participant=row, submitted=True, rated=True)
    RatingEventFactory(participant=row, overall=True)
    return row


def typed(plan_of=None, **changes):
    scale, department = RatingScaleFactory(), DepartmentFactory()
    owners = [PersonFactory(process_admin=True).pk for _ in range(2)]
    day = timezone.localdate()
    data = {
        "name": "Autumn",
        "period_start": day,
        "period_end": day + timedelta(days=90),
        "scale": scale.pk,
        "departments": [department.pk],
        "owners": owners,
        "self_review": "on",
        "grace_days": 2,
        "dispute_days": 10,
    }
    for number, kind in enumerate(Phase.values):
        opens = day + timedelta(days=7 * (number + 1))
        data |= {
            f"has_{kind}": "on",
            f"opens_on_{kind}": opens,
            f"due_on_{kind}": opens + timedelta(days=6),
        }
    return {**data, **changes}


def test_hr_prepares_a_cycle(hr):
    answer = browser(hr).post(reverse("reviews:prepare_cycle"), typed())

    cycle = Cycle.objects.get()
    assert answer.status_code == 302
    assert answer["Location"] == reverse("reviews:cycle", args=[cycle.pk])
    assert [phase.kind for phase in cycle.phases.all()] == Phase.values


def test_a_phase_without_a_tick_needs_no_days_and_is_left_out(hr):
    data = typed()
    del data["has_calibration"]
    data |= {"opens_on_calibration": "", "due_on_calibration": ""}

    browser(hr).post(reverse("reviews:prepare_cycle"), data)

    assert "calibration" not in [phase.kind for phase in Cycle.objects.get().phases.all()]


def test_a_plan_with_a_fault_comes_back_with_what_was_typed(hr):
    answer = browser(hr).post(
        reverse("reviews:prepare_cycle"), typed(owners=[hr.pk], opens_on_delivery="")
    )

    assert answer.status_code == 422
    assert "Autumn" in answer.content.decode()
    assert not Cycle.objects.exists()


def test_hr_changes_the_plan_and_later_only_the_dates(hr):
    client = browser(hr)
    data = typed()
    client.post(reverse("reviews:prepare_cycle"), data)
    cycle = Cycle.objects.get()
    address = reverse("reviews:edit_cycle", args=[cycle.pk])

    assert client.get(address).status_code == 200
    client.post(address, {**data, "name": "Late autumn"})
    Cycle.objects.update(state=CycleState.COLLECTION)
    client.post(address, {**data, "name": "Never", "grace_days": 9})

    cycle.refresh_from_db()
    assert (cycle.name, cycle.grace_days) == ("Late autumn", 9)


def test_a_cycle_runs_its_course_by_presses(hr):
    client = browser(hr)
    client.post(reverse("reviews:prepare_cycle"), typed())
    cycle = Cycle.objects.get()
    PersonFactory(department=cycle.departments.get())

    def press(name, **data):
        answer = client.post(reverse(f"reviews:{name}", args=[cycle.pk]), data, follow=True)
        assert answer.status_code == 200
        cycle.refresh_from_db()
        return cycle.state, answer.content.decode()

    state, words = press("schedule_cycle")
    assert (state, "Look at the people below first" in words) == ("draft", True)
    later = timezone.localdate() + timedelta(days=60)
    assert [
        press(name, **data)[0]
        for name, data in [
            ("schedule_cycle", {"accept_gaps": "yes"}),
            ("unschedule_cycle", {}),
            ("schedule_cycle", {"accept_gaps": "yes"}),
            ("launch_cycle", {}),
            ("open_phase", {}),
            ("pause_cycle", {}),
            ("resume_cycle", {}),
            ("open_phase", {}),
            ("step_back", {"reason": "", "reopens_on": later}),
            ("step_back", {"reason": "Too early.", "reopens_on": later}),
            ("open_phase", {}),
            ("open_phase", {}),
            ("open_phase", {}),
            ("close_cycle", {}),
            ("close_cycle", {"accept_unreleased": "yes"}),
            ("archive_cycle", {}),
        ]
    ] == [
        "scheduled",
        "draft",
        "scheduled",
        "nomination",
        "collection",
        "paused",
        "collection",
        "manager_review",
        "manager_review",
        "collection",
        "manager_review",
        "calibration",
        "delivery",
        "delivery",
        "closed",
        "archived",
    ]


CYCLE_PRESSES = [
    "schedule_cycle",
    "unschedule_cycle",
    "launch_cycle",
    "cancel_cycle",
    "open_phase",
    "pause_cycle",
    "resume_cycle",
    "close_cycle",
    "archive_cycle",
]


@pytest.mark.parametrize("state", list(CycleState))
@pytest.mark.parametrize("name", CYCLE_PRESSES)
def test_nobody_else_turns_a_cycle(name, state):
    cycle = CycleFactory(state=state, phases=True)
    client = browser(PersonFactory(with_user=True))

    answer = client.post(reverse(f"reviews:{name}", args=[cycle.pk]), {"accept_unreleased": "yes"})

    cycle.refresh_from_db()
    assert cycle.state == state
    hidden = state in {"draft", "cancelled"}
    # An old page of somebody who may read it: refused, out of date, or nothing left to open.
    assert answer.status_code in ({404} if hidden else {302, 403, 409})


PARTICIPANT_PAGES = ["participant", "packet", "packet_preview"]
PARTICIPANT_PRESSES = [
    "excuse_participant",
    "readmit_participant",
    "hand_over",
    "keep_manager",
    "keep_level",
    "take_level",
    "add_goal",
    "release_packet",
    "unshare_packet",
    "acknowledge_packet",
    "dispute_packet",
    "settle_dispute",
]


@pytest.mark.parametrize("name", [*PARTICIPANT_PAGES, *PARTICIPANT_PRESSES])
def test_a_stranger_cannot_tell_a_participant_from_nobody(delivered, name):
    client = browser(PersonFactory(with_user=True))
    send = client.get if name in PARTICIPANT_PAGES else client.post
    data = {"text": "x", "comparator": "qualitative", "outcome": "x"}

    foreign = send(reverse(f"reviews:{name}", args=[delivered.pk]), data)
    nobody = send(reverse(f"reviews:{name}", args=[10**9]), data)

    assert foreign.status_code == nobody.status_code == 404
    assert len(foreign.content) == len(nobody.content)
    assert Participant.objects.get(pk=delivered.pk).state == "active"


@pytest.mark.parametrize("name", PARTICIPANT_PRESSES)
def test_a_press_is_a_post_with_a_token(delivered, name):
    client = browser(delivered.person, enforce_csrf_checks=True)
    address = reverse(f"reviews:{name}", args=[delivered.pk])

    assert client.get(address).status_code == 405
    assert client.post(address).status_code == 403


def test_the_person_reads_only_what_is_released(delivered):
    manager, person = browser(delivered.manager), browser(delivered.person)
    packet = reverse("reviews:packet", args=[delivered.pk])

    assert person.get(packet).status_code == 404
    assert manager.get(packet).status_code == 200
    assert manager.get(reverse("reviews:packet_preview", args=[delivered.pk])).status_code == 200
    manager.post(reverse("reviews:release_packet", args=[delivered.pk]))
    assert person.get(packet).status_code == 200
    assert person.get(reverse("reviews:packet_preview", args=[delivered.pk])).status_code == 404
    for reason in ("", "x" * 301):
        refused = manager.post(
            reverse("reviews:unshare_packet", args=[delivered.pk]), {"reason": reason}, follow=True
        )
        assert person.get(packet).status_code == 200
    assert b"at most 300 characters" in refused.content
    manager.post(reverse("reviews:unshare_packet", args=[delivered.pk]), {"reason": "Too early."})
    assert person.get(packet).status_code == 404


def test_the_person_acknowledges_then_disputes_and_somebody_settles(delivered):
    third = PersonFactory(content_admin=True, with_user=True)
    person, manager = browser(delivered.person), browser(delivered.manager)
    manager.post(reverse("reviews:release_packet", args=[delivered.pk]))

    def press(client, name, **data):
        answer = client.post(reverse(f"reviews:{name}", args=[delivered.pk]), data, follow=True)
        delivered.refresh_from_db()
        return answer.status_code, delivered.state

    assert press(person, "acknowledge_packet", reply="Thanks.") == (200, "acknowledged")
    assert press(person, "dispute_packet", text="") == (422, "acknowledged")
    assert press(person, "dispute_packet", text="It was mine.") == (200, "disputed")
    settle = {"outcome": "It was.", "overall-0": "5"}
    assert press(manager, "settle_dispute", **settle) == (403, "disputed")
    assert press(browser(third), "settle_dispute", **{"overall-0": "9"}) == (422, "disputed")
    assert press(browser(third), "settle_dispute", **settle) == (200, "settled")
    assert delivered.ratings.order_by("sequence").last().value == 5


def test_a_wave_is_released_from_the_board(delivered):
    manager = browser(delivered.manager)
    address = reverse("reviews:release_wave", args=[delivered.cycle_id])

    assert manager.post(address, {"participant": ["x"]}).status_code == 302
    assert manager.post(address, {"participant": [delivered.pk, 10**9]}).status_code == 404
    assert Participant.objects.get(pk=delivered.pk).state == "active"
    manager.post(address, {"participant": [delivered.pk]})
    assert Participant.objects.get(pk=delivered.pk).state == "released"


def test_the_board_sends_its_rows_alone_to_htmx_and_keeps_strange_filters_out(hr, delivered):
    client = browser(hr)
    address = reverse("reviews:cycle_board", args=[delivered.cycle_id])

    part = client.get(address, {"search": "Person"}, headers={"HX-Request": "true"})
    strange = client.get(address, {"department": "x", "waits": "y" * 30, "page": "-3"})

    assert b"<html" not in part.content
    assert delivered.person.name.encode() in part.content
    assert strange.status_code == 200


def test_whoever_reports_to_nobody_sees_an_empty_board(delivered):
    client = browser(PersonFactory(with_user=True))

    page = client.get(reverse("reviews:cycle_board", args=[delivered.cycle_id]))

    assert delivered.person.name.encode() not in page.content


def test_goals_are_edited_by_the_two_of_them_and_hidden_from_others():
    manager = PersonFactory(with_user=True)
    goal = GoalFactory(participant__manager=manager, participant__person__manager=manager)
    stranger = browser(PersonFactory(with_user=True, process_admin=True))
    client = browser(manager)
    address = reverse("reviews:goal", args=[goal.pk])

    assert stranger.get(address).status_code == 404
    assert stranger.post(reverse("reviews:remove_goal", args=[goal.pk])).status_code == 404
    assert client.get(address).status_code == 200
    assert client.post(address, {"text": "New", "comparator": "ge"}).status_code == 422
    loaded = {b.html_initial_name: b.initial or "" for b in client.get(address).context["form"]}
    typed = {"text": "New", "comparator": "ge", "target": "5", "actual": "6"}
    client.post(address, typed | loaded)
    goal.refresh_from_db()
    assert (goal.text, goal.target, goal.actual) == ("New", 5, 6)
    assert b'value="5"' in client.get(address).content
    client.post(reverse("reviews:remove_goal", args=[goal.pk]))
    assert not type(goal).objects.exists()


def test_hr_adds_a_late_joiner(hr):
    cycle = CycleFactory(state=CycleState.COLLECTION, phases=True)
    person = PersonFactory(manager=PersonFactory())
    address = reverse("reviews:add_participant", args=[cycle.pk, person.pk])

    assert browser(PersonFactory(with_user=True)).post(address).status_code == 404
    browser(hr).post(address)

    assert cycle.participants.get().person == person


def test_the_third_person_reads_the_packet_only_while_it_is_disputed(delivered):
    arbiter = PersonFactory(with_user=True)
    client = browser(arbiter)
    packet = reverse("reviews:packet", args=[delivered.pk])
    Participant.objects.update(
        state="disputed", released_at=timezone.now(), released_by=delivered.manager
    )
    DisputeFactory(participant=delivered, arbiter=arbiter)

    assert client.get(packet).status_code == 200
    Participant.objects.update(state="released")
    assert client.get(packet).status_code == 404


def test_text_of_people_stays_text(delivered):
    delivered.reviews.update(summary="<script>alert(1)</script> {{ 7|add:1 }} {% now 'Y' %}")
    RatingEventFactory(participant=delivered, competency__name="<b>x</b>")

    html = browser(delivered.manager).get(reverse("reviews:packet", args=[delivered.pk]))

    body = html.content.decode()
    assert "<script>alert" not in body
    assert "{{ 7|add:1 }}" in body
    assert "<b>x</b>" not in body


def test_the_admin_holds_no_text_of_a_review():
    from django.contrib import admin

    shown = {m._meta.model_name for m in admin.site._registry if m._meta.app_label == "reviews"}
    assert shown == {"cycle", "ratingscale"}
