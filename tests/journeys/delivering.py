"""The last acts: the committee, the release, the talk, the dispute, and the end."""

from __future__ import annotations

from datetime import timedelta

from apps.calibration.models import Session
from apps.reviews.rules.ratings import COMPETENCY, THE_WHOLE
from apps.reviews.states import CycleState, ParticipantState
from tests.factories import NOON
from tests.journeys.company import DAYS_A_PHASE
from tests.journeys.story import (
    ANSWER,
    DECISION,
    MANAGER_NOTE,
    MANAGER_WORDS,
    NOTE,
    OBJECTION,
    PEER_WORDS,
    REASON,
    REBUTTAL,
    Story,
    document_of,
    nothing_of_the_manager_is_seen,
)


def the_committee_changes_one(story: Story) -> None:
    story.hr_opens(CycleState.CALIBRATION)
    company, hr = story.company, story.of("hr")
    hr.get("inbox:home")
    hr.follow("calibration:sessions")
    hr.follow("calibration:create_session", story.cycle.pk)
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
    henrik.get("inbox:home")
    henrik.follow("calibration:sessions")
    henrik.follow("calibration:board", session.pk)
    henrik.press("calibration:open_session", session.pk)
    henrik.press("calibration:mark_present", session.pk, person=[company["member"].pk])
    item = session.items.get(participant=story.seat("subject"))
    panel = nadia.get("calibration:item", session.pk, item.pk)
    assert MANAGER_WORDS in panel
    assert NOTE in panel
    deed = ("calibration:record_decision", session.pk, item.pk)
    nadia.forge(*deed, to_value=4, reason_code="evidence", reason=REASON, status=403)
    henrik.follow("calibration:item", session.pk, item.pk)
    henrik.press(*deed, to_value=4, reason_code="evidence", reason="", status=422)
    henrik.press(*deed, to_value=4, reason_code="evidence", reason=REASON)
    assert REASON in nadia.get("calibration:item", session.pk, item.pk)
    henrik.get("calibration:board", session.pk)
    henrik.press("calibration:lock_session", session.pk)
    assert Session.objects.get().state == "live"  # two have no decision yet
    henrik.press("calibration:confirm_rest", session.pk)
    henrik.press("calibration:lock_session", session.pk)
    assert Session.objects.get().state == "locked"
    assert "Amara Okafor" in henrik.get("calibration:record", session.pk)
    nothing_of_the_manager_is_seen(story, "subject")
    # The manager reads the reason before anybody else does.
    assert REASON in story.of("manager").get("reviews:packet", story.seat("subject").pk)


def hr_releases_in_a_wave(story: Story) -> None:
    mira = story.of("manager")
    previewed = {}
    mira.forge("reviews:release_packet", story.seat("subject").pk, status=403)  # not in this phase
    story.hr_opens(CycleState.DELIVERY)
    nothing_of_the_manager_is_seen(story, "subject")
    for name in ("subject", "colleague"):
        mira.get("reviews:my_reviews")
        mira.follow("reviews:packet", story.seat(name).pk)
        previewed[name] = document_of(mira.follow("reviews:packet_preview", story.seat(name).pk))
        assert MANAGER_WORDS in previewed[name]
    story.of("subject").forge("reviews:release_packet", story.seat("subject").pk, status=403)
    hr_lets_the_department_go(story)
    for name in ("subject", "colleague", "given"):
        assert story.seat(name).state == ParticipantState.RELEASED
    for name, document in previewed.items():
        reader = story.of(name)
        reader.get("inbox:home")
        assert document_of(reader.follow("reviews:packet", story.seat(name).pk)) == document


def hr_lets_the_department_go(story: Story) -> None:
    hr, key = story.hr_at_the_cycle(), story.cycle.pk
    hr.follow("reviews:waves", key)
    hr.press("reviews:release_group", key, holding={"group": story.company.department.pk})


def amara_reads_what_peers_wrote(story: Story, *, reads_name: bool) -> None:
    received = story.of("subject").get("feedback:received_feedback", story.seat("subject").pk)
    assert PEER_WORDS in received
    assert ("Priya Raman" in received) is reads_name


