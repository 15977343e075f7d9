"""Marks, questions, notes and sections as they are saved: merged, versioned, stored, and checked."""

import pytest

from apps.core.access import Viewer
from apps.ladders.models import Competency, Statement
from apps.reviews import actions
from apps.reviews.actions.drafts import CONFLICT
from apps.reviews.models import Cycle, Review, ReviewItem, ReviewVersion, StatementMark
from apps.reviews.rules.fields import Unstorable
from apps.reviews.states import CycleState, ReviewState
from tests.factories import NOON
from tests.factories.ladders import LevelFactory, StatementFactory
from tests.factories.people import PersonFactory
from tests.factories.reviews import AreaWeightFactory, EvidenceNoteFactory, FormQuestionFactory
from tests.reviews.desks import Counted, make_desk, save, submit, submit_form

pytestmark = pytest.mark.django_db


def statements_of(desk, competency=0):
    return list(Statement.objects.filter(competency=desk.competencies[competency]))


def mark(statement, text="shown"):
    return {f"s{statement.pk}-shown": text}


def marks():
    return dict(StatementMark.objects.values_list("statement_id", "mark"))


def note_of(desk, **fields):
    """A private note of the manager about the person of the desk."""
    return EvidenceNoteFactory(
        about=desk.participant.person, author=desk.participant.manager, **fields
    )


def linked():
    return list(ReviewItem.notes.through.objects.values_list("evidencenote_id", flat=True))


# --- marks ---


def test_marks_are_rows_and_stand_in_the_version():
    desk = make_desk()
    one, two, _three = statements_of(desk)
    save(desk, mark(one, "strength") | mark(two, "not_yet"))
    save(desk, mark(two, "no_opportunity"))

    assert marks() == {one.pk: "strength", two.pk: "no_opportunity"}
    fields = ReviewVersion.objects.get(revision=2).content["fields"]
    assert fields == {f"s{one.pk}-shown": "strength", f"s{two.pk}-shown": "no_opportunity"}


def test_a_mark_is_taken_back():
    desk = make_desk()
    one = statements_of(desk)[0]
    save(desk, mark(one))
    save(desk, mark(one, ""))

    assert marks() == {}


def test_marks_rate_nothing_and_are_missed_by_nobody():
    desk = make_desk(1, areas=1)
    save(desk, {f"s{s.pk}-shown": "not_yet" for s in statements_of(desk)})
    save(desk, {f"c{desk.competencies[0].pk}-value": "4", "overall": "4", "summary": "Good."})

    submit(desk, confirmed=True)

    ratings = desk.participant.ratings.values_list("competency_id", "value")
    assert set(ratings) == {(desk.competencies[0].pk, 4), (None, 4)}


def test_two_tabs_mark_two_statements_and_the_same_one_is_a_conflict():
    desk = make_desk()
    one, two, _three = statements_of(desk)
    save(desk, mark(one), base=0)
    save(desk, mark(two), base=0)
    assert set(marks()) == {one.pk, two.pk}

    lost = save(desk, mark(one, "not_yet"), base=0)

    assert (lost.outcome, lost.theirs) == (CONFLICT, mark(one, "shown"))
    assert marks()[one.pk] == "shown"


def test_a_version_brings_its_marks_back():
    desk = make_desk()
    one, two, _three = statements_of(desk)
    save(desk, mark(one))
    save(desk, mark(one, "") | mark(two, "strength"))

    actions.restore_version(desk.manager_review.pk, revision=1, by=desk.manager, now=NOON)

    assert marks() == {one.pk: "shown"}


def test_the_next_level_may_be_marked_and_other_ladders_may_not():
    desk = make_desk(1, areas=1)
    level, competency = desk.participant.level, desk.competencies[0]
    above = LevelFactory(track=level.track, version=level.version, position=level.position + 1)
    higher = StatementFactory(competency=competency, level=above)
    elsewhere = StatementFactory()
    save(desk, mark(higher, "strength"))

    with pytest.raises(Unstorable):
        save(desk, mark(elsewhere))
    assert marks() == {higher.pk: "strength"}


def test_a_statement_of_a_ladder_that_is_taken_over_may_be_marked():
    from apps.ladders.models import Reference

    desk = make_desk(1, areas=1)
    parent = StatementFactory(level=LevelFactory())
    Reference.objects.create(
        version=desk.participant.level.version,
        kind="inherits",
        status="resolved",
        level=desk.participant.level,
        target_level=parent.level,
        text="parent",
    )

    save(desk, {"summary": "Begun."})

    with Counted() as queries:
        save(desk, mark(parent), base=1)

    assert marks() == {parent.pk: "shown"}
    assert queries.count == 4


