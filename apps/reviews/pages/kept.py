"""What a former author wrote before a review was handed over: theirs alone to read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef

from apps.core.access import Viewer
from apps.reviews.models import ReviewVersion

SHOWN = 200
# Texts only: a rating that was never submitted is nobody's to quote.
TEXTS = ("summary", "departure", "private_note")


@dataclass(frozen=True)
class KeptWords:
    name: str
    cycle: str
    saved_at: datetime
    texts: list[str]


@dataclass(frozen=True)
class KeptPage:
    reviews: list[KeptWords]


def kept_words(viewer: Viewer) -> KeptPage:
    """1 query. The newest version that was set aside for this viewer, of each review."""
    if viewer.person_id is None:
        return KeptPage([])
    own = ReviewVersion.objects.filter(set_aside_for=viewer.person_id)
    newer = own.filter(review=OuterRef("review"), revision__gt=OuterRef("revision"))
    versions = (
        own.filter(~Exists(newer))
        .select_related("review__participant__person", "review__participant__cycle")
        .order_by("-saved_at", "-revision")[:SHOWN]
    )
    return KeptPage([_words_of(version) for version in versions])


def _words_of(version: ReviewVersion) -> KeptWords:
    texts = [
        text
        for name, text in version.content.get("fields", {}).items()
        if text and (name in TEXTS or name.endswith("-comment"))
    ]
    participant = version.review.participant
    return KeptWords(participant.person.name, participant.cycle.name, version.saved_at, texts)
