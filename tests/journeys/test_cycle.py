"""A whole cycle as a story over HTTP: who does what, and what each may read at every step."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine

from apps.calibration.models import Session
from apps.core.audit import verify
from apps.core.models import AuditEvent
from apps.feedback.models import Request
from apps.feedback.states import Mode, RequestState
from apps.feedback.tasks import turn as turn_feedback
from apps.reviews.models import Cycle, Participant, Review
from apps.reviews.states import CycleState, ParticipantState, ReviewKind, ReviewState
from apps.reviews.tasks import turn_phases
from tests.factories import NOON
from tests.journeys.company import DAYS_A_PHASE, Company, found_company

pytestmark = pytest.mark.django_db

PEER_WORDS = "She reads what others wrote before she answers."
SELF_WORDS = "I carried the archive over by myself."
MANAGER_WORDS = "The archive moved without an hour of standstill."
NOTE = "She thinks of leaving; keep it in the room."
REASON = "The committee saw the same work described for two levels."
OBJECTION = "The move in March was mine."
DECISION = "The tickets of March show it; the rating rises."


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

    def hr_opens(self, expected: str) -> None:
        self.of("hr").press("reviews:open_phase", self.cycle.pk)
        turn_feedback()
        assert self.cycle.state == expected

    def writing(self, name: str, kind: str, **more: str) -> dict[str, str]:
        review = self.review(name, kind)
        ratings = {f"c{c.pk}-value": "3" for c in self.company.competencies}
        ratings[f"c{self.company.competencies[0].pk}-value"] = "4"
        return {"revision": str(review.revision), **ratings, **more}


def answer_of(request: Request, words: str) -> dict[str, str]:
    typed = {f"question_{q.pk}": words for q in request.perspective.questions.all()}
    level = request.participant.level
    for competency in {s.competency_id for s in level.statements.all()}:
        typed |= {f"rating_{competency}": "4", f"comment_{competency}": words}
    return {"revision": "0", **typed}


# Told once a mode: the only difference is whose name stands beside a peer's words, and for whom.
@pytest.mark.parametrize(
    ("mode", "manager_reads_name", "subject_reads_name"),
    [
        (Mode.NAMED, True, True),
        (Mode.CONFIDENTIAL, True, False),
        (Mode.ANONYMOUS, False, False),
    ],
)
def test_a_cycle_from_the_first_plan_to_the_last_packet(
    mode, manager_reads_name, subject_reads_name
):
    with time_machine.travel(NOON, tick=False) as clock:
        story = Story(found_company(), clock, mode)
        hr_plans(story)
        the_clock_launches(story)
        amara_proposes_and_mira_approves(story)
        peers_answer(story)
        people_write_about_themselves(story)
        mira_rates(story, reads_name=manager_reads_name)
        the_committee_changes_one(story)
        mira_releases(story)
        amara_reads_and_acknowledges(story, reads_name=subject_reads_name)
        jonas_disputes_and_sofia_settles(story)
        hr_closes_and_the_packets_come(story)
        the_record_is_whole_and_holds_no_text()


def hr_plans(story: Story) -> None:
    hr, company = story.of("hr"), story.company
    hr.press("reviews:prepare_cycle", **company.plan(story.first_day))
    cycle = story.cycle
    assert cycle.state == CycleState.DRAFT
    story.of("manager").get("reviews:cycle", cycle.pk, status=404)  # not announced
    story.of("manager").get("reviews:prepare_cycle", status=403)
    hr.press(
        "feedback:configure_perspective",
        cycle.pk,
        "peer",
        mode=story.mode,
        threshold=4,
        questions="What does {name} do that helps?",
    )
    assert hr.get("reviews:cycle", cycle.pk)
    hr.press("reviews:schedule_cycle", cycle.pk)
    assert story.cycle.state == CycleState.SCHEDULED
    assert not Participant.objects.exists()


def the_clock_launches(story: Story) -> None:
    turn_phases()
    assert story.cycle.state == CycleState.SCHEDULED  # not before its day
    story.clock.move_to(NOON + timedelta(days=1))
    turn_phases()
    turn_phases()
    assert story.cycle.state == CycleState.NOMINATION
    assert [p.person.name for p in Participant.objects.all()] == ["Amara Okafor", "Jonas Lind"]


def amara_proposes_and_mira_approves(story: Story) -> None:
    seat, company = story.seat("subject"), story.company
    amara, mira = story.of("subject"), story.of("manager")
    assert "Mira Jensen" not in re.sub(
        r"(?s)<header.*?</header>", "", amara.get("feedback:nominate", seat.pk)
    )  # nobody proposes the manager
    chosen = [company[f"peer{n}"].pk for n in ("", 2, 3, 4, 5)]
    amara.press("feedback:propose_peers", seat.pk, peer=chosen)
    story.of("peer").get("feedback:give_feedback", Request.objects.first().pk, status=404)
    story.of("subject").get("feedback:approve_peers", seat.pk, status=404)
    assert "Priya Raman" in mira.get("feedback:approve_peers", seat.pk)
    mira.press("feedback:approve_all", seat.pk)
    assert set(Request.objects.values_list("state", flat=True)) == {RequestState.ASKED}


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
        page = giver.get("feedback:give_feedback", request.pk)
        assert ("without my name" in page) == (story.mode == Mode.ANONYMOUS)
        words = PEER_WORDS if key == "peer" else f"{PEER_WORDS} Says {len(key)}{key[-1]}."
        giver.send("feedback:send_feedback", request.pk, typed=answer_of(request, words))
    seat = story.seat("subject")
    for nobody in ("subject", "peer2", "facilitator", "hr", "second_hr"):
        status, page = story.of(nobody).peek("feedback:received_feedback", seat.pk)
        assert status in {200, 404}
        assert PEER_WORDS not in page


def people_write_about_themselves(story: Story) -> None:
    for name in ("subject", "colleague"):
        review = story.review(name, ReviewKind.SELF)
        writer = story.of(name)
        writer.send(
            "reviews:save_review",
            review.pk,
            typed=story.writing(name, ReviewKind.SELF, summary=SELF_WORDS),
        )
        story.of("manager").get("reviews:review", review.pk, status=404)  # a draft is the writer's
        writer.send(
            "reviews:submit_review",
            review.pk,
            typed=story.writing(name, ReviewKind.SELF, summary=SELF_WORDS),
        )
        assert story.review(name, ReviewKind.SELF).state == ReviewState.SUBMITTED
        assert SELF_WORDS in story.of("manager").get("reviews:review", review.pk)
        for nobody in ("peer", "hr", "facilitator"):
            story.of(nobody).get("reviews:review", review.pk, status=404)


def mira_rates(story: Story, *, reads_name: bool) -> None:
    story.hr_opens(CycleState.MANAGER_REVIEW)
    mira = story.of("manager")
    received = mira.get("feedback:received_feedback", story.seat("subject").pk)
    assert PEER_WORDS in received
    assert ("Priya Raman" in received) is reads_name
    for name in ("subject", "colleague"):
        review = story.review(name, ReviewKind.MANAGER)
        typed = story.writing(
            name, ReviewKind.MANAGER, overall="3", summary=MANAGER_WORDS, private_note=NOTE
        )
        missing = {**typed, "overall": ""}
        mira.send("reviews:submit_review", review.pk, typed=missing, status=422)
        typed["revision"] = str(story.review(name, ReviewKind.MANAGER).revision)
        mira.send("reviews:submit_review", review.pk, typed=typed)
        assert story.review(name, ReviewKind.MANAGER).state == ReviewState.SUBMITTED
        nothing_of_the_manager_is_seen(story, name)


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
        ("feedback:my_feedback", ()),
    ):
        page = person.get(address, *keys)
        assert MANAGER_WORDS not in page
        assert NOTE not in page
        assert PEER_WORDS not in page


def the_committee_changes_one(story: Story) -> None:
    story.hr_opens(CycleState.CALIBRATION)
    company, hr = story.company, story.of("hr")
    hr.press(
        "calibration:create_session",
        story.cycle.pk,
        name="Platform",
        department=company.department.pk,
        facilitator=company["facilitator"].email,
        members=company["member"].email,
    )
    session = Session.objects.get()
    hr.get("calibration:board", session.pk, status=404)  # HR sees that it is, not its board
    for nobody in ("subject", "manager", "peer"):
        story.of(nobody).get("calibration:board", session.pk, status=404)
    henrik, nadia = story.of("facilitator"), story.of("member")
    henrik.press("calibration:open_session", session.pk)
    henrik.press("calibration:mark_present", session.pk, person=[company["member"].pk])
    item = session.items.get(participant=story.seat("subject"))
    panel = nadia.get("calibration:item", session.pk, item.pk)
    assert MANAGER_WORDS in panel
    assert NOTE in panel
    deed = ("calibration:record_decision", session.pk, item.pk)
    nadia.press(*deed, to_value=4, reason_code="evidence", reason=REASON, status=403)
    henrik.press(*deed, to_value=4, reason_code="evidence", reason="", status=422)
    henrik.press(*deed, to_value=4, reason_code="evidence", reason=REASON)
    assert REASON in nadia.get("calibration:item", session.pk, item.pk)
    henrik.press("calibration:lock_session", session.pk)
    assert Session.objects.get().state == "live"  # Jonas has no decision yet
    henrik.press("calibration:confirm_rest", session.pk)
    henrik.press("calibration:lock_session", session.pk)
    assert Session.objects.get().state == "locked"
    assert "Amara Okafor" in henrik.get("calibration:record", session.pk)
    nothing_of_the_manager_is_seen(story, "subject")
    # The manager reads the reason before anybody else does.
    assert REASON in story.of("manager").get("reviews:packet", story.seat("subject").pk)


def mira_releases(story: Story) -> None:
    mira, seat = story.of("manager"), story.seat("subject")
    mira.press("reviews:release_packet", seat.pk, status=403)  # not in this phase
    story.hr_opens(CycleState.DELIVERY)
    nothing_of_the_manager_is_seen(story, "subject")
    assert MANAGER_WORDS in mira.get("reviews:packet_preview", seat.pk)
    story.of("subject").press("reviews:release_packet", seat.pk, status=403)
    for name in ("subject", "colleague"):
        mira.press("reviews:release_packet", story.seat(name).pk)
        assert story.seat(name).state == ParticipantState.RELEASED


def amara_reads_and_acknowledges(story: Story, *, reads_name: bool) -> None:
    amara, seat = story.of("subject"), story.seat("subject")
    packet = amara.get("reviews:packet", seat.pk)
    assert MANAGER_WORDS in packet
    assert REASON in packet  # this cycle shows what calibration changed
    assert NOTE not in packet
    received = amara.get("feedback:received_feedback", seat.pk)
    assert PEER_WORDS in received
    assert ("Priya Raman" in received) is reads_name
    story.of("colleague").get("reviews:packet", seat.pk, status=404)
    amara.press("reviews:acknowledge_packet", seat.pk, reply="Thank you.")
    assert story.seat("subject").state == ParticipantState.ACKNOWLEDGED
    assert "Thank you." in story.of("manager").get("reviews:packet", seat.pk)


def jonas_disputes_and_sofia_settles(story: Story) -> None:
    jonas, seat = story.of("colleague"), story.seat("colleague")
    jonas.press("reviews:dispute_packet", seat.pk, text="", status=422)
    jonas.press("reviews:dispute_packet", seat.pk, text=OBJECTION)
    seat.refresh_from_db()
    assert seat.dispute.arbiter == story.company["content"]
    story.of("manager").press("reviews:settle_dispute", seat.pk, outcome=DECISION, status=403)
    sofia = story.of("content")
    page = sofia.get("reviews:packet", seat.pk)
    assert OBJECTION in page
    names = re.findall(r'<select[^>]*name="([^"]+)"', page)
    whole = next(name for name in names if not name.startswith(("competency", "goal")))
    stay = dict.fromkeys(names, "keep")
    sofia.send("reviews:settle_dispute", seat.pk, typed={**stay, whole: "4", "outcome": DECISION})
    seat.refresh_from_db()
    assert seat.state == ParticipantState.SETTLED
    for reader in ("colleague", "manager"):
        assert DECISION in story.of(reader).get("reviews:packet", seat.pk)
    assert DECISION not in story.of("subject").get("reviews:packet", story.seat("subject").pk)


def hr_closes_and_the_packets_come(story: Story) -> None:
    hr = story.of("hr")
    hr.press("reviews:close_cycle", story.cycle.pk)
    assert story.cycle.state == CycleState.CLOSED
    seat = story.seat("subject")
    for reader in ("subject", "manager"):
        browser = story.of(reader)
        browser.get("inbox:home")
        answer = browser.client.get(f"/reports/packets/{seat.pk}/pdf/")
        assert answer.status_code == 200
        assert answer["Content-Type"] == "application/pdf"
        assert answer.content.startswith(b"%PDF")
    story.of("peer").get("reports:packet_file", seat.pk, status=404)
    hr.press("reviews:archive_cycle", story.cycle.pk)
    assert MANAGER_WORDS in story.of("subject").get("reviews:packet", seat.pk)


def the_record_is_whole_and_holds_no_text() -> None:
    events = AuditEvent.objects.order_by("object_type", "object_id", "sequence")
    assert verify(events) == []
    verbs = set(AuditEvent.objects.values_list("verb", flat=True))
    assert {"launch_cycle", "record_decision", "release_packet", "settle_dispute"} <= verbs
    kept = " ".join(str(event.detail) for event in AuditEvent.objects.all())
    for words in (PEER_WORDS, SELF_WORDS, MANAGER_WORDS, NOTE, REASON, OBJECTION, DECISION):
        assert words not in kept
