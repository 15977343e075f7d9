"""The next cycle from the one before, and addresses as people paste them."""

from datetime import date

import pytest

from apps.reviews.rules.phases import CyclePlan, Dated
from apps.reviews.rules.population import MOST_ADDRESSES, TooMany, addresses_in
from apps.reviews.rules.repeating import following, following_name


def plan(begins, ends, **more):
    return CyclePlan(
        name="Autumn 2026",
        period_start=begins,
        period_end=ends,
        scale_id=1,
        department_ids=(1, 2),
        owner_ids=(3, 4),
        phases=(
            Dated("manager_review", date(2026, 11, 2), date(2026, 11, 13)),
            Dated("delivery", date(2026, 11, 16), date(2026, 11, 27)),
        ),
        **more,
    )


@pytest.mark.parametrize(
    ("begins", "ends", "next_begins", "next_ends", "days"),
    [
        ((2026, 1, 1), (2026, 12, 31), (2027, 1, 1), (2027, 12, 31), 364),
        ((2026, 1, 1), (2026, 6, 30), (2026, 7, 1), (2026, 12, 31), 182),
        ((2026, 7, 1), (2026, 12, 31), (2027, 1, 1), (2027, 6, 30), 182),
        ((2026, 10, 1), (2026, 12, 31), (2027, 1, 1), (2027, 3, 31), 91),
        ((2027, 3, 1), (2028, 2, 29), (2028, 3, 1), (2029, 2, 28), 364),
        ((2026, 4, 6), (2026, 5, 3), (2026, 5, 4), (2026, 5, 31), 28),
        ((2026, 4, 6), (2026, 4, 6), (2026, 4, 7), (2026, 4, 7), 0),
    ],
    ids=str,
)
def test_the_period_follows_and_the_weekdays_stay(begins, ends, next_begins, next_ends, days):
    old = plan(date(*begins), date(*ends))

    new = following(old, owners={3, 4}, taken=set())

    assert (new.period_start, new.period_end) == (date(*next_begins), date(*next_ends))
    moved = [
        (after.opens_on - before.opens_on).days
        for before, after in zip(old.phases, new.phases, strict=True)
    ]
    assert moved == [days] * 2
    assert [p.opens_on.weekday() for p in new.phases] == [p.opens_on.weekday() for p in old.phases]


def test_what_is_not_of_the_dates_is_kept_but_for_owners_who_are_gone():
    old = plan(date(2026, 1, 1), date(2026, 12, 31), seal_self_review=True, grace_days=5)

    new = following(old, owners={4, 9}, taken=set())

    assert (new.owner_ids, new.department_ids) == ((4,), (1, 2))
    assert (new.seal_self_review, new.grace_days) == (True, 5)


@pytest.mark.parametrize(
    ("name", "years", "moved"),
    [
        ("Autumn 2026", 1, "Autumn 2027"),
        ("2026 to 2027", 1, "2027 to 2028"),
        ("Autumn 2026", 0, ""),
        ("Autumn", 1, ""),
        ("Team 20261", 1, ""),
    ],
    ids=str,
)
def test_a_name_moves_with_its_year(name, years, moved):
    assert following_name(name, years) == moved


def test_a_name_that_is_taken_is_not_offered():
    old = plan(date(2026, 1, 1), date(2026, 12, 31))

    assert following(old, owners=set(), taken=set()).name == "Autumn 2027"
    assert following(old, owners=set(), taken={"Autumn 2027"}).name == ""


@pytest.mark.parametrize(
    ("text", "addresses"),
    [
        ("", []),
        (" \n\n ", []),
        ("ida@example.com", ["ida@example.com"]),
        ("Ida@Example.com\r\nbo@example.com", ["ida@example.com", "bo@example.com"]),
        ("ida@example.com, bo@example.com;cy@example.com", ["ida@example.com", "bo@example.com", "cy@example.com"]),
        ('"Ida Lund" <ida@example.com>, Bo <bo@example.com>', ["ida@example.com", "bo@example.com"]),
        ("ida@example.com bo@example.com", ["ida@example.com", "bo@example.com"]),
        ("mailto:ida@example.com", ["ida@example.com"]),
        ("ida@example.com\nida@example.com", ["ida@example.com"]),
        ("Ida Lund\tida@example.com\tParis", ["ida@example.com"]),
        ("Ida Lund\nbo@example.com", ["Ida Lund", "bo@example.com"]),
        ("o'hara@example.com.", ["o'hara@example.com"]),
    ],
    ids=str,
)  # fmt: skip
def test_addresses_are_found_however_they_were_pasted(text, addresses):
    assert addresses_in(text) == addresses


def test_more_than_are_taken_at_once_are_counted():
    text = "\n".join(f"p{n}@example.com" for n in range(MOST_ADDRESSES + 1))

    with pytest.raises(TooMany) as many:
        addresses_in(text)

    assert many.value.count == MOST_ADDRESSES + 1
