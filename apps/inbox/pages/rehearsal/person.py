"""One person's calendar of a cycle before its launch: duties, mails, and each mail as it would read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.http import Http404
from django.utils.translation import gettext as _

from apps.core.access import Viewer
from apps.inbox.pages.letters import Line, letter
from apps.inbox.pages.rehearsal.company import (
    Settings,
    alone,
    cycle_to_rehearse,
    everybody,
    is_to_come,
    minutes_of,
    one_by_one,
    settings_of,
)
from apps.inbox.rules.rehearsing import (
    OF_EVERYBODY,
    OF_MANAGERS,
    Ask,
    Mail,
    Rehearsed,
    Scenario,
    Somebody,
    ask_of,
    rehearse,
)
from apps.inbox.states import DutyKind
from apps.people.models import Person
from apps.reviews.models import Cycle

Named = tuple[Somebody, str]


@dataclass(frozen=True)
class DutyToCome:
    label: str
    number: int
    about: str
    opens_on: date
    due_on: date
    minutes: int


@dataclass(frozen=True)
class MailToCome:
    day: date
    hour: str
    subject: str
    text: str


@dataclass(frozen=True)
class RehearsedPerson:
    """`silence` says in a sentence why no mail comes, and is empty when one does."""

    cycle: Cycle
    settings: Settings
    name: str
    zone: str
    duties: list[DutyToCome]
    mails: list[MailToCome]
    minutes: int
    silence: str


def rehearsed_person(
    viewer: Viewer,
    *,
    cycle_id: int,
    person_id: int,
    peers: str = "",
    start: str = "",
    now: datetime,
) -> RehearsedPerson | None:
    """8 queries: cycle and phases (2), kinds of feedback, owners and teams (3), whether the cycle asks this
    person, the person with two ranks of reports, and the manager. None for a cycle that has begun;
    404 but for HR, and for somebody of whom the cycle asks nothing."""
    cycle = cycle_to_rehearse(viewer, cycle_id=cycle_id)
    chosen = settings_of(cycle, peers=peers, start=start, now=now) if is_to_come(cycle) else None
    if chosen is None:
        return None
    if not everybody(chosen).filter(pk=person_id).exists():
        raise Http404
    near = Q(pk=person_id) | Q(manager=person_id) | Q(manager__manager=person_id) | alone(chosen)
    people = one_by_one(chosen, Person.objects.filter(near))
    plans = rehearse((who for who, _name in people), chosen.scenario)
    names = {who.pk: name for who, name in people}
    plan = next(plan for plan in plans if plan.who.pk == person_id)
    manager = Person.objects.filter(reports=person_id).values_list("name", flat=True).first() or ""
    said = _Words(chosen.scenario, people, names, cycle.name)
    about = said.about(plan.who, manager)
    zone = ZoneInfo(plan.who.presence.zone)
    duties = [
        DutyToCome(
            str(ask.kind.label),
            number,
            ", ".join(about[ask]) if ask.kind in OF_MANAGERS else "",
            ask.opens_at.astimezone(zone).date(),
            ask.due_on,
            minutes_of(chosen.scenario, plan.who, ask, number),
        )
        for ask, number in sorted(plan.duties.items())
    ]
    return RehearsedPerson(
        cycle=cycle,
        settings=chosen,
        name=names[person_id],
        zone=plan.who.presence.zone,
        duties=duties,
        mails=[said.mail(mail, plan, names[person_id], about, zone) for mail in plan.mails],
        minutes=sum(duty.minutes for duty in duties),
        silence=_silence(plan),
    )


def _silence(plan: Rehearsed) -> str:
    if plan.mails:
        return ""
    if not plan.who.has_address:
        return _("No mail can come: there is no e-mail address.")
    if plan.who.presence.leave_from:
        return _("No mail comes: on leave while it is asked.")
    return _("No mail comes: nothing would be said on any working day.")


class _Words:
    """Puts names to what the rules only count, as the duties will name them."""

    def __init__(
        self,
        scenario: Scenario,
        people: Sequence[Named],
        names: Mapping[int | None, str],
        cycle: str,
    ) -> None:
        self.scenario, self.names, self.cycle = scenario, names, cycle
        self.teams: dict[int | None, list[Named]] = defaultdict(list)
        for who, name in people:
            if who.takes_part:
                self.teams[who.manager_id].append((who, name))

    def about(self, who: Somebody, manager: str = "") -> Mapping[Ask, Sequence[str]]:
        """Of each duty of this person, whom it is about."""
        found: dict[Ask, list[str]] = defaultdict(list)

        def add(kind: DutyKind, zone: str, name: str) -> None:
            if ask := ask_of(self.scenario, kind, zone):
                found[ask].append(name)

        own = self.names[who.pk]
        for kind in OF_EVERYBODY:
            zone = who.presence.zone if kind == DutyKind.SELF_REVIEW else "UTC"
            add(kind, zone, own)
        for number in range(self.scenario.peers if who.takes_part else 0):
            add(DutyKind.GIVE_FEEDBACK, "UTC", _("colleague %(n)s") % {"n": number + 1})
        if who.manager_id in self.scenario.upward_of:
            add(DutyKind.GIVE_FEEDBACK, "UTC", manager)
        for report, name in self.teams[who.pk]:
            add(DutyKind.APPROVE_PEERS, who.presence.zone, name)
            add(DutyKind.MANAGER_REVIEW, report.presence.zone, name)
            add(DutyKind.RELEASE, "UTC", name)
            add(DutyKind.TALK, "UTC", name)
        if who.pk in self.scenario.owners:
            for other, name in self.teams[None]:
                if other.pk != who.pk:
                    add(DutyKind.APPROVE_PEERS, other.presence.zone, name)
        return found

    def mail(
        self,
        mail: Mail,
        plan: Rehearsed,
        name: str,
        about: Mapping[Ask, Sequence[str]],
        zone: ZoneInfo,
    ) -> MailToCome:
        own = [self._line(a, mail.day, whom) for a, _notice in mail.own for whom in about[a]]
        above = [
            self._line(late.ask, mail.day, whom, self.names[late.who.pk])
            for late in plan.late.get(mail.day, ())
            for whom in self.about(late.who)[late.ask]
        ]
        said = letter(name, own, above)
        hour = mail.at.astimezone(zone).strftime("%H:%M")
        return MailToCome(mail.day, hour, said.subject, said.text)

    def _line(self, ask: Ask, day: date, whom: str, whose: str = "") -> Line:
        return Line(str(ask.kind.label), whom, ask.due_on, self.cycle, ask.due_on < day, whose)
