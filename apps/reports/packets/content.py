"""What a packet says on paper, as plain values for the template."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _

from apps.core.charts import RAMP_STEPS
from apps.core.text import clean_identifier
from apps.reports.rules.prose import blocks
from apps.reviews.models import Goal, Participant
from apps.reviews.packets import Packet
from apps.reviews.states import Mark

UNSAFE = re.compile(r"[^A-Za-z0-9]+")


def packet_content(packet: Packet) -> dict[str, Any]:
    """Everything the template reads: words, dates and ratings, in the order of the page.

    0 queries. PRIVACY: made from the page's own content for the person it is about, field by field.
    """
    participant, cycle = packet.participant, packet.participant.cycle
    person = participant.person
    return {
        "title": _("%(name)s, %(cycle)s") % {"name": person.name, "cycle": cycle.name},
        "name": clean_identifier(person.name),
        "cycle": cycle.name,
        "level": str(participant.level or participant.role_profile or ""),
        "facts": [fact for fact in _facts(participant) if fact[1]],
        "points": [
            {"value": p.value, "label": p.label, "anchor": p.anchor} for p in packet.points
        ],
        "overall": _rating(packet.overall, packet) if packet.overall else None,
        "departure": blocks(packet.departure),
        "summary": blocks(packet.summary),
        "areas": [
            {
                "name": area.name,
                "ratings": [
                    {"name": line.name, **_rating(line, packet)} for line in area.lines
                ],
            }
            for area in packet.areas
        ],
        "questions": [
            {"text": line.text, "answer": blocks(line.answer)} for line in packet.questions
        ],
        "goals": [_goal(line, packet) for line in packet.goals],
        "answer": _answer(packet),
        "words": _words(),
    }  # fmt: skip


def _facts(participant: Participant) -> list[tuple[str, str]]:
    cycle = participant.cycle
    reviewer = participant.manager
    return [
        (_("Level"), str(participant.level or participant.role_profile or "")),
        (_("Manager"), reviewer.name if reviewer else ""),
        (
            _("Period"),
            f"{date_format(cycle.period_start, 'j M Y')} – {date_format(cycle.period_end, 'j M Y')}",
        ),
        (_("Released"), _day(participant.released_at, participant)),
    ]


def _day(instant: datetime | date | None, participant: Participant) -> str:
    """The day as it was where the person is."""
    if not isinstance(instant, datetime):
        return date_format(instant, "j F Y") if instant else ""
    return date_format(instant.astimezone(ZoneInfo(participant.person.time_zone)), "j F Y")


def _rating(line: Any, packet: Packet) -> dict[str, Any]:
    value = line.answer if isinstance(line.answer, int) else None
    steps = RAMP_STEPS.get(len(packet.points), RAMP_STEPS[5])
    return {
        "value": value,
        "ramp": steps[min(value, len(steps)) - 1] if value else None,
        "label": line.label or (_mark(line.answer) if line.answer else ""),
        "anchor": line.anchor,
        "comment": blocks(line.comment),
        "marks": [
            {
                "label": mark.label,
                "text": _("%(text)s (of the level above)") % {"text": mark.text}
                if mark.is_beyond
                else mark.text,
            }
            for mark in line.marks
        ],
        "notes": [
            {
                "head": f"{date_format(note.happened_on, 'j M Y')} · {note.by}",
                "text": blocks(note.text),
            }
            for note in line.notes
        ],
        "changes": [
            {
                "text": (
                    _("Changed after your objection; it was %(was)s before.")
                    if change.by_dispute
                    else _("Changed in calibration; your manager gave %(was)s.")
                )
                % {"was": _was(change.was, packet)},
                "reason": blocks(change.reason),
            }
            for change in line.changes
        ],
    }


def _was(answer: int | str | None, packet: Packet) -> str:
    if answer is None:
        return _("no rating")
    if isinstance(answer, str):
        return _mark(answer)
    return next((str(p) for p in packet.points if p.value == answer), str(answer))


def _mark(answer: int | str) -> str:
    return str(Mark(answer).label) if answer in Mark.values else str(answer)


def _goal(line: Any, packet: Packet) -> dict[str, Any]:
    goal: Goal = line.goal
    return {
        "text": goal.text,
        "target": _target(goal),
        "actual": _amount(goal.actual, goal.spoken_unit),
        "result": {"met": _("Reached"), "missed": _("Not reached")}.get(line.result, ""),
        "rating": _rating(line.rating, packet) if line.rating else None,
    }


def _target(goal: Goal) -> str:
    amount = _amount(goal.target, goal.spoken_unit)
    return f"{goal.get_comparator_display()} {amount}".strip() if amount else ""


def _amount(value: Decimal | None, unit: str) -> str:
    if value is None:
        return ""
    plain = value.normalize()
    places = max(0, -int(plain.as_tuple().exponent))
    return f"{number_format(plain, decimal_pos=places)} {unit}".strip()


def _answer(packet: Packet) -> dict[str, Any]:
    """What happened since. PRIVACY: the words of a dispute only where the page gives them too."""
    participant, dispute = packet.participant, packet.dispute
    steps = [
        {
            "words": f"{moment.words} · {moment.by}" if moment.by else moment.words,
            "day": _("by %(day)s") % {"day": _day(moment.until, participant)}
            if moment.until
            else _day(moment.at, participant),
        }
        for moment in packet.moments
    ]
    said = [(_("Your reply"), participant.reply)]
    if dispute is not None:
        said.append((_("The objection"), dispute.text))
        if dispute.answer and dispute.answered_by is not None:
            said.append(
                (_("%(name)s answers") % {"name": dispute.answered_by.name}, dispute.answer)
            )
        if dispute.settled_by is not None:
            said.append(
                (_("%(name)s decides") % {"name": dispute.settled_by.name}, dispute.outcome)
            )
    return {
        "steps": steps,
        "said": [{"head": head, "text": blocks(text)} for head, text in said if text.strip()],
    }


def _words() -> dict[str, str]:
    """The template's own words, translated here."""
    return {
        "kind": _("Review"),
        "overall": _("Overall"),
        "departure": _("Why it departs from the single ratings"),
        "summary": _("Summary"),
        "ratings": _("Ratings"),
        "goals": _("Goals"),
        "goal": _("Goal"),
        "target": _("Target"),
        "actual": _("Reached"),
        "result": _("Result"),
        "none": _("not measured"),
        "scale": _("How to read the ratings"),
        "relative": _("Every rating is relative to what this level expects."),
        "reason": _("Reason"),
        "questions": _("Asked in this cycle"),
        "evidence": _("Evidence"),
        "answer": _("Since the release"),
        "of": _("of"),
        "foot": _("Personal. For the person it is about and those who may read it."),
    }


def file_name(packet: Packet, *, ending: str = "pdf") -> str:
    """A name that is safe on every system: letters, digits and hyphens, at most 80 characters."""
    words = f"{packet.participant.person.name} {packet.participant.cycle.name}"
    plain = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode()
    stem = UNSAFE.sub("-", plain).strip("-").lower()[:80].rstrip("-")
    return f"{stem or f'packet-{packet.participant.pk}'}.{ending}"
