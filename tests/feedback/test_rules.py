"""The decisions without a database: tables with ids, and a search for counter-examples."""

import itertools
from datetime import UTC, date, datetime
from decimal import Decimal
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.feedback import rules
from apps.feedback.rules import UnreadableFeedback
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
        ("named", 8, (3, 5)),
        ("confidential", 8, (8, 10)),
        ("anonymous", 4, (4, 6)),
        ("anonymous", 5, (5, 7)),
    ],
)
def test_peers_wanted(mode, threshold, wanted):
    assert rules.peers_wanted(mode, threshold) == wanted


@pytest.mark.parametrize(
    ("approved", "wanted"), [(0, (5, 7)), (3, (2, 4)), (6, (0, 1)), (9, (0, 0))]
)
def test_peers_wanted_beside_those_who_are_approved(approved, wanted):
    assert rules.peers_wanted("confidential", 5, approved) == wanted


@pytest.mark.parametrize(
    ("standing", "mode", "missing"),
    [
        (4, "confidential", 1),
        (5, "confidential", 0),
        (7, "anonymous", 0),
        (0, "anonymous", 5),
        (0, "named", 0),
    ],
)
def test_missing_to_read(standing, mode, missing):
    assert rules.missing_to_read(standing, mode, 5) == missing


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


# --- how voices lie on the scale, in groups of which none is small ---

SCALES = st.integers(2, 7).map(lambda top: list(range(1, top + 1)))


@st.composite
def batches(draw):
    """(points given, the scale, the fewest voices)"""
    points = draw(SCALES)
    return draw(st.lists(st.sampled_from(points), max_size=60)), points, draw(st.integers(4, 12))


@given(batches())
def test_each_group_of_a_spread_has_enough_voices_of_its_own(batch):
    values, points, threshold = batch
    for share in rules.shown_spread(*batch):
        within = [v for v in values if share.lowest <= v <= share.highest]
        assert len(within) >= threshold
        assert abs(share.tenths - len(within) * 10 / len(values)) < 1


@given(batches())
def test_the_groups_of_a_spread_cover_the_scale_once_and_make_ten_tenths(batch):
    _values, points, _threshold = batch
    shares = rules.shown_spread(*batch)
    if shares:
        assert len(shares) > 1
        assert [p for s in shares for p in range(s.lowest, s.highest + 1)] == points
        assert sum(share.tenths for share in shares) == 10
        assert all(share.tenths >= 0 for share in shares)


@given(batches(), st.randoms())
def test_a_spread_tells_nothing_of_the_order_of_voices(batch, random):
    values, points, threshold = batch
    shuffled = random.sample(values, len(values))
    assert rules.shown_spread(shuffled, points, threshold) == rules.shown_spread(*batch)


@given(batches())
def test_no_spread_below_twice_the_threshold_or_with_all_at_one_point(batch):
    values, points, threshold = batch
    if len(values) < 2 * threshold or len(set(values)) < 2:
        assert rules.shown_spread(*batch) == ()


@given(batches())
def test_no_sum_or_difference_of_shares_sets_few_apart(batch):
    """Sums of groups of k or more are of k or more, and groups do not overlap: nothing is left over."""
    values, _points, threshold = batch
    groups = [
        sum(share.lowest <= v <= share.highest for v in values)
        for share in rules.shown_spread(*batch)
    ]
    for signs in itertools.product((-1, 0, 1), repeat=len(groups)):
        apart = sum(abs(sign) * count for sign, count in zip(signs, groups, strict=True))
        assert not 0 < apart < threshold


@pytest.mark.parametrize(
    ("values", "spread"),
    [
        ([1, 2, 2, 3, 4, 4, 4, 4, 5, 5], [(1, 3, 4), (4, 5, 6)]),
        ([1] * 4 + [5] * 4, [(1, 1, 5), (2, 5, 5)]),
        ([1] * 4 + [3] * 4 + [5] * 4, [(1, 1, 4), (2, 3, 3), (4, 5, 3)]),
        ([2] * 4 + [3] * 4 + [4], [(1, 2, 4), (3, 5, 6)]),
        ([3] * 20, []),
        ([1, 1, 1, 5, 5, 5, 5], []),
        ([], []),
    ],
    ids=["two groups", "both ends", "thirds", "what is left joins the last", "all at one", "below 2k", "none"],
)  # fmt: skip
def test_shown_spread(values, spread):
    shares = rules.shown_spread(values, [1, 2, 3, 4, 5], 4)
    assert [(s.lowest, s.highest, s.tenths) for s in shares] == spread


@pytest.mark.parametrize(("mean", "point"), [("2.4", 2), ("2.5", 3), ("3.5", 4), ("5.0", 5)])
def test_the_point_next_to_a_mean_is_the_upper_one_of_two(mean, point):
    assert rules.nearest_point(Decimal(mean)) == point
