"""A browser without scripts: it sends the form that it was shown, hidden fields and all."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

from django.test import Client
from django.utils.datastructures import MultiValueDict

FORM = "application/x-www-form-urlencoded"


class FormBrowser(Client):
    """Checks CSRF, as a browser's requests are checked."""

    def __init__(self, **defaults: Any) -> None:
        super().__init__(enforce_csrf_checks=True, **defaults)

    def form(self, where: str, action: str = "") -> dict[str, Any]:
        """The fields of the form that goes to `action`, as the page at `where` holds them."""
        return fields_of(self.get(where).content.decode(), action or where)


def fields_of(html: str, action: str) -> dict[str, Any]:
    form = re.search(rf'<form[^>]*action="{re.escape(action)}"[^>]*>(.*?)</form>', html, re.S)
    assert form, f"no form for {action}"
    fields = MultiValueDict[str, str]()
    for name, value in re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', form[1]):
        fields.appendlist(name, unescape(value))
    for name, text in re.findall(
        r'<textarea[^>]*name="([^"]+)"[^>]*>\n?(.*?)</textarea>', form[1], re.S
    ):
        fields.appendlist(name, unescape(text))
    return {name: texts[0] if len(texts) == 1 else texts for name, texts in fields.lists()}


def written_in(html: str) -> list[str]:
    """The texts of all text areas of a page."""
    return [unescape(t) for t in re.findall(r"<textarea[^>]*>\n?(.*?)</textarea>", html, re.S)]
