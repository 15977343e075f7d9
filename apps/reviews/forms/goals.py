"""What people may type about goals: one of them, or the figures of all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Layout, Row
from django import forms
from django.utils.translation import gettext_lazy as _

from apps.ladders.states import Comparator
from apps.reviews.actions.goals import Actual, GoalPlan
from apps.reviews.pages.goals import GoalStanding
from apps.reviews.rules.goals import ABOVE_ZERO, IN_WORDS


class GoalForm(forms.Form):
    text = forms.CharField(label=_("What to reach"), max_length=300)
    comparator = forms.ChoiceField(label=_("Measured as"), choices=Comparator.choices)
    target = forms.DecimalField(label=_("Aim"), max_digits=14, decimal_places=4, required=False)
    unit = forms.CharField(label=_("Unit"), max_length=30, required=False)
    actual = forms.DecimalField(
        label=_("Reached"),
        max_digits=14,
        decimal_places=4,
        required=False,
        help_text=_(
            "For “reduced by” and “increased by”: by how much. Empty while it is not known."
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            # What stood there when the page was loaded goes along: the rest is what was typed.
            field.show_hidden_initial = bool(self.initial)
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.disable_csrf = True
        self.helper.layout = Layout("text", Row("comparator", "target", "unit"), "actual")

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        comparator, target = cleaned.get("comparator"), cleaned.get("target")
        if comparator == IN_WORDS or "target" in self.errors:
            return cleaned
        if target is None:
            self.add_error("target", _("Give a number, or choose “to be judged in words”."))
        elif comparator in ABOVE_ZERO and target <= 0:
            self.add_error("target", _("Say by how much, with a number above zero."))
        return cleaned

    def plan(self) -> GoalPlan:
        typed = self.cleaned_data
        return GoalPlan(
            text=typed["text"].strip(),
            comparator=typed["comparator"],
            target=typed["target"],
            unit=typed["unit"].strip(),
            actual=typed["actual"],
        )

    def was(self) -> dict[str, Any]:
        """What stood, when the page was loaded, in each field that was typed anew."""
        loaded = {}
        for name in self.changed_data:
            field, shown = self.fields[name], self.data.get(self[name].html_initial_name, "")
            try:
                loaded[name] = field.to_python(shown)
            except forms.ValidationError:  # not what this page sent
                loaded[name] = None
        return loaded

    def point_out(self, parts: Iterable[str], stands: Mapping[str, str | None]) -> None:
        """The other words stand beside the typed ones, which are kept when sent again."""
        self.data = self.data.copy()  # type: ignore[attr-defined]  # a QueryDict when bound
        said = _("Somebody wrote “%(words)s” here meanwhile. Send again to keep yours.")
        for name in parts:
            self.add_error(name, said % {"words": stands[name] or _("nothing")})
            self.data[self[name].html_initial_name] = stands[name] or ""  # type: ignore[index]  # the copy


def initial_of(goal: Any) -> dict[str, str | None]:
    """What the form shows of a goal that is stored."""
    return {
        "text": goal.text,
        "comparator": goal.comparator,
        "target": goal.target_number or None,
        "unit": goal.unit,
        "actual": goal.actual_number or None,
    }


class ActualsForm(forms.Form):
    """One figure for each goal that has one, and beside it what stood there when it was loaded."""

    def __init__(self, *args: Any, rows: Iterable[GoalStanding], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.all_rows = list(rows)
        self.rows = [row for row in self.all_rows if row.asks]
        for row in self.rows:
            self.fields[f"actual-{row.goal.pk}"] = forms.DecimalField(
                label=row.asks,
                max_digits=14,
                decimal_places=4,
                required=False,
                initial=row.goal.actual_number,
                widget=forms.NumberInput(attrs={"step": "any"}),
            )
            self.fields[f"was-{row.goal.pk}"] = forms.DecimalField(
                required=False, initial=row.goal.actual_number, widget=forms.HiddenInput
            )

    def typed(self) -> dict[int, Actual]:
        """Goal id to figures; a goal that is not in what was sent was not touched."""
        found = {}
        for row in self.rows:
            pk = row.goal.pk
            if f"actual-{pk}" in self.data:
                was: Decimal | None = self.cleaned_data[f"was-{pk}"]
                found[pk] = Actual(was, self.cleaned_data[f"actual-{pk}"])
        return found

    def lines(self) -> list[tuple[GoalStanding, Any, Any]]:
        """Each goal with its two fields (None for one without figures), for the template."""
        return [
            (row, self[f"actual-{row.goal.pk}"], self[f"was-{row.goal.pk}"])
            if row.asks
            else (row, None, None)
            for row in self.all_rows
        ]
