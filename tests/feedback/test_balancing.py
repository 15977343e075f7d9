"""Evening out who is asked: the rule against every way there is, then the page and the deed."""

from __future__ import annotations

from collections import Counter
from itertools import combinations, product

import pytest
from django.core.exceptions import PermissionDenied
from django.template.loader import render_to_string
from django.test import RequestFactory as HttpRequestFactory
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.core.models import AuditEvent
from apps.core.workflow import StaleState
from apps.feedback import actions, pages
from apps.feedback.models import Request
from apps.feedback.rules.balancing import Balance, Need, balanced
from apps.feedback.states import Mode, RequestState
from apps.people.models import Person
from apps.reviews.states import CycleState
from tests.factories import NOON
from tests.factories.feedback import PerspectiveFactory, RequestFactory
from tests.factories.people import DepartmentFactory, PersonFactory
from tests.factories.reviews import CycleFactory, ParticipantFactory
from tests.feedback.worlds import as_viewer

PEOPLE = st.integers(0, 5)
NEEDS = st.lists(
    st.tuples(
        st.integers(0, 3),
        st.lists(PEOPLE, max_size=5, unique=True),
        st.lists(PEOPLE, max_size=2, unique=True),
    ),
    max_size=4,
)
LOADS = st.dictionaries(PEOPLE, st.integers(0, 4), max_size=6)


def asked(rows) -> list[Need]:
    return [
        Need(key, missing, tuple(candidates), (*barred, key))
        for key, (missing, candidates, barred) in enumerate(rows)
    ]


def after(found: Balance, loads) -> Counter:
    return Counter(loads) + Counter(giver for _key, giver in found.added)


def best_of_all(needs, loads, budget) -> tuple[int, int]:
    """(the most that can be found, the least highest load with it), by trying everything."""
    ways = []
    for need in needs:
        open_to = sorted(set(need.candidates) - set(need.barred))
        most = min(need.missing, len(open_to))
        ways.append([way for size in range(most + 1) for way in combinations(open_to, size)])
    best = (0, 0)
    for way in product(*ways):
        given_to = Counter(giver for part in way for giver in part)
        if any(loads.get(giver, 0) + n > budget for giver, n in given_to.items()):
            continue
        highest = max((loads.get(g, 0) + n for g, n in given_to.items()), default=0)
        found = sum(given_to.values())
        if found > best[0] or (found == best[0] and highest < best[1]):
            best = (found, highest)
    return best


@settings(max_examples=300, deadline=None)
@given(NEEDS, LOADS, st.integers(1, 5))
def test_as_many_as_can_be_and_the_highest_load_is_least(rows, loads, budget):
    needs = asked(rows)
    found = balanced(needs, loads, budget=budget)
    assert (len(found.added), found.highest) == best_of_all(needs, loads, budget)


@settings(max_examples=300, deadline=None)
@given(NEEDS, LOADS, st.integers(1, 5))
def test_nobody_is_asked_what_may_not_be_asked_and_the_rest_is_reported(rows, loads, budget):
    needs = asked(rows)
    found = balanced(needs, loads, budget=budget)
    of = {need.key: need for need in needs}
    assert len(set(found.added)) == len(found.added)
    for key, giver in found.added:
        assert giver in of[key].candidates
        assert giver not in of[key].barred
        assert giver != key
    got = Counter(key for key, _giver in found.added)
    assert dict(found.short) == {
        need.key: need.missing - got[need.key] for need in needs if need.missing > got[need.key]
    }
    assert all(n >= 0 for n in dict(found.short).values())
    grown = {giver for _key, giver in found.added}
    assert all(after(found, loads)[giver] <= budget for giver in grown)


@settings(max_examples=100, deadline=None)
@given(NEEDS, LOADS, st.integers(1, 5))
def test_the_same_question_has_the_same_answer(rows, loads, budget):
    assert balanced(asked(rows), loads, budget=budget) == balanced(
        asked(rows), dict(sorted(loads.items(), reverse=True)), budget=budget
    )


def test_the_nearest_are_taken_where_the_load_allows():
    needs = [Need(1, 2, (10, 11, 12)), Need(2, 1, (12, 10))]
    assert balanced(needs, {}, budget=6).added == ((1, 10), (1, 11), (2, 12))


