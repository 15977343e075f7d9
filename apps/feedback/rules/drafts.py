"""A draft with its earlier versions and the texts that could not be taken, as one value.

How two saves meet is decided where it is for reviews (reviews.rules.writing). Here it is one column
of one row. PRIVACY: so that one DELETE, in the act of sending, takes every earlier word away with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from apps.feedback.rules.writing import Conflict
from apps.reviews.rules.writing import Content, merge

VERSIONS_KEPT = 20
# Characters: texts as long as they may be must not make a draft that takes seconds to read.
LONGEST_HISTORY = 400_000
CONFLICT, CLOSED = "conflict", "closed"
# What was never sent goes this long after its cycle was closed.
DRAFT_KEPT_FOR = timedelta(days=30)


def draft_goes_at(closed_at: datetime) -> datetime:
    """The instant from which a draft that was never sent is deleted; `closed_at` of its cycle."""
    return closed_at + DRAFT_KEPT_FOR


@dataclass(frozen=True)
class Version:
    """One save. `fields` is what stood in the changed fields before it; or, with the `why` of a
    conflict, the text that lost, and `theirs` what stood in its way. `saved_at` is ISO 8601."""

    revision: int
    saved_at: str
    key: str = ""
    why: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    theirs: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_beside(self) -> bool:
        return self.why == CONFLICT

    @property
    def length(self) -> int:
        return sum(map(len, self.fields.values())) + sum(map(len, self.theirs.values()))


@dataclass(frozen=True)
class Past:
    """A version as it is read: all `values` as they stood with it, and what it changed."""

    revision: int
    saved_at: str
    why: str
    values: Mapping[str, str]
    changes: Mapping[str, str]


@dataclass(frozen=True)
class Draft:
    """What stands, since when each field, and how it came to be (oldest version first)."""

    revision: int = 0
    values: Mapping[str, str] = field(default_factory=dict)
    touched: Mapping[str, int] = field(default_factory=dict)
    versions: Sequence[Version] = ()

    @classmethod
    def of(cls, content: Mapping[str, Any], revision: int) -> Draft:
        """From what is stored; a draft from before there were versions has none."""
        return cls(
            revision,
            content.get("values", {}),
            content.get("touched", {}),
            [Version(**stored) for stored in content.get("versions", ())],
        )

    @property
    def stored(self) -> dict[str, Any]:
        return {
            "values": dict(self.values),
            "touched": dict(self.touched),
            "versions": [_stored(version) for version in self.versions],
        }

    def answered(self, key: str) -> Version | None:
        """The version that a request with this key has made already."""
        return next((v for v in self.versions if key and v.key == key), None)

    def typed(self, form: Mapping[str, str], base: int) -> Mapping[str, str]:
        """Those of a whole form's fields that differ from what it was filled with at `base`."""
        shown = self._at(base)
        if shown is None:
            return form
        return {name: text for name, text in form.items() if text != shown.get(name, "")}

    def _at(self, base: int) -> Mapping[str, str] | None:
        """What stood at this revision; None when that is no longer known."""
        values = self.values
        saves = [v for v in reversed(self.versions) if not v.is_beside]
        for version in saves:
            if version.revision <= base:
                return values
            values = _before(values, version)
        return values if len(saves) < VERSIONS_KEPT and base <= self.revision else None

    def saved(
        self, changes: Mapping[str, str], *, base: int, at: str, key: str = "", why: str = ""
    ) -> Draft:
        """With these fields laid over; itself when that changes nothing.

        Errors: Conflict when a field was written differently after `base`, and nothing is taken. A
        `base` that is not reached yet is of another draft: then whatever differs is in the way.
        """
        seen, revision = base if base <= self.revision else -1, self.revision + 1
        standing = Content(self.values, self.touched)
        merged = merge(standing, changes, base=seen, revision=revision)
        if merged.theirs:
            raise Conflict(self.revision, merged.theirs)
        if not merged.changed:
            return self
        before = {name: self.values.get(name, "") for name in merged.changed}
        version = Version(revision, at, key, why, before)
        content = merged.content
        return Draft(revision, content.fields, content.since, self._with(version))

    def beside(
        self, typed: Mapping[str, str], theirs: Mapping[str, str], *, at: str, key: str = ""
    ) -> Draft:
        """With a text set beside it that could not be taken; what stands stays as it is."""
        lost = {name: text for name, text in typed.items() if text != self.values.get(name, "")}
        version = Version(self.revision + 1, at, key, CONFLICT, lost, theirs)
        return replace(self, revision=self.revision + 1, versions=self._with(version))

    def past(self) -> list[Past]:
        """Every version kept, the newest first."""
        found, values = [], self.values
        for version in reversed(self.versions):
            if version.is_beside:
                changes = version.fields
            else:
                changes = {name: values.get(name, "") for name in version.fields}
            found.append(Past(version.revision, version.saved_at, version.why, values, changes))
            values = _before(values, version)
        return found

    def wanted(self, revision: int) -> Mapping[str, str] | None:
        """Every field as a version had it, emptied ones as well; of a text that lost, its own."""
        for past in self.past():
            if past.revision == revision:
                if past.why == CONFLICT:
                    return past.changes
                return {**dict.fromkeys(self.values, ""), **past.values}
        return None

    def _with(self, version: Version) -> list[Version]:
        newest_first = [version, *reversed(self.versions)]
        saves = _most(v for v in newest_first if not v.is_beside)
        lost = _most(v for v in newest_first if v.is_beside)
        return sorted([*saves, *lost], key=lambda v: v.revision)


def _before(values: Mapping[str, str], version: Version) -> Mapping[str, str]:
    """What stood before a save; what lost changed nothing."""
    if version.is_beside:
        return values
    return {name: text for name, text in {**values, **version.fields}.items() if text}


def _most(versions: Iterable[Version]) -> list[Version]:
    """The newest twenty, or fewer where they are very long; older ones are of no use without them."""
    kept: list[Version] = []
    length = 0
    for version in islice(versions, VERSIONS_KEPT):
        length += version.length
        if kept and length > LONGEST_HISTORY:
            break
        kept.append(version)
    return kept


def _stored(version: Version) -> dict[str, Any]:
    stored = {
        "revision": version.revision,
        "saved_at": version.saved_at,
        "key": version.key,
        "why": version.why,
        "fields": dict(version.fields),
        "theirs": dict(version.theirs),
    }
    return {name: value for name, value in stored.items() if value}