def amara_talks_and_acknowledges(story: Story) -> None:
    amara, mira, seat = story.of("subject"), story.of("manager"), story.seat("subject")
    packet = amara.get("reviews:packet", seat.pk)
    for words in (MANAGER_WORDS, MANAGER_NOTE, ANSWER, "Clear strength", "Not yet"):
        assert words in packet
    assert REASON in packet  # this cycle shows what calibration changed
    assert NOTE not in packet
    story.of("colleague").get("reviews:packet", seat.pk, status=404)
    mira.get("inbox:home")
    mira.follow("reviews:my_reviews")
    mira.follow("reviews:packet", seat.pk)
    mira.press("reviews:confirm_talk", seat.pk)
    assert story.seat("subject").talked_on == NOON.date() + timedelta(days=1 + DAYS_A_PHASE)
    amara.get("reviews:packet", seat.pk)
    amara.press("reviews:acknowledge_packet", seat.pk, reply="Thank you.")
    assert story.seat("subject").state == ParticipantState.ACKNOWLEDGED
    assert "Thank you." in mira.get("reviews:packet", seat.pk)
    standing = amara.get("reviews:standing")
    assert "with the ratings of Autumn 2026" in standing
    assert "Clear strength" in standing


def jonas_disputes_and_sofia_settles(story: Story) -> None:
    jonas, mira, seat = story.of("colleague"), story.of("manager"), story.seat("colleague")
    jonas.get("reviews:packet", seat.pk)
    jonas.press("reviews:dispute_packet", seat.pk, text="", status=422)
    jonas.press("reviews:dispute_packet", seat.pk, text=OBJECTION)
    seat.refresh_from_db()
    assert seat.dispute.arbiter == story.company["content"]
    mira.forge("reviews:settle_dispute", seat.pk, outcome=DECISION, status=403)
    mira.get("inbox:home")
    assert OBJECTION in mira.follow("reviews:packet", seat.pk)
    mira.press("reviews:answer_dispute", seat.pk, answer=REBUTTAL)
    assert REBUTTAL in jonas.get("reviews:packet", seat.pk)
    assert OBJECTION not in story.of("hr").get("reviews:participant", seat.pk)
    sofia = story.of("content")
    sofia.get("inbox:home")
    page = sofia.follow("reviews:packet", seat.pk)
    assert OBJECTION in page
    assert REBUTTAL in page
    second = story.company.competencies[1].pk
    whole = "-".join(str(part) for part in THE_WHOLE)
    typed = {"outcome": DECISION, whole: 4, f"{COMPETENCY}-{second}": 4}
    sofia.press("reviews:settle_dispute", seat.pk, typed=typed)
    seat.refresh_from_db()
    assert seat.state == ParticipantState.SETTLED
    for reader in ("colleague", "manager"):
        assert DECISION in story.of(reader).get("reviews:packet", seat.pk)
    assert DECISION not in story.of("subject").get("reviews:packet", story.seat("subject").pk)


def hr_closes_and_the_packets_come(story: Story) -> None:
    hr = story.hr_at_the_cycle()
    hr.press("reviews:close_cycle", story.cycle.pk)
    assert story.cycle.state == CycleState.CLOSED
    seat = story.seat("subject")
    for reader in ("subject", "manager"):
        browser = story.of(reader)
        browser.get("reviews:packet", seat.pk)
        browser.page.leads_to(f"/reports/packets/{seat.pk}/pdf/")
        answer = browser.client.get(f"/reports/packets/{seat.pk}/pdf/")
        assert answer.status_code == 200
        assert answer["Content-Type"] == "application/pdf"
        assert answer.content.startswith(b"%PDF")
    story.of("peer").get("reports:packet_file", seat.pk, status=404)
    hr.press("reviews:archive_cycle", story.cycle.pk)
    assert MANAGER_WORDS in story.of("subject").get("reviews:packet", seat.pk)
