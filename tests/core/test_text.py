"""What people typed, made safe to show."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.core.text import clean_identifier, isolate, isolate_plain, render_markdown


@pytest.mark.parametrize(
    ("source", "html"),
    [
        ("plain", "<p>plain</p>\n"),
        ("**bold** and *soft*", "<p><strong>bold</strong> and <em>soft</em></p>\n"),
        ("- one\n- two", "<ul>\n<li>one</li>\n<li>two</li>\n</ul>\n"),
        ("# Title", "<h3>Title</h3>\n"),
        ("##### Deep", "<h6>Deep</h6>\n"),
        ("{{ secret }} {% load x %}", "<p>{{ secret }} {% load x %}</p>\n"),
        ("", ""),
    ],
    ids=["plain", "emphasis", "list", "heading steps down", "heading ends at six", "template words stay words", "empty"],
)  # fmt: skip
def test_markdown_renders(source, html):
    assert render_markdown(source) == html


def test_a_link_goes_out_without_a_trace():
    assert render_markdown("[a](https://example.org)") == (
        '<p><a href="https://example.org" rel="nofollow noopener noreferrer ugc">a</a></p>\n'
    )


@pytest.mark.parametrize(
    "attack",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "![x](https://example.org/pixel.png)",
        "[x](javascript:alert(1))",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "[x](vbscript:msgbox)",
        "<svg/onload=alert(1)>",
        "<iframe src=//example.org>",
        '<p style="position:fixed">',
        "[x](//example.org/relative)",
        "<a href='javascript&#58;alert(1)'>x</a>",
    ],
)
def test_an_attack_comes_out_inert(attack):
    html = render_markdown(attack)
    tags = re.findall(r"<[^>]*>", html)
    assert not [t for t in tags if re.match(r"</?(script|img|svg|iframe)", t)]
    assert not [t for t in tags if re.search(r"\son\w+=|style=|javascript|data:|vbscript", t)]
    assert not re.search(r"<img|src=\"", html)


@given(st.text(max_size=300))
def test_markdown_emits_allowed_tags_only(source):
    tags = set(re.findall(r"</?([a-zA-Z][\w-]*)", render_markdown(source)))
    allowed = "p br hr strong em del code pre blockquote ul ol li h3 h4 h5 h6 a table thead tbody tr th td"
    assert tags <= set(allowed.split())


@pytest.mark.parametrize(
    ("given_", "kept"),
    [
        ("Ada\u200bLovelace", "AdaLovelace"),
        ("  Ada \t Lovelace ", "Ada Lovelace"),
        ("evil\u202etxt.exe", "eviltxt.exe"),
        ("Ａｄａ", "Ada"),
        ("a\u0000b", "a b"),
        ("\ufeffname", "name"),
        ("Åsa", "Åsa"),
        ("नमस्ते", "नमस्ते"),
    ],
    ids=["zero width", "spaces", "override", "full width", "nul", "byte order mark", "letters stay", "scripts stay"],
)  # fmt: skip
def test_clean_identifier(given_, kept):
    assert clean_identifier(given_) == kept


@given(st.text(max_size=80))
def test_cleaning_twice_changes_nothing_more(value):
    once = clean_identifier(value)
    assert clean_identifier(once) == once


def test_a_name_is_isolated_and_escaped():
    assert isolate("<b>אדה</b>") == "<bdi>&lt;b&gt;אדה&lt;/b&gt;</bdi>"


def test_a_plain_name_cannot_close_its_own_isolate():
    assert isolate_plain("a\u2069\u202eb") == "\u2068ab\u2069"


@pytest.mark.parametrize(
    "target", ["senior-operations.md", "../other/", "#below", "/admin/", "//a.test:80/"]
)
def test_a_relative_link_keeps_its_words_and_leads_nowhere(target):
    html = render_markdown(f"as in [the page before]({target})")

    assert "href" not in html
    assert "the page before" in html
