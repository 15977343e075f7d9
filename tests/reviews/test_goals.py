"""Goals: every way of measuring held against a table, the figures of all on one page, metrics taken, order."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.template.loader import render_to_string
from django.urls import reverse

from apps.core.audit import history
from apps.ladders.states import Comparator
from apps.people.viewers import viewer_of_person
from apps.reviews import actions
from apps.reviews.actions import Actual
from apps.reviews.forms.goals import ActualsForm, GoalForm
from apps.reviews.models import Goal, Participant
from apps.reviews.pages import goals as pages
from apps.reviews.rules.goals import comparator_of_a_goal, goal_result, moved
from apps.reviews.rules.phases import Hindered
from tests.factories import NOON
from tests.factories.ladders import RoleProfileFactory, SuccessMetricFactory
from tests.factories.people import PersonFactory
from tests.factories.reviews import GoalFactory, ParticipantFactory, ReviewFactory
from tests.reviews.desks import Counted
from tests.reviews.test_cycle_views import browser

D = Decimal

# comparator, aim, then the figures that reach it, and those that do not
TABLE = [
    ("ge", "90", ["90", "90.0000", "90.0001", "1E+3"], ["89.9999", "0", "-90"]),
    ("gt", "90", ["90.0001", "91"], ["90", "90.0000", "89"]),
    ("le", "5", ["5", "4.9999", "0", "-1"], ["5.0001", "50"]),
    ("lt", "5", ["4.9999", "0"], ["5", "5.0000", "6"]),
    ("eq", "0", ["0", "0.0000", "-0"], ["1", "-1", "0.0001"]),
    ("eq", "95", ["95"], ["96", "94.9999"]),
    ("decrease_by", "20", ["20", "35"], ["19.9999", "0", "-20"]),
    ("increase_by", "20", ["20", "200"], ["19.9999", "0", "-20"]),
    ("ratio", "2", ["2", "2.5"], ["1.9999", "1", "0"]),
]
CASES = [
    (comparator, aim, figure, result)
    for comparator, aim, met, missed in TABLE
    for result, figures in (("met", met), ("missed", missed))
    for figure in figures
]


@pytest.mark.parametrize(("comparator", "aim", "figure", "result"), CASES)
def test_a_figure_is_held_against_the_aim(comparator, aim, figure, result):
    assert goal_result(comparator, D(aim), D(figure)) == result


def test_every_comparator_that_measures_is_in_the_table():
    assert {c for c, *_ in TABLE} == set(Comparator.values) - {"qualitative"}


@pytest.mark.parametrize("comparator", Comparator.values)
@pytest.mark.parametrize("aim", [D(0), D(90), None])
def test_nothing_written_down_is_never_a_miss(comparator, aim):
    measured = comparator != "qualitative" and aim is not None

    assert goal_result(comparator, aim, None) == ("not_yet" if measured else "not_measurable")


@pytest.mark.parametrize(
    ("comparator", "value", "expected"),
    [("eq", D(95), "ge"), ("eq", D(0), "eq"), ("eq", None, "eq"), ("le", D(5), "le")],
)
def test_a_metric_becomes_a_goal(comparator, value, expected):
    assert comparator_of_a_goal(comparator, value) == expected


@pytest.mark.parametrize(
    ("one", "up", "expected"),
    [(1, True, [1, 2, 3]), (2, True, [2, 1, 3]), (2, False, [1, 3, 2]), (3, False, [1, 2, 3])],
)
def test_a_goal_changes_places_with_its_neighbour(one, up, expected):
    assert moved([1, 2, 3], one, up=up) == expected


FORMS = [
    ("ge", "", "target"), ("decrease_by", "0", "target"), ("ratio", "-2", "target"),
    ("increase_by", "NaN", "target"), ("about", "1", "comparator"),
]  # fmt: skip


@pytest.mark.parametrize(("comparator", "aim", "wrong"), FORMS)
def test_an_aim_that_nobody_can_reach_is_not_taken(comparator, aim, wrong):
    form = GoalForm({"text": "Answer", "comparator": comparator, "target": aim})

    assert list(form.errors) == [wrong]


def test_a_goal_in_words_needs_no_number():
    assert GoalForm({"text": "Answer kindly", "comparator": "qualitative"}).is_valid()


# --- deeds -----------------------------------------------------------------------------------------


@pytest.fixture
def taking_part(db):
    profile = RoleProfileFactory()
    manager = PersonFactory(with_user=True)
    person = PersonFactory(with_user=True, manager=manager, role_profile=profile)
    return ParticipantFactory(person=person, manager=manager)


def by(participant, whose="person"):
    return viewer_of_person(getattr(participant, whose))


def figures_of(participant):
    return list(participant.goals.values_list("actual", flat=True))


def test_the_figures_of_all_goals_are_kept_at_once(taking_part):
    first, second, third = (GoalFactory(participant=taking_part, position=n) for n in range(3))
    typed = {first.pk: Actual(None, D(95)), second.pk: Actual(None, None)}

    changed = actions.save_actuals(taking_part, typed, by=by(taking_part), now=NOON)

    assert (changed, figures_of(taking_part)) == (1, [D(95), None, None])
    assert [(e.verb, e.detail) for e in history(taking_part)] == [
        ("save_actuals", {"goals": [first.pk]})
    ]
    assert third.pk not in typed


@pytest.mark.parametrize("number", [3, 300])
def test_keeping_figures_costs_the_same_however_many(taking_part, number):
    goals = [GoalFactory(participant=taking_part, position=n) for n in range(number)]
    typed = {goal.pk: Actual(None, D(1)) for goal in goals}

    with Counted() as counted:
        actions.save_actuals(taking_part, typed, by=by(taking_part), now=NOON)

    assert counted.count <= 5 + number // 100  # SQLite takes an UPDATE in pieces
    assert set(figures_of(taking_part)) == {D(1)}


def test_a_figure_of_somebody_else_is_not_overwritten_unseen(taking_part):
    goal = GoalFactory(participant=taking_part)
    other = GoalFactory(participant=taking_part)
    typed = {goal.pk: Actual(None, D(80)), other.pk: Actual(None, D(1))}
    actions.save_actuals(
        taking_part, {goal.pk: Actual(None, D(95))}, by=by(taking_part, "manager"), now=NOON
    )

    with pytest.raises(actions.ActualsChanged) as changed:
        actions.save_actuals(taking_part, typed, by=by(taking_part), now=NOON)

    assert [g.pk for g in changed.value.goals] == [goal.pk]
    assert figures_of(taking_part) == [D(95), None]


def test_the_same_figure_twice_is_no_conflict(taking_part):
    goal = GoalFactory(participant=taking_part)
    typed = {goal.pk: Actual(None, D(95))}

    counts = [actions.save_actuals(taking_part, typed, by=by(taking_part), now=NOON) for _ in "ab"]

    assert counts == [1, 0]


def test_figures_of_somebody_elses_goal_are_refused(taking_part):
    foreign = GoalFactory()

    with pytest.raises(Goal.DoesNotExist):
        actions.save_actuals(
            taking_part, {foreign.pk: Actual(None, D(1))}, by=by(taking_part), now=NOON
        )


def test_metrics_of_the_role_become_goals_once(taking_part):
    profile = taking_part.role_profile
    metrics = [SuccessMetricFactory(profile=profile, comparator="eq") for _ in range(3)]
    foreign = SuccessMetricFactory()
    GoalFactory(participant=taking_part, metric=metrics[0])
    before = taking_part.item_count
    wanted = [metrics[0].pk, metrics[1].pk, foreign.pk]

    counts = [
        actions.take_metrics(taking_part, wanted, by=by(taking_part, "manager"), now=NOON)
        for _ in "ab"
    ]

    added = taking_part.goals.get(metric=metrics[1])
    assert counts == [1, 0]
    assert (added.comparator, added.target, added.unit, added.position) == ("ge", 90, "%", 1)
    assert Participant.objects.get().item_count == before + 1


def test_goals_change_places(taking_part):
    first, second, third = (GoalFactory(participant=taking_part) for _ in range(3))

    actions.move_goal(third, up=True, by=by(taking_part), now=NOON)
    actions.move_goal(first, up=True, by=by(taking_part), now=NOON)

    assert list(taking_part.goals.all()) == [first, third, second]


DEEDS = {
    "save_actuals": lambda p, v: actions.save_actuals(p, {}, by=v, now=NOON),
    "take_metrics": lambda p, v: actions.take_metrics(p, [], by=v, now=NOON),
    "move_goal": lambda p, v: actions.move_goal(GoalFactory(participant=p), up=True, by=v, now=NOON),
}  # fmt: skip


@pytest.mark.parametrize("deed", DEEDS.values(), ids=DEEDS)
def test_goals_are_for_two_people_and_until_the_review_is_in(taking_part, deed):
    stranger = viewer_of_person(PersonFactory(process_admin=True, content_admin=True))

    with pytest.raises(PermissionDenied):
        deed(taking_part, stranger)
    ReviewFactory(participant=taking_part, submitted=True)
    with pytest.raises(Hindered):
        deed(taking_part, by(taking_part))


# --- the page --------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [3, 300])
def test_the_page_costs_three_queries_however_many_goals(taking_part, number):
    for n in range(number):
        GoalFactory(participant=taking_part, position=n)
    SuccessMetricFactory(profile=taking_part.role_profile)

    with Counted() as loading:
        page = pages.goals(by(taking_part), participant_id=taking_part.pk)
    context = {"page": page, "form": GoalForm(), "figures": ActualsForm(rows=page.rows)}
    with Counted() as rendering:
        html = render_to_string("reviews/goals.html", context)

    assert (loading.count, rendering.count) == (3, 0)
    assert html.count('class="goal-row"') == number


def url(name, of):
    return reverse(f"reviews:{name}", args=[of.pk])


def test_figures_over_http_and_what_somebody_else_wrote_meanwhile(taking_part):
    goal = GoalFactory(participant=taking_part)
    person, manager = browser(taking_part.person), browser(taking_part.manager)
    field, was = f"actual-{goal.pk}", f"was-{goal.pk}"

    kept = manager.post(url("goals", taking_part), {field: "95.5", was: ""})
    late = person.post(url("goals", taking_part), {field: "80", was: ""})
    wrong = person.post(url("goals", taking_part), {field: "many", was: "95.5"})
    again = person.post(url("goals", taking_part), {field: "80", was: "95.5"})

    assert [a.status_code for a in (kept, late, wrong, again)] == [302, 409, 422, 302]
    assert "95.5" in late.text
    assert 'value="80"' in late.text
    assert figures_of(taking_part) == [D(80)]


def test_a_wrong_goal_comes_back_as_it_was_typed(taking_part):
    answer = browser(taking_part.person).post(
        url("add_goal", taking_part), {"text": "Answer within a day", "comparator": "ge"}
    )

    assert answer.status_code == 422
    assert "Answer within a day" in answer.text


def test_the_manager_turns_a_metric_into_a_goal_and_moves_it(taking_part):
    GoalFactory(participant=taking_part)
    metric = SuccessMetricFactory(profile=taking_part.role_profile, text="Half the waiting time")
    client = browser(taking_part.manager)

    offered = client.get(url("goals", taking_part)).text
    client.post(url("take_metrics", taking_part), {"metric": [metric.pk, "x"]})
    added = taking_part.goals.get(metric=metric)
    client.post(url("move_goal", added), {"to": "up"})

    assert 'name="metric"' in offered
    assert 'name="metric"' not in client.get(url("goals", taking_part)).text
    assert taking_part.goals.first() == added


def test_what_somebody_else_wrote_into_a_goal_meanwhile_stays(taking_part):
    goal = GoalFactory(participant=taking_part, text="Answer within a day", actual=None)
    client = browser(taking_part.manager)
    address = reverse("reviews:goal", args=[goal.pk])
    page = client.get(address)
    form = page.context["form"]
    loaded = {f"initial-{b.name}": b.initial or "" for b in form}
    typed = {b.name: b.initial or "" for b in form} | {"text": "Answer within two days"}
    for name, value in loaded.items():
        assert page.text.count(f'name="{name}"') == 1, (name, value)
    Goal.objects.filter(pk=goal.pk).update(actual=D(80), position=7)

    answer = client.post(address, typed | loaded)

    assert answer.status_code == 302
    goal.refresh_from_db()
    assert (goal.text, goal.actual, goal.position) == ("Answer within two days", D(80), 7)


def test_two_who_change_one_field_of_a_goal_are_told_and_neither_is_lost(taking_part):
    goal = GoalFactory(participant=taking_part, text="Answer within a day", actual=None)
    address = reverse("reviews:goal", args=[goal.pk])
    person, manager = browser(taking_part.person), browser(taking_part.manager)
    form = person.get(address).context["form"]
    sent = {f"initial-{b.name}": b.initial or "" for b in form}
    sent |= {b.name: b.initial or "" for b in form}

    first = manager.post(address, sent | {"actual": "95.5", "text": "Answer at once"})
    late = person.post(address, sent | {"actual": "80", "text": "Answer at once"})
    goal.refresh_from_db()
    stood = goal.actual
    shown = {f"initial-{b.name}": late.context["form"].data[f"initial-{b.name}"] for b in form}
    again = person.post(address, sent | shown | {"actual": "80", "text": "Answer at once"})

    assert [a.status_code for a in (first, late, again)] == [302, 422, 302]
    assert "95.5" in late.text
    assert 'value="80"' in late.text
    assert stood == D("95.5")
    goal.refresh_from_db()
    assert (goal.text, goal.actual) == ("Answer at once", D(80))
