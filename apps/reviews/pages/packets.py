"""The packet: one honest page about one person, and what each reader of it may add.

PRIVACY: the private note and the word on promotion are never even loaded here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from django.http import Http404
from django.shortcuts import get_object_or_404

from apps.core.access import Answer, Viewer
from apps.reviews.access import PACKET_READS, participant_gate
from apps.reviews.models import (
    Dispute,
    Goal,
    Participant,
    RatingEvent,
    Review,
    ReviewItem,
    ScalePoint,
)
from apps.reviews.rules.goals import goal_result
from apps.reviews.rules.packets import release_hindrance
from apps.reviews.rules.phases import dispute_ends_at
from apps.reviews.rules.ratings import COMPETENCY, GOAL, THE_WHOLE, Subject
from apps.reviews.states import ParticipantState, RatingSource, ReviewKind, ReviewState

DEEDS = (
    "release_packet",
    "unshare_packet",
    "acknowledge_packet",
    "dispute_packet",
    "settle_dispute",
)


@dataclass(frozen=True)
class Changed:
    """A rating that was changed after the manager gave it, and why."""

    was: int | str | None
    by_dispute: bool
    reason: str


@dataclass(frozen=True)
class RatingLine:
    """One rating as it stands. `answer` is a point, or the name of a mark."""

    subject: Subject
    name: str
    answer: int | str
    label: str
    anchor: str
    comment: str
    changes: list[Changed]

    @property
    def was(self) -> int | str | None:
        return self.changes[0].was if self.changes else None


@dataclass(frozen=True)
class AreaOfRatings:
    name: str
    lines: list[RatingLine]


@dataclass(frozen=True)
class GoalLine:
    goal: Goal
    result: str
    rating: RatingLine | None


@dataclass(frozen=True)
class Packet:
    participant: Participant
    points: list[ScalePoint]
    is_written: bool
    is_subject: bool
    is_preview: bool
    overall: RatingLine | None
    departure: str
    summary: str
    areas: list[AreaOfRatings]
    goals: list[GoalLine]
    dispute: Dispute | None
    dispute_until: datetime | None
    hindrance: str
    may: Mapping[str, Answer]
    may_preview: bool

    @property
    def may_be_released(self) -> bool:
        return bool(self.may["release_packet"]) and not self.hindrance

    @property
    def changed(self) -> list[RatingLine]:
        """What was changed after the manager's review, as far as this reader sees it."""
        whole = [self.overall] if self.overall else []
        return [
            line for line in [*whole, *(x for a in self.areas for x in a.lines)] if line.changes
        ]


def packet(viewer: Viewer, *, participant_id: int, now: datetime) -> Packet:
    """At most 6 queries: participant, scale, ratings, review, its items, goals."""
    participant = _readable(viewer, participant_id)
    return _packet(viewer, participant, now, as_subject=participant.person_id == viewer.person_id)


def packet_preview(viewer: Viewer, *, participant_id: int, now: datetime) -> Packet:
    """What the person would read, for those who may release it and read it. As `packet`."""
    participant = _readable(viewer, participant_id)
    if participant.person_id == viewer.person_id:
        raise Http404
    return _packet(viewer, participant, now, as_subject=True, is_preview=True)


