"""What a browser may send. Forms clean; they never save."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qs, unquote_to_bytes

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Field, Layout, Row
from django import forms
from django.core.exceptions import SuspiciousOperation
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from apps.core.keys import keys_in
from apps.feedback.rules import (
    DAYS_ON_BOARD,
    GIVER_BUDGETS,
    LONGEST_DECISION,
    LONGEST_REASON,
    LONGEST_UNASKED,
    MOST_TAGS,
)
from apps.feedback.states import Audience, DeclineReason, UnaskedKind


class IdList(forms.Field):
    """Keys of people, from ticked boxes. Whether they may be asked is the action's decision."""

    widget = forms.MultipleHiddenInput

    def to_python(self, value: Any) -> list[int]:
        keys = keys_in(value or [])
        if len(keys) != len(value or []):
            raise forms.ValidationError(_("That is nobody we know."))
        return keys


class ProposePeers(forms.Form):
    peer = IdList(required=False)
    find = forms.CharField(required=False, max_length=80)


class AddRequest(forms.Form):
    giver = forms.IntegerField(min_value=1, max_value=2**62)


def overrules(posted: QueryDict) -> bool:
    """Whoever decides has read what speaks against it."""
    return posted.get("overrule") == "on"


class DeclineRequest(forms.Form):
    """Why somebody would rather not answer; asked for where the manager reads it."""

    code = forms.ChoiceField(
        label=_("Why?"),
        choices=DeclineReason.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose a reason.")},
    )
    reason = forms.CharField(
        label=_("Anything to add?"),
        help_text=_("The manager reads both."),
        required=False,
        max_length=200,
    )

    def __init__(self, *args: Any, anonymous: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if anonymous:  # PRIVACY: what is not asked cannot be kept
            self.fields.clear()
        self.helper = FormHelper()
        self.helper.form_tag = False


class SetPerspective(forms.Form):
    """One kind of feedback of a cycle being prepared."""

    mode = forms.ChoiceField(label=_("With which name?"), widget=forms.RadioSelect)
    threshold = forms.IntegerField(
        label=_("Fewest voices before anything without a name is shown"),
        help_text=_(
            "Counts for every single question, and also where the manager reads names and the person "
            "does not: with fewer answers the person reads nothing. It can rise later, never fall."
        ),
    )
    giver_budget = forms.IntegerField(
        label=_("Most requests to one person"),
        help_text=_("Beyond it somebody else is named; the manager may ask all the same."),
        min_value=GIVER_BUDGETS[0],
        max_value=GIVER_BUDGETS[1],
        required=False,
    )
    least_days = forms.IntegerField(
        label=_("Days on board before somebody is asked"),
        min_value=DAYS_ON_BOARD[0],
        max_value=DAYS_ON_BOARD[1],
        required=False,
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
            Row(Field("giver_budget"), Field("least_days")),
            Field("questions", rows=4),
        )

    def clean_questions(self) -> list[str]:
        lines = [line.strip() for line in self.cleaned_data["questions"].splitlines()]
        if any(len(line) > 300 for line in lines):
            raise forms.ValidationError(_("A question has at most 300 characters."))
        return [line for line in lines if line][:5]


class ChangeLimits(forms.Form):
    """What may change while people are asked: how often one person is, and who is not yet."""

    giver_budget = forms.IntegerField(
        label=_("Most requests to one person"),
        min_value=GIVER_BUDGETS[0],
        max_value=GIVER_BUDGETS[1],
    )
    least_days = forms.IntegerField(
        label=_("Days on board before somebody is asked"),
        min_value=DAYS_ON_BOARD[0],
        max_value=DAYS_ON_BOARD[1],
    )

    def __init__(self, *args: Any, of_peers: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        shown = ["giver_budget", "least_days"]
        if not of_peers:  # everybody has one manager, and so one request
            shown.remove("giver_budget")
            del self.fields["giver_budget"]
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.layout = Layout(Row(*(Field(name) for name in shown)))


class GiveUnasked(forms.Form):
    """Thanks or feedback to one person; its competencies are ticked beside the form's own fields."""

    kind = forms.ChoiceField(
        label=_("What is it?"),
        choices=UnaskedKind.choices,
        initial=UnaskedKind.THANKS,
        widget=forms.RadioSelect,
    )
    text = forms.CharField(label=_("Your words"), widget=forms.Textarea, max_length=LONGEST_UNASKED)
    audience = forms.ChoiceField(
        label=_("Who reads it?"),
        choices=Audience.choices,
        initial=Audience.PERSON,
        widget=forms.RadioSelect,
    )
    competencies = forms.TypedMultipleChoiceField(coerce=int, required=False)

    def __init__(
        self, *args: Any, choices: list[tuple[int, str]], to_manager: bool, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        tags = self.fields["competencies"]
        assert isinstance(tags, forms.TypedMultipleChoiceField)  # noqa: S101  for the type checker
        tags.choices = choices
        shown = [Field("kind"), Field("text", rows=6)]
        if to_manager:
            shown.append(Field("audience"))
        else:  # nobody else could read along
            del self.fields["audience"]
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.layout = Layout(*shown)

    def clean_competencies(self) -> list[int]:
        tags: list[int] = self.cleaned_data["competencies"]
        if len(tags) > MOST_TAGS:
            raise forms.ValidationError(_("Choose at most %(n)s."), params={"n": MOST_TAGS})
        return tags

    @property
    def chosen(self) -> set[int]:
        return set(keys_in(self["competencies"].value() or []))

    @property
    def chosen_audience(self) -> str:
        return str(self.cleaned_data.get("audience", Audience.PERSON))


class GiveReason(forms.Form):
    """Why, in one's own words; `longest` in characters. Two of them may stand on one page."""

    reason = forms.CharField(widget=forms.Textarea)

    def __init__(
        self,
        *args: Any,
        label: Any,
        help_text: Any = "",
        longest: int = LONGEST_REASON,
        rows: int = 4,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        reason = forms.CharField(
            label=label,
            help_text=help_text,
            max_length=longest,
            widget=forms.Textarea,
            error_messages={"required": _("Say why, in a sentence or two.")},
        )
        self.fields["reason"] = reason
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.layout = Layout(Field("reason", rows=rows))


def decision(posted: QueryDict | None = None) -> GiveReason:
    """What HR decides about a text that waits."""
    return GiveReason(
        posted,
        label=_("Why do you decide so?"),
        help_text=_(
            "At most 200 characters. Whoever reported it reads this. If you hide the text, all its readers "
            "see it in its place, so do not repeat the text or say who may have written it."
        ),
        longest=LONGEST_DECISION,
        rows=3,
        auto_id="decide_%s",
    )


def showing_again(posted: QueryDict | None = None) -> GiveReason:
    return GiveReason(
        posted,
        label=_("Why show it again?"),
        help_text=_("At most 200 characters, for whoever reported it."),
        longest=LONGEST_DECISION,
        rows=2,
        auto_id="again_%s",
    )


def asking_for_name(posted: QueryDict | None = None) -> GiveReason:
    return GiveReason(
        posted,
        label=_("Why does HR need the name?"),
        help_text=_(
            "A second person of HR decides. If they agree, whoever wrote the text reads this, with both your names."
        ),
        rows=3,
        auto_id="name_%s",
    )


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


def require_text(body: bytes) -> None:
    """Errors: SuspiciousOperation when a form holds bytes that are no text, half a character, say."""
    try:
        unquote_to_bytes(body).decode()
    except UnicodeDecodeError as broken:
        raise SuspiciousOperation("a form that is no text") from broken
