"""A cycle's feedback as a story over HTTP, in each of the three modes; everything is pressed where it stands."""

from __future__ import annotations

import pytest
import time_machine

from apps.core.audit import verify
from apps.core.models import AuditEvent
from apps.feedback.states import Mode
from tests.factories import NOON
from tests.journeys.feedback_told import (
    FIRST_WORDS,
    TEAM_WORDS,
    FeedbackStory,
    amara_names_people_and_mira_replaces_one,
    amara_reads,
    collection_ends_and_is_sealed,
    collection_opens,
    givers_answer,
    hr_sets_both_kinds_and_schedules,
    leo_reads_his_team_in_one_batch,
    leos_team_answers,
    mira_reads_while_she_writes,
    one_declines_and_somebody_else_is_asked,
    packets_are_released,
)
from tests.journeys.setting_up import hr_plans

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("mode", Mode)
def test_feedback_from_the_first_name_to_the_last_reader(mode):
    """What happens to a text that breaks the rules is another story, told after the release."""
    with time_machine.travel(NOON, tick=False) as clock:
        story = FeedbackStory(clock, mode)
        hr_plans(story)
        hr_sets_both_kinds_and_schedules(story)
        amara_names_people_and_mira_replaces_one(story)
        collection_opens(story)
        one_declines_and_somebody_else_is_asked(story)
        givers_answer(story)
        leos_team_answers(story)
        collection_ends_and_is_sealed(story)
        mira_reads_while_she_writes(story)
        packets_are_released(story)
        amara_reads(story)
        leo_reads_his_team_in_one_batch(story)

        events = AuditEvent.objects.order_by("object_type", "object_id", "sequence")
        assert verify(events) == []
        kept = " ".join(str(event.detail) for event in events)
        assert [words for words in (FIRST_WORDS, TEAM_WORDS) if words in kept] == []
