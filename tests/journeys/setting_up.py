"""The first acts: a cycle is planned, set up, launched, and peers are asked."""

from __future__ import annotations

import re
from datetime import timedelta

from apps.feedback.models import Request
from apps.feedback.states import Mode, RequestState
from apps.feedback.tasks import turn as turn_feedback
from apps.reviews.models import Participant
from apps.reviews.states import CycleState
from apps.reviews.tasks import turn_phases
from tests.factories import NOON
from tests.journeys.company import DAYS_A_PHASE
from tests.journeys.story import AWAY, PEER_WORDS, QUESTION, Story, answer_of


def hr_plans(story: Story) -> None:
    hr, company = story.of("hr"), story.company
    hr.get("inbox:home")
    hr.follow("reviews:my_reviews")
    hr.follow("reviews:prepare_cycle")
    hr.press("reviews:prepare_cycle", typed=company.plan(story.first_day))
    assert story.cycle.state == CycleState.DRAFT
    story.of("manager").get("reviews:cycle", story.cycle.pk, status=404)  # not announced
    story.of("manager").get("reviews:prepare_cycle", status=403)


def hr_sets_it_up_step_by_step(story: Story) -> None:
    company, key = story.company, story.cycle.pk
    hr = story.hr_at_the_cycle()
    assert "Lena Vogt" in hr.follow("reviews:population", key)
    hr.follow("reviews:choose_person", key, company["away"].pk)
    hr.press("reviews:choose_person", key, company["away"].pk, reason="", status=422)
    hr.press("reviews:choose_person", key, company["away"].pk, reason=AWAY)
    assert AWAY in hr.get("reviews:choose_person", key, company["away"].pk)

    hr = story.hr_at_the_cycle()
    hr.follow("reviews:cycle_form", key)
    kept = [o for o in hr.page.forms_field("section").options if o != "manager.promotion"]
    hr.press("reviews:edit_sections", key, section=kept)
    hr.press(
        "reviews:add_question",
        key,
        holding={"kind": "manager"},
        typed={"text": QUESTION, "is_required": "on"},
    )
    preview = hr.follow("reviews:form_preview", key, "manager")
    assert QUESTION in preview
    assert "Ready for" not in preview

    hr = story.hr_at_the_cycle()
    hr.follow("reviews:weigh_areas", key)
    hr.press("reviews:weigh_areas", key, weight_0=2)
    assert dict(story.cycle.weights.values_list("area_key", "weight")) == {"craft": 2}

    hr = story.hr_at_the_cycle()
    hr.follow("feedback:perspectives", key)
    hr.press(
        "feedback:configure_perspective",
        key,
        "peer",
        mode=story.mode,
        threshold=4,
        questions="What does {name} do that helps?",
    )


def hr_looks_at_the_rehearsal_and_schedules(story: Story) -> None:
    key = story.cycle.pk
    hr = story.hr_at_the_cycle()
    rehearsal = hr.follow("inbox:rehearsal", key)
    assert "Nothing is sent" in rehearsal
    assert not Participant.objects.exists()
    hr = story.hr_at_the_cycle()
    check = hr.follow("reviews:preflight", key)
    assert "3 people would take part" in check
    assert "Nothing is missing for any of them." in check
    hr.press("reviews:schedule_cycle", key)
    assert story.cycle.state == CycleState.SCHEDULED
    assert not Participant.objects.exists()


def the_clock_launches(story: Story) -> None:
    turn_phases()
    assert story.cycle.state == CycleState.SCHEDULED  # not before its day
    story.clock.move_to(NOON + timedelta(days=1))
    turn_phases()
    turn_phases()
    assert story.cycle.state == CycleState.NOMINATION
    names = [p.person.name for p in Participant.objects.all()]
    assert sorted(names) == ["Amara Okafor", "Jonas Lind", "Tomas Ruiz"]


def amara_proposes_and_mira_approves(story: Story) -> None:
    seat, company = story.seat("subject"), story.company
    amara, mira = story.of("subject"), story.of("manager")
    amara.get("inbox:home")
    page = amara.follow("feedback:nominate", seat.pk)
    assert "Mira Jensen" not in re.sub(r"(?s)<header.*?</header>", "", page)  # nobody proposes her
    for key in ("peer", "peer2", "peer3", "peer4", "peer5"):
        name = company[key].name
        if str(company[key].pk) not in amara.page.forms_field("peer").options:
            amara.press("feedback:find_peers", seat.pk, find=name)
        ticked = amara.page.forms_field("peer").values
        amara.press("feedback:find_peers", seat.pk, find="", peer=[*ticked, company[key].pk])
    amara.press("feedback:propose_peers", seat.pk)
    story.of("peer").get("feedback:give_feedback", Request.objects.first().pk, status=404)
    amara.get("feedback:approve_peers", seat.pk, status=404)
    mira.get("inbox:home")
    assert "Priya Raman" in mira.follow("feedback:approve_peers", seat.pk)
    mira.press("feedback:approve_all", seat.pk)
    states = set(Request.objects.filter(participant=seat).values_list("state", flat=True))
    assert states == {RequestState.ASKED}


def peers_answer(story: Story) -> None:
    # The second phase opens by its date.
    story.clock.move_to(NOON + timedelta(days=1 + DAYS_A_PHASE))
    turn_phases()
    turn_feedback()
    assert story.cycle.state == CycleState.COLLECTION
    for request in Request.objects.select_related("giver"):
        key = request.giver.email.split("@")[0]
        giver = story.of(key)
        assert "Amara Okafor" in giver.get("inbox:home")
        page = giver.follow("feedback:give_feedback", request.pk)
        assert ("without my name" in page) == (story.mode == Mode.ANONYMOUS)
        words = PEER_WORDS if key == "peer" else f"{PEER_WORDS} Says {len(key)}{key[-1]}."
        giver.press("feedback:send_feedback", request.pk, typed=answer_of(request, words))
    seat = story.seat("subject")
    for nobody in ("subject", "peer2", "facilitator", "hr", "second_hr"):
        status, page = story.of(nobody).peek("feedback:received_feedback", seat.pk)
        assert status in {200, 404}
        assert PEER_WORDS not in page
