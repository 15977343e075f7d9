"""Feedback: who is proposed and approved, who answers, who declines, and who never does."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from apps.demo.load.concerns import Unkind, concerns_of, people_of_hr
from apps.demo.load.stage import Stage
from apps.demo.load.words import Words, months_between
from apps.feedback.actions import (
    add_request,
    approve_peers,
    decline_request,
    propose_peers,
    save_feedback_draft,
    send_feedback,
)
from apps.feedback.models import Perspective, Request, on_board, with_load
from apps.feedback.rules import chosen_competencies, peers_wanted
from apps.feedback.rules.asking import FEWEST_PEERS
from apps.feedback.states import DeclineReason, Mode, PerspectiveKind, RequestState
from apps.people.models import Person
from apps.reviews.models import Cycle, Participant
from apps.reviews.states import CycleState

USUAL_PEERS, LONG_ENOUGH, MOST_ASKED = 3, 4, 6
EVERYBODY = range(1, 13)
# Of a hundred who are asked: how many send, decline, and begin without ever sending.
SENDS, DECLINES, BEGINS = 84, 90, 94
STILL_RUNNING = 45
WRITES_WHY = 35


# Minutes after midnight at which a request is looked at that somebody declines.
LOOKS_AT = 10 * 60 + 20


@dataclass
class Answers:
    """What is asked and answered in one cycle."""

    stage: Stage
    words: Words
    plan: dict[str, Any]
    cycle: Cycle

    def __post_init__(self) -> None:
        self.asked: dict[int, int] = {}
        first, last = self.plan["period"]["from"], self.plan["period"]["to"]
        self.months = months_between(first, last)
        self.script = self.plan.get("feedback", {})
        self.unkind = Unkind(
            {c["about"]: c for c in concerns_of(self.stage, self.key)}, people_of_hr(self.stage)
        )

    @property
    def key(self) -> str:
        return str(self.plan["key"])

    @property
    def texts(self) -> dict[str, Any]:
        return dict(self.words.texts["feedback"])

    # --- asking -----------------------------------------------------------------------------------

    def say_nominations(self, taking_part: list[Participant]) -> None:
        peers = Perspective.objects.filter(cycle=self.cycle, kind=PerspectiveKind.PEER).first()
        phase = next((p for p in self.plan["phases"] if p["phase"] == "nomination"), None)
        if peers is None or phase is None:
            return
        opens, due = phase["opens_offset"], phase["due_offset"]
        silent = set(self.script.get("not_proposed", ()))
        for participant in taking_part:
            email = participant.person.email
            if participant.manager is None or email in silent:
                continue
            if not self.stage.can_sign_in(email):
                when = self.stage.between(opens + 1, due, participant.manager.email)
                self.stage.say(when, partial(self.add_for, participant, peers))
                continue
            proposed = self.stage.between(opens, (opens + due) // 2, email)
            self.stage.say(proposed, partial(self.propose, participant, peers))
            if email not in self.script.get("not_approved", ()):
                decided = self.stage.between((opens + due) // 2 + 1, due, participant.manager.email)
                self.stage.say(max(decided, proposed), partial(self.approve, participant))

    def propose(self, participant: Participant, peers: Perspective, at: datetime) -> None:
        email = participant.person.email
        chosen = self.peers_for(participant, peers, at)
        ids = [self.stage.people[e].pk for e in chosen]
        propose_peers(participant, giver_ids=ids, by=self.stage.viewer(email), now=at)

    def approve(self, participant: Participant, at: datetime) -> None:
        manager = Person.objects.get(pk=participant.person_id).manager
        assert manager is not None  # noqa: S101  only people with a manager are in a cycle
        by = self.stage.viewer(manager.email)
        approve_peers(participant, by=by, now=at, overrule=True)

    def add_for(self, participant: Participant, peers: Perspective, at: datetime) -> None:
        """The manager asks for somebody who has no account to ask with."""
        assert participant.manager is not None  # noqa: S101  see say_nominations
        by = self.stage.viewer(participant.manager.email)
        for email in self.peers_for(participant, peers, at):
            giver_id = self.stage.people[email].pk
            add_request(participant, giver_id=giver_id, by=by, now=at, overrule=True)

    def peers_for(self, participant: Participant, peers: Perspective, at: datetime) -> list[str]:
        """Those whose answer the script has, then the nearest colleagues who are asked least."""
        email = participant.person.email
        fewest, most = peers_wanted(peers.mode, peers.threshold)
        wanted = max(fewest, USUAL_PEERS) + (peers.mode != Mode.NAMED)
        named = [e["by"] for e in self.by_name(email)]
        named += self.script.get("asked", {}).get(email, [])
        barred = {participant.person_id, participant.manager_id, participant.person.manager_id}
        can_be_asked = on_board(on=at.date(), least_days=peers.least_days)
        here = with_load(Person.objects.filter(can_be_asked, user__isnull=False), peers)
        here = here.filter(load__lt=peers.giver_budget)
        free = set(here.values_list("email", flat=True))
        named = [email for email in named if email in free]
        near = [
            person
            for person in here.exclude(pk__in=barred - {None}).order_by("email")
            if person.email not in named
        ]
        self.stage.lots.shuffle(near)
        near.sort(key=lambda p: self._distance(participant, p))
        near = [p for p in near if not self.unkind.decides(p.email, about=email)]
        chosen = [*named, *(p.email for p in near)][: min(most, max(wanted, len(named)))]
        for one in chosen:
            pk = self.stage.people[one].pk
            self.asked[pk] = self.asked.get(pk, 0) + 1
        return chosen

    def _distance(self, participant: Participant, person: Person) -> tuple[int, int]:
        asked = self.asked.get(person.pk, 0)
        if person.manager_id == participant.manager_id:
            near = 0
        elif person.department_id == participant.department_id:
            near = 1
        else:
            near = 2 if person.department_id else 3
        return (near + (3 if asked >= MOST_ASKED else 0), asked)

    def by_name(self, about: str) -> list[dict[str, str]]:
        return [e for e in self.texts["by_name"] if e["about"] == about and e["cycle"] == self.key]

    # --- answering --------------------------------------------------------------------------------

    def say_answers(self) -> None:
        """Called when collection has opened and everybody is asked."""
        phase = next(p for p in self.plan["phases"] if p["phase"] == "collection")
        opens, due = phase["opens_offset"], phase["due_offset"]
        requests = (
            Request.objects.filter(perspective__cycle=self.cycle, state=RequestState.ASKED)
            .with_people()
            .order_by("participant__person__email", "giver__email")
        )
        self.unkind.cast(r for r in requests if self.stage.can_sign_in(r.giver.email))
        voices: dict[tuple[int, int], int] = {}
        leaves = self._somebody_is_lacking(list(requests), due)
        for request in requests:
            giver = request.giver.email
            if not self.stage.can_sign_in(giver):
                continue
            fate = self._fate(request, voices)
            when = self.stage.between(opens + 1, due, giver)
            if request.pk in leaves:
                fate, when = self.decline, self.stage.dawn(opens + 2, LOOKS_AT)
            if fate is not None:
                self.stage.say(when, partial(fate, request.pk))

    def _somebody_is_lacking(self, requests: list[Request], due: int) -> set[int]:
        """While answers come in, of one person with few peers so many decline that the manager is to
        ask somebody else. Draws no lot, so that the rest of the story stays as it is."""
        if due < 0:
            return set()
        by_person: dict[str, list[Request]] = {}
        for request in requests:
            if request.perspective.mode != Mode.ANONYMOUS:
                by_person.setdefault(request.participant.person.email, []).append(request)
        free = {
            about: [r for r in asked if self._is_free(r)]
            for about, asked in by_person.items()
            if not self.by_name(about)
        }
        ready = [about for about, rows in free.items() if len(rows) > len(by_person[about]) - 3]
        if not ready:
            return set()
        about = min(ready, key=lambda one: (len(by_person[one]), one))
        return {r.pk for r in free[about][: len(by_person[about]) - FEWEST_PEERS + 1]}

    def _is_free(self, request: Request) -> bool:
        giver = request.giver.email
        return self.stage.can_sign_in(giver) and giver not in self.script.get("open", ())

    def _fate(self, request: Request, voices: dict[tuple[int, int], int]) -> Any:
        """What becomes of a request: answered, declined, begun, or nothing (None)."""
        about, giver = request.participant.person.email, request.giver.email
        if giver in self.script.get("open", ()):
            return None
        if any(e["by"] == giver for e in self.by_name(about)):
            return self.answer
        anonymous = request.perspective.mode == Mode.ANONYMOUS
        batch = (request.perspective_id, request.participant_id)
        too_few = self.script.get("too_few", {}).get(about)
        if anonymous:
            voices[batch] = voices.get(batch, 0) + 1
            enough = request.perspective.threshold if too_few is None else too_few
            if too_few is not None or voices[batch] <= enough:
                return self.answer if voices[batch] <= enough else None
        drawn = self.stage.lots.randrange(100)
        running = self.plan["phase"] == CycleState.COLLECTION
        if drawn < (STILL_RUNNING if running else SENDS) or self.unkind.covers(request):
            return self.answer
        if drawn < DECLINES and not running:
            return self.decline
        return self.begin if drawn < BEGINS else None

    def answer(self, request_pk: int, at: datetime) -> None:
        request = Request.objects.with_people().get(pk=request_pk)
        about, giver = request.participant.person.email, request.giver.email
        questions = list(request.perspective.questions.all())
        upward = request.perspective.kind == PerspectiveKind.UPWARD
        keep, change = self._texts(about, giver, upward=upward)
        texts = (keep, self.unkind.text(request) or change)
        values: dict[str, str] = {}
        for question, text in zip(questions, texts, strict=True):
            values[f"question_{question.pk}"] = text
            if not text:
                values[f"cannot_{question.pk}"] = "on"
        competencies = chosen_competencies(self.stage.expected(request.participant))
        usual = self.words.usual()
        for competency in competencies:
            rating = self.words.rating(usual)
            values[f"rating_{competency.competency_id}"] = str(rating)
            values[f"comment_{competency.competency_id}"] = self._why(about, rating)
        send_feedback(
            request,
            values=values,
            question_ids=[q.pk for q in questions],
            competency_ids=[c.competency_id for c in competencies],
            by=self.stage.viewer(giver),
            now=at,
        )

    def _why(self, about: str, rating: int | str) -> str:
        """What stands beside a rating, now and then."""
        if self.stage.lots.randrange(100) >= WRITES_WHY:
            return ""
        return self.words.pick(self.texts["why"].get(rating, ()), about=about, months=self.months)

    def _texts(self, about: str, giver: str, *, upward: bool) -> tuple[str, str]:
        """What to keep and what to change, in this giver's words or in nobody's."""
        for entry in self.by_name(about):
            if entry["by"] == giver:
                return entry["keep"], entry["change"]
        if upward:
            pairs = {pair["keep"]: pair["change"] for pair in self.texts["anonymous"]}
            keep = self.words.pick(list(pairs), about=about, months=self.months)
            return keep, pairs.get(keep, "")
        keep = self.words.pick(self.texts["keep"], about=about, months=self.months)
        return keep, self.words.pick(self.texts["change"], about=about, months=self.months)

    def decline(self, request_pk: int, at: datetime) -> None:
        request = Request.objects.with_people().get(pk=request_pk)
        reason = self.texts["decline"][request_pk % len(self.texts["decline"])]
        decline_request(
            request,
            code=DeclineReason.LITTLE_CONTACT,
            reason=reason,
            by=self.stage.viewer(request.giver.email),
            now=at,
        )

    def begin(self, request_pk: int, at: datetime) -> None:
        """A draft that was never sent."""
        request = Request.objects.with_people().get(pk=request_pk)
        question = request.perspective.questions.all()[0]
        keep, _ = self._texts(request.participant.person.email, request.giver.email, upward=False)
        if keep:
            save_feedback_draft(
                request,
                changes={f"question_{question.pk}": keep},
                seen=0,
                key="",
                by=self.stage.viewer(request.giver.email),
                now=at,
            )
