"""Reporting a text: the form of whoever reads it, and what is told of it afterwards, and to whom."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, Subquery
from django.http import Http404

from apps.core.access import Viewer
from apps.feedback.access import concern_gate, disclosure_gate, report_gate
from apps.feedback.models import Concern, ConcernReport, Disclosure
from apps.feedback.pages.concerns import about_of, true_where, with_context
from apps.feedback.pages.kinds import Kind, Said
from apps.feedback.pages.received import received_feedback
from apps.feedback.states import ConcernState, Mode
from apps.people.models import Person
from apps.reviews.models import Participant


@dataclass(frozen=True)
class RaiseConcern:
    """`about` is the question or the competency; `names_are_secret` unless everybody reads the name."""

    participant: Participant
    person: Person
    about_me: bool
    said: Said
    about: str
    names_are_secret: bool


def raise_concern(viewer: Viewer, *, participant_id: int, key: str) -> RaiseConcern:
    """8 queries, those of the page on which the text stands. 404 for a text that is not shown there,
    is hidden, or was reported by this viewer already."""
    page = received_feedback(viewer, participant_id=participant_id)
    for kind in page.kinds:
        for about, said in _texts(kind):
            if said.key == key and said.may_report:
                return RaiseConcern(
                    page.participant,
                    page.person,
                    page.about_me,
                    said,
                    about,
                    kind.perspective.mode != Mode.NAMED,
                )
    raise Http404


def _texts(kind: Kind) -> Iterator[tuple[str, Said]]:
    """Each text with what it answers."""
    for section in kind.sections or []:
        yield from ((section.question, said) for said in section.texts)
    for score in kind.scores or []:
        yield from ((score.name, said) for said in score.comments)
    for voice in kind.voices or []:
        yield from ((question, said) for question, said in voice.texts if said)
        yield from ((rated.name, rated.said) for rated in voice.ratings if rated.said)


@dataclass(frozen=True)
class Told:
    """One thing that was decided and that this person has to know. `what` is a word for the template:
    "hidden" (a text of theirs), "opened" (their name), "reported" (what they reported).

    PRIVACY: to a giver nothing is said of who reported the text, nor in which words.
    """

    what: str
    person: str
    cycle: str
    about: str
    at: datetime
    by: list[str]
    why: str
    state: str = ""
    about_me: bool = False


MOST_TOLD = 50


def told_to(viewer: Viewer) -> list[Told]:
    """What became of what I reported, and what was done about texts of mine. 1 query, 2 where
    anything was ever reported by me or of me: what is told takes long to put together."""
    reports = ConcernReport.objects.filter(concern=OuterRef("pk"))
    reported = report_gate.visible(viewer, reports, "read_own_report")
    about_me = Q(Exists(reported)) | Q(part__answer__author=viewer.person_id)
    concerns = Concern.objects.filter(about_me)
    if viewer.person_id is None or not concerns.exists():
        return []
    opened = disclosure_gate.visible(
        viewer, Disclosure.objects.filter(concern=OuterRef("pk")), "read_disclosure_giver"
    )
    mine = Q(Exists(reported)) & ~Q(state=ConcernState.RAISED)
    hidden = concern_gate.q(viewer, "read_hiding")
    rows: Any = (
        with_context(concerns.filter(mine | hidden | Q(Exists(opened))).with_decision())
        .annotate(
            mine=true_where(mine),
            hidden=true_where(hidden),
            opened_at=Subquery(opened.values("decided_at")[:1]),
            opened_why=Subquery(opened.values("reason")[:1]),
            asker=Subquery(opened.values("asked_by__name")[:1]),
            agreer=Subquery(opened.values("decided_by__name")[:1]),
        )
        .order_by("-decided_at", "-pk")[:MOST_TOLD]
    )
    told = [line for row in rows for line in _told(row, viewer)]
    return sorted(told, key=lambda line: line.at, reverse=True)


def _told(row: Any, viewer: Viewer) -> Iterator[Told]:
    participant = row.part.answer.participant
    at = (participant.person.name, participant.cycle.name, about_of(row))
    if row.hidden:
        yield Told("hidden", *at, row.decided_at, [row.decided_by_name], row.decision)
    if row.opened_at:
        yield Told("opened", *at, row.opened_at, [row.asker, row.agreer], row.opened_why)
    if row.mine:
        mine = participant.person_id == viewer.person_id
        yield Told("reported", *at, row.decided_at, [], row.decision, row.state, mine)
