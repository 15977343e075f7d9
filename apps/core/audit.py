"""What happened, to what, by whom: written by every action inside its own transaction.

Each object has a chain of its own, so two people at work on two objects never wait for each other.
Two deeds on one object at the same instant want the same place in its chain; the database gives
it to one, and the other is told StaleState, exactly as if a row had moved under its feet.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, TypeAlias

import structlog
from django.db import IntegrityError
from django.db.models import F, Max, Model

from apps.core.access import Viewer
from apps.core.copying import Among, insert_rows
from apps.core.models import AuditEvent
from apps.core.workflow import StaleState

Fact: TypeAlias = "str | int | bool | Decimal | date | Sequence[Fact] | Mapping[str, Fact] | None"
# An id, a state, a number or an instant; never a sentence, for a sentence holds a space.
WORD = re.compile(r"[A-Za-z0-9_.:+@/-]{0,80}")
FEW = 100  # as many are given their keys at once; more are copied, and nobody asks for their keys
COLUMNS = (
    "verb", "object_type", "object_id", "sequence", "actor_id", "actor_kind", "request_id", "at",
    "detail", "previous_hash", "hash",
)  # fmt: skip


class NotAFact(TypeError):
    """A detail that is no number, id or state. Texts and floats stay out of the audit."""


@dataclass(frozen=True)
class Break:
    """Where a chain does not hold, and why: "gap", "changed" or "unlinked"."""

    object_type: str
    object_id: str
    sequence: int
    why: str


def record(verb: str, obj: Model, *, by: Viewer, at: datetime, **detail: Fact) -> AuditEvent:
    """Append one event to the chain of `obj`. 2 queries.

    Arguments: `verb` the action's name; `obj` a saved row; `by` who did it; `at` an aware instant;
    `detail` numbers, ids and states. Result: the event. Errors: NotAFact for a text; StaleState
    when somebody else's deed on the same object came first (the transaction must be given up).
    """
    return record_many(verb, [obj], by=by, at=at, each=lambda _: detail)[0]


def record_many(
    verb: str,
    objects: Sequence[Model],
    *,
    by: Viewer,
    at: datetime,
    each: Any = None,
    **detail: Fact,
) -> list[AuditEvent]:
    """Append one event to the chain of each object; all objects are of one model, each given once.

    Arguments: as `record`; `each` a function from an object to its own detail, in place of a common
    `detail`. Result: the events in the order of the objects. 2 queries.
    """
    if not objects:
        return []
    about = {str(obj.pk): each(obj) if each else detail for obj in objects}
    return _append(verb, object_type(objects[0]), about, by, at)


def record_keys(
    verb: str,
    model: type[Model],
    details: Mapping[int, Mapping[str, Fact]],
    *,
    by: Viewer,
    at: datetime,
) -> None:
    """The same for rows that need not be loaded: `details` from the key of each to its own. 2 queries."""
    if details:
        about = {str(pk): detail for pk, detail in details.items()}
        _append(verb, object_type(model), about, by, at)


def _append(
    verb: str, kind: str, about: Mapping[str, Mapping[str, Fact]], by: Viewer, at: datetime
) -> list[AuditEvent]:
    last = _last_events(kind, list(about))
    request_id = str(structlog.contextvars.get_contextvars().get("request_id", ""))
    events = []
    for object_id, detail in about.items():
        sequence, previous_hash = last.get(object_id, (0, ""))
        event = AuditEvent(
            verb=verb,
            object_type=kind,
            object_id=object_id,
            sequence=sequence + 1,
            actor_id=by.person_id,
            actor_kind=by.kind,
            request_id=request_id,
            at=at,
            detail={name: _fact(name, value) for name, value in detail.items()},
            previous_hash=previous_hash,
        )
        event.hash = digest(event)
        events.append(event)
    try:
        if len(events) <= FEW:
            return AuditEvent.objects.bulk_create(events)
        insert_rows(AuditEvent, COLUMNS, ([getattr(e, name) for name in COLUMNS] for e in events))
    except IntegrityError as lost:
        raise StaleState(f"{kind} was changed by somebody else at the same moment") from lost
    return events


def _last_events(kind: str, ids: list[str]) -> dict[str, tuple[int, str]]:
    """Object id to (sequence, hash) of its newest event. 1 query."""
    chains = AuditEvent.objects.filter(object_type=kind)
    if len(ids) == 1:
        chains = chains.filter(object_id=ids[0]).order_by("-sequence")
        newest = chains.values_list("object_id", "sequence", "hash")[:1]
    else:
        chains = chains.filter(Among(F("object_id"), ids))
        heads = chains.values("object_id").annotate(newest=Max("sequence"))
        newest = chains.filter(sequence__in=heads.values("newest").distinct()).values_list(
            "object_id", "sequence", "hash"
        )
    found: dict[str, tuple[int, str]] = {}
    for object_id, sequence, hash_ in newest:
        if sequence > found.get(object_id, (0, ""))[0]:
            found[object_id] = (sequence, hash_)
    return found


def object_type(obj: Model | type[Model]) -> str:
    """The name under which a model's rows are recorded: "reviews.review"."""
    return obj._meta.label_lower


def history(obj: Model) -> list[AuditEvent]:
    """The chain of one object, oldest first. 1 query."""
    return list(
        AuditEvent.objects.filter(object_type=object_type(obj), object_id=str(obj.pk)).order_by(
            "sequence"
        )
    )


def digest(event: AuditEvent) -> str:
    """SHA-256, in hex, over the canonical JSON of all fields but the hash itself."""
    body = {
        "verb": event.verb,
        "object_type": event.object_type,
        "object_id": event.object_id,
        "sequence": event.sequence,
        "actor_id": event.actor_id,
        "actor_kind": event.actor_kind,
        "request_id": event.request_id,
        "at": event.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "detail": event.detail,
        "previous_hash": event.previous_hash,
    }
    text = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


def verify(events: Iterable[AuditEvent]) -> list[Break]:
    """Every place where a chain does not hold.

    Arguments: events ordered by object_type, object_id, sequence. Result: empty when all is whole.
    A chain cut short at its end cannot be seen in itself: compare `heads` with one kept elsewhere.
    """
    breaks: list[Break] = []
    chain, sequence, previous = ("", ""), 0, ""
    for event in events:
        if (event.object_type, event.object_id) != chain:
            chain, sequence, previous = (event.object_type, event.object_id), 0, ""
        why = (
            "gap"
            if event.sequence != sequence + 1
            else "unlinked"
            if event.previous_hash != previous
            else "changed"
            if event.hash != digest(event)
            else ""
        )
        if why:
            breaks.append(Break(*chain, event.sequence, why))
        sequence, previous = event.sequence, event.hash
    return breaks


def _fact(name: str, value: Any) -> Any:
    """The value as JSON keeps it, the same on both databases."""
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str):
        if WORD.fullmatch(value):
            return str(value)
    elif isinstance(value, Mapping):
        return {str(k): _fact(f"{name}.{k}", v) for k, v in value.items()}
    elif isinstance(value, list | tuple | set | frozenset):
        members = [_fact(name, v) for v in value]
        return sorted(members, key=str) if isinstance(value, set | frozenset) else members
    raise NotAFact(f"{name} is no number, id or state, so it may not enter the audit")
