"""What people may type about packets."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.reviews import pages
from apps.reviews.rules.ratings import THE_WHOLE, Rating, Subject
from apps.reviews.states import Mark

LONGEST_TEXT = 20_000
KEEP = "keep"


class ReplyForm(forms.Form):
    reply = forms.CharField(required=False, max_length=LONGEST_TEXT)


class DisputeForm(forms.Form):
    text = forms.CharField(
        max_length=LONGEST_TEXT,
        error_messages={"required": _("Write what you see differently.")},
    )


class AnswerForm(forms.Form):
    answer = forms.CharField(
        max_length=LONGEST_TEXT, error_messages={"required": _("Write your answer.")}
    )


class TakeBackForm(forms.Form):
    reason = forms.CharField(max_length=300)


class TalkForm(forms.Form):
    """The day of the talk; empty takes the note back."""

    talked_on = forms.DateField(required=False)


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
            stays = _("%(rating)s stays") % {"rating": _words(line)}
            label = _("Overall") if line.subject == THE_WHOLE else line.name
            self.fields[name] = forms.ChoiceField(label=label, choices=[(KEEP, stays), *points])

    def competencies(self) -> list[Any]:
        """The fields of the ratings of competencies, for a part of the form that opens."""
        return [
            self[name]
            for name, subject in self.subjects.items()
            if subject != THE_WHOLE and name in self.fields
        ]

    def whole(self) -> Any:
        return next((self[n] for n, subject in self.subjects.items() if subject == THE_WHOLE), "")

    def ratings(self) -> dict[Subject, Rating]:
        """Only those that shall change."""
        return {
            subject: Rating(int(chosen))
            for name, subject in self.subjects.items()
            if (chosen := self.cleaned_data.get(name)) and chosen != KEEP
        }


def _words(line: pages.RatingLine) -> str:
    """A rating as the list of a select says it."""
    if isinstance(line.answer, int):
        return f"{line.answer} · {line.label}"
    return str(Mark(line.answer).label) if line.answer else str(_("Without a rating it"))
