"""The decisions without a database: tables with ids, and a search for counter-examples."""

import itertools
from datetime import UTC, date, datetime
from decimal import Decimal
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.feedback import rules
from apps.feedback.rules import Conflict, UnreadableFeedback
from apps.feedback.states import OUT, Mode, RequestState

POINTS = st.lists(st.integers(1, 5), max_size=8)


@pytest.mark.parametrize(
    ("count", "shown"), [(0, False), (1, False), (4, False), (5, True), (6, True)]
)
def test_may_be_shown(count, shown):
    assert rules.may_be_shown(count, 5) is shown


@given(st.dictionaries(st.integers(1, 6), POINTS, max_size=6), st.integers(4, 6))
def test_no_line_and_no_total_rests_on_fewer_than_the_threshold(values, threshold):
    items, total = rules.shown_items(values, threshold)
    assert [i.key for i in items] == list(values)
    for item in items:
        assert (item.mean is not None) == (len(values[item.key]) >= threshold)
    shown = [i.key for i in items if i.mean is not None]
    assert (total is not None) == (len(shown) > 1)


@given(st.lists(st.sets(st.integers(1, 8)), min_size=1, max_size=4), st.integers(4, 6))
def test_no_sum_or_difference_of_what_is_shown_isolates_fewer_than_the_threshold(voices, threshold):
    """Brute force over coefficients -1, 0, 1. A cell is the set of (item, person) that it sums."""
    values = {item: [3] * len(people) for item, people in enumerate(voices)}
    items, total = rules.shown_items(values, threshold)
    cells = [{(i.key, p) for p in voices[i.key]} for i in items if i.mean is not None]
    if total is not None:
        cells.append(set().union(*cells))
    for coefficients in itertools.product((-1, 0, 1), repeat=len(cells)):
        weight = {}
        for sign, cell in zip(coefficients, cells, strict=True):
            for pair in cell:
                weight[pair] = weight.get(pair, 0) + sign
        isolated = {person for (_item, person), w in weight.items() if w}
        assert not 0 < len(isolated) < threshold


@pytest.mark.parametrize(
    ("points", "mean"), [([3, 3, 3, 3], "3.0"), ([1, 2, 2, 2], "1.8"), ([4, 4, 4, 5], "4.3")]
)
def test_a_mean_has_one_decimal_half_up(points, mean):
    assert rules.shown_mean(points) == Decimal(mean)


@given(st.lists(st.text(max_size=20), max_size=8), st.randoms())
def test_the_order_of_texts_tells_nothing_of_the_order_of_rows(texts, random):
    shuffled = random.sample(texts, len(texts))
    same = {"secret": "s", "viewer_id": 1, "section": "a"}
    assert rules.display_order(texts, **same) == rules.display_order(shuffled, **same)


def test_each_viewer_and_each_section_has_an_order_of_its_own():
    texts = [f"text {n}" for n in range(12)]
    orders = {
        tuple(rules.display_order(texts, secret="s", viewer_id=viewer, section=section))
        for viewer in (1, 2)
        for section in ("a", "b")
    }
    assert len(orders) == 4


@pytest.mark.parametrize("state", RequestState)
def test_in_anonymous_mode_every_request_that_is_out_looks_asked(state):
    shown = rules.shown_state(state, Mode.ANONYMOUS, to_subject=False)
    assert shown == (RequestState.ASKED if state in OUT else state)


@pytest.mark.parametrize(
    ("mode", "to_subject", "shown"),
    [
        (Mode.NAMED, True, "asked"),
        (Mode.NAMED, False, "answered"),
        (Mode.CONFIDENTIAL, True, "asked"),
    ],
)
def test_the_person_it_is_about_never_sees_who_answered(mode, to_subject, shown):
    assert rules.shown_state("answered", mode, to_subject=to_subject) == shown


@pytest.mark.parametrize(
    ("mode", "threshold", "wanted"),
    [
        ("named", 5, (3, 5)),
        ("confidential", 8, (3, 5)),
        ("anonymous", 4, (4, 6)),
        ("anonymous", 5, (5, 7)),
    ],
)
def test_peers_wanted(mode, threshold, wanted):
    assert rules.peers_wanted(mode, threshold) == wanted


@pytest.mark.parametrize(
    ("asked", "mode", "missing"),
    [(4, "anonymous", 1), (5, "anonymous", 0), (0, "anonymous", 5), (1, "named", 0)],
)
def test_missing_to_start(asked, mode, missing):
    assert rules.missing_to_start(asked, mode, 5) == missing
    assert rules.has_enough(asked, mode, 5) is (missing == 0)


