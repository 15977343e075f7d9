"""Every way the outbox changes: planned, claimed, sent once, held, given up, sent again.

Planning and sending are two steps with the database between them, so it does not matter how often,
how late or in how many processes either runs.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from smtplib import SMTPException

import structlog
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.db.models import F, Q
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import ngettext

from apps.core.access import Viewer
from apps.core.audit import record
from apps.core.workflow import StaleState, advance
from apps.inbox.access import message_gate
from apps.inbox.duties import Duty, duties_of, duties_of_everyone
from apps.inbox.models import Message, MessageLine
from apps.inbox.rules import MOST_ATTEMPTS, local_day, notices, send_at
from apps.inbox.states import MESSAGE_MOVES, MessageState, NoticeKind
from apps.people.models import Person

log = structlog.get_logger("rungs.inbox")
CHUNK = 1000
# A claim older than this belonged to a worker that died; the mail goes out again, same Message-ID.
CLAIM_LASTS = timedelta(minutes=10)


@dataclass(frozen=True)
class _Wanted:
    """A line that should be in today's mail to somebody."""

    to_id: int
    day: date
    zone: str
    duty: Duty
    notice: NoticeKind


def plan_messages(*, now: datetime) -> int:
    """Writes today's mails into the outbox. Result: how many lines are new.

    May run as often as it likes: unique keys keep every (person, duty, notice, local day) once, and
    every person to one mail a day. A duty that appears after the day's mail has gone waits for
    the next working day. Each chunk of people is one transaction.
    """
    people = {
        p.pk: p
        for p in Person.objects.filter(left_on=None).only("pk", "time_zone", "manager_id", "email")
    }
    mentioned = set(
        MessageLine.objects.exclude(notice=NoticeKind.ESCALATION)
        .values_list("person_id", "duty_kind", "object_id")
        .distinct()
    )
    new = 0
    waiting: list[_Wanted] = []
    for duty in duties_of_everyone():
        if (person := people.get(duty.person_id)) is None:
            continue
        today = local_day(now, person.time_zone)
        asked_before = (duty.person_id, duty.kind.value, duty.object_id) in mentioned
        for notice in notices(
            today=today, due=duty.due_on, asked_before=asked_before, kind=duty.kind
        ):
            to = person
            if notice is NoticeKind.ESCALATION:
                if (above := people.get(person.manager_id or 0)) is None:
                    continue
                to, today_there = above, local_day(now, above.time_zone)
                waiting.append(_Wanted(to.pk, today_there, to.time_zone, duty, notice))
            else:
                waiting.append(_Wanted(to.pk, today, to.time_zone, duty, notice))
        if len(waiting) >= CHUNK:
            new += _write(waiting, now)
            waiting = []
    return new + _write(waiting, now)


@transaction.atomic
def _write(wanted: list[_Wanted], now: datetime) -> int:
    if not wanted:
        return 0
    first = {(w.to_id, _key(w.day)): w for w in wanted}
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
            person_id__in={to_id for to_id, _ in first},
            key__in={key for _, key in first},
        ).values_list("pk", "person_id", "key")
    }
    lines = [
        MessageLine(
            message_id=open_ids[w.to_id, _key(w.day)],
            person_id=w.to_id,
            duty_kind=w.duty.kind,
            object_id=w.duty.object_id,
            notice=w.notice,
            local_day=w.day,
            late_person_id=w.duty.person_id if w.notice == NoticeKind.ESCALATION else None,
        )
        for w in wanted
        if (w.to_id, _key(w.day)) in open_ids
    ]
    before = MessageLine.objects.filter(message__in=open_ids.values()).count()
    MessageLine.objects.bulk_create(lines, ignore_conflicts=True, batch_size=500)
    return MessageLine.objects.filter(message__in=open_ids.values()).count() - before


def _key(day: date) -> str:
    return f"digest.{day.isoformat()}"


def send_due_messages(*, now: datetime, most: int = 200) -> int:
    """Sends what is due. Result: how many mails went out. One mail is one claim and one transaction."""
    due = Message.objects.filter(_due(now)).order_by("due_at", "pk").values_list("pk", flat=True)
    return sum(send_message(message_id=pk, now=now) for pk in list(due[:most]))


