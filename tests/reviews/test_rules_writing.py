"""Which fields there are, how two writers meet, what is missing; and what ratings say together."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.reviews.rules.fields import LONGEST_TEXT, Shape, Unstorable, checked, part_of
from apps.reviews.rules.ratings import (
    COMPETENCY,
    THE_WHOLE,
    Rating,
    all_the_same,
    changed,
    departs,
    jumps,
    profile,
    replay,
    rounded_median,
)
from apps.reviews.rules.writing import (
    Content,
    Doubt,
    Merged,
    Missing,
    doubts,
    laid_over,
    merge,
    minutes_left,
    missing_parts,
    needs_departure,
)

ONE, TWO = (COMPETENCY, 1), (COMPETENCY, 2)


@pytest.mark.parametrize(
    ("values", "median"),
    [
        ([], None),
        ([3], 3),
        ([3, 4], 4),
        ([2, 3], 3),
        ([2, 4], 3),
        ([1, 1, 5], 1),
        ([2, 3, 3, 4], 3),
    ],
    ids=str,
)
def test_the_median_is_a_point_of_the_scale(values, median):
    assert rounded_median(values) == median


@pytest.mark.parametrize(
    ("overall", "median", "answer"),
    [(3, 3, False), (4, 3, True), (2, 3, True), (None, 3, False), (3, None, False)],
    ids=str,
)
def test_one_step_from_the_median_departs(overall, median, answer):
    assert departs(overall, median) is answer


def test_a_profile_counts_marks_apart_and_never_as_zero():
    ratings = [Rating(4), Rating(4), Rating(None, "not_applicable"), Rating(None), Rating(5)]

    found = profile(dict(enumerate(ratings)), [1, 2, 3, 4, 5])

    assert found.counts == ((1, 0), (2, 0), (3, 0), (4, 2), (5, 1))
    assert (found.rated, found.not_applicable, found.not_enough_evidence) == (3, 1, 0)
    assert found.median == 4


@pytest.mark.parametrize(
    ("now", "before", "answer"),
    [(4, 2, True), (4, 3, False), (1, 3, True), (None, 1, False), (4, None, False)],
    ids=str,
)
def test_two_steps_since_the_last_cycle_are_a_jump(now, before, answer):
    assert jumps(now, before) is answer


def test_the_same_rating_everywhere_is_noticed_from_five_on():
    assert not all_the_same([Rating(3)] * 4)
    assert all_the_same([Rating(3)] * 5)
    assert not all_the_same([*[Rating(3)] * 5, Rating(4)])


def test_replay_gives_the_newest_of_each_subject_in_any_order():
    events = [
        (ONE, 2, Rating(4)),
        (ONE, 1, Rating(2)),
        (THE_WHOLE, 1, Rating(3)),
        (TWO, 1, Rating(5)),
        (TWO, 2, Rating(None)),
    ]

    assert replay(reversed(events)) == replay(events) == {ONE: Rating(4), THE_WHOLE: Rating(3)}


def test_only_what_differs_is_a_change_and_what_is_gone_is_taken_back():
    assert changed({ONE: Rating(3), TWO: Rating(4)}, {ONE: Rating(3)}) == {TWO: Rating(4)}
    assert changed({}, {ONE: Rating(3)}) == {ONE: Rating(None)}


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("c12-value", "value"),
        ("g3-comment", "comment"),
        ("summary", "summary"),
        ("private_note", "private_note"),
    ],
)
def test_fields_of_a_review_are_known(name, column):
    assert part_of(name).column == column


@pytest.mark.parametrize(
    "name",
    [
        "c0-value",
        "c-value",
        "c12-mark",
        "x1-value",
        "state",
        "author",
        "c1-value\n",
        "csrfmiddlewaretoken",
    ],
)
def test_other_fields_are_not(name):
    assert part_of(name) is None


@pytest.mark.parametrize(
    ("name", "text", "kind", "why"),
    [
        ("private_note", "psst", "self", "unknown"),
        ("overall", "3", "self", "unknown"),
        ("state", "submitted", "manager", "unknown"),
        ("c1-value", "6", "manager", "not_a_choice"),
        ("c1-value", "0", "manager", "not_a_choice"),
        ("c1-value", "3.5", "manager", "not_a_choice"),
        ("overall", "not_applicable", "manager", "not_a_choice"),
        ("promotion", "now", "manager", "not_a_choice"),
        ("summary", "a\0b", "self", "nul"),
        ("summary", "\ud83d", "self", "surrogate"),
        ("c1-comment", "é" * (LONGEST_TEXT // 2 + 1), "self", "too_long"),
    ],
    ids=lambda v: str(v)[:20].encode("unicode_escape").decode(),
)
def test_what_cannot_be_kept_is_refused_by_name(name, text, kind, why):
    with pytest.raises(Unstorable) as refused:
        checked({name: text}, shape=Shape.of(kind), highest=5)

    assert (refused.value.name, refused.value.why) == (name, why)


@pytest.mark.parametrize(
    "text",
    ["x" * LONGEST_TEXT, "👩🏽‍🚀 שלום ‫مرحبا‬", "  kept\n\n", "{{ 7*7 }} {% now %} <script>"],
    ids=lambda t: t[:12],
)
def test_what_can_be_kept_is_kept_exactly(text):
    assert checked({"summary": text}, shape=Shape.of("self"), highest=5) == {"summary": text}


def test_different_fields_since_the_same_revision_both_live():
    live = Content({"summary": "theirs"}, {"summary": 5})

    merged = merge(live, {"c1-comment": "mine"}, base=4, revision=6)

    assert merged.content.fields == {"summary": "theirs", "c1-comment": "mine"}
    assert merged.content.since == {"summary": 5, "c1-comment": 6}


def test_the_same_field_since_then_is_a_conflict_and_nothing_is_taken():
    live = Content({"summary": "theirs"}, {"summary": 5})

    merged = merge(live, {"summary": "mine", "c1-comment": "also mine"}, base=4, revision=6)

    assert merged == Merged(live, {}, {"summary": "theirs"})


def test_a_field_that_was_emptied_meanwhile_is_a_conflict_too():
    live = Content({}, {"summary": 5})

    assert merge(live, {"summary": "mine"}, base=4, revision=6).theirs == {"summary": ""}


def test_the_same_text_twice_is_no_conflict_and_no_change():
    live = Content({"summary": "same"}, {"summary": 5})

    assert merge(live, {"summary": "same"}, base=1, revision=6) == Merged(live, {}, {})


@given(
    st.dictionaries(st.sampled_from(["summary", "c1-comment", "c2-comment"]), st.text(max_size=3)),
    st.dictionaries(st.sampled_from(["summary", "c1-comment", "c2-comment"]), st.text(max_size=3)),
)
def test_laying_over_changes_exactly_what_was_given(before, changes):
    live = laid_over(Content(), before, revision=1)

    after = laid_over(live, changes, revision=2)

    for name in {*before, *changes}:
        assert after.fields.get(name, "") == changes.get(name, before.get(name, ""))
    assert "" not in after.fields.values()


def test_a_manager_rates_or_marks_everything():
    content = Content(
        {"c1-value": "not_applicable", "c2-comment": "words", "summary": "s", "overall": "3"}
    )

    assert missing_parts(content, [ONE, TWO], shape=Shape.of("manager")) == [Missing(TWO, "rate")]


def test_in_a_self_review_a_sentence_stands_for_a_rating():
    content = Content({"c2-comment": "words", "summary": " "})

    assert missing_parts(content, [ONE, TWO], shape=Shape.of("self")) == [
        Missing(ONE, "rate_or_comment"),
        Missing(None, "summary"),
    ]


def test_a_departure_asks_for_one_sentence_and_a_missing_rating_never_counts_as_zero():
    content = Content(
        {"c1-value": "4", "c2-value": "not_enough_evidence", "overall": "4", "summary": "s"}
    )
    further = Content({**content.fields, "overall": "3"})

    assert not needs_departure(content)
    assert missing_parts(content, [ONE, TWO], shape=Shape.of("manager")) == []
    assert missing_parts(further, [ONE, TWO], shape=Shape.of("manager")) == [
        Missing(None, "departure")
    ]
    assert (
        missing_parts(
            Content({**further.fields, "departure": "Because."}),
            [ONE, TWO],
            shape=Shape.of("manager"),
        )
        == []
    )


def test_doubts_name_jumps_bare_extremes_and_sameness():
    content = Content({"c1-value": "5", "c2-value": "1", "c2-comment": "said", "overall": "5"})

    found = doubts(
        content,
        before={ONE: Rating(3), THE_WHOLE: Rating(3)},
        points=[1, 2, 3, 4, 5],
        kind="manager",
    )

    assert found == [Doubt(ONE, "bare_extreme"), Doubt(ONE, "jump"), Doubt(None, "jump")]


def test_minutes_count_what_is_left():
    assert minutes_left([]) == 0
    assert minutes_left([Missing(ONE, "rate"), Missing(None, "summary")]) == 14