def test_a_chain_of_exchanges_finds_the_last_one():
    needs = [Need(1, 1, (10, 11)), Need(2, 1, (11, 12)), Need(3, 1, (10,)), Need(4, 1, (11,))]
    found = balanced(needs, {}, budget=1)
    assert (len(found.added), found.short, found.highest) == (3, (found.short[0],), 1)
    needs = [Need(1, 1, (10, 11)), Need(2, 1, (11, 12)), Need(3, 1, (10,))]
    assert balanced(needs, {}, budget=1).added == ((1, 11), (2, 12), (3, 10))


def test_nobody_to_ask_is_said():
    assert balanced([Need(1, 3, ())], {}, budget=6) == Balance((), ((1, 3),), 0)
    assert balanced([], {}, budget=6) == Balance((), (), 0)


# --- the page and the deed ---

TODAY = NOON.date()


def company(people=8, mode=Mode.NAMED, **perspective):
    """A team under one manager, everybody in the cycle, nobody asked about anybody yet."""
    cycle = CycleFactory(state=CycleState.NOMINATION, phases=True)
    asked = PerspectiveFactory(cycle=cycle, mode=mode, **perspective)
    manager = PersonFactory(name="Mira Manager", with_user=True, department=DepartmentFactory())
    team = PersonFactory.create_batch(people, manager=manager, department=manager.department)
    seats = [ParticipantFactory(cycle=cycle, person=p, manager=manager) for p in team]
    hr = PersonFactory(name="Hanne Process", process_admin=True, with_user=True)
    return asked, seats, manager, hr


def shown(perspective, hr, **more):
    return pages.balance(as_viewer(hr), cycle_id=perspective.cycle_id, on=TODAY, **more)


def accept(perspective, hr, page):
    return actions.balance_requests(
        perspective, each=page.proposal.each, seen=page.proposal.fingerprint,
        by=as_viewer(hr), now=NOON,
    )  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize(("mode", "each"), [(Mode.NAMED, 3), (Mode.ANONYMOUS, 6)])
def test_accepting_gives_everybody_their_peers_and_nobody_too_many(mode, each):
    perspective, seats, manager, hr = company(mode=mode)
    page = shown(perspective, hr, propose=True)
    assert (page.proposal.asked, page.proposal.highest, page.short) == (8 * each, each, 8)

    assert accept(perspective, hr, page) == 8 * each

    for seat in seats:
        givers = set(Request.objects.filter(participant=seat).values_list("giver_id", flat=True))
        assert len(givers) == each
        assert not givers & {seat.person_id, manager.pk}
    assert set(Request.objects.values_list("state", "proposed_by")) == {("proposed", None)}
    assert shown(perspective, hr).short == 0


@pytest.mark.django_db
def test_the_record_names_no_giver():
    perspective, _seats, _manager, hr = company()
    accept(perspective, hr, shown(perspective, hr, propose=True))
    event = AuditEvent.objects.get()
    assert (event.verb, event.detail) == (
        "balance_requests",
        {"each": 3, "asked": 24, "people": 8},
    )


@pytest.mark.django_db
def test_what_is_there_is_kept_and_those_asked_enough_are_spared():
    perspective, seats, _manager, hr = company(giver_budget=4)
    others = [seat.person for seat in seats[1:]]
    for giver in others[:3]:
        RequestFactory(perspective=perspective, participant=seats[0], giver=giver, proposed=True)
    busy = others[0]
    for _ in range(3):
        RequestFactory(perspective=perspective, giver=busy)
    before = set(Request.objects.values_list("pk", flat=True))
    accept(perspective, hr, shown(perspective, hr, propose=True))
    new = Request.objects.exclude(pk__in=before)
    assert not new.filter(participant=seats[0]).exists()
    assert not new.filter(giver=busy).exists()


@pytest.mark.django_db
def test_those_for_whom_nobody_is_near_are_named():
    perspective, _seats, _manager, hr = company()
    alone = ParticipantFactory(cycle=perspective.cycle, person=PersonFactory(name="Ada Alone"))
    page = shown(perspective, hr, propose=True)
    assert [(row.participant_id, row.person, row.missing) for row in page.proposal.lacking] == [
        (alone.pk, "Ada Alone", 3)
    ]


@pytest.mark.django_db
def test_newcomers_and_leavers_are_not_asked():
    perspective, seats, manager, hr = company(people=5)
    Person.objects.filter(pk=seats[0].person_id).update(hired_on=TODAY)
    PersonFactory(manager=manager, left=True)
    page = shown(perspective, hr, propose=True)
    accept(perspective, hr, page)
    givers = set(Request.objects.values_list("giver_id", flat=True))
    assert givers == {seat.person_id for seat in seats[1:]}