# --- questions ---


def test_an_answer_is_kept_and_one_that_is_wanted_is_asked_for():
    desk = make_desk(1, areas=1)
    wanted = FormQuestionFactory(
        cycle=desk.participant.cycle, review_kind="manager", is_required=True
    )
    save(desk, {f"c{desk.competencies[0].pk}-value": "4", "overall": "4", "summary": "Good."})

    with pytest.raises(actions.Incomplete) as short:
        submit(desk)
    assert [(g.subject, g.why) for g in short.value.missing] == [
        (("question", wanted.pk), "answer")
    ]
    save(desk, {f"q{wanted.pk}-comment": "She did."})
    submit(desk, confirmed=True)

    assert ReviewItem.objects.get(question=wanted).comment == "She did."


def test_a_question_of_the_other_form_or_of_another_cycle_is_unknown():
    desk = make_desk(1, areas=1)
    for question in (
        FormQuestionFactory(cycle=desk.participant.cycle, review_kind="self"),
        FormQuestionFactory(review_kind="manager"),
    ):
        with pytest.raises(Unstorable):
            save(desk, {f"q{question.pk}-comment": "Not asked."})


# --- sections and weights ---


def test_a_section_that_is_off_is_refused_and_not_missed():
    desk = make_desk(1, goals=2, areas=1)
    Cycle.objects.update(sections_off=["manager.goals", "manager.promotion"])
    goal = desk.participant.goals.first()

    with pytest.raises(Unstorable):
        save(desk, {f"g{goal.pk}-value": "3"})
    with pytest.raises(Unstorable):
        save(desk, {"promotion": "ready"})
    save(desk, {f"c{desk.competencies[0].pk}-value": "4", "overall": "4", "summary": "Good."})

    with Counted() as queries:
        submit(desk, confirmed=True)
    assert queries.count <= 8  # 6 at most for handing in, and 2 to look which revision stands


def test_the_middle_of_the_profile_is_weighed():
    desk = make_desk(2, areas=2)
    light, heavy = desk.competencies
    AreaWeightFactory(cycle=desk.participant.cycle, area_key="area-1", weight=3)
    fields = {f"c{light.pk}-value": "2", f"c{heavy.pk}-value": "4", "summary": "Good."}

    with pytest.raises(actions.Incomplete) as short:
        submit_form(desk, {**fields, "overall": "3"}, base=0)
    assert [gap.why for gap in short.value.missing] == ["departure"]

    done = submit_form(desk, {**fields, "overall": "4"}, base=1, confirmed=True)
    assert done.outcome == "submitted"


# --- notes ---


def test_a_note_is_linked_and_let_go_again():
    desk = make_desk()
    first, second = note_of(desk), note_of(desk)
    anchor = f"c{desk.competencies[0].pk}"
    save(desk, {f"{anchor}-notes": f"{first.pk},{second.pk}"})
    assert linked() == [first.pk, second.pk]

    save(desk, {f"{anchor}-notes": str(second.pk)})
    assert linked() == [second.pk]
    save(desk, {f"{anchor}-notes": ""})

    assert linked() == []


def test_a_goal_rests_on_notes_as_well():
    desk = make_desk(1, goals=1, areas=1)
    note = note_of(desk)

    save(desk, {f"g{desk.participant.goals.get().pk}-notes": str(note.pk)})

    assert ReviewItem.objects.get(goal__isnull=False).notes.get() == note


def test_only_notes_that_the_author_may_read_about_this_person_can_be_linked():
    desk = make_desk()
    hers = EvidenceNoteFactory(about=desk.participant.person, author=desk.participant.person)
    about_another = EvidenceNoteFactory(
        about=PersonFactory(manager=desk.participant.manager), author=desk.participant.manager
    )
    field = f"c{desk.competencies[0].pk}-notes"

    for note in (hers, about_another):
        with pytest.raises(Unstorable) as refused:
            save(desk, {field: str(note.pk)})
        assert (refused.value.name, refused.value.why) == (field, "no_note")
    with pytest.raises(Unstorable):
        save(desk, {field: "999999"})
    type(hers).objects.filter(pk=hers.pk).update(shared_at=NOON)
    save(desk, {field: str(hers.pk)})

    assert linked() == [hers.pk]


