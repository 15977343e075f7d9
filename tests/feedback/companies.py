"""Companies by lot, and what is true of them: who said what about whom, and what was done since.

A plan is plain data, drawn by hypothesis. A company is that plan played in the database through the
actions of the house. What is true of it is read from the plan alone: no page and no rule is asked.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from hypothesis import strategies as st

from apps.core.workflow import StaleState
from apps.feedback import actions
from apps.feedback.models import AnswerPart, Request
from apps.feedback.rules import NotAllowed
from apps.feedback.states import Mode, PerspectiveKind
from apps.ladders.models import Competency
from apps.people import actions as people_actions
from apps.people.models import Person
from apps.reviews.models import Participant
from apps.reviews.states import CycleState, ParticipantState
from tests.factories import NOON
from tests.factories.calibration import MembershipFactory
from tests.factories.feedback import ConcernFactory, RequestFactory
from tests.factories.people import UserFactory
from tests.feedback.worlds import World, as_viewer, busy_world

QUESTIONS, CANNOT = 2, "not_enough_evidence"
ANSWERS, DECLINES, DRAFTS, SILENT = "answers", "declines", "drafts", "silent"


@dataclass(frozen=True)
class Sheet:
    """What one giver does. `points` 0 is "cannot say"; `wrote` and `said` tell where words stand."""

    deed: str
    wrote: tuple[bool, ...]
    points: tuple[int, ...]
    said: tuple[bool, ...]

    @property
    def answers(self) -> bool:
        return self.deed == ANSWERS


@dataclass(frozen=True)
class Plan:
    """One company. `raised` is the threshold that HR asks for while answers come in, or 0; `rater` is
    the seat of a reader who was asked as well, or ""; `deeds` are done after release, in this order;
    `lookers` are the seats in whose eyes it is looked at, `third` which third of the many pages."""

    kind: str
    mode: str
    threshold: int
    raised: int
    sheets: tuple[Sheet, ...]
    rater: str = ""
    deeds: tuple[str, ...] = ()
    lookers: tuple[str, ...] = ("subject", "manager", "skip", "member", "giver1")
    third: int = 0

    @property
    def promised(self) -> int:
        return max(self.threshold, self.raised)

    @property
    def competencies(self) -> int:
        return len(self.sheets[0].points)

    @property
    def sections(self) -> list[str]:
        """Places for words: q0, q1 for the questions, c0, c1 ... beside the competencies."""
        return [f"q{n}" for n in range(QUESTIONS)] + [f"c{n}" for n in range(self.competencies)]

    def voices(self, section: str) -> frozenset[int]:
        """Who wrote here, as places in `sheets`."""
        kind, place = section[0], int(section[1:])
        return frozenset(
            n
            for n, sheet in enumerate(self.sheets)
            if sheet.answers and (sheet.wrote if kind == "q" else sheet.said)[place]
        )

    def points(self, competency: int) -> dict[int, int]:
        """Who gave which point."""
        return {
            n: sheet.points[competency]
            for n, sheet in enumerate(self.sheets)
            if sheet.answers and sheet.points[competency]
        }

    @property
    def hidden(self) -> tuple[str, int] | None:
        """Which text HR hides, once somebody reported it: the section and whose it is."""
        enough = len(self.answering) >= self.promised and len(self.voices("q0")) >= self.promised
        return ("q0", min(self.voices("q0"))) if enough else None

    @property
    def answering(self) -> list[int]:
        return [n for n, sheet in enumerate(self.sheets) if sheet.answers]


# --- drawing one ---

DEEDS = ("late", "giver_leaves", "giver_on_top", "giver_in_between", "giver_in_hr", "giver_on_committee", "new_level", "raise", "one_more", "step_back", "take_back", "close", "hide")  # fmt: skip
SEATS = ("subject", "manager", "skip", "member", "facilitator", "process", "content", "stranger", "root", "giver0", "giver1", "giver2")  # fmt: skip
RATERS = ("", "", "skip", "member", "content", "process", "facilitator")


@st.composite
def plans(
    draw: Callable[..., Any],
    kinds: tuple[str, ...] = (PerspectiveKind.PEER, PerspectiveKind.PEER, PerspectiveKind.UPWARD),
    modes: tuple[str, ...] = (Mode.ANONYMOUS, Mode.ANONYMOUS, Mode.CONFIDENTIAL, Mode.NAMED),
    fewest: int = 0,
    deeds: int = 3,
) -> Plan:
    """A company in which the numbers of voices lie around the threshold.

    `fewest` answers at least, counted from the promise on (0 may bring nobody at all).
    """
    kind = draw(st.sampled_from(kinds))
    mode = Mode.ANONYMOUS if kind == PerspectiveKind.UPWARD else draw(st.sampled_from(modes))
    threshold = draw(st.sampled_from([4, 4, 5, 5, 6, 8]))
    raised = threshold + draw(st.sampled_from([0, 0, 0, 1, 2]))
    promised = max(threshold, raised)
    low = promised if fewest else 0
    answering = draw(st.integers(low, promised + 2) | st.integers(max(low, promised - 1), promised + 2))  # fmt: skip
    asked = max(answering, promised) + draw(st.integers(0, 2))
    width = draw(st.integers(1, 3))
    silent = draw(st.lists(st.sampled_from([DECLINES, DRAFTS, SILENT]), min_size=asked, max_size=asked))  # fmt: skip
    order = draw(st.permutations(range(asked)))
    deed_of = {giver: ANSWERS if n < answering else silent[n] for n, giver in enumerate(order)}
    # Of each place: who has nothing to say there. Mostly so many that the threshold is near.
    column = st.lists(st.integers(0, asked - 1), max_size=3).map(frozenset)
    missing = [draw(column) for _ in range(QUESTIONS + 2 * width)]
    points = st.lists(st.integers(1, 5), min_size=width, max_size=width)
    sheets = []
    for giver in range(asked):
        given = draw(points)
        has = [giver not in place for place in missing]
        sheets.append(
            Sheet(
                deed_of[giver],
                tuple(has[:QUESTIONS]),
                tuple(p * h for p, h in zip(given, has[QUESTIONS:], strict=False)),
                tuple(has[QUESTIONS + width :]),
            )
        )
    rater = draw(st.sampled_from(RATERS)) if kind == PerspectiveKind.PEER else ""
    done = draw(st.lists(st.sampled_from(DEEDS), max_size=deeds, unique=True))
    lookers = draw(st.permutations(SEATS))[:4]
    return Plan(
        kind, mode, threshold, raised if raised > threshold else 0, tuple(sheets), rater, tuple(done),
        tuple(dict.fromkeys(["subject", *([rater] if rater else []), *lookers])),
        draw(st.integers(0, 2)),
    )  # fmt: skip


def plain(
    answering: int, *, asked: int = 0, threshold: int = 5, width: int = 2, **more: Any
) -> Plan:
    """A company without gaps: so many say something everywhere, the others nothing anywhere."""
    everywhere = ((True,) * QUESTIONS, (True,) * width)
    sheets = tuple(
        Sheet(
            ANSWERS if n < answering else SILENT,
            everywhere[0],
            tuple(1 + (n + c) % 5 for c in range(width)),
            everywhere[1],
        )
        for n in range(max(asked, answering, threshold))
    )
    kind, mode = more.pop("kind", PerspectiveKind.PEER), more.pop("mode", Mode.ANONYMOUS)
    return Plan(kind, mode, threshold, more.pop("raised", 0), sheets, **more)


# --- playing it ---


def word(giver: int, section: str) -> str:
    """A word that stands nowhere but in the text of this giver in this place."""
    return f"voice{giver:02}{section}x"


@dataclass
class Company:
    """A plan in the database. `givers` in the order of its sheets; `seats` by name."""

    plan: Plan
    world: World
    givers: list[Person]
    seats: dict[str, Any]
    say: Callable[[int, str], str] = word

    @property
    def perspective(self) -> Any:
        return self.world.perspective

    def form(self, n: int) -> dict[str, str]:
        """What giver n types."""
        sheet, values = self.plan.sheets[n], {}
        for place, question in enumerate(self.world.questions):
            has = sheet.wrote[place]
            values[f"question_{question.pk}"] = f"Saw {self.say(n, f'q{place}')}." if has else "  "
            values[f"cannot_{question.pk}"] = "" if has else "on"
        for place, pk in enumerate(self.world.competencies):
            values[f"rating_{pk}"] = str(sheet.points[place] or CANNOT)
            values[f"comment_{pk}"] = (
                f"Saw {self.say(n, f'c{place}')}." if sheet.said[place] else ""
            )
        return values

    def request(self, n: int) -> Request:
        return self.world.request_of(self.givers[n])

    def send(self, n: int, now: datetime = NOON) -> None:
        actions.send_feedback(
            self.request(n),
            values=self.form(n),
            question_ids=[q.pk for q in self.world.questions],
            competency_ids=self.world.competencies,
            by=as_viewer(self.givers[n]),
            now=now,
        )

    def play(self, order: list[int] | None = None, now: datetime = NOON) -> None:
        """What each giver does, in this order; HR raises the threshold in between."""
        for place, n in enumerate(order or range(len(self.givers))):
            if self.plan.raised and place == len(self.givers) // 2:
                self.deed_raise(self.plan.raised)
            deed, request = self.plan.sheets[n].deed, self.request(n)
            by = as_viewer(self.givers[n])
            if deed == ANSWERS:
                self.send(n, now)
            elif deed == DECLINES:
                actions.decline_request(request, reason="Not now", by=by, now=now)
            elif deed == DRAFTS:
                actions.save_feedback_draft(
                    request, changes=self.form(n), seen=0, key=f"k{n}", by=by, now=now
                )

    def seal(self) -> None:
        self.world.perspective.refresh_from_db()
        self.world.seal()

    def release(self) -> None:
        self.world.move_cycle(CycleState.DELIVERY)
        self.world.release()

    def reset(self) -> None:
        """Python's copies of what the database has taken back."""
        self.world.move_cycle(CycleState.COLLECTION)
        self.world.participant.refresh_from_db()
        for person in [*self.givers, *self.world.others()]:
            person.refresh_from_db()

    # --- what may happen afterwards; a deed that the house refuses has happened as well ---

    def do(self, deed: str) -> None:
        with suppress(PermissionDenied, StaleState, NotAllowed):
            getattr(self, f"deed_{deed}")()

    @property
    def _hr(self) -> Any:
        return as_viewer(self.seats["process"])

    def deed_late(self) -> None:
        for n, sheet in enumerate(self.plan.sheets):
            if not sheet.answers:
                self.send(n)

    def deed_giver_leaves(self) -> None:
        day = (NOON - timedelta(days=1)).date()
        for n in self.plan.answering[:2]:
            people_actions.leave(self.givers[n], day, by=self._hr, now=NOON)

    def deed_giver_on_top(self) -> None:
        """One who was asked is the person's manager from now on."""
        if self.plan.kind == PerspectiveKind.PEER:
            people_actions.change_manager(self.world.subject, self.givers[0], by=self._hr, now=NOON)

    def deed_giver_in_between(self) -> None:
        """... or the manager of the person's manager."""
        if self.plan.kind == PerspectiveKind.PEER:
            people_actions.change_manager(self.world.manager, self.givers[1], by=self._hr, now=NOON)

    def deed_giver_in_hr(self) -> None:
        Person.objects.filter(pk=self.givers[2].pk).update(is_content_admin=True)

    def deed_giver_on_committee(self) -> None:
        MembershipFactory(session=self.world.session, person=self.givers[1])

    def deed_new_level(self) -> None:
        from tests.factories.ladders import LevelFactory

        Person.objects.filter(pk=self.world.subject.pk).update(level=LevelFactory())

    def deed_raise(self, threshold: int = 12) -> None:
        self.perspective.refresh_from_db()
        actions.raise_threshold(self.perspective, threshold=threshold, by=self._hr, now=NOON)

    def deed_one_more(self) -> None:
        """The manager asks somebody whom nobody had thought of."""
        participant = Participant.objects.select_related("person", "cycle").get(pk=self.world.participant.pk)  # fmt: skip
        actions.add_request(
            participant, giver_id=self.world.stranger.pk, by=as_viewer(self.world.manager), now=NOON
        )

    def deed_step_back(self) -> None:
        self.world.move_cycle(CycleState.COLLECTION)

    def deed_take_back(self) -> None:
        Participant.objects.filter(pk=self.world.participant.pk).update(
            state=ParticipantState.ACTIVE, released_at=None, released_by=None
        )

    def deed_hide(self) -> None:
        """The person reports one text, and HR keeps it from everybody."""
        if self.plan.hidden is None:
            return
        section, n = self.plan.hidden
        part = AnswerPart.objects.get(text__contains=self.say(n, section))
        ConcernFactory(
            part=part, raised_by=self.world.subject, hidden=True, decided_by=self.world.content
        )

    def deed_close(self) -> None:
        self.world.move_cycle(CycleState.CLOSED)


def company(plan: Plan) -> Company:
    """The plan, before anybody has answered."""
    seated = len(plan.sheets) - bool(plan.rater)
    world = busy_world(
        givers=seated,
        mode=plan.mode,
        kind=plan.kind,
        threshold=plan.threshold,
        competencies=plan.competencies,
    )
    for place, pk in enumerate(world.competencies):
        Competency.objects.filter(pk=pk).update(name=f"Skillmark{place}")
    givers = list(world.givers)
    if plan.kind == PerspectiveKind.UPWARD:
        Person.objects.filter(pk__in=[giver.pk for giver in givers]).update(manager=world.subject)
    seats: dict[str, Any] = {
        "subject": world.subject,
        "manager": world.manager,
        "skip": world.skip,
        "process": world.hr,
        "content": world.content,
        "stranger": world.stranger,
        "facilitator": world.session.facilitator,
        "member": world.session.members.get(),
        "root": UserFactory(email="root@example.com", is_staff=True, is_superuser=True),
    }
    if plan.rater:
        rater = seats[plan.rater]
        RequestFactory(
            perspective=world.perspective,
            participant=world.participant,
            giver=rater,
            proposed_by=world.subject,
        )
        givers.append(rater)
    return Company(plan, world, givers, seats)
