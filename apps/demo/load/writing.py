"""Self reviews, manager reviews and goals: written, left as drafts or handed in, as the script says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from apps.demo.load.stage import Stage
from apps.demo.load.words import Words, months_between
from apps.ladders.expectations import OWN, ExpectedCompetency, expectations_and_next
from apps.reviews.actions import GoalPlan, add_goal, edit_goal, save_review, submit_review
from apps.reviews.models import Cycle, EvidenceNote, Participant, Review
from apps.reviews.rules.goals import MET, MISSED, goal_result
from apps.reviews.rules.ratings import Rating, departs, profile
from apps.reviews.states import ParticipantState, ReviewKind

NOT_STARTED, DRAFT, SUBMITTED = "not_started", "draft", "submitted"
# How a goal that was met, missed or not measured is rated, on a scale of so many points.
GOAL_RATINGS = {5: {MET: 4, MISSED: 2}, 4: {MET: 3, MISSED: 2}}
SOLID = 3
OWN_GOAL = 0.5  # how many of those whom the script forgets set themselves a goal
DAYS_TO_HAND_OVER = 7
MARKED = {"strength": 3, "shown": 9, "not_yet": 3, "no_opportunity": 1}
MARKS_STATEMENTS, MARKED_OF_ALL = 0.6, 0.7


@dataclass
class Writing:
    """What is written in one cycle."""

    stage: Stage
    words: Words
    plan: dict[str, Any]
    cycle: Cycle

    @property
    def key(self) -> str:
        return str(self.plan["key"])

    @property
    def months(self) -> set[int]:
        first, last = self.plan["period"]["from"], self.plan["period"]["to"]
        assert isinstance(first, date)  # noqa: S101  YAML reads days as days
        return months_between(first, last)

    def by_hand(self, email: str, kind: str) -> dict[str, Any]:
        """What the script has about this review, in one shape whichever list it stands in."""
        texts = self.words.texts
        for entry in texts["reviews"]:
            if entry["person"] == email and entry["cycle"] == self.key:
                return dict(entry[kind])
        if kind == ReviewKind.MANAGER:
            for entry in texts["history"]:
                if entry["person"] == email and entry["cycle"] == self.key:
                    return {"state": SUBMITTED, "comments": {}, **entry}
        state = texts["states"].get(self.key, {}).get(kind, {}).get(email)
        return {"state": state} if state else {}

    def window(self, phase: str) -> tuple[int, int]:
        found = next(p for p in self.plan["phases"] if p["phase"] == phase)
        return found["opens_offset"], found["due_offset"]

    # --- self reviews and goals -------------------------------------------------------------------

    def say_self_reviews(self, taking_part: list[Participant]) -> None:
        """Let everybody who can sign in write, while collection is open."""
        opens, due = self.window("collection")
        if opens > 0 or not self.cycle.self_review:
            return
        titles = list(self.words.texts["goal_titles"])
        self.stage.lots.shuffle(titles)
        for participant in taking_part:
            email = participant.person.email
            if not self.stage.can_sign_in(email):
                continue
            when = self.stage.between(opens + 1, due, email)
            self.stage.say(when - timedelta(hours=1), partial(self.set_goals, participant, titles))
            self.stage.say(when, partial(self.write_self_review, participant))

    def set_goals(
        self, participant: Participant, titles: list[dict[str, Any]], at: datetime
    ) -> None:
        """Fill in the goals of a role profile, and add the person's own."""
        participant.refresh_from_db()
        email = participant.person.email
        by = self.stage.viewer(email)
        for goal in self.goals_of(email):
            actual = None if goal["actual"] is None else Decimal(str(goal["actual"]))
            if goal["source"] == "metric":
                stored = participant.goals.select_related("participant").get(text=goal["metric"])
                plan = GoalPlan(stored.text, stored.comparator, stored.target, stored.unit, actual)
                edit_goal(stored, plan, by=by, now=at)
            else:
                add_goal(participant, _goal_plan(goal), by=by, now=at)
        is_bare = self.key == "autumn_main" and not self.goals_of(email)
        untouched = self.by_hand(email, "manager").get("state") is None
        if is_bare and untouched and titles and self.stage.lots.random() < OWN_GOAL:
            add_goal(participant, _goal_plan(titles.pop()), by=by, now=at)

    def goals_of(self, email: str) -> list[dict[str, Any]]:
        """The goals that the script gives this person in this cycle."""
        return [
            goal
            for goal in self.words.texts["goals"]
            if goal["person"] == email and goal["cycle"] == self.key
        ]

    def write_self_review(self, participant: Participant, at: datetime) -> None:
        email = participant.person.email
        script = self.by_hand(email, "self")
        state = script.get("state") or SUBMITTED
        if state == NOT_STARTED:
            return
        fields = self.answers_of(email, ReviewKind.SELF)
        ratings, comments = script.get("ratings"), script.get("comments")
        usual = self.words.usual()
        for competency in self.stage.expected(participant):
            prefix = f"c{competency.competency_id}"
            if ratings is None:
                rating: Any = self.words.rating(usual)
                comment = self.words.own_comment(email, competency.name, self.months)
            else:
                rating = ratings.get(competency.name)
                comment = (comments or {}).get(competency.name, "")
            if rating is None and not comment and state == SUBMITTED:
                rating = SOLID
            fields |= _item(prefix, rating, comment)
        notes = {g.get("metric") or g["title"]: g["note"] for g in self.goals_of(email)}
        for goal in participant.goals.all():
            fields |= _item(f"g{goal.pk}", None, notes.get(goal.text, ""))
            if goal.text not in notes:
                fields |= _item(f"g{goal.pk}", self._goal_rating(goal), "")
        fields["summary"] = script.get("summary") or self.words.summary(
            email, "self", usual, self.months
        )
        if state == DRAFT and not script.get("summary"):
            fields["summary"] = ""
        self._write(participant, ReviewKind.SELF, email, fields, state, at)

    # --- manager reviews --------------------------------------------------------------------------

    def say_manager_reviews(self, taking_part: list[Participant]) -> None:
        opens, due = self.window("manager_review")
        for participant in taking_part:
            if participant.manager is None:
                continue
            author, email = participant.manager.email, participant.person.email
            if begun := self.by_hand(email, "manager").get("begun_by"):
                # Begun by the manager before; whoever takes over goes on from there.
                early = self.stage.at_work(begun["offset"], author)
                self.stage.say(early, partial(self.write_manager_review, participant, begun))
                when = self.stage.at_work(begun["offset"] + DAYS_TO_HAND_OVER, author)
            else:
                when = self.stage.between(opens + 1, due, author)
            self.stage.say(when, partial(self.write_manager_review, participant, None))

    def write_manager_review(
        self, participant: Participant, script: dict[str, Any] | None, at: datetime
    ) -> None:
        """By whoever reviews them now. `script` in place of what the texts say of the review."""
        participant.refresh_from_db()
        if participant.manager is None or participant.state != ParticipantState.ACTIVE:
            return
        email, author = participant.person.email, participant.manager.email
        script = script or self.by_hand(email, "manager")
        state = script.get("state") or SUBMITTED
        if state != NOT_STARTED:
            fields = self._fields(participant, script)
            self._write(participant, ReviewKind.MANAGER, author, fields, state, at)

    def _fields(self, participant: Participant, script: dict[str, Any]) -> dict[str, str]:
        """The whole form: by hand where the script has it, from the pool where it has not."""
        email, words = participant.person.email, self.words
        by_hand = "ratings" in script
        ratings, comments = script.get("ratings", {}), script.get("comments") or {}
        is_draft = script.get("state") == DRAFT
        usual = script.get("overall") or words.usual()
        usual = min(self.highest, usual)
        fields: dict[str, str] = {}
        given: list[Rating] = []
        expected = self.stage.expected(participant)
        known = {competency.name for competency in expected}
        if strangers := set(ratings) - known:
            raise ValueError(f"{email}, {self.key}: no such competency {sorted(strangers)}")
        begun = (
            len(expected) if not is_draft else self.stage.lots.randint(1, max(1, len(expected) - 1))
        )
        for number, competency in enumerate(expected):
            rating: Any = ratings.get(competency.name)
            comment = comments.get(competency.name, "")
            if rating is None and not is_draft:
                rating = words.rating(usual)
            if rating is None and is_draft and not by_hand and number < begun:
                rating = words.rating(usual)
            if rating is not None and not by_hand:
                comment = words.comment(email, competency.name, rating, self.months)
            fields |= _item(f"c{competency.competency_id}", rating, comment)
            given.append(Rating(rating) if isinstance(rating, int) else Rating(None, rating or ""))
        fields |= self._beside_the_ratings(participant, expected, is_draft=is_draft)
        for goal in participant.goals.all():
            if not is_draft:
                said = (script.get("goals") or {}).get(goal.text, {})
                rating = said.get("rating", self._goal_rating(goal))
                fields |= _item(f"g{goal.pk}", rating, said.get("comment", ""))
        if is_draft and not script.get("overall"):
            return fields | {"private_note": script.get("private_note") or ""}
        median = profile(dict(enumerate(given)), ()).median
        overall = script.get("overall") or median or usual
        departure = script.get("departure") or ""
        if departs(overall, median) and not departure:
            departure = words.pick(words.texts["departure_pool"], about=email, months=self.months)
        note = script.get("private_note") or ""
        if not script and words.sometimes():
            note = words.pick(words.texts["private_note_pool"], about=email, months=self.months)
        return fields | {
            "overall": str(overall),
            "departure": departure,
            "summary": script.get("summary")
            or words.summary(email, "manager", overall, self.months),
            "promotion": script.get("promotion", ""),
            "private_note": note,
        }

    def _beside_the_ratings(
        self, participant: Participant, expected: Sequence[ExpectedCompetency], *, is_draft: bool
    ) -> dict[str, str]:
        """Marks of statements, the notes that the manager kept, and answers to the cycle's questions."""
        email = participant.person.email
        fields = self.answers_of(email, ReviewKind.MANAGER)
        if is_draft:
            return fields
        fields |= self._marks(participant, expected)
        notes = EvidenceNote.objects.filter(
            about=participant.person_id, author=participant.manager_id
        ).values_list("competencies", "pk")
        for competency in expected:
            linked = [str(pk) for tag, pk in notes if tag == competency.competency_id]
            if linked:
                fields[f"c{competency.competency_id}-notes"] = ",".join(sorted(linked, key=int))
        return fields

    def _marks(
        self, participant: Participant, expected: Sequence[ExpectedCompetency]
    ) -> dict[str, str]:
        """By hand where the script has them; else some managers mark what the level itself asks."""
        email, lots = participant.person.email, self.stage.lots
        script = next(
            (
                marks
                for marks in self.stage.script.year["marks"]
                if marks["person"] == email and marks["cycle"] == self.key
            ),
            None,
        )
        if script is None:
            if lots.random() > MARKS_STATEMENTS:
                return {}
            asked = [s for c in expected for s in c.statements if s.origin == OWN]
            return {
                f"s{s.statement_id}-shown": lots.choices(list(MARKED), list(MARKED.values()))[0]
                for s in asked
                if lots.random() < MARKED_OF_ALL
            }
        here, above = expectations_and_next(participant.level_id, participant.mixins.all())
        all_of_them = [s for c in (*here.competencies, *above.competencies) for s in c.statements]
        fields = {}
        for mark in MARKED:
            for words in script[mark]:
                found = [s for s in all_of_them if s.text.startswith(words)]
                if not found:
                    raise ValueError(f"{email}, {self.key}: no statement begins with {words!r}")
                fields[f"s{found[0].statement_id}-shown"] = mark
        return fields

    def answers_of(self, email: str, kind: str) -> dict[str, str]:
        """What this person answered to the cycle's own questions, or their manager did."""
        texts = {
            script["text"]: script["answers"].get(email, "")
            for script in self.stage.script.year["questions"]
            if script["cycle"] == self.key and script["kind"] == kind
        }
        return {
            f"q{question.pk}-comment": texts.get(question.text, "")
            for question in self.cycle.questions.filter(review_kind=kind)
        }

    @property
    def highest(self) -> int:
        return {"five": 5, "four": 4}[self.plan["scale"]]

    def _goal_rating(self, goal: Any) -> int:
        result = goal_result(goal.comparator, goal.target, goal.actual)
        return GOAL_RATINGS[self.highest].get(result, SOLID)

    def _write(
        self,
        participant: Participant,
        kind: ReviewKind,
        author: str,
        fields: dict[str, str],
        state: str,
        at: datetime,
    ) -> None:
        by = self.stage.viewer(author)
        review = Review.objects.get(participant=participant, kind=kind)
        said = {name: text for name, text in fields.items() if text}
        saving = save_review(review.pk, changed=said, base=review.revision, by=by, now=at)
        if saving.outcome != "saved":
            raise RuntimeError(f"{participant.person.email}, {self.key}, {kind}: {saving.outcome}")
        if state == SUBMITTED:
            handed_in = at + timedelta(minutes=20)
            submit_review(review.pk, revision=saving.revision, confirmed=True, by=by, now=handed_in)


def _item(prefix: str, rating: object, comment: str) -> dict[str, str]:
    return {f"{prefix}-value": "" if rating is None else str(rating), f"{prefix}-comment": comment}


def _goal_plan(goal: dict[str, Any]) -> GoalPlan:
    target, actual = goal["target"], goal["actual"]
    return GoalPlan(
        goal["title"],
        goal["comparator"],
        None if target is None else Decimal(str(target)),
        goal["unit"] or "",
        None if actual is None else Decimal(str(actual)),
    )
