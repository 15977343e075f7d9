"""Everything about one person, read: rooms with their parts, packets, feedback, and whose words of
others are among it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.utils import timezone

from apps.core.access import Viewer
from apps.feedback.access import unasked_gate
from apps.feedback.models import Concern, ConcernDecision, UnaskedFeedback
from apps.people.models import Person
from apps.reports.bundles.released import Handed, own_packets, packets, received
from apps.reports.bundles.shape import Part, read
from apps.reports.bundles.table import LEFT_OUT, ROOMS, Room
from apps.reviews.access import note_gate, participant_gate
from apps.reviews.models import EvidenceNote, Participant

Keys = dict[str, list[int]]


@dataclass(frozen=True)
class ReadRoom:
    """One chapter: `parts` in the order of the table, those without a row left out of `filled`."""

    room: Room
    parts: list[Part]
    packets: list[Handed]
    received: list[dict[str, Any]]

    @property
    def filled(self) -> list[Part]:
        return [part for part in self.parts if part.rows]

    @property
    def empty(self) -> list[str]:
        return [str(part.share.title) for part in self.parts if not part.rows]

    @property
    def rows(self) -> int:
        return sum(len(part.rows) for part in self.parts) + len(self.packets) + len(self.received)


@dataclass(frozen=True)
class Bundle:
    person: Person
    made_at: datetime
    rooms: list[ReadRoom]
    others: Keys

    @property
    def rows(self) -> int:
        return sum(room.rows for room in self.rooms)

    @property
    def left_out(self) -> tuple[Any, ...]:
        return LEFT_OUT


def bundle(viewer: Viewer, *, now: datetime) -> Bundle:
    """1 query for each share of the table, 8 beside them, and the pages of each packet that was
    handed out; however many rows there are. Errors: PermissionDenied for nobody."""
    person = Person.objects.get(pk=viewer.person_id)
    before = others_in(viewer)
    with timezone.override(ZoneInfo(person.time_zone)):
        rooms = _rooms(viewer, now=now)
    # PRIVACY: what was opened or closed while this was read counts as being in it, so that whatever
    # was taken back keeps the file from being fetched.
    after = others_in(viewer)
    others = {name: sorted({*keys, *after[name]}) for name, keys in before.items()}
    return Bundle(person, now, rooms, others)


def _rooms(viewer: Viewer, *, now: datetime) -> list[ReadRoom]:
    seats = own_packets(viewer)
    return [
        ReadRoom(
            room,
            [read(share, viewer) for share in room.shares],
            packets(viewer, seats, now=now) if room.name == "reviews" else [],
            received(viewer, seats) if room.name == "feedback" else [],
        )
        for room in ROOMS
    ]


def _by_others(viewer: Viewer) -> dict[str, QuerySet[Any, Any]]:
    """What others wrote and opened to this person, and may take back again."""
    return {
        "packets": participant_gate.visible(
            viewer, Participant.objects.filter(person=viewer.person_id), "read_packet"
        ),
        "notes": note_gate.visible(
            viewer, EvidenceNote.objects.exclude(author=viewer.person_id), "read_received_note"
        ),
        "thanks": unasked_gate.visible(
            viewer, UnaskedFeedback.objects.all(), "read_received_unasked"
        ),
    }


def others_in(viewer: Viewer) -> Keys:
    """3 queries: the keys of what others opened to this person."""
    return {
        name: sorted(rows.order_by().values_list("pk", flat=True))
        for name, rows in _by_others(viewer).items()
    }


@dataclass(frozen=True)
class Open:
    """What of others is open to somebody now: the keys, and when HR last hid a text about them."""

    keys: Keys
    hidden_at: datetime | None

    def holds(self, others: Keys, *, since: datetime) -> bool:
        """Whether all that others wrote in a bundle, asked for `since` then, is still open."""
        return (self.hidden_at is None or self.hidden_at < since) and all(
            set(keys) <= set(self.keys.get(name, ())) for name, keys in others.items()
        )


def open_now(viewer: Viewer) -> Open:
    """4 queries, for however many bundles."""
    hiding = ConcernDecision.objects.filter(
        concern__in=Concern.objects.hiding(),
        concern__part__answer__participant__person=viewer.person_id,
    )
    newest = hiding.order_by("-decided_at").values_list("decided_at", flat=True).first()
    return Open(others_in(viewer), newest)
