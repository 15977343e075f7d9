"""What was planned goes out once, is held back, or is sent again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from smtplib import SMTPException
from uuid import UUID

import structlog
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.db.models import F, Q

from apps.core.access import Viewer
from apps.core.audit import record
from apps.core.workflow import StaleState, advance
from apps.inbox.access import message_gate
from apps.inbox.actions.telling import tellings
from apps.inbox.duties import Duty, duties_of
from apps.inbox.models import Message, MessageLine, presence_of
from apps.inbox.pages.letters import Letter, Line, letter, line_of, news
from apps.inbox.rules import MOST_ATTEMPTS, is_late, local_day
from apps.inbox.states import MESSAGE_MOVES, MessageState, NoticeKind, TellingKind
from apps.people.models import Person

log = structlog.get_logger("rungs.inbox")
# A claim older than this belonged to a worker that died; the mail goes out again, same Message-ID.
CLAIM_LASTS = timedelta(minutes=10)


def send_due_messages(*, now: datetime, most: int = 200) -> int:
    """Sends what is due. Result: how many mails went out. One mail is one claim and one transaction."""
    due = Message.objects.filter(_due(now)).order_by("due_at", "pk").values_list("pk", flat=True)
    return sum(send_message(message_id=pk, now=now) for pk in list(due[:most]))


def send_message(*, message_id: UUID, now: datetime) -> bool:
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
    mail = _mail(message, lines, now)
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


def _mail(
    message: Message, lines: Iterable[MessageLine], now: datetime
) -> EmailMultiAlternatives | None:
    """The mail as it should read now, or None when nothing of it is asked any more.

    Looked up at sending: what was done or put off in between is not mentioned, and nobody who has
    left, is on leave or has no address is written to.
    """
    person = message.person
    today = local_day(now, person.time_zone)
    if not person.email or not presence_of(person).is_here(today):
        return None
    lines = list(lines)
    if lines and all(line.notice == NoticeKind.TOLD for line in lines):
        return _news(message, lines, now)
    by_key = {(d.kind.value, d.object_id): d for d in duties_of(Viewer(person_id=person.pk))}
    own: dict[tuple[str, int], Line] = {}
    above: list[Line] = []
    for line in lines:
        key = (line.duty_kind, line.object_id)
        if line.notice == NoticeKind.ESCALATION:
            above += _escalated(line, today)
        elif (duty := by_key.get(key)) and not _put_off(duty, line):
            own[key] = line_of(duty, today)
    if not own and not above:
        return None
    by_hand = all(line.notice == NoticeKind.BY_HAND for line in lines)
    return _envelope(message, letter(person.name, list(own.values()), above, by_hand=by_hand))


def _news(
    message: Message, lines: Sequence[MessageLine], now: datetime
) -> EmailMultiAlternatives | None:
    """Tells of what is still so, in words that say neither what nor about whom."""
    person = message.person
    found = tellings(now=now, person_id=person.pk)
    so = {(t.kind.value, t.object_id) for t in found if t.person_id == person.pk}
    kinds = {line.duty_kind for line in lines if (line.duty_kind, line.object_id) in so}
    if not kinds:
        return None
    waits = kinds & {TellingKind.CONCERN_WAITS.value, TellingKind.NAME_WAITS.value}
    return _envelope(message, news(person.name, decided=bool(kinds - waits), waits=bool(waits)))


def _envelope(message: Message, said: Letter) -> EmailMultiAlternatives:
    mail = EmailMultiAlternatives(
        said.subject,
        said.text,
        to=[message.person.email],
        headers={"Message-ID": message.message_id, "Auto-Submitted": "auto-generated"},
    )
    mail.attach_alternative(said.html, "text/html")
    return mail


def _put_off(duty: Duty, line: MessageLine) -> bool:
    """Said to be late when it was planned, and due later since."""
    return line.notice == NoticeKind.OVERDUE and not is_late(line.local_day, duty.due_on)


def _escalated(line: MessageLine, today: date) -> list[Line]:
    """The late duty of somebody who reports to the reader, while it is late and they still do."""
    late = (
        Person.objects.employed(on=today)
        .filter(pk=line.late_person_id, manager_id=line.person_id)
        .first()
    )
    if late is None:
        return []
    return [
        line_of(duty, today, whose=late.name)
        for duty in duties_of(Viewer(person_id=late.pk))
        if (duty.kind.value, duty.object_id) == (line.duty_kind, line.object_id)
        and is_late(line.local_day, duty.due_on)
    ]


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
