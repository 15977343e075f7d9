"""The home page: what is asked of me, by when, how long it takes, and what waits for others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Count, Exists, OuterRef, Q
from django.urls import reverse
from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.core.access import Viewer
from apps.feedback.models import FeedbackDraft
from apps.inbox.duties import Duty, duties_of
from apps.inbox.states import DutyKind
from apps.reviews.models import Cycle, Participant, Review
from apps.reviews.states import RUNNING, CycleState, Mark, ReviewKind, ReviewState
from apps.reviews.steps import Step, steps_of

# Where each kind of duty is done; the key of the address is the duty's object.
PLACES = {
    DutyKind.PROPOSE_PEERS: "feedback:nominate",
    DutyKind.APPROVE_PEERS: "feedback:approve_peers",
    DutyKind.ADD_PEERS: "feedback:approve_peers",
    DutyKind.SELF_REVIEW: "reviews:review",
    DutyKind.GIVE_FEEDBACK: "feedback:give_feedback",
    DutyKind.MANAGER_REVIEW: "reviews:review",
    DutyKind.CALIBRATE: "calibration:board",
    DutyKind.RELEASE: "reviews:packet",
    DutyKind.TALK: "reviews:packet",
    DutyKind.ACKNOWLEDGE: "reviews:packet",
    DutyKind.ANSWER: "reviews:packet",
    DutyKind.SETTLE: "reviews:packet",
}


WRITTEN = {DutyKind.SELF_REVIEW, DutyKind.MANAGER_REVIEW}


@dataclass(frozen=True)
class DutyRow:
    duty: Duty
    title: str
    why: str
    url: str
    button: str
    minutes: int
    primary: bool


@dataclass(frozen=True)
class Report:
    name: str
    url: str
    words: str
    done: int
    total: int
    submitted: bool


@dataclass(frozen=True)
class CycleCard:
    cycle: Cycle
    words: str
    steps: list[Step]
    is_owner: bool


@dataclass(frozen=True)
class Home:
    greeting: str
    lead: str
    grace: str
    rows: list[DutyRow]
    reports: list[Report]
    cycles: list[CycleCard]


@dataclass(frozen=True)
class Progress:
    """Of a review: parts with a point or a mark, parts in all, and when it was last saved."""

    done: int
    total: int
    saved_at: datetime | None


def home(viewer: Viewer, *, now: datetime) -> Home:
    """5 queries: duties; my reports' reviews; progress of my own; my cycles and their phases. 6 where
    feedback is asked of me: which of it I have begun."""
    duties = duties_of(viewer)
    begun = _begun(viewer, duties)
    reviews = _reviews(viewer, duties)
    progress = {
        r.pk: Progress(r.rated, _total(r), r.saved_at)  # type: ignore[attr-defined]
        for r in reviews
    }
    rows = [_row(d, progress.get(d.object_id), d.object_id in begun) for d in duties]
    # Of what is due on one day, what can be finished soonest comes first.
    rows.sort(key=lambda r: (r.duty.due_on, r.button != _("Go on"), r.minutes))
    if rows:
        first = next((i for i, r in enumerate(rows) if r.button == _("Go on")), 0)
        rows[first] = replace(rows[first], primary=True)
    local = now.astimezone(ZoneInfo(viewer.time_zone))
    return Home(
        greeting=_greeting(local.hour, viewer.name),
        lead=_lead(rows, local.date()),
        grace=_grace(duties, reviews, local.date()),
        rows=rows,
        reports=[_report(r) for r in reviews if r.kind == ReviewKind.MANAGER],
        cycles=_cycles(viewer),
    )


def _reviews(viewer: Viewer, duties: Sequence[Duty]) -> list[Review]:
    """The reviews this person writes in running cycles, with how far each is. 1 query.

    In a self review words stand in place of a rating, and its form may have no ratings at all.
    """
    words = Q(kind=ReviewKind.SELF, items__question=None) & Q(items__comment__gt="")
    said = Q(items__value__isnull=False) | Q(items__mark__in=Mark.values) | words
    return list(
        Review.objects.filter(author_id=viewer.person_id, participant__cycle__state__in=RUNNING)
        .with_people()
        .annotate(
            rated=Count("items", filter=said, distinct=True),
            goal_count=Count("participant__goals", distinct=True),
        )
        .order_by("participant__person__name")
    )


def _total(review: Review) -> int:
    """What its form asks for: goals only where this kind of review has them."""
    left_out = f"{review.kind}.goals" in review.participant.cycle.sections_off
    goals = review.goal_count if left_out else 0  # type: ignore[attr-defined]  # _reviews
    return review.participant.item_count - goals


def _begun(viewer: Viewer, duties: Sequence[Duty]) -> set[int]:
    """Requests of which this person has a draft: theirs alone to know. 0 or 1 query."""
    asked = [d.object_id for d in duties if d.kind == DutyKind.GIVE_FEEDBACK]
    if not asked:
        return set()
    drafts = FeedbackDraft.objects.visible_to(viewer).filter(request__in=asked)
    return set(drafts.values_list("request_id", flat=True))


def _row(duty: Duty, progress: Progress | None, begun: bool) -> DutyRow:
    title = {
        DutyKind.PROPOSE_PEERS: _("Propose peers for your feedback"),
        DutyKind.APPROVE_PEERS: _("Approve peers for %(name)s"),
        DutyKind.ADD_PEERS: _("Ask more peers about %(name)s"),
        DutyKind.SELF_REVIEW: _("Write your self review"),
        DutyKind.GIVE_FEEDBACK: _("Feedback on %(name)s"),
        DutyKind.MANAGER_REVIEW: _("Review %(name)s"),
        DutyKind.CALIBRATE: _("Calibration: %(name)s"),
        DutyKind.RELEASE: _("Release the review of %(name)s"),
        DutyKind.TALK: _("Talk with %(name)s about the review"),
        DutyKind.ACKNOWLEDGE: _("Read your review"),
        DutyKind.ANSWER: _("Answer the dispute of %(name)s"),
        DutyKind.SETTLE: _("Settle the dispute of %(name)s"),
    }[duty.kind] % {"name": duty.about}
    why, button, minutes = duty.cycle, _("Open"), duty.minutes
    if duty.kind == DutyKind.GIVE_FEEDBACK:
        said = _("%(cycle)s · begun") if begun else _("%(cycle)s · not started")
        why, button = said % {"cycle": duty.cycle}, _("Go on") if begun else _("Start")
    if progress is not None and duty.kind in WRITTEN:
        if progress.saved_at is None:
            why, button = _("%(cycle)s · not started") % {"cycle": duty.cycle}, _("Start")
        else:
            said = _("%(cycle)s · %(done)s of %(total)s rated")
            if progress.total and progress.done >= progress.total:
                said = _("%(cycle)s · all %(total)s rated, not handed in yet")
            why = said % {"cycle": duty.cycle, "done": progress.done, "total": progress.total}
            button = _("Go on")
            if progress.total:
                left = 1 - progress.done / progress.total
                minutes = max(5, 5 * round(duty.minutes * left / 5))
    return DutyRow(
        duty, title, why, reverse(PLACES[duty.kind], args=[duty.object_id]), button, minutes, False
    )


def _report(review: Review) -> Report:
    rated, total = review.rated, _total(review)  # type: ignore[attr-defined]
    submitted = review.state == ReviewState.SUBMITTED
    opened = review.participant.cycle.state == CycleState.MANAGER_REVIEW
    if submitted:
        words = _("submitted")
    elif review.saved_at is not None:
        words = _("in work")
    elif opened:
        words = _("not started")
    else:
        words = _("not open yet")
    return Report(
        review.participant.person.name,
        reverse("reviews:review", args=[review.pk]) if opened or submitted or rated else "",
        words,
        total if submitted else rated,
        total,
        submitted,
    )


def _greeting(hour: int, name: str) -> str:
    first = name.split(" ", maxsplit=1)[0]
    if 5 <= hour < 12:
        return _("Good morning, %(name)s") % {"name": first}
    if 12 <= hour < 18:
        return _("Good afternoon, %(name)s") % {"name": first}
    return _("Good evening, %(name)s") % {"name": first}


def _lead(rows: Sequence[DutyRow], today: date) -> str:
    if not rows:
        return _("Nothing asks for you right now.")
    minutes = sum(row.minutes for row in rows)
    if minutes < 60:
        time = ngettext("%(n)d minute", "%(n)d minutes", minutes) % {"n": minutes}
    else:
        hours = round(minutes / 60)
        time = ngettext("%(n)d hour", "%(n)d hours", hours) % {"n": hours}
    things = ngettext(
        "%(n)d thing asks for you, about %(time)s in all.",
        "%(n)d things ask for you, about %(time)s in all.",
        len(rows),
    ) % {"n": len(rows), "time": time}
    late = sum(row.duty.due_on < today for row in rows)
    if late:
        return f"{things} " + ngettext("%(n)d is late.", "%(n)d are late.", late) % {"n": late}
    due = min(row.duty.due_on for row in rows)
    if due == today:
        return f"{things} " + _("The next is due today, until 23:59.")
    day = formats.date_format(due, "l" if (due - today).days < 7 else "l j F")
    return f"{things} " + _("The next is due on %(day)s.") % {"day": day}


def _grace(duties: Sequence[Duty], reviews: Sequence[Review], today: date) -> str:
    """What somebody who writes on the last evening wants to know; empty on other days."""
    days = {review.pk: review.participant.cycle.grace_days for review in reviews}
    last = [
        duty.due_on + timedelta(days=days[duty.object_id])
        for duty in duties
        if duty.kind in WRITTEN and duty.due_on <= today and days.get(duty.object_id)
    ]
    if not last or min(last) < today:
        return ""
    said = _("What you typed is kept, and can still be handed in until the end of %(day)s.")
    return said % {"day": formats.date_format(min(last), "l j F")}


def _cycles(viewer: Viewer) -> list[CycleCard]:
    """The running cycles this person takes part in or owns. 2 queries: cycles, phases."""
    mine = Participant.objects.filter(person_id=viewer.person_id, cycle=OuterRef("pk"))
    owned = Cycle.owners.through.objects.filter(person_id=viewer.person_id, cycle_id=OuterRef("pk"))
    cycles = (
        Cycle.objects.filter(state__in=RUNNING)
        .annotate(takes_part=Exists(mine), is_owner=Exists(owned))
        .filter(Q(takes_part=True) | Q(is_owner=True))
        .prefetch_related("phases")
        .order_by("-takes_part", "-period_end", "name")
    )
    return [_card(cycle, is_owner=cycle.is_owner) for cycle in cycles]


def _card(cycle: Cycle, *, is_owner: bool) -> CycleCard:
    steps = [step for step in steps_of(cycle) if step.state != "skipped"]
    here = next((n for n, step in enumerate(steps, start=1) if step.state == "now"), 0)
    words = _("Step %(n)s of %(all)s") % {"n": here, "all": len(steps)} if here else ""
    return CycleCard(cycle, words, steps, is_owner)
