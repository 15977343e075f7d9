"""A whole cycle as a story over HTTP: who does what, and what each may read at every step.

Everything is pressed on the page where it stands; `forge` sends what no page offers.
"""

from __future__ import annotations

import re

import pytest
import time_machine

from apps.core.access import Viewer
from apps.core.audit import verify
from apps.core.models import AuditEvent
from apps.feedback.states import Mode
from apps.reviews import pages
from apps.reviews.models import RatingEvent
from apps.reviews.rules.ratings import COMPETENCY, THE_WHOLE, Rating
from apps.reviews.states import CycleState
from tests.factories import NOON
from tests.journeys.delivering import (
    amara_reads_what_peers_wrote,
    amara_talks_and_acknowledges,
    hr_closes_and_the_packets_come,
    hr_lets_the_department_go,
    hr_releases_in_a_wave,
    jonas_disputes_and_sofia_settles,
    the_committee_changes_one,
)
from tests.journeys.setting_up import (
    amara_proposes_and_mira_approves,
    hr_looks_at_the_rehearsal_and_schedules,
    hr_plans,
    hr_sets_it_up_step_by_step,
    peers_answer,
    the_clock_launches,
)
from tests.journeys.story import (
    AWAY,
    DECISION,
    MANAGERS_WORDS,
    OBJECTION,
    OWN_NOTE,
    PEER_WORDS,
    REASON,
    REBUTTAL,
    SELF_WORDS,
    Story,
    wider_company,
)
from tests.journeys.writing import (
    amara_and_mira_keep_notes,
    jonas_gets_more_time,
    mira_gives_a_review_away,
    mira_rates_amara,
    mira_rates_jonas,
    people_write_about_themselves,
)
from tests.reviews.test_replay import replayed, shown_in

pytestmark = pytest.mark.django_db


def test_a_cycle_from_the_first_plan_to_the_last_packet():
    with time_machine.travel(NOON, tick=False) as clock:
        story = Story(wider_company(), clock, Mode.ANONYMOUS)
        hr_plans(story)
        hr_sets_it_up_step_by_step(story)
        hr_looks_at_the_rehearsal_and_schedules(story)
        the_clock_launches(story)
        amara_proposes_and_mira_approves(story)
        amara_and_mira_keep_notes(story)
        peers_answer(story)
        people_write_about_themselves(story)
        jonas_gets_more_time(story)
        mira_rates_amara(story, reads_name=False)
        mira_gives_a_review_away(story)
        mira_rates_jonas(story)
        the_committee_changes_one(story)
        hr_releases_in_a_wave(story)
        amara_reads_what_peers_wrote(story, reads_name=False)
        amara_talks_and_acknowledges(story)
        jonas_disputes_and_sofia_settles(story)
        hr_closes_and_the_packets_come(story)
        the_ratings_are_what_the_events_say(story)
        the_record_is_whole_and_holds_no_text()


@pytest.mark.parametrize(("mode", "subject_reads_name"), [("named", True), ("confidential", False)])
def test_whose_name_stands_beside_the_words_of_a_peer(mode, subject_reads_name):
    with time_machine.travel(NOON, tick=False) as clock:
        story = Story(wider_company(), clock, mode)
        hr_plans(story)
        hr_sets_it_up_step_by_step(story)
        hr_looks_at_the_rehearsal_and_schedules(story)
        the_clock_launches(story)
        amara_proposes_and_mira_approves(story)
        amara_and_mira_keep_notes(story)
        peers_answer(story)
        story.hr_opens(CycleState.MANAGER_REVIEW)
        mira_rates_amara(story, reads_name=True)
        story.hr_opens(CycleState.CALIBRATION)
        story.hr_opens(CycleState.DELIVERY)
        hr_lets_the_department_go(story)
        amara_reads_what_peers_wrote(story, reads_name=subject_reads_name)


def the_ratings_are_what_the_events_say(story: Story) -> None:
    """Played again from the first, they give what stands in the packets and in the standing."""
    first, second, third = ((COMPETENCY, c.pk) for c in story.company.competencies)
    usual = {first: Rating(4), second: Rating(3), third: Rating(3), THE_WHOLE: Rating(3)}
    final = {
        "subject": {**usual, third: Rating(5), THE_WHOLE: Rating(4)},  # raised by the committee
        "colleague": {**usual, second: Rating(4), THE_WHOLE: Rating(4)},  # raised by Sofia
        "given": usual,
    }
    for name, ratings in final.items():
        seat = story.seat(name)
        assert replayed(seat) == ratings
        for reader in (name, "head"):
            viewer = Viewer(person_id=story.company[reader].pk)
            packet = pages.packet(viewer, participant_id=seat.pk, now=NOON)
            assert shown_in(packet) == ratings
        standing = story.of(name).get("reviews:standing")
        shown = re.search(r"(?s)Overall\s*<[^>]*>(.*?)</p>", standing)
        assert shown
        label = story.company.scale.points.get(value=ratings[THE_WHOLE].value).label
        assert label in shown[0]
    whole = RatingEvent.objects.filter(participant=story.seat("colleague"), competency=None)
    assert list(whole.order_by("sequence").values_list("value", flat=True))[-2:] == [3, 4]


def the_record_is_whole_and_holds_no_text() -> None:
    events = AuditEvent.objects.order_by("object_type", "object_id", "sequence")
    assert verify(events) == []
    verbs = set(AuditEvent.objects.values_list("verb", flat=True))
    expected = {"launch_cycle", "choose_people", "give_more_time", "delegate_review"}
    expected |= {"record_decision", "release_packet", "confirm_talk", "settle_dispute"}
    assert expected <= verbs, verbs
    kept = " ".join(str(event.detail) for event in AuditEvent.objects.all())
    for words in (
        *(PEER_WORDS, SELF_WORDS, OWN_NOTE, *MANAGERS_WORDS),
        *(AWAY, REASON, OBJECTION, REBUTTAL, DECISION),
    ):
        assert words not in kept
