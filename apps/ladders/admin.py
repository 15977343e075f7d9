"""Which ladders and versions there are. Read only: a version changes by import and by publishing."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from apps.ladders.models import Ladder, LadderVersion


class OnlyRead(admin.ModelAdmin):
    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(Ladder)
class LadderAdmin(OnlyRead):
    list_display = ("title", "key")
    search_fields = ("title", "key")


@admin.register(LadderVersion)
class LadderVersionAdmin(OnlyRead):
    list_display = ("ladder", "number", "kind", "state", "cascade", "imported_at", "published_at")
    list_select_related = ("ladder",)
    list_filter = ("state", "kind")
    search_fields = ("ladder__title",)
    exclude = ("canonical",)
