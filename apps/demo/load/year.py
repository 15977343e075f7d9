"""What happens beside the forms of a cycle: notes, leave, more time, delegations and talks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import partial
from typing import Any

from apps.core.access import COMMAND_VIEWER
from apps.demo.load.stage import Stage
from apps.feedback.actions import give_unasked
from apps.feedback.states import Audience
from apps.ladders.expectations import expectations_of
from apps.people.actions import plan_leave
from apps.people.models import Person
from apps.reviews.actions import (
    NotePlan,
    add_note,
    add_question,
    confirm_talk,
    delegate_review,
    give_more_time,
)
from apps.reviews.models import Cycle, Participant
from apps.reviews.states import Phase

WRITTEN_AT = time(16, 40, tzinfo=UTC)
SHARED = 0.4


def say_notes(stage: Stage) -> None:
    """Notes of the year, each written in the afternoon of its day."""
    for script in stage.script.year["evidence"]:
        when = datetime.combine(script["day"], WRITTEN_AT)
        stage.say(when, partial(_keep_note, stage, script))


def _keep_note(stage: Stage, script: dict[str, Any], at: datetime) -> None:
    about = Person.objects.select_related("manager").get(email=script["about"])
    add_note(
        about,
        NotePlan(
            min(script["day"], at.date()), script["text"], _named(about, script["competency"])
        ),
        share=stage.lots.random() < SHARED,
        by=stage.viewer(script["by"]),
        now=at,
    )


def say_unasked(stage: Stage) -> None:
    """Thanks, and feedback that nobody asked for."""
    for script in stage.script.year["unasked"]:
        when = stage.at_work(script["offset"], script["from"])
        stage.say(when, partial(_give_unasked, stage, script))


def _give_unasked(stage: Stage, script: dict[str, Any], at: datetime) -> None:
    receiver = Person.objects.select_related("manager").get(email=script["to"])
    with_manager = script["audience"] == "manager"
    give_unasked(
        receiver,
        kind=script["kind"],
        text=script["text"],
        audience=Audience.PERSON_AND_MANAGER if with_manager else Audience.PERSON,
        competency_ids=_named(receiver, script["competency"]),
        by=stage.viewer(script["from"]),
        now=at,
    )


def _named(person: Person, name: str | None) -> tuple[int, ...]:
    """The competency of this name on the person's level; nothing for None."""
    if name is None:
        return ()
    mixins = list(person.mixins.values_list("pk", flat=True))
    expected = expectations_of(person.level_id, mixins).competencies
    found = tuple(c.competency_id for c in expected if c.name == name)
    if not found:
        raise ValueError(f"{person.email}: no such competency {name}")
    return found


def say_leave(stage: Stage) -> None:
    """Who is away today, noted a few weeks before."""
    for script in stage.script.year["leave"]:
        when = stage.dawn(script["from_offset"] - 20, minutes=540)
        stage.say(when, partial(_plan_leave, stage, script))


def _plan_leave(stage: Stage, script: dict[str, Any], at: datetime) -> None:
    plan_leave(
        Person.objects.get(email=script["person"]),
        leave_from=stage.day(script["from_offset"]),
        leave_until=stage.day(script["until_offset"]),
        by=COMMAND_VIEWER,
        now=at,
    )


def ask_own_questions(stage: Stage, key: str, cycle: Cycle, *, owner: str, at: datetime) -> None:
    """What this cycle asks beyond the ladder."""
    for script in stage.script.year["questions"]:
        if script["cycle"] == key:
            add_question(
                cycle,
                kind=script["kind"],
                text=script["text"],
                hint=script["hint"],
                is_required=script["required"],
                by=stage.viewer(owner),
                now=at,
            )


@dataclass
class Beside:
    """More time, delegations and talks of one cycle."""

    stage: Stage
    key: str
    cycle: Cycle
    owner: str

    def say(self) -> None:
        deeds = {
            "extensions": self.give_time,
            "delegations": self.delegate,
            "talks": self.confirm,
        }
        for name, deed in deeds.items():
            for script in self.stage.script.year[name]:
                if script["cycle"] == self.key:
                    when = self.stage.at_work(script["offset"], self.owner)
                    self.stage.say(when, partial(deed, script))

    def _participant(self, script: dict[str, Any]) -> Participant:
        return Participant.objects.select_related(
            "cycle", "manager", "person__manager__manager"
        ).get(cycle=self.cycle, person__email=script["person"])

    def give_time(self, script: dict[str, Any], at: datetime) -> None:
        give_more_time(
            self._participant(script),
            phase=Phase(script["phase"]),
            until=self.stage.deadline(script["due_offset"]),
            reason=script["reason"],
            by=self.stage.viewer(self.owner),
            now=at,
        )

    def delegate(self, script: dict[str, Any], at: datetime) -> None:
        participant = self._participant(script)
        manager = participant.person.manager
        if manager is None:
            raise ValueError(f"{script['person']} reports to nobody")
        to = self.stage.people[script["to"]]
        delegate_review(participant, to, by=self.stage.viewer(manager.email), now=at)

    def confirm(self, script: dict[str, Any], at: datetime) -> None:
        participant = self._participant(script)
        manager = participant.person.manager
        if manager is None:
            raise ValueError(f"{script['person']} reports to nobody")
        day: date = self.stage.day(script["offset"])
        confirm_talk(participant, talked_on=day, by=self.stage.viewer(manager.email), now=at)
