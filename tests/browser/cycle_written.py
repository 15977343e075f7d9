"""The middle acts in Chromium: notes, feedback, self reviews, and a manager review by keyboard alone."""

from __future__ import annotations

import re
from datetime import timedelta

from django.utils import timezone

from apps.feedback.models import Request
from apps.feedback.states import RequestState
from apps.ladders.models import Statement
from apps.reviews.models import (
    EvidenceNote,
    Extension,
    FormQuestion,
    ReviewItem,
    StatementMark,
)
from apps.reviews.states import CycleState, ReviewKind, ReviewState
from tests.browser.chromium import expect
from tests.browser.cycle_told import Told, address, rate_all, said
from tests.journeys.story import (
    ANSWER,
    MANAGER_NOTE,
    MANAGER_WORDS,
    OWN_NOTE,
    PEER_WORDS,
    SELF_WORDS,
)

MOST_TABS_TO_A_FIELD = 60


def amara_and_mira_keep_notes(told: Told) -> None:
    first = told.company.competencies[0].pk
    page = told.page("subject", "reviews:standing")
    page.get_by_role("link", name="Keep a note").click()
    page.locator("#id_text").fill(OWN_NOTE)
    page.locator(f"input[name=tags][value='{first}']").check(force=True)
    page.get_by_label("Share it with Mira Jensen at once").check()
    page.get_by_role("button", name="Keep it", exact=True).click()
    page.get_by_text(OWN_NOTE).wait_for()
    page = told.page("manager", "reviews:notes")
    page.get_by_role("link", name="Shared with me").click()
    page.get_by_text(OWN_NOTE).wait_for()
    page.get_by_role("link", name="About my people").click()
    page.get_by_role("link", name="Write a note").click()
    page.locator("#about").select_option(str(told.company["subject"].pk))
    page.get_by_text("Then the person it is about reads it").wait_for()
    page.locator("#id_text").fill(MANAGER_NOTE)
    page.locator(f"input[name=tags][value='{first}']").check(force=True)
    page.get_by_role("button", name="Keep it", exact=True).click()
    page.get_by_text(MANAGER_NOTE).wait_for()
    private = EvidenceNote.objects.get(author=told.company["manager"])
    assert private.about == told.company["subject"]
    told.refused("subject", "reviews:note", private.pk)


def priya_answers(told: Told) -> None:
    told.next_phase(CycleState.COLLECTION)
    page = told.page("peer", "inbox:home")
    page.get_by_role("link", name=re.compile("Amara Okafor")).first.click()
    page.locator("textarea[name^=question_]").first.press_sequentially(PEER_WORDS)
    assert said(page, "saved").startswith("Saved")
    for scale in page.locator("fieldset[data-scale]").all():
        scale.locator("input[value='4']").check(force=True)
    page.get_by_role("button", name="Send with my name").click()
    page.get_by_text("Sent. Thank you").wait_for()
    request = Request.objects.get(giver=told.company["peer"])
    assert request.state == RequestState.ANSWERED
    told.refused("subject", "feedback:received_feedback", told.seat.pk)


def amara_writes_in_two_tabs(told: Told) -> None:
    review = told.review(ReviewKind.SELF)
    first = told.page("subject", "reviews:review", review.pk)
    second = told.windows["subject"].new_tab()
    second.goto(address("reviews:review", review.pk))
    first.locator("#summary").press_sequentially(SELF_WORDS)
    first.locator("#summary").blur()
    assert said(first, "saved").startswith("Saved")
    second.locator("#summary").fill("Other words.")
    second.locator("#summary").blur()
    said(second, "conflict")
    box = second.locator(".conflict")
    expect(box.locator("[data-mine]")).to_have_text("Other words.")
    expect(box.locator("[data-theirs]")).to_have_text(SELF_WORDS)
    assert told.review(ReviewKind.SELF).summary == SELF_WORDS  # nothing is overwritten
    box.get_by_role("button", name="Take this one").click()
    said(second, "saved")
    expect(second.locator("#summary")).to_have_value(SELF_WORDS)
    second.close()
    for competency in told.company.competencies:
        first.locator(f"input[name='c{competency.pk}-value'][value='4']").check(force=True)
        first.locator(f"#c{competency.pk}-comment").fill("The team asked me to go on.")
    one = told.company.competencies[0]
    first.locator(f"input[name='c{one.pk}-value'][value='3']").check(force=True)
    first.get_by_role("button", name="Submit self review").click()
    first.get_by_text("Submitted. You can take it back").wait_for()
    assert told.review(ReviewKind.SELF).state == ReviewState.SUBMITTED


def jonas_gets_more_time(told: Told) -> None:
    page = told.hr_at_the_cycle()
    page.get_by_role("link", name="Open the board").click()
    page.get_by_role("link", name="Jonas Lind", exact=True).click()
    page.get_by_text("More time", exact=True).click()
    page.locator("[name=until]").fill(str(timezone.localdate() + timedelta(days=40)))
    page.get_by_role("button", name="Give the time").click()
    page.get_by_role("button", name=re.compile("End it now")).wait_for()
    assert Extension.objects.get().participant == told.seat_of("colleague")
    told.next_phase(CycleState.MANAGER_REVIEW)
    page = told.page("colleague", "inbox:home")
    own = told.review(ReviewKind.SELF, "colleague")
    page.locator(f"a[href='{address('reviews:review', own.pk)}']").first.click()
    rate_all(told, page, SELF_WORDS)
    page.get_by_role("button", name="Submit self review").click()
    page.get_by_text("Submitted. It is in, and stays as it is.").wait_for()


