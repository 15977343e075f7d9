"""Calibration: one session locked, one in full swing, one being prepared."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from apps.calibration.actions import (
    confirm_rest,
    create_session,
    lock_session,
    mark_present,
    open_session,
    record_decision,
)
from apps.calibration.models import Item
from apps.demo.load.stage import Stage
from apps.people.models import Department

if TYPE_CHECKING:
    from apps.demo.load.cycles import Round

MINUTES_EACH = 8


def say_sessions(stage: Stage, rounds: dict[str, Round]) -> None:
    """Each session of the script, at the days it names."""
    for script in stage.script.cycles["sessions"]:
        sitting = Sitting(stage, rounds[script["cycle"]], script)
        when = stage.at_work(script["prepared_offset"], sitting.round.owner)
        stage.say(when, sitting.prepare)


@dataclass
class Sitting:
    """One session and what its committee does."""

    stage: Stage
    round: Round
    script: dict[str, Any]

    def prepare(self, at: datetime) -> None:
        stage, script = self.stage, self.script
        cycle = self.round.cycle
        cycle.refresh_from_db()
        department = script["department"] and Department.objects.get(name=script["department"])
        self.session = create_session(
            cycle,
            name=script["name"],
            department=department,
            facilitator=stage.people[script["facilitator"]],
            members=[stage.people[member] for member in script["members"]],
            by=self.round.hr,
            now=at,
        )
        state = script["state"]
        if state == "live":
            # The committee sits right now: the visitor comes into the middle of it.
            begun = stage.now - timedelta(minutes=MINUTES_EACH * (len(self.decisions) + 1))
            stage.say(begun, self.open)
        elif state == "locked":
            stage.say(stage.at_work(script["met_offset"], script["facilitator"]), self.open)

    @property
    def decisions(self) -> list[dict[str, Any]]:
        texts = self.stage.script.reviews["calibration"]["decisions"]
        return [d for d in texts if d["cycle"] == self.script["cycle"]]

    @property
    def by(self) -> Any:
        return self.stage.viewer(self.script["facilitator"])

    def open(self, at: datetime) -> None:
        self.session.refresh_from_db()
        open_session(self.session, by=self.by, now=at)
        present = [self.stage.people[email].pk for email in self.script["present"]]
        mark_present(self.session, person_ids=present, by=self.by, now=at)
        for number, decision in enumerate(self.decisions, start=1):
            when = at + timedelta(minutes=MINUTES_EACH * number)
            self.stage.say(when, partial(self.decide, decision))
        if self.script["state"] == "locked":
            over = at + timedelta(minutes=self.script["minutes"])
            self.stage.say(over, self.lock)

    def decide(self, decision: dict[str, Any], at: datetime) -> None:
        item = Item.objects.select_related(
            "session__cycle__scale", "participant__cycle", "participant__person"
        ).get(session=self.session, participant__person__email=decision["person"])
        record_decision(
            item,
            to_value=decision["to"],
            reason_code=decision["code"],
            reason=decision["text"],
            by=self.by,
            now=at,
        )

    def lock(self, at: datetime) -> None:
        confirm_rest(self.session, by=self.by, now=at)
        self.session.refresh_from_db()
        lock_session(self.session, by=self.by, now=at)