@pytest.mark.django_db
@pytest.mark.parametrize("change", ["proposed", "left", "each"])
def test_what_changed_in_between_is_told_and_nothing_is_kept(change):
    perspective, seats, _manager, hr = company()
    page = shown(perspective, hr, propose=True)
    each = page.proposal.each
    if change == "proposed":
        RequestFactory(perspective=perspective, participant=seats[0], giver=seats[1].person)
    elif change == "left":
        Person.objects.filter(pk=seats[3].person_id).update(left_on=TODAY)
    else:
        each = 4
    before = Request.objects.count()
    with pytest.raises(StaleState):
        actions.balance_requests(
            perspective, each=each, seen=page.proposal.fingerprint, by=as_viewer(hr), now=NOON
        )
    assert (Request.objects.count(), AuditEvent.objects.count()) == (before, 0)


@pytest.mark.django_db
def test_accepting_twice_is_told_and_adds_nothing():
    perspective, _seats, _manager, hr = company()
    page = shown(perspective, hr, propose=True)
    accept(perspective, hr, page)
    with pytest.raises(StaleState):
        accept(perspective, hr, page)
    assert Request.objects.count() == 24


@pytest.mark.django_db
@pytest.mark.parametrize("state", [CycleState.DRAFT, CycleState.MANAGER_REVIEW])
def test_only_hr_and_only_while_people_are_asked(state):
    perspective, _seats, manager, hr = company()
    page = shown(perspective, hr, propose=True)
    with pytest.raises(PermissionDenied):
        accept(perspective, manager, page)
    type(perspective.cycle).objects.update(state=state)
    perspective.cycle.refresh_from_db()
    with pytest.raises(PermissionDenied):
        accept(perspective, hr, page)


@pytest.mark.django_db
def test_a_decline_without_a_name_changes_nothing_that_hr_sees():
    """PRIVACY: neither the count, nor the histogram, nor the proposal."""
    perspective, seats, _manager, hr = company(mode=Mode.ANONYMOUS)
    rows = [
        RequestFactory(perspective=perspective, participant=seats[0], giver=seat.person)
        for seat in seats[1:6]
    ]
    before = shown(perspective, hr, propose=True)
    Request.objects.filter(pk=rows[0].pk).update(state=RequestState.DECLINED)
    Request.objects.filter(pk=rows[1].pk).update(state=RequestState.ANSWERED)
    assert shown(perspective, hr, propose=True) == before


@pytest.mark.django_db
def test_a_decline_with_a_name_leaves_a_place_to_fill():
    perspective, seats, _manager, hr = company()
    for giver in seats[1:4]:
        RequestFactory(perspective=perspective, participant=seats[0], giver=giver.person)
    Request.objects.filter(giver=seats[1].person).update(state=RequestState.DECLINED)
    page = shown(perspective, hr, propose=True)
    assert page.short == 8
    accept(perspective, hr, page)
    assert Request.objects.filter(participant=seats[0]).count() == 4


@pytest.mark.django_db
@pytest.mark.parametrize("people", [3, 300])
def test_the_page_costs_the_same_for_three_and_for_three_hundred(people, django_assert_num_queries):
    perspective, _seats, _manager, hr = company(people=people)
    RequestFactory(perspective=perspective)
    viewer = as_viewer(hr)
    where = {"cycle_id": perspective.cycle_id, "on": TODAY}
    with django_assert_num_queries(5):
        plain = pages.balance(viewer, **where)
    with django_assert_num_queries(11):
        proposed = pages.balance(viewer, **where, propose=True)
    for page in (plain, proposed):
        with django_assert_num_queries(0):
            html = render_to_string(
                "feedback/balance.html", {"page": page}, request=HttpRequestFactory().get("/")
            )
        assert html.count('<th scope="row"') == len(page.loads)


@pytest.mark.django_db
def test_the_whole_way_over_http(client):
    perspective, _seats, _manager, hr = company()
    client.force_login(hr.user)
    at = [perspective.cycle_id]
    assert client.get(reverse("feedback:balance", args=at)).status_code == 200
    page = client.post(reverse("feedback:propose_balance", args=at), {"each": "4"})
    proposal = page.context["page"].proposal
    sent = {"each": proposal.each, "seen": proposal.fingerprint}
    accepted = client.post(reverse("feedback:balance_requests", args=at), sent, follow=True)
    assert "32 requests are proposed" in accepted.content.decode()
    again = client.post(reverse("feedback:balance_requests", args=at), sent)
    assert (again.status_code, Request.objects.count()) == (409, 32)
