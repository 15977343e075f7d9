"""The components that take arguments: right words, escaped text, exact times."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from django.core.paginator import Paginator
from django.template import Context, Template
from django.test import RequestFactory

from apps.core import charts, drawing, moments
from tests.look.samples import SampleForm, bound_form

NOW = datetime(2026, 11, 20, 14, 7, tzinfo=UTC)


def draw(source: str, **context: object) -> str:
    return Template("{% load rungs crispy_forms_tags %}" + source).render(
        Context({"now": NOW, **context})
    )


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Mira Jensen", "MJ"),
        ("Chen", "CH"),
        ("Ana de la Cruz", "AC"),
        ("Jean-Luc", "JL"),
        ("", "–"),
        ("李 明", "李明"),
    ],
)
def test_initials_are_two_letters(name: str, letters: str) -> None:
    assert drawing.initials(name) == letters


def test_a_rating_says_number_and_meaning_and_strikes_the_old_one() -> None:
    html = draw('{% rating 4 "Beyond in places" was=5 %}')
    assert words(html) == "before 5 4 Beyond in places"
    assert "ramp-6" in html
    assert "<s" in html


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("not_enough_evidence", "Not enough evidence"),
        ("not_applicable", "Not applicable"),
        (None, "Not rated"),
    ],
)
def test_an_answer_that_is_no_number_has_no_colour(value: object, said: str) -> None:
    html = draw("{% rating value %}", value=value)
    assert words(html) == said
    assert "ramp-" not in html


@pytest.mark.parametrize("points", range(2, 8))
def test_a_scale_of_any_length_runs_from_the_first_to_the_last_colour(points: int) -> None:
    steps = [int(charts.ramp_class(value, points)[-1]) for value in range(1, points + 1)]
    assert steps[0] == 1
    assert steps[-1] == 7
    assert steps == sorted(set(steps))


def test_what_people_typed_is_escaped() -> None:
    evil = "<script>alert(1)</script>"
    html = draw(
        "{% badge x %}{% avatar x %}{% notice 'warn' title=x %}{{ x }}{% endnotice %}{% page_head x eyebrow=x lead=x %}{% endpage_head %}{% meter 1 2 x %}{% empty_state x %}{% endempty_state %}",
        x=evil,
    )
    assert "<script" not in html
    assert "<script" not in charts.distribution([charts.Bar(evil, 1, name=evil)], evil)
    assert "<script" not in charts.completion([charts.Progress(evil, 1, 2)], evil)
    assert "<script" not in charts.grid([evil], [(evil, [charts.Cell(evil)])], evil)


@pytest.mark.parametrize(
    ("at", "text"),
    [
        (datetime(2026, 11, 20, 9, 5, tzinfo=UTC), "09:05"),
        (datetime(2026, 11, 19, 17, 40, tzinfo=UTC), "yesterday 17:40"),
        (datetime(2026, 11, 21, 8, 0, tzinfo=UTC), "tomorrow 08:00"),
        (datetime(2026, 11, 25, 23, 59, tzinfo=UTC), "Wed 25 Nov"),
        (datetime(2025, 3, 3, 12, 0, tzinfo=UTC), "3 Mar 2025"),
    ],
)
def test_a_time_is_human_and_carries_the_exact_one(at: datetime, text: str) -> None:
    html = draw("{% when at %}", at=at)
    assert words(html) == text
    assert f'datetime="{at.isoformat(timespec="seconds")}"' in html


@pytest.mark.parametrize(
    ("day", "text", "tone"),
    [
        (18, "Wed 18 Nov 2 days late", "bad"),
        (20, "Fri 20 Nov today", "warn"),
        (21, "Sat 21 Nov tomorrow", "warn"),
        (25, "Wed 25 Nov", ""),
    ],
)
def test_due_is_loud_only_when_it_matters(day: int, text: str, tone: str) -> None:
    html = draw("{% due at %}", at=datetime(2026, 11, day, 23, 59, tzinfo=UTC))
    assert words(html) == text
    assert (f"chip {tone}" in html) is bool(tone)
    assert "chip" not in draw(
        "{% due at done=True %}", at=datetime(2026, 11, day, 23, 59, tzinfo=UTC)
    )


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, ""), (25, "25 min"), (60, "1 h"), (70, "1 h 10 min"), (185, "about 3 hours")],
)
def test_minutes_are_said_as_people_say_them(value: int, text: str) -> None:
    assert moments.minutes(value) == text


def test_pages_keep_the_filters_of_the_address() -> None:
    request = RequestFactory().get("/people/?team=data&page=2")
    html = draw(
        "{% pagination page_obj %}", request=request, page_obj=Paginator(range(100), 20).page(2)
    )
    assert "?team=data&amp;page=3" in html
    assert 'aria-current="page"' in html


def test_the_theme_comes_from_a_known_word_only() -> None:
    request = RequestFactory().get("/")
    request.COOKIES["theme"] = "dark"
    assert draw("{% theme_attribute %}", request=request) == ' data-theme="dark"'
    request.COOKIES["theme"] = '"><script>'
    assert draw("{% theme_attribute %}", request=request) == ""


def test_the_scale_has_a_legend_one_name_and_the_two_answers_that_are_no_number() -> None:
    html = draw(
        '{% rating_scale "r" points value=4 legend="Compared" %}',
        points=[{"value": n, "label": f"p{n}"} for n in range(1, 6)],
    )
    assert html.count('type="radio"') == 7
    assert html.count(" checked") == 1
    assert re.search(r'value="4" checked', html)
    assert "<legend>Compared</legend>" in html


def test_a_wrong_form_lists_its_faults_with_links_to_the_fields() -> None:
    html = draw("{% crispy form %}", form=bound_form())
    for target in re.findall(r'<a href="#([^"]+)"', html):
        assert f'id="{target}"' in html
    assert html.count('<a href="#sent-') == 0
    assert html.count('<a href="#id_sent-') == 4
    for described in re.findall(r'aria-describedby="([^"]+)"', html):
        for part in described.split():
            assert f'id="{part}"' in html


def test_every_kind_of_field_has_a_label() -> None:
    html = draw("{% crispy form %}", form=SampleForm())
    for control in re.findall(r'<(?:input|select|textarea)[^>]*\bid="([^"]+)"', html):
        assert f'for="{control}"' in html
    assert html.count("(optional)") == 5
    assert html.count("button primary") == 1


def test_a_chart_has_a_role_a_title_and_no_style() -> None:
    drawn = [
        charts.distribution([charts.Bar("3", 4, 5, 1, 6, "ramp-4")], "t"),
        charts.completion([charts.Progress("a", 0, 0)], "t"),
        charts.sparkline([None, 3, None], "t"),
        charts.grid(["a"], [("b", [charts.Cell("")])], "t"),
        charts.intervals(
            [charts.Interval("a", note="unknown"), charts.Interval("b", -9, 0, 9)],
            "t",
            lowest=-1,
            highest=1,
        ),
        charts.distribution([], "t"),
    ]
    for svg in drawn:
        assert 'role="img"><title>t</title>' in svg
        assert "style=" not in svg
        assert "nan" not in svg


def test_a_hidden_cell_of_the_grid_shows_no_figure_and_no_colour() -> None:
    svg = charts.grid(["a"], [("b", [charts.Cell("", "ramp-7")])], "t")
    assert "ramp-7" not in svg
