"""What the strict content policy and the house style forbid is in no template, style sheet or module."""

from __future__ import annotations

import re

import pytest

from tests.look.build import PAGES, ROOT, render

TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
STYLES = sorted((ROOT / "static/css").glob("*.css"))
# Opened from a disk, where no style sheet lies beside it; its own is escaped like everything else.
FILES = [ROOT / "templates/reports/bundle.html"]
MODULES = sorted((ROOT / "static/js").glob("*.js"))


@pytest.mark.parametrize(
    "path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT / "templates"))
)
def test_no_template_carries_style_script_or_unescaped_text(path) -> None:
    text = path.read_text()
    markup = re.sub(r"\{%.*?%\}|\{#.*?#\}", "", text, flags=re.S)
    assert not re.search(r"\sstyle\s*=", markup)
    assert "<style" not in markup or path in FILES
    assert not re.search(r"\son(click|change|input|submit|load|keydown)\s*=", markup)
    assert not re.search(r"\|\s*safe\b", text)
    assert "autoescape off" not in text
    for tag in re.findall(r"<script[^>]*>", text):
        assert "src=" in tag or 'type="application/json"' in tag


@pytest.mark.parametrize(
    "path", STYLES[:-1] if STYLES[-1].name == "tokens.css" else STYLES, ids=lambda path: path.name
)
def test_colours_are_chosen_in_the_tokens_only(path) -> None:
    text = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.S)
    assert not re.findall(r"#[0-9a-fA-F]{3,8}\b(?![^{]*\{)", text)
    used = set(re.findall(r"var\(--([\w-]+)", text))
    defined = set(re.findall(r"--([\w-]+):", (ROOT / "static/css/tokens.css").read_text())) | {
        "ramp"
    }
    assert used <= defined


@pytest.mark.parametrize("path", STYLES, ids=lambda path: path.name)
def test_braces_balance_and_every_sheet_names_its_layer(path) -> None:
    text = path.read_text()
    assert text.count("{") == text.count("}")
    assert f"@layer {path.stem}" in text


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.name)
def test_no_module_evaluates_text_or_stores_it_in_the_browser(path) -> None:
    text = path.read_text()
    assert not re.search(r"\beval\(|new Function|innerHTML|outerHTML|document\.write", text)
    assert not re.search(r"localStorage|sessionStorage|indexedDB|caches\.open", text)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_one_heading_a_language_and_no_second_filled_button(name) -> None:
    html = render(name)
    assert len(re.findall(r"<h1[ >]", html)) == 1
    assert '<html lang="en' in html
    assert 'href="#main"' in html
    assert 'id="main"' in html
    if name != "catalogue":
        assert len(re.findall(r'class="button primary', html)) <= 1


def test_htmx_evaluates_nothing_keeps_no_history_and_swaps_a_refused_form() -> None:
    import json

    html = render("home")
    config = json.loads(re.search(r"name=\"htmx-config\" content='([^']+)'", html).group(1))
    assert config["allowEval"] is False
    assert config["includeIndicatorStyles"] is False
    assert config["historyCacheSize"] == 0
    assert config["defaultSettleDelay"] == 0  # what came works in the moment in which it is seen
    assert {"code": "422", "swap": True} in config["responseHandling"]
