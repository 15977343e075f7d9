"""Fields by name, the forms that have them, what may stand in them; weights; marks in numbers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.reviews.rules.fields import (
    LONGEST_TEXT,
    MOST_NOTES,
    Shape,
    Unstorable,
    checked,
    field_name,
    joined,
    notes_in,
    part_of,
    showable,
)
from apps.reviews.rules.ladder_changes import Change, ladder_changes
from apps.reviews.rules.ratings import (
    COMPETENCY,
    GOAL,
    QUESTION,
    STATEMENT,
    Rating,
    profile,
    rounded_median,
    weighted_median,
)
from apps.reviews.rules.sections import SECTIONS
from apps.reviews.rules.writing import (
    Content,
    Missing,
    Seen,
    missing_parts,
    needs_departure,
    seen,
    written_count,
)

ONE, TWO, AIM = (COMPETENCY, 1), (COMPETENCY, 2), (GOAL, 1)


@pytest.mark.parametrize(
    ("name", "subject", "column"),
    [
        ("c12-notes", (COMPETENCY, 12), "notes"),
        ("g3-notes", (GOAL, 3), "notes"),
        ("q7-comment", (QUESTION, 7), "comment"),
        ("s31-shown", (STATEMENT, 31), "shown"),
    ],
)
def test_the_name_of_a_field_says_what_it_is_about(name, subject, column):
    part = part_of(name)

    assert (part.subject, part.column) == (subject, column)
    assert field_name(subject, column) == name


@pytest.mark.parametrize(
    "name", ["q7-value", "q7-notes", "s31-comment", "s31-value", "c1-shown", "n3-notes", "s0-shown"]
)
def test_a_part_has_no_column_of_another(name):
    assert part_of(name) is None


@pytest.mark.parametrize(
    ("section", "kind", "field", "text"),
    [
        ("self.ratings", "self", "c1-value", "3"),
        ("self.marks", "self", "s1-shown", "shown"),
        ("self.goals", "self", "g1-comment", "words"),
        ("manager.marks", "manager", "s1-shown", "shown"),
        ("manager.goals", "manager", "g1-value", "3"),
        ("manager.promotion", "manager", "promotion", "ready"),
        ("manager.private_note", "manager", "private_note", "psst"),
    ],
    ids=lambda v: str(v),
)
def test_a_section_that_is_off_has_no_field(section, kind, field, text):
    assert checked({field: text}, shape=Shape.of(kind), highest=5)
    with pytest.raises(Unstorable) as refused:
        checked({field: text}, shape=Shape.of(kind, [section]), highest=5)
    assert refused.value.why == "unknown"
    assert section in SECTIONS


@pytest.mark.parametrize("field", ["summary", "overall", "departure", "c1-value", "q1-comment"])
def test_what_makes_a_manager_review_one_is_never_off(field):
    text = "3" if field in {"overall", "c1-value"} else "words"

    assert checked({field: text}, shape=Shape.of("manager", SECTIONS), highest=5)


@pytest.mark.parametrize(
    ("name", "text", "fits"),
    [
        ("s1-shown", "strength", True),
        ("s1-shown", "", True),
        ("s1-shown", "great", False),
        ("s1-shown", "3", False),
        ("c1-notes", "", True),
        ("c1-notes", "3,17", True),
        ("c1-notes", "17,3", False),
        ("c1-notes", "3,3", False),
        ("c1-notes", "0", False),
        ("c1-notes", "03", False),
        ("c1-notes", "3;17", False),
        ("c1-notes", "٣", False),
        ("c1-notes", ",".join(str(n) for n in range(1, MOST_NOTES + 1)), True),
        ("c1-notes", ",".join(str(n) for n in range(1, MOST_NOTES + 2)), False),
    ],
    ids=lambda v: str(v)[:20].encode("unicode_escape").decode(),
)
def test_marks_are_four_words_and_notes_are_numbers(name, text, fits):
    if fits:
        assert checked({name: text}, shape=Shape.of("manager"), highest=5) == {name: text}
        return
    with pytest.raises(Unstorable) as refused:
        checked({name: text}, shape=Shape.of("manager"), highest=5)
    assert refused.value.why == "not_a_choice"


@given(st.lists(st.integers(1, 10**17), max_size=MOST_NOTES))
def test_numbers_of_notes_are_kept_once_in_order(numbers):
    assert notes_in(joined(numbers)) == sorted(set(numbers))


def test_what_was_refused_can_stand_in_its_fields_again():
    typed = {
        "summary": "x" * (LONGEST_TEXT + 1),
        "c1-comment": "a\0b",
        "c2-comment": "half \ud83d of it",
        "c1-value": "9",
        "s1-shown": "great",
        "state": "submitted",
        "c3-comment": "fine",
    }

    assert showable(typed, shape=Shape.of("manager"), highest=5) == {
        "summary": typed["summary"],
        "c1-comment": "ab",
        "c2-comment": "half ? of it",
        "c3-comment": "fine",
    }


@pytest.mark.parametrize(
    ("weighted", "median"),
    [
        ([], None),
        ([(3, 0)], None),
        ([(3, 1)], 3),
        ([(3, 7)], 3),
        ([(1, 1), (5, 3)], 5),
        ([(1, 3), (5, 1)], 1),
        # Exactly half at or below 2: the middle of 2 and 4, as for two values without weights.
        ([(2, 2), (4, 1), (5, 1)], 3),
        ([(2, 1), (3, 1)], 3),
        ([(2, 2), (3, 2)], 3),
        ([(3, 1), (4, 1)], 4),
        ([(1, 1), (1, 1), (5, 2)], 3),
        # Weight 0 is left out, also where it would lie in the middle.
        ([(1, 1), (3, 0), (5, 1)], 3),
        ([(1, 1), (2, 0), (4, 1), (4, 1)], 4),
        ([(2, 1), (3, 1), (3, 1), (4, 1)], 3),
        ([(1, 10), (5, 1), (5, 1)], 1),
    ],
    ids=str,
)
def test_the_weighted_median_is_where_half_of_the_weight_lies(weighted, median):
    assert weighted_median(weighted) == median
    assert weighted_median(reversed(weighted)) == median


@given(st.lists(st.integers(1, 7), max_size=12), st.integers(1, 10))
def test_with_equal_weights_it_is_the_median(values, weight):
    assert weighted_median((v, weight) for v in values) == rounded_median(values)


@given(st.lists(st.tuples(st.integers(1, 7), st.integers(0, 4)), max_size=10))
def test_a_weight_counts_like_so_many_ratings(weighted):
    assert weighted_median(weighted) == rounded_median([v for v, n in weighted for _ in range(n)])


def test_what_is_missing_takes_no_weight():
    ratings = {1: Rating(2), 2: Rating(None, "not_applicable"), 3: Rating(None), 4: Rating(4)}

    found = profile(ratings, [1, 2, 3, 4, 5], weights={2: 10, 3: 10, 4: 3})

    assert (found.median, found.rated, found.not_applicable) == (4, 2, 1)
    assert dict(found.counts) == {1: 0, 2: 1, 3: 0, 4: 1, 5: 0}


def test_a_departure_is_measured_from_the_weighted_middle():
    content = Content({"c1-value": "5", "c2-value": "3", "overall": "5", "summary": "s"})
    even, uneven = Shape.of("manager"), Shape.of("manager", weights={1: 3})

    assert needs_departure(content)
    assert not needs_departure(content, weights={1: 3})
    assert missing_parts(content, [ONE, TWO], shape=even) == [Missing(None, "departure")]
    assert missing_parts(content, [ONE, TWO], shape=uneven) == []


def test_a_question_that_wants_an_answer_is_missing_until_it_has_one():
    shape = Shape.of("self", required=(7, 9))
    content = Content({"c1-comment": "w", "summary": "s", "q9-comment": "said", "q7-comment": " "})

    assert missing_parts(content, [ONE], shape=shape) == [Missing((QUESTION, 7), "answer")]
    assert written_count(content, shape=shape) == 1


def test_without_ratings_a_self_review_asks_for_words():
    shape = Shape.of("self", ["self.ratings"])

    assert missing_parts(Content({"summary": "s"}), [ONE, AIM], shape=shape) == [
        Missing(ONE, "comment"),
        Missing(AIM, "comment"),
    ]


def test_marks_are_counted_in_statements_and_never_as_points():
    content = Content({"s1-shown": "strength", "s2-shown": "shown", "s9-shown": "not_yet"})

    found = seen(content.marks(), [1, 2, 3])

    assert found == Seen(strengths=1, shown=1, not_yet=0, no_opportunity=0, of=3)
    assert content.ratings() == {}
    assert content.commented() == set()
    assert not seen({}, [1]).is_anything


def test_the_ladder_then_and_now():
    then = {
        "craft": ("Craft", [("a", "Tests."), ("b", "Ships alone."), ("c", "Old words.")]),
        "gone": ("Gone", [("x", "Once.")]),
    }
    now = {
        "craft": ("Craft", [("a2", " tests. "), ("c", "New words."), ("d", "Reviews.")]),
        "fresh": ("Fresh", [("y", "Now.")]),
    }

    assert ladder_changes(then, now) == [
        Change("Craft", ("Reviews.",), ("Ships alone.",), (("Old words.", "New words."),)),
        Change("Fresh", ("Now.",)),
        Change("Gone", removed=("Once.",)),
    ]
    assert ladder_changes(now, now) == []
