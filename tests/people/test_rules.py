"""Files of people: what is read, what is refused with its place, and what would change."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.people.rules import tokens
from apps.people.rules.changes import Choice, Known, KnownPerson, diff
from apps.people.rules.lines import Loop, loops, refuse_loop
from apps.people.rules.people_file import email_key, parse_people
from apps.people.rules.table_file import MOST_ROWS, Refused, read_table

ZONES = {"UTC", "Europe/Oslo"}
TODAY = date(2026, 11, 20)


def person(pk, name, email, **values):
    full = {
        "name": name, "email": email, "manager_email": None, "department": None, "location": None,
        "time_zone": "UTC", "level": None, "mixins": frozenset(), "role_profile": None,
        "job_title": "", "employee_number": None, "hired_on": None, "left_on": None,
        "leave_from": None, "leave_until": None,
    }  # fmt: skip
    return KnownPerson(pk, full | values)


def level(pk, path, title, code="", version=1):
    names = frozenset({path, title.casefold(), code.casefold()} - {""})
    return Choice(pk, title, path, names, version)


def known(*people, **parts):
    return Known({p.values["email"]: p for p in people}, **parts)


def read(text, encoding="utf-8"):
    return parse_people(text.encode(encoding), time_zones=ZONES)


def refusal(text, having=None, **kwargs):
    with pytest.raises(Refused) as refused:
        diff(read(text), having or known(), on=TODAY, **kwargs)
    return [(p.row, p.column) for p in refused.value.problems], str(refused.value)


BASIC = "name,email,manager_email\nAda,ada@x.org,\nBo,bo@x.org,ada@x.org\n"


@pytest.mark.parametrize(
    ("data", "why"),
    [
        pytest.param(BASIC.encode(), "plain", id="utf-8"),
        pytest.param(BASIC.encode("utf-8-sig"), "mark", id="utf-8 with a mark"),
        pytest.param(BASIC.encode("utf-16"), "mark", id="utf-16 with a mark"),
        pytest.param(BASIC.encode("utf-16-le"), "none", id="utf-16 little, no mark"),
        pytest.param(BASIC.encode("utf-16-be"), "none", id="utf-16 big, no mark"),
        pytest.param(BASIC.replace(",", ";").encode(), ";", id="semicolons"),
        pytest.param(BASIC.replace(",", "\t").encode(), "\t", id="tabs"),
        pytest.param(BASIC.replace("\n", "\r\n").encode(), "crlf", id="crlf"),
        pytest.param(BASIC.replace("\n", "\n\n").encode(), "blank", id="blank rows between"),
        pytest.param(
            BASIC.replace("name,email", "Name,E-Mail").encode(),
            "head",
            id="head as people write it",
        ),
    ],
)
def test_the_same_people_come_out_of_every_kind_of_csv(data, why):
    parsed = parse_people(data, time_zones=ZONES)

    assert [r.values for r in parsed.rows] == [
        {"name": "Ada", "email": "ada@x.org", "manager_email": None},
        {"name": "Bo", "email": "bo@x.org", "manager_email": "ada@x.org"},
    ]
    assert parsed.problems == ()


def test_a_quoted_line_end_is_a_space_and_rows_are_counted_as_rows():
    parsed = read('name,email\n"Ada\nLovelace",ada@x.org\nBo,nowhere\n')

    assert parsed.rows[0].values["name"] == "Ada Lovelace"
    assert [(p.row, p.column) for p in parsed.problems] == [(3, "email")]


@pytest.mark.parametrize(
    ("cell", "day"),
    [("2026-03-31", date(2026, 3, 31)), ("31.3.2026", date(2026, 3, 31)), ("46112", date(2026, 3, 31)),
     ("46112.0", date(2026, 3, 31)), ("2026-03-31 00:00:00", date(2026, 3, 31))],
)  # fmt: skip
def test_a_day_is_read_as_spreadsheets_write_it(cell, day):
    assert read(f"name,email,hired_on\nAda,ada@x.org,{cell}").rows[0].values["hired_on"] == day


@pytest.mark.parametrize("cell", ["3/4/2026", "2026-02-30", "31.2.2026", "soon", "１２"])
def test_a_day_that_could_be_two_days_or_none_is_refused(cell):
    assert [(p.row, p.column) for p in read(f"name,email,hired_on\nA,a@x.org,{cell}").problems] == [
        (2, "hired_on")
    ]


@pytest.mark.parametrize(
    ("text", "places"),
    [
        pytest.param("name,email\n,a@x.org", [(2, "name")], id="no name"),
        pytest.param("name,email\nAda,", [(2, "email")], id="no address"),
        pytest.param("name,email\nAda,ada at x", [(2, "email")], id="no address at all"),
        pytest.param("name,email\nA,a@x.org\nB,A@X.org", [(3, "email")], id="same address, other case"),
        pytest.param("name,email\nA,strasse@x.org\nB,straße@x.org", [(3, "email")], id="same after casefold"),
        pytest.param("name,email\nA,ada@x.org\nB,ａｄａ@x.org", [(3, "email")], id="same after NFKC"),
        pytest.param("name,email\nA,ada@x.org\nB,a\u200bda@x.org", [(3, "email")], id="same but for the invisible"),
        pytest.param("name,email,manager_email\nA,a@x.org,A@x.org", [(2, "manager_email")], id="own manager"),
        pytest.param("name,email,manager_email\nA,a@x.org,b@x.org", [(2, "manager_email")], id="unknown manager"),
        pytest.param("name,email,manager_email\nA,a@x.org,b@x.org\nB,b@x.org,a@x.org", [(2, "manager_email")], id="ring of two"),
        pytest.param("name,email,manager_email,left_on\nA,a@x.org,b@x.org,\nB,b@x.org,,2026-11-20", [(2, "manager_email")], id="manager left today"),
        pytest.param("name,email,time_zone\nA,a@x.org,Oslo", [(2, "time_zone")], id="no such zone"),
        pytest.param("name,email,level\nA,a@x.org,Wizard", [(2, "level")], id="no such level"),
        pytest.param("name,email,mixins\nA,a@x.org,Data; Ops", [(2, "mixins"), (2, "mixins")], id="no such mixins"),
        pytest.param("name,email,role_profile\nA,a@x.org,Lead", [(2, "role_profile")], id="no such profile"),
        pytest.param("name,email,hired_on,left_on\nA,a@x.org,2026-02-01,2026-01-01", [(2, "left_on")], id="left before joining"),
        pytest.param("name,email,leave_until\nA,a@x.org,2026-12-01", [(2, "leave_until")], id="leave without a first day"),
        pytest.param("name,email,leave from,leave until\nA,a@x.org,2026-12-02,2026-12-01", [(2, "leave_until")], id="leave backwards"),
        pytest.param("name,email,employee_number\nA,a@x.org,7\nB,b@x.org,7", [(3, "employee_number")], id="one number twice"),
        pytest.param("name,email\n" + "x" * 161 + ",a@x.org", [(2, "name")], id="long name"),
        pytest.param("name,email,level\n,nowhere,Wizard\nB,b@x.org,Wizard", [(2, "email"), (2, "name"), (3, "level")], id="all at once"),
    ],
)  # fmt: skip
def test_every_mistake_is_named_by_row_and_column(text, places):
    assert refusal(text)[0] == places


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "The file is empty."),
        (b"name,email\n", "The file has a head but nobody in it."),
        (b"name\nAda", "Row 1, column email: This column is missing."),
        (b"name,email,shoe size\nA,a@x.org,44", "Row 1, column shoe size: Nobody knows this column."),
        (b"name,email,email\nA,a@x.org,b@x.org", "Row 1, column email: This column is there twice."),
        (b"name,email,e-mail\nA,a@x.org,b@x.org", "Row 1, column email: This column is there twice."),
        (b"name,email\nA,a@x.org,b", "Row 2: There are more cells than columns in the head."),
        (b'name,email\n"A,a@x.org\n', "A quotation mark opens here"),
        (b"name,email\nJos\xe9,j@x.org\n", "Row 2: These characters are not UTF-8."),
        (b"name,email\nA\0,a@x.org\n" * 1, "characters that no text has"),
        (b"a" * (10 * 1024 * 1024 + 1), "larger than 10 MB"),
        (",".join(f"c{n}" for n in range(61)).encode(), "more than 60 columns"),
        (b"name,email\n" + b"A" * (32 * 1024 + 1) + b",a@x.org", "Row 2, column name: The text is longer than 32 KB."),
    ],
    ids=lambda value: str(value)[:24],
)  # fmt: skip
def test_what_is_no_table_of_people_is_refused_with_its_place(data, sentence):
    with pytest.raises(Refused) as refused:
        parse_people(data, time_zones=ZONES)

    assert sentence in str(refused.value)


def test_more_rows_than_a_company_has_are_refused():
    with pytest.raises(Refused, match="more than 200000 rows"):
        read_table(b"a\n" + b"x\n" * (MOST_ROWS + 1))


def test_two_roots_are_fine_and_a_file_applied_twice_changes_nothing():
    text = "name,email,manager_email\nA,a@x.org,\nB,b@x.org,\nC,c@x.org,b@x.org"

    first = diff(read(text), known(), on=TODAY)
    there = known(
        person(1, "A", "a@x.org"),
        person(2, "B", "b@x.org"),
        person(3, "C", "c@x.org", manager_email="b@x.org"),
    )
    second = diff(read(text), there, on=TODAY)

    assert [e.name for e in first.created] == ["A", "B", "C"]
    assert (second.is_empty, second.unchanged) == (True, 3)


def test_a_change_says_from_what_to_what_and_the_missing_are_named():
    there = known(
        person(1, "A", "a@x.org", level=10, department="Sales"),
        person(2, "Bo", "b@x.org"),
        person(3, "Gone", "g@x.org", left_on=date(2026, 1, 1)),
        departments={"sales": "Sales"},
        levels=(level(10, "eng/two", "Engineer II"), level(11, "eng/three", "Engineer III", "E3")),
    )

    found = diff(read("name,email,level,department\nA,A@x.org,e3,SALES"), there, on=TODAY)

    assert [(c.column, c.before, c.after) for c in found.changed[0].changes] == [
        ("level", "Engineer II", "Engineer III")
    ]
    assert found.changed[0].values == {"level": 11}
    assert found.missing == ("Bo",)
    assert found.departments == ()


def test_an_empty_cell_clears_and_a_column_that_is_not_there_leaves_alone():
    there = known(
        person(1, "A", "a@x.org", job_title="Nurse", department="Ward", time_zone="Europe/Oslo")
    )

    found = diff(read("name,email,job_title,time_zone\nA,a@x.org,,"), there, on=TODAY)

    assert found.changed[0].values == {"job_title": ""}


def test_a_new_department_is_written_once_however_it_is_spelt():
    found = diff(
        read("name,email,department\nA,a@x.org,Night Shift\nB,b@x.org,night  shift"),
        known(),
        on=TODAY,
    )

    assert found.departments == ("Night Shift",)
    assert {e.values["department"] for e in found.created} == {"Night Shift"}


def test_a_name_on_two_ladders_is_refused_with_both_ways_to_write_it():
    twins = (level(1, "eng/senior", "Senior"), level(2, "ops/senior", "Senior", version=2))

    _, sentence = refusal("name,email,level\nA,a@x.org,Senior", known(levels=twins))
    found = diff(read("name,email,level\nA,a@x.org,ops/senior"), known(levels=twins), on=TODAY)

    assert "Write eng/senior or ops/senior." in sentence
    assert found.created[0].values["level"] == 2


def test_a_mixin_named_on_two_ladders_is_the_one_of_the_level():
    twins = (level(5, "eng/data", "Data", version=1), level(6, "ops/data", "Data", version=2))
    rungs = (level(1, "eng/one", "One", version=1), level(2, "ops/two", "Two", version=2))

    found = diff(
        read("name,email,level,mixins\nA,a@x.org,Two,Data"),
        known(levels=rungs, mixins=twins),
        on=TODAY,
    )

    assert found.created[0].values["mixins"] == frozenset({6})


def test_nobody_promotes_themself_by_file():
    there = known(person(1, "A", "a@x.org"), levels=(level(10, "eng/two", "Engineer II"),))

    places, _ = refusal("name,email,level\nA,a@x.org,Engineer II", there, own_key="a@x.org")

    assert places == [(2, "level")]


def test_a_ring_that_closes_outside_the_file_is_found():
    there = known(person(1, "A", "a@x.org"), person(2, "B", "b@x.org", manager_email="a@x.org"))

    places, sentence = refusal("name,email,manager_email\nA,a@x.org,b@x.org", there)

    assert places == [(2, "manager_email")]
    assert "a@x.org to b@x.org to a@x.org" in sentence


def test_a_number_held_by_somebody_outside_the_file_is_refused_and_a_swap_inside_is_not():
    there = known(
        person(1, "A", "a@x.org", employee_number="1"),
        person(2, "B", "b@x.org", employee_number="2"),
    )

    places, _ = refusal("name,email,employee_number\nC,c@x.org,1", there)
    swap = diff(read("name,email,employee_number\nA,a@x.org,2\nB,b@x.org,1"), there, on=TODAY)

    assert places == [(2, "employee_number")]
    assert len(swap.changed) == 2


def test_a_formula_escaped_by_an_export_comes_back_as_it_was():
    assert read("name,email,job_title\nA,a@x.org,'=Chief").rows[0].values["job_title"] == "=Chief"


def test_a_line_of_fifty_thousand_needs_no_recursion():
    chain = {n: n - 1 if n else None for n in range(50_000)}

    assert loops(chain) == []
    assert len(loops(chain | {0: 49_999})[0]) == 50_000


@given(st.dictionaries(st.integers(0, 12), st.none() | st.integers(0, 12), max_size=13))
def test_loops_are_exactly_the_people_who_stand_above_themselves(managers):
    def is_above_themself(start):
        here, steps = managers.get(start), 0
        while here is not None and here != start and steps < 20:
            here, steps = managers.get(here), steps + 1
        return here == start

    in_loops = [key for ring in loops(managers) for key in ring]

    assert sorted(in_loops) == sorted(k for k in managers if is_above_themself(k))


@given(st.lists(st.integers(0, 10), min_size=1, max_size=40))
def test_changes_that_pass_the_check_never_close_a_line(wanted):
    manager_of: dict[int, int | None] = dict.fromkeys(range(11))
    for step, manager in enumerate(wanted):
        person_key, above, here = step % 11, [], manager_of[manager]
        while here is not None:
            above.append(here)
            here = manager_of[here]
        try:
            refuse_loop(person_key, above, manager)
        except Loop:
            continue
        manager_of[person_key] = manager

    assert loops(manager_of) == []


@given(st.text(max_size=40))
def test_an_address_key_is_stable(text):
    assert email_key(text.upper()) == email_key(email_key(text.upper()))


def test_a_key_is_read_back_and_anything_else_is_no_key():
    key = tokens.key_of("0a1b2c3d", "s" * 43)

    assert tokens.parse_key(key) == ("0a1b2c3d", "s" * 43)
    assert [tokens.parse_key(k) for k in ("", "rungs_", key + "x", key.upper(), f" {key}")] == [
        None
    ] * 5
    assert tokens.opens("s" * 43, tokens.digest_of("s" * 43))
    assert not tokens.opens("t" * 43, tokens.digest_of("s" * 43))


def test_a_leave_is_compared_with_what_is_entered_beside_the_file():
    away = person(1, "Ada", "ada@x.org", leave_from=date(2026, 12, 1))
    text = "name,email,leave_until\nAda,ada@x.org,{}"

    found = diff(read(text.format("2027-02-01")), known(away), on=TODAY)
    with pytest.raises(Refused):
        diff(read(text.format("2026-11-30")), known(away), on=TODAY)

    assert dict(found.changed[0].values) == {"leave_until": date(2027, 2, 1)}
