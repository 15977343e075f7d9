"""The earlier versions of a giver's draft."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from apps.core.access import Viewer
from apps.feedback.pages.giving import GiveFeedback, give_feedback
from apps.feedback.rules import Draft


@dataclass(frozen=True)
class VersionLine:
    """One version: what changed in it, or the text that lost against another one. `number` is for
    people: 1 is the oldest that is kept."""

    revision: int
    number: int
    saved_at: datetime
    why: str
    changes: list[tuple[str, str]]
    is_newest: bool


@dataclass(frozen=True)
class FeedbackVersions:
    form: GiveFeedback
    lines: list[VersionLine]


def feedback_versions(viewer: Viewer, *, request_id: int) -> FeedbackVersions:
    """8 queries, those of the form. PRIVACY: the giver's alone; nothing is left after sending."""
    form = give_feedback(viewer, request_id=request_id)
    past = Draft.of(form.draft.content, form.draft.revision).past() if form.draft else []
    stands = next((p.revision for p in past if not p.why), None)
    lines = [
        VersionLine(
            p.revision,
            len(past) - place,
            datetime.fromisoformat(p.saved_at),
            p.why,
            form.spoken.lines(p.changes),
            p.revision == stands,
        )
        for place, p in enumerate(past)
    ]
    return FeedbackVersions(form, lines)