def _readable(viewer: Viewer, participant_id: int) -> Participant:
    readable = participant_gate.visible(viewer, Participant.objects.all(), *PACKET_READS)
    return get_object_or_404(
        readable.select_related(
            "cycle",
            "person__manager",
            "manager",
            "level",
            "role_profile",
            "dispute__arbiter",
            "dispute__settled_by",
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
    review = (
        Review.objects.filter(
            participant=participant, kind=ReviewKind.MANAGER, state=ReviewState.SUBMITTED
        )
        .only("pk", "summary", "departure")
        .first()
    )
    goals = list(participant.goals.all())
    lines: dict[Subject, RatingLine] = {}
    areas: list[AreaOfRatings] = []
    events: dict[Subject, list[RatingEvent]] = {}
    departure = ""
    if review is not None:
        # PRIVACY: the person sees what calibration changed only if the cycle says so.
        sees_changes = not as_subject or participant.cycle.show_calibration
        events = _events(participant)
        comments = _comments(review)
        lines, areas = _lines(events, comments, points, sees_changes)
        # PRIVACY: beside a rating that was changed out of sight, the sentence would tell on it.
        untouched = all(event.source == RatingSource.MANAGER for event in events[THE_WHOLE])
        departure = review.departure if sees_changes or untouched else ""
    may = {name: participant_gate.may(viewer, name, participant) for name in DEEDS}
    until = _dispute_until(participant)
    if until is None or now > until:
        may["dispute_packet"] = Answer(False)
    return Packet(
        participant=participant,
        points=points,
        is_written=review is not None,
        is_subject=participant.person_id == viewer.person_id,
        is_preview=is_preview,
        overall=lines.get(THE_WHOLE),
        departure=departure,
        summary=review.summary if review is not None else "",
        areas=areas,
        goals=[
            GoalLine(
                goal,
                goal_result(goal.comparator, goal.target, goal.actual),
                lines.get((GOAL, goal.pk)),
            )
            for goal in goals
        ],
        dispute=getattr(participant, "dispute", None),
        dispute_until=until,
        hindrance=_hindrance(participant, review is not None, events),
        may=may,
        may_preview=participant.person_id != viewer.person_id,
    )


def _hindrance(
    participant: Participant, is_written: bool, events: Mapping[Subject, list[RatingEvent]]
) -> str:
    """The rule that lets packets go, asked of the ratings that were read anyway. 1 query while
    there is no submitted review, and so no ratings; otherwise none."""
    if participant.state != ParticipantState.ACTIVE:
        return ""
    state: str | None = ReviewState.SUBMITTED
    if not is_written:
        reviews = Review.objects.filter(participant=participant, kind=ReviewKind.MANAGER)
        state = reviews.values_list("state", flat=True).first()
    history = events.get(THE_WHOLE, [])
    return release_hindrance(
        manager_state=state,
        has_overall=bool(history) and history[-1].value is not None,
        has_unexplained_change=any(
            event.source != RatingSource.MANAGER and not event.reason.strip()
            for about in events.values()
            for event in about
        ),
    )


def _dispute_until(participant: Participant) -> datetime | None:
    if participant.released_at is None:
        return None
    return dispute_ends_at(
        participant.released_at,
        days=participant.cycle.dispute_days,
        zone=participant.person.time_zone,
    )


def _events(participant: Participant) -> dict[Subject, list[RatingEvent]]:
    """The history of each rating, oldest first. 1 query."""
    found: dict[Subject, list[RatingEvent]] = {THE_WHOLE: []}
    rows = RatingEvent.objects.filter(participant=participant)
    for event in rows.select_related("competency__area").order_by("sequence"):
        subject = THE_WHOLE
        if event.competency_id is not None:
            subject = (COMPETENCY, event.competency_id)
        elif event.goal_id is not None:
            subject = (GOAL, event.goal_id)
        found.setdefault(subject, []).append(event)
    return found


def _comments(review: Review) -> dict[Subject, str]:
    rows = ReviewItem.objects.filter(review=review).values_list(
        "competency_id", "goal_id", "comment"
    )
    return {
        (COMPETENCY, competency_id) if competency_id else (GOAL, goal_id): comment
        for competency_id, goal_id, comment in rows
    }


def _lines(
    events: Mapping[Subject, list[RatingEvent]],
    comments: Mapping[Subject, str],
    points: list[ScalePoint],
    sees_changes: bool,
) -> tuple[dict[Subject, RatingLine], list[AreaOfRatings]]:
    by_value = {point.value: point for point in points}
    lines: dict[Subject, RatingLine] = {}
    places: list[tuple[Any, str, RatingLine]] = []
    for subject, history in events.items():
        if not history or not _answer(history[-1]):
            continue
        newest = history[-1]
        point = by_value.get(newest.value or 0)
        competency = newest.competency
        line = RatingLine(
            subject=subject,
            name=competency.name if competency is not None else "",
            answer=_answer(newest) or "",
            label=point.label if point else "",
            anchor=point.anchor if point else "",
            comment=comments.get(subject, ""),
            changes=_changes(history, sees_changes),
        )
        lines[subject] = line
        if competency is not None:
            area = competency.area
            rank = (area.position if area else 0, competency.position, competency.pk)
            places.append((rank, area.name if area else "", line))
    areas: dict[str, list[RatingLine]] = {}
    for _, name, line in sorted(places, key=lambda place: place[0]):
        areas.setdefault(name, []).append(line)
    return lines, [AreaOfRatings(name, inside) for name, inside in areas.items()]


def _answer(event: RatingEvent) -> int | str | None:
    return event.value if event.value is not None else event.mark or None


def _changes(history: list[RatingEvent], sees_changes: bool) -> list[Changed]:
    """Changes after the manager's own review. What a dispute changed is never hidden."""
    changes = []
    for before, event in pairwise(history):
        by_dispute = event.source == RatingSource.DISPUTE
        if event.source != RatingSource.MANAGER and (sees_changes or by_dispute):
            changes.append(Changed(_answer(before), by_dispute, event.reason))
    return changes
