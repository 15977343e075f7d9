"""The packet: one honest page about one person, and what each reader of it may add.

PRIVACY: the private note and the word on promotion are never even loaded here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import F, FilteredRelation, Q
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone

from apps.core.access import Answer, Viewer
from apps.reviews.access import PACKET_READS, participant_gate
from apps.reviews.models import Arbiter, Dispute, Participant, ScalePoint, arbiter_for
from apps.reviews.pages.packet_parts import (
    AreaOfRatings,
    GoalLine,
    Moment,
    Parts,
    QuestionLine,
    RatingLine,
    moments_of,
    parts_of_packet,
)
from apps.reviews.rules.packets import release_hindrance
from apps.reviews.rules.phases import due_at, last_dispute_day
from apps.reviews.states import ParticipantState, ReviewKind, ReviewState

DEEDS = (
    "release_packet",
    "unshare_packet",
    "confirm_talk",
    "acknowledge_packet",
    "reply_to_packet",
    "dispute_packet",
    "settle_dispute",
)
# Whoever reads the packet by this row reads the feedback as well, so the page links to it.
WITH_FEEDBACK = "read_packet_above"
NO = Answer(False)


@dataclass(frozen=True)
class Packet:
    """The fields down to `goals` are the document, the same in the preview as after the release; the
    others are about the one who reads, and about what happened since."""

    participant: Participant
    points: list[ScalePoint]
    is_written: bool
    overall: RatingLine | None
    departure: str
    summary: str
    areas: list[AreaOfRatings]
    questions: list[QuestionLine]
    goals: list[GoalLine]
    is_subject: bool
    is_preview: bool
    moments: list[Moment]
    dispute: Dispute | None
    arbiter: Arbiter | None
    dispute_until: date | None
    today: date
    hindrance: str
    may: Mapping[str, Answer]
    may_preview: bool

    @property
    def may_be_released(self) -> bool:
        return bool(self.may["release_packet"]) and not self.hindrance

    @property
    def has_changed_by_dispute(self) -> bool:
        whole = [self.overall] if self.overall else []
        lines = [*whole, *(line for area in self.areas for line in area.lines)]
        return any(change.by_dispute for line in lines for change in line.changes)


def packet(viewer: Viewer, *, participant_id: int, now: datetime) -> Packet:
    """At most 8 queries: participant with the review, scale, goals, ratings, items, notes, marks; and
    for the person, while they may dispute it, the third person."""
    participant = _readable(viewer, participant_id)
    return _packet(viewer, participant, now, as_subject=participant.person_id == viewer.person_id)


def packet_preview(viewer: Viewer, *, participant_id: int, now: datetime) -> Packet:
    """What the person would read, for those who may release it and read it. As `packet`."""
    participant = _readable(viewer, participant_id)
    if participant.person_id == viewer.person_id:
        raise Http404
    return _packet(viewer, participant, now, as_subject=True, is_preview=True)


def _readable(viewer: Viewer, participant_id: int) -> Participant:
    """1 query: the seat, and of the manager review what the person is meant to read."""
    submitted = Q(
        reviews__kind=ReviewKind.MANAGER.value, reviews__state=ReviewState.SUBMITTED.value
    )
    readable = participant_gate.visible(viewer, Participant.objects.all(), *PACKET_READS)
    return get_object_or_404(
        readable.select_related(
            "cycle",
            "person__manager",
            "manager",
            "level",
            "role_profile",
            "dispute__arbiter",
            "dispute__answered_by",
            "dispute__settled_by",
        )
        .with_waits()
        .annotate(
            written_review=FilteredRelation("reviews", condition=submitted),
            written_id=F("written_review__pk"),
            summary=F("written_review__summary"),
            departure=F("written_review__departure"),
        ),
        pk=participant_id,
    )


def _packet(
    viewer: Viewer,
    participant: Participant,
    now: datetime,
    *,
    as_subject: bool,
    is_preview: bool = False,
) -> Packet:
    points = list(ScalePoint.objects.filter(scale=participant.cycle.scale_id))
    row: Any = participant
    is_written = row.written_id is not None
    # PRIVACY: the person sees what calibration changed only if the cycle says so.
    sees_changes = not as_subject or participant.cycle.show_calibration
    parts = parts_of_packet(participant, row.written_id, points, sees_changes=sees_changes)
    # PRIVACY: beside a rating that was changed out of sight, the sentence would tell on it.
    departure = row.departure if sees_changes or parts.untouched else ""
    is_subject = participant.person_id == viewer.person_id
    may = {
        name: participant_gate.may(viewer, name, participant) for name in (*DEEDS, WITH_FEEDBACK)
    }
    last_day = _dispute_until(participant)
    if last_day is None or now > due_at(last_day, zone=participant.person.time_zone):
        may["dispute_packet"] = NO
    return Packet(
        participant=participant,
        points=points,
        is_written=is_written,
        overall=parts.whole,
        departure=departure or "",
        summary=row.summary or "",
        areas=parts.areas,
        questions=parts.questions,
        goals=parts.goals,
        is_subject=is_subject,
        is_preview=is_preview,
        moments=moments_of(participant),
        dispute=_dispute(viewer, participant, may),
        arbiter=arbiter_for(participant, on=timezone.localdate(now))
        if may["dispute_packet"]
        else None,
        dispute_until=last_day,
        today=now.astimezone(ZoneInfo(viewer.time_zone)).date(),
        hindrance=_hindrance(participant, parts),
        may=may,
        may_preview=not is_subject,
    )


def _dispute(viewer: Viewer, participant: Participant, may: dict[str, Answer]) -> Dispute | None:
    """PRIVACY: the words of a dispute, for the three people in it; nobody else gets the row."""
    dispute: Dispute | None = getattr(participant, "dispute", None)
    readable = dispute is not None and participant_gate.may(viewer, "read_dispute", participant)
    may["answer_dispute"] = (
        participant_gate.may(viewer, "answer_dispute", participant) if readable else NO
    )
    return dispute if readable else None


def _hindrance(participant: Participant, parts: Parts) -> str:
    """The rule that lets packets go, asked of what was read anyway. 0 queries."""
    if participant.state != ParticipantState.ACTIVE:
        return ""
    row: Any = participant
    return release_hindrance(
        manager_state=row.manager_state,
        has_overall=parts.whole is not None and isinstance(parts.whole.answer, int),
        has_unexplained_change=parts.has_unexplained_change,
    )


def _dispute_until(participant: Participant) -> date | None:
    if participant.released_at is None:
        return None
    return last_dispute_day(
        participant.released_at,
        days=participant.cycle.dispute_days,
        zone=participant.person.time_zone,
    )
