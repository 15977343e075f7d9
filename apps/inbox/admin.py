"""The outbox, to look at: whether mails go out, and what became of those that did not.

PRIVACY: the lines of a mail have no page here, and a mail about feedback alone has none either. That
a named person was reminded of feedback would say that they had not answered.
"""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from apps.core.access import SYSTEM_VIEWER
from apps.core.looking import LookOnlyAdmin
from apps.inbox.access import SAYS_NOTHING
from apps.inbox.models import Message


@admin.register(Message)
class MessageAdmin(LookOnlyAdmin):
    list_display = ["person", "state", "due_at", "attempts", "last_error"]
    list_filter = ["state"]
    list_select_related = ["person"]
    search_fields = ["person__name"]
    date_hierarchy = "due_at"
    fields = [
        "person", "key", "state", "planned_at", "due_at", "claimed_at", "sent_at", "attempts",
        "last_error", "message_id",
    ]  # fmt: skip
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).filter(SAYS_NOTHING.q(SYSTEM_VIEWER))