@pytest.mark.parametrize(
    ("peer", "why"),
    [(1, "self"), (2, "manager"), (9, "not_employed"), (3, None)],
    ids=["self", "manager", "left", "fine"],
)
def test_refused_peers(peer, why):
    refused = rules.refused_peers([peer], subject_id=1, manager_ids={2, None}, employed={1, 2, 3})
    assert refused == ({peer: why} if why else {})


@pytest.mark.parametrize(
    ("areas", "chosen"),
    [("", ""), ("abc", "012"), ("aaaaaaa", "01234"), ("aaaabbc", "01456")],
    ids=["none", "few", "one area", "each area first"],
)
def test_chosen_competencies(areas, chosen):
    listed = [SimpleNamespace(area_name=a, n=n) for n, a in enumerate(areas)]
    assert "".join(str(c.n) for c in rules.chosen_competencies(listed)) == chosen


def test_a_name_is_put_into_a_question_and_nothing_else_is_formatted():
    assert (
        rules.worded("What of {name}? {0} {{x}}", "Ada {name}") == "What of Ada {name}? {0} {{x}}"
    )


@pytest.mark.parametrize(
    ("zone", "instant"),
    [("UTC", datetime(2026, 11, 21, tzinfo=UTC)), ("Europe/Oslo", datetime(2026, 11, 20, 23, tzinfo=UTC)), ("America/New_York", datetime(2026, 11, 21, 5, tzinfo=UTC))],
)  # fmt: skip
def test_due_at_is_midnight_where_the_reader_is(zone, instant):
    assert rules.due_at(date(2026, 11, 20), zone) == instant


FIELDS = {"question_1", "cannot_1", "rating_2", "comment_2"}


@pytest.mark.parametrize(
    "values",
    [
        {"question_9": "x"},
        {"rating_2": "6"},
        {"rating_2": "x"},
        {"cannot_1": "yes"},
        {"question_1": "a\x00b"},
        {"question_1": "\ud800"},
        {"question_1": "x" * 65537},
    ],
    ids=[
        "not on the form",
        "not on the scale",
        "no number",
        "no tick",
        "NUL",
        "lone surrogate",
        "too long",
    ],
)
def test_what_cannot_be_kept_is_refused(values):
    with pytest.raises(UnreadableFeedback):
        rules.cleaned(values, fields=FIELDS, points={1, 2, 3, 4, 5})


@pytest.mark.parametrize(
    "text", ["", "x" * 65536, "😀 \u202eright to left\u202c", "{{ x }} {% y %}", "<script>"]
)
def test_what_people_type_is_kept_exactly(text):
    assert rules.cleaned({"question_1": text}, fields=FIELDS, points=set()) == {"question_1": text}


EDITS = st.lists(
    st.tuples(st.sampled_from("ab"), st.text(max_size=3), st.integers(0, 3)), max_size=12
)


@given(EDITS)
def test_no_acknowledged_word_is_overwritten_unseen(edits):
    """A field changes only by a save that had seen its last change."""
    content, revision = {}, 0
    last = {}
    for field, text, behind in edits:
        seen = max(0, revision - behind)
        try:
            content = rules.merged(content, revision, changes={field: text}, seen=seen)
        except Conflict as conflict:
            told = (last[field][0] > seen, conflict.theirs)
            assert told == (True, {field: last[field][1]})
            continue
        assert field not in last or last[field][0] <= seen or last[field][1] == text
        revision += 1
        last[field] = (revision, text)
        assert content["values"] == {name: words for name, (_, words) in last.items()}


def test_a_save_on_top_of_a_revision_that_never_was_is_a_conflict():
    with pytest.raises(Conflict):
        rules.merged({}, 0, changes={"a": "x"}, seen=3)


def test_what_is_left_and_what_is_said():
    values = {
        "question_1": " ",
        "cannot_2": "on",
        "rating_3": "not_enough_evidence",
        "rating_4": "5",
        "comment_4": " Yes. ",
    }
    ids = {"question_ids": [1, 2], "competency_ids": [3, 4, 5]}
    assert rules.missing_parts(values, **ids) == ["question_1", "rating_5"]
    said = [
        (p.question_id, p.competency_id, p.value, p.text, p.cannot_say)
        for p in rules.parts_of(values, **ids)
    ]
    assert said == [
        (1, None, None, "", True),
        (2, None, None, "", True),
        (None, 3, None, "", True),
        (None, 4, 5, "Yes.", False),
        (None, 5, None, "", True),
    ]
