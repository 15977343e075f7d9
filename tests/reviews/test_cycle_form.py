"""The form of a cycle: its parts, its own questions, its preview, and how much each area counts."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied

from apps.core.models import AuditEvent
from apps.ladders.models import Reference
from apps.ladders.states import (
    CompetencyKind,
    ReferenceKind,
    ReferenceStatus,
)
from apps.reviews import actions, pages
from apps.reviews.actions import Faulty
from apps.reviews.models import Cycle, FormQuestion
from apps.reviews.rules.sections import UnknownSection
from apps.reviews.states import CycleState
from tests.factories import NOON
from tests.factories.ladders import (
    AreaFactory,
    CompetencyFactory,
    LadderVersionFactory,
    LevelFactory,
    MixinFactory,
    StatementFactory,
    TrackFactory,
)
from tests.factories.people import PersonFactory
from tests.factories.reviews import (
    AreaWeightFactory,
    FormQuestionFactory,
)
from tests.reviews.plans import cost, drawn

pytestmark = pytest.mark.django_db
ON = NOON.date()


def test_parts_are_left_out_and_put_back(cycle, hr):
    actions.edit_sections(cycle, ["manager.promotion", "self.goals"], by=hr, now=NOON)
    page = pages.cycle_form(hr, cycle_id=cycle.pk)

    off = [part.name for kind in page.kinds for part in kind.parts if not part.is_on]
    assert off == ["self.goals", "manager.promotion"]
    fixed = [part.name for kind in page.kinds for part in kind.parts if not part.may_be_left_out]
    assert fixed == ["self.summary", "manager.ratings", "manager.overall", "manager.summary"]

    actions.edit_sections(cycle, [], by=hr, now=NOON)
    cycle.refresh_from_db()
    assert cycle.sections_off == []
    assert AuditEvent.objects.filter(verb="edit_sections").count() == 2


def test_a_part_that_has_to_be_there_cannot_be_left_out(cycle, hr):
    with pytest.raises(UnknownSection):
        actions.edit_sections(cycle, ["manager.overall"], by=hr, now=NOON)


def ask(cycle, hr, text, **more):
    given = {"kind": "manager", "hint": "", "is_required": False, "by": hr, "now": NOON}
    return actions.add_question(cycle, text=text, **{**given, **more})


def asked(cycle, kind="manager"):
    return list(cycle.questions.filter(review_kind=kind).values_list("text", flat=True))


def test_questions_are_asked_in_their_order_and_moved(cycle, hr):
    one, two, three = (ask(cycle, hr, text) for text in ("One?", "Two?", "Three?"))
    ask(cycle, hr, "One?", kind="self")

    actions.move_question(three, up=True, by=hr, now=NOON)
    assert asked(cycle) == ["One?", "Three?", "Two?"]
    actions.move_question(one, up=True, by=hr, now=NOON)
    actions.move_question(one, up=False, by=hr, now=NOON)
    assert asked(cycle) == ["Three?", "One?", "Two?"]
    actions.move_question(two, up=False, by=hr, now=NOON)
    actions.remove_question(one, by=hr, now=NOON)

    assert asked(cycle) == ["Three?", "Two?"]
    assert asked(cycle, "self") == ["One?"]
    assert not AuditEvent.objects.filter(detail__icontains="Three").exists()


def test_a_question_is_worded_anew(cycle, hr):
    question = ask(cycle, hr, "One?")
    ask(cycle, hr, "Two?")
    wording = {"hint": " In a sentence. ", "is_required": True, "by": hr, "now": NOON}

    actions.edit_question(question, text=" Uno? ", **wording)
    with pytest.raises(Faulty):
        actions.edit_question(question, text="Two?", **wording)

    question.refresh_from_db()
    assert (question.text, question.hint, question.is_required) == ("Uno?", "In a sentence.", True)


@pytest.mark.parametrize("text", ["One?", " One? ", "", "  "], ids=repr)
def test_a_question_without_words_or_asked_twice_is_refused(cycle, hr, text):
    ask(cycle, hr, "One?")

    with pytest.raises(Faulty):
        ask(cycle, hr, text)


def test_ten_questions_are_the_most(cycle, hr):
    for number in range(10):
        ask(cycle, hr, f"Number {number}?")

    with pytest.raises(Faulty):
        ask(cycle, hr, "One more?")
    assert not pages.cycle_form(hr, cycle_id=cycle.pk).kinds[1].may_add


def test_the_form_is_fixed_by_the_launch(cycle, hr):
    question = FormQuestionFactory(cycle=cycle)
    Cycle.objects.filter(pk=cycle.pk).update(state=CycleState.COLLECTION)
    cycle.refresh_from_db()
    question = FormQuestion.objects.select_related("cycle").get(pk=question.pk)
    given = {"by": hr, "now": NOON}
    deeds = [
        lambda: actions.edit_sections(cycle, [], **given),
        lambda: ask(cycle, hr, "Two?"),
        lambda: actions.edit_question(question, text="Two?", hint="", is_required=False, **given),
        lambda: actions.move_question(question, up=True, **given),
        lambda: actions.remove_question(question, **given),
        lambda: actions.weigh_areas(cycle, {"craft": 2}, names={}, **given),
    ]

    for deed in deeds:
        with pytest.raises(PermissionDenied):
            deed()


def test_the_form_is_previewed_on_the_level_that_most_have(cycle, department, hr):
    level = StatementFactory(level=LevelFactory(title="Engineer")).level
    PersonFactory.create_batch(2, department=department, level=level)
    PersonFactory(department=department, with_level=True)
    FormQuestionFactory(cycle=cycle, text="What next?", review_kind="manager")
    cycle.sections_off = ["manager.promotion"]
    cycle.save()

    count, page = cost(lambda: pages.form_preview(hr, cycle_id=cycle.pk, kind="manager", now=NOON))

    assert page.level == str(level)
    html = drawn("reviews/form_preview.html", page)
    assert level.statements.get().competency.name in html
    assert "What next?" in html
    assert "Promotion" not in html
    assert "Note for the committee" in html
    assert count <= 11
    own = pages.form_preview(hr, cycle_id=cycle.pk, kind="self", now=NOON)
    assert "Overall rating" not in drawn("reviews/form_preview.html", own)


def area(version, key, *, rated=1, **more):
    row = AreaFactory(version=version, key=key, name=key.title(), **more)
    for _ in range(rated):
        CompetencyFactory(version=version, area=row)
    return row


def test_areas_of_the_ladders_in_use_are_offered_once_each(cycle, department, hr):
    one, two, other, roles, parent = (LadderVersionFactory() for _ in range(5))
    levels = [LevelFactory(track=TrackFactory(version=version)) for version in (one, two)]
    mixin = MixinFactory(version=roles)
    PersonFactory(department=department, level=levels[0], mixins=[mixin])
    PersonFactory(department=department, level=levels[1])
    area(one, "craft", rated=3)
    area(two, "craft")
    area(one, "empty", rated=0)
    facets = area(two, "facets", rated=0)
    CompetencyFactory(version=two, area=facets, kind=CompetencyKind.FACET)
    area(other, "elsewhere")
    area(roles, "data")
    area(parent, "lead")
    target = LevelFactory(track=TrackFactory(version=parent))
    Reference.objects.create(
        version=one, level=levels[0], target_level=target, kind=ReferenceKind.INHERITS,
        status=ReferenceStatus.RESOLVED, text="Parent",
    )  # fmt: skip
    AreaWeightFactory(cycle=cycle, area_key="craft", weight=4)

    count, page = cost(lambda: pages.weigh_areas(hr, cycle_id=cycle.pk, now=NOON))

    found = {row.key: (row.ladders, row.competencies, row.weight) for row in page.areas}
    assert found == {
        "craft": (sorted([one.ladder.title, two.ladder.title]), 3, 4),
        "data": ([roles.ladder.title], 1, 1),
        "lead": ([parent.ladder.title], 1, 1),
    }
    assert count <= 5


def test_weights_are_kept_where_they_are_not_the_usual(cycle, hr):
    names = {"craft": "Craft", "people": "People", "reach": "Reach"}
    weigh = {"names": names, "by": hr, "now": NOON}
    actions.weigh_areas(cycle, {"craft": 2, "people": 0, "reach": 1}, **weigh)
    actions.weigh_areas(cycle, {"craft": 1, "people": 5}, **weigh)

    assert list(cycle.weights.values_list("area_key", "area_name", "weight")) == [
        ("people", "People", 5)
    ]
    last = AuditEvent.objects.filter(verb="weigh_areas").latest("sequence")
    assert last.detail == {"weights": {"craft": 1, "people": 5}}


@pytest.mark.parametrize(
    "weights",
    [{"craft": 11}, {"craft": -1}, {"craft": 0, "people": 0}],
    ids=str,
)
def test_weights_beyond_the_scale_or_all_nought_are_refused(cycle, hr, weights):
    names = {"craft": "Craft", "people": "People"}

    with pytest.raises(Faulty):
        actions.weigh_areas(cycle, weights, names=names, by=hr, now=NOON)

    assert not cycle.weights.exists()
