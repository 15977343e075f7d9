"""What was mailed, to whom and when; for HR, and for each person their own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db.models import Count, Q
from django.shortcuts import get_object_or_404

from apps.core.access import Answer, Viewer
from apps.inbox.access import message_gate
from apps.inbox.models import Message
from apps.inbox.states import UNSPOKEN, MessageState
from apps.reviews.access import cycle_gate
from apps.reviews.models import Cycle

ROWS = 50


@dataclass(frozen=True)
class MessageRow:
    message: Message
    things: int
    may_hold: Answer
    may_resend: Answer


@dataclass(frozen=True)
class MailLog:
    page_obj: Page[Any]
    rows: list[MessageRow]
    state: str
    search: str
    states: list[tuple[str, Any]]

    @property
    def is_filtered(self) -> bool:
        return bool(self.state or self.search.strip())


def mail_log(viewer: Viewer, *, state: str = "", search: str = "", number: str = "1") -> MailLog:
    """2 queries: how many there are, and one page of them with their people."""
    # PRIVACY: a count with these in it would say of others what the log does not speak of.
    told = ~Q(lines__duty_kind__in=sorted(UNSPOKEN)) | Q(person=viewer.person_id)
    found = (
        Message.objects.visible_to(viewer)
        .select_related("person")
        .annotate(things=Count("lines", filter=told))
        .order_by("-due_at", "person_id", "key")
    )
    if state in MessageState.values:
        found = found.filter(state=state)
    if search.strip():
        found = found.filter(person__name__icontains=search.strip())
    page_obj = Paginator(found, ROWS).get_page(number)
    rows = [
        MessageRow(
            message,
            message.things,  # type: ignore[attr-defined]  # annotated above
            message_gate.may(viewer, "hold_message", message),
            message_gate.may(viewer, "resend_message", message),
        )
        for message in page_obj
    ]
    return MailLog(page_obj, rows, state, search, list(MessageState.choices))


def cycle_to_remind(viewer: Viewer, *, cycle_id: int) -> Cycle:
    """1 query; 404 for everybody but HR process admins."""
    return get_object_or_404(
        cycle_gate.visible(viewer, Cycle.objects.all(), "prepare_cycle"), pk=cycle_id
    )


def message(viewer: Viewer, *, message_id: UUID) -> Message:
    """1 query. What you may not see does not exist."""
    return get_object_or_404(Message.objects.visible_to(viewer), pk=message_id)
