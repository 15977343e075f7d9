"""What is to be said on a day is written into the outbox, ahead of the day.

Planning and sending are two steps with the database between them, so it does not matter how often,
how late or in how many processes either runs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Min

from apps.inbox.actions.telling import Telling, tellings
from apps.inbox.duties import Duty, duties_of_everyone
from apps.inbox.models import Message, MessageLine, presence_of
from apps.inbox.rules import Presence, notices, planning_day, send_at, told_above_on
from apps.inbox.states import MessageState, NoticeKind
from apps.people.models import Person

CHUNK = 1000
# Told to somebody else, or asked for by hand: neither is how a duty is first told to its person.
NOT_A_TELLING = (NoticeKind.ESCALATION, NoticeKind.BY_HAND)


@dataclass(frozen=True)
class Wanted:
    """A line that should be in a mail to somebody on one of their days; `mail` is which of the day's."""

    to_id: int
    day: date
    zone: str
    duty: Duty | Telling
    notice: NoticeKind
    mail: str = "digest"

    @property
    def key(self) -> str:
        return f"{self.mail}.{self.day.isoformat()}"


def plan_messages(*, now: datetime) -> int:
    """Writes the next mails into the outbox. Result: how many lines are new.

    May run as often as it likes: unique keys keep every (person, duty, notice, local day) once, and
    every person to one mail a day. A duty that appears after the day's mail has gone waits for
    the next working day. Each chunk of people is one transaction.
    """
    people = {
        p.pk: (presence_of(p), p.manager_id or 0)
        for p in Person.objects.employed(on=now.date() - timedelta(days=1)).only(
            "pk", "time_zone", "manager_id", "leave_from", "leave_until", "left_on"
        )
    }
    told = {
        (person_id, kind, object_id): day
        for person_id, kind, object_id, day in MessageLine.objects.exclude(notice__in=NOT_A_TELLING)
        .order_by()
        .values_list("person_id", "duty_kind", "object_id")
        .annotate(first=Min("local_day"))
    }
    new = 0
    waiting: list[Wanted] = []
    for duty in duties_of_everyone():
        if duty.person_id not in people:
            continue
        presence, manager_id = people[duty.person_id]
        above = people[manager_id][0] if manager_id in people else None
        told_on = told.get((duty.person_id, duty.kind.value, duty.object_id))
        waiting += _wanted(duty, presence, manager_id, above, told_on, now)
        if len(waiting) >= CHUNK:
            new += write(waiting, now=now)
            waiting = []
    new += write(waiting, now=now)
    here = {pk: presence for pk, (presence, _manager) in people.items()}
    return new + write(_to_tell(here, now), now=now)


def _to_tell(people: Mapping[int, Presence], now: datetime) -> list[Wanted]:
    """What nobody has been told yet, to whoever is here on the day that is being written."""
    told = set(
        MessageLine.objects.filter(notice=NoticeKind.TOLD).values_list(
            "person_id", "duty_kind", "object_id"
        )
    )
    wanted = []
    for telling in tellings(now=now):
        presence = people.get(telling.person_id)
        if presence is None or (telling.person_id, telling.kind, telling.object_id) in told:
            continue
        day = planning_day(now, presence.zone)
        if presence.is_here(day):
            wanted.append(
                Wanted(telling.person_id, day, presence.zone, telling, NoticeKind.TOLD, "told")
            )
    return wanted


def _wanted(
    duty: Duty,
    presence: Presence,
    manager_id: int,
    above: Presence | None,
    told_on: date | None,
    now: datetime,
) -> list[Wanted]:
    """The lines about one duty: to the person asked and, late enough, to the manager above."""
    day = planning_day(now, presence.zone)
    lines = []
    for notice in notices(
        today=day, due=duty.due_on, told_on=told_on, kind=duty.kind, presence=presence
    ):
        if notice is not NoticeKind.ESCALATION:
            lines.append(Wanted(duty.person_id, day, presence.zone, duty, notice))
        elif above and (there := told_above_on(day, zone=presence.zone, above=above)):
            lines.append(Wanted(manager_id, there, above.zone, duty, notice))
    return lines


@transaction.atomic
def write(wanted: list[Wanted], *, now: datetime) -> int:
    """Lines into the digests of their days, those that have not gone yet. Result: how many are new."""
    if not wanted:
        return 0
    first = {(w.to_id, w.key): w for w in wanted}
    Message.objects.bulk_create(
        [
            Message(
                person_id=to_id,
                key=key,
                due_at=max(now, send_at(w.day, w.zone)),
                planned_at=now,
                message_id=f"<{key}.{to_id}@{settings.MAIL_DOMAIN}>",
            )
            for (to_id, key), w in first.items()
        ],
        ignore_conflicts=True,
        batch_size=500,
    )
    open_ids = {
        (to_id, key): pk
        for pk, to_id, key in Message.objects.filter(
            state=MessageState.PLANNED,
            person_id__in={to_id for to_id, _key in first},
            key__in={key for _id, key in first},
        ).values_list("pk", "person_id", "key")
    }
    lines = [
        MessageLine(
            message_id=open_ids[w.to_id, w.key],
            person_id=w.to_id,
            duty_kind=w.duty.kind,
            object_id=w.duty.object_id,
            notice=w.notice,
            local_day=w.day,
            late_person_id=w.duty.person_id if w.notice == NoticeKind.ESCALATION else None,
        )
        for w in wanted
        if (w.to_id, w.key) in open_ids
    ]
    before = MessageLine.objects.filter(message__in=open_ids.values()).count()
    MessageLine.objects.bulk_create(lines, ignore_conflicts=True, batch_size=500)
    return MessageLine.objects.filter(message__in=open_ids.values()).count() - before
