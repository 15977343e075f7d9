"""What a ladder document says, as values: the frozen words every other rule of this room uses.

Decided here: which parts a ladder has. Not decided here: how a document is read into them
(`reading`), what a person must meet in the end (`effective`), how they are stored (`models`).

For a ladder file (shape C) the repeated headings below each level (Scope, Skills, ...) are the
level's competencies and its `facets` stay empty. For a level page with areas (shape B) the bold
names directly below the level are its `facets`: they describe the level as a whole, and their
bullets are counted apart from the competencies' statements.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

Number = int | float


@dataclass(frozen=True, slots=True)
class Statement:
    """One expectation, verbatim, with the source line it starts on."""

    id: str
    line: int
    text: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class Attribute:
    """A labelled fact about a level. `low` and `high` are set when the value holds a range."""

    label: str
    value: str
    line: int
    low: int | None = None
    high: int | None = None


@dataclass(frozen=True, slots=True)
class Facet:
    """A named description of the level as a whole, beside its competencies."""

    name: str
    line: int
    definition: str = ""
    statements: tuple[Statement, ...] = ()


@dataclass(frozen=True, slots=True)
class Competency:
    """What one level expects in one competency."""

    name: str
    line: int
    area: str = ""
    icon: str = ""
    definition: str = ""
    statements: tuple[Statement, ...] = ()
    examples: tuple[Statement, ...] = ()


@dataclass(frozen=True, slots=True)
class Area:
    """A named group of competencies."""

    name: str
    line: int
    icon: str = ""


@dataclass(frozen=True, slots=True)
class Level:
    """One level. `parents` are the addresses of ladder files whose expectations it takes over."""

    key: str
    title: str
    line: int
    code: str = ""
    band: int | None = None
    track: str = ""
    icon: str = ""
    status: str = ""
    anchor: str = ""
    summary: str = ""
    aliases: tuple[str, ...] = ()
    body: tuple[str, ...] = ()
    parents: tuple[str, ...] = ()
    areas: tuple[Area, ...] = ()
    attributes: tuple[Attribute, ...] = ()
    facets: tuple[Facet, ...] = ()
    competencies: tuple[Competency, ...] = ()


@dataclass(frozen=True, slots=True)
class MergeRule:
    """How a mixin meets a level in one competency: `replace` or `add`."""

    competency: str
    how: str


@dataclass(frozen=True, slots=True)
class Mixin:
    """A role mixed into a level. `status` is "forthcoming" when it is announced and empty."""

    key: str
    title: str
    line: int
    status: str = ""
    anchor: str = ""
    aliases: tuple[str, ...] = ()
    body: tuple[str, ...] = ()
    merge: tuple[MergeRule, ...] = ()
    competencies: tuple[Competency, ...] = ()


@dataclass(frozen=True, slots=True)
class Track:
    """A line of levels, lowest first; `levels` are their keys."""

    name: str
    line: int
    levels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Target:
    """A measurable aim: ge, gt, le, lt, eq, decrease_by, increase_by, ratio or qualitative."""

    comparator: str
    value: Number | None
    unit: str
    subject: str
    within: str = ""


@dataclass(frozen=True, slots=True)
class Metric:
    """One line that states a success: a success metric of a role or a line of a KPI group."""

    id: str
    line: int
    text: str
    name: str = ""
    targets: tuple[Target, ...] = ()


@dataclass(frozen=True, slots=True)
class KpiGroup:
    """Targets of a team, grouped under one heading."""

    name: str
    line: int
    metrics: tuple[Metric, ...] = ()


@dataclass(frozen=True, slots=True)
class RoleProfile:
    """A role to fill. `window_months` and `years` are (from, to); `to` is missing when open."""

    key: str
    title: str
    line: int
    order: int = 0
    window_months: tuple[int, ...] = ()
    years: tuple[int, ...] = ()
    profile: str = ""
    responsibilities: tuple[Statement, ...] = ()
    success_metrics: tuple[Metric, ...] = ()


@dataclass(frozen=True, slots=True)
class Note:
    """Text of the document that no other part claims: nothing is dropped silently."""

    line: int
    end_line: int
    kind: str
    text: str
    path: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Link:
    """A link as written. `status`: ok, missing, malformed or external."""

    line: int
    text: str
    target: str
    status: str


@dataclass(frozen=True, slots=True)
class Reference:
    """A statement that points at another level, ladder or file.

    `kind`: same_as, equivalent, inherits or includes. `status`: resolved or unresolved.
    """

    kind: str
    line: int
    text: str
    status: str
    source_level: str = ""
    source_competency: str = ""
    target_level: str = ""
    target_competency: str = ""
    target_file: str = ""


@dataclass(frozen=True, slots=True)
class Licence:
    """Under what terms the ladder may be used; it travels with every export."""

    name: str
    text: str
    line: int
    url: str = ""


@dataclass(frozen=True, slots=True)
class Ladder:
    """Everything one document says. `cascade`: none, within_track or across_tracks."""

    title: str
    line: int = 1
    cascade: str = "none"
    licence: Licence | None = None
    tracks: tuple[Track, ...] = ()
    levels: tuple[Level, ...] = ()
    mixins: tuple[Mixin, ...] = ()
    profiles: tuple[RoleProfile, ...] = ()
    kpi_groups: tuple[KpiGroup, ...] = ()
    links: tuple[Link, ...] = ()
    references: tuple[Reference, ...] = ()
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class Repair:
    """One damaged sequence and what it was before the damage."""

    line: int
    charset: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many non-blank source lines are held by a part of the ladder or by a note."""

    claimed: int
    total: int


@dataclass(frozen=True, slots=True)
class Index:
    """How the index of a ladder file agrees with its body."""

    links: int = 0
    matched: int = 0


@dataclass(frozen=True, slots=True)
class Reading:
    """One document, read. `kind`: ladder, role_profiles or unrecognised."""

    kind: str
    shape: str
    why: str
    ladder: Ladder
    sha256: str
    text: str
    repairs: tuple[Repair, ...]
    coverage: Coverage
    warnings: tuple[str, ...]
    index: Index = Index()


class Refused(ValueError):
    """A document that is not read at all; the sentence names the file and, if known, the line."""

    def __init__(self, reason: str, *, name: str = "document", line: int | None = None) -> None:
        self.reason, self.name, self.line = reason, name, line
        where = name if line is None else f"{name}, line {line}"
        super().__init__(f"{where}: {reason}")

    def __reduce__(self) -> tuple[Any, ...]:
        """A refusal made in another process says the same here."""
        return partial(type(self), name=self.name, line=self.line), (self.reason,)