def test_what_is_linked_stays_linked_when_it_is_shared_no_more():
    desk = make_desk()
    note = EvidenceNoteFactory(
        about=desk.participant.person, author=desk.participant.person, shared=True
    )
    own = note_of(desk)
    field = f"c{desk.competencies[0].pk}-notes"
    save(desk, {field: str(note.pk)})
    type(note).objects.filter(pk=note.pk).update(shared_at=None)

    save(desk, {field: f"{note.pk},{own.pk}"})

    assert set(linked()) == {note.pk, own.pk}


def test_a_version_whose_note_is_gone_is_restored_without_it():
    desk = make_desk()
    gone, there = note_of(desk), note_of(desk)
    field = f"c{desk.competencies[0].pk}-notes"
    save(desk, {field: f"{gone.pk},{there.pk}"})
    save(desk, {field: ""})
    gone.delete()

    actions.restore_version(desk.manager_review.pk, revision=1, by=desk.manager, now=NOON)

    assert linked() == [there.pk]


# --- who writes, and what it costs ---


def test_the_person_it_is_about_writes_none_of_it():
    desk = make_desk()
    one, note = statements_of(desk)[0], note_of(desk, shared=True)
    question = FormQuestionFactory(cycle=desk.participant.cycle, review_kind="manager")
    for fields in (
        mark(one),
        {f"c{desk.competencies[0].pk}-notes": str(note.pk)},
        {f"q{question.pk}-comment": "Me."},
    ):
        with pytest.raises(Review.DoesNotExist):
            save(desk, fields, by=desk.subject)
        with pytest.raises(Review.DoesNotExist):
            save(desk, fields, by=Viewer(person_id=PersonFactory().pk))


def test_in_the_own_review_the_subject_marks_and_links_the_own_notes():
    desk = make_desk(state=CycleState.COLLECTION)
    note = EvidenceNoteFactory(about=desk.participant.person, author=desk.participant.person)
    one = statements_of(desk)[0]
    fields = mark(one) | {f"c{desk.competencies[0].pk}-notes": str(note.pk)}

    save(desk, fields, review=desk.self_review, by=desk.subject)

    assert (marks(), linked()) == ({one.pk: "shown"}, [note.pk])


@pytest.mark.parametrize("n", [1, 18])
def test_an_autosave_costs_what_it_touches(n):
    desk = make_desk(n, areas=1)
    every = {f"s{s.pk}-shown": "shown" for s in Statement.objects.all()}
    note = note_of(desk)

    def cost(fields):
        base = Review.objects.get(pk=desk.manager_review.pk).revision
        with Counted() as queries:
            save(desk, fields, base=base)
        return queries.count

    save(desk, {"summary": "Begun."})  # before that there is no version to read
    words = cost({f"c{c.pk}-comment": "Words." for c in desk.competencies})
    marked = cost(every)
    unmarked = cost(dict.fromkeys(every, ""))
    rested = cost({f"c{c.pk}-notes": str(note.pk) for c in desk.competencies})

    assert (words, marked, unmarked, rested) == (4, 4, 4, 7)


def test_handing_in_with_everything_in_it_costs_six():
    desk = make_desk(18)
    question = FormQuestionFactory(
        cycle=desk.participant.cycle, review_kind="manager", is_required=True
    )
    AreaWeightFactory(cycle=desk.participant.cycle, area_key="area-1", weight=2)
    note = note_of(desk)
    fields = desk.complete() | {f"q{question.pk}-comment": "Yes."}
    fields |= {f"s{s.pk}-shown": "shown" for s in Statement.objects.all()}
    fields |= {f"c{c.pk}-notes": str(note.pk) for c in desk.competencies}
    save(desk, fields)

    with Counted() as queries:
        done = submit_form(desk, fields, base=1)

    assert (done.outcome, queries.count) == ("submitted", 6)
    assert Review.objects.get(pk=desk.manager_review.pk).state == ReviewState.SUBMITTED


def test_a_competency_of_no_ladder_of_theirs_is_still_unknown():
    desk = make_desk()
    other = Competency.objects.create(
        version=LevelFactory().version, key="other", name="Other", position=0
    )

    with pytest.raises(Unstorable):
        save(desk, {f"c{other.pk}-comment": "Words."})