def mira_rates_with_the_keyboard(told: Told) -> None:
    """Tab, arrows, letters and Enter; the pointer is not touched."""
    review = told.review(ReviewKind.MANAGER)
    page = told.page("manager", "reviews:review", review.pk)
    keys = page.keyboard
    first, second, third = (c.pk for c in told.company.competencies)
    lines = {s.competency_id: s.pk for s in Statement.objects.all()}
    note = EvidenceNote.objects.get(author=told.company["manager"])

    def here() -> dict[str, str]:
        return page.evaluate(
            "() => { const a = document.activeElement;"
            " return {name: a.name || '', value: a.value || '', id: a.id || '', tag: a.tagName,"
            " in: a.closest('[data-part]')?.id || '', to: a.getAttribute('formaction') || ''}; }"
        )

    def tab_to(**wanted: str) -> int:
        for pressed in range(1, MOST_TABS_TO_A_FIELD):
            keys.press("Tab")
            if wanted.items() <= here().items():
                return pressed
        raise AssertionError(f"no way by Tab to {wanted}")

    def press(key: str, times: int) -> None:
        for _ in range(times):
            keys.press(key)

    keys.press("Tab")
    keys.press("Enter")  # past the bar
    pressed = tab_to(id="marking")
    keys.press("Space")
    for competency, marked, points in ((first, 1, 4), (second, 2, 3), (third, 3, 5)):
        pressed += tab_to(name=f"s{lines[competency]}-shown")
        press("ArrowRight", marked)
        if competency == first:
            pressed += tab_to(tag="SUMMARY", **{"in": f"c{first}"})
            keys.press("Enter")
            pressed += tab_to(name=f"c{first}-notes", value=str(note.pk))
            keys.press("Space")
        pressed += tab_to(name=f"c{competency}-value")
        press("ArrowRight", points - 1)  # from the first point, which the arrow leaves
        rated = page.locator(f"input[name='c{competency}-value']:checked")
        expect(rated).to_have_value(str(points))
        assert tab_to(name=f"c{competency}-comment") == 1  # the scale is one stop
        if competency != third:  # an outer point without a comment is doubted
            keys.type("Seen in March.")
    pressed += tab_to(name=f"q{FormQuestion.objects.get().pk}-comment")
    keys.type(ANSWER)
    pressed += tab_to(name="summary")
    keys.type(MANAGER_WORDS)
    pressed += tab_to(name="overall")
    press("ArrowRight", 2)
    expect(page.locator("input[name=overall]:checked")).to_have_value("3")
    pressed += tab_to(name="departure")
    keys.type("Two of three were hard to see from near.")
    assert said(page, "saved").startswith("Saved")
    tab_to(to=address("reviews:submit_review", review.pk))
    keys.press("Enter")
    page.get_by_text("Is this meant?").wait_for()
    expect(page.locator("#trouble")).to_be_focused()
    tab_to(name="confirmed")
    keys.press("Enter")
    page.get_by_text("Submitted. You can take it back").wait_for()
    assert pressed < 45
    assert list(ReviewItem.objects.get(review=review, competency=first).notes.all()) == [note]
    marks = dict(StatementMark.objects.values_list("statement__competency", "mark"))
    assert marks == {first: "strength", second: "shown", third: "not_yet"}
    told.refused("subject", "reviews:packet", told.seat.pk)
    told.refused("subject", "reviews:review", review.pk)


def mira_gives_a_review_away_and_greta_writes_it(told: Told) -> None:
    seat, review = told.seat_of("colleague"), told.review(ReviewKind.MANAGER, "colleague")
    page = told.page("manager", "reviews:my_reviews")
    page.get_by_role("link", name="Jonas Lind", exact=True).click()
    page.get_by_role("link", name="Give the review to another manager").click()
    page.locator("#who").fill("Greta")
    page.get_by_role("button", name="Find").click()
    with page.expect_navigation():
        page.get_by_role("button", name="Choose Greta Falk").click()
    expect(page).to_have_url(re.compile(address("reviews:participant", seat.pk) + "$"))
    page = told.page("other_manager", "inbox:home")
    page.locator(f"a[href='{address('reviews:review', review.pk)}']").first.click()
    rate_all(told, page, MANAGER_WORDS)
    page.locator(f"#q{FormQuestion.objects.get().pk}-comment").fill(ANSWER)
    page.locator("input[name=overall][value='3']").check(force=True)
    page.get_by_role("button", name="Submit review").click()
    page.get_by_text("Submitted. You can take it back").wait_for()
    told.refused("colleague", "reviews:review", review.pk)
    page = told.page("colleague", "reviews:standing")
    assert page.get_by_text("with the ratings of").count() == 0
