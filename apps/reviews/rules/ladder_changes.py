"""What changed between two readings of a ladder: statements that came, went, or say it differently."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Change:
    """What changed in one competency; `changed` holds (what it said, what it says)."""

    competency: str
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: tuple[tuple[str, str], ...] = ()


# A competency by its key: its name, and its statements as (stable key, text).
Reading = Mapping[str, tuple[str, Sequence[tuple[str, str]]]]


def ladder_changes(then: Reading, now: Reading) -> list[Change]:
    """The competencies that are not as they were, in the order of `now`; those that went come last.

    A statement that keeps its key and says something else has changed; one whose words stand under
    another key has not. Case and white space at the ends are no change.
    """
    found = []
    for key in [*now, *(key for key in then if key not in now)]:
        name, new = now.get(key, (then.get(key, ("", ()))[0], ()))
        old = then.get(key, ("", ()))[1]
        change = _change(name, dict(old), dict(new))
        if change.added or change.removed or change.changed:
            found.append(change)
    return found


def _change(name: str, old: Mapping[str, str], new: Mapping[str, str]) -> Change:
    said, says = {_plain(t) for t in old.values()}, {_plain(t) for t in new.values()}
    changed = {
        key
        for key in old.keys() & new.keys()
        if _plain(old[key]) not in says and _plain(new[key]) not in said
    }
    return Change(
        name,
        tuple(t for key, t in new.items() if key not in changed and _plain(t) not in said),
        tuple(t for key, t in old.items() if key not in changed and _plain(t) not in says),
        tuple((old[key], new[key]) for key in new if key in changed),
    )


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()
