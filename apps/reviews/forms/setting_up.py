"""What HR may type about the form of a cycle and about its weights."""

from __future__ import annotations

from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Layout
from django import forms
from django.utils.translation import gettext_lazy as _

from apps.reviews import pages
from apps.reviews.rules.phases import Faults
from apps.reviews.rules.sections import HEAVIEST_WEIGHT, SECTIONS
from apps.reviews.states import ReviewKind


class SectionsForm(forms.Form):
    """The parts that are ticked; those that are not are left out."""

    section = forms.MultipleChoiceField(required=False, choices=[(name, name) for name in SECTIONS])

    def sections_off(self) -> list[str]:
        kept = set(self.cleaned_data["section"])
        return [name for name in SECTIONS if name not in kept]


class QuestionForm(forms.Form):
    """One question of a cycle's own."""

    text = forms.CharField(label=_("Question"), max_length=200)
    hint = forms.CharField(
        label=_("Hint"),
        max_length=300,
        required=False,
        help_text=_("A sentence below it, such as what a good answer holds."),
    )
    is_required = forms.BooleanField(
        label=_("It has to be answered before the review is handed in"), required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.layout = Layout("text", "hint", "is_required")

    def show(self, faults: Faults) -> None:
        for name, sentence in faults.by_field.items():
            self.add_error(name if name in self.fields else None, sentence)


class KindForm(forms.Form):
    kind = forms.ChoiceField(choices=ReviewKind)


class MoveForm(forms.Form):
    way = forms.ChoiceField(choices=[("up", ""), ("down", "")])


class WeightsForm(forms.Form):
    """A whole number for each area; `row` pairs the area with its field for the table."""

    def __init__(self, *args: Any, areas: list[pages.Weighed], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.areas = areas
        for number, area in enumerate(areas):
            self.fields[f"weight_{number}"] = forms.IntegerField(
                label=area.name,
                min_value=0,
                max_value=HEAVIEST_WEIGHT,
                initial=area.weight,
                widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
            )

    def rows(self) -> list[tuple[pages.Weighed, Any]]:
        return [(area, self[f"weight_{number}"]) for number, area in enumerate(self.areas)]

    def weights(self) -> dict[str, int]:
        typed = self.cleaned_data
        return {area.key: typed[f"weight_{number}"] for number, area in enumerate(self.areas)}
