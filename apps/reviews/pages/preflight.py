"""The check before a cycle starts: for whom it would not go well, why, and where that is mended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.core.paginator import Page
from django.db.models import Count, Q
from django.utils import formats
from django.utils.translation import gettext as _

from apps.core.access import Answer, Viewer
from apps.people.access import person_gate
from apps.people.models import Person
from apps.reviews.access import cycle_gate
from apps.reviews.models import Cycle, on_another_version
from apps.reviews.models.population import ANY_GAP
from apps.reviews.pages.population import KnownPaginator, cycle_to_set
from apps.reviews.states import Gap

PER_PAGE = 50


@dataclass(frozen=True)
class Fix:
    """Where one gap is mended: an address (its name and key) with the words on the button, or, in
    its place, the sentence that says why the reader cannot."""

    why: str
    address: str
    key: int
    words: str
    refusal: str = ""


@dataclass(frozen=True)
class GapRow:
    person: Person
    fixes: list[Fix]


@dataclass(frozen=True)
class GapTab:
    gap: str
    label: str
    count: int


@dataclass(frozen=True)
class GapCounts:
    """How many take part, for how many something is missing, and how many per kind of gap."""

    people: int
    with_gaps: int
    behind: int
    tabs: list[GapTab]


@dataclass(frozen=True)
class PreflightPage:
    cycle: Cycle
    on: date
    counts: GapCounts
    rows: Page
    chosen: str
    may_schedule: Answer
    may_set: Answer


def preflight(
    viewer: Viewer, *, cycle_id: int, now: datetime, chosen: str = "", number: str | int = 1
) -> PreflightPage:
    """4 queries: the cycle, its phases, the counts, and a page of those who fit."""
    found = cycle_to_set(viewer, cycle_id=cycle_id, prefetch=("phases",))
    on = found.counted_on(now)
    chosen = chosen if chosen in Gap.values else ""
    fits = Q(**{chosen: True}) if chosen else ANY_GAP
    rows = (
        found.people_with_flags(on=on)
        .filter(fits)
        .select_related("manager", "level__version", "department")
        .order_by("name", "pk")
    )
    counts = gap_counts(found, on=on)
    known = {tab.gap: tab.count for tab in counts.tabs}
    known[""] = counts.with_gaps
    page = KnownPaginator(rows, PER_PAGE, known.get(chosen, 0)).get_page(number)
    days = {phase.kind: phase for phase in found.phases.all()}
    page.object_list = [_row(viewer, found, person, days) for person in page.object_list]
    return PreflightPage(
        cycle=found,
        on=on,
        counts=counts,
        rows=page,
        chosen=chosen,
        may_schedule=cycle_gate.may(viewer, "schedule_cycle", found),
        may_set=cycle_gate.may(viewer, "edit_cycle", found),
    )


def gap_counts(found: Cycle, *, on: date) -> GapCounts:
    """1 query, for three people or for ten thousand."""
    rows = found.people_with_flags(on=on).order_by()
    counted = rows.aggregate(
        people=Count("pk"),
        with_gaps=Count("pk", filter=ANY_GAP),
        behind=Count("pk", filter=on_another_version()),
        **{f"n_{gap.value}": Count("pk", filter=Q(**{gap.value: True})) for gap in Gap},
    )
    return GapCounts(
        people=counted["people"],
        with_gaps=counted["with_gaps"],
        behind=counted["behind"],
        tabs=[
            GapTab(gap.value, str(gap.label), counted[f"n_{gap.value}"])
            for gap in Gap
            if counted[f"n_{gap.value}"]
        ],
    )


def _row(viewer: Viewer, found: Cycle, person: Any, days: dict[str, Any]) -> GapRow:
    here = [gap for gap in Gap if getattr(person, gap.value)]
    return GapRow(person, [_fix(viewer, found, person, gap, days) for gap in here])


def _fix(viewer: Viewer, found: Cycle, person: Any, gap: Gap, days: dict[str, Any]) -> Fix:
    """One gap in words, with the door behind which it is mended; only a door that opens."""
    boss = person.manager
    named = {"name": boss.name if boss else ""}
    match gap:
        case Gap.MANAGER:
            return _edit(viewer, person, _("has no manager to review them"), _("Name a manager"))
        case Gap.MANAGER_LEFT:
            why = _("their manager %(name)s has left") % named
            return _edit(viewer, person, why, _("Name a manager"))
        case Gap.MANAGER_ACCOUNT:
            why = _("their manager %(name)s cannot sign in yet") % named
            return _account(viewer, boss, why)
        case Gap.MANAGER_AWAY:
            words = {**named, "days": _leave(boss)}
            why = (
                _("their manager %(name)s is on leave %(days)s, while reviews are written") % words
            )
            return _edit(viewer, person, why, _("Name another manager"))
        case Gap.LEVEL:
            why = _("has neither a level nor a role profile")
            return _edit(viewer, person, why, _("Give a level"))
        case Gap.PAGE:
            why = _("stands on a level that refers to a page not found yet")
            return Fix(why, "ladders:version", person.level.version_id, _("Open the ladder"))
        case Gap.EMAIL:
            return _edit(viewer, person, _("has no e-mail address"), _("Give an address"))
        case Gap.ACCOUNT:
            return _account(viewer, person, _("cannot sign in yet"))
        case _away:
            why = _("is on leave %(days)s, while self reviews are written") % {
                "days": _leave(person)
            }
            if person.pk == viewer.person_id:
                return Fix(
                    why, "", 0, "", _("Another HR process admin decides whether you take part.")
                )
            return Fix(why, "reviews:choose_person", person.pk, _("Leave out"))


def _edit(viewer: Viewer, person: Any, why: str, words: str) -> Fix:
    may = person_gate.may(viewer, "edit_person", person)
    return Fix(why, "people:edit_person" if may else "", person.pk, words, may.reason)


def _account(viewer: Viewer, person: Any, why: str) -> Fix:
    if person.user_id is not None:  # there is one, switched off
        return Fix(why, "", 0, "", _("The account is switched off; who runs the server opens it."))
    may = person_gate.may(viewer, "open_account", person)
    return Fix(why, "people:person" if may else "", person.pk, _("Open an account"), may.reason)


def _leave(person: Any) -> str:
    begins = formats.date_format(person.leave_from, "j M")
    if person.leave_until is None:
        return _("from %(day)s") % {"day": begins}
    ends = formats.date_format(person.leave_until, "j M")
    return f"{begins} – {ends}"
