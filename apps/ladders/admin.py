"""Which ladders and versions there are. Read only: a version changes by import and by publishing."""

from __future__ import annotations

from django.contrib import admin

from apps.core.looking import LookOnlyAdmin
from apps.ladders.models import Ladder, LadderVersion


@admin.register(Ladder)
class LadderAdmin(LookOnlyAdmin):
    list_display = ("title", "key")
    search_fields = ("title", "key")


@admin.register(LadderVersion)
class LadderVersionAdmin(LookOnlyAdmin):
    list_display = ("ladder", "number", "kind", "state", "cascade", "imported_at", "published_at")
    list_select_related = ("ladder",)
    list_filter = ("state", "kind")
    search_fields = ("ladder__title",)
    exclude = ("canonical",)
