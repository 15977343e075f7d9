"""The acts of a cycle's feedback: who is asked, what is answered, and who reads it, when and how."""

from __future__ import annotations

import re
from datetime import timedelta

import time_machine

from apps.feedback.models import Answer, FeedbackDraft, Request
from apps.feedback.states import Mode, PerspectiveKind, PerspectiveState, RequestState
from apps.feedback.tasks import turn as turn_feedback
from apps.reviews.states import CycleState, ParticipantState, ReviewKind
from apps.reviews.tasks import turn_phases
from tests.factories import NOON
from tests.journeys.company import DAYS_A_PHASE, Company, found_company
from tests.journeys.story import MANAGER_WORDS, Story, answer_of

THRESHOLD = 4
FIRST_WORDS, SECOND_WORDS = "Asks before she builds.", "Asks before she builds, and after."
TEAM_WORDS = "He clears the way and says why."
WHY_NOT = "Too little contact to say something fair"


def wider_company() -> Company:
    """Beside the people of other stories: two more colleagues, and Leo, who leads five."""
    company = found_company()
    beside = company["manager"].department
    company.hire("peer6", "Finn Aalto", "head", beside)
    company.hire("peer7", "Gita Nair", "head", beside)
    company.hire("leader", "Leo Park", "manager", company.department)
    for number, name in enumerate(
        ["Ana Cruz", "Ben Ortiz", "Cleo Baum", "Dan Voss", "Els Mertens"]
    ):
        company.hire(f"report{number}", name, "leader", beside)
    return company


class FeedbackStory(Story):
    """Amara's peers, and the team of Leo; both report to Mira."""

    def __init__(self, clock: time_machine.Coordinates, mode: str) -> None:
        super().__init__(wider_company(), clock, mode)
        few = mode == Mode.NAMED
        self.first = (
            ["peer", "peer2", "peer3"] if few else ["peer", "peer2", "peer3", "peer4", "peer5"]
        )

    @property
    def is_anonymous(self) -> bool:
        return self.mode == Mode.ANONYMOUS

    @property
    def about_amara(self):
        asked = Request.objects.filter(participant=self.seat("subject"))
        return asked.filter(perspective__kind=PerspectiveKind.PEER)

    def request_to(self, key: str) -> Request:
        return Request.objects.select_related("perspective", "participant").get(
            giver=self.company[key]
        )

    def words_of(self, key: str) -> str:
        return f"{FIRST_WORDS} So says {key}."

    def opens_the_form(self, key: str) -> str:
        """From the duty on the home page, and back from there is no other way than the list."""
        giver = self.of(key)
        home = giver.get("inbox:home")
        assert "min" in home
        return giver.follow("feedback:give_feedback", self.request_to(key).pk)


def hr_sets_both_kinds_and_schedules(story: FeedbackStory) -> None:
    key = story.cycle.pk
    for kind, mode in (
        (PerspectiveKind.PEER, story.mode),
        (PerspectiveKind.UPWARD, Mode.ANONYMOUS),
    ):
        hr = story.hr_at_the_cycle()
        hr.follow("feedback:perspectives", key)
        hr.press(
            "feedback:configure_perspective", key, kind.value,
            mode=mode.value if isinstance(mode, Mode) else mode, threshold=THRESHOLD,
            questions="What does {name} do that helps?",
        )  # fmt: skip
    hr = story.hr_at_the_cycle()
    hr.follow("reviews:preflight", key)
    hr.press("reviews:schedule_cycle", key)
    story.clock.move_to(NOON + timedelta(days=1))
    turn_phases()
    assert story.cycle.state == CycleState.NOMINATION


def amara_names_people_and_mira_replaces_one(story: FeedbackStory) -> None:
    seat, company = story.seat("subject"), story.company
    amara, mira = story.of("subject"), story.of("manager")
    amara.get("inbox:home")
    amara.follow("feedback:nominate", seat.pk)
    for key in story.first:
        if str(company[key].pk) not in amara.page.forms_field("peer").options:
            amara.press("feedback:find_peers", seat.pk, find=company[key].name)
        ticked = amara.page.forms_field("peer").values
        amara.press("feedback:find_peers", seat.pk, find="", peer=[*ticked, company[key].pk])
    amara.press("feedback:propose_peers", seat.pk)

    replaced = story.request_to(story.first[-1])
    mira.get("inbox:home")
    mira.follow("feedback:approve_peers", seat.pk)
    mira.follow("feedback:approve_peers", seat.pk, query=f"?replace={replaced.pk}")
    mira.search("feedback:approve_peers", seat.pk, find="Finn")
    mira.press("feedback:replace_request", replaced.pk, holding={"giver": company["peer6"].pk})
    mira.get("feedback:approve_peers", seat.pk)
    mira.press("feedback:approve_all", seat.pk)

    names = {r.giver.name: r.state for r in story.about_amara.select_related("giver")}
    assert names.pop(company[story.first[-1]].name) == RequestState.TURNED_DOWN
    assert len(names) == len(story.first)
    assert names["Finn Aalto"] == RequestState.ASKED
    assert set(names.values()) == {RequestState.ASKED}


