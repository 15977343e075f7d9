"""A cycle before its launch: every duty and every mail, per day and per role. Nothing is sent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db.models import Count, Q
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.core.access import Viewer
from apps.core.charts import Point, calendar
from apps.feedback.rules import SHOWN_COMPETENCIES
from apps.inbox.pages.rehearsal.company import (
    Settings,
    company,
    cycle_to_rehearse,
    everybody,
    is_to_come,
    minutes_of,
    settings_of,
)
from apps.inbox.rules import local_day, send_at
from apps.inbox.rules.rehearsing import (
    OF_EVERYBODY,
    OF_MANAGERS,
    Ask,
    Rehearsed,
    openings,
    rehearse,
)
from apps.inbox.states import DutyKind
from apps.people.models import Person
from apps.reviews.models import Cycle
from apps.reviews.states import Phase

FULLEST, NAMES, FOUND = 10, 50, 20
NO_CHART = SafeString()


@dataclass(frozen=True)
class Day:
    """What opens, what falls due and how many mails go out on one day; `words` name the phase."""

    day: date
    words: str
    opens: int
    due: int
    mails: int


@dataclass(frozen=True)
class Load:
    """The work of one role: how many people, hours in all and minutes for each."""

    label: str
    people: int
    hours: int
    each: int


@dataclass(frozen=True)
class FullManager:
    pk: int
    name: str
    reports: int
    minutes: int


@dataclass(frozen=True)
class Unreached:
    pk: int
    name: str
    why: str


@dataclass(frozen=True)
class Rehearsal:
    """`settings` is None while the cycle has no phase; nothing else is filled then."""

    cycle: Cycle
    settings: Settings | None
    search: str = ""
    assumptions: str = ""
    starts_on: date | None = None
    people: int = 0
    mails: int = 0
    most_each: int = 0
    first: Day | None = None
    first_after_nine: int = 0
    busiest: Day | None = None
    last: Day | None = None
    days: list[Day] = field(default_factory=list)
    chart: SafeString = NO_CHART
    loads: list[Load] = field(default_factory=list)
    fullest: list[FullManager] = field(default_factory=list)
    unreached: list[Unreached] = field(default_factory=list)
    unreached_count: int = 0
    without_account: int = 0
    found: list[tuple[int, str, str]] = field(default_factory=list)

    @property
    def unreached_hidden(self) -> int:
        return self.unreached_count - len(self.unreached)


def rehearsal(
    viewer: Viewer,
    *,
    cycle_id: int,
    peers: str = "",
    start: str = "",
    search: str = "",
    now: datetime,
) -> Rehearsal | None:
    """At most 11 queries: cycle and phases (2), kinds of feedback, owners, teams (3), the people (3), who
    is not reached (2), a search (1). None for a cycle that has begun. 404 but for HR."""
    cycle = cycle_to_rehearse(viewer, cycle_id=cycle_id)
    if not is_to_come(cycle):
        return None
    chosen = settings_of(cycle, peers=peers, start=start, now=now)
    if chosen is None:
        return Rehearsal(cycle, None)
    people, names = company(chosen)
    plans = rehearse(people, chosen.scenario)
    duties, mails, after_nine = Counter[Ask](), Counter[date](), Counter[date]()
    for plan in plans:
        for ask, number in plan.duties.items():
            duties[ask] += number * plan.who.people
        for mail in plan.mails:
            mails[mail.day] += plan.who.people
            if mail.at > send_at(mail.day, plan.who.presence.zone):
                after_nine[mail.day] += plan.who.people
    days = _days(chosen, duties, mails)
    mailed = [day for day in days if day.mails]
    unreached, unreached_count, without_account = _unreached(chosen)
    return Rehearsal(
        cycle=cycle,
        settings=chosen,
        search=search,
        assumptions=_assumptions(chosen),
        starts_on=local_day(chosen.scenario.starts_at, chosen.scenario.zone),
        people=sum(plan.who.people for plan in plans if plan.who.takes_part),
        mails=mails.total(),
        most_each=max((len(plan.mails) for plan in plans), default=0),
        first=mailed[0] if mailed else None,
        first_after_nine=after_nine[mailed[0].day] if mailed else 0,
        busiest=max(mailed, key=lambda day: day.mails, default=None),
        last=mailed[-1] if mailed else None,
        days=days,
        chart=_chart(mailed),
        loads=_loads(chosen, plans),
        fullest=_fullest(chosen, plans, names),
        unreached=unreached,
        unreached_count=unreached_count,
        without_account=without_account,
        found=_found(chosen, search),
    )


def _days(chosen: Settings, duties: Counter[Ask], mails: Counter[date]) -> list[Day]:
    zone = chosen.scenario.zone
    opens, due = Counter[date](), Counter[date]()
    for ask, number in duties.items():
        opens[local_day(ask.opens_at, zone)] += number
        due[ask.due_on] += number
    words: dict[date, list[str]] = {}
    for kind, opening in openings(chosen.scenario).items():
        name = {"phase": str(Phase(kind).label)}
        words.setdefault(local_day(opening.opens_at, zone), []).append(_("Opens: %(phase)s") % name)
        words.setdefault(opening.due_on, []).append(_("Due: %(phase)s") % name)
    return [
        Day(day, " · ".join(words.get(day, [])), opens[day], due[day], mails[day])
        for day in sorted({*words, *opens, *due, *mails})
    ]


def _chart(days: Sequence[Day]) -> SafeString:
    """Every third week has a word below, so that they do not touch."""
    points = []
    worded: date | None = None
    for day in days:
        label = ""
        if worded is None or day.day - worded >= timedelta(days=14):
            label, worded = date_format(day.day, "j M"), day.day
        points.append(Point(day.day, day.mails, label))
    return calendar(points, _("Mails on each day")) if points else NO_CHART


def _loads(chosen: Settings, plans: Sequence[Rehearsed]) -> list[Load]:
    roles = (
        (_("Everybody, about themselves"), OF_EVERYBODY),
        (_("Peers and reports, giving feedback"), (DutyKind.GIVE_FEEDBACK,)),
        (_("Managers, about their reports"), OF_MANAGERS),
    )
    loads = []
    for label, kinds in roles:
        people = sum(p.who.people for p in plans if any(ask.kind in kinds for ask in p.duties))
        minutes = sum(_minutes(chosen, plan, kinds) * plan.who.people for plan in plans)
        loads.append(Load(label, people, round(minutes / 60), round(minutes / (people or 1))))
    return loads


def _minutes(chosen: Settings, plan: Rehearsed, kinds: Sequence[DutyKind]) -> int:
    return sum(
        minutes_of(chosen.scenario, plan.who, ask, number)
        for ask, number in plan.duties.items()
        if ask.kind in kinds
    )


def _fullest(
    chosen: Settings, plans: Sequence[Rehearsed], names: dict[int, str]
) -> list[FullManager]:
    found = []
    for plan in plans:
        if plan.who.pk and (minutes := _minutes(chosen, plan, OF_MANAGERS)):
            reports = sum(n for a, n in plan.duties.items() if a.kind == DutyKind.MANAGER_REVIEW)
            found.append(FullManager(plan.who.pk, names[plan.who.pk], reports, minutes))
    return sorted(found, key=lambda m: (-m.minutes, m.name))[:FULLEST]


def _unreached(chosen: Settings) -> tuple[list[Unreached], int, int]:
    """Who gets no mail, the first of them by name, how many; and how many cannot sign in yet."""
    first, last = chosen.on, chosen.scenario.last_day
    away = Q(leave_from__lte=first) & (Q(leave_until=None) | Q(leave_until__gte=last))
    people = everybody(chosen).order_by()
    counted = people.aggregate(
        silent=Count("pk", filter=Q(email="") | away),
        outside=Count("pk", filter=Q(user=None)),
    )
    why_away = _("on leave until the cycle is over")
    found = [
        Unreached(person.pk, person.name, why_away if person.email else _("no e-mail address"))
        for person in people.filter(Q(email="") | away).order_by("name", "pk")[:NAMES]
    ]
    return found, counted["silent"], counted["outside"]


def _found(chosen: Settings, search: str) -> list[tuple[int, str, str]]:
    """Key, name and title of those whom the words fit. 1 query."""
    if not search.strip():
        return []
    rows: list[Person] = list(
        everybody(chosen)
        .filter(pk__in=Person.objects.matching(search).order_by().values("pk"))
        .order_by("name", "pk")
        .only("pk", "name", "job_title")[:FOUND]
    )
    return [(person.pk, person.name, person.job_title) for person in rows]


def _assumptions(chosen: Settings) -> str:
    """One sentence: what is taken for granted, since nobody knows it yet."""
    said = [_("nobody finishes anything before its phase is over")]
    if chosen.scenario.peers:
        said.append(
            ngettext(
                "everybody names %(n)d peer, and is named by as many",
                "everybody names %(n)d peers, and is named by as many",
                chosen.scenario.peers,
            )
            % {"n": chosen.scenario.peers}
        )
        said.append(_("nobody declines, and nobody is asked by more than the cycle allows"))
    elif chosen.peer_choices:
        said.append(_("nobody names any peers"))
    if chosen.scenario.peers or chosen.scenario.upward_of:
        said.append(_("each form asks about %(n)d competencies") % {"n": SHOWN_COMPETENCIES})
    if any(phase.kind == Phase.CALIBRATION for phase in chosen.scenario.phases):
        said.append(_("no calibration session is counted, since none is set up yet"))
    return _("The worst case is counted: %(said)s.") % {"said": "; ".join(said)}
