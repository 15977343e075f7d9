"""The middle acts: notes, self reviews, and what managers write."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from apps.ladders.models import Statement
from apps.reviews.models import (
    EvidenceNote,
    Extension,
    FormQuestion,
)
from apps.reviews.states import CycleState, Phase, ReviewKind, ReviewState
from tests.journeys.company import DAYS_A_PHASE
from tests.journeys.story import (
    ANSWER,
    MANAGER_NOTE,
    MANAGER_WORDS,
    NOTE,
    OWN_NOTE,
    PEER_WORDS,
    SELF_WORDS,
    Story,
    nothing_of_the_manager_is_seen,
)


def amara_and_mira_keep_notes(story: Story) -> None:
    """Hers is shared, and his is not: neither reads the other's until it is."""
    company = story.company
    amara, mira = story.of("subject"), story.of("manager")
    first = company.competencies[0].pk
    amara.get("inbox:home")
    amara.follow("reviews:my_reviews")
    amara.follow("reviews:standing")
    amara.follow("reviews:add_note")
    amara.press("reviews:add_note", text=OWN_NOTE, tags=[first])
    note = EvidenceNote.objects.get()
    assert OWN_NOTE not in mira.get("reviews:notes", query="?of=shared")
    amara.get("reviews:notes")
    amara.press("reviews:share_note", note.pk)
    assert OWN_NOTE in mira.get("reviews:notes", query="?of=shared")

    mira.get("reviews:notes", query="?of=people")
    mira.follow("reviews:add_note")
    mira.press("reviews:add_note", about=company["subject"].pk, text=MANAGER_NOTE)
    private = EvidenceNote.objects.get(author=company["manager"])
    mira.follow("reviews:note", private.pk)
    mira.press("reviews:note", private.pk, tags=[first])
    assert MANAGER_NOTE not in amara.get("reviews:notes", query="?of=shared")
    amara.get("reviews:note", private.pk, status=404)


def writes_about_oneself(story: Story, name: str, **more: Any) -> str:
    """What the writer is told at the end."""
    review, writer = story.review(name, ReviewKind.SELF), story.of(name)
    writer.get("inbox:home")
    writer.follow("reviews:review", review.pk)
    typed = story.ratings(summary=SELF_WORDS, **more)
    writer.press("reviews:save_review", review.pk, typed=typed, button=("then", "stay"))
    story.of("manager").get("reviews:review", review.pk, status=404)  # a draft is the writer's
    writer.get("reviews:review", review.pk)
    told = writer.press("reviews:submit_review", review.pk)  # what was saved stands in the form
    assert story.review(name, ReviewKind.SELF).state == ReviewState.SUBMITTED
    assert SELF_WORDS in story.of("manager").get("reviews:review", review.pk)
    for nobody in ("peer", "hr", "facilitator"):
        story.of(nobody).get("reviews:review", review.pk, status=404)
    return told


def people_write_about_themselves(story: Story) -> None:
    own = EvidenceNote.objects.get(author=story.company["subject"])
    first = story.company.competencies[0].pk
    writes_about_oneself(story, "subject", **{f"c{first}-notes": [own.pk]})
    told = writes_about_oneself(story, "given")
    assert "You can take it back while this phase is open." in told


def jonas_gets_more_time(story: Story) -> None:
    """HR gives it; the cycle goes on, and he still writes."""
    seat = story.seat("colleague")
    hr = story.hr_at_the_cycle()
    hr.follow("reviews:cycle_board", story.cycle.pk)
    hr.follow("reviews:participant", seat.pk)
    until = story.first_day + timedelta(days=3 * DAYS_A_PHASE - 1)
    hr.press(
        "reviews:give_more_time",
        seat.pk,
        typed={"phase": Phase.COLLECTION.value, "until": until, "reason": "He was ill."},
    )
    assert Extension.objects.get().participant == seat
    assert "He was ill." not in story.of("colleague").get("reviews:participant", seat.pk)
    story.hr_opens(CycleState.MANAGER_REVIEW)
    # Its phase is over, so it cannot be taken back any more, and nobody says that it can.
    assert "It is in, and stays as it is." in writes_about_oneself(story, "colleague")


