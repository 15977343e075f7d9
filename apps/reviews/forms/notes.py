"""What people may type in a note, and in the address of their list."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django import forms
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from apps.core.keys import keys_in
from apps.reviews.actions.notes import NotePlan
from apps.reviews.pages.notes import MINE, PEOPLE, SHARED, NoteFilter, NotePage

LONGEST_TEXT = 20_000


class NoteForm(forms.Form):
    """A day, a text, and the competencies that it is evidence of."""

    happened_on = forms.DateField(
        label=_("Day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    text = forms.CharField(
        label=_("What happened"),
        max_length=LONGEST_TEXT,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 7}),
        help_text=_("What was done, and what came of it. Markdown works: **bold**, - lists."),
    )
    share = forms.BooleanField(required=False)

    def __init__(self, *args: Any, page: NotePage, on: date, **kwargs: Any) -> None:
        initial: dict[str, Any] = {"happened_on": on}
        if page.note is not None:
            initial = {"happened_on": page.note.happened_on, "text": page.note.text}
        super().__init__(*args, initial=initial, **kwargs)
        self.page, self.on = page, on
        self.fields["happened_on"].widget.attrs["max"] = on.isoformat()

    @property
    def chosen(self) -> set[int]:
        """The competencies that are ticked: as typed, else as stored."""
        if self.is_bound:
            ticked: list[str] = self.data.getlist("tags")  # type: ignore[attr-defined]  # a QueryDict
            return set(keys_in(ticked)) & self.page.tag_ids
        if self.page.note is None:
            return set()
        return {tag.pk for tag in self.page.note.competencies.all()}

    @property
    def seen(self) -> datetime | None:
        """When the note had been changed last, as its author saw it."""
        try:
            return parse_datetime(self.data.get("seen", ""))
        except ValueError:
            return None

    def clean_happened_on(self) -> date:
        day: date = self.cleaned_data["happened_on"]
        if day > self.on:
            raise forms.ValidationError(
                _("This day is still to come. Choose today or an earlier one.")
            )
        return day

    def clean_text(self) -> str:
        text: str = self.cleaned_data["text"]
        if not text.strip():
            raise forms.ValidationError(_("Write a sentence or two first."))
        return text.strip("\r\n").rstrip()

    def plan(self) -> NotePlan:
        typed = self.cleaned_data
        return NotePlan(typed["happened_on"], typed["text"], tuple(sorted(self.chosen)))


class NoteFilters(forms.Form):
    """What stands in the address of the list; nonsense is left out, not refused."""

    of = forms.ChoiceField(
        required=False, choices=[(name, name) for name in (MINE, PEOPLE, SHARED)]
    )
    person = forms.IntegerField(required=False, min_value=1, max_value=2**62)
    competency = forms.SlugField(required=False, max_length=160)
    first = forms.DateField(required=False)
    last = forms.DateField(required=False)
    q = forms.CharField(required=False, max_length=80)
    page = forms.CharField(required=False, max_length=6)

    def wanted(self) -> NoteFilter:
        self.is_valid()
        given = self.cleaned_data
        return NoteFilter(
            of=given.get("of") or MINE,
            person_id=given.get("person"),
            key=given.get("competency") or "",
            first=given.get("first"),
            last=given.get("last"),
            words=(given.get("q") or "").strip(),
            number=given.get("page") or "1",
        )
