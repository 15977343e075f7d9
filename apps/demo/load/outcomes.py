"""Packets: released in waves, read, acknowledged, disputed and settled."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from apps.demo.load.stage import Stage
from apps.demo.load.words import Words, months_between
from apps.reviews.actions import (
    acknowledge_packet,
    answer_dispute,
    dispute_packet,
    release_wave,
    settle_dispute,
)
from apps.reviews.models import Cycle, Participant
from apps.reviews.rules.ratings import COMPETENCY, Rating, Subject
from apps.reviews.states import FINISHED, ParticipantState

FIRST_WAVE, DAYS_TO_READ, DAYS_TO_ANSWER, DAYS_TO_SETTLE = 2, 6, 2, 5
REPLIES = 0.4


@dataclass
class Outcomes:
    """What one cycle hands out."""

    stage: Stage
    words: Words
    plan: dict[str, Any]
    cycle: Cycle

    @property
    def key(self) -> str:
        return str(self.plan["key"])

    @property
    def owner(self) -> str:
        return str(self.plan["owners"][0])

    def say_releases(self) -> None:
        delivery = next(p for p in self.plan["phases"] if p["phase"] == "delivery")
        self.opens = delivery["opens_offset"]
        self.stage.say(self.stage.at_work(self.opens + FIRST_WAVE, self.owner), self.release)

    def release(self, at: datetime) -> None:
        """One wave by HR: everybody whose packet is whole, but for those the script holds back."""
        ready = (
            Participant.objects.filter(cycle=self.cycle, state=ParticipantState.ACTIVE)
            .exclude(person__email__in=self.plan.get("second_wave", ()))
            .select_related("person")
            .with_waits()
            .with_hindrances()
            .order_by("person__email")
        )
        # Who has no account gets it printed, from the manager's hand.
        wave = [
            p
            for p in ready
            if not p.hindrance()
            and not p.person.has_left(on=at.date())
            and self.stage.can_sign_in(p.person.email)
        ]
        release_wave(
            [p.pk for p in wave], cycle_id=self.cycle.pk, by=self.stage.viewer(self.owner), now=at
        )
        disputes = {d["person"]: d for d in self.words.texts["disputes"] if d["cycle"] == self.key}
        replies = {
            a["person"]: a for a in self.words.texts["acknowledgements"] if a["cycle"] == self.key
        }
        for participant in wave:
            email = participant.person.email
            if email in disputes:
                raised = disputes[email]["raised_offset"]
                deed = partial(self.dispute, participant.pk, disputes[email])
                self.stage.say(self.stage.at_work(raised, email), deed)
            elif email in replies or self.plan["phase"] in FINISHED:
                read = self.stage.between(
                    self.opens + FIRST_WAVE + 1, self.opens + FIRST_WAVE + DAYS_TO_READ, email
                )
                reply = replies.get(email, {"reply": self._reply(email)})["reply"]
                self.stage.say(read, partial(self.acknowledge, participant.pk, reply or ""))

    def _reply(self, email: str) -> str:
        if self.stage.lots.random() > REPLIES:
            return ""
        period = self.plan["period"]
        return self.words.pick(
            self.words.texts["acknowledgement_replies"],
            about=email,
            months=months_between(period["from"], period["to"]),
        )

    def _participant(self, pk: int) -> Participant:
        return Participant.objects.select_related("cycle", "person__manager__manager").get(pk=pk)

    def acknowledge(self, pk: int, reply: str, at: datetime) -> None:
        participant = self._participant(pk)
        by = self.stage.viewer(participant.person.email)
        acknowledge_packet(participant, reply=reply, by=by, now=at)

    def dispute(self, pk: int, script: dict[str, Any], at: datetime) -> None:
        participant = self._participant(pk)
        by = self.stage.viewer(participant.person.email)
        dispute = dispute_packet(participant, text=script["text"], by=by, now=at)
        manager = participant.person.manager
        if manager is not None and script["answer_of_manager"]:
            said = self.stage.at_work(script["raised_offset"] + DAYS_TO_ANSWER, manager.email)
            self.stage.say(said, partial(self.answer, pk, script, manager.email))
        if script["state"] != "open":
            arbiter = dispute.arbiter.email
            when = self.stage.at_work(script["raised_offset"] + DAYS_TO_SETTLE, arbiter)
            self.stage.say(when, partial(self.settle, pk, script, arbiter))

    def answer(self, pk: int, script: dict[str, Any], manager: str, at: datetime) -> None:
        by = self.stage.viewer(manager)
        answer_dispute(self._participant(pk), answer=script["answer_of_manager"], by=by, now=at)

    def settle(self, pk: int, script: dict[str, Any], arbiter: str, at: datetime) -> None:
        participant = self._participant(pk)
        ratings: dict[Subject, Rating] = {}
        if script["state"] == "upheld":
            name = script["competency"]
            ids = {c.name: c.competency_id for c in self.stage.expected(participant)}
            ratings[COMPETENCY, ids[name]] = Rating(script["wanted"])
        settle_dispute(
            participant,
            outcome=script["resolution"],
            ratings=ratings,
            by=self.stage.viewer(arbiter),
            now=at,
        )
