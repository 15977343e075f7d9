"""What a reader finds of what was said about somebody, as values; pages.kinds makes them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from uuid import UUID

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from apps.core.charts import Portion, portions, ramp_class
from apps.feedback.models import Perspective
from apps.feedback.rules import Share
from apps.feedback.states import Mode, PerspectiveKind, PerspectiveState
from apps.reviews.rules.fields import COMPETENCY, anchor_of


@dataclass(frozen=True)
class Said:
    """One text, as this reader finds it. Where HR hides it `text` is empty and `hidden` says why.

    `key` is its address for this reader (rules.text_key); `concern` the state of what this reader
    reported about it, or empty, and `answered` what HR said to that. PRIVACY: `part_id` is for
    actions and never goes into a page.
    """

    text: str
    key: str
    part_id: UUID
    hidden: str = ""
    concern: str = ""
    answered: str = ""
    may_report: bool = False


@dataclass(frozen=True)
class Section:
    """One open question. `texts` is empty when kept back, and then `is_held` is True."""

    question: str
    texts: list[Said]
    is_held: bool


@dataclass(frozen=True)
class Score:
    """One competency. `mean` is None when kept back, and then there is no spread; comments are kept
    back by their own number. `nearest` is the point of the scale next to the mean, `label` its name,
    `labels` all points with their names."""

    competency_id: int
    name: str
    mean: Decimal | None
    nearest: int | None
    label: str
    spread: tuple[Share, ...]
    comments: list[Said]
    labels: dict[int, str] = field(default_factory=dict)

    @property
    def anchor(self) -> str:
        """What this competency is called on a page, as the form of a review calls it."""
        return anchor_of((COMPETENCY, self.competency_id))

    @property
    def bands(self) -> list[Band]:
        """The spread with the words of the scale."""
        points = len(self.labels)
        return [
            Band(s, self.labels.get(s.lowest, ""), self.labels.get(s.highest, ""), points)
            for s in self.spread
        ]

    @property
    def chart(self) -> SafeString:
        """The spread as a bar; the bands say the same in words."""
        bars = [Portion(band.share.tenths, band.ramp) for band in self.bands]
        return portions(bars, _("How the voices lie: %(name)s") % {"name": self.name})


@dataclass(frozen=True)
class Band:
    """Neighbouring points of a scale of so many `points`, with the names of the first and the last."""

    share: Share
    first: str
    last: str
    points: int

    @property
    def ramp(self) -> str:
        """The colour of the point in the middle, the upper one of two."""
        return ramp_class((self.share.lowest + self.share.highest + 1) // 2, self.points)


@dataclass(frozen=True)
class Rated:
    """One competency in one answer; `said` None where nothing was written."""

    competency_id: int
    name: str
    value: int | None
    label: str
    said: Said | None

    @property
    def anchor(self) -> str:
        return anchor_of((COMPETENCY, self.competency_id))


@dataclass(frozen=True)
class Compared:
    """One competency and what each voice gave it, in the order of the voices; None where it was not
    asked."""

    name: str
    given: list[Rated | None]


@dataclass(frozen=True)
class Voice:
    """One answer as a whole, with the name of who gave it."""

    name: str
    texts: list[tuple[str, Said | None]]
    ratings: list[Rated]

    @property
    def comments(self) -> list[Rated]:
        return [rated for rated in self.ratings if rated.said]


@dataclass(frozen=True)
class Kind:
    """One perspective of the cycle, for one reader. Exactly one of three things is shown: `voices`,
    the batch (`sections`, `scores`), or why there is nothing (`why`, a word for the template).

    `has_texts` False: this reader gets the figures alone. `fewest` is the number of voices below
    which something is kept back; 1 where nothing is.
    """

    perspective: Perspective
    title: str
    fewest: int
    why: str = ""
    voices: list[Voice] | None = None
    sections: list[Section] | None = None
    scores: list[Score] | None = None
    total: Decimal | None = None
    has_texts: bool = True

    @property
    def is_sealed(self) -> bool:
        return self.perspective.state == PerspectiveState.SEALED

    @property
    def is_upward(self) -> bool:
        return self.perspective.kind == PerspectiveKind.UPWARD

    @property
    def is_confidential(self) -> bool:
        return self.perspective.mode == Mode.CONFIDENTIAL

    @property
    def has_spread(self) -> bool:
        return any(score.spread for score in self.scores or [])

    @property
    def lacks_spread(self) -> bool:
        """Somewhere a mean is shown without it."""
        return any(s.mean is not None and not s.spread for s in self.scores or [])

    @property
    def compared(self) -> list[Compared]:
        """The ratings of all voices as a table, a line for each competency."""
        voices = self.voices or []
        names = {r.competency_id: r.name for voice in voices for r in voice.ratings}
        given = [{r.competency_id: r for r in voice.ratings} for voice in voices]
        return [Compared(name, [g.get(pk) for g in given]) for pk, name in names.items()]

    def texts(self) -> Iterable[Said]:
        """Every text that stands in it, hidden ones without their words."""
        for section in self.sections or []:
            yield from section.texts
        for score in self.scores or []:
            yield from score.comments
        for voice in self.voices or []:
            yield from (said for _question, said in voice.texts if said)
            yield from (rated.said for rated in voice.ratings if rated.said)
