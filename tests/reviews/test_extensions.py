"""More time: who may write until when, what grace gives, and that the clock ends it where one is."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied

from apps.core.access import SYSTEM_VIEWER, Viewer
from apps.core.audit import history
from apps.core.workflow import StaleState
from apps.reviews import actions, pages
from apps.reviews.access import review_gate
from apps.reviews.models import Extension, Participant, RatingEvent, Review, due_on
from apps.reviews.rules.phases import Hindered
from apps.reviews.states import CycleState, ParticipantState, ReviewKind
from tests.factories import NOON
from tests.factories.people import PersonFactory
from tests.factories.reviews import (
    CycleFactory,
    ExtensionFactory,
    ParticipantFactory,
    RatingEventFactory,
    ReviewFactory,
)
from tests.reviews.desks import make_desk

pytestmark = pytest.mark.django_db
TODAY = NOON.date()
WEEK = TODAY + timedelta(days=7)
WRITTEN_IN = {"self": "collection", "manager": "manager_review"}


@pytest.fixture
def hr():
    person = PersonFactory(process_admin=True)
    return Viewer(person_id=person.pk, roles=frozenset({"process_admin"}))


def asked(kind: str, cycle_state: str, *, extended: bool, state: str = "active") -> bool:
    """Whether the author may write, asked in Python, in SQL, and of the list of what is asked."""
    row = ParticipantFactory(
        cycle=CycleFactory(state=cycle_state),
        **({"state": state} if state == "active" else {state: True}),
    )
    if extended:
        ExtensionFactory(participant=row, phase=WRITTEN_IN[kind])
    review = ReviewFactory(participant=row, own=kind == "self")
    author = Viewer(person_id=review.author_id)
    readings = {
        bool(review_gate.may(author, "write_review", review)),
        review_gate.visible(author, Review.objects.filter(pk=review.pk), "write_review").exists(),
        Review.objects.being_asked().filter(pk=review.pk).exists(),
        bool(
            review_gate.may(
                author, "write_review", Review.objects.with_more_time().get(pk=review.pk)
            )
        ),
    }
    assert len(readings) == 1
    return readings.pop()


@pytest.mark.parametrize("extended", [False, True])
@pytest.mark.parametrize("kind", list(ReviewKind))
def test_a_review_is_written_in_its_phase_and_with_more_time_in_those_after(kind, extended):
    order = ["nomination", "collection", "manager_review", "calibration", "delivery"]
    own = order.index(WRITTEN_IN[kind])
    may = {state for state in CycleState if asked(kind, state, extended=extended)}

    assert may == set(order[own:] if extended else order[own : own + 1])


@pytest.mark.parametrize("state", ["excused", "released"])
def test_more_time_opens_nothing_about_who_is_out_or_has_the_packet(state):
    assert not asked("manager", CycleState.DELIVERY, extended=True, state=state)


def test_what_is_handed_in_is_not_taken_back_with_more_time():
    desk = make_desk(state=CycleState.MANAGER_REVIEW)
    save = {"changed": desk.complete(), "base": 0, "by": desk.manager, "now": NOON}
    actions.submit_form(desk.manager_review.pk, **save)
    desk.enter(CycleState.CALIBRATION)
    ExtensionFactory(participant=desk.participant, phase="manager_review")

    with pytest.raises(PermissionDenied):
        actions.reopen_review(desk.manager_review.pk, by=desk.manager, now=NOON)


@pytest.mark.parametrize("state", [CycleState.CALIBRATION, CycleState.DELIVERY])
def test_a_missing_review_is_written_and_handed_in_late(hr, state):
    desk = make_desk(state=state)
    review, row = desk.manager_review, desk.participant
    given = {"changed": desk.complete(), "base": 0, "by": desk.manager, "now": NOON}
    assert actions.submit_form(review.pk, **given).outcome == "closed"

    actions.give_more_time(row, phase="manager_review", until=WEEK, by=hr, now=NOON)
    given["base"] = Review.objects.get(pk=review.pk).revision
    done = actions.submit_form(review.pk, **given)

    assert done.outcome == "submitted"
    assert RatingEvent.objects.filter(participant=row, competency=None).get().value == 3
    assert [(e.verb, e.detail) for e in history(row)][-1] == (
        "give_more_time",
        {"phase": "manager_review", "until": WEEK.isoformat()},
    )


def test_a_late_review_goes_over_nothing_that_a_committee_decided():
    desk = make_desk(state=CycleState.CALIBRATION)
    RatingEventFactory(
        participant=desk.participant, overall=True, calibrated=True, sequence=1, value=5
    )
    ExtensionFactory(participant=desk.participant, phase="manager_review")

    actions.submit_form(
        desk.manager_review.pk, changed=desk.complete(), base=0, by=desk.manager, now=NOON
    )

    now_standing = RatingEvent.objects.current().filter(participant=desk.participant)
    assert now_standing.get(competency=None).value == 5
    assert now_standing.exclude(competency=None).count() == 3


@pytest.mark.parametrize("over", ["the clock", "HR", "a release"])
def test_a_save_that_comes_after_the_end_is_kept_beside_and_changes_nothing(over):
    desk = make_desk(1, state=CycleState.DELIVERY)
    running = ExtensionFactory(participant=desk.participant, phase="manager_review")
    draft = actions.drafts.read_draft(desk.manager_review.pk, key="", touched={}, by=desk.manager)
    if over == "a release":
        stamps = {"released_at": NOON, "released_by": desk.participant.manager}
        Participant.objects.update(state=ParticipantState.RELEASED, **stamps)
    else:
        Extension.objects.filter(pk=running.pk).update(ended_at=NOON)

    # What was read before the end is not enough: the one UPDATE asks again.
    rows = actions.drafts.still_writable(draft.review, desk.manager)

    assert rows.update(summary="too late") == 0


# --- giving it ----------------------------------------------------------------------------------------


def people_in(state: str, count: int, **review):
    cycle = CycleFactory(state=state, phases=True)
    rows = [ParticipantFactory(cycle=cycle) for _ in range(count)]
    for row in rows:
        ReviewFactory(participant=row, own=True, **review)
        ReviewFactory(participant=row, **review)
    return cycle, rows


def test_many_get_time_at_once_in_as_many_queries(hr, django_assert_num_queries):
    for count in (2, 60):
        cycle, rows = people_in("manager_review", count)
        ids = [row.pk for row in rows]
        with django_assert_num_queries(9):  # 4 of them open and end transactions
            actions.give_time_to_many(
                ids, cycle_id=cycle.pk, phase="collection", until=WEEK, by=hr, now=NOON
            )
        assert Extension.objects.running().filter(participant__in=ids).count() == count


def test_more_time_replaces_what_runs_and_the_history_stays(hr):
    _, (row,) = people_in("manager_review", 1)
    first = ExtensionFactory(participant=row, phase="collection", due_on=WEEK)

    actions.give_more_time(
        row,
        phase="collection",
        until=WEEK + timedelta(days=3),
        reason=" Was ill. ",
        by=hr,
        now=NOON,
    )

    first.refresh_from_db()
    running = Extension.objects.running().get()
    assert first.ended_at == NOON
    assert (running.due_on, running.reason, running.granted_by_id) == (
        WEEK + timedelta(days=3),
        "Was ill.",
        hr.person_id,
    )


def test_one_who_cannot_get_it_keeps_it_from_all_and_is_named(hr):
    cycle, (one, other) = people_in("manager_review", 2)
    other.reviews.filter(kind="self").update(
        state="submitted", submitted_at=NOON, submitted_by=other.person
    )

    with pytest.raises(Hindered) as hindered:
        actions.give_time_to_many(
            [one.pk, other.pk], phase="collection", until=WEEK, by=hr, now=NOON
        )

    assert hindered.value.reasons == (f"{other.person.name}: It is handed in already.",)
    assert not Extension.objects.exists()


@pytest.mark.parametrize(
    ("phase", "until", "why"),
    [
        ("collection", TODAY - timedelta(days=1), "Choose today"),
        ("calibration", WEEK, "Nothing is written"),
        ("manager_review", TODAY + timedelta(days=3), "until 9 December|until December 9"),
    ],
)
def test_time_that_would_give_none_is_refused(hr, phase, until, why):
    _, (row,) = people_in("manager_review", 1)
    # The factory's manager reviews are due on 9 December.
    with pytest.raises(Hindered, match=why):
        actions.give_more_time(row, phase=phase, until=until, by=hr, now=NOON)


def test_a_day_that_is_over_where_somebody_is_gives_no_time(hr):
    _, (row,) = people_in("manager_review", 1)
    type(row.person).objects.filter(pk=row.person_id).update(time_zone="Pacific/Auckland")

    with pytest.raises(Hindered, match="over where they are"):
        actions.give_more_time(row, phase="collection", until=TODAY, by=hr, now=NOON)
    assert not Extension.objects.exists()


def test_nobody_gives_themself_time_and_only_hr_gives_it(hr):
    _, (row,) = people_in("manager_review", 1)
    himself = Viewer(person_id=row.person_id, roles=frozenset({"process_admin"}))
    manager = Viewer(person_id=row.manager_id)

    for viewer in (himself, manager):
        with pytest.raises(PermissionDenied):
            actions.give_more_time(row, phase="collection", until=WEEK, by=viewer, now=NOON)
        with pytest.raises(PermissionDenied):
            actions.end_more_time(row, phase="collection", by=viewer, now=NOON)
    with pytest.raises(Participant.DoesNotExist):
        actions.give_time_to_many([row.pk, 10**9], phase="collection", until=WEEK, by=hr, now=NOON)


def test_hr_ends_it_early_once(hr):
    row = ExtensionFactory(participant__cycle__state="manager_review").participant

    actions.end_more_time(row, phase="collection", by=hr, now=NOON)
    with pytest.raises(StaleState):
        actions.end_more_time(row, phase="collection", by=hr, now=NOON)

    assert not Extension.objects.running().exists()
    assert [e.verb for e in history(row)] == ["end_more_time"]


# --- grace and the clock ------------------------------------------------------------------------------


def test_who_has_not_handed_in_goes_on_for_the_days_of_grace():
    cycle, (late, done) = people_in("collection", 2)
    done.reviews.filter(kind="self").update(
        state="submitted", submitted_at=NOON, submitted_by=done.person
    )
    ExtensionFactory(participant=late, phase="manager_review")
    # The self reviews are due on 29 November, the manager reviews open on the 30th.
    opening = datetime(2026, 11, 30, 9, tzinfo=UTC)

    assert actions.turn_phases(now=opening) == 1

    row = Extension.objects.running().get(phase="collection")
    assert (row.participant, row.due_on, row.is_grace) == (late, date(2026, 11, 29), True)
    assert history(cycle)[-1].detail == {"phase": "collection", "people": 1}
    actions.turn_phases(now=datetime(2026, 12, 1, 23, 58, tzinfo=UTC))
    assert Extension.objects.running().filter(pk=row.pk).exists()
    actions.turn_phases(now=datetime(2026, 12, 2, tzinfo=UTC))
    assert not Extension.objects.running().filter(pk=row.pk).exists()
    assert history(cycle)[-1].verb == "end_passed"


def test_hr_opens_the_next_phase_early_and_nobody_loses_their_days(hr):
    cycle, (row,) = people_in("collection", 1)

    actions.open_phase(cycle, by=hr, now=NOON)

    assert Extension.objects.running().get(participant=row).due_on == date(2026, 11, 29)


def test_no_grace_where_it_is_over_and_none_over_what_hr_gave(hr):
    cycle, (given, plain) = people_in("collection", 2)
    ExtensionFactory(participant=given, due_on=date(2027, 1, 5))

    actions.turn_phases(now=datetime(2027, 1, 2, tzinfo=UTC))

    assert list(Extension.objects.running().values_list("participant", "due_on")) == [
        (given.pk, date(2027, 1, 5))
    ]
    assert Participant.objects.with_time("collection").get(pk=plain.pk).more_time is False


def test_a_day_ends_where_the_person_is():
    cycle = CycleFactory(state="manager_review", grace_days=0)
    for zone in ("Pacific/Kiritimati", "America/Los_Angeles"):
        row = ParticipantFactory(cycle=cycle, person__time_zone=zone)
        ExtensionFactory(participant=row, due_on=TODAY)

    # Noon in UTC is two in the morning of the next day in Kiritimati.
    actions.turn_phases(now=NOON)

    left = Extension.objects.running().get()
    assert left.participant.person.time_zone == "America/Los_Angeles"


def test_a_pause_stops_this_clock_too():
    running = ExtensionFactory(
        participant__cycle__state="paused", due_on=TODAY - timedelta(days=30)
    )

    actions.turn_phases(now=NOON)

    assert Extension.objects.running().get() == running


def test_ten_thousand_or_two_grace_costs_the_same(django_assert_num_queries, hr):
    def cost(count: int) -> int:
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        cycle, _ = people_in("collection", count)
        with CaptureQueriesContext(connection) as caught:
            actions.open_phase(cycle, by=hr, now=NOON)
        return len(caught)

    assert cost(2) == cost(40)


def test_moving_a_phase_moves_what_would_end_before_it(hr):
    cycle, (row,) = people_in("manager_review", 1)
    ExtensionFactory(participant=row, phase="collection", due_on=WEEK)
    moved = WEEK + timedelta(days=2)
    later = [
        replace(phase, due_on=moved) if phase.kind == "collection" else phase
        for phase in cycle.plan().phases
    ]

    actions.change_dates(cycle, later, grace_days=2, by=hr, now=NOON)

    assert Extension.objects.get().due_on == moved


# --- what it says of days -----------------------------------------------------------------------------


def test_a_day_is_the_extensions_else_the_phases():
    cycle, (row, plain) = people_in("collection", 2)
    ExtensionFactory(participant=row, due_on=date(2026, 12, 24))
    ExtensionFactory(participant=plain, due_on=date(2026, 12, 24), ended_at=NOON)

    by_row = dict(
        Participant.objects.annotate(day=due_on("collection", "")).values_list("pk", "day")
    )
    by_review = dict(
        Review.objects.annotate(day=due_on("collection")).values_list("participant", "day")
    )

    expected = {row.pk: date(2026, 12, 24), plain.pk: date(2026, 11, 29)}
    assert by_row == by_review == expected
    assert Participant.objects.annotate(day=due_on("nomination", "")).count() == 2


def test_my_reviews_asks_for_what_more_time_keeps_open():
    cycle, (row,) = people_in("calibration", 1)
    ExtensionFactory(participant=row, due_on=WEEK)
    ExtensionFactory(participant=row, phase="manager_review", due_on=WEEK)

    own = pages.my_reviews(Viewer(person_id=row.person_id)).own[0]
    team = pages.my_reviews(Viewer(person_id=row.manager_id)).teams[0]

    assert (own.ask, own.due_on) == ("write", WEEK)
    assert team.reports[0].until == WEEK


def test_the_clock_gives_nobody_time():
    row = ParticipantFactory()

    with pytest.raises(Participant.DoesNotExist):
        actions.give_more_time(row, phase="collection", until=WEEK, by=SYSTEM_VIEWER, now=NOON)
