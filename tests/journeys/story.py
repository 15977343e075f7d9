"""The clock, the people and the words of a cycle that is told as a story."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import time_machine

from apps.feedback.models import Request
from apps.feedback.tasks import turn as turn_feedback
from apps.reviews.models import (
    Cycle,
    Participant,
    Review,
)
from apps.reviews.states import ReviewKind
from tests.factories import NOON
from tests.journeys.company import Company, found_company

PEER_WORDS = "She reads what others wrote before she answers."
SELF_WORDS = "I carried the archive over by myself."
MANAGER_WORDS = "The archive moved without an hour of standstill."
OWN_NOTE = "The archive went live at six in the morning."
MANAGER_NOTE = "She told the customers before they had to ask."
QUESTION = "What should we stop doing?"
ANSWER = "Two hand-overs a day are one too many."
NOTE = "She thinks of leaving; keep it in the room."
AWAY = "Parental leave until spring"
REASON = "The committee saw the same work described for two levels."
OBJECTION = "The move in March was mine."
REBUTTAL = "I had taken it for the work of two."
DECISION = "The tickets of March show it; the rating rises."
MANAGERS_WORDS = (MANAGER_WORDS, MANAGER_NOTE, ANSWER, NOTE)


class Story:
    """The clock, the cycle, and what people type in it."""

    def __init__(self, company: Company, clock: time_machine.Coordinates, mode: str) -> None:
        self.company, self.clock, self.mode = company, clock, mode
        self.first_day = NOON.date() + timedelta(days=1)

    def of(self, name: str):
        return self.company.browser(name)

    @property
    def cycle(self) -> Cycle:
        return Cycle.objects.get()

    def seat(self, name: str) -> Participant:
        return Participant.objects.get(person=self.company[name])

    def review(self, name: str, kind: str) -> Review:
        return Review.objects.get(participant=self.seat(name), kind=kind)

    def hr_at_the_cycle(self):
        hr = self.of("hr")
        hr.get("inbox:home")
        hr.follow("reviews:my_reviews")
        hr.follow("reviews:cycle_list")
        hr.follow("reviews:cycle", self.cycle.pk)
        return hr

    def hr_opens(self, expected: str) -> None:
        self.hr_at_the_cycle().press("reviews:open_phase", self.cycle.pk)
        turn_feedback()
        assert self.cycle.state == expected

    def ratings(self, **more: Any) -> dict[str, Any]:
        first, *others = (f"c{c.pk}" for c in self.company.competencies)
        return {f"{first}-value": 4, **{f"{name}-value": 3 for name in others}, **more}


def wider_company() -> Company:
    company = found_company()
    company.hire("away", "Lena Vogt", "manager", company.department)
    company.hire("given", "Tomas Ruiz", "manager", company.department)
    company.hire("other_manager", "Greta Falk", "head", company["manager"].department)
    company.hire("other_report", "Uwe Brandt", "other_manager", company["manager"].department)
    return company


def answer_of(request: Request, words: str) -> dict[str, Any]:
    typed = {f"question_{q.pk}": words for q in request.perspective.questions.all()}
    level = request.participant.level
    for competency in {s.competency_id for s in level.statements.all()}:
        typed |= {f"rating_{competency}": 4, f"comment_{competency}": words}
    return typed


def document_of(html: str) -> str:
    """The packet itself, without what stands around it."""
    found = re.search(r'(?s)<article class="document packet".*?</article>', html)
    assert found
    return found[0]


def nothing_of_the_manager_is_seen(story: Story, name: str) -> None:
    """Before the release: by the person it is about, by peers, by those who run the cycle."""
    seat, review = story.seat(name), story.review(name, ReviewKind.MANAGER)
    for nobody in (name, "peer", "hr"):
        browser = story.of(nobody)
        for address, key in (
            ("reviews:review", review.pk),
            ("reviews:packet", seat.pk),
            ("reviews:packet_preview", seat.pk),
            ("reports:packet_file", seat.pk),
        ):
            browser.get(address, key, status=404)
    person = story.of(name)
    for address, keys in (
        ("inbox:home", ()),
        ("reviews:my_reviews", ()),
        ("reviews:participant", (seat.pk,)),
        ("reviews:standing", ()),
        ("reviews:notes", ()),
        ("feedback:my_feedback", ()),
    ):
        page = person.get(address, *keys)
        for words in (*MANAGERS_WORDS, PEER_WORDS):
            assert words not in page
    # What stands of the rating is the scale, and no point of it.
    assert "On E3" in person.get("reviews:standing")
    assert "with the ratings of" not in person.get("reviews:standing")
