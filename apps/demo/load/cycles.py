"""The nine cycles: prepared by HR, launched and turned by the clock, closed when they were over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from apps.core.access import SYSTEM_VIEWER, Viewer
from apps.demo.load.answers import Answers
from apps.demo.load.concerns import Concerns
from apps.demo.load.outcomes import Outcomes
from apps.demo.load.stage import Stage
from apps.demo.load.words import Words
from apps.demo.load.writing import Writing
from apps.demo.load.year import Beside, ask_own_questions
from apps.feedback.actions import configure_perspective, turn
from apps.people.models import Department
from apps.reviews.actions import (
    add_participant,
    add_question,
    archive_cycle,
    choose_people,
    close_cycle,
    edit_sections,
    excuse_participant,
    hand_over,
    launch_cycle,
    open_phase,
    prepare_cycle,
    schedule_cycle,
)
from apps.reviews.models import Participant, RatingScale
from apps.reviews.rules.phases import CyclePlan, Dated
from apps.reviews.states import FINISHED, CycleState

PREPARED_BEFORE, SCHEDULED_BEFORE, PREPARED_TODAY = 21, 7, -5
ARCHIVED_AFTER = 30
NOT_SCHEDULED = {CycleState.DRAFT}
NOT_LAUNCHED = {CycleState.DRAFT, CycleState.SCHEDULED}


@dataclass
class Round:
    """One cycle of the script, and what becomes of it."""

    stage: Stage
    words: Words
    plan: dict[str, Any]

    def say(self) -> None:
        """Put its deeds into the past; those that need its people follow at the launch."""
        first = min(p["opens_offset"] for p in self.plan["phases"])
        begun = self.plan["launched_offset"] is not None
        prepared = first - PREPARED_BEFORE if begun else PREPARED_TODAY
        self.stage.say(self.stage.at_work(prepared, self.owner), self.prepare)
        if self.plan["phase"] not in NOT_SCHEDULED:
            when = first - SCHEDULED_BEFORE if begun else PREPARED_TODAY + 2
            self.stage.say(self.stage.at_work(when, self.owner), self.schedule)
        if begun:
            self.stage.say(self.stage.dawn(first), self.launch)

    @property
    def owner(self) -> str:
        return str(self.plan["owners"][0])

    @property
    def hr(self) -> Viewer:
        return self.stage.viewer(self.owner)

    def phase(self, kind: str) -> dict[str, int] | None:
        return next((p for p in self.plan["phases"] if p["phase"] == kind), None)

    def prepare(self, at: datetime) -> None:
        stage, plan = self.stage, self.plan
        names = {s["key"]: s["name"] for s in stage.script.scale["scales"]}
        phases = [p for p in plan["phases"] if p["phase"] != "closed"]
        perspectives = {p["kind"]: p for p in plan["perspectives"]}
        departments = Department.objects.filter(name__in=plan["departments"])
        self.cycle = prepare_cycle(
            CyclePlan(
                name=plan["name"],
                period_start=plan["period"]["from"],
                period_end=plan["period"]["to"],
                scale_id=RatingScale.objects.get(name=names[plan["scale"]]).pk,
                department_ids=tuple(departments.values_list("pk", flat=True)),
                owner_ids=tuple(stage.people[o].pk for o in plan["owners"]),
                phases=tuple(
                    Dated(
                        p["phase"],
                        stage.opening(p["opens_offset"]),
                        stage.deadline(p["due_offset"]),
                    )
                    for p in phases
                ),
                self_review="self" in perspectives,
                grace_days=2,
                show_calibration=True,
            ),
            by=self.hr,
            now=at,
        )
        ask_own_questions(stage, plan["key"], self.cycle, owner=self.owner, at=at)
        questions = [q["text"] for q in stage.script.reviews["feedback"]["questions"]]
        for kind in ("peer", "upward"):
            if promise := perspectives.get(kind):
                configure_perspective(
                    self.cycle,
                    kind=kind,
                    mode=promise["mode"],
                    threshold=promise["threshold"] or 5,
                    questions=questions,
                    by=self.hr,
                    now=at,
                )

        self._set_up(at)

    def _set_up(self, at: datetime) -> None:
        """What makes this cycle its own: questions, parts left out, people left out by hand."""
        for question in self.plan.get("questions", ()):
            add_question(
                self.cycle,
                kind=question["kind"],
                text=question["text"],
                hint=question["hint"],
                is_required=question["required"],
                by=self.hr,
                now=at,
            )
        if off := self.plan.get("sections_off"):
            edit_sections(self.cycle, off, by=self.hr, now=at)
        for choice in self.plan.get("left_out", ()):
            choose_people(
                self.cycle,
                [self.stage.people[choice["person"]]],
                takes_part=False,
                reason=choice["reason"],
                by=self.hr,
                now=at,
            )

    def schedule(self, at: datetime) -> None:
        schedule_cycle(self.cycle, accept_gaps=True, by=self.hr, now=at)

    def launch(self, at: datetime) -> None:
        """Everybody in; from here each of them has something to do, and the clock goes on."""
        stage = self.stage
        launch_cycle(self.cycle, by=SYSTEM_VIEWER, now=at)
        turn(now=at)
        out = set(self.plan["excluded"]) | set(self.plan.get("excused", ()))
        for participant in self.participants().filter(person__email__in=out):
            excuse_participant(participant, by=self.hr, now=at)
        self.writing = Writing(stage, self.words, self.plan, self.cycle)
        self.answers = Answers(stage, self.words, self.plan, self.cycle)
        self.outcomes = Outcomes(stage, self.words, self.plan, self.cycle)
        taking_part = list(
            self.participants().taking_part().select_related("person", "manager", "level", "cycle")
        )
        self.answers.say_nominations(taking_part)
        self.writing.say_self_reviews(taking_part)
        running = self.plan["phases"]
        for phase in running[1:]:
            if phase["opens_offset"] <= 0 and phase["phase"] != "closed":
                stage.say(stage.dawn(phase["opens_offset"]), partial(self.turn, phase["phase"]))
        if self.plan["phase"] in FINISHED:
            closes = self.phase("closed")
            assert closes is not None  # noqa: S101  the script says when a finished cycle closed
            stage.say(stage.at_work(closes["opens_offset"], self.owner), self.close)
        self._say_changes()
        Beside(stage, self.plan["key"], self.cycle, self.owner).say()
        Concerns(stage, self.plan["key"], self.cycle).say()

    def turn(self, kind: str, at: datetime) -> None:
        """The clock opens a phase; what belongs to it is said now, when everybody is known."""
        opened = open_phase(self.cycle, by=SYSTEM_VIEWER, now=at)
        if opened != kind:
            raise RuntimeError(f"{self.cycle}: {opened} in place of {kind}")
        turn(now=at)
        taking_part = list(
            self.participants().taking_part().select_related("person", "manager", "level", "cycle")
        )
        match kind:
            case "collection":
                self.answers.say_answers()
            case "manager_review":
                self.writing.say_manager_reviews(taking_part)
            case "delivery":
                self.outcomes.say_releases()

    def close(self, at: datetime) -> None:
        self.cycle.refresh_from_db()
        close_cycle(self.cycle, accept_unreleased=True, by=self.hr, now=at)
        if self.plan["phase"] == CycleState.ARCHIVED:
            closes = self.phase("closed") or {}
            when = self.stage.at_work(closes["opens_offset"] + ARCHIVED_AFTER, self.owner)
            self.stage.say(when, self.archive)

    def archive(self, at: datetime) -> None:
        archive_cycle(self.cycle, by=self.hr, now=at)

    def participants(self) -> Any:
        return Participant.objects.filter(cycle=self.cycle).order_by("person__email")

    def _say_changes(self) -> None:
        """Who joined late, and whose review went to another manager."""
        stage = self.stage
        for late in self.plan.get("late_joiners", ()):
            stage.say(stage.dawn(late["offset"], 540), partial(self._join, late["person"]))
        for change in self.plan.get("handovers", ()):
            stage.say(stage.dawn(change["offset"], 540), partial(self._hand_over, change["person"]))

    def _join(self, email: str, at: datetime) -> None:
        self.cycle.refresh_from_db()
        add_participant(self.cycle, self.stage.people[email], by=self.hr, now=at)

    def _hand_over(self, email: str, at: datetime) -> None:
        participant = self.participants().select_related("person").get(person__email=email)
        hand_over(participant, with_draft=True, by=self.hr, now=at)