def collection_opens(story: FeedbackStory) -> None:
    story.clock.move_to(NOON + timedelta(days=1 + DAYS_A_PHASE))
    turn_phases()
    turn_feedback()
    assert story.cycle.state == CycleState.COLLECTION
    assert Request.objects.filter(perspective__kind=PerspectiveKind.UPWARD).count() == 5


def one_declines_and_somebody_else_is_asked(story: FeedbackStory) -> None:
    """With names the manager reads why and asks another; without, nobody learns of it."""
    seat, mira = story.seat("subject"), story.of("manager")
    request = story.request_to("peer2")
    story.opens_the_form("peer2")
    bo = story.of("peer2")
    if story.is_anonymous:
        bo.press("feedback:decline_request", request.pk)
        mira.get("feedback:my_feedback")
        page = mira.get("feedback:approve_peers", seat.pk)
        assert "Declined" not in page
        assert f"replace={request.pk}" not in page
        return
    bo.press("feedback:decline_request", request.pk, status=422)
    bo.press("feedback:decline_request", request.pk, code="little_contact")
    assert WHY_NOT not in story.of("subject").get("feedback:my_feedback")
    mira.get("feedback:my_feedback")
    if story.mode == Mode.NAMED:  # with two left of three it stands on her list as well
        mira.follow("feedback:approve_peers", seat.pk)
    assert WHY_NOT in mira.get("feedback:approve_peers", seat.pk)
    mira.follow("feedback:approve_peers", seat.pk, query=f"?replace={request.pk}")
    mira.search("feedback:approve_peers", seat.pk, find="Gita")
    mira.press("feedback:replace_request", request.pk, holding={"giver": story.company["peer7"].pk})
    assert story.request_to("peer7").state == RequestState.ASKED


def givers_answer(story: FeedbackStory) -> None:
    """Each reads the promise first. One keeps the form for later, and one changes what was sent."""
    asked = list(story.about_amara.filter(state=RequestState.ASKED).select_related("giver"))
    assert len(asked) >= THRESHOLD - (story.mode == Mode.NAMED)
    promise = {
        Mode.NAMED: "every word with your name",
        Mode.CONFIDENTIAL: "never reads it with your name",
        Mode.ANONYMOUS: "the link between you and your words is cut",
    }[Mode(story.mode)]
    for number, request in enumerate(asked):
        key = request.giver.email.split("@")[0]
        page, giver = story.opens_the_form(key), story.of(key)
        assert page.index(promise) < page.index("<textarea")
        typed = answer_of(request, story.words_of(key))
        if number == 0:
            giver.press("feedback:keep_feedback", request.pk, typed=typed)
            assert "Go on" in giver.get("inbox:home")
            story.of("manager").get("feedback:give_feedback", request.pk, status=404)
            story.opens_the_form(key)
            giver.press("feedback:send_feedback", request.pk)  # what was kept stands in the form
        else:
            giver.press("feedback:send_feedback", request.pk, typed=typed)
    assert Answer.objects.filter(participant=story.seat("subject")).count() == len(asked)
    assert not FeedbackDraft.objects.exists()
    _one_changes(story, asked[1].giver.email.split("@")[0])


def _one_changes(story: FeedbackStory, key: str) -> None:
    giver, request = story.of(key), story.request_to(key)
    listed = giver.get("feedback:my_feedback")
    if story.is_anonymous:
        assert "Amara Okafor" not in listed
        page = giver.get("feedback:give_feedback", request.pk)
        assert "<textarea" not in page
        assert story.words_of(key) not in page
        giver.forge("feedback:send_feedback", request.pk, status=302, revision="0")
        return
    page = giver.follow("feedback:give_feedback", request.pk)
    assert story.words_of(key) in page
    changed = answer_of(request, f"{SECOND_WORDS} So says {key}.")
    giver.press("feedback:send_feedback", request.pk, typed=changed)


