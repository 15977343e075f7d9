"""A manager review without a pointer: few stops of the Tab key, marks, notes, a rating taken back."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse

from apps.ladders.models import Statement
from apps.reviews.models import Participant, Review, ReviewItem, StatementMark
from apps.reviews.rules.ratings import Rating, departs, profile
from tests.browser.chromium import expect
from tests.browser.conftest import Window
from tests.factories.feedback import AnswerFactory, AnswerPartFactory, PerspectiveFactory
from tests.factories.people import PersonFactory
from tests.factories.reviews import (
    AreaWeightFactory,
    EvidenceNoteFactory,
    FormQuestionFactory,
    ReviewFactory,
)
from tests.reviews.desks import Desk, make_desk

pytestmark = pytest.mark.browser
MOST_STOPS = 40
FOCUSED = "() => document.activeElement.name || document.activeElement.id || document.activeElement.tagName"

# Counts after every change of the page, before anything is painted.
MOST_AT_ONCE = """what => {
    const count = () => document.querySelectorAll(what).length;
    window.mostAtOnce = count();
    new MutationObserver(() => { window.mostAtOnce = Math.max(window.mostAtOnce, count()); })
        .observe(document.body, {childList: true, subtree: true});
}"""


@pytest.fixture
def desk(transactional_db: None) -> Desk:
    return make_desk(12, accounts=True)


@pytest.fixture
def opened(window: Callable[..., Window], desk: Desk) -> Callable[[], Any]:
    """Opens the form as its author, once everything stands that it should show."""

    def open_form() -> Any:
        one = window()
        one.sign_in(desk.participant.manager.user.email)
        one.page.goto(reverse("reviews:review", args=[desk.manager_review.pk]))
        return one.page

    return open_form


def saved(page: Any) -> None:
    """Waits until what was typed is saved; the line says "not saved yet" from the first letter on."""
    page.locator("[data-save-state][data-state=saved]").first.wait_for()


def press_until(page: Any, key: str, name: str, most: int = MOST_STOPS) -> int:
    """How often the key was pressed until the field of this name had the focus."""
    for pressed in range(1, most + 2):
        page.keyboard.press(key)
        if page.evaluate(FOCUSED) == name:
            return pressed
    raise AssertionError(f"{name} is more than {most} presses away, at {page.evaluate(FOCUSED)}")


def test_twelve_competencies_are_forty_stops_of_the_tab_key(
    opened: Callable[[], Any], desk: Desk
) -> None:
    for competency in desk.competencies:
        ReviewItem.objects.create(review=desk.manager_review, competency=competency, value=3)
        EvidenceNoteFactory(
            about=desk.participant.person,
            author=desk.participant.manager,
            competencies=[competency],
        )
    page = opened()
    page.locator(f"#c{desk.competencies[0].pk}").focus()

    assert press_until(page, "Tab", "summary") <= MOST_STOPS


def test_statements_are_marked_with_arrows_and_one_stop_for_each_competency(
    opened: Callable[[], Any], desk: Desk
) -> None:
    first, second = desk.competencies[:2]
    lines = list(Statement.objects.filter(competency=first))
    page = opened()
    assert page.locator("[data-marks]:visible").count() == 0
    page.locator("#marking").focus()
    page.keyboard.press("Space")
    page.locator(f"#c{first.pk}").focus()

    page.keyboard.press("Tab")
    assert page.evaluate(FOCUSED) == f"s{lines[0].pk}-shown"
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    assert page.evaluate(FOCUSED) == f"s{lines[1].pk}-shown"
    page.keyboard.press("3")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("2")
    page.keyboard.press("Delete")
    stops = press_until(page, "Tab", f"c{second.pk}-comment", 12)
    saved(page)

    assert stops <= 8
    assert dict(StatementMark.objects.values_list("statement_id", "mark")) == {
        lines[0].pk: "strength",
        lines[1].pk: "not_yet",
    }
    words = page.locator(f"#c{first.pk} [data-seen] span")
    expect(words).to_have_text("1 of 3 shown, 1 of them a clear strength, 1 not yet")

    page.reload()
    expect(words).to_have_text("1 of 3 shown, 1 of them a clear strength, 1 not yet")
    page.locator("#marking").uncheck()
    expect(page.locator("[data-marks] label:visible")).to_have_text(["Clear strength", "Not yet"])
    expect(page.locator("[data-marks] input:visible")).to_have_count(0)


def test_a_rating_is_taken_back_with_a_key(opened: Callable[[], Any], desk: Desk) -> None:
    name = f"c{desk.competencies[0].pk}-value"
    page = opened()
    page.locator(f"[name={name}]").first.focus()
    page.keyboard.press("4")
    page.locator("#summary").focus()
    saved(page)
    assert ReviewItem.objects.get().value == 4
    expect(page).to_have_title(re.compile("^1 of 12 · Amara Okafor"))

    page.locator(f"[name={name}]:checked").focus()
    page.keyboard.press("Delete")
    page.locator("#summary").focus()
    saved(page)

    assert ReviewItem.objects.get().value is None
    expect(page).to_have_title(re.compile("^0 of 12 · Amara Okafor"))
    missing = page.locator(f"[data-missing-of=c{desk.competencies[0].pk}]")
    expect(missing).not_to_have_attribute("hidden", re.compile(""))


def test_enter_in_a_choice_sends_nothing_in(opened: Callable[[], Any], desk: Desk) -> None:
    page = opened()
    page.locator(f"[name=c{desk.competencies[0].pk}-value]").first.focus()
    page.keyboard.press("3")
    page.keyboard.press("Enter")
    page.wait_for_timeout(500)

    assert page.url.endswith(reverse("reviews:review", args=[desk.manager_review.pk]))
    assert Review.objects.get(pk=desk.manager_review.pk).submitted_at is None


def test_a_note_is_found_and_linked_and_stands_as_it_will_be_read(
    opened: Callable[[], Any], desk: Desk
) -> None:
    first = desk.competencies[0]
    near = EvidenceNoteFactory(
        about=desk.participant.person,
        author=desk.participant.manager,
        competencies=[first],
        text="Kept the queue alive.",
    )
    far = EvidenceNoteFactory(
        about=desk.participant.person, author=desk.participant.manager, text="Said no in time."
    )
    page = opened()
    card = page.locator(f"#c{first.pk}")
    card.locator("summary").focus()
    page.keyboard.press("Enter")
    card.locator(f"[name$=-notes][value='{near.pk}']").focus()
    page.keyboard.press("Space")
    page.evaluate(MOST_AT_ONCE, f"#c{first.pk} [name$=-notes][value='{near.pk}']")
    card.get_by_role("link", name="Find other notes").focus()
    page.keyboard.press("Enter")
    found = card.locator(f"[name$=-notes][value='{far.pk}']")
    found.wait_for()
    assert page.evaluate("window.mostAtOnce") == 1  # not offered twice, not even for a moment
    found.focus()
    page.keyboard.press("Space")
    page.locator("#summary").focus()
    saved(page)

    notes = ReviewItem.objects.get().notes.all()
    assert {note.pk for note in notes} == {near.pk, far.pk}
    expect(card.locator("[data-rests-on] li")).to_contain_text(
        ["Kept the queue alive.", "Said no in time."]
    )


@pytest.mark.parametrize("fetched", ["before", "after"])
@pytest.mark.parametrize("mode", ["named", "anonymous"])
def test_what_others_said_of_a_part_stands_beside_it(
    opened: Callable[[], Any], desk: Desk, fetched: str, mode: str
) -> None:
    first, second = desk.competencies[:2]
    asked = PerspectiveFactory(
        cycle=desk.participant.cycle, mode=mode, sealed=True, questions=0, threshold=4
    )
    for number in range(4):
        answer = AnswerFactory(perspective=asked, participant=desk.participant)
        for competency in (first, second):
            words = f"Voice {number} on {competency.name}."
            AnswerPartFactory(
                answer=answer, question=None, competency=competency, value=3, text=words
            )
    page = opened()
    steps = {
        "part": lambda: page.locator(f"[name=c{first.pk}-comment]").focus(),
        "fetch": lambda: (
            page.get_by_role("link", name="Feedback", exact=True).last.press("Enter"),
            page.locator(f"#beside-feedback-words [data-of=c{first.pk}]").first.wait_for(),
        ),
    }

    for step in ("fetch", "part") if fetched == "before" else ("part", "fetch"):
        steps[step]()
    page.get_by_role("link", name="This part").press("Enter")
    part = page.locator("#beside-part")
    for summary in part.locator("summary").all():
        summary.press("Enter")

    assert part.locator("h2").inner_text() == first.name
    assert part.locator("h3").all_inner_texts() == ["Feedback of others"]
    said = part.inner_text()
    assert [f"Voice {n} on {first.name}." in said for n in range(4)] == [True] * 4
    assert f"on {second.name}." not in said
    assert part.locator("[data-part-words] > li, [id]").count() == 0

    page.locator(f"[name=c{second.pk}-comment]").focus()

    assert f"on {second.name}." in part.text_content()
    assert part.locator("h2").inner_text() == second.name
    assert f"on {first.name}." not in part.inner_text()
    assert page.evaluate(FOCUSED) == f"c{second.pk}-comment"


def test_the_tab_beside_and_the_next_report_are_a_key_away(
    opened: Callable[[], Any], desk: Desk
) -> None:
    other = PersonFactory(manager=desk.participant.manager, name="Zora Zeman")
    seat = Participant.objects.create(
        cycle=desk.participant.cycle, person=other, manager=desk.participant.manager
    )
    review = ReviewFactory(participant=seat)
    page = opened()
    page.locator("[data-beside] .tabs").get_by_role("link", name="Ladder").focus()
    page.keyboard.press("Enter")
    page.get_by_text("There is no earlier review to compare with.").wait_for()
    expect(page).to_have_url(re.compile("beside=ladder"))

    page.locator("#summary").focus()
    page.keyboard.press("Alt+PageDown")
    page.wait_for_url(f"**{reverse('reviews:review', args=[review.pk])}?beside=ladder")

    expect(page.locator("#beside-ladder")).to_be_visible()
    expect(page.locator("#beside-scale")).to_be_hidden()


@pytest.mark.parametrize(
    ("weight", "values"),
    [(1, (2, 4)), (3, (2, 4)), (0, (2, 4)), (2, (5, 3)), (1, (3, 4))],
    ids=str,
)
def test_the_page_and_the_server_find_the_same_middle(
    opened: Callable[[], Any], desk: Desk, weight: int, values: tuple[int, int]
) -> None:
    AreaWeightFactory(
        cycle=desk.participant.cycle, area_key="area-1", area_name="Area 1", weight=weight
    )
    FormQuestionFactory(cycle=desk.participant.cycle, review_kind="manager", is_required=True)
    light, heavy = desk.competencies[0].pk, desk.competencies[-1].pk
    page = opened()
    for pk, value in zip((light, heavy), values, strict=True):
        page.locator(f"[name=c{pk}-value][value='{value}']").check(force=True)
    ratings = {light: Rating(values[0]), heavy: Rating(values[1])}
    middle = profile(ratings, (), {heavy: weight}).median

    for overall in range(1, 6):
        page.locator(f"[name=overall][value='{overall}']").check(force=True)
        meant = departs(overall, middle)
        expect(page.locator("[data-departs]")).to_be_visible(visible=meant)
