"""What was handed out to somebody: packets and feedback, through the very pages that show them.

PRIVACY: no review, rating or answer of others is read here past those pages. What a page keeps back,
cuts or shuffles is kept back, cut and shuffled in the file as well.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from apps.core.access import Viewer
from apps.feedback.models import Perspective
from apps.feedback.received import received_feedback
from apps.reports.packets import PacketFile, packet_files
from apps.reviews.access import participant_gate
from apps.reviews.models import Participant
from apps.reviews.packets import Packet, packet_as_read
from apps.reviews.states import Mark


def own_packets(viewer: Viewer) -> list[Participant]:
    """1 query: the seats of this person whose packet the gate opens to them now, newest first."""
    own = participant_gate.visible(viewer, Participant.objects.all(), "read_packet")
    return list(
        own.filter(person=viewer.person_id)
        .select_related("person", "cycle")
        .order_by("-cycle__period_end", "cycle__name", "pk")
    )


@dataclass(frozen=True)
class Handed:
    """One packet: as data, and on paper."""

    data: dict[str, Any]
    paper: PacketFile


def packets(viewer: Viewer, seats: list[Participant], *, now: datetime) -> list[Handed]:
    """The page's and the paper's queries for each packet (at most 8 each)."""
    papers = packet_files(viewer, seats, now=now)
    return [
        Handed(_packet(packet_as_read(viewer, seat, now=now)) | {"paper": f"packets/{paper.name}"}, paper)
        for seat, paper in zip(seats, papers, strict=True)
    ]  # fmt: skip


def _packet(packet: Packet) -> dict[str, Any]:
    seat = packet.participant
    return {
        "cycle": seat.cycle.name,
        "period": [seat.cycle.period_start.isoformat(), seat.cycle.period_end.isoformat()],
        "level": str(seat.level or seat.role_profile or ""),
        "reviewed_by": seat.manager.name if seat.manager else "",
        "released_at": seat.released_at,
        "scale": [{"point": p.value, "label": p.label, "anchor": p.anchor} for p in packet.points],
        "overall": _rating(packet.overall) if packet.overall else None,
        "departure": packet.departure,
        "summary": packet.summary,
        "ratings": [
            {"area": area.name, **_rating(line)} for area in packet.areas for line in area.lines
        ],
        "questions": [{"question": q.text, "answer": q.answer} for q in packet.questions],
        "goals": [
            {
                "goal": line.goal.text,
                "target": line.goal.target_number,
                "reached": line.goal.actual_number,
                "unit": line.goal.unit,
                "rating": _rating(line.rating) if line.rating else None,
            }
            for line in packet.goals
        ],
    }


def _rating(line: Any) -> dict[str, Any]:
    return {
        "name": line.name,
        "point": line.answer if isinstance(line.answer, int) else None,
        "label": line.label or _mark(line.answer),
        "comment": line.comment,
        "statements": [{"statement": m.text, "mark": m.label} for m in line.marks],
        "evidence": [{"day": n.happened_on, "by": n.by, "note": n.text} for n in line.notes],
        "changes": [
            {
                "was": c.was if isinstance(c.was, int) else _mark(c.was),
                "by": _("dispute") if c.by_dispute else _("calibration"),
                "reason": c.reason,
            }
            for c in line.changes
        ],
    }


def _mark(answer: int | str | None) -> str:
    return str(Mark(answer).label) if isinstance(answer, str) and answer in Mark.values else ""


def received(viewer: Viewer, seats: Iterable[Participant]) -> list[dict[str, Any]]:
    """1 query, and those of the page for each cycle that asked for feedback (at most 8)."""
    seats = list(seats)
    asking = set(
        Perspective.objects.filter(cycle__in={seat.cycle_id for seat in seats})
        .order_by()
        .values_list("cycle_id", flat=True)
    )
    found = []
    for seat in seats:
        if seat.cycle_id in asking:
            page = received_feedback(viewer, participant_id=seat.pk)
            found.append({"cycle": seat.cycle.name, "kinds": [_kind(kind) for kind in page.kinds]})
    return found


def _kind(kind: Any) -> dict[str, Any]:
    """What the page shows of one perspective; PRIVACY: never a key, a count or an id of an answer."""
    return {
        "kind": str(kind.title),
        "promise": str(kind.perspective.get_mode_display()),
        "voices": [
            {
                "name": voice.name,
                "answers": [{"question": q, "answer": _said(said)} for q, said in voice.texts],
                "ratings": [
                    {
                        "competency": rated.name,
                        "point": rated.value,
                        "label": rated.label,
                        "comment": _said(rated.said),
                    }
                    for rated in voice.ratings
                ],
            }
            for voice in kind.voices or []
        ],
        "answers": [
            {
                "question": section.question,
                "answers": [_said(said) for said in section.texts],
                "kept_back": section.is_held,
            }
            for section in kind.sections or []
        ],
        "scores": [
            {
                "competency": score.name,
                "mean": None if score.mean is None else str(score.mean),
                "comments": [_said(said) for said in score.comments],
            }
            for score in kind.scores or []
        ],
        "total": None if kind.total is None else str(kind.total),
    }


def _said(said: Any) -> str:
    """The words, or what the page says in place of those that HR hides."""
    if said is None:
        return ""
    return _("Hidden by HR: %(why)s") % {"why": said.hidden} if said.hidden else str(said.text)
