"""Ratings are events that are only added. Replaying those of a finished cycle gives exactly what every
screen, file and report shows; and what is missing is counted nowhere as zero."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.calibration import actions as calibration
from apps.calibration import rules as calibration_rules
from apps.calibration.pages import board
from apps.calibration.states import ReasonCode
from apps.core.access import Viewer
from apps.core.audit import history
from apps.reports import pages as report_pages
from apps.reports.packets import packet_content
from apps.reviews import actions, pages
from apps.reviews.models import Cycle, Dispute, Participant, RatingEvent, Review
from apps.reviews.packets import packet_as_read
from apps.reviews.rules.ratings import (
    COMPETENCY,
    THE_WHOLE,
    Rating,
    profile,
    replay,
    rounded_median,
)
from apps.reviews.states import CycleState, Mark
from tests.factories import NOON
from tests.factories.calibration import ItemFactory, MembershipFactory, SessionFactory
from tests.factories.people import PersonFactory
from tests.factories.reviews import ParticipantFactory, RatingEventFactory
from tests.reviews.desks import make_desk, save, submit

HR = Viewer(roles=frozenset({"process_admin"}))
POINTS = (1, 2, 3, 4, 5)


def subject_of(event: RatingEvent):
    if event.competency_id is not None:
        return (COMPETENCY, event.competency_id)
    return THE_WHOLE if event.goal_id is None else ("goal", event.goal_id)


def replayed(participant: Participant) -> dict:
    events = RatingEvent.objects.filter(participant=participant).order_by("?")
    return replay((subject_of(e), e.sequence, Rating(e.value, e.mark)) for e in events)


def finished_cycle():
    """One person's way through a cycle: rated, taken back and rated again, calibrated twice, disputed,
    settled, closed. Eleven others stand beside, so that reports have something to show."""
    desk = make_desk(4)
    first, second, third, fourth = (c.pk for c in desk.competencies)
    fields = {**desk.complete(), f"c{fourth}-value": Mark.NOT_ENOUGH_EVIDENCE.value}
    save(desk, fields)
    submit(desk, confirmed=True)
    actions.reopen_review(desk.manager_review.pk, by=desk.manager, now=NOON)
    save(desk, {f"c{second}-value": "2", "overall": "4", "departure": "March."})
    submit(desk, confirmed=True)
    desk.enter(CycleState.CALIBRATION)
    facilitator = PersonFactory()
    session = SessionFactory(
        cycle=Cycle.objects.get(pk=desk.participant.cycle_id), facilitator=facilitator
    )
    MembershipFactory(session=session, present=True)
    item = ItemFactory(session=session, participant=desk.participant)
    leads = Viewer(person_id=facilitator.pk)
    for value in (5, 3):
        calibration.record_decision(
            type(item).objects.get(pk=item.pk),
            to_value=value,
            reason_code=ReasonCode.EVIDENCE,
            reason="Shared work.",
            by=leads,
            now=NOON,
        )
    desk.enter(CycleState.DELIVERY)
    PersonFactory(content_admin=True)
    actions.release_packet(desk.participant.pk, by=desk.manager, now=NOON)
    row = Participant.objects.get(pk=desk.participant.pk)
    dispute = actions.dispute_packet(row, text="March was mine.", by=desk.subject, now=NOON)
    arbiter = Viewer(person_id=dispute.arbiter_id)
    changed = {THE_WHOLE: Rating(4), (COMPETENCY, second): Rating(3)}
    actions.settle_dispute(row, outcome="It was.", ratings=changed, by=arbiter, now=NOON)
    desk.enter(CycleState.CLOSED)
    for number in range(11):
        other = ParticipantFactory(cycle=row.cycle)
        RatingEventFactory(participant=other, overall=True, value=4 if number < 6 else 3)
    final = {
        THE_WHOLE: Rating(4),
        (COMPETENCY, first): Rating(4),
        (COMPETENCY, second): Rating(3),
        (COMPETENCY, third): Rating(3),
        (COMPETENCY, fourth): Rating(None, Mark.NOT_ENOUGH_EVIDENCE),
    }
    return Participant.objects.get(pk=row.pk), final, session, item


def shown_in(packet) -> dict:
    lines = [packet.overall, *(line for area in packet.areas for line in area.lines)]
    return {
        line.subject: Rating(line.answer)
        if isinstance(line.answer, int)
        else Rating(None, line.answer)
        for line in lines
    }


@pytest.mark.django_db
def test_replaying_a_finished_cycle_gives_what_is_shown_everywhere():
    row, final, session, _item = finished_cycle()

    assert replayed(row) == final
    standing = RatingEvent.objects.current().filter(participant=row)
    assert {subject_of(e): Rating(e.value, e.mark) for e in standing} == final
    for viewer in (Viewer(person_id=row.person_id), Viewer(person_id=row.manager_id)):
        packet = pages.packet(viewer, participant_id=row.pk, now=NOON)
        assert shown_in(packet) == final
        paper = packet_content(packet_as_read(viewer, row, now=NOON))
        assert paper["overall"]["value"] == final[THE_WHOLE].value
        on_paper = {
            r["name"]: (r["value"], r["label"]) for a in paper["areas"] for r in a["ratings"]
        }
        names = {line.subject: line.name for a in packet.areas for line in a.lines}
        for subject, rating in final.items():
            if subject != THE_WHOLE:
                value, label = on_paper[names[subject]]
                assert value == rating.value
                assert rating.value or label == "Not enough evidence"
    on_board = board(Viewer(person_id=session.facilitator_id), session_id=session.pk)
    assert [r.now for r in on_board.rows if r.name == row.person.name] == [4]


@pytest.mark.django_db
def test_the_report_counts_what_the_replay_counts_and_as_given_what_managers_gave():
    row, *_ = finished_cycle()
    people = list(row.cycle.participants.all())

    now = report_pages.distribution(HR, cycle_id=row.cycle_id)
    given_ = report_pages.distribution(HR, cycle_id=row.cycle_id, ratings="given")

    finals = Counter(replayed(p)[THE_WHOLE].value for p in people)
    managers = Counter(
        RatingEvent.objects.filter(
            participant=p, competency=None, goal=None, source="manager"
        ).latest("sequence").value
        for p in people
    )  # fmt: skip
    for page, wanted in ((now, finals), (given_, managers)):
        counts = dict(zip((p.value for p in page.points), page.whole.counts, strict=True))
        # One person moved, so the suppression keeps cells back; what is shown is exact.
        shown = {v: n for v, n in counts.items() if n is not None}
        assert shown
        assert shown == {v: wanted[v] for v in shown}
        assert page.whole.rated == len(people)


@pytest.mark.django_db
def test_the_audit_says_the_same_as_the_events():
    row, final, session, item = finished_cycle()
    events = list(RatingEvent.objects.filter(participant=row).order_by("pk"))
    review = Review.objects.get(participant=row, kind="manager")

    handed_in = [e for e in history(review) if e.verb == "submit_review"]
    decided = [e for e in history(item) if e.verb == "record_decision"]
    settled = [e for e in history(row) if e.verb == "settle_dispute"]

    by_source = Counter(e.source for e in events)
    assert sum(e.detail["rated"] for e in handed_in) == by_source["manager"]
    assert sum(e.detail["changed"] for e in settled) == by_source["dispute"]
    overall = [e.value for e in events if e.competency_id is None and e.goal_id is None]
    # 3 and then 4 by the manager; 5 and then 3 by the committee; 4 after the dispute.
    assert overall == [3, 4, 5, 3, final[THE_WHOLE].value]
    assert [(e.detail["from_value"], e.detail["to_value"]) for e in decided] == [(4, 5), (5, 3)]
    assert {e.actor_id for e in settled} == {Dispute.objects.get(participant=row).settled_by_id}


# --- what is missing is no zero ---

MISSING = st.sampled_from([Rating(None), *(Rating(None, mark) for mark in Mark.values)])
GIVEN = st.sampled_from([Rating(value) for value in POINTS])
RATINGS = st.dictionaries(st.integers(1, 30), st.one_of(GIVEN, MISSING), max_size=20)
WEIGHTS = st.dictionaries(st.integers(1, 30), st.integers(0, 10))
VALUES = st.lists(st.sampled_from([None, *POINTS]), max_size=30)


@given(RATINGS, WEIGHTS)
def test_a_profile_is_the_same_without_what_is_missing(ratings, weights):
    whole = profile(ratings, POINTS, weights)
    given_ = {pk: r for pk, r in ratings.items() if r.value is not None}
    there = profile(given_, POINTS, weights)

    assert (whole.counts, whole.median, whole.rated) == (there.counts, there.median, there.rated)
    assert whole.rated == len(given_)
    assert whole.median is None or whole.median >= min(r.value for r in given_.values())
    marks = Counter(r.mark for r in ratings.values() if r.mark)
    assert (whole.not_enough_evidence, whole.not_applicable) == (
        marks["not_enough_evidence"],
        marks["not_applicable"],
    )


@given(VALUES)
def test_a_distribution_counts_people_with_a_rating_and_nobody_else(values):
    counted = calibration_rules.distribution(values, POINTS)

    assert sum(counted.values()) == sum(v is not None for v in values)
    assert counted == calibration_rules.distribution([v for v in values if v is not None], POINTS)
    assert 0 not in counted


@given(
    st.lists(st.tuples(st.sampled_from([None, *POINTS]), st.sampled_from(POINTS), st.booleans()))
)
def test_who_was_rated_for_the_first_time_moved_nowhere(decisions):
    moved = calibration_rules.movement(decisions, lowest=1, highest=5)

    known = [d for d in decisions if d[0] is not None]
    assert moved == calibration_rules.movement(known, lowest=1, highest=5)
    assert moved.kept + moved.up + moved.down == len(known)


@given(
    st.sampled_from([None, *POINTS]),
    st.sampled_from([None, *POINTS]),
    st.sampled_from([None, *POINTS]),
)
def test_a_missing_account_never_differs_from_another(manager, own, previous):
    standing = calibration_rules.Standing(manager, own, previous)
    reasons = calibration_rules.why_discuss(standing, lowest=1, highest=5)

    if manager is None:
        assert reasons == ["no_rating"]
    if own is None:
        assert "disagreement" not in reasons
    if previous is None:
        assert "mover" not in reasons


def test_a_median_of_nothing_is_nothing():
    assert rounded_median([]) is None


@pytest.mark.django_db
def test_a_mark_in_place_of_an_overall_rating_is_in_no_count_of_a_report():
    row, *_ = finished_cycle()
    before = report_pages.distribution(HR, cycle_id=row.cycle_id)
    for mark in Mark.values:
        RatingEventFactory(
            participant=ParticipantFactory(cycle=row.cycle), overall=True, value=None, mark=mark
        )

    after = report_pages.distribution(HR, cycle_id=row.cycle_id)

    assert after.whole.counts == before.whole.counts
    assert (after.whole.rated, after.whole.people) == (before.whole.rated, before.whole.people + 2)