def leos_team_answers(story: FeedbackStory) -> None:
    for number in range(5):
        key = f"report{number}"
        page, giver, request = story.opens_the_form(key), story.of(key), story.request_to(key)
        assert "own manager reads only the mean and the spread" in page
        words = f"{TEAM_WORDS} So says number {number}."
        giver.press("feedback:send_feedback", request.pk, typed=answer_of(request, words))
    for nobody in ("leader", "manager", "head", "hr"):
        status, page = story.of(nobody).peek("feedback:received_feedback", story.seat("leader").pk)
        assert status in {200, 404}
        assert TEAM_WORDS not in page


def collection_ends_and_is_sealed(story: FeedbackStory) -> None:
    before = story.of("manager").get("feedback:received_feedback", story.seat("subject").pk)
    assert (FIRST_WORDS in before) is not story.is_anonymous
    story.hr_opens(CycleState.MANAGER_REVIEW)
    states = set(story.cycle.perspectives.values_list("state", flat=True))
    assert states == {PerspectiveState.SEALED}
    giver = story.of("peer")
    assert "Amara Okafor" not in giver.get("feedback:my_feedback")
    assert "<textarea" not in giver.get("feedback:give_feedback", story.request_to("peer").pk)


def mira_reads_while_she_writes(story: FeedbackStory) -> None:
    """Beside the form of the review, by the mode; of Leo's team only figures."""
    mira, seat = story.of("manager"), story.seat("subject")
    review = story.review("subject", ReviewKind.MANAGER)
    mira.get("inbox:home")
    mira.follow("reviews:review", review.pk)
    read = mira.get("feedback:received_feedback", seat.pk)
    assert FIRST_WORDS in read
    assert (SECOND_WORDS in read) is not story.is_anonymous
    assert ("Priya Raman" in read) is not story.is_anonymous
    figures = mira.get("feedback:received_feedback", story.seat("leader").pk)
    assert TEAM_WORDS not in figures
    assert "Upward feedback" in figures
    for name in ("subject", "colleague", "leader"):
        own = story.review(name, ReviewKind.MANAGER)
        mira.get("inbox:home")
        mira.follow("reviews:review", own.pk)
        typed = story.ratings(overall=3, summary=MANAGER_WORDS)
        mira.press("reviews:submit_review", own.pk, typed=typed)
    for nobody in ("subject", "leader", "peer", "hr", "content"):
        status, page = story.of(nobody).peek("feedback:received_feedback", seat.pk)
        assert status in {200, 404}
        assert FIRST_WORDS not in page


def packets_are_released(story: FeedbackStory) -> None:
    story.hr_opens(CycleState.CALIBRATION)
    story.hr_opens(CycleState.DELIVERY)
    assert (
        FIRST_WORDS
        not in story.of("subject").peek("feedback:received_feedback", story.seat("subject").pk)[1]
    )
    hr, key = story.hr_at_the_cycle(), story.cycle.pk
    hr.follow("reviews:waves", key)
    hr.press("reviews:release_group", key, holding={"group": story.company.department.pk})
    for name in ("subject", "leader"):
        assert story.seat(name).state == ParticipantState.RELEASED


def amara_reads(story: FeedbackStory) -> None:
    amara = story.of("subject")
    amara.get("feedback:my_feedback")
    read = amara.follow("feedback:received_feedback", story.seat("subject").pk)
    givers = [r.giver.name for r in story.about_amara.select_related("giver")]
    main = re.sub(r"(?s)<header.*?</header>", "", read)
    assert FIRST_WORDS in main
    named = [name for name in givers if name in main]
    assert bool(named) is (story.mode == Mode.NAMED)
    assert (f"From {THRESHOLD} people or more" in main) is (story.mode != Mode.NAMED)


def leo_reads_his_team_in_one_batch(story: FeedbackStory) -> None:
    leo = story.of("leader")
    leo.get("feedback:my_feedback")
    read = leo.follow("feedback:received_feedback", story.seat("leader").pk)
    main = re.sub(r"(?s)<header.*?</header>", "", read)
    # Each of the five once for the question and once for each of the three competencies.
    assert len(re.findall(re.escape(TEAM_WORDS), main)) == 5 * 4
    team = [story.company[f"report{n}"].name for n in range(5)]
    assert [name for name in team if name in main] == []
    for above in ("manager", "head"):
        page = story.of(above).peek("feedback:received_feedback", story.seat("leader").pk)[1]
        assert TEAM_WORDS not in page
