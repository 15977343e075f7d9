import pytest

from apps.calibration.rules import (
    Movement,
    Standing,
    agenda_weight,
    distribution,
    movement,
    record_hash,
    why_discuss,
)


@pytest.mark.parametrize(
    ("standing", "reasons"),
    [
        (Standing(3, 3, 3), []),
        (Standing(None, 3, 3), ["no_rating"]),
        (Standing(4, 2, 4), ["disagreement"]),
        (Standing(5, 5, 4), ["outlier"]),
        (Standing(1, None, None), ["outlier"]),
        (Standing(4, 4, 2), ["mover"]),
        (Standing(4, 4, 4, promotion=True), ["promotion"]),
        (Standing(5, 3, 3, promotion=True), ["disagreement", "promotion", "outlier", "mover"]),
        (Standing(3, None, None), []),
    ],
    ids=[
        "nothing stands out",
        "no rating yet",
        "self and manager two apart",
        "top of the scale",
        "foot of the scale, nothing else known",
        "two steps from last time",
        "promotion case",
        "everything at once, weightiest first",
        "missing parts say nothing",
    ],
)
def test_why_discuss(standing, reasons):
    assert why_discuss(standing, lowest=1, highest=5) == reasons


def test_the_agenda_starts_with_disagreement_and_ends_with_the_quiet():
    cases = [[], ["mover"], ["outlier"], ["disagreement"], ["disagreement", "outlier"]]
    assert sorted(cases, key=agenda_weight) == [
        ["disagreement", "outlier"],
        ["disagreement"],
        ["outlier"],
        ["mover"],
        [],
    ]


@pytest.mark.parametrize(
    ("decisions", "expected"),
    [
        ([], Movement(0, 0, 0, 0, 0)),
        ([(3, 3, False)], Movement(1, 0, 0, 0, 0)),
        ([(5, 4, True), (1, 2, False)], Movement(0, 1, 1, 2, 1)),
        ([(3, 5, False)], Movement(0, 1, 0, 0, 0)),
        ([(None, 4, True)], Movement(0, 0, 0, 0, 0)),
    ],
    ids=["none", "kept", "both to the middle", "away from it", "first rating is no move"],
)
def test_movement(decisions, expected):
    assert movement(decisions, lowest=1, highest=5) == expected


def test_on_an_even_scale_the_middle_lies_between_two_points():
    assert movement([(2, 3, False)], lowest=1, highest=4).to_middle == 0
    assert movement([(4, 3, False)], lowest=1, highest=4).to_middle == 1


def test_people_without_a_rating_stand_on_no_point():
    assert distribution([3, None, 3, 5], [1, 2, 3, 4, 5]) == {1: 0, 2: 0, 3: 2, 4: 0, 5: 1}


def test_the_hash_depends_on_every_word_and_not_on_the_order_of_keys():
    record = {"a": 1, "b": [{"reason": "“so”", "to": 3}]}
    assert record_hash(record) == record_hash(dict(reversed(record.items())))
    assert record_hash(record) != record_hash({**record, "a": 2})
