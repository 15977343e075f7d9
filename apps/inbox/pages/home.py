"""The home page: what is asked of me, by when, how long it takes, and what waits for others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db.models import Count, Exists, OuterRef, Q
from django.urls import reverse
from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.core.access import Viewer
from apps.inbox.duties import Duty, duties_of
from apps.inbox.states import DutyKind
from apps.reviews.models import Cycle, Participant, Review
from apps.reviews.states import RUNNING, CycleState, Mark, ReviewKind, ReviewState
from apps.reviews.steps import Step, steps_of

# Where each kind of duty is done; the key of the address is the duty's object.
PLACES = {
    DutyKind.PROPOSE_PEERS: "feedback:nominate",
    DutyKind.APPROVE_PEERS: "feedback:approve_peers",
    DutyKind.SELF_REVIEW: "reviews:review",
    DutyKind.GIVE_FEEDBACK: "feedback:give_feedback",
    DutyKind.MANAGER_REVIEW: "reviews:review",
    DutyKind.CALIBRATE: "calibration:board",
    DutyKind.RELEASE: "reviews:packet",
    DutyKind.ACKNOWLEDGE: "reviews:packet",
    DutyKind.SETTLE: "reviews:packet",
}


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
    """5 queries: duties; my reports' reviews; progress of my own; my cycles and their phases."""
    duties = duties_of(viewer)
    reviews = _reviews(viewer, duties)
    progress = {
        r.pk: Progress(r.rated, r.participant.item_count, r.saved_at)  # type: ignore[attr-defined]
        for r in reviews
    }
    rows = [_row(d, progress.get(d.object_id)) for d in duties]
    if rows:
        first = next((i for i, r in enumerate(rows) if r.button == _("Go on")), 0)
        rows[first] = DutyRow(**{**rows[first].__dict__, "primary": True})
    local = now.astimezone(ZoneInfo(viewer.time_zone))
    return Home(
        greeting=_greeting(local.hour, viewer.name),
        lead=_lead(rows, local.date()),
        rows=rows,
        reports=[_report(r) for r in reviews if r.kind == ReviewKind.MANAGER],
        cycles=_cycles(viewer),
    )


def _reviews(viewer: Viewer, duties: Sequence[Duty]) -> list[Review]:
    """The reviews this person writes in running cycles, with how far each is. 1 query."""
    said = Q(items__value__isnull=False) | Q(items__mark__in=Mark.values)
    return list(
        Review.objects.filter(author_id=viewer.person_id, participant__cycle__state__in=RUNNING)
        .with_people()
        .annotate(rated=Count("items", filter=said))
        .order_by("participant__person__name")
    )


def _row(duty: Duty, progress: Progress | None) -> DutyRow:
    title = {
        DutyKind.PROPOSE_PEERS: _("Propose peers for your feedback"),
        DutyKind.APPROVE_PEERS: _("Approve peers for %(name)s"),
        DutyKind.SELF_REVIEW: _("Write your self review"),
        DutyKind.GIVE_FEEDBACK: _("Feedback on %(name)s"),
        DutyKind.MANAGER_REVIEW: _("Review %(name)s"),
        DutyKind.CALIBRATE: _("Calibration: %(name)s"),
        DutyKind.RELEASE: _("Talk with %(name)s and release the review"),
        DutyKind.ACKNOWLEDGE: _("Read your review"),
        DutyKind.SETTLE: _("Settle the dispute of %(name)s"),
    }[duty.kind] % {"name": duty.about}
    why, button, minutes = duty.cycle, _("Open"), duty.minutes
    if progress is not None and duty.kind in {DutyKind.SELF_REVIEW, DutyKind.MANAGER_REVIEW}:
        if progress.saved_at is None:
            why, button = _("%(cycle)s · not started") % {"cycle": duty.cycle}, _("Start")
        else:
            why = _("%(cycle)s · %(done)s of %(total)s rated") % {
                "cycle": duty.cycle, "done": progress.done, "total": progress.total,
            }  # fmt: skip
            button = _("Go on")
            if progress.total:
                left = 1 - progress.done / progress.total
                minutes = max(5, 5 * round(duty.minutes * left / 5))
    return DutyRow(
        duty, title, why, reverse(PLACES[duty.kind], args=[duty.object_id]), button, minutes, False
    )


def _report(review: Review) -> Report:
    rated, total = review.rated, review.participant.item_count  # type: ignore[attr-defined]
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
        return f"{things} " + _("The next is due today.")
    day = formats.date_format(due, "l" if (due - today).days < 7 else "l j F")
    return f"{things} " + _("The next is due on %(day)s.") % {"day": day}


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
    words = _("Step %(n)s of %(all)s.") % {"n": here, "all": len(steps)} if here else ""
    return CycleCard(cycle, words, steps, is_owner)
