"""What a system admin may look at: the promise of each cycle, to read and not to change.

PRIVACY: requests, drafts and answers have no page here. Their tables are no way round the rules.
"""

from __future__ import annotations

from django.contrib import admin

from apps.core.looking import LookOnlyAdmin
from apps.feedback.models import Perspective


@admin.register(Perspective)
class PerspectiveAdmin(LookOnlyAdmin):
    list_display = ("cycle", "kind", "mode", "threshold", "state")
    list_filter = ("kind", "mode", "state")
    list_select_related = ("cycle",)
