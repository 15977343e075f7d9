"""The fields of a giver's form in the words that the form has for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from apps.feedback.rules import CONFLICT, Draft

SHOWN_LOST = 3


@dataclass(frozen=True)
class Unsent:
    """A text that is not in the form. `why`: conflict (it lost against another tab), closed (typed
    in time or late, and not sent), loose (typed late, and nowhere kept)."""

    why: str
    saved_at: datetime | None
    fields: list[tuple[str, str]]


@dataclass(frozen=True)
class Spoken:
    """`words` by field name, in the order of the form; `labels` by the value of a rating."""

    words: Mapping[str, str]
    labels: Mapping[str, str]

    def text(self, name: str, value: str) -> str:
        if name.startswith("cannot_"):
            return _("I cannot say") if value else ""
        return self.labels.get(value, value) if name.startswith("rating_") else value

    def lines(self, values: Mapping[str, str]) -> list[tuple[str, str]]:
        """What is filled in or emptied, in the order of the form."""
        return [(w, self.text(n, values[n])) for n, w in self.words.items() if n in values]

    def unsent(self, draft: Draft, shown: Mapping[str, str], *, may_write: bool) -> list[Unsent]:
        """What a giver has written and cannot see in a form: all of it once the form is gone, and
        the newest texts that lost against another one."""
        found = []
        if not may_write:
            stands = {n: draft.values.get(n, "") for n in self.words}
            loose = {n: text for n, text in shown.items() if text and stands.get(n, "") != text}
            if loose:
                found.append(Unsent("loose", None, self.lines(loose)))
            if filled := {n: text for n, text in stands.items() if text}:
                newest = draft.versions[-1].saved_at if draft.versions else ""
                at = datetime.fromisoformat(newest) if newest else None
                found.append(Unsent("closed", at, self.lines(filled)))
        lost = [p for p in draft.past() if p.why == CONFLICT]
        for past in lost[:SHOWN_LOST]:
            if any(shown.get(name, "") != text for name, text in past.changes.items()):
                at = datetime.fromisoformat(past.saved_at)
                found.append(Unsent(CONFLICT, at, self.lines(past.changes)))
        return found
