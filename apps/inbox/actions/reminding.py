"""HR reminds chosen people now: one mail more, beside the digest, at most once a day for each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.core.access import Viewer
from apps.core.audit import record_many
from apps.inbox.access import message_gate
from apps.inbox.duties import Duty, duties_about
from apps.inbox.models import Message, MessageLine, presence_of
from apps.inbox.rules import next_mail_at, planning_day
from apps.inbox.states import NoticeKind
from apps.people.models import Person
from apps.reviews.models import Cycle, Participant
from apps.reviews.rules.phases import Hindered
from apps.reviews.states import CycleState


@dataclass(frozen=True)
class Reminded:
    """How many people get a mail; how many of those who have something to do had one by hand for
    this day already, and how many get none because they are away."""

    people: int
    again: int
    away: int

    @property
    def sentence(self) -> str:
        said = []
        if self.people:
            words = ngettext(
                "%(n)d person is reminded: now, or at nine on their next working day.",
                "%(n)d people are reminded: now, or at nine on their next working day.",
                self.people,
            )
            said.append(words % {"n": self.people})
        if self.again:
            words = ngettext(
                "%(n)d has a reminder of this day already.",
                "%(n)d have a reminder of this day already.",
                self.again,
            )
            said.append(words % {"n": self.again})
        if self.away:
            words = ngettext(
                "%(n)d is on leave or gone and gets none.",
                "%(n)d are on leave or gone and get none.",
                self.away,
            )
            said.append(words % {"n": self.away})
        return " ".join(said) or _("Nothing is asked of anybody there now; feedback is left out.")


@transaction.atomic
def remind_now(
    cycle: Cycle, participant_ids: Sequence[int], *, by: Viewer, now: datetime
) -> Reminded:
    """Mail whoever has something to do about these participants: themselves, their managers, who
    settles a dispute. 9 queries, and more only where a database takes few rows at a time.

    PRIVACY: never for feedback, whatever its mode (`duties_about`). All participants must be in
    this cycle, or nobody is reminded. Errors: Participant.DoesNotExist, PermissionDenied, and
    Hindered while the cycle is paused.
    """
    message_gate.require(by, "remind_now", Message())
    wanted = set(participant_ids)
    there = list(Participant.objects.visible_to(by).filter(cycle=cycle, pk__in=wanted))
    if not wanted or len(there) != len(wanted):
        raise Participant.DoesNotExist
    if cycle.state == CycleState.PAUSED:
        raise Hindered(_("The cycle is paused, and nobody is asked for anything."))
    duties = [duty for duty in duties_about(sorted(wanted)) if duty.cycle_id == cycle.pk]
    people = Person.objects.in_bulk({duty.person_id for duty in duties})
    keys = {
        pk: f"remind.{cycle.pk}.{planning_day(now, person.time_zone).isoformat()}"
        for pk, person in people.items()
    }
    instants = {pk: next_mail_at(now, presence_of(person)) for pk, person in people.items()}
    reached = {pk: at for pk, at in instants.items() if at is not None and people[pk].email}
    known = set(
        Message.objects.filter(person__in=set(reached), key__in=set(keys.values())).values_list(
            "person_id", flat=True
        )
    )
    Message.objects.bulk_create(
        [
            Message(
                person_id=pk,
                key=keys[pk],
                due_at=at,
                planned_at=now,
                message_id=f"<{keys[pk]}.{pk}@{settings.MAIL_DOMAIN}>",
            )
            for pk, at in reached.items()
            if pk not in known
        ],
        ignore_conflicts=True,  # somebody else reminds them at the same moment: one mail
        batch_size=500,
    )
    fresh = dict(
        Message.objects.filter(person__in=set(reached) - known, key__in=set(keys.values()))
        .order_by()
        .values_list("person_id", "pk")
    )
    told = [duty for duty in duties if duty.person_id in fresh]
    MessageLine.objects.bulk_create(
        [
            MessageLine(
                message_id=fresh[duty.person_id],
                person_id=duty.person_id,
                duty_kind=duty.kind,
                object_id=duty.object_id,
                notice=NoticeKind.BY_HAND,
                local_day=planning_day(now, people[duty.person_id].time_zone),
            )
            for duty in told
        ],
        ignore_conflicts=True,
        batch_size=500,
    )
    _record(there, told, by, now)
    return Reminded(len(fresh), len(known), len(people) - len(reached))


def _record(there: Sequence[Participant], told: Sequence[Duty], by: Viewer, now: datetime) -> None:
    """One event for each participant about whom somebody was reminded."""
    about = {duty.about_id for duty in told}
    reminded = [participant for participant in there if participant.person_id in about]
    if reminded:
        record_many("remind_now", reminded, by=by, at=now)
