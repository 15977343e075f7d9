"""What a browser may send. Forms clean; they never save."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qs

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Field, Layout
from django import forms
from django.utils.translation import gettext_lazy as _


class IdList(forms.Field):
    """Keys of people, from ticked boxes. Whether they may be asked is the action's decision."""

    widget = forms.MultipleHiddenInput

    def to_python(self, value: Any) -> list[int]:
        if not all(str(v).isdecimal() and len(str(v)) < 18 for v in value or []):
            raise forms.ValidationError(_("That is nobody we know."))
        return [int(v) for v in value or []]


class ProposePeers(forms.Form):
    peer = IdList(required=False)
    find = forms.CharField(required=False, max_length=80)


class AddRequest(forms.Form):
    giver = forms.IntegerField(min_value=1, max_value=2**62)


class DeclineRequest(forms.Form):
    reason = forms.CharField(label=_("Why? The manager reads it."), required=False, max_length=200)


class SetPerspective(forms.Form):
    """One kind of feedback of a cycle being prepared."""

    mode = forms.ChoiceField(label=_("With which name?"), widget=forms.RadioSelect)
    threshold = forms.IntegerField(
        label=_("Fewest voices before anything without a name is shown"),
        help_text=_("Counts for every single question. It can rise later, never fall."),
    )
    questions = forms.CharField(
        label=_("Open questions, one per line"),
        help_text=_("{name} stands for the first name of the person it is about."),
        widget=forms.Textarea,
        max_length=1500,
        required=False,
    )

    def __init__(
        self, *args: Any, modes: list[tuple[str, str]], lowest: int, highest: int, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        mode = self.fields["mode"]
        assert isinstance(mode, forms.ChoiceField)  # noqa: S101  said for the type checker
        mode.choices = modes
        self.fields["threshold"].widget.attrs |= {"min": lowest, "max": highest}
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.layout = Layout(
            Field("mode"),
            Field("threshold"),
            Field("questions", rows=4),
        )

    def clean_questions(self) -> list[str]:
        lines = [line.strip() for line in self.cleaned_data["questions"].splitlines()]
        if any(len(line) > 300 for line in lines):
            raise forms.ValidationError(_("A question has at most 300 characters."))
        return [line for line in lines if line][:5]


class RaiseThreshold(forms.Form):
    threshold = forms.IntegerField(label=_("Raise to"), min_value=1, max_value=100)


class Malformed(ValueError):
    """Not what our own page sends."""


REVISION = re.compile(r'"?(\d{1,9})"?')
KEY = re.compile(r"[A-Za-z0-9-]{0,64}")


def revision_in(header: str) -> int | None:
    """The number in If-Match: "7", or None."""
    found = REVISION.fullmatch(header.strip())
    return int(found[1]) if found else None


def key_in(header: str) -> str:
    """The Idempotency-Key. Errors: Malformed."""
    if not KEY.fullmatch(header):
        raise Malformed("Idempotency-Key")
    return header


def autosaved_fields(body: bytes) -> dict[str, str]:
    """Name to new value of each field named in `changed`. Errors: Malformed, for anything that is
    not UTF-8 as well: what cannot be read exactly is refused and never stored changed."""
    try:
        sent = parse_qs(
            body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=200
        )
    except (UnicodeDecodeError, ValueError) as unreadable:
        raise Malformed("body") from unreadable
    if not sent.get("changed"):
        raise Malformed("changed")
    return {name: sent.get(name, [""])[-1] for name in sent["changed"]}
