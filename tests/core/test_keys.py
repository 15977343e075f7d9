"""What somebody sent as a key is one, or it is none; it is never an error of ours."""

import pytest

from apps.core.keys import key_in, keys_in


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("17", 17),
        (17, 17),
        ("0", 0),
        ("9" * 18, 10**18 - 1),
        ("9" * 19, None),
        ("9" * 5000, None),  # more digits than int() takes
        ("", None),
        ("-1", None),
        ("1.0", None),
        ("²", None),
        (" 1", None),
        (None, None),
    ],
)
def test_a_key_is_some_digits(text, key):
    assert key_in(text) == key


def test_of_many_those_that_are_keys_are_kept_in_their_order():
    assert keys_in(["3", "x", "1", "9" * 40, "3"]) == [3, 1, 3]
