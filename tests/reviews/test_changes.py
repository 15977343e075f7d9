"""What changed outside a cycle: it is proposed with what follows, answered once, and all or none."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.http import Http404
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.core.access import Viewer
from apps.core.audit import history
from apps.core.workflow import StaleState
from apps.people.models import Department, Person
from apps.reviews import actions, pages
from apps.reviews.models import Extension, Participant, PopulationChoice, Review
from apps.reviews.rules.changes import time_after_leave
from apps.reviews.rules.phases import Hindered
from apps.reviews.states import ChangeKind, CycleState
from tests.factories import NOON
from tests.factories.ladders import CompetencyFactory, LevelFactory, StatementFactory
from tests.factories.people import DepartmentFactory, PersonFactory
from tests.factories.reviews import (
    CycleFactory,
    ParticipantFactory,
    ReviewFactory,
    ReviewItemFactory,
)

pytestmark = pytest.mark.django_db
ON = NOON.date()
GONE = ON - timedelta(days=3)


@pytest.fixture
def hr():
    person = PersonFactory(process_admin=True)
    return Viewer(person_id=person.pk, roles=frozenset({"process_admin"}))


def drawn(page) -> str:
    request = RequestFactory().get("/")
    with CaptureQueriesContext(connection) as caught:
        html = render_to_string("reviews/changes.html", {"page": page}, request=request)
    assert len(caught) == 0
    return html


def entered(person, **fields):
    for name, value in fields.items():
        setattr(person, name, value)
    person.save()


def change(kind: str, cycle, *, number: int = 0):
    """One participant (or person) to whom this happened."""
    above = PersonFactory(name=f"Above {number:03d}")
    manager = PersonFactory(name=f"Manager {number:03d}", manager=above)
    if kind == ChangeKind.JOINED:
        return PersonFactory(department=cycle.departments.get(), manager=manager)
    person = PersonFactory(name=f"Subject {number:03d}", manager=manager)
    row = ParticipantFactory(cycle=cycle, person=person, manager=manager)
    ReviewFactory(participant=row, own=True)
    ReviewItemFactory(review=ReviewFactory(participant=row, written=True), comment="One two three.")
    if kind == ChangeKind.MANAGER:
        entered(person, manager=PersonFactory(name=f"New {number:03d}"))
    elif kind == ChangeKind.NO_MANAGER:
        entered(manager, left_on=GONE)
    elif kind == ChangeKind.LEFT:
        entered(person, left_on=GONE)
    elif kind == ChangeKind.LEVEL:
        level = LevelFactory()
        for _ in range(2):
            competency = CompetencyFactory(version=level.version, area=None)
            StatementFactory(level=level, competency=competency)
        entered(person, level=level)
    elif kind == ChangeKind.LEAVE:
        entered(person, leave_from=ON, leave_until=ON + timedelta(days=30))
    return row


def running(state=CycleState.COLLECTION):
    return CycleFactory(state=state, phases=True, departments=[DepartmentFactory()])


@pytest.mark.parametrize("kind", list(ChangeKind))
def test_each_kind_is_proposed_with_what_follows_and_costs_the_same_for_many(hr, kind):
    def look(count: int) -> tuple[int, object]:
        cycle = running()
        for number in range(count):
            change(kind, cycle, number=number)
        with CaptureQueriesContext(connection) as caught:
            page = pages.changes(hr, cycle_id=cycle.pk, on=ON, kind=kind, who="Above")
        return len(caught), page

    few, page = look(3)
    many, longer = look(300 if kind == ChangeKind.MANAGER else 30)

    assert [(c.kind, c.count) for c in page.counts] == [(kind, 3)]
    assert few == many <= 12
    assert len(longer.lines.object_list) == 25
    line = page.lines.object_list[0]
    assert line.what.endswith(".")
    assert line.follows
    html = drawn(page)
    assert all(answer.label in html for answer in line.answers)


@pytest.mark.parametrize(
    ("kind", "says"),
    [
        (ChangeKind.MANAGER, "1 part rated, about 13 words"),
        (ChangeKind.NO_MANAGER, "Above 000 is the next one above"),
        (ChangeKind.LEVEL, "2 parts to rate on the new level, 0 so far"),
        (ChangeKind.LEAVE, "The self review is due on"),
        (ChangeKind.LEFT, "all that is written stays"),
        (ChangeKind.JOINED, "Manager 000 would review them"),
    ],
)
def test_a_proposal_says_what_would_happen(hr, kind, says):
    cycle = running()
    change(kind, cycle)

    page = pages.changes(hr, cycle_id=cycle.pk, on=ON)

    follows = " ".join(page.lines.object_list[0].follows)
    assert says in follows
    # PRIVACY: whoever runs cycles is told how much is written, and none of it.
    assert "archive" not in drawn(page)


def test_nobody_but_who_runs_cycles_sees_changes():
    cycle = running()
    row = change(ChangeKind.LEAVE, cycle)

    for viewer in (
        Viewer(person_id=row.manager_id),
        Viewer(person_id=row.person_id),
        Viewer(person_id=PersonFactory().pk, roles=frozenset({"content_admin"})),
    ):
        with pytest.raises(Http404):
            pages.changes(viewer, cycle_id=cycle.pk, on=ON)


def test_only_hr_narrows_a_board_to_who_changed():
    cycle = running()
    away = change(ChangeKind.LEAVE, cycle)
    other = ParticipantFactory(cycle=cycle, person=PersonFactory(manager=away.manager))
    chosen = pages.BoardFilter(moved=True)

    page = pages.cycle_board(
        Viewer(person_id=away.manager_id), cycle_id=cycle.pk, on=ON, chosen=chosen
    )

    assert {row.participant for row in page.rows.object_list} == {away, other}


@pytest.mark.parametrize(
    ("kind", "answer", "holds"),
    [
        ("manager", "hand_over", lambda p: p.manager_id == p.person.manager_id),
        ("manager", "hand_over_with_draft", lambda p: p.manager_id == p.person.manager_id),
        ("manager", "keep_manager", lambda p: p.manager_kept),
        ("left", "excuse_participant", lambda p: p.state == "excused"),
        ("left", "keep_leaver", lambda p: p.leaver_kept),
        ("level", "take_level", lambda p: (p.level, p.item_count) == (p.person.level, 2)),
        ("level", "keep_level", lambda p: p.level_kept),
        ("leave", "keep_leave", lambda p: p.leave_kept),
        ("leave", "excuse_participant", lambda p: p.state == "excused"),
        ("leave", "give_more_time", lambda p: p.extensions.get().due_on > p.person.leave_until),
    ],
)
def test_one_answer_for_many_is_given_to_all_and_only_once(hr, kind, answer, holds):
    cycle = running()
    rows = [change(kind, cycle, number=number) for number in range(3)]
    keys = [row.pk for row in rows]

    with CaptureQueriesContext(connection) as caught:
        given = actions.settle_changes(cycle, kind=kind, answer=answer, keys=keys, by=hr, now=NOON)

    assert given == 3
    assert len(caught) < 30
    for row in rows:
        assert holds(Participant.objects.select_related("person").get(pk=row.pk))
        assert [e.verb for e in history(row)] == [answer.removesuffix("_with_draft")]
    assert not Participant.objects.changed_since_launch(on=ON).exists()
    with pytest.raises(StaleState):
        actions.settle_changes(cycle, kind=kind, answer=answer, keys=keys, by=hr, now=NOON)


def test_many_who_are_missing_are_added_at_once(hr):
    cycle = running()
    people = [change(ChangeKind.JOINED, cycle) for _ in range(3)]
    keys = [person.pk for person in people]

    actions.settle_changes(
        cycle, kind="joined", answer="add_participant", keys=keys, by=hr, now=NOON
    )

    assert set(cycle.participants.values_list("person", flat=True)) == set(keys)
    assert Review.objects.count() == 6


def test_one_level_that_is_rated_already_keeps_all_as_they_are_and_is_named(hr):
    cycle = running()
    rows = [change(ChangeKind.LEVEL, cycle, number=number) for number in range(2)]
    rows[1].reviews.filter(kind="manager").update(
        state="submitted", submitted_at=NOON, submitted_by=rows[1].manager
    )

    with pytest.raises(Hindered) as hindered:
        actions.settle_changes(
            cycle, kind="level", answer="take_level", keys=[r.pk for r in rows], by=hr, now=NOON
        )

    assert [reason.split(":")[0] for reason in hindered.value.reasons] == ["Subject 001"]
    assert Participant.objects.filter(level=None).count() == 2
    bulk = pages.changes(hr, cycle_id=cycle.pk, on=ON).bulk
    assert {offer.answer: len(offer.keys) for offer in bulk} == {"keep_level": 2}


def test_an_answer_that_a_kind_does_not_have_is_none(hr):
    cycle = running()
    row = change(ChangeKind.LEFT, cycle)

    with pytest.raises(KeyError):
        actions.settle_changes(
            cycle, kind="left", answer="take_level", keys=[row.pk], by=hr, now=NOON
        )
    with pytest.raises(StaleState):  # it is no change of this kind
        actions.settle_changes(
            cycle, kind="level", answer="take_level", keys=[row.pk], by=hr, now=NOON
        )


def test_who_is_left_out_is_not_proposed_again_and_the_reason_stays(hr):
    cycle = running()
    person = change(ChangeKind.JOINED, cycle)

    with pytest.raises(Hindered):
        actions.leave_out(cycle, person, reason=" ", by=hr, now=NOON)
    actions.leave_out(cycle, person, reason="On probation.", by=hr, now=NOON)

    assert PopulationChoice.objects.get(person=person).reason == "On probation."
    assert pages.changes(hr, cycle_id=cycle.pk, on=ON).counts == []
    assert "reason" not in history(cycle)[-1].detail
    with pytest.raises(PermissionDenied):
        actions.leave_out(
            cycle, person, reason="No.", by=Viewer(person_id=person.manager_id), now=NOON
        )


def test_nobody_of_hr_adds_or_leaves_out_themself(hr):
    cycle = running()
    me = Person.objects.get(pk=hr.person_id)
    entered(me, department=Department.objects.get())

    page = pages.changes(hr, cycle_id=cycle.pk, on=ON, who=me.name)

    assert (page.counts, page.found) == ([], [])
    with pytest.raises(PermissionDenied):
        actions.leave_out(cycle, me, reason="Too busy.", by=hr, now=NOON)
    with pytest.raises(PermissionDenied):
        actions.add_participant(cycle, me, by=hr, now=NOON)
    other = change(ChangeKind.JOINED, cycle)
    with pytest.raises(PermissionDenied):
        actions.settle_changes(
            cycle, kind="joined", answer="add_participant", keys=[me.pk, other.pk], by=hr, now=NOON
        )
    assert not cycle.participants.exists()
    assert not PopulationChoice.objects.exists()


@pytest.mark.parametrize("kind", [ChangeKind.MANAGER, ChangeKind.NO_MANAGER])
def test_a_manager_of_yesterday_who_is_of_hr_does_not_keep_themself(hr, kind):
    row = change(kind, running())
    Participant.objects.filter(pk=row.pk).update(manager=hr.person_id)
    row.refresh_from_db()

    page = pages.changes(hr, cycle_id=row.cycle_id, on=ON, kind=kind)

    assert "keep_manager" not in {button.deed for button in page.lines[0].answers}
    with pytest.raises(PermissionDenied):
        actions.keep_manager(row, by=hr, now=NOON)


def test_a_change_is_answered_on_the_day_on_which_the_page_shows_it(hr):
    """Early in Auckland it is still the day before in UTC."""
    early = NOON.replace(hour=20)
    with timezone.override("Pacific/Auckland"):
        today = timezone.localdate(early)
        row = change(ChangeKind.LEFT, running())
        entered(row.person, left_on=today)

        page = pages.changes(hr, cycle_id=row.cycle_id, on=today, kind="left")
        assert [line.key for line in page.lines] == [row.pk]
        actions.settle_changes(
            row.cycle, kind="left", answer="keep_leaver", keys=[row.pk], by=hr, now=early
        )

    row.refresh_from_db()
    assert row.leaver_kept


def flags(row):
    found = Participant.objects.changed_since_launch(on=ON).filter(pk=row.pk)
    return [
        name
        for name in ("lacks_manager", "moved_manager", "has_left", "moved_level", "is_away")
        if found.filter(**{name: True}).exists()
    ]


def test_somebody_kept_as_reviewer_who_leaves_is_proposed_again_unless_handed_in(hr):
    row = change(ChangeKind.MANAGER, running())
    actions.keep_manager(row, by=hr, now=NOON)
    assert flags(row) == []

    entered(row.manager, left_on=GONE)
    assert flags(row) == ["moved_manager"]
    row.reviews.filter(kind="manager").update(
        state="submitted", submitted_at=NOON, submitted_by=row.manager
    )
    assert flags(row) == []


def test_more_time_after_a_leave_answers_it(hr):
    cycle = running()
    row = change(ChangeKind.LEAVE, cycle)
    line = pages.changes(hr, cycle_id=cycle.pk, on=ON).lines.object_list[0]
    given = dict(line.answers[0].fields)

    until = time_after_leave(row.person.leave_until)
    assert given == {"phase": "collection", "until": until.isoformat()}
    actions.give_more_time(row, phase="collection", until=until, by=hr, now=NOON)

    assert flags(row) == []
    assert Extension.objects.get().due_on == until


@pytest.mark.parametrize("back", [ON, None])
def test_five_working_days_after_a_leave(back):
    # The 20th is a Friday: five working days later it is Friday again.
    assert time_after_leave(back) == (None if back is None else ON + timedelta(days=7))


def test_how_much_changed_is_counted_for_the_board_at_one_cost(hr):
    def cost(count: int) -> int:
        cycle = running()
        for number in range(count):
            change(ChangeKind.MANAGER, cycle, number=number)
            change(ChangeKind.JOINED, cycle, number=number)
        with CaptureQueriesContext(connection) as caught:
            page = pages.change_counts(hr, cycle_id=cycle.pk, on=ON)
        assert [(c.kind, c.count) for c in page.counts] == [("manager", count), ("joined", count)]
        return len(caught)

    assert cost(3) == cost(30) == 3
    with pytest.raises(Http404):
        pages.change_counts(Viewer(person_id=PersonFactory().pk), cycle_id=running().pk, on=ON)
