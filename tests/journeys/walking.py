"""A page as its reader finds it: links that can be followed, forms that can be filled in and sent.

Nothing can be typed that the page has no field for, and nothing pressed that it has no button for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin, urlsplit

TICKED = ("checkbox", "radio")


@dataclass
class Field:
    """One name of a form: what it holds, and what may be chosen where that is fixed."""

    name: str
    kind: str
    values: list[str] = field(default_factory=list)
    options: list[str] = field(default_factory=list)


@dataclass
class Button:
    name: str
    value: str
    formaction: str


@dataclass
class Form:
    action: str
    method: str
    fields: dict[str, Field] = field(default_factory=dict)
    buttons: list[Button] = field(default_factory=list)

    def reaches(self, address: str) -> list[Button]:
        """The buttons that send this form there."""
        return [b for b in self.buttons if (b.formaction or self.action) == address]

    def holds(self, hidden: Mapping[str, Any]) -> bool:
        return all(
            name in self.fields and str(value) in self.fields[name].values
            for name, value in hidden.items()
        )

    def filled(self, typed: Mapping[str, Any], button: Button) -> list[tuple[str, str]]:
        """What is sent: the form as it stands, with what was typed, and the button."""
        sent = {name: list(one.values) for name, one in self.fields.items()}
        for name, given in typed.items():
            assert name in self.fields, f"{self.action} has no field {name}"
            one = self.fields[name]
            values = [str(v) for v in (given if isinstance(given, list | tuple) else [given])]
            assert one.kind != "hidden", f"nobody types into {name}"
            if one.kind in {*TICKED, "select"}:
                values = [v for v in values if v or "" in one.options]
                assert set(values) <= set(one.options), f"{name}: {values} of {one.options}"
            # A box for notes has an empty hidden field of the same name, so that none can be sent.
            sent[name] = values
        pairs = [(name, value) for name, values in sent.items() for value in values]
        return [*pairs, (button.name, button.value)] if button.name else pairs


class Page(HTMLParser):
    """Links and forms of one page, and the words of its message."""

    def __init__(self, html: str, where: str) -> None:
        super().__init__()
        self.where = where
        self.links: list[str] = []
        self.forms: list[Form] = []
        self._by_id: dict[str, Form] = {}
        self._open: Form | None = None
        self._select: Field | None = None
        self._text: Field | None = None
        self._button: Button | None = None
        self._elsewhere: list[tuple[str, Mapping[str, str]]] = []
        self.feed(html)
        for owner, given in self._elsewhere:
            self._input(self._by_id[owner], given)

    def address(self, href: str) -> str:
        parts = urlsplit(urljoin(self.where, href))
        return f"{parts.path}?{parts.query}" if parts.query else parts.path

    def leads_to(self, address: str) -> str:
        """The link that goes there, with what it carries behind the question mark."""
        found = [link for link in self.links if address in (link, link.partition("?")[0])]
        assert found, f"no link from {self.where} to {address}"
        return address if address in found else found[0]

    def form(self, address: str, holding: Mapping[str, Any]) -> Form:
        found = [f for f in self.forms if f.reaches(address) and f.holds(holding)]
        assert found, f"no form of {self.where} goes to {address}"
        return found[0]

    def forms_field(self, name: str) -> Field:
        """The field of this name, of whichever form has it."""
        return next(f.fields[name] for f in self.forms if name in f.fields)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "a" and "href" in given:
            self.links.append(self.address(given["href"]))
        elif tag == "form":
            action = self.address(given.get("action", "") or self.where)
            self._open = Form(action, given.get("method", "get"))
            self.forms.append(self._open)
            if "id" in given:
                self._by_id[given["id"]] = self._open
        elif tag in {"input", "select", "textarea", "button"} and "disabled" not in given:
            given["tag"] = tag
            if "form" in given:
                self._elsewhere.append((given["form"], given))
            elif self._open is not None:
                self._input(self._open, given)
        elif tag == "option" and self._select is not None:
            self._select.options.append(given.get("value", ""))
            if "selected" in given:
                self._select.values = [given.get("value", "")]

    def _input(self, form: Form, given: Mapping[str, str]) -> None:
        tag, name, value = given["tag"], given.get("name", ""), given.get("value", "")
        kind = given.get("type", "text" if tag == "input" else tag)
        if tag == "button" or kind == "submit":
            if given.get("type") != "button":
                form.buttons.append(Button(name, value, given.get("formaction", "")))
            return
        if not name or kind == "file":
            return
        one = form.fields.setdefault(name, Field(name, kind))
        if kind in TICKED:
            value = given.get("value", "on")
            one.kind = kind
            one.options.append(value)
            if "checked" in given:
                one.values.append(value)
        elif tag == "select":
            self._select = one
        elif tag == "textarea":
            self._text = one
            one.values.append("")
        else:
            one.values.append(value)

    def handle_data(self, data: str) -> None:
        if self._text is not None:
            self._text.values[-1] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None
        elif tag == "select" and self._select is not None:
            self._select.values = self._select.values or self._select.options[:1]
            self._select = None
        elif tag == "textarea" and self._text is not None:
            self._text.values[-1] = self._text.values[-1].removeprefix("\n")
            self._text = None
