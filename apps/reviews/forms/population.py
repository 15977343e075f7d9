"""What HR may type about who takes part in a cycle."""

from __future__ import annotations

from typing import Any

from crispy_forms.bootstrap import Accordion, AccordionGroup, InlineCheckboxes, InlineRadios
from crispy_forms.helper import FormHelper
from crispy_forms.layout import Fieldset, Layout, Submit
from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.reviews import pages
from apps.reviews.rules.phases import Faults
from apps.reviews.rules.population import LONGEST_PASTE, MOST_ADDRESSES, TooMany, addresses_in

TAKE_IN, LEAVE_OUT = "in", "out"


class PopulationFilterForm(forms.Form):
    """What may stand in the address of the list; what cannot be read is left out."""

    standing = forms.CharField(required=False, max_length=20)
    search = forms.CharField(required=False, max_length=80)
    version = forms.IntegerField(required=False, min_value=1, max_value=2**62)

    def chosen(self) -> pages.PopulationFilter:
        self.is_valid()
        typed = self.cleaned_data
        return pages.PopulationFilter(
            standing=typed.get("standing") or "",
            search=(typed.get("search") or "").strip(),
            version=typed.get("version"),
        )


class PopulationForm(forms.Form):
    """The rules by which the plan takes people in. Levels are one field for each group of them."""

    departments = forms.TypedMultipleChoiceField(
        label=_("Departments"),
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Everybody employed there on the first day, as far as the rest allows."),
    )
    locations = forms.TypedMultipleChoiceField(
        label=_("Only at these locations"),
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Tick none for everywhere."),
    )
    hired_until = forms.DateField(
        label=_("Hired on or before"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("Whoever came later is not in it. Somebody without a first day stays in."),
    )

    def __init__(self, *args: Any, page: pages.PopulationRule, **kwargs: Any) -> None:
        initial = {
            "departments": page.chosen_departments,
            "locations": page.chosen_locations,
            "hired_until": page.cycle.hired_until,
        }
        chosen = set(page.chosen_levels)
        self.groups: list[str] = []
        groups = []
        for number, (title, levels) in enumerate(page.levels):
            name = f"levels_{number}"
            here = [pk for pk, _label in levels if pk in chosen]
            initial[name] = here
            self.groups.append(name)
            words = gettext("%(group)s: %(n)d of %(all)d") if here else "%(group)s"
            groups.append(
                AccordionGroup(
                    words % {"group": title, "n": len(here), "all": len(levels)},
                    InlineCheckboxes(name),
                    active=bool(here),
                )
            )
        super().__init__(*args, initial=initial, **kwargs)
        self.fields["departments"].choices = page.departments  # type: ignore[attr-defined]  # a choice field
        self.fields["locations"].choices = page.locations  # type: ignore[attr-defined]
        for name, (title, levels) in zip(self.groups, page.levels, strict=True):
            self.fields[name] = forms.TypedMultipleChoiceField(
                label=title,
                coerce=int,
                required=False,
                choices=levels,
                widget=forms.CheckboxSelectMultiple,
            )
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.layout = Layout(
            Fieldset(
                _("Where they work"), InlineCheckboxes("departments"), InlineCheckboxes("locations")
            ),
            # Without a ladder there is nothing to choose from, and an accordion cannot be empty.
            *(
                [Fieldset(_("Only on these levels; tick none for any level"), Accordion(*groups))]
                if groups
                else []
            ),
            Fieldset(_("Since when they are here"), "hired_until"),
            Submit("keep", _("Keep this"), css_class="primary"),
        )

    def rule(self) -> dict[str, Any]:
        """The fields as the action takes them; call it on a valid form only."""
        typed = self.cleaned_data
        return {
            "department_ids": typed["departments"],
            "location_ids": typed["locations"],
            "level_ids": [pk for name in self.groups for pk in typed[name]],
            "hired_until": typed["hired_until"],
        }

    def show(self, faults: Faults) -> None:
        for name, sentence in faults.by_field.items():
            self.add_error(name if name in self.fields else None, sentence)


def _reason() -> forms.CharField:
    return forms.CharField(
        label=_("Why"),
        max_length=200,
        help_text=_("A few words, such as “parental leave”. HR alone reads them."),
    )


class ChoosePeopleForm(forms.Form):
    """Many people by their addresses."""

    choice = forms.ChoiceField(
        label=_("What holds for them"),
        choices=[(LEAVE_OUT, _("They are left out")), (TAKE_IN, _("They take part"))],
        widget=forms.RadioSelect,
    )
    addresses = forms.CharField(
        label=_("E-mail addresses"),
        max_length=LONGEST_PASTE,
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false"}),
        help_text=_("One a line, or however they stand in a mail or a sheet. At most 500."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"] = _reason()
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.layout = Layout(
            InlineRadios("choice"),
            "addresses",
            "reason",
            Submit("keep", _("Keep this"), css_class="primary"),
        )

    def clean_addresses(self) -> list[str]:
        try:
            return addresses_in(self.cleaned_data["addresses"])
        except TooMany as many:
            words = _("These are %(n)d addresses. Take at most %(most)d at once.")
            raise forms.ValidationError(
                words, params={"n": many.count, "most": MOST_ADDRESSES}
            ) from many

    @property
    def takes_part(self) -> bool:
        return bool(self.cleaned_data["choice"] == TAKE_IN)


class ChoosePersonForm(forms.Form):
    """One person; which way is the button that was pressed."""

    choice = forms.ChoiceField(choices=[(LEAVE_OUT, ""), (TAKE_IN, "")], widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"] = _reason()
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.layout = Layout("choice", "reason")

    @property
    def takes_part(self) -> bool:
        return bool(self.cleaned_data["choice"] == TAKE_IN)
