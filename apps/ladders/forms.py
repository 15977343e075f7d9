"""What a browser may send to ladders. Forms clean; they never save."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.ladders.rules import ReadingProfile


class SeveralFiles(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """One or several files; `clean` gives a list."""

    widget = SeveralFiles

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        files = data if isinstance(data, (list, tuple)) else [data] if data else []
        if not files:
            return [super().clean(None, initial)]
        return [super(FilesField, self).clean(each, initial) for each in files]


class Files(forms.Form):
    documents = FilesField(
        label=_("One file or several"),
        help_text=_(
            "Markdown or text in UTF-8, at most 10 MB each. Files that point at each other go together."
        ),
    )


class Choices(forms.Form):
    """What the text of a document cannot decide and HR says."""

    title = forms.CharField(
        label=_("Title of the ladder"), max_length=200, required=False,
        help_text=_("The same title again makes the next version of that ladder."),
    )  # fmt: skip
    cascade = forms.ChoiceField(
        label=_("Which levels include which"),
        required=False,
        choices=[
            ("", _("As the document says")),
            ("none", _("Each level stands alone")),
            ("within_track", _("Lower levels of the same track are included")),
            ("across_tracks", _("All levels of lower bands are included")),
        ],
    )
    mixin_merge = forms.ChoiceField(
        label=_("What a role does to the scope of a level"),
        required=False,
        choices=[
            ("", _("As the document says")),
            ("replace", _("It takes the place of the level’s own")),
            ("add", _("It is added")),
        ],
    )

    def chosen(self) -> dict[str, str]:
        """The choices that the page shows, to be confirmed as they are seen."""
        given = self.cleaned_data if self.is_valid() else {}
        return {name: value for name, value in given.items() if value}

    def wishes(self) -> ReadingProfile:
        """The profile these choices make; empty where nothing was chosen or it cannot be read."""
        given = self.cleaned_data if self.is_valid() else {}
        merge: Any = given.get("mixin_merge") or None
        # Replacing is said of the scope alone, as ladders say it.
        return ReadingProfile(
            title=" ".join((given.get("title") or "").split()),
            cascade=given.get("cascade") or None,
            mixin_merge={"Scope": "replace"} if merge == "replace" else merge,
        )


class Asked(forms.Form):
    """What an address asks of the reading pages; anything that is no number is left out."""

    version = forms.IntegerField(required=False, min_value=1, max_value=10**9)
    first = forms.IntegerField(required=False, min_value=1, max_value=10**15)
    second = forms.IntegerField(required=False, min_value=1, max_value=10**15)

    def number(self, name: str) -> int | None:
        self.full_clean()
        found: int | None = self.cleaned_data.get(name)
        return found
