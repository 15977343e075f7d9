"""What people may type about goals and packets."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.ladders.states import Comparator
from apps.reviews import pages
from apps.reviews.actions import GoalPlan
from apps.reviews.rules.ratings import THE_WHOLE, Rating, Subject

LONGEST_TEXT = 20_000
KEEP = "keep"


class GoalForm(forms.Form):
    text = forms.CharField(label=_("What to reach"), max_length=300)
    comparator = forms.ChoiceField(label=_("Measured as"), choices=Comparator.choices)
    target = forms.DecimalField(label=_("Aim"), max_digits=14, decimal_places=4, required=False)
    unit = forms.CharField(label=_("Unit"), max_length=30, required=False)
    actual = forms.DecimalField(label=_("Reached"), max_digits=14, decimal_places=4, required=False)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        in_words = cleaned.get("comparator") == Comparator.QUALITATIVE
        if not in_words and cleaned.get("target") is None and "target" not in self.errors:
            self.add_error("target", _("Give a number, or choose “to be judged in words”."))
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


def initial_of(goal: Any) -> dict[str, str | None]:
    """What the form shows of a goal that is stored."""
    return {
        "text": goal.text,
        "comparator": goal.comparator,
        "target": _plain(goal.target),
        "unit": goal.unit,
        "actual": _plain(goal.actual),
    }


def _plain(number: Decimal | None) -> str | None:
    """A stored number without the zeros that nobody typed: 12 and not 12.0000."""
    return None if number is None else f"{number.normalize():f}"


class ReplyForm(forms.Form):
    reply = forms.CharField(required=False, max_length=LONGEST_TEXT)


class DisputeForm(forms.Form):
    text = forms.CharField(max_length=LONGEST_TEXT)


class SettleForm(forms.Form):
    """A reason, and for each rating of the packet: stays, or another point of the scale."""

    outcome = forms.CharField(
        label=_("The reason"),
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("The person and the manager read it."),
    )

    def __init__(self, *args: Any, packet: pages.Packet, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.subjects: dict[str, Subject] = {}
        lines = [packet.overall, *(line for area in packet.areas for line in area.lines)]
        for line in lines:
            if line is None:
                continue
            name = "-".join(str(part) for part in line.subject)
            self.subjects[name] = line.subject
            points = [
                (str(p.value), f"{p.value} · {p.label}")
                for p in packet.points
                if p.value != line.answer
            ]
            stays = _("%(rating)s stays") % {"rating": f"{line.answer} · {line.label}"}
            label = _("Overall") if line.subject == THE_WHOLE else line.name
            self.fields[name] = forms.ChoiceField(label=label, choices=[(KEEP, stays), *points])

    def ratings(self) -> dict[Subject, Rating]:
        """Only those that shall change."""
        return {
            subject: Rating(int(chosen))
            for name, subject in self.subjects.items()
            if (chosen := self.cleaned_data.get(name)) and chosen != KEEP
        }
