"""What a system admin may look at: the promise of each cycle, to read and not to change.

PRIVACY: requests, drafts and answers have no page here. Their tables are no way round the rules.
"""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from apps.feedback.models import Perspective


@admin.register(Perspective)
class PerspectiveAdmin(admin.ModelAdmin):
    list_display = ("cycle", "kind", "mode", "threshold", "state")
    list_filter = ("kind", "mode", "state")
    list_select_related = ("cycle",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
