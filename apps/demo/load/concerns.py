"""Texts that should not have been written: who wrote them, who reported them, what HR did so far.

Nothing here draws a lot, so that the rest of the story stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from apps.demo.load.stage import Stage
from apps.feedback.access import concern_gate
from apps.feedback.actions import ask_for_name, hide_text, raise_concern
from apps.feedback.models import AnswerPart, Concern, Request
from apps.feedback.states import PerspectiveKind
from apps.people.states import Office
from apps.reviews.models import Cycle, Participant

# Minutes after midnight: reported after lunch, looked at by HR in the morning.
REPORTED_AT, LOOKED_AT = 13 * 60 + 40, 9 * 60 + 25


def concerns_of(stage: Stage, key: str) -> list[dict[str, Any]]:
    """What the script has for the cycle of this key."""
    return [c for c in stage.script.year["concerns"] if c["cycle"] == key]


def people_of_hr(stage: Stage) -> set[str]:
    """Who decides about reported texts."""
    office = Office.CONTENT_ADMIN.value
    return {p["email"] for p in stage.script.company["people"] if office in p.get("roles", ())}


@dataclass
class Unkind:
    """The texts of one cycle that will be reported. Everybody asked about these people answers, so
    that there are enough voices on any day; one of them writes the text."""

    scripts: dict[str, dict[str, Any]]
    hr: set[str]
    writers: dict[str, int] = field(default_factory=dict)

    def cast(self, requests: Iterable[Request]) -> None:
        """Who writes it: whom the script names if they were asked, else the first who was."""
        for request in requests:
            about = request.participant.person.email
            if self.covers(request) and (
                about not in self.writers or request.giver.email == self.scripts[about]["by"]
            ):
                self.writers[about] = request.pk

    def decides(self, giver: str, *, about: str) -> bool:
        """Who will decide about the text is not asked about this person: it would bar them."""
        return about in self.scripts and giver in self.hr

    def covers(self, request: Request) -> bool:
        about = request.participant.person.email
        return request.perspective.kind == PerspectiveKind.PEER and about in self.scripts

    def text(self, request: Request) -> str:
        """What this request is answered with; "" for all but one."""
        about = request.participant.person.email
        return str(self.scripts[about]["text"]) if self.writers.get(about) == request.pk else ""


@dataclass
class Concerns:
    """What is reported in one cycle, and what becomes of it."""

    stage: Stage
    key: str
    cycle: Cycle

    def say(self) -> None:
        for script in concerns_of(self.stage, self.key):
            when = self.stage.dawn(script["offset"], REPORTED_AT)
            self.stage.say(when, partial(self.report, script))

    def report(self, script: dict[str, Any], at: datetime) -> None:
        """By the person, or by their manager of that day."""
        participant = Participant.objects.select_related("person__manager").get(
            cycle=self.cycle, person__email=script["about"]
        )
        person = participant.person
        reader = person.manager if script["reported_by"] == "manager" else person
        if reader is None:
            raise ValueError(f"{script['about']} reports to nobody")
        part = AnswerPart.objects.filter(
            answer__participant=participant, text=script["text"]
        ).first()
        if part is None:
            return  # on this day nobody who was asked could write it
        concern = raise_concern(
            participant,
            part.pk,
            reason=script["reason"],
            by=self.stage.viewer(reader.email),
            now=at,
        )
        for name, deed in (("hidden", self.hide), ("name", self.ask)):
            if later := script.get(name):
                when = self.stage.dawn(later["offset"], LOOKED_AT)
                self.stage.say(when, partial(deed, concern, later))

    def hide(self, concern: Concern, script: dict[str, Any], at: datetime) -> None:
        by = self.stage.viewer(script["by"])
        if not concern_gate.may(by, "hide_text", concern):
            return  # on this day they were asked about the person themselves
        hide_text(concern, reason=script["reason"], by=by, now=at)

    def ask(self, concern: Concern, script: dict[str, Any], at: datetime) -> None:
        by = self.stage.viewer(script["by"])
        if not concern_gate.may(by, "ask_for_name", concern):
            return
        ask_for_name(concern, reason=script["reason"], by=by, now=at)
