"""A form with every kind of field, once empty and once sent with faults."""

from __future__ import annotations

from crispy_forms.helper import FormHelper
from crispy_forms.layout import ButtonHolder, Fieldset, Layout, Row, Submit
from django import forms


class SampleForm(forms.Form):
    name = forms.CharField(label="Name of the cycle", help_text="People see it in every mail.")
    starts_on = forms.DateField(label="Starts on", widget=forms.DateInput(attrs={"type": "date"}))
    mail = forms.EmailField(label="Answers go to", required=False)
    ladder = forms.ChoiceField(
        label="Ladder", choices=[("", "Choose one"), ("e", "Engineering, 2026")]
    )
    goal = forms.CharField(
        label="What it is for", widget=forms.Textarea(attrs={"rows": 3}), required=False
    )
    mode = forms.ChoiceField(
        label="Peers answer",
        choices=[("named", "with their name"), ("anonymous", "without their name")],
        widget=forms.RadioSelect,
    )
    parts = forms.MultipleChoiceField(
        label="Parts",
        choices=[("peer", "Peers"), ("up", "Upward"), ("self", "Self")],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    teams = forms.MultipleChoiceField(
        label="Teams",
        choices=[("p", "Platform"), ("d", "Data"), ("c", "Customer care")],
        required=False,
    )
    paper = forms.FileField(label="Guide", required=False, help_text="PDF, up to 10 MB.")
    agree = forms.BooleanField(label="Tell the managers today")

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.helper = FormHelper()
        self.helper.layout = Layout(
            Fieldset("The cycle", "name", Row("starts_on", "mail"), "ladder", "goal"),
            Fieldset("Who answers", "mode", "parts", "teams", "paper", "agree"),
            ButtonHolder(
                Submit("save", "Save the cycle"),
                Submit("later", "Keep as a draft", css_class="outlined"),
            ),
        )


def bound_form() -> SampleForm:
    form = SampleForm(
        {
            "sent-name": "",
            "sent-starts_on": "soon",
            "sent-mail": "mira@",
            "sent-ladder": "e",
            "sent-mode": "named",
        },
        prefix="sent",
    )
    form.is_valid()
    return form
