"""The gate. Each app keeps tables of who may do what; this module reads them aloud.

A row is read twice: in Python for one object (`may`, `require`) and in SQL for a list (`visible`).
tests/architecture/test_access_parity.py walks `GATES` and proves that the two readings agree.
Nothing here knows what a review or a manager is: relations are paths along foreign keys.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import reduce
from operator import and_, or_
from typing import Any, TypeVar

from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet


@dataclass(frozen=True)
class Viewer:
    """Who is asking. Built once per request, task or command; never reads the session again.

    `person_id` and `user_id` are primary keys or None; `roles` names granted roles; `above` holds
    the ids of the people above this person, of whom an office never gives the right to read;
    `kind` is "person", "system" (a task) or "command" (someone at the server's shell).
    """

    person_id: int | None = None
    user_id: int | None = None
    roles: frozenset[str] = frozenset()
    above: frozenset[int] = frozenset()
    kind: str = "person"
    name: str = ""
    time_zone: str = "UTC"
    may_write: bool = True

    def lent(self, role: str) -> Viewer:
        """The same viewer, with one more role, for one question. A request's viewer is made when it
        is first needed, and so may still be a promise of one: the method finds the real one."""
        return replace(self, roles=self.roles | {role})


SYSTEM_VIEWER = Viewer(kind="system")
COMMAND_VIEWER = Viewer(kind="command")


@dataclass(frozen=True)
class Relation:
    """One way a viewer can stand to an object, or one thing true of it, in Python and in SQL."""

    name: str
    holds: Callable[[Viewer, Any], bool]
    q: Callable[[Viewer], Q]


# An empty Q() vanishes in an OR, so "all" is said as "not in nothing".
ALL, NONE = ~Q(pk__in=[]), Q(pk__in=[])


def _any_of(questions: Iterable[Q]) -> Q:
    """Joined by OR. Whoever may see all is asked nothing more: a part that cannot change the answer
    would still join its tables."""
    asked = [q for q in questions if q != NONE]
    return ALL if ALL in asked else reduce(or_, asked, NONE)


def walk(obj: Any, path: str) -> Any:
    """Follow `a.b.c` from `obj`; None as soon as a link is None or a one-to-one is not there.

    A misspelt path is found by the SQL reading, which the parity test compares with this one.
    """
    for name in path.split("."):
        if obj is None:
            return None
        obj = getattr(obj, name, None)
    return obj


def person_in(path: str) -> Relation:
    """The viewer is the person at the end of this path of foreign keys. Nobody is never anybody."""
    lookup = path.replace(".", "__") + "_id"
    return Relation(
        path,
        lambda v, obj: v.person_id is not None and walk(obj, f"{path}_id") == v.person_id,
        lambda v: Q(**{lookup: v.person_id}) if v.person_id is not None else NONE,
    )


def viewer_is(path: str = "pk") -> Relation:
    """The object (or the key at `path`) is the viewer."""
    lookup = path.replace(".", "__")
    return Relation(
        f"self:{path}",
        lambda v, obj: v.person_id is not None and walk(obj, path) == v.person_id,
        lambda v: Q(**{lookup: v.person_id}) if v.person_id is not None else NONE,
    )


def role(name: str) -> Relation:
    """The viewer holds this role."""
    return Relation(name, lambda v, _: name in v.roles, lambda v: ALL if name in v.roles else NONE)


def above(path: str) -> Relation:
    """The person at the end of this path stands above the viewer in the line."""
    lookup = path.replace(".", "__") + "_id__in"
    return Relation(
        f"above:{path}",
        lambda v, obj: walk(obj, f"{path}_id") in v.above,
        lambda v: Q(**{lookup: sorted(v.above)}),
    )


ANYONE = Relation(
    "anyone signed in",
    lambda v, _: v.person_id is not None,
    lambda v: ALL if v.person_id is not None else NONE,
)
SYSTEM = Relation(
    "the system",
    lambda v, _: v.kind in {"system", "command"},
    lambda v: ALL if v.kind in {"system", "command"} else NONE,
)


def one_of(path: str, values: Iterable[Any]) -> Relation:
    """A thing true of the object, whoever asks: the value at `path` is one of these."""
    wanted = frozenset(values)
    lookup = path.replace(".", "__") + "__in"
    return Relation(
        f"{path} in {sorted(map(str, wanted))}",
        lambda _, obj: walk(obj, path) in wanted,
        # Plain values, never an enum class: an enum would freeze into migrations.
        lambda _: Q(**{lookup: [getattr(w, "value", w) for w in wanted]}),
    )


def is_true(path: str) -> Relation:
    """A thing true of the object, whoever asks: the flag at `path` is set."""
    lookup = path.replace(".", "__")
    return Relation(path, lambda _, obj: bool(walk(obj, path)), lambda _: Q(**{lookup: True}))


def either(*relations: Relation) -> Relation:
    """At least one of these holds."""
    return Relation(
        " or ".join(r.name for r in relations),
        lambda v, obj: any(r.holds(v, obj) for r in relations),
        lambda v: reduce(or_, (r.q(v) for r in relations)),
    )


def both(*relations: Relation) -> Relation:
    """All of these hold."""
    return Relation(
        " and ".join(r.name for r in relations),
        lambda v, obj: all(r.holds(v, obj) for r in relations),
        lambda v: reduce(and_, (r.q(v) for r in relations)),
    )


@dataclass(frozen=True)
class Row:
    """Who × when × the sentence a refused person reads. `never` wins over `who`."""

    who: tuple[Relation, ...]
    refusal: str
    never: tuple[Relation, ...] = ()
    during: frozenset[str] | None = None
    at: str = "state"
    when: tuple[Relation, ...] = ()


def row(
    *who: Relation,
    refusal: str,
    during: Iterable[str] | None = None,
    at: str = "state",
    never: Iterable[Relation] = (),
    when: Iterable[Relation] = (),
) -> Row:
    """One line of a table.

    `who`: any of these must stand; `never`: none of these; `during`: the states (at path `at`) in
    which it is allowed, None for always; `when`: further things that must all be true.
    """
    states = None if during is None else frozenset(str(getattr(s, "value", s)) for s in during)
    return Row(tuple(who), str(refusal), tuple(never), states, at, tuple(when))


@dataclass(frozen=True)
class Answer:
    """Truthy when allowed; otherwise carries the sentence the person will read."""

    allowed: bool
    reason: str = ""

    def __bool__(self) -> bool:
        return self.allowed


S = TypeVar("S", bound=QuerySet[Any])
YES = Answer(True)
GATES: dict[str, Gate] = {}


@dataclass(frozen=True)
class Gate:
    """The table of one model, named by its label ("reviews.Review"); entered in GATES."""

    label: str
    table: Mapping[str, Row] = field(hash=False)

    def __post_init__(self) -> None:
        GATES[self.label] = self

    def may(self, viewer: Viewer, action: str, obj: Any) -> Answer:
        """The answer for one object, with the sentence for the refused. Paths may load rows."""
        line = self.table[action]
        stands = any(r.holds(viewer, obj) for r in line.who)
        if not stands or any(r.holds(viewer, obj) for r in line.never):
            return Answer(False, line.refusal)
        if line.during is not None and walk(obj, line.at) not in line.during:
            holder = walk(obj, line.at.rpartition(".")[0]) if "." in line.at else obj
            return Answer(False, f"Not now, while it stands at “{holder.get_state_display()}”.")
        if not all(r.holds(viewer, obj) for r in line.when):
            return Answer(False, line.refusal)
        return YES

    def require(self, viewer: Viewer, action: str, obj: Any) -> None:
        """Raises PermissionDenied with the row's sentence unless the action is allowed."""
        if not (answer := self.may(viewer, action, obj)):
            raise PermissionDenied(answer.reason)

    def visible(self, viewer: Viewer, rows: S, *actions: str) -> S:
        """The rows on which at least one of these actions is allowed."""
        return rows.filter(self.q(viewer, *actions))

    def q(self, viewer: Viewer, *actions: str) -> Q:
        """The SQL reading of these lines, joined by OR."""
        return _any_of(self._q(viewer, self.table[action]) for action in actions)

    @staticmethod
    def _q(viewer: Viewer, line: Row) -> Q:
        stands = _any_of(r.q(viewer) for r in line.who)
        if stands == NONE:  # nobody this viewer is: spares what `never` may have to look up
            return NONE
        barred = _any_of(r.q(viewer) for r in line.never)
        answer = stands if barred == NONE else stands & ~barred
        if line.during is not None:
            answer &= Q(**{line.at.replace(".", "__") + "__in": sorted(line.during)})
        return reduce(and_, (r.q(viewer) for r in line.when), answer)
