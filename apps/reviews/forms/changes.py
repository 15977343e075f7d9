"""What may be sent when changes are answered, and when somebody gets more time."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.core.keys import key_in
from apps.reviews.states import ChangeKind, Phase

MOST_AT_ONCE = 500


class KeysField(forms.TypedMultipleChoiceField):
    """Primary keys, as many as are sent; the action checks each against what the viewer sees."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(coerce=int, **kwargs)

    def valid_value(self, value: Any) -> bool:
        return key_in(value) is not None

    def validate(self, value: Any) -> None:
        super().validate(value)
        if len(value) > MOST_AT_ONCE:
            raise forms.ValidationError(_("That are more than can be done at once."))


class SettleChangesForm(forms.Form):
    kind = forms.ChoiceField(choices=ChangeKind.choices)
    answer = forms.CharField(max_length=40)
    key = KeysField()


class MoreTimeForm(forms.Form):
    """For one or for many: in which phase, until when, and why."""

    phase = forms.ChoiceField(
        label=_("For what"),
        choices=[
            (Phase.COLLECTION.value, _("The self review")),
            (Phase.MANAGER_REVIEW.value, _("The manager review")),
        ],
    )
    until = forms.DateField(
        label=_("Until the end of"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("Days of grace come after it."),
    )
    reason = forms.CharField(
        label=_("Why"),
        max_length=200,
        required=False,
        help_text=_("Only HR reads it."),
    )