def mira_rates_amara(story: Story, *, reads_name: bool) -> None:
    mira, company = story.of("manager"), story.company
    received = mira.get("feedback:received_feedback", story.seat("subject").pk)
    assert PEER_WORDS in received
    assert ("Priya Raman" in received) is reads_name
    review = story.review("subject", ReviewKind.MANAGER)
    first, second, third = (c.pk for c in company.competencies)
    lines = {s.competency_id: s.pk for s in Statement.objects.all()}
    question = FormQuestion.objects.get()
    note = EvidenceNote.objects.get(author=company["manager"])
    mira.get("inbox:home")
    form = mira.follow("reviews:review", review.pk)
    assert "Ready for" not in form  # left out of this cycle
    typed = story.ratings(
        **{
            f"c{first}-comment": "Six in the morning, and nobody noticed.",
            f"c{first}-notes": [note.pk],
            f"s{lines[first]}-shown": "strength",
            f"s{lines[second]}-shown": "shown",
            f"s{lines[third]}-shown": "not_yet",
            f"c{third}-value": 5,  # an outer point without a comment is doubted
            "overall": 3,
            "summary": MANAGER_WORDS,
            "departure": "Delivery carries the year.",
            "private_note": NOTE,
        }
    )
    mira.press("reviews:submit_review", review.pk, typed=typed, status=422)
    assert story.review("subject", ReviewKind.MANAGER).state == ReviewState.DRAFT
    answered = {f"q{question.pk}-comment": ANSWER}
    page = mira.press("reviews:submit_review", review.pk, typed=answered, status=422)
    assert "Is this meant?" in page
    mira.press("reviews:submit_review", review.pk, button=("confirmed", "yes"))
    assert story.review("subject", ReviewKind.MANAGER).state == ReviewState.SUBMITTED
    nothing_of_the_manager_is_seen(story, "subject")


def mira_gives_a_review_away(story: Story) -> None:
    seat, review = story.seat("given"), story.review("given", ReviewKind.MANAGER)
    mira, greta = story.of("manager"), story.of("other_manager")
    mira.get("inbox:home")
    mira.follow("reviews:review", review.pk)
    typed = story.ratings(summary=MANAGER_WORDS)
    mira.press("reviews:save_review", review.pk, typed=typed, button=("then", "stay"))
    greta.get("reviews:review", review.pk, status=404)
    mira.get("reviews:my_reviews")
    mira.follow("reviews:participant", seat.pk)
    mira.follow("reviews:delegate_review", seat.pk)
    mira.search("reviews:delegate_review", seat.pk, who="Greta")
    mira.press(
        "reviews:delegate_review",
        seat.pk,
        holding={"person": story.company["other_manager"].pk},
        button=("draft", "with"),
    )
    greta.get("inbox:home")
    assert MANAGER_WORDS in greta.follow("reviews:review", review.pk)
    typed = {f"q{FormQuestion.objects.get().pk}-comment": ANSWER, "overall": 3}
    greta.press("reviews:submit_review", review.pk, typed=typed)
    assert story.review("given", ReviewKind.MANAGER).author == story.company["other_manager"]
    assert "Greta Falk" in story.of("given").get("reviews:participant", seat.pk)
    nothing_of_the_manager_is_seen(story, "given")


def mira_rates_jonas(story: Story) -> None:
    mira, review = story.of("manager"), story.review("colleague", ReviewKind.MANAGER)
    mira.get("inbox:home")
    mira.follow("reviews:review", review.pk)
    answered = {f"q{FormQuestion.objects.get().pk}-comment": ANSWER}
    typed = story.ratings(overall=3, summary=MANAGER_WORDS, private_note=NOTE, **answered)
    mira.press("reviews:submit_review", review.pk, typed=typed)
    assert story.review("colleague", ReviewKind.MANAGER).state == ReviewState.SUBMITTED
    nothing_of_the_manager_is_seen(story, "colleague")
