"""What a browser may send about a session. Forms clean; they never save."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Fieldset, Layout, Submit
from django import forms
from django.utils.translation import gettext_lazy as _

from apps.calibration.states import ReasonCode
from apps.people.models import Person


class SessionForm(forms.Form):
    """Name, whose ratings, who leads and who sits on the committee (by e-mail, one a line)."""

    name = forms.CharField(label=_("Name of the session"), max_length=120)
    department: forms.ModelChoiceField = forms.ModelChoiceField(
        label=_("Whose ratings"), queryset=None, empty_label=None
    )
    facilitator = forms.CharField(
        label=_("Facilitator"),
        help_text=_("E-mail address. Leads and records, best without people of their own in it."),
    )
    members = forms.CharField(
        label=_("Committee"),
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("E-mail addresses, one on each line."),
    )

    def __init__(
        self,
        *args: Any,
        departments: Any,
        find: Callable[[Collection[str]], Mapping[str, Person]],
        editing: bool = False,
        **kwargs: Any,
    ) -> None:
        """`find` gives the people who work here by casefolded address; the form asks no database."""
        super().__init__(*args, **kwargs)
        self.find = find
        self.fields["department"].queryset = departments  # type: ignore[attr-defined]
        if editing:
            del self.fields["department"]
        self.helper = FormHelper()
        self.helper.form_tag = False
        names = [name for name in ("name", "department") if name in self.fields]
        self.helper.layout = Layout(
            Fieldset(_("The session"), *names),
            Fieldset(_("The committee"), "facilitator", "members"),
            Submit("save", _("Save the session"), css_class="primary"),
        )

    def clean_facilitator(self) -> Person:
        return self._people("facilitator", [self.cleaned_data["facilitator"]])[0]

    def clean_members(self) -> list[Person]:
        lines = [line.strip() for line in self.cleaned_data["members"].splitlines()]
        return self._people("members", [line for line in lines if line])

    def _people(self, field: str, addresses: list[str]) -> list[Person]:
        wanted = [address.strip().casefold() for address in addresses]
        found = self.find(wanted)
        if missing := [address for address in wanted if address not in found]:
            raise forms.ValidationError(
                _("Nobody here has this address: %(missing)s."),
                params={"missing": ", ".join(missing)},
            )
        return [found[address] for address in wanted]


class DecisionForm(forms.Form):
    """A point of the scale, and why."""

    to_value = forms.TypedChoiceField(label=_("Rating"), coerce=int)
    reason_code = forms.ChoiceField(label=_("Kind of reason"), choices=[], required=False)
    reason = forms.CharField(
        label=_("Reason the manager will read first"),
        widget=forms.Textarea(attrs={"rows": 4}),
        required=False,
        max_length=4000,
    )

    def __init__(self, *args: Any, points: list[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to_value"].choices = [(p.value, str(p)) for p in points]  # type: ignore[attr-defined]
        self.fields["reason_code"].choices = [  # type: ignore[attr-defined]
            (c.value, c.label) for c in ReasonCode
        ]