def send_message(*, message_id: int, now: datetime) -> bool:
    """Claims one mail, sends it, confirms it. False when somebody else has it or nothing is left.

    The claim and its attempt are committed before the mail leaves; a crash between mail and
    confirmation sends it once more after ten minutes, with the same Message-ID.
    """
    message = Message.objects.filter(_due(now), pk=message_id).select_related("person").first()
    if message is None:
        return False
    claimed = Message.objects.filter(_due(now), pk=message_id, attempts=message.attempts).update(
        state=MessageState.SENDING, claimed_at=now, attempts=F("attempts") + 1
    )
    if not claimed:
        return False
    message.refresh_from_db()
    lines = list(message.lines.all())
    mail = _mail(message, lines)
    if mail is None:
        return _finish(message, "hold_claimed_message")
    try:
        mail.send()
    except (SMTPException, OSError) as refused:
        # PRIVACY: the class of the failure only; a server's answer can repeat an address.
        gave_up = message.attempts >= MOST_ATTEMPTS
        move = "give_up_message" if gave_up else "retry_message"
        log.warning("mail_failed", attempts=message.attempts, gave_up=gave_up)
        return _finish(
            message,
            move,
            last_error=type(refused).__name__,
            due_at=now + timedelta(minutes=2**message.attempts),
        )
    return _finish(message, "confirm_message", sent_at=now, last_error="") or True


def _due(now: datetime) -> Q:
    return Q(state=MessageState.PLANNED, due_at__lte=now) | Q(
        state=MessageState.SENDING, claimed_at__lte=now - CLAIM_LASTS
    )


def _finish(message: Message, move: str, **stamps: object) -> bool:
    try:
        advance(message, MESSAGE_MOVES[move], **stamps)
    except StaleState:
        log.warning("mail_finished_elsewhere", move=move)
    return False


@dataclass(frozen=True)
class MailLine:
    """One duty as the mail prints it."""

    words: str
    about: str
    due_on: date
    cycle: str
    late: bool
    whose: str = ""


def _mail(message: Message, lines: Iterable[MessageLine]) -> EmailMultiAlternatives | None:
    """The mail as it should read now, or None when nothing of it is asked any more.

    Looked up at sending: what was done in between is not mentioned, and nobody who has left or
    has no address is written to.
    """
    person = message.person
    if not person.email or person.left_on is not None:
        return None
    by_key = {(d.kind.value, d.object_id): d for d in duties_of(Viewer(person_id=person.pk))}
    own: list[MailLine] = []
    above: list[MailLine] = []
    for line in lines:
        if line.notice == NoticeKind.ESCALATION:
            above += _escalated(line)
        elif duty := by_key.get((line.duty_kind, line.object_id)):
            own.append(_line(duty, line.notice == NoticeKind.OVERDUE))
    if not own and not above:
        return None
    own.sort(key=lambda x: x.due_on)
    with translation.override(settings.LANGUAGE_CODE):
        context = {"person": person, "own": own, "above": above, "site": settings.SITE_URL}
        mail = EmailMultiAlternatives(
            _subject(own, above),
            render_to_string("inbox/mail/digest.txt", context),
            to=[person.email],
            headers={"Message-ID": message.message_id, "Auto-Submitted": "auto-generated"},
        )
        mail.attach_alternative(render_to_string("inbox/mail/digest.html", context), "text/html")
    return mail


def _line(duty: Duty, late: bool, whose: str = "") -> MailLine:
    return MailLine(str(duty.kind.label), duty.about, duty.due_on, duty.cycle, late, whose)


def _escalated(line: MessageLine) -> list[MailLine]:
    """The late duty of somebody who reports to the reader, while it is late and they still do."""
    late = Person.objects.filter(
        pk=line.late_person_id, manager_id=line.person_id, left_on=None
    ).first()
    if late is None:
        return []
    return [
        _line(duty, True, late.name)
        for duty in duties_of(Viewer(person_id=late.pk))
        if (duty.kind.value, duty.object_id) == (line.duty_kind, line.object_id)
    ]


def _subject(own: list[MailLine], above: list[MailLine]) -> str:
    # PRIVACY: a subject line is read over shoulders and on lock screens; it names nobody.
    if not own:
        return ngettext(
            "%(n)d thing in your team is late",
            "%(n)d things in your team are late",
            len(above),
        ) % {"n": len(above)}
    return ngettext("%(n)d thing asks for you", "%(n)d things ask for you", len(own)) % {
        "n": len(own)
    }


@transaction.atomic
def hold_message(message: Message, *, by: Viewer, now: datetime) -> None:
    """Keeps a planned mail from going out."""
    message_gate.require(by, "hold_message", message)
    advance(message, MESSAGE_MOVES["hold_message"])
    record("hold_message", message, by=by, at=now)


@transaction.atomic
def resend_message(message: Message, *, by: Viewer, now: datetime) -> None:
    """Sends a mail once more, as it reads now."""
    message_gate.require(by, "resend_message", message)
    advance(
        message,
        MESSAGE_MOVES["resend_message"],
        due_at=now,
        attempts=0,
        sent_at=None,
        last_error="",
    )
    record("resend_message", message, by=by, at=now)
