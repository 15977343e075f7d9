"""The board: narrowed, sorted, taken along, and what is done from it for many."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from django.db import connection
from django.http import Http404
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.core.access import Viewer
from apps.core.audit import history
from apps.reviews import actions, pages
from apps.reviews.models import Extension, Participant
from apps.reviews.pages import BoardFilter
from tests.factories import NOON
from tests.factories.ladders import LevelFactory
from tests.factories.people import LocationFactory, PersonFactory
from tests.factories.reviews import (
    CycleFactory,
    ExtensionFactory,
    ParticipantFactory,
    RatingEventFactory,
    ReviewFactory,
)

pytestmark = pytest.mark.django_db
HR = Viewer(person_id=10**9, roles=frozenset({"process_admin"}))
ON = NOON.date()
LATE = NOON.date() + timedelta(days=25)  # the manager reviews were due six days ago


def row_in(cycle, name, *, submitted=False, **fields):
    level = LevelFactory(title=f"Level of {name}")
    person = PersonFactory(name=name, manager=PersonFactory(name=f"Manager of {name}"), level=level)
    row = ParticipantFactory(cycle=cycle, person=person, manager=person.manager, **fields)
    ReviewFactory(participant=row, own=True, submitted=True)
    ReviewFactory(participant=row, submitted=submitted, rated=True)
    if submitted:
        RatingEventFactory(participant=row, overall=True)
    return row


@pytest.fixture
def cycle():
    return CycleFactory(state="manager_review", phases=True)


def names(cycle, on=ON, viewer=HR, **chosen):
    page = pages.cycle_board(viewer, cycle_id=cycle.pk, on=on, chosen=BoardFilter(**chosen))
    found = [row.participant.person.name for row in page.rows.object_list]
    assert page.fitting == len(found)
    return found


def test_it_is_narrowed_by_place_level_and_manager(cycle):
    place = LocationFactory()
    ada, ben = row_in(cycle, "Ada", location=place), row_in(cycle, "Ben")

    assert names(cycle, location=place.pk) == ["Ada"]
    assert names(cycle, location=0) == ["Ben"]
    assert names(cycle, level=ben.level_id) == ["Ben"]
    assert names(cycle, manager=ada.manager_id) == ["Ada"]
    assert names(cycle, manager=ada.manager_id, level=ben.level_id) == []


def test_who_is_late_and_who_has_more_time(cycle):
    row_in(cycle, "Ada")
    ben = row_in(cycle, "Ben")
    row_in(cycle, "Cleo", submitted=True)
    lapsed = row_in(cycle, "Dana")
    ExtensionFactory(participant=ben, phase="manager_review", due_on=LATE)
    ExtensionFactory(participant=lapsed, phase="manager_review", due_on=LATE - timedelta(days=2))

    assert names(cycle, late=True) == []
    assert names(cycle, on=LATE, late=True) == ["Ada", "Dana"]
    page = pages.cycle_board(HR, cycle_id=cycle.pk, on=LATE)
    assert (page.total, page.late) == (4, 2)
    assert [p.late for p in page.departments] == [2]
    days = {row.participant.person.name: row.due_on for row in page.rows.object_list}
    assert days["Ben"] == LATE
    assert days["Cleo"] is None


def test_it_is_sorted_by_any_column_both_ways(cycle):
    for name in ("Cleo", "Ada", "Ben"):
        row_in(cycle, name)
    ExtensionFactory(
        participant=cycle.participants.get(person__name="Ada"), phase="manager_review", due_on=LATE
    )

    for column in ("name", "level", "manager"):
        assert names(cycle, sort=column) == ["Ada", "Ben", "Cleo"]
        assert names(cycle, sort=f"-{column}") == ["Cleo", "Ben", "Ada"]
    assert names(cycle, sort="due")[-1] == "Ada"
    assert names(cycle, sort="-due")[0] == "Ada"
    for column in ("waits", "department"):
        assert len(names(cycle, sort=column)) == 3


def test_each_row_says_since_when_it_waits(cycle):
    row_in(cycle, "Ada")
    row_in(cycle, "Ben", submitted=True)

    page = pages.cycle_board(HR, cycle_id=cycle.pk, on=NOON.date())

    ada, ben = page.rows.object_list
    assert ada.since == cycle.phases.get(kind="manager_review").opens_on
    assert ben.since == NOON


def test_the_address_keeps_what_is_chosen_and_leaves_out_what_is_not():
    chosen = BoardFilter(department=0, search="Ada & Co", late=True)

    assert chosen.address() == "?department=0&search=Ada+%26+Co&late=1"
    assert chosen.address(late=False, sort="-due") == "?department=0&search=Ada+%26+Co&sort=-due"
    assert BoardFilter().address() == "?"
    assert not BoardFilter(sort="-due").is_on


def test_the_board_as_a_file_holds_the_same_rows(client, cycle):
    hr = PersonFactory(process_admin=True, with_user=True)
    row_in(cycle, "Ada")
    row_in(cycle, "=Ben")
    client.force_login(hr.user, backend="apps.people.backend.Backend")

    answer = client.get(reverse("reviews:board_file", args=[cycle.pk]), {"search": "Ben"})

    table = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert table[0][:2] == ["Name", "Now"]
    assert len(table) == 2
    assert table[1][0].lstrip("'") == "=Ben"
    assert table[1][0] != "=Ben"
    assert history(cycle)[-1].detail == {"rows": 1}


def test_a_file_of_a_manager_holds_their_people_alone(cycle):
    ada, _ben = row_in(cycle, "Ada"), row_in(cycle, "Ben")
    manager = Viewer(person_id=ada.manager_id)

    _cycle, _head, lines = pages.board_lines(
        manager, cycle_id=cycle.pk, on=NOON.date(), chosen=BoardFilter()
    )

    assert [line[0] for line in lines] == ["Ada"]


# --- for many -----------------------------------------------------------------------------------------


def chosen(cycle, deed, rows=(), viewer=HR, **more):
    keys = [row.pk for row in rows]
    return pages.chosen(viewer, cycle_id=cycle.pk, deed=deed, keys=keys, on=NOON.date(), **more)


def test_a_deed_for_many_says_for_whom_and_for_whom_not(cycle):
    ada, ben = row_in(cycle, "Ada"), row_in(cycle, "Ben", submitted=True)

    time = chosen(cycle, "more_time", [ada, ben])
    excuse = chosen(cycle, "excuse", [ada, ben])
    release = chosen(cycle, "release", [ada, ben])
    remind = chosen(cycle, "remind", [ada, ben])

    assert (time.phase, time.able) == ("manager_review", [ada])
    assert [(one.participant, one.why) for one in time.refused] == [
        (ben, "It is handed in already.")
    ]
    assert excuse.able == [ada, ben]
    assert (remind.able, [one.why for one in remind.refused]) == (
        [ada],
        ["Nothing is asked about them now."],
    )
    assert release.able == []
    assert all(one.why.endswith(".") for one in release.refused)


def test_everybody_who_fits_can_be_chosen_at_the_same_cost(cycle):
    def cost(count: int) -> int:
        for number in range(count):
            row_in(cycle, f"Ada {number}")
        with CaptureQueriesContext(connection) as caught:
            page = chosen(cycle, "more_time", fitting=BoardFilter(search="Ada"))
        assert page.left_over == 0
        return len(caught)

    few = cost(3)
    assert few == cost(60) <= 5


@pytest.mark.parametrize("viewer", ["stranger", "another manager"])
def test_nobody_chooses_whom_they_do_not_see(cycle, viewer):
    ada, ben = row_in(cycle, "Ada"), row_in(cycle, "Ben")
    who = {"stranger": PersonFactory().pk, "another manager": ben.manager_id}[viewer]

    with pytest.raises(Http404):
        chosen(cycle, "excuse", [ada], viewer=Viewer(person_id=who))
    with pytest.raises(Http404):
        chosen(cycle, "remind", [ada], viewer=Viewer(person_id=ada.manager_id))
    with pytest.raises(Http404):
        chosen(cycle, "promote", [ada])
    with pytest.raises(Participant.DoesNotExist):
        actions.excuse_many([ada.pk], cycle_id=cycle.pk, by=Viewer(person_id=who), now=NOON)


def test_many_are_given_time_and_excused_over_http(client, cycle):
    hr = PersonFactory(process_admin=True, with_user=True)
    rows = [row_in(cycle, name) for name in ("Ada", "Ben")]
    client.force_login(hr.user, backend="apps.people.backend.Backend")
    keys = [row.pk for row in rows]
    until = (NOON + timedelta(days=400)).date().isoformat()

    look = client.get(
        reverse("reviews:chosen", args=[cycle.pk]), {"deed": "more_time", "participant": keys}
    )
    wrong = client.post(
        reverse("reviews:give_time_to_many", args=[cycle.pk]),
        {"participant": keys, "phase": "manager_review", "until": "soon"},
    )
    given = client.post(
        reverse("reviews:give_time_to_many", args=[cycle.pk]),
        {"participant": keys, "phase": "manager_review", "until": until, "reason": ""},
        follow=True,
    )
    excused = client.post(
        reverse("reviews:excuse_many", args=[cycle.pk]), {"participant": keys}, follow=True
    )

    assert "For 2 people" in look.content.decode()
    assert wrong.status_code == 422
    assert "2 people have time until" in given.content.decode()
    assert "2 people excused" in excused.content.decode()
    assert Extension.objects.running().count() == 2
    assert set(cycle.participants.values_list("state", flat=True)) == {"excused"}
